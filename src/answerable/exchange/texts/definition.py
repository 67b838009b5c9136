"""What carries texts to callers, as the settings of a centre name it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec


class TextsAt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What carries the texts that ask a caller; without a ``kind`` callers are only telephoned.

    ``folder`` is where texts and replies lie (file). What a text asks may be answered for
    ``valid_h`` hours. The rest is for the simulated one: it takes ``delay_s``, or is ``dead``.
    """

    kind: Literal["", "file", "simulated"] = ""
    folder: Annotated[str, msgspec.Meta(max_length=400)] = ""
    valid_h: Annotated[int, msgspec.Meta(ge=1, le=336)] = 72
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=120)] = 0.0
    dead: bool = False


def trouble(texts: TextsAt, public_url: str) -> tuple[str, str]:
    """Return what no type can say is wrong, and where in the file; ("", "") where nothing is."""
    if texts.kind == "file" and not texts.folder:
        return "Texts of kind file need a folder for texts and replies", "$.texts.folder"
    if texts.folder and texts.kind != "file":
        return "Only texts of kind file have a folder", "$.texts.folder"
    if texts.kind == "file" and not public_url:
        return "A text leads callers to public_url, which is not given", "$.public_url"
    return "", ""


def beside(texts: TextsAt, folder: Path) -> TextsAt:
    """Return the texts with their folder relative to another one."""
    if not texts.folder:
        return texts
    return msgspec.structs.replace(texts, folder=str(folder / texts.folder))
