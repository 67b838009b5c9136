"""Given a problem, when it is said to have stopped, then what the test and two people say."""

from __future__ import annotations

import datetime
import random

import pytest

from answerable.dispatch import merge_words as merge
from answerable.intake import words as intake
from answerable.kernel.refusals import NotAllowed
from answerable.matters import problem_refusals as no
from answerable.matters import problem_sums as sums
from answerable.matters import problem_words as w
from answerable.matters.problem_back import came_back
from tests.matters.problem_town import (
    ADDED,
    COUNTED,
    DAY_US,
    DONE,
    MONDAY,
    OPENED,
    PLACE,
    PLANNED,
    TAKEN,
    changed,
    claim,
    problem,
    quiet,
    story,
    town,
    watching,
)  # fmt: skip
from tests.story import PLACE as PLACE_OF
from tests.story import Centre, at_local, opened

# -- did it stop? ----------------------------------------------------------------------------


def test_a_place_that_is_quiet_long_enough_is_claimed_with_what_was_seen_and_expected():
    told = claim(quiet(40, calls=8))
    [event] = told.events
    assert (event.first, event.last) == ("2020-04-03", "2020-04-30")
    assert (event.seen, event.expected) == (6, 28.0)
    assert 0 < event.p < 0.001
    assert problem(told).state == "claimed"


def test_a_place_that_goes_on_is_not_claimed_and_is_told_how_long_it_still_takes():
    told = claim(quiet(40, calls=36))
    told.refused(no.NotStopped, seen=25, days=28, expected=28.0, look="2020-05-29")
    still = told.outcome.still
    assert still in (17, 45, 73)  # a day on which it is looked
    told.now_us += (still - 1) * DAY_US
    claim(told).refused(no.NotStopped)
    told.now_us += DAY_US
    assert isinstance(claim(told).events[0], w.StopClaimed)


def test_four_weeks_are_the_least_and_a_new_step_begins_them_again():
    claim(quiet(20)).refused(
        no.TooEarly, days=19, seen=0, still=9,
        text="Not claimed: that P1 stopped. From 2020-04-03 on, in 19 whole days, 19 calls were "
        "to be expected and 0 came: too little to tell. Go on with the plan. The next look is "
        "on 2020-05-01; 9 more days without a call would show it.",
    )  # fmt: skip
    told = quiet(40)
    told.given(changed(ADDED, step="P1.2"), changed(DONE, step="P1.2"))
    told.now_us += 5 * DAY_US
    claim(told).refused(no.TooEarly, days=4)


def test_it_is_looked_every_four_weeks_and_a_try_between_two_looks_asks_the_same_figures():
    told = quiet(29, calls=27)
    said = []
    for _day in range(27):  # every day until the second look
        claim(told).refused(no.NotStopped, days=28, look="2020-05-29")
        said.append((told.outcome.seen, told.outcome.p))
        told.now_us += DAY_US
    assert len(set(said)) == 1
    look = sums.looked(problem(told), told.town, told.now_us)
    assert (look.nth, look.level, look.next) == (1, 0.025, datetime.date(2020, 5, 29))


def test_what_would_pass_a_single_test_does_not_pass_a_look_that_shares_its_error():
    told = quiet(29, calls=17)
    assert sums.tested(problem(told), told.town, told.now_us).verdict.state == "stopped"
    claim(told).refused(no.NotStopped)
    assert 0.025 < told.outcome.p <= 0.05


def test_a_step_begins_the_days_again_and_no_new_error():
    told = quiet(60)
    told.given(changed(ADDED, step="P1.2"), changed(DONE, step="P1.2"))
    told.now_us += 30 * DAY_US
    look = sums.looked(problem(told), told.town, told.now_us)
    assert (look.nth, look.level) == (3, 0.05 / 12)
    assert look.test.days[0] == sums.quiet_from(problem(told), told.town)


def test_taking_a_step_up_again_does_not_bring_back_the_days_before_it():
    told = quiet(20)
    before = sums.quiet_from(problem(told), told.town)
    told.given(w.StepTakenUp(problem="P1", step="P1.1", due_us=1, reason="it came off"))
    assert sums.quiet_from(problem(told), told.town) == before


def test_calls_since_the_look_take_the_claim_back():
    told = quiet(29)
    told.given(*(opened(f"n{n}", address=PLACE) for n in range(40)))
    told.now_us += 2 * DAY_US
    claim(told).refused(no.NotStopped, seen=40, days=30)


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


def test_what_turns_out_to_have_been_calls_of_their_own_is_counted_at_the_end():
    told = quiet(40, calls=62)
    merges = [merge.IncidentMerged(incident=name, into="x", reason="the same")
              for name in problem(told).calls]  # fmt: skip
    told.given(*merges)
    claim(told).when(w.WatchProblem, role="supervisor", name="second", problem="P1", days=28)
    assert told.events[0].seen == 0
    told.given(*(merge.IncidentUnmerged(incident=one.incident, out_of="x", reason="not the same")
                 for one in merges))  # fmt: skip
    told.now_us = problem(told).watch_end_us
    told.when(w.EndProblem, role="system", problem="P1")
    [event] = told.events
    assert (event.again, event.seen) == (w.Again.CAME_BACK, 0)


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
