"""The log of a running centre: once a second, where there is news, a checkpoint is signed.

Signing, and reading tiles, is done by one thread of its own: the event loop never waits for the
disk because of the log, and no command ever waits for a checkpoint. Witnesses are asked beside it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from answerable.console.language import _
from answerable.console.log.asking import Asking
from answerable.console.serve.check import Check, Found
from answerable.kernel.hub import where
from answerable.kernel.store import Head, StoreRefusal
from answerable.record.log.publisher import Publisher
from answerable.record.log.tiles import Tile

if TYPE_CHECKING:
    from answerable.console.front import Front

TICK_S = 1.0
"""How often it is looked whether there is news to sign."""
BEHIND_S = 60.0
"""News that waits longer than this for a checkpoint is told by the check of health."""
US = 1_000_000

log = logging.getLogger("answerable.log")
T = TypeVar("T")


class LogService:
    """Publishes the record of one front, and answers for its tiles and proofs."""

    def __init__(
        self, front: Front, publisher: Publisher, asking: Sequence[Asking] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._front, self.publisher, self.asking = front, publisher, tuple(asking)
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "log")
        self._keys_ns = self._keys_stamp()
        self._news_s = 0.0
        self.trouble = ""
        front.log = self
        front.checks.append(self.check)
        front.gauges |= {
            "log_size": ("Entries under the latest signed checkpoint.", lambda: self.sealed),
            "log_witnessed_size": ("Entries that a witness has cosigned.", lambda: self.witnessed),
            "log_checkpoint_age_seconds": (
                "How long ago the latest checkpoint was signed; 0 before the first.",
                self.age_s,
            ),
            "log_news_waiting_seconds": (
                "How long recorded events have been waiting to be sealed.", self.waiting_s,
            ),
        }  # fmt: skip

    # -- what holds --------------------------------------------------------------------------

    @property
    def sealed(self) -> int:
        """The position up to which everything stands under a signed checkpoint."""
        return self.publisher.size

    @property
    def witnessed(self) -> int:
        """The position up to which a witness has cosigned."""
        return self.publisher.witnessed_size

    def age_s(self) -> float:
        """Return how long ago the latest checkpoint was signed, in seconds."""
        latest = self.publisher.latest
        return max(0.0, time.time() - latest.at_us / US) if latest else 0.0

    def waiting_s(self) -> float:
        """Return how long news has been waiting to be sealed, in seconds."""
        return self._clock() - self._news_s if self._news_s else 0.0

    def check(self) -> Check:
        """Say whether what is recorded is sealed in time."""
        if self.trouble:
            return Check(
                name="log", found=Found.WATCH, values={"why": self.trouble},
                means=_("No checkpoint of the public log is signed: {why}"),
                instead=_("Calls are taken and recorded all the same; do what it says."),
            )  # fmt: skip
        if self.waiting_s() > BEHIND_S:
            return Check(
                name="log", found=Found.WATCH, values={"waiting_s": f"{self.waiting_s():.0f}"},
                means=_("The public log is {waiting_s} s behind the record."),
                instead=_("Look at what else this machine is doing."),
            )  # fmt: skip
        for one in self.asking:
            if one.trouble:
                return Check(
                    name="log", found=Found.WATCH, values={"witness": one.name, "why": one.trouble},
                    means=_("The witness {witness} does not cosign: {why}"),
                    instead=_("Ask its keeper; checkpoints are signed all the same."),
                )  # fmt: skip
        return Check(name="log", found=Found.WELL, means=_("The public log is up to date."))

    # -- signing -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Sign what is new, and have it witnessed, for as long as the task lives."""
        tasks = [asyncio.create_task(one.run(self)) for one in self.asking]
        try:
            while True:
                await self.look()
                await asyncio.sleep(TICK_S)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def look(self) -> None:
        """Sign a checkpoint if there is news; trouble is told once and tried again."""
        head, stamp = self._front.centre.head, self._keys_stamp()
        latest = self.publisher.latest
        if stamp == self._keys_ns and latest is not None and latest.checkpoint[1:3] == head:
            self._news_s = 0.0
            return
        self._news_s = self._news_s or self._clock()
        try:
            await self.in_thread(lambda: self._publish(head, renew=stamp != self._keys_ns))
        except (StoreRefusal, OSError) as refusal:
            self._tell(str(refusal))
            return
        except Exception as error:
            self._tell(_("the program failed; the log of the service has the details"))
            log.error("fault while signing a checkpoint: %s", where(error))
            return
        self._keys_ns, self._news_s, self.trouble = stamp, 0.0, ""
        for one in self.asking:
            one.news.set()

    def _publish(self, head: Head, *, renew: bool) -> None:
        if renew:
            self.publisher.renew_keys()
        self.publisher.publish(head)

    def _tell(self, trouble: str) -> None:
        if trouble != self.trouble:
            log.error("no checkpoint was signed: %s", trouble)
        self.trouble = trouble

    def _keys_stamp(self) -> int:
        """Return when the key file was written, so that a rotation is seen; 0 where it is gone."""
        try:
            return self.publisher.keys.path.stat().st_mtime_ns
        except OSError:
            return 0

    # -- serving -----------------------------------------------------------------------------

    async def in_thread(self, act: Callable[[], T]) -> T:
        """Have something done by the log's own thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)

    async def tile(self, tile: Tile) -> bytes:
        """Return a tile. Raises as ``Publisher.tile``."""
        return await self.in_thread(lambda: self.publisher.tile(tile))

    async def proof(self, position: int, extra: bytes = b"") -> bytes:
        """Return the .tlog-proof of an event, with its entry where nothing else is to be in it.

        Raises as ``Publisher.proof`` and ``Publisher.entry``.
        """
        publisher = self.publisher
        return await self.in_thread(
            lambda: publisher.proof(position, extra or publisher.entry(position))
        )

    def close(self) -> None:
        """Let go of the record."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self.publisher.close()
