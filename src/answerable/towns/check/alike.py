"""The nearest known name to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.utils import default_process

CLOSE = 0.6
"""As near as this counts: of ten letters, at most four are wrong, missing or swapped."""


def alike(name: str, known: Iterable[object]) -> str:
    """Return the known name most like ``name``, or "" where none is near."""
    found = process.extractOne(
        name,
        sorted(str(one) for one in known),
        scorer=DamerauLevenshtein.normalized_similarity,
        processor=default_process,
        score_cutoff=CLOSE,
    )
    return found[0] if found else ""
