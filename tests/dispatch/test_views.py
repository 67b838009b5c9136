"""The board: one fold that every screen reads, and it says what the rules say (B3)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from answerable.dispatch import words as w
from answerable.dispatch.state import JOB, UNDER_WAY, State
from answerable.dispatch.views import Board
from answerable.intake import words as intake
from answerable.intake.state import State as Intake
from tests.story import PLACE, T0, US, Story, centre, on_duty, opened, sent
from tests.walk import begun, seeded, walk, walks

A, B, C = "200930001", "200930002", "200930003"


def agree(board: Board, dispatch: State, calls: Intake) -> None:
    """Fail unless the board and the rules tell the same, to the microsecond."""
    lines = {**board.incidents, **board.closed}
    assert set(lines) == set(dispatch.responses)
    assert len(lines) == len(board.incidents) + len(board.closed)
    for name, response in dispatch.responses.items():
        line = lines[name]
        assert (line.state in ("closed", "merged")) == (name in board.closed)
        assert line.state == response.state
        assert line.area_class == response.area_class
        assert {u: (j.state, j.since_us) for u, j in line.jobs.items()} == {
            u: (j.state, j.since_us) for u, j in response.jobs.items()
        }
        assert {u: j.reached for u, j in line.jobs.items()} == {
            u: j.times for u, j in response.jobs.items()
        }
        known = calls.incidents[name]
        assert (line.kind, line.priority, line.address) == (
            known.kind, known.priority, known.address,
        )  # fmt: skip
        assert line.opened_us == known.opened_us
        assert {c for c, call in calls.calls.items() if call.incident == name} == set(line.calls)
    assert set(board.booked) == {n for n, i in calls.incidents.items() if i.state == "booked"}
    assert set(board.units) == set(dispatch.units)
    for name, unit in dispatch.units.items():
        shown = board.units[name]
        assert (shown.duty, shown.reason) == (unit.duty, unit.reason)
        assert (shown.unit_type, shown.skills) == (unit.unit_type, unit.skills)
        assert [i for i, s in shown.jobs.items() if s in UNDER_WAY] == unit.busy
        assert [i for i, s in shown.jobs.items() if s == "stacked"] == unit.stacked
        assert not set(shown.jobs.values()) & JOB.last
        doing = [dispatch.responses[i].jobs[name] for i in unit.busy]
        if doing:
            assert (shown.status, shown.incident) == (doing[0].state, unit.busy[0])
            assert shown.since_us == doing[0].since_us
        else:
            assert shown.status == ("free" if unit.duty == "on duty" else unit.duty)


@settings(max_examples=60, deadline=None)
@given(walks)
def test_the_board_says_what_the_rules_say_after_any_commands(taken):
    town = begun(centre())
    walk(town, taken)
    agree(town.board, town.state("dispatch"), town.state("intake"))


@pytest.mark.parametrize("seed", range(8))
def test_the_board_says_what_the_rules_say_on_a_long_day(seed):
    town = begun(centre())
    for step in seeded(seed, 250):
        walk(town, [step])
        agree(town.board, town.state("dispatch"), town.state("intake"))


def test_a_unit_with_several_jobs_shows_the_one_it_took_up_first():
    story = busy().given(
        w.UnitStacked(incident=B, unit="E1", reason="as told"),
        opened(C),
        w.UnitStacked(incident=C, unit="E1", reason="as told"),
        sent("E1", C),
        w.UnitCleared(incident=A, unit="E1"),
        sent("E1", B),
    )
    agree(board(story), story.states["dispatch"], story.states["intake"])
    assert board(story).units["E1"].incident == C


def board(story: Story) -> Board:
    found: Board = story.states["board"]
    return found


def busy() -> Story:
    """E1 stands at A since its third second; A and B are open."""
    return Story().given(
        opened(A), opened(B), *on_duty("E1"), sent("E1", A), w.UnitArrived(incident=A, unit="E1")
    )


def test_a_further_job_does_not_change_since_when_a_unit_does_what_it_does():
    story = busy()
    before = board(story).units["E1"].since_us
    story.given(w.UnitStacked(incident=B, unit="E1", reason="next door"))
    assert board(story).units["E1"].since_us == before
    story.given(w.UnitUnstacked(incident=B, unit="E1", reason="not needed"))
    assert board(story).units["E1"].since_us == before


def test_a_report_does_not_change_since_when_a_job_stands_where_it_stands():
    story = busy()
    job = board(story).incidents[A].jobs["E1"]
    before = (job.state, job.since_us)
    story.given(w.FieldReported(incident=A, unit="E1", outcome="small fire"))
    assert (job.state, job.since_us) == before


def test_a_late_report_does_not_move_a_unit_back_to_where_it_was():
    story = busy().given(
        w.UnitCleared(incident=A, unit="E1"),
        sent("E1", B),
        w.UnitArrived(incident=B, unit="E1"),
        w.UnitCleared(incident=B, unit="E1"),
    )
    unit = board(story).units["E1"]
    before = (unit.last_incident, unit.freed_us, unit.since_us)
    assert before[0] == B
    story.given(w.FieldReported(incident=A, unit="E1", outcome="small fire"))
    assert (unit.last_incident, unit.freed_us, unit.since_us) == before


def test_taking_a_stacked_job_away_does_not_place_the_unit_there():
    story = busy().given(w.UnitStacked(incident=B, unit="E1", reason="next door"))
    story.given(w.UnitUnstacked(incident=B, unit="E1", reason="not needed"))
    assert board(story).units["E1"].last_incident == ""


def test_a_corrected_place_with_a_position_is_no_longer_unverified():
    story = Story().given(opened(A, lon=None, lat=None, unverified="caller unsure"))
    assert board(story).incidents[A].unverified == "caller unsure"
    story.given(
        intake.PlaceCorrected(
            incident=A, address="5th St", was_address="x", lon=-122.4, lat=37.7, reason="found"
        )
    )
    assert board(story).incidents[A].unverified == ""


def test_a_corrected_place_without_a_position_is_unverified_and_says_why():
    story = Story().given(opened(A))
    story.given(
        intake.PlaceCorrected(incident=A, address="a boat", was_address="x", reason="adrift")
    )
    line = board(story).incidents[A]
    assert (line.lon, line.lat, line.unverified) == (None, None, "adrift")


def test_closing_moves_an_incident_and_reopening_brings_it_back_counted():
    story = Story().given(opened(A), opened(B), w.IncidentClosed(incident=A, outcome="no merit"))
    assert (list(board(story).incidents), list(board(story).closed)) == ([B], [A])
    assert board(story).closed[A].outcome == "no merit"
    story.given(w.IncidentReopened(incident=A, reason="again"))
    line = board(story).incidents[A]
    assert (line.reopened, line.outcome, line.state) == (1, "", "open")
    assert not board(story).closed


def test_a_booked_incident_is_listed_as_booked_and_nowhere_else():
    place = {**PLACE, "incident": A}
    story = Story().given(intake.IncidentBooked(due_us=T0 + 60 * US, **place))
    assert (board(story).booked, board(story).incidents) == ({A: T0 + 60 * US}, {})
    story.given(opened(A))
    assert (board(story).booked, list(board(story).incidents)) == ({}, [A])


def test_a_unit_that_has_taken_no_step_is_free_where_it_came_on_duty():
    unit = board(Story().given(*on_duty("E1"))).units["E1"]
    assert (unit.status, unit.incident, unit.last_incident) == ("free", "", "")


def test_every_line_knows_the_position_of_its_last_change():
    story = busy()
    line = board(story).incidents[A]
    assert line.position == len(story.rows)
    story.given(intake.NoteAdded(incident=A, note=1, words="sealed"))
    assert board(story).units["E1"].position == line.position
