"""The walk of ``fsck`` over every row, tree head, sealed value and snapshot, in one pass.

Tree heads are computed twice where they have to be: from the leaves as stored, and from the leaves
as recomputed. The one that gives the head tells which of the two was altered, row or leaf.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

from answerable.kernel.event import Row
from answerable.record import snapshots, tree
from answerable.record.entry import COLUMNS, leaf_of
from answerable.record.findings import FsckReport
from answerable.record.opening import SQL
from answerable.record.rebuild import Rebuild
from answerable.record.seals import RESTORE, Seals
from answerable.record.tree import Frontier
from answerable.record.vault import Boxed

CHUNK = 1024
STEP_MAX = 1 << 40
LATER = "Nothing recorded is lost: the next start passes over it and builds the state again."


class Ahead:
    """Rows of a side table in order of position, taken as far as the walk has come."""

    def __init__(self, values: Iterator[tuple[Any, ...]], column: int) -> None:
        self._values = values
        self._column = column
        self.first = next(values, None)

    def until(self, position: int) -> Iterator[tuple[Any, ...]]:
        """Yield those that stand at or before ``position``, or nowhere because of damage."""
        while self.first is not None and not self._is_later(self.first[self._column], position):
            yield self.first
            self.first = next(self._values, None)

    @staticmethod
    def _is_later(at: object, position: int) -> bool:
        return isinstance(at, int) and at > position


class Walk:
    """One pass over a record that is held still by the caller's read transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        report: FsckReport,
        rebuild: Rebuild | None,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._db = connection
        self._report = report
        self._rebuild = rebuild
        self._progress = progress
        self._rebuilding = rebuild is not None
        self._frontier: Frontier | None = tree.EMPTY
        self._stored: list[bytes] = []
        self._computed: list[bytes] = []
        self._at = 0
        self._epoch = 0
        self._recorded_us = 0

    def run(self) -> None:
        """Walk; findings go to the report."""
        heads = Ahead(self._ordered("all_heads"), 0)
        sealed, seals = Ahead(self._ordered("all_sealed"), 0), Seals(self._db, self._report)
        kept = Ahead(self._ordered("all_snapshots"), 1)
        of = self._db.execute(SQL["last_position"]).fetchone()[0] or 0
        for snapshot in kept.until(0):
            self._check_snapshot(*snapshot)
        for values in self._rows():
            row = self._check_row(values)
            for boxed in sealed.until(row.position):
                seals.check(row, Boxed(*boxed))
            if self._rebuild:
                seals.complete(row, self._rebuild.sealed_in(row.kind))
            for head in heads.until(row.position):
                self._check_head(*head)
            for snapshot in kept.until(row.position):
                self._check_snapshot(*snapshot)
            if self._progress and (row.position % 10_000 == 0 or row.position == of):
                self._progress(row.position, of)
        seals.finish()
        self._check_ends(heads, sealed, kept)

    def _ordered(self, name: str) -> Iterator[Any]:
        """Yield a statement's rows; where they cannot be read, say so and stop."""
        try:
            yield from self._db.execute(SQL[name])
        except sqlite3.DatabaseError as error:
            self._report.find(name.replace("all_", "the table of "), str(error), RESTORE)

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield events in order; after an unreadable place, go on behind it."""
        after: int | None = 0
        while after is not None:
            try:
                values = self._page(after, CHUNK)
            except sqlite3.DatabaseError as error:
                yield from self._one_by_one(after)
                after = self._pass_over(error)
                continue
            if not values:
                return
            yield from values
            after = values[-1][0]

    def _page(self, after: int, limit: int) -> list[tuple[Any, ...]]:
        """Return the next events; raises sqlite3.DatabaseError where they do not ascend."""
        values = self._db.execute(SQL["rows"], (after, limit)).fetchall()
        last = after
        for one in values:
            if one[0] <= last:
                raise sqlite3.DatabaseError(f"position {one[0]} stands behind {last}")
            last = one[0]
        return values

    def _one_by_one(self, after: int) -> Iterator[tuple[Any, ...]]:
        """Yield what can still be read before an unreadable place."""
        try:
            while values := self._page(after, 1):
                yield values[0]
                after = values[0][0]
        except sqlite3.DatabaseError:
            return

    def _pass_over(self, error: sqlite3.DatabaseError) -> int | None:
        """Report an unreadable place; return the position to go on behind, or None at the end."""
        behind, step = None, 1
        while behind is None and step < STEP_MAX:
            try:
                found = self._page(self._at + step, 1)
            except sqlite3.DatabaseError:
                step *= 2
                continue
            if not found:
                break
            behind = found[0][0] - 1
        where = f"positions {self._at + 1} to {'the end' if behind is None else behind}"
        self._report.find(where, f"cannot be read ({error})", RESTORE, self._at + 1)
        if behind is not None:
            self._lose(behind)
        return behind

    def _lose(self, position: int) -> None:
        """Go on behind a gap; the tree cannot be computed before a head that keeps its peaks."""
        self._at = position
        self._frontier = None
        self._rebuilding = False
        self._stored, self._computed = [], []

    # -- rows --------------------------------------------------------------------------------

    def _check_row(self, values: tuple[Any, ...]) -> Row:
        report, row, leaf = self._report, Row._make(values[:COLUMNS]), values[COLUMNS]
        if row.position != self._at + 1:
            where = f"positions {self._at + 1} to {row.position - 1}"
            report.find(where, "they are missing", RESTORE, self._at + 1)
            self._lose(row.position - 1)
        self._at = report.events = row.position
        computed = _computed(row)
        if computed != leaf:
            what = "its columns do not give its stored leaf"
            report.find(f"position {row.position}", what, RESTORE, row.position)
            self._rebuilding = False
        self._stored.append(leaf if isinstance(leaf, bytes) else b"")
        self._computed.append(computed)
        self._check_order(row)
        self._feed(row)
        return row

    def _check_order(self, row: Row) -> None:
        try:
            wrong = (
                f"its epoch {row.epoch} is earlier than the one before, {self._epoch}"
                if row.epoch < self._epoch
                else f"its epoch {row.epoch} is later than the record's, {self._report.epoch}"
                if row.epoch > self._report.epoch
                else "it was recorded before the one before it"
                if row.recorded_at < self._recorded_us
                else ""
            )
        except TypeError:
            return  # a column of a wrong type: the leaf has already told
        if wrong:
            self._report.find(f"position {row.position}", wrong, RESTORE, row.position)
        self._epoch, self._recorded_us = row.epoch, row.recorded_at

    def _feed(self, row: Row) -> None:
        if not self._rebuilding or self._rebuild is None:
            return
        try:
            self._rebuild.feed(row)
        except Exception as error:  # whatever a room raises, the position must be named
            what = f"the program cannot take it ({type(error).__name__}: {error})"
            instead = "A newer program may have written it: look with that one."
            self._report.find(f"position {row.position}", what, instead, row.position)
            self._rebuilding = False

    # -- tree heads --------------------------------------------------------------------------

    def _check_head(self, size: int, root: bytes, peaks: bytes | None) -> None:
        report = self._report
        report.heads += 1
        if size != self._at:
            report.find(f"the tree head of {size} events", "its last event is missing", RESTORE)
            return
        if self._frontier is not None:
            self._match(size, root)
        report.root = root.hex() if isinstance(root, bytes) else ""
        self._check_peaks(size, root, peaks)
        self._stored, self._computed = [], []

    def _match(self, size: int, root: bytes) -> None:
        assert self._frontier is not None
        stored = tree.extend(self._frontier, self._stored)
        computed = tree.extend(self._frontier, self._computed)
        if tree.root(stored) == root:
            self._frontier = stored
        elif tree.root(computed) == root:
            self._frontier = computed
        else:
            what = "the events before it do not give it; rows or the head were altered"
            self._report.find(f"the tree head of {size} events", what, RESTORE)
            self._frontier = None

    def _check_peaks(self, size: int, root: bytes, peaks: bytes | None) -> None:
        """Compare a kept frontier, and go on from it where the tree was lost."""
        if peaks is None:
            return
        try:
            kept = tree.unpacked(size, peaks)
        except (TypeError, ValueError):
            kept = tree.EMPTY
        if tree.root(kept) != root:
            what = "the frontier kept with it does not give it"
            self._report.find(f"the tree head of {size} events", what, RESTORE)
        elif self._frontier is None:
            self._frontier = kept

    # -- snapshots ---------------------------------------------------------------------------

    def _check_snapshot(
        self, fingerprint: str, position: int, coding: str, checksum: bytes, stored: bytes
    ) -> None:
        self._report.snapshots += 1
        where = f"the snapshot at position {position}"
        packed = snapshots.Packed(fingerprint, position, coding, checksum, stored)
        found = snapshots.unpack(packed)
        if found is None:
            self._report.find(where, "it is damaged", LATER)
        elif self._rebuilding and self._rebuild and position == self._at:
            if fingerprint != self._rebuild.fingerprint:
                note = f"{where} was made by another version of the program and is not compared"
                self._report.notes.append(note)
            elif found.body != self._rebuild.packed():
                instead = "Delete it from the table of snapshots; the events are the truth."
                self._report.find(where, "it is not what the events give", instead)

    def _check_ends(self, heads: Ahead, sealed: Ahead, kept: Ahead) -> None:
        """Find what lies behind the last event, or is not covered by the last head."""
        behind = f"the last event is {self._at}"
        if self._stored:
            first = self._at - len(self._stored) + 1
            what = f"no tree head covers them (to {self._at})"
            self._report.find(f"positions from {first}", what, RESTORE, first)
        if heads.first:
            self._report.find(f"the tree head of {heads.first[0]} events", behind, RESTORE)
        if sealed.first:
            position, field = sealed.first[:2]
            self._report.find(f"the sealed {field} of position {position}", behind, RESTORE)
        if kept.first:
            self._report.find(f"the snapshot at position {kept.first[1]}", behind, LATER)
        self._report.rebuilt = self._rebuilding
        if not self._at:
            self._report.root = tree.EMPTY_ROOT.hex()


def _computed(row: Row) -> bytes:
    try:
        return leaf_of(row)
    except (TypeError, ValueError, OverflowError):
        return b""
