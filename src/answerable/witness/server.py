"""A small witness: one address that takes checkpoints and gives cosignatures.

Submissions for one log are judged one after the other; what is cosigned is on the disk, synced,
before the answer goes out.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from answerable.record.log.notes import Note, Signature, Verifier, parse
from answerable.record.log.refusals import LogRefusal
from answerable.witness.book import Book, name_of
from answerable.witness.judge import Verdict, judge, origin_in, refused
from answerable.witness.letters import LATEST, LETTER_BYTES_MAX, PATH, Letter, read

PATIENCE_S = 10.0

log = logging.getLogger("answerable.witness")


class Server:
    """The witness over its book."""

    def __init__(self, book: Book, now_s: Callable[[], float] = time.time) -> None:
        self.book = book
        self._now_s = now_s
        self._turns: dict[str, asyncio.Lock] = {}

    async def submit(self, body: bytes) -> Verdict:
        """Judge a submission, and keep and cosign what holds."""
        try:
            letter = read(body)
            origin = origin_in(letter)
        except (ValueError, LogRefusal) as error:
            return refused(400, f"the request cannot be read ({error}).")
        if self.book.get(origin) is None:
            return judge(letter, None)
        async with self._turns.setdefault(origin, asyncio.Lock()):
            return await asyncio.to_thread(self.decide, letter, origin)

    def decide(self, letter: Letter, origin: str) -> Verdict:
        """Judge a letter and keep what is cosigned; one at a time for every log."""
        known = self.book.get(origin)
        verdict = judge(letter, known)
        if known is None or verdict.checkpoint is None:
            return verdict
        note = parse(letter.note)
        signature = self.book.cosigner.cosignature(note.text, int(self._now_s()))
        kept = [one for one in note.signatures if _of(one, known.keys)]
        try:
            self.book.keep(known, verdict.checkpoint, Note(note.text, (*kept, signature)).packed)
        except OSError as error:
            log.error("a checkpoint could not be kept: %s", error)
            return refused(503, "the disk of this witness failed. Try again later.")
        return verdict._replace(body=signature.line)

    def latest(self, hashed: str) -> Verdict:
        """Return the last checkpoint cosigned for a log, named by the hash of its origin."""
        for known in self.book:
            if name_of(known.origin) == hashed and known.note:
                return Verdict(200, known.note)
        return Verdict(404, b"Not there: nothing was cosigned for such a log.\n")

    def about(self) -> Verdict:
        """Return who this witness is."""
        return Verdict(200, f"{self.book.cosigner.verifier.vkey}\n".encode())


def _of(signature: Signature, keys: tuple[Verifier, ...]) -> bool:
    return any((signature.name, signature.key_id) == (key.name, key.key_id) for key in keys)


# -- over HTTP -----------------------------------------------------------------------------------


def application(server: Server) -> ASGIApp:
    """Return the witness as an application: submissions, its key, the last of each log."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            return
        try:
            verdict = await _answered(server, scope, receive)
        except TimeoutError:
            verdict = refused(408, f"the request did not come within {PATIENCE_S:g} s. Send again.")
        except Exception:
            log.exception("a submission failed")
            verdict = refused(500, "this witness failed. Tell its keeper.")
        headers = [
            (b"content-type", verdict.kind.encode()),
            (b"content-length", str(len(verdict.body)).encode()),
            (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"),
        ]  # fmt: skip
        await send({"type": "http.response.start", "status": verdict.status, "headers": headers})
        await send({"type": "http.response.body", "body": verdict.body, "more_body": False})

    return answer


async def _answered(server: Server, scope: HTTPScope, receive: Receive) -> Verdict:
    method, path = scope["method"], scope["path"]
    if (method, path) == ("POST", PATH):
        body = await _body(receive)
        if body is None:
            return refused(413, f"the request is longer than {LETTER_BYTES_MAX} bytes.")
        return await server.submit(body)
    if method == "GET" and path == "/":
        return server.about()
    if method == "GET" and path.startswith(LATEST):
        return server.latest(path.removeprefix(LATEST))
    return Verdict(404, f"Not there: a witness has POST {PATH} and GET /.\n".encode())


async def _body(receive: Receive) -> bytes | None:
    """Return a request's body, None where it is too long or breaks off."""
    parts, size = [], 0
    async with asyncio.timeout(PATIENCE_S):
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None
            parts.append(message["body"])
            size += len(message["body"])
            if size > LETTER_BYTES_MAX:
                return None
            if not message["more_body"]:
                return b"".join(parts)
