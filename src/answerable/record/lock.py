"""One writer per record: an advisory lock on a file beside it.

The lock is ``flock`` on ``<record>.lock``. The system lets go of it when the process ends, however
it ends, so nothing has to be cleaned up after a crash. Readers (``fsck``) do not take it. Where
locks are not kept (some network disks), the epoch inside the record still fences the older writer.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from pathlib import Path

from answerable.record.refusals import in_use, not_writable


class WriterLock:
    """The right to write one record, held until ``release``."""

    def __init__(self, record: Path) -> None:
        """Take the lock; raises RecordInUse or NotWritable."""
        path = record.with_name(record.name + ".lock")
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise not_writable(record, error.strerror or str(error)) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(self._fd)
            self.release()
            if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES):
                raise in_use(record, holder) from error
            raise not_writable(record, error.strerror or str(error)) from error
        with contextlib.suppress(OSError):  # only a help for the reader of a refusal
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let go; the file stays, because removing it would race with the next process."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _holder(fd: int) -> str:
    with contextlib.suppress(OSError, ValueError):
        return f"process {int(os.pread(fd, 32, 0))}"
    return "another process"
