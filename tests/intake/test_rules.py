"""Intake: what may happen to calls and incidents, and what is refused, word for word."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.intake import words as w
from answerable.intake.rules import ROOM
from answerable.intake.state import CALL, INCIDENT
from answerable.kernel.event import marks_of
from answerable.kernel.refusals import NotAllowed, NotYet, Unknown, WrongStep
from tests.samples import sample
from tests.story import PLACE, T0, US, Centre, Story, at_local, centre, opened, said, toy_town

CALL_NO = "C200930001"
INC = "200930001"


def rung() -> w.CallRung:
    return w.CallRung(call=CALL_NO, line="911-3", number="+1 415 555 0100")


def answered() -> w.CallAnswered:
    return w.CallAnswered(call=CALL_NO)


# -- calls -----------------------------------------------------------------------------------


def test_a_ringing_line_gets_the_next_number_of_the_day():
    story = Story().when(w.RingCall, role="line", line="911-3", number="+1 415 555 0100")
    story.then(rung())
    story.when(w.RingCall, role="line").then(w.CallRung(call="C200930002"))


@pytest.mark.parametrize(("command", "role"), [(w.RingCall, "line"), (w.AnswerCall, "dispatcher")])
@pytest.mark.parametrize(
    "number",
    ["anonymous", "Withheld", "未知", "unknown", "+", "0000", "sip:anonymous@anonymous.invalid",
     "sips:Unavailable@10.0.0.7", " "],
)  # fmt: skip
def test_a_number_that_is_withheld_is_none_and_nobody_is_to_ring_it(command, role, number):
    told_to = Centre()
    (told,) = told_to.done(command, role=role, call=CALL_NO, number=number)
    assert told.number == ""
    assert not told_to.state("intake").calls[CALL_NO].reachable
    assert not told_to.state("followup").backs[CALL_NO].reachable


@pytest.mark.parametrize(
    "number",
    [
        "112",
        "+1 415 555 0100",
        "１１０",
        "sip:alice@example.org",
        "ask in the bar",
        "unknown caller, 555 0100",
    ],
)
def test_a_number_that_is_shown_is_kept_as_it_came(number):
    story = Story().when(w.RingCall, role="line", call=CALL_NO, number=number)
    story.then(w.CallRung(call=CALL_NO, number=number))


def test_a_number_given_by_the_source_is_kept_and_the_next_one_follows_it():
    story = (
        Story().when(w.RingCall, role="line", call="C200930041").then(w.CallRung(call="C200930041"))
    )
    story.when(w.AnswerCall).then(w.CallAnswered(call="C200930042"))


def test_a_full_day_goes_on_with_five_digits():
    story = Story().when(w.RingCall, role="line", call="C200939999")
    story.when(w.RingCall, role="line").then(w.CallRung(call="C2009310000"))
    story.when(w.RingCall, role="line").then(w.CallRung(call="C2009310001"))


def test_numbers_begin_anew_at_the_towns_midnight_not_at_that_of_utc():
    late = Story(now_us=at_local("2020-04-02T23:59:58"))
    late.when(w.AnswerCall).then(w.CallAnswered(call="C200930001"))
    late.when(w.AnswerCall).then(w.CallAnswered(call="C200940001"))


def test_the_day_turns_at_midnight_in_a_zone_of_half_hours():
    town = toy_town()
    file = msgspec.structs.replace(town.file, zone="Asia/Kolkata")
    india = type(town)(file, ())
    midnight_us = 1_585_852_200 * US  # 3 April 2020 00:00 in Kolkata is 18:30 UTC
    assert [india.day_code(midnight_us - US), india.day_code(midnight_us)] == ["20093", "20094"]


def test_a_ringing_call_is_answered():
    Story().given(rung()).when(w.AnswerCall, call=CALL_NO).then(answered())


def test_a_walk_in_is_answered_without_having_rung():
    story = Story().when(w.AnswerCall, line="desk", marks=("no ring time",))
    story.then(w.CallAnswered(call=CALL_NO, line="desk", marks=("no ring time",)))


def test_a_ringing_call_is_abandoned_and_an_answered_one_is_not():
    Story().given(rung()).when(w.AbandonCall, role="line", call=CALL_NO).then(
        w.CallAbandoned(call=CALL_NO)
    )
    Story().given(rung(), answered()).when(w.AbandonCall, role="line", call=CALL_NO).refused(
        WrongStep, state="answered"
    )


def test_an_answered_call_ends_without_an_incident_and_says_why():
    Story().given(answered()).when(w.EndCall, call=CALL_NO, reason="test call").then(
        w.CallEnded(call=CALL_NO, reason="test call")
    )


def test_an_ended_call_takes_no_further_step():
    story = Story().given(answered(), w.CallEnded(call=CALL_NO, reason="pocket call"))
    story.when(w.AnswerCall, call=CALL_NO).refused(WrongStep, possible="nothing")
    story.when(w.OpenIncident, call=CALL_NO, **PLACE).refused(WrongStep, state="ended")


def test_a_second_call_is_about_the_same_incident():
    story = Story().given(opened(), answered())
    story.when(w.AttachCall, call=CALL_NO, incident=INC).then(
        w.CallAttached(call=CALL_NO, incident=INC)
    )
    story.when(w.AttachCall, call=CALL_NO, incident=INC).refused(WrongStep, state="matched")


# -- incidents -------------------------------------------------------------------------------


def test_an_incident_is_opened_with_the_areas_found_at_that_moment():
    Story().when(w.OpenIncident, **PLACE).then(opened())


def test_an_incident_from_an_answered_call_ends_that_call():
    story = Story().given(answered()).when(w.OpenIncident, call=CALL_NO, **PLACE)
    story.then(opened(call=CALL_NO))
    assert story.states["intake"].calls[CALL_NO].state == "matched"
    assert story.states["intake"].calls[CALL_NO].incident == INC


def test_an_unanswered_call_opens_no_incident():
    Story().given(rung()).when(w.OpenIncident, call=CALL_NO, **PLACE).refused(
        WrongStep, state="ringing"
    )


def test_a_place_without_a_position_is_accepted_with_the_reason():
    place = {**PLACE, "lon": None, "lat": None}
    Story().when(w.OpenIncident, **place, unverified="caller unsure").then(
        w.IncidentOpened(
            incident=INC, kind="Fire", priority="3", address=PLACE["address"],
            unverified="caller unsure",
        )
    )  # fmt: skip


def test_half_a_position_is_no_position():
    Story().when(w.OpenIncident, **{**PLACE, "lat": None}).refused(w.PlaceNeeded)


def test_kind_and_priority_change_and_what_they_were_is_said():
    story = Story().given(opened())
    story.when(w.ChangeKind, incident=INC, kind="Other", priority="1", reason="smoke was steam")
    story.then(
        w.KindChanged(
            incident=INC, kind="Other", priority="1", was_kind="Fire", was_priority="3",
            reason="smoke was steam",
        )
    )  # fmt: skip
    story.when(w.ChangeKind, incident=INC, kind="Fire", priority="3", reason="fire after all")
    assert story.events[0].was_kind == "Other"


def test_a_corrected_place_says_what_it_was_and_is_located_anew():
    story = Story().given(opened())
    story.when(
        w.CorrectPlace, incident=INC, address="Oak St / 3rd St", lon=-122.46, lat=37.7,
        reason="caller moved",
    ).then(
        w.PlaceCorrected(
            incident=INC, address="Oak St / 3rd St", was_address=PLACE["address"], lon=-122.46,
            lat=37.7, neighborhood="Old Town", battalion="B01", area_class="core",
            off_road_m=12.3, reason="caller moved",
        )
    )  # fmt: skip
    story.when(w.CorrectPlace, incident=INC, address="5th St", lon=-122.46, lat=37.7, reason="no")
    assert story.events[0].was_address == "Oak St / 3rd St"


def test_a_corrected_time_keeps_the_old_one():
    story = Story().given(rung(), answered())
    times = dict(story.states["intake"].calls[CALL_NO].times)
    story.when(
        w.CorrectCallTime, role="supervisor", call=CALL_NO, step="CallRung", to=T0 - 9 * US,
        reason="clock of the line was fast",
    ).then(
        w.CallTimeCorrected(
            call=CALL_NO, step="CallRung", was_us=times["CallRung"], now_us=T0 - 9 * US,
            reason="clock of the line was fast",
        )
    )  # fmt: skip
    assert story.states["intake"].calls[CALL_NO].times["CallRung"] == T0 - 9 * US


def test_the_time_an_incident_was_opened_can_be_corrected():
    story = Story().given(opened())
    story.when(
        w.CorrectCallTime, role="supervisor", incident=INC, step="IncidentOpened", to=T0,
        reason="late entry",
    )  # fmt: skip
    assert story.events[0].was_us == T0 + US
    assert story.states["board"].incidents[INC].opened_us == T0


def test_notes_are_numbered_and_a_struck_one_stays():
    story = Story().given(opened())
    story.when(w.AddNote, incident=INC, words="gate code 12").then(
        w.NoteAdded(incident=INC, note=1, words="gate code 12")
    )
    story.when(w.AddNote, incident=INC, words="dog in yard")
    story.when(w.StrikeNote, incident=INC, note=1, reason="wrong house").then(
        w.NoteStruck(incident=INC, note=1, reason="wrong house")
    )
    story.when(w.StrikeNote, incident=INC, note=1, reason="again").refused(w.NoSuchNote)
    story.when(w.AddNote, incident=INC, words="third").then(
        w.NoteAdded(incident=INC, note=3, words="third")
    )


# -- bookings --------------------------------------------------------------------------------


def booked(**changes) -> w.IncidentBooked:
    due = {"due_us": T0 + 3600 * US}
    return w.IncidentBooked(**{"incident": INC, **PLACE, **due, **changes})


def test_a_booking_waits_and_is_opened_by_the_service_at_its_time():
    story = Story().when(w.BookIncident, due=T0 + 3600 * US, **PLACE).then(booked())
    story.when(w.OpenBooked, role="system", incident=INC).then(opened())
    story.when(w.OpenBooked, role="system", incident=INC).refused(Unknown, what="booking")


def test_a_booking_whose_place_is_not_verified_says_why_and_opens_with_it():
    lost, nowhere = {"unverified": "a new street"}, {**PLACE, "lon": None, "lat": None}
    later = {"due": T0 + 3600 * US}
    Story().when(w.BookIncident, **later, **nowhere).refused(w.PlaceNeeded)
    story = Story().when(w.BookIncident, **later, **nowhere, **lost).then(booked(**nowhere, **lost))
    story.when(w.OpenBooked, role="system", incident=INC)
    assert story.events[0].unverified == "a new street"


def test_a_cancelled_booking_takes_no_further_step():
    story = Story().given(booked())
    story.when(w.CancelBooking, incident=INC, reason="not wanted").then(
        w.BookingCancelled(incident=INC, reason="not wanted")
    )
    story.when(w.OpenBooked, role="system", incident=INC).refused(Unknown)
    story.when(w.AddNote, incident=INC, words="late").refused(WrongStep, state="cancelled")


def test_notes_on_a_booking_are_still_there_when_it_opens():
    story = Story().given(booked(), w.NoteAdded(incident=INC, note=1, words="lift at rear"))
    story.when(w.OpenBooked, role="system", incident=INC)
    story.when(w.AddNote, incident=INC, words="second")
    assert story.events[0].note == 2


def test_a_person_cannot_open_a_booking_in_the_services_name():
    Story().given(booked()).when(w.OpenBooked, role="supervisor", incident=INC).refused(NotAllowed)


# -- every refusal, provoked and read as a whole ---------------------------------------------


def counted() -> w.LineCounted:
    """Return the event of the counter of the day before, three rings on a line without a name."""
    day_us = 24 * 3600 * US
    midnight = T0 - 14 * 3600 * US
    return w.LineCounted(
        day="2020-04-01", rung=3, from_us=midnight - day_us, until_us=midnight,
        due_us=midnight + day_us // 4,
    )  # fmt: skip


PROVOKED = {
    w.NumberTaken: (
        lambda: Story().given(rung()).when(w.RingCall, role="line", call=CALL_NO),
        "Not recorded: call C200930001. That number is in use. "
        "Leave the number out and the next free one is taken.",
    ),
    w.UnknownKind: (
        lambda: Story().when(w.OpenIncident, **{**PLACE, "kind": "Dragon"}),
        "Not opened: an incident of kind Dragon. The town's list of kinds does not have it. "
        "Choose one of the list; 'Other' is always there.",
    ),
    w.UnknownPriority: (
        lambda: Story().when(w.OpenIncident, **{**PLACE, "priority": "99"}),
        "Not recorded: priority 99. The town has no such priority. Choose one of: 1, 2, 3.",
    ),
    w.PlaceNeeded: (
        lambda: Story().when(w.OpenIncident, **{**PLACE, "lon": None}),
        "Not opened: 100 Block of Main St. It has no position and no reason why it has none. "
        "Give longitude and latitude, or say why the place is unverified.",
    ),
    w.NotLater: (
        lambda: Story().when(w.BookIncident, due=T0, **PLACE),
        "Not booked: 100 Block of Main St. The time 14:00:00 is not in the future. "
        "Open the incident now, or give a later time.",
    ),
    w.NoSuchNote: (
        lambda: Story().given(opened()).when(w.StrikeNote, incident=INC, note=4, reason="no"),
        "Not struck: note 4 of incident 200930001. "
        "The incident has no such note, or it is struck already. "
        "Look at the thread for the number of the note.",
    ),
    w.NoSuchTime: (
        lambda: Story().given(rung(), answered()).when(
            w.CorrectCallTime, role="supervisor", call=CALL_NO, step="CallEnded", to=T0, reason="no"
        ),
        "Not corrected: the time of CallEnded. Call C200930001 has no recorded time of that name. "
        "Correct one of: CallRung, CallAnswered.",
    ),
    w.NoSuchDay: (
        lambda: Story().when(w.CountLine, role="line", day="2020-02-30", rung=1),
        "Not recorded: the count of 2020-02-30. The calendar has no such day. "
        "Write year, month and day, such as 2020-04-02.",
    ),
    w.DayNotOver: (
        lambda: Story().when(w.CountLine, role="line", day="2020-04-02", rung=1),
        "Not recorded: the count of 2020-04-02. In this town that day ends at 2020-04-02 24:00. "
        "Send the count once the day is over.",
    ),
    w.CountKnown: (
        lambda: Story().given(counted()).when(w.CountLine, role="line", day="2020-04-01", rung=3),
        "Not recorded: 3 calls on 2020-04-01. That very count is in the record already. "
        "Nothing more is needed.",
    ),
    NotYet: (
        lambda: Story().given(rung()).when(
            w.CorrectCallTime, role="supervisor", call=CALL_NO, step="CallRung",
            to=T0 + 62 * US, reason="no",
        ),
        "Not recorded: intake.CorrectCallTime. It is said to have happened 60 s from now. "
        "Check the time; give one that has passed.",
    ),
    Unknown: (
        lambda: Story().when(w.AddNote, incident="999", words="hello"),
        "Not done: intake.AddNote. There is no incident 999. "
        "Check the number, or look it up on the board.",
    ),
    WrongStep: (
        lambda: Story().given(rung()).when(w.EndCall, call=CALL_NO, reason="no"),
        "Not done: CallEnded for call C200930001. It is ringing. "
        "Possible now: CallAnswered, CallAbandoned, TextTaken.",
    ),
    NotAllowed: (
        lambda: Story().when(w.AddNote, role="crew", incident=INC, words="hello"),
        "Not done: intake.AddNote. The role crew is not given this command. "
        "Ask a colleague whose role has it, or an administrator.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("refusal", PROVOKED, ids=lambda cls: cls.__name__)
def test_a_refusal_says_what_was_not_done_because_of_what_and_what_to_do(refusal):
    story, text = PROVOKED[refusal]
    story().refused(refusal, text=text)


def test_an_old_record_keeps_the_priority_of_its_source():
    story = Story().when(w.OpenIncident, role="importer", **{**PLACE, "priority": "(none)"})
    assert story.events[0].priority == "(none)"


def test_every_refusal_of_the_room_is_provoked_here():
    assert set(w.REFUSALS) <= set(PROVOKED)


def test_what_is_refused_leaves_no_trace():
    for story, _ in PROVOKED.values():
        told = story()
        before = told.rooms.pack(told.states)
        told.when(w.OpenIncident, **{**PLACE, "kind": "Dragon"}).refused(w.UnknownKind)
        assert told.rooms.pack(told.states) == before


# -- unknown names everywhere ----------------------------------------------------------------

NO = "no"
NOBODY = [
    (w.AbandonCall, "line", {"call": "x"}),
    (w.EndCall, "dispatcher", {"call": "x", "reason": "no"}),
    (w.AttachCall, "dispatcher", {"call": "x", "incident": "x"}),
    (w.CancelBooking, "dispatcher", {"incident": "x", "reason": "no"}),
    (
        w.ChangeKind,
        "dispatcher",
        {"incident": "x", "kind": "Fire", "priority": "3", "reason": "no"},
    ),
    (w.CorrectPlace, "dispatcher", {"incident": "x", "address": "y", "reason": "no"}),
    (w.AddNote, "dispatcher", {"incident": "x", "words": "no"}),
    (w.StrikeNote, "dispatcher", {"incident": "x", "note": 1, "reason": "no"}),
    (w.OpenBooked, "system", {"incident": "x"}),
    (w.OpenIncident, "dispatcher", {**PLACE, "call": "x"}),
]


@pytest.mark.parametrize(("command", "role", "fields"), NOBODY, ids=lambda v: str(v)[:40])
def test_a_command_about_nothing_known_is_refused(command, role, fields):
    Story().when(command, role=role, **fields).refused(Unknown, name="x")


def test_a_time_of_nothing_known_is_refused_with_what_there_is():
    for fields in ({"call": "x"}, {"incident": "x"}, {}):
        story = Story().when(
            w.CorrectCallTime, role="supervisor", step="CallRung", to=T0, reason="no", **fields
        )
        story.refused(w.NoSuchTime, possible="none")


def test_a_corrected_time_names_no_incident_that_is_not_there():
    story = Story().given(rung())
    story.when(
        w.CorrectCallTime, role="supervisor", call=CALL_NO, incident="x", step="CallRung",
        to=T0, reason="fast clock",
    )  # fmt: skip
    assert story.events[0].incident == ""


# -- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize("event", w.EVENTS, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("full", [True, False], ids=["full", "bare"])
def test_every_event_reads_as_one_plain_sentence(event, full):
    text = said(sample(event, full=full))
    assert text
    assert not set("{}[]") & set(text)
    assert "None" not in text


def test_every_field_of_every_word_has_its_mark():
    assert all(marks_of(cls) for cls in (*w.EVENTS, *w.REFUSALS))


def test_every_step_of_both_lives_belongs_to_an_event_of_the_room():
    for steps in (CALL, INCIDENT):
        assert {event for _, event in steps.table} <= set(ROOM.events)


# -- any order of commands -------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["ring", "answer", "open", "number"]), max_size=25), st.data())
def test_numbers_are_never_given_twice(steps, data):
    town = centre()
    calls: list[str] = []
    for step in steps:
        number = f"C20093{data.draw(st.integers(1, 12)):04d}" if step == "number" else None
        if step == "open":
            town.incident()
            continue
        role = "dispatcher" if step == "answer" else "line"
        command = w.AnswerCall if step == "answer" else w.RingCall
        outcome = town.do(command, role=role, call=number)
        if hasattr(outcome, "recorded"):
            calls.append(outcome.recorded[0].event.call)
    assert len(calls) == len(set(calls))
    incidents = [e.incident for e in town.events() if isinstance(e, w.IncidentOpened)]
    assert len(incidents) == len(set(incidents))
