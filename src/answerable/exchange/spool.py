"""A folder in which two programs lay files for each other: whole or not at all, and bad ones aside.

A file is written under a hidden name, synced and renamed, so that whoever looks never reads half of
one. What cannot be used is moved to a folder ``aside`` with its reason in a file beside it. Nothing
here is quick enough for an event loop: whoever has one calls it in a thread.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FILE_BYTES_MAX = 4_096
"""The longest file that is read."""
LOOK_MAX = 200
"""Files read at one look; more are read by the next."""
ASIDE_MAX = 200
"""Files set aside that are kept; the oldest give way."""
ASIDE = "aside"
WHY = ".why.txt"
NAMED = re.compile(r"[A-Za-z0-9_\-]{1,80}\.json")
"""The names of files that are looked at: letters, figures, hyphens, ``.json``."""


class Laid(NamedTuple):
    """A file that was found: where, and what is in it; ``why`` where it cannot be used."""

    path: Path
    body: bytes
    why: str = ""


def folder_of(path: Path) -> Path:
    """Return a folder, made where it is not there; only its owner may look into it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def lay(folder: Path, name: str, body: bytes) -> Path:
    """Lay a file into a folder, whole, readable by its owner alone. Raises OSError."""
    part, path = folder / f".{name}.part", folder / name
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return path


def found(folder: Path) -> Iterator[Laid]:
    """Yield the files of a folder, the oldest first; at most ``LOOK_MAX``. Raises OSError."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if NAMED.fullmatch(entry.name)]
    aged = sorted((_age(folder / name), name) for name in names)
    for _age_ns, name in aged[:LOOK_MAX]:
        yield read(folder / name)


def _age(path: Path) -> int:
    try:
        return path.lstat().st_mtime_ns
    except OSError:
        return 0  # it went meanwhile; reading it says so


def read(path: Path) -> Laid:
    """Read a file; a link, a folder, a pipe or one that is too long is not read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return Laid(path, b"", f"It cannot be read ({error.strerror}).")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return Laid(path, b"", "It is no plain file.")
    with open(descriptor, "rb") as file:
        body = file.read(FILE_BYTES_MAX + 1)
    if len(body) > FILE_BYTES_MAX:
        return Laid(path, b"", f"It is longer than {FILE_BYTES_MAX} bytes.")
    return Laid(path, body)


def set_aside(path: Path, why: str) -> None:
    """Move a file out of the way, with the reason beside it. Raises OSError."""
    aside = folder_of(path.parent / ASIDE)
    kept_as = aside / path.name
    if kept_as.exists():
        kept_as = aside / f"{path.stem}-{time.time_ns():x}{path.suffix}"
    path.replace(kept_as)
    kept_as.with_name(f"{kept_as.name}{WHY}").write_text(f"{why}\n", encoding="utf-8")
    kept = sorted((one for one in aside.iterdir() if not one.name.endswith(WHY)), key=_age)
    for old in kept[: max(0, len(kept) - ASIDE_MAX)]:
        with contextlib.suppress(OSError):
            old.unlink()
            old.with_name(f"{old.name}{WHY}").unlink(missing_ok=True)


def emptied(folder: Path) -> int:
    """Remove what lies in a folder, also what was never finished; returns how many files."""
    gone = 0
    for path in folder.iterdir():
        if path.is_file() or path.is_symlink():
            path.unlink(missing_ok=True)
            gone += 1
    return gone
