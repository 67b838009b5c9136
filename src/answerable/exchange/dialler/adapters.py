"""Which adapter dials, by the settings; and what each answers to, in its manifest."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import msgspec

from answerable.exchange.dialler.definition import DiallerAt
from answerable.exchange.dialler.files import FileDialler
from answerable.exchange.dialler.protocol import Adapter
from answerable.exchange.dialler.simulated import SimulatedDialler

RULES = {
    "bounded": "An attempt that hangs is cut off, and the next one follows.",
    "off_loop": "What can block has a thread of its own.",
    "no_number_left": "No number stays behind once the attempt is over.",
    "bad_aside": "What it cannot understand is set aside with the reason.",
    "tested_dead": "A test plants a dead one.",
    "tested_slow": "A test plants one that hangs.",
}
"""What every adapter has to answer to: "done", or "exempt" with the reason."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One adapter. ``quality`` answers each of ``RULES``."""

    kind: str
    title: dict[str, str]
    about: str
    quality: dict[str, str]


def manifests() -> dict[str, Manifest]:
    """Return the manifest of every adapter, by its kind. Raises msgspec.ValidationError."""
    folder = files("answerable.exchange.dialler").joinpath("manifests")
    found = (
        msgspec.toml.decode(item.read_bytes(), type=Manifest)
        for item in folder.iterdir()
        if item.name.endswith(".toml")
    )
    return {one.kind: one for one in sorted(found, key=lambda one: one.kind)}


def adapter_of(dialler: DiallerAt) -> Adapter | None:
    """Return what dials, None where people dial by hand."""
    if dialler.kind == "file":
        return FileDialler(Path(dialler.folder))
    return SimulatedDialler(dialler) if dialler.kind == "simulated" else None
