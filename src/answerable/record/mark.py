"""The acknowledged mark: how far this record has ever promised, kept outside the record itself.

After each commit the new tree head is written to ``<record>.mark``, one short line in place, not
synced (about a microsecond). The commit before it was synced, so the mark never says more than the
truth; and a record that ends before its mark, or has another root there, has lost or exchanged
events that were acknowledged: it does not open. This finds what SQLite by design cannot: a damaged
or cut write-ahead log, whose readable front is taken for the whole.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from answerable.kernel.store import Head

LINE = b"%020d %064b\n"
LINE_BYTES = len(LINE % (0, b"0" * 64))


def mark_of(record: Path) -> Path:
    """Return where the mark of a record lies."""
    return record.with_name(record.name + ".mark")


def read_mark(record: Path) -> Head | None:
    """Return the last acknowledged head, or None where there is no readable mark."""
    try:
        return head_in(mark_of(record).read_bytes())
    except OSError:
        return None


def head_in(line: bytes) -> Head | None:
    """Return the head that a mark's bytes say, or None where they say none."""
    try:
        size, root = line[:LINE_BYTES].split()
        return Head(int(size), bytes.fromhex(root.decode("ascii")))
    except ValueError:
        return None


class Mark:
    """The open mark of one record, written after every commit."""

    def __init__(self, record: Path) -> None:
        """Open it, making it where it is missing. Raises OSError."""
        self._fd = os.open(mark_of(record), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def set(self, head: Head) -> None:
        """Note that everything up to ``head`` is acknowledged.

        A failure is passed over: the events are recorded, and an older mark is still true.
        """
        with contextlib.suppress(OSError):
            self._write(LINE % (head.size, head.root.hex().encode()))

    def _write(self, line: bytes) -> None:
        os.pwrite(self._fd, line, 0)

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
