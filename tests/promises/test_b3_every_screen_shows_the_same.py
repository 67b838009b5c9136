"""B3: every screen, the API and the audit show the same status, because all are folds.

TicketsCAD showed a new status on one screen and not on another, nor in the audit log.
"""

from __future__ import annotations

import pytest

from answerable.dispatch import words as w
from answerable.dispatch.state import ENTERS, JOB, UNDER_WAY
from tests.story import Centre
from tests.walk import begun, seeded, walk


def told_by_the_log(town: Centre) -> dict[tuple[str, str], str]:
    """Return the state of every job as a reader of the bare log would tell it."""
    jobs: dict[tuple[str, str], str] = {}
    for event in town.events():
        if isinstance(event, w.JobEvent) and (state := ENTERS.get(type(event).__name__)):
            jobs[event.incident, event.unit] = state
    return jobs


@pytest.mark.parametrize("seed", range(4))
def test_board_units_rules_and_log_tell_the_same_of_every_job(town, seed):
    walk(begun(town), seeded(seed, 120))
    log = told_by_the_log(town)
    rules = {
        (incident, unit): job.state
        for incident, response in town.state("dispatch").responses.items()
        for unit, job in response.jobs.items()
    }
    incidents = {
        (line.incident, unit): job.state
        for line in (*town.board.incidents.values(), *town.board.closed.values())
        for unit, job in line.jobs.items()
    }
    units = {
        (incident, unit.unit): state
        for unit in town.board.units.values()
        for incident, state in unit.jobs.items()
    }
    assert log == rules == incidents
    assert units == {key: state for key, state in log.items() if state not in JOB.last}
    for unit in town.board.units.values():
        doing = {s for (_, name), s in log.items() if name == unit.unit and s in UNDER_WAY}
        assert (unit.status in doing) if doing else unit.status in ("free", unit.duty)


def test_the_same_is_shown_after_a_restart(town):
    walk(begun(town), seeded(7, 120))
    shown = town.hub.rooms.pack({"board": town.board})
    town.restart()
    assert town.hub.rooms.pack({"board": town.board}) == shown


def test_the_audit_names_who_when_and_in_which_place_of_the_log(town):
    begun(town)
    incident = next(iter(town.board.incidents))
    town.tick(5).done(w.SendUnit, incident=incident, unit="E1", name="lee")
    row = list(town.store.rows())[-1]
    line = town.board.incidents[incident]
    assert (row.actor, row.happened_at, row.position) == (
        "lee", line.jobs["E1"].since_us, line.position,
    )  # fmt: skip
    assert line.jobs["E1"].reached == {"UnitSent": row.happened_at}
