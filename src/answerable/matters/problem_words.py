"""The words of places that keep calling, and the problem made of one.

A *problem* is made of a repeat place: a block, a crossing or a common place, never a caller and
never a door. It has an owner (a role, a station or a unit, never somebody's name), a plan, steps
with dates, agencies that take part, notes from day to day. Once a week the program writes a
bulletin and once in four weeks a review, from its own record; the review asks for a decision.

A problem is over only where a test against what the season lets expect says that it stopped. One
person claims it, another confirms it, then it is watched, and opens again by itself when the calls
come back. No figure of a test is anybody's to hand in: the program counts, in ``problem_rules``.
"""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar, Literal

import msgspec

from answerable.kernel.event import (
    Command,
    Event,
    Inside,
    Line,
    Micros,
    Name,
    Open,
    Reason,
    Sealed,
    Words,
    tagged,
)
from answerable.matters.problem_refusals import REFUSALS as REFUSALS

Place = Annotated[
    str, msgspec.Meta(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")
]
"""A block, a crossing or a common place, as incidents name it."""
Kinds = Annotated[tuple[Name, ...], msgspec.Meta(max_length=12)]
"""The kinds of incident that count for a problem; none: all of them."""
Cause = Literal["noise", "drink", "dispute", "traffic", "premises", "other"]
Day = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)")]
"""A day of the town's own calendar: 2020-04-02."""
Count = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
Counts = Annotated[tuple[Count, ...], msgspec.Meta(max_length=1200)]
"""Calls of one day after another."""
Verdict = Literal["stopped", "not yet", "too early", "not counted"]
"""What the test says; nothing where the calls before were not counted yet."""
Saying = Annotated[str, msgspec.Meta(min_length=2, max_length=240)]
"""One line that is never empty."""

PROBLEMS_MAX = 1_000
"""Problems of one centre that are not over."""
STEPS_MAX = 60
"""Steps of one problem, done and dropped ones included."""
CALLS_MAX = 5_000
"""Calls one problem remembers one by one; the oldest are then only counted."""
DAYS_KEPT = 1_000
"""Days of an ended problem whose calls are kept, the last ones."""
STEP_DAYS_MAX = 731
"""A step's date lies at most so far ahead."""


class Decision(enum.StrEnum):
    """What a review may decide."""

    GO_ON = "go on"
    CHANGE_PLAN = "change the plan"
    CLAIM_STOPPED = "claim that it stopped"


class Again(enum.StrEnum):
    """Why a problem was opened again."""

    CAME_BACK = "the calls came back"
    ASKED = "asked for"


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("matters"), frozen=True, kw_only=True):
    """A command of this subject."""


class OpenProblem(_Command, frozen=True, kw_only=True):
    """A repeat place becomes a problem. Position in WGS84 degrees, for the map."""

    place: Place
    kinds: Kinds = ()
    cause: Cause = "other"
    because: Reason
    area: Line = ""
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None


class _OfProblem(_Command, frozen=True, kw_only=True):
    """A command about one problem."""

    problem: Name


class DeclineProblem(_OfProblem, frozen=True, kw_only=True):
    """It is no problem after all: taken back before anybody made a plan."""

    reason: Reason


class CountPlace(_OfProblem, frozen=True, kw_only=True):
    """The calls of the place before it was a problem, day by day (the program gives this).

    ``position`` is where the record stood when they were counted.
    """

    first: Day
    counts: Counts
    position: Annotated[int, msgspec.Meta(ge=0)]


class TakeProblem(_OfProblem, frozen=True, kw_only=True):
    """A role, a station or a unit owns it from now on."""

    owner: Name


class PlanProblem(_OfProblem, frozen=True, kw_only=True):
    """What shall be reached, and how."""

    goal: Saying
    plan: Words = ""


class AddStep(_OfProblem, frozen=True, kw_only=True):
    """One thing that is to be done by a date, by the owner or an agency that takes part."""

    what: Saying
    due: Micros
    agency: Line = ""


class DoneStep(_OfProblem, frozen=True, kw_only=True):
    """It was done; from then on it stands in the timeline as an intervention."""

    step: Name


class DropStep(_OfProblem, frozen=True, kw_only=True):
    """It is not to be done after all."""

    step: Name
    reason: Reason


class RedoStep(_OfProblem, frozen=True, kw_only=True):
    """It was not done, or is to be done after all, by a new date; 0: by the one it had."""

    step: Name
    due: Micros = 0
    reason: Reason


class NoteProblem(_OfProblem, frozen=True, kw_only=True):
    """What there is to say today."""

    words: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]


class ReadNotes(_OfProblem, frozen=True, kw_only=True):
    """Somebody is about to read the notes of a problem."""


class JoinAgency(_OfProblem, frozen=True, kw_only=True):
    """Another agency takes part."""

    agency: Name


class LeaveAgency(_OfProblem, frozen=True, kw_only=True):
    """It takes part no more."""

    agency: Name


class WriteBulletin(_OfProblem, frozen=True, kw_only=True):
    """A week is over (an alarm gives this)."""


class WriteReview(_OfProblem, frozen=True, kw_only=True):
    """Four weeks are over (an alarm gives this)."""


class ReviewProblem(_OfProblem, frozen=True, kw_only=True):
    """Somebody decides what a review asked."""

    decision: Decision
    because: Reason


class ClaimStopped(_OfProblem, frozen=True, kw_only=True):
    """Somebody says that it stopped; the test must say so too."""

    because: Reason


class DeclineStop(_OfProblem, frozen=True, kw_only=True):
    """It has not stopped, or the claim is taken back."""

    reason: Reason


class WatchProblem(_OfProblem, frozen=True, kw_only=True):
    """Another person confirms that it stopped; from now on it is watched for so many days."""

    days: Annotated[int, msgspec.Meta(ge=14, le=366)] = 56


class CheckWatch(_OfProblem, frozen=True, kw_only=True):
    """There was a call at a place that is watched (a reaction gives this)."""


class EndProblem(_OfProblem, frozen=True, kw_only=True):
    """The time of watching is over (an alarm gives this)."""


class ReopenProblem(_OfProblem, frozen=True, kw_only=True):
    """It goes on after all."""

    reason: Reason


COMMANDS: tuple[type[Command], ...] = (
    OpenProblem, DeclineProblem, CountPlace, TakeProblem, PlanProblem, AddStep, DoneStep, DropStep,
    RedoStep, NoteProblem, ReadNotes, JoinAgency, LeaveAgency, WriteBulletin, WriteReview,
    ReviewProblem, ClaimStopped, DeclineStop, WatchProblem, CheckWatch, EndProblem, ReopenProblem,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class ProblemEvent(Event, frozen=True, kw_only=True):
    """Something about one problem."""

    ids: ClassVar[tuple[str, ...]] = ("problem",)
    problem: Open[Name]


class ProblemOpened(ProblemEvent, frozen=True, kw_only=True):
    """A repeat place became a problem. The next bulletin and review are due then (UTC us)."""

    said = "{problem} was opened: {place}, {cause}[, {kinds}]: {because}."
    place: Open[Place]
    kinds: Open[Kinds] = ()
    cause: Open[Cause]
    because: Inside[Line]
    area: Open[Line] = ""
    lon: Open[float | None] = None
    lat: Open[float | None] = None
    bulletin_us: Open[int]
    review_us: Open[int]


class ProblemDeclined(ProblemEvent, frozen=True, kw_only=True):
    """It is no problem after all."""

    said = "{problem} is no problem: {reason}."
    reason: Inside[Line]


class PlaceCounted(ProblemEvent, frozen=True, kw_only=True):
    """The program counted the calls there before it was a problem, in the record up to there."""

    said = (
        "The calls at the place of {problem} were counted from {first} on, up to position {upto}."
    )
    first: Open[Day]
    counts: Open[Counts]
    upto: Open[int]


class ProblemTaken(ProblemEvent, frozen=True, kw_only=True):
    """A role, a station or a unit owns it."""

    said = "{owner} owns {problem}[, no longer {was}]."
    owner: Open[Name]
    was: Open[str] = ""


class ProblemPlanned(ProblemEvent, frozen=True, kw_only=True):
    """What shall be reached, and how."""

    said = "The plan of {problem}: {goal}[. {plan}]"
    goal: Inside[Line]
    plan: Inside[Words] = ""


class StepEvent(ProblemEvent, frozen=True, kw_only=True):
    """Something about one step of a plan."""

    ids: ClassVar[tuple[str, ...]] = ("problem", "step")
    step: Open[Name]


class StepAdded(StepEvent, frozen=True, kw_only=True):
    """One thing is to be done by a date."""

    said = "{step} is to be done by {due_us}[ by {agency}]: {what}."
    what: Inside[Line]
    due_us: Open[int]
    agency: Open[str] = ""


class StepDone(StepEvent, frozen=True, kw_only=True):
    """It was done: an intervention."""

    said = "{step} was done: {what}."
    what: Inside[Line]


class StepDropped(StepEvent, frozen=True, kw_only=True):
    """It is not to be done."""

    said = "{step} was dropped: {reason}."
    reason: Inside[Line]


class StepTakenUp(StepEvent, frozen=True, kw_only=True):
    """It is to be done after all, by a new date."""

    said = "{step} was taken up again, to be done by {due_us}: {reason}."
    due_us: Open[int]
    reason: Inside[Line]


class ProblemNoted(ProblemEvent, frozen=True, kw_only=True):
    """What there was to say that day."""

    said = "Note {note} of {problem}: {words}"
    note: Open[int]
    words: Sealed[str]


class NotesRead(ProblemEvent, frozen=True, kw_only=True):
    """Somebody read the notes."""

    said = "The notes of {problem} were read."


class AgencyJoined(ProblemEvent, frozen=True, kw_only=True):
    """Another agency takes part."""

    said = "{agency} takes part in {problem}."
    agency: Open[Name]


class AgencyLeft(ProblemEvent, frozen=True, kw_only=True):
    """It takes part no more."""

    said = "{agency} takes part in {problem} no more."
    agency: Open[Name]


class _Report(ProblemEvent, frozen=True, kw_only=True):
    """What the program found in its record from the first to the last of some whole days.

    ``days`` are the calls of each day, ``expected`` what the season let expect in all (nothing
    where the calls before were not counted yet), ``before`` the calls of as many days before
    these, where they are known. ``done`` steps and ``notes`` fall into these days; ``late`` steps
    were open past their date at their end. ``next_us`` is when the next report is due.
    """

    issue: Open[int]
    first: Open[Day]
    last: Open[Day]
    calls: Open[int]
    days: Open[Counts]
    before: Open[int | None] = None
    expected: Open[float | None] = None
    done: Open[int] = 0
    open_steps: Open[int] = 0
    late: Open[int] = 0
    notes: Open[int] = 0
    next_us: Open[int] = 0


class BulletinWritten(_Report, frozen=True, kw_only=True):
    """A week of a problem."""

    said = "Bulletin {issue} of {problem}: {calls} calls[, {expected} expected]."


class ReviewWritten(_Report, frozen=True, kw_only=True):
    """Four weeks of a problem, with what the test says today; a decision is asked for."""

    said = "Review {issue} of {problem}: {calls} calls[, {expected} expected]; {verdict}."
    verdict: Open[Verdict]
    p: Open[float | None] = None


class ProblemReviewed(ProblemEvent, frozen=True, kw_only=True):
    """What was decided on a review."""

    said = "Review {issue} of {problem}: {decision}: {because}."
    issue: Open[int]
    decision: Open[Decision]
    because: Inside[Line]


class _Tested(ProblemEvent, frozen=True, kw_only=True):
    """What the test said: calls seen and expected in whole days, and the chance of so few."""

    first: Open[Day]
    last: Open[Day]
    seen: Open[int]
    expected: Open[float]
    p: Open[float]


class StopClaimed(_Tested, frozen=True, kw_only=True):
    """Somebody says that it stopped, and the test says so too."""

    said = "{problem} is said to have stopped: {seen} calls, {expected} expected: {because}."
    because: Inside[Line]


class StopDeclined(ProblemEvent, frozen=True, kw_only=True):
    """It goes on; the claim has fallen."""

    said = "{problem} has not stopped: {reason}."
    reason: Inside[Line]


class ProblemWatched(_Tested, frozen=True, kw_only=True):
    """Another person confirmed it; it is watched until then."""

    said = "{problem} stopped ({seen} calls, {expected} expected) and is watched until {end_us}."
    end_us: Open[int]


class ProblemEnded(ProblemEvent, frozen=True, kw_only=True):
    """It stayed quiet for as long as it was watched."""

    said = "{problem} ended: {seen} calls while it was watched, {expected} expected."
    first: Open[Day]
    last: Open[Day]
    seen: Open[int]
    expected: Open[float]
    days: Open[Counts] = ()
    """The calls of each day since it was opened: what is left of them."""


class ProblemReopened(ProblemEvent, frozen=True, kw_only=True):
    """It goes on: the calls came back, or somebody asked for it."""

    said = "{problem} goes on, {again}[: {reason}]."
    again: Open[Again]
    reason: Inside[Line] = ""
    seen: Open[int] = 0
    expected: Open[float] = 0.0
    bulletin_us: Open[int]
    review_us: Open[int]


EVENTS: tuple[type[Event], ...] = (
    ProblemOpened, ProblemDeclined, PlaceCounted, ProblemTaken, ProblemPlanned, StepAdded, StepDone,
    StepDropped, StepTakenUp, ProblemNoted, NotesRead, AgencyJoined, AgencyLeft, BulletinWritten,
    ReviewWritten, ProblemReviewed, StopClaimed, StopDeclined, ProblemWatched, ProblemEnded,
    ProblemReopened,
)  # fmt: skip
