"""What may be done on a page of administration: a form that says beforehand what it will do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.place.errors import PlaceError

Sort = Literal["line", "long", "choice", "areas", "days", "file"]
Choices = Sequence[tuple[str, str]]
REASON_MAX = 240


@dataclass(frozen=True)
class Box:
    """One field of a form: its sort, and what it holds already."""

    name: str
    label: str
    sort: Sort = "line"
    value: str = ""
    choices: Choices = ()
    held: tuple[str, ...] = ()
    required: bool = True
    max: int = REASON_MAX
    hint: str = ""
    pattern: str = ""


@dataclass(frozen=True)
class Ask:
    """One thing that may be done. ``effect`` says what will follow, before it is done."""

    to: str
    label: str
    effect: str
    boxes: tuple[Box, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    first: bool = False
    keep: bool = False
    """Whether the answer stays on the page (a secret shown once) and is not led elsewhere."""


def reason(lang: Language) -> Box:
    """Return the field of a reason."""
    return Box("reason", lang(_("Why")))


def areas_box(front: Front, lang: Language, held: Sequence[str] = ()) -> tuple[Box, ...]:
    """Return the choice among the town's areas; none where it has none."""
    names = areas_of(front)
    return (
        Box(
            "area", lang(_("Only in these areas (none: everywhere)")), "areas",
            choices=[(name, name) for name in dict.fromkeys((*names, *held))], held=tuple(held),
            required=False,
        ),
    ) if names or held else ()  # fmt: skip


def areas_of(front: Front) -> list[str]:
    """Return the town's neighbourhoods and battalions by name; none where its files say none."""
    places = front.centre.places
    try:
        names = set(places.areas.names)
        battalions = {station.battalion for station in places.stations.values()}
    except PlaceError:
        return []
    return [*sorted(names - {""}), *sorted(battalions - {""})]
