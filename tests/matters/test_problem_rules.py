"""Given a place that keeps calling, when a problem is worked, then these events (or this refusal).

One place called once a day for sixty days; whatever is tested rests on that history.
"""

from __future__ import annotations

import msgspec
import pytest

from answerable.dispatch import merge_words as merge
from answerable.intake import words as intake
from answerable.kernel.refusals import NotAllowed, NotYourUnit, Unknown, WrongStep
from answerable.matters import problem_refusals as no
from answerable.matters import problem_words as w
from answerable.matters.rules import _together
from tests.matters.problem_town import (
    ADDED,
    BASE,
    COUNTED,
    DAY_US,
    DONE,
    MAY,
    MONDAY,
    OPENED,
    PLACE,
    PLANNED,
    TAKEN,
    changed,
    problem,
    quiet,
    story,
    town,
)  # fmt: skip
from tests.story import T0, US, Centre, at_local, opened

# -- a problem begins ------------------------------------------------------------------------


def test_a_repeat_place_becomes_a_problem_whose_reports_have_their_dates():
    told = story()
    told.when(
        w.OpenProblem, place=PLACE, kinds=("Fire",), cause="noise", because="rings every night"
    )
    told.then(OPENED)
    alarms = told.states["matters"].alarms.due
    assert alarms == {"problem-bulletin:P1": MONDAY, "problem-review:P1": MAY}


@pytest.mark.parametrize(
    ("asked", "place"),
    [("117 Main St, Apt 4", "100 Block of Main St"), ("OAK ST/ELM ST", "Elm St / Oak St"),
     ("建设路12号3单元502室", "0 Block of 建设路")],
)  # fmt: skip
def test_a_problem_is_never_about_a_door(asked, place):
    [event] = story().when(w.OpenProblem, place=asked, because="often").events
    assert event.place == place


def test_what_names_no_place_is_no_problem():
    story().when(w.OpenProblem, place="#12", because="often").refused(no.NoPlace)


def test_a_place_is_one_problem_at_a_time():
    told = story(OPENED)
    told.when(w.OpenProblem, place="112 MAIN ST", because="often")
    told.refused(no.HasProblem, problem="P1", place=PLACE)
    told.when(w.OpenProblem, place="Elm St / Oak St", because="often")
    assert told.events[0].problem == "P2"


def test_a_centre_carries_so_many_problems(monkeypatch):
    monkeypatch.setattr(w, "PROBLEMS_MAX", 1)
    story(OPENED).when(w.OpenProblem, place="Elm St", because="often").refused(no.TooManyProblems)


def test_what_is_no_problem_is_declined_before_anybody_planned_and_its_place_is_free_again():
    told = story(OPENED)
    told.when(w.DeclineProblem, role="supervisor", problem="P1", reason="roadworks")
    told.then(w.ProblemDeclined(problem="P1", reason="roadworks"))
    assert told.states["matters"].problem_at == {}
    assert told.states["matters"].alarms.due == {}
    told = story(*BASE)
    told.when(w.DeclineProblem, role="supervisor", problem="P1", reason="roadworks")
    told.refused(WrongStep, state="planned")


def test_a_problem_nobody_opened_is_unknown():
    for command, fields in (
        (w.TakeProblem, {"owner": "supervisor"}), (w.PlanProblem, {"goal": "quiet"}),
        (w.NoteProblem, {"words": "x"}), (w.ClaimStopped, {"because": "it is"}),
    ):  # fmt: skip
        told = story().when(command, role="supervisor", problem="P7", **fields)
        told.refused(Unknown, what="problem", name="P7")


def test_a_role_a_station_or_a_unit_owns_it_and_nobody_by_name():
    for owner in ("supervisor", "E1"):
        told = story(OPENED).when(w.TakeProblem, role="supervisor", problem="P1", owner=owner)
        told.then(w.ProblemTaken(problem="P1", owner=owner))
    for name in ("Ada Lovelace", "somebody", "system"):
        told = story(OPENED).when(w.TakeProblem, role="supervisor", problem="P1", owner=name)
        told.refused(no.NotAnOwner, owner=name)
    told = story(OPENED, TAKEN)
    told.when(w.TakeProblem, role="supervisor", problem="P1", owner="E1")
    told.then(w.ProblemTaken(problem="P1", owner="E1", was="supervisor"))


def test_who_owns_it_is_a_supervisors_to_say():
    story(OPENED).when(w.TakeProblem, problem="P1", owner="E1").refused(NotAllowed)


# -- what the place called before ------------------------------------------------------------


def test_only_the_program_says_what_a_place_called_before_and_once():
    given = {"problem": "P1", "first": "2020-02-02", "counts": (1,) * 60 + (3,), "position": 1}
    for role in ("dispatcher", "supervisor", "administrator", "importer"):
        story(OPENED).when(w.CountPlace, role=role, **given).refused(NotAllowed)
    told = story(OPENED).when(w.CountPlace, role="system", **given).then(COUNTED)
    told.when(w.CountPlace, role="system", **given).refused(no.AlreadyCounted)


def test_the_calls_of_a_place_are_kept_from_the_events_and_only_there():
    told = story(OPENED).given(
        opened("1", address="117 Main St"), opened("2", address="Elm St"),
        opened("3", address=PLACE, kind="Medical"), opened("4", address=PLACE),
        merge.IncidentMerged(incident="4", into="1", reason="the same"),
    )  # fmt: skip
    calls = problem(told).calls
    assert {name: problem(told).counts(call) for name, call in calls.items()} == {
        "1": True, "3": False, "4": False,
    }  # fmt: skip
    told.given(
        merge.IncidentUnmerged(incident="4", out_of="1", reason="not the same"),
        intake.KindChanged(
            incident="3", kind="Fire", priority="3", was_kind="Medical", was_priority="2",
            reason="smoke",
        ),
        intake.PlaceCorrected(
            incident="1", address="Elm St", was_address="117 Main St", reason="misheard"
        ),
    )  # fmt: skip
    assert [problem(told).counts(call) for call in calls.values()] == [False, True, True]
    moved = intake.PlaceCorrected(
        incident="2", address="100 Main St", was_address="Elm St", reason="misheard"
    )
    back = intake.PlaceCorrected(
        incident="1", address=PLACE, was_address="Elm St", reason="heard well"
    )
    told.given(moved, back)
    assert [problem(told).counts(call) for call in calls.values()] == [True, True, True, True]


def test_a_problem_remembers_so_many_calls_and_lets_the_oldest_go(monkeypatch):
    monkeypatch.setattr(w, "CALLS_MAX", 2)
    told = story(OPENED).given(*(opened(f"{n}", address=PLACE) for n in range(4)))
    assert list(problem(told).calls) == ["2", "3"]
    assert told.states["matters"].problem_calls == {"2": "P1", "3": "P1"}


def test_a_centre_without_a_problem_keeps_no_call():
    told = story().given(opened("1", address=PLACE))
    assert told.states["matters"].problem_calls == {}


# -- plan, steps, agencies, notes ------------------------------------------------------------


def test_a_plan_comes_before_its_steps():
    due = T0 + DAY_US
    story(OPENED, TAKEN).when(w.AddStep, problem="P1", what="a letter", due=due).refused(WrongStep)
    told = story(OPENED, TAKEN)
    told.when(w.PlanProblem, problem="P1", goal="quiet nights", plan="talk to the house")
    told.then(PLANNED)
    told.when(w.AddStep, problem="P1", what="a letter", due=due)
    told.then(w.StepAdded(problem="P1", step="P1.1", what="a letter", due_us=due))


def test_the_date_of_a_step_lies_ahead():
    for due in (T0, T0 + 800 * DAY_US):
        told = story(*BASE).when(w.AddStep, problem="P1", what="a letter", due=due)
        told.refused(no.NoSuchDate, due_us=due)


def test_a_plan_has_so_many_steps(monkeypatch):
    monkeypatch.setattr(w, "STEPS_MAX", 1)
    told = story(*BASE, ADDED)
    told.when(w.AddStep, problem="P1", what="another", due=T0 + DAY_US).refused(no.TooManySteps)


def test_a_step_is_done_dropped_or_taken_up_again():
    told = story(*BASE, ADDED).when(w.DoneStep, problem="P1", step="P1.1").then(DONE)
    assert problem(told).steps["P1.1"].done_us == told.now_us
    told.when(w.DoneStep, problem="P1", step="P1.1").refused(WrongStep, state="done")
    told.when(w.RedoStep, problem="P1", step="P1.1", reason="it came back unread")
    told.then(w.StepTakenUp(
        problem="P1", step="P1.1", due_us=ADDED.due_us, reason="it came back unread"))  # fmt: skip
    assert problem(told).steps["P1.1"].done_us == 0
    told.when(w.DropStep, problem="P1", step="P1.1", reason="the house is empty")
    told.then(w.StepDropped(problem="P1", step="P1.1", reason="the house is empty"))
    told.when(w.RedoStep, problem="P1", step="P1.1", due=T0, reason="not empty")
    told.refused(no.NoSuchDate)
    told.when(w.DropStep, problem="P1", step="P1.9", reason="none").refused(Unknown, what="step")


def test_only_an_agency_of_the_town_takes_part_and_is_given_a_step():
    step = {"problem": "P1", "what": "measure", "due": T0 + DAY_US, "agency": "noise"}
    told = story(*BASE).when(w.AddStep, **step).refused(no.TakesNoPart)
    told.when(w.JoinAgency, problem="P1", agency="watch").refused(Unknown, what="agency")
    told.when(w.LeaveAgency, problem="P1", agency="noise").refused(no.TakesNoPart)
    told.when(w.JoinAgency, problem="P1", agency="noise")
    told.then(w.AgencyJoined(problem="P1", agency="noise"))
    told.when(w.JoinAgency, problem="P1", agency="noise").refused(no.TakesPart)
    told.when(w.AddStep, **step)
    assert told.events[0].agency == "noise"
    told.when(w.LeaveAgency, problem="P1", agency="noise")
    told.then(w.AgencyLeft(problem="P1", agency="noise"))


def test_what_is_noted_lies_in_the_vault_under_the_problems_own_stream():
    centre = Centre(town=town())
    centre.done(w.OpenProblem, place=PLACE, because="often")
    centre.done(w.NoteProblem, problem="P1", words="Mrs Zarathustra said")
    row = list(centre.store.rows())[-1]
    assert row.stream == "problem:P1"
    assert centre.store.unseal(row.position, "words") == "Mrs Zarathustra said"
    assert b"Zarathustra" not in row.body
    assert "Zarathustra" not in repr(centre.state("matters"))


def test_who_reads_the_notes_is_recorded_and_reads_for_an_hour():
    told = story(OPENED, w.ProblemNoted(problem="P1", note=1, words="x"))
    told.when(w.ReadNotes, problem="P1").then(w.NotesRead(problem="P1"))
    assert list(problem(told).reads.values()) == [told.now_us + 3600 * US]
    told.now_us += 3601 * US
    told.when(w.ReadNotes, problem="P1")
    assert list(problem(told).reads.values()) == [told.now_us + 3600 * US]


# -- what the program writes -----------------------------------------------------------------


def test_the_program_writes_a_bulletin_each_monday_from_its_own_record():
    told = story(*BASE, ADDED, DONE, w.ProblemNoted(problem="P1", note=1, words="x"))
    friday, sunday = (at_local(f"2020-04-{d}T12:00:00") for d in ("03", "05"))
    told.given(opened("1", address=PLACE), at=friday)
    told.given(opened("2", address=PLACE), opened("3", address=PLACE), at=sunday)
    told.given(opened("4", address=PLACE, kind="Medical"), at=sunday)
    told.now_us = MONDAY + 5
    told.when(w.WriteBulletin, role="system", after_s=0, problem="P1", at=MONDAY)
    told.then(w.BulletinWritten(
        problem="P1", issue=1, first="2020-04-03", last="2020-04-05", calls=3, days=(1, 0, 2),
        before=5, expected=3.0, next_us=at_local("2020-04-13T00:00:00"),
    ))  # fmt: skip
    assert told.states["matters"].alarms.due["problem-bulletin:P1"] == told.events[0].next_us


def test_the_bulletin_counts_steps_and_notes_of_its_days():
    told = story(*BASE, ADDED, changed(ADDED, step="P1.2", due_us=T0 + DAY_US))
    told.now_us += DAY_US
    told.given(DONE, w.ProblemNoted(problem="P1", note=1, words="x"))
    told.now_us = MONDAY
    told.when(w.WriteBulletin, role="system", problem="P1")
    [event] = told.events
    assert (event.done, event.open_steps, event.late, event.notes) == (1, 1, 1, 1)


def test_what_was_not_counted_yet_is_neither_expected_nor_known():
    told = story(OPENED)
    told.now_us = MONDAY
    told.when(w.WriteBulletin, role="system", problem="P1")
    [event] = told.events
    assert (event.expected, event.before) == (None, None)
    told.now_us = MAY
    told.when(w.WriteReview, role="system", problem="P1")
    assert told.events[0].verdict == "not counted"


def test_nobody_else_writes_what_the_program_writes():
    for command in (w.WriteBulletin, w.WriteReview, w.CheckWatch, w.EndProblem):
        story(*BASE).when(command, role="supervisor", problem="P1").refused(NotAllowed)


def test_the_alarms_of_a_centre_write_the_reports_by_themselves():
    centre = Centre(town=town())
    centre.done(w.OpenProblem, place=PLACE, because="often")
    centre.tick((MAY - centre.clock.now_us()) / US + 1)
    told = [type(event).__name__ for event in centre.events()]
    assert told.count("BulletinWritten") == 4
    assert told.count("ReviewWritten") == 1
    before = centre.hub.rooms.pack(centre.hub.state)
    centre.restart(use_snapshot=False)
    assert centre.hub.rooms.pack(centre.hub.state) == before


def test_a_review_asks_for_a_decision_and_is_decided_once():
    review = w.ReviewWritten(
        problem="P1", issue=1, first="2020-04-03", last="2020-04-30", calls=9, days=(1,),
        verdict="not yet", next_us=MAY,
    )  # fmt: skip
    told = story(*BASE, review)
    decided = {"problem": "P1", "decision": "change the plan", "because": "more of the same"}
    told.when(w.ReviewProblem, **decided).refused(NotAllowed)
    told.when(w.ReviewProblem, role="supervisor", **decided)
    because = "more of the same"
    decision = w.Decision.CHANGE_PLAN
    told.then(w.ProblemReviewed(problem="P1", issue=1, decision=decision, because=because))
    told.when(w.ReviewProblem, role="supervisor", **decided)
    told.refused(no.NothingToReview, next_us=MAY)


def test_a_review_that_claims_that_it_stopped_is_tested_like_any_claim():
    review = w.ReviewWritten(
        problem="P1", issue=1, first="2020-04-03", last="2020-04-30", calls=9, days=(1,),
        verdict="stopped", next_us=MAY,
    )  # fmt: skip
    decided = {"problem": "P1", "decision": "claim that it stopped", "because": "it is quiet"}
    told = quiet(10, review)
    told.when(w.ReviewProblem, role="supervisor", **decided).refused(no.TooEarly)
    assert problem(told).asked == 1
    told = quiet(40, review)
    told.when(w.ReviewProblem, role="supervisor", **decided)
    assert [type(event) for event in told.events] == [w.ProblemReviewed, w.StopClaimed]


def test_several_subjects_may_wait_for_one_event_and_all_act():
    first, second = (lambda _s, _e, _r, n=n: [f"asked {n}"] for n in (1, 2))
    table = _together({w.StepDone: first}, {w.StepDone: second, w.StepAdded: first})
    assert table[w.StepDone](None, None, None) == ["asked 1", "asked 2"]
    assert table[w.StepAdded](None, None, None) == ["asked 1"]


# -- a crew works at the problems of its unit and its station --------------------------------


def owned_by(owner: str, **added: object):
    """Return a story of a problem of this owner, with one step to do."""
    step = msgspec.structs.replace(ADDED, **added)
    joined = w.AgencyJoined(problem="P1", agency=step.agency)
    taken = w.ProblemTaken(problem="P1", owner=owner)
    return story(OPENED, COUNTED, taken, PLANNED, *([joined] if step.agency else []), step)


CREW = {"role": "crew", "aboard": "E1"}
STATION = town().units["E1"].station


@pytest.mark.parametrize("owner", ["E1", STATION])
def test_a_crew_notes_and_does_what_its_unit_or_its_station_owns(owner):
    told = owned_by(owner)
    told.when(w.NoteProblem, **CREW, problem="P1", words="quiet so far")
    told.then(w.ProblemNoted(problem="P1", note=1, words="quiet so far"))
    told.when(w.DoneStep, **CREW, problem="P1", step="P1.1")
    told.then(DONE)


@pytest.mark.parametrize("owner", ["E2", "supervisor"])
def test_a_crew_has_no_part_in_a_problem_of_others(owner):
    told = owned_by(owner)
    refused = told.when(w.NoteProblem, **CREW, problem="P1", words="x")
    refused.refused(NotYourUnit, yours="E1")
    told.when(w.DoneStep, **CREW, problem="P1", step="P1.1").refused(NotYourUnit)
    story(OPENED).when(w.NoteProblem, **CREW, problem="P1", words="x").refused(NotYourUnit)
    told.when(w.NoteProblem, role="crew", problem="P1", words="x").refused(NotYourUnit)


def test_a_crew_does_not_say_that_an_agency_has_done_its_step():
    agency = town().file.agencies[0].code
    told = owned_by("E1", agency=agency)
    told.when(w.DoneStep, **CREW, problem="P1", step="P1.1").refused(NotYourUnit, unit=agency)


@pytest.mark.parametrize("command", [w.AddStep, w.ReadNotes, w.PlanProblem, w.ClaimStopped])
def test_a_crew_is_given_nothing_more_of_a_problem(command):
    fields = {w.AddStep: {"what": "xx", "due": T0 + US}, w.PlanProblem: {"goal": "xx"},
              w.ClaimStopped: {"because": "xx"}}  # fmt: skip
    told = owned_by("E1").when(command, **CREW, problem="P1", **fields.get(command, {}))
    told.refused(NotAllowed)
