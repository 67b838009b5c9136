"""Where the free units are taken to stand, on San Francisco's packaged streets."""

from __future__ import annotations

import math

import msgspec
import pytest

from answerable.dispatch import move_words as m
from answerable.dispatch import words as w
from answerable.dispatch.fleet import Fleet
from answerable.dispatch.recommend import Reason
from answerable.intake import words as intake
from answerable.place.town_places import Places, load_places
from answerable.towns.load import load_town, town_folder
from answerable.towns.model import Alarm, Need, RunCard, Town
from answerable.towns.sending import CoverRule, Sending, Staffing
from tests.story import T0, US, Centre

FOLDER = town_folder("san_francisco")
FAR_WEST = {"lon": -122.5060, "lat": 37.7750}
DOWNTOWN = {"lon": -122.4080, "lat": 37.7860}


@pytest.fixture(scope="module")
def places() -> Places:
    return load_places(FOLDER)


@pytest.fixture
def town(places) -> Town:
    found = load_town(FOLDER)
    found.places = places
    return found


class Watch:
    """A centre of a few San Francisco units with its fleet in step."""

    def __init__(self, town: Town, places: Places, units: tuple[str, ...]) -> None:
        self.centre = Centre(town=town, now_us=T0).duty(*units)
        self.places = places
        self.fleet = Fleet(self.centre.board, town, places)
        self.centre.hub.subscribe(lambda recorded, head: self.fleet.committed(recorded))
        self.centre.hub.on_start(lambda: self.fleet.follow(self.centre.board))

    def incident(self, **fields) -> str:
        return self.centre.incident(**{"kind": "Elevator / Escalator Rescue", **fields})

    def do(self, command, **fields) -> None:
        self.centre.done(command, **fields)

    def where(self, unit: str) -> int | None:
        return self.fleet.where(unit, self.centre.clock.now_us())

    def recommend(self, incident: str):
        line = self.centre.board.line(incident)
        return self.fleet.recommend(line, self.centre.clock.now_us())

    def home(self, unit: str) -> int:
        return self.fleet.home(self.centre.board.units[unit])


@pytest.fixture
def watch(town, places) -> Watch:
    return Watch(town, places, ("T01", "T13", "T18", "E01", "E18"))


def work(watch: Watch, unit: str, incident: str) -> None:
    """The unit is sent, arrives, and clears at once."""
    for command in (w.SendUnit, w.Arrive, w.ClearUnit):
        watch.do(command, incident=incident, unit=unit)


def test_a_free_unit_stands_at_its_station(watch):
    station = watch.places.stations[watch.centre.board.units["T18"].station]
    assert watch.where("T18") == station.node == watch.home("T18")


def test_a_unit_on_a_job_is_nowhere_to_be_sent_from(watch):
    incident = watch.incident(**FAR_WEST)
    watch.do(w.SendUnit, incident=incident, unit="T18")
    assert watch.where("T18") is None
    assert "T18" not in watch.fleet.times_s(0, watch.centre.clock.now_us())


def test_after_clearing_a_unit_stands_at_its_last_place_until_it_would_be_home(watch):
    incident = watch.incident(**DOWNTOWN)
    work(watch, "T18", incident)
    node = watch.places.snap(**DOWNTOWN).node
    back_s = watch.places.travel.time_s(node, watch.home("T18"))
    assert 60 < back_s < 3600
    assert watch.where("T18") == node
    watch.centre.tick(back_s - 1)
    assert watch.where("T18") == node
    watch.centre.tick(2)
    assert watch.where("T18") == watch.home("T18")


def test_a_unit_sent_on_its_way_home_is_not_brought_home_meanwhile(watch):
    first, second = watch.incident(**DOWNTOWN), watch.incident(**FAR_WEST)
    work(watch, "T18", first)
    watch.centre.tick(30)
    watch.do(w.SendUnit, incident=second, unit="T18")
    watch.centre.tick(7200)
    assert watch.where("T18") is None
    watch.do(w.Arrive, incident=second, unit="T18")
    watch.do(w.ClearUnit, incident=second, unit="T18")
    assert watch.where("T18") == watch.places.snap(**FAR_WEST).node


def test_a_pause_out_of_service_does_not_carry_a_unit_back(watch):
    work(watch, "T18", watch.incident(**DOWNTOWN))
    watch.centre.tick(7200)
    watch.do(w.TakeOutOfService, unit="T18", reason="fuel")
    assert watch.where("T18") is None
    watch.do(w.ReturnToService, unit="T18")
    assert watch.where("T18") == watch.home("T18")


def test_a_late_report_does_not_carry_a_unit_back(watch):
    incident = watch.incident(**DOWNTOWN)
    work(watch, "T18", incident)
    watch.centre.tick(7200)
    watch.do(w.ReportBack, incident=incident, unit="T18", code="made-safe")
    assert watch.where("T18") == watch.home("T18")


def test_the_nearest_by_road_is_recommended_from_where_it_stands(watch):
    there = watch.incident(**FAR_WEST)
    at_home = watch.recommend(there)
    assert [pick.unit for pick in at_home.chosen] == ["T18"]
    times = {pick.unit: pick.time_s for pick in (*at_home.chosen, *at_home.passed)}
    node = watch.places.snap(**FAR_WEST).node
    for unit, time_s in times.items():
        assert time_s == pytest.approx(watch.places.travel.time_s(watch.home(unit), node))
    work(watch, "T01", watch.incident(**FAR_WEST))
    close_by = watch.recommend(there)
    assert [pick.unit for pick in close_by.chosen] == ["T01"]
    assert close_by.chosen[0].time_s < at_home.chosen[0].time_s


def test_a_restart_puts_every_unit_where_it_was(watch):
    work(watch, "T18", watch.incident(**DOWNTOWN))
    watch.do(w.SendUnit, incident=watch.incident(**FAR_WEST), unit="T13")
    before = {unit: watch.where(unit) for unit in watch.centre.board.units}
    watch.centre.restart()
    again = Fleet(watch.centre.board, watch.centre.town, watch.places)
    now_us = watch.centre.clock.now_us()
    assert {unit: again.where(unit, now_us) for unit in watch.centre.board.units} == before


def test_a_rebuilt_board_is_followed(watch):
    watch.do(w.SendUnit, incident=watch.incident(**FAR_WEST), unit="T18")
    watch.centre.hub.start()
    assert watch.where("T18") is None
    assert watch.where("T01") == watch.home("T01")
    assert watch.fleet.board is watch.centre.board


def test_a_unit_that_comes_back_as_another_type_is_listed_once(watch):
    watch.do(w.TakeOffDuty, unit="T18")
    watch.do(w.PutOnDuty, unit="T18", unit_type="ENGINE", station="18")
    names = [unit.unit for units in watch.fleet.by_type.values() for unit in units]
    assert sorted(names) == sorted(watch.centre.board.units)
    assert "T18" in {unit.unit for unit in watch.fleet.by_type["ENGINE"]}


def test_a_unit_that_comes_on_duty_at_another_station_stands_there(watch):
    other = watch.centre.board.units["T01"].station
    watch.do(w.TakeOffDuty, unit="T18")
    watch.do(w.PutOnDuty, unit="T18", unit_type="TRUCK", station=other)
    assert watch.where("T18") == watch.places.stations[other].node


def test_a_unit_that_came_on_duty_later_is_taken_in(watch):
    watch.centre.duty("T02")
    assert watch.where("T02") == watch.home("T02")
    named = watch.recommend(watch.incident(**DOWNTOWN))
    assert "T02" in {pick.unit for pick in (*named.chosen, *named.passed)}


def test_an_off_duty_unit_is_named_as_such(watch):
    watch.do(w.TakeOffDuty, unit="T18")
    named = watch.recommend(watch.incident(**FAR_WEST))
    assert {p.unit: p.reason for p in named.passed}["T18"] is Reason.OFF_DUTY


def test_a_corrected_place_moves_the_recommendation(watch):
    incident = watch.incident(**FAR_WEST)
    assert [pick.unit for pick in watch.recommend(incident).chosen] == ["T18"]
    watch.do(intake.CorrectPlace, incident=incident, address="Union Sq", reason="wrong", **DOWNTOWN)
    assert [pick.unit for pick in watch.recommend(incident).chosen] == ["T01"]


def test_where_no_run_card_fits_nobody_is_recommended(watch):
    town = watch.centre.town
    line = watch.centre.board.line(watch.incident(**FAR_WEST))
    kinds = [c for c in town.file.run_cards if c.kinds and not c.fits("nothing", "3")]
    bare = type(town)(
        type(town.file)(**{**_fields(town.file), "run_cards": tuple(kinds)}),
        tuple(town.units.values()),
        watch.places,
    )
    line.kind = "nothing"
    found = Fleet(watch.centre.board, bare, watch.places).recommend(line, T0)
    assert (found.card, found.chosen, found.passed, found.shortfalls) == ("", (), (), ())


def _fields(file) -> dict[str, object]:
    return {name: getattr(file, name) for name in file.__struct_fields__}


def test_without_a_position_free_units_are_named_without_a_road_time(watch):
    incident = watch.incident(lon=None, lat=None, unverified="caller unsure")
    found = watch.recommend(incident)
    [pick] = found.chosen
    assert (pick.unit, pick.time_s, pick.reason) == ("T01", None, Reason.PLACE_UNKNOWN)
    assert {p.unit: (p.time_s, p.reason) for p in found.passed} == {
        "T13": (None, Reason.PLACE_UNKNOWN),
        "T18": (None, Reason.PLACE_UNKNOWN),
    }
    assert found.shortfalls == ()


def test_every_time_is_a_number_of_seconds(watch):
    times = watch.fleet.times_s(watch.places.snap(**DOWNTOWN).node, T0 + US)
    assert set(times) == set(watch.centre.board.units)
    assert all(0 <= time_s < math.inf for time_s in times.values())


def test_a_place_far_from_every_street_has_no_road_times(watch):
    airport = {"lon": -122.3790, "lat": 37.6213}  # ten kilometres outside the town's streets
    found = watch.recommend(watch.incident(**airport))
    [pick] = found.chosen
    assert (pick.time_s, pick.reason) == (None, Reason.PLACE_UNKNOWN)


# -- cover and move-ups ----------------------------------------------------------------------

WEST = CoverRule("west", ("TRUCK",), 240, each="station", only=("18",))


@pytest.fixture
def covered(town, places) -> Watch:
    """The same centre in a town that keeps a truck near station 18."""
    town.file = msgspec.structs.replace(town.file, sending=Sending(cover=(WEST,)))
    return Watch(town, places, ("T01", "T13", "T18", "E01", "E18"))


def counted(watch: Watch) -> list[int]:
    return watch.fleet.cover.counts


def test_a_unit_counts_for_cover_while_it_could_be_sent(covered):
    assert counted(covered) == [1]
    incident = covered.incident(**FAR_WEST)
    covered.do(w.SendUnit, incident=incident, unit="T18")
    assert counted(covered) == [0]
    assert [gap.left for gap in covered.fleet.cover.broken()] == [0]
    covered.do(w.Arrive, incident=incident, unit="T18")
    covered.do(w.ClearUnit, incident=incident, unit="T18")
    assert counted(covered) == [1], "on its way home it counts where it is bound"
    covered.do(w.TakeOutOfService, unit="T18", reason="flat")
    assert counted(covered) == [0]


def test_a_unit_without_its_crew_does_not_count(town, places):
    sending = Sending(cover=(WEST,), staffing=(Staffing("TRUCK", 5),))
    town.file = msgspec.structs.replace(town.file, sending=sending)
    watch = Watch(town, places, ("T01",))
    watch.do(w.PutOnDuty, unit="T18", unit_type="TRUCK", station="18", staff=4)
    assert counted(watch) == [0]
    watch.do(w.TakeOffDuty, unit="T18")
    watch.do(w.PutOnDuty, unit="T18", unit_type="TRUCK", station="18", staff=5)
    assert counted(watch) == [1]


def test_a_move_up_mends_cover_at_once_and_the_unit_is_there_after_its_way(covered):
    covered.do(w.TakeOutOfService, unit="T18", reason="flat")
    now_us = covered.centre.clock.now_us()
    [move] = covered.fleet.move_ups(now_us)
    assert covered.fleet.move_ups(now_us) is covered.fleet.move_ups(now_us), "worked out once"
    home = covered.home(move.unit)
    covered.do(m.OrderMoveUp, unit=move.unit, station=move.station, reason="cover")
    assert counted(covered) == [1]
    assert covered.fleet.move_ups(covered.centre.clock.now_us()) == ()
    assert covered.where(move.unit) == home
    covered.centre.tick(move.drive_s - 2)
    assert covered.where(move.unit) == home
    covered.centre.tick(4)
    assert covered.where(move.unit) == covered.places.stations[move.station].node
    covered.do(m.EndMoveUp, unit=move.unit)
    assert covered.home(move.unit) == home
    assert covered.where(move.unit) == covered.places.stations[move.station].node
    covered.centre.tick(3600)
    assert covered.where(move.unit) == home


def test_a_restart_finds_a_unit_on_its_way_to_the_station_it_covers(covered):
    work(covered, "T01", covered.incident(**DOWNTOWN))
    covered.do(m.OrderMoveUp, unit="T01", station="18", reason="cover")
    covered.do(m.OrderMoveUp, unit="T13", station="18", reason="cover")
    covered.centre.tick(30)
    before = {unit: covered.where(unit) for unit in covered.centre.board.units}
    assert before["T01"] == covered.places.snap(**DOWNTOWN).node, "it set out from its last job"
    covered.centre.restart()
    again = Fleet(covered.centre.board, covered.centre.town, covered.places)
    now_us = covered.centre.clock.now_us()
    assert {unit: again.where(unit, now_us) for unit in covered.centre.board.units} == before
    assert again.cover.counts == counted(covered)


def test_an_edition_that_begins_to_hold_changes_what_is_counted(town, places):
    watch = Watch(town, places, ("T18",))
    rules = [Sending(), Sending(cover=(WEST,))]
    fleet = Fleet(
        watch.centre.board, town, places, sending_for=lambda now_us: rules[now_us >= T0 + US]
    )
    assert not fleet.cover
    fleet.sending(T0 + US)
    assert fleet.cover.counts == [1]


def test_the_card_of_the_area_is_used(town, places):
    core = RunCard("CORE", (Need(("ENGINE",)),), areas=("Tenderloin",))
    cards = (core, RunCard("ELSE", (Need(("TRUCK",)),)))
    town.file = msgspec.structs.replace(town.file, run_cards=cards)
    watch = Watch(town, places, ("T01", "E01"))
    tenderloin = {"lon": -122.4140, "lat": 37.7840}
    assert watch.recommend(watch.incident(**tenderloin)).card == "CORE"
    assert watch.recommend(watch.incident(**FAR_WEST)).card == "ELSE"


def test_the_level_of_the_incident_decides_how_many_are_proposed(town, places):
    card = RunCard("L", (Need(("TRUCK",)),), alarms=(Alarm(2, (Need(("TRUCK",), 2),)),))
    town.file = msgspec.structs.replace(town.file, run_cards=(card,))
    watch = Watch(town, places, ("T01", "T13", "T18"))
    incident = watch.incident(**DOWNTOWN)
    assert len(watch.recommend(incident).chosen) == 1
    watch.do(m.RaiseAlarm, incident=incident, level=2, reason="more smoke")
    found = watch.recommend(incident)
    assert (len(found.chosen), found.level) == (3, 2)


def test_a_crew_s_work_is_kept_from_its_first_job_to_its_last(watch):
    first, second = watch.incident(**DOWNTOWN), watch.incident(**DOWNTOWN)
    watch.do(w.SendUnit, incident=first, unit="T18")
    begin_us = watch.centre.clock.now_us()
    watch.centre.tick(600)
    watch.do(w.StackUnit, incident=second, unit="T18", reason="next")
    watch.do(w.SendUnit, incident=second, unit="T18")
    watch.do(w.Arrive, incident=first, unit="T18")
    watch.do(w.ClearUnit, incident=first, unit="T18")
    unit = watch.centre.board.units["T18"]
    assert (unit.worked, unit.work_from_us) == ([], begin_us)
    watch.centre.tick(300)
    watch.do(w.Arrive, incident=second, unit="T18")
    watch.do(w.ClearUnit, incident=second, unit="T18")
    end_us = watch.centre.clock.now_us()
    assert watch.centre.board.units["T18"].worked == [(begin_us, end_us)]
    assert watch.centre.board.units["T18"].work_from_us == 0


def test_work_of_more_than_a_day_ago_is_forgotten_and_so_is_that_of_another_duty(watch):
    work(watch, "T18", watch.incident(**DOWNTOWN))
    watch.centre.tick(86_400)
    work(watch, "T18", watch.incident(**DOWNTOWN))
    assert len(watch.centre.board.units["T18"].worked) == 1
    watch.do(w.TakeOffDuty, unit="T18")
    watch.do(w.PutOnDuty, unit="T18", unit_type="TRUCK", station="18", staff=5)
    unit = watch.centre.board.units["T18"]
    assert (unit.worked, unit.staff) == ([], 5)
