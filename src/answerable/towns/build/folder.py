"""The folder of a build: written beside its place, and moved there only when it is whole.

An older town of the name is kept as ``NAME.before`` until the new one stands. What the build does
not make (calls, a mapping, a calibration) comes along; so does a made file that was edited by
hand since, and the freshly made one then lies beside it as ``FILE.built``.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from answerable.towns.build.options import BuildRefused, Say

REPORT_FILE = "build.json"
BUILT = ".built"
EDITED_MAX = 64 << 20
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Made(msgspec.Struct, frozen=True):
    """A file that the build made."""

    bytes: int
    sha256: str


class _Before(msgspec.Struct, frozen=True):
    """What an earlier report says of its files."""

    files: dict[str, Made]


def made(path: Path) -> Made:
    """Return the size and the checksum of a file."""
    with path.open("rb") as file:
        return Made(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def target_of(name: str, into: Path, *, replace: bool) -> Path:
    """Return the folder that the town will have; BuildRefused where it may not be made."""
    if not NAME.fullmatch(name):
        raise BuildRefused(
            f"'{name}' is no name for a town's folder",
            "Use a to z, 0 to 9 and _, a letter first, 40 signs at most; --title is what is shown",
        )
    target = into / name
    if target.exists() and not replace:
        raise BuildRefused(
            f"there is a folder {target} already",
            "Choose another name, or give --replace to build it anew",
        )
    if target.exists() and not (target / "town.toml").is_file():
        raise BuildRefused(
            f"{target} is no town: it has no town.toml", "Choose another name, or move it away"
        )
    return target


@contextlib.contextmanager
def building(target: Path) -> Iterator[Path]:
    """Give a folder to write into, beside the target; it is gone again whatever happens.

    Raises BuildRefused where it cannot be written: no room, no permission.
    """
    first_made = _first_missing(target.parent)
    aside: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        folder = aside / target.name  # of its own name, which a file in it may repeat
        folder.mkdir()
        yield folder
    except OSError as error:
        raise BuildRefused(
            f"the folder in {target.parent} cannot be written ({error.strerror or error})",
            "Make room, or choose a folder of your own with --into",
        ) from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
        if first_made is not None:
            _remove_empty(target.parent, first_made)


def _first_missing(folder: Path) -> Path | None:
    """Return the topmost folder that would have to be made."""
    missing = None
    while not folder.exists() and folder != folder.parent:
        missing, folder = folder, folder.parent
    return missing


def _remove_empty(folder: Path, top: Path) -> None:
    """Remove the folders made for the build that hold nothing, from the lowest up."""
    with contextlib.suppress(OSError):
        while True:
            folder.rmdir()
            if folder == top:
                return
            folder = folder.parent


def move_in(folder: Path, target: Path, say: Say) -> None:
    """Put a whole folder in its place, the older town kept aside until that is done."""
    before = target.with_name(target.name + ".before")
    if not target.exists():
        folder.rename(target)
        return
    _bring_along(target, folder, say)
    shutil.rmtree(before, ignore_errors=True)
    target.rename(before)
    try:
        folder.rename(target)
    except OSError:
        before.rename(target)
        raise
    shutil.rmtree(before)


def _bring_along(old: Path, new: Path, say: Say) -> None:
    """Copy from the older town what the build does not make, and what was edited by hand."""
    try:
        report = msgspec.json.decode((old / REPORT_FILE).read_bytes(), type=_Before).files
    except (OSError, msgspec.MsgspecError):
        report = {}
    for path in sorted(old.iterdir()):
        fresh = new / path.name
        if not path.is_file() or path.name.endswith(BUILT) or path.name in REPORTS:
            continue
        if not fresh.exists():
            if path.name not in report:
                shutil.copy2(path, fresh)
                say(f"kept: {path.name}, which the build does not make")
        elif _edited(path, report.get(path.name)) and made(path) != made(fresh):
            os.replace(fresh, new / (path.name + BUILT))
            shutil.copy2(path, fresh)
            say(f"kept: {path.name} as you edited it; what was built is {path.name}{BUILT}")


REPORTS = (REPORT_FILE, "BUILD.md", "ATTRIBUTION.md")


def _edited(path: Path, known: Made | None) -> bool:
    """Say whether a file is a plain one that no longer is what the last build made."""
    plain = path.suffix in (".toml", ".csv", ".geojson")
    return plain and path.stat().st_size <= EDITED_MAX and known is not None and made(path) != known
