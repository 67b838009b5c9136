"""The socket a switchboard's script speaks to: newline JSON over loopback TCP, or a Unix socket.

The first line must hold a token whose role is ``line``. After that every line said is answered, in
order, when it is recorded; texts to callers come in between. A slow reader is cut off rather than
waited for (B9); what was not sent yet waits, up to ``TEXTS_MAX`` texts, for the line to come back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from answerable.exchange.lines import protocol as p
from answerable.exchange.lines.calls import LineCalls, number_of
from answerable.intake import line_words as w
from answerable.intake.words import CountKnown
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command, Recorded, Row
from answerable.kernel.hub import Accepted, Outcome, Refused

HELLO_S = 10.0
"""So long a connection may wait before it says who it is."""
LINES_MAX = 64
"""Switchboards connected at once."""
TEXTS_MAX = 1_000
"""Texts that wait for their line to come back, the oldest go first."""
WRITE_S = 5.0
ROLE = "line"

log = logging.getLogger("answerable.lines")


@dataclass(frozen=True)
class Behind:
    """What the socket needs of the centre."""

    ask: Callable[[Command, Actor], Awaitable[Outcome]]
    """Has a command done; raises an exception with three sentences where it cannot be taken."""
    actor: Callable[[str], Actor | None]
    """Returns whose token this is, None for a wrong one."""
    to_send: Callable[[Row], str | None]
    """Returns the words of a text that is to be sent, opened for the line."""


class Refusing(Exception):
    """What ends a connection: why, in three sentences."""


class Lines:
    """All lines that are connected, and the texts that wait for one."""

    def __init__(self, behind: Behind) -> None:
        self.behind = behind
        self.waiting: deque[tuple[str, str]] = deque(maxlen=TEXTS_MAX)
        """Calls and positions of texts that no connected line has the call of."""
        self._speakers: set[Speaker] = set()
        self._calls: dict[str, LineCalls] = {}
        self._server: asyncio.Server | None = None

    def calls_of(self, actor: Actor) -> LineCalls:
        """Return the calls of a line, the same when it comes back."""
        return self._calls.setdefault(actor.name, LineCalls("", actor.name))

    # -- life --------------------------------------------------------------------------------

    async def listen(self, address: str) -> str:
        """Listen at ``host:port`` (port 0: any) or at the path of a Unix socket; returns where.

        Raises OSError, and ValueError for an address that is not this machine's own.
        """
        if "/" in address:
            path = Path(address)
            path.unlink(missing_ok=True)
            limit = p.LINE_BYTES_MAX
            self._server = await asyncio.start_unix_server(self._meet, address, limit=limit)
            path.chmod(0o600)
            return address
        host, _, port = address.rpartition(":")
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError(f"{address} is not an address of this machine itself")
        self._server = await asyncio.start_server(
            self._meet, host, int(port), limit=p.LINE_BYTES_MAX
        )
        name = self._server.sockets[0].getsockname()
        return f"{name[0]}:{name[1]}"

    async def close(self) -> None:
        """Take no more connections and end those there are."""
        if self._server is not None:
            self._server.close()
        for speaker in list(self._speakers):
            speaker.end()
        if self._server is not None:
            await self._server.wait_closed()

    @property
    def connected(self) -> int:
        """How many lines are connected."""
        return len(self._speakers)

    # -- texts to callers --------------------------------------------------------------------

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Send the texts that were written to callers, each over the line it belongs to."""
        for one in recorded:
            if isinstance(one.event, w.CallerTexted):
                words = self.behind.to_send(one.row)
                if words is not None and not self._send(one.event.call, words):
                    self.waiting.append((one.event.call, words))

    def _send(self, call: str, words: str) -> bool:
        for speaker in self._speakers:
            if id_ := speaker.calls.id_of(call):
                speaker.tell(p.Send(id=id_, call=call, words=words))
                return True
        return False

    def _catch_up(self) -> None:
        """Send what waited for a line that is here now."""
        for _ in range(len(self.waiting)):
            call, words = self.waiting.popleft()
            if not self._send(call, words):
                self.waiting.append((call, words))

    # -- connections -------------------------------------------------------------------------

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        speaker = None
        try:
            if len(self._speakers) >= LINES_MAX:
                raise Refusing(
                    "Not connected. As many lines are connected as this centre takes. "
                    "End another one first."
                )
            token, actor = await asyncio.wait_for(self._who(reader), HELLO_S)
            speaker = Speaker(self.calls_of(actor), writer)
            self._speakers.add(speaker)
            speaker.tell(p.Ready(role=actor.role))
            self._catch_up()
            await self._hear(reader, speaker, token)
        except Refusing as refusal:
            writer.write(p.write(p.NotDone(why=str(refusal), code="lines.NotConnected")))
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            pass  # it went, or never said who it is
        finally:
            if speaker is not None:
                self._speakers.discard(speaker)
            with contextlib.suppress(ConnectionError, TimeoutError):
                await asyncio.wait_for(writer.drain(), WRITE_S)
            writer.close()

    async def _who(self, reader: asyncio.StreamReader) -> tuple[str, Actor]:
        said = self._read(await self._line(reader))
        token = said.token if isinstance(said, p.Hello) else ""
        return token, self._actor(token)

    def _actor(self, token: str) -> Actor:
        """Return whose token it is now: one that has ended or was revoked is nobody's any more."""
        actor = self.behind.actor(token)
        if actor is None or actor.role != ROLE:
            raise Refusing(
                "Not connected. There is no token of a line, or it is valid no more. "
                "Send {\"say\":\"hello\",\"token\":\"…\"} with a token of the role line."
            )  # fmt: skip
        return actor

    @staticmethod
    async def _line(reader: asyncio.StreamReader) -> bytes:
        try:
            text = await reader.readline()
        except ValueError:
            raise Refusing(
                f"Not taken. A line of text was longer than {p.LINE_BYTES_MAX} bytes. "
                "Send shorter ones."
            ) from None
        if not text.endswith(b"\n"):
            raise ConnectionResetError
        return text

    @staticmethod
    def _read(text: bytes) -> p.Saying:
        try:
            return p.read(text)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise Refusing(
                f"Not taken. It cannot be read: {error}. Compare docs/howto/connect-a-line.md."
            ) from None

    async def _hear(self, reader: asyncio.StreamReader, speaker: Speaker, token: str) -> None:
        while not speaker.ended:
            said = self._read(await self._line(reader))
            if isinstance(said, p.Hello):
                continue
            speaker.tell(await self.take(speaker.calls, said, self._actor(token)))
            self._catch_up()

    async def take(self, calls: LineCalls, said: p.Saying, actor: Actor) -> p.Told:
        """Have what a line says recorded; returns what it is told."""
        id_ = getattr(said, "id", "")
        for _try in range(2):
            outcome = await self._ask(calls, said, actor)
            if isinstance(outcome, str):
                return p.NotDone(why=outcome, id=id_, again=True)
            if not calls.over(said, outcome):
                break
        if isinstance(outcome, Accepted):
            return p.Known(id=id_, call=calls.call_of(id_) or number_of(outcome))
        if isinstance(outcome, Refused):
            if isinstance(outcome.refusal, CountKnown):
                return p.Known(id=id_, call="")  # told twice: the record has it, nothing to do
            return p.NotDone(why=outcome.refusal.text(), code=outcome.refusal.code, id=id_)
        return p.NotDone(
            why="Not done. The program failed while deciding. Tell whoever keeps this centre.",
            code="console.Faulted", id=id_,
        )  # fmt: skip

    async def _ask(self, calls: LineCalls, said: p.Saying, actor: Actor) -> Outcome | str:
        outcome: Outcome = Accepted(())
        steps = calls.commands(said)
        while (command := next(steps, None)) is not None:
            try:
                outcome = await self.behind.ask(command, actor)
            except Exception as refusal:  # whatever it is, the line is told and not cut off
                return str(refusal)
            if not isinstance(outcome, Accepted):
                break
            calls.happened(said, outcome)
        return outcome


class Speaker:
    """One connection of a line."""

    def __init__(self, calls: LineCalls, writer: asyncio.StreamWriter) -> None:
        self.calls = calls
        self.ended = False
        self._writer = writer

    def tell(self, told: p.Told) -> None:
        """Send something; a line that does not read is cut off, so that nothing waits for it."""
        transport = self._writer.transport
        if transport.get_write_buffer_size() > p.LINE_BYTES_MAX * 8:
            log.warning("a line does not read what it is told, and is cut off")
            self.end()
            return
        self._writer.write(p.write(told))

    def end(self) -> None:
        """End the connection."""
        self.ended = True
        self._writer.transport.abort()
