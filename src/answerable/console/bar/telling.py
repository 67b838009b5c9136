"""What a line would do, in words, before Enter is pressed: who, where, since when, which clocks.

Each command of the line is decided purely on the present state (``dry.py``); what is told is what
that decision says, or the refusal it would meet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from answerable.console.bar.asking import Body, Nobody, bodies
from answerable.console.bar.dry import foreseen
from answerable.console.bar.grammar import Sort
from answerable.console.bar.reading import ASK, Reading
from answerable.console.bar.spot import Spot
from answerable.console.bar.verbs import VERBS
from answerable.console.board import STATES
from answerable.console.forms import FAULT
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, may_see, place
from answerable.console.sanity import Refused
from answerable.console.session import Session
from answerable.dispatch import words as dispatch
from answerable.kernel.event import Event, Row
from answerable.kernel.refusals import Refusal
from answerable.standards.foretell import Foretold, foretell

US = 1_000_000
WRITE = _("Write a verb; /help lists them.")
DAY_US = 24 * 3_600 * US
MOMENTS = {part.field for verb in VERBS for part in verb.parts if part.sort is Sort.WHEN}
"""Fields that hold an instant (UTC microseconds)."""
CHANGING = ("eta_s", "proposed")
"""Fields that change from second to second and do not change what a line does."""
HOLES = (
    "unit", "state", "job", "eta", "incident", "other", "by", "swap", "hospital", "when", "station",
    "kind", "priority", "place", "call", "note", "level", "awaits", "desk", "agency", "choice",
    "question", "instruction", "day", "line", "page", "support", "matter", "owner", "problem",
    "step", "about",
)  # fmt: skip
"""Every hole that the sentence of a verb may have; one that a line does not fill stays empty."""
CODED = {Sort.KIND: ("kind", "kind"), Sort.SUPPORT: ("support", "support_kind"),
         Sort.MATTER_KIND: ("kind", "matter_kind")}  # fmt: skip
"""Sorts that hold a code of the town's files: the hole it fills, and what the code is of."""
NO_ROW = Row(0, "", "", 1, 0, 0, "", "", 0, b"")


@dataclass
class Preview:
    """What is said of a line. ``kind``: "" still to be written, "ready", "part", "no"."""

    said: str = ""
    kind: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    seen: str = ""
    """A digest of what the line would do, so that Enter does that and nothing else."""


def preview(
    front: Front, session: Session, phrases: Phrases, reading: Reading, spot: Spot
) -> Preview:
    """Return what a line would do, or what it still needs."""
    lang = phrases.lang
    if reading.wrong:
        return Preview(lang.say(reading.wrong, **reading.values), "no")
    if reading.verb is None:
        return Preview(lang(WRITE))
    if reading.missing is not None:
        return _asking(phrases, reading)
    if reading.spot and spot.at is None and not reading.one("unverified"):
        return _unclear(phrases, reading, spot)
    try:
        asked = bodies(front, session, reading, spot)
    except Nobody as nobody:
        return Preview(lang(str(nobody)), "no")
    return _told(front, session, phrases, reading, asked)


def still_typing(phrases: Phrases, reading: Reading) -> Preview:
    """Return what is said while the last word is still being written: what it may be."""
    if reading.here.verb or not reading.here.parts:
        return Preview(phrases.lang(WRITE))
    part = reading.here.parts[0]
    return Preview(phrases.lang(ASK[part.sort]))


def _asking(phrases: Phrases, reading: Reading) -> Preview:
    """Return what is said where a part is missing: what the verb does, and what it needs."""
    part, verb = reading.missing, reading.verb
    assert part is not None, "something is missing"
    asked = phrases.lang(ASK[part.sort])
    if part.title:
        asked = phrases.lang.say(_("{part}: {asked}"), part=phrases.lang(part.title), asked=asked)
    does = phrases.lang(verb.does) if verb is not None else ""
    return Preview(asked, "", [("", does)])


def _unclear(phrases: Phrases, reading: Reading, spot: Spot) -> Preview:
    """Return what is said of a place that is not certain."""
    said = (
        _("Which place? Choose one below, or add a block or a crossing.")
        if spot.like
        else _("No such place in this town. Write “unverified” and why to take it as it is.")
    )
    return Preview(phrases.lang(said), "" if spot.like else "no")


def digest(line: str, asked: Sequence[Body]) -> str:
    """Return a digest of what a line would do.

    "+20m" means another instant each time the line is read, and the same thing to whoever wrote it.
    A time counts by its day: 14:30 that passed meanwhile would mean tomorrow, and is shown again.
    """
    lasting = [
        {k: v // DAY_US if k in MOMENTS else v for k, v in body.items() if k not in CHANGING}
        for body in asked
    ]
    whole = msgspec.json.encode([line.strip(), lasting], order="deterministic")
    return hashlib.sha256(whole).hexdigest()[:24]


def _told(
    front: Front, session: Session, phrases: Phrases, reading: Reading, asked: list[Body]
) -> Preview:
    """Return what each command would lead to."""
    said, facts, refused = [], [], 0
    for body in asked:
        outcome = foreseen(front, session.actor, body, phrases.lang)
        parts = refusal_of(phrases, outcome)
        if parts:
            refused += 1
            said.append(" ".join(parts))
        else:
            said.append(hint_of(front, phrases, reading, body))
            facts += effects(front, session, phrases, body, outcome)  # type: ignore[arg-type]
    kind = "ready" if not refused else "no" if refused == len(asked) else "part"
    told = list(dict.fromkeys(facts))
    return Preview("; ".join(said), kind, told, asked, digest(reading.line, asked))


def refusal_of(
    phrases: Phrases, outcome: Sequence[Event] | Refusal | Refused | str
) -> tuple[str, ...]:
    """Return the sentences of a refusal; nothing where it would be done."""
    if isinstance(outcome, Refusal):
        return tuple(phrases.refusal(outcome).values())
    if isinstance(outcome, Refused):
        return outcome.said(phrases.lang)
    return FAULT.said(phrases.lang) if isinstance(outcome, str) else ()


# -- in words --------------------------------------------------------------------------------


def named(front: Front, phrases: Phrases, incident: str) -> str:
    """Return an incident as a person knows it: its number, its kind, its place."""
    with front.at_hand(incident):
        line = front.board.line(incident)
        if line is None:
            return incident
        about = phrases.lang.join((phrases.kind(line.kind), place(line.address)))
        return f"{incident} {about}"


def hint_of(front: Front, phrases: Phrases, reading: Reading, body: Body) -> str:
    """Return the verb's sentence with the names of what it is about."""
    verb, lang = reading.verb, phrases.lang
    assert verb is not None, "a line that was read has a verb"
    values: dict[str, object] = dict.fromkeys(HOLES, "")
    values |= {name: value for name, value in body.items() if name in HOLES}
    for part in verb.parts:
        value = body.get(part.field)
        if value is None:
            continue
        if part.sort is Sort.INCIDENT:
            values["other" if part.field in ("into", "other") else part.field] = named(
                front, phrases, str(value)
            )
        elif part.sort is Sort.WHEN:
            values["when"] = when_text(front, phrases, int(value))
        elif part.sort is Sort.PLACE:
            values["place"] = place(str(value))
        elif part.sort in CODED:
            hole, what = CODED[part.sort]
            values[hole] = phrases.coded(what, str(value))
        elif part.sort in (Sort.CHOICE, Sort.STEP):
            values["choice"] = part.word(str(value), chinese=lang.tag.startswith("zh"))
    incident = str(body["incident"] if "incident" in body else reading.one("incident"))
    if incident and verb.parts:  # a body may say it by what is about the incident
        values["incident"] = named(front, phrases, incident)
    if unit := front.board.units.get(str(body.get("unit", ""))):
        values["state"], values["job"] = lang(STATES.get(unit.status, unit.status)), unit.incident
    if "eta_s" in body:
        values["eta"] = lang.length(body["eta_s"])
    if body.get("swap_to"):
        values["swap"] = named(front, phrases, body["swap_to"])
    return lang.say(verb.hint, **values)


def when_text(front: Front, phrases: Phrases, at_us: int) -> str:
    """Return a time in the town's zone, with its day where that is not today."""
    today = phrases.day(front.now_us())
    day, clock = phrases.day(at_us), phrases.clock(at_us)
    return clock if day == today else f"{day} {clock}"


# -- what it changes -------------------------------------------------------------------------


def effects(
    front: Front, session: Session, phrases: Phrases, body: Body, events: Sequence[Event]
) -> list[tuple[str, str]]:
    """Return what stands now and what the events would change, each with its label."""
    lang = phrases.lang
    found = [*_now(front, phrases, body)]
    if len(events) > 1:
        rights = may_see(front.hub.rooms.authority, session.actor.role)
        sentences = [phrases.event(one, NO_ROW, rights, lambda _at, _name: None) for one in events]
        found.append((lang(_("Recorded")), " ".join(sentences)))
    for event in events:
        found += clocks(front, phrases, foretell(front.hub.state["standards"], event))
        if isinstance(event, (dispatch.UnitCleared, dispatch.UnitCancelled)):
            found += _next_job(front, phrases, event)
    return found


def _now(front: Front, phrases: Phrases, body: Body) -> list[tuple[str, str]]:
    """Return since when the units of a command do what they do."""
    lang, found = phrases.lang, []
    for name in dict.fromkeys(str(body.get(key, "")) for key in ("unit", "by")):
        if (unit := front.board.units.get(name)) is not None:
            said = lang.say(
                _("{unit} is {state}[ on {job}][ since {since}]"), unit=name,
                state=lang(STATES.get(unit.status, unit.status)), job=unit.incident,
                since=phrases.clock(unit.since_us) if unit.since_us else "",
            )  # fmt: skip
            found.append((lang(_("Now")), said))
    return found


def clocks(front: Front, phrases: Phrases, told: Foretold) -> list[tuple[str, str]]:
    """Return the clocks that would start, stop or fall away."""
    lang, now_us, found = phrases.lang, front.now_us(), []
    if told.begins:
        begins = lang.join(
            f"{phrases.named(one.name, one.zh)} {lang.length(one.left_s(now_us))}"
            for one in told.begins
        )
        found.append((lang(_("Starts")), begins))
    for label, ended in ((_("Stops"), told.stops), (_("Ends"), told.voids)):
        if ended:
            names = lang.join(
                lang.say(
                    _("{name} ({left} left)"), name=phrases.named(one.name, one.zh),
                    left=lang.length((one.due_us - now_us) / US),
                ) for one in ended
            )  # fmt: skip
            found.append((lang(label), names))
    return found


def _next_job(
    front: Front, phrases: Phrases, event: dispatch.UnitCleared | dispatch.UnitCancelled
) -> list[tuple[str, str]]:
    """Return where a unit goes next by itself: to the first job that is stacked on it."""
    unit = front.board.units.get(event.unit)
    jobs = unit.jobs if unit is not None else {}
    stacked = [incident for incident, state in jobs.items() if state == "stacked"]
    busy = [i for i, state in jobs.items() if state != "stacked" and i != event.incident]
    if not stacked or busy:
        return []
    said = phrases.lang.say(
        _("{unit} is sent to {incident}, which is stacked on it"), unit=event.unit,
        incident=named(front, phrases, stacked[0]),
    )  # fmt: skip
    return [(phrases.lang(_("Then")), said)]
