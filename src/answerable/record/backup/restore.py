"""Putting a record, or its keys, back from a folder of backups, never over one that is there.

Everything is put back and proved in a hidden folder first and then moved into its place, the record
last: a restore that is cut short leaves no record. What had been acknowledged beyond the backup, as
the mark of the lost record tells, is said, and a note of it all is laid beside the record, which
its first start records (``RecordRestored``).
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from answerable.record import RECORD_FILE
from answerable.record.backup.boxes import Reader
from answerable.record.backup.head import Head
from answerable.record.backup.proof import Back, NoKeyFits, put_back, put_keys_back
from answerable.record.backup.refusals import BackupRefused, Hollow, hollow
from answerable.record.backup.shelf import Folder, Shelved, chains
from answerable.record.disk import LOCAL
from answerable.record.mark import mark_of, read_mark

RESTORED_FILE = "restored.json"
"""Beside a record that was put back and has not been started since."""
PLACE = ".restoring-"
ASIDE = ".before-restore"


class Restored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the first start of a record that was put back has to record.

    ``made_us`` is when the backup was made; ``known`` and ``known_by`` say who had seen more.
    """

    id: str
    size: int
    root: str
    made_us: int
    backup: str
    known: int = 0
    known_by: str = ""


class Outcome(NamedTuple):
    """A record that is back: from which file, what came, and the note for its first start."""

    head: Head
    back: Back
    note: Restored | None
    passed_over: list[str]


def read_note(data: Path) -> Restored | None:
    """Return the note of a record that was put back and not started since, or None.

    Raises OSError, or msgspec.DecodeError where the note is damaged.
    """
    try:
        return msgspec.json.decode((data / RESTORED_FILE).read_bytes(), type=Restored)
    except FileNotFoundError:
        return None


def forget_note(data: Path) -> None:
    """Take the note away, once it stands in the record."""
    (data / RESTORED_FILE).unlink(missing_ok=True)
    LOCAL.sync_folder(data)


def restore(source: Path, into: Path, readers: Sequence[Reader], at: int | None = None) -> Outcome:
    """Put the newest backup of a folder back, or the record as it stood ``at`` a position.

    ``source`` is a folder of backups, of the record or of the keys. Raises BackupRefused (nothing
    was put there) or Hollow.
    """
    source, into = source.absolute(), into.absolute()
    records, keys = Folder(source, keys=False), Folder(source, keys=True)
    if not source.is_dir():
        raise BackupRefused(
            f"Not restored from {source}. It is no folder. Give the folder of the backups."
        )
    whole, damaged = keys.files()
    of_keys = bool(whole or damaged)
    if not of_keys:
        whole, damaged = records.files()
    if not whole:
        why = f"None of its {len(damaged)} backups can be read" if damaged else "There is none"
        raise BackupRefused(
            f"Not restored from {source}. {why}. Give the folder that 'answerable backup' wrote."
        )
    passed_over = [f"{one.path.name}: {one.why.why}" for one in damaged]
    try:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=PLACE, dir=into))
    except OSError as error:
        raise BackupRefused(
            f"Not restored into {into}. The folder cannot be written ({error.strerror}). "
            "Name another, or give this user the right to write there."
        ) from error
    try:
        if of_keys:
            return _keys(whole, into, place, readers, passed_over)
        return _record(whole, into, place, readers, at, passed_over)
    except NoKeyFits as error:
        raise BackupRefused(
            f"Not restored from {source}. None of the keys given opens {error}. Give the file that "
            "'answerable backup key' made with --key, or the passphrase with --passphrase-file."
        ) from error
    except (OSError, sqlite3.Error) as error:
        raise hollow(error) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _refuse_over(into: Path, names: Sequence[str]) -> None:
    """Refuse to put anything over what is there."""
    for name in names:
        for there in (into / name, into / f"{name}-wal"):
            if there.exists():
                raise BackupRefused(
                    f"Not restored into {into}. {there.name} is there already, and nothing is "
                    "ever put over it. Name an empty folder, and keep the old one."
                )


# -- the record ------------------------------------------------------------------------------


def _record(
    whole: Sequence[Shelved], into: Path, place: Path, readers: Sequence[Reader],
    at: int | None, passed_over: list[str],
) -> Outcome:  # fmt: skip
    _refuse_over(into, [RECORD_FILE])
    _one_record(whole)
    chain, back = _newest(whole, place, readers, at, passed_over)
    head = chain[-1].head
    mark = read_mark(into / RECORD_FILE)
    note = Restored(
        id=secrets.token_hex(16), size=back.size, root=back.root, made_us=head.made_us,
        backup=chain[-1].path.name,
        known=mark.size if mark is not None and mark.size > back.size else 0,
        known_by="the mark" if mark is not None and mark.size > back.size else "",
    )  # fmt: skip
    _write_private(place / RESTORED_FILE, msgspec.json.encode(note))
    os.chmod(place / RECORD_FILE, 0o600)
    old_mark = mark_of(into / RECORD_FILE)
    if old_mark.exists():  # it belongs to the record that was lost
        os.rename(old_mark, _free(old_mark.with_name(old_mark.name + ASIDE)))
    _move(place, into, [*_missing(into, back.files), RESTORED_FILE, RECORD_FILE])
    return Outcome(head, back, note, passed_over)


def _one_record(whole: Sequence[Shelved]) -> None:
    records = {one.head.record for one in whole}
    if len(records) > 1:
        names = [next(one.path.name for one in whole if one.head.record == r) for r in records]
        raise BackupRefused(
            f"Not restored: backups of {len(records)} records lie in one folder "
            f"({', '.join(sorted(names))}). Leave only those of one record there."
        )


def _newest(
    whole: Sequence[Shelved], place: Path, readers: Sequence[Reader],
    at: int | None, passed_over: list[str],
) -> tuple[list[Shelved], Back]:  # fmt: skip
    """Put the newest chain back that is whole; what is wrong with newer ones is told.

    A chain that is broken is taken up to where it is whole. Raises Hollow where none is.
    """
    last: Hollow | None = None
    for chain in reversed(_reaching(whole, at)):
        links = list(chain)
        while links:
            try:
                return links, put_back(place, [(one.path, readers) for one in links], at)
            except Hollow as error:
                last = error
                passed_over.append(error.why)
                names = [one.path.name for one in links]
                links = links[: names.index(error.file)] if error.file in names else []
                _emptied(place)
    raise last or Hollow("empty", "no chain of backups in this folder is whole")


def _reaching(whole: Sequence[Shelved], at: int | None) -> list[list[Shelved]]:
    """Return the chains that hold a position, the best last. Raises BackupRefused."""
    found = chains(whole)
    if at is None:
        return found
    reaching = [chain for chain in found if chain[-1].head.size >= at]
    if not reaching or at < 1:
        most = max((chain[-1].head.size for chain in found), default=0)
        raise BackupRefused(
            f"Not restored: position {at}. The backups hold positions 1 to {most}. "
            "Give one of those, or leave --at out for the newest."
        )
    return reaching


def _emptied(place: Path) -> None:
    for one in place.iterdir():
        one.unlink()


# -- the keys --------------------------------------------------------------------------------


def _keys(
    whole: Sequence[Shelved], into: Path, place: Path, readers: Sequence[Reader],
    passed_over: list[str],
) -> Outcome:  # fmt: skip
    last: Hollow | None = None
    for one in sorted(whole, key=lambda one: one.head.made_us, reverse=True):
        try:
            head, back = put_keys_back(place, one.path, readers)
        except Hollow as error:
            last = error
            passed_over.append(error.why)
            _emptied(place)
            continue
        _refuse_over(into, list(back.files))
        _move(place, into, list(back.files))
        return Outcome(head, back, None, passed_over)
    raise last or Hollow("empty", "no backup of keys in this folder is whole")


# -- moving into place -----------------------------------------------------------------------


def _missing(into: Path, names: Sequence[str] | dict[str, str]) -> list[str]:
    """Return the files to move; one that lies there already is kept, as the newer one."""
    return [name for name in names if not (into / name).exists()]


def _move(place: Path, into: Path, names: Sequence[str]) -> None:
    """Move files into their place in order, the names durable after each step that counts."""
    LOCAL.sync_folder(place)
    for name in names:
        os.rename(place / name, into / name)
    LOCAL.sync_folder(into)


def _free(path: Path) -> Path:
    """Return a path that is free: the one given, or one with a number behind it."""
    nth, found = 1, path
    while found.exists():
        nth += 1
        found = path.with_name(f"{path.name}-{nth}")
    return found


def _write_private(path: Path, content: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
