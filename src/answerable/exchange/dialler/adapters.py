"""Which adapter dials, by the settings; and what each answers to, in its manifest."""

from __future__ import annotations

from pathlib import Path

from answerable.exchange.dialler.definition import DiallerAt
from answerable.exchange.dialler.files import FileDialler
from answerable.exchange.dialler.protocol import Adapter
from answerable.exchange.dialler.simulated import SimulatedDialler
from answerable.exchange.manifests import Manifest, manifests_of

RULES = {
    "bounded": "An attempt that hangs is cut off, and the next one follows.",
    "off_loop": "What can block has a thread of its own.",
    "no_number_left": "No number stays behind once the attempt is over.",
    "bad_aside": "What it cannot understand is set aside with the reason.",
    "tested_dead": "A test plants a dead one.",
    "tested_slow": "A test plants one that hangs.",
}
"""What every adapter has to answer to: "done", or "exempt" with the reason."""


def manifests() -> dict[str, Manifest]:
    """Return the manifest of every adapter, by its kind. Raises msgspec.ValidationError."""
    return manifests_of("answerable.exchange.dialler", Manifest)


def adapter_of(dialler: DiallerAt) -> Adapter | None:
    """Return what dials, None where people dial by hand."""
    if dialler.kind == "file":
        return FileDialler(Path(dialler.folder))
    return SimulatedDialler(dialler) if dialler.kind == "simulated" else None
