"""``answerable town check`` and ``schema``: a town's folder gone through, files and call records.

Here the checks of ``towns.check`` meet those of the mapping of call records, which is a format of
the exchange. Exit codes: 0 nothing but notes and warnings, 1 an error, 2 there is no such town.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from answerable.console.tongue import _, said, word
from answerable.exchange.calls.mapping import Mapping, parse_mapping
from answerable.exchange.calls.problems import SourceRefused
from answerable.towns.check import Finding, check_town, counted, errors
from answerable.towns.check.finding import Severity, finding
from answerable.towns.files import CALLS, MAPPING, PARTS, schema_of
from answerable.towns.load import TownRefused, town_folder


def check_whole(folder: Path) -> list[Finding]:
    """Return everything that is wrong with a town, its mapping of call records included."""
    return [*check_town(folder), *_mapping_findings(folder)]


def _mapping_findings(folder: Path) -> list[Finding]:
    path = folder / MAPPING.name
    if not path.is_file():
        return [finding("calls-unmapped", CALLS.name)] if (folder / CALLS.name).is_file() else []
    try:
        parse_mapping(path.read_text("utf-8"), path.name)
    except SourceRefused as refusal:
        because = refusal.because.rstrip(".")
        return [finding("bad-mapping", MAPPING.name, because=because, remedy=refusal.instead)]
    except (OSError, UnicodeDecodeError) as error:
        return [finding("unreadable", MAPPING.name, because=str(error))]
    return []


def sound(folder: Path) -> Path:
    """Return a town's folder that a centre may start on; TownRefused with every error in it."""
    wrong = errors(check_whole(folder))
    if not wrong:
        return folder
    told = "\n".join(f"  {one.text(word)}" for one in wrong)
    raise TownRefused(
        f"Not started: the town in {folder} has {counted(wrong)}.\n{told}\n"
        f"Correct them; 'answerable town check {folder}' says when all is well."
    )


def run_check(town: str, *, as_json: bool) -> int:
    """Print what is wrong with a town; returns the exit code."""
    try:
        folder = Path(town) if Path(town).is_dir() else town_folder(town)
    except TownRefused as refusal:
        print(str(refusal).replace("Not started", "Not checked"), file=sys.stderr)
        return 2
    found = check_whole(folder)
    if as_json:
        print(msgspec.json.encode([_told(one) for one in found]).decode())
    else:
        for one in found:
            print(one.text(word))
        print(f"{folder}: {_counted(found)}")
    return 1 if errors(found) else 0


COUNTS: dict[Severity, tuple[str, str]] = {
    "error": (_("1 error"), _("{count} errors")),
    "warning": (_("1 warning"), _("{count} warnings")),
    "note": (_("1 note"), _("{count} notes")),
}


def _counted(found: list[Finding]) -> str:
    """Return the count of each severity in the language that is spoken: 2 errors, 1 warning."""
    counts = {severity: sum(one.severity == severity for one in found) for severity in COUNTS}
    told = [said(COUNTS[name][count > 1], count=count) for name, count in counts.items() if count]
    return ", ".join(told) or said("nothing wrong")


def _told(one: Finding) -> dict[str, Any]:
    """Return a finding for a program: its parts, and its words in English."""
    parts = {name: getattr(one, name) for name in ("code", "severity", "file", "line", "column")}
    return {**parts, "what": one.what, "remedy": one.remedy, "values": one.values}


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every file of a town that has one, by file name."""
    with_mapping = [
        msgspec.structs.replace(part, struct=Mapping) if part is MAPPING else part for part in PARTS
    ]
    return {part.name: schema for part in with_mapping if (schema := schema_of(part))}


def run_schema(file: str) -> int:
    """Print the JSON Schema of one file of a town, or of all by name; returns the exit code."""
    known = schemas()
    if file and file not in known:
        print(
            f"No schema was printed. There is none for a file called {file}. "
            f"Give one of: {', '.join(known)}.",
            file=sys.stderr,
        )
        return 2
    told = known[file] if file else known
    print(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
    return 0
