"""Speeds: what ``maxspeed`` says, in any unit or in words, else the table's default of the class.

The table is ``speeds.toml`` beside this module, with its source in it; a country's own file may
lie over it. Everything is km/h here; the streets file wants miles an hour (``mph``).
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import msgspec

from answerable.towns.build.options import BuildRefused
from answerable.towns.build.source import Tags

KMH_PER_MPH = 1.609344
KMH_PER_KNOT = 1.852
KMH_MIN, KMH_MAX = 1.0, 200.0
NUMBER = re.compile(r"^(\d{1,3}(?:\.\d+)?)\s*(km/h|kmh|kph|km/hr|mph|knots?|kn)?$")
ZONE = re.compile(r"^([A-Z]{2}(?:-[A-Z]+)?):(?:zone:?)?([a-z_]+|\d{1,3})$")
WORDS_FOR_ZONES = ("source:maxspeed", "maxspeed:type", "zone:maxspeed", "zone:traffic")
CAPPED = ("service", "track")
"""A limit is no speed there: it counts only where it is below the table's."""


class Speeds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of speeds, km/h."""

    source: str
    classes: dict[str, float] = msgspec.field(name="class")
    word: dict[str, float]
    zone: dict[str, float]

    def over(self, other: CountrySpeeds) -> Speeds:
        """Return this table with another laid over it, key by key."""
        return Speeds(
            f"{self.source}; over them: {other.source}",
            self.classes | other.classes, self.word | other.word, self.zone | other.zone,
        )  # fmt: skip


class CountrySpeeds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A country's own speeds, km/h: any part may be left out, the source may not."""

    source: str
    classes: dict[str, float] = msgspec.field(name="class", default_factory=dict)
    word: dict[str, float] = msgspec.field(default_factory=dict)
    zone: dict[str, float] = msgspec.field(default_factory=dict)


class Speed(msgspec.Struct, frozen=True):
    """A speed and where it is from: "maxspeed", "zone", "default", or "not understood"."""

    kmh: float
    told_by: str

    @property
    def mph(self) -> float:
        """The speed in miles an hour, as the streets file has it."""
        return round(self.kmh / KMH_PER_MPH, 2)


def read_speeds(country: Path | None) -> Speeds:
    """Read the packaged table, with the country's over it; BuildRefused where it is no table."""
    text = (files("answerable.towns.build") / "speeds.toml").read_bytes()
    table = msgspec.toml.decode(text, type=Speeds)
    if country is None:
        return table
    try:
        own = msgspec.toml.decode(country.read_bytes(), type=CountrySpeeds)
        for group, known in ((own.classes, table.classes), (own.word, table.word)):
            for key in group:
                if key not in known:
                    raise ValueError(f"'{key}' is not one of {', '.join(known)}")
        for key, kmh in (own.classes | own.word | own.zone).items():
            if not KMH_MIN <= kmh <= KMH_MAX:
                raise ValueError(f"{key} = {kmh} is not a speed of 1 to 200 km/h")
    except (OSError, ValueError) as error:  # msgspec's errors are ValueErrors
        raise BuildRefused(
            f"the speeds in {country} cannot be used: {error}",
            "Give a source and tables class, word and zone, as docs/howto/build-a-town.md shows",
        ) from error
    return table.over(own)


def understood(told: str, table: Speeds) -> float | None:
    """Return a speed told as a number with a unit, a word or a zone; None where it is none.

    Of several ("50;30") the lowest counts.
    """
    if ";" in told or "|" in told:
        parts = [understood(part.strip(), table) for part in re.split(r"[;|]", told)]
        known = [part for part in parts if part is not None]
        return min(known, default=None)
    found = NUMBER.match(told)
    if found:
        value = float(found[1]) * {"m": KMH_PER_MPH, "k": KMH_PER_KNOT}.get(_unit(found[2]), 1.0)
        return value if KMH_MIN <= value <= KMH_MAX else None
    if told in table.word:
        return table.word[told]
    zone = ZONE.match(told)
    if not zone:
        return None
    if zone[2].isdigit():
        return float(zone[2]) if KMH_MIN <= float(zone[2]) <= KMH_MAX else None
    return table.zone.get(told, table.zone.get(zone[2]))


def _unit(text: str | None) -> str:
    """Return "m" for miles, "k" for knots, "" for kilometres."""
    if text == "mph":
        return "m"
    return "k" if text and text.startswith("kn") else ""


def speed_of(tags: Tags, highway: str, table: Speeds) -> Speed:
    """Return the free-flow speed of a way.

    ``maxspeed``; else the lower of ``maxspeed:forward`` and ``maxspeed:backward``; else a zone
    named by another tag; else the class's default, also for limits by signal or not understood.
    """
    default = table.classes.get(highway, table.classes["opened"])
    sides = [tags[key] for key in ("maxspeed:forward", "maxspeed:backward") if key in tags]
    told = tags.get("maxspeed") or ";".join(sides)
    kmh = understood(told, table) if told else None
    if kmh is not None:
        by = "zone" if ":" in told else "maxspeed"
    else:
        zones = [understood(tags[key], table) for key in WORDS_FOR_ZONES if key in tags]
        kmh = next((one for one in zones if one is not None), None)
        by = "zone"
    if kmh is None:
        return Speed(default, _unread(told))
    return Speed(min(kmh, default) if highway in CAPPED else kmh, by)


def _unread(told: str) -> str:
    if not told:
        return "default"
    return "signals" if told in ("signals", "variable") else "not understood"
