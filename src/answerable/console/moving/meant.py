"""What a person means by the words of a form: a time of the town's clock, a unit in any case.

Only what stays the same when a form is sent twice is read here, because its key stands for one
command: a time of day, not "in twenty minutes" (the command bar takes those).
"""

from __future__ import annotations

from collections.abc import Mapping

from answerable.console.acts import FIELDS
from answerable.console.bar.times import CLOCK, NoSuchTime, instant
from answerable.console.language import Language
from answerable.console.sanity import Refused
from answerable.dispatch.views import Board
from answerable.towns.model import Town

TIMES = ("until", "back")
UNITS = ("unit", "by", "awaits")
SHOWN_MAX = 40


def as_meant(
    form: Mapping[str, str], board: Board, town: Town, now_us: int, lang: Language
) -> dict[str, str]:
    """Return a form with its times as instants and its units as they are called.

    Raises Refused (400) where a time is none, or one that the town's clock shows never or twice.
    """
    meant = dict(form)
    for name in TIMES:
        text = form.get(name, "").strip()
        if text and not text.isdecimal():
            meant[name] = str(_instant(name, text, town, now_us, lang))
    for name in UNITS:
        unit = form.get(name, "").strip()
        if unit not in board.units and unit.upper() in board.units:
            meant[name] = unit.upper()
    return meant


def _instant(name: str, text: str, town: Town, now_us: int, lang: Language) -> int:
    try:
        found = instant(text, town, now_us) if CLOCK.fullmatch(text) else None
    except NoSuchTime:
        found = None
    if found is None:
        raise Refused(
            400, "console.BadTime", "Nothing was recorded.", "{field}: {text} is not a time.",
            "Write it as 14:30; another day as 2026-11-22T14:30.",
            field=lang(FIELDS[name]), text=text[:SHOWN_MAX],
        )  # fmt: skip
    return found
