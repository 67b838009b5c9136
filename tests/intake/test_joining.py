"""Joining: a call is taken off, incidents are linked and split, each thread tells its side."""

from __future__ import annotations

import pytest

from answerable.intake import join_words as j
from answerable.intake import line_words as line
from answerable.intake import words as w
from answerable.kernel.authority import Actor
from answerable.kernel.hub import Ask, Refused
from answerable.kernel.refusals import NotYourArea, Unknown, WrongStep
from tests.story import PLACE, Centre, Story, centre, make, opened

A, B, N = "200930001", "200930002", "200930003"


def called(*calls: str) -> Story:
    """Return a story in which calls were answered and are about A."""
    story = Story().given(opened(A), opened(B))
    for call in calls:
        story.given(w.CallAnswered(call=call), w.CallAttached(call=call, incident=A))
    return story


def call_of(story: Story, name: str):
    return story.states["intake"].calls[name]


def board(story: Story, incident: str):
    return story.states["board"].line(incident)


# -- a call taken off ------------------------------------------------------------------------


def test_a_call_taken_off_waits_for_its_outcome_again():
    story = called("C1").when(j.DetachCall, call="C1", reason="another fire")
    story.then(j.CallDetached(call="C1", incident=A, reason="another fire"))
    assert (call_of(story, "C1").state, call_of(story, "C1").incident) == ("answered", "")
    assert board(story, A).calls == []
    assert story.states["board"].calls["C1"].state == "answered"
    story.when(w.AttachCall, call="C1", incident=B).then(w.CallAttached(call="C1", incident=B))
    assert board(story, B).calls == ["C1"]


def test_a_call_that_opened_an_incident_is_taken_off_it_too():
    story = Story().given(w.CallAnswered(call="C1"), opened(A, call="C1"))
    story.when(j.DetachCall, call="C1", reason="mistyped").then(
        j.CallDetached(call="C1", incident=A, reason="mistyped")
    )
    assert board(story, A).state == "open"


def test_a_call_taken_off_after_its_caller_hung_up_is_one_to_ring_back():
    story = called("C1").when(line.HangUp, call="C1").then(line.LineFreed(call="C1"))
    off_us = call_of(story, "C1").off_us
    story.given(w.CallAnswered(call="C2"))  # time goes on
    story.when(j.DetachCall, call="C1", reason="another fire").then(
        j.CallDetached(call="C1", incident=A, reason="another fire"), line.CallHungUp(call="C1")
    )
    assert (call_of(story, "C1").state, call_of(story, "C1").off_us) == ("hung up", off_us)
    assert story.states["board"].calls["C1"].state == "hung up"
    story.when(w.AttachCall, call="C1", incident=B).then(w.CallAttached(call="C1", incident=B))


def test_a_call_without_an_incident_is_not_taken_off():
    story = Story().given(w.CallAnswered(call="C1"))
    story.when(j.DetachCall, call="C1", reason="no").refused(WrongStep, state="answered")


# -- links -----------------------------------------------------------------------------------


def test_a_link_stands_in_both_threads_and_is_taken_back_in_both():
    story = called().when(j.LinkIncidents, incident=A, other=B, reason="same car")
    story.then(
        j.IncidentsLinked(incident=A, other=B, reason="same car"),
        j.IncidentsLinked(incident=B, other=A, reason="same car"),
    )
    assert (board(story, A).linked, board(story, B).linked) == ([B], [A])
    story.when(j.UnlinkIncidents, incident=B, other=A, reason="another car").then(
        j.IncidentsUnlinked(incident=B, other=A, reason="another car"),
        j.IncidentsUnlinked(incident=A, other=B, reason="another car"),
    )
    assert (board(story, A).linked, board(story, B).linked) == ([], [])


def test_each_side_of_a_link_lies_in_its_own_stream():
    story = called().when(j.LinkIncidents, incident=A, other=B)
    assert [row.stream for row in story.rows[-2:]] == [f"incident:{A}", f"incident:{B}"]


# -- one becomes two -------------------------------------------------------------------------


def test_a_call_is_split_off_with_the_kind_and_place_of_what_it_was_about():
    story = called("C1", "C2").when(j.SplitIncident, incident=A, call="C2", into=N, reason="other")
    story.then(
        j.IncidentSplit(incident=A, call="C2", into=N, reason="other"),
        j.CallDetached(call="C2", incident=A, reason="other"),
        opened(N, call="C2", off_road_m=48.0),
        j.IncidentSplitOff(incident=N, other=A, reason="other"),
    )
    assert (call_of(story, "C2").state, call_of(story, "C2").incident) == ("matched", N)
    assert (board(story, A).calls, board(story, A).parts) == (["C1"], [N])
    assert (board(story, N).calls, board(story, N).part_of) == (["C2"], A)


def test_what_is_split_off_may_be_of_another_kind_and_elsewhere():
    story = called("C1", "C2")
    story.when(
        j.SplitIncident, incident=A, call="C2", kind="Medical", priority="2", reason="fell",
        address="5th St", lon=-122.47, lat=37.7, door="flat 3",
    )  # fmt: skip
    event = next(e for e in story.events if isinstance(e, w.IncidentOpened))
    assert (event.kind, event.priority, event.address) == ("Medical", "2", "5th St")
    assert (event.lon, event.area_class, event.door) == (-122.47, "core", "flat 3")
    assert event.incident == N


def test_the_place_it_is_split_off_is_the_corrected_one():
    story = called("C1", "C2")
    story.when(w.CorrectPlace, incident=A, address="somewhere", reason="caller unsure")
    story.when(j.SplitIncident, incident=A, call="C2", reason="other")
    event = next(e for e in story.events if isinstance(e, w.IncidentOpened))
    assert (event.address, event.lon, event.unverified) == ("somewhere", None, "caller unsure")


def test_an_address_told_without_a_position_says_why_it_has_none():
    story = called("C1", "C2")
    story.when(j.SplitIncident, incident=A, call="C2", address="the pier", reason="other").refused(
        w.PlaceNeeded
    )
    story.when(
        j.SplitIncident, incident=A, call="C2", address="the pier", reason="other",
        unverified="fog",
    )  # fmt: skip
    assert board(story, N).unverified == "fog"


# -- refusals, word for word -----------------------------------------------------------------

PROVOKED = {
    j.SameIncident: (
        lambda: called().when(j.LinkIncidents, incident=A, other=A),
        f"Not done: intake.LinkIncidents for incident {A}. Both numbers are the same incident. "
        "Give the number of the other one.",
    ),
    j.AlreadyLinked: (
        lambda: called().given(
            j.IncidentsLinked(incident=A, other=B), j.IncidentsLinked(incident=B, other=A)
        ).when(j.LinkIncidents, incident=B, other=A),
        f"Not linked: incidents {B} and {A}. They are linked already. Nothing more is needed.",
    ),
    j.NotLinked: (
        lambda: called().when(j.UnlinkIncidents, incident=A, other=B, reason="no"),
        f"Not unlinked: incidents {A} and {B}. They are not linked. "
        "Nothing more is needed; look at the thread for what they are linked with.",
    ),
    j.NotItsCall: (
        lambda: called("C1", "C2").when(j.SplitIncident, incident=B, call="C1", reason="no"),
        f"Not split: call C1 off incident {B}. That call is about incident {A}, and not about "
        "this one. Choose one of the calls about this incident.",
    ),
    j.OnlyCall: (
        lambda: called("C1").when(j.SplitIncident, incident=A, call="C1", reason="no"),
        f"Not split: call C1 off incident {A}. It is the only call about it. "
        "Change the kind or correct the place of the incident itself.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("refusal", PROVOKED, ids=lambda cls: cls.__name__)
def test_a_refusal_says_what_was_not_done_because_of_what_and_what_to_do(refusal):
    story, text = PROVOKED[refusal]
    story().refused(refusal, text=text)


def test_every_refusal_of_joining_is_provoked_here():
    assert set(j.REFUSALS) == set(PROVOKED)


def test_what_is_refused_leaves_no_trace():
    for story, _ in PROVOKED.values():
        told = story()
        before = told.rooms.pack(told.states)
        told.when(w.OpenIncident, **{**PLACE, "kind": "Dragon"}).refused(w.UnknownKind)
        assert told.rooms.pack(told.states) == before


@pytest.mark.parametrize(
    ("command", "fields", "name"),
    [
        (j.DetachCall, {"call": "x", "reason": "no"}, "x"),
        (j.LinkIncidents, {"incident": "x", "other": A}, "x"),
        (j.LinkIncidents, {"incident": A, "other": "x"}, "x"),
        (j.UnlinkIncidents, {"incident": A, "other": "x", "reason": "no"}, "x"),
        (j.SplitIncident, {"incident": "x", "call": "C1", "reason": "no"}, "x"),
        (j.SplitIncident, {"incident": A, "call": "x", "reason": "no"}, "x"),
    ],
)
def test_a_command_about_nothing_known_is_refused(command, fields, name):
    called("C1").when(command, **fields).refused(Unknown, name=name)


def test_a_booking_is_not_joined_with_anything():
    story = called().given(
        w.IncidentBooked(incident=N, kind="Fire", priority="3", address="x", due_us=1)
    )
    story.when(j.LinkIncidents, incident=A, other=N).refused(WrongStep, state="booked")


def test_a_kind_the_town_does_not_have_is_split_off_as_little_as_it_is_opened():
    called("C1", "C2").when(
        j.SplitIncident, incident=A, call="C2", kind="Dragon", reason="no"
    ).refused(w.UnknownKind)


# -- areas -----------------------------------------------------------------------------------


def asked(town: Centre, command, areas: tuple[str, ...], **fields):
    actor = Actor(name="one", role="dispatcher", areas=areas)
    return town.hub.handle([Ask(make(command, fields), actor)])[0]


def test_who_acts_in_one_area_joins_nothing_with_what_lies_in_another():
    town = centre()
    here, there = town.incident(), town.incident(lon=-122.47)
    both = {"incident": here, "other": there}
    outcome = asked(town, j.LinkIncidents, ("Middle",), **both)
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, NotYourArea)
    assert (outcome.refusal.incident, outcome.refusal.area) == (there, "Old Town")
    assert not isinstance(asked(town, j.LinkIncidents, ("Middle", "Old Town"), **both), Refused)


def test_a_call_is_taken_off_only_in_the_area_of_its_incident():
    town = centre()
    [call] = [e.call for e in town.done(w.AnswerCall)]
    town.incident(call=call)
    outcome = asked(town, j.DetachCall, ("Old Town",), call=call, reason="no")
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, NotYourArea)
    assert not isinstance(asked(town, j.DetachCall, ("Middle",), call=call, reason="no"), Refused)
