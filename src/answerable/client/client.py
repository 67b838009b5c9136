"""The client: one connection to one centre, as one program."""

from __future__ import annotations

import functools
import random
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from answerable.client.errors import NotUnderstood, Refused, Unreachable
from answerable.client.sse import TooLong, messages
from answerable.client.told import Board, Event, IncidentTold, Page, Problem, Recorded
from answerable.client.tries import Tries, asked_to_wait_s
from answerable.kernel.event import Command

T = TypeVar("T")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PATIENCE_S = 30.0
TIMEOUT_S = 10.0
SILENCE_S = 45.0
"""A stream that says nothing for three beats of the centre is broken."""
COME_BACK = frozenset({429, 502, 503, 504})
"""Statuses after which the same request is worth sending again; 502 and 504 are a proxy's."""
PAGE = 500


def new_key(prefix: str = "cli") -> str:
    """Return a fresh idempotency key; the time comes first, so that an index of keys grows."""
    return f"{prefix}-{time.time_ns():x}-{secrets.token_hex(8)}"


class Client:
    """A centre seen from a program. Use it in a ``with`` block, or ``close`` it."""

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        plain: bool = False,
        patience_s: float = PATIENCE_S,
        language: str = "en",
        headers: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Prepare; nothing is asked yet. Raises ValueError for an address that cannot be one.

        ``patience_s`` is how long a request is tried again. A token goes over plain HTTP only to
        this machine, unless ``plain`` says that the way there is safe.
        """
        _check(url, plain or not token)
        signed = {"authorization": f"Bearer {token}"} if token else {}
        own = {"accept-language": language, "user-agent": "answerable-client"}
        self._http = httpx.Client(
            base_url=url, headers=own | signed | dict(headers or {}), timeout=TIMEOUT_S,
            follow_redirects=False,
        )  # fmt: skip
        self._url = url
        self._tries = functools.partial(Tries, patience_s, sleep, chance)

    def __repr__(self) -> str:
        return f"Client({self._url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    # -- commands ----------------------------------------------------------------------------

    def do(self, command: Command | type[Command] | Mapping[str, Any], **fields: Any) -> Recorded:  # noqa: ANN401
        """Have a command done; returns when it is recorded.

        ``command`` is one of a room's words (``intake.AnswerCall(key=…)``), its class with
        ``fields``, or a mapping with ``type``; the latter two get a key where they have none. While
        no answer comes it is sent again with the same key, so it is recorded once.

        Raises Refused where the centre says no, Unreachable where it did not answer in time.
        """
        body, key = _body(command, fields)
        named: dict[str, Any] = {"content": body, "headers": {"content-type": "application/json"}}
        return self._asked(Recorded, "POST", "/api/commands", key, **named)

    # -- reading -----------------------------------------------------------------------------

    def board(self) -> Board:
        """Return what is going on now."""
        return self._asked(Board, "GET", "/api/board")

    def incident(self, incident: str) -> IncidentTold:
        """Return one incident and what was recorded about it. Raises Refused (404)."""
        return self._asked(IncidentTold, "GET", f"/api/incidents/{quote(incident, safe='')}")

    def schema(self) -> dict[str, Any]:
        """Return the contract, OpenAPI 3.1."""
        return self._asked(dict[str, Any], "GET", "/api/schema")

    def page(self, after: int = 0, limit: int = PAGE, kinds: Collection[str] = ()) -> Page:
        """Return the events of the next ``limit`` positions after one."""
        params: dict[str, Any] = {"after": after, "limit": limit}
        if kinds:
            params["kinds"] = ",".join(kinds)
        return self._asked(Page, "GET", "/api/events", params=params)

    def events(self, after: int = 0, kinds: Collection[str] = ()) -> Iterator[Event]:
        """Yield what is recorded after a position, up to where the record ends now."""
        while True:
            page = self.page(after, kinds=kinds)
            yield from page.events
            if page.after >= page.recorded or page.after <= after:
                return
            after = page.after

    def follow(self, after: int | None = None, kinds: Collection[str] = ()) -> Iterator[Event]:
        """Yield every event after a position (None: from now on), as they come, without end.

        A broken stream is resumed where it broke: no event is left out and none comes twice.
        Raises Refused, or Unreachable once the centre could not be reached for the whole patience.
        """
        seen = self.page(0, 1).recorded if after is None else after
        tries = self._tries()
        while True:
            try:
                for event, position in self._streamed(seen, kinds):
                    tries.worked()
                    if position <= seen:
                        continue
                    if event is not None and not kinds and position != seen + 1:
                        raise NotUnderstood(f"After position {seen} the stream told {position}")
                    seen = position
                    if event is not None:
                        yield event
                why, wait_s = "The stream ended", None
            except _Later as later:
                why, wait_s = later.why, later.wait_s
            if not tries.again(wait_s):
                raise Unreachable(why)

    def _streamed(self, after: int, kinds: Collection[str]) -> Iterator[tuple[Event | None, int]]:
        """Yield the events of one connection, each with its position; a beat is no event.

        Raises _Later where it breaks.
        """
        params = {"kinds": ",".join(kinds)} if kinds else {}
        timeout = httpx.Timeout(TIMEOUT_S, read=SILENCE_S)
        headers = {"last-event-id": str(after), "accept": "text/event-stream"}
        try:
            with self._http.stream(
                "GET", "/api/stream", params=params, headers=headers, timeout=timeout
            ) as answer:
                if answer.status_code != 200:
                    answer.read()
                    raise _refusal(answer)
                for told in messages(answer.iter_bytes()):
                    if told.data:
                        event = _decoded(Event, told.data)
                        yield event, event.position
                    elif told.id.isdecimal():
                        yield None, int(told.id)
        except httpx.TransportError as error:
            raise _Later(_why(error)) from error
        except TooLong as error:
            raise NotUnderstood(str(error)) from error

    # -- asking ------------------------------------------------------------------------------

    def _asked(self, wanted: type[T], method: str, path: str, key: str = "", **named: Any) -> T:  # noqa: ANN401
        """Ask until there is an answer. Raises Refused, Unreachable or NotUnderstood."""
        tries = self._tries()
        while True:
            try:
                return self._once(wanted, method, path, **named)
            except _Later as later:
                if not tries.again(later.wait_s):
                    raise Unreachable(later.why, key) from later

    def _once(self, wanted: type[T], method: str, path: str, **named: Any) -> T:  # noqa: ANN401
        try:
            answer = self._http.request(method, path, **named)
        except httpx.TransportError as error:
            raise _Later(_why(error)) from error
        if answer.status_code in (200, 201):
            return _decoded(wanted, answer.content)
        raise _refusal(answer)


class _Later(Exception):
    """It may work later: why not now, and how long the centre asks to wait."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.wait_s = wait_s


def _refusal(answer: httpx.Response) -> Exception:
    """Return what an answer that is no success stands for."""
    try:
        told = msgspec.json.decode(answer.content, type=Problem)
    except msgspec.DecodeError:
        told = None
    if answer.status_code in COME_BACK:
        why = told.because if told else f"The answer was {answer.status_code}"
        return _Later(why, asked_to_wait_s(answer.headers.get("retry-after")))
    if told is None:
        kind = answer.headers.get("content-type", "nothing")
        return NotUnderstood(f"The answer was {answer.status_code} with {kind}")
    return Refused(answer.status_code, told.code, told.not_done, told.because, told.instead)


def _decoded(wanted: type[T], body: bytes) -> T:
    try:
        return msgspec.json.decode(body, type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotUnderstood(f"The answer cannot be read: {error}") from error


def _body(
    command: Command | type[Command] | Mapping[str, Any], fields: dict[str, Any]
) -> tuple[bytes, str]:
    """Return a command as it travels, and its key."""
    if isinstance(command, type):
        command = command(**{"key": new_key(), **fields})
    elif fields:
        raise TypeError("fields go with a command's class; a whole command has its own")
    if isinstance(command, Command):
        return msgspec.json.encode(command), command.key
    keyed = {"key": new_key(), **command}
    return msgspec.json.encode(keyed), str(keyed["key"])


def _why(error: httpx.TransportError) -> str:
    """Return why a connection did not carry an answer, in words."""
    if isinstance(error, httpx.TimeoutException):
        return "No answer came in time"
    if isinstance(error, httpx.ConnectError):
        return "Nothing answers at that address"
    return "The connection broke before the answer"


def _check(url: str, plain: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ValueError(
            "Not connected. The address is not one of a centre. Give it as https://centre.example."
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not plain:
        raise ValueError(
            "Not connected. The token would travel unprotected over HTTP. "
            "Give an https address, or say that the way is safe (plain)."
        )
