"""What pages read of specialist support: open requests, and the last thirty days' ended ones.

Nothing sealed is in it; where words lie is a position in the record.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from answerable.kernel.event import Row
from answerable.kernel.room import Arms, Fold
from answerable.matters import support_words as w
from answerable.matters.support_state import ASKED, SUPPORT

DAY_US = 86_400_000_000
KEPT_US = 30 * DAY_US
ENDED_MAX = 2_000
"""Requests that are over and still shown, the newest ones."""


class SupportLine(msgspec.Struct):
    """A request as pages show it; times are UTC microseconds, positions those of the record.

    ``times`` says when each state was reached last, ``due_us`` until when the next step is waited
    for (0: for none). ``to`` is whom it is, or was last, assigned to. ``asked_at`` is where the
    words of the unit lie, ``words_at`` those said last, 0 for none.
    """

    support: str
    incident: str
    unit: str
    sort: str
    asked_us: int
    asked_at: int
    urgent: bool = False
    grade: int = 0
    state: str = ASKED
    to: str = ""
    changed_us: int = 0
    due_us: int = 0
    late: list[w.Step] = []
    result: str = ""
    why: str = ""
    """What the unit complained of."""
    reason: str = ""
    """Why it was declined, refused last, or withdrawn."""
    words_at: int = 0
    times: dict[str, int] = {}

    @property
    def over(self) -> bool:
        """Say whether it has ended."""
        return self.state in SUPPORT.last


class Supports(msgspec.Struct):
    """Open requests in the order in which they were made; ended ones, oldest first."""

    open: dict[str, SupportLine] = {}
    ended: dict[str, SupportLine] = {}

    def line(self, support: str) -> SupportLine | None:
        """Return a request, open or ended."""
        return self.open.get(support) or self.ended.get(support)

    def all(self) -> Iterator[SupportLine]:
        """Yield all that are known, the ended ones first."""
        yield from self.ended.values()
        yield from self.open.values()

    def of(self, incident: str) -> list[SupportLine]:
        """Return the requests made on an incident, the ended ones first."""
        return [one for one in self.all() if one.incident == incident]


_arms: Arms[Supports] = Arms()
VIEW: Fold[Supports] = Fold(name="supports", state=Supports, arms=_arms)


@_arms.on(w.SupportAsked)
def _asked(view: Supports, event: w.SupportAsked, row: Row) -> None:
    view.open[event.support] = SupportLine(
        support=event.support, incident=event.incident, unit=event.unit, sort=event.support_kind,
        asked_us=row.happened_at, asked_at=row.position if event.words else 0,
        urgent=event.urgent, grade=event.grade, changed_us=row.happened_at, due_us=event.due_us,
        times={ASKED: row.happened_at},
    )  # fmt: skip


@_arms.on(w.SupportLate)
def _late(view: Supports, event: w.SupportLate, row: Row) -> None:
    view.open[event.support].late.append(event.step)


@_arms.on(
    w.SupportApproved, w.SupportDeclined, w.SupportAssigned, w.SupportAccepted, w.SupportRefused,
    w.SupportBegun, w.SupportReported, w.SupportThanked, w.SupportComplained, w.SupportWithdrawn,
    w.SupportClosed,
)  # fmt: skip
def _went_on(view: Supports, event: w.SupportEvent, row: Row) -> None:
    line = view.open[event.support]
    line.state = SUPPORT.after(line.state, event)
    line.changed_us = line.times[line.state] = row.happened_at
    line.due_us = event.due_us if isinstance(event, w.SupportStep) else 0
    line.to = getattr(event, "to", line.to)
    line.result = getattr(event, "result", line.result)
    line.why = getattr(event, "why", line.why)
    line.reason = getattr(event, "reason", line.reason)
    if getattr(event, "words", ""):
        line.words_at = row.position
    if line.over:
        view.ended[event.support] = view.open.pop(event.support)
        _forget(view, row.happened_at)


def _forget(view: Supports, now_us: int) -> None:
    """Keep no request that ended too long ago, nor more than are shown."""
    for number, line in list(view.ended.items()):
        if line.changed_us > now_us - KEPT_US and len(view.ended) <= ENDED_MAX:
            return
        del view.ended[number]
