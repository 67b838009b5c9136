"""Asking a witness: one submission, one answer, in a few seconds or not at all.

Nothing of an answer is believed before the signature in it fits the witness's key. The address is
the operator's own choice, from the settings; no redirect is followed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from answerable.record.log import notes
from answerable.record.log.checkpoint import Checkpoint, decimal
from answerable.record.log.notes import Signature, Signed, Verifier
from answerable.record.log.refusals import LogRefusal
from answerable.witness.book import name_of
from answerable.witness.letters import LATEST, LETTER_BYTES_MAX, PATH, SIZE_TYPE, letter
from answerable.witness.refusals import (
    Disagrees,
    KnowsAnother,
    NotCosigned,
    NotReached,
    NotTrusted,
    UnknownLog,
)

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 5.0
AGENT = "answerable-log"


class Witness:
    """One witness, over one connection."""

    def __init__(self, verifier: Verifier, url: str, timeout_s: float = TIMEOUT_S) -> None:
        """Ask at ``url``, the prefix of its addresses; believe what ``verifier`` signed."""
        self._verifier, self.url, self.timeout_s = verifier, url.rstrip("/"), timeout_s
        self._http: httpx.AsyncClient | None = None

    @property
    def verifier(self) -> Verifier:
        """The key it cosigns with."""
        return self._verifier

    async def cosign(self, checkpoint: bytes, old_size: int, consistency: Sequence[bytes]) -> bytes:
        """Return its signature line under a checkpoint.

        ``old_size`` is what it is thought to have cosigned last, ``consistency`` the proof from
        there. Raises a NotCosigned; a KnowsAnother says what it did cosign last.
        """
        body = letter(old_size, consistency, checkpoint)
        status, kind, told = await self._asked("POST", PATH, body)
        if status != 200:
            raise self._refusal(status, kind, told, old_size)
        text = notes.parse(checkpoint).text
        for line in told.split(b"\n")[: notes.SIGNATURES_MAX]:
            if (signature := self._mine(line, text)) is not None:
                return signature.line
        raise self._not_reached("its answer has no signature of its key")

    async def last(self, origin: str) -> tuple[Checkpoint, Signed] | None:
        """Return the last checkpoint it cosigned for a log, and when; None where it has none.

        Only witnesses of this program can be asked so. Raises NotReached.
        """
        status, _, told = await self._asked("GET", LATEST + name_of(origin), b"")
        if status != 200:
            return None
        try:
            note = notes.parse(told)
            found = Checkpoint.parse(note.text)
            signed = notes.checked(note, [self._verifier])
        except LogRefusal:
            return None
        return (found, signed[0]) if found.origin == origin else None

    async def close(self) -> None:
        """Let go of the connection."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    # -- the line ------------------------------------------------------------------------------

    async def _asked(self, method: str, path: str, body: bytes) -> tuple[int, str, bytes]:
        """Return the status, kind and body of an answer. Raises NotReached."""
        import httpx

        if self._http is None:
            self._http = httpx.AsyncClient(
                trust_env=False, follow_redirects=False, timeout=self.timeout_s,
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
                headers={"user-agent": AGENT, "accept-encoding": "identity"},
            )  # fmt: skip
        try:
            async with (
                asyncio.timeout(self.timeout_s),
                self._http.stream(method, self.url + path, content=body) as answer,
            ):
                return (
                    answer.status_code,
                    answer.headers.get("content-type", ""),
                    await _read(answer),
                )
        except (TimeoutError, httpx.TimeoutException) as error:
            raise self._not_reached(f"no answer came within {self.timeout_s:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise self._not_reached(str(error) or type(error).__name__) from error

    def _mine(self, line: bytes, text: bytes) -> Signature | None:
        """Return the signature in a line where it is of this witness and fits."""
        try:
            signature = notes.signature_in(line)
            if (signature.name, signature.key_id) != (self._verifier.name, self._verifier.key_id):
                return None
            self._verifier.check(text, signature)
        except LogRefusal:
            return None
        return signature

    def _not_reached(self, why: str) -> NotReached:
        return NotReached(
            f"The witness {self._verifier.name} at {self.url} was not reached ({why}).",
            "It is asked again by itself; if it stays so, ask its keeper.",
        )

    def _refusal(self, status: int, kind: str, told: bytes, old_size: int) -> NotCosigned:
        """Return what an answer other than 200 means."""
        name = f"The witness {self._verifier.name}"
        if status == 409 and (size := _size(kind, told)) is not None and size != old_size:
            return KnowsAnother(
                size, f"{name} has cosigned {size} entries of this log, not {old_size}.",
                "Give it the proof from there.",
            )  # fmt: skip
        if status in (409, 422):
            return Disagrees(
                f"{name} has seen another history of this log: what it cosigned is not the "
                "beginning of it.",
                "Compare this record with the newest backup before anything else is done.",
            )
        if status == 404:
            return UnknownLog(
                f"{name} does not know this log.",
                "Give its keeper the key that 'answerable key show' prints.",
            )
        if status == 403:
            return NotTrusted(
                f"{name} knows this log, and not the key that signs it now.",
                "Give its keeper the new key that 'answerable key show' prints.",
            )
        return self._not_reached(f"it answered {status}")


def _size(kind: str, told: bytes) -> int | None:
    if not kind.startswith(SIZE_TYPE):
        return None
    try:
        return decimal(told.rstrip(b"\n"))
    except ValueError:
        return None


async def _read(answer: httpx.Response) -> bytes:
    """Return an answer's body. Raises ValueError where it is too long."""
    parts, size = [], 0
    async for part in answer.aiter_raw():
        parts.append(part)
        size += len(part)
        if size > LETTER_BYTES_MAX:
            raise ValueError("its answer is too long")
    return b"".join(parts)
