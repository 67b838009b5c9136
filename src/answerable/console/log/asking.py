"""Having checkpoints witnessed: one outsider is asked at a time, and nothing ever waits for it.

While a witness thinks, newer checkpoints may be signed; it is then asked for the newest one only.
Where it cannot be reached it is asked again, less and less often, up to a minute apart.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from answerable.kernel.hub import where
from answerable.kernel.store import StoreRefusal
from answerable.record.log.notes import Verifier

if TYPE_CHECKING:
    from answerable.console.log.service import LogService

AGAIN_S, AGAIN_S_MAX = 1.0, 60.0

log = logging.getLogger("answerable.log")


class Witness(Protocol):
    """An outsider who cosigns; ``witness.client.Witness`` is one."""

    @property
    def verifier(self) -> Verifier:
        """The key it cosigns with."""
        ...

    async def cosign(self, checkpoint: bytes, old_size: int, consistency: Sequence[bytes]) -> bytes:
        """Return its signature line under a checkpoint.

        Raises a StoreRefusal or OSError; one with a ``size`` says what it cosigned last.
        """
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


class Asking:
    """One witness of a log, and how far it has cosigned."""

    def __init__(self, name: str, witness: Witness) -> None:
        self.name, self.witness = name, witness
        self.news = asyncio.Event()
        self.size = 0
        self.trouble = ""

    async def run(self, service: LogService) -> None:
        """Ask for every newest checkpoint, for as long as the task lives."""
        try:
            await self._run(service)
        finally:
            await self.witness.close()

    async def _run(self, service: LogService) -> None:
        again_s = AGAIN_S
        self.news.set()  # what was signed before this start may not have been cosigned
        while True:
            await self.news.wait()
            self.news.clear()
            try:
                await self.ask(service)
                again_s, self.trouble = AGAIN_S, ""
            except (StoreRefusal, OSError) as refusal:
                self._tell(str(refusal))
            except Exception as error:
                self._tell(where(error))
            if self.trouble:
                self.news.set()
                await asyncio.sleep(again_s)
                again_s = min(2 * again_s, AGAIN_S_MAX)

    async def ask(self, service: LogService) -> None:
        """Have the latest checkpoint cosigned. Raises what the witness does, or a LogRefusal."""
        publisher = service.publisher
        published = publisher.latest
        if published is None:
            return
        size = published.checkpoint.size

        async def asked() -> bytes:
            path = await service.in_thread(lambda: publisher.consistency(self.size, published))
            return await self.witness.cosign(published.note, self.size, path)

        try:
            line = await asked()
        except StoreRefusal as refusal:
            knows = getattr(refusal, "size", None)
            if not isinstance(knows, int) or knows == self.size or knows > size:
                raise
            self.size = knows  # as after a start, when it is not remembered
            line = await asked()
        publisher.cosigned(published, line, self.witness.verifier)
        self.size = size

    def _tell(self, trouble: str) -> None:
        if trouble != self.trouble:
            log.warning("the witness %s did not cosign: %s", self.name, trouble)
        self.trouble = trouble
