"""The words of a call's script: what was asked of the caller, and what was read out.

Questions and instructions are the town's (``questions.toml``) and are named by their codes. What a
caller answers is sealed. An answer given twice is a correction: the later one counts, both stay.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from answerable.kernel.event import Command, Event, Name, Open, Sealed, tagged
from answerable.kernel.refusals import Refusal

Answer = Annotated[str, msgspec.Meta(min_length=1, max_length=600)]


class _Command(Command, tag=tagged("intake"), frozen=True, kw_only=True):
    """A command of this room."""


class AnswerQuestion(_Command, frozen=True, kw_only=True):
    """The caller answered a question of the town's script; the answer's words are sealed."""

    incident: Name
    question: Name
    answer: Answer


class GiveInstruction(_Command, frozen=True, kw_only=True):
    """An instruction of the town's script was read out to the caller."""

    incident: Name
    instruction: Name


COMMANDS: tuple[type[Command], ...] = (AnswerQuestion, GiveInstruction)


class QuestionAnswered(Event, frozen=True, kw_only=True):
    """A question of the script was answered. The answer lies in the vault."""

    said = "Asked “{question}”: {answer}"
    ids = ("incident",)
    incident: Open[Name]
    question: Open[Name]
    answer: Sealed[str]


class InstructionGiven(Event, frozen=True, kw_only=True):
    """An instruction of the script was read out."""

    said = "Read out to the caller: {instruction}"
    ids = ("incident",)
    incident: Open[Name]
    instruction: Open[Name]


EVENTS: tuple[type[Event], ...] = (QuestionAnswered, InstructionGiven)


# -- refusals, in the order in which they are checked ----------------------------------------


class UnknownQuestion(Refusal, frozen=True, kw_only=True):
    """The town's script has no such question."""

    not_done = "Not recorded: an answer to {question}."
    because = "The town's questions do not have it."
    instead = "Load the page again: the questions may have changed. Or write the answer as a note."
    question: Open[str]


class UnknownInstruction(Refusal, frozen=True, kw_only=True):
    """The town's script has no such instruction."""

    not_done = "Not recorded: that {instruction} was read out."
    because = "The town's instructions do not have it."
    instead = "Load the page again: the script may have changed. Or write it as a note."
    instruction: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (UnknownQuestion, UnknownInstruction)
