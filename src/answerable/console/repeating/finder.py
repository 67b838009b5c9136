"""What was found last, and looking again: by a process of its own, one at a time.

The centre's own record is looked through again where what was found is older than ``FRESH_US`` of
the town's time and ``LEAST_S`` of this machine's; what was found before is shown meanwhile. Past
calls do not change, so each day asked for is looked at once and kept.
"""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from answerable.console.beside import end, working
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.repeating.worker import Ended, Job, packed
from answerable.matters.place_views import calls_of
from answerable.towns.files import PAST

OWN, BEFORE = "own", "before"
"""Which calls are looked through: the centre's own, or those of the town's past."""
FRESH_US = 900_000_000
LEAST_S = 20.0
KEPT_MAX = 12
WAITING_MAX = 4
"""Looks that wait for the one under way."""
MOST_S = 300.0
LINE_MAX = 2**28
FAILED = (
    _("Repeat places were not looked for."), _("The process that looks did not end well."),
    _("Try again; 'answerable repeats' on this machine says more."),
)  # fmt: skip


@dataclass
class Look:
    """One look: what was asked, how far it is (percent), and what was found last."""

    source: str
    on: str = ""
    percent: int = 0
    ended: Ended | None = None
    at_us: int = 0
    begun_s: float = 0.0
    running: bool = False
    task: asyncio.Task[None] | None = field(default=None, repr=False)


class Finder:
    """The looks of one process."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self._looks: dict[tuple[str, str], Look] = {}
        self._one = asyncio.Lock()

    @property
    def past(self) -> Path | None:
        """Return the file of the town's past calls, None where it has none."""
        path = self.front.centre.places.folder / PAST.name
        return path if path.is_file() else None

    def look(self, source: str, on: str = "") -> Look:
        """Return what was found, and have it looked for where it is not, or no longer, known."""
        key = (source, on if source == BEFORE else "")
        found = self._looks.pop(key, None) or Look(*key)
        self._looks[key] = found  # the one asked for last stands last
        if not found.running and self._stale(found):
            self._begin(found)
        for old in [one for one, look in self._looks.items() if not look.running][:-KEPT_MAX]:
            del self._looks[old]
        return found

    def _stale(self, look: Look) -> bool:
        if look.ended is None:
            return True
        old = self.front.now_us() - look.at_us >= FRESH_US or self.front.now_us() < look.at_us
        return look.source == OWN and old and time.monotonic() - look.begun_s >= LEAST_S

    def _begin(self, look: Look) -> None:
        if sum(one.running for one in self._looks.values()) >= WAITING_MAX:
            return
        look.running, look.percent, look.begun_s = True, 0, time.monotonic()
        look.task = asyncio.get_running_loop().create_task(self._looked(look))

    def _job(self, look: Look) -> Job:
        town = self.front.town
        if look.source == BEFORE:
            return Job(town.zone.key, town.repeats, past=str(self.past), on=look.on)
        look.at_us = self.front.now_us()
        calls = calls_of(self.front.hub.state["places"], town.zone)
        return Job(town.zone.key, town.repeats, at_us=look.at_us, calls=packed(calls))

    async def _looked(self, look: Look) -> None:
        """Have it looked for by a process of its own, and keep how it ended."""
        try:
            async with self._one:
                look.ended = await asyncio.wait_for(_run(look, self._job(look)), MOST_S)
        except (TimeoutError, OSError, ValueError, msgspec.DecodeError):
            look.ended = Ended(refused=FAILED)
        finally:
            look.running = False

    async def close(self) -> None:
        """End what is under way."""
        for look in list(self._looks.values()):
            await end(look.task)


async def _run(look: Look, job: Job) -> Ended:
    async with working(
        sys.executable, "-m", "answerable.console.repeating.worker",
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=LINE_MAX,
    ) as worker:  # fmt: skip
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(msgspec.msgpack.encode(job))
        await worker.stdin.drain()
        worker.stdin.close()
        async for line in worker.stdout:
            if not line[:3].strip().isdigit():
                return msgspec.json.decode(line, type=Ended)
            look.percent = min(100, int(line))
        return Ended(refused=FAILED)
