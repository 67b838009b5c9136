"""What a centre has to record at its start about the folder of its town.

The run cards of the file are adopted once, when the record has none. After that the record's
edition holds: a file that was changed since waits until somebody adopts it.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from answerable.towns.model import TownFile
from answerable.towns.rules import State, digest_of
from answerable.towns.words import FILES_MAX, AdoptRunCards, FileDigest, NoteFiles

log = logging.getLogger("answerable.towns")


def first_cards(file: TownFile, state: State) -> AdoptRunCards | None:
    """Return the command that adopts the file's run cards, None where some were adopted before."""
    if state.last_edition:
        return None
    digest = digest_of(file.run_cards, file.sending)
    return AdoptRunCards(
        key=f"adopt-run-cards:1:{digest[:16]}", cards=file.run_cards, sending=file.sending,
        reason="the first start",
    )  # fmt: skip


def noting(folder: Path, state: State) -> NoteFiles | None:
    """Return the command that notes the town's files, None where they are as noted before."""
    files = digests_of(folder)
    if state.noted and {file.path: file.digest for file in files} == state.files:
        return None
    whole = hashlib.sha256(repr(files).encode()).hexdigest()
    return NoteFiles(key=f"town-files:{state.noted + 1}:{whole[:16]}", files=files)


def digests_of(folder: Path) -> tuple[FileDigest, ...]:
    """Return the SHA-256 of every file below a town's folder, in the order of their paths.

    Hidden files and what Python keeps are no part of a town. Raises OSError where one cannot be
    read.
    """
    found = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _passed_over(path.relative_to(folder))
    ]
    if len(found) > FILES_MAX:
        log.warning("%s has %d files; the first %d are noted", folder, len(found), FILES_MAX)
    return tuple(
        FileDigest(path.relative_to(folder).as_posix(), _digest(path)) for path in found[:FILES_MAX]
    )


def _passed_over(path: Path) -> bool:
    return path.suffix == ".py" or any(
        part.startswith(".") or part == "__pycache__" for part in path.parts
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
