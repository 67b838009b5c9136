"""The staff's side of it: the words to read out to a caller, and the counts line by line."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from answerable.console.acts import Act
from answerable.console.front import Front
from answerable.console.language import _, language, languages
from answerable.console.phrases import Phrases
from answerable.console.public.record import SHOWN, STATES, counts_of, day_of, row
from answerable.disclosure.codes import code_of
from answerable.dispatch.views import IncidentLine
from answerable.intake import words as intake
from answerable.intake.counting import OPEN
from answerable.intake.views import DayFigure, LineFigure, days, figure

CALLS_SHOWN = 12
"""Callers of one incident whose codes stand on its page, the latest first."""
SAY = _(
    "Your number is {number}, your code is {code}.[ With both you can see how it stands: {url}]"
)


def spoken(text: str) -> str:
    """Return a number or code as it is said: in small groups."""
    plain = text.replace("-", "")
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def slip(front: Front, kind: str, number: str) -> dict[str, Any]:
    """Return number, code, and the words to read out in every language."""
    code = code_of(front.centre.receipt_secret, kind, number)
    base = front.service.settings.url if front.service else ""
    url = f"{base}/receipt" if base else ""
    words = [
        {"tag": tag, "text": language(tag).say(SAY, number=spoken(number), code=spoken(code),
                                               url=url)}
        for tag in languages()
    ]  # fmt: skip
    return {"number": number, "code": code, "words": words}


def slips(front: Front, line: IncidentLine, role: str) -> list[dict[str, Any]]:
    """Return the slips of an incident's callers, of itself where nobody called; [] for others."""
    if not front.hub.rooms.authority.may_open(role, "receipts"):
        return []
    calls = line.calls[-CALLS_SHOWN:]
    if not calls:
        return [slip(front, "incident", line.incident)]
    return [slip(front, "call", call) for call in reversed(calls)]


# -- counts ----------------------------------------------------------------------------------


def matters(front: Front, phrases: Phrases) -> str:
    """Return in a few words which days' counts need somebody, "" where none does."""
    named = sorted({day for day, _line in counts_of(front).matters})
    if not named:
        return ""
    first = day_of(phrases.lang, named[0])
    return phrases.lang.say(
        _("Calls rung and recorded do not agree: {day}[ and {more} more]"),
        day=first, more=len(named) - 1 or "",
    )  # fmt: skip


def counted(front: Front, phrases: Phrases, role: str) -> dict[str, Any]:
    """Return the days line by line, those that need somebody first."""
    counts = counts_of(front)
    open_days = sorted({day for day, _line in counts.matters}, reverse=True)
    asked = [figure(counts, front.town, datetime.date.fromisoformat(day)) for day in open_days]
    recent = days(counts, front.town, front.now_us(), SHOWN)
    rest = [one for one in recent if one.day not in open_days]
    return {
        "open": [_day(front, one, phrases, role) for one in asked],
        "days": [_day(front, one, phrases, role) for one in rest],
        "lines": _lines(front, counts.lines, phrases, role),
    }  # fmt: skip


def _day(front: Front, one: DayFigure, phrases: Phrases, role: str) -> dict[str, Any]:
    lines = [_line(front, one.day, line, phrases, role) for line in one.lines]
    return row(one, phrases.lang) | {"lines": lines}


def _line(
    front: Front, day: str, one: LineFigure, phrases: Phrases, role: str
) -> dict[str, Any]:  # fmt: skip
    lang, acts = phrases.lang, front.acts(role, phrases.lang.tag)
    words, sign = STATES[one.state or "not counted"]
    made: list[Act] = []
    if one.state in OPEN and acts.may(intake.ExplainDifference):
        fixed = {"day": day, "line": one.line}
        made.append(acts.act(intake.ExplainDifference, _("Explain"), fixed))
    return {
        "line": one.line or lang(_("(no name)")), "state": lang(words), "is": sign,
        "rung": "–" if one.rung is None else lang.number(one.rung),
        "recorded": lang.number(one.recorded), "acts": made,
    }  # fmt: skip


def _lines(
    front: Front, lines: Iterable[str], phrases: Phrases, role: str
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the lines whose counts are waited for, with what may be done about each."""
    acts, label = front.acts(role, phrases.lang.tag), _("Used no more")
    may = acts.may(intake.RetireLine)
    return [
        {
            "line": line or phrases.lang(_("(no name)")),
            "acts": [acts.act(intake.RetireLine, label, {"line": line})] if may else [],
        }
        for line in lines
    ]
