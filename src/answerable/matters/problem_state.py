"""What is decided on of problems: their life, the life of a step, and the calls of each place.

The calls are kept here, one by one, from the moment a place is a problem: the test whether it
stopped must run on nothing but what the record says, and nobody may hand its figures in. Only
places that are a problem are looked at, so that a call anywhere else costs one look-up.
"""

from __future__ import annotations

import msgspec

from answerable.kernel.steps import Steps
from answerable.matters import problem_words as w

NONE = ""
OPEN, OWNED, PLANNED, CLAIMED = "open", "owned", "planned", "claimed"
WATCHED, ENDED, DECLINED = "watched", "ended", "declined"
DONE, DROPPED = "done", "dropped"
GOES_ON = (OPEN, OWNED, PLANNED, CLAIMED)
"""The states of a problem at which somebody works."""
KNOWN = (*GOES_ON, WATCHED)
"""The states in which the calls of its place are kept."""

PROBLEM = Steps(
    "problem",
    first=NONE,
    last=frozenset({ENDED, DECLINED}),
    table={
        (NONE, w.ProblemOpened): OPEN,
        (OPEN, w.ProblemTaken): OWNED,
        (OPEN, w.ProblemDeclined): DECLINED,
        (OWNED, w.ProblemPlanned): PLANNED,
        (OWNED, w.ProblemTaken): OWNED,
        (OWNED, w.ProblemDeclined): DECLINED,
        **{
            (PLANNED, step): PLANNED
            for step in (
                w.StepAdded, w.StepDone, w.StepDropped, w.StepTakenUp, w.ProblemPlanned,
                w.ProblemTaken,
            )
        },
        **{
            (state, step): state
            for state in KNOWN
            for step in (
                w.ProblemNoted, w.NotesRead, w.AgencyJoined, w.AgencyLeft, w.PlaceCounted,
                w.BulletinWritten, w.ReviewWritten,
            )
        },
        **{(state, w.ProblemReviewed): state for state in (OPEN, OWNED, PLANNED, CLAIMED)},
        (PLANNED, w.StopClaimed): CLAIMED,
        (CLAIMED, w.StopDeclined): PLANNED,
        (CLAIMED, w.ProblemWatched): WATCHED,
        (CLAIMED, w.ProblemTaken): CLAIMED,
        (WATCHED, w.ProblemReopened): PLANNED,
        (WATCHED, w.ProblemEnded): ENDED,
        (ENDED, w.ProblemReopened): PLANNED,
        (ENDED, w.NotesRead): ENDED,
        (DECLINED, w.NotesRead): DECLINED,
    },
)  # fmt: skip
"""The life of a problem. The one way to its end leads through a claim, a second person, a watch."""

STEP = Steps(
    "problem step",
    first=NONE,
    last=frozenset({DONE, DROPPED}),
    table={
        (NONE, w.StepAdded): OPEN,
        (OPEN, w.StepDone): DONE,
        (OPEN, w.StepDropped): DROPPED,
        (DONE, w.StepTakenUp): OPEN,
        (DROPPED, w.StepTakenUp): OPEN,
    },
)
"""The life of one step of a plan."""


class PlaceCall(msgspec.Struct):
    """A call at the place of a problem: when (UTC us), of what kind, where it stands.

    ``out``: it does not count, being merged into another or corrected to another place. ``lon``
    and ``lat`` are as its incident has them, WGS84 degrees: a block or a crossing.
    """

    at_us: int
    kind: str
    position: int
    out: bool = False
    lon: float | None = None
    lat: float | None = None


class ProblemStep(msgspec.Struct):
    """A step of a plan as it stands; times UTC microseconds, 0 for none."""

    state: str
    what: str
    due_us: int
    agency: str = ""
    done_us: int = 0


class Problem(msgspec.Struct):
    """A problem as it stands. Times are UTC microseconds, 0 for none.

    ``history`` are the calls of each day from ``history_first`` on, before it was a problem.
    ``since_us`` is since when the test counts if no step was done later; ``claimed_by`` who
    claimed that it stopped. ``asked`` is the review that waits for a decision. ``reads`` is until
    when somebody's reading of the notes counts. ``acted_us`` is the latest that a step was done,
    taken up again or not; ``looks`` are those of the test before the days began again with it.
    """

    problem: str
    state: str
    place: str
    kinds: tuple[str, ...]
    cause: str
    opened_us: int
    position: int
    since_us: int
    area: str = ""
    lon: float | None = None
    lat: float | None = None
    owner: str = ""
    counted: bool = False
    history_first: str = ""
    history: tuple[int, ...] = ()
    calls: dict[str, PlaceCall] = {}
    steps: dict[str, ProblemStep] = {}
    agencies: list[str] = []
    noted: list[int] = []
    claimed_by: str = ""
    watch_us: int = 0
    watch_end_us: int = 0
    bulletins: int = 0
    reviews: int = 0
    asked: int = 0
    bulletin_us: int = 0
    review_us: int = 0
    reads: dict[str, int] = {}
    acted_us: int = 0
    looks: int = 0

    @property
    def quiet_us(self) -> int:
        """Since when the test counts: the last step that was done, else since it is a problem."""
        done = (step.done_us for step in self.steps.values())
        return max(self.since_us, self.acted_us, *done)

    def counts(self, call: PlaceCall) -> bool:
        """Say whether a call is one of the kinds this problem is about; an unknown one is."""
        return not call.out and (not self.kinds or call.kind in (*self.kinds, ""))
