"""The log of a running centre: sealed within a second, told where it is not, never in the way."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from answerable.console.control import OPERATOR
from answerable.console.log import begin
from answerable.console.log.asking import Asking
from answerable.console.pages import holds
from answerable.console.run_demo import _begin_anew
from answerable.console.sanity import new_key
from answerable.console.serve.check import Found
from answerable.intake import words as i
from answerable.keeping import words as k
from answerable.kernel.store import StoreRefusal
from answerable.record.backup.restore import RESTORED_FILE, Restored
from answerable.record.log.checkpoint import Checkpoint, opened
from answerable.record.log.kept import Kept
from answerable.record.log.keys import KEYS_FILE, open_keys
from answerable.record.log.notes import Cosigner, parse
from answerable.record.log.proofs import check_consistency
from answerable.record.log.refusals import CheckpointDamaged, GoesBack, KeysOfAnotherLog
from tests.console.log.scene import TAKER, Scene

COSIGNER = Cosigner("witness.example/w1", bytes(range(32)))


def test_the_key_is_made_at_the_first_start_and_noted_in_the_record(scene):
    keys = open_keys(scene.folder / KEYS_FILE)
    noted = scene.centre.hub.state["keeping"].log_keys
    assert [one.public for one in noted.values()] == [keys.vkey]
    assert scene.log.sealed == scene.recorded, "the note is sealed as well"
    scene.close()
    again = Scene(scene.folder)
    assert again.recorded == scene.recorded, "nothing is noted twice"
    again.close()


def test_the_word_that_holds_for_the_latest_change(scene):
    assert holds(scene.front) == "sealed"
    scene.ring()
    assert (scene.front.recorded, holds(scene.front)) == (scene.recorded, "recorded")
    scene.look()
    assert holds(scene.front) == "sealed"
    published = scene.log.publisher.latest
    line = COSIGNER.cosignature(published.checkpoint.text, 7).line
    scene.log.publisher.cosigned(published, line, COSIGNER.verifier)
    assert holds(scene.front) == "witnessed"
    assert b'"sealed": %d' % scene.recorded in scene.app.live.beat()
    assert b'"witnessed": %d' % scene.recorded in scene.app.live.beat()


def test_a_change_is_sealed_within_two_seconds_of_a_running_service(scene):
    async def play() -> None:
        running = asyncio.create_task(scene.log.run())
        await asyncio.sleep(0.05)
        scene.ring(5)
        async with asyncio.timeout(2):
            while scene.log.sealed < scene.recorded:
                await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(play())
    assert scene.log.check().found is Found.WELL


def test_nothing_is_signed_that_is_only_in_memory(scene):
    scene.keys += 1
    scene.centre.hub.do(i.AnswerCall(key="waiting"), TAKER)
    assert scene.centre.hub.waiting == 1
    scene.look()
    assert scene.log.sealed == scene.recorded < scene.centre.hub.position
    scene.centre.hub.commit()
    scene.look()
    assert scene.log.sealed == scene.centre.hub.position


def test_trouble_is_told_by_health_once_in_the_log_and_calls_are_taken_all_the_same(
    scene, monkeypatch, caplog
):
    monkeypatch.setattr(Kept, "keep", lambda *_: (_ for _ in ()).throw(OSError(28, "disk full")))
    sealed = scene.log.sealed
    for _ in range(3):
        scene.ring()
        scene.look()
    assert scene.log.sealed == sealed
    check = scene.log.check()
    assert (check.found, "disk full" in check.said()[0]) == (Found.WATCH, True)
    assert len([one for one in caplog.records if "no checkpoint" in one.message]) == 1
    monkeypatch.undo()
    scene.look()
    assert scene.log.sealed == scene.recorded
    assert scene.log.check().found is Found.WELL


def test_a_fault_of_the_program_is_told_by_its_place_only(scene, monkeypatch, caplog):
    def fails(*_args):
        raise RuntimeError("somebody's words")

    scene.ring()
    monkeypatch.setattr(scene.log.publisher, "publish", fails)
    scene.look()
    assert "the program failed" in scene.log.check().said()[0]
    assert "somebody's words" not in caplog.text


def test_news_that_wait_long_are_told(scene, monkeypatch):
    scene.ring()
    monkeypatch.setattr(scene.log.publisher, "publish", lambda head: False)
    scene.log._news_s = scene.wall[0]
    scene.wall[0] += 61
    assert scene.log.waiting_s() == 61
    assert "61 s behind" in scene.log.check().said()[0]


def test_the_numbers_are_among_the_metrics(scene):
    assert scene.front.gauges["log_size"][1]() == scene.recorded
    assert scene.front.gauges["log_checkpoint_age_seconds"][1]() >= 0
    assert scene.front.gauges["log_witnessed_size"][1]() == 0
    assert scene.front.gauges["log_news_waiting_seconds"][1]() == 0


def test_a_rotated_key_is_taken_up_while_the_service_runs(scene):
    before = scene.log.publisher.checkpoint
    open_keys(scene.folder / KEYS_FILE).rotated(9, "it was time")
    scene.look()
    after = scene.log.publisher.checkpoint
    assert parse(before).text == parse(after).text
    assert parse(before).signatures[0].key_id != parse(after).signatures[0].key_id


# -- starts that are refused, and going on ---------------------------------------------------


def test_a_record_that_goes_back_does_not_start_and_says_why(scene):
    kept = Kept(scene.folder / "record.sqlite").checkpoint
    signer = scene.log.publisher.keys.signer
    more = Checkpoint(signer.verifier.name, scene.recorded + 9, bytes(32))
    scene.close()
    kept.write_bytes(signer.sign(more.text))
    with pytest.raises(GoesBack, match="checkpoint over"):
        Scene(scene.folder)
    kept.write_bytes(b"damaged")
    with pytest.raises(CheckpointDamaged):
        Scene(scene.folder)


def test_a_demonstration_that_is_begun_anew_is_another_log(scene):
    old = scene.log.publisher.keys.vkey
    scene.ring(5)
    scene.look()
    scene.close()
    (scene.folder / "kept.txt").write_text("mine")
    _begin_anew(scene.folder)
    left = {path.name for path in scene.folder.iterdir()}
    assert not left & {
        KEYS_FILE,
        "record.sqlite",
        "record.sqlite.checkpoint",
        "record.sqlite.levels",
    }
    assert "kept.txt" in left
    again = Scene(scene.folder)
    assert again.log.publisher.keys.vkey != old
    again.close()


def test_keys_of_another_log_do_not_start(scene):
    with pytest.raises(KeysOfAnotherLog):
        begin.begin_log(scene.centre, scene.folder, "another.example/log")


def test_going_on_deliberately_begins_a_log_of_another_name_that_says_what_it_follows(scene):
    origin = scene.log.publisher.keys.origin
    had = scene.recorded
    asked = k.GoOn(key=new_key("go-on"), size=had + 50, root="0" * 64, have=had, reason="a fire")
    scene.centre.hub.do(asked, OPERATOR)
    scene.centre.hub.commit()
    scene.close()
    again = Scene(scene.folder)
    keys = again.log.publisher.keys
    told = opened(again.log.publisher.checkpoint, keys.verifiers, f"{origin}/2").checkpoint
    assert told.extensions == (f"follows {origin} {had + 50} {had}",)
    assert told.size == again.recorded
    noted = again.centre.hub.state["keeping"].log_keys.values()
    assert [one.public for one in noted if one.in_use] == [keys.vkey]
    aside = scene.folder / "record.sqlite.checkpoint.generation-1"
    assert opened(aside.read_bytes(), keys.verifiers, origin).checkpoint.size == had
    again.close()
    third = Scene(scene.folder)
    assert third.log.publisher.keys.origin == f"{origin}/2", "and stays so"
    third.close()


def test_a_restored_record_that_lacks_events_begins_a_log_of_another_name(scene):
    origin, had = scene.log.publisher.keys.origin, scene.recorded
    root = scene.centre.head.root.hex()
    scene.close()
    note = Restored(id="b1", size=had, root=root, made_us=1, backup="x", known=had + 7,
                    known_by="the mark")  # fmt: skip
    (scene.folder / RESTORED_FILE).write_bytes(msgspec.json.encode(note))
    again = Scene(scene.folder)
    keys = again.log.publisher.keys
    told = opened(again.log.publisher.checkpoint, keys.verifiers, f"{origin}/2").checkpoint
    assert told.extensions == (f"follows {origin} {had + 7} {had}",)
    again.close()


# -- witnesses -------------------------------------------------------------------------------


class Knows(StoreRefusal):
    """A witness that cosigned another size last."""

    def __init__(self, size: int) -> None:
        super().__init__(f"it knows {size}")
        self.size = size


class Outsider:
    """A witness in the same process, as strict as one far away."""

    verifier = COSIGNER.verifier

    def __init__(self) -> None:
        self.last: Checkpoint | None = None
        self.fails: Exception | None = None
        self.asked: list[int] = []
        self.closed = False

    async def cosign(self, checkpoint, old_size, consistency) -> bytes:
        self.asked.append(old_size)
        if self.fails:
            raise self.fails
        told = Checkpoint.parse(parse(checkpoint).text)
        known = self.last.size if self.last else 0
        if old_size != known:
            raise Knows(known)
        if self.last:
            check_consistency(known, told.size, consistency, self.last.root, told.root)
        self.last = told
        return COSIGNER.cosignature(told.text, 7).line

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def outsider():
    return Outsider()


@pytest.fixture
def watched(tmp_path, outsider):
    made = Scene(tmp_path, [Asking("the court", outsider)])
    yield made
    made.close()


def ask(scene: Scene) -> None:
    asyncio.run(scene.log.asking[0].ask(scene.log))


def test_a_witness_is_asked_from_where_it_was_and_its_word_is_shown(watched, outsider):
    ask(watched)
    assert watched.log.witnessed == watched.recorded
    watched.ring(300)
    watched.look()
    assert watched.log.witnessed < watched.log.sealed
    ask(watched)
    assert watched.log.witnessed == watched.recorded
    assert outsider.asked[0] == 0
    text = watched.get("/log").text
    assert "the court" in text
    assert COSIGNER.verifier.key_id.hex() in text


def test_a_witness_that_remembers_more_than_we_do_is_given_the_proof_from_there(watched, outsider):
    ask(watched)
    watched.ring(3)
    watched.look()
    watched.log.asking[0].size = 0  # as after a start
    ask(watched)
    assert watched.log.witnessed == watched.recorded
    assert outsider.asked[-2:] == [0, outsider.asked[-1]]


def test_a_witness_that_saw_more_than_there_is_is_trouble(watched, outsider):
    outsider.last = Checkpoint("x", watched.recorded + 5, bytes(32))
    with pytest.raises(Knows):
        ask(watched)


def test_a_witness_that_cannot_be_reached_delays_nothing_and_is_asked_again(
    watched, outsider, monkeypatch
):
    monkeypatch.setattr("answerable.console.log.asking.AGAIN_S", 0.01)
    outsider.fails = OSError("no answer")

    async def play() -> None:
        running = asyncio.create_task(watched.log.run())
        while len(outsider.asked) < 2:
            watched.log.asking[0].news.set()
            await asyncio.sleep(0.02)
        check = watched.log.check()
        assert (check.found, "the court" in check.said()[0]) == (Found.WATCH, True)
        outsider.fails = RuntimeError("somebody's words")
        while watched.log.asking[0].trouble in ("", "no answer"):
            await asyncio.sleep(0.01)
        assert "somebody's words" not in watched.log.asking[0].trouble
        outsider.fails = None
        while watched.log.witnessed < watched.recorded:
            await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(asyncio.wait_for(play(), 60))
    assert outsider.closed
    assert watched.log.asking[0].trouble == ""
