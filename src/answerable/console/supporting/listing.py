"""Which requests for support a page lists: by the step they wait for, late first.

What is open is the room's own state, as it is: a second fold of the same events could come to
disagree with the first (B3). Dates of late steps, and what ended in the last thirty days, are those
of the fold for pages. A crew sees what its unit asked for, and what its unit or station is to give.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.sanity import Refused
from answerable.kernel.authority import Actor
from answerable.matters import support_words as w
from answerable.matters.support_state import (
    ACCEPTED,
    APPROVED,
    ASKED,
    ASSIGNED,
    BEGUN,
    REPORTED,
    WAITS,
    Request,
    Support,
)
from answerable.matters.support_views import SupportLine, Supports

HERE = "/support"
ROWS_MAX = 200
"""Requests that one page lists, the most urgent ones."""
SIGN, LATE, ENDED, ALL = "sign", "late", "ended", "open"
BY_STEP: tuple[tuple[str, str], ...] = (
    (ASKED, _("To be approved")), (APPROVED, _("To be assigned")), (ASSIGNED, _("To be accepted")),
    (ACCEPTED, _("To begin")), (BEGUN, _("At work")), (REPORTED, _("To be answered")),
)  # fmt: skip
"""The states of a request as lists of what it waits for, in the order of its life."""
LISTS: tuple[tuple[str, str], ...] = (
    (ALL, _("All open")), (SIGN, _("For my signature")), (LATE, _("Late")), *BY_STEP,
    (ENDED, _("Ended")),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What a page lists, late first, and how many every list has."""

    rows: list[tuple[str, Request]]
    counts: dict[str, int]


def view_of(front: Front) -> Supports:
    """Return the fold of requests for pages."""
    view: Supports = front.hub.state["supports"]
    return view


def support(front: Front) -> Support:
    """Return the requests as the room has them."""
    held: Support = front.hub.state["matters"].support
    return held


def href(number: str) -> str:
    """Return the address of one request."""
    return f"{HERE}/{quote(number, safe='')}"


def no_such(number: str) -> Refused:
    """Return that there is no such request."""
    return Refused(
        404, "console.NoSupport", "Not shown.", "There is no request for support {support}.",
        "Look it up in the list, or on the thread of its incident.", support=number[:40],
    )  # fmt: skip


def asked_of(query: dict[str, str], usual: str = ALL) -> str:
    """Return which list an address asks for; what makes no sense is all of them."""
    which = query.get("list", usual)
    return which if which in dict(LISTS) else ALL


def is_ours(front: Front, actor: Actor, known: Request) -> bool:
    """Say whether a request is somebody's unit's: it asked, or it or its station is to give it."""
    if not actor.unit:
        return False
    spec = front.town.units.get(actor.unit)
    return actor.unit in (known.unit, known.to) or (
        bool(known.to) and spec is not None and spec.station == known.to
    )


def may_look(front: Front, actor: Actor, known: Request) -> bool:
    """Say whether somebody may look at a request: a crew at its unit's own."""
    bound = front.hub.rooms.authority.bound_to_unit(actor.role)
    return not bound or is_ours(front, actor, known)


def may_sign(front: Front, actor: Actor, known: Request) -> bool:
    """Say whether a request waits for somebody's signature, and theirs would do."""
    return (
        known.state == ASKED
        and actor.name != known.asked_by
        and front.hub.rooms.authority.may_do(actor.role, w.ApproveSupport.tag)
        and front.town.matters.grade(actor.role) >= known.grade
    )


def is_late(known: Request, now_us: int) -> bool:
    """Say whether the step that a request waits for did not come in time."""
    return known.state in WAITS and known.due_us <= now_us


def due_us(front: Front, number: str, known: Request) -> int:
    """Return when the next step is, or was, due (UTC us); 0 where none is.

    Once a step is late the room waits for it no longer; the fold for pages still has its date.
    """
    if known.due_us:
        return known.due_us
    line = view_of(front).open.get(number)
    return line.due_us if line is not None else 0


def ended(front: Front, actor: Actor) -> list[tuple[str, Request]]:
    """Return what ended in the last thirty days and somebody may look at, the newest first."""
    found = [(line.support, request_of(line)) for line in view_of(front).ended.values()]
    return [one for one in reversed(found) if may_look(front, actor, one[1])]


def request_of(line: SupportLine) -> Request:
    """Return a request that has ended as the others are shown."""
    return Request(
        incident=line.incident, unit=line.unit, sort=line.sort, asked_by="",
        asked_us=line.asked_us, position=0, urgent=line.urgent, grade=line.grade,
        state=line.state, to=line.to, since_us=line.changed_us, result=line.result,
    )  # fmt: skip


def lists_of(front: Front, actor: Actor, known: Request, now_us: int) -> Iterator[str]:
    """Yield the lists that one stands in."""
    yield from (ALL, known.state)
    if may_sign(front, actor, known):
        yield SIGN
    if is_late(known, now_us):
        yield LATE


def found(front: Front, actor: Actor, which: str) -> Found:
    """Return what a page lists: one pass over all that is open, and over what ended lately."""
    now_us = front.now_us()
    counts: Counter[str] = Counter()
    rows: list[tuple[str, Request]] = []
    for number, known in support(front).open.items():
        if not may_look(front, actor, known):
            continue
        lists = tuple(lists_of(front, actor, known, now_us))
        counts.update(lists)
        if which in lists:
            rows.append((number, known))
    rows.sort(key=lambda one: order(one[1], now_us))
    over = ended(front, actor)
    counts[ENDED] = len(over)
    rows = over if which == ENDED else rows
    return Found(rows[:ROWS_MAX], dict(counts))


def order(known: Request, now_us: int) -> tuple[bool, int, int]:
    """Return where one stands in a list: late first, then what is due soonest, thanks last.

    What is late has its last step behind it, and anything else its time ahead.
    """
    late = is_late(known, now_us)
    return (known.state == REPORTED, known.since_us if late else known.due_us, known.position)
