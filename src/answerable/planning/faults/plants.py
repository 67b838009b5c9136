"""Planted faults: each must be caught, or the drill proves nothing.

``answerable drill plants`` plants each in many seeds and says in what share of them it was caught.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from unittest import mock

from answerable.planning.faults.disk import Disk
from answerable.planning.faults.tamper import Tampering
from answerable.planning.faults.under import Imagined
from answerable.planning.faults.vfs import Connection, Found
from answerable.record import opening, tree
from answerable.record.tree import Frontier

LIES = 0.5
"""The share of syncs that a lying disk only says it has done."""


class Plant:
    """No fault at all; each planted one changes one thing."""

    name = ""
    what = "nothing is planted"
    early = False
    under: type[Imagined] = Imagined
    tampers: Tampering | None = None

    def disk(self, seed: int) -> Disk:
        """Return the disk of a seed."""
        return Disk()

    def planted(self) -> contextlib.AbstractContextManager[object]:
        """Plant what lies in the program itself, for as long as the drill runs."""
        return contextlib.nullcontext()


class _LyingDisk(Disk):
    def __init__(self, seed: int) -> None:
        super().__init__()
        self._dice = random.Random(f"{seed} lies")

    def sync(self, name: str, inode: int) -> None:
        if self._dice.random() >= LIES:
            super().sync(name, inode)


class LyingSync(Plant):
    """The disk says that it has synced, and has not."""

    name = "lying-sync"
    what = "the disk says it has synced, half of the time it has not"

    def disk(self, seed: int) -> Disk:
        """Return a disk that lies."""
        return _LyingDisk(seed)


class _NormalConnection(Connection):
    def execute(self, sql: str, values: Sequence[Any] = ()) -> Found:
        if sql == "PRAGMA synchronous = FULL":
            sql = "PRAGMA synchronous = NORMAL"
        if sql == "PRAGMA synchronous":
            return Found([(2,)])
        return super().execute(sql, values)


class _NormalUnder(Imagined):
    def connect(self, path: Path) -> sqlite3.Connection:
        return cast(sqlite3.Connection, _NormalConnection(self.disk, path.name, self.pages))


class Normal(Plant):
    """Commits are not synced, and SQLite says they are."""

    name = "synchronous-normal"
    what = "commits are not synced, though SQLite says they are"
    under = _NormalUnder


class Early(Plant):
    """A batch is acknowledged before it is committed."""

    name = "early-acknowledgement"
    what = "a batch is acknowledged before it is committed"
    early = True


def _believing(connection: sqlite3.Connection, path: Path) -> tuple[Frontier, int]:
    """Take the end of a record as it stands there, without proving it."""
    leaves = [values[-1] for values in connection.execute(opening.SQL["rows"], (0, -1))]
    last_us = connection.execute(opening.SQL["last_event"]).fetchone() or (0, 0)
    return tree.frontier_of(leaves), int(last_us[1])


class SkippedCheck(Plant):
    """The start does not prove the end of the record."""

    name = "skipped-head-check"
    what = "the start believes the last rows and the tree head as they stand"

    def planted(self) -> contextlib.AbstractContextManager[object]:
        """Let every start believe."""
        return mock.patch.object(opening, "recover_tip", _believing)


class SwappedRows(Plant):
    """Two rows have changed places while the power was off."""

    name = "swapped-rows"
    what = "two rows have changed places while the power was off"
    tampers = Tampering.SWAPPED


class OldBackup(Plant):
    """An older copy was put back while the power was off."""

    name = "old-backup"
    what = "an older copy was put back while the power was off, its mark too or not"
    tampers = Tampering.OLDER


NONE = Plant()
PLANTS: dict[str, Plant] = {
    one.name: one
    for one in (LyingSync(), Normal(), Early(), SkippedCheck(), SwappedRows(), OldBackup())
}
