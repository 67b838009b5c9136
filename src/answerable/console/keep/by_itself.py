"""Backups that the service makes by itself, at a set hour, in a process of low rank.

The service only waits for that process: reading, packing, encrypting and proving happen outside it,
so that dispatch is delayed by nothing but a busy disk. The process records what came of it through
the control socket, as every backup does; where it could not even begin, the service does.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
import secrets
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from answerable.console.beside import working
from answerable.console.keep.run_backup import failing
from answerable.console.serve.settings import Settings
from answerable.keeping.words import WatchBackups
from answerable.kernel.authority import SYSTEM
from answerable.kernel.desk import Unavailable
from answerable.kernel.hub import Accepted, Hub
from answerable.record.backup.run import SERVED_FILE

if TYPE_CHECKING:
    from answerable.console.front import Front

LONGEST_S = 6 * 3600.0
"""A backup that takes longer is ended, and counts as not made."""
TRIES, AGAIN_S = 3, 600.0
"""How often one that did not succeed is made again, and after how long."""
LOOK_S = 30.0
"""The wait is cut into pieces, so that a clock that was set does not move the hour."""

log = logging.getLogger("answerable.keeping")


def watch(hub: Hub, settings: Settings) -> None:
    """Record how often backups are expected, where that has changed. Raises CannotRecord."""
    backup = settings.backup
    command = WatchBackups(
        key=f"watch:{secrets.token_hex(8)}", every_h=backup.every_h,
        keys_every_h=backup.keys_every_h,
    )  # fmt: skip
    if isinstance(hub.do(command, SYSTEM), Accepted):
        hub.commit()


def next_s(at: str, now: datetime.datetime) -> float:
    """Return how long it is until the clock on the wall next shows ``at``, in seconds.

    ``now`` is in the town's zone; a day with a change of clocks is as long as it is.
    """
    hour, minute = map(int, at.split(":"))
    due = now.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    if due <= now:
        due = (now + datetime.timedelta(days=1)).replace(
            hour=hour, minute=minute, second=0, microsecond=0, fold=0
        )
    return due.timestamp() - now.timestamp()


def leave_settings(settings: Settings) -> None:
    """Leave the settings in the data folder: backups go by them, and they go with each one."""
    path = Path(settings.data) / SERVED_FILE
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_bytes(msgspec.json.format(msgspec.json.encode(settings)))
        new.chmod(0o600)
        new.replace(path)
    except OSError as error:
        log.warning("%s was not written (%s)", path, error.strerror)


def commands(settings: Settings) -> list[list[str]]:
    """Return the words of every backup that is to be made: of the record, then of the keys."""
    data, backup = ["--json", "--data", settings.data], settings.backup
    record = [[*data, "--to", backup.to]] if backup.to else []
    return record + ([[*data, "--keys", "--to", backup.keys_to]] if backup.keys_to else [])


class ByItself:
    """Makes the backups of one running service."""

    def __init__(self, front: Front, settings: Settings) -> None:
        self.front = front
        self.settings = settings
        self._commands = commands(settings)
        self.running = False

    def now(self) -> datetime.datetime:
        """Return the time on the town's wall."""
        return self.front.town.local(self.front.now_us())

    def next_us(self) -> int | None:
        """Return when the next one is made (UTC microseconds), None where none is."""
        if not self._commands:
            return None
        return self.front.now_us() + round(next_s(self.settings.backup.at, self.now()) * 1e6)

    async def run(self) -> None:
        """Make them at their hour for as long as the task lives."""
        if not self._commands:
            return
        while True:
            await self._wait()
            await self.make()

    async def _wait(self) -> None:
        """Return when the hour has come."""
        while (left_s := next_s(self.settings.backup.at, self.now())) > LOOK_S:
            await asyncio.sleep(min(left_s - LOOK_S / 2, LOOK_S))
        await asyncio.sleep(left_s)

    async def make(self) -> None:
        """Make every backup now, those that fail a few times."""
        self.running = True
        try:
            for words in self._commands:
                for nth in range(TRIES):
                    if await self._one(words):
                        break
                    if nth + 1 < TRIES:
                        await asyncio.sleep(AGAIN_S)
        finally:
            self.running = False

    async def _one(self, words: list[str]) -> bool:
        """Make one backup; say whether it was proved. What it says itself it has recorded."""
        process = (sys.executable, "-m", "answerable.console.cli", "backup", *words)
        async with working(*process, stderr=PIPE) as worker:
            try:
                _nothing, told = await asyncio.wait_for(worker.communicate(), LONGEST_S)
                why = told.decode("utf-8", "replace").strip().rpartition("\n")[2]
            except TimeoutError:
                why = f"it had not ended after {LONGEST_S / 3600:.0f} h"
        if worker.returncode == 0:
            return True
        log.error("a backup was not made", extra={"code": str(worker.returncode)})
        if worker.returncode != 1:  # it could not begin, or was ended: nobody has recorded it yet
            await self._failed("keys-only" if "--keys" in words else "incremental", words, why)
        return False

    async def _failed(self, sort: str, words: list[str], why: str) -> None:
        told = failing(sort, "not made", why or "it ended without a word", _to(words))
        command = self.front.hub.rooms.command(msgspec.json.encode(told))
        try:
            await self.front.desk.ask(command, SYSTEM)
        except Unavailable as refusal:
            log.error("%s", refusal)


def _to(words: list[str]) -> str:
    return words[words.index("--to") + 1]
