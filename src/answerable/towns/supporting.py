"""What help a town's units can ask for beside their own: ``support.toml``. Pure.

A *kind* of support names who can do it (``by``), the grade of the role that signs it, and how soon
each step is to follow the one before it. Spans are minutes around the clock, because an incident
does not wait for office hours; an urgent request has a share of them. Grades are those of
``matters.toml``.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Annotated, Protocol

import msgspec

from answerable.towns.titles import Title, Titles, need_english

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=129_600)]
"""A span of up to ninety days."""
KINDS_MAX = 100
AGENCIES_MAX = 100
MINUTE_US = 60_000_000


class _Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something with a code and names."""

    code: Code
    titles: Titles = msgspec.field(name="title")

    def __post_init__(self) -> None:
        """Refuse one without an English name (ValueError)."""
        need_english(self.titles)

    @property
    def title(self) -> Title:
        """Return the names, ready to be asked for a language."""
        return Title(self.titles)


class Helper(_Named, frozen=True, kw_only=True):
    """An agency outside that gives support. ``example``: no agreement with it is known."""

    example: bool = False


class _OfType(Protocol):
    @property
    def unit_type(self) -> str: ...


class SupportKind(_Named, frozen=True, kw_only=True):
    """A kind of support: who can do it, who signs it, and how soon each step follows.

    ``by`` are names of units, types of unit (each unit of the type), stations, and codes of
    agencies. ``grade`` is the least grade of the role that approves it; with 0 nobody has to.
    """

    by: Annotated[tuple[Code, ...], msgspec.Meta(min_length=1, max_length=200)]
    grade: Annotated[int, msgspec.Meta(ge=0, le=9)] = 0
    approve_minutes: Minutes = 15
    assign_minutes: Minutes = 10
    accept_minutes: Minutes = 10
    begin_minutes: Minutes = 60
    result_minutes: Minutes = 240
    urgent_percent: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50

    def able(self, units: Mapping[str, _OfType], types: Container[str] = ()) -> tuple[str, ...]:
        """Return who can do it, in the order of ``by``; a type of unit stands for its units."""
        found: dict[str, None] = {}
        for name in self.by:
            if name in types:
                found |= {unit: None for unit, spec in units.items() if spec.unit_type == name}
            else:
                found[name] = None
        return tuple(found)

    def span_us(self, minutes: int, *, urgent: bool) -> int:
        """Return a span of this kind as it runs for a request, in microseconds."""
        return minutes * MINUTE_US * (self.urgent_percent if urgent else 100) // 100


class SupportFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``support.toml`` holds: the agencies that help, the kinds of support, the end.

    After ``thanks_minutes`` without thanks or a complaint a request is closed. A complaint opens a
    matter of ``complaint_kind`` (of ``matters.toml``) for the role ``complaint_owner``; where the
    town has no such kind or role, the supervisor is told.
    """

    agencies: Annotated[tuple[Helper, ...], msgspec.Meta(max_length=AGENCIES_MAX)] = msgspec.field(
        default=(), name="agency"
    )
    kinds: Annotated[tuple[SupportKind, ...], msgspec.Meta(max_length=KINDS_MAX)] = msgspec.field(
        default=(), name="kind"
    )
    thanks_minutes: Minutes = 1_440
    complaint_kind: Annotated[str, msgspec.Meta(max_length=64)] = ""
    complaint_owner: Code = "supervisor"

    def __post_init__(self) -> None:
        """Refuse a code that is given twice (ValueError)."""
        for named in (self.agencies, self.kinds):
            codes = [one.code for one in named]
            if twice := next((code for code in codes if codes.count(code) > 1), ""):
                raise ValueError(f"{twice} is given twice")

    def kind(self, code: str) -> SupportKind | None:
        """Return a kind of support by its code."""
        return next((one for one in self.kinds if one.code == code), None)

    def agency(self, code: str) -> Helper | None:
        """Return an agency that helps by its code."""
        return next((one for one in self.agencies if one.code == code), None)


NO_SUPPORT = SupportFile()
"""A town without kinds of support has its units ask for none."""
