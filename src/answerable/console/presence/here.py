"""Presence: which desk is on what, at this moment and no longer.

A desk is *here* while a page of it is open (its stream says so, and ends with it), and for seconds
after it says that somebody types or takes a call. Nothing of this is recorded, logged or counted,
no person's name comes into it, and what is over is forgotten: there is no way to ask where a desk
has been.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

OPEN, TYPING, CALL = "open", "typing", "call"
DOINGS = (CALL, TYPING, OPEN)
"""What a desk can be doing, the most telling first."""
LASTS_S = 8.0
"""How long typing and taking a call hold unless they are said again; pages say so every 3 s."""
SAID_MAX = 2_000
"""What desks have said and still holds; more is not taken in."""
SHOWN_MAX = 6
"""Desks shown on one thing; that there are more is of no use to anybody."""

Desks = tuple[tuple[str, str], ...]
"""Desks with what each is doing."""


def about(incident: str = "", call: str = "") -> str:
    """Return the name of an incident or a call as presence and the pages know it."""
    return f"incident:{incident}" if incident else f"call:{call}"


class Presence:
    """What is open where. One per process, on the event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` tells seconds, never going back."""
        self._clock = clock
        self._open: dict[str, Counter[str]] = {}
        self._said: dict[str, dict[tuple[str, str], float]] = {}
        self._told: dict[str, Desks] = {}
        self._touched: set[str] = set()
        self.on_change: Callable[[], None] = lambda: None
        """Called whenever something may have to be told."""

    # -- coming and going --------------------------------------------------------------------

    def opened(self, desk: str, subject: str) -> None:
        """Take up that a page about something was opened at a desk."""
        if desk:
            self._open.setdefault(subject, Counter())[desk] += 1
            self._touch(subject)

    def closed(self, desk: str, subject: str) -> None:
        """Take up that such a page was left."""
        pages = self._open.get(subject)
        if pages is None or not pages[desk]:
            return
        pages[desk] -= 1
        if not pages[desk]:
            del pages[desk]
            self._unsay(subject, desk)
        if not pages:
            del self._open[subject]
        self._touch(subject)

    def here(self, desk: str, incident: str, what: str = OPEN) -> None:
        """Say for a few seconds that a desk is on something: an incident, or ``call:NUMBER``."""
        subject = incident if ":" in incident else about(incident)
        if desk and what in DOINGS and sum(map(len, self._said.values())) < SAID_MAX:
            self._said.setdefault(subject, {})[desk, what] = self._clock() + LASTS_S
            self._touch(subject)

    def gone(self, desk: str, incident: str) -> None:
        """Take back what a desk said of something; a page that is still open stays so."""
        subject = incident if ":" in incident else about(incident)
        self._unsay(subject, desk)
        self._touch(subject)

    def _unsay(self, subject: str, desk: str) -> None:
        said = self._said.get(subject, {})
        for key in [key for key in said if key[0] == desk]:
            del said[key]
        if subject in self._said and not said:
            del self._said[subject]

    def sweep(self) -> float:
        """Forget what has run out; return in how many seconds the next does, 0 for never."""
        now_s = self._clock()
        over = [
            (subject, key)
            for subject, said in self._said.items()
            for key, until_s in said.items()
            if until_s <= now_s
        ]
        for subject, key in over:
            del self._said[subject][key]
            if not self._said[subject]:
                del self._said[subject]
            self._touched.add(subject)
        ends = [until_s for said in self._said.values() for until_s in said.values()]
        return max(0.01, min(ends) - now_s) if ends else 0.0

    def _touch(self, subject: str) -> None:
        self._touched.add(subject)
        self.on_change()

    # -- what is to be shown -----------------------------------------------------------------

    def on(self, subject: str) -> Desks:
        """Return the desks that are on something, each with the most telling thing it does."""
        now_s = self._clock()
        found = dict.fromkeys(self._open.get(subject, ()), OPEN)
        for (desk, doing), until_s in self._said.get(subject, {}).items():
            before = found.get(desk, OPEN)
            if until_s > now_s:
                found[desk] = min(before, doing, key=DOINGS.index)
        shown = sorted(found.items(), key=lambda one: (DOINGS.index(one[1]), one[0]))
        return tuple(shown[:SHOWN_MAX])

    def whole(self) -> dict[str, Desks]:
        """Return everything that is open now."""
        subjects = sorted({*self._open, *self._said})
        return {subject: desks for subject in subjects if (desks := self.on(subject))}

    def changes(self) -> dict[str, Desks]:
        """Return what differs from what was told last, and count it as told; () where nobody is."""
        changed: dict[str, Desks] = {}
        for subject in sorted(self._touched):
            desks = self.on(subject)
            if desks == self._told.get(subject, ()):
                continue
            changed[subject] = desks
            if desks:
                self._told[subject] = desks
            else:
                del self._told[subject]
        self._touched.clear()
        return changed
