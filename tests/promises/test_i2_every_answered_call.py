"""I2: every call that was answered ends in a recorded outcome, or is listed as waiting for one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from answerable.intake import join_words as j
from answerable.intake import line_words as line
from answerable.intake import words as w
from answerable.intake.state import CALL
from tests.story import PLACE, Centre, centre
from tests.walk import begun, seeded, walk, walks

OUTCOMES = {w.IncidentOpened, w.CallAttached, w.CallEnded, line.CallTransferred}


def waiting(town: Centre) -> list[str]:
    """Return the calls the board lists as without an outcome; the rules say the same (B3)."""
    calls = town.state("intake").calls
    ruled = {name: call.state for name, call in calls.items() if call.state not in CALL.last}
    listed = town.board.calls
    assert {name: call.state for name, call in listed.items()} == ruled
    steps = {"ringing": "CallRung", "answered": "CallAnswered"}
    taken_off = {
        town.hub.rooms.decode(row).call: row.happened_at
        for row in town.store.rows()
        if row.kind == j.CallDetached.tag
    }
    for name, call in listed.items():
        if call.state in steps and name not in taken_off:
            assert call.since_us == calls[name].times[steps[call.state]]
        elif name in taken_off:
            assert call.since_us == taken_off[name]
    return sorted(listed)


def told_by_the_log(town: Centre) -> tuple[list[str], dict[str, int]]:
    """Return the calls without an outcome, and how many outcomes each of the others has."""
    outcomes: dict[str, int] = {}
    for event in town.events():
        if isinstance(event, w.CallRung | w.CallAnswered):
            outcomes.setdefault(event.call, 0)
        elif isinstance(event, (*OUTCOMES, w.CallAbandoned)) and event.call:
            outcomes[event.call] += 1
        elif isinstance(event, j.CallDetached):  # it was put to the wrong one, and waits again
            outcomes[event.call] -= 1
    return sorted(c for c, n in outcomes.items() if not n), {c: n for c, n in outcomes.items() if n}


def test_an_answered_call_cannot_rest():
    assert "answered" not in CALL.last
    assert "ringing" not in CALL.last
    assert OUTCOMES - {line.CallTransferred} <= set(CALL.possible("answered"))


def test_every_way_out_of_an_answered_call_is_an_outcome_and_the_end():
    ends = {event for (state, event), to in CALL.table.items()
            if to in CALL.last and state not in CALL.last}  # fmt: skip
    assert ends == OUTCOMES | {w.CallAbandoned}
    left = {state: leaving(state) for state in CALL.last}
    assert left == {
        "ended": set(),
        "transferred": set(),
        "matched": {j.CallDetached},  # it was put to the wrong one: it waits for another outcome
        "abandoned": {line.CallerReached, line.TextTaken, w.CallEnded},  # nobody answered that one
    }


def leaving(state: str) -> set[type]:
    """Return the events that take a call out of a state."""
    return {event for (here, event), to in CALL.table.items() if here == state != to}


def test_a_ringing_call_is_answered_or_abandoned_nothing_else():
    assert leaving("ringing") == {w.CallAnswered, w.CallAbandoned}


def test_each_outcome_takes_the_call_off_the_list_of_those_that_wait(town):
    incident = town.incident()
    names = []
    for _ in range(4):
        [event] = town.done(w.AnswerCall)
        names.append(event.call)
    assert waiting(town) == names
    town.done(w.OpenIncident, call=names[0], **PLACE)
    town.done(w.AttachCall, call=names[1], incident=incident)
    town.done(w.EndCall, call=names[2], reason="misdialled")
    assert waiting(town) == [names[3]]
    assert waiting(town.restart()) == [names[3]]


@settings(max_examples=30, deadline=None)
@given(walks)
def test_every_call_has_one_outcome_or_is_listed(taken):
    town = begun(centre())
    walk(town, taken)
    without, ended = told_by_the_log(town)
    assert waiting(town) == without
    assert set(ended.values()) <= {1}


@pytest.mark.parametrize("seed", range(3))
def test_every_call_of_a_long_day_has_one_outcome_or_is_listed(seed):
    town = begun(centre())
    walk(town, seeded(seed, 400))
    without, ended = told_by_the_log(town)
    assert waiting(town) == without
    assert ended
    assert set(ended.values()) == {1}
