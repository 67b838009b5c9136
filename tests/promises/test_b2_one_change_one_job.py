"""B2: a unit's status change touches one job only.

TicketsCAD stamped or cleared all of the unit's jobs at once.
"""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings

from answerable.dispatch import words as w
from tests.story import centre
from tests.walk import Step, asked, begun, role_for, seeded, walks


def follow(taken: list[Step]) -> None:
    """Walk, and after each job event compare every other job with what it was."""
    town = begun(centre())
    for step in taken:
        town.tick(1)
        responses = copy.deepcopy(town.state("dispatch").responses)
        lines = copy.deepcopy({**town.board.incidents, **town.board.closed})
        before = town.hub.position
        command, fields = asked(step, town)
        town.do(command, role=role_for(command), name="one of us", **fields)
        touched = {
            (event.incident, event.unit)
            for event in (town.hub.rooms.decode(row) for row in town.store.rows(before))
            if isinstance(event, w.JobEvent)
        }
        for incident, response in responses.items():
            for unit, job in response.jobs.items():
                if (incident, unit) not in touched:
                    assert town.state("dispatch").responses[incident].jobs[unit] == job
                    shown = town.board.line(incident).jobs[unit]
                    assert shown == lines[incident].jobs[unit]


@settings(max_examples=30, deadline=None)
@given(walks)
def test_no_command_changes_a_job_that_its_events_do_not_name(taken):
    follow(taken)


@pytest.mark.parametrize("seed", range(3))
def test_no_command_of_a_long_day_changes_a_job_that_its_events_do_not_name(seed):
    follow(seeded(seed, 120))


def test_clearing_one_of_two_jobs_leaves_the_other_under_way():
    town = centre().duty("E1")
    first, second = town.incident(), town.incident()
    town.done(w.SendUnit, incident=first, unit="E1")
    town.done(w.StackUnit, incident=second, unit="E1", reason="next door")
    town.done(w.SendUnit, incident=second, unit="E1")
    town.tick(9).done(w.Arrive, incident=second, unit="E1")
    town.tick(9).done(w.ClearUnit, incident=first, unit="E1")
    jobs = {i: town.board.line(i).jobs["E1"].state for i in (first, second)}
    assert jobs == {first: "cleared", second: "arrived"}
    assert (town.board.units["E1"].status, town.board.units["E1"].incident) == ("arrived", second)
