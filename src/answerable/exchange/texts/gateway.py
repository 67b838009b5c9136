"""A gateway of short messages over HTTP: texts are posted to it, replies and receipts fetched.

    POST <address>   {"id": …, "number": …, "words": …, "lang": …}     any 2xx: it will be sent
    POST <replies>   {"after": <next of the answer before, "" at first>}
                     200 {"next": …, "replies": [{"id": …, "words": …}],
                          "receipts": [{"id": …, "state": "delivered" | "failed"}]}

Both are signed as Standard Webhooks with what stands in the deployer's file, read at each sending.
The gateway may forget what came before ``after``; what comes twice does nothing twice. Connections
are those of ``exchange/hooks``: five seconds, https outside one's own networks, no redirect, no
proxy. Texts and questions have a connection each, so that neither waits for the other.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from answerable.exchange.hooks import letters
from answerable.exchange.hooks.addresses import Network, Resolver
from answerable.exchange.hooks.letters import CannotWrite
from answerable.exchange.hooks.post import NotTaken, Post
from answerable.exchange.texts.definition import TextsAt
from answerable.exchange.texts.text import Receipt, Reply, Text

ASK_EVERY_S = 10.0
"""How often a gateway is asked for replies, while somebody may reply."""
FAILED_EVERY_S = 60.0
"""How often, while it does not answer."""
ITEMS_MAX = 500
"""Replies and receipts of one answer."""
SECRET_BYTES_MAX = 1_024

log = logging.getLogger("answerable.texts")
Heard = TypeVar("Heard", Reply, Receipt)
Items = Annotated[tuple[msgspec.Raw, ...], msgspec.Meta(max_length=ITEMS_MAX)]


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a gateway has to tell. Each item is read by itself: a bad one spoils no other."""

    next: Annotated[str, msgspec.Meta(max_length=200)]
    replies: Items = ()
    receipts: Items = ()


class HttpTexts:
    """Texts over a gateway. ``bad`` counts what it told that could not be understood."""

    def __init__(
        self,
        texts: TextsAt,
        inside: Iterable[Network] = (),
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """``inside`` are the networks of one's own to which texts may go."""
        self._at, self._now_s = texts, now_s
        self._resolver = Resolver()
        inside = tuple(inside)
        self._sending, self._asking = Post(self._resolver, inside), Post(self._resolver, inside)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="texts")
        self._after, self._next_s = "", 0.0
        self._receipts: list[Receipt] = []
        self.bad = 0

    async def carry(self, text: Text) -> None:
        """Pass a text on. Raises NotTaken."""
        body = msgspec.json.encode(text)
        # The id of a request stands in logs of proxies: it must not be the token.
        number = "msg_" + hashlib.sha256(text.id.encode()).hexdigest()[:32]
        await self._sending.carry(self._at.address, await self._headers(number, body), body)

    async def replies(self) -> list[Reply]:
        """Ask for replies, and keep the receipts told with them. Raises NotTaken."""
        now_s = self._now_s()
        if not self._at.replies or now_s < self._next_s:
            return []
        self._next_s = now_s + FAILED_EVERY_S
        answer = await self._ask()
        self._next_s = now_s + ASK_EVERY_S
        self._after = answer.next
        before, found = self.bad, [*self._each(answer.replies, Reply)]
        self._receipts += self._each(answer.receipts, Receipt)
        if self.bad > before:
            log.warning("%d replies or receipts cannot be understood", self.bad - before)
        return found

    async def _ask(self) -> Answer:
        body = msgspec.json.encode({"after": self._after})
        number = f"ask_{time.time_ns()}"
        headers = await self._headers(number, body)
        said = await self._asking.ask(self._at.replies, headers, body)
        try:
            return msgspec.json.decode(said, type=Answer)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            # Its own words are not told: they may be those of a caller.
            raise NotTaken("its answer cannot be understood") from error

    def _each(self, items: Iterable[msgspec.Raw], shape: type[Heard]) -> list[Heard]:
        found: list[Heard] = []
        for item in items:
            try:
                found.append(msgspec.json.decode(item, type=shape))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                self.bad += 1
        return found

    async def receipts(self) -> list[Receipt]:
        """Return what has become of texts since it was asked last; asks nobody."""
        found, self._receipts = self._receipts, []
        return found

    async def _headers(self, number: str, body: bytes) -> dict[str, str]:
        try:
            loop = asyncio.get_running_loop()
            secret = await loop.run_in_executor(self._thread, _secret, self._at.secret_file)
            return letters.headers_of(secret, number, int(time.time()), body)
        except (CannotWrite, OSError, UnicodeDecodeError) as error:
            raise NotTaken(f"its secret cannot be used ({type(error).__name__})") from error

    async def close(self) -> None:
        """Let go of connections and threads; one that hangs is left to itself."""
        await self._sending.close()
        await self._asking.close()
        self._resolver.close()
        self._thread.shutdown(wait=False, cancel_futures=True)


def _secret(path: str) -> str:
    """Return what signs. Raises OSError, also for a file that others may read, or an empty one."""
    with Path(path).open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if mode & 0o077:
            raise PermissionError("others may read it")
        secret = file.read(SECRET_BYTES_MAX).decode().strip()
    if not secret:
        raise CannotWrite("it is empty")
    return secret
