"""The public record of every day: calls rung by the lines' counters, and calls recorded (I8)."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any

import msgspec

from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.intake.counting import LATE_DAYS_MAX, Counts
from answerable.intake.views import DayFigure, days
from answerable.towns.model import Town

SHOWN = 31
"""Days on the page; the files have all that are held."""
BAR = 40
"""How high a day's bar can be in the picture, in its own units."""
STEP = 12
STATES: dict[str, tuple[str, str]] = {
    "agrees": (_("agrees"), "well"), "differs": (_("differs, being looked at"), "bad"),
    "missing": (_("no counter yet, being looked at"), "bad"),
    "counted": (_("not compared yet"), ""), "explained": (_("differs, explained"), "waits"),
    "not counted": (_("not counted"), ""),
}  # fmt: skip
"""What is told of a day. Why a difference came about is for the staff."""
COLUMNS = ("day", "rung", "recorded", "apart", "answered", "state")


def day_of(lang: Language, iso: str) -> str:
    """Return a day as people of a language write it."""
    return lang.day(datetime.date.fromisoformat(iso))


def counts_of(front: Front) -> Counts:
    """Return what is counted."""
    counts: Counts = front.hub.state["intake"].counts
    return counts


class Figures:
    """The figures of the days that are over, made again only when one may have changed."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._key: tuple[int, str] | None = None
        self._held: list[DayFigure] = []

    def all(self) -> list[DayFigure]:
        """Return every day that is held, the newest first."""
        front, counts = self._front, counts_of(self._front)
        now_us = front.now_us()
        key = counts.moved, front.town.day_code(now_us)
        if key != self._key:
            self._held = list(days(counts, front.town, now_us, LATE_DAYS_MAX))
            self._key = key
        return self._held


def row(one: DayFigure, lang: Language) -> dict[str, Any]:
    """Return a day as its row shows it."""
    words, sign = STATES[one.state]
    return {
        "iso": one.day, "day": day_of(lang, one.day), "state": lang(words), "is": sign,
        "rung": "–" if one.rung is None else lang.number(one.rung),
        "recorded": lang.number(one.recorded), "answered": lang.number(one.answered),
        "apart": "–" if one.apart is None else lang.number(one.apart),
    }  # fmt: skip


def picture(shown: list[DayFigure]) -> dict[str, Any]:
    """Return the days as bars, the newest at the right: what was recorded, framed by what rang."""
    most = max((max(one.recorded, one.rung or 0) for one in shown), default=0) or 1
    bars = [
        {
            "x": (SHOWN - nth) * STEP - STEP + 1, "is": STATES[one.state][1],
            "full": _height(one.recorded, most), "frame": _height(one.rung or 0, most),
        }
        for nth, one in enumerate(shown)
    ]  # fmt: skip
    return {"bars": bars, "width": STEP * SHOWN, "height": BAR}


def _height(number: int, most: int) -> float:
    return round(BAR * number / most, 1)


def as_json(figures: list[DayFigure], town: Town) -> bytes:
    """Return every day as JSON; no line is named."""
    told = [{name: getattr(one, name) for name in COLUMNS} for one in figures]
    return msgspec.json.encode({"town": town.name, "zone": town.zone.key, "days": told})


def as_csv(figures: list[DayFigure]) -> bytes:
    """Return every day as a table; what is not known is left empty (RFC 4180)."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    for one in figures:
        table.writerow("" if (value := getattr(one, name)) is None else value for name in COLUMNS)
    return written.getvalue().encode()
