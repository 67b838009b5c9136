"""What the names in a line can mean, read from the board and the town: never from sealed words.

Each function says what a piece of text names, or that it names nothing, or that several things fit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol

from answerable.console.admin import labels
from answerable.console.bar.grammar import Among
from answerable.console.front import Front
from answerable.console.language import language, languages
from answerable.kernel.authority import Holder
from answerable.towns.model import Kind

DIGITS_MIN = 2
"""As few of the last digits of an incident as name it."""
PREFIX_MIN = 3
MANY = 9


class Titled(Protocol):
    """Something of the town's lists: it has a code, and a name in each language."""

    @property
    def code(self) -> str:
        """Return its code."""
        ...

    @property
    def titles(self) -> Mapping[str, str]:
        """Return its names by language."""
        ...


def folded(text: str) -> str:
    """Return a text as it is compared: in one form of its letters, without case."""
    return unicodedata.normalize("NFKC", text).casefold()


class Several(ValueError):
    """Several things fit; ``names`` are the first of them."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)[:MANY]
        super().__init__(", ".join(self.names))


def unit(front: Front, text: str) -> str:
    """Return the unit of that name, in any case and with or without leading zeros; "" for none."""
    upper = unicodedata.normalize("NFKC", text).upper()
    if text in front.board.units or upper in front.board.units:
        return text if text in front.board.units else upper
    head = upper.rstrip("0123456789")
    tail = upper[len(head) :]
    padded = f"{head}{tail.zfill(2)}"
    return padded if head and tail and padded in front.board.units else ""


def incident(front: Front, text: str, among: Among) -> str:
    """Return the incident of that number, or of those last digits; "" for none.

    A whole number names its own incident, whatever else ends so. Raises Several.
    """
    held = _among(front, among)
    if any(text in names for names in held):
        return text
    if not (text.isascii() and text.isdecimal()) or len(text) < DIGITS_MIN:
        return ""
    for names in held:  # an open one before a closed one
        found = [name for name in names if name.endswith(text)]
        if len(found) > 1:
            raise Several(sorted(found))
        if found:
            return found[0]
    return _laid_aside(front, text) if among in (Among.ANY, Among.CLOSED) else ""


def _among(front: Front, among: Among) -> tuple[dict[str, object], ...]:
    board = front.board
    held: dict[Among, tuple[object, ...]] = {
        Among.OPEN: (board.incidents,),
        Among.CLOSED: (board.closed,),
        Among.BOOKED: (board.booked,),
        Among.ANY: (board.incidents, board.closed, board.booked),
    }
    return held[among]  # type: ignore[return-value]


def _laid_aside(front: Front, text: str) -> str:
    """Return an incident that was laid aside: it is found by its whole number only."""
    with front.at_hand(text):
        return text if front.board.line(text) is not None else ""


def call(front: Front, text: str) -> str:
    """Return the call of that number, or of those last digits among those without an outcome.

    "" for none. Raises Several.
    """
    calls = front.board.calls
    whole = unicodedata.normalize("NFKC", text).upper()
    if whole in calls:
        return whole
    if whole.startswith("C") and whole[1:].isdecimal() and len(whole) > DIGITS_MIN:
        found = [name for name in calls if name.endswith(whole[1:])]
        if len(found) > 1:
            raise Several(sorted(found))
        if found:
            return found[0]
        return whole if whole in front.hub.state["intake"].calls else ""
    return ""


def kind(front: Front, words: list[str]) -> tuple[str, int]:
    """Return the kind that these words begin with, and how many of them name it; ("", 0) for none.

    A whole name first, the longest one; else the beginning of one name only. Raises Several.
    """
    names = [(name, one.code) for one in front.town.file.kinds for name in names_of(one)]
    most = min(len(words), max((name.count(" ") + 1 for name, _code in names), default=0))
    for count in range(most, 0, -1):
        text = folded(" ".join(words[:count]))
        if whole := {code for name, code in names if name == text}:
            return _only(whole), count
    for count in range(most, 0, -1):
        text = folded(" ".join(words[:count]))
        begun = {code for name, code in names if name.startswith(text)}
        if begun and (len(text) >= PREFIX_MIN or not text.isascii()):
            return _only(begun), count
    return "", 0


def _only(codes: set[str]) -> str:
    if len(codes) > 1:
        raise Several(sorted(codes))
    return next(iter(codes))


def names_of(one: Kind) -> set[str]:
    """Return everything a kind is called: its code and its names, as they are compared."""
    return {folded(" ".join(name.split())) for name in (one.code, *one.titles.values())}


def priority(front: Front, text: str) -> str:
    """Return the priority of that code, "" for none."""
    codes = front.town.file.priorities or {one.priority for one in front.town.file.kinds}
    return next((code for code in codes if folded(code) == folded(text)), "")


def station(front: Front, text: str) -> str:
    """Return the station of that name, "" for none."""
    known = front.centre.places.stations
    return next((name for name in known if folded(name) == folded(text)), "")


def hospital(front: Front, words: list[str]) -> tuple[str, int]:
    """Return the hospital these words name, and how many of them do; ("", 0) for none.

    A town that lists no hospitals takes any name. Raises Several.
    """
    listed = front.town.file.hospitals
    if not listed:
        return " ".join(words), len(words)
    for count in range(len(words), 0, -1):
        text = folded(" ".join(words[:count]))
        if found := {name for name in listed if folded(name) == text}:
            return _only(found), count
    for count in range(len(words), 0, -1):
        text = folded(" ".join(words[:count]))
        begun = {name for name in listed if folded(name).startswith(text)}
        if begun and (len(text) >= PREFIX_MIN or not text.isascii()):
            return _only(begun), count
    return "", 0


def outcome(front: Front, words: list[str]) -> tuple[str, int]:
    """Return the outcome of the town's list these words name, and how many do; ("", 0) for none.

    A whole name or code first, the longest one; else the beginning of one name only. Raises
    Several.
    """
    return _titled(front.town.outcomes.outcomes, words)


def matter_kind(front: Front, words: list[str]) -> tuple[str, int]:
    """Return the kind of matter these words name, and how many do, as of outcomes."""
    return _titled(front.town.matters.kinds, words)


def _titled(listed: Iterable[Titled], words: list[str]) -> tuple[str, int]:
    names = [
        (folded(name), one.code) for one in listed for name in (one.code, *one.titles.values())
    ]
    most = min(len(words), max((name.count(" ") + 1 for name, _code in names), default=0))
    for whole in (True, False):
        for count in range(most, 0, -1):
            text = folded(" ".join(words[:count]))
            if not whole and text.isascii() and len(text) < PREFIX_MIN:
                continue
            fits = text.__eq__ if whole else lambda name, text=text: name.startswith(text)
            if found := {code for name, code in names if fits(name)}:
                return _only(found), count
    return "", 0


def agency(front: Front, text: str) -> str:
    """Return the code of another agency of the town's list, "" for none."""
    listed = front.town.file.agencies
    return next((one.code for one in listed if folded(one.code) == folded(text)), "")


def support(front: Front, text: str) -> str:
    """Return the code of a kind of support by its code or its name, "" for none."""
    for one in front.town.supporting.kinds:
        if folded(text) in {folded(name) for name in (one.code, *one.titles.values())}:
            return one.code
    return ""


def matter(front: Front, text: str) -> str:
    """Return the open matter of that number, "" for none."""
    number = unicodedata.normalize("NFKC", text).upper()
    return number if number in front.hub.state["matters"].tracked.open else ""


def problem(front: Front, text: str) -> str:
    """Return the problem of that number, "" for none."""
    number = unicodedata.normalize("NFKC", text).upper()
    return number if number in front.hub.state["matters"].problems else ""


def plan_step(front: Front, text: str) -> str:
    """Return the step of a problem's plan of that number, "" for none."""
    number = unicodedata.normalize("NFKC", text).upper()
    known = front.hub.state["matters"].problems.get(number.partition(".")[0])
    return number if known is not None and number in known.steps else ""


def owner(front: Front, text: str) -> str:
    """Return who a matter may belong to, with its sort (unit:E03), "" for none.

    A unit comes before a station of the same name; a role is named as the table of rights has it,
    or in one word of a language.
    """
    if own := unit(front, text):
        return f"unit:{own}" if own in front.town.units else ""
    if text in front.town.stations:
        return f"station:{text}"
    for role in front.hub.rooms.authority.roles_for(Holder.ACCOUNT):
        said = (role, *(labels.role(language(tag), role) for tag in languages()))
        if folded(text) in map(folded, said):
            return f"role:{role}"
    return ""


def question(front: Front, text: str) -> str:
    """Return the code of a question of the town's script, "" for none."""
    asked = front.town.script.questions
    return next((one.code for one in asked if folded(one.code) == folded(text)), "")


def instruction(front: Front, text: str) -> str:
    """Return the code of an instruction of the town's script, "" for none."""
    read_out = front.town.script.instructions
    return next((one.code for one in read_out if folded(one.code) == folded(text)), "")


def day(text: str) -> str:
    """Return a day of the calendar as it is written in commands, "" for none."""
    try:
        return date.fromisoformat(text).isoformat() if len(text) == len("2020-04-02") else ""
    except ValueError:
        return ""
