"""The manifests of adapters: what each is, and how far it keeps the list that its kind answers to.

A folder of adapters has ``RULES``, its list, and ``manifests/*.toml``, one for each adapter.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TypeVar

import msgspec


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One adapter. ``quality`` answers each of its folder's ``RULES``."""

    kind: str
    title: dict[str, str]
    about: str
    quality: dict[str, str]


M = TypeVar("M", bound=Manifest)


def manifests_of(package: str, shape: type[M]) -> dict[str, M]:
    """Return the manifest of every adapter of a folder, by its kind.

    Raises msgspec.ValidationError.
    """
    found = (
        msgspec.toml.decode(item.read_bytes(), type=shape)
        for item in files(package).joinpath("manifests").iterdir()
        if item.name.endswith(".toml")
    )
    return {one.kind: one for one in sorted(found, key=lambda one: one.kind)}
