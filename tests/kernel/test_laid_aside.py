"""What was closed long ago leaves the memory, and nobody can tell: not rules, pages or replays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from answerable.aside import ClosedLongAgo
from answerable.dispatch import merge_words as m
from answerable.dispatch import words as d
from answerable.followup import back_words as back
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.kernel.event import Row
from answerable.kernel.folding import Folding, HeapShelf
from answerable.kernel.hub import Accepted, Ask, Refused
from answerable.record.fsck import fsck
from answerable.record.memory import MemoryStore
from answerable.record.rebuild import RoomsRebuild
from answerable.record.sqlite import SqliteStore
from answerable.rooms import product
from answerable.standards.words import ClockRang
from tests import story
from tests.story import Centre, centre

KEPT = 3


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    def lesser():
        rooms = product()
        rooms.aside = ClosedLongAgo(KEPT)
        return rooms

    monkeypatch.setattr(story, "product", lesser)


@pytest.fixture(params=["memory", "sqlite"])
def town(request, tmp_path: Path) -> Iterator[Centre]:
    store = MemoryStore() if request.param == "memory" else SqliteStore.open(tmp_path / "r.sqlite")
    made = centre(store).adopt().duty("E1", "E2")
    yield made
    made.store.close()


def worked(town: Centre, count: int = 8) -> list[str]:
    """Open incidents from a call, have a unit on each, and close them."""
    names = []
    for _ in range(count):
        [call] = [e.call for e in town.done(i.AnswerCall) if isinstance(e, i.CallAnswered)]
        names.append(town.incident(call=call))
        for step in (d.SendUnit, d.Acknowledge, d.GoEnRoute, d.Arrive):
            town.done(step, incident=names[-1], unit="E1")
        town.done(d.ReportBack, incident=names[-1], unit="E1", outcome="out")
        town.done(d.ClearUnit, incident=names[-1], unit="E1")
        town.done(d.CloseIncident, incident=names[-1], outcome="put out")
        town.tick(40)
    return names


def packed(town: Centre) -> bytes:
    return town.hub.rooms.pack(town.hub.state)


def test_only_the_newest_closed_incidents_stay_in_memory(town: Centre):
    names = worked(town)
    assert list(town.board.closed) == names[-KEPT:]
    assert set(town.state("intake").incidents) == set(names[-KEPT:])
    assert set(town.state("dispatch").responses) == set(names[-KEPT:])
    assert set(town.state("standards").known) == set(names[-KEPT:])
    assert len(town.state("intake").calls) == KEPT


def test_what_was_laid_aside_can_be_opened_again_with_all_it_had(town: Centre):
    first, *_ = worked(town)
    note = town.refused(d.Arrive, incident=first, unit="E1")
    assert "closed" in note.text() or "cleared" in note.text()
    assert first not in town.board.closed
    town.done(d.ReopenIncident, incident=first, reason="smoke again")
    line = town.board.incidents[first]
    assert line.reopened == 1
    assert line.jobs["E1"].state == "cleared"
    assert line.calls
    town.done(d.SendUnit, incident=first, unit="E2")


def test_a_call_of_what_was_laid_aside_is_found_by_its_own_number(town: Centre):
    first, *_ = worked(town)
    with town.hub.at_hand(f"incident:{first}"):
        call = town.board.line(first).calls[0]
        times = dict(town.state("intake").calls[call].times)
    assert call not in town.state("intake").calls
    to = times["CallAnswered"] - 1_000_000
    town.done(
        i.CorrectCallTime, role="supervisor", call=call, step="CallAnswered", to=to, reason="slow"
    )
    assert town.state("intake").calls[call].times["CallAnswered"] == to


def test_looking_and_being_refused_leave_the_state_as_it_was(town: Centre):
    first, *_ = worked(town)
    before = packed(town)
    with town.hub.at_hand(f"incident:{first}"):
        assert town.board.line(first).outcome == "put out"
        assert town.board.line("200930099") is None
    town.refused(d.CloseIncident, incident=first, outcome="again")
    town.refused(i.OpenIncident, **{**story.PLACE, "incident": first})
    assert packed(town) == before


def test_live_replayed_and_restored_are_the_same_bytes(town: Centre):
    names = worked(town)
    town.done(i.AddNote, incident=names[0], words="asked for his ladder")
    town.hub.save_snapshot()
    town.done(d.ReopenIncident, incident=names[1], reason="smoke")
    town.done(d.CloseIncident, incident=names[1], outcome="cold")
    worked(town, 2)
    live = packed(town)
    town.restart()
    assert 0 < town.replayed < town.hub.position
    assert packed(town) == live
    town.restart(use_snapshot=False)
    assert packed(town) == live
    rebuild = RoomsRebuild(town.hub.rooms)
    for row in town.store.rows():
        rebuild.feed(row)
    assert rebuild.packed() == live
    with town.hub.at_hand(f"incident:{names[0]}"):
        assert town.board.line(names[0]) is not None


def ended(town: Centre, count: int = 8) -> list[str]:
    """Answer calls that end without an incident, every third one abandoned before the answer."""
    names = []
    for number in range(count):
        if number % 3:
            names.append(town.done(i.AnswerCall)[0].call)
            town.done(i.EndCall, call=names[-1], reason="wrong number")
        else:
            names.append(town.done(i.RingCall, role="line")[0].call)
            town.done(i.AbandonCall, role="line", call=names[-1])
            town.done(i.EndCall, call=names[-1], reason="rung back three times, no answer")
        town.tick(40)
    return names


def test_calls_that_led_to_no_incident_leave_the_memory_too(town: Centre):
    names = ended(town)
    assert list(town.board.over) == names[-KEPT:]
    assert set(town.state("intake").calls) == set(names[-KEPT:])
    assert set(town.state("standards").cases.get("call", {})) <= set(names[-KEPT:])
    live = packed(town)
    town.refused(i.AnswerCall, call=names[0])  # its number is still taken
    assert packed(town) == live
    town.restart(use_snapshot=False)
    assert packed(town) == live
    to = town.clock.now_us() - 900_000_000
    town.done(
        i.CorrectCallTime,
        role="supervisor",
        call=names[1],
        step="CallAnswered",
        to=to,
        reason="slow",
    )
    assert town.state("intake").calls[names[1]].times["CallAnswered"] == to
    ended(town, 1)
    live = packed(town)
    town.restart(use_snapshot=False)
    assert packed(town) == live


def test_whoever_acts_elsewhere_is_kept_from_what_was_laid_aside_too(town: Centre):
    first, *_ = worked(town)
    with town.hub.at_hand(f"incident:{first}"):
        lies_in = town.board.line(first).neighborhood
    assert lies_in
    before = packed(town)
    command = i.AddNote(key="note-0001", incident=first, words="seen from afar")
    for areas, kept_away in ((("elsewhere",), True), ((lies_in,), False)):
        actor = Actor(name="kim", role="dispatcher", areas=areas)
        [outcome] = town.hub.handle([Ask(command, actor)])
        assert isinstance(outcome, Refused) == kept_away, outcome
        assert (packed(town) == before) == kept_away
    assert isinstance(outcome, Accepted)


def waiting(town: Centre, count: int) -> list[tuple[str, str]]:
    """Have callers whose incidents are closed and who are to be rung back: incident, call."""
    found = []
    for number in range(count):
        [answered] = town.done(i.AnswerCall, number=f"+1 415 555 01{number:02d}")
        incident = town.incident(call=answered.call)
        town.done(d.CloseIncident, incident=incident, outcome="nothing found")
        found.append((incident, answered.call))
    return found


def test_a_clock_runs_on_when_its_incident_is_laid_aside_and_rings_and_ends(town: Centre):
    """A caller may wait a day to be rung back; nothing else of the matter waits in memory."""
    [(incident, call), *_others] = callers = waiting(town, 6)
    worked(town, 4)
    assert len(town.board.closed) == KEPT
    assert incident not in town.board.closed
    runs = town.state("standards").runs()
    assert set(callers) <= {(run.owner, run.rest) for run in runs.values()}
    [clock] = [number for number, run in runs.items() if run.rest == call]
    live = packed(town)
    town.hub.save_snapshot()
    town.restart()
    assert packed(town) == live
    assert clock in town.state("standards").runs()
    town.tick(2 * 86_400)
    rang = [e for e in town.events() if isinstance(e, ClockRang) and e.clock == clock]
    assert [(one.incident, one.call) for one in rang][:1] == [(incident, call)]
    marks = {"manner": 5, "speed": 5, "result": 5, "overall": 5}
    town.done(back.AnswerCallBack, incident=incident, call=call, role="call_back", **marks)
    assert clock not in town.state("standards").runs()
    worked(town, 8)
    assert len(town.board.closed) <= KEPT
    assert incident not in town.state("standards").cases["incident"]
    live = packed(town)
    town.restart()
    assert packed(town) == live


def test_who_was_sent_to_what_went_on_is_known_when_that_is_laid_aside(town: Centre):
    """Nobody ends what they were complained about: also not after two incidents became one."""
    [answered] = town.done(i.AnswerCall, number="+1 415 555 0100")
    first, second = town.incident(call=answered.call), town.incident()
    town.done(m.MergeIncident, incident=first, into=second, reason="the same fire")
    for step in (d.SendUnit, d.Acknowledge, d.GoEnRoute, d.Arrive):
        town.done(step, incident=second, unit="E2")
    town.done(d.ReportBack, incident=second, unit="E2", outcome="out")
    town.done(d.ClearUnit, incident=second, unit="E2")
    town.done(d.CloseIncident, incident=second, outcome="put out")
    worked(town, 6)
    assert not {first, second} & set(town.board.closed)
    marks = {"manner": 1, "speed": 1, "result": 1, "overall": 1}
    about = {"incident": first, "call": answered.call, "role": "call_back"}
    town.done(back.AnswerCallBack, **about, **marks)
    [right] = town.state("followup").rights.values()
    assert right.units == ["E2"]


def test_callers_nobody_rings_back_keep_nothing_else_in_memory(town: Centre):
    """Their clocks ring for ever; the matters behind them must go all the same."""
    waiting(town, 20)
    town.tick(3 * 86_400)
    worked(town, 30)
    assert len(town.board.closed) == KEPT
    assert len(town.state("intake").calls) == KEPT


def test_another_program_lays_aside_anew(town: Centre, monkeypatch):
    first, *_ = worked(town)
    live = packed(town)
    monkeypatch.setattr("answerable.kernel.room.Rooms.fingerprint", lambda self: "another")
    town.restart()
    assert town.replayed == town.hub.position
    assert packed(town) == live
    town.done(d.ReopenIncident, incident=first, reason="smoke")


def test_a_damaged_body_is_not_served_and_is_made_again_at_the_next_start(tmp_path: Path):
    path = tmp_path / "r.sqlite"
    town = centre(SqliteStore.open(path)).adopt().duty("E1")
    first, *_ = worked(town)
    town.hub.save_snapshot()
    live = packed(town)
    with sqlite3.connect(path) as other:
        other.execute("UPDATE aside SET body = zeroblob(9) WHERE stream = ?",
                      (f"incident:{first}",))  # fmt: skip
    other.close()
    found = fsck(path)
    assert not found.sound
    assert f"incident:{first}" in found.text()
    assert (
        "There is no incident"
        in town.refused(d.ReopenIncident, incident=first, reason="smoke").text()
    )
    town.restart()
    assert town.replayed == town.hub.position
    assert packed(town) == live
    town.done(d.ReopenIncident, incident=first, reason="smoke")
    assert fsck(path).sound
    town.store.close()


def test_a_start_that_has_no_room_for_what_it_laid_aside_still_has_it(town: Centre, monkeypatch):
    first, *_ = worked(town)
    monkeypatch.setattr("answerable.kernel.room.Rooms.fingerprint", lambda self: "another")
    from answerable.record.refusals import no_space

    def full(*_args) -> None:
        raise no_space()

    monkeypatch.setattr(type(town.store), "keep_aside", full)
    town.restart()
    town.done(d.ReopenIncident, incident=first, reason="smoke")


def test_a_shelf_gives_what_stood_at_a_position():
    shelf = HeapShelf()
    shelf.put("incident:1", 5, b"early")
    shelf.put("incident:1", 9, b"late")
    assert [shelf.get("incident:1", at) for at in (4, 5, 8, 9)] == [
        None,
        b"early",
        b"early",
        b"late",
    ]
    assert shelf.has("incident:1", 9)
    assert not shelf.has("incident:1", 8)


def test_the_check_hurts_a_matter_that_is_not_brought_back_is_missed(monkeypatch):
    """Plant the fault: without bringing back, the event finds nothing to add to."""
    town = centre(MemoryStore()).adopt().duty("E1")
    first, *_ = worked(town)
    town.done(i.AddNote, incident=first, words="asked for his ladder")
    rows: list[Row] = list(town.store.rows())
    monkeypatch.setattr(Folding, "bring_back", lambda self, stream: "")
    rebuild = RoomsRebuild(town.hub.rooms)
    for row in rows[:-1]:
        rebuild.feed(row)
    with pytest.raises(KeyError):
        rebuild.feed(rows[-1])
