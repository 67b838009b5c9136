"""Given a request for support, when somebody acts on it, then these events (or this refusal)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.aside import ClosedLongAgo
from answerable.dispatch import words as dispatch
from answerable.dispatch.alert_words import SupervisorTold
from answerable.dispatch.merge_words import MergeIncident
from answerable.kernel.authority import Actor
from answerable.kernel.event import Mark, marks_of, sealed_fields
from answerable.kernel.hub import Accepted, Ask
from answerable.kernel.refusals import NotAllowed, NotYourArea, NotYourUnit, Unknown, WrongStep
from answerable.matters import matter_words as m
from answerable.matters import support_words as w
from answerable.matters.support_state import SUPPORT, WAITS, Request
from answerable.rooms import product
from answerable.vault.lives import SAID_LATER
from tests import story
from tests.matters.support_town import FILE, STATES, asked, at_work, on_to
from tests.story import T0, US, Centre, make

MINUTE = 60 * US
ABOUT = {"incident": "200930001", "support": "200930001S1"}
GIVEN: dict[type[w._OnSupport], tuple[type[w.SupportEvent], dict[str, Any]]] = {
    w.ApproveSupport: (w.SupportApproved, {}),
    w.DeclineSupport: (w.SupportDeclined, {"reason": "not now"}),
    w.AssignSupport: (w.SupportAssigned, {"to": "T1"}),
    w.AcceptSupport: (w.SupportAccepted, {}),
    w.RefuseSupport: (w.SupportRefused, {"reason": "nobody free"}),
    w.BeginSupport: (w.SupportBegun, {}),
    w.ReportSupport: (w.SupportReported, {"result": "done"}),
    w.ThankSupport: (w.SupportThanked, {}),
    w.ComplainSupport: (w.SupportComplained, {"why": "too late"}),
    w.WithdrawSupport: (w.SupportWithdrawn, {"reason": "found it"}),
}
"""What a person may give about a request, and what comes of it."""
BY_ITSELF = {w.CloseSupport: w.SupportClosed, w.MarkSupportLate: w.SupportLate}


def known(centre: Centre, number: str = "200930001S1") -> Request:
    found: Request = centre.state("matters").support.open[number]
    return found


def alarm(centre: Centre) -> tuple[int, str] | None:
    found: tuple[int, str] | None = centre.state("matters").alarms.next()
    return found


def told(centre: Centre) -> list[str]:
    return [one.about for one in centre.events() if isinstance(one, SupervisorTold)]


def late(centre: Centre) -> list[w.Step]:
    return [one.step for one in centre.events() if isinstance(one, w.SupportLate)]


# -- asking ----------------------------------------------------------------------------------


def test_a_crew_asks_where_it_works_and_its_words_are_sealed():
    centre = at_work()
    [event] = centre.done(
        w.AskSupport, role="crew", own="E1", incident="200930001", unit="E1", kind="dog",
        words=" a man in the cellar ", urgent=False,
    )  # fmt: skip
    assert isinstance(event, w.SupportAsked)
    assert (event.unit, event.support_kind, event.grade) == ("E1", "dog", 2)
    assert event.due_us == centre.clock.now_us() + 10 * MINUTE
    assert event.words.startswith("sealed:")
    assert list(centre.hub.store.rows())[-1].stream == "incident:200930001"
    assert (known(centre).state, known(centre).asked_by) == ("asked", "a crew")


def test_nothing_a_person_says_about_support_is_open():
    for event in w.EVENTS:
        spoken = {"words"} & set(event.__struct_fields__)
        assert spoken <= set(sealed_fields(event))
        reason = marks_of(event).get("reason", Mark.INSIDE)
        assert reason is Mark.INSIDE


def test_what_is_said_after_an_erasure_is_erased_in_its_turn():
    assert {event for event in w.EVENTS if sealed_fields(event)} <= set(SAID_LATER)


def test_an_urgent_request_has_a_share_of_the_time():
    centre = at_work()
    asked(centre, urgent=True)
    assert known(centre).due_us == centre.clock.now_us() + 5 * MINUTE
    centre.done(w.ApproveSupport, role="supervisor", support="200930001S1")
    assert known(centre).due_us == centre.clock.now_us() + 10 * MINUTE


def test_what_nobody_has_to_sign_is_approved_as_it_is_asked_for():
    centre = at_work()
    ask = {"incident": "200930001", "unit": "E1", "kind": "interpreter"}
    first, second = centre.done(w.AskSupport, role="crew", own="E1", **ask)
    now_us = centre.clock.now_us()
    assert first == w.SupportAsked(**ABOUT, unit="E1", support_kind="interpreter")
    assert second == w.SupportApproved(**ABOUT, due_us=now_us + 10 * MINUTE)
    assert known(centre).state == "approved"


def test_only_the_kinds_of_the_towns_list_can_be_asked_for():
    refusal = at_work().refused(w.AskSupport, incident="200930001", unit="E1", kind="helicopter")
    assert isinstance(refusal, w.NoSuchSupportKind)
    assert refusal.support_kinds == ("dog", "interpreter", "drone")


def test_a_crew_asks_only_where_it_has_a_job_and_the_desk_asks_for_it_anywhere():
    centre = at_work()
    other = centre.incident()
    ask = {"incident": other, "unit": "E1", "kind": "dog"}
    refusal = centre.refused(w.AskSupport, role="crew", own="E1", **ask)
    assert isinstance(refusal, w.NotOnIncident)
    assert (refusal.unit, refusal.incident) == ("E1", other)
    centre.done(w.AskSupport, **ask)
    assert isinstance(centre.refused(w.AskSupport, **(ask | {"unit": "X9"})), Unknown)


@pytest.mark.parametrize("end", [dispatch.ClearUnit, dispatch.CancelUnit])
def test_a_job_that_is_over_lets_nobody_ask_there(end):
    centre = at_work()
    on = {"incident": "200930001", "unit": "E1"}
    if end is dispatch.ClearUnit:
        for step in (dispatch.Acknowledge, dispatch.GoEnRoute, dispatch.Arrive):
            centre.done(step, **on)
    more = {"reason": "not needed"} if end is dispatch.CancelUnit else {}
    centre.done(end, **on, **more)
    ask = {**on, "kind": "dog"}
    assert isinstance(centre.refused(w.AskSupport, role="crew", own="E1", **ask), w.NotOnIncident)
    assert centre.state("matters").support.jobs == {}


def test_a_crew_asks_for_its_own_unit():
    centre = at_work()
    ask = {"incident": "200930001", "unit": "E1", "kind": "dog"}
    assert isinstance(centre.refused(w.AskSupport, role="crew", own="E2", **ask), NotYourUnit)


def test_a_centre_follows_so_many_requests(monkeypatch):
    centre = at_work()
    asked(centre)
    monkeypatch.setattr(w, "SUPPORT_MAX", 1)
    refusal = centre.refused(w.AskSupport, incident="200930001", unit="E1", kind="dog")
    assert isinstance(refusal, w.TooManySupport)
    assert refusal.most == 1


@pytest.mark.parametrize("number", ["", "S1", "200930001S0", "200930001S", "1S1\n", "1S1 or 1"])
def test_a_number_is_an_incidents_and_a_count(number):
    with pytest.raises(msgspec.ValidationError):
        make(w.ApproveSupport, {"support": number})


# -- signing ---------------------------------------------------------------------------------


def test_it_is_signed_by_a_role_of_the_grade_of_its_kind():
    centre = at_work()
    asked(centre)
    for command in (w.ApproveSupport, w.DeclineSupport):
        more = GIVEN[command][1]
        refusal = centre.refused(command, support="200930001S1", **more)
        assert isinstance(refusal, m.GradeTooLow)
        assert (refusal.grade, refusal.yours, refusal.who) == (2, 1, ("supervisor",))
    [event] = centre.done(w.ApproveSupport, role="supervisor", support="200930001S1")
    now_us = centre.clock.now_us()
    assert event == w.SupportApproved(**ABOUT, due_us=now_us + 20 * MINUTE)
    assert list(centre.hub.store.rows())[-1].actor == "a supervisor"


def test_a_crew_signs_nothing():
    centre = at_work()
    asked(centre)
    refusal = centre.refused(w.ApproveSupport, role="crew", own="E1", support="200930001S1")
    assert isinstance(refusal, NotAllowed)


def test_nobody_approves_what_they_asked_for_themselves():
    centre = at_work()
    ask = {"incident": "200930001", "unit": "E1", "kind": "dog"}
    centre.done(w.AskSupport, role="supervisor", name="ada", **ask)
    own = {"role": "supervisor", "support": "200930001S1"}
    refusal = centre.refused(w.ApproveSupport, name="ada", **own)
    assert isinstance(refusal, w.OwnRequest)
    assert refusal.who == ("supervisor",)
    centre.done(w.ApproveSupport, name="bo", **own)


# -- assigning -------------------------------------------------------------------------------


def test_it_is_assigned_only_to_who_can_do_it_and_never_to_who_asked():
    centre = at_work()
    on_to(centre, "approved")
    for to in ("E2", "LINE", "TRUCK", "E1"):  # E1 is on the list, and asked
        refusal = centre.refused(w.AssignSupport, support="200930001S1", to=to)
        assert isinstance(refusal, w.CannotDoIt)
        assert refusal.helpers == ("T1", "M1", "M2")
    [event] = centre.done(w.AssignSupport, support="200930001S1", to="M2")
    now_us = centre.clock.now_us()
    assert event == w.SupportAssigned(**ABOUT, to="M2", due_us=now_us + 30 * MINUTE)


def test_who_cannot_come_gives_it_back_and_it_is_assigned_anew():
    centre = at_work()
    on_to(centre, "assigned")
    refuse = {"role": "crew", "own": "T1", "support": "200930001S1", "reason": "no dog awake"}
    [event] = centre.done(w.RefuseSupport, **refuse)
    assert (event.to, event.due_us) == ("T1", centre.clock.now_us() + 20 * MINUTE)
    assert (known(centre).state, known(centre).to) == ("approved", "")
    centre.done(w.AssignSupport, support="200930001S1", to="M1")
    assert isinstance(centre.refused(w.AcceptSupport, role="crew", own="T1",
                                     support="200930001S1"), NotYourUnit)  # fmt: skip
    centre.done(w.AcceptSupport, role="crew", own="M1", support="200930001S1")


def test_a_station_answers_by_its_crews_and_an_agency_by_the_desk():
    centre = at_work()
    on_to(centre, "assigned", "drone", "2")
    accept = {"support": "200930001S1", "role": "crew"}
    assert isinstance(centre.refused(w.AcceptSupport, own="E3", **accept), NotYourUnit)
    centre.done(w.AcceptSupport, own="C1", **accept)  # its home is station 2
    on_to(centre, "assigned", "interpreter", "LINE")
    accept["support"] = "200930001S2"
    assert isinstance(centre.refused(w.AcceptSupport, own="E1", **accept), NotYourUnit)
    centre.done(w.AcceptSupport, support="200930001S2")
    # the unit that asked sees the interpreter at work, and says what came of it
    for command, more in ((w.BeginSupport, {}), (w.ReportSupport, {"result": "done"})):
        crew = {"role": "crew", "support": "200930001S2", **more}
        assert isinstance(centre.refused(command, own="T1", **crew), NotYourUnit)
        centre.done(command, own="E1", **crew)


# -- reading what is asked -------------------------------------------------------------------

READ = {"role": "crew", "support": "200930001S1"}


@pytest.mark.parametrize("state", STATES)
def test_whoever_it_is_assigned_to_reads_it_until_they_have_reported(state):
    centre = at_work()
    on_to(centre, state)
    theirs = state in ("assigned", "accepted", "begun")
    if not theirs:
        refusal = centre.refused(w.ReadSupport, own="T1", **READ)
        gone = NotYourUnit if state in ("asked", "approved") else WrongStep
        assert isinstance(refusal, gone | WrongStep)
        return
    before = known(centre).due_us, known(centre).since_us, alarm(centre)
    [event] = centre.done(w.ReadSupport, own="T1", **READ)
    until_us = centre.clock.now_us() + 60 * MINUTE
    assert event == w.SupportRead(
        **ABOUT, unit="T1", purpose=w.ReadFor.GIVING, until_us=until_us
    )  # fmt: skip
    assert known(centre).reads == {"a crew": until_us}
    assert (known(centre).due_us, known(centre).since_us, alarm(centre)) == before


@pytest.mark.parametrize("unit", ["E1", "E2", "E3", "M1", ""])
def test_no_other_crew_reads_it_nor_does_the_one_that_asked(unit):
    centre = at_work()
    on_to(centre, "begun")
    assert isinstance(centre.refused(w.ReadSupport, own=unit, **READ), NotYourUnit)
    assert known(centre).reads == {}


def test_a_station_reads_by_its_crews_and_an_agencys_request_by_none():
    centre = at_work()
    on_to(centre, "assigned", "drone", "2")
    assert isinstance(centre.refused(w.ReadSupport, own="E3", **READ), NotYourUnit)
    centre.done(w.ReadSupport, own="C1", **READ)
    on_to(centre, "assigned", "interpreter", "LINE")
    read = READ | {"support": "200930001S2"}
    for unit in ("E1", "C1"):
        assert isinstance(centre.refused(w.ReadSupport, own=unit, **read), NotYourUnit)


def test_who_gave_it_back_reads_it_no_more_and_no_reading_of_theirs_goes_on_counting():
    centre = at_work()
    on_to(centre, "assigned")
    centre.done(w.ReadSupport, own="T1", **READ)
    centre.done(w.RefuseSupport, own="T1", reason="no dog awake", **READ)
    assert known(centre).reads == {}
    centre.done(w.AssignSupport, support="200930001S1", to="M1")
    assert isinstance(centre.refused(w.ReadSupport, own="T1", **READ), NotYourUnit)
    centre.done(w.ReadSupport, own="M1", **READ)


def test_who_reads_all_of_an_incident_needs_no_reading_of_one_request():
    centre = at_work()
    on_to(centre, "assigned")
    for role in ("dispatcher", "supervisor", "administrator"):
        refusal = centre.refused(w.ReadSupport, role=role, support="200930001S1")
        assert isinstance(refusal, NotAllowed)


# -- its life --------------------------------------------------------------------------------


def test_the_whole_way_with_the_date_of_the_next_step_on_each():
    centre = at_work()
    on_to(centre, "accepted")
    crew = {"role": "crew", "own": "T1", "support": "200930001S1"}
    now_us = centre.clock.now_us()
    assert known(centre).due_us == now_us + 40 * MINUTE
    assert centre.done(w.BeginSupport, **crew) == [
        w.SupportBegun(**ABOUT, to="T1", due_us=now_us + 50 * MINUTE)
    ]
    [event] = centre.done(w.ReportSupport, **crew, result="partly done", words="a scent")
    assert (event.result, event.due_us) == (w.CameTo.PARTLY, now_us + 1_440 * MINUTE)
    refusal = centre.refused(w.ThankSupport, **crew)
    assert isinstance(refusal, NotYourUnit)  # T1 helped; E1 asked
    [event] = centre.done(w.ThankSupport, role="crew", own="E1", support="200930001S1")
    assert event == w.SupportThanked(**ABOUT, unit="E1", to="T1")
    assert centre.state("matters").support.open == {}
    assert alarm(centre) is None


@pytest.mark.parametrize("command", GIVEN)
@pytest.mark.parametrize("state", STATES)
def test_every_command_in_every_state_does_what_the_table_says(state, command):
    centre = at_work()
    on_to(centre, state)
    event, more = GIVEN[command]
    outcome = centre.do(command, role="supervisor", support="200930001S1", **more)
    if SUPPORT.allows(state, event):
        assert isinstance(outcome, Accepted)
        assert isinstance(outcome.recorded[0].event, event)
        after = SUPPORT.after(state, outcome.recorded[0].event)
        left = centre.state("matters").support.open.get("200930001S1")
        assert (left.state if left else after) == after
        assert (left is None) == (after in SUPPORT.last)
    else:
        assert isinstance(outcome.refusal, WrongStep)
        assert outcome.refusal.state == state


@pytest.mark.parametrize("command", [*GIVEN, *BY_ITSELF])
def test_what_is_not_open_is_not_there(command):
    centre = at_work()
    more = GIVEN[command][1] if command in GIVEN else {}
    role = "supervisor" if command in GIVEN else "system"
    ask = {"support": "200930001S1", **more}
    assert isinstance(centre.refused(command, role=role, **ask), Unknown)
    number = on_to(centre, "reported")
    centre.done(w.ThankSupport, support=number)
    assert isinstance(centre.refused(command, role=role, **ask), Unknown)


def test_a_step_entered_late_cannot_have_been_before_the_step_before_it():
    centre = at_work()
    on_to(centre, "accepted")
    centre.tick(600)
    since_us = known(centre).since_us
    begin = {"role": "crew", "own": "T1", "support": "200930001S1"}
    refusal = centre.refused(w.BeginSupport, **begin, at=since_us - 1)
    assert isinstance(refusal, w.BeforeLastStep)
    assert refusal.since_us == since_us
    [event] = centre.done(w.BeginSupport, **begin, at=since_us + 2 * MINUTE)
    # the next step is due from when it happened, not from when it was entered
    assert event.due_us == since_us + 52 * MINUTE
    assert known(centre).since_us == since_us + 2 * MINUTE


# -- late ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", WAITS)
def test_a_step_that_does_not_come_is_told_once(state):
    centre = at_work()
    on_to(centre, state)
    due_us = known(centre).due_us
    assert alarm(centre) == (due_us, "support:200930001S1")
    centre.tick((due_us - centre.clock.now_us()) / US - 1)
    assert late(centre) == []
    centre.tick(1)
    assert late(centre) == [WAITS[state]]
    assert told(centre) == ["support is late"]
    assert (known(centre).state, alarm(centre)) == (state, None)
    centre.tick(86_400)
    assert told(centre) == ["support is late"]


def test_each_step_of_a_request_that_is_late_is_told_and_its_life_goes_on():
    centre = at_work()
    asked(centre)
    centre.tick(11 * 60)
    centre.done(w.ApproveSupport, role="supervisor", support="200930001S1")
    centre.tick(21 * 60)
    assert late(centre) == [w.Step.APPROVAL, w.Step.ASSIGNMENT]
    assert known(centre).late == late(centre)
    assert told(centre) == ["support is late"] * 2


def test_what_an_alarm_gives_is_refused_before_its_time_and_twice():
    centre = at_work()
    asked(centre)
    mark = {"role": "system", "support": "200930001S1"}
    assert isinstance(centre.refused(w.MarkSupportLate, **mark), Unknown)
    centre.tick(600)
    assert late(centre) == [w.Step.APPROVAL]
    assert isinstance(centre.refused(w.MarkSupportLate, **mark), Unknown)
    on_to(centre, "reported")
    close = {"role": "system", "support": "200930001S2"}
    assert isinstance(centre.refused(w.CloseSupport, **close), Unknown)
    assert isinstance(centre.refused(w.MarkSupportLate, **close), WrongStep)


def test_without_thanks_or_a_complaint_it_is_closed_after_a_day():
    centre = at_work()
    on_to(centre, "reported")
    centre.tick(86_399)
    assert known(centre).state == "reported"
    centre.tick(1)
    assert centre.events()[-1] == w.SupportClosed(**ABOUT)
    assert centre.state("matters").support.open == {}
    assert late(centre) == []


# -- a complaint -----------------------------------------------------------------------------


def test_a_complaint_ends_it_and_opens_a_matter_of_the_towns_kind():
    centre = at_work()
    on_to(centre, "reported")
    done = centre.done(w.ComplainSupport, role="crew", own="E1", support="200930001S1",
                       why="not enough", words="he would not go in")  # fmt: skip
    complained, opened = done[0], done[1]
    assert isinstance(complained, w.SupportComplained)
    assert (complained.matter_kind, complained.owner, complained.to) == ("Fire", "supervisor", "T1")
    assert isinstance(opened, m.MatterOpened)
    assert (opened.origin, opened.about, opened.owner) == ("incident", "200930001", "supervisor")
    [matter] = centre.state("matters").tracked.open
    assert matter == opened.matter
    assert told(centre) == []


def test_the_words_of_a_complaint_are_in_no_other_event():
    centre = at_work()
    on_to(centre, "reported")
    centre.done(w.ComplainSupport, support="200930001S1", why="too late", words="Zarathustra")
    rows = list(centre.hub.store.rows())
    assert not [row for row in rows if b"Zarathustra" in row.body]
    values = [
        (row.kind, value)
        for row in rows
        for field in sealed_fields(centre.hub.rooms.events[row.kind])
        if (value := centre.hub.store.unseal(row.position, field))
    ]
    assert [kind for kind, value in values if "Zarathustra" in value] == [w.SupportComplained.tag]


@pytest.mark.parametrize("change", [{"complaint_kind": ""}, {"complaint_kind": "gone"},
                                    {"complaint_owner": "nobody"}])  # fmt: skip
def test_where_the_town_tracks_no_complaints_the_supervisor_is_told(change):
    centre = at_work()
    centre.town.supporting = msgspec.structs.replace(FILE, **change)
    on_to(centre, "reported")
    centre.done(w.ComplainSupport, support="200930001S1", why="too late")
    assert told(centre) == ["a unit complained about support"]
    assert centre.state("matters").tracked.open == {}


# -- the incident, and the town's file -------------------------------------------------------


def closed(centre: Centre, incident: str = "200930001", unit: str = "E1") -> None:
    for step in (dispatch.Acknowledge, dispatch.GoEnRoute, dispatch.Arrive):
        centre.done(step, incident=incident, unit=unit)
    centre.done(dispatch.ReportBack, incident=incident, unit=unit, outcome="out")
    centre.done(dispatch.ClearUnit, incident=incident, unit=unit)
    centre.done(dispatch.CloseIncident, incident=incident, outcome="put out")


def test_a_request_goes_on_after_its_incident_is_closed():
    centre = at_work()
    on_to(centre, "begun")
    closed(centre)
    crew = {"role": "crew", "support": "200930001S1"}
    centre.done(w.ReportSupport, own="T1", **crew, result="not possible")
    centre.done(w.ThankSupport, own="E1", **crew)


def test_a_request_goes_on_after_its_incident_went_into_another():
    centre = at_work()
    on_to(centre, "assigned")
    other = centre.incident()
    centre.done(dispatch.CancelUnit, incident="200930001", unit="E1", reason="the same fire")
    centre.done(MergeIncident, incident="200930001", into=other, reason="the same fire")
    [event] = centre.done(w.AcceptSupport, support="200930001S1")
    assert event.incident == "200930001"


def test_a_request_goes_on_after_its_incident_was_laid_aside(monkeypatch):
    def lesser():
        rooms = product()
        rooms.aside = ClosedLongAgo(1)
        return rooms

    monkeypatch.setattr(story, "product", lesser)
    centre = at_work()
    on_to(centre, "begun")
    closed(centre)
    for _ in range(3):
        centre.done(dispatch.CloseIncident, incident=centre.incident(), outcome="nothing found")
    assert "200930001" not in centre.state("intake").incidents
    assert known(centre).state == "begun"
    [event] = centre.done(w.ReportSupport, support="200930001S1", result="done", words="found")
    assert event.words.startswith("sealed:")
    # it came back with the event, as the newest; another one went aside in its place
    assert list(centre.board.closed) == ["200930001"]
    live = centre.hub.rooms.pack(centre.hub.state)
    centre.restart(use_snapshot=False)
    assert centre.hub.rooms.pack(centre.hub.state) == live
    centre.tick(86_400)
    assert centre.state("matters").support.open == {}


def test_a_kind_that_the_town_has_no_more_is_carried_to_its_end():
    centre = at_work()
    on_to(centre, "approved")
    centre.town.supporting = msgspec.structs.replace(FILE, kinds=())
    refusal = centre.refused(w.AssignSupport, support="200930001S1", to="T1")
    assert isinstance(refusal, w.CannotDoIt)
    centre.done(w.AssignSupport, support="200930001S1", to="dog")
    centre.done(w.AcceptSupport, support="200930001S1")
    centre.done(w.BeginSupport, support="200930001S1")
    centre.done(w.ReportSupport, support="200930001S1", result="done")


def test_whoever_acts_in_some_areas_acts_on_requests_there_only():
    centre = at_work()
    asked(centre)
    far = Actor(name="bo", role="supervisor", areas=("Old Town",))
    near = Actor(name="ada", role="supervisor", areas=("Middle",))
    ask = make(w.ApproveSupport, {"support": "200930001S1"})
    again = make(w.ApproveSupport, {"support": "200930001S1"})
    kept_away, done = centre.hub.handle([Ask(ask, far), Ask(again, near)])
    assert isinstance(kept_away.refusal, NotYourArea)
    assert isinstance(done, Accepted)


# -- any order of anything -------------------------------------------------------------------

TURNS = st.lists(
    st.tuples(
        st.sampled_from([w.AskSupport, *GIVEN]), st.sampled_from(["dispatcher", "supervisor"]),
        st.integers(0, 3), st.integers(0, 4_000),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(TURNS)
def test_whatever_is_done_each_request_is_ended_or_waits_with_a_date_or_was_told_late(turns):
    centre = at_work()
    for command, role, nth, seconds in turns:
        if command is w.AskSupport:
            kind = FILE.kinds[nth % 3].code
            fields = {"incident": "200930001", "unit": "E1", "kind": kind}
        else:
            fields = {"support": f"200930001S{nth + 1}", **GIVEN[command][1]}
            if command is w.AssignSupport:
                fields["to"] = ("T1", "LINE", "2")[nth % 3]
        centre.do(command, role=role, **fields)
        centre.tick(seconds)
        now_us, alarms = centre.clock.now_us(), centre.state("matters").alarms.due
        for number, request in centre.state("matters").support.open.items():
            assert request.state not in SUPPORT.last
            waits = alarms.get(f"support:{number}", 0)
            assert waits == request.due_us
            assert waits > now_us or WAITS[request.state] == request.late[-1]
        assert set(alarms) <= {
            f"support:{number}" for number in centre.state("matters").support.open
        }
    centre.tick(3 * 86_400)
    left = centre.state("matters").support.open.values()
    assert all(one.state in WAITS for one in left)
    assert centre.clock.now_us() > T0
