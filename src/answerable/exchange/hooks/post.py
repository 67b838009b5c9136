"""Carrying one letter: five seconds in all, no redirect, little of the answer is read."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from typing import Protocol

import httpx

from answerable.exchange.hooks.addresses import Network, NotThere, Resolve, parts_of, place_of

TIMEOUT_S = 5.0
ANSWER_BYTES_MAX = 65_536
RETRY_AFTER_S_MAX = 3_600
AGENT = "answerable-hooks"


class NotTaken(Exception):
    """A letter was not taken. ``wait_s`` is how long the receiver asked to be left alone."""

    def __init__(self, why: str, wait_s: float = 0.0) -> None:
        """Keep why."""
        super().__init__(why)
        self.why = why
        self.wait_s = wait_s


class Carrier(Protocol):
    """Whatever can carry a letter."""

    async def carry(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Deliver; returns where the receiver took it. Raises NotTaken."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Post:
    """Carries the letters of one hook over one connection."""

    def __init__(
        self,
        resolve: Resolve,
        inside: Iterable[Network] = (),
        context: ssl.SSLContext | None = None,
    ) -> None:
        """``inside`` are the networks of one's own to which letters may go."""
        self._resolve = resolve
        self._inside = tuple(inside)
        self.answered = 0
        """The status of the last answer that took a letter."""
        self._http = httpx.AsyncClient(
            verify=context or True,
            trust_env=False,  # a proxy of the environment would go round the check of the address
            follow_redirects=False,
            timeout=TIMEOUT_S,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            headers={"user-agent": AGENT},
        )

    async def carry(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Deliver; returns where the answer is a success. Raises NotTaken."""
        await self._within(url, headers, body)

    async def ask(self, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """Deliver and return what was answered, whole. Raises NotTaken."""
        said = await self._within(url, {"accept-encoding": "identity", **headers}, body)
        if said is None:
            raise NotTaken(f"its answer is longer than {ANSWER_BYTES_MAX} bytes")
        return said

    async def _within(self, url: str, headers: Mapping[str, str], body: bytes) -> bytes | None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._carry(url, headers, body)
        except TimeoutError as error:
            raise NotTaken(f"no answer came within {TIMEOUT_S:g} s") from error
        except NotThere as error:
            raise NotTaken(str(error)) from error
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise NotTaken(_why(error)) from error

    async def _carry(self, url: str, headers: Mapping[str, str], body: bytes) -> bytes | None:
        scheme, host, port = parts_of(url)
        place = await place_of(host, port, self._inside, self._resolve, plain=scheme == "http")
        there = httpx.URL(url)
        named = {"host": there.netloc.decode("ascii"), **headers}
        request = self._http.build_request(
            "POST", there.copy_with(host=place), headers=named, content=body,
            extensions={"sni_hostname": host},
        )  # fmt: skip
        answer = await self._http.send(request, stream=True)
        try:
            said = await _read_little(answer)
        finally:
            await answer.aclose()
        if not answer.is_success:
            raise NotTaken(_said(answer.status_code), _asked(answer.headers.get("retry-after", "")))
        self.answered = answer.status_code
        return said

    async def close(self) -> None:
        """Let go of the connection."""
        await self._http.aclose()


async def _read_little(answer: httpx.Response) -> bytes | None:
    """Read an answer so that the connection can serve again; a long one is left unread: None."""
    said = b""
    async for chunk in answer.aiter_raw():
        said += chunk
        if len(said) > ANSWER_BYTES_MAX:
            return None
    return said


def _said(status: int) -> str:
    if 300 <= status < 400:
        return f"it leads elsewhere ({status}), which is not followed"
    return f"it answered {status}"


def _asked(header: str) -> float:
    if not (header.isascii() and header.isdecimal() and len(header) < 10):
        return 0.0
    return float(min(int(header), RETRY_AFTER_S_MAX))


def _why(error: Exception) -> str:
    """Return why there was no answer, in words of ours: a library's may quote the address."""
    if isinstance(error, httpx.TimeoutException):
        return f"no answer came within {TIMEOUT_S:g} s"
    if "certificate" in str(error).lower():
        return "its certificate is not believed"
    if isinstance(error, httpx.ConnectError):
        return "nothing answers there"
    return "the connection broke before the answer"
