"""The lives of what the vault keeps: sealed words, their reach, holds, erasures, lone calls."""

from __future__ import annotations

from answerable.dispatch import merge_words as merge
from answerable.dispatch import words as dispatch
from answerable.followup import back_words as back
from answerable.followup import right_words as right
from answerable.handover import words as handover
from answerable.intake import line_words as line
from answerable.intake import words as intake
from answerable.kernel.event import Event
from answerable.kernel.steps import Steps
from answerable.matters import matter_words as matter
from answerable.matters import problem_words as problem
from answerable.matters import referral_words as referral
from answerable.matters import support_words as support
from answerable.vault import words as w

SAID_LATER: tuple[type[Event], ...] = (
    back.CallBackAnswered, right.HumanSpoke, right.AccountGiven, right.DonePutRight,
    right.RungBackAgain, referral.Referred, referral.ReferralAccepted, referral.ReferralDeclined,
    referral.ReferralReturned, support.SupportAsked, support.SupportReported,
    support.SupportThanked, support.SupportComplained,
)  # fmt: skip
"""What may be said about an incident after it has ended, and after its words were erased."""

WORDS = Steps(
    "sealed words",
    first="new",
    last=frozenset({"open", "erased"}),
    table={
        ("new", intake.IncidentBooked): "booked",
        ("new", intake.IncidentOpened): "open",
        ("booked", intake.IncidentOpened): "open",
        ("booked", intake.BookingCancelled): "kept",
        ("booked", w.SealedRead): "booked",
        ("open", w.SealedRead): "open",
        ("open", dispatch.IncidentClosed): "kept",
        ("kept", w.SealedRead): "kept",
        ("kept", dispatch.IncidentReopened): "open",
        ("kept", w.Erased): "erased",
        ("erased", dispatch.IncidentReopened): "open",
        ("open", merge.IncidentMerged): "kept",
        ("kept", merge.IncidentUnmerged): "open",
        ("erased", merge.IncidentUnmerged): "open",
        **{("erased", said): "kept" for said in SAID_LATER},
    },
)
"""The life of an incident's sealed words. What is said after it was reopened is sealed anew."""

REACH = Steps(
    "reach",
    first="in reach",
    last=frozenset({"in reach", "destroyed"}),
    table={
        ("in reach", w.Archived): "archived",
        ("in reach", w.Destroyed): "destroyed",
        ("archived", w.ArchiveOpened): "archived",
        ("archived", w.Destroyed): "destroyed",
        ("archived", dispatch.IncidentReopened): "in reach",
        ("destroyed", dispatch.IncidentReopened): "in reach",
        ("archived", merge.IncidentUnmerged): "in reach",
        ("destroyed", merge.IncidentUnmerged): "in reach",
    },
)
"""Who can still get at an incident. One that lives again has to be reached by those who work it."""

ERASURE = Steps(
    "erasure",
    first="not asked",
    last=frozenset({"not asked"}),
    table={
        ("not asked", w.ErasureAsked): "asked",
        ("asked", w.ErasureDenied): "not asked",
        ("asked", w.Erased): "not asked",
        ("asked", w.Destroyed): "not asked",
    },
)
"""The life of what one person asked for and another decides."""

HOLD = Steps(
    "hold",
    first="free",
    last=frozenset({"free"}),
    table={("free", w.IncidentHeld): "held", ("held", w.HoldLifted): "free"},
)
"""The life of a hold."""

CALLED = Steps(
    "call without an incident",
    first="new",
    last=frozenset({"erased"}),
    table={
        ("new", intake.CallEnded): "kept",
        ("new", intake.CallAbandoned): "kept",
        ("new", line.CallTransferred): "kept",
        ("kept", intake.CallEnded): "kept",
        ("kept", line.CallerReached): "new",
        ("kept", line.TextTaken): "new",
        ("kept", w.Erased): "erased",
    },
)
"""The life of the number of a caller whose call led to no incident.

Whoever is reached after all, or writes, is a caller again.
"""

TOLD = Steps(
    "words for the next shift",
    first="new",
    last=frozenset({"erased"}),
    table={
        ("new", handover.HandOverTaken): "kept",
        ("new", handover.HandOverWithdrawn): "kept",
        ("kept", w.Erased): "erased",
    },
)
"""The life of what one shift told the next, once it was taken or withdrawn."""

TRACKED = Steps(
    "words of a tracked matter",
    first="new",
    last=frozenset({"erased"}),
    table={
        ("new", matter.MatterSignedOff): "kept",
        ("kept", matter.MatterReopened): "new",
        ("kept", w.Erased): "erased",
    },
)
"""The life of what was written about a tracked matter, once it was signed off."""

CURED = Steps(
    "words of a problem",
    first="new",
    last=frozenset({"erased"}),
    table={
        ("new", problem.ProblemEnded): "kept",
        ("new", problem.ProblemDeclined): "kept",
        ("kept", problem.ProblemReopened): "new",
        ("kept", w.Erased): "erased",
    },
)
"""The life of what was noted about a place that kept calling, once that is over."""
