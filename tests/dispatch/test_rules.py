"""Dispatch: who can be sent, each step of each job, and the end of the incident."""

from __future__ import annotations

import pytest

from answerable.dispatch import words as w
from answerable.dispatch.rules import ROOM
from answerable.dispatch.state import JOB, UNDER_WAY
from answerable.intake import words as intake
from answerable.kernel.event import marks_of
from answerable.kernel.refusals import NotAllowed, NotYet, Unknown, WrongStep
from tests.samples import sample
from tests.story import T0, US, Story, on_duty, opened, said, sent

A, B, C = "200930001", "200930002", "200930003"


def ready(*units: str) -> Story:
    """Three open incidents, these units on duty: E1 where none is named."""
    return Story().given(opened(A), opened(B), opened(C), *on_duty(*(units or ("E1",))))


def on_a(*steps: type[w.StepEvent], unit: str = "E1") -> Story:
    """E1 was sent to A and has taken these steps."""
    story = ready(unit).given(sent(unit, A))
    return story.given(*(step(incident=A, unit=unit) for step in steps))


def jobs(story: Story, incident: str = A) -> dict[str, str]:
    return {u: j.state for u, j in story.states["dispatch"].responses[incident].jobs.items()}


# -- duty ------------------------------------------------------------------------------------


def test_a_unit_comes_on_duty_with_what_it_is():
    Story().when(w.PutOnDuty, unit="E1", unit_type="ENGINE", station="1", skills=("ALS",)).then(
        w.UnitOnDuty(unit="E1", unit_type="ENGINE", station="1", skills=("ALS",))
    )


def test_a_unit_on_duty_cannot_come_on_duty_again():
    Story().given(*on_duty("E1")).when(w.PutOnDuty, unit="E1", unit_type="TRUCK").refused(
        WrongStep, state="on duty"
    )


def test_a_free_unit_goes_off_duty_and_comes_back():
    story = Story().given(*on_duty("E1")).when(w.TakeOffDuty, unit="E1")
    story.then(w.UnitOffDuty(unit="E1"))
    story.when(w.PutOnDuty, unit="E1", unit_type="TRUCK").then(
        w.UnitOnDuty(unit="E1", unit_type="TRUCK")
    )


def test_a_unit_out_of_service_says_why_until_it_returns():
    story = ready().when(w.TakeOutOfService, unit="E1", reason="flat tyre")
    story.then(w.UnitOutOfService(unit="E1", reason="flat tyre"))
    story.when(w.SendUnit, incident=A, unit="E1").refused(
        w.UnitNotAvailable, duty="out of service", reason="flat tyre"
    )
    story.when(w.ReturnToService, unit="E1").then(w.UnitInService(unit="E1"))
    story.when(w.SendUnit, incident=A, unit="E1").then(sent("E1"))


@pytest.mark.parametrize("command", [w.TakeOffDuty, w.TakeOutOfService])
def test_a_unit_with_a_job_cannot_leave(command):
    fields = {"reason": "tired"} if command is w.TakeOutOfService else {}
    on_a().when(command, unit="E1", **fields).refused(w.UnitOnJob, incident=A)


def test_a_unit_cannot_return_from_where_it_is_not():
    ready().when(w.ReturnToService, unit="E1").refused(WrongStep, state="on duty")


# -- sending ---------------------------------------------------------------------------------


def test_a_unit_is_sent_with_what_it_and_the_place_are_at_that_moment():
    ready().when(
        w.SendUnit, incident=A, unit="E1", eta_s=204.5, why="nearer", marks=("late entry",)
    ).then(sent("E1", eta_s=204.5, why="nearer", marks=("late entry",)))


def test_the_class_of_the_place_is_that_of_the_corrected_place():
    story = ready().when(
        intake.CorrectPlace, incident=A, address="x", lon=-122.47, lat=37.7, reason="moved"
    )
    story.when(w.SendUnit, incident=A, unit="E1").then(sent("E1", area_class="core"))


def test_a_unit_is_sent_again_to_the_incident_it_has_left():
    story = on_a().given(w.UnitCleared(incident=A, unit="E1"))
    story.when(w.SendUnit, incident=A, unit="E1").then(sent("E1"))
    assert jobs(story) == {"E1": "sent"}


def test_several_units_on_one_incident_each_have_their_own_state():
    story = ready("E1", "E2").given(sent("E1", A), sent("E2", A))
    story.when(w.GoEnRoute, incident=A, unit="E2")
    assert jobs(story) == {"E1": "sent", "E2": "en route"}


def test_a_unit_already_on_the_incident_is_not_sent_twice():
    on_a().when(w.SendUnit, incident=A, unit="E1").refused(WrongStep, state="sent")


def test_a_booked_incident_takes_no_unit():
    place = {"kind": "Fire", "priority": "3", "address": "x", "lon": -122.43, "lat": 37.7}
    booked = intake.IncidentBooked(incident=A, due_us=T0 + 9999 * US, **place)
    Story().given(booked, *on_duty("E1")).when(w.SendUnit, incident=A, unit="E1").refused(
        Unknown, what="incident", name=A
    )


# -- stacking --------------------------------------------------------------------------------


def test_a_busy_unit_is_stacked_on_purpose_and_sent_by_the_service_when_free():
    story = on_a(w.UnitArrived).when(w.StackUnit, incident=B, unit="E1", reason="next door")
    story.then(w.UnitStacked(incident=B, unit="E1", reason="next door"))
    assert story.reactions == []
    story.when(w.ClearUnit, incident=A, unit="E1")
    [command] = story.reactions
    assert (type(command), command.incident, command.unit) == (w.SendUnit, B, "E1")
    story.when(command, role="system").then(sent("E1", B))


def test_what_was_stacked_first_is_sent_first_and_the_rest_waits():
    story = on_a().given(
        w.UnitStacked(incident=C, unit="E1", reason="as told"),
        w.UnitStacked(incident=B, unit="E1", reason="as told"),
    )
    story.when(w.CancelUnit, incident=A, unit="E1", reason="not needed")
    assert [c.incident for c in story.reactions] == [C]
    story.when(story.reactions[0], role="system")
    assert story.reactions == []
    assert story.states["dispatch"].units["E1"].stacked == [B]


def test_a_stacked_unit_may_be_sent_before_it_is_free():
    story = on_a(w.UnitArrived).given(w.UnitStacked(incident=B, unit="E1", reason="as told"))
    story.when(w.SendUnit, incident=B, unit="E1").then(sent("E1", B))
    assert story.states["dispatch"].units["E1"].busy == [A, B]
    story.when(w.ClearUnit, incident=A, unit="E1")
    assert story.reactions == []


def test_a_stacked_job_is_taken_away_again():
    story = on_a().given(w.UnitStacked(incident=B, unit="E1", reason="as told"))
    story.when(w.UnstackUnit, incident=B, unit="E1", reason="E2 took it").then(
        w.UnitUnstacked(incident=B, unit="E1", reason="E2 took it")
    )
    story.when(w.ClearUnit, incident=A, unit="E1")
    assert story.reactions == []


def test_nothing_is_stacked_on_the_incident_the_unit_is_on():
    on_a().when(w.StackUnit, incident=A, unit="E1", reason="as told").refused(
        WrongStep, state="sent"
    )


def test_a_unit_is_stacked_once_on_one_incident():
    story = on_a().given(w.UnitStacked(incident=B, unit="E1", reason="as told"))
    story.when(w.StackUnit, incident=B, unit="E1", reason="as told").refused(
        WrongStep, state="stacked"
    )


def test_a_unit_with_only_a_stacked_job_is_not_taken_off_duty():
    story = on_a().given(w.UnitStacked(incident=B, unit="E1", reason="as told"))
    story.given(w.UnitCleared(incident=A, unit="E1"))
    story.when(w.TakeOffDuty, unit="E1").refused(w.UnitOnJob, incident=B)


# -- steps -----------------------------------------------------------------------------------


WAY = [
    (w.Acknowledge, w.UnitAcknowledged),
    (w.GoEnRoute, w.UnitEnRoute),
    (w.Arrive, w.UnitArrived),
    (w.Transport, w.UnitTransporting),
    (w.ReachHospital, w.UnitAtHospital),
]


def test_a_job_takes_all_its_steps_in_order():
    story = on_a()
    for command, event in WAY:
        story.when(command, role="crew", incident=A, unit="E1").then(event(incident=A, unit="E1"))
    story.when(w.ReportBack, role="crew", incident=A, unit="E1", outcome="taken in", words="fine")
    story.then(w.FieldReported(incident=A, unit="E1", outcome="taken in", words="fine"))
    story.when(w.ClearUnit, role="crew", incident=A, unit="E1", outcome="done").then(
        w.UnitCleared(incident=A, unit="E1", outcome="done")
    )


def test_steps_may_be_left_out_and_are_named():
    on_a().when(w.GoEnRoute, role="crew", incident=A, unit="E1").then(
        w.UnitEnRoute(incident=A, unit="E1", skipped=("acknowledged",))
    )
    on_a().when(w.Arrive, role="crew", incident=A, unit="E1").then(
        w.UnitArrived(incident=A, unit="E1", skipped=("acknowledged", "en route"))
    )
    on_a(w.UnitAcknowledged).when(w.Arrive, role="crew", incident=A, unit="E1").then(
        w.UnitArrived(incident=A, unit="E1", skipped=("en route",))
    )
    on_a(w.UnitEnRoute).when(w.Arrive, role="crew", incident=A, unit="E1").then(
        w.UnitArrived(incident=A, unit="E1")
    )


@pytest.mark.parametrize("done", range(len(WAY)))
def test_no_step_is_taken_back_or_twice(done):
    story = on_a(*(event for _, event in WAY[: done + 1]))
    for command, _ in WAY[: done + 1]:
        story.when(command, incident=A, unit="E1").refused(WrongStep)


def test_a_unit_is_called_off_only_before_it_arrives():
    for steps in ((), (w.UnitAcknowledged,), (w.UnitEnRoute,)):
        on_a(*steps).when(w.CancelUnit, incident=A, unit="E1", reason="false alarm").then(
            w.UnitCancelled(incident=A, unit="E1", reason="false alarm")
        )
    on_a(w.UnitArrived).when(w.CancelUnit, incident=A, unit="E1", reason="as told").refused(
        WrongStep, state="arrived"
    )


def test_a_report_may_come_after_clearing_and_after_closing():
    story = on_a(w.UnitArrived, w.UnitCleared).given(w.IncidentClosed(incident=A, outcome="out"))
    story.when(w.ReportBack, role="crew", incident=A, unit="E1", outcome="kitchen fire").then(
        w.FieldReported(incident=A, unit="E1", outcome="kitchen fire")
    )


def test_a_unit_that_has_not_arrived_has_nothing_to_report():
    on_a(w.UnitEnRoute).when(w.ReportBack, incident=A, unit="E1", outcome="no merit").refused(
        WrongStep, state="en route"
    )


def test_a_step_keeps_the_time_it_is_said_to_have_happened():
    story = on_a()
    story.when(w.Arrive, incident=A, unit="E1", at=T0 + 2 * US)
    assert story.states["dispatch"].responses[A].jobs["E1"].times["UnitArrived"] == T0 + 2 * US


def test_a_corrected_time_keeps_the_old_one():
    story = on_a(w.UnitArrived)
    was_us = story.states["dispatch"].responses[A].jobs["E1"].times["UnitArrived"]
    story.when(
        w.CorrectTime, role="supervisor", incident=A, unit="E1", step="UnitArrived", to=T0,
        reason="radio log",
    ).then(
        w.TimeCorrected(
            incident=A, unit="E1", step="UnitArrived", was_us=was_us, now_us=T0,
            reason="radio log",
        )
    )  # fmt: skip


# -- the end ---------------------------------------------------------------------------------


def test_an_incident_without_units_is_closed_with_its_outcome_and_reopened():
    story = ready().when(w.CloseIncident, incident=A, outcome="no merit")
    story.then(w.IncidentClosed(incident=A, outcome="no merit"))
    story.when(w.CloseIncident, incident=A, outcome="again").refused(WrongStep, state="closed")
    story.when(w.ReopenIncident, incident=A, reason="smoke again").then(
        w.IncidentReopened(incident=A, reason="smoke again")
    )
    story.when(w.SendUnit, incident=A, unit="E1").then(sent("E1"))


def test_an_open_incident_is_not_reopened():
    ready().when(w.ReopenIncident, incident=A, reason="as told").refused(WrongStep, state="open")


def test_a_stacked_unit_keeps_its_incident_open():
    story = on_a().given(w.UnitStacked(incident=B, unit="E1", reason="as told"))
    story.when(w.CloseIncident, incident=B, outcome="no merit").refused(w.UnitsAttached, units="E1")


# -- every refusal, provoked and read as a whole ---------------------------------------------


def off_duty() -> Story:
    return ready().given(w.UnitOffDuty(unit="E1"))


PROVOKED = {
    w.IncidentIsClosed: (
        lambda: ready().given(w.IncidentClosed(incident=A, outcome="no merit"), at=T0).when(
            w.SendUnit, incident=A, unit="E1"
        ),
        "Not sent: E1. Incident 200930001 has been closed since 14:00:00. "
        "Reopen it first, or open a new one.",
    ),
    w.UnitNotAvailable: (
        lambda: off_duty().when(w.SendUnit, incident=A, unit="E1"),
        "Not sent: E1. It is off duty. Put it in service first, or send another unit.",
    ),
    w.UnitBusy: (
        lambda: ready().given(sent("E1", A), at=T0 + 180 * US).when(
            w.SendUnit, incident=B, unit="E1"
        ),
        "Not sent: E1. It has been on incident 200930001 since 14:03:00. "
        "Free it first, stack it on purpose, or send another unit.",
    ),
    w.UnitFree: (
        lambda: ready().when(w.StackUnit, incident=A, unit="E1", reason="as told"),
        "Not stacked: E1. It is free. Send it.",
    ),
    w.UnitOnJob: (
        lambda: ready().given(sent("E1", A), at=T0 + 180 * US).when(w.TakeOffDuty, unit="E1"),
        "Not done: UnitOffDuty of E1. It has been on incident 200930001 since 14:03:00. "
        "Clear or cancel that job first.",
    ),
    w.UnitsAttached: (
        lambda: ready("E1", "T1").given(sent("T1", A), sent("E1", A)).when(
            w.CloseIncident, incident=A, outcome="out"
        ),
        "Not closed: incident 200930001. Still on it: T1, E1. Clear or cancel them first.",
    ),
    w.NoSuchStep: (
        lambda: on_a(w.UnitEnRoute).when(
            w.CorrectTime, role="supervisor", incident=A, unit="E1", step="UnitArrived", to=T0,
            reason="as told",
        ),
        "Not corrected: the time of UnitArrived of E1. "
        "That step is not in the record of this job. Correct one of: UnitSent, UnitEnRoute.",
    ),
    NotYet: (
        lambda: on_a().when(
            w.CorrectTime, role="supervisor", incident=A, unit="E1", step="UnitSent",
            to=T0 + 66 * US, reason="as told",
        ),
        "Not recorded: dispatch.CorrectTime. It is said to have happened 60 s from now. "
        "Check the time; give one that has passed.",
    ),
    Unknown: (
        lambda: ready().when(w.SendUnit, incident=A, unit="E99"),
        "Not done: dispatch.SendUnit. There is no unit E99. "
        "Check the number, or look it up on the board.",
    ),
    WrongStep: (
        lambda: on_a(w.UnitArrived).when(w.CancelUnit, incident=A, unit="E1", reason="as told"),
        "Not done: UnitCancelled for E1 on 200930001. It is arrived. "
        "Possible now: UnitTransporting, UnitAtHospital, UnitCleared, FieldReported, "
        "UnitsExchanged, UnitPreempted.",
    ),
    NotAllowed: (
        lambda: ready().when(w.SendUnit, role="call_taker", incident=A, unit="E1"),
        "Not done: dispatch.SendUnit. The role call_taker is not given this command. "
        "Ask a colleague whose role has it, or an administrator.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("refusal", PROVOKED, ids=lambda cls: cls.__name__)
def test_a_refusal_says_what_was_not_done_because_of_what_and_what_to_do(refusal):
    story, text = PROVOKED[refusal]
    story().refused(refusal, text=text)


def test_every_refusal_of_the_room_is_provoked_here():
    assert set(w.REFUSALS) <= set(PROVOKED)


def test_refusals_come_in_their_documented_order():
    story = ready().given(sent("E1", B), w.IncidentClosed(incident=A, outcome="no merit"))
    story.when(w.SendUnit, incident="?", unit="?").refused(Unknown, what="incident")
    story.when(w.SendUnit, incident=A, unit="?").refused(Unknown, what="unit")
    story.when(w.SendUnit, incident=A, unit="E1").refused(w.IncidentIsClosed)
    off_duty().given(w.IncidentClosed(incident=A, outcome="no merit")).when(
        w.SendUnit, incident=A, unit="E1"
    ).refused(w.IncidentIsClosed)
    off_duty().when(w.StackUnit, incident=A, unit="E1", reason="as told").refused(
        w.UnitNotAvailable
    )


STEPS = [
    w.UnstackUnit, w.Acknowledge, w.GoEnRoute, w.Arrive, w.Transport, w.ReachHospital, w.ReportBack,
    w.ClearUnit, w.CancelUnit,
]  # fmt: skip


@pytest.mark.parametrize("command", STEPS, ids=lambda cls: cls.__name__)
def test_a_step_of_a_job_that_is_not_there_is_refused(command):
    fields = {}
    if command in (w.UnstackUnit, w.CancelUnit):
        fields = {"reason": "no"}
    if command is w.ReportBack:
        fields = {"outcome": "no"}
    ready().when(command, incident="x", unit="E1", **fields).refused(Unknown, what="incident")
    story = ready().when(command, incident=A, unit="E1", **fields)
    story.refused(Unknown, what=f"job on incident {A} of unit", name="E1")


def test_a_command_about_nothing_known_is_refused():
    for command, fields in (
        (w.TakeOffDuty, {"unit": "x"}),
        (w.TakeOutOfService, {"unit": "x", "reason": "no"}),
        (w.ReturnToService, {"unit": "x"}),
        (w.StackUnit, {"incident": A, "unit": "x", "reason": "no"}),
        (w.CloseIncident, {"incident": "x", "outcome": "no"}),
        (w.ReopenIncident, {"incident": "x", "reason": "no"}),
    ):
        ready().when(command, **fields).refused(Unknown, name="x")
    ready().when(
        w.CorrectTime, role="supervisor", incident="x", unit="E1", step="UnitSent", to=T0,
        reason="no",
    ).refused(Unknown, name="x")  # fmt: skip
    ready().when(
        w.CorrectTime, role="supervisor", incident=A, unit="E1", step="UnitSent", to=T0, reason="no"
    ).refused(w.NoSuchStep, possible="none")


# -- words and tables ------------------------------------------------------------------------


@pytest.mark.parametrize("event", w.EVENTS, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("full", [True, False], ids=["full", "bare"])
def test_every_event_reads_as_one_plain_sentence(event, full):
    text = said(sample(event, full=full))
    assert text
    assert not set("{}[]") & set(text)
    assert "None" not in text


def test_every_field_of_every_word_has_its_mark():
    assert all(marks_of(cls) for cls in (*w.EVENTS, *w.REFUSALS))


def test_every_step_of_the_lives_belongs_to_an_event_that_is_known_here():
    for steps in ROOM.steps.values():
        strange = {event for _, event in steps.table} - {*ROOM.events}
        assert {event.__module__.split(".")[1] for event in strange} <= {"intake"}


def test_every_state_of_a_job_occupies_its_unit_or_waits_or_has_ended():
    assert set(JOB.states) == UNDER_WAY | {"new", "stacked"} | JOB.last


def test_only_a_clear_or_a_cancellation_frees_a_unit():
    frees = {
        event
        for (state, event), to in JOB.table.items()
        if state in UNDER_WAY and to not in UNDER_WAY
    }
    assert frees == {w.UnitCleared, w.UnitCancelled}
