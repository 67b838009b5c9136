"""What a receipt shows, and what it never shows."""

from __future__ import annotations

import msgspec
import pytest

from answerable.disclosure import afterwards
from answerable.disclosure.receipts import (
    OPENS,
    STATES,
    STEPS,
    Shown,
    may_open,
    positions,
    shown,
)
from answerable.dispatch import words as d
from answerable.intake import line_words as line
from answerable.intake import words as i
from answerable.kernel.event import Recorded
from answerable.record.entry import opening_of
from answerable.towns.model import Agency, Town
from answerable.towns.titles import Title
from tests.story import PLACE, US, Centre, toy_town

CALL = "C200930001"
AGENCIES = (Agency("coast", Title(en="Coast Guard")),)


def receipt(town: Centre, call: str = CALL, incident: str = "") -> Shown:
    """Return the receipt of a call, from the streams it is made of."""
    known = town.state("intake").calls.get(call)
    about = incident or (known.incident if known else "")
    rows = {
        row.position: row
        for stream in (f"call:{call}" if call else "", f"incident:{about}" if about else "")
        if stream
        for row in town.store.stream(stream)
    }
    happened = [Recorded(rows[at], town.hub.rooms.decode(rows[at])) for at in sorted(rows)]
    return shown(happened, call)


def names(told: Shown) -> list[str]:
    return [step.name for step in told.steps]


@pytest.fixture
def town() -> Centre:
    made = Centre().duty("E1", "E2")
    made.done(i.RingCall, role="line", number="555")
    return made


def answered(town: Centre) -> Centre:
    town.tick(5).done(i.AnswerCall, call=CALL)
    return town


def about(town: Centre) -> str:
    return answered(town).tick(5).incident(call=CALL, door="flat 7")


def test_a_call_that_rings_is_answered_and_ends_without_an_incident(town):
    assert receipt(town).state == "ringing"
    assert receipt(answered(town)).state == "answered"
    town.done(i.EndCall, call=CALL, reason="asked the way")
    told = receipt(town)
    assert (told.state, names(told)) == ("ended", ["rung", "answered", "ended"])
    assert "asked the way" not in repr(told)


def test_a_call_nobody_answered_in_time(town):
    town.done(i.AbandonCall, role="line", call=CALL)
    assert (receipt(town).state, names(receipt(town))) == ("abandoned", ["rung", "abandoned"])


def test_the_whole_life_with_the_time_of_each_step(town):
    incident = about(town)
    assert receipt(town).state == "waiting"
    town.tick(30).done(d.SendUnit, incident=incident, unit="E1")
    assert receipt(town).state == "sent"
    town.tick(60).done(d.SendUnit, incident=incident, unit="E2")
    town.tick(120).done(d.Arrive, incident=incident, unit="E2")
    town.tick(9).done(d.Arrive, incident=incident, unit="E1")
    assert receipt(town).state == "arrived"
    for unit in ("E1", "E2"):
        town.tick(60).done(d.ClearUnit, incident=incident, unit=unit, outcome="helped")
    town.tick(60).done(d.CloseIncident, incident=incident, outcome="dead on arrival")
    told = receipt(town)
    assert told.state == "closed"
    assert names(told) == [
        "rung", "answered", "opened", "sent", "arrived", "closed", "to be asked",
    ]  # fmt: skip
    times = {step.name: (step.at_us - told.steps[0].at_us) / US for step in told.steps}
    assert times == {
        "rung": 0, "answered": 5, "opened": 10, "sent": 40, "arrived": 220, "closed": 409,
        "to be asked": 409,
    }  # fmt: skip
    assert [step.unit_type for step in told.steps if step.unit_type] == ["ENGINE"]
    told_all = repr(told)
    for secret in ("E1", "E2", "dead", "helped", "flat 7", "Main St", "Fire", "555", "-122"):
        assert secret not in told_all, secret


def test_help_that_was_called_off_and_sent_again(town):
    incident = about(town)
    town.done(d.SendUnit, incident=incident, unit="E1")
    town.tick(9).done(d.CancelUnit, incident=incident, unit="E1", reason="nearer one")
    assert receipt(town).state == "called off"
    town.tick(9).done(d.SendUnit, incident=incident, unit="E2")
    told = receipt(town)
    assert told.state == "sent"
    assert names(told)[-3:] == ["sent", "called off", "sent"]


def test_one_of_two_that_is_called_off_changes_nothing(town):
    incident = about(town)
    for unit in ("E1", "E2"):
        town.done(d.SendUnit, incident=incident, unit=unit)
    town.done(d.CancelUnit, incident=incident, unit="E1", reason="not needed")
    assert receipt(town).state == "sent"
    assert "called off" not in names(receipt(town))


def test_what_was_taken_up_again_is_shown_from_there_on(town):
    incident = about(town)
    town.done(d.CloseIncident, incident=incident, outcome="no merit")
    town.done(d.ReopenIncident, incident=incident, reason="called again")
    assert receipt(town).state == "reopened"
    town.done(d.SendUnit, incident=incident, unit="E1")
    town.done(d.Arrive, incident=incident, unit="E1")
    assert names(receipt(town))[-5:] == ["closed", "to be asked", "reopened", "sent", "arrived"]
    assert receipt(town).expects == ()  # nobody is asked while it is open again


def test_who_calls_about_a_known_matter_learns_nothing_of_the_first_caller(town):
    incident = about(town)
    town.tick(60).done(d.SendUnit, incident=incident, unit="E1")
    town.tick(60).done(i.RingCall, role="line", call="C2", number="777")
    town.done(i.AnswerCall, call="C2")
    town.done(i.AttachCall, call="C2", incident=incident)
    told = receipt(town, "C2")
    assert told.state == "sent"
    assert sorted(names(told)) == ["answered", "joined", "rung", "sent"]
    mine = {row.position for row in town.store.stream(f"call:{CALL}")}
    assert not mine & set(positions(told))
    first = receipt(town)
    assert "joined" not in names(first)


def test_corrected_times_are_the_ones_shown(town):
    incident = about(town)
    town.tick(60).done(d.SendUnit, incident=incident, unit="E1")
    town.tick(60).done(d.Arrive, incident=incident, unit="E1")
    before = {step.name: step.at_us for step in receipt(town).steps}
    boss = {"role": "supervisor", "reason": "the watch was ahead"}
    town.done(i.CorrectCallTime, call=CALL, step="CallRung", to=before["rung"] - 5 * US, **boss)
    town.done(
        i.CorrectCallTime, incident=incident, step="IncidentOpened", to=before["opened"] - 2 * US,
        **boss,
    )  # fmt: skip
    town.done(
        d.CorrectTime, incident=incident, unit="E1", step="UnitArrived",
        to=before["arrived"] - 7 * US, **boss,
    )  # fmt: skip
    after = {step.name: step.at_us for step in receipt(town).steps}
    moved = {name: (before[name] - after[name]) / US for name in before}
    assert moved == {"rung": 5, "answered": 0, "opened": 2, "sent": 0, "arrived": 7}


def test_a_booking_is_shown_until_it_is_cancelled_or_opened(town):
    due = town.clock.now_us() + 3600 * US
    [booked] = town.done(i.BookIncident, due=due, **PLACE)
    assert receipt(town, "", booked.incident).state == "booked"
    town.done(i.CancelBooking, incident=booked.incident, reason="not wanted")
    assert receipt(town, "", booked.incident).state == "unbooked"


def test_a_caller_who_hung_up_sees_that_somebody_rang_back(town):
    town.done(line.HangUp, role="line", call=CALL)
    town.tick(60).done(line.TryCallBack, call=CALL, outcome="no answer")
    told = receipt(town)
    assert (told.state, names(told)) == ("abandoned", ["rung", "abandoned", "rung back"])
    town.tick(60).done(line.TryCallBack, call=CALL, outcome="reached")
    told = receipt(town)
    assert (told.state, names(told)[-1]) == ("answered", "reached")


def test_a_caller_sees_that_the_call_was_handed_on_and_not_to_whom():
    file = msgspec.structs.replace(toy_town().file, agencies=AGENCIES)
    town = Centre(town=Town(file, ()))
    town.done(i.RingCall, role="line", number="555")
    answered(town).done(line.MarkSilent, call=CALL)
    town.done(line.TransferCall, call=CALL, agency="coast", reason="at sea")
    assert receipt(town).state == "answered"
    town.done(line.ConfirmTransfer, call=CALL, receipt="M-17")
    told = receipt(town)
    assert (told.state, names(told)) == ("handed on", ["rung", "answered", "handed on"])
    assert not may_open(list(town.store.rows())[-1])


def test_every_state_and_step_there_is_was_met_or_has_its_words():
    met = {"rung", "answered", "abandoned", "rung back", "reached", "handed on", "ended", "joined",
           "parted", "opened", "booked", "unbooked",
           "sent", "arrived", "called off", "closed", "reopened"}  # fmt: skip
    assert set(STEPS) == met | set(afterwards.STEPS)  # those are met in test_afterwards
    told = {"rung", "rung back", "reached", "opened", "joined", "parted"}
    assert set(STATES) == met - told | {"ringing", "waiting"}


def test_an_opening_that_is_given_says_no_more_than_the_page(town):
    incident = about(town)
    town.done(d.SendUnit, incident=incident, unit="E1")
    town.done(d.Arrive, incident=incident, unit="E1")
    town.done(d.ClearUnit, incident=incident, unit="E1", outcome="helped")
    town.done(d.CloseIncident, incident=incident, outcome="dead on arrival")
    town.done(d.ReopenIncident, incident=incident, reason="called again")
    spoken = set(positions(receipt(town)))
    given = [row for row in town.store.rows() if row.position in spoken and may_open(row)]
    assert {row.kind for row in given} == {
        "intake.CallRung", "intake.CallAnswered", "dispatch.IncidentReopened"
    }  # fmt: skip
    for row in given:
        text = opening_of(row).decode()
        for secret in ("E1", "ENGINE", "Main St", "Fire", "dead", "555", "-122", "called again"):
            assert secret not in text, (row.kind, secret)


def test_only_events_without_place_unit_kind_or_outcome_are_opened():
    fields = {
        name for cls in (*i.EVENTS, *d.EVENTS) if cls.tag in OPENS for name in cls.__struct_fields__
    }
    assert fields == {"call", "incident", "line", "number", "medium", "desk", "marks", "reason"}
