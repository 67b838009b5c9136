"""B4: what is shown is what is saved, for every kind of incident of a real town.

TicketsCAD showed another severity than it saved for 33 of 37 incident types.
"""

from __future__ import annotations

import msgspec
import pytest

from answerable.intake import words as intake
from answerable.towns.load import load_town, town_folder
from tests.story import PLACE, centre

TOWN = load_town(town_folder("san_francisco"))
PRIORITIES = sorted({kind.priority for kind in TOWN.kinds.values()} | set(TOWN.file.urgent))


def saved(town) -> dict[str, object]:
    found: dict[str, object] = msgspec.json.decode(list(town.store.rows())[-1].body)
    return found


@pytest.mark.parametrize("kind", TOWN.kinds)
def test_kind_and_priority_of_a_new_incident_are_shown_as_they_are_saved(kind):
    town = centre(town=TOWN)
    for priority in PRIORITIES:
        incident = town.incident(kind=kind, priority=priority)
        line = town.board.incidents[incident]
        assert (line.kind, line.priority) == (kind, priority)
        assert (saved(town)["kind"], saved(town)["priority"]) == (kind, priority)


@pytest.mark.parametrize("kind", TOWN.kinds)
def test_a_changed_kind_is_shown_as_it_is_saved(kind):
    town = centre(town=TOWN)
    incident = town.incident(kind="Other", priority="2")
    for priority in PRIORITIES:
        town.done(intake.ChangeKind, incident=incident, kind=kind, priority=priority, reason="seen")
        line = town.board.incidents[incident]
        assert (line.kind, line.priority) == (kind, priority)
        assert (saved(town)["kind"], saved(town)["priority"]) == (kind, priority)


def test_every_kind_has_one_code_a_name_in_both_languages_and_its_own_priority():
    codes = [kind.code for kind in TOWN.file.kinds]
    assert len(codes) == len(set(codes))
    for kind in TOWN.file.kinds:
        assert kind.title.of("en") and kind.title.of("zh-CN")  # noqa: PT018 - one thought
        assert TOWN.kinds[kind.code].priority == kind.priority


def test_words_are_saved_to_the_last_letter():
    town = centre()
    address = "Ünïcode St / 北京路 \U0001f692 'x' \"y\" <b>&amp;</b> \\"
    incident = town.incident(address=address)
    assert town.board.incidents[incident].address == address == saved(town)["address"]


def test_numbers_are_saved_to_the_last_digit():
    town = centre()
    lon, lat = -122.41234567890123, 37.00000000000001
    line = town.board.incidents[town.incident(lon=lon, lat=lat)]
    assert (line.lon, line.lat) == (lon, lat) == (saved(town)["lon"], saved(town)["lat"])
    assert PLACE["lon"] != lon
