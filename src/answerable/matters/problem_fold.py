"""What the events of a problem change, and the calls of its place: the arms of ``evolve``.

The calls come from the events of the earlier rooms themselves. One anywhere but at a place that is
a problem costs one look-up, and nothing at all where no place is.
"""

from __future__ import annotations

from collections.abc import Sequence

from answerable.dispatch import merge_words as merge
from answerable.intake import words as intake
from answerable.kernel.event import Command, Row
from answerable.matters import problem_words as w
from answerable.matters.naming import place_of
from answerable.matters.problem_looks import passed
from answerable.matters.problem_state import (
    DONE,
    ENDED,
    NONE,
    PROBLEM,
    STEP,
    WATCHED,
    PlaceCall,
    Problem,
    ProblemStep,
)
from answerable.matters.state import State, evolve

READING_US = 3_600_000_000
"""So long a recorded reading of the notes counts."""


# -- evolve: the life of a problem -----------------------------------------------------------


def _moved(state: State, event: w.ProblemEvent) -> Problem:
    """Take the step in the life of a problem and return it."""
    problem = state.problems[event.problem]
    problem.state = PROBLEM.after(problem.state, event)
    return problem


@evolve.on(w.ProblemOpened)
def _opened(state: State, event: w.ProblemOpened, row: Row) -> None:
    state.problems[event.problem] = Problem(
        problem=event.problem, state=PROBLEM.after(NONE, event), place=event.place,
        kinds=event.kinds, cause=event.cause, opened_us=row.happened_at, position=row.position,
        since_us=row.happened_at, area=event.area, lon=event.lon, lat=event.lat,
    )  # fmt: skip
    state.problem_at[event.place] = event.problem
    _set_reports(state, event, reviewed=True)


def _set_reports(
    state: State, event: w.ProblemOpened | w.ProblemReopened, *, reviewed: bool
) -> None:
    """Set when the next bulletin and the next review are written."""
    problem = state.problems[event.problem]
    problem.bulletin_us, problem.review_us = event.bulletin_us, event.review_us
    state.alarms.set(f"problem-bulletin:{event.problem}", event.bulletin_us)
    if reviewed:
        state.alarms.set(f"problem-review:{event.problem}", event.review_us)


def _silence(state: State, problem: str, *sorts: str) -> None:
    for sort in sorts:
        state.alarms.cancel(f"problem-{sort}:{problem}")


@evolve.on(w.ProblemDeclined)
def _declined(state: State, event: w.ProblemDeclined, row: Row) -> None:
    _over(state, _moved(state, event))


@evolve.on(w.PlaceCounted)
def _counted(state: State, event: w.PlaceCounted, row: Row) -> None:
    problem = _moved(state, event)
    problem.counted = True
    problem.history_first, problem.history = event.first, event.counts


@evolve.on(w.ProblemTaken)
def _taken(state: State, event: w.ProblemTaken, row: Row) -> None:
    _moved(state, event).owner = event.owner


@evolve.on(w.ProblemPlanned, w.AgencyJoined, w.AgencyLeft, w.ProblemNoted, w.NotesRead)
def _worked_on(state: State, event: w.ProblemEvent, row: Row) -> None:
    problem = _moved(state, event)
    if isinstance(event, w.AgencyJoined):
        problem.agencies.append(event.agency)
    elif isinstance(event, w.AgencyLeft):
        problem.agencies.remove(event.agency)
    elif isinstance(event, w.ProblemNoted):
        problem.noted.append(row.happened_at)
    elif isinstance(event, w.NotesRead):
        problem.reads = {who: us for who, us in problem.reads.items() if us > row.recorded_at}
        problem.reads[row.actor] = row.recorded_at + READING_US


@evolve.on(w.StepAdded)
def _step_added(state: State, event: w.StepAdded, row: Row) -> None:
    _moved(state, event).steps[event.step] = ProblemStep(
        STEP.after(NONE, event), event.what, event.due_us, event.agency
    )


@evolve.on(w.StepDone, w.StepDropped, w.StepTakenUp)
def _step_moved(state: State, event: w.StepEvent, row: Row) -> None:
    problem = _moved(state, event)
    step = problem.steps[event.step]
    step.state = STEP.after(step.state, event)
    if step.state == DONE:
        _begins_again(problem, row.happened_at)
        problem.acted_us = max(problem.acted_us, row.happened_at)
    step.done_us = row.happened_at if step.state == DONE else 0
    if isinstance(event, w.StepTakenUp):
        step.due_us = event.due_us


def _begins_again(problem: Problem, until_us: int) -> None:
    """Keep how often the test was looked at before its days begin again."""
    problem.looks += passed(problem.quiet_us, until_us)


@evolve.on(w.BulletinWritten)
def _bulletin_written(state: State, event: w.BulletinWritten, row: Row) -> None:
    problem = _moved(state, event)
    problem.bulletins, problem.bulletin_us = event.issue, event.next_us
    state.alarms.set(f"problem-bulletin:{event.problem}", event.next_us)


@evolve.on(w.ReviewWritten)
def _review_written(state: State, event: w.ReviewWritten, row: Row) -> None:
    problem = _moved(state, event)
    problem.reviews = problem.asked = event.issue
    problem.review_us = event.next_us
    state.alarms.set(f"problem-review:{event.problem}", event.next_us)


@evolve.on(w.ProblemReviewed)
def _was_reviewed(state: State, event: w.ProblemReviewed, row: Row) -> None:
    _moved(state, event).asked = 0


@evolve.on(w.StopClaimed)
def _was_claimed(state: State, event: w.StopClaimed, row: Row) -> None:
    _moved(state, event).claimed_by = row.actor


@evolve.on(w.StopDeclined)
def _was_declined(state: State, event: w.StopDeclined, row: Row) -> None:
    _moved(state, event).claimed_by = ""


@evolve.on(w.ProblemWatched)
def _is_watched(state: State, event: w.ProblemWatched, row: Row) -> None:
    problem = _moved(state, event)
    problem.claimed_by, problem.asked = "", 0
    problem.watch_us, problem.watch_end_us = row.happened_at, event.end_us
    _silence(state, event.problem, "review")
    state.alarms.set(f"problem-watch:{event.problem}", event.end_us)


@evolve.on(w.ProblemEnded)
def _ended(state: State, event: w.ProblemEnded, row: Row) -> None:
    _over(state, _moved(state, event))


def _over(state: State, problem: Problem) -> None:
    """Forget the calls of a place that is a problem no more; what was done stays to be read."""
    for incident in problem.calls:
        state.problem_calls.pop(incident, None)
    problem.calls, problem.asked, problem.claimed_by = {}, 0, ""
    state.problem_at.pop(problem.place, None)
    _silence(state, problem.problem, "bulletin", "review", "watch")


@evolve.on(w.ProblemReopened)
def _reopened(state: State, event: w.ProblemReopened, row: Row) -> None:
    problem = state.problems[event.problem]
    if problem.state == ENDED:  # what was called meanwhile was counted by nobody
        _begins_again(problem, problem.watch_end_us or row.happened_at)
        problem.since_us = row.happened_at
    problem = _moved(state, event)
    problem.watch_us = problem.watch_end_us = 0
    state.problem_at[problem.place] = event.problem
    _silence(state, event.problem, "watch")
    _set_reports(state, event, reviewed=True)


# -- evolve: the calls of the places that are problems ---------------------------------------


@evolve.on(intake.IncidentOpened)
def _call(state: State, event: intake.IncidentOpened, row: Row) -> None:
    if state.problem_at and (there := state.problem_at.get(place_of(event.address))):
        _counts_for(state, there, event, event.kind, row)


def _counts_for(
    state: State, there: str, event: intake.IncidentOpened | intake.PlaceCorrected, kind: str,
    row: Row,
) -> None:  # fmt: skip
    calls, incident = state.problems[there].calls, event.incident
    calls[incident] = PlaceCall(row.happened_at, kind, row.position, lon=event.lon, lat=event.lat)
    state.problem_calls[incident] = there
    if len(calls) > w.CALLS_MAX:
        oldest = next(iter(calls))
        del calls[oldest]
        state.problem_calls.pop(oldest, None)


@evolve.on(intake.KindChanged)
def _kind(state: State, event: intake.KindChanged, row: Row) -> None:
    if call := _call_of(state, event.incident):
        call.kind = event.kind


@evolve.on(intake.PlaceCorrected)
def _place(state: State, event: intake.PlaceCorrected, row: Row) -> None:
    """Move a call to where it was; one of a kind that is not known here counts, to be safe."""
    here = state.problem_calls.get(event.incident, "")
    there = state.problem_at.get(place_of(event.address), "")
    call = _call_of(state, event.incident)
    if call is not None and here != there:
        call.out = True
    if there and here == there and call is not None:
        call.out = False
    elif there:
        _counts_for(state, there, event, call.kind if call else "", row)


@evolve.on(merge.IncidentMerged, merge.IncidentUnmerged)
def _merged(state: State, event: merge.MergeEvent, row: Row) -> None:
    if call := _call_of(state, event.incident):
        call.out = isinstance(event, merge.IncidentMerged)


def _call_of(state: State, incident: str) -> PlaceCall | None:
    there = state.problem_calls.get(incident)
    return state.problems[there].calls.get(incident) if there else None


# -- react -----------------------------------------------------------------------------------


def watched(state: State, event: intake.IncidentOpened, row: Row) -> Sequence[Command]:
    """Look at a watched place after each of its calls."""
    there = state.problem_calls.get(event.incident) if state.problem_calls else None
    if not there or state.problems[there].state != WATCHED:
        return ()
    return (w.CheckWatch(key=f"watch:{there}:{row.position}", problem=there),)
