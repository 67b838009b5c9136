"""Trials under way and done: one at a time, the last few kept in memory."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from dataclasses import dataclass, field

import msgspec

from answerable.console.beside import end, working
from answerable.console.language import _
from answerable.console.sanity import Refused
from answerable.console.trying.worker import Ended, Job

KEPT_MAX = 6
MOST_S = 600.0
"""A trial that takes longer is ended and told so."""
FAILED = (
    "Not tried: the rules.", "The trial did not end well.",
    "Try a single day, or run 'answerable rules try' on this machine; it says more.",
)  # fmt: skip


@dataclass
class Trial:
    """One trial: what it was asked, how far it is (percent), how it ended."""

    number: int
    of: str
    days: str
    percent: int = 0
    ended: Ended | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)


class Trials:
    """The trials of one process."""

    def __init__(self) -> None:
        self._trials: dict[int, Trial] = {}
        self._last = 0

    def get(self, number: str) -> Trial | None:
        """Return a trial by its number, None where it is not kept."""
        return self._trials.get(int(number)) if number.isdecimal() and len(number) < 9 else None

    def listed(self) -> list[Trial]:
        """Return the trials that are kept, the newest first."""
        return sorted(self._trials.values(), key=lambda trial: -trial.number)

    def begin(self, job: Job, of: str, days: str) -> Trial:
        """Begin a trial. Raises Refused (409) while another one is played."""
        if any(trial.ended is None for trial in self._trials.values()):
            raise Refused(
                409, "console.TrialUnderWay", _("Not tried: the rules."),
                _("Another trial is being played."), _("Wait for its end; it shows below."),
            )  # fmt: skip
        self._last += 1
        trial = self._trials[self._last] = Trial(self._last, of, days)
        for number in sorted(self._trials)[:-KEPT_MAX]:
            del self._trials[number]
        trial.task = asyncio.get_running_loop().create_task(_played(trial, job))
        return trial

    async def close(self) -> None:
        """End what is under way."""
        for trial in list(self._trials.values()):
            await end(trial.task)


async def _played(trial: Trial, job: Job) -> None:
    """Have a trial played by a process of its own, and note how it ended."""
    try:
        async with working(
            sys.executable, "-m", "answerable.console.trying.worker",
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=2**28,
        ) as worker:  # fmt: skip
            trial.ended = await asyncio.wait_for(_told(trial, worker, job), MOST_S)
    except (TimeoutError, OSError, ValueError, msgspec.DecodeError):
        trial.ended = Ended(refused=FAILED)


async def _told(trial: Trial, worker: Process, job: Job) -> Ended:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(msgspec.json.encode(job))
    await worker.stdin.drain()
    worker.stdin.close()
    async for line in worker.stdout:
        if not line[:3].strip().isdigit():
            return msgspec.json.decode(line, type=Ended)
        trial.percent = min(100, int(line))
    return Ended(refused=FAILED)
