"""What ``answerable send`` and ``answerable follow`` do with the client."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from answerable.client import Client, ClientError, Recorded, Refused
from answerable.console import tongue
from answerable.console.contract.query import SHOWN_MAX
from answerable.console.tongue import said

LINE_BYTES_MAX = 65_536


class Way(msgspec.Struct, frozen=True):
    """How to reach the centre. The token is shown nowhere."""

    url: str
    token: str
    plain: bool = False
    patience_s: float = 30.0

    def __repr__(self) -> str:
        return f"Way({self.url!r})"

    def client(self) -> Client:
        """Return a client. Raises ValueError for an address that cannot be one."""
        return Client(
            self.url, self.token, plain=self.plain, patience_s=self.patience_s,
            language=tongue.tag(),
        )  # fmt: skip


class Line(msgspec.Struct, omit_defaults=True):
    """What became of one line, as ``--json`` prints it."""

    line: int
    recorded: list[Any] | None = None
    again: bool = False
    code: str = ""
    not_done: str = ""
    because: str = ""
    instead: str = ""


def run_send(file: str, way: Way, *, as_json: bool) -> int:
    """Send each line; returns the exit code."""
    refused = 0
    try:
        with way.client() as client, _opened(file) as lines:
            for number, text in enumerate(lines, 1):
                if not text.strip():
                    continue
                told = _sent(client, number, text)
                refused += bool(told.code)
                print(msgspec.json.encode(told).decode() if as_json else _said(told), flush=True)
    except (ClientError, ValueError, OSError) as error:
        print(_trouble(error, file), file=sys.stderr)
        return 2
    return 1 if refused else 0


@contextlib.contextmanager
def _opened(file: str) -> Iterator[Iterator[bytes]]:
    if file == "-":
        yield iter(sys.stdin.buffer)
        return
    with Path(file).open("rb") as lines:
        yield iter(lines)


def _sent(client: Client, number: int, text: bytes) -> Line:
    """Send one line. Raises Unreachable or NotUnderstood where going on makes no sense."""
    try:
        if len(text) > LINE_BYTES_MAX:
            raise ValueError(f"it is longer than {LINE_BYTES_MAX} bytes")
        command = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        told = Refused(
            400, "client.NotACommand", "Not sent.", f"The line is no JSON command: {error}.",
            "Write one object a line, with its type.",
        )  # fmt: skip
        return _refused(number, told)
    try:
        return _recorded(number, client.do(command))
    except Refused as refusal:
        return _refused(number, refusal)


def _recorded(number: int, told: Recorded) -> Line:
    return Line(line=number, recorded=list(told.recorded), again=told.again)


def _refused(number: int, told: Refused) -> Line:
    return Line(
        line=number, code=told.code, not_done=told.not_done, because=told.because,
        instead=told.instead,
    )  # fmt: skip


def _said(told: Line) -> str:
    """Return what became of a line, for a person."""
    if told.code:
        return f"{told.line}: {told.not_done} {told.because} {told.instead} ({told.code})"
    where = ", ".join(f"{one.type} at {one.position}" for one in told.recorded or ())
    what = where or said("nothing was needed")
    if told.again:
        return said("{line}: recorded already: {what}", line=told.line, what=what)
    return said("{line}: recorded: {what}", line=told.line, what=what)


def run_follow(way: Way, after: int | None, kinds: str, *, to_end: bool) -> int:
    """Print events until the end, or until told to stop; returns the exit code."""
    wanted = tuple(part for part in kinds.split(",") if part)
    try:
        with way.client() as client:
            told = client.events(after or 0, wanted) if to_end else client.follow(after, wanted)
            for event in told:
                sys.stdout.buffer.write(msgspec.json.encode(event) + b"\n")
                sys.stdout.buffer.flush()
    except Refused as refusal:
        print(f"{refusal} ({refusal.code})", file=sys.stderr)
        return 1
    except (ClientError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except (KeyboardInterrupt, BrokenPipeError):
        return 0
    return 0


def _trouble(error: Exception, file: str) -> str:
    """Return three sentences for what kept the command from going on."""
    if isinstance(error, OSError):
        return said(
            "Not sent: {file} cannot be read. {why}. "
            "Give the path of a file, or - for standard input.",
            file=file[:SHOWN_MAX], why=error.strerror or error,
        )  # fmt: skip
    return str(error)
