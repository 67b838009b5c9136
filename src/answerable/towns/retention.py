"""Retention: how long a matter's words are kept, from ``retention.toml``, and what is due when.

The table says, by kind of incident and the end it came to, after how many days the sealed words are
erased, the matter is archived, and it is destroyed. The first rule that fits counts. Days are the
town's own: a matter that ended on a day is due at the beginning of the day so many days later,
whatever the clocks did in between.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

CALL = "call"
"""Stands among the kinds for a call that led to no incident; it ends "ended" or "abandoned"."""
HANDOVER = "hand-over"
"""Stands among the kinds for what one shift told the next; it ends "taken" or "withdrawn"."""
MATTER = "tracked matter"
"""Stands among the kinds for a tracked matter that no incident holds; it ends "signed off"."""
PROBLEM = "problem"
"""Stands among the kinds for a place that kept calling; it ends "ended" or "declined"."""
LONE = {"call": CALL, "handover": HANDOVER, "matter": MATTER, "problem": PROBLEM}
"""What is kept beside the incidents: what it is named by in words, and its kind in the table."""
RULES_MAX = 200
US = 1_000_000

Days = Annotated[int, msgspec.Meta(ge=1, le=36_525)]
"""Whole days of the town, at most a hundred years."""
Why = Annotated[str, msgspec.Meta(min_length=2, max_length=160)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=240)]


class Act(enum.StrEnum):
    """What becomes of a matter, the lightest first."""

    ERASE = "erase"
    ARCHIVE = "archive"
    DESTROY = "destroy"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For these kinds and ends, none named: for all, after so many days.

    A number that is not given means never. ``because`` names the law or the order behind it.
    """

    because: Why
    kinds: tuple[Word, ...] = ()
    ends: tuple[Word, ...] = ()
    erase_days: Days | None = None
    archive_days: Days | None = None
    destroy_days: Days | None = None

    def __post_init__(self) -> None:
        """Refuse days that are not in the order of the acts (ValueError)."""
        given = [days for _, days in self.acts()]
        if given != sorted(given):
            raise ValueError("erase_days, archive_days and destroy_days must not decrease")

    def acts(self) -> list[tuple[Act, int]]:
        """Return what becomes of a matter and after how many days, in order."""
        days = zip(Act, (self.erase_days, self.archive_days, self.destroy_days), strict=True)
        return [(act, after) for act, after in days if after is not None]

    def fits(self, kind: str, end: str) -> bool:
        """Say whether the rule is for this kind and this end."""
        return (not self.kinds or kind in self.kinds) and (not self.ends or end in self.ends)


class RetentionFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``retention.toml`` holds: the rules in the order in which they are tried."""

    source: Annotated[str, msgspec.Meta(min_length=2, max_length=400)]
    rules: Annotated[tuple[Rule, ...], msgspec.Meta(max_length=RULES_MAX)] = msgspec.field(
        name="rule"
    )

    def rule(self, kind: str, end: str) -> Rule | None:
        """Return the first rule that fits, None where none does."""
        return next((rule for rule in self.rules if rule.fits(kind, end)), None)


NOTHING_DUE = RetentionFile(source="no retention.toml", rules=())
"""A town without a table erases nothing by itself."""


class Due(NamedTuple):
    """One thing that is due, since which day of the town, and by what rule."""

    act: Act
    on: date
    days: int
    because: str


def retention(
    table: RetentionFile, zone: ZoneInfo, *, kind: str, end: str, ended_us: int, now_us: int,
    done: Collection[Act] = (),
) -> tuple[Due, ...]:  # fmt: skip
    """Return what is due for a matter of this kind that came to this end, in the order of the acts.

    Instants are UTC microseconds; days are counted in the zone. What is ``done`` is not due again.
    """
    rule = table.rule(kind, end)
    if rule is None:
        return ()
    ended, today = _day(ended_us, zone), _day(now_us, zone)
    dues = (Due(act, ended + timedelta(days), days, rule.because) for act, days in rule.acts())
    return tuple(due for due in dues if due.on <= today and due.act not in done)


def more_after(table: RetentionFile, kind: str, end: str, done: Collection[Act]) -> bool:
    """Say whether the table has something further for such a matter."""
    rule = table.rule(kind, end)
    return rule is not None and any(act not in done for act, _ in rule.acts())


def _day(at_us: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at_us // US, UTC).astimezone(zone).date()
