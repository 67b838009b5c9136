"""``answerable rules try``: read the rules and the day, play it twice, say what changed.

Exit codes: 0 done, 2 the rules, the town, the mapping or the record cannot be used.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import msgspec

from answerable.console import tongue
from answerable.console.language import Language, _, language
from answerable.console.trying.past_calls import past_day, source_of
from answerable.console.trying.refusals import NotTried
from answerable.console.trying.rules_file import read_rules, rules_of
from answerable.exchange.calls.problems import SourceRefused
from answerable.place.errors import PlaceError
from answerable.place.town_places import Places, load_places
from answerable.planning.rehearsal.past import Day, Rules
from answerable.planning.rehearsal.play import Play, Progress
from answerable.planning.rehearsal.report import Cell, Comparison, Line, compare, watched_by
from answerable.towns.load import TownRefused, load_town, town_folder
from answerable.towns.model import Town

PROGRESS_S = 0.3
CELLS_SHOWN = 12


class Asked(msgspec.Struct, frozen=True):
    """What is to be tried on what. Empty paths: the town's own."""

    file: Path
    on: Path | None = None
    town: str = "san_francisco"
    mapping: Path | None = None
    against: Path | None = None
    days: tuple[str, ...] = ()


def run_try(
    asked: Asked, *, as_json: bool, most: int, out: TextIO | None = None, err: TextIO | None = None
) -> int:
    """Try rules and print what changed; returns the exit code."""
    out, err = out or sys.stdout, err or sys.stderr
    try:
        town, found = tried(asked, _progress(err))
    except (NotTried, SourceRefused, TownRefused, PlaceError) as refusal:
        print(str(refusal), file=err)
        return 2
    if as_json:
        out.write(msgspec.json.encode(found).decode() + "\n")
    else:
        out.write("\n".join(told(found, town, language(tongue.tag()), most)) + "\n")
    return 0


def tried(asked: Asked, progress: Progress) -> tuple[Town, Comparison]:
    """Read everything, play the day under both rules, and compare.

    Raises NotTried, SourceRefused, TownRefused, PlaceError.
    """
    folder = town_folder(asked.town)
    town, places = load_town(folder), load_places(folder)
    town.places = places
    after = read_rules(asked.file, town)  # told before the long work, not after it
    before = read_rules(asked.against, town) if asked.against else rules_of(town)
    source = source_of(asked.on, asked.mapping, asked.town)
    day = past_day(source, town, asked.days)
    return town, both(day, town, places, before, after, progress)


def both(
    day: Day, town: Town, places: Places, before: Rules, after: Rules, progress: Progress
) -> Comparison:
    """Play a day under the rules as they are and under others, and compare."""
    watched, counted_by = watched_by(before.sending, after.sending)

    def half(begun: int) -> Progress:
        return lambda done, total: progress(begun * total + done, 2 * total)

    was = Play(town, places, before, watched).run(day, half(0))
    now = Play(town, places, after, watched).run(day, half(1))
    return compare(day, was, now, counted_by)


def _progress(err: TextIO) -> Progress:
    """Return a progress line for ``err``: one that renews itself, only where somebody looks."""
    if not err.isatty():
        return lambda done, total: None
    last = [0.0]

    def show(done: int, total: int) -> None:
        now = time.monotonic()
        if done == total or now - last[0] >= PROGRESS_S:
            last[0] = now
            bar = "#" * int(30 * done / total)
            end = "\n" if done == total else ""
            err.write(f"\r[{bar:<30}] {done:,} of {total:,} incidents played{end}")
            err.flush()

    return show


# -- in words --------------------------------------------------------------------------------

SAID: tuple[tuple[str, Callable[[Cell, Language], tuple[str, str]]], ...] = (
    (_("units sent"), lambda cell, lang: _numbers(cell, lang, "units")),
    (_("first there, half of them"), lambda cell, lang: _lengths(cell, lang, "first_50_s")),
    (_("first there, nine in ten"), lambda cell, lang: _lengths(cell, lang, "first_90_s")),
    (_("all there, half of them"), lambda cell, lang: _lengths(cell, lang, "last_50_s")),
    (_("all there, nine in ten"), lambda cell, lang: _lengths(cell, lang, "last_90_s")),
    (_("incidents that lacked units"), lambda cell, lang: _numbers(cell, lang, "short")),
    (_("units lacking at the opening"), lambda cell, lang: _numbers(cell, lang, "missing")),
    (_("units that never came"), lambda cell, lang: _numbers(cell, lang, "never")),
    (_("rest overridden"), lambda cell, lang: _numbers(cell, lang, "rest_overridden")),
    (_("sent although cover broke"), lambda cell, lang: _numbers(cell, lang, "cover_broken")),
)
"""What is said of a cell, one line each: before and after."""


def _numbers(cell: Cell, lang: Language, name: str) -> tuple[str, str]:
    return lang.number(getattr(cell.before, name)), lang.number(getattr(cell.after, name))


def _lengths(cell: Cell, lang: Language, name: str) -> tuple[str, str]:
    values = (getattr(cell.before, name), getattr(cell.after, name))
    was, now = ("–" if value is None else lang.length(value) for value in values)
    return was, now


def assumed(lang: Language) -> list[str]:
    """Return what a played day takes for granted: said wherever its figures are."""
    return [
        lang(
            _(
                "Both columns are played, not recorded: everybody proposed is sent at once, and "
                "stays as long as units of the type really did there."
            )
        ),
        lang(
            _(
                "Who was on duty is taken from the record: from two hours before a job to two "
                "hours after it, and between jobs less than eight hours apart. Alarm levels and "
                "move-ups are not played."
            )
        ),
    ]


def headed(found: Comparison, town: Town, lang: Language, changed: int) -> str:
    """Return how much was played, and to how many incidents others would have gone."""
    first, last = (town.local(at_us).date() for at_us in (found.from_us, found.until_us))
    return lang.say(
        _("{incidents}, {days}, {units}; others go to {changed}."),
        incidents=lang.counted(_("{count} incident"), _("{count} incidents"), found.incidents),
        days=lang.days(first, last),
        units=lang.counted(_("{count} unit"), _("{count} units"), found.units),
        changed=lang.number(changed),
    )


def told(found: Comparison, town: Town, lang: Language, most: int) -> Iterator[str]:
    """Yield the report for people, line by line."""
    yield headed(found, town, lang, found.whole.changed)
    yield from assumed(lang)
    yield ""
    rows = [["", lang(_("as they are")), lang(_("as tried"))]]
    rows += [[lang(label), *read(found.whole, lang)] for label, read in SAID]
    rows += _broken(found, lang)
    yield from _table(rows)
    for title, cells in ((_("By area"), found.by_area), (_("By kind"), found.by_kind)):
        yield ""
        yield from _cells(lang(title), cells, lang)
    yield ""
    yield from changes(found.changed, town, lang, most)


def _broken(found: Comparison, lang: Language) -> list[list[str]]:
    if not found.counted_by:
        return []
    label = lang.say(
        _("minutes with cover broken, of {span}"), span=lang.number(round(found.span_min))
    )
    each = lang(_("the same, all places together"))
    return [
        [label, *(lang.number(round(minutes)) for minutes in found.any_broken_min)],
        [each, *(lang.number(round(minutes)) for minutes in found.broken_min)],
    ]


def _cells(title: str, cells: tuple[Cell, ...], lang: Language) -> Iterator[str]:
    head = [title, lang(_("incidents")), lang(_("others go")), lang(_("first there, nine in ten")),
            "", lang(_("lacking")), ""]  # fmt: skip
    rows = [head]
    for cell in cells[:CELLS_SHOWN]:
        rows.append(
            [
                cell.name or "–", lang.number(cell.incidents), lang.number(cell.changed),
                *_lengths(cell, lang, "first_90_s"), *_numbers(cell, lang, "missing"),
            ]
        )  # fmt: skip
    yield from _table(rows)
    if len(cells) > CELLS_SHOWN:
        more = len(cells) - CELLS_SHOWN
        yield lang.say(_("{count} more; --json has all."), count=lang.number(more))


def changes(lines: list[Line], town: Town, lang: Language, most: int) -> Iterator[str]:
    """Yield the incidents to which others would have gone, the first ``most`` of them."""
    for line in lines[:most]:
        at = f"{town.local(line.opened_us):%m-%d %H:%M}"
        kind = town.kinds[line.kind].title.of(lang.tag) if line.kind in town.kinds else line.kind
        why = lang.join(f"{unit} {lang(reason)}" for unit, reason in line.why.items())
        yield lang.say(
            _("{at} {incident} {kind}[, {area}]: {before} → {after}[ ({why})]"),
            at=at, incident=line.incident, kind=kind, area=line.area,
            before=" ".join(line.before) or "–", after=" ".join(line.after) or "–", why=why,
        )  # fmt: skip
    if len(lines) > most:
        yield lang.say(
            _("{count} more; --changes shows more of them, --json all."),
            count=lang.number(len(lines) - most),
        )


def _table(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)]
        yield "  ".join(cells).rstrip()
