"""The rules of places that keep calling, and the problem made of one.

Nobody hands in a figure. What a place called before is counted by the program (``CountPlace`` is
the system's alone), what it calls since is kept here from the events themselves, and every test and
report is worked out from the two while it is decided. So a claim is refused by what the record
says, whoever makes it and however.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from answerable.intake import words as intake
from answerable.kernel.authority import Holder
from answerable.kernel.event import Command, Event
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Decision
from answerable.kernel.steps import Steps
from answerable.matters import problem_refusals as no
from answerable.matters import problem_sums as sums
from answerable.matters import problem_words as w
from answerable.matters.naming import place_of
from answerable.matters.problem_back import came_back
from answerable.matters.problem_fold import watched
from answerable.matters.problem_state import (
    GOES_ON,
    PROBLEM,
    STEP,
    WATCHED,
    Problem,
    ProblemStep,
)
from answerable.matters.state import Ctx, State, decide, rings

DAY = sums.DAY
DAY_US = 86_400_000_000


# -- what every decision asks first ----------------------------------------------------------


def _found(
    state: State, command: w._OfProblem, step: type[Event]
) -> tuple[Problem | None, Refusal | None]:
    """Return the problem of a command, or why this step cannot be taken."""
    problem = state.problems.get(command.problem)
    if problem is None:
        return None, Unknown(command=command.tag, what="problem", name=command.problem)
    return problem, PROBLEM.refuse(problem.state, step, problem.problem)


def _not_theirs(command: Command, problem: Problem, ctx: Ctx) -> Refusal | None:
    """Return the refusal of a problem that is not of the unit its crew acts for, or its station."""
    home = ctx.town.units.get(ctx.actor.unit)
    if home is not None and problem.owner in (home.unit, home.station) and problem.owner:
        return None
    return ctx.authority.refuse_unit(ctx.actor, command.tag, f"({problem.owner or 'nobody'})")


def _step_of(
    problem: Problem, command: w.DoneStep | w.DropStep | w.RedoStep, step: type[Event]
) -> tuple[ProblemStep | None, Refusal | None]:
    """Return the step of a plan that a command names, or why it cannot be taken."""
    found = problem.steps.get(command.step)
    if found is None:
        return None, Unknown(command=command.tag, what="step", name=command.step)
    return found, STEP.refuse(found.state, step, command.step)


def _bad_date(problem: Problem, due_us: int, ctx: Ctx) -> Refusal | None:
    if ctx.now_us < due_us <= ctx.now_us + w.STEP_DAYS_MAX * DAY_US:
        return None
    return no.NoSuchDate(problem=problem.problem, due_us=due_us, days_max=w.STEP_DAYS_MAX)


# -- decide: a problem begins, and somebody owns it ------------------------------------------


@decide.on(w.OpenProblem)
def _open(state: State, command: w.OpenProblem, ctx: Ctx) -> Decision:
    going = sum(1 for one in state.problems.values() if one.state in GOES_ON)
    if going >= w.PROBLEMS_MAX:
        return no.TooManyProblems(place=command.place, most=w.PROBLEMS_MAX)
    place = place_of(command.place)
    if not place:
        return no.NoPlace(place=command.place)
    if there := state.problem_at.get(place):
        return no.HasProblem(place=place, problem=there)
    return [
        w.ProblemOpened(
            problem=f"P{len(state.problems) + 1}",
            place=place,
            kinds=command.kinds,
            cause=command.cause,
            because=command.because.strip(),
            area=command.area,
            lon=command.lon,
            lat=command.lat,
            bulletin_us=sums.next_week_us(ctx.town, ctx.at_us),
            review_us=sums.next_month_us(ctx.town, ctx.at_us),
        )
    ]


@decide.on(w.DeclineProblem)
def _decline(state: State, command: w.DeclineProblem, ctx: Ctx) -> Decision:
    _problem, refusal = _found(state, command, w.ProblemDeclined)
    return refusal or [w.ProblemDeclined(problem=command.problem, reason=command.reason.strip())]


@decide.on(w.CountPlace)
def _count(state: State, command: w.CountPlace, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.PlaceCounted)
    if refusal or problem is None:
        return refusal or []
    if problem.counted:
        return no.AlreadyCounted(problem=problem.problem)
    return [
        w.PlaceCounted(
            problem=problem.problem,
            first=command.first,
            counts=command.counts,
            upto=command.position,
        )
    ]


@decide.on(w.TakeProblem)
def _take(state: State, command: w.TakeProblem, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.ProblemTaken)
    if refusal or problem is None:
        return refusal or []
    owner = command.owner.strip()
    roles = ctx.authority.roles_for(Holder.ACCOUNT)
    if owner not in (*roles, *ctx.town.stations, *ctx.town.units):
        return no.NotAnOwner(problem=problem.problem, owner=owner)
    return [w.ProblemTaken(problem=problem.problem, owner=owner, was=problem.owner)]


@decide.on(w.PlanProblem)
def _plan(state: State, command: w.PlanProblem, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.ProblemPlanned)
    if refusal or problem is None:
        return refusal or []
    goal, plan = command.goal.strip(), command.plan.strip()
    return [w.ProblemPlanned(problem=problem.problem, goal=goal, plan=plan)]


# -- decide: the steps of a plan, and who takes part -----------------------------------------


@decide.on(w.AddStep)
def _add_step(state: State, command: w.AddStep, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.StepAdded)
    if refusal or problem is None:
        return refusal or []
    if command.agency and command.agency not in problem.agencies:
        return no.TakesNoPart(problem=problem.problem, agency=command.agency)
    if len(problem.steps) >= w.STEPS_MAX:
        return no.TooManySteps(problem=problem.problem, most=w.STEPS_MAX)
    if refusal := _bad_date(problem, command.due, ctx):
        return refusal
    return [
        w.StepAdded(
            problem=problem.problem,
            step=f"{problem.problem}.{len(problem.steps) + 1}",
            what=command.what.strip(),
            due_us=command.due,
            agency=command.agency,
        )
    ]


@decide.on(w.DoneStep)
def _done_step(state: State, command: w.DoneStep, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.StepDone)
    if refusal or problem is None:
        return refusal or []
    if refusal := _not_theirs(command, problem, ctx):
        return refusal
    step, refusal = _step_of(problem, command, w.StepDone)
    if refusal or step is None:
        return refusal or []
    if refusal := ctx.authority.refuse_unit(ctx.actor, command.tag, step.agency):
        return refusal
    return [w.StepDone(problem=problem.problem, step=command.step, what=step.what)]


@decide.on(w.DropStep)
def _drop_step(state: State, command: w.DropStep, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.StepDropped)
    if refusal or problem is None:
        return refusal or []
    _step, refusal = _step_of(problem, command, w.StepDropped)
    reason = command.reason.strip()
    return refusal or [w.StepDropped(problem=problem.problem, step=command.step, reason=reason)]


@decide.on(w.RedoStep)
def _redo_step(state: State, command: w.RedoStep, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.StepTakenUp)
    if refusal or problem is None:
        return refusal or []
    step, refusal = _step_of(problem, command, w.StepTakenUp)
    if refusal or step is None:
        return refusal or []
    if command.due and (refusal := _bad_date(problem, command.due, ctx)):
        return refusal
    due_us = command.due or step.due_us
    return [
        w.StepTakenUp(
            problem=problem.problem, step=command.step, due_us=due_us, reason=command.reason.strip()
        )
    ]


@decide.on(w.NoteProblem)
def _note(state: State, command: w.NoteProblem, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.ProblemNoted)
    if refusal or problem is None:
        return refusal or []
    if refusal := _not_theirs(command, problem, ctx):
        return refusal
    note = len(problem.noted) + 1
    return [w.ProblemNoted(problem=problem.problem, note=note, words=command.words.strip())]


@decide.on(w.ReadNotes)
def _read(state: State, command: w.ReadNotes, ctx: Ctx) -> Decision:
    _problem, refusal = _found(state, command, w.NotesRead)
    return refusal or [w.NotesRead(problem=command.problem)]


@decide.on(w.JoinAgency)
def _join(state: State, command: w.JoinAgency, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.AgencyJoined)
    if refusal or problem is None:
        return refusal or []
    if command.agency not in {agency.code for agency in ctx.town.file.agencies}:
        return Unknown(command=command.tag, what="agency", name=command.agency)
    if command.agency in problem.agencies:
        return no.TakesPart(problem=problem.problem, agency=command.agency)
    return [w.AgencyJoined(problem=problem.problem, agency=command.agency)]


@decide.on(w.LeaveAgency)
def _leave(state: State, command: w.LeaveAgency, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.AgencyLeft)
    if refusal or problem is None:
        return refusal or []
    if command.agency not in problem.agencies:
        return no.TakesNoPart(problem=problem.problem, agency=command.agency)
    return [w.AgencyLeft(problem=problem.problem, agency=command.agency)]


# -- decide: what the program writes, and what is decided on it ------------------------------


@decide.on(w.WriteBulletin)
def _bulletin(state: State, command: w.WriteBulletin, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.BulletinWritten)
    if refusal or problem is None:
        return refusal or []
    last = sums.day_of(ctx.town, ctx.at_us) - DAY
    first = max(last - 6 * DAY, sums.day_of(ctx.town, problem.opened_us) + DAY)
    told = sums.sums(problem, ctx.town, first, last)
    return [
        w.BulletinWritten(
            problem=problem.problem,
            issue=problem.bulletins + 1,
            next_us=sums.next_week_us(ctx.town, ctx.at_us),
            **told._asdict(),
        )
    ]


@decide.on(w.WriteReview)
def _review(state: State, command: w.WriteReview, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.ReviewWritten)
    if refusal or problem is None:
        return refusal or []
    last = sums.day_of(ctx.town, ctx.at_us) - DAY
    first = max(last.replace(day=1), sums.day_of(ctx.town, problem.opened_us) + DAY)
    told = sums.sums(problem, ctx.town, first, last)
    look = sums.looked(problem, ctx.town, ctx.at_us)
    return [
        w.ReviewWritten(
            problem=problem.problem,
            issue=problem.reviews + 1,
            verdict=look.test.verdict.state if look else "not counted",
            p=sums.short(look.test.verdict.p) if look else None,
            next_us=sums.next_month_us(ctx.town, ctx.at_us),
            **told._asdict(),
        )
    ]


@decide.on(w.ReviewProblem)
def _reviewed(state: State, command: w.ReviewProblem, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.ProblemReviewed)
    if refusal or problem is None:
        return refusal or []
    if not problem.asked:
        return no.NothingToReview(problem=problem.problem, next_us=problem.review_us)
    because = command.because.strip()
    reviewed = w.ProblemReviewed(
        problem=problem.problem, issue=problem.asked, decision=command.decision, because=because
    )
    if command.decision is not w.Decision.CLAIM_STOPPED:
        return [reviewed]
    claim = _claimed(problem, because, ctx)
    return claim if isinstance(claim, Refusal) else [reviewed, claim]


# -- decide: did it stop? --------------------------------------------------------------------


def _claimed(problem: Problem, because: str, ctx: Ctx) -> w.StopClaimed | Refusal:
    """Return the claim with what the test says, or why there is none."""
    refusal = PROBLEM.refuse(problem.state, w.StopClaimed, problem.problem) or _goes_on(
        problem, ctx
    )
    return refusal or w.StopClaimed(because=because, **_test(problem, ctx))


def _goes_on(problem: Problem, ctx: Ctx) -> Refusal | None:
    """Return why the last look does not say that it stopped, or not any more.

    Every try comes through here, and none but a look decides: asking more often asks the same
    figures again. Calls since the look can only take it back, which makes nothing wrong more often.
    """
    look = sums.looked(problem, ctx.town, ctx.now_us)
    now = sums.tested(problem, ctx.town, ctx.now_us)
    if look is None or now is None:
        return no.NotCounted(problem=problem.problem)
    test = look.test if look.test.verdict.state != "stopped" else now
    if test.verdict.state == "stopped":
        return None
    first = sums.quiet_from(problem, ctx.town).isoformat()
    still = sums.still(problem, ctx.town, ctx.now_us)
    expected, seen, days = round(sum(test.expected), 1), sum(test.seen), len(test.days)
    if test.verdict.state == "too early":
        return no.TooEarly(
            problem=problem.problem, first=first, days=days, seen=seen, expected=expected,
            still=still, look=look.next.isoformat(),
        )  # fmt: skip
    return no.NotStopped(
        problem=problem.problem, first=first, days=days, seen=seen, expected=expected,
        p=sums.short(test.verdict.p), still=still, look=look.next.isoformat(),
    )  # fmt: skip


def _test(problem: Problem, ctx: Ctx) -> dict[str, Any]:
    """Return what an event says of a test that says that it stopped."""
    look = sums.looked(problem, ctx.town, ctx.now_us)
    assert look is not None
    assert look.test.days
    test = look.test
    return {
        "problem": problem.problem, "first": test.days[0].isoformat(),
        "last": test.days[-1].isoformat(), "seen": sum(test.seen),
        "expected": round(sum(test.expected), 1), "p": sums.short(test.verdict.p),
    }  # fmt: skip


@decide.on(w.ClaimStopped)
def _claim(state: State, command: w.ClaimStopped, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.StopClaimed)
    if refusal or problem is None:
        return refusal or []
    claim = _claimed(problem, command.because.strip(), ctx)
    return claim if isinstance(claim, Refusal) else [claim]


@decide.on(w.DeclineStop)
def _decline_stop(state: State, command: w.DeclineStop, ctx: Ctx) -> Decision:
    _problem, refusal = _found(state, command, w.StopDeclined)
    return refusal or [w.StopDeclined(problem=command.problem, reason=command.reason.strip())]


@decide.on(w.WatchProblem)
def _watch(state: State, command: w.WatchProblem, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.ProblemWatched)
    if refusal or problem is None:
        return refusal or []
    if refusal := _goes_on(problem, ctx):
        return refusal
    if ctx.actor.name == problem.claimed_by:
        return no.OneHandStop(problem=problem.problem)
    end = sums.day_of(ctx.town, ctx.now_us) + (command.days + 1) * DAY
    return [w.ProblemWatched(end_us=sums.midnight_us(ctx.town, end), **_test(problem, ctx))]


@decide.on(w.CheckWatch)
def _check(state: State, command: w.CheckWatch, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.ProblemReopened)
    if refusal or problem is None:
        return refusal or []
    if problem.state != WATCHED or not came_back(*sums.watched(problem, ctx.town, ctx.now_us)):
        return []
    return [_again(problem, w.Again.CAME_BACK, "", ctx)]


@decide.on(w.EndProblem)
def _end(state: State, command: w.EndProblem, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.ProblemEnded)
    if refusal or problem is None:
        return refusal or []
    if ctx.now_us < problem.watch_end_us:
        return no.StillWatched(problem=problem.problem, end_us=problem.watch_end_us)
    expected, seen = sums.watched(problem, ctx.town, problem.watch_end_us - 1)
    test = sums.tested(problem, ctx.town, problem.watch_end_us)
    if came_back(expected, seen) or test is None or test.verdict.state != "stopped":
        return [_again(problem, w.Again.CAME_BACK, "", ctx)]
    last = sums.day_of(ctx.town, problem.watch_end_us) - DAY
    days = sums.days_between(sums.day_of(ctx.town, problem.opened_us) + DAY, last)
    return [
        w.ProblemEnded(
            problem=problem.problem,
            first=sums.day_of(ctx.town, problem.watch_us).isoformat(),
            last=last.isoformat(),
            seen=seen,
            expected=round(expected, 1),
            days=tuple(sums.per_day(problem, ctx.town, days))[-w.DAYS_KEPT :],
        )
    ]


def _again(problem: Problem, again: w.Again, reason: str, ctx: Ctx) -> w.ProblemReopened:
    watching = problem.state == WATCHED
    expected, seen = sums.watched(problem, ctx.town, ctx.now_us) if watching else (0.0, 0)
    return w.ProblemReopened(
        problem=problem.problem, again=again, reason=reason, seen=seen, expected=round(expected, 1),
        bulletin_us=sums.next_week_us(ctx.town, ctx.at_us),
        review_us=sums.next_month_us(ctx.town, ctx.at_us),
    )  # fmt: skip


@decide.on(w.ReopenProblem)
def _reopen(state: State, command: w.ReopenProblem, ctx: Ctx) -> Decision:
    problem, refusal = _found(state, command, w.ProblemReopened)
    if refusal or problem is None:
        return refusal or []
    there = state.problem_at.get(problem.place, problem.problem)
    if there != problem.problem:
        return no.HasProblem(place=problem.place, problem=there)
    return [_again(problem, w.Again.ASKED, command.reason.strip(), ctx)]


# -- ring -------------------------------------------------------------------------------------


rings["problem-bulletin"] = lambda _state, about, due_us: w.WriteBulletin(
    key=f"problem-bulletin:{about}:{due_us}", problem=about, at=due_us
)
rings["problem-review"] = lambda _state, about, due_us: w.WriteReview(
    key=f"problem-review:{about}:{due_us}", problem=about, at=due_us
)
rings["problem-watch"] = lambda _state, about, due_us: w.EndProblem(
    key=f"problem-watch:{about}:{due_us}", problem=about, at=due_us
)

STEPS: Mapping[str, Steps] = {"problem": PROBLEM, "problem step": STEP}
REACTS: Mapping[type[Event], Callable[..., Sequence[Command]]] = {intake.IncidentOpened: watched}
