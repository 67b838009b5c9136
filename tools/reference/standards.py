"""The page of the catalogue: every promise the product comes with."""

from __future__ import annotations

from pathlib import Path

import answerable.standards
from answerable.standards.definition import read_standard
from answerable.standards.words import Clock, Standard
from tools.reference.plain import join, table

CATALOGUE = Path(str(answerable.standards.__file__)).parent / "catalogue"


def standards() -> dict[str, Standard]:
    """Return the standards of the catalogue by file name."""
    return {
        path.name: read_standard(path.read_bytes(), path.name)
        for path in sorted(CATALOGUE.glob("*.toml"))
    }


def page() -> str:
    """Every standard with its source and its clocks."""
    parts = [
        "# The catalogue of standards",
        "From `standards/catalogue/`. Each file also holds worked examples, and every one of them "
        "is a test. The keys of such a file are on the page [A standard](standard.md).",
    ]
    for name, standard in standards().items():
        parts += [
            f"## {standard.name}",
            f"`{name}`. Source: {standard.source}.",
            standard.note,
            table(
                ("clock", "starts at", "stopped by", "limit", "to be kept", "for"),
                [_row(clock) for clock in standard.clocks],
            ),
        ]
    return join(*parts)


def _row(clock: Clock) -> tuple[str, ...]:
    meant = "; ".join(f"{key}: {', '.join(values)}" for key, values in clock.where.items())
    return (
        clock.name,
        clock.starts,
        ", ".join(clock.stops),
        f"by its `{clock.due}`" if clock.limit_s is None else f"{clock.limit_s:g} s",
        "" if clock.target is None else f"{clock.target:.1%}",
        meant or "all",
    )
