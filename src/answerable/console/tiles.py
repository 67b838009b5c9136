"""The basemap at ``/town/<digest>/basemap.pmtiles``: in parts, from the file, for who may see it.

The framework's own files know no ``Range``, and a map is read a few kilobytes at a time. What the
system already has in memory is read at once; whatever would make the disk work is read by another
thread, so that no command waits for a map.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from answerable.console import api
from answerable.console.contract.methods import wrong_method
from answerable.console.front import Front
from answerable.console.ranges import Answer, answer
from answerable.console.sanity import Refused
from answerable.towns.basemap.report import FILE

PIECE_BYTES = 65_536
"""What is read and sent at a time."""
CACHE = b"private, max-age=31536000, immutable"
"""The address changes with the bytes, so they never do; private, for they are not for everybody."""
TYPE = b"application/vnd.pmtiles"
MAGIC = b"PMTiles\x03"
PAGE = "board"
AT_ONCE = getattr(os, "RWF_NOWAIT", 0)


class Basemap:
    """A town's basemap, open for reading as long as the console runs."""

    def __init__(self, path: Path) -> None:
        """Open it and take its digest. Raises OSError, or ValueError for what is no PMTiles 3."""
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.size = os.fstat(self._file).st_size
        if os.pread(self._file, len(MAGIC), 0) != MAGIC:
            self.close()
            raise ValueError(f"{path} is no PMTiles file of version 3")
        digest = hashlib.sha256()
        for at in range(0, self.size, PIECE_BYTES):
            digest.update(os.pread(self._file, PIECE_BYTES, at))
        self.digest = digest.hexdigest()[:16]
        self.tag = f'"{self.digest}"'
        self.url = f"/town/{self.digest}/{FILE}"

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    async def read(self, at: int, length: int) -> bytes:
        """Return bytes of the file; fewer only where it has been cut short since."""
        piece = bytearray(length)
        if AT_ONCE:
            try:
                got = os.preadv(self._file, [piece], at, AT_ONCE)
            except OSError:  # it would have to wait for the disk, or the disk knows no such reading
                got = 0
            if got == length:
                return bytes(piece)
        return await asyncio.to_thread(os.pread, self._file, length, at)


def opened(folder: Path) -> Basemap | None:
    """Return the basemap of a town's folder, or None where there is none that can be read."""
    path = folder / FILE
    try:
        return Basemap(path) if path.is_file() else None
    except (OSError, ValueError):
        return None


def route(front: Front, basemap: Basemap | None) -> ASGIRouteHandler:
    """Return the route of the basemap; its page in the table of rights is the board's."""

    @asgi("/town", is_mount=True, copy_scope=False)
    async def basemap_parts(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            held = held_by(front, basemap, scope)
        except Refused as refusal:
            await api.send_refusal(front, scope, send, refusal)
            return
        method = scope.get("method", "")
        fields = headers_of(scope)
        await send_part(
            held, answer(str(method), fields, held.tag, held.size), method == "HEAD", send
        )

    return basemap_parts


def held_by(front: Front, basemap: Basemap | None, scope: Scope) -> Basemap:
    """Return the basemap a request may read. Raises Refused (401, 403, 404, 405)."""
    if scope.get("method") not in ("GET", "HEAD"):
        raise wrong_method("GET, HEAD")
    api.may_open(front, api.signed_in(front, scope), PAGE)
    within = "/" + scope["path"].strip("/").removeprefix(
        "town/"
    )  # a mount may cut its own name off
    if basemap is None or f"/town{within}" != basemap.url:
        raise Refused(
            404, "console.NoMap", "Not shown.", "There is no such map here.",
            "Load the page again.",
        )  # fmt: skip
    return basemap


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers of a request; a field that comes twice is one list, as the standard says.

    Source: RFC 9110 section 5.3.
    """
    fields: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        fields[key] = f"{fields[key]}, {text}" if key in fields else text
    return fields


async def send_part(held: Basemap, told: Answer, head_only: bool, send: Send) -> None:
    """Send what was asked for, piece by piece."""
    headers = [
        (b"accept-ranges", b"bytes"),
        (b"etag", held.tag.encode()),
        (b"cache-control", CACHE),
    ]
    if told.status in (200, 206):
        headers += [(b"content-type", TYPE), (b"content-length", b"%d" % told.length)]
    if told.status in (412, 416):
        headers.append((b"content-length", b"0"))
    if told.status == 416:
        headers.append((b"content-range", b"bytes */%d" % held.size))
    if told.status == 206:
        last = told.start + told.length - 1
        headers.append((b"content-range", b"bytes %d-%d/%d" % (told.start, last, held.size)))
    await send({"type": "http.response.start", "status": told.status, "headers": headers})
    at, left = told.start, 0 if head_only else told.length
    while left > 0:
        piece = await held.read(at, min(PIECE_BYTES, left))
        if not piece:  # the file was cut short: the reader sees that bytes are missing
            break
        at, left = at + len(piece), left - len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
    if left or head_only or not told.length:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
