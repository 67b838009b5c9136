"""The disk of the machine: what every durable command waits for at least."""

from __future__ import annotations

import os
import time
from pathlib import Path

PAGE = 4096
PAGES = 256


def fdatasync_s(folder: Path, times: int = 500) -> list[float]:
    """Measure fdatasync after rewriting one page of a file that stands, seconds each."""
    path = folder / "sync.bin"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    page, took = os.urandom(PAGE), []
    try:
        os.pwrite(descriptor, page * PAGES, 0)
        os.fsync(descriptor)
        for n in range(times):
            os.pwrite(descriptor, page, PAGE * (n % PAGES))
            begun = time.perf_counter()
            os.fdatasync(descriptor)
            took.append(time.perf_counter() - begun)
    finally:
        os.close(descriptor)
        path.unlink()
    return took
