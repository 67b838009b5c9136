"""Which put rights a page lists: one's own desk's, near due, overdue, to be rung, oversight's.

It reads the room's own state, as it is: a second fold of the same events could come to disagree
with the first (B3). Dates are those of the running clocks, which know what stood still; a centre
that has not adopted the promises has the dates of the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from answerable.console.clocks import state_of
from answerable.console.front import Front
from answerable.console.language import _
from answerable.followup.right_rules import DONE, HEARD, OPEN, OVERSIGHT
from answerable.followup.state import Right
from answerable.kernel.authority import Actor
from answerable.standards.views import RunningClock

HERE = "/put-right"
PAGE_ROWS = 100
MINE, NOBODY, NEAR, OVERDUE, AGAIN, WATCH, ALL = (
    "mine", "nobody", "near", "overdue", "again", "oversight", "open",
)  # fmt: skip
LISTS: tuple[tuple[str, str], ...] = (
    (MINE, _("My desk's")), (NOBODY, _("Nobody's yet")), (NEAR, _("Near due")),
    (OVERDUE, _("Overdue")), (AGAIN, _("To be rung again")), (WATCH, _("With oversight")),
    (ALL, _("All open")),
)  # fmt: skip
NEVER = 1 << 62


@dataclass(frozen=True)
class Due:
    """A date that counts: what for, by when and since when (UTC microseconds).

    ``clock`` is the number of the running clock, "" where no promise was adopted for it; one that
    stands still has no ``due_us`` that counts.
    """

    name: str
    zh: str
    due_us: int
    from_us: int
    clock: str = ""
    still: bool = False

    def state(self, now_us: int) -> str:
        """Return how it stands: calm, near its end, late; none where it stands still."""
        return "none" if self.still else state_of(self.from_us, self.due_us, now_us)


@dataclass(frozen=True)
class Asked:
    """What the address asks for. Nothing in it names a person."""

    which: str = ALL
    owner: str = ""
    page: int = 1

    def href(self, **other: str | int) -> str:
        """Return the address of this page with something else asked for."""
        one = replace(self, **other)  # type: ignore[arg-type]
        told = {"list": one.which}
        told |= {"owner": one.owner} if one.owner else {}
        told |= {"page": str(one.page)} if one.page > 1 else {}
        return f"{HERE}?{urlencode(told)}"


def asked_of(query: dict[str, str], usual: str = ALL) -> Asked:
    """Return what an address asks for; what makes no sense is as if it were not there."""
    page, which = query.get("page", ""), query.get("list", usual)
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
    which = which if which in dict(LISTS) else ALL
    return Asked(which, query.get("owner", "")[:64], max(1, number))


@dataclass(frozen=True)
class Found:
    """What a page lists, the most urgent first, and how many every list has."""

    rows: list[tuple[str, Right, Due | None]]
    counts: dict[str, int]
    owners: dict[str, int]
    pages: int
    page: int


def rights(front: Front) -> dict[str, Right]:
    """Return what is being put right, as the room has it."""
    held: dict[str, Right] = front.hub.state["followup"].rights
    return held


def dates(front: Front, name: str, right: Right) -> list[Due]:
    """Return the dates that count for one, the soonest first; what stands still comes last."""
    found = [_of_clock(one) for one in front.clocks.of(right.incident) if one.about == name]
    found = found or list(_of_record(right))
    return sorted(found, key=lambda one: (one.still, one.due_us))


def _of_clock(one: RunningClock) -> Due:
    still = one.state == "suspended"
    return Due(one.name, one.zh, one.due_us, one.start_us, one.number, still)


def _of_record(right: Right) -> Iterator[Due]:
    """Yield the dates in the record of one for which no promise was adopted."""
    if right.state == OPEN:
        name = "a human speaks with an unhappy caller"
        yield Due(name, "人工联系不满意来电人", right.human_due_us, right.opened_us)
    if right.state in (OPEN, HEARD):
        yield Due("put it right", "完成整改", right.due_us, right.opened_us)


def is_mine(front: Front, actor: Actor, owner: str) -> bool:
    """Say whether an owner is somebody's desk, or their unit and its station."""
    if not actor.unit:
        return owner == actor.role
    spec = front.town.units.get(actor.unit)
    return bool(owner) and owner in (actor.unit, spec.station if spec else "")


def lists_of(
    front: Front, actor: Actor, right: Right, due: Due | None, now_us: int
) -> Iterator[str]:
    """Yield the lists that one stands in."""
    yield ALL
    if is_mine(front, actor, right.owner):
        yield MINE
    if right.state == OVERSIGHT:
        yield WATCH
    elif not right.owner:
        yield NOBODY
    if right.state == DONE:
        yield AGAIN
    if due is not None and (state := due.state(now_us)) in ("near", "late"):
        yield NEAR if state == "near" else OVERDUE


def found(front: Front, actor: Actor, asked: Asked) -> Found:
    """Return what a page lists: one pass over all that is open."""
    now_us = front.now_us()
    counts: Counter[str] = Counter()
    owners: Counter[str] = Counter()
    rows: list[tuple[int, str, Right, Due | None]] = []
    for name, right in rights(front).items():
        owners[right.owner] += 1
        if asked.owner and right.owner != asked.owner:
            continue
        due = next(iter(dates(front, name, right)), None)
        lists = tuple(lists_of(front, actor, right, due, now_us))
        counts.update(lists)
        if asked.which in lists:
            rows.append((due.due_us if due and not due.still else NEVER, name, right, due))
    rows.sort(key=lambda one: (one[0], one[2].opened_us, one[1]))
    pages = max(1, -(-len(rows) // PAGE_ROWS))
    page = min(asked.page, pages)
    first = (page - 1) * PAGE_ROWS
    shown = [(name, right, due) for _due, name, right, due in rows[first : first + PAGE_ROWS]]
    return Found(shown, dict(counts), dict(owners), pages, page)
