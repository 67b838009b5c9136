"""Live streams: each change is rendered once and the same bytes go to every console.

A channel is one page in one language for one role. It keeps its last messages with their event
positions, so a console that comes back with ``Last-Event-ID`` gets exactly what it missed; one that
was away too long is told to load its page again (``again``). Nobody waits for a slow reader: a
console whose queue is full loses it and loads its page again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from litestar.types import Scope

from answerable.kernel.authority import Actor

MESSAGES_KEPT = 256
QUEUE_MAX = 128
SUBSCRIBERS_MAX = 5_000
GRACE_S = 60.0
"""How long a channel goes on without anybody listening."""
AGAIN = b"event: again\ndata: 1\n\n"
DIRECT = "answerable.direct"
Direct = Callable[[bytes], bool]
"""Writes a framed chunk to a connection at once; False where it has to wait for the reader."""


class TooMany(Exception):
    """As many consoles are connected as the centre takes."""


def message(text: str, position: int | None = None, event: str = "") -> bytes:
    """Return one server-sent event."""
    lines = [f"id: {position}"] if position is not None else []
    if event:
        lines.append(f"event: {event}")
    lines.extend(f"data: {line}" for line in text.splitlines())
    return ("\n".join(lines) + "\n\n").encode()


def framed(data: bytes) -> bytes:
    """Return data as one chunk of an HTTP/1.1 body (RFC 9112 section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def direct_of(scope: Scope) -> Direct | None:
    """Return the way past the tasks that our own wire offers a stream, if it does."""
    offered: dict[str, Any] = scope.get("extensions") or {}
    found: Direct | None = offered.get(DIRECT)
    return found if scope.get("http_version") == "1.1" else None


class Tally:
    """What the streams of this process have counted."""

    again = 0
    """How often a console was told to load its page again."""


class Subscriber:
    """One connected console and what it has still to be sent."""

    def __init__(self, limit: int = QUEUE_MAX, *, strict: bool = False) -> None:
        """``strict``: a full queue ends the stream, for readers that must not miss anything."""
        self.queue: deque[bytes] = deque()
        self.woken = asyncio.Event()
        self.ended = False
        self.direct: Direct | None = None
        self.actor: Actor | None = None
        """Who looks on, where that decides what is sent."""
        self.sending = False
        self._limit = limit
        self._strict = strict

    def end(self) -> None:
        """Let the stream end once it has sent what is waiting."""
        self.ended = True
        self.woken.set()

    def push(self, data: bytes, frame: bytes = b"") -> None:
        """Send a message or add it to the queue; a full one is replaced by "load again".

        Where nothing waits it is written to the connection at once, without waking the stream's
        task: a thousand tasks would cost several times what the thousand writes cost. ``frame`` is
        the message as a chunk, made once for all.
        """
        free = self.direct is not None and not (self.queue or self.sending or self.ended)
        if free and self.direct is not None and self.direct(frame or framed(data)):
            return
        if len(self.queue) >= self._limit:
            self.queue.clear()
            if self._strict:
                self.end()
                return
            data = AGAIN
            Tally.again += 1
        self.queue.append(data)
        self.woken.set()

    async def take(self) -> bytes:
        """Wait for what there is to send, and return all of it; b"" when the stream ends."""
        while not self.queue and not self.ended:
            self.woken.clear()
            await self.woken.wait()
        data = b"".join(self.queue)
        self.queue.clear()
        return data


class Channel:
    """One page's changes."""

    def __init__(self, position: int) -> None:
        """Start at an event position; everything after it will be kept or passed on."""
        self.complete_after = position
        self.kept: deque[tuple[int, bytes]] = deque()
        self.subscribers: set[Subscriber] = set()
        self.idle_since_s = time.monotonic()
        self.words = False
        """Whether sealed words are among what is kept."""
        self.shown: dict[str, str] = {}
        """The parts of the page as they were last sent: what is the same is not sent again."""
        self.rows: dict[str, object] = {}
        """The rows of its long list as they were last sent, by their ids."""

    def fresh(self, part: str, html: str) -> bool:
        """Take up a part of the page; say whether it differs from what was last sent."""
        if self.shown.get(part) == html:
            return False
        self.shown[part] = html
        return True

    def changes(self, rows: Mapping[str, object]) -> tuple[list[str], list[str]]:
        """Take up the rows of the list; return which are new or differ, and which are gone."""
        was, self.rows = self.rows, dict(rows)
        changed = [name for name, row in rows.items() if name not in was or was[name] != row]
        return changed, [name for name in was if name not in rows]

    @property
    def alive(self) -> bool:
        """Whether anybody listens, or did a short while ago."""
        return bool(self.subscribers) or time.monotonic() - self.idle_since_s < GRACE_S

    def publish(
        self, data: bytes, position: int, may: Callable[[Subscriber], bool] | None = None
    ) -> None:
        """Keep a message and pass it on; whoever ``may`` not have it loads the page again."""
        self.kept.append((position, data))
        while len(self.kept) > MESSAGES_KEPT:
            self.complete_after = self.kept.popleft()[0]
        self.words = self.words or may is not None
        frame = framed(data)
        for subscriber in self.subscribers:
            if may is None or may(subscriber):
                subscriber.push(data, frame)
            else:
                subscriber.push(AGAIN)

    def forget(self, position: int) -> None:
        """Forget what was kept up to a position; everybody loads the page again."""
        self.kept.clear()
        self.shown.clear()
        self.rows.clear()
        self.complete_after, self.words = max(position, self.complete_after), False
        for subscriber in self.subscribers:
            subscriber.push(AGAIN)

    def join(self, after: int, actor: Actor | None = None, *, words: bool = True) -> Subscriber:
        """Add a console that has seen everything up to ``after``; without ``words`` only if none.

        That is: where sealed words are kept and it may not have them, it loads its page again.
        """
        subscriber = Subscriber()
        subscriber.actor = actor
        if after < self.complete_after or (self.words and not words):
            subscriber.push(AGAIN)
            Tally.again += 1
        else:
            missed = b"".join(data for position, data in self.kept if position > after)
            if missed:
                subscriber.push(missed)
        self.subscribers.add(subscriber)
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        """Remove a console."""
        self.subscribers.discard(subscriber)
        self.idle_since_s = time.monotonic()


class Channels:
    """All channels of the process."""

    def __init__(self, position: Callable[[], int]) -> None:
        self._position = position
        self._held: dict[str, Channel] = {}
        self.most: int | None = None
        """How many consoles are taken; None: ``SUBSCRIBERS_MAX``."""
        self.closing = False

    def open(self, name: str) -> Channel:
        """Return a channel, started now where there was none."""
        channel = self._held.get(name)
        if channel is None or not channel.alive:
            channel = self._held[name] = Channel(self._position())
        elif not channel.subscribers:
            channel.idle_since_s = time.monotonic()
        return channel

    def has_readers(self, name: str) -> bool:
        """Say whether anybody listens to a channel now."""
        channel = self._held.get(name)
        return channel is not None and bool(channel.subscribers)

    def live(self) -> dict[str, Channel]:
        """Return the channels somebody listens to, and forget the others."""
        self._held = {name: c for name, c in self._held.items() if c.alive}
        return self._held

    def count(self) -> int:
        """Return how many consoles are connected."""
        return sum(len(channel.subscribers) for channel in self._held.values())

    def tell_all(self, data: bytes) -> None:
        """Send every console a message that need not be kept, such as the time."""
        frame = framed(data)
        for channel in self._held.values():
            for subscriber in channel.subscribers:
                subscriber.push(data, frame)

    def close(self) -> None:
        """End every stream, so that the process can stop."""
        self.closing = True
        for channel in self._held.values():
            for subscriber in channel.subscribers:
                subscriber.end()

    def forget(self, prefix: str, position: int) -> None:
        """Forget what is kept of the channels whose names begin so, up to a position."""
        for name, channel in self._held.items():
            if name.startswith(prefix):
                channel.forget(position)

    def follow(
        self, name: str, after: int, actor: Actor | None = None, *, words: bool = True
    ) -> tuple[Channel, Subscriber]:
        """Join a channel as a console that has seen everything up to ``after``.

        ``actor`` and ``words`` say who joins, and whether sealed words may be sent to them.
        Raises TooMany when no more can be served.
        """
        most = SUBSCRIBERS_MAX if self.most is None else self.most
        if self.closing or self.count() >= most:
            raise TooMany
        channel = self.open(name)
        return channel, channel.join(after, actor, words=words)
