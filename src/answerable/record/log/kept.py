"""What the log keeps beside the record: the last checkpoint it signed, and hashes it has computed.

``<record>.checkpoint`` is the one promise: it is synced before anybody sees the checkpoint in it,
so a log that was killed at any moment still knows what it has signed. ``<record>.levels`` holds the
hashes of full leaf tiles, for a quick start; it is trusted for nothing, for the tree made with it
must give the record's own head.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from answerable.record.disk import LOCAL
from answerable.record.log.checkpoint import Checkpoint, opened
from answerable.record.log.keys import LogKeys, write_whole
from answerable.record.log.refusals import CheckpointDamaged, LogRefusal
from answerable.record.tree import HASH_BYTES

CHECKPOINT, LEVELS = ".checkpoint", ".levels"


def checkpoint_of(record: Path) -> Path:
    """Return where the last signed checkpoint of a record lies."""
    return record.with_name(record.name + CHECKPOINT)


class Kept:
    """The two files beside one record."""

    def __init__(self, record: Path) -> None:
        self.checkpoint = checkpoint_of(record)
        self.levels = record.with_name(record.name + LEVELS)

    def last_signed(self, keys: LogKeys) -> tuple[Checkpoint, bytes] | None:
        """Return the last checkpoint that was signed, and its note; None before the first.

        Raises CheckpointDamaged.
        """
        try:
            note = self.checkpoint.read_bytes()
            return opened(note, keys.verifiers, keys.origin).checkpoint, note
        except FileNotFoundError:
            return None
        except (OSError, LogRefusal) as error:
            raise CheckpointDamaged(
                f"Nothing is signed: the last checkpoint in {self.checkpoint} cannot be used.",
                f"{error}",
                "Put its backup in its place. Without one, ask a witness how far the log had come "
                "before you move the file away: a log that signs less than before has broken its "
                "word.",
            ) from error

    def signed_us(self) -> int:
        """Return when the last checkpoint was kept, UTC microseconds; 0 before the first."""
        with contextlib.suppress(OSError):
            return self.checkpoint.stat().st_mtime_ns // 1000
        return 0

    def keep(self, note: bytes) -> None:
        """Keep a checkpoint, synced, before anybody sees it. Raises OSError."""
        write_whole(self.checkpoint, note)

    def set_aside(self, label: str) -> None:
        """Put away the last checkpoint of a log that goes on under another name, as evidence."""
        aside = self.checkpoint.with_name(f"{self.checkpoint.name}.{label}")
        with contextlib.suppress(FileNotFoundError):
            self.checkpoint.rename(aside)
            LOCAL.sync_folder(aside.parent)

    def tops(self) -> bytes:
        """Return the hashes of full leaf tiles as far as they were kept; none of it is proved."""
        try:
            data = self.levels.read_bytes()
        except OSError:
            return b""
        return data[: len(data) - len(data) % HASH_BYTES]

    def keep_tops(self, tops: bytearray) -> None:
        """Add to the file what is new in it; not synced, for it can be made again."""
        with contextlib.suppress(OSError):
            descriptor = os.open(self.levels, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                had = os.fstat(descriptor).st_size
                at = min(had - had % HASH_BYTES, len(tops))
                os.pwrite(descriptor, tops[at:], at)
                os.ftruncate(descriptor, len(tops))
            finally:
                os.close(descriptor)

    def forget_tops(self) -> None:
        """Remove hashes that did not give the record's head."""
        self.levels.unlink(missing_ok=True)
