"""The adapters: what carries one alert. Each has a manifest in ``manifests/``.

``carry`` returns whether the crew's device was reached: at once, or (False) a receipt may come
later by the API. It raises NotTaken where the alert could not be passed on. Whatever it does, it is
cut off after ``TIMEOUT_S``; what blocks has a thread of its own.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from answerable.exchange.channels.definition import ChannelAt
from answerable.exchange.channels.page import Page, body_of
from answerable.exchange.hooks import letters
from answerable.exchange.hooks.addresses import Network, Resolve
from answerable.exchange.hooks.letters import CannotWrite
from answerable.exchange.hooks.post import NotTaken, Post

ACCEPTED = 202
"""The answer of a gateway that took the alert and will report later whether it arrived."""


class Adapter(Protocol):
    """Whatever can carry an alert."""

    async def carry(self, page: Page) -> bool:
        """Pass an alert on; say whether the device was reached. Raises NotTaken."""
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...


class HttpChannel:
    """Posts the alert as JSON to a gateway, signed as Standard Webhooks where it has a secret."""

    def __init__(self, channel: ChannelAt, post: Post) -> None:
        self._url = channel.address
        self._secret_file = channel.secret_file
        self._post = post

    async def carry(self, page: Page) -> bool:
        """Deliver; 202 means that a receipt will come later. Raises NotTaken."""
        body = body_of(page)
        try:
            headers = self._headers(page, body)
        except (CannotWrite, OSError) as error:
            raise NotTaken(f"its secret cannot be used ({type(error).__name__})") from error
        await self._post.carry(self._url, headers, body)
        return self._post.answered != ACCEPTED

    def _headers(self, page: Page, body: bytes) -> dict[str, str]:
        if not self._secret_file:
            return {"content-type": "application/json", "webhook-id": page.id}
        secret = Path(self._secret_file).read_text("utf-8").strip()
        return letters.headers_of(secret, page.id, int(time.time()), body)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._post.close()


class FileChannel:
    """Appends the alert as one line of JSON to a file, synced, for a program that follows it."""

    def __init__(self, channel: ChannelAt) -> None:
        self._path = Path(channel.address)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"channel-{channel.name}")

    async def carry(self, page: Page) -> bool:
        """Write; a line that is on the disk counts as received. Raises NotTaken."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._append, body_of(page) + b"\n")
        except OSError as error:
            raise NotTaken(f"the file cannot be written ({error.strerror})") from error
        return True

    def _append(self, line: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    async def close(self) -> None:
        """Let the thread end; one that hangs in a write is left to it."""
        self._thread.shutdown(wait=False, cancel_futures=True)


class SimulatedChannel:
    """A pager or telephone that is only played: it is slow, loses receipts, or is dead."""

    def __init__(self, channel: ChannelAt, chance: Callable[[], float] = random.random) -> None:
        self.channel = channel
        self.carried: list[Page] = []
        self._chance = chance

    async def carry(self, page: Page) -> bool:
        """Take the time it takes; say whether a receipt came. Raises NotTaken."""
        if self.channel.dead:
            raise NotTaken("it is dead")
        if self.channel.delay_s:
            await asyncio.sleep(self.channel.delay_s)
        self.carried = [*self.carried[-99:], page]
        return self._chance() >= self.channel.loss

    async def close(self) -> None:
        """Hold nothing."""


def adapter_of(channel: ChannelAt, resolve: Resolve, inside: Iterable[Network]) -> Adapter:
    """Return what carries the alerts of a channel."""
    if channel.kind == "http":
        return HttpChannel(channel, Post(resolve, inside))
    return FileChannel(channel) if channel.kind == "file" else SimulatedChannel(channel)
