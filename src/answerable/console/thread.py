"""One incident through all rooms: its thread of sentences, its clocks, and what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from answerable.console import afterwards, joining
from answerable.console.acts import ASKED_BY, Act
from answerable.console.board import STATES, advice, units_text
from answerable.console.clocks import Past, shown
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.moving import marks, offers
from answerable.console.phrases import Phrases, Unseal, may_see, place
from answerable.console.public.staff import slips
from answerable.console.referring.beside import beside
from answerable.console.reporting import choice, keyed
from answerable.console.supporting import beside as supporting
from answerable.console.tracking import beside as tracking
from answerable.dispatch.move_words import MessageSent
from answerable.dispatch.views import IncidentLine
from answerable.intake import words as intake
from answerable.kernel.event import Event, Row
from answerable.matters.matter_words import MatterExtended, MatterTimed
from answerable.towns.made_up import MADE_UP
from answerable.vault import words as vault

US = 1_000_000
ENTRIES_MAX = 2_000
COLUMNS_MAX = 6
ITS_TIME = ("IncidentOpened",)
"""What its time does to a booking, and no hand."""
AHEAD = ("booked", "cancelled")
"""The states of an incident whose time has not come, or never will."""


def line_of(front: Front, incident: str) -> IncidentLine | None:
    """Return an open, closed, booked or cancelled incident; it must be at hand.

    The board has no line of what is booked, because nobody works on it yet: it is read from the
    record, and stands as opened when it will be.
    """
    if (line := front.board.line(incident)) is not None:
        return line
    known = front.hub.state["intake"].incidents.get(incident)
    if known is None or known.state not in AHEAD:
        return None
    events = map(front.hub.rooms.decode, front.hub.store.stream(f"incident:{incident}"))
    booked = next((one for one in events if isinstance(one, intake.IncidentBooked)), None)
    if booked is None:
        return None
    return IncidentLine(
        incident=incident, kind=booked.kind, priority=booked.priority, address=booked.address,
        opened_us=booked.due_us, lon=booked.lon, lat=booked.lat, state=known.state,
        unverified=booked.unverified,
    )  # fmt: skip


def rows_of(front: Front, line: IncidentLine) -> list[Row]:
    """Return everything recorded about an incident and its calls, in order of position."""
    store = front.hub.store
    found = {row.position: row for row in store.stream(f"incident:{line.incident}")}
    for call in line.calls[:50]:
        found |= {row.position: row for row in store.stream(f"call:{call}")}
    return [found[position] for position in sorted(found)][-ENTRIES_MAX:]


def _with_terms(front: Front, line: IncidentLine, role: str) -> list[Row]:
    """Return the rows of a thread, with the terms that were extended of matters it led to.

    Each extension comes with the event that says to when; whoever may not look at matters reads
    nothing of them.
    """
    rights, rows = front.hub.rooms.authority, rows_of(front, line)
    led_to = front.hub.state["matters"].tracked.of_incident.get(line.incident, ())
    if not led_to or not rights.may_open(role, "matters") or rights.bound_to_unit(role):
        return rows
    found = {row.position: row for row in rows}
    for number in led_to:
        extended = False
        for row in front.hub.store.stream(f"matter:{number}"):
            if row.kind == MatterExtended.tag or (extended and row.kind == MatterTimed.tag):
                found[row.position] = row
            extended = row.kind == MatterExtended.tag
    return [found[position] for position in sorted(found)][-ENTRIES_MAX:]


def head(front: Front, line: IncidentLine, phrases: Phrases) -> dict[str, Any]:
    """Return what the incident is, where, and how it stands."""
    state = phrases.lang(STATES[line.state])
    return {
        "number": line.incident,
        "priority": line.priority,
        "lights": line.priority in front.town.file.urgent,
        "kind": phrases.kind(line.kind),
        "where": place(line.address),
        "area": line.neighborhood,
        "state": phrases.of(state, phrases.outcome(line.outcome)) if line.outcome else state,
        "date": phrases.day(line.opened_us),
        "received": phrases.clock(line.opened_us),
        "others": joining.others(line, phrases),
        "likely": joining.likeliest(front, line, phrases),
        "units": units_text(line, phrases),
        "marks": marks.of_incident(line, phrases, front.now_us()),
        "after": [] if line.state in ("open", *AHEAD) else after(front, line, phrases),
    }


def after(front: Front, line: IncidentLine, phrases: Phrases) -> list[str]:
    """Return how what comes after "closed" stands."""
    decode = front.hub.rooms.decode
    return afterwards.standing(map(decode, rows_of(front, line)), phrases)


def clocks(front: Front, line: IncidentLine, phrases: Phrases) -> list[object]:
    """Return the running clocks of an incident, the soonest first."""
    now_us = front.now_us()
    running = front.clocks.of(line.incident)
    return [shown(one, now_us, phrases, unit=True) for one in running]


def entries(
    front: Front, line: IncidentLine, phrases: Phrases, role: str, unseal: Unseal
) -> list[dict[str, Any]]:
    """Return the thread: one sentence an event, with the clocks as brackets in the margin.

    Each has an ``id`` and a ``rank``, so that one can be drawn anew without the others.
    ``unseal`` is what the reading gate gives for whoever looks on.
    """
    rows = _with_terms(front, line, role)
    events = [front.hub.rooms.decode(row) for row in rows]
    struck = {e.note for e in events if isinstance(e, intake.NoteStruck)}
    past = front.clocks.history(line.incident, list(zip(rows, events, strict=True)))
    margins, texts = brackets([row.position for row in rows], past, phrases)
    rights = may_see(front.hub.rooms.authority, role)
    made: list[dict[str, Any]] = []
    day = ""
    addressed = closed_to_others(phrases)
    for index, (row, event) in enumerate(zip(rows, events, strict=True)):
        if (today := phrases.day(row.happened_at)) != day:
            day = today
            made.append({"id": f"day-{row.position}", "rank": row.position - 0.5, "day": day,
                         "margin": before(margins, index)})  # fmt: skip
        made.append(
            {
                "id": f"e{row.position}",
                "rank": row.position,
                "day": "",
                "position": row.position,
                "iso": datetime.fromtimestamp(row.happened_at / US, UTC).isoformat(),
                "time": phrases.clock(row.happened_at),
                "said": phrases.event(
                    event, row, rights, addressed if is_addressed(event) else unseal
                ),
                "actor": phrases.who(row.actor),
                "margin": margins[index],
                "timed": [
                    *made_up(event, phrases),
                    *keyed.note(event, phrases),
                    *texts.get(row.position, []),
                ],
                "acts": note_acts(front, event, struck, role, phrases),
                "struck": isinstance(event, intake.NoteAdded) and event.note in struck,
                "rang": type(event).__name__ == "ClockRang",
            }
        )
    return made


def made_up(event: Event, phrases: Phrases) -> list[dict[str, str]]:
    """Return the words for a call or incident that never happened; [] for any other event."""
    if MADE_UP not in getattr(event, "marks", ()):
        return []
    return [{"state": "", "text": phrases.lang(_("made up"))}]


def is_addressed(event: Event) -> bool:
    """Say whether an event is a message to somebody in particular."""
    return isinstance(event, MessageSent) and bool(event.to_unit or event.to_desk)


def closed_to_others(phrases: Phrases) -> Unseal:
    """Return what stands in a thread for words that only those addressed may read."""
    told = phrases.lang(_("(for them to read, under Messages)"))
    return lambda _position, _field: told


def note_acts(
    front: Front, event: Event, struck: set[int], role: str, phrases: Phrases
) -> list[Act]:
    """Return the form that strikes a note, where that may be done."""
    if not isinstance(event, intake.NoteAdded) or event.note in struck:
        return []
    acts = front.acts(role, phrases.lang.tag)
    known = front.hub.state["intake"].incidents.get(event.incident)
    steps = front.steps("intake", "incident")
    if known is None or not steps.allows(known.state, intake.NoteStruck):
        return []
    if not acts.may(intake.StrikeNote):
        return []
    fixed = {"incident": event.incident, "note": str(event.note)}
    return [acts.act(*ASKED_BY[intake.NoteStruck], fixed)]


# -- brackets --------------------------------------------------------------------------------


def brackets(
    positions: Sequence[int], past: Sequence[Past], phrases: Phrases
) -> tuple[list[list[dict[str, str]]], dict[int, list[dict[str, str]]]]:
    """Return the margin of every entry, and what is said where a clock stopped."""
    index = {position: at for at, position in enumerate(positions)}
    last = len(positions) - 1
    columns: list[int] = []
    margins: list[list[dict[str, str]]] = [[] for _ in positions]
    texts: dict[int, list[dict[str, str]]] = {}
    for one in sorted(past, key=lambda p: (p.started_at, -(p.stopped_at or 1 << 60))):
        begin = index.get(one.started_at)
        if begin is None:
            continue
        end = index.get(one.stopped_at, last) if one.stopped_at else last
        column = _column(columns, begin, end)
        if one.stopped_at in index:
            texts.setdefault(one.stopped_at or 0, []).append(
                {"state": one.tone, "text": stopped_text(one, phrases, unit=False)}
            )
        if column < COLUMNS_MAX:
            _draw(margins, column, begin, end, one, phrases)
    width = min(len(columns), COLUMNS_MAX)
    for margin in margins:
        margin.extend(_blank() for _ in range(width - len(margin)))
    return margins, texts


def _column(columns: list[int], begin: int, end: int) -> int:
    """Return the first column that is free from ``begin`` on, and take it up to ``end``."""
    for column, taken in enumerate(columns):
        if taken < begin:
            columns[column] = end
            return column
    columns.append(end)
    return len(columns) - 1


def _blank() -> dict[str, str]:
    return {"shape": "", "state": "", "title": ""}


def _draw(
    margins: list[list[dict[str, str]]], column: int, begin: int, end: int, one: Past,
    phrases: Phrases,
) -> None:  # fmt: skip
    title = stopped_text(one, phrases)
    for at in range(begin, end + 1):
        margin = margins[at]
        while len(margin) <= column:
            margin.append(_blank())
        if at == begin and at == end and one.stopped_at:
            shape = "at-once"
        elif at == begin:
            shape = "from"
        else:
            shape = "to" if at == end and one.stopped_at else "over"
        margin[column] = {
            "shape": shape if one.stopped_at else f"{shape} open",
            "state": one.tone,
            "title": title,
        }


def before(margins: list[list[dict[str, str]]], index: int) -> list[dict[str, str]]:
    """Return the margin of a line between entries: the brackets that run through it."""
    if index >= len(margins):
        return []
    passing = ("over", "over open", "to")
    return [{**m, "shape": "over"} if m["shape"] in passing else _blank() for m in margins[index]]


def stopped_text(one: Past, phrases: Phrases, *, unit: bool = True) -> str:
    """Return "sign for it 0:22 of 0:30"."""
    name = phrases.named(one.name, one.zh)
    name = f"{name} · {one.unit}" if one.unit and unit else name
    took = phrases.lang.length(one.took_s) if one.took_s is not None else phrases.lang(_("running"))
    return phrases.lang.say(_("{name} {took} of {limit}"), name=name, took=took,
                            limit=phrases.lang.length(one.limit_s))  # fmt: skip


# -- beside the thread -----------------------------------------------------------------------


def side(front: Front, line: IncidentLine, phrases: Phrases, role: str) -> dict[str, Any]:
    """Return the recommendation, the units, the facts and the forms of an incident."""
    acts = front.acts(role, phrases.lang.tag)
    told = advice(front, line.incident, acts, phrases)
    return {
        "advice": told,
        "closed": line.state not in ("open", *AHEAD),
        "booked": line.state in AHEAD,
        "crews": crews(front, line, phrases, role),
        "facts": facts(front, line, phrases),
        "joined": joining.side(front, line, phrases, role),
        "slips": [] if line.state in AHEAD else slips(front, line, role),
        "note": note_form(front, line, phrases, role),
        "acts": incident_acts(front, line, told["proposed"] if told else "", phrases, role),
        **_elsewhere(front, line, phrases, role),
    }


def _elsewhere(
    front: Front, line: IncidentLine, phrases: Phrases, role: str
) -> dict[str, dict[str, Any] | None]:
    """Return what others are asked because of an incident; nobody is before its time."""
    blocks = {"tracking": tracking.beside, "referring": beside, "supporting": supporting.beside}
    if line.state in AHEAD:
        return dict.fromkeys(blocks)
    return {name: made(front, line, phrases, role) for name, made in blocks.items()}


def crews(front: Front, line: IncidentLine, phrases: Phrases, role: str) -> list[dict[str, Any]]:
    """Return every unit that was given this incident, with the steps it may take next."""
    acts, steps = front.acts(role, phrases.lang.tag), front.steps("dispatch", "job")
    ended, left = steps.last, offers.not_for(front, line)
    made = []
    for job in sorted(line.jobs.values(), key=lambda job: (job.state in ended, job.unit)):
        fixed = {"incident": line.incident, "unit": job.unit}
        may = acts.from_steps(steps, job.state, fixed, leave_out=left)
        made.append(
            {
                "unit": job.unit,
                "state": phrases.lang(STATES[job.state]),
                "since": phrases.clock(job.since_us),
                "marks": choice.marks(job, phrases),
                "acts": [
                    *(choice.offered(front, phrases, line, job, act) for act in may),
                    *choice.report_acts(front, phrases, acts, line, job),
                ],
            }
        )
    return made


def facts(front: Front, line: IncidentLine, phrases: Phrases) -> list[tuple[str, str]]:
    """Return what is known of the incident, by name."""
    lang = phrases.lang
    where = place(line.address)
    where = f"{where} ({line.unverified})" if line.unverified else where
    position = "" if line.lon is None or line.lat is None else f"{line.lat:.5f}, {line.lon:.5f}"
    told = [
        (lang(_("Kind")), phrases.kind(line.kind)),
        (lang(_("Priority")), line.priority),
        (lang(_("Place")), where),
        (lang(_("Area")), lang.join(p for p in (line.neighborhood, lang(line.area_class)) if p)),
        (lang(_("Battalion")), line.battalion),
        (lang(_("Position")), position),
        (
            lang(_("Due") if line.state in AHEAD else _("Opened")),
            f"{phrases.clock(line.opened_us)} {phrases.zone(line.opened_us)}",
        ),
    ]
    return [(name, value) for name, value in told if value]


def note_form(
    front: Front, line: IncidentLine, phrases: Phrases, role: str
) -> dict[str, Any] | None:
    """Return the form that adds a note, where that may be done."""
    acts = front.acts(role, phrases.lang.tag)
    known = front.hub.state["intake"].incidents.get(line.incident)
    steps = front.steps("intake", "incident")
    if known is None or not acts.may(intake.AddNote):
        return None
    if not steps.allows(known.state, intake.NoteAdded):
        return None
    return {
        "label": phrases.lang(ASKED_BY[intake.NoteAdded][1]),
        "type": intake.AddNote.tag,
        "fixed": {"incident": line.incident},
        "field": "words",
    }


def incident_acts(
    front: Front, line: IncidentLine, shown: str, phrases: Phrases, role: str
) -> list[Act]:
    """Return what may be done with the incident itself; ``shown``: who is recommended."""
    acts = front.acts(role, phrases.lang.tag)
    fixed = {"incident": line.incident}
    made = offers.beside_incident(front, line, shown, phrases, role)
    known = front.hub.state["intake"].incidents.get(line.incident)
    if known is not None and line.state in ("open", "booked"):
        inline = ("NoteAdded", "NoteStruck", *joining.ELSEWHERE, *ITS_TIME)
        made += acts.from_steps(front.steps("intake", "incident"), known.state, fixed, inline)
    left = (*offers.left_out(line), *choice.left_out(acts, line))
    made += acts.from_steps(front.steps("dispatch", "response"), line.state, fixed, left)
    made += vault_acts(front, line, phrases, role)
    values = {
        "kind": line.kind, "priority": line.priority, "address": line.address,
        "level": f"{line.alarm + 1}",
    }  # fmt: skip
    return [acts.with_values(act, values) for act in made]


def vault_acts(front: Front, line: IncidentLine, phrases: Phrases, role: str) -> list[Act]:
    """Return what may be done about the sealed words: hold them, ask to erase them, decide it."""
    acts, case = front.acts(role, phrases.lang.tag), front.gate.case(line.incident)
    fixed = {"incident": line.incident}
    if case is None:
        return []
    made = acts.from_steps(front.steps("vault", "hold"), "held" if case.held_us else "free", fixed)
    if case.sealed not in ("kept", "erased"):
        return made
    asking = "asked" if case.asked else "not asked"
    if asking == "asked" or case.sealed == "kept":
        made += acts.from_steps(front.steps("vault", "erasure"), asking, fixed)
    if asking == "not asked" and acts.may(vault.AskErasure):
        graver = {**fixed, "act": vault.Grave.DESTROY.value}
        made.append(acts.act(vault.AskErasure, _("Ask to destroy it"), graver))
    return made
