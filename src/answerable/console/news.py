"""Pages that read themselves again: what is news for them, and the word that says so.

What such a page shows depends on who looks and on what its address asks for, and may be sealed. So
nothing of it goes through the channel that its consoles share: when something happened that the
page shows, the channel says that there is news, and each console reads again what it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from answerable.dispatch import report_words as report
from answerable.dispatch import words as dispatch
from answerable.followup.right_words import RightEvent
from answerable.intake import words as intake
from answerable.kernel.event import Event, Recorded
from answerable.matters.matter_words import MatterEvent, MatterRead
from answerable.matters.problem_words import NotesRead, ProblemEvent
from answerable.matters.referral_words import ReferralEvent
from answerable.matters.support_words import SupportEvent, SupportRead
from answerable.standards import words as standards

CLOCKS = (standards.ClockRang, standards.ClockSuspended, standards.ClockResumed,
          standards.ClockExtended)  # fmt: skip
OWED = (
    dispatch.UnitArrived, dispatch.UnitTransporting, dispatch.UnitAtHospital,
    dispatch.FieldReported, report.ReportReturned, report.ReportReminded, report.ReopeningAsked,
    report.ReopeningDeclined, dispatch.IncidentReopened, dispatch.IncidentClosed,
)  # fmt: skip
COUNTED = (intake.IncidentOpened, intake.KindChanged, intake.PlaceCorrected)
"""What may be one call more, or one less, at a place that is a problem."""


def _put_right(event: Event) -> bool:
    """Say whether the list of what is put right may change: it, or a clock of it, went on."""
    return isinstance(event, RightEvent) or (isinstance(event, CLOCKS) and bool(event.about))


def _referrals(event: Event) -> bool:
    """Say whether the referrals may change: one went on, or a rule may propose another."""
    return isinstance(event, (ReferralEvent, dispatch.IncidentClosed, dispatch.IncidentReopened))


def _reports(event: Event) -> bool:
    """Say whether the field reports may change: one is owed, came in, went back, is overdue."""
    return isinstance(event, OWED) or (isinstance(event, CLOCKS) and bool(event.unit))


def _support(event: Event) -> bool:
    """Say whether the requests for support may change: one went on, not only was it read."""
    return isinstance(event, SupportEvent) and not isinstance(event, SupportRead)


def _matters(event: Event) -> bool:
    """Say whether the tracked matters may change: one went on, or was referred.

    That somebody read one changes nothing that it shows to others: a page that followed a reading
    would have the pages beside it read by nobody.
    """
    if isinstance(event, ReferralEvent):
        return bool(event.matter)
    return isinstance(event, MatterEvent) and not isinstance(event, MatterRead)


def _problems(event: Event) -> bool:
    """Say whether the problems may change: one went on or was referred, or a call may count."""
    if isinstance(event, ReferralEvent):
        return bool(event.problem)
    if isinstance(event, ProblemEvent):
        return not isinstance(event, NotesRead)
    return isinstance(event, COUNTED)


NEWS: dict[str, Callable[[Event], bool]] = {
    "put-right": _put_right, "referrals": _referrals, "reports": _reports,
    "support": _support, "matters": _matters, "problems": _problems,
}  # fmt: skip
"""What each page that reads itself again waits for, by the name of its channel."""


def for_crews(recorded: Sequence[Recorded]) -> bool:
    """Say whether support or a problem went on: the phones of crews show theirs."""
    return any(isinstance(one.event, (SupportEvent, ProblemEvent)) for one in recorded)


def none_for(channels: Iterable[str], recorded: Sequence[Recorded]) -> set[str]:
    """Return those of the open channels for whose page nothing of this is news."""
    told: dict[str, bool] = {}
    for name in channels:
        page = name.partition("/")[0]
        if page in NEWS and page not in told:
            told[page] = any(NEWS[page](one.event) for one in recorded)
    return {name for name in channels if told.get(name.partition("/")[0], True) is False}
