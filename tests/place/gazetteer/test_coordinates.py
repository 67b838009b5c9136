"""Coordinates in every usual writing, and what is no coordinate."""

from __future__ import annotations

import pytest

from answerable.place.gazetteer.coordinates import read_position

SF = (-122.52, 37.70, -122.35, 37.83)
LON, LAT = -122.4194, 37.7749


@pytest.mark.parametrize(
    "text",
    [
        "37.7749,-122.4194", "37.7749, -122.4194", "37.7749 -122.4194", "(37.7749; -122.4194)",
        "37,7749 -122,4194", "lat 37.7749 lon -122.4194", "lon=-122.4194, lat=37.7749",
        "latitude: 37.7749, longitude: -122.4194", "geo:37.7749,-122.4194",
        "GEO:37.7749,-122.4194;u=5",
        "37.7749N 122.4194W", "N37.7749 W122.4194", "37°46'29.64\"N 122°25'9.84\"W",
        "37° 46′ 29.64″ N, 122° 25′ 9.84″ W", "37 46 29.64 N 122 25 9.84 W",
        "122°25'9.84\"W 37°46'29.64\"N", "37º46.494'N 122º25.164'W",
        "３７．７７４９，−１２２．４１９４",
        "北纬37.7749度 西经122.4194度",
    ],
)  # fmt: skip
def test_every_writing_is_the_same_position(text):
    found = read_position(text, SF)
    assert found is not None
    assert (found.lon, found.lat) == pytest.approx((LON, LAT), abs=1e-5)
    assert not found.swapped


def test_the_other_order_is_turned_where_only_so_it_lies_in_the_town_and_that_is_said(town):
    assert read_position("-122.4194, 37.7749", SF).swapped
    # near Vaduz both orders are on the earth: the town decides
    box = (9.4, 47.0, 9.7, 47.3)
    assert read_position("9.52, 47.14", box)[:3] == (9.52, 47.14, True)
    assert read_position("47.14, 9.52", box)[:3] == (9.52, 47.14, False)
    said = [reason.said() for reason in town.find("-122.4194, 37.7749")[0].reasons]
    assert "longitude and latitude were given the other way round" in said


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [("849VQHFJ+X6", -122.419438, 37.774938), ("QHFJ+X6", -122.419438, 37.774938)],
)
def test_a_plus_code_is_read_whole_or_short(text, lon, lat):
    found = read_position(text, SF)
    assert found is not None
    assert (found.lon, found.lat) == pytest.approx((lon, lat), abs=2e-4)


@pytest.mark.parametrize(
    "text",
    ["1200 mission", "16th and mission", "12 34", "37.7749", "91.5, 200.5", "37.7749, mission",
     "95 61 00 N 12 00 00 E", "37 99 00 N 122 00 00 W", "12.5 N 13.5 N"],
)  # fmt: skip
def test_what_is_no_position_is_not_taken_for_one(text):
    assert read_position(text, SF) is None


def test_a_position_outside_the_town_is_answered_and_said_to_be_outside(town):
    found = town.find("48.2082, 16.3738")[0]
    assert not found.inside
    assert "outside the town" in [reason.said() for reason in found.reasons]
