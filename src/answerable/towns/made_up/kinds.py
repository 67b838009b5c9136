"""Which of a town's kinds of incident the kinds of the source are, and at which priority."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from answerable.towns.made_up.profile import KindShape, Profile
from answerable.towns.model import Kind, RunCard, Town

OTHER = "Other"


class Drawn(msgspec.Struct, frozen=True):
    """A kind that calls are made up of: its code in the town, its shape, its two priorities."""

    code: str
    shape: KindShape
    share: float
    urgent_priority: str
    other_priority: str

    def priority(self, urgent: bool) -> str:
        """Return the priority of an urgent call of this kind, or of another."""
        return self.urgent_priority if urgent else self.other_priority


def kinds_of(town: Town, profile: Profile) -> list[Drawn]:
    """Return the town's kinds that have a real rate, with their shares (which sum to one).

    A kind of the source is the town's of the same name or of one it is also known by; what the
    town has no such kind for counts as its kind Other, and is left out where there is none. Kinds
    of the town that the source does not know get no calls: no rate is invented.
    """
    named = {_plain(name): kind for kind in town.file.kinds for name in (kind.code, kind.title.en)}
    other = town.kinds.get(OTHER)
    shares: dict[str, float] = {}
    shapes: dict[str, KindShape] = {}
    for shape in profile.kinds:
        names = (shape.name, *shape.also)
        kind = next((named[_plain(name)] for name in names if _plain(name) in named), other)
        if kind is not None:
            shares[kind.code] = shares.get(kind.code, 0.0) + shape.share
            shapes.setdefault(kind.code, shape)
    whole = sum(shares.values())
    return [_drawn(town, town.kinds[code], shapes[code], shares[code] / whole) for code in shares]


def _drawn(town: Town, kind: Kind, shape: KindShape, share: float) -> Drawn:
    urgent = kind.priority
    if urgent not in town.file.urgent and town.file.urgent:
        return Drawn(kind.code, shape, share, urgent, urgent)  # never urgent in this town
    calm = [code for code in town.file.priorities if code not in town.file.urgent]
    named = [
        code
        for card in town.file.run_cards
        if kind.code in card.kinds
        for code in calm
        if code in card.priorities
    ]  # what a run card of the kind names is what the town uses for it
    return Drawn(kind.code, shape, share, urgent, [urgent, *calm, *named][-1])


def _plain(name: str) -> str:
    return " ".join(re.findall(r"\w+", name.casefold()))


def crew(card: RunCard | None, count: int, every: Iterable[str]) -> list[tuple[set[str], set[str]]]:
    """Return the types and skills of the units to look for, one after the other.

    First what the run card names, in its order; where more are drawn than it names, it begins
    again. Without a card any unit will do.
    """
    if card is None or not card.needs:
        return [(set(every), set())] * count
    needs = [(set(need.types), set(need.skills)) for need in card.needs for _ in range(need.count)]
    return [needs[place % len(needs)] for place in range(count)]
