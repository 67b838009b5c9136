"""What is decided on about tracked matters: the life of one, and how each stands now."""

from __future__ import annotations

import msgspec

from answerable.kernel.event import Command
from answerable.kernel.steps import Steps
from answerable.matters import matter_words as w

NEW, OPEN, SUSPENDED, FINISHED, CLOSED = "new", "open", "suspended", "finished", "closed"
DAY_US = 86_400_000_000

MATTER = Steps(
    "matter",
    first=NEW,
    last=frozenset({CLOSED}),
    table={
        (NEW, w.MatterOpened): OPEN,
        (OPEN, w.MatterTimed): OPEN,
        (OPEN, w.MatterGiven): OPEN,
        (OPEN, w.MatterTaken): OPEN,
        (OPEN, w.MatterLeft): OPEN,
        (OPEN, w.MatterProgressed): OPEN,
        (OPEN, w.MatterReminded): OPEN,
        (OPEN, w.MatterRung): OPEN,
        (OPEN, w.MatterExtended): OPEN,
        (OPEN, w.MatterSuspended): SUSPENDED,
        (OPEN, w.MatterFinished): FINISHED,
        (SUSPENDED, w.MatterGiven): SUSPENDED,
        (SUSPENDED, w.MatterTaken): SUSPENDED,
        (SUSPENDED, w.MatterLeft): SUSPENDED,
        (SUSPENDED, w.MatterProgressed): SUSPENDED,
        (SUSPENDED, w.MatterResumed): OPEN,
        (FINISHED, w.MatterSentBack): OPEN,
        (FINISHED, w.MatterSignedOff): CLOSED,
        (CLOSED, w.MatterReopened): OPEN,
    },
)
"""The life of a matter. What is finished waits for a second person; nothing closes by itself."""


class Pending(msgspec.Struct, frozen=True):
    """A reminder still to come (UTC microseconds)."""

    at_us: int
    way: w.Way
    due: w.Due


class Matter(msgspec.Struct):
    """A matter as it stands. Times are UTC microseconds; 0 and "" stand for none.

    ``hands`` are those who worked on it since it was opened: none of them may sign it off.
    ``ring_us`` is since when its owner waits to be rung; ``reads`` until when whose reading counts.
    """

    sort: str
    origin: w.Origin
    about: str
    reference: str
    owner_sort: w.OwnerSort
    owner: str
    opened_us: int
    position: int
    state: str = OPEN
    norm_us: int = 0
    term_us: int = 0
    holder: str = ""
    held_us: int = 0
    hands: list[str] = []
    suspended_us: int = 0
    until_us: int = 0
    extensions: int = 0
    reopened: int = 0
    result: str = ""
    finished_us: int = 0
    sign_us: int = 0
    closed_us: int = 0
    reminded_us: int = 0
    ring_us: int = 0
    pending: list[Pending] = []
    reads: dict[str, int] = {}

    @property
    def incident(self) -> str:
        """The incident it is about, "" for none."""
        return self.about if self.origin is w.Origin.INCIDENT else ""


class Matters(msgspec.Struct):
    """All matters: those to be carried to their end, those closed within a year, the count.

    ``open`` keeps the order in which they were opened, ``closed`` that in which they were closed.
    ``of_incident`` are the numbers of those that an incident led to.
    """

    open: dict[str, Matter] = {}
    closed: dict[str, Matter] = {}
    of_incident: dict[str, list[str]] = {}
    made: int = 0

    def find(self, number: str) -> Matter | None:
        """Return a matter by its number."""
        return self.open.get(number) or self.closed.get(number)

    def forget_before(self, now_us: int) -> None:
        """Keep nothing of a matter that was closed too long ago to be opened again."""
        while self.closed:
            number, oldest = next(iter(self.closed.items()))
            if oldest.closed_us > now_us - w.REOPEN_DAYS * DAY_US:
                return
            del self.closed[number]
            if (left := self.of_incident.get(oldest.incident)) is not None:
                left.remove(number)
                if not left:
                    del self.of_incident[oldest.incident]


def incident_of(tracked: Matters, command: Command) -> str:
    """Return the incident of a command about a matter, "" for none: its area binds there too."""
    if isinstance(command, w.OpenMatter):
        return command.about if command.origin == w.Origin.INCIDENT else ""
    matter = tracked.find(getattr(command, "matter", "") or "")
    return matter.incident if matter else ""
