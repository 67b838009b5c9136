"""SQL kept in files: one named statement after the other, looked up by name."""

from __future__ import annotations

import re
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def load(store: str) -> dict[str, str]:
    """Return the statements of ``sql/<store>.sql`` by name; a name given twice is an error."""
    text = files("answerable.record").joinpath("sql", f"{store}.sql").read_text("utf-8")
    _, *parts = _NAME.split(text)
    named = list(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True))
    assert len(dict(named)) == len(named), "two statements have the same name"
    return dict(named)
