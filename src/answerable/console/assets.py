"""Files the browser needs, served from memory, compressed once, cached for a year.

The address holds a digest of all files together, so that a module that imports its neighbour by a
relative address gets the neighbour of the same version.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from litestar.types import Scope, Send

from answerable.console.sanity import header

FOREVER = b"public, max-age=31536000, immutable"
TYPES = {
    ".mjs": "text/javascript; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".woff2": "font/woff2",
}
PLAIN = {".woff2", ".png"}
"""Already compressed."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    kind: str
    raw: bytes
    small: bytes | None
    """The gzip form, or None where it would not be smaller."""


def asset(name: str, raw: bytes) -> Asset:
    """Return a file ready to be sent."""
    suffix = Path(name).suffix
    kind = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    small = None if suffix in PLAIN else gzip.compress(raw, 6, mtime=0)
    return Asset(kind, raw, small if small and len(small) < len(raw) else None)


class Assets:
    """A set of files under one address."""

    def __init__(self, prefix: str, named: dict[str, bytes]) -> None:
        """Compress the files; ``prefix`` is the first part of their address."""
        digest = hashlib.sha256()
        for name in sorted(named):
            digest.update(name.encode() + b"\0" + named[name])
        self.root = f"/{prefix}/{digest.hexdigest()[:16]}"
        self._held = {f"{self.root}/{name}": asset(name, raw) for name, raw in named.items()}

    def url(self, name: str) -> str:
        """Return the address of a file; raises KeyError where there is none."""
        address = f"{self.root}/{name}"
        if address not in self._held:
            raise KeyError(name)
        return address

    def find(self, path: str) -> Asset | None:
        """Return the file at an address."""
        return self._held.get(path)


def console_assets() -> Assets:
    """Return the console's own files."""
    root = Path(str(files("answerable.console"))) / "static"
    kept = (p for p in sorted(root.rglob("*")) if p.is_file() and p.suffix not in (".md", ".txt"))
    return Assets("static", {p.relative_to(root).as_posix(): p.read_bytes() for p in kept})


async def send_asset(scope: Scope, send: Send, found: Asset, cache: bytes = FOREVER) -> None:
    """Send a file, compressed where the browser takes that."""
    small = found.small if "gzip" in header(scope, b"accept-encoding") else None
    body = small if small is not None else found.raw
    headers = [
        (b"content-type", found.kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", cache),
        (b"vary", b"accept-encoding"),
    ]
    if small is not None:
        headers.append((b"content-encoding", b"gzip"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    sent = b"" if scope.get("method") == "HEAD" else body
    await send({"type": "http.response.body", "body": sent, "more_body": False})
