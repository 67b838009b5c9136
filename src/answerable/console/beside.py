"""Processes that work beside the desks, seen from the service that starts and waits for them.

A process is ended with the task that waits for it. That task must have ended before the event loop
does: a loop that ends cancels what joins a process's pipes too, and up to Python 3.11 one that was
begun a moment ago is then waited for without end.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def working(
    *words: str, stdin: int = DEVNULL, stdout: int = DEVNULL, stderr: int | None = None,
    limit: int = 2**16,
) -> AsyncIterator[Process]:  # fmt: skip
    """Have a process run for as long as the block lasts; ``limit`` bytes are a line's most."""
    worker = await asyncio.create_subprocess_exec(
        *words, stdin=stdin, stdout=stdout, stderr=stderr, limit=limit
    )
    try:
        yield worker
    finally:
        if worker.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                worker.kill()
            await worker.wait()


async def end(task: asyncio.Task[None] | None) -> None:
    """End the task that waits for a process, and the process with it."""
    if task is not None and not task.done():
        task.cancel()
        await asyncio.wait([task])
