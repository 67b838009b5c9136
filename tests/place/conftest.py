"""The packaged town, read once for all tests of places."""

import pytest

from answerable.place.town_places import Places, load_places
from answerable.towns.load import packaged_towns


@pytest.fixture(scope="session")
def san_francisco() -> Places:
    return load_places(packaged_towns()["san_francisco"])
