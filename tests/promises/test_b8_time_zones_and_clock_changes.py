"""B8: the server's time zone and changes of its clock alter no duration.

Fixture: 4 November 2018 in San Francisco, where the hour from one to two happened twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from answerable.dispatch import words as w
from answerable.kernel.clock import SystemClock
from answerable.standards.views import running_for
from tests.story import US, Centre, at_local

FIRST_0150 = at_local("2018-11-04T01:50:00")
"""01:50 the first time, in summer time; the clocks go back ten minutes later."""
ZONES = ("UTC", "America/Los_Angeles", "Asia/Shanghai", "Asia/Kolkata", "America/St_Johns")


@pytest.fixture
def server_zone(monkeypatch) -> Iterator:
    """Set the time zone of this machine for the rest of a test."""

    def put(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield put
    monkeypatch.undo()
    time.tzset()


def night(town: Centre, between=lambda: None) -> str:
    """A unit is sent at 01:50 and arrives at 01:10, twenty minutes later."""
    town.adopt("one-three-five").duty("E1")
    incident = town.incident()
    town.done(w.SendUnit, incident=incident, unit="E1")
    between()
    town.tick(20 * 60).done(w.Arrive, incident=incident, unit="E1")
    return incident


def test_the_repeated_hour_takes_twenty_minutes_not_minus_forty(server_zone):
    records = []
    for zone in ZONES:
        server_zone(zone)
        town = Centre(now_us=FIRST_0150)
        incident = night(town)
        reached = town.board.incidents[incident].jobs["E1"].reached
        assert reached["UnitArrived"] - reached["UnitSent"] == 20 * 60 * US
        clocks = [town.town.clock(reached[step]) for step in ("UnitSent", "UnitArrived")]
        assert clocks == ["01:50:00", "01:10:00"]
        records.append([(r.happened_at, r.recorded_at, r.body) for r in town.store.rows()])
    assert all(record == records[0] for record in records)


def test_a_clock_running_over_the_change_is_due_when_its_seconds_are_over(server_zone):
    for zone in ZONES:
        server_zone(zone)
        town = Centre(now_us=FIRST_0150 + 9 * 60 * US + 30 * US).adopt("one-three-five").duty("E1")
        incident = town.incident()
        town.done(w.SendUnit, incident=incident, unit="E1")
        due = {
            clock.name: clock.due_us - town.clock.now_us()
            for clock in running_for(town.state("standards"), incident)
        }
        assert due["sign for it"] == 30 * US
        assert due["arrive, near"] == 180 * US


def test_a_restart_in_another_zone_tells_the_same_durations(town, server_zone):
    town.stand_at(FIRST_0150)
    server_zone(ZONES[0])

    def moved() -> None:
        server_zone("Asia/Kolkata")
        town.restart()

    incident = night(town, moved)
    before = repr(town.board)
    server_zone("America/St_Johns")
    town.restart(use_snapshot=False)
    assert repr(town.board) == before
    reached = town.board.incidents[incident].jobs["E1"].reached
    assert reached["UnitArrived"] - reached["UnitSent"] == 20 * 60 * US


def test_a_server_clock_that_is_put_back_makes_no_negative_duration():
    town = Centre(now_us=FIRST_0150)
    town.duty("E1")
    incident = town.incident()
    town.done(w.SendUnit, incident=incident, unit="E1")
    town.stand_at(FIRST_0150 - 3600 * US)
    town.done(w.Arrive, incident=incident, unit="E1")
    rows = list(town.store.rows())
    assert [r.recorded_at for r in rows] == sorted(r.recorded_at for r in rows)
    reached = town.board.incidents[incident].jobs["E1"].reached
    assert reached["UnitArrived"] >= reached["UnitSent"]


def test_after_a_restart_a_clock_put_back_still_makes_no_negative_duration(town):
    town.duty("E1")
    incident = town.incident()
    town.tick(600).done(w.SendUnit, incident=incident, unit="E1")
    town.hub.save_snapshot()
    town.stand_at(town.clock.now_us() - 3600 * US).restart()
    town.done(w.Arrive, incident=incident, unit="E1")
    reached = town.board.incidents[incident].jobs["E1"].reached
    assert reached["UnitArrived"] >= reached["UnitSent"]


def test_the_machines_clock_is_never_read_backwards(monkeypatch):
    told = iter([5_000_000, 4_000_000, 6_000_000])
    monkeypatch.setattr(time, "time_ns", lambda: next(told))
    clock = SystemClock()
    assert [clock.now_us() for _ in range(3)] == [5000, 5000, 6000]
