"""Merging: one goes on for both, and both can be taken apart again with nothing lost."""

from __future__ import annotations

import pytest

from answerable.aside import ClosedLongAgo
from answerable.dispatch import merge_words as m
from answerable.dispatch import words as d
from answerable.intake import join_words as j
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.kernel.hub import Ask, Hub, Refused
from answerable.kernel.ids import SeededIds
from answerable.kernel.refusals import NotYourArea, Unknown, WrongStep
from answerable.rooms import product
from answerable.vault import words as v
from tests import story as stories
from tests.story import Centre, Story, centre, make, on_duty, opened, sent

A, B, C = "200930001", "200930002", "200930003"


def ready(*units: str) -> Story:
    return Story().given(opened(A), opened(B), opened(C), *on_duty(*units))


def merged(*units: str) -> Story:
    """A was merged into B."""
    return ready(*units).when(m.MergeIncident, incident=A, into=B, reason="same fire")


def line(story: Story, incident: str):
    return story.states["board"].line(incident)


def test_a_merge_ends_the_one_and_stands_in_both_threads():
    story = merged().then(
        m.IncidentMerged(incident=A, into=B, reason="same fire"),
        m.IncidentTookOver(incident=B, merged=A, reason="same fire"),
    )
    assert [row.stream for row in story.rows[-2:]] == [f"incident:{A}", f"incident:{B}"]
    assert (line(story, A).state, line(story, A).into) == ("merged", B)
    assert (line(story, B).state, line(story, B).merged) == ("open", [A])
    assert list(story.states["board"].incidents) == [B, C]


def test_a_merge_is_taken_back_and_both_are_open_as_before():
    story = merged()
    story.when(m.UnmergeIncident, incident=A, reason="two fires").then(
        m.IncidentUnmerged(incident=A, out_of=B, reason="two fires"),
        m.IncidentGaveBack(incident=B, merged=A, reason="two fires"),
    )
    assert (line(story, A).state, line(story, A).into, line(story, B).merged) == ("open", "", [])
    assert story.states["dispatch"].responses[A].into == ""


def test_what_goes_on_for_others_can_be_merged_itself_and_given_back_later():
    story = merged().when(m.MergeIncident, incident=B, into=C, reason="one blaze")
    assert line(story, B).into == C
    story.when(m.UnmergeIncident, incident=A, reason="two fires")
    assert (line(story, A).state, line(story, B).state, line(story, B).merged) == (
        "open", "merged", [],
    )  # fmt: skip


def test_what_was_taken_over_is_given_back_also_by_a_closed_one():
    story = merged().given(d.IncidentClosed(incident=B, outcome="put out"))
    story.when(m.UnmergeIncident, incident=A, reason="two fires")
    assert (line(story, A).state, line(story, B).state) == ("open", "closed")


def test_no_chain_of_merged_ones_leads_back_to_itself():
    story = merged().when(m.MergeIncident, incident=B, into=A, reason="no")
    story.refused(m.NothingToMergeInto, state="merged", beyond=B)


def test_a_merged_incident_is_neither_closed_nor_reopened_nor_merged_again():
    story = merged()
    for command, fields in (
        (d.CloseIncident, {"outcome": "over"}), (d.ReopenIncident, {"reason": "again"}),
        (m.MergeIncident, {"into": C, "reason": "again"}),
    ):  # fmt: skip
        story.when(command, incident=A, **fields).refused(WrongStep, state="merged")


def test_an_open_incident_is_not_unmerged():
    ready().when(m.UnmergeIncident, incident=A, reason="no").refused(WrongStep, state="open")


def test_a_unit_that_was_there_before_may_still_report_back():
    story = ready("E1").given(sent("E1", A), d.UnitArrived(incident=A, unit="E1"))
    story.given(d.UnitCleared(incident=A, unit="E1"))
    story.when(m.MergeIncident, incident=A, into=B, reason="same fire")
    story.when(d.ReportBack, role="crew", incident=A, unit="E1", outcome="nothing here")
    assert story.events == [d.FieldReported(incident=A, unit="E1", outcome="nothing here")]


# -- refusals, word for word -----------------------------------------------------------------

PROVOKED = {
    m.MergedIntoItself: (
        lambda: ready().when(m.MergeIncident, incident=A, into=A, reason="no"),
        f"Not merged: incident {A}. Both numbers are the same incident. "
        "Give the number of the incident that goes on.",
    ),
    m.NothingToMergeInto: (
        lambda: ready().given(d.IncidentClosed(incident=B, outcome="x")).when(
            m.MergeIncident, incident=A, into=B, reason="no"
        ),
        f"Not merged: incident {A}. Incident {B} is closed. "
        f"Merge it into an open one; reopen {B} first, or link the two.",
    ),
    m.UnitsOnMerged: (
        lambda: ready("E1", "E2").given(sent("E1", A), sent("E2", A)).when(
            m.MergeIncident, incident=A, into=B, reason="no"
        ),
        f"Not merged: incident {A}. Still on it: E1, E2. "
        "Exchange, clear or cancel them first, or merge the other one into this one.",
    ),
    m.IncidentIsMerged: (
        lambda: merged("E1").when(d.SendUnit, incident=A, unit="E1"),
        f"Not sent: E1. Incident {A} is the same as {B}, which goes on for both. "
        f"Send it to {B}, or unmerge {A} first.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("refusal", PROVOKED, ids=lambda cls: cls.__name__)
def test_a_refusal_says_what_was_not_done_because_of_what_and_what_to_do(refusal):
    story, text = PROVOKED[refusal]
    story().refused(refusal, text=text)


def test_every_refusal_of_merging_is_provoked_here():
    assert set(m.REFUSALS) == set(PROVOKED)


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (m.MergeIncident, {"incident": "x", "into": B}),
        (m.MergeIncident, {"incident": A, "into": "x"}),
        (m.UnmergeIncident, {"incident": "x"}),
    ],
)
def test_a_command_about_nothing_known_is_refused(command, fields):
    ready().when(command, reason="no", **fields).refused(Unknown, name="x")


def test_who_acts_in_one_area_merges_nothing_into_what_lies_in_another():
    town = centre()
    here, there = town.incident(), town.incident(lon=-122.47)
    asked = make(m.MergeIncident, {"incident": here, "into": there, "reason": "same"})
    actor = Actor(name="one", role="dispatcher", areas=("Middle",))
    outcome = town.hub.handle([Ask(asked, actor)])[0]
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, NotYourArea)
    assert outcome.refusal.incident == there


# -- laid aside, and the same after every restart --------------------------------------------


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Centre:
    """A centre that keeps only the newest over incident in memory."""

    def lesser():
        rooms = product()
        rooms.aside = ClosedLongAgo(1)
        return rooms

    monkeypatch.setattr(stories, "product", lesser)
    return centre().adopt().duty("E1")


def same_after_restart(town: Centre) -> None:
    live = town.hub.rooms.pack(town.hub.state)
    for use_snapshot in (False, True):
        other = Hub(town.hub.rooms, town.store, clock=town.clock, ids=SeededIds(1), town=town.town)
        other.start(use_snapshot=use_snapshot)
        assert other.rooms.pack(other.state) == live


def three(town: Centre) -> tuple[str, str, str]:
    """Return three incidents, each from a call of its own; a further call is about the first."""
    names = []
    for call in ("C1", "C2", "C3"):
        town.done(i.AnswerCall, call=call)
        names.append(town.incident(call=call))
    town.done(i.AnswerCall, call="C4")
    town.done(i.AttachCall, call="C4", incident=names[0])
    return names[0], names[1], names[2]


def test_a_merged_incident_is_laid_aside_and_comes_back_unmerged_with_all_it_had(town: Centre):
    first, second, third = three(town)
    town.done(m.MergeIncident, incident=first, into=second, reason="same")
    town.done(m.MergeIncident, incident=third, into=second, reason="same")
    assert first not in town.state("intake").incidents
    assert "C1" not in town.state("intake").calls
    same_after_restart(town)
    town.hub.save_snapshot()
    town.done(m.UnmergeIncident, incident=first, reason="two fires")
    line = town.board.incidents[first]
    assert (line.calls, town.state("intake").calls["C4"].incident) == (["C1", "C4"], first)
    assert town.board.line(second).merged == [third]
    same_after_restart(town)


def test_both_of_a_pair_are_found_again_where_both_were_laid_aside(town: Centre):
    first, second, third = three(town)
    for name in (first, second, third):
        town.done(d.CloseIncident, incident=name, outcome="over")
    assert list(town.board.closed) == [third]
    town.done(j.LinkIncidents, incident=first, other=second, reason="same car")
    assert (town.board.line(first).linked, town.board.line(second).linked) == ([second], [first])
    same_after_restart(town)
    town.hub.save_snapshot()
    town.done(j.UnlinkIncidents, incident=second, other=first, reason="another car")
    same_after_restart(town)


def test_what_is_refused_brings_nothing_back_for_good(town: Centre):
    first, second, third = three(town)
    for name in (first, second):
        town.done(d.CloseIncident, incident=name, outcome="over")
    before = town.hub.rooms.pack(town.hub.state)
    town.refused(m.MergeIncident, incident=third, into=first, reason="same")
    assert town.hub.rooms.pack(town.hub.state) == before
    same_after_restart(town)


# -- sealed words ----------------------------------------------------------------------------


def test_the_words_of_a_merged_one_are_read_in_the_course_of_the_work_while_the_other_is_open():
    town = centre()
    first, second = town.incident(), town.incident()
    town.done(i.AddNote, incident=first, words="smoke from the cellar")
    town.done(m.MergeIncident, incident=first, into=second, reason="same fire")
    town.done(v.ReadSealed, incident=first, purpose=v.Purpose.WORKING)
    town.done(d.CloseIncident, incident=second, outcome="put out")
    refusal = town.refused(v.ReadSealed, incident=first, purpose=v.Purpose.WORKING)
    assert isinstance(refusal, v.NotWorkedOn)


def test_a_call_that_was_taken_off_is_not_erased_with_what_it_was_taken_off():
    town = centre()
    for call in ("C1", "C2"):
        town.done(i.AnswerCall, call=call, number="555")
    first = town.incident(call="C1")
    town.done(i.AttachCall, call="C2", incident=first)
    town.done(j.DetachCall, call="C2", reason="another fire")
    town.done(d.CloseIncident, incident=first, outcome="over")
    town.done(v.AskErasure, role="supervisor", name="one", incident=first, act=v.Grave.ERASE,
              reason="wish")  # fmt: skip
    events = town.done(v.ApproveErasure, role="supervisor", name="two", incident=first)
    [erased] = [event for event in events if isinstance(event, v.Erased)]
    assert erased.streams == (f"incident:{first}", "call:C1")
