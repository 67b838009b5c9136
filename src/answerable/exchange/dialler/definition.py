"""The dialler of a centre as its settings name it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class DiallerAt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What rings callers back for a desk; without a ``kind`` people dial by hand.

    ``folder`` is where requests and results lie (file). ``lines`` attempts run at once, each rings
    ``rings_s``. The rest is for the simulated one: it is ``seed``ed, ``answers`` and ``busy`` are
    shares, it takes ``delay_s`` before it rings, or is ``dead``.
    """

    kind: Literal["", "file", "simulated"] = ""
    folder: Annotated[str, msgspec.Meta(max_length=400)] = ""
    lines: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4
    rings_s: Annotated[int, msgspec.Meta(ge=5, le=120)] = 40
    seed: int = 1
    answers: Share = 0.7
    busy: Share = 0.08
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=120)] = 0.5
    dead: bool = False


def trouble(dialler: DiallerAt) -> tuple[str, str]:
    """Return what no type can say is wrong, and where in the file; ("", "") where nothing is."""
    if dialler.kind == "file" and not dialler.folder:
        return "A dialler of kind file needs a folder for requests and results", "$.dialler.folder"
    if dialler.folder and dialler.kind != "file":
        return "Only a dialler of kind file has a folder", "$.dialler.folder"
    if dialler.answers + dialler.busy > 1:
        return "Shares of answered and busy are more than one together", "$.dialler.busy"
    return "", ""


def beside(dialler: DiallerAt, folder: Path) -> DiallerAt:
    """Return a dialler with its folder relative to another one."""
    if not dialler.folder:
        return dialler
    return msgspec.structs.replace(dialler, folder=str(folder / dialler.folder))
