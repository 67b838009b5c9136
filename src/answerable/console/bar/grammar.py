"""What the language of the bar is made of: verbs, and the parts a line of each may have.

The table itself is ``verbs.py``. From it come the parser, the completion, the help and the page of
the reference, so none of them can say something that another does not.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass

from answerable.console.language import _


class Sort(enum.StrEnum):
    """What a part of a line is; each sort is recognised in its own way (``parse.py``)."""

    UNIT = "unit"
    INCIDENT = "incident"
    CALL = "call"
    KIND = "kind"
    PRIORITY = "priority"
    PLACE = "place"
    WHEN = "when"
    STATION = "station"
    AGENCY = "agency"
    SUPPORT = "kind of support"
    MATTER = "matter"
    MATTER_KIND = "kind of matter"
    OWNER = "owner"
    PROBLEM = "problem"
    PLAN_STEP = "step of a plan"
    DESK = "desk"
    HOSPITAL = "hospital"
    OUTCOME = "outcome"
    NUMBER = "number"
    STEP = "step"
    QUESTION = "question"
    INSTRUCTION = "instruction"
    CHOICE = "choice"
    DAY = "day"
    LINE = "line"
    PAGE = "page"
    WORDS = "words"


NAMED = {
    Sort.UNIT: _("unit"), Sort.INCIDENT: _("incident"), Sort.CALL: _("call"),
    Sort.KIND: _("kind"), Sort.PRIORITY: _("priority"), Sort.PLACE: _("place"),
    Sort.WHEN: _("time"), Sort.STATION: _("station"), Sort.AGENCY: _("agency"),
    Sort.DESK: _("desk"), Sort.HOSPITAL: _("hospital"), Sort.OUTCOME: _("outcome"),
    Sort.NUMBER: _("number"), Sort.SUPPORT: _("kind of support"),
    Sort.MATTER: _("matter"), Sort.MATTER_KIND: _("kind of matter"), Sort.OWNER: _("owner"),
    Sort.PROBLEM: _("problem"), Sort.PLAN_STEP: _("step of a plan"),
    Sort.STEP: _("status"),
    Sort.QUESTION: _("question"), Sort.INSTRUCTION: _("instruction"), Sort.LINE: _("line"),
    Sort.CHOICE: _("one of a list"), Sort.DAY: _("day"),
    Sort.PAGE: _("page"), Sort.WORDS: _("words"),
}  # fmt: skip
"""The words for a sort, as help and reference say them."""


class Among(enum.StrEnum):
    """Which incidents a line may name."""

    OPEN = "open"
    CLOSED = "closed"
    BOOKED = "booked"
    ANY = "any"


class Default(enum.StrEnum):
    """Where a part comes from that a line leaves out. Nothing else is ever filled in."""

    CHOSEN = "chosen"
    JOB = "job"
    KIND = "kind"
    PRIORITY = "priority"
    USUAL = "usual"
    CALL = "call"


LEFT_OUT = {
    Default.CHOSEN: _("the incident that is chosen on the page"),
    Default.JOB: _("the incident the unit is on, else the one that is chosen"),
    Default.KIND: _("the kind the incident has"),
    Default.PRIORITY: _("the priority the incident has"),
    Default.USUAL: _("the usual priority of the kind"),
    Default.CALL: _("the call that rings, where only one does"),
}
"""What stands for a part that is left out, as help and reference say it."""


@dataclass(frozen=True, eq=False)
class Part:
    """One part of a line: what it is, the field it fills, and the words that may lead it in.

    ``led``: it is only taken after one of its leads. ``many``: several may follow each other, and
    each is a command of its own. ``verbatim``: of words, that digits at their beginning are words.
    """

    sort: Sort
    field: str
    lead: tuple[str, ...] = ()
    led: bool = False
    need: bool = True
    many: bool = False
    among: Among = Among.OPEN
    default: Default | None = None
    choices: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """The values of a choice, each with the words that mean it."""
    verbatim: bool = False
    sealed: bool = False
    """Words of a person: they are kept nowhere but in the record, not in the history of the bar."""
    title: str = ""
    """What the part is called where the name of its sort does not say it."""

    @property
    def name(self) -> str:
        """Return what the part is called, a marked message."""
        return self.title or NAMED[self.sort]

    def word(self, value: str, *, chinese: bool) -> str:
        """Return the word that means one of its choices, in Chinese or in English."""
        said = self.choices.get(value, (value,))
        return next((word for word in said if word.isascii() is not chinese), said[0])


@dataclass(frozen=True, eq=False)
class Verb:
    """A word of the bar: the command it asks for, the parts it takes, and what is said of it.

    ``command`` is the tag of a command, "" where the line only leads somewhere (``lead``).
    ``hint`` says what would happen, with holes for the parts; ``does`` says it in general.
    """

    name: str
    zh: tuple[str, ...]
    does: str
    hint: str
    example: str
    example_zh: str
    command: str = ""
    parts: tuple[Part, ...] = ()
    short: tuple[str, ...] = ()
    fixed: Mapping[str, str] = dataclasses.field(default_factory=dict)
    also: tuple[str, ...] = ()
    """Further commands that the line may ask for, chosen by the state of things."""
    lead: str = ""
    reasons: tuple[str, ...] = ()
    """Words that are often given; offered, never filled in."""
    derived: bool = False
    """What the line does follows from the state of things, so it must be seen before Enter."""

    @property
    def words(self) -> Part | None:
        """Return the part that takes the rest of the line, if there is one."""
        return next((p for p in self.parts if p.sort is Sort.WORDS and not p.led), None)

    @property
    def commands(self) -> tuple[str, ...]:
        """Return the tags of every command a line of this verb may become."""
        return tuple(tag for tag in (self.command, *self.also) if tag)

    @property
    def called(self) -> tuple[str, ...]:
        """Return every word that means this verb, its own name first."""
        return (self.name, *self.short, *self.zh)
