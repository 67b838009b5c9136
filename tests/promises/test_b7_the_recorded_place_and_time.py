"""B7: what is told of an incident is the recorded place and time, or "unverified" with the reason.

Resgrid's alerts carried another address found by reverse look-up, or "no location", or a time five
hours away.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.intake import words as intake
from tests.story import PLACE, T0, US, at_local, centre, said

LON = st.floats(-180, 180, allow_nan=False)
LAT = st.floats(-90, 90, allow_nan=False)
ADDRESS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(LON, LAT, ADDRESS, st.integers(0, 300 * 86_400))
def test_board_and_record_give_the_place_and_time_that_were_told(lon, lat, address, ago_s):
    town = centre()
    told_us = T0 - ago_s * US
    incident = town.incident(lon=lon, lat=lat, address=address, at=told_us)
    line = town.board.incidents[incident]
    assert (line.lon, line.lat, line.address, line.opened_us) == (lon, lat, address, told_us)
    [row] = town.store.stream(f"incident:{incident}")
    event = town.hub.rooms.decode(row)
    assert (event.lon, event.lat, event.address) == (lon, lat, address)
    assert (row.happened_at, row.recorded_at) == (told_us, T0)
    assert address in said(event)


def test_a_place_without_a_position_says_unverified_and_why():
    town = centre()
    incident = town.incident(lon=None, lat=None, unverified="caller unsure which bridge")
    line = town.board.incidents[incident]
    assert (line.lon, line.lat) == (None, None)
    assert line.unverified == "caller unsure which bridge"
    assert (line.neighborhood, line.battalion, line.area_class) == ("", "", "")


def test_a_place_with_neither_position_nor_reason_is_not_taken():
    refusal = centre().refused(intake.OpenIncident, **{**PLACE, "lon": None, "lat": None})
    assert isinstance(refusal, intake.PlaceNeeded)


def test_a_corrected_place_is_told_from_then_on_and_the_old_one_stays_in_the_record(town):
    incident = town.incident()
    town.done(
        intake.CorrectPlace, incident=incident, address="9 Pier Rd", lon=-122.47, lat=37.8,
        reason="caller moved",
    )  # fmt: skip
    line = town.board.incidents[incident]
    assert (line.address, line.lon, line.lat) == ("9 Pier Rd", -122.47, 37.8)
    assert (line.neighborhood, line.area_class) == ("Old Town", "core")
    first, second = town.store.stream(f"incident:{incident}")
    assert town.hub.rooms.decode(first).address == PLACE["address"]
    assert town.hub.rooms.decode(second).was_address == PLACE["address"]
    town.restart()
    assert town.board.incidents[incident].address == "9 Pier Rd"


def test_a_corrected_time_is_told_from_then_on_and_the_old_one_stays_in_the_record(town):
    incident = town.incident()
    town.done(
        intake.CorrectCallTime, role="supervisor", incident=incident, step="IncidentOpened",
        to=T0 - 120 * US, reason="late entry",
    )  # fmt: skip
    assert town.board.incidents[incident].opened_us == T0 - 120 * US
    first, second = town.store.stream(f"incident:{incident}")
    assert first.happened_at == T0 == town.hub.rooms.decode(second).was_us


def test_the_wall_clock_shown_is_the_towns_in_summer_and_in_winter():
    town = centre().town
    for wall in ("2020-07-01T09:05:03", "2020-01-01T09:05:03"):
        assert town.clock(at_local(wall)) == "09:05:03"
