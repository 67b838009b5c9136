"""A batch on its way into a record: checked, hashed, and the frontier that comes after it.

Every store accepts the same batches because every store asks here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from answerable.kernel.event import Row, SealedValue
from answerable.record.entry import ROW_BYTES_MAX, back_of, entry_of, leaves_of, opening_of
from answerable.record.refusals import NotTaken, OutOfOrder, TooLarge
from answerable.record.tree import Frontier, extend

SURELY_SHORT = ROW_BYTES_MAX // 6 - 120
"""Text of a row up to which none of its halves can be too long, however much is escaped."""


class Batch(NamedTuple):
    """The leaves of a batch, the frontier after it, and the time of its last row."""

    leaves: list[bytes]
    frontier: Frontier
    last_us: int

    @classmethod
    def of(
        cls,
        rows: Sequence[Row],
        sealed: Sequence[SealedValue],
        frontier: Frontier,
        epoch: int,
        last_us: int,
    ) -> Batch:
        """Check and hash a batch that is to follow ``frontier`` in ``epoch``.

        Raises OutOfOrder (position, epoch or recording time) or TooLarge (an entry, B17).
        """
        first = frontier.size + 1
        position = first
        for row in rows:
            if row[0] != position or row[8] != epoch or row[5] < last_us:
                raise _out_of_order(row, position, epoch, last_us)
            last_us = row[5]
            position += 1
        try:
            entries = [entry_of(row) for row in rows]
        except (TypeError, ValueError, OverflowError) as error:
            raise NotTaken(
                f"A row cannot be written as an entry ({error}).",
                "This is a fault in the program; report it.",
            ) from error
        for row in rows:
            if len(row[9]) + len(row[1]) + len(row[2]) + len(row[6]) + len(row[7]) > SURELY_SHORT:
                _check_length(row)
        for one in sealed:
            if not first <= one.position < position:
                raise OutOfOrder(
                    f"A sealed value belongs to position {one.position}, outside the batch.",
                    "This is a fault in the program; report it.",
                )
        leaves = leaves_of(entries)
        return cls(leaves, extend(frontier, leaves), last_us)


def _out_of_order(row: Row, position: int, epoch: int, last_us: int) -> OutOfOrder:
    if row.position != position:
        because = f"Position {row.position} was offered where {position} comes next."
    elif row.epoch != epoch:
        because = f"Position {position} carries epoch {row.epoch}; this opening is {epoch}."
    else:
        because = (
            f"Position {position} was recorded {last_us - row.recorded_at} µs before the last."
        )
    return OutOfOrder(because, "This is a fault in the program; restart the centre and report it.")


def _check_length(row: Row) -> None:
    length = max(len(opening_of(row)), len(back_of(row)))
    if length > ROW_BYTES_MAX:
        raise TooLarge(
            f"The entry of {row.kind} at position {row.position} has {length} bytes; "
            f"{ROW_BYTES_MAX} are the most.",
            "Shorten the text, or record it as several notes.",
        )
