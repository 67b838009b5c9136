"""What a ringing clock can set off by itself, by the words that a standard's file uses for it.

Any other words are taken too: they stand on the thread and beside the clock, for people to act on.
Which of them nothing acts on is said when the standard is adopted, so that nobody relies on a word
that was only misspelt.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from answerable.standards.words import Clock


class Act(enum.StrEnum):
    """The words that something acts on."""

    REMIND = "remind unit"
    PROPOSE = "propose next"
    TELL = "escalate supervisor"


def only_shown(clocks: Iterable[Clock]) -> tuple[str, ...]:
    """Return the consequences of some clocks on which nothing acts, in their order, each once."""
    acting = frozenset(map(str, Act))
    words = (ring.do for clock in clocks for ring in clock.rings)
    return tuple(dict.fromkeys(word for word in words if word not in acting))
