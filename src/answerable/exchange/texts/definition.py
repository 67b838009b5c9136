"""What carries texts to callers, as the settings of a centre name it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from answerable.exchange.hooks.addresses import NotThere, parts_of

Place = Annotated[str, msgspec.Meta(max_length=400)]


class TextsAt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What carries the texts that ask a caller; without a ``kind`` callers are only telephoned.

    ``folder`` is where texts and replies lie (file). A gateway (http) has an ``address`` to which
    texts are posted, a ``secret_file`` with what signs them, and, if replies and receipts are to be
    fetched, the address ``replies``; plain http only inside one's own networks. What a text asks
    may be answered for ``valid_h`` hours. The rest is for the simulated one: it takes ``delay_s``,
    or is ``dead``.
    """

    kind: Literal["", "file", "http", "simulated"] = ""
    folder: Place = ""
    address: Place = ""
    replies: Place = ""
    secret_file: Place = ""
    valid_h: Annotated[int, msgspec.Meta(ge=1, le=336)] = 72
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=120)] = 0.0
    dead: bool = False

    def mark(self) -> str:
        """Return a digest of where it leads: one that leads elsewhere begins anew."""
        return hashlib.sha256(f"{self.kind}\n{self.folder or self.address}".encode()).hexdigest()


def trouble(texts: TextsAt, public_url: str) -> tuple[str, str]:
    """Return what no type can say is wrong, and where in the file; ("", "") where nothing is."""
    if texts.kind == "file" and not texts.folder:
        return "Texts of kind file need a folder for texts and replies", "$.texts.folder"
    if texts.folder and texts.kind != "file":
        return "Only texts of kind file have a folder", "$.texts.folder"
    for name in ("address", "replies", "secret_file"):
        if getattr(texts, name) and texts.kind != "http":
            return f"Only texts of kind http have {name}", f"$.texts.{name}"
    if texts.kind == "http" and (found := _bad_gateway(texts)):
        return found
    if texts.kind in ("file", "http") and not public_url:
        return "A text leads callers to public_url, which is not given", "$.public_url"
    return "", ""


def _bad_gateway(texts: TextsAt) -> tuple[str, str] | None:
    for name, needed in (("address", True), ("replies", False)):
        url = getattr(texts, name)
        if not (url or needed):
            continue
        try:
            parts_of(url)
        except NotThere:
            return "Texts of kind http need an address of http or https", f"$.texts.{name}"
    if not texts.secret_file:
        return "Texts of kind http need a secret_file that signs them", "$.texts.secret_file"
    return None


def beside(texts: TextsAt, folder: Path) -> TextsAt:
    """Return the texts with their folder and their secret relative to another folder."""
    changed = {
        name: str(folder / place)
        for name in ("folder", "secret_file")
        if (place := getattr(texts, name))
    }
    return msgspec.structs.replace(texts, **changed)
