"""B6: a call booked for later occupies no unit now.

TicketsCAD marked the unit "dispatched" at the moment of booking.
"""

from __future__ import annotations

import pytest

from answerable.dispatch import words as w
from answerable.intake import words as intake
from answerable.kernel.refusals import Unknown, WrongStep
from tests.story import PLACE, T0, US, Centre

HOUR_S = 3600


def book(town: Centre, after_s: int = HOUR_S) -> str:
    due = town.clock.now_us() + after_s * US
    [event] = town.done(intake.BookIncident, due=due, **PLACE)
    return event.incident


def test_a_booking_changes_no_unit_and_can_be_given_none(town):
    town.duty("E1")
    before = town.hub.rooms.pack({"dispatch": town.state("dispatch")})
    units = repr(town.board.units)
    incident = book(town)
    assert town.hub.rooms.pack({"dispatch": town.state("dispatch")}) == before
    assert repr(town.board.units) == units
    assert isinstance(town.refused(w.SendUnit, incident=incident, unit="E1"), Unknown)
    assert town.board.units["E1"].status == "free"


def test_the_alarm_opens_it_at_its_time_and_not_a_second_before(town):
    incident = book(town)
    town.tick(HOUR_S - 1)
    assert (incident in town.board.booked, incident in town.board.incidents) == (True, False)
    town.tick(1)
    assert (incident in town.board.booked, incident in town.board.incidents) == (False, True)
    line = town.board.incidents[incident]
    assert (line.opened_us, line.address) == (T0 + HOUR_S * US, PLACE["address"])
    assert (line.area_class, line.neighborhood) == ("near", "Middle")
    row = list(town.store.rows())[-1]
    assert (row.actor, row.kind) == ("system", "intake.IncidentOpened")


def test_it_is_opened_once(town):
    incident = book(town)
    town.tick(HOUR_S).tick(10 * HOUR_S)
    opened = [e for e in town.events() if isinstance(e, intake.IncidentOpened)]
    assert [event.incident for event in opened] == [incident]


def test_a_cancelled_booking_never_opens(town):
    incident = book(town)
    town.done(intake.CancelBooking, incident=incident, reason="not wanted")
    assert town.hub.next_alarm_us() is None
    town.tick(10 * HOUR_S).restart().tick(HOUR_S)
    assert not town.board.line(incident)
    outcome = town.refused(intake.CancelBooking, incident=incident, reason="again")
    assert isinstance(outcome, WrongStep)


@pytest.mark.parametrize("use_snapshot", [True, False], ids=["snapshot", "from zero"])
def test_a_booking_survives_a_restart(town, use_snapshot):
    incident = book(town)
    town.hub.save_snapshot()
    town.restart(use_snapshot=use_snapshot)
    assert town.hub.next_alarm_us() == T0 + HOUR_S * US
    town.tick(HOUR_S)
    assert incident in town.board.incidents


def test_a_booking_whose_time_passed_while_the_centre_was_down_opens_at_the_start(town):
    incident = book(town)
    town.clock.set(T0 + 3 * HOUR_S * US)
    town.restart().tick(0)
    line = town.board.incidents[incident]
    assert line.opened_us == T0 + HOUR_S * US
    assert list(town.store.rows())[-1].recorded_at == T0 + 3 * HOUR_S * US


def test_bookings_open_in_the_order_of_their_times(town):
    late, soon = book(town, 2 * HOUR_S), book(town, HOUR_S)
    town.tick(3 * HOUR_S)
    opened = [e.incident for e in town.events() if isinstance(e, intake.IncidentOpened)]
    assert opened == [soon, late]
