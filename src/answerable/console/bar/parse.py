"""Reading a line: which verb, and what each word of it names. Nothing is guessed.

The parts of a verb may come in any order, except that free words end the line. A unit's name is a
unit. Digits are the end of an incident's number only where they cannot be anything else: in a line
that ends in words an incident is written with its sign, #603, or in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from answerable.console.bar import lists, times
from answerable.console.bar.grammar import Among, Default, Part, Sort, Verb
from answerable.console.bar.lists import Several, folded
from answerable.console.bar.reading import (
    LINE_MAX,
    MARKS,
    NO_SUCH,
    Here,
    Reading,
    Token,
    tokens_of,
)  # fmt: skip
from answerable.console.bar.verbs import BY_WORD
from answerable.console.front import Front
from answerable.console.language import _

LIKE_A_UNIT = re.compile(r"[A-Za-z]{1,4}\d{1,3}", re.ASCII)
SIGNS = "#＃"
QUOTES = {'"': '"', "“": "”", "「": "」", "'": "'"}
NUMBER_DIGITS_MAX = 6
PHRASES = {Sort.KIND: lists.kind, Sort.HOSPITAL: lists.hospital, Sort.OUTCOME: lists.outcome,
           Sort.MATTER_KIND: lists.matter_kind}  # fmt: skip
"""How the sorts are found whose names may be of several words."""


class Wrong(Exception):
    """A word cannot be read; ``said`` is a marked message."""

    def __init__(self, said: str, at: int, **values: str) -> None:
        self.said, self.at, self.values = said, at, values
        super().__init__(said)


def read(front: Front, verbs: Sequence[Verb], line: str, chosen: str) -> Reading:
    """Read a line for somebody who is offered ``verbs``; ``chosen`` is the page's incident."""
    line = line[:LINE_MAX].replace("\0", " ")
    words = tokens_of(line)
    verb, words = verb_of(verbs, words)
    if verb is None:
        return _no_verb(line, words)
    if verb.name == "status" and (longer := _of_status(front, verbs, line, words)):
        verb, words = longer
    parser = Parser(front, verb, line, words, chosen)
    return parser.run()


def verb_of(verbs: Sequence[Verb], words: list[Token]) -> tuple[Verb | None, list[Token]]:
    """Return the verb of a line and the words after it.

    A Chinese verb may stand before a name without a space between them: 派E03.
    """
    if not words:
        return None, []
    first = words[0]
    verb = BY_WORD.get(folded(first.text))
    if verb is not None:
        return (verb, words[1:]) if verb in verbs else (None, words)
    glued = [
        (name, one) for one in verbs for name in one.zh
        if first.text.startswith(name) and first.text[len(name)].isascii()
    ]  # fmt: skip
    if not glued:
        return None, words
    name, verb = max(glued, key=lambda pair: len(pair[0]))
    cut = first.start + len(name)
    return verb, [Token(first.text[len(name) :], cut, first.end), *words[1:]]


def _no_verb(line: str, words: list[Token]) -> Reading:
    text, start = (words[0].text, words[0].start) if words else ("", len(line))
    wrong = _("No such command. /help lists them.") if text else ""
    typing = len(words) == 1 and not line[-1:].isspace()
    return Reading(line, wrong=wrong, typing=typing, here=Here((), text, start, verb=True))


def _of_status(
    front: Front, verbs: Sequence[Verb], line: str, words: list[Token]
) -> tuple[Verb, list[Token]] | None:
    """Return the verb that a status means, and the words without the status."""
    choices = BY_WORD["status"].parts[1].choices
    for at, word in enumerate(words[:3]):
        for name, said in choices.items():
            verb = BY_WORD[name]
            if folded(word.text) in said and verb in verbs and not lists.unit(front, word.text):
                return verb, words[:at] + words[at + 1 :]
    return None


class Parser:
    """Takes the words of a line one after the other, each for the first part it fits."""

    def __init__(
        self, front: Front, verb: Verb, line: str, words: list[Token], chosen: str
    ) -> None:
        self.front, self.verb, self.line, self.words = front, verb, line, words
        self.chosen = chosen
        self.left: list[Part] = list(verb.parts)
        self.reading = Reading(line, verb, names=[tokens_of(line)[0].text])
        self._here = Here((), "", len(line), verb=not words and not line[-1:].isspace())
        self._led = False

    def run(self) -> Reading:
        """Read everything; what is wrong is said in the reading, never raised."""
        reading, at = self.reading, 0
        try:
            while at < len(self.words):
                self._mark(at, tuple(self.left))
                at = self._take(at)
            if not self._led and (self.line[-1:].isspace() or not self.words):
                start = len(self.line)
                self._here = Here(tuple(self.left), "", start, verb=self._here.verb)
            self._defaults()
        except Wrong as wrong:
            reading.wrong, reading.values = wrong.said, wrong.values
            reading.typing = wrong.at == len(self.words) - 1 and not self.line[-1:].isspace()
        if self._here.verb and self.verb is not None:
            bare = self.line.strip().lstrip("/／")
            self._here = Here((), bare, len(self.line) - len(bare), verb=True)
        reading.here = self._here
        return reading

    def _mark(self, at: int, parts: tuple[Part, ...]) -> None:
        start = self.words[at].start
        self._here = Here(parts, self.line[start:], start)

    # -- one word ----------------------------------------------------------------------------

    def _take(self, at: int) -> int:
        """Take the word at a place, and what belongs to it; return where the next one begins."""
        word = folded(self.words[at].text)
        led = next((part for part in self.left if word in part.lead), None)
        if led is not None and (after := self._take_led(led, at)):
            return after
        for part in self.left:
            if not part.led and part.sort is not Sort.WORDS and (count := self._fits(part, at)):
                return self._named_up_to(at, at + count)
        return self._take_words(at)

    def _take_led(self, part: Part, at: int) -> int:
        """Take what follows a word that leads a part in; 0 where it led nothing in after all."""
        if at + 1 == len(self.words):
            if not part.led and not self._needed(part) and self._open_words():
                return 0
            self._here, self._led = Here((part,), "", len(self.line)), True
            return at + 1
        if part.sort is Sort.WORDS:
            self._mark(at + 1, (part,))
            return self._rest(part, at + 1)
        if part.sort is Sort.PLACE:
            self._mark(at + 1, (part,))
            return self._place(part, at + 1)
        count = self._fits(part, at + 1)
        if count:
            self._mark(at + 1, (part,))
            return self._named_up_to(at, at + 1 + count)
        if part.led or not self._open_words():
            self._mark(at + 1, (part,))
            raise self._neither(at + 1)
        return 0

    def _named_up_to(self, at: int, end: int) -> int:
        self.reading.names += [word.text for word in self.words[at:end]]
        return end

    def _open_words(self) -> Part | None:
        return next((p for p in self.left if p.sort is Sort.WORDS and not p.led), None)

    def _got(self, part: Part, value: str) -> None:
        """Keep what a part names; one that may be many stays open."""
        values = self.reading.got.setdefault(part.field, [])
        if value not in values:
            values.append(value)
        if not part.many and part in self.left:
            self.left.remove(part)

    def _neither(self, at: int) -> Wrong:
        text = self.words[at].text[:40]
        if said := self._no_such():
            return Wrong(said, at, words=text.rstrip(MARKS))
        if any(p.sort is Sort.INCIDENT for p in self.verb.parts):
            return Wrong(_("{words} is neither a unit nor an incident."), at, words=text)
        return Wrong(_("{words} cannot be read here."), at, words=text)

    def _no_such(self) -> str:
        """Return what is said where only one thing of a list could stand here; "" elsewhere."""
        lacks = [p for p in self.left if p.field not in self.reading.got and not p.led]
        needed = [p for p in lacks if self._needed(p) and p.sort is not Sort.WORDS]
        only = needed[0] if needed else next((p for p in lacks if p.sort in NO_SUCH), None)
        return NO_SUCH.get(only.sort, "") if only else ""

    # -- free words --------------------------------------------------------------------------

    def _take_words(self, at: int) -> int:
        """Take the rest of the line as words, where words may begin."""
        part = self._open_words()
        if part is None or self._lacking():
            raise self._neither(at)
        self._refuse_slip(part, at)
        return self._rest(part, at)

    def _lacking(self) -> bool:
        """Say whether a part that must be named before the words is not named yet."""
        return any(
            self._needed(part) and part.sort is not Sort.WORDS and not part.led
            and part.field not in self.reading.got
            for part in self.left
        )  # fmt: skip

    def _needed(self, part: Part) -> bool:
        """Say whether a part must be written: nothing stands for it where it is left out."""
        return part.need and part.default is None

    def _refuse_slip(self, part: Part, at: int) -> None:
        """Stop at a word that looks like the name of something but is none: it may be a slip."""
        text = self.words[at].text
        sorts = {p.sort for p in self.left if p.field not in self.reading.got}
        if Sort.UNIT in sorts and LIKE_A_UNIT.fullmatch(text.strip(MARKS)):
            raise Wrong(_("There is no unit {words}."), at, words=text)
        digits = text.rstrip(MARKS)
        bare = digits.isascii() and digits.isdecimal() and len(digits) >= lists.DIGITS_MIN
        if part.verbatim or not bare or Sort.INCIDENT not in sorts:
            return
        try:
            known = any(
                lists.incident(self.front, digits, p.among)
                for p in self.left if p.sort is Sort.INCIDENT
            )  # fmt: skip
        except Several:
            known = True
        if known:
            said = _("Is {words} an incident? Then write #{words}; in quotes it is a word.")
            raise Wrong(said, at, words=digits)
        raise self._neither(at)

    def _rest(self, part: Part, at: int) -> int:
        """Take everything up to the end as it is written; quotes around all of it are left out."""
        text = self.line[self.words[at].start :].rstrip()
        close = QUOTES.get(text[:1])
        if close and len(text) > 1 and text.endswith(close):
            text = text[1:-1].strip()
        if text:
            self._got(part, text)
        return len(self.words)

    def _place(self, part: Part, at: int) -> int:
        """Take a place: everything up to a word that leads the next part in."""
        ends = {lead for p in self.left if p is not part and p.led for lead in p.lead}
        end = at
        while end < len(self.words) and folded(self.words[end].text) not in ends:
            end += 1
        if end == at:
            raise self._neither(at)
        text = self.line[self.words[at].start : self.words[end - 1].end]
        self.reading.spot = text
        self._got(part, text)
        return end

    # -- names -------------------------------------------------------------------------------

    def _fits(self, part: Part, at: int) -> int:
        """Say of how many words from a place on a part is the name, and keep it; 0 for none."""
        text = self.words[at].text
        try:
            if part.sort in PHRASES:
                return self._phrase(part, at)
            if part.sort is Sort.UNIT:
                return self._units(part, text)
            value = self._named(part, text, at)
        except Several as several:
            names = ", ".join(several.names)
            raise Wrong(
                _("Several fit {words}: {names}. Write more of it."), at, words=text[:40],
                names=names,
            ) from several  # fmt: skip
        if not value:
            return 0
        self._got(part, value)
        return 1

    def _phrase(self, part: Part, at: int) -> int:
        value, count = PHRASES[part.sort](self.front, [word.text for word in self.words[at:]])
        if value:
            self._got(part, value)
        return count

    def _units(self, part: Part, text: str) -> int:
        """Take a unit, or several with commas between them where several may be named."""
        for value, said in part.choices.items():
            if folded(text) in said:
                self._got(part, value)
                return 1
        names = [name for name in re.split(r"[,，、;；]", text) if name]
        units = [lists.unit(self.front, name) for name in names]
        if not units or not all(units) or (len(units) > 1 and not part.many):
            return 0
        for unit in units:
            self._got(part, unit)
        return 1

    def _named(self, part: Part, text: str, at: int) -> str:
        """Return what a single word names for a part, "" for nothing. Raises Several, Wrong."""
        front, bare = self.front, text.rstrip(MARKS)
        if part.sort is Sort.INCIDENT:
            return self._incident(part, bare, at)
        if part.sort is Sort.WHEN:
            try:
                due_us = times.instant(bare, front.town, front.now_us())
            except times.NoSuchTime as error:
                said = _("The town's clock shows {words} twice or never that day. Write +90m.")
                raise Wrong(said, at, words=bare) from error
            return "" if due_us is None else str(due_us)
        if part.sort is Sort.NUMBER:
            whole = bare.isascii() and bare.isdecimal() and len(bare) <= NUMBER_DIGITS_MAX
            return str(int(bare)) if whole else ""
        if part.sort in (Sort.CHOICE, Sort.STEP, Sort.PAGE):
            choices = part.choices.items()
            said_by = {folded(word): value for value, said in choices for word in said}
            return said_by.get(folded(bare), "")
        if part.sort is Sort.DESK:
            return f"Desk {bare}" if bare.isdecimal() else bare
        if part.sort is Sort.DAY:
            return lists.day(bare)
        if part.sort is Sort.LINE:
            return bare
        found = {
            Sort.CALL: lists.call, Sort.PRIORITY: lists.priority, Sort.STATION: lists.station,
            Sort.AGENCY: lists.agency, Sort.QUESTION: lists.question,
            Sort.INSTRUCTION: lists.instruction, Sort.SUPPORT: lists.support,
            Sort.MATTER: lists.matter, Sort.OWNER: lists.owner, Sort.PROBLEM: lists.problem,
            Sort.PLAN_STEP: lists.plan_step,
        }.get(part.sort)  # fmt: skip
        return found(front, bare) if found else ""

    def _incident(self, part: Part, text: str, at: int) -> str:
        """Return the incident that a word names: with its sign, in full, or by its last digits."""
        if text[:1] and text[0] in SIGNS:
            found = lists.incident(self.front, text[1:], part.among)
            if not found and len(text) > 1:
                self._refuse_over(part, text[1:], at)
                raise Wrong(_("There is no such incident: {words}."), at, words=text[1:][:40])
            return found
        words = self._open_words()
        if (words and words.verbatim) or lists.unit(self.front, text):
            return ""
        found = lists.incident(self.front, text, part.among)
        if not found:
            self._refuse_over(part, text, at)
        return found if not words or found == text else ""

    def _refuse_over(self, part: Part, text: str, at: int) -> None:
        """Stop at the whole number of an incident that is over where an open one is wanted."""
        line = self.front.board.closed.get(text)
        if line is None or part.among is not Among.OPEN:
            return
        if line.into:
            said = _("Incident {words} is the same as {into}, which goes on for both.")
            raise Wrong(said, at, words=text, into=line.into)
        raise Wrong(_("Incident {words} is closed. Reopen it first."), at, words=text)

    # -- what is left out --------------------------------------------------------------------

    def _defaults(self) -> None:
        """Fill in what may be left out, and say what is missing."""
        for part in self.left:
            if part.field in self.reading.got:
                continue
            if part.default is not None and (value := self._default(part)):
                self.reading.got[part.field] = [value]
                self.reading.implied |= part.sort is Sort.INCIDENT
            elif part.need and self.reading.missing is None:
                self.reading.missing = part

    def _default(self, part: Part) -> str:
        one, board = self.reading.one, self.front.board
        if part.default is Default.USUAL:
            kind = self.front.town.kinds.get(one("kind"))
            return kind.priority if kind else ""
        if part.default in (Default.KIND, Default.PRIORITY):
            line = board.line(one("incident"))
            known = {Default.KIND: line.kind, Default.PRIORITY: line.priority} if line else {}
            return known.get(part.default, "")
        if part.default is Default.CALL:
            ringing = [call.call for call in board.calls.values() if call.state == "ringing"]
            return ringing[0] if len(ringing) == 1 else ""
        unit = board.units.get(one("unit")) if part.default is Default.JOB else None
        if unit is not None and unit.incident:
            return unit.incident
        return self.chosen if self._standing(self.chosen, part.among) else ""

    def _standing(self, incident: str, among: Among) -> bool:
        """Say whether an incident is there to be worked on."""
        if not incident:
            return False
        if among is Among.BOOKED:
            return incident in self.front.board.booked
        with self.front.at_hand(incident):
            return self.front.board.line(incident) is not None


def in_order(verbs: Iterable[Verb]) -> list[Verb]:
    """Return verbs in the order of their names."""
    return sorted(verbs, key=lambda verb: verb.name)
