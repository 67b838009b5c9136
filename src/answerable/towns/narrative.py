"""What a town's desks listen for, and what they ask: ``narrative.toml`` and ``questions.toml``.

Both are data of the town. A *word rule* says which words of a caller mean which kind of incident
and priority, and why; the first rule that fits counts. A *question* is asked of callers about some
kinds; its answers are chosen by a digit, may mean another priority or kind, and may bring an
*instruction* that is read out while help is on its way. Pure data: what is made of it is
``intake/propose.py``.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from answerable.towns.titles import Tag, need_english

RULES_MAX = 400
QUESTIONS_MAX = 400
ANSWERS_MAX = 9
"""Answers of one question: each has a digit key of its own."""

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Heard = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
"""Words as a caller says them, in any language; a ``*`` at the end of one stands for any ending."""
Said = Annotated[
    dict[Tag, Annotated[str, msgspec.Meta(min_length=1, max_length=600)]],
    msgspec.Meta(min_length=1),
]
"""A sentence by language tag."""
HeardWords = Annotated[tuple[Heard, ...], msgspec.Meta(max_length=80)]


class WordRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """These words mean this kind, this priority, or both.

    It fits where one of ``any`` is heard, one of ``with`` too where there are any, and none of
    ``unless``. A rule without a kind is about the priority of its ``kinds``; none named: of all.
    """

    code: Code
    why: Said
    any: Annotated[HeardWords, msgspec.Meta(min_length=1)]
    beside: HeardWords = msgspec.field(default=(), name="with")
    unless: HeardWords = ()
    kind: Annotated[str, msgspec.Meta(max_length=64)] = ""
    priority: Annotated[str, msgspec.Meta(max_length=64)] = ""
    kinds: tuple[Code, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a rule that proposes nothing, or gives no reason in English (ValueError)."""
        need_english(self.why)
        if not self.kind and not self.priority:
            raise ValueError("a rule has a kind, a priority, or both")


class NarrativeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``narrative.toml`` holds: the rules in their order, and the words that deny.

    A word counts for nothing where one of ``negations`` stands before it in the same clause with
    at most ``reach`` words (in Chinese: signs) between. One that is part of one of ``doubts``
    denies nothing: whoever says "I don't know if it's a fire" has not said that there is none.
    """

    rules: Annotated[tuple[WordRule, ...], msgspec.Meta(max_length=RULES_MAX)] = msgspec.field(
        default=(), name="rule"
    )
    negations: HeardWords = ()
    doubts: HeardWords = ()
    reach: Annotated[int, msgspec.Meta(ge=0, le=12)] = 3


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer: its words, and what follows from it: a priority, a kind, an instruction."""

    say: Said
    priority: Annotated[str, msgspec.Meta(max_length=64)] = ""
    kind: Annotated[str, msgspec.Meta(max_length=64)] = ""
    instruct: Annotated[str, msgspec.Meta(max_length=64)] = ""

    def __post_init__(self) -> None:
        """Refuse an answer without English words (ValueError)."""
        need_english(self.say)


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question asked of callers about these kinds, none named: about all."""

    code: Code
    ask: Said
    answers: Annotated[tuple[Answer, ...], msgspec.Meta(min_length=2, max_length=ANSWERS_MAX)]
    kinds: tuple[Code, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a question that cannot be asked in English (ValueError)."""
        need_english(self.ask)


class Instruction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is read out to a caller until help is there."""

    code: Code
    say: Said
    kinds: tuple[Code, ...] = ()
    """Read out for these kinds whatever is answered; none named: only when an answer brings it."""

    def __post_init__(self) -> None:
        """Refuse an instruction that cannot be read out in English (ValueError)."""
        need_english(self.say)


class QuestionsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``questions.toml`` holds, in the order in which it is asked."""

    questions: Annotated[tuple[Question, ...], msgspec.Meta(max_length=QUESTIONS_MAX)] = (
        msgspec.field(default=(), name="question")
    )
    instructions: Annotated[tuple[Instruction, ...], msgspec.Meta(max_length=QUESTIONS_MAX)] = (
        msgspec.field(default=(), name="instruction")
    )

    def asked(self, kind: str) -> tuple[Question, ...]:
        """Return the questions for a kind of incident, in order."""
        return tuple(q for q in self.questions if not q.kinds or kind in q.kinds)

    def question(self, code: str) -> Question | None:
        """Return a question by its code."""
        return next((one for one in self.questions if one.code == code), None)

    def instruction(self, code: str) -> Instruction | None:
        """Return an instruction by its code."""
        return next((one for one in self.instructions if one.code == code), None)

    def always(self, kind: str) -> tuple[Instruction, ...]:
        """Return the instructions that are read out for a kind whatever is answered."""
        return tuple(one for one in self.instructions if kind in one.kinds)


NOTHING_HEARD = NarrativeFile()
"""A town without rules proposes nothing."""
NOTHING_ASKED = QuestionsFile()
"""A town without questions asks none."""
