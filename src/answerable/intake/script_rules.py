"""The rules of a call's script: answers and instructions belong to an incident that is known."""

from __future__ import annotations

from answerable.intake import script_words as w
from answerable.intake.state import Ctx, State, decide, evolve, refuse_incident
from answerable.kernel.event import Row
from answerable.kernel.room import Decision


@decide.on(w.AnswerQuestion)
def _answer(state: State, command: w.AnswerQuestion, ctx: Ctx) -> Decision:
    if refusal := refuse_incident(state, command, command.incident, w.QuestionAnswered):
        return refusal
    if ctx.town.script.question(command.question) is None:
        return w.UnknownQuestion(question=command.question)
    return [
        w.QuestionAnswered(
            incident=command.incident, question=command.question, answer=command.answer
        )
    ]


@decide.on(w.GiveInstruction)
def _instruct(state: State, command: w.GiveInstruction, ctx: Ctx) -> Decision:
    if refusal := refuse_incident(state, command, command.incident, w.InstructionGiven):
        return refusal
    if ctx.town.script.instruction(command.instruction) is None:
        return w.UnknownInstruction(instruction=command.instruction)
    return [w.InstructionGiven(incident=command.incident, instruction=command.instruction)]


@evolve.on(w.QuestionAnswered)
def _answered(state: State, event: w.QuestionAnswered, row: Row) -> None:
    asked = state.incidents[event.incident].asked
    if event.question not in asked:
        asked.append(event.question)


@evolve.on(w.InstructionGiven)
def _instructed(state: State, event: w.InstructionGiven, row: Row) -> None:
    given = state.incidents[event.incident].told
    if event.instruction not in given:
        given.append(event.instruction)
