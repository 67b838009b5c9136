"""Events and refusals as sentences, in a person's language and with what that person may see."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable
from typing import Any

from answerable.console.admin import labels
from answerable.console.deeds import thing
from answerable.console.language import Language, _
from answerable.followup.back_words import QUESTIONS
from answerable.kernel.authority import Authority
from answerable.kernel.event import Event, Mark, Row, fill, marks_of, sealed_fields
from answerable.kernel.refusals import Refusal, WrongStep
from answerable.towns.model import Town
from answerable.towns.titles import Title

Unseal = Callable[[int, str], str | None]
NAMED = frozenset(
    {"reason", "outcome", "why", "way", "missed", "clock", "state", "duty", "role", "purpose",
     "act", "because", "sort", "of", "found", "change", "news", "alarm", "left", "about",
     "nobody", "none", "origin", "due", "cause", "decision", "again", "verdict",
     "result", "late"}
)  # fmt: skip
"""Fields whose values have names in the catalogues."""


CODED = frozenset(
    {"kind", "was_kind", "unit_type", "matter_kind", "came_to", "owner", "support_kind", "to"}
)
"""Fields that hold a code of the town's files, or an owner."""
PARTS_OF = {"kinds": "kind", "support_kinds": "support_kind", "helpers": "to"}
"""Fields that hold several such codes, and of what."""
TO_COME = frozenset({"until_us", "back_us", "norm_us", "term_us", "due_us", "end_us"})
"""Instants that lie ahead of the event: without seconds, with the day where it is another."""


ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
CREW, PLAYED = "crew of", "simulated"
"""How the actors are called that the demonstration plays for a unit, and for an agency."""


class Phrases:
    """One town's words in one language."""

    def __init__(
        self,
        town: Town,
        language: Language,
        steps: dict[str, str],
        chinese: Callable[[str], str] = lambda _name: "",
    ) -> None:
        """Keep them; ``steps`` gives the words for an event's class name or a command's tag.

        ``chinese`` gives the Chinese name of a promise, which its standard's file has.
        """
        self.town = town
        self._chinese = chinese
        self.lang = language
        self._steps = steps

    def kind(self, code: str) -> str:
        """Return the name of a kind of incident."""
        kind = self.town.kinds.get(code)
        return kind.title.of(self.lang.tag) if kind else code

    def unit_type(self, code: str) -> str:
        """Return the name of a type of unit."""
        found = self.town.unit_types.get(code)
        return found.title.of(self.lang.tag) if found else code

    def of_matter(self, what: str, code: str) -> str:
        """Return what a kind of matter, its owner, or what it came to is called; else its code."""
        if what == "owner":
            return labels.role(self.lang, code)
        matters = self.town.matters
        found = matters.kind(code) if what == "matter_kind" else matters.result(code)
        return found.title.of(self.lang.tag) if found else code

    def referred(self, sort: str, code: str) -> str:
        """Return what it is that was referred: a kind of incident or matter, or a cause."""
        if sort == "matter":
            return self.of_matter("matter_kind", code)
        of_a_cause = sort == "problem" and bool(code) and code not in self.town.kinds
        return self.lang(code) if of_a_cause else self.kind(code)

    def coded(self, what: str, code: str) -> str:
        """Return the name behind the code that a field holds; the code where it has none."""
        if what in ("kind", "was_kind"):
            return self.kind(code)
        if what in ("support_kind", "to"):
            return self.support(what, code)
        return self.unit_type(code) if what == "unit_type" else self.of_matter(what, code)

    def support(self, what: str, code: str) -> str:
        """Return a kind of support, or an agency that gives it, by its name; else the code."""
        town = self.town.supporting
        found = town.kind(code) if what == "support_kind" else town.agency(code)
        return found.title.of(self.lang.tag) if found else code

    def agency(self, code: str) -> str:
        """Return an agency that incidents are referred to by its name; the code where it is gone.

        Those of the town's own file stand before those of its terms of referral.
        """
        for agencies in (self.town.file.agencies, self.town.referring.agencies):
            for one in agencies:
                if one.code == code:
                    return one.title.of(self.lang.tag)
        return code

    def who(self, actor: str) -> str:
        """Return who did it as people read it: an account's name as it is, the program's by role.

        The demonstration's crews and agencies are told with their unit and their name.
        """
        sort, _space, unit = actor.rpartition(" ")
        if sort == CREW:
            return self.lang.say(_("crew of {unit}"), unit=unit)
        sort, _stroke, code = actor.partition("/")
        if sort == PLAYED and code:
            return self.lang.say(_("simulated: {agency}"), agency=self.agency(code))
        return self.lang(actor)

    def of(self, what: str, which: str) -> str:
        """Return two words that belong together, with the language's own mark between them."""
        return f"{what}{self.lang.colon}{which}"

    def script(self, what: str, code: str) -> str:
        """Return the words of a question or an instruction of the town; its code where it is gone.

        The record names them by code, so that a file that is worded better words the past too.
        """
        script = self.town.script
        question, instruction = script.question(code), script.instruction(code)
        if what == "question":
            return Title(question.ask).of(self.lang.tag) if question else code
        return Title(instruction.say).of(self.lang.tag) if instruction else code

    def outcome(self, text: str) -> str:
        """Return an outcome of a report in this language, where it is one of the town's list."""
        found = (one for one in self.town.outcomes.outcomes if one.title.en == text)
        return next((one.title.of(self.lang.tag) for one in found), self.lang(text))

    def choice(self, code: str) -> str:
        """Return an outcome of the town's list by its code, which stays beside the words."""
        found = self.town.outcomes.outcome(code)
        return f"{found.title.of(self.lang.tag)} ({code})" if found else self.step(code)

    def clock(self, at_us: int) -> str:
        """Return the time on the town's wall: 14:03:09."""
        return self.town.clock(at_us)

    def moment(self, at_us: int, seen_us: int) -> str:
        """Return an instant to come as people say it: 14:30, or with its day where that differs."""
        at = f"{self.town.local(at_us):%H:%M}"
        day = self.day(at_us)
        return at if day == self.day(seen_us) else f"{day} {at}"

    def day(self, at_us: int) -> str:
        """Return the town's day: 2 Apr 2020."""
        return self.lang.day(self.town.local(at_us).date())

    def zone(self, at_us: int) -> str:
        """Return the short name of the town's zone at an instant: PDT."""
        return f"{self.town.local(at_us):%Z}"

    def named(self, name: str, chinese: str) -> str:
        """Return the name of a standard or a promise.

        Its file has the English and the Chinese one; other languages have it in their catalogue.
        """
        if chinese and self.lang.tag.split("-")[0] == "zh":
            return chinese
        return self.lang(name)

    def step(self, name: str) -> str:
        """Return the words for the class name of an event."""
        return self.lang(self._steps.get(name) or name)

    def event(self, event: Event, row: Row, rights: Callable[[Mark], bool], unseal: Unseal) -> str:
        """Return an event as one sentence; a sealed part only for who may see it."""
        cls = type(event)
        marks = marks_of(cls)
        sealed = sealed_fields(cls)
        values: dict[str, Any] = {}
        for name in cls.__struct_fields__:
            value = getattr(event, name)
            if name in sealed and value:
                shown = unseal(row.position, name) if rights(Mark.SEALED) else None
                values[name] = shown if shown is not None else self.lang("(sealed)")
            elif not rights(marks[name]):
                values[name] = ""
            else:
                values[name] = self._shown(name, value)
                if name in TO_COME and value:
                    values[name] = self.moment(value, row.happened_at)
        return fill(self.lang(cls.said), values)

    def _shown(self, name: str, value: Any) -> object:  # noqa: ANN401 - any field
        """Return the value of a field as people read it."""
        if name in CODED:
            return self.coded(name, value)
        if name in ("question", "instruction"):
            return self.script(name, str(value))
        if name == "step":
            return self.step(value)
        if name in READ:
            return READ[name](self, value)
        if name in ("address", "was_address"):
            return place(value)
        if name in ("from_us", "end_us", "next_us"):  # which day, not only which hour
            return f"{self.day(value)} {self.clock(value)}"
        if name.endswith("_us") and isinstance(value, int):
            return self.clock(value)
        if name.endswith("_s") and isinstance(value, (int, float)):
            return round(value)
        if name in QUESTIONS and value == 0:  # not a mark below the worst: none was given
            return "–"
        if isinstance(value, tuple):
            return self.lang.join(self._part(name, part) for part in value)
        if name in NAMED and value:
            return self.outcome(value) if name == "outcome" else self.lang(str(value))
        return value

    def _part(self, name: str, value: Any) -> str:  # noqa: ANN401 - any part of a list
        """Return one of several values of a field."""
        return self.coded(PARTS_OF[name], value) if name in PARTS_OF else self.lang(str(value))

    def refusal(self, refusal: Refusal) -> dict[str, str]:
        """Return the three sentences of a refusal."""
        values = {
            name: self._refused(name, getattr(refusal, name)) for name in refusal.__struct_fields__
        }
        if isinstance(refusal, WrongStep):
            state = self._steps.get(f"{refusal.step} {refusal.state}", refusal.state)
            values["state"] = self.lang(state)
        cls = type(refusal)
        return {
            part: fill(self.lang(getattr(cls, part)), values)
            for part in ("not_done", "because", "instead")
        }

    def _refused(self, name: str, value: Any) -> object:  # noqa: ANN401 - any field
        if name == "possible":
            return self._possible(str(value).split(", "))
        if name in ("step", "command"):
            return self.step(str(value))
        if name in ("roles", "reasons"):
            return self.lang.join(self.lang(part) for part in str(value).split(", "))
        if name == "what":
            return thing(self.lang, str(value))
        if name in ("state", "duty", "role"):
            return self.lang(str(value))
        return self._shown(name, value)

    def _possible(self, names: list[str]) -> str:
        """Return what somebody may do instead; what comes by itself is none of it."""
        done = [self.choice(name) for name in names if self._steps.get(name) != ""]
        return self.lang.join(done) or self.lang("nothing")


def _day(phrases: Phrases, value: str) -> str:
    """Return a day of the record, 2020-04-02, as people write it; anything else as it is."""
    if not ISO_DAY.fullmatch(value):
        return value
    try:
        return phrases.lang.day(datetime.date.fromisoformat(value))
    except ValueError:  # a refusal tells the 34th of a month as it was asked for
        return value


READ: dict[str, Callable[[Phrases, str], str]] = {
    "agency": Phrases.agency, "day": _day,
    "promise": lambda phrases, name: phrases.named(name, phrases._chinese(name)),
}  # fmt: skip
"""Fields that are read in a way of their own."""


def place(address: str) -> str:
    """Return an address as people write it, where a source writes everything in capitals."""
    parts = [_street(part) for part in address.replace(" Block of ", " block of ").split("/")]
    return " & ".join(parts)


def _street(text: str) -> str:
    words = []
    for word in text.split():
        if word.isalpha() and word.isupper() and len(word) > 1:
            word = word.capitalize()
            if word.startswith("Mc") and len(word) > 4:
                word = "Mc" + word[2:].capitalize()
        elif word[:1].isdigit() and word[-2:] in ("ST", "ND", "RD", "TH"):
            word = word.lower()
        words.append(word)
    return " ".join(words)


def may_see(authority: Authority, role: str) -> Callable[[Mark], bool]:
    """Return the question "may this role see a field of this mark?"."""
    return functools.partial(authority.may_see, role)
