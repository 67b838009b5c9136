"""The addresses of the public log, ``/log/…``: open to everybody, for programs and for people.

Nothing is disclosed by them: entries are commitments (ADR 0018). What a tile's address stands for
never changes, so it may be kept anywhere for ever; the checkpoint is the one thing that moves.
"""

from __future__ import annotations

from collections.abc import Awaitable
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from litestar import Request, Response, get

from answerable.console.contract.pace import Pace
from answerable.console.front import Front
from answerable.console.log.page import page
from answerable.console.log.service import LogService
from answerable.console.sanity import Refused
from answerable.console.signin.throttle import address_of
from answerable.kernel.store import StoreRefusal
from answerable.record.log.refusals import NotSealed
from answerable.record.log.tiles import Tile

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
T = TypeVar("T")
PER_S, BURST = 100.0, 2000
"""What one address may fetch: a log of a million events in about a minute."""
FOR_EVER = "public, max-age=31536000, immutable"
MOVING = "public, max-age=1"
TEXT = "text/plain"
BYTES = "application/octet-stream"
VERIFIER = "verify.py"
HOUR = "public, max-age=3600"


class LogDoor:
    """Who may fetch how much, and what is told where something cannot be given."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.pace = Pace(PER_S, BURST)

    def let_in(self, request: Req) -> LogService:
        """Return the log. Raises Refused (404, 429)."""
        try:
            self.pace.take(address_of(request.scope))
        except Refused as refusal:
            raise _too_fast(refusal) from refusal
        if self.front.log is None:
            raise Refused(
                404, "console.NoLog", "Not served.", "This centre publishes no log of its record.",
                "Ask whoever keeps it.",
            )  # fmt: skip
        return self.front.log

    async def given(self, asked: Awaitable[T]) -> T:
        """Return what the log gives. Raises Refused (404, 500)."""
        try:
            return await asked
        except NotSealed as refusal:
            raise _not_there() from refusal
        except StoreRefusal as refusal:
            raise Refused(
                500, "console.LogDamaged", "Not served.",
                "That part of the record cannot be read, or is not what was recorded.",
                "Tell whoever keeps this centre; keep what you have of its log.",
            ) from refusal  # fmt: skip


def _too_fast(refusal: Refused) -> Refused:
    wait_s = refusal.headers["retry-after"]
    told = Refused(
        429, "console.LogTooFast", "Not served.",
        "More is fetched of the log from this address than this centre gives to one.",
        "Go on in {seconds} s; tiles never change, so keep those you have.",
        seconds=wait_s,
    )  # fmt: skip
    told.headers = {"retry-after": wait_s}
    return told


def _not_there() -> Refused:
    return Refused(
        404, "console.NotSealed", "Not served.",
        "No signed checkpoint covers that tile or event, or there is no such address.",
        "Fetch the checkpoint, and ask for what lies within its size.",
    )  # fmt: skip


def told(body: bytes, kind: str, cached: str, name: str = "") -> Response[Any]:
    """Answer with bytes; with ``name``, as a file to be kept."""
    headers = {"cache-control": cached}
    if name:
        headers["content-disposition"] = f'attachment; filename="{name}"'
    return Response(body, media_type=kind, headers=headers)


def routes(app: Application) -> list[Any]:
    """Return the routes."""
    door = LogDoor(app.front)

    @get("/log", sync_to_thread=False)
    def log_page(request: Req) -> Response[Any]:
        """Explain what can be checked, and how."""
        lang, theme = app.look(request)
        html = page(app.front, door.let_in(request), lang, theme, str(request.base_url))
        return Response(html, media_type="text/html")

    @get("/log/checkpoint", sync_to_thread=False)
    def checkpoint(request: Req) -> Response[Any]:
        """Give the latest signed checkpoint."""
        note = door.let_in(request).publisher.checkpoint
        if not note:
            raise _not_there()
        return told(note, TEXT, MOVING)

    @get("/log/keys", sync_to_thread=False)
    def keys(request: Req) -> Response[Any]:
        """Give every verifier key of this log, the one that signs first."""
        listed = reversed(door.let_in(request).publisher.keys.keys)
        return told("".join(f"{one.vkey}\n" for one in listed).encode(), TEXT, MOVING)

    @get("/log/tile/{rest:path}")
    async def tile(request: Req) -> Response[Any]:
        """Give a tile of hashes, or of entries."""
        service = door.let_in(request)
        asked = Tile.parse(request.scope["path"].removeprefix("/log/tile/"))
        if asked is None:
            raise _not_there()
        return told(await door.given(service.tile(asked)), BYTES, FOR_EVER)

    @get("/log/proof/{position:str}")
    async def proof(request: Req) -> Response[Any]:
        """Give the proof that an entry is in the log; it says nothing of what the entry is."""
        service, text = door.let_in(request), request.path_params["position"]
        if not (text.isascii() and text.isdecimal() and len(text) < 19 and text[0] != "0"):
            raise _not_there()
        data = await door.given(service.proof(int(text)))
        return told(data, TEXT, MOVING, f"event-{text}.tlog-proof")

    @get(f"/log/{VERIFIER}", sync_to_thread=False)
    def verifier(request: Req) -> Response[Any]:
        """Give the verifier: one file, for any Python, with nothing to install."""
        door.let_in(request)
        source = files("answerable.record").joinpath(VERIFIER).read_bytes()
        return told(source, "text/x-python", HOUR, VERIFIER)

    return [log_page, checkpoint, keys, tile, proof, verifier]
