"""``answerable repeats``: read a record of calls and say which places keep calling, and why.

Exit codes: 0 done, 2 the record, the mapping or the town cannot be used.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TextIO

import msgspec

from answerable.console import tongue
from answerable.console.language import Language, _, language
from answerable.console.phrases import place
from answerable.console.repeating import saying
from answerable.console.repeating.kept import write_past
from answerable.console.repeating.moments import end_us
from answerable.console.repeating.past import calls_of
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.problems import SourceRefused
from answerable.exchange.calls.rows import read_calls
from answerable.matters.repeats.calls import Calls, day_of
from answerable.matters.repeats.find import Found, found
from answerable.matters.repeats.scan import Progress
from answerable.towns.load import TownRefused, load_town, town_folder
from answerable.towns.repeating import RepeatsFile

LATEST_US = 4_102_444_800_000_000
"""Past calls lie before the year 2100."""
PROGRESS_S = 0.2
WEEK = timedelta(days=7)


class Asked(msgspec.Struct, frozen=True):
    """What is asked: a record, of which town, as it stood at the end of which day.

    ``weekly`` asks it at the end of every week of the record, as somebody would have who looked
    then; a finding is told at the first week that has it. ``keep`` is a file that the incidents
    are written to, as a town's past calls.
    """

    file: Path
    town: str = "san_francisco"
    mapping: Path | None = None
    on: str = ""
    weekly: bool = False
    seed: int = 1
    keep: Path | None = None


def run_repeats(
    asked: Asked, *, as_json: bool, out: TextIO | None = None, err: TextIO | None = None
) -> int:
    """Find and print; returns the exit code."""
    out, err = out or sys.stdout, err or sys.stderr
    try:
        folder = town_folder(asked.town)
        rules = load_town(folder).repeats
        mapping = load_mapping(asked.mapping or folder / "mapping.toml")
        calls, nowhere = calls_of(read_calls(asked.file, mapping, LATEST_US))
        days = days_asked(asked, calls)
        if asked.keep is not None:
            write_past(asked.keep, calls)
    except (SourceRefused, TownRefused) as refusal:
        print(str(refusal), file=err)
        return 2
    lang = language(tongue.tag())
    told = [found(calls, end_us(day, calls.zone), rules, asked.seed, progress)
            for day, progress in _shown(days, lang, err)]  # fmt: skip
    if as_json:
        answer = {"no_place": nowhere, "looks": told} if asked.weekly else told[0]
        body = msgspec.json.encode(answer)
        out.write(body.decode() + "\n")
    else:
        lines = (
            weekly(told, calls, rules, lang)
            if asked.weekly
            else once(told[0], calls, nowhere, rules, lang)
        )
        out.write("\n".join(lines) + "\n")
    return 0


def days_asked(asked: Asked, calls: Calls) -> list[date]:
    """Return the days at whose end it is asked. Raises SourceRefused for one that is none."""
    if not len(calls):
        raise SourceRefused(
            "No places were looked for.", "The record names no place at all.",
            "Give a mapping whose [columns] name the column of the place.",
        )  # fmt: skip
    first, last = (date.fromordinal(int(calls.day[at])) for at in (0, -1))
    if asked.on:
        try:
            last = date.fromisoformat(asked.on)
        except ValueError as error:
            raise SourceRefused(
                "No places were looked for.", f"{asked.on} is not a day.", "Write it as 2018-05-14."
            ) from error
    if not asked.weekly:
        return [last]
    count = (last - first).days // 7
    return [last - WEEK * back for back in range(count, -1, -1)]


# -- progress --------------------------------------------------------------------------------


def _shown(days: list[date], lang: Language, err: TextIO) -> Iterator[tuple[date, Progress]]:
    """Yield each day with how its progress is shown: a line that renews itself, on a terminal."""
    last = [0.0]
    for number, day in enumerate(days):

        def show(done: int, total: int, number: int = number) -> None:
            share = (number + done / total) / len(days)
            now = time.monotonic()
            if err.isatty() and (share == 1 or now - last[0] >= PROGRESS_S):
                last[0] = now
                label = lang(_("shuffled records compared"))
                bar, end = "#" * int(30 * share), "\n" if share == 1 else ""
                err.write(f"\r[{bar:<30}] {lang.percent(share)} {label}{end}")
                err.flush()

        yield day, show


# -- in words --------------------------------------------------------------------------------


def once(
    one: Found, calls: Calls, nowhere: int, rules: RepeatsFile, lang: Language
) -> Iterator[str]:
    """Yield what was found at one moment."""
    yield counted(one, calls, lang)
    if nowhere:
        yield lang.say(_("{count} incidents name no place."), count=lang.number(nowhere))
    yield from saying.noted(one, rules, lang)
    yield ""
    if not one.repeats:
        yield lang(_("No place keeps calling by these rules."))
    for number, repeat in enumerate(one.repeats, 1):
        cause, area = saying.cause(repeat.cause, rules, lang), repeat.area
        yield f"{number:>3}  {place(repeat.place)}{f', {area}' if area else ''}"
        yield f"     {cause} · {lang(repeat.sort)}"
        yield from (f"     {reason}" for reason in saying.why(repeat, rules, lang))


def counted(one: Found, calls: Calls, lang: Language) -> str:
    """Return what was looked at, in a sentence."""
    return saying.counted(one, calls.zone, lang)


def weekly(looks: list[Found], calls: Calls, rules: RepeatsFile, lang: Language) -> Iterator[str]:
    """Yield what would have been found week by week, each finding in the first week it was."""
    yield counted(looks[-1], calls, lang)
    yield from saying.noted(looks[-1], rules, lang)
    known: set[tuple[str, str]] = set()
    for one in looks:
        fresh = [r for r in one.repeats if (r.place, r.cause) not in known]
        known = {(r.place, r.cause) for r in one.repeats}
        if not fresh:
            continue
        yield ""
        yield lang.day(date.fromordinal(day_of(one.at_us, calls.zone)))
        for repeat in fresh:
            cause = saying.cause(repeat.cause, rules, lang)
            yield f"  {place(repeat.place)} · {cause} · {lang(repeat.sort)}"
            yield f"    {saying.because(repeat.because[0], rules, lang)}"
