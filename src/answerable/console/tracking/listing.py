"""Which matters a page lists: mine, my unit's, near due, overdue; by kind, owner and origin.

It reads the room's own state, as it is: a second fold of the same events could come to disagree
with the first (B3). One pass over all open matters finds the counts of every list; only what is
shown is put into words.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.sanity import Refused
from answerable.kernel.authority import Actor
from answerable.matters import matter_words as w
from answerable.matters.matter_state import DAY_US, FINISHED, OPEN, SUSPENDED, Matter, Matters

HERE = "/matters"
NEAR_US = 3 * DAY_US
"""A matter is near due in the last three days before its norm, or once only the term is left."""
PAGE_ROWS = 100
MINE, OURS, NEAR, OVERDUE, SIGN, RING, ALL, CLOSED = (
    "mine", "unit", "near", "overdue", "sign", "ring", "open", "closed",
)  # fmt: skip
LISTS: tuple[tuple[str, str], ...] = (
    (MINE, _("In my hand")), (OURS, _("My unit's")), (NEAR, _("Near due")),
    (OVERDUE, _("Overdue")), (SIGN, _("To be signed off")), (RING, _("Owner to be rung")),
    (ALL, _("All open")), (CLOSED, _("Closed")),
)  # fmt: skip
ORIGINS: tuple[tuple[str, str], ...] = (
    ("incident", _("an incident")), ("problem", _("a problem")), ("complaint", _("a complaint")),
    ("order", _("an order")), ("hand", _("by hand")),
)  # fmt: skip
NEVER = 1 << 62


@dataclass(frozen=True)
class Asked:
    """What the address asks for. Nothing in it names a person."""

    which: str = ALL
    kind: str = ""
    owner: str = ""
    origin: str = ""
    page: int = 1

    def href(self, **other: str | int) -> str:
        """Return the address of this page with something else asked for."""
        one = replace(self, **other)  # type: ignore[arg-type]
        parts = {"list": one.which, "kind": one.kind, "owner": one.owner, "origin": one.origin}
        told = {name: value for name, value in parts.items() if value and value != ALL}
        if one.page > 1:
            told["page"] = str(one.page)
        return f"{HERE}?{urlencode(told)}" if told else HERE


def asked_of(query: dict[str, str], usual: str = ALL) -> Asked:
    """Return what an address asks for; what makes no sense is as if it were not there."""
    page = query.get("page", "")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
    which, origin = query.get("list", usual), query.get("origin", "")
    return Asked(
        which if which in dict(LISTS) else ALL, query.get("kind", "")[:64],
        query.get("owner", "")[:80], origin if origin in dict(ORIGINS) else "", max(1, number),
    )  # fmt: skip


@dataclass(frozen=True)
class Found:
    """The matters of a page, the most urgent first, and how many every list has."""

    rows: list[tuple[str, Matter]]
    counts: dict[str, int]
    owners: dict[str, int]
    pages: int
    page: int


def tracked(front: Front) -> Matters:
    """Return the matters as the room has them."""
    matters: Matters = front.hub.state["matters"].tracked
    return matters


def owner_key(matter: Matter) -> str:
    """Return what an owner is called in an address: ``unit:E12``."""
    return f"{matter.owner_sort.value}:{matter.owner}"


def due_of(matter: Matter, now_us: int) -> int:
    """Return the date that counts next: the norm, the term once that passed, the signature."""
    if matter.state == OPEN:
        return matter.norm_us if now_us <= matter.norm_us else matter.term_us
    if matter.state == FINISHED:
        return matter.sign_us
    return NEVER if matter.state == SUSPENDED else matter.closed_us


def is_ours(front: Front, actor: Actor) -> Callable[[Matter], bool]:
    """Return whether a matter belongs to somebody's unit, its station, or their role."""
    if not actor.unit:
        return lambda m: m.owner_sort is w.OwnerSort.ROLE and m.owner == actor.role
    spec = front.town.units.get(actor.unit)
    keys = {f"unit:{actor.unit}", f"station:{spec.station if spec else ''}"} - {"station:"}
    return lambda m: owner_key(m) in keys


def may_look(front: Front, actor: Actor) -> Callable[[Matter], bool]:
    """Return whether somebody may look at a matter: a crew at its unit's and its station's."""
    bound = front.hub.rooms.authority.bound_to_unit(actor.role)
    return is_ours(front, actor) if bound else lambda _matter: True


def look_at(front: Front, actor: Actor, number: str) -> Matter:
    """Return a matter somebody may look at. Raises Refused (404, 403)."""
    found = tracked(front).find(number)
    if found is None:
        raise Refused(
            404, "console.NoMatter", "Not shown.", "There is no matter {matter}.",
            "Look it up in the list; one closed more than a year ago is in the record only.",
            matter=number[:24],
        )  # fmt: skip
    if not may_look(front, actor)(found):
        raise Refused(
            403, "console.NotYourMatter", "Not shown: matter {matter}.",
            "It belongs to another unit.", "Ask a dispatcher, who sees all of them.",
            matter=number[:24],
        )  # fmt: skip
    return found


def lists_of(
    matter: Matter, actor: Actor, now_us: int, ours: Callable[[Matter], bool]
) -> Iterator[str]:
    """Yield the lists that an open matter stands in."""
    yield ALL
    if matter.holder == actor.name:
        yield MINE
    if ours(matter):
        yield OURS
    if matter.ring_us:
        yield RING
    if matter.state == FINISHED:
        yield SIGN
    if matter.state == OPEN:
        if now_us > matter.norm_us:
            yield OVERDUE
        if now_us <= matter.term_us and matter.norm_us - now_us <= NEAR_US:
            yield NEAR


def found(front: Front, actor: Actor, asked: Asked) -> Found:
    """Return what a page lists."""
    now_us, ours, may = front.now_us(), is_ours(front, actor), may_look(front, actor)
    counts: Counter[str] = Counter()
    owners: Counter[str] = Counter()
    rows: list[tuple[int, str, Matter]] = []
    for number, matter in tracked(front).open.items():
        if not may(matter) or not _of_kind(matter, asked):
            continue
        owner = owner_key(matter)
        owners[owner] += 1
        if asked.owner and owner != asked.owner:
            continue
        lists = tuple(lists_of(matter, actor, now_us, ours))
        counts.update(lists)
        if asked.which in lists:
            rows.append((due_of(matter, now_us), number, matter))
    closed = [
        (-matter.closed_us, number, matter)
        for number, matter in tracked(front).closed.items()
        if may(matter) and _of_kind(matter, asked) and asked.owner in ("", owner_key(matter))
    ]
    counts[CLOSED] = len(closed)
    rows = sorted(closed if asked.which == CLOSED else rows, key=_first)
    return _paged(rows, asked.page, dict(counts), dict(owners))


def _first(row: tuple[int, str, Matter]) -> tuple[int, int]:
    return row[0], int(row[1][1:])


def _of_kind(matter: Matter, asked: Asked) -> bool:
    return asked.kind in ("", matter.sort) and asked.origin in ("", matter.origin.value)


def _paged(
    rows: list[tuple[int, str, Matter]], page: int, counts: dict[str, int], owners: dict[str, int]
) -> Found:
    pages = max(1, -(-len(rows) // PAGE_ROWS))
    page = min(page, pages)
    first = (page - 1) * PAGE_ROWS
    shown = [(number, matter) for _due, number, matter in rows[first : first + PAGE_ROWS]]
    return Found(shown, counts, owners, pages, page)


def overdue_count(front: Front) -> int:
    """Return how many matters are past their norm, for whoever watches the centre."""
    late = functools.partial(_late, now_us=front.now_us())
    return sum(map(late, tracked(front).open.values()))


def _late(matter: Matter, now_us: int) -> bool:
    return matter.state == OPEN and now_us > matter.norm_us
