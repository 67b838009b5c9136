"""Files that only their owner may read, from their first byte on.

SQLite gives its write-ahead log the rights that the database has when the log is begun; so rights
that are taken away from a database afterwards are still given by what was written meanwhile.
"""

from __future__ import annotations

import os
from pathlib import Path

MODE, FOLDER_MODE = 0o600, 0o700


def begin_private(path: Path) -> None:
    """See that there is a file; one that is made is its owner's alone. Raises OSError."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE))


def make_private(path: Path) -> None:
    """See that there is a file that only its owner may read. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
    try:
        os.fchmod(descriptor, MODE)
    finally:
        os.close(descriptor)
