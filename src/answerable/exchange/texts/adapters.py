"""What carries a text to a caller, and brings replies. Number and token leave by it, and only so.

    <folder>/out/<n>.json        {"id": …, "number": …, "words": …, "lang": …}      we write
    <folder>/replies/<any>.json  {"id": …, "words": …}                              we read
    <folder>/replies/aside/      what could not be used, with the reason

``id`` is the token of the text: whoever replies to it is who got it. The gateway removes a text
once it has sent it; what an earlier run left is not removed, because nobody else has it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from answerable.exchange import manifests as shared
from answerable.exchange import spool
from answerable.exchange.hooks.addresses import Network
from answerable.exchange.hooks.post import NotTaken
from answerable.exchange.texts.definition import TextsAt
from answerable.exchange.texts.gateway import HttpTexts
from answerable.exchange.texts.text import Adapter, Receipt, Reply, Text

KEPT = 50
"""Texts that a simulated gateway remembers, for those who play callers."""
WAITING_MAX = 10_000
"""Texts that may lie in the folder unsent; beyond them the gateway is taken for dead."""

RULES = {
    "bounded": "A text that hangs is cut off, and tried again.",
    "off_loop": "What can block has a thread of its own.",
    "token_once": "The token is in the text and nowhere else.",
    "signed": "The other side can check who sent the text.",
    "encrypted": "It goes unencrypted into one's own networks only, and there only if named.",
    "bad_aside": "What it cannot understand is set aside with the reason.",
    "tested_dead": "A test plants a dead one.",
    "tested_slow": "A test plants one that hangs.",
}
"""What every adapter has to answer to: "done", or "exempt" with the reason."""

log = logging.getLogger("answerable.texts")


class FileTexts:
    """Texts and replies as files in a folder, for a gateway on this machine."""

    def __init__(self, folder: Path) -> None:
        self._out, self._replies = folder / "out", folder / "replies"
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="texts")

    async def _apart(self, act: Callable[..., object], *given: object) -> object:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, act, *given)
        except OSError as error:
            raise NotTaken(f"its folder cannot be used ({error.strerror})") from error

    async def carry(self, text: Text) -> None:
        """Lay the text down, synced. Raises NotTaken."""
        await self._apart(self._lay, text)

    def _lay(self, text: Text) -> None:
        waiting = sum(1 for _ in spool.folder_of(self._out).iterdir())
        if waiting >= WAITING_MAX:
            raise OSError(0, "nobody sends what lies there")
        spool.lay(self._out, f"{secrets.token_hex(12)}.json", msgspec.json.encode(text))

    async def replies(self) -> list[Reply]:
        """Take the replies that lie there; what cannot be used is set aside. Raises NotTaken."""
        found = await self._apart(self._read)
        return found if isinstance(found, list) else []

    def _read(self) -> list[Reply]:
        spool.folder_of(self._replies)
        taken: list[Reply] = []
        for laid in spool.found(self._replies):
            reply, why = understood(laid)
            if reply is None:
                spool.set_aside(laid.path, why)
            else:
                laid.path.unlink(missing_ok=True)
                taken.append(reply)
        return taken

    async def receipts(self) -> list[Receipt]:
        """Return none: a file that is gone was sent, and no more is known."""
        return []

    async def close(self) -> None:
        """Let the thread end; one that hangs in a write is left to it."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def understood(laid: spool.Laid) -> tuple[Reply | None, str]:
    """Return the reply in a file, or why it is none."""
    if laid.why:
        return None, laid.why
    try:
        return msgspec.json.decode(laid.body, type=Reply), ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, f"It cannot be understood: {error}."


class SimulatedTexts:
    """A gateway that is only played; it remembers the last texts for those who play callers."""

    def __init__(self, texts: TextsAt) -> None:
        self._at = texts
        self.carried: list[Text] = []
        self.written_back: list[Reply] = []
        self.reported: list[Receipt] = []

    async def carry(self, text: Text) -> None:
        """Take the time it takes. Raises NotTaken."""
        if self._at.dead:
            raise NotTaken("it is dead")
        if self._at.delay_s:
            await asyncio.sleep(self._at.delay_s)
        self.carried = [*self.carried[1 - KEPT :], text]

    async def replies(self) -> list[Reply]:
        """Return what those who play callers wrote back."""
        found, self.written_back = self.written_back, []
        return found

    async def receipts(self) -> list[Receipt]:
        """Return what those who play networks reported."""
        found, self.reported = self.reported, []
        return found

    async def close(self) -> None:
        """Hold nothing."""


def adapter_of(texts: TextsAt, inside: Iterable[Network] = ()) -> Adapter | None:
    """Return what carries texts, None where nothing does; ``inside`` are one's own networks."""
    if texts.kind == "file":
        return FileTexts(Path(texts.folder))
    if texts.kind == "http":
        return HttpTexts(texts, inside)
    return SimulatedTexts(texts) if texts.kind == "simulated" else None


class Manifest(shared.Manifest, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One adapter of texts; ``receipts``: whether it can say that a text reached its caller."""

    receipts: bool


def manifests() -> dict[str, Manifest]:
    """Return the manifest of every adapter, by its kind. Raises msgspec.ValidationError."""
    return shared.manifests_of("answerable.exchange.texts", Manifest)
