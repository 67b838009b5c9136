"""What a line was read as: its verb, what each part names, what is missing or wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from answerable.console.bar.grammar import Part, Sort, Verb
from answerable.console.language import _

LINE_MAX = 4_200
"""The longest line that is read: a note of full length with its verb."""
TOKEN = re.compile(r"\S+")
SLASHES = "/／"
MARKS = ",;:，；：、"

ASK = {
    Sort.UNIT: _("Which unit?"),
    Sort.INCIDENT: _("Which incident? Its last digits are enough."),
    Sort.CALL: _("Which call?"),
    Sort.KIND: _("Which kind?"),
    Sort.PRIORITY: _("Which priority?"),
    Sort.PLACE: _("Where? Write “at”, then the place."),
    Sort.WHEN: _("Until when? 14:30, or +20m."),
    Sort.STATION: _("Which station?"),
    Sort.AGENCY: _("Which agency?"),
    Sort.SUPPORT: _("Which kind of support?"),
    Sort.MATTER: _("Which matter? Its number is M7."),
    Sort.MATTER_KIND: _("Which kind of matter?"),
    Sort.OWNER: _("Whose is it? A unit, a station or a role."),
    Sort.PROBLEM: _("Which problem? Its number is P2."),
    Sort.PLAN_STEP: _("Which step? Its number is P2.1."),
    Sort.DESK: _("Which desk?"),
    Sort.HOSPITAL: _("Which hospital?"),
    Sort.OUTCOME: _("Which outcome?"),
    Sort.NUMBER: _("Which number?"),
    Sort.STEP: _("Which status?"),
    Sort.QUESTION: _("Which question?"),
    Sort.INSTRUCTION: _("Which instruction?"),
    Sort.CHOICE: _("Which one?"),
    Sort.DAY: _("Which day?"),
    Sort.LINE: _("Which line?"),
    Sort.PAGE: _("Which incident or page?"),
    Sort.WORDS: _("Add the words."),
}
"""What is asked where a part is missing."""

NO_SUCH = {
    Sort.CALL: _("There is no such call: {words}. Those that are open are on the page of calls."),
    Sort.QUESTION: _("There is no such question: {words}. Those of the town are offered here."),
    Sort.INSTRUCTION: _("There is no such instruction: {words}. The town's are offered here."),
    Sort.STATION: _("There is no such station: {words}. Those of the town are offered here."),
    Sort.AGENCY: _("There is no such agency: {words}. Those of the town are offered here."),
    Sort.MATTER: _("There is no such matter: {words}. Those that are open are offered here."),
    Sort.PROBLEM: _("There is no such problem: {words}. Those that are open are offered here."),
}
"""What is said where a part must be named next and the word is none of its names."""


class Token(NamedTuple):
    """A word of a line and where it stands."""

    text: str
    start: int
    end: int


class Here(NamedTuple):
    """What is being typed: the parts it may be, its text so far, and where it begins."""

    parts: tuple[Part, ...]
    text: str
    start: int
    verb: bool = False


NOWHERE = Here((), "", 0, verb=True)


@dataclass
class Reading:
    """What a line was read as. ``got`` holds what each field was found to be, in order."""

    line: str
    verb: Verb | None = None
    got: dict[str, list[str]] = field(default_factory=dict)
    wrong: str = ""
    """A marked message about what cannot be read, with ``values`` for its holes."""
    values: dict[str, str] = field(default_factory=dict)
    typing: bool = False
    """What cannot be read is the last word, which is still being written."""
    missing: Part | None = None
    here: Here = NOWHERE
    implied: bool = False
    """A part was taken from what is chosen or under way, not from the line."""
    spot: str = ""
    """The words of a place, still to be looked up."""
    names: list[str] = field(default_factory=list)
    """What was written of the line but free words and places: what a history may keep."""

    def one(self, name: str) -> str:
        """Return what a field was found to be, "" where it was not named."""
        return next(iter(self.got.get(name, ())), "")

    @property
    def kept(self) -> str:
        """Return the line without the words of a person, for the history of the bar."""
        return f"/{' '.join(self.names)} " if self.names else ""

    @property
    def whole(self) -> bool:
        """Say whether nothing is missing and nothing is wrong."""
        return self.verb is not None and not self.wrong and self.missing is None


def tokens_of(line: str) -> list[Token]:
    """Return the words of a line, its slash left out."""
    start = len(line) - len(line.lstrip())
    if line[start : start + 1] and line[start] in SLASHES:
        start += 1
    return [Token(m[0], m.start(), m.end()) for m in TOKEN.finditer(line, start)]
