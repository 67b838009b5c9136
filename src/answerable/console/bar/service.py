"""The bar of one centre: what is told while a line is written, and what Enter does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from answerable.console import undoing
from answerable.console.bar.grammar import Verb
from answerable.console.bar.memory import Memory
from answerable.console.bar.offers import Desk, Offer, finds, offers, verb_offer
from answerable.console.bar.parse import read
from answerable.console.bar.reading import LINE_MAX, Reading
from answerable.console.bar.spot import Spot, look_up
from answerable.console.bar.telling import HOLES, Preview, named, preview, still_typing
from answerable.console.bar.verbs import offered
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases
from answerable.console.session import Session
from answerable.console.undo import NoWay

NO_SPOT = Spot()
FIND_MAX = 5


@dataclass
class Panel:
    """What is shown of a line: what may come next, and what it would do."""

    reading: Reading
    preview: Preview
    offers: list[Offer] = field(default_factory=list)
    title: str = ""


class Bar:
    """Reads lines for everybody at the pages of a centre."""

    def __init__(self, front: Front, deeds: Memory) -> None:
        """``deeds`` is what was last done at each desk, so that it can be taken back."""
        self.front = front
        self.deeds = deeds
        self._verbs: dict[str, tuple[Verb, ...]] = {}

    def verbs(self, role: str) -> tuple[Verb, ...]:
        """Return the verbs a role is offered."""
        if role not in self._verbs:
            rooms = self.front.hub.rooms
            rights = rooms.authority.roles.get(role)
            given = rights.commands if rights else frozenset()
            self._verbs[role] = offered(rooms.commands, given)
        return self._verbs[role]

    async def read(
        self, session: Session, phrases: Phrases, line: str, chosen: str
    ) -> tuple[Reading, Spot]:
        """Read a line, and look up the place in it."""
        reading = read(self.front, self.verbs(session.actor.role), line, chosen)
        text, tag = reading.spot, phrases.lang.tag
        if reading.verb is not None and reading.verb.lead == "find":
            return reading, await look_up(self.front, reading.one("query"), tag, FIND_MAX)
        return reading, await look_up(self.front, text, tag) if text else NO_SPOT

    async def panel(
        self, session: Session, phrases: Phrases, line: str, caret: int, chosen: str
    ) -> Panel:
        """Return what is shown while a line is written; ``caret`` is where."""
        line = line[:LINE_MAX]
        reading, spot = await self.read(session, phrases, line, chosen)
        told = self.told(session, phrases, reading, spot)
        rights = self.front.hub.rooms.authority.roles.get(session.actor.role)
        pages = rights.pages if rights else frozenset()
        desk = Desk(self.front, phrases, self.verbs(session.actor.role), pages)
        if (listed := self._listed(desk, reading, spot)) is not None:
            return Panel(reading, told, listed)
        tail = line[caret:] if 0 <= caret < len(line) else ""
        if tail.strip():
            reading_here, spot_here = await self.read(session, phrases, line[:caret], chosen)
            found = offers(desk, reading_here, spot_here, chosen, tail)
        else:
            found = offers(desk, reading, spot, chosen)
        if reading.wrong and reading.typing and found:
            told = still_typing(phrases, reading)
        return Panel(reading, told, found)

    def _listed(self, desk: Desk, reading: Reading, spot: Spot) -> list[Offer] | None:
        """Return what help and find list, None for other verbs."""
        if reading.verb is None or reading.here.verb:
            return None
        if reading.verb.lead == "find":
            return finds(desk, reading.one("query"), spot)
        if reading.verb.lead == "help":
            typed = reading.one("query").casefold()
            return [
                offer
                for verb in sorted(desk.verbs, key=lambda verb: verb.name)
                if typed in (offer := verb_offer(desk, verb)).label.casefold()
                or typed in offer.detail.casefold()
                or any(typed in word.casefold() for word in verb.called)
            ]
        return None

    def told(self, session: Session, phrases: Phrases, reading: Reading, spot: Spot) -> Preview:
        """Return what a line would do."""
        verb = reading.verb
        if verb is not None and verb.lead and not reading.wrong:
            return self._leading(session, phrases, reading)
        return preview(self.front, session, phrases, reading, spot)

    def _leading(self, session: Session, phrases: Phrases, reading: Reading) -> Preview:
        """Return what is said of a line that only leads somewhere."""
        lang, verb = phrases.lang, reading.verb
        assert verb is not None, "a line that leads somewhere has a verb"
        if verb.lead == "undo":
            return self._undoing(session, phrases)
        if verb.lead in ("find", "help") or reading.missing is not None or not reading.got:
            return Preview(lang(verb.does))
        values: dict[str, Any] = dict.fromkeys(HOLES, "")
        if incident := reading.one("incident"):
            values["incident"] = named(self.front, phrases, incident)
        chinese = lang.tag.startswith("zh")
        words = (part.word(reading.one(part.field), chinese=chinese)
                 for part in verb.parts if part.choices)  # fmt: skip
        values["choice"] = values["page"] = next((word for word in words if word), "")
        return Preview(lang.say(verb.hint, **values), "ready")

    def _undoing(self, session: Session, phrases: Phrases) -> Preview:
        """Return what would be taken back, or why nothing can be."""
        found = undoing.offer(self.front, self.deeds.last(session), phrases)
        if isinstance(found, NoWay):
            return Preview(" ".join(undoing.parts_of(found, phrases)), "no")
        if not undoing.may_all(self.front, session, found.ways):
            return Preview(phrases.lang(_("Taking that back is not given to this role.")), "no")
        return Preview(found.says, "ready", seen=str(found.of))
