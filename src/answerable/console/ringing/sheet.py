"""The page of calls: who rings, who waits for what, and what happened today.

Buttons come from the STEPS of a call and the table of rights, as everywhere; each has its letter,
which does it for the chosen row.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from answerable.console.acts import Act, Acts
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.phrases import Phrases
from answerable.console.ringing.strip import lines_of
from answerable.intake import line_words as w
from answerable.intake import words as i
from answerable.intake.counting import span
from answerable.intake.line_views import BACK, OnLine
from answerable.kernel.event import Command, Event
from answerable.kernel.steps import Steps

STATES = {
    "ringing": _("ringing"), "answered": _("answered"), "silent": _("nobody speaks"),
    "hung up": _("hung up after the answer"), "abandoned": _("hung up before the answer"),
    "offered": _("offered"), "offered, hung up": _("offered; the caller hung up"),
    "matched": _("has its incident"),
}  # fmt: skip
TRIED = {
    "no answer": _("no answer"), "busy": _("busy"), "not in service": _("not in service"),
}  # fmt: skip
TAKEN = ("answered", "silent", "hung up")
"""The states in which the form of a call is the usual next thing."""
MEDIA = {"voice": _("call"), "text": _("text")}


@dataclasses.dataclass(frozen=True)
class Key:
    """A button of a row: its letter, the command, the step it asks for, what is fixed in it."""

    letter: str
    command: type[Command]
    step: type[Event]
    label: str
    fixed: Mapping[str, str] = dataclasses.field(default_factory=dict)


OPEN_KEYS = (
    Key("s", w.MarkSilent, w.CallSilent, _("Nobody speaks")),
    Key("h", w.HangUp, w.CallHungUp, _("Caller hung up")),
    Key("w", w.TextCaller, w.CallerTexted, _("Write")),
    Key("t", w.TransferCall, w.CallTransferOffered, _("Transfer")),
    Key("e", i.EndCall, i.CallEnded, _("End")),
)
BACK_KEYS = (
    Key("r", w.TryCallBack, w.CallerReached, _("Reached"), {"outcome": "reached"}),
    Key("n", w.TryCallBack, w.CallBackTried, _("No answer"), {"outcome": "no answer"}),
    Key("y", w.TryCallBack, w.CallBackTried, _("Busy"), {"outcome": "busy"}),
    Key("x", w.TryCallBack, w.CallBackTried, _("Not in service"), {"outcome": "not in service"}),
    Key("w", w.TextCaller, w.CallerTexted, _("Write")),
    Key("t", w.TransferCall, w.CallTransferOffered, _("Transfer")),
    Key("e", i.EndCall, i.CallEnded, _("Give up")),
)
TRANSFER_KEYS = (
    Key("f", w.ConfirmTransfer, w.CallTransferred, _("Confirmed")),
    Key("d", w.DeclineTransfer, w.CallTransferDeclined, _("Declined")),
    Key("w", w.TextCaller, w.CallerTexted, _("Write")),
)
TEXT_KEYS = (Key("w", w.TextCaller, w.CallerTexted, _("Write back")),)
ANY = (w.TryCallBack, w.TextCaller)
"""What needs a number that the line gave, but for a text, which comes over the line."""


def _may(front: Front, acts: Acts, steps: Steps, one: OnLine, key: Key) -> bool:
    """Say whether a row has a button."""
    if not acts.may(key.command) or not steps.allows(one.state, key.step):
        return False
    if key.command is w.TransferCall and not front.town.file.agencies:
        return False
    texting = key.command is w.TextCaller and one.medium == "text"
    return one.reachable or texting or key.command not in ANY


def _acts(front: Front, one: OnLine, keys: tuple[Key, ...], role: str, lang: Language) -> list[Any]:
    acts, steps = front.acts(role, lang.tag), front.steps("intake", "call")
    usual = one.state not in TAKEN
    made: list[dict[str, Any]] = []
    for key in keys:
        if _may(front, acts, steps, one, key):
            fixed = {"call": one.call, **key.fixed}
            act: Act = acts.act(key.command, key.label, fixed, first=usual and not made)
            made.append({"letter": key.letter, "act": act})
    return made


def _row(
    front: Front, one: OnLine, phrases: Phrases, role: str, keys: tuple[Key, ...], since_us: int
) -> dict[str, Any]:
    """Return a call as a row. ``since_us`` is what its age counts from."""
    lang = phrases.lang
    agencies = {agency.code: agency for agency in front.town.file.agencies}
    agency = agencies.get(one.agency)
    return {
        "call": one.call,
        "position": one.position,
        "since_ms": since_us // 1000,
        "time": phrases.clock(since_us),
        "medium": lang(MEDIA.get(one.medium, one.medium)),
        "line": one.line,
        "state": lang(STATES.get(one.state, one.state)),
        "who": " · ".join(part for part in (one.desk, one.by) if part),
        "nothing": one.state == "answered" and not one.followed,
        "tried": _tried(one, phrases),
        "no_number": not one.reachable and one.medium != "text",
        "agency": agency.title.of(lang.tag) if agency else one.agency,
        "channel": agency.channel if agency else "",
        "texts": one.texts,
        "incident": one.incident,
        "acts": _acts(front, one, keys, role, lang),
        "take": one.state in TAKEN,
        "words": one.reachable or one.medium == "text",
        "rings": one.state == "ringing",
    }


def _tried(one: OnLine, phrases: Phrases) -> str:
    """Return what came of the last attempt to ring back, "" where there was none."""
    if not one.attempts:
        return ""
    lang = phrases.lang
    return lang.say(
        _("attempt {attempt} at {time}: {outcome}"), attempt=one.attempts,
        time=phrases.clock(one.tried_us or one.since_us),
        outcome=lang(TRIED.get(one.tried, one.tried)) if one.tried else lang(_("reached")),
    )  # fmt: skip


def _texting(front: Front, one: OnLine) -> bool:
    """Say whether texts of a caller wait; those of a closed incident wait for nobody."""
    if not one.texts or one.state == "ringing":
        return False
    return one.state != "matched" or one.incident in front.board.incidents


def _section(
    front: Front, phrases: Phrases, role: str, name: str, title: str, empty: str
) -> dict[str, Any]:
    """Return one section: the calls that wait for the same thing, the longest waiting first."""
    calls, keys, since = SORTS[name]
    found = [one for one in lines_of(front).calls.values() if calls(front, one)]
    found.sort(key=since)
    rows = [_row(front, one, phrases, role, keys, since(one)) for one in found]
    return {"name": name, "title": phrases.lang(title), "empty": phrases.lang(empty), "rows": rows}


SORTS: dict[str, tuple[Any, tuple[Key, ...], Any]] = {
    "ringing": (lambda _front, one: one.state == "ringing", (), lambda one: one.rung_us),
    "open": (lambda _front, one: one.state in ("answered", "silent"), OPEN_KEYS,
             lambda one: one.since_us),
    "back": (lambda _front, one: one.state in BACK, BACK_KEYS, lambda one: one.since_us),
    "transfers": (lambda _front, one: one.state.startswith("offered"), TRANSFER_KEYS,
                  lambda one: one.since_us),
    "texts": (_texting, TEXT_KEYS, lambda one: one.text_us),
}  # fmt: skip
"""The sections: which calls are in each, their buttons, and what their age counts from."""
SECTIONS = (
    ("ringing", _("Ringing"), _("No call is ringing.")),
    ("open", _("Answered, without an outcome yet"), _("Every answered call has its outcome.")),
    ("back", _("To be rung back"), _("Nobody waits to be rung back.")),
    ("transfers", _("Being transferred"), _("No call waits for another service.")),
    ("texts", _("Texts to write back to"), _("Every text was written back to.")),
)
FIGURES = (
    ("voice", _("Calls rung")), ("text", _("Texts rung")), ("abandoned", _("Hung up unanswered")),
    ("hung up", _("Hung up after")), ("silent", _("Silent")),
    ("rung back", _("Attempts to ring back")),
    ("reached", _("Reached")), ("transferred", _("Transferred")),
)  # fmt: skip


def sections(front: Front, phrases: Phrases, role: str) -> list[dict[str, Any]]:
    """Return the page's sections."""
    return [_section(front, phrases, role, *section) for section in SECTIONS]


def figures(front: Front, lang: Language) -> list[tuple[str, str]]:
    """Return what happened today, by the town's own day."""
    today: datetime.date = front.town.local(front.now_us()).date()
    from_us, until_us = span(front.town, today)
    lines = lines_of(front)
    return [
        (lang(title), lang.number(lines.count(what, from_us, until_us))) for what, title in FIGURES
    ]


def rows(front: Front, lang: Language, role: str) -> dict[str, Any]:
    """Return what the sections of the page show; the live stream draws the same."""
    return {
        "sections": sections(front, front.phrases(lang.tag), role),
        "figures": figures(front, lang),
        "reads": front.gate.may(role, w.ReadCall),
    }
