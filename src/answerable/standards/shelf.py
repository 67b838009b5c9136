"""The shelf: the standards that come with the product, by the names of their files."""

from __future__ import annotations

from importlib.resources import files

from answerable.standards.definition import BadStandard, read_standard
from answerable.standards.words import Standard

_SHELF = files("answerable.standards").joinpath("catalogue")


def shelf() -> list[str]:
    """Return the names of the standards on the shelf."""
    return sorted(
        item.name.removesuffix(".toml") for item in _SHELF.iterdir() if item.name.endswith(".toml")
    )


def shelf_text(name: str) -> str:
    """Return the TOML of a standard on the shelf; raises BadStandard for one that is not there."""
    if name not in shelf():
        raise BadStandard(
            f"{name}.toml", "the catalogue", "there is no such file",
            f"There are: {', '.join(shelf())}.",
        )  # fmt: skip
    return _SHELF.joinpath(f"{name}.toml").read_text(encoding="utf-8")


def shelf_standard(name: str) -> Standard:
    """Return a standard on the shelf, checked; raises BadStandard."""
    return read_standard(shelf_text(name), f"{name}.toml")
