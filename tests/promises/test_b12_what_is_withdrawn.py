"""B12: what is withdrawn is served nowhere; what is struck stays legible to those who may see it.

TicketsCAD went on serving a deleted incident to its API and its board.
"""

from __future__ import annotations

from answerable.intake import words as intake
from answerable.kernel.event import Mark
from tests.story import PLACE, US, Centre


def lists(town: Centre) -> str:
    """Return everything that any page lists: all of the board."""
    return repr(town.board)


def test_a_cancelled_booking_is_on_no_list_also_after_a_restart(town):
    due = town.clock.now_us() + 60 * US
    [event] = town.done(intake.BookIncident, due=due, **{**PLACE, "address": "withdrawn place"})
    assert event.incident in town.board.booked
    town.done(intake.CancelBooking, incident=event.incident, reason="not wanted")
    for _ in range(2):
        assert event.incident not in lists(town)
        assert "withdrawn place" not in lists(town)
        town.restart(use_snapshot=False).tick(3600)


def test_a_cancelled_booking_stays_in_the_record(town):
    due = town.clock.now_us() + 60 * US
    [event] = town.done(intake.BookIncident, due=due, **PLACE)
    town.done(intake.CancelBooking, incident=event.incident, reason="not wanted")
    kinds = [row.kind for row in town.store.stream(f"incident:{event.incident}")]
    assert kinds == ["intake.IncidentBooked", "intake.BookingCancelled"]


def test_a_struck_note_stays_legible_to_staff_and_says_who_struck_it_and_why(town):
    incident = town.incident()
    town.done(intake.AddNote, incident=incident, words="gate code 12", name="lee")
    town.done(intake.StrikeNote, incident=incident, note=1, reason="wrong house", name="kim")
    added, struck = list(town.store.stream(f"incident:{incident}"))[-2:]
    assert town.store.unseal(added.position, "words") == "gate code 12"
    assert town.hub.rooms.authority.may_see("dispatcher", Mark.SEALED)
    assert struck.actor == "kim"
    event = town.hub.rooms.decode(struck)
    assert (event.note, event.reason) == (1, "wrong house")


def test_a_role_that_may_not_see_sealed_words_may_not_see_a_struck_note_either(town):
    authority = town.hub.rooms.authority
    sealed = {role for role in authority.roles if authority.may_see(role, Mark.SEALED)}
    assert sealed == {"call_taker", "dispatcher", "supervisor", "call_back", "oversight"}
    assert not authority.may_see("nobody", Mark.OPEN)
