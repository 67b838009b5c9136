"""Dispatch: exchange, pre-empt, hold, move-up, a return by a time, alarm levels, messages."""

from __future__ import annotations

import itertools

import pytest

from answerable.dispatch import move_words as m
from answerable.dispatch import words as w
from answerable.dispatch.state import HOLD, MOVE
from answerable.intake import words as intake
from answerable.kernel.authority import Actor
from answerable.kernel.event import marks_of
from answerable.kernel.refusals import NotAllowed, NotYourArea, Unknown, WrongStep
from answerable.kernel.room import Context
from answerable.standards.words import ClockRang
from answerable.towns.model import Town
from tests.samples import sample
from tests.story import T0, US, Story, centre, make, on_duty, opened, said, sent, toy_town

A, B, C = "200930001", "200930002", "200930003"
STEPS = (w.UnitAcknowledged, w.UnitEnRoute, w.UnitArrived, w.UnitTransporting, w.UnitAtHospital)
SOON = T0 + 1_800 * US


def ready(*units: str, now_us: int = T0) -> Story:
    """A is the most urgent incident, C the least; these units are on duty."""
    story = Story(now_us=now_us)
    story.given(opened(A, priority="3"), opened(B, priority="2"), opened(C, priority="1"))
    return story.given(*on_duty(*(units or ("E1", "E2", "E3"))))


def jobs(story: Story, incident: str) -> dict[str, str]:
    return {u: j.state for u, j in story.states["dispatch"].responses[incident].jobs.items()}


def line(story: Story, incident: str = A):
    return story.states["board"].line(incident)


def unit(story: Story, name: str = "E1"):
    return story.states["board"].units[name]


# -- exchange --------------------------------------------------------------------------------


def test_a_unit_takes_over_from_another_in_one_command():
    story = ready().given(sent("E1", A))
    story.when(m.ExchangeUnits, incident=A, unit="E1", by="E2", reason="nearer", eta_s=40.0)
    story.then(
        m.UnitsExchanged(incident=A, unit="E1", by="E2", reason="nearer"),
        w.UnitCancelled(incident=A, unit="E1", reason="nearer"),
        sent("E2", A, eta_s=40.0, why="nearer"),
    )
    assert jobs(story, A) == {"E1": "cancelled", "E2": "sent"}
    assert (unit(story, "E1").status, unit(story, "E2").status) == ("free", "sent")


def test_a_unit_that_has_arrived_is_cleared_when_another_takes_over():
    story = ready().given(sent("E1", A), w.UnitArrived(incident=A, unit="E1"))
    story.when(m.ExchangeUnits, incident=A, unit="E1", by="E2", reason="shift ends")
    assert jobs(story, A) == {"E1": "cleared", "E2": "sent"}
    assert story.events[1] == w.UnitCleared(
        incident=A, unit="E1", outcome="taken over by another unit"
    )


def test_two_units_change_places_and_neither_is_ever_on_two_incidents():
    story = ready().given(sent("E1", A), sent("E2", B))
    story.when(m.ExchangeUnits, incident=A, unit="E1", by="E2", swap_to=B, reason="nearer each")
    assert (jobs(story, A), jobs(story, B)) == (
        {"E1": "cancelled", "E2": "sent"}, {"E2": "cancelled", "E1": "sent"},
    )  # fmt: skip
    assert [type(e) for e in story.events] == [
        m.UnitsExchanged, w.UnitCancelled, m.UnitsExchanged, w.UnitCancelled, w.UnitSent,
        w.UnitSent,
    ]  # fmt: skip
    state = story.states["dispatch"]
    assert (state.units["E1"].busy, state.units["E2"].busy) == ([B], [A])


def test_a_busy_unit_takes_over_only_where_it_is_said_that_they_change_places():
    story = ready().given(sent("E1", A), sent("E2", B))
    story.when(m.ExchangeUnits, incident=A, unit="E1", by="E2", reason="nearer")
    story.refused(w.UnitBusy, unit="E2", incident=B)
    story.when(m.ExchangeUnits, incident=A, unit="E1", by="E2", swap_to=C, reason="nearer")
    story.refused(w.UnitBusy, unit="E2", incident=B)
    assert jobs(story, A) == {"E1": "sent"}


def test_nobody_is_taken_over_from_who_is_not_there():
    story = ready().when(m.ExchangeUnits, incident=A, unit="E1", by="E2", reason="nearer")
    story.refused(Unknown, what=f"job on incident {A} of unit", name="E1")
    story = ready().given(sent("E1", A))
    story.when(m.ExchangeUnits, incident=A, unit="E1", by="E2", swap_to=B, reason="nearer")
    story.refused(Unknown, what=f"job on incident {B} of unit", name="E2")
    story.when(m.ExchangeUnits, incident=A, unit="E1", by="E2", swap_to="x", reason="nearer")
    story.refused(Unknown, what="incident", name="x")
    story.when(m.ExchangeUnits, incident=A, unit="E1", by="E1", reason="nearer")
    story.refused(WrongStep, step="UnitSent", state="sent")


@pytest.mark.parametrize("state", ["transporting", "at hospital"])
def test_a_unit_with_a_patient_aboard_is_neither_exchanged_nor_taken_away(state):
    step = {"transporting": w.UnitTransporting, "at hospital": w.UnitAtHospital}[state]
    story = ready().given(sent("E1", B), step(incident=B, unit="E1"))
    story.when(m.ExchangeUnits, incident=B, unit="E1", by="E2", reason="nearer")
    story.refused(WrongStep, step="UnitsExchanged", state=state)
    story.when(m.PreemptUnit, incident=A, unit="E1", reason="worse")
    story.refused(WrongStep, step="UnitPreempted", state=state)


def test_who_leaves_by_an_exchange_is_sent_to_what_was_stacked_on_it():
    story = ready().given(sent("E1", A), w.UnitStacked(incident=C, unit="E1", reason="next"))
    story.when(m.ExchangeUnits, incident=A, unit="E1", by="E2", reason="nearer")
    [reaction] = story.reactions
    assert isinstance(reaction, w.SendUnit)
    assert (reaction.unit, reaction.incident) == ("E1", C)


# -- pre-empt --------------------------------------------------------------------------------


def test_a_unit_is_taken_to_a_more_urgent_incident_and_the_other_shows_it():
    story = ready().given(sent("E1", C), w.UnitEnRoute(incident=C, unit="E1"))
    story.when(m.PreemptUnit, incident=A, unit="E1", reason="people inside", eta_s=60.0)
    story.then(
        m.UnitPreempted(incident=C, unit="E1", to=A, reason="people inside"),
        w.UnitCancelled(incident=C, unit="E1", reason="people inside"),
        sent("E1", A, eta_s=60.0, why="people inside"),
    )
    assert (jobs(story, C), jobs(story, A)) == ({"E1": "cancelled"}, {"E1": "sent"})
    assert line(story, C).taken == ["E1"]
    story.when(w.SendUnit, incident=C, unit="E2")
    assert line(story, C).taken == []


def test_a_closed_incident_asks_for_nobody_any_more():
    story = ready().given(sent("E1", C))
    story.when(m.PreemptUnit, incident=A, unit="E1", reason="people inside")
    story.when(w.CloseIncident, incident=C, outcome="called off")
    assert line(story, C).taken == []


def test_the_system_does_not_send_a_pre_empted_unit_to_what_was_stacked_on_it():
    hub = centre().duty("E1")
    far, near, next_one = (hub.incident(priority=p) for p in ("1", "3", "1"))
    hub.done(w.SendUnit, incident=far, unit="E1")
    hub.done(w.StackUnit, incident=next_one, unit="E1", reason="next")
    events = hub.done(m.PreemptUnit, incident=near, unit="E1", reason="people inside")
    assert [type(e) for e in events] == [m.UnitPreempted, w.UnitCancelled, w.UnitSent]
    assert hub.state("dispatch").units["E1"].busy == [near]


def test_a_unit_on_two_incidents_leaves_both():
    story = ready().given(
        sent("E1", B), w.UnitStacked(incident=C, unit="E1", reason="next"), sent("E1", C)
    )
    story.when(m.PreemptUnit, incident=A, unit="E1", reason="people inside")
    assert story.states["dispatch"].units["E1"].busy == [A]
    assert (line(story, B).taken, line(story, C).taken) == (["E1"], ["E1"])


ORDER = ("1", "2", "3")


@pytest.mark.parametrize(("here", "there"), list(itertools.product(ORDER, ORDER)))
def test_only_what_comes_later_in_the_towns_order_takes_a_unit_away(here, there):
    story = Story().given(opened(A, priority=here), opened(B, priority=there), *on_duty("E1"))
    story.given(sent("E1", B)).when(m.PreemptUnit, incident=A, unit="E1", reason="worse")
    assert isinstance(story.outcome, list) == (ORDER.index(here) > ORDER.index(there))


def test_a_priority_that_the_town_does_not_list_takes_nobody_and_gives_to_any_that_is():
    story = Story().given(opened(A, priority="X"), opened(B, priority="1"), *on_duty("E1"))
    story.given(sent("E1", B)).when(m.PreemptUnit, incident=A, unit="E1", reason="worse")
    story.refused(m.NotMoreUrgent, priority="X", other_priority="1")
    story.given(w.UnitCancelled(incident=B, unit="E1", reason="no"), sent("E1", A))
    story.when(m.PreemptUnit, incident=B, unit="E1", reason="worse")
    assert jobs(story, B) == {"E1": "sent"}


def test_a_changed_priority_counts():
    changed = intake.KindChanged(
        incident=C, kind="Fire", priority="3", reason="smoke", was_kind="Fire", was_priority="1"
    )
    story = ready().given(sent("E1", B), changed)
    story.when(m.PreemptUnit, incident=C, unit="E1", reason="smoke")
    assert jobs(story, C) == {"E1": "sent"}


def test_nobody_takes_a_unit_from_an_area_that_is_not_theirs():
    story = ready().given(sent("E1", C))
    room = story.rooms.room_of[m.PreemptUnit]
    actor = Actor("rim", "dispatcher", areas=("Rim",))
    ctx = Context(at_us=T0, now_us=T0, actor=actor, town=story.town)
    command = make(m.PreemptUnit, {"incident": A, "unit": "E1", "reason": "worse"})
    refusal = room.deciders.table[m.PreemptUnit](story.states["dispatch"], command, ctx)
    assert isinstance(refusal, NotYourArea)
    assert refusal.incident == C


# -- hold ------------------------------------------------------------------------------------


def test_an_incident_waits_until_a_time_and_the_alarm_takes_it_up_again():
    hub = centre().duty("E1")
    incident = hub.incident()
    until = hub.clock.now_us() + 600 * US
    hub.done(m.HoldIncident, incident=incident, until=until, reason="police first")
    assert hub.board.line(incident).held_until_us == until
    hub.tick(599)
    assert hub.board.line(incident).held_until_us == until
    hub.tick(2)
    assert hub.board.line(incident).held_until_us == 0
    assert hub.events()[-1] == m.HoldEnded(incident=incident, because=m.Ended.TIME)
    hub.tick(7_200)
    assert [type(e) for e in hub.events()].count(m.HoldEnded) == 1


def test_a_hold_outlives_the_process():
    hub = centre()
    incident = hub.incident()
    until = hub.clock.now_us() + 600 * US
    hub.done(m.HoldIncident, incident=incident, until=until, reason="police first")
    hub.restart().tick(601)
    assert hub.events()[-1] == m.HoldEnded(incident=incident, because=m.Ended.TIME)


def test_a_held_incident_is_taken_up_when_the_unit_it_waits_for_is_free():
    hub = centre().duty("E1", "E2")
    first, waiting = hub.incident(), hub.incident()
    hub.done(w.SendUnit, incident=first, unit="E1")
    until = hub.clock.now_us() + 3_600 * US
    hub.done(m.HoldIncident, incident=waiting, until=until, awaits="E1", reason="its district")
    hub.done(w.SendUnit, incident=first, unit="E2")
    hub.done(w.ClearUnit, incident=first, unit="E2")
    assert hub.board.line(waiting).awaits == "E1"
    events = hub.done(w.ClearUnit, incident=first, unit="E1")
    assert events[-1] == m.HoldEnded(incident=waiting, because=m.Ended.FREE)
    assert hub.board.units["E1"].status == "free"
    hub.tick(7_200)
    assert [type(e) for e in hub.events()].count(m.HoldEnded) == 1


@pytest.mark.parametrize("comes", [w.UnitInService, w.UnitOnDuty])
def test_a_unit_that_comes_back_ends_the_wait_for_it(comes):
    hub = centre().duty("E1")
    incident = hub.incident()
    if comes is w.UnitInService:
        hub.done(w.TakeOutOfService, unit="E1", reason="tyre")
    else:
        hub.done(w.TakeOffDuty, unit="E1")
    until = hub.clock.now_us() + 3_600 * US
    hub.done(m.HoldIncident, incident=incident, until=until, awaits="E1", reason="its district")
    if comes is w.UnitInService:
        events = hub.done(w.ReturnToService, unit="E1")
    else:
        events = hub.done(w.PutOnDuty, unit="E1", unit_type="ENGINE")
    assert events[-1] == m.HoldEnded(incident=incident, because=m.Ended.FREE)


def test_a_hold_can_be_moved_and_is_ended_by_hand():
    story = ready("E1").given(w.UnitOutOfService(unit="E1", reason="tyre"))
    story.when(m.HoldIncident, incident=A, until=SOON, awaits="E1", reason="wait")
    story.when(m.HoldIncident, incident=A, until=SOON + 60 * US, reason="wait longer")
    state = story.states["dispatch"]
    assert state.alarms.due == {f"hold:{A}": SOON + 60 * US}
    assert state.awaited == {}
    story.when(m.EndHold, incident=A, reason="they are there")
    story.then(m.HoldEnded(incident=A, because=m.Ended.HAND, reason="they are there"))
    assert state.alarms.due == {}
    story.when(m.EndHold, incident=A).refused(WrongStep, state="not held")


def test_a_sending_and_a_closing_end_a_hold():
    story = ready().given(m.IncidentOnHold(incident=A, until_us=SOON, reason="wait"))
    story.when(w.SendUnit, incident=A, unit="E1")
    story.then(m.HoldEnded(incident=A, because=m.Ended.SENT), sent("E1", A))
    story.given(m.IncidentOnHold(incident=B, until_us=SOON, reason="wait"))
    story.when(w.CloseIncident, incident=B, outcome="gone")
    story.then(
        m.HoldEnded(incident=B, because=m.Ended.CLOSED),
        w.IncidentClosed(incident=B, outcome="gone"),
    )
    assert story.states["dispatch"].alarms.due == {}


def test_a_held_incident_occupies_nobody():
    """As B6 for bookings: what waits has no unit, and takes none."""
    for job in (sent("E1", A), w.UnitStacked(incident=A, unit="E1", reason="next")):
        story = ready().given(sent("E1", B)) if isinstance(job, w.UnitStacked) else ready()
        story.given(job).when(m.HoldIncident, incident=A, until=SOON, reason="wait")
        story.refused(m.StillOnIt, units="E1")


def test_no_clock_stands_still_for_a_hold():
    """I3: what was promised to a caller rings also while the service makes the incident wait."""
    hub = centre().adopt("uk-999").duty("E1")
    incident = hub.incident(priority="3")
    until = hub.clock.now_us() + 3_600 * US
    hub.done(m.HoldIncident, incident=incident, until=until, reason="wait")
    [run] = hub.state("standards").runs().values()
    assert run.state == "running"
    hub.tick(901)
    [rang] = [event for event in hub.events() if isinstance(event, ClockRang)]
    assert (rang.incident, hub.board.line(incident).held_until_us) == (incident, until)


def test_a_hold_waits_for_a_unit_that_there_is_and_that_is_not_free():
    story = ready()
    story.when(m.HoldIncident, incident=A, until=SOON, awaits="E9", reason="wait")
    story.refused(Unknown, what="unit", name="E9")


# -- move-up ---------------------------------------------------------------------------------


def test_a_free_unit_covers_another_station_and_goes_back():
    story = ready().when(m.OrderMoveUp, unit="E1", station="3", reason="station 3 is empty")
    story.then(m.MoveUpOrdered(unit="E1", station="3", reason="station 3 is empty"))
    assert (unit(story).moved_up, unit(story).station, unit(story).status) == ("3", "1", "free")
    story.when(m.EndMoveUp, unit="E1")
    story.then(m.MoveUpEnded(unit="E1", station="3", because=m.Ended.RETURNED))
    assert unit(story).moved_up == ""
    story.when(m.EndMoveUp, unit="E1").refused(WrongStep, state="at its own station")


def test_a_move_up_can_be_cancelled_with_a_reason_or_ordered_anew():
    story = ready().given(m.MoveUpOrdered(unit="E1", station="3", reason="empty"))
    story.when(m.OrderMoveUp, unit="E1", station="2", reason="rather there")
    assert unit(story).moved_up == "2"
    story.when(m.CancelMoveUp, unit="E1", reason="E2 is back")
    story.then(
        m.MoveUpEnded(unit="E1", station="2", because=m.Ended.CANCELLED, reason="E2 is back")
    )


def test_going_back_and_cancelling_are_each_refused_under_their_own_name():
    story = ready().when(m.EndMoveUp, unit="E1").refused(WrongStep, step="MoveUpEnded")
    story.when(m.CancelMoveUp, unit="E1", reason="E2 is back")
    story.refused(WrongStep, step="dispatch.CancelMoveUp", state="at its own station")


def test_a_sending_ends_a_move_up():
    story = ready().given(m.MoveUpOrdered(unit="E1", station="3", reason="empty"))
    story.when(w.SendUnit, incident=A, unit="E1")
    story.then(m.MoveUpEnded(unit="E1", station="3", because=m.Ended.SENT), sent("E1", A))
    assert unit(story).moved_up == ""


@pytest.mark.parametrize(
    "command", [w.TakeOffDuty, w.TakeOutOfService], ids=["off duty", "out of service"]
)
def test_a_unit_that_leaves_service_covers_nothing(command):
    story = ready().given(m.MoveUpOrdered(unit="E1", station="3", reason="empty"))
    why = {"reason": "tyre"} if command is w.TakeOutOfService else {}
    story.when(command, unit="E1", **why)
    assert story.events[0] == m.MoveUpEnded(unit="E1", station="3", because=m.Ended.LEFT)
    assert unit(story).moved_up == ""


def test_a_busy_unit_is_not_moved_up():
    story = ready().given(sent("E1", A)).when(m.OrderMoveUp, unit="E1", station="3", reason="x y")
    story.refused(w.UnitOnJob, step="MoveUpOrdered", incident=A)


# -- back by a time ---------------------------------------------------------------------------


def test_a_unit_that_is_not_back_is_told_of_once_and_changes_nothing():
    hub = centre().duty("E1")
    back = hub.clock.now_us() + 1_800 * US
    hub.done(w.TakeOutOfService, unit="E1", reason="tyre", back=back)
    assert hub.board.units["E1"].back_us == back
    hub.restart().tick(1_801)
    assert hub.events()[-1] == m.ReturnOverdue(unit="E1", back_us=back)
    shown = hub.board.units["E1"]
    assert (shown.status, shown.overdue) == ("out of service", True)
    hub.tick(7_200)
    assert [type(e) for e in hub.events()].count(m.ReturnOverdue) == 1
    hub.done(w.ReturnToService, unit="E1")
    assert (hub.board.units["E1"].overdue, hub.board.units["E1"].back_us) == (False, 0)


def test_a_unit_that_is_back_in_time_is_not_told_of():
    hub = centre().duty("E1")
    back = hub.clock.now_us() + 1_800 * US
    hub.done(w.TakeOutOfService, unit="E1", reason="tyre", back=back)
    hub.done(w.ReturnToService, unit="E1")
    hub.done(w.TakeOutOfService, unit="E1", reason="tyre again")
    hub.tick(7_200)
    assert not any(isinstance(e, m.ReturnOverdue) for e in hub.events())


# -- alarm levels and messages -----------------------------------------------------------------


def test_an_alarm_rises_and_falls():
    story = ready().when(m.RaiseAlarm, incident=A, level=3, reason="spreading")
    story.then(m.AlarmRaised(incident=A, level=3, reason="spreading"))
    assert line(story).alarm == 3
    story.when(m.LowerAlarm, incident=A, level=1, reason="under control")
    story.then(m.AlarmLowered(incident=A, level=1, reason="under control"))
    assert line(story).alarm == 1


@pytest.mark.parametrize(
    ("command", "level"),
    [(m.RaiseAlarm, 2), (m.RaiseAlarm, 1), (m.LowerAlarm, 2), (m.LowerAlarm, 3)],
)
def test_an_alarm_is_raised_up_and_lowered_down(command, level):
    story = ready().given(m.AlarmRaised(incident=A, level=2, reason="smoke"))
    story.when(command, incident=A, level=level, reason="as told")
    story.refused(m.NotThatLevel, level=level, now=2)


def test_a_closed_incident_has_no_alarm_raised():
    story = ready().given(w.IncidentClosed(incident=A, outcome="out"))
    story.when(m.RaiseAlarm, incident=A, level=2, reason="as told").refused(WrongStep)


def test_a_message_goes_to_those_it_names_about_an_incident():
    story = ready().given(sent("E1", A))
    story.when(m.SendMessage, unit="E1", words="Gas is off.")
    story.then(m.MessageSent(incident=A, to_unit="E1", words="Gas is off."))
    story.when(m.SendMessage, incident=B, desk="Desk 3", words="Take this one.")
    story.then(m.MessageSent(incident=B, to_desk="Desk 3", words="Take this one."))
    story.when(m.SendMessage, role="crew", incident=A, words="We are in.")
    story.then(m.MessageSent(incident=A, words="We are in."))


def test_the_words_of_a_message_are_in_no_state_and_no_row():
    story = ready().given(sent("E1", A)).when(m.SendMessage, unit="E1", words="a quiet word")
    assert b"quiet" not in story.rooms.pack(story.states)
    assert all(b"quiet" not in row.body for row in story.rows)


def test_a_message_names_what_there_is():
    ready().when(m.SendMessage, unit="E9", words="hello").refused(Unknown, what="unit", name="E9")
    ready().when(m.SendMessage, incident="x", words="hello").refused(Unknown, name="x")


# -- why this unit ------------------------------------------------------------------------------


def test_a_unit_outside_of_what_was_recommended_is_sent_with_a_reason_only():
    story = ready().when(w.SendUnit, incident=A, unit="E3", proposed=("E1", "E2"))
    story.refused(m.ReasonNeeded, unit="E3", proposed="E1, E2")
    story.when(w.SendUnit, incident=A, unit="E3", proposed=("E1", "E2"), why="  ")
    story.refused(m.ReasonNeeded)
    story.when(w.SendUnit, incident=A, unit="E3", proposed=("E1", "E2"), why="it passes by")
    story.then(sent("E3", A, why="it passes by", proposed=("E1", "E2")))
    story.when(w.SendUnit, incident=A, unit="E1", proposed=("E1", "E2"))
    story.then(sent("E1", A, proposed=("E1", "E2")))


# -- nothing that is not known --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (m.ExchangeUnits, {"incident": "x", "unit": "E1", "by": "E2", "reason": "no"}),
        (m.PreemptUnit, {"incident": A, "unit": "x", "reason": "no"}),
        (m.HoldIncident, {"incident": "x", "until": SOON, "reason": "no"}),
        (m.EndHold, {"incident": "x"}),
        (m.OrderMoveUp, {"unit": "x", "station": "1", "reason": "no"}),
        (m.EndMoveUp, {"unit": "x"}),
        (m.CancelMoveUp, {"unit": "x", "reason": "no"}),
        (m.RaiseAlarm, {"incident": "x", "level": 2, "reason": "no"}),
    ],
)
def test_a_command_about_nothing_known_is_refused(command, fields):
    ready().when(command, **fields).refused(Unknown, name="x")


def test_only_the_service_itself_reminds_of_a_return():
    for role in ("dispatcher", "supervisor", "crew"):
        ready().when(m.RemindReturn, role=role, unit="E1").refused(NotAllowed)
    ready().when(m.RemindReturn, role="system", unit="E1").refused(Unknown, name="E1")


PROVOKED = {
    m.ReasonNeeded: (
        lambda: ready().when(w.SendUnit, incident=A, unit="E3", proposed=("E1", "E2")),
        "Not sent: E3. It is not among those recommended for incident 200930001: E1, E2. "
        "Say why it is this one, or send one of those.",
    ),
    m.NothingToPreempt: (
        lambda: ready().when(m.PreemptUnit, incident=A, unit="E1", reason="worse"),
        "Not taken away: E1. It is on no incident. Send it.",
    ),
    m.NotMoreUrgent: (
        lambda: ready().given(sent("E1", A)).when(
            m.PreemptUnit, incident=B, unit="E1", reason="worse"
        ),
        "Not taken away: E1. Incident 200930002 (priority 2) is not more urgent than 200930001 "
        "(priority 3). Exchange it for another unit, call it off with a reason, or change the "
        "priority.",
    ),
    m.StillOnIt: (
        lambda: ready().given(sent("E1", A)).when(
            m.HoldIncident, incident=A, until=SOON, reason="wait"
        ),
        "Not held: incident 200930001. On it or stacked on it: E1. "
        "Clear or call them off first, or let them finish.",
    ),
    m.TimePassed: (
        lambda: ready().when(m.HoldIncident, incident=A, until=T0, reason="wait"),
        "Not done: dispatch.HoldIncident until 2020-04-02 14:00. That time has passed. "
        "Give a later one.",
    ),
    m.TooFarAhead: (
        lambda: ready().when(
            w.TakeOutOfService, unit="E1", reason="tyre", back=T0 + 9 * 86_400 * US
        ),
        "Not done: dispatch.TakeOutOfService until 2020-04-11 14:00. That is 8 days ahead; it "
        "must be less than 7. Give an earlier time, or book an incident for later.",
    ),
    m.AlreadyFree: (
        lambda: ready().when(
            m.HoldIncident, incident=A, until=SOON, awaits="E1", reason="wait"
        ),
        "Not held: incident 200930001. E1, which it would wait for, is free. "
        "Send it, or hold the incident until a time only.",
    ),
    m.NoMoveUp: (
        lambda: ready().given(w.UnitOutOfService(unit="E1", reason="tyre")).when(
            m.OrderMoveUp, unit="E1", station="3", reason="empty"
        ),
        "Not moved up: E1. It is out of service (tyre). "
        "Put it in service first, or move another unit.",
    ),
    m.NoSuchStation: (
        lambda: ready().when(m.OrderMoveUp, unit="E1", station="1", reason="empty"),
        "Not moved up: E1. 1 is its own station, or none of this town. "
        "Choose one of the other stations: 2, 3.",
    ),
    m.NotThatLevel: (
        lambda: ready().when(m.RaiseAlarm, incident=A, level=1, reason="as told"),
        "Not done: dispatch.RaiseAlarm to 1 for incident 200930001. It stands at 1. "
        "Raise it to a higher level, or lower it to a lower one.",
    ),
    m.AboutNothing: (
        lambda: ready().when(m.SendMessage, unit="E1", words="hello"),
        "Not sent: the message. It names no incident, and E1 is on none. "
        "Name the incident it is about, or tell them by radio.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("refusal", PROVOKED, ids=lambda cls: cls.__name__)
def test_a_refusal_says_what_was_not_done_because_of_what_and_what_to_do(refusal):
    story, text = PROVOKED[refusal]
    story().refused(refusal, text=text)


def test_the_list_of_refusals_is_whole():
    assert set(PROVOKED) == set(m.REFUSALS)


@pytest.mark.parametrize("event", m.EVENTS, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("full", [True, False], ids=["full", "bare"])
def test_every_event_reads_as_one_plain_sentence(event, full):
    text = said(sample(event, full=full))
    assert text
    assert not set("{}[]") & set(text)
    assert "None" not in text


def test_every_field_of_every_word_has_its_mark():
    assert all(marks_of(cls) for cls in (*m.EVENTS, *m.REFUSALS))


def test_a_station_of_the_map_can_be_covered_also_where_no_unit_is_at_home():
    class Mapped:
        stations = {"9": None}  # noqa: RUF012

        def locate(self, lon, lat):
            raise AssertionError("nobody asks")

    toy = toy_town()
    story = Story(Town(toy.file, tuple(toy.units.values()), Mapped()))
    story.given(*on_duty("E1")).when(m.OrderMoveUp, unit="E1", station="9", reason="empty")
    assert unit(story).moved_up == "9"


def test_holds_and_move_ups_rest_where_they_began():
    assert HOLD.last == {HOLD.first}
    assert MOVE.last == {MOVE.first}
