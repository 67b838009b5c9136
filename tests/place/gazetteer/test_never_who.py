"""The gazetteer answers where, never who: homes and people are not in it."""

from __future__ import annotations

import pytest

from answerable.place.errors import PlaceError
from answerable.place.gazetteer.files import DWELLINGS, PERSONS
from answerable.place.gazetteer.gazetteer import Gazetteer
from tests.place.gazetteer.conftest import at, packed, row

NAME = "Haus Quixote Zylinder"


@pytest.mark.parametrize("kind", sorted(DWELLINGS | PERSONS))
def test_a_home_or_a_person_s_name_on_the_map_is_not_indexed(built, kind):
    gazetteer = built(places=[row(NAME, "", "", "", kind, *at(1, 1))])
    assert all(spot.name != NAME for spot in gazetteer.spots)
    assert gazetteer.find(NAME) == []


@pytest.mark.parametrize("kind", ["school", "supermarket", "townhall", "apartments", "hospital"])
def test_a_public_place_is(built, kind):
    gazetteer = built(places=[row(NAME, "", "", "", kind, *at(1, 1))])
    assert gazetteer.find(NAME)[0].address == NAME


@pytest.mark.parametrize("kind", ["person", "resident", "house", "Home"])
def test_a_clerk_s_file_that_lists_people_is_refused(grid, kind):
    packed(grid, "names.csv", "name,means,kind,lon,lat", row("Old Tom", "", kind, *at(1, 1)))
    with pytest.raises(PlaceError, match="line 2"):
        Gazetteer.of(grid)


def test_an_address_file_has_no_column_for_a_name(grid):
    packed(grid, "addresses.csv.gz", "street,number,name,lon,lat", "A,1,Tom,9.5,47.1")
    with pytest.raises(PlaceError, match=r"addresses\.csv\.gz not read: line 1"):
        Gazetteer.of(grid)
