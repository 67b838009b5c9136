"""Rows of a drill: the same from the same position, so that a reader can tell."""

from __future__ import annotations

from answerable.kernel.event import Row
from answerable.kernel.hub import commitment_of
from answerable.record.vault import ERASED

RECORD = "record.db"
SALT = b"a salt of drills"


def row_at(position: int, epoch: int, at_us: int, words: str = "") -> Row:
    """Return a row of a drill; its time is not before the last one's."""
    told = f',"words":"{commitment_of("words", SALT, words)}"' if words else ""
    body = f'{{"call":"{position}"{told},"text":"{"x" * (position * 37 % 300)}"}}'.encode()
    return Row(
        position, f"call:{position % 7}", "intake.CallRung", 1, at_us, at_us + 1, "drill",
        f"drill:{position}", epoch, body, 1, SALT * 2,
    )  # fmt: skip


def order_at(position: int, epoch: int, at_us: int, stream: str) -> Row:
    """Return the row that orders the words of a stream to be erased."""
    body = f'{{"because":"a drill","streams":["{stream}"]}}'.encode()
    return Row(
        position, stream, ERASED, 1, at_us, at_us + 1, "drill", f"drill:{position}", epoch, body,
        body.index(b',"streams"'), SALT * 2,
    )  # fmt: skip
