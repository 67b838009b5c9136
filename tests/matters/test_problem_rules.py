"""Given a place that keeps calling, when a problem is worked, then these events (or this refusal).

One place called once a day for sixty days; whatever is tested rests on that history.
"""

from __future__ import annotations

import datetime
import random

import msgspec
import pytest

from answerable.dispatch import merge_words as merge
from answerable.intake import words as intake
from answerable.kernel.refusals import NotAllowed, Unknown, WrongStep
from answerable.matters import problem_refusals as no
from answerable.matters import problem_sums as sums
from answerable.matters import problem_words as w
from answerable.matters.problem_back import came_back
from answerable.matters.problem_state import Problem
from answerable.matters.rules import _together
from answerable.towns.model import Agency, Title, Town
from tests.story import PLACE as PLACE_OF
from tests.story import T0, US, Centre, Story, at_local, opened, toy_town

PLACE = "100 Block of Main St"
DAY = datetime.timedelta(days=1)
DAY_US = 86_400 * US
MONDAY = at_local("2020-04-06T00:00:00")
MAY = at_local("2020-05-01T00:00:00")
OPENED = w.ProblemOpened(
    problem="P1", place=PLACE, kinds=("Fire",), cause="noise", because="rings every night",
    bulletin_us=MONDAY, review_us=MAY,
)  # fmt: skip
COUNTED = w.PlaceCounted(problem="P1", first="2020-02-02", counts=(1,) * 60 + (3,), upto=1)
TAKEN = w.ProblemTaken(problem="P1", owner="supervisor")
PLANNED = w.ProblemPlanned(problem="P1", goal="quiet nights", plan="talk to the house")
ADDED = w.StepAdded(problem="P1", step="P1.1", what="a letter", due_us=T0 + 9 * DAY_US)
DONE = w.StepDone(problem="P1", step="P1.1", what="a letter")
BASE = (OPENED, COUNTED, TAKEN, PLANNED)


def town() -> Town:
    """Return the toy town with one agency that can take part."""
    made = toy_town()
    agency = Agency("noise", Title(en="Noise office"))
    file = msgspec.structs.replace(made.file, agencies=(agency,))
    return Town(file, tuple(made.units.values()), made.places, script=made.script)


def story(*events) -> Story:
    return Story(town()).given(*events)


def problem(told) -> Problem:
    """Return the problem of a story or a centre."""
    states = told.states if isinstance(told, Story) else told.hub.state
    return states["matters"].problems["P1"]


def quiet(days: float, *events, calls: int = 0) -> Story:
    """Return a story in which a step was done and so many days have passed, with some calls."""
    told = story(*BASE, ADDED, DONE, *events)
    for n in range(calls):
        call = opened(f"20100{n:04}", address=PLACE)
        told.given(call, at=told.now_us + round((n + 1.3) / (calls + 1) * days * DAY_US))
    told.now_us += round(days * DAY_US)
    return told


def watching(*, calls: int = 0, days: int = 40) -> Story:
    """Return a story in which the place was found quiet and is watched."""
    told = quiet(days, calls=calls)
    claim(told)
    told.when(w.WatchProblem, role="supervisor", name="second", problem="P1", days=28)
    assert problem(told).state == "watched"
    return told


def changed(event, **changes):
    return msgspec.structs.replace(event, **changes)


def claim(told: Story, *, name: str = "somebody", **fields) -> Story:
    return told.when(w.ClaimStopped, name=name, problem="P1", because="it is quiet", **fields)


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
        problem="P1", number=1, first="2020-04-03", last="2020-04-05", calls=3, days=(1, 0, 2),
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
        problem="P1", number=1, first="2020-04-03", last="2020-04-30", calls=9, days=(1,),
        verdict="not yet", next_us=MAY,
    )  # fmt: skip
    told = story(*BASE, review)
    decided = {"problem": "P1", "decision": "change the plan", "because": "more of the same"}
    told.when(w.ReviewProblem, **decided).refused(NotAllowed)
    told.when(w.ReviewProblem, role="supervisor", **decided)
    because = "more of the same"
    decision = w.Decision.CHANGE_PLAN
    told.then(w.ProblemReviewed(problem="P1", number=1, decision=decision, because=because))
    told.when(w.ReviewProblem, role="supervisor", **decided)
    told.refused(no.NothingToReview, next_us=MAY)


def test_a_review_that_claims_that_it_stopped_is_tested_like_any_claim():
    review = w.ReviewWritten(
        problem="P1", number=1, first="2020-04-03", last="2020-04-30", calls=9, days=(1,),
        verdict="stopped", next_us=MAY,
    )  # fmt: skip
    decided = {"problem": "P1", "decision": "claim that it stopped", "because": "it is quiet"}
    told = quiet(10, review)
    told.when(w.ReviewProblem, role="supervisor", **decided).refused(no.TooEarly)
    assert problem(told).asked == 1
    told = quiet(40, review)
    told.when(w.ReviewProblem, role="supervisor", **decided)
    assert [type(event) for event in told.events] == [w.ProblemReviewed, w.StopClaimed]


# -- did it stop? ----------------------------------------------------------------------------


def test_a_place_that_is_quiet_long_enough_is_claimed_with_what_was_seen_and_expected():
    told = claim(quiet(40, calls=8))
    [event] = told.events
    assert (event.first, event.last) == ("2020-04-03", "2020-05-11")
    assert (event.seen, event.expected) == (8, 39.0)
    assert 0 < event.p < 0.001
    assert problem(told).state == "claimed"


def test_a_place_that_goes_on_is_not_claimed_and_is_told_how_long_it_still_takes():
    told = claim(quiet(40, calls=36))
    told.refused(no.NotStopped, seen=36, days=39, expected=39.0)
    still = told.outcome.still
    assert 0 < still < 60
    told.now_us += (still - 1) * DAY_US
    claim(told).refused(no.NotStopped)
    told.now_us += DAY_US
    assert isinstance(claim(told).events[0], w.StopClaimed)


def test_four_weeks_are_the_least_and_a_new_step_begins_them_again():
    claim(quiet(20)).refused(
        no.TooEarly, days=19, seen=0, still=9,
        text="Not claimed: that P1 stopped. From 2020-04-03 on, in 19 whole days, 19 calls were "
        "to be expected and 0 came: too little to tell. Go on with the plan; 9 more days without "
        "a call would show it.",
    )  # fmt: skip
    told = quiet(40)
    told.given(changed(ADDED, step="P1.2"), changed(DONE, step="P1.2"))
    told.now_us += 5 * DAY_US
    claim(told).refused(no.TooEarly, days=4)


def test_nothing_is_claimed_of_a_place_whose_past_was_not_counted():
    told = story(OPENED, TAKEN, PLANNED)
    told.now_us += 90 * DAY_US
    claim(told).refused(no.NotCounted)


def test_calls_of_other_kinds_and_merged_ones_do_not_keep_a_problem_open():
    told = quiet(30)
    told.given(*(opened(f"m{n}", address=PLACE, kind="Medical") for n in range(40)))
    claim(told)
    assert told.events[0].seen == 0


def test_it_takes_two_to_say_that_it_stopped():
    told = claim(quiet(40))
    told.when(w.WatchProblem, role="supervisor", name="somebody", problem="P1")
    told.refused(
        no.OneHandStop,
        text="Not confirmed: that P1 stopped. You claimed it yourself; it takes two. Let another "
        "person look at it and confirm it.",
    )
    told.when(w.WatchProblem, role="supervisor", name="second", problem="P1", days=28)
    [event] = told.events
    assert (event.seen, event.end_us) == (0, at_local("2020-06-10T00:00:00"))
    assert told.states["matters"].alarms.due == {
        "problem-bulletin:P1": MONDAY, "problem-watch:P1": event.end_us,
    }  # fmt: skip


def test_a_claim_that_calls_have_overtaken_is_not_confirmed():
    told = claim(quiet(40))
    told.given(*(opened(f"n{n}", address=PLACE) for n in range(40)))
    told.now_us += 2 * DAY_US
    told.when(w.WatchProblem, role="supervisor", name="second", problem="P1")
    told.refused(no.NotStopped)


def test_a_claim_may_be_declined_and_the_work_goes_on():
    told = claim(quiet(40))
    told.when(w.DeclineStop, role="supervisor", problem="P1", reason="it was the holidays")
    told.then(w.StopDeclined(problem="P1", reason="it was the holidays"))
    assert (problem(told).state, problem(told).claimed_by) == ("planned", "")


# -- watched, ended, and back ----------------------------------------------------------------


def test_it_ends_by_itself_when_it_stayed_quiet_for_as_long_as_it_was_watched():
    told = watching()
    end_us = problem(told).watch_end_us
    told.when(w.EndProblem, role="system", problem="P1").refused(no.StillWatched, end_us=end_us)
    told.now_us = end_us
    told.when(w.EndProblem, role="system", problem="P1")
    [event] = told.events
    assert isinstance(event, w.ProblemEnded)
    assert (event.seen, event.first, event.last) == (0, "2020-05-12", "2020-06-09")
    assert len(event.days) == 68
    ended = problem(told)
    assert (ended.state, ended.calls) == ("ended", {})
    assert told.states["matters"].problem_at == {}
    assert told.states["matters"].alarms.due == {}


def test_a_call_now_and_then_does_not_open_it_again():
    told = watching()
    for n in range(4):
        told.given(opened(f"w{n}", address=PLACE), at=told.now_us + 6 * DAY_US)
        told.now_us += 6 * DAY_US
        told.when(w.CheckWatch, role="system", problem="P1").then()
    assert problem(told).state == "watched"


def test_it_opens_again_by_itself_when_the_calls_come_back():
    centre = Centre(town=town())
    centre.done(w.OpenProblem, place=PLACE, because="often")
    centre.done(
        w.CountPlace, role="system", problem="P1", first="2020-02-02", counts=(1,) * 61, position=1
    )
    centre.done(w.TakeProblem, role="supervisor", problem="P1", owner="supervisor")
    centre.done(w.PlanProblem, problem="P1", goal="quiet nights")
    centre.tick(40 * 86_400)
    centre.done(w.ClaimStopped, problem="P1", because="it is quiet", name="first")
    centre.done(w.WatchProblem, role="supervisor", name="second", problem="P1")
    calls = 0
    while problem(centre).state == "watched":
        centre.tick(86_400)
        centre.done(intake.OpenIncident, **PLACE_OF | {"address": "130 Main St"})
        calls += 1
    assert 3 <= calls <= 12
    back = next(event for event in centre.events() if isinstance(event, w.ProblemReopened))
    assert (back.again, back.seen) == (w.Again.CAME_BACK, calls)
    assert problem(centre).state == "planned"
    assert "problem-watch:P1" not in centre.state("matters").alarms.due
    assert "problem-review:P1" in centre.state("matters").alarms.due


def test_a_place_that_is_half_as_loud_as_before_is_not_ended_at_the_end_of_its_watch():
    told = watching(calls=12)
    start = told.now_us
    for n in range(22):
        told.given(opened(f"w{n}", address=PLACE), at=start + n * 28 * DAY_US // 22)
    told.now_us = problem(told).watch_end_us
    told.when(w.EndProblem, role="system", problem="P1")
    assert told.events[0].again is w.Again.CAME_BACK


def test_a_call_at_a_watched_place_is_looked_at_and_no_other():
    told = watching()
    rooms = {room.name: room for room in told.rooms.rooms}
    react = rooms["matters"].reacts[intake.IncidentOpened]
    for incident, address, asked in (("a", "Elm St", 0), ("b", PLACE, 1)):
        event = opened(incident, address=address)
        told.given(event)
        assert len(react(told.states["matters"], event, told.rows[-1])) == asked


def test_an_ended_problem_goes_on_where_somebody_asks_for_it():
    told = watching()
    told.now_us = problem(told).watch_end_us
    told.when(w.EndProblem, role="system", problem="P1")
    told.when(w.ReopenProblem, problem="P1", reason="they are back").refused(NotAllowed)
    told.when(w.ReopenProblem, role="supervisor", problem="P1", reason="they are back")
    assert (told.events[0].again, problem(told).state) == (w.Again.ASKED, "planned")
    assert sums.quiet_from(problem(told), told.town) == datetime.date(2020, 6, 11)
    told.given(opened("x", address=PLACE))
    assert list(problem(told).calls) == ["x"]


def test_an_ended_problem_does_not_go_on_beside_a_new_one_of_its_place():
    told = watching()
    told.now_us = problem(told).watch_end_us
    told.when(w.EndProblem, role="system", problem="P1")
    told.when(w.OpenProblem, place=PLACE, because="again")
    told.when(w.ReopenProblem, role="supervisor", problem="P1", reason="they are back")
    told.refused(no.HasProblem, problem="P2")


def test_watching_is_wrong_no_more_often_than_it_says_however_often_it_looks():
    """A place at a quarter of what was expected is called back in at most one watch of twenty."""
    chance, rounds, false = random.Random(7), 2_000, 0
    for _ in range(rounds):
        at, seen, daily = 0.0, 0, 0.8
        while True:
            at += chance.expovariate(0.25 * daily)
            if at > 56:
                break
            seen += 1
            if came_back(daily * at, seen):
                false += 1
                break
    assert 0 < false / rounds <= 0.05


def test_a_place_that_calls_as_before_is_called_back_within_weeks():
    chance, found = random.Random(11), []
    for _ in range(300):
        at, seen = 0.0, 0
        while not came_back(0.8 * at, seen) and at < 200:
            at += chance.expovariate(0.8)
            seen += 1
        found.append(at)
    assert sorted(found)[270] < 35


@pytest.mark.parametrize("numbers", [(-1.0, 0), (1.0, -1), (float("-inf"), 1)])
def test_numbers_that_cannot_be_are_refused(numbers):
    with pytest.raises(ValueError, match="cannot be"):
        came_back(*numbers)


# -- the sums --------------------------------------------------------------------------------


def test_a_day_is_a_day_of_the_town():
    """23:30 in San Francisco is the next day in London."""
    told = story(OPENED, COUNTED)
    told.given(opened("1", address=PLACE), at=at_local("2020-04-04T23:30:00"))
    days = sums.days_between(datetime.date(2020, 4, 1), datetime.date(2020, 4, 5))
    assert sums.per_day(problem(told), told.town, days) == [1, 3, 0, 1, 0]


def test_the_day_it_was_opened_is_not_what_is_usual():
    told = story(OPENED, COUNTED)
    assert sums.usual(problem(told)).seen == 60
    assert sums.usual(problem(story(OPENED))) is None
    only = changed(COUNTED, counts=(5,))
    assert sums.usual(problem(story(OPENED, only))) is None


@pytest.mark.parametrize(
    ("at", "monday", "month"),
    [("2020-04-02T14:00:00", "2020-04-06", "2020-05-01"),
     ("2020-04-05T23:00:00", "2020-04-13", "2020-05-01"),
     ("2020-04-23T00:30:00", "2020-04-27", "2020-05-01"),
     ("2020-04-24T00:30:00", "2020-04-27", "2020-06-01"),
     ("2020-12-29T12:00:00", "2021-01-04", "2021-02-01"),
     ("2020-10-31T12:00:00", "2020-11-02", "2020-12-01")],
)  # fmt: skip
def test_reports_come_on_mondays_and_firsts_after_enough_whole_days(at, monday, month):
    made, at_us = town(), at_local(at)
    assert sums.next_week_us(made, at_us) == at_local(f"{monday}T00:00:00")
    assert sums.next_month_us(made, at_us) == at_local(f"{month}T00:00:00")


def test_a_place_that_called_too_little_may_never_show_that_it_stopped():
    rare = changed(COUNTED, counts=(0,) * 60 + (1,))
    told = story(OPENED, rare, TAKEN, PLANNED)
    told.now_us += 90 * DAY_US
    claim(told).refused(no.TooEarly, still=sums.STILL_MAX)


def test_several_subjects_may_wait_for_one_event_and_all_act():
    first, second = (lambda _s, _e, _r, n=n: [f"asked {n}"] for n in (1, 2))
    table = _together({w.StepDone: first}, {w.StepDone: second, w.StepAdded: first})
    assert table[w.StepDone](None, None, None) == ["asked 1", "asked 2"]
    assert table[w.StepAdded](None, None, None) == ["asked 1"]
