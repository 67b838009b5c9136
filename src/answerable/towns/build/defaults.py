"""What a built town starts with: the packaged ``towns/defaults.toml``, and units from stations."""

from __future__ import annotations

from importlib.resources import files

import msgspec

from answerable.towns.build.stations import Station
from answerable.towns.load import (
    NARRATIVE_FILE,
    OUTCOMES_FILE,
    QUESTIONS_FILE,
    REFERRAL_FILE,
    SUPPORT_FILE,
)
from answerable.towns.model import Agency, Code, Kind, RunCard, UnitSpec, UnitType
from answerable.towns.sending import NOTHING_MORE, Sending


class StationUnits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many units of one type stand at each station of one type."""

    station: Code
    unit_type: Code
    prefix: Code
    count: int


class Defaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``towns/defaults.toml`` holds."""

    priorities: tuple[Code, ...]
    urgent: tuple[Code, ...]
    standards: tuple[Code, ...]
    station_units: tuple[StationUnits, ...]
    unit_types: tuple[UnitType, ...]
    agencies: tuple[Agency, ...]
    kinds: tuple[Kind, ...]
    run_cards: tuple[RunCard, ...]
    sending: Sending = NOTHING_MORE


def read_defaults() -> Defaults:
    """Read the packaged defaults."""
    text = (files("answerable.towns") / "defaults.toml").read_bytes()
    return msgspec.toml.decode(text, type=Defaults)


def read_scripts() -> dict[str, bytes]:
    """Return word rules, questions, outcomes, referrals, support a built town starts with."""
    folder = files("answerable.towns")
    names = (NARRATIVE_FILE, QUESTIONS_FILE, OUTCOMES_FILE, REFERRAL_FILE, SUPPORT_FILE)
    return {name: (folder / f"default_{name}").read_bytes() for name in names}


def units_of(stations: tuple[Station, ...], defaults: Defaults) -> tuple[UnitSpec, ...]:
    """Return the made-up units of the stations, named by prefix and number, in that order.

    A unit type keeps counting over all its stations: E01, E02, …
    """
    made: list[UnitSpec] = []
    numbers = dict.fromkeys((row.prefix for row in defaults.station_units), 0)
    for row in defaults.station_units:
        for station in stations:
            if station.type != row.station:
                continue
            for _ in range(row.count):
                numbers[row.prefix] += 1
                name = f"{row.prefix}{numbers[row.prefix]:02d}"
                made.append(UnitSpec(name, row.unit_type, station.id))
    return tuple(sorted(made, key=lambda unit: unit.unit))
