"""What a receipt shows of what comes after "closed": the asking, the putting right, the referring.

Whoever holds number and code learns what the service does next and by when, of their own call only:
what another caller of the same incident was unhappy about is not theirs to know. It names no
agency, no unit and no reason, and no word that anybody said. Nothing here is ever called solved
(B16).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from answerable.followup import back_words as back
from answerable.followup import right_words as right
from answerable.kernel.event import Event
from answerable.matters import matter_words as matter
from answerable.matters import referral_words as referral

ASKED_OF: dict[type[Event], str] = {
    back.CallBackDue: "to be asked",
    back.CallBackAnswered: "asked",
    back.CallBackDeclined: "not to be asked",
    back.CallBackUnreachable: "not reached",
}
"""Steps of the call-back of one's own call."""
RIGHTED: dict[type[Event], str] = {
    right.PutRightOpened: "to be put right",
    right.HumanSpoke: "spoken with",
    right.DonePutRight: "done about it",
    right.SentToOversight: "with oversight",
    right.ReturnedFromOversight: "to be put right",
    right.PutRightWithdrawn: "righting over",
    right.PutRightClosed: "righting over",
}
"""Steps of what is put right for one's own call."""
REFERRED: dict[type[Event], str] = {
    referral.Referred: "referred",
    referral.ReferralAccepted: "referral taken",
    referral.ReferralDeclined: "referral declined",
    referral.ReferralReturned: "referral back",
    referral.ReferralWithdrawn: "referral withdrawn",
}
"""Steps of what was handed to another service."""
EXTENDED = "term extended"
"""The step that the term by law of a tracked matter was put off; to when, but never why."""
TERMS = frozenset(
    event.tag
    for event in (
        matter.MatterExtended, matter.MatterTimed, matter.MatterSuspended, matter.MatterFinished,
        matter.MatterSignedOff, matter.MatterReopened,
    )
)  # fmt: skip
"""The events of tracked matters that a receipt reads: none of them has a sealed field it needs."""
STEPS = tuple(dict.fromkeys([*ASKED_OF.values(), *RIGHTED.values(), *REFERRED.values(), EXTENDED]))
"""What this part of a receipt can speak of."""
OF_THE_MATTER = frozenset(REFERRED.values()) | {EXTENDED}
"""What is told to every caller of the matter; the rest is one caller's own."""
EXPECTS = ("asked", "human", "righted", "again", "oversight", "agency", "term")
"""What a caller may expect: to be asked, to be spoken with, to have it put right, to be rung back
about that, that oversight looks into it, an answer, that something is done by an extended term."""
OF_ALL = frozenset({"agency", "term"})
"""What every caller of the matter may expect."""
NEXT = {"done about it": "again", "with oversight": "oversight"}
"""What comes after a step of putting right, for which no time is set in the record."""
NO_MORE_ASKED = (
    back.CallBackBarred, back.CallBackHeld, back.CallBackAnswered, back.CallBackDeclined,
    back.CallBackUnreachable,
)  # fmt: skip
ENDED = frozenset(
    event.__name__
    for event in (back.CallBackAnswered, back.CallBackDeclined, back.CallBackUnreachable)
)
"""Ends of the asking that a member of staff may have recorded by a slip."""


class Expected(NamedTuple):
    """What a caller may expect, and by when (UTC us; 0: no time is set)."""

    what: str
    by_us: int


@dataclass
class Afterwards:
    """What comes after, while the events of a call and its incident are gone through."""

    call: str
    rights: set[str] = field(default_factory=set)
    expects: dict[str, int] = field(default_factory=dict)
    referrals: dict[str, int] = field(default_factory=dict)
    extended: dict[str, bool] = field(default_factory=dict)
    """Matters whose term was extended; true until the event that says to when."""
    terms: dict[str, int] = field(default_factory=dict)

    def take(self, event: Event) -> str:
        """Take an event in; return the step that it is, "" for none."""
        if isinstance(event, back.BackEvent):
            return self._asked(event) if event.call == self.call else ""
        if isinstance(event, right.RightEvent):
            return self._righted(event)
        if isinstance(event, referral.ReferralEvent):
            return self._referred(event)
        if isinstance(event, matter.MatterEvent):
            return self._timed(event)
        return ""

    def expected(self) -> tuple[Expected, ...]:
        """Return what may be expected now, in the order of ``EXPECTS``."""
        now = dict(self.expects)
        if self.referrals:
            times = [by_us for by_us in self.referrals.values() if by_us]
            now["agency"] = min(times, default=0)
        if self.terms:
            now["term"] = max(self.terms.values())
        return tuple(Expected(what, now[what]) for what in EXPECTS if what in now)

    def _asked(self, event: back.BackEvent) -> str:
        if isinstance(event, back.CallBackDue | back.CallBackDeferred):
            from_us = event.from_us if isinstance(event, back.CallBackDue) else event.until_us
            self.expects["asked"] = from_us
        elif isinstance(event, back.CallBackTakenBack):
            self.expects["asked"] = 0
            return "to be asked" if event.what in ENDED else ""
        elif isinstance(event, NO_MORE_ASKED):
            self.expects.pop("asked", None)
        return ASKED_OF.get(type(event), "")

    def _righted(self, event: right.RightEvent) -> str:
        if isinstance(event, right.PutRightOpened) and self.call and event.call == self.call:
            self.rights.add(event.right)
            self.expects |= {"human": event.human_due_us, "righted": event.due_us}
        if event.right not in self.rights:
            return ""
        if isinstance(event, right.HumanSpoke):
            self.expects.pop("human", None)
        elif isinstance(event, right.ReturnedFromOversight):
            self.expects["righted"] = event.due_us
        step = RIGHTED.get(type(event), "")
        if step in (*NEXT, "righting over"):
            for what in ("human", "righted"):
                self.expects.pop(what, None)
        if step and step != "spoken with":
            for what in NEXT.values():
                self.expects.pop(what, None)
            if step in NEXT:
                self.expects[NEXT[step]] = 0
        return step

    def _referred(self, event: referral.ReferralEvent) -> str:
        if isinstance(event, referral.Referred):
            self.referrals[event.referral] = event.answer_due_us
        elif isinstance(event, referral.ReferralAccepted):
            self.referrals[event.referral] = event.expected_us
        elif type(event) in REFERRED:
            self.referrals.pop(event.referral, None)
        return REFERRED.get(type(event), "")

    def _timed(self, event: matter.MatterEvent) -> str:
        """Take an event of a tracked matter in; only one whose term was extended is spoken of.

        The event after an extension says when the term ends, by the town's calendar, however often
        it was extended before: older records have it too.
        """
        number = event.matter
        if isinstance(event, matter.MatterExtended):
            self.extended[number] = True
        elif isinstance(event, matter.MatterTimed) and number in self.extended:
            self.terms[number] = event.term_us
            just, self.extended[number] = self.extended[number], False
            return EXTENDED if just else ""
        elif not isinstance(event, matter.MatterTimed):
            self.terms.pop(number, None)
            if isinstance(event, matter.MatterReopened):  # its terms begin anew
                self.extended.pop(number, None)
        return ""
