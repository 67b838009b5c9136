"""The tracked matters of a demonstration: made up, opened beside the recorded calls and worked on.

No public record says what a dispatch centre must not forget, so these are invented: some lie there
when the demonstration begins, opened up to twelve days before, and about one an hour follows from
an incident that was closed. A simulated desk takes three of five in hand and leaves the others to
people. What each does is drawn from its number, so the same demonstration plays the same matters.

The one published rate they are shaped on: 90 % of requests were answered within their term (Cabinet
Office, Freedom of Information Statistics 2015, section 3.7). How often a matter stands still, is
sent back or is opened from what is published by nobody; those rates are this module's own.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from answerable.dispatch.views import Board
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Hub
from answerable.matters import matter_words as w
from answerable.matters.matter_state import DAY_US, FINISHED, OPEN, Matter, Matters
from answerable.towns.model import Town

Ask = Callable[[Command, Actor], Any]
DESK = Actor(name="simulated matters desk", role="dispatcher")
SIGNS = Actor(name="simulated supervisor", role="supervisor")
HOUR_US = 3_600_000_000
EVERY_US = HOUR_US // 6
THOUSAND = 1_000
AT_FIRST = 28
"""Matters that lie there when the demonstration begins."""
OLDEST_US = 12 * DAY_US
IN_TIME, TAKEN, BACK, STILL = 900, 600, 100, 120
"""Of a thousand: done within the term, taken by the simulated desk, sent back, standing still."""
OPENS = 170
"""Of a thousand tenths of an hour those in which one is opened."""
SUBJECTS: dict[str, tuple[str, ...]] = {
    "complaint": ("Answer the complaint about the noise of the siren at night.",
                  "Answer the complaint that the crew left the gate open."),
    "hazard": ("Have the loose cornice over the pavement made safe.",
               "Have the blocked fire exit of the hall cleared."),
    "records": ("Give out the times of the response, without what callers said.",),
    "order": ("Test the pumps of all engines before the hot weather.",
              "Bring the list of hydrants out of service up to date."),
    "follow-up": ("See whether the alarm that rang without cause was repaired.",
                  "Look again whether the street is passable for the ladder."),
    "equipment": ("Replace the hose that burst.", "Have the radio of the second seat repaired."),
}  # fmt: skip
ORIGINS = {"complaint": "complaint", "order": "order"}
PROGRESS = ("The owner was asked in writing.", "Parts are ordered.", "Seen on the spot.")
FROM_INCIDENTS = ("follow-up", "hazard", "equipment")


def drawn(name: str, what: str) -> int:
    """Return a number from 0 to 999 that is always the same for the same name and question."""
    return zlib.crc32(f"{what}:{name}".encode()) % THOUSAND


class TrackedMatters:
    """Opens matters and works on some. Lives beside the feed of the calls."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._next_us = 0

    @property
    def _matters(self) -> Matters:
        matters: Matters = self._hub.state["matters"].tracked
        return matters

    @property
    def _board(self) -> Board:
        board: Board = self._hub.state["board"]
        return board

    def run(self, now_us: int, ask: Ask) -> None:
        """Let matters be opened and worked on, up to a moment (UTC microseconds)."""
        town = self._hub.town
        if now_us < self._next_us or not isinstance(town, Town) or not town.matters.kinds:
            return
        self._next_us = now_us + EVERY_US
        if not self._matters.made:
            self._begin(town, now_us, ask)
        if drawn(str(now_us // EVERY_US), "opens") < OPENS:
            self._follow(now_us, ask)
        for number, matter in list(self._matters.open.items()):
            for command, actor in self._acts(number, matter, now_us):
                ask(command, actor)

    # -- opening -----------------------------------------------------------------------------

    def _begin(self, town: Town, now_us: int, ask: Ask) -> None:
        """Open those that lie there at the beginning, the oldest first."""
        kinds = [one.code for one in town.matters.kinds]
        for nth in range(AT_FIRST):
            age_us = OLDEST_US * (AT_FIRST - nth) // AT_FIRST
            kind = kinds[nth % len(kinds)]
            sort, owner = self._owner(town, kind, nth)
            number = f"{drawn(str(nth), 'reference'):03d}"
            origin = w.Origin(ORIGINS.get(kind, "hand"))
            ask(w.OpenMatter(
                key=f"made-up:matter:{nth}", at=now_us - age_us, kind=kind, origin=origin,
                reference=f"{kind[:1].upper()}-{number}" if kind in ORIGINS else "",
                owner_sort=sort, owner=owner, words=self._subject(kind, nth),
            ), SIGNS)  # fmt: skip
            if drawn(str(nth), "still") < STILL:
                ask(w.SuspendMatter(
                    key=f"made-up:still:{nth}", matter=f"M{nth + 1}", until_us=now_us + 3 * DAY_US,
                    reason="the other side has to answer first",
                ), DESK)  # fmt: skip

    def _follow(self, now_us: int, ask: Ask) -> None:
        """Open one from the incident that was closed last, for a unit that was there."""
        closed = next(reversed(self._board.closed.values()), None) if self._board.closed else None
        units = [unit for unit in closed.jobs if unit in self._known()] if closed else []
        if closed is None or not units:
            return
        kind = FROM_INCIDENTS[drawn(closed.incident, "kind") % len(FROM_INCIDENTS)]
        ask(w.OpenMatter(
            key=f"made-up:matter:{closed.incident}", kind=kind, origin=w.Origin.INCIDENT,
            about=closed.incident, owner_sort=w.OwnerSort.UNIT, owner=units[0],
            words=self._subject(kind, drawn(closed.incident, "subject")),
        ), DESK)  # fmt: skip

    def _known(self) -> frozenset[str]:
        town = self._hub.town
        return frozenset(town.units) if isinstance(town, Town) else frozenset()

    @staticmethod
    def _subject(kind: str, nth: int) -> str:
        subjects = SUBJECTS.get(kind, ("See to it.",))
        return subjects[nth % len(subjects)]

    @staticmethod
    def _owner(town: Town, kind: str, nth: int) -> tuple[w.OwnerSort, str]:
        """Return who a matter is for: a supervisor's, a dispatcher's, or a unit's of the town."""
        if kind in ("complaint", "order", "records"):
            return w.OwnerSort.ROLE, ("supervisor", "dispatcher")[nth % 2]
        units = list(islice(town.units, 0, None, max(1, len(town.units) // 8)))
        return w.OwnerSort.UNIT, units[nth % len(units)]

    # -- working -----------------------------------------------------------------------------

    def _acts(self, number: str, matter: Matter, now_us: int) -> Iterator[tuple[Command, Actor]]:
        """Yield what the simulated desk does with a matter now."""
        key = f"made-up:{number}:{matter.reopened}"
        if drawn(number, "taken") >= TAKEN:
            return
        if matter.state == FINISHED and DESK.name in matter.hands:
            yield from self._signing(number, matter, now_us, key)
        elif matter.state != OPEN or matter.holder not in ("", DESK.name):
            return
        elif not matter.holder and now_us > matter.opened_us + _share(number, "take", DAY_US):
            yield w.TakeMatter(key=f"{key}:take", matter=number), DESK
            words = PROGRESS[drawn(number, "words") % len(PROGRESS)]
            yield w.ProgressMatter(key=f"{key}:words", matter=number, words=words), DESK
        elif matter.holder and now_us > self._done_us(number, matter):
            yield w.FinishMatter(
                key=f"{key}:done:{now_us}", matter=number, result="done",
                words="Seen to; nothing is left to do.",
            ), DESK  # fmt: skip

    @staticmethod
    def _done_us(number: str, matter: Matter) -> int:
        """Return when the simulated desk is done: nine of ten within the term."""
        span_us = matter.term_us - matter.opened_us
        if drawn(number, "in time") < IN_TIME:
            return matter.opened_us + _share(number, "done", span_us)
        return matter.term_us + _share(number, "late", 3 * DAY_US)

    @staticmethod
    def _signing(
        number: str, matter: Matter, now_us: int, key: str
    ) -> Iterator[tuple[Command, Actor]]:
        """Yield the second signature, some hours after it was done, or the reason against it."""
        if now_us < matter.finished_us + _share(number, "sign", 8 * HOUR_US):
            return
        once = f"{key}:{matter.finished_us}"
        if drawn(f"{number}:{matter.finished_us}", "back") < BACK:
            reason = "it is not said what was seen on the spot"
            yield w.SendBackMatter(key=f"{once}:back", matter=number, reason=reason), SIGNS
        else:
            yield w.SignOffMatter(key=f"{once}:sign", matter=number), SIGNS


def _share(number: str, what: str, of_us: int) -> int:
    """Return a part of a length of time that is always the same for a matter."""
    return of_us * drawn(number, what) // THOUSAND
