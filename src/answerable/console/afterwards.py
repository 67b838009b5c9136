"""How what comes after "closed" stands, for the head of an incident, in a few words.

Read from the incident's own events, so that it says what the thread below it says (B3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from answerable.console.language import _
from answerable.console.phrases import Phrases
from answerable.dispatch import report_words as report
from answerable.dispatch.words import IncidentReopened
from answerable.followup import back_words as back
from answerable.followup import right_words as right
from answerable.kernel.event import Event
from answerable.matters import referral_words as referral
from answerable.matters import support_words as support

ASKED: dict[type[Event], str] = {
    back.CallBackDue: _("caller to be asked"), back.CallBackTried: _("caller to be asked"),
    back.CallBackDeferred: _("caller to be asked"), back.CallBackTaken: _("caller to be asked"),
    back.CallBackLeft: _("caller to be asked"), back.CallBackAllowed: _("caller to be asked"),
    back.CallBackTakenBack: _("caller to be asked"), back.LinkSent: _("caller to be asked"),
    back.CallBackAnswered: _("caller asked"), back.CallBackDeclined: _("caller not to be asked"),
    back.CallBackBarred: _("caller not rung"), back.CallBackUnreachable: _("caller not reached"),
}  # fmt: skip
"""How the call-back of one caller stands after such an event; a held one stands nowhere."""
RIGHTED: dict[type[Event], str] = {
    right.PutRightOpened: _("to be put right"), right.ReturnedFromOversight: _("to be put right"),
    right.DonePutRight: _("done, to be rung back again"),
    right.SentToOversight: _("with oversight"),
    right.PutRightClosed: _("putting right has ended"),
    right.PutRightWithdrawn: _("putting right has ended"),
}  # fmt: skip
REFERRED: dict[type[Event], str] = {
    referral.Referred: _("referred"), referral.ReferralAccepted: _("referral accepted"),
    referral.ReferralDeclined: _("referral declined"),
    referral.ReferralReturned: _("referral returned"),
    referral.ReferralSettled: _("referral settled"),
    referral.ReferralWithdrawn: _("referral withdrawn"),
}  # fmt: skip
SUPPORTED: dict[type[Event], str] = {
    support.SupportAsked: _("support asked for"), support.SupportApproved: _("support approved"),
    support.SupportAssigned: _("support assigned"), support.SupportAccepted: _("support accepted"),
    support.SupportRefused: _("support approved"), support.SupportBegun: _("support at work"),
    support.SupportReported: _("support reported"), support.SupportThanked: _("support ended"),
    support.SupportComplained: _("support ended"), support.SupportClosed: _("support ended"),
    support.SupportDeclined: _("support not approved"),
    support.SupportWithdrawn: _("support withdrawn"),
}  # fmt: skip


@dataclass
class Standing:
    """What goes on about one incident, by what it is about; the last event of each counts."""

    asked: dict[str, Event] = field(default_factory=dict)
    righted: dict[str, Event] = field(default_factory=dict)
    due_us: dict[str, int] = field(default_factory=dict)
    referred: dict[str, Event] = field(default_factory=dict)
    supported: dict[str, Event] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    reopening: bool = False

    def take(self, event: Event) -> None:
        """Take an event of the incident in."""
        if isinstance(event, back.CallBackHeld):
            self.asked.pop(event.call, None)
        elif type(event) in ASKED:
            self.asked[getattr(event, "call", "")] = event
        elif type(event) in RIGHTED:
            name = getattr(event, "right", "")
            self.righted[name] = event
            if due_us := getattr(event, "due_us", 0):
                self.due_us[name] = due_us
        elif type(event) in REFERRED:
            self.referred[getattr(event, "referral", "")] = event
        elif type(event) in SUPPORTED:
            name = getattr(event, "support", "")
            self.supported[name] = event
            self.kinds[name] = getattr(event, "support_kind", "") or self.kinds.get(name, "")
        elif isinstance(event, report.ReopeningAsked):
            self.reopening = True
        elif isinstance(event, report.ReopeningDeclined | IncidentReopened):
            self.reopening = False


def standing(events: Iterable[Event], phrases: Phrases) -> list[str]:
    """Return how what comes after stands, a few words each; [] before anything does."""
    known = Standing()
    for event in events:
        known.take(event)
    return [
        *_asked(known, phrases), *_righted(known, phrases), *_referred(known, phrases),
        *_supported(known, phrases),
    ]  # fmt: skip


def _asked(known: Standing, phrases: Phrases) -> Iterator[str]:
    lang = phrases.lang
    if known.reopening:
        yield lang(_("opening again is asked for"))
    counted: dict[str, int] = {}
    for event in known.asked.values():
        told = lang(ASKED[type(event)])
        if isinstance(event, back.CallBackAnswered) and event.overall:
            told = lang.say(_("caller asked: {overall} of 5"), overall=event.overall)
        elif isinstance(event, back.CallBackBarred):
            told = phrases.of(told, lang(event.reason))
        counted[told] = counted.get(told, 0) + 1
    for told, count in counted.items():
        yield told if count == 1 else f"{told} × {count}"


def _righted(known: Standing, phrases: Phrases) -> Iterator[str]:
    for name, event in known.righted.items():
        told = phrases.lang(RIGHTED[type(event)])
        if isinstance(event, right.PutRightOpened | right.ReturnedFromOversight):
            day = phrases.day(known.due_us[name])
            told = phrases.lang.say(_("{what} by {day}"), what=told, day=day)
        yield told


def _referred(known: Standing, phrases: Phrases) -> Iterator[str]:
    for event in known.referred.values():
        agency = phrases.agency(getattr(event, "agency", ""))
        yield phrases.of(phrases.lang(REFERRED[type(event)]), agency)


def _supported(known: Standing, phrases: Phrases) -> Iterator[str]:
    for name, event in known.supported.items():
        kind = phrases.support("support_kind", known.kinds[name])
        yield phrases.of(phrases.lang(SUPPORTED[type(event)]), kind)
