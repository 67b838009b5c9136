"""What takes back an act on a problem, where one can: the opposite command, or why not."""

from __future__ import annotations

from answerable.console.language import _
from answerable.console.undo import MEANWHILE, WHY, Here, NoWay, Way, back_from
from answerable.matters import problem_words as w
from answerable.matters.problem_state import DONE, OPEN, PLANNED, Problem, ProblemStep


def _step(event: w.StepEvent, here: Here, state: str) -> ProblemStep | None:
    """Return a step that is still in a state, where its problem is still worked on."""
    problem: Problem | None = here.states["matters"].problems.get(event.problem)
    step = problem.steps.get(event.step) if problem and problem.state == PLANNED else None
    return step if step is not None and step.state == state else None


@back_from(w.StepAdded)
def _added(event: w.StepAdded, here: Here) -> Way | NoWay:
    values = {"problem": event.problem, "step": event.step}
    if _step(event, here, OPEN) is None:
        return NoWay(_("{step} is open no more."), MEANWHILE, values)
    return Way(w.DropStep, {**values, "reason": WHY}, _("{step} is dropped."), values)


@back_from(w.StepDone)
def _done(event: w.StepDone, here: Here) -> Way | NoWay:
    values = {"problem": event.problem, "step": event.step}
    if _step(event, here, DONE) is None:
        return NoWay(_("{step} is no longer done."), MEANWHILE, values)
    return Way(w.RedoStep, {**values, "reason": WHY}, _("{step} is open again."), values)


@back_from(w.AgencyJoined)
def _joined(event: w.AgencyJoined, here: Here) -> Way | NoWay:
    problem: Problem | None = here.states["matters"].problems.get(event.problem)
    values = {"problem": event.problem, "agency": event.agency}
    if problem is None or event.agency not in problem.agencies:
        return NoWay(_("{agency} takes no part in {problem} any more."), MEANWHILE, values)
    return Way(w.LeaveAgency, values, _("{agency} takes part in {problem} no more."), values)
