"""Couriers: in order, at least once, patient with one letter, not held up by it for ever."""

from __future__ import annotations

import asyncio
import json
import sqlite3

import pytest

from answerable.access import words as access
from answerable.client import check_letter
from answerable.exchange.hooks import book as book_module
from answerable.exchange.hooks import courier, letters
from answerable.exchange.hooks.book import BOOK_FILE, BadBook, Book
from answerable.exchange.hooks.courier import Times
from answerable.exchange.hooks.letters import Letter
from answerable.exchange.hooks.post import NotTaken
from tests.exchange.hooks.helper import CREDENTIAL, Record, Stage

DOWN = NotTaken("nothing answers there")


async def turns(count: int = 200) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def test_everything_recorded_is_told_in_order_signed_and_as_the_role_may_see_it():
    stage = Stage()
    stage.record.add(250)

    async def more():
        await turns()
        stage.happen(5)

    stage.play(more)
    assert stage.carried.positions == list(range(1, 256))
    assert len(stage.carried.letters) == 4
    headers, body = stage.carried.letters[0]
    secret = stage.ring.held[CREDENTIAL]
    assert check_letter(secret, headers, body, clock=lambda: stage.fast.now_s).startswith("msg_")
    told = json.loads(body)
    assert told["type"] == "answerable.events"
    assert told["timestamp"] == "1970-01-01T00:01:40.000+00:00"
    assert (told["data"]["first"], told["data"]["last"]) == (1, 100)
    assert told["data"]["events"][0]["role"] == "reader"


def test_what_was_before_its_registration_is_not_told():
    stage = Stage(position=7)
    stage.record.add(10)
    stage.play()
    assert stage.carried.positions == [8, 9, 10]


def test_only_the_kinds_asked_for_are_told_and_the_others_are_passed_over(monkeypatch):
    monkeypatch.setattr(courier, "REACH_EVERY", 100)
    stage = Stage(kinds=("intake.CallRung",))

    async def scene():
        for _ in range(5):
            stage.happen(60)
            await turns(20)
        stage.happen(1, "intake.CallRung")

    stage.play(scene)
    assert stage.carried.positions == [301]
    assert stage.record.reads <= 6, "quiet hours must not be read again and again"
    # what held nothing is noted in the book too, so that a restart does not begin far back
    assert stage.book.standing(_target(stage)).position == 301


def _target(stage: Stage):
    return stage.dispatcher._couriers.get("stats", None) or letters.Target(
        "stats", "", "", CREDENTIAL, frozenset(), 0
    )


def test_a_letter_is_no_longer_than_a_receiver_takes():
    stage = Stage()
    stage.record.add(10, size=letters.BODY_BYTES_MAX // 3 + 1)
    stage.play()
    assert [len(json.loads(b)["data"]["events"]) for _, b in stage.carried.letters] == [3, 3, 3, 1]


def test_a_letter_that_is_not_taken_is_tried_again_the_same_with_growing_pauses():
    stage = Stage()
    stage.record.add(3)
    stage.carried.refuse = [DOWN] * 4
    tried: list[tuple[str, bytes]] = []
    carry = stage.carried.carry

    async def noting(url, headers, body):
        tried.append((headers["webhook-id"], body))
        await carry(url, headers, body)

    stage.carried.carry = noting
    stage.play(lambda: turns(20))
    assert stage.carried.positions == [1, 2, 3]
    assert len(tried) == 5
    assert len(set(tried)) == 1, "a receiver must know it again"
    assert stage.fast.waits == pytest.approx([2, 6, 18, 54], abs=1e-3)


def test_a_receiver_that_asks_for_time_gets_it():
    stage = Stage()
    stage.record.add(1)
    stage.carried.refuse = [NotTaken("it answered 429", 77.0)]
    stage.play()
    assert stage.fast.waits == pytest.approx([77], abs=1e-3)


def test_the_pauses_have_chance_in_them_and_an_end():
    stage = Stage()
    stage.play(turns=5)
    for chance, share in ((0.0, 0.75), (1.0, 1.25)):
        one = _courier(stage, Times(chance=lambda value=chance: value))
        one.failures = 1
        assert one._pause_s() == 2 * share
        one.failures = 1000
        assert one._pause_s() == courier.PAUSE_S_MAX * share


def _courier(stage: Stage, times):
    target = letters.Target("x", "", "reader", "1" * 32, frozenset(), 0)
    return courier.Courier(target, stage.book, stage.record, stage.ring, stage.carried, times)


def test_a_letter_given_up_goes_to_the_dead_ones_and_the_next_follows():
    stage = Stage()
    stage.record.add(100)
    stage.carried.refuse = [DOWN] * courier.TRIES_MAX

    async def scene():
        stage.happen(2)

    stage.play(scene)
    assert stage.carried.positions == [101, 102]
    (dead,) = stage.dispatcher.dead("stats")
    assert (dead.first, dead.last, dead.tries, dead.why) == (
        1, 100, courier.TRIES_MAX, "nothing answers there",
    )  # fmt: skip


def test_the_circuit_of_a_dead_receiver_stays_open_over_its_letters():
    stage = Stage()
    stage.record.add(300)
    stage.carried.refuse = [DOWN] * (courier.TRIES_MAX + 2)
    stage.play()
    # the second letter is tried at once, then at the pace of the first one's last pauses
    assert stage.fast.waits[courier.TRIES_MAX - 1] == pytest.approx(courier.PAUSE_S_MAX, abs=1e-3)


def test_numbers_say_what_waits_what_is_dead_and_what_fails():
    stage = Stage()
    stage.record.add(100)
    stage.carried.always = DOWN
    seen = {}

    async def scene():
        await turns(600)
        stage.happen(30)
        await turns(2)
        seen.update(stage.dispatcher.numbers())

    stage.play(scene)
    numbers = seen["stats"]
    assert numbers.dead == 1
    assert numbers.failures >= courier.TRIES_MAX
    assert numbers.waiting in (0, 30)


# -- dead letters ----------------------------------------------------------------------------


def given_up(count: int = 2) -> Stage:
    """A hook with dead letters of a hundred events each."""
    stage = Stage()
    stage.record.add(100 * count)
    stage.carried.refuse = [DOWN] * (courier.TRIES_MAX * count)
    return stage


def test_one_dead_letter_is_tried_again_and_then_all():
    stage = given_up(3)

    async def scene():
        await turns(900)
        assert [one.first for one in stage.dispatcher.dead("stats")] == [1, 101, 201]
        stage.retry(101)
        await turns()
        # the act itself is an event too, and is told after what was tried again
        assert stage.carried.positions == [*range(101, 201), 301]
        stage.retry()

    stage.play(scene)
    assert stage.carried.positions[101:] == [*range(1, 101), *range(201, 301), 302]
    assert stage.dispatcher.dead("stats") == []


def test_a_letter_tried_again_in_vain_is_dead_again_and_holds_up_nothing():
    stage = given_up(1)
    stage.carried.refuse.append(DOWN)

    async def scene():
        await turns(400)
        stage.retry()

    stage.play(scene)
    assert [one.first for one in stage.dispatcher.dead("stats")] == [1]
    assert stage.carried.positions == [101]


def test_trying_again_ends_the_pause_of_the_letter_in_hand():
    stage = Stage()
    stage.record.add(1)
    stage.carried.always = DOWN
    waited = asyncio.Event()

    async def wait(event, _seconds):
        waited.set()
        await event.wait()

    stage.dispatcher._times = stage.fast.times._replace(wait=wait)

    async def scene():
        await waited.wait()
        stage.carried.always = None
        stage.retry()

    stage.play(scene)
    assert stage.carried.positions == [1, 2]


def test_dropped_letters_are_gone_and_nothing_else():
    stage = given_up(3)

    async def scene():
        await turns(900)
        stage.drop(1, 201)
        await turns()
        assert [one.first for one in stage.dispatcher.dead("stats")] == [101]
        stage.drop()

    stage.play(scene)
    assert stage.dispatcher.dead("stats") == []
    assert stage.carried.positions == [301, 302]


def test_only_so_many_dead_letters_are_kept(monkeypatch):
    monkeypatch.setattr(book_module, "DEAD_MAX", 2)
    stage = given_up(4)
    stage.play(turns=1500)
    assert [one.first for one in stage.dispatcher.dead("stats")] == [201, 301]


# -- restart ---------------------------------------------------------------------------------


def test_a_restart_goes_on_with_the_very_letter_in_hand(tmp_path):
    path, record = tmp_path / BOOK_FILE, Record()
    first = Stage(Book.open(path), record)
    record.add(150)
    first.carried.refuse, first.carried.always = [None], DOWN
    first.play(turns=12)
    first.dispatcher.close()
    record.add(50)
    second = Stage(Book.open(path), record)
    second.ring.held = first.ring.held
    second.play()
    assert first.carried.positions + second.carried.positions == list(range(1, 201))
    assert [json.loads(body)["data"]["last"] for _, body in second.carried.letters] == [150, 200]


def test_a_crash_before_the_answer_was_noted_tells_again_with_the_same_id(tmp_path):
    path, record = tmp_path / BOOK_FILE, Record()
    first = Stage(Book.open(path), record)
    record.add(3)
    delivered = first.book.delivered
    first.book.delivered = lambda letter: None  # the machine stops before it is noted
    first.play(turns=6)
    first.book.delivered = delivered
    first.dispatcher.close()
    second = Stage(Book.open(path), record)
    second.play()
    assert first.carried.letters[0][0]["webhook-id"] == second.carried.letters[0][0]["webhook-id"]
    assert second.carried.positions == [1, 2, 3]


def test_an_act_recorded_just_before_a_crash_is_taken_up_at_the_start(tmp_path):
    path = tmp_path / BOOK_FILE
    first = given_up(1)
    first.book.close()
    first = Stage(Book.open(path))
    first.record.add(100)
    first.carried.refuse = [DOWN] * courier.TRIES_MAX
    first.play()
    assert len(first.dispatcher.dead("stats")) == 1
    first.dispatcher.close()
    event = access.LettersDropped(hook="stats", letters=(), reason="not wanted")
    recorded = first.record.act(event)
    for _ in range(2):  # and taken up once only
        second = Stage(Book.open(path), first.record)
        second.acts = recorded
        second.play()
        assert second.dispatcher.dead("stats") == []
        second.dispatcher.close()


def test_an_older_copy_of_the_record_is_followed_from_its_end():
    record = Record()
    record.add(10)
    book = Book.open(None)
    Stage(book, record).play()
    del record.held[5:]  # what was told of positions 6 to 10 is lost
    stage = Stage(book, record)

    async def scene():
        stage.happen(2)

    stage.play(scene)
    assert stage.carried.positions == [6, 7]


def test_a_letter_of_a_lost_record_is_given_up_with_the_reason():
    record = Record()
    record.add(5)
    book = Book.open(None)
    book.standing(letters.Target("stats", "", "", CREDENTIAL, frozenset(), 0))
    book.take(Letter("stats", 3, 9))
    stage = Stage(book, record)
    stage.play(turns=1000)
    assert "does not hold" in stage.dispatcher.dead("stats")[0].why


# -- the end of a hook -----------------------------------------------------------------------


def test_removing_a_hook_stops_it_at_once_also_in_the_middle_of_a_letter():
    stage = Stage()
    stage.record.add(1)
    hanging = asyncio.Event()

    async def carry(_url, _headers, _body):
        hanging.set()
        await asyncio.Event().wait()

    stage.carried.carry = carry

    async def scene():
        await hanging.wait()
        stage.hooks["stats"].state = "removed"
        event = access.HookRemoved(hook="stats", reason="over")
        stage.dispatcher.committed(stage.record.act(event))
        await turns(5)
        assert stage.carried.closed == 1
        stage.happen(5)

    stage.play(scene)
    assert stage.dispatcher.numbers() == {}
    assert stage.book.hooks() == []


def test_a_hook_that_is_registered_is_told_from_then_on():
    stage = Stage(state="removed")
    stage.record.add(5)

    async def scene():
        await turns()
        stage.hooks["stats"].state, stage.hooks["stats"].position = "told", 6
        event = access.HookRegistered(hook="stats", url="", role="reader", credential=CREDENTIAL)
        stage.dispatcher.committed(stage.record.act(event))
        stage.happen(2)

    stage.play(scene)
    assert stage.carried.positions == [7, 8]


def test_a_book_that_knows_a_removed_hook_forgets_it_at_the_start():
    book = Book.open(None)
    book.standing(letters.Target("gone", "", "", "2" * 32, frozenset(), 0))
    Stage(book).play()
    assert book.hooks() == ["stats"]


def test_another_hook_of_the_same_name_begins_anew():
    book = Book.open(None)
    old = letters.Target("stats", "", "", "2" * 32, frozenset(), 0)
    book.standing(old)
    book.reach("stats", 50)
    stage = Stage(book, position=3)
    stage.record.add(5)
    stage.play()
    assert stage.carried.positions == [4, 5]


# -- trouble of our own ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("secret", "why"), [(None, "not in the keyring"), ("whsec_?", "is not one")]
)
def test_a_letter_that_cannot_be_signed_is_told_as_such_and_never_sent(secret, why):
    stage = Stage()
    stage.ring.held = {CREDENTIAL: secret} if secret else {}
    stage.record.add(1)
    stage.play(turns=1000)
    assert why in stage.dispatcher.dead("stats")[0].why
    assert stage.carried.tries == 0


def test_a_fault_while_writing_holds_up_one_letter_not_those_after_it(caplog):
    stage = Stage()
    stage.record.add(100)
    told = stage.record.told

    def fail(row, role):
        if row.position == 50:
            raise KeyError("the caller's words")
        return told(row, role)

    stage.record.told = fail

    async def scene():
        await turns(400)
        stage.happen(1)

    stage.play(scene, turns=800)
    assert stage.carried.positions == [101]
    assert "the program failed" in stage.dispatcher.dead("stats")[0].why
    assert "caller's words" not in caplog.text


@pytest.mark.parametrize("text", [b"not a database at all, but long enough to be one" * 40, None])
def test_a_book_that_cannot_be_used_is_told(tmp_path, text):
    path = tmp_path / BOOK_FILE
    if text is None:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA application_id = 7")
        connection.execute("CREATE TABLE other (a)")
        connection.close()
    else:
        path.write_bytes(text)
    with pytest.raises(BadBook, match="Move it away"):
        Book.open(path)
