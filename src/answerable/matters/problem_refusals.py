"""Why something about a problem is not done, in the order in which it is checked."""

from __future__ import annotations

from answerable.kernel.event import Open
from answerable.kernel.refusals import Refusal


class TooManyProblems(Refusal, frozen=True, kw_only=True):
    """As many problems go on as a centre can carry."""

    not_done = "Not opened: a problem at {place}."
    because = "{most} problems go on; a centre has no more."
    instead = "End what has stopped, or decline what is none."
    place: Open[str]
    most: Open[int]


class NoPlace(Refusal, frozen=True, kw_only=True):
    """A problem is about a block, a crossing or a place with a name."""

    not_done = "Not opened: a problem at {place}."
    because = "That names no block, no crossing and no place."
    instead = "Name one, as its incidents do."
    place: Open[str]


class HasProblem(Refusal, frozen=True, kw_only=True):
    """The place is a problem already."""

    not_done = "Not opened: a problem at {place}."
    because = "{problem} is about this place."
    instead = "Go on there."
    place: Open[str]
    problem: Open[str]


class NotAnOwner(Refusal, frozen=True, kw_only=True):
    """A problem is owned by a role, a station or a unit, never by a name."""

    not_done = "Not taken: {problem}."
    because = "{owner} is no role, station or unit of this town; a person owns no problem."
    instead = "Name a role, a station or a unit."
    problem: Open[str]
    owner: Open[str]


class TakesPart(Refusal, frozen=True, kw_only=True):
    """An agency takes part once."""

    not_done = "Not done: {agency} for {problem}."
    because = "It takes part already."
    instead = "Nothing needs to be done."
    problem: Open[str]
    agency: Open[str]


class TakesNoPart(Refusal, frozen=True, kw_only=True):
    """An agency that takes no part neither leaves nor is given a step."""

    not_done = "Not done: {agency} for {problem}."
    because = "It takes no part in it."
    instead = "Let it take part first."
    problem: Open[str]
    agency: Open[str]


class TooManySteps(Refusal, frozen=True, kw_only=True):
    """A plan has an end."""

    not_done = "Not added: a step of {problem}."
    because = "It has {most} steps; a plan has no more."
    instead = "Finish what was begun, or say more in one step."
    problem: Open[str]
    most: Open[int]


class NoSuchDate(Refusal, frozen=True, kw_only=True):
    """A step's date lies ahead, and not beyond two years."""

    not_done = "Not set: a date for {problem}."
    because = "That day has passed, or lies more than {days_max} days ahead."
    instead = "Give a date ahead."
    problem: Open[str]
    due_us: Open[int]
    days_max: Open[int]


class NothingToReview(Refusal, frozen=True, kw_only=True):
    """Only what a review asked is decided."""

    not_done = "Not decided: {problem}."
    because = "No review of it waits for a decision."
    instead = "Wait for the next one, at {next_us}, or change the plan at once."
    problem: Open[str]
    next_us: Open[int]


class NotCounted(Refusal, frozen=True, kw_only=True):
    """Nothing can be expected of a place whose calls before were not counted."""

    not_done = "Not claimed: that {problem} stopped."
    because = "What the place called before has not been counted yet."
    instead = "Wait a minute; the program counts it by itself."
    problem: Open[str]


class AlreadyCounted(Refusal, frozen=True, kw_only=True):
    """What a place called before is counted once."""

    not_done = "Not counted: {problem}."
    because = "What the place called before has been counted."
    instead = "Nothing needs to be done."
    problem: Open[str]


class TooEarly(Refusal, frozen=True, kw_only=True):
    """Too few days have passed, or too few calls were to be expected in them."""

    not_done = "Not claimed: that {problem} stopped."
    because = (
        "From {first} on, in {days} whole days, {expected} calls were to be expected and {seen} "
        "came: too little to tell."
    )
    instead = (
        "Go on with the plan. The next look is on {look}; {still} more days without a call would "
        "show it."
    )
    problem: Open[str]
    first: Open[str]
    days: Open[int]
    seen: Open[int]
    expected: Open[float]
    still: Open[int]
    look: Open[str]


class NotStopped(Refusal, frozen=True, kw_only=True):
    """The test says that it goes on, or may."""

    not_done = "Not claimed: that {problem} stopped."
    because = (
        "From {first} on, in {days} whole days, {seen} calls came where {expected} were to be "
        "expected; so few would come by chance with probability {p}."
    )
    instead = (
        "Go on with the plan. The next look is on {look}; {still} more days without a call would "
        "show it."
    )
    problem: Open[str]
    first: Open[str]
    days: Open[int]
    seen: Open[int]
    expected: Open[float]
    p: Open[float]
    still: Open[int]
    look: Open[str]


class OneHandStop(Refusal, frozen=True, kw_only=True):
    """That a problem stopped is said by two people."""

    not_done = "Not confirmed: that {problem} stopped."
    because = "You claimed it yourself; it takes two."
    instead = "Let another person look at it and confirm it."
    problem: Open[str]


class StillWatched(Refusal, frozen=True, kw_only=True):
    """The time of watching is not over."""

    not_done = "Not ended: {problem}."
    because = "It is watched until {end_us}."
    instead = "Wait until then; it ends by itself if the calls stay away."
    problem: Open[str]
    end_us: Open[int]


REFUSALS: tuple[type[Refusal], ...] = (
    TooManyProblems, NoPlace, HasProblem, NotAnOwner, TakesPart, TakesNoPart, TooManySteps,
    NoSuchDate, NothingToReview, AlreadyCounted, NotCounted, TooEarly, NotStopped, OneHandStop,
    StillWatched,
)  # fmt: skip
