"""Compare what is locked with published advisories: ``python -m tools.components FOLDER``.

FOLDER holds advisories in the OSV format (https://ossf.github.io/osv-schema/), as the databases of
Python and npm publish them: files of JSON, or archives of such files. Nothing is asked of anybody
outside. The time frames are those of ``docs/assurance/inventory.md``, counted from the day on which
an advisory was published. The exit code is 0 where nothing is beyond its time frame, 1 where
something is, 2 where the advisories cannot be read.
"""

from __future__ import annotations

import argparse
import datetime
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-extras.lock", "requirements-checks.lock")
VENDORED = "src/answerable/console/static/vendor/README.md"
OUTSIDE_DAYS, OTHER_DAYS, LOCK_DAYS = 7, 30, 120
"""A hole that can be reached from outside is closed within the first, any other within the second;
locks are made anew within the third. Whatever the product installs counts as reachable."""
PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s\\;]+)", re.MULTILINE)
ROW = re.compile(r"^\| (@?[a-z][\w./-]*) \| ([0-9][\w.]*) \|", re.MULTILINE)


class Component(NamedTuple):
    """Something that is locked: its registry, name and version, and its time frame in days."""

    ecosystem: str
    name: str
    version: str
    days: int


class _Package(msgspec.Struct):
    ecosystem: str = ""
    name: str = ""


class _Range(msgspec.Struct):
    type: str = ""
    events: list[dict[str, str]] = []


class _Affected(msgspec.Struct):
    package: _Package = msgspec.field(default_factory=_Package)
    versions: list[str] = []
    ranges: list[_Range] = []


class Advisory(msgspec.Struct):
    """What is read of an advisory."""

    id: str
    published: datetime.datetime
    withdrawn: datetime.datetime | None = None
    affected: list[_Affected] = []


def normal(name: str) -> str:
    """Return a name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(root: Path = ROOT) -> list[Component]:
    """Return every component that is locked, each once; the product's own time frame counts."""
    found: dict[tuple[str, str], Component] = {}
    for lock in LOCKS:
        days = OTHER_DAYS if "checks" in lock else OUTSIDE_DAYS
        for name, version in PINNED.findall((root / lock).read_text("utf-8")):
            one = Component("PyPI", normal(name), version, days)
            found.setdefault((one.name, version), one)
    for name, version in ROW.findall((root / VENDORED).read_text("utf-8")):
        found.setdefault((name, version), Component("npm", name, version, OUTSIDE_DAYS))
    return sorted(found.values())


def advisories(folder: Path) -> Iterator[Advisory]:
    """Yield the advisories of a folder. Raises OSError, ValueError where one cannot be read."""
    decode = msgspec.json.Decoder(Advisory).decode
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".json":
            yield decode(path.read_bytes())
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as packed:
                for name in packed.namelist():
                    if name.endswith(".json"):
                        yield decode(packed.read(name))


def strikes(advisory: Advisory, one: Component) -> bool:
    """Say whether an advisory is about a component in its version; in doubt it is."""
    named = [
        part for part in advisory.affected
        if part.package.ecosystem == one.ecosystem and normal(part.package.name) == normal(one.name)
    ]  # fmt: skip
    return advisory.withdrawn is None and any(_holds(part, one.version) for part in named)


def _holds(part: _Affected, version: str) -> bool:
    if version in part.versions:
        return True
    ranges = [one for one in part.ranges if one.type in ("ECOSYSTEM", "SEMVER")]
    if not ranges:
        return not part.versions
    try:
        return any(_within(one.events, Version(version)) for one in ranges)
    except InvalidVersion:
        return True


def _within(events: Iterable[dict[str, str]], version: Version) -> bool:
    """Say whether a version lies in a range: its last event at or before the version counts."""
    inside = False
    told = [(Version(text), what) for event in events for what, text in event.items()]
    for at, what in sorted(told, key=lambda pair: pair[0]):
        if what == "introduced" and at <= version:
            inside = True
        if (what == "fixed" and at <= version) or (what == "last_affected" and at < version):
            inside = False
    return inside


def faults(found: Iterable[Advisory], today: datetime.date, root: Path = ROOT) -> list[str]:
    """Return a line for each advisory that strikes something; "LATE" where its time is over."""
    told, components = [], locked(root)
    for advisory in found:
        known = (today - advisory.published.date()).days
        for one in components:
            if strikes(advisory, one):
                state = "LATE" if known > one.days else "open"
                told.append(
                    f"{state} {one.name} {one.version}: {advisory.id}, published {known} days ago; "
                    f"within {one.days} days it has to be closed"
                )
    return sorted(told)


def aged(today: datetime.date, made: datetime.date) -> list[str]:
    """Return what is wrong with locks that were made on a day."""
    days = (today - made).days
    return [f"LATE locks: made {days} days ago, anew within {LOCK_DAYS}"] * (days > LOCK_DAYS)


def made_on(root: Path = ROOT) -> datetime.date:
    """Return the day on which the locks were last changed, as the history has it."""
    words = ["git", "log", "-1", "--format=%cs", "--", *LOCKS]
    told = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True)
    return datetime.date.fromisoformat(told.stdout.strip())


def main(words: Sequence[str] | None = None) -> int:
    """Compare, print what was found, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("folder", type=Path, help="advisories in the OSV format")
    parser.add_argument("--on", type=datetime.date.fromisoformat, default=None, help="a day")
    given = parser.parse_args(words)
    today = given.on or datetime.datetime.now(datetime.UTC).date()
    try:
        found = list(advisories(given.folder))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        print(f"Not compared. An advisory cannot be read: {error}. Get them again.")
        return 2
    if not found:
        print(f"Not compared. There is no advisory in {given.folder}. Name the folder of them.")
        return 2
    told = [*aged(today, made_on()), *faults(found, today)]
    print(*told, f"{len(locked())} components, {len(found)} advisories.", sep="\n")
    return int(any(line.startswith("LATE") for line in told))


if __name__ == "__main__":
    sys.exit(main())
