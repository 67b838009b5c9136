"""A disk on which somebody has been: rows exchanged, an older copy put back."""

from __future__ import annotations

import enum
import random
from typing import NamedTuple

from answerable.kernel.event import Row
from answerable.planning.faults.disk import MARK, Disk
from answerable.planning.faults.ledger import Expected
from answerable.planning.faults.rows import RECORD
from answerable.planning.faults.vfs import Connection
from answerable.record.entry import COLUMNS, leaf_of
from answerable.record.mark import LINE
from answerable.record.opening import SQL

TAKE_OUT = "DELETE FROM events WHERE position IN (?, ?)"


class Tampering(enum.StrEnum):
    """What was done to the disk."""

    SWAPPED = "two rows exchanged"
    SWAPPED_LEAVES = "two rows exchanged, their hashes made to fit"
    OLDER = "an older copy of the record put back"


class Older(NamedTuple):
    """A copy of an earlier moment, and how many events it may have at most."""

    files: dict[str, bytes]
    events_max: int


def tampered(
    how: Tampering,
    files: dict[str, bytes],
    older: list[Older],
    expected: Expected,
    dice: random.Random,
    *,
    seen: bool = False,
) -> dict[str, bytes] | None:
    """Return the files after somebody was there, None where there is nothing to tamper with.

    ``seen`` keeps to what a start can see by itself: an older copy lies beside today's mark.
    Without it the mark may be an older one too; then only the drill's book, or a witness, knows.
    """
    if how is Tampering.OLDER:
        return _put_back(older, expected, dice, seen=seen)
    return _swapped(files, expected.surely.size, dice, fitting=how is Tampering.SWAPPED_LEAVES)


def _swapped(
    files: dict[str, bytes], size: int, dice: random.Random, *, fitting: bool
) -> dict[str, bytes] | None:
    if size < 2:
        return None
    disk = Disk(files)
    database = Connection(disk, RECORD)
    one, two = sorted(dice.sample(range(1, size + 1), 2))
    rows = database.execute(SQL["rows"], (0, -1)).fetchall()
    first, second = rows[one - 1], rows[two - 1]
    database.execute("BEGIN")
    database.execute(TAKE_OUT, (one, two))
    for values, position in ((first, two), (second, one)):
        row = Row._make((position, *values[1:COLUMNS]))
        leaf = leaf_of(row) if fitting else values[COLUMNS]
        database.execute(SQL["add_event"], (*row, leaf))
    database.execute("COMMIT")
    database.close()
    return disk.files()


def _put_back(
    older: list[Older], expected: Expected, dice: random.Random, *, seen: bool
) -> dict[str, bytes] | None:
    """Put back an older copy that lacks something acknowledged since."""
    head = expected.surely
    lacking = [one.files for one in older if one.events_max < head.size]
    if not lacking:
        return None
    copy = dict(dice.choice(lacking))
    if seen or dice.random() < 0.5:
        copy[RECORD + MARK] = LINE % (head.size, head.root.hex().encode())
    return copy
