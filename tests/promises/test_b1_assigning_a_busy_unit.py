"""B1: assigning a busy unit changes neither its status on its first job nor that job's screen.

TicketsCAD reset the unit to "dispatched" and dropped its first job from its screen.
"""

from __future__ import annotations

import copy

import pytest

from answerable.dispatch import words as w
from tests.story import centre

STEPS = (w.Acknowledge, w.GoEnRoute, w.Arrive, w.Transport, w.ReachHospital)


@pytest.mark.parametrize("done", range(len(STEPS) + 1))
def test_a_stacked_job_leaves_the_first_job_as_it_is(done):
    town = centre().duty("E1", "E2")
    first, second = town.incident(), town.incident()
    for command in (w.SendUnit, *STEPS[:done]):
        town.tick(5).done(command, incident=first, unit="E1")
    unit = town.board.units["E1"]
    before = (unit.status, unit.incident, unit.since_us, unit.jobs[first])
    screen = copy.deepcopy(town.board.incidents[first])
    town.tick(60).done(w.StackUnit, incident=second, unit="E1", reason="next door")
    assert (unit.status, unit.incident, unit.since_us, unit.jobs[first]) == before
    assert town.board.incidents[first] == screen
    assert town.board.incidents[second].jobs["E1"].state == "stacked"


def test_a_refused_assignment_changes_nothing_at_all():
    town = centre().duty("E1")
    first, second = town.incident(), town.incident()
    town.done(w.SendUnit, incident=first, unit="E1")
    before, rows = town.hub.rooms.pack(town.hub.state), town.hub.position
    assert isinstance(town.refused(w.SendUnit, incident=second, unit="E1"), w.UnitBusy)
    assert town.hub.rooms.pack(town.hub.state) == before
    assert town.hub.position == rows


def test_sending_a_stacked_unit_before_it_is_free_leaves_its_first_job_shown():
    town = centre().duty("E1")
    first, second = town.incident(), town.incident()
    for command in (w.SendUnit, w.Arrive):
        town.tick(5).done(command, incident=first, unit="E1")
    town.done(w.StackUnit, incident=second, unit="E1", reason="next door")
    screen = copy.deepcopy(town.board.incidents[first])
    town.tick(60).done(w.SendUnit, incident=second, unit="E1")
    unit = town.board.units["E1"]
    assert (unit.status, unit.incident) == ("arrived", first)
    assert unit.jobs == {first: "arrived", second: "sent"}
    assert town.board.incidents[first] == screen
