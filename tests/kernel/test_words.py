"""The words of the kernel: marks, streams, templates, steps, rooms, authority, alarms, clocks."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.kernel import refusals
from answerable.kernel.alarms import Alarms
from answerable.kernel.authority import Authority, Rights
from answerable.kernel.clock import PacedClock, SetClock, SystemClock
from answerable.kernel.event import (
    Event,
    Inside,
    Key,
    Mark,
    Name,
    Open,
    Row,
    Sealed,
    fill,
    marks_of,
    sealed_fields,
    stream_of,
)
from answerable.kernel.ids import SecretIds, SeededIds
from answerable.kernel.room import Arms, Deciders, Fold, Rooms, UnknownEvent
from answerable.kernel.steps import BrokenSteps, Steps
from tests.kernel.tally import rules as tally
from tests.kernel.toy import rules as toy
from tests.kernel.toy import words as w
from tests.kernel.toy_centre import AUTHORITY, centre, rooms

# -- marks -----------------------------------------------------------------------------------


def test_every_field_has_its_mark():
    assert marks_of(w.BoxMade) == {"box": Mark.OPEN, "secret": Mark.SEALED}
    assert sealed_fields(w.BoxMade) == ("secret",)


class Unmarked(Event, frozen=True, kw_only=True):
    name: str


class TwiceMarked(Event, frozen=True, kw_only=True):
    name: Annotated[str, Mark.OPEN, Mark.SEALED]


class SealedNumber(Event, frozen=True, kw_only=True):
    number: Sealed[int]


@pytest.mark.parametrize(
    ("event", "says"),
    [(Unmarked, "0 marks"), (TwiceMarked, "2 marks"), (SealedNumber, "must be a str")],
)
def test_a_field_with_a_wrong_mark_is_an_error(event, says):
    with pytest.raises(TypeError, match=says):
        marks_of(event)


class OfAnIncident(Event, frozen=True, kw_only=True):
    ids = ("unit", "incident")
    unit: Open[str] = ""
    incident: Open[str] = ""


@pytest.mark.parametrize(
    ("event", "stream"),
    [
        (OfAnIncident(unit="E1", incident="7"), "incident:7"),
        (OfAnIncident(unit="E1"), "unit:E1"),
        (OfAnIncident(), "kernel"),
        (w.BoxShut(box="b1"), "box:b1"),
    ],
)
def test_an_event_knows_its_stream(event, stream):
    assert stream_of(event) == stream


# -- templates -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{a} came.", {"a": "E12"}, "E12 came."),
        ("{a} came[ from {b}].", {"a": "E12", "b": ""}, "E12 came."),
        ("{a} came[ from {b}].", {"a": "E12", "b": "S3"}, "E12 came from S3."),
        ("[{a} and {b}]", {"a": "x", "b": None}, ""),
        ("Still on it: {units}.", {"units": ("E1", "T2")}, "Still on it: E1, T2."),
        ("after[ {s} s]", {"s": 0}, "after 0 s"),
        ("Note: {words}", {"words": "{a} [b]"}, "Note: {a} [b]"),
    ],
)
def test_a_template_is_filled(template, values, text):
    assert fill(template, values) == text


@given(st.text())
def test_what_a_person_said_is_never_read_as_a_template(words):
    assert fill("Note {n}: {words}", {"n": 1, "words": words}) == f"Note 1: {words}"


def test_a_refusal_is_three_sentences():
    refusal = refusals.NotAllowed(command="toy.OpenBox", role="guest")
    assert refusal.text() == (
        "Not done: toy.OpenBox. The role guest is not given this command. "
        "Ask a colleague whose role has it, or an administrator."
    )


# -- steps -----------------------------------------------------------------------------------


def steps(table, *, first="new", last=("end",)):
    return Steps("thing", first=first, last=frozenset(last), table=table)


def test_a_table_knows_what_may_happen_and_what_follows():
    assert toy.BOX.states == ("new", "shut", "open", "scrapped")
    assert toy.BOX.allows("shut", w.BoxOpened)
    assert not toy.BOX.allows("open", w.BoxOpened)
    assert toy.BOX.after("shut", w.BoxOpened(box="b")) == "open"
    assert toy.BOX.possible("shut") == (w.BoxOpened, w.BoxScrapped)
    assert toy.BOX.refuse("shut", w.BoxOpened, "box b") is None
    assert toy.BOX.refuse("scrapped", w.BoxOpened, "box b").possible == "nothing"


def test_the_table_draws_itself():
    assert toy.BOX.diagram().splitlines()[:3] == [
        "stateDiagram-v2",
        "    [*] --> new",
        "    new --> shut: BoxMade",
    ]


def test_a_state_of_two_words_is_drawn_under_a_name_of_one():
    two = steps({("new", w.BoxMade): "half open", ("half open", w.BoxShut): "end"})
    assert two.diagram().splitlines()[1:] == [
        '    state "half open" as half_open',
        "    [*] --> new",
        "    new --> half_open: BoxMade",
        "    half_open --> end: BoxShut",
        "    end --> [*]",
    ]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({("new", w.BoxMade): "end", ("lost", w.BoxShut): "end"}, "no way leads to lost"),
        ({("new", w.BoxMade): "stuck", ("new", w.BoxShut): "end"}, "no way leads out of stuck"),
        (
            {("new", w.BoxMade): "stuck", ("stuck", w.BoxShut): "stuck", ("new", w.BoxShut): "end"},
            "no way leads out of stuck",
        ),
        ({("new", w.BoxMade): "other", ("other", w.BoxShut): "new"}, "no way leads to end"),
    ],
)
def test_a_state_that_cannot_be_reached_or_left_is_an_error_at_import(table, says):
    with pytest.raises(BrokenSteps, match=says):
        steps(table)


# -- rooms -----------------------------------------------------------------------------------


def product(room=toy.ROOM, views=(), authority=AUTHORITY):
    return Rooms((room, tally.ROOM), authority, views)


def arms_on_a_stranger() -> Arms:
    arms: Arms = Arms()
    arms.on(Unmarked)(lambda state, event, row: None)
    return arms


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"deciders": Deciders()}, "nothing decides toy.MakeBox"),
        ({"name": "tally"}, "two folds are called tally"),
        ({"events": (*w.EVENTS, Unmarked)}, "0 marks"),
        ({"events": w.EVENTS[1:]}, "arms for unknown events"),
        ({"upcasts": {}}, "nothing upcasts toy.BoxScrapped version 1"),
        ({"ring": None}, "both alarms and ring"),
        ({"alarms": None}, "both alarms and ring"),
        ({"reacts": {Unmarked: toy._ring}}, "reacts to unknown events"),
    ],
)
def test_rooms_that_do_not_fit_together_are_an_error_at_start(change, says):
    with pytest.raises(TypeError, match=says):
        product(replace(toy.ROOM, **change))


def test_a_right_to_an_unknown_command_is_an_error_at_start():
    authority = Authority(roles={"keeper": Rights(commands=frozenset({"toy.EatBox"}))})
    with pytest.raises(TypeError, match=r"role keeper is given unknown commands: \['toy.EatBox'\]"):
        product(authority=authority)


def test_a_view_of_unknown_events_is_an_error_at_start():
    view = Fold(name="strange", state=tally.Seen, arms=arms_on_a_stranger())
    with pytest.raises(TypeError, match="strange has arms for unknown events"):
        product(views=(view,))


def test_two_arms_or_two_decisions_on_one_word_are_an_error():
    with pytest.raises(TypeError, match="two arms"):
        toy.evolve.on(w.BoxMade)(lambda state, event, row: None)
    with pytest.raises(TypeError, match="decided twice"):
        toy.decide.on(w.MakeBox)(lambda state, command, ctx: [])


def row(kind: str, body: bytes, version: int = 1) -> Row:
    return Row(1, "box:b", kind, version, 0, 0, "kim", "key-1", 1, body)


def test_an_old_version_is_read_as_the_new_one():
    old = row("toy.BoxScrapped", b'{"box":"b","note":"worn out"}')
    assert rooms().decode(old) == w.BoxScrapped(box="b", why="worn out")


@pytest.mark.parametrize("strange", [row("toy.BoxMelted", b"{}"), row("toy.BoxMade", b"{}", 2)])
def test_an_event_of_a_newer_program_is_not_guessed_at(strange):
    with pytest.raises(UnknownEvent, match="at position 1"):
        rooms().decode(strange)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"type":"toy.MakeBox"}',
        b'{"type":"toy.MeltBox","key":"k-123","box":"b"}',
        b'{"type":"toy.MakeBox","key":"k-123","box":"b","colour":"red"}',
        b'{"type":"toy.MakeBox","key":"k","box":"b"}',
        b'{"type":"toy.MakeBox","key":"a key","box":"b"}',
        b'{"type":"toy.MakeBox","key":"k-123","box":""}',
        b'{"type":"toy.MakeBox","key":"k-123","box":"b","at":-1}',
        b'{"type":"toy.MakeBox","key":"k-123","box":"b","at":4102444800000001}',
    ],
)
def test_bad_bytes_are_refused_with_a_reason(body):
    with pytest.raises(msgspec.DecodeError) as caught:
        rooms().command(body)
    assert str(caught.value)


def test_a_tagged_command_is_decoded():
    body = b'{"type":"toy.MakeBox","key":"k-123","box":"b"}'
    assert rooms().command(body) == w.MakeBox(key="k-123", box="b")


def test_equal_states_have_equal_bytes():
    hub = centre()
    assert rooms().pack(hub.state) == rooms().pack(rooms().unpack(rooms().pack(hub.state)))


def test_the_fingerprint_covers_the_text_of_every_rule(tmp_path, monkeypatch):
    before = rooms().fingerprint()
    assert before == rooms().fingerprint()
    changed = tmp_path / "rules.py"
    changed.write_text("# another program")
    monkeypatch.setattr(tally, "__file__", str(changed))
    assert rooms().fingerprint() != before


# -- authority -------------------------------------------------------------------------------


def test_marks_and_pages_are_denied_unless_given():
    assert AUTHORITY.may_see("keeper", Mark.INSIDE)
    assert not AUTHORITY.may_see("keeper", Mark.SEALED)
    assert AUTHORITY.may_open("keeper", "shelf")
    for role in ("guest", "no such role", ""):
        assert not AUTHORITY.may_see(role, Mark.OPEN)
        assert not AUTHORITY.may_open(role, "shelf")


@pytest.mark.parametrize(
    "toml",
    [b"[keeper]\ncommand = []", b'[keeper]\nsees = ["all"]', b"keeper = 1", b"[keeper"],
)
def test_a_table_of_rights_with_a_slip_is_refused(toml):
    with pytest.raises(msgspec.DecodeError):
        Authority.read(toml)


def test_b11_a_star_is_no_wildcard():
    authority = Authority.read(b'[keeper]\ncommands = ["*", "toy.*", "toy"]')
    with pytest.raises(TypeError, match="unknown commands"):
        product(authority=authority)


# -- alarms ----------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.one_of(st.none(), st.integers(0, 9))), max_size=30
    )
)
def test_alarms_are_a_plain_table_however_they_were_set_moved_and_cancelled(acts):
    alarms, plain = Alarms(), {}
    for name, due_us in acts:
        if due_us is None:
            alarms.cancel(name)
            plain.pop(name, None)
        else:
            alarms.set(name, due_us)
            plain[name] = due_us
        expected = min(((at, name) for name, at in plain.items()), default=None)
        assert alarms.next() == expected
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(alarms), type=Alarms)
    assert again.next() == alarms.next()


def test_two_sets_of_alarms_share_nothing():
    first, second = Alarms(), Alarms()
    first.set("a", 1)
    assert second.next() is None


def test_a_muted_alarm_may_be_set_anew():
    alarms = Alarms()
    alarms.set("a", 1)
    alarms.mute("a")
    assert alarms.next() is None
    alarms.set("a", 2)
    assert alarms.next() == (2, "a")


# -- clocks and chance -----------------------------------------------------------------------


def test_the_systems_clock_never_goes_back(monkeypatch):
    clock = SystemClock()
    times = iter([5_000_000, 3_000_000, 7_000_000])
    monkeypatch.setattr("answerable.kernel.clock.time.time_ns", lambda: next(times))
    assert [clock.now_us() for _ in range(3)] == [5000, 5000, 7000]


def test_a_set_clock_only_moves_forward():
    clock = SetClock(10)
    clock.set(20)
    clock.set(5)
    assert clock.now_us() == 20


def test_a_paced_clock_runs_at_its_speed_pauses_and_jumps(monkeypatch):
    real_ns = [0]
    monkeypatch.setattr("answerable.kernel.clock.time.monotonic_ns", lambda: real_ns[0])
    clock = PacedClock(1_000, speed=60)
    real_ns[0] = 1_000_000_000
    assert clock.now_us() == 60_001_000
    clock.pause()
    real_ns[0] = 9_000_000_000
    assert (clock.now_us(), clock.speed, clock.chosen_speed) == (60_001_000, 0, 60)
    clock.jump(70_000_000)
    clock.jump(1)
    assert clock.now_us() == 70_000_000
    clock.run_at(2)
    real_ns[0] = 10_000_000_000
    assert clock.now_us() == 72_000_000


def test_chance_is_an_input():
    assert SeededIds(1).salt() == SeededIds(1).salt()
    assert SeededIds(1).salt() != SeededIds(2).salt()
    assert len({SecretIds().salt() for _ in range(100)}) == 100
    assert len(SecretIds().salt()) == 16


def test_inside_is_a_mark():
    class Marked(Event, frozen=True, kw_only=True):
        why: Inside[str]

    assert marks_of(Marked) == {"why": Mark.INSIDE}


@pytest.mark.parametrize("key", ["abcd\n", "ab cd", "abcd\x00", "abcdé"])
def test_a_key_is_printable_to_its_last_character(key: str):
    """Python's ``$`` also stands before a newline at the end; a key must not end with one."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(key, Key)


def test_a_name_has_no_line_end():
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert("E01\n", Name)


def test_cancelled_alarms_do_not_pile_up(monkeypatch):
    monkeypatch.setattr("answerable.kernel.alarms.STALE_MAX", 10)
    alarms = Alarms()
    alarms.set("stays", 10**9)
    assert alarms.next() == (10**9, "stays")
    for n in range(500):
        alarms.set(f"clock {n}", 10**8 + n)
        alarms.cancel(f"clock {n}")
    assert len(alarms._heap) <= 2 + 10
    assert alarms.next() == (10**9, "stays")


def test_alarms_that_nobody_asked_for_yet_ring_in_the_order_in_which_they_are_due():
    alarms = Alarms(due={"kept": 50})
    for name, due_us in (("moved", 10), ("late", 90), ("moved", 70), ("called off", 20)):
        alarms.set(name, due_us)
    alarms.cancel("called off")
    assert alarms._heap == []  # a replay builds none
    rung = []
    while (first := alarms.next()) is not None:
        rung.append(first)
        alarms.cancel(first[1])
        if first == (50, "kept"):
            alarms.set("new", 60)
    assert rung == [(50, "kept"), (60, "new"), (70, "moved"), (90, "late")]
