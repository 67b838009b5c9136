"""When what is kept beside the incidents has ended: lone calls, hand-overs, matters, problems."""

from __future__ import annotations

from answerable.handover import words as handover
from answerable.intake import line_words as line
from answerable.intake import words as intake
from answerable.kernel.event import Row
from answerable.matters import matter_words as matter
from answerable.matters import problem_words as problem
from answerable.vault.lives import CALLED, CURED, TOLD, TRACKED
from answerable.vault.state import Over, State, evolve


@evolve.on(line.CallerReached, line.TextTaken)
def _call_lives(state: State, event: intake.CallEvent, row: Row) -> None:
    state.lives("call", event.call)


@evolve.on(intake.CallEnded, intake.CallAbandoned, line.CallTransferred)
def _call_over(state: State, event: intake.CallEvent, row: Row) -> None:
    end = "abandoned" if isinstance(event, intake.CallAbandoned) else "ended"
    over = Over(CALLED.after(CALLED.first, event), end, row.happened_at)
    state.over("call", event.call, over)


@evolve.on(handover.HandOverTaken, handover.HandOverWithdrawn)
def _handed_over(state: State, event: handover.HandOverEvent, row: Row) -> None:
    end = "taken" if isinstance(event, handover.HandOverTaken) else "withdrawn"
    over = Over(TOLD.after(TOLD.first, event), end, row.happened_at)
    state.over("handover", event.handover, over)


@evolve.on(matter.MatterSignedOff)
def _signed_off(state: State, event: matter.MatterEvent, row: Row) -> None:
    over = Over(TRACKED.after(TRACKED.first, event), "signed off", row.happened_at)
    state.over("matter", event.matter, over)


@evolve.on(matter.MatterReopened)
def _taken_up_again(state: State, event: matter.MatterEvent, row: Row) -> None:
    state.lives("matter", event.matter)


@evolve.on(problem.ProblemEnded, problem.ProblemDeclined)
def _cured(state: State, event: problem.ProblemEvent, row: Row) -> None:
    end = "ended" if isinstance(event, problem.ProblemEnded) else "declined"
    state.over(
        "problem", event.problem, Over(CURED.after(CURED.first, event), end, row.happened_at)
    )


@evolve.on(problem.ProblemReopened)
def _calls_again(state: State, event: problem.ProblemEvent, row: Row) -> None:
    state.lives("problem", event.problem)
