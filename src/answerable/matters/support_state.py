"""What is decided on about specialist support: the life of a request, and who works where."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from answerable.kernel.event import Command
from answerable.kernel.steps import Steps
from answerable.matters import support_words as w

NEW, ASKED, APPROVED, ASSIGNED = "new", "asked", "approved", "assigned"
ACCEPTED, BEGUN, REPORTED = "accepted", "begun", "reported"

WAITS: Mapping[str, w.Step] = {
    ASKED: w.Step.APPROVAL,
    APPROVED: w.Step.ASSIGNMENT,
    ASSIGNED: w.Step.ACCEPTANCE,
    ACCEPTED: w.Step.BEGINNING,
    BEGUN: w.Step.RESULT,
}
"""The states in which a step is waited for, and which one."""

SUPPORT = Steps(
    "support",
    first=NEW,
    last=frozenset({"declined", "withdrawn", "thanked", "complained", "closed"}),
    table={
        (NEW, w.SupportAsked): ASKED,
        (ASKED, w.SupportApproved): APPROVED,
        (ASKED, w.SupportDeclined): "declined",
        (APPROVED, w.SupportAssigned): ASSIGNED,
        (ASSIGNED, w.SupportAccepted): ACCEPTED,
        (ASSIGNED, w.SupportRefused): APPROVED,
        (ACCEPTED, w.SupportBegun): BEGUN,
        (ACCEPTED, w.SupportRefused): APPROVED,
        (BEGUN, w.SupportReported): REPORTED,
        (REPORTED, w.SupportThanked): "thanked",
        (REPORTED, w.SupportComplained): "complained",
        (REPORTED, w.SupportClosed): "closed",
        **{(state, w.SupportRead): state for state in (ASSIGNED, ACCEPTED, BEGUN)},
        **{(state, w.SupportLate): state for state in WAITS},
        **{(state, w.SupportWithdrawn): "withdrawn" for state in WAITS},
    },
)
"""The life of a request. Whoever is assigned and cannot come gives it back to be assigned anew."""


class Request(msgspec.Struct):
    """A request that is open. Times are UTC microseconds; "" and 0 stand for none.

    ``sort`` is the code of its kind, ``asked_by`` who may not sign it, ``to`` whom it is assigned
    to. ``since_us`` is its last step, ``due_us`` when the next one is due (0: it is not waited for
    in time, or was late already). ``late`` are the steps that were late, in their order; ``reads``
    until when the readings of whoever gives it count, while it is theirs.
    """

    incident: str
    unit: str
    sort: str
    asked_by: str
    asked_us: int
    position: int
    urgent: bool = False
    grade: int = 0
    state: str = ASKED
    to: str = ""
    since_us: int = 0
    due_us: int = 0
    late: list[w.Step] = []
    result: str = ""
    reads: dict[str, int] = {}


class Support(msgspec.Struct):
    """All requests that are open, how many were ever made, and where each unit works now."""

    open: dict[str, Request] = {}
    made: int = 0
    jobs: dict[str, list[str]] = {}
    """The incidents that each unit has a job on, while it has one."""


def incident_of(support: Support, command: Command) -> str:
    """Return the incident of a command about a request, "" for none: its area binds there too."""
    known = support.open.get(getattr(command, "support", "") or "")
    return known.incident if known else ""
