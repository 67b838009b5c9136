"""What pages and carriers read of referrals: those that are open, and the last two weeks' ended.

The second list is of incidents that another agency's program asked for over Open311, so that it can
be told how they stand. Nothing sealed is in either; where words lie is a position in the record.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from answerable.dispatch import merge_words as merge
from answerable.dispatch import words as dispatch
from answerable.intake import words as intake
from answerable.kernel.event import Event, Row
from answerable.kernel.room import Arms, Fold
from answerable.matters import referral_words as w
from answerable.matters.referral_rules import BACK, BACK_DECLINED, REFERRAL

DAY_US = 86_400_000_000
KEPT_US = 14 * DAY_US
ENDED_MAX = 2_000
"""Referrals that are over and still shown, the newest ones."""
ASKED_MAX = 10_000
"""Incidents that agencies asked for and are told of, the newest ones."""
ASKED_US = 90 * DAY_US
"""The standard has a service tell of the last 90 days."""
ASKED_BY = "open311:"
"""How the reference of an incident begins that another agency's program asked for."""


class ReferralLine(msgspec.Struct):
    """A referral as pages show it; times are UTC microseconds, positions those of the record.

    The fields from ``kind`` to ``outcome`` are what its agency sees. ``words_at`` is where the
    agency's last words lie, ``position`` where those for the agency do.
    """

    referral: str
    agency: str
    state: str
    referred_us: int
    position: int
    incident: str = ""
    matter: str = ""
    problem: str = ""
    direction: str = ""
    way: str = ""
    station: str = ""
    rule: str = ""
    because: str = ""
    passed: tuple[str, ...] = ()
    sees: tuple[str, ...] = ()
    kind: str = ""
    priority: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    area: str = ""
    opened_us: int = 0
    outcome: str = ""
    changed_us: int = 0
    answer_due_us: int = 0
    due_us: int = 0
    expected_us: int = 0
    receipt: str = ""
    failed: str = ""
    late: str = ""
    said: str = ""
    """Why it was declined, or with what result it came back."""
    words_at: int = 0
    linked: bool = False
    sendings: int = 1

    @property
    def about(self) -> str:
        """Return the number of what it is about."""
        return self.incident or self.matter or self.problem

    @property
    def sort(self) -> str:
        """Return what it is about: "incident", "matter" or "problem"."""
        return "incident" if self.incident else "matter" if self.matter else "problem"


class AskedLine(msgspec.Struct):
    """An incident that another agency's program asked for, and how it stands (UTC us)."""

    incident: str
    agency: str
    kind: str
    asked_us: int
    changed_us: int
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    closed: bool = False


class Referrals(msgspec.Struct):
    """Open referrals, ended ones (oldest first), and what agencies asked of this service."""

    open: dict[str, ReferralLine] = {}
    ended: dict[str, ReferralLine] = {}
    asked: dict[str, AskedLine] = {}
    merged: dict[str, list[str]] = {}
    """The incidents that went into another, where an agency asked for them or for one in them."""

    def line(self, referral: str) -> ReferralLine | None:
        """Return a referral, open or ended."""
        return self.open.get(referral) or self.ended.get(referral)

    def of(self, about: str) -> list[ReferralLine]:
        """Return the referrals of an incident, a matter or a problem, oldest first."""
        return [one for one in self.all() if one.about == about]

    def all(self) -> Iterator[ReferralLine]:
        """Yield all that are known, the ended ones first."""
        yield from self.ended.values()
        yield from self.open.values()


arms: Arms[Referrals] = Arms()
VIEW = Fold(name="referrals", state=Referrals, arms=arms)


@arms.on(w.Referred)
def _referred(view: Referrals, event: w.Referred, row: Row) -> None:
    _forget(view, row.happened_at)
    view.open[event.referral] = ReferralLine(
        state=REFERRAL.after(REFERRAL.first, event), referred_us=row.happened_at,
        position=row.position, changed_us=row.happened_at,
        **{name: getattr(event, name) for name in SHOWN},
    )  # fmt: skip


SHOWN = (
    "referral", "agency", "incident", "matter", "problem", "direction", "way", "station", "rule",
    "because", "passed", "sees", "kind", "priority", "address", "lon", "lat", "area", "opened_us",
    "outcome", "answer_due_us", "due_us",
)  # fmt: skip
"""What a line takes from its event."""


def _forget(view: Referrals, now_us: int) -> None:
    """Let go of what is over for long, the oldest first."""
    while view.ended:
        name, oldest = next(iter(view.ended.items()))
        if len(view.ended) <= ENDED_MAX and oldest.changed_us > now_us - KEPT_US:
            return
        del view.ended[name]


def _moved(view: Referrals, event: w.ReferralEvent, row: Row) -> ReferralLine:
    line = view.open[event.referral]
    line.state = REFERRAL.after(line.state, event)
    line.changed_us = row.happened_at
    return line


def _spoke(line: ReferralLine, event: Event, row: Row) -> None:
    """Note where the words of an agency lie, if it gave any."""
    if getattr(event, "words", ""):
        line.words_at = row.position


@arms.on(w.ReferralLinked)
def _linked(view: Referrals, event: w.ReferralLinked, row: Row) -> None:
    _moved(view, event, row).linked = True


@arms.on(w.ReferralReceived)
def _received(view: Referrals, event: w.ReferralReceived, row: Row) -> None:
    line = _moved(view, event, row)
    line.receipt, line.failed = event.receipt, ""


@arms.on(w.ReferralNotSent)
def _not_sent(view: Referrals, event: w.ReferralNotSent, row: Row) -> None:
    _moved(view, event, row).failed = event.why


@arms.on(w.ReferralSentAgain)
def _sent_again(view: Referrals, event: w.ReferralSentAgain, row: Row) -> None:
    line = _moved(view, event, row)
    line.failed, line.sendings = "", line.sendings + 1


@arms.on(w.ReferralAccepted)
def _accepted(view: Referrals, event: w.ReferralAccepted, row: Row) -> None:
    line = _moved(view, event, row)
    line.expected_us, line.late, line.failed = event.expected_us, "", ""
    _spoke(line, event, row)


@arms.on(w.ReferralOverdue)
def _overdue(view: Referrals, event: w.ReferralOverdue, row: Row) -> None:
    _moved(view, event, row).late = event.late


@arms.on(w.ReferralDeclined, w.ReferralReturned)
def _came_back(view: Referrals, event: w.ReferralEvent, row: Row) -> None:
    line = _moved(view, event, row)
    line.said = str(getattr(event, "why", "") or getattr(event, "result", ""))
    line.late, line.failed, line.linked = "", "", False
    _spoke(line, event, row)


@arms.on(w.ReferralWithdrawn, w.ReferralSettled)
def _ended(view: Referrals, event: w.ReferralEvent, row: Row) -> None:
    line = _moved(view, event, row)
    line.late, line.failed, line.linked = "", "", False
    view.ended[event.referral] = view.open.pop(event.referral)


# -- what agencies ask of this service -------------------------------------------------------


@arms.on(intake.IncidentOpened)
def _opened(view: Referrals, event: intake.IncidentOpened, row: Row) -> None:
    if not event.reference.startswith(ASKED_BY):
        return
    while view.asked:
        name, oldest = next(iter(view.asked.items()))
        if len(view.asked) < ASKED_MAX and oldest.asked_us > row.happened_at - ASKED_US:
            break
        del view.asked[name]
    view.asked[event.incident] = AskedLine(
        incident=event.incident, agency=event.reference.removeprefix(ASKED_BY),
        kind=event.kind, asked_us=row.happened_at, changed_us=row.happened_at,
        address=event.address, lon=event.lon, lat=event.lat,
    )  # fmt: skip


@arms.on(dispatch.IncidentClosed, dispatch.IncidentReopened)
def _closed(view: Referrals, event: Event, row: Row) -> None:
    incident: str = getattr(event, "incident", "")
    for one in _asked_in(view, incident):
        one.closed = isinstance(event, dispatch.IncidentClosed)
        one.changed_us = row.happened_at


def _asked_in(view: Referrals, incident: str) -> Iterator[AskedLine]:
    """Yield what agencies asked for that stands as an incident does: it, what went into it."""
    if (asked := view.asked.get(incident)) is not None:
        yield asked
    for name in view.merged.get(incident, ()):
        yield from _asked_in(view, name)


@arms.on(merge.IncidentMerged)
def _merged(view: Referrals, event: merge.IncidentMerged, row: Row) -> None:
    if event.incident in view.asked or event.incident in view.merged:
        view.merged.setdefault(event.into, []).append(event.incident)


@arms.on(merge.IncidentUnmerged)
def _unmerged(view: Referrals, event: merge.IncidentUnmerged, row: Row) -> None:
    left = view.merged.get(event.out_of, [])
    if event.incident not in left:
        return
    left.remove(event.incident)
    if not left:
        del view.merged[event.out_of]
    for one in _asked_in(view, event.incident):
        one.closed, one.changed_us = False, row.happened_at


# -- how they are looked at ------------------------------------------------------------------

OVERDUE, FAILED, CAME_BACK, WAITING, ENDED = "overdue", "failed", "back", "open", "ended"


def group_of(line: ReferralLine) -> str:
    """Return under what a referral is listed: what asks for somebody here comes first."""
    if line.state in (BACK, BACK_DECLINED):
        return CAME_BACK
    if line.state in REFERRAL.last:
        return ENDED
    if line.failed:
        return FAILED
    return OVERDUE if line.late else WAITING
