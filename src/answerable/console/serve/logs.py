"""The log: structured lines on the standard error, for people or for a collector.

What may stand in a line is a short list of names (``MAY``); an error is told by its kind and place,
never by its message, because a message may hold what somebody said. A line is written by a thread
of its own: a collector that does not read delays nobody.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sys
import threading
import warnings
from collections.abc import MutableMapping, Sequence
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter

from answerable.console.serve.around import REQUEST
from answerable.console.serve.settings import Log
from answerable.kernel.event import Recorded
from answerable.kernel.hub import where
from answerable.kernel.store import Head

LINES_MAX = 10_000
"""Lines waiting to be written; beyond it they are counted and lost."""
MAY = frozenset(
    {"status", "method", "route", "code", "client", "also", "position", "actor", "account", "token",
     "hook", "role", "way", "missed", "count", "why", "until_us", "outcome", "seconds", "town",
     "address", "listening"}
)  # fmt: skip
"""The facts a line may carry beside its sentence."""
QUIET = {"uvicorn": "ERROR", "httpx": "WARNING", "httpcore": "WARNING", "authlib": "WARNING",
         "litestar": "WARNING", "asyncio": "WARNING", "numba": "WARNING"}  # fmt: skip
"""Other people's logs: theirs may name addresses with secrets in them at lower levels."""
ACTS = ("access.", "towns.", "keeping.", "standards.StandardAdopted")
"""Events that are acts of security or of administration."""

log = logging.getLogger("answerable.acts")
Line = MutableMapping[str, Any]


class Lines(logging.Handler):
    """Gives finished lines to a thread that writes them."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._waiting: queue.Queue[str | None] = queue.Queue(LINES_MAX)
        self.lost = 0
        self._writer = threading.Thread(target=self._write, name="log", daemon=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line, or lose it where too many are waiting."""
        try:
            self._waiting.put_nowait(self.format(record).replace("\n", "\\n"))
        except queue.Full:
            self.lost += 1
        except Exception:
            self.lost += 1  # a line that cannot be formed must not become a fault of its own

    def _write(self) -> None:
        while (line := self._waiting.get()) is not None:
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                self.lost += 1

    def close(self) -> None:
        """Write what is waiting, for at most a second."""
        try:
            self._waiting.put_nowait(None)
        except queue.Full:
            return
        self._writer.join(1.0)
        super().close()


def without_words(_logger: object, _name: str, line: Line) -> Line:
    """Replace an error by its kind and place."""
    told = line.pop("exc_info", None)
    for name in ("exc_text", "exception", "stack_info", "stack"):
        line.pop(name, None)
    error = told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        line["fault"] = where(error)
    return line


def with_request(_logger: object, _name: str, line: Line) -> Line:
    """Add the number of the request that is being answered."""
    if number := REQUEST.get():
        line["request"] = number
    return line


def formatter(chosen: str) -> ProcessorFormatter:
    """Return the form of a line."""
    plain = chosen == "plain"
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, pad_level=False)
        if plain
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name,
            ExtraAdder(allow=MAY), with_request,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
        ],
        processors=[ProcessorFormatter.remove_processors_meta, without_words, renderer],
    )  # fmt: skip


def set_up(settings: Log, stream: TextIO) -> Lines:
    """Send every logger of the process here; returns the handler, to be closed at the end."""
    lines = Lines(stream)
    lines.setFormatter(formatter(settings.format))
    root = logging.getLogger()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    root.addHandler(lines)
    root.setLevel(settings.level.upper())
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    warnings.simplefilter("ignore", DeprecationWarning)
    sys.excepthook = _unhandled
    threading.excepthook = _unhandled_in_thread
    return lines


def quiet_loop() -> None:
    """Tell what goes wrong in a task by its kind and place; asyncio would print all of it."""

    def handler(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        told = where(error) if error is not None else ""
        logging.getLogger("answerable.loop").error("fault in a task: %s", told)

    asyncio.get_running_loop().set_exception_handler(handler)


def _unhandled(
    _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    print(f"Stopped: the program failed ({where(error)}).", file=sys.stderr)


def _unhandled_in_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None:
        log.error("fault in a thread: %s", where(told.exc_value))


def acts(recorded: Sequence[Recorded], head: Head) -> None:
    """Tell acts of security and administration, one line each; a subscriber of the hub."""
    for one in recorded:
        if one.row.kind.startswith(ACTS):
            fields = {name: getattr(one.event, name, None) for name in MAY}
            facts = {name: value for name, value in fields.items() if value not in (None, "")}
            facts |= {"position": one.row.position, "actor": one.row.actor}
            log.info("%s", one.row.kind, extra=facts)
