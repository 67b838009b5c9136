"""A town made from OpenStreetMap: its house numbers and places are found as they are written."""

from __future__ import annotations

import random

import pytest

from answerable.place.gazetteer import files
from answerable.place.gazetteer.folding import plain
from answerable.place.gazetteer.gazetteer import Gazetteer
from answerable.towns.load import packaged_towns

WITHIN_M = 50.0


@pytest.fixture(scope="module")
def liechtenstein() -> Gazetteer:
    return Gazetteer.of(packaged_towns()["liechtenstein"])


def share(gazetteer: Gazetteer, asked: list[tuple[str, float, float]], first: int) -> float:
    """Return the share of texts that lead within 50 m with one of the first answers."""
    hits = sum(
        any(
            gazetteer.apart_m((found.lon, found.lat), (lon, lat)) <= WITHIN_M
            for found in gazetteer.find(text)[:first]
        )
        for text, lon, lat in asked
    )
    return hits / len(asked)


def test_house_numbers_are_found_with_their_village(liechtenstein):
    listed = list(files.read_addresses(liechtenstein.places.folder))
    some = random.Random(1).sample(listed, 200)
    areas = liechtenstein.places.areas
    asked = [
        (f"{street} {number}, {areas.at(lon, lat).neighborhood}", lon, lat)
        for street, number, lon, lat in some
    ]
    assert share(liechtenstein, asked, 1) >= 0.95


def test_house_numbers_are_found_without_accents_and_capitals(liechtenstein):
    listed = list(files.read_addresses(liechtenstein.places.folder))
    some = random.Random(2).sample(listed, 200)
    asked = [(plain(f"{street} {number}"), lon, lat) for street, number, lon, lat in some]
    assert share(liechtenstein, asked, 4) >= 0.95


def test_places_are_found_by_name(liechtenstein):
    some = random.Random(3).sample([s for s in liechtenstein.spots if s.kind != files.AREA], 200)
    asked = [(spot.name, spot.lon, spot.lat) for spot in some]
    assert share(liechtenstein, asked, 8) >= 0.95
