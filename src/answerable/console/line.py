"""The command line at the foot of every page: "/send e03 603".

A line is a verb, then a unit, an incident (its last digits are enough) and words, in any sensible
order. What would happen is said before Enter is pressed; nothing is guessed when two things fit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from answerable.console.board import STATES
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, place
from answerable.dispatch import words as dispatch
from answerable.intake import words as intake
from answerable.kernel.event import Command


@dataclass(frozen=True)
class Verb:
    """A word of the command line: what it asks for and which parts it needs."""

    name: str
    command: type[Command] | None
    unit: bool = False
    words: str = ""
    """The field the rest of the line goes to, "" where there is none."""
    hint: str = ""


VERBS = (
    Verb("send", dispatch.SendUnit, True, "", _("{unit} ({state}) would be sent to {incident}")),
    Verb("ack", dispatch.Acknowledge, True, "", _("{unit} signs for {incident}")),
    Verb("route", dispatch.GoEnRoute, True, "", _("{unit} is en route to {incident}")),
    Verb("arrive", dispatch.Arrive, True, "", _("{unit} has arrived at {incident}")),
    Verb("hospital", dispatch.Transport, True, "", _("{unit} leaves {incident} for hospital")),
    Verb("report", dispatch.ReportBack, True, "outcome", _("{unit} reports back on {incident}")),
    Verb("clear", dispatch.ClearUnit, True, "outcome", _("{unit} is done with {incident}")),
    Verb("cancel", dispatch.CancelUnit, True, "reason", _("{unit} is called off {incident}")),
    Verb("stack", dispatch.StackUnit, True, "reason", _("{unit} goes to {incident} when free")),
    Verb("note", intake.AddNote, False, "words", _("a note on {incident}")),
    Verb("close", dispatch.CloseIncident, False, "outcome", _("{incident} is closed")),
    Verb("reopen", dispatch.ReopenIncident, False, "reason", _("{incident} is taken up again")),
    Verb("go", None, False, "", _("opens {incident}")),
)
BY_NAME = {verb.name: verb for verb in VERBS}
SHORT = {
    "s": "send", "a": "ack", "r": "route", "n": "note", "c": "clear", "x": "cancel", "g": "go",
}  # fmt: skip


@dataclass
class Reading:
    """What a line was read as."""

    hint: str = ""
    problem: bool = False
    body: dict[str, Any] | None = None
    """The command without its key, when the line is complete."""
    go: str = ""
    """The incident to open, for "/go"."""
    unit: str = ""
    incident: str = ""
    words: list[str] = field(default_factory=list)


def incidents_like(front: Front, text: str) -> list[str]:
    """Return the incidents whose number ends so: open ones, or else closed ones."""
    if not text.isdecimal() or len(text) < 2:
        return []
    found = [name for name in front.board.incidents if name.endswith(text)]
    found = found or [name for name in front.board.closed if name.endswith(text)]
    if not found:  # one that was laid aside is found by its whole number
        with front.at_hand(text):
            found = [text] if front.board.line(text) else []
    return found


def unit_like(front: Front, text: str) -> str:
    """Return the unit of that name, in any case and with or without leading zeros."""
    upper = text.upper()
    if upper in front.board.units:
        return upper
    head, tail = upper.rstrip("0123456789"), upper[len(upper.rstrip("0123456789")) :]
    padded = f"{head}{tail.zfill(2)}"
    return padded if tail and padded in front.board.units else ""


def read(front: Front, phrases: Phrases, text: str, selected: str) -> Reading:
    """Read a line; ``selected`` is the incident chosen on the page."""
    lang = phrases.lang
    parts = text.strip().lstrip("/").split()
    if not parts:
        names = " ".join(f"/{verb.name}" for verb in VERBS)
        return Reading(hint=names)
    name = SHORT.get(parts[0].lower(), parts[0].lower())
    verb = BY_NAME.get(name)
    if verb is None:
        fits = " ".join(f"/{v.name}" for v in VERBS if v.name.startswith(name))
        return Reading(hint=fits or lang(_("No such command. Press ? for the keys.")),
                       problem=not fits)  # fmt: skip
    reading = _parts(front, verb, parts[1:], selected)
    return _checked(front, phrases, verb, reading)


def _parts(front: Front, verb: Verb, parts: list[str], selected: str) -> Reading:
    """Take unit, incident and words out of a line."""
    reading = Reading()
    for at, part in enumerate(parts):
        if reading.words:
            reading.words.append(part)
        elif verb.unit and not reading.unit and (unit := unit_like(front, part)):
            reading.unit = unit
        elif not reading.incident and (found := incidents_like(front, part)) and at < 2:
            reading.incident = found[0] if len(found) == 1 else f"?{part}"
        elif part.lower() not in ("to", "on", "for", "at"):
            reading.words.append(part)
    if not reading.incident:
        known = front.board.units.get(reading.unit)
        joining = verb.name in ("send", "stack")
        reading.incident = selected if known is None or joining else (known.incident or selected)
    return reading


def _checked(front: Front, phrases: Phrases, verb: Verb, reading: Reading) -> Reading:
    """Say what is missing, or what would happen."""
    lang = phrases.lang
    reading.problem = True
    if reading.incident.startswith("?"):
        reading.hint = lang(_("Several incidents end so. Give more digits."))
    elif _slipped(verb, reading):
        reading.hint = lang.say(  # a slip must not send somebody to the call that is chosen
            _("{words} is neither a unit nor an incident."), words=reading.words[0]
        )
    elif verb.unit and not reading.unit:
        reading.hint = lang(_("Which unit?"))
        reading.problem = False
    elif front.board.line(reading.incident) is None:
        reading.hint = lang(_("Which incident? Its last digits are enough."))
        reading.problem = bool(reading.words)
    elif verb.words and verb.words != "outcome" and not reading.words:
        reading.hint = lang(_("Add the words."))
        reading.problem = False
    else:
        reading.problem = False
        _complete(front, phrases, verb, reading)
    return reading


def _slipped(verb: Verb, reading: Reading) -> bool:
    """Say whether something was written that is neither a unit, an incident nor words."""
    if not reading.words:
        return False
    if not verb.words or (verb.unit and not reading.unit):
        return True
    return verb.name != "note" and reading.words[0].isdecimal()


def _complete(front: Front, phrases: Phrases, verb: Verb, reading: Reading) -> None:
    line = front.board.line(reading.incident)
    unit = front.board.units.get(reading.unit)
    assert line is not None
    said = phrases.lang.say(
        verb.hint,
        unit=reading.unit,
        incident=f"{line.incident} {phrases.kind(line.kind)}, {place(line.address)}",
        state=phrases.lang(STATES[unit.status]) if unit else "",
    )
    if verb.command is None:
        reading.go, reading.hint = line.incident, said
        return
    body: dict[str, Any] = {"type": verb.command.tag, "incident": line.incident}
    if reading.unit:
        body["unit"] = reading.unit
    if verb.words:
        body[verb.words] = " ".join(reading.words) or phrases.lang(_("done"))
    if verb.command is dispatch.SendUnit and (eta_s := eta(front, reading)) is not None:
        body["eta_s"] = eta_s
        said = phrases.lang.say(_("{said}, {eta} away"), said=said, eta=phrases.lang.length(eta_s))
    reading.body, reading.hint = body, said


def eta(front: Front, reading: Reading) -> float | None:
    """Return the road time of a free unit to the incident, seconds."""
    line = front.board.incidents.get(reading.incident)
    node = front.fleet.node_of(line) if line else None
    if node is None:
        return None
    time_s = front.fleet.times_s(node, front.now_us()).get(reading.unit)
    return round(time_s, 1) if time_s is not None and time_s < 86_400 else None
