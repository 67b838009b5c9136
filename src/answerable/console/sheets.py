"""The pages of one column: units, standards, record."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from answerable.console.board import GROUPS, STATES
from answerable.console.clocks import state_of
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.moving import marks
from answerable.console.phrases import Phrases, may_see, place
from answerable.console.reporting import keyed
from answerable.dispatch.views import UnitLine
from answerable.standards.views import KeptRow, RunningClock, StandardRow

US = 1_000_000
TAIL = 60
RUNNING_SHOWN = 16
"""As many running clocks as leave the kept table in sight; the board has every one."""

NO_INCIDENT = _("Call without an incident yet")
ABOUT = {
    "matter": (_("Matter"), "/matters/"), "problem": (_("Problem"), "/problems/"),
    "referral": (_("Referral"), "/referrals/"), "support": (_("Specialist support"), "/support/"),
}  # fmt: skip
"""What a clock can be about without an incident, and where its page lies."""


# -- units -----------------------------------------------------------------------------------


def unit_groups(front: Front, phrases: Phrases) -> list[dict[str, Any]]:
    """Return every unit with its jobs, by what it is doing."""
    by_status: dict[str, list[UnitLine]] = {}
    for unit in sorted(front.board.units.values(), key=lambda one: phrases.lang.key(one.unit)):
        by_status.setdefault(unit.status, []).append(unit)
    groups = (*GROUPS, (_("Off duty"), frozenset({"off duty"}), False))
    return [
        {
            "label": phrases.lang(label),
            "units": [
                unit_row(front, unit, phrases)
                for state in states
                for unit in by_status.get(state, ())
            ],
        }
        for label, states, _moving in groups
    ]


def unit_row(front: Front, unit: UnitLine, phrases: Phrases) -> dict[str, Any]:
    """Return a unit with each of its jobs and that job's own state."""
    jobs = []
    for incident, state in unit.jobs.items():
        if (line := front.board.line(incident)) is not None:
            jobs.append(
                {
                    "id": incident,
                    "number": incident,
                    "kind": phrases.kind(line.kind),
                    "where": place(line.address),
                    "state": phrases.lang(STATES[state]),
                }
            )
    return {
        "name": unit.unit,
        "kind": phrases.unit_type(unit.unit_type),
        "since": phrases.clock(unit.since_us) if unit.since_us else "",
        "jobs": jobs,
        "reason": phrases.lang(unit.reason),
        "station": unit.station,
        "href": f"/units/{quote(unit.unit, safe='')}",
        "marks": [
            *marks.of_unit(unit, phrases, front.now_us()),
            *keyed.of_unit(front, unit, phrases),
        ],
    }


# -- standards -------------------------------------------------------------------------------


def named(one: RunningClock | KeptRow | StandardRow, phrases: Phrases) -> str:
    """Return the name of a promise or a standard in a person's language."""
    return phrases.named(one.name, one.zh)


def running(front: Front, phrases: Phrases) -> list[dict[str, Any]]:
    """Return the running clocks, the soonest first."""
    now_us = front.now_us()
    titles = {name: named(one, phrases) for name, one in front.clocks.titles().items()}
    found = front.clocks.all(RUNNING_SHOWN)
    return [
        {**running_row(front, one, phrases, now_us), "standard": titles.get(one.standard, "")}
        for one in found
    ]


def running_row(front: Front, one: RunningClock, phrases: Phrases, now_us: int) -> dict[str, Any]:
    """Return a running clock, with what it is about and where that is to be seen."""
    name = named(one, phrases)
    other_day = phrases.day(one.due_us) != phrases.day(now_us)
    return {
        "name": f"{name} · {one.unit}" if one.unit else name,
        **subject(front, one, phrases),
        "due": phrases.moment(one.due_us, now_us) if other_day else phrases.clock(one.due_us),
        "due_ms": one.due_us // 1000,
        "from_ms": one.start_us // 1000,
        "state": state_of(one.start_us, one.due_us, now_us),
        "left": phrases.lang.length((one.due_us - now_us) / US),
    }


def subject(front: Front, one: RunningClock, phrases: Phrases) -> dict[str, str]:
    """Return what a clock is about: an incident, a call without one, a matter and its like."""
    with front.at_hand(one.incident):  # it may have been laid aside
        line = front.board.line(one.incident)
    if line is not None:
        href, number, kind = (
            f"/incidents/{quote(line.incident)}",
            line.incident,
            phrases.kind(line.kind),
        )
        return {"href": href, "number": number, "kind": kind, "where": place(line.address)}
    if one.sort in ABOUT:
        what, under = ABOUT[one.sort]
        href = f"{under}{quote(one.about, safe='')}"
        return {"href": href, "number": one.about, "kind": phrases.lang(what), "where": ""}
    return {"href": "", "number": one.call, "kind": phrases.lang(NO_INCIDENT), "where": ""}


def standards(front: Front, phrases: Phrases) -> list[dict[str, Any]]:
    """Return each adopted standard with what was kept of its promises."""
    return [
        {
            "name": named(standard, phrases),
            "source": phrases.lang(standard.source),
            "clocks": [kept_row(one, phrases) for one in kept],
        }
        for standard, kept in front.clocks.standards()
    ]


def kept_row(one: KeptRow, phrases: Phrases) -> dict[str, Any]:
    """Return one promise with its share kept, its goal and its percentiles."""
    share = one.share or 0.0
    judged = one.kept + one.broken + one.ringing
    state = "calm" if one.met is not False else "late"
    if one.target is not None and 0.9 * one.target <= share < one.target:
        state = "near"
    lang = phrases.lang
    goal = "" if one.target is None else lang.say(_("goal {share}"), share=lang.percent(one.target))
    return {
        "name": named(one, phrases),
        "limit": lang(_("by its date")) if one.limit_s is None else lang.length(one.limit_s),
        "ended": lang.number(judged),
        "ended_n": judged,
        "bar": f"{120 * share:.1f}",
        "goal_x": "" if one.target is None else f"{min(118.5, 120 * one.target):.1f}",
        "share": lang.percent(share, 1),
        "goal": goal,
        "p50": "" if one.p50_s is None else lang.length(one.p50_s),
        "p90": "" if one.p90_s is None else lang.length(one.p90_s),
        "rang": lang.number(one.rang) if one.rang else "",
        "state": state,
    }


# -- record ----------------------------------------------------------------------------------


def promises(front: Front, phrases: Phrases) -> list[dict[str, str]]:
    """Return the four words with what each holds now."""
    lang = phrases.lang
    told = (
        (_("Heard"), lang.number(front.hub.position), _("taken in, in memory; nobody is told yet")),
        (_("Recorded"), lang.number(front.recorded),
         _("synced to the disk; the only thing ever acknowledged")),
        (_("Sealed"), lang.number(front.sealed), _("under a signed checkpoint of the public log")),
        (_("Witnessed"), lang.number(front.witnessed),
         _("cosigned by an outsider, who would notice any change")),
    )  # fmt: skip
    return [
        {"word": lang(word), "value": value, "means": lang(means)} for word, value, means in told
    ]


def record_head(front: Front, phrases: Phrases) -> list[tuple[str, str]]:
    """Return the head of the log and what keeps it."""
    lang = phrases.lang
    head = front.centre.head
    return [
        (lang(_("Tree head")), head.root.hex()),
        (lang(_("Leaves")), lang.number(head.size)),
        (lang(_("Times opened")), lang.number(front.hub.store.epoch)),
        (lang(_("Heard, not recorded")), lang.number(front.hub.waiting)),
    ]


def tail(front: Front, phrases: Phrases, role: str) -> list[dict[str, Any]]:
    """Return the last rows of the log, the newest first."""
    rights = may_see(front.hub.rooms.authority, role)
    rows = list(front.hub.store.rows(max(0, front.recorded - TAIL)))
    made = []
    for row in reversed(rows):
        event = front.hub.rooms.decode(row)
        number = row.stream.removeprefix("incident:") if row.stream.startswith("incident:") else ""
        made.append(
            {
                "position": row.position,
                "time": phrases.clock(row.recorded_at),
                "said": phrases.event(event, row, rights, lambda _position, _field: None),
                "href": f"/incidents/{number}" if number else "",
                "number": number,
                "actor": phrases.who(row.actor),
            }
        )
    return made
