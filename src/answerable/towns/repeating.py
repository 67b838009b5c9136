"""When a place keeps calling, as data of the town: ``repeats.toml``.

The file that comes with the product holds for every town; a town with one of its own uses that
instead, whole. A *cause* gathers kinds of incident by patterns and has an exact rule: so many
separate events at one place within so many days. The *scan* has the statistical one. Pure data:
what is made of it is ``matters/repeats``.
"""

from __future__ import annotations

import functools
import re
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec

from answerable.towns.titles import Title, Titles, need_english

REPEATS_FILE = "repeats.toml"
CAUSES_MAX = 40
Pattern = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
"""Part of a kind's code, whatever its letters' case; ``*`` stands for anything."""
Patterns = Annotated[tuple[Pattern, ...], msgspec.Meta(max_length=200)]
Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$(?!\n)")]
Days = Annotated[int, msgspec.Meta(ge=1, le=400)]


class Cause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cause: the kinds it gathers, and its rule: ``calls`` at a place within ``days``."""

    code: Code
    titles: Titles = msgspec.field(name="title")
    kinds: Annotated[Patterns, msgspec.Meta(min_length=1)]
    calls: Annotated[int, msgspec.Meta(ge=2, le=10_000)]
    days: Days

    def __post_init__(self) -> None:
        """Refuse a cause without an English name (ValueError)."""
        need_english(self.titles)

    @property
    def title(self) -> Title:
        """Return the names, ready to be asked for a language."""
        return Title(self.titles)


class Scan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The statistical rule: what it looks at, and how often it may be wrong.

    ``lengths_days`` end today; ``radius_m`` and ``places`` bound what lies around a place;
    ``alpha`` is the share of records without any cluster in which one is found all the same.
    """

    lengths_days: Annotated[tuple[Days, ...], msgspec.Meta(min_length=1, max_length=60)] = (
        1, 2, 3, 5, 7, 10, 14, 21, 28,
    )  # fmt: skip
    radius_m: Annotated[float, msgspec.Meta(ge=0, le=5_000)] = 250.0
    places: Annotated[int, msgspec.Meta(ge=1, le=50)] = 8
    least: Annotated[int, msgspec.Meta(ge=2, le=1_000)] = 4
    runs: Annotated[int, msgspec.Meta(ge=19, le=9_999)] = 999
    alpha: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.01
    history_days: Annotated[int, msgspec.Meta(ge=14, le=400)] = 56

    def __post_init__(self) -> None:
        """Refuse lengths out of order, and too few runs for the rate (ValueError)."""
        if list(self.lengths_days) != sorted(set(self.lengths_days)):
            raise ValueError("lengths_days are not in order, each once")
        if 1 / (self.runs + 1) > self.alpha:
            raise ValueError(f"{self.runs} runs cannot show a share of {self.alpha}; take more")


class RepeatsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``repeats.toml`` holds. Hours and minutes are spans, days whole days of the town.

    ``early_share`` and ``early_alpha`` are for a record that is shorter than a rule looks back:
    see ``matters/repeats/exact.py``. A share of 1 asks for the whole rule from the first day on.
    """

    causes: Annotated[tuple[Cause, ...], msgspec.Meta(min_length=1, max_length=CAUSES_MAX)] = (
        msgspec.field(name="cause")
    )
    scan: Scan = Scan()
    left_out: Patterns = ()
    same_min: Annotated[float, msgspec.Meta(ge=0, le=1_440)] = 20.0
    again_h: Annotated[float, msgspec.Meta(gt=0, le=720)] = 24.0
    again_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    many: Annotated[int, msgspec.Meta(ge=2, le=1_000)] = 5
    history_days: Days = 400
    usual_days: Days = 28
    early_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    early_alpha: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.05

    def __post_init__(self) -> None:
        """Refuse two causes of one code (ValueError)."""
        codes = [cause.code for cause in self.causes]
        if len(set(codes)) != len(codes):
            raise ValueError("two causes have the same code")

    def cause(self, code: str) -> Cause | None:
        """Return a cause by its code."""
        return next((one for one in self.causes if one.code == code), None)

    def cause_of(self, kind: str) -> Cause | None:
        """Return the cause of a kind; None where the kind is left out, or no cause has it."""
        if _fits(self.left_out, kind):
            return None
        return next((cause for cause in self.causes if _fits(cause.kinds, kind)), None)

    def is_left_out(self, kind: str) -> bool:
        """Say whether a kind never makes a repeat place."""
        return _fits(self.left_out, kind)


@functools.lru_cache(maxsize=4_096)
def _fits(patterns: tuple[str, ...], kind: str) -> bool:
    """Say whether one of some patterns fits a kind, whatever the case of its letters."""
    code = kind.casefold()
    return any(_compiled(pattern).fullmatch(code) for pattern in patterns)


@functools.lru_cache(maxsize=1_024)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in pattern.casefold().split("*"))
    return re.compile(".*".join(parts), re.DOTALL)


@functools.cache
def packaged_repeats() -> RepeatsFile:
    """Return the rules that come with the product."""
    body = files("answerable.towns").joinpath(REPEATS_FILE).read_bytes()
    return msgspec.toml.decode(body, type=RepeatsFile)


def read_repeats(path: Path) -> RepeatsFile:
    """Read ``repeats.toml``; a town without it has the packaged one. Raises ValueError, OSError."""
    if not path.exists():
        return packaged_repeats()
    return msgspec.toml.decode(path.read_bytes(), type=RepeatsFile)
