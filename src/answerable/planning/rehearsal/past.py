"""What is known of a past day: its incidents, how long units were busy, who was on duty when."""

from __future__ import annotations

import msgspec

from answerable.towns.model import RunCard
from answerable.towns.sending import Sending

US = 1_000_000


class Rules(msgspec.Struct, frozen=True):
    """Run cards and what decides beside them."""

    cards: tuple[RunCard, ...]
    sending: Sending

    def card_for(
        self, kind: str, priority: str, _now_us: int, where: tuple[str, ...]
    ) -> RunCard | None:
        """Return the first card that fits, or None."""
        return next((card for card in self.cards if card.fits(kind, priority, where)), None)

    def sending_for(self, _now_us: int) -> Sending:
        """Return what decides beside the cards."""
        return self.sending


class Past(msgspec.Struct, frozen=True):
    """An incident of the past. Times are UTC microseconds, ``opened_us`` when it could be sent to.

    ``busy_s`` is how long a unit of a type was busy there from its arrival, ``other_s`` any other
    unit; seconds. ``sent`` names the units that really went, in the order in which they did.
    """

    incident: str
    kind: str
    priority: str
    address: str
    opened_us: int
    lon: float | None = None
    lat: float | None = None
    neighborhood: str = ""
    battalion: str = ""
    area_class: str = ""
    busy_s: dict[str, float] = {}
    other_s: float = 0.0
    sent: tuple[str, ...] = ()

    def stays_s(self, unit_type: str) -> float:
        """Return how long a unit of a type would be busy from its arrival, seconds."""
        return self.busy_s.get(unit_type, self.other_s)


class Shift(msgspec.Struct, frozen=True):
    """A unit on duty from one instant to another (UTC microseconds)."""

    unit: str
    unit_type: str
    from_us: int
    until_us: int
    station: str = ""
    skills: tuple[str, ...] = ()


class Day(msgspec.Struct, frozen=True):
    """The incidents of some time, in the order of their opening, and who was on duty."""

    incidents: tuple[Past, ...]
    shifts: tuple[Shift, ...]


class Went(msgspec.Struct, frozen=True):
    """A unit that was sent: after how long, how far by road (seconds), and why it.

    ``after_s`` counts from the opening; ``time_s`` is None where the place has no position.
    """

    unit: str
    unit_type: str
    after_s: float
    time_s: float | None
    reason: str
    gaps: int = 0

    @property
    def there_s(self) -> float | None:
        """Return when it would have been there, seconds from the opening; None: not known."""
        return None if self.time_s is None else self.after_s + self.time_s


class Answer(msgspec.Struct):
    """Who would have gone to an incident, and how many its card asked for in vain."""

    incident: str
    card: str
    went: list[Went] = []
    missing: int = 0
    never: int = 0

    @property
    def units(self) -> list[str]:
        """Return the units that would have gone, in their order."""
        return [one.unit for one in self.went]

    def first_s(self) -> float | None:
        """Return when the first unit would have been there, seconds from the opening."""
        return min((t for one in self.went if (t := one.there_s) is not None), default=None)

    def last_s(self) -> float | None:
        """Return when the last one would have been there; None where units never came."""
        times = [one.there_s for one in self.went]
        if not times or self.never or None in times:
            return None
        return max(t for t in times if t is not None)


class Played(msgspec.Struct):
    """A day as it would have gone under some rules.

    ``broken_us`` holds for each place of a rule of cover how long it had too few units.
    ``span_us`` is how long that was watched.
    """

    answers: list[Answer] = []
    broken_us: dict[str, int] = {}
    any_broken_us: int = 0
    span_us: int = 0
