"""What changed since a position of the record: grouped by what it is about, the newest first.

Grouping and counting look at rows as they lie there, without decoding them; only what is shown is
put into words. What people did at the door, at desks or with sealed words is no change of the work
and is left out: nothing here says who did what, how much, or how fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from answerable.console.board import STATES
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, may_see, place
from answerable.console.reading import masked
from answerable.kernel.event import Mark, Row

ROWS_MAX = 4_000
"""Changes one page looks at, the newest ones; an address at its end leads to those before."""
GROUPS_MAX = 60
"""Matters one page lists."""
SAID_MAX = 3
"""Changes of one matter that are put into words; its thread has all of them."""
NOT_WORK = frozenset({"access", "handover", "vault"})
"""Rooms whose events are about people and words, and not about the work that is handed over."""

OPEN, CLOSED, CALLS, UNITS, SERVICE = "open", "closed", "calls", "units", "service"
WHATS: tuple[tuple[str, str], ...] = (
    (OPEN, _("Open incidents")), (CLOSED, _("Closed incidents")), (CALLS, _("Calls")),
    (UNITS, _("Units")), (SERVICE, _("The service itself")),
)  # fmt: skip


@dataclass
class Matter:
    """One thing that changed, with its rows, the newest first."""

    what: str
    name: str
    rows: list[Row] = field(default_factory=list)


@dataclass
class Found:
    """All that changed, the matter changed last first; ``before`` is where earlier ones begin."""

    matters: list[Matter]
    counts: dict[str, int]
    changes: int
    before: int = 0


def rows_between(front: Front, since: int, before: int) -> tuple[list[Row], int]:
    """Return the newest rows after ``since`` and below ``before``, and where they begin."""
    last = min(before - 1, front.recorded) if before else front.recorded
    after = max(since, last - ROWS_MAX, 0)
    return list(front.hub.store.rows(after, max(0, last - after))), after


def found(front: Front, since: int, before: int = 0, what: str = "") -> Found:
    """Return what changed after ``since``; of ``what`` alone where it is named."""
    rows, after = rows_between(front, since, before)
    matters: dict[tuple[str, str], Matter] = {}
    sorts = _sorting(front)
    changes = 0
    for row in reversed(rows):
        if row.kind.partition(".")[0] in NOT_WORK:
            continue
        changes += 1
        key = sorts(row)
        matter = matters.get(key)
        if matter is None:
            matter = matters[key] = Matter(*key)
        matter.rows.append(row)
    counts = dict.fromkeys((name for name, _title in WHATS), 0)
    for matter in matters.values():
        counts[matter.what] += 1
    shown = [one for one in matters.values() if not what or one.what == what]
    rest = shown[GROUPS_MAX:]
    goes_on = rest[0].rows[0].position + 1 if rest else after + 1 if after > since else 0
    return Found(shown[:GROUPS_MAX], counts, changes, goes_on)


def _sorting(front: Front) -> Callable[[Row], tuple[str, str]]:
    """Return the function that says what a row is about; a call counts for its incident."""
    board, calls = front.board, front.hub.state["intake"].calls

    def sort(row: Row) -> tuple[str, str]:
        kind, _colon, name = row.stream.partition(":")
        if kind == "call" and (call := calls.get(name)) is not None and call.incident:
            kind, name = "incident", call.incident
        if kind == "incident":
            return (OPEN if name in board.incidents or name in board.booked else CLOSED), name
        if kind in ("call", "unit"):
            return (CALLS if kind == "call" else UNITS), name
        return SERVICE, row.kind.partition(".")[0]

    return sort


def told(front: Front, matters: Iterable[Matter], phrases: Phrases, role: str) -> list[Any]:
    """Return matters as the page shows them."""
    rights = may_see(front.hub.rooms.authority, role)
    return [_told(front, matter, phrases, rights) for matter in matters]


def _told(
    front: Front, matter: Matter, phrases: Phrases, rights: Callable[[Mark], bool]
) -> dict[str, Any]:
    rooms, newest = front.hub.rooms, matter.rows[0]
    reached = front.gate.in_reach(newest)
    said = [
        {
            "time": phrases.clock(row.happened_at),
            "said": phrases.event(rooms.decode(row), row, rights, masked),
            "position": row.position,
        }
        for row in (matter.rows[:SAID_MAX] if reached else ())
    ]
    return {
        **_headed(front, matter, phrases),
        "day": phrases.day(newest.happened_at),
        "time": phrases.clock(newest.happened_at),
        "count": phrases.lang.number(len(matter.rows)),
        "more": phrases.lang.number(len(matter.rows) - SAID_MAX),
        "goes_on": len(matter.rows) > SAID_MAX,
        "said": said,
    }


def _headed(front: Front, matter: Matter, phrases: Phrases) -> dict[str, str]:
    """Return what a matter is, where, how it stands, and where it leads."""
    lang, name = phrases.lang, matter.name
    if matter.what in (OPEN, CLOSED):
        line = front.board.line(name)
        head = {"title": phrases.kind(line.kind) if line else "", "number": name}
        where = place(line.address) if line else ""
        state = lang(STATES[line.state]) if line and line.state in STATES else ""
        if line and line.outcome:
            state = phrases.of(state, phrases.outcome(line.outcome))
        return head | {"where": where, "state": state, "href": f"/incidents/{name}"}
    if matter.what == CALLS:
        return {"title": lang(_("Call")), "number": name, "where": "", "state": "",
                "href": f"/calls/{name}"}  # fmt: skip
    if matter.what == UNITS:
        unit = front.board.units.get(name)
        state = lang(STATES[unit.status]) if unit and unit.status in STATES else ""
        kind = phrases.unit_type(unit.unit_type) if unit else ""
        return {"title": name, "number": "", "where": kind, "state": state,
                "href": f"/units#unit-{name}"}  # fmt: skip
    return {"title": lang(ROOMS.get(name, name)), "number": "", "where": "", "state": "",
            "href": "/record"}  # fmt: skip


ROOMS = {
    "intake": _("Calls and incidents"), "dispatch": _("Units and jobs"),
    "standards": _("Promises and clocks"), "towns": _("The town"),
    "keeping": _("The record's keeping"),
    "matters": _("Problems, matters and referrals"),
}  # fmt: skip
"""What the service itself is called by its rooms."""
