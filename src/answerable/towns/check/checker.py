"""``check_town``: a town's folder gone through, and everything said that is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from importlib.resources import files
from pathlib import Path

from answerable.towns import files as f
from answerable.towns.check import (
    followed,
    ground,
    heard,
    kept,
    repeated,
    reported,
    sending,
    termed,
)
from answerable.towns.check import words_of_town as words
from answerable.towns.check.alike import alike
from answerable.towns.check.finding import SEVERITIES, Finding, finding
from answerable.towns.check.given import Given, tables, text_of
from answerable.towns.check.table import CHECKS

WORTH_A_NOTE = (f.STATIONS, f.LABELS, f.CALIBRATION, f.HOLIDAYS, f.RETENTION)
"""Files a town can do without, and mostly should not."""


def catalogue() -> list[str]:
    """Return the names of the standards that come with the product, by their files."""
    folder = files("answerable").joinpath("standards", "catalogue")
    names = [item.name for item in folder.iterdir()]
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def check_town(folder: Path, shelf: Collection[str] | None = None) -> list[Finding]:
    """Return everything that is wrong with a town's folder; [] where nothing is.

    ``shelf`` are the standards a town may name, those of the product where none are given. Findings
    stand in the order of file and line. Reads files only; raises nothing for what is in them.
    """
    if not folder.is_dir():
        return [finding("no-folder", folder.name or str(folder), folder=folder)]
    given = Given(folder)
    shelf = catalogue() if shelf is None else shelf
    found = [*_folder(given), *_words(given, shelf), *_ground(given), *given.found]
    found = _without_accepted(given, found)
    order = [part.name for part in f.PARTS]
    return sorted(found, key=lambda one: _rank(one, order))


def errors(found: Iterable[Finding]) -> list[Finding]:
    """Return the findings that keep a centre from starting."""
    return [one for one in found if one.severity == "error"]


def counted(found: Collection[Finding]) -> str:
    """Return the count of each severity in words: "2 errors, 1 warning"."""
    parts = []
    for severity in SEVERITIES:
        if count := sum(one.severity == severity for one in found):
            parts.append(f"{count} {severity}{'s' if count > 1 else ''}")
    return ", ".join(parts) or "nothing wrong"


def _rank(one: Finding, order: list[str]) -> tuple[int, str, int, int, str]:
    at = order.index(one.file) if one.file in order else len(order)
    return at, one.file, one.line, one.column, one.code


def _without_accepted(given: Given, found: list[Finding]) -> list[Finding]:
    """Return the findings without the warnings the town lives with, and what is wrong with those.

    A row of ``accepted`` is of a warning when the warning's values hold what the row is ``of``.
    """
    for index, row in tables(given.town.get("accepted")):
        check, of = text_of(row, "check"), text_of(row, "of")
        meant = [one for one in found if one.code == check and of in one.values.values()]
        at = given.place(f.TOWN, "accepted", index)
        if any(one.severity == "error" for one in meant):
            found.append(finding("accepted-error", f.TOWN.name, at, check=check, of=of))
        elif meant:
            found = [one for one in found if one not in meant]
        else:
            like = "" if check in CHECKS else alike(check, CHECKS)
            found.append(finding("accepted-idle", f.TOWN.name, at, check=check, of=of, like=like))
    return found


def _folder(given: Given) -> list[Finding]:
    """Return what is missing, and files whose names are nearly those of a town's."""
    known = {part.name: part for part in f.PARTS}
    absent = [name for name, part in known.items() if not given.has(part)]
    misnamed = {}
    for path in sorted(given.folder.iterdir()):
        like = "" if path.name in known else _misspelt(path.name, absent)
        if like:
            misnamed[like] = finding("unknown-file", path.name, like=like)
    found = list(misnamed.values())
    for part in (known[name] for name in absent if name not in misnamed):
        if part.needed or part in WORTH_A_NOTE:
            code = "missing-file" if part.needed else "absent-file"
            found.append(finding(code, part.name, about=part.about, remedy=_without(part)))
    return found


def _misspelt(name: str, absent: list[str]) -> str:
    """Return the file that is absent and has nearly this name, with the same ending; or ""."""
    stem, _, ending = name.partition(".")
    stems = [one.partition(".")[0] for one in absent if one.partition(".")[2] == ending]
    like = alike(stem, stems)
    return f"{like}.{ending}" if like else ""


def _without(part: f.TownPart) -> str:
    return part.without[:1].upper() + part.without[1:]


def _words(given: Given, shelf: Collection[str]) -> list[Finding]:
    return [
        *words.check_zone(given),
        *words.check_standards(given, shelf),
        *words.check_codes(given),
        *words.check_priorities(given),
        *words.check_cards(given),
        *sending.check_sending(given),
        *words.check_kinds_have_cards(given),
        *words.check_cards_are_used(given),
        *words.check_fleet(given),
        *words.check_languages(given),
        *words.check_holidays(given),
        *kept.check_retention(given),
        *termed.check_matters(given),
        *heard.check_script(given),
        *reported.check_outcomes(given),
        *followed.check_following(given),
        *followed.check_support(given),
        *repeated.check_repeats(given),
    ]


def _ground(given: Given) -> list[Finding]:
    if given.has(f.BATTALIONS):
        _ = given.battalions  # read for its shape
    return [
        *ground.check_centre(given),
        *ground.check_pieces(given),
        *ground.check_labels(given),
        *ground.check_calibration(given),
        *ground.check_stations(given),
        *ground.check_areas(given),
    ]
