"""A folder of backups: what lies there, which files make a chain, and what may go.

A folder holds the backups of one record, or of one record's keys, never both: who gets hold of one
folder shall not have values and keys together, and the keys' folder forgets much sooner.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from answerable.record.backup.head import FULL, KEYS, Head, head_of
from answerable.record.backup.refusals import BackupRefused, Hollow
from answerable.record.disk import LOCAL

RECORD_SUFFIX, KEYS_SUFFIX = ".backup", ".keys-backup"
PARTIAL = ".partial"
NAME = re.compile(r"^\d{8}T\d{6}Z-[0-9a-f]{16}-\d{4}-[a-z-]+\.(keys-)?backup$")
DAY_US = 86_400_000_000


class Shelved(NamedTuple):
    """A backup file and its head."""

    path: Path
    head: Head


class Damaged(NamedTuple):
    """A file that is named like a backup and whose head cannot be read."""

    path: Path
    why: Hollow


class Folder:
    """The backups of one folder."""

    def __init__(self, path: Path, *, keys: bool) -> None:
        self.path = path.absolute()
        self.keys = keys
        self._suffix = KEYS_SUFFIX if keys else RECORD_SUFFIX

    def prepare(self, forbidden: Iterable[tuple[Path, str]]) -> None:
        """See that backups may be written here, making the folder (0700) where there is none.

        ``forbidden`` are folders in which none may lie, with what each of them is. Raises
        BackupRefused.
        """
        here = self.path.resolve()
        for folder, what in forbidden:
            other = folder.resolve()
            if here.is_relative_to(other) or other.is_relative_to(here):
                raise BackupRefused(
                    f"Not backed up to {self.path}. It lies in or around {what}, so that it would "
                    "be lost, or be reached, together with it. Name a folder elsewhere, best on "
                    "another disk."
                )
        try:
            here.mkdir(mode=0o700, parents=True, exist_ok=True)
            if stat.S_IMODE(here.stat().st_mode) & stat.S_IWOTH:
                raise BackupRefused(
                    f"Not backed up to {self.path}. Everybody on this machine may write there and "
                    "could exchange a backup. Take that right away (chmod o-w)."
                )
            self._apart(here)
            for left in here.glob(f".*{PARTIAL}"):
                left.unlink()
        except OSError as error:
            raise BackupRefused(
                f"Not backed up to {self.path}. The folder cannot be used ({error.strerror}). "
                "Mount it, or give this user the right to write there."
            ) from error

    def _apart(self, here: Path) -> None:
        """Refuse a folder that holds, or lies in one that holds, the other sort of backups."""
        other = RECORD_SUFFIX if self.keys else KEYS_SUFFIX
        around = [*here.parents, here]
        found = [one for folder in around for one in _named(folder, other)]
        found += [one for one in here.rglob(f"*{other}") if one.name.endswith(other)]
        if found:
            mine, theirs = ("the keys", "the record") if self.keys else ("the record", "the keys")
            raise BackupRefused(
                f"Not backed up to {self.path}. Backups of {theirs} lie there ({found[0].name}), "
                "and whoever gets hold of both can read what is sealed; an erased key would also "
                f"live on as long as they are kept. Name another folder for {mine}."
            )

    def files(self) -> tuple[list[Shelved], list[Damaged]]:
        """Return the backups in the order of their names, and those whose heads are damaged.

        Raises OSError.
        """
        whole: list[Shelved] = []
        damaged: list[Damaged] = []
        for path in _named(self.path, self._suffix):
            try:
                whole.append(Shelved(path, head_of(path)))
            except Hollow as why:
                damaged.append(Damaged(path, why))
        return whole, damaged

    def path_for(self, head: Head) -> Path:
        """Return the name of a backup: when, which chain, its place there, how much it holds."""
        at = datetime.fromtimestamp(head.made_us / 1e6, UTC)
        name = f"{at:%Y%m%dT%H%M%SZ}-{head.chain}-{head.seq:04d}-{head.sort}{self._suffix}"
        return self.path / name

    def publish(self, partial: Path, final: Path) -> None:
        """Give a proven backup its name, durably. Raises OSError."""
        if final.exists():
            raise FileExistsError(17, "a backup of that name is there already", str(final))
        os.rename(partial, final)
        LOCAL.sync_folder(self.path)


def _named(folder: Path, suffix: str) -> list[Path]:
    """Return the files of a folder that are named like backups of a sort."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [folder / name for name in names if NAME.match(name) and name.endswith(suffix)]


def chains(files: Iterable[Shelved]) -> list[list[Shelved]]:
    """Return the chains there are, the newest last; each begins with a full backup and has no gap.

    What hangs in the air, its full backup or an increment before it being away, is in none.
    """
    by_chain: dict[str, dict[int, Shelved]] = {}
    for one in files:
        if one.head.sort != KEYS:
            by_chain.setdefault(one.head.chain, {}).setdefault(one.head.seq, one)
    found = []
    for links in by_chain.values():
        chain: list[Shelved] = []
        while len(chain) in links and (links[len(chain)].head.sort == FULL) is (not chain):
            chain.append(links[len(chain)])
        if chain:
            found.append(chain)
    return sorted(found, key=lambda chain: (chain[-1].head.made_us, chain[-1].head.size))


def old_chains(files: list[Shelved], keep: int) -> list[Path]:
    """Return the files that may go, so that the newest ``keep`` chains are left."""
    staying = {one.head.chain for chain in chains(files)[-keep:] for one in chain}
    return [one.path for one in files if one.head.chain not in staying]


def old_keys(files: list[Shelved], keep: int, days: int, now_us: int) -> list[Path]:
    """Return the backups of keys that may go: beyond ``keep``, or older; the newest one stays."""
    newest_first = sorted(files, key=lambda one: one.head.made_us, reverse=True)
    return [
        one.path
        for nth, one in enumerate(newest_first)
        if nth >= keep or (nth and now_us - one.head.made_us > days * DAY_US)
    ]
