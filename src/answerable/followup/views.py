"""What the page of call-backs reads: who waits to be rung, and what came of it, by day.

``Entries`` folds the events of calling back: those still to be rung, whatever their day, and the
settled ones of the last fortnight by the day on which they were due. It knows calls and incidents,
never a number, a name or a word of anybody.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

import msgspec

from answerable.followup import back_words as w
from answerable.followup.back_arms import (
    ANSWERED,
    BARRED,
    CALL_BACK,
    DECLINED,
    DUE,
    HELD,
    UNREACHABLE,
)
from answerable.kernel.event import Row
from answerable.kernel.room import Arms, Fold

DAYS_KEPT = 14
"""Days whose settled call-backs are kept, the newest; who is still to be rung is kept for ever."""
SETTLED = (ANSWERED, DECLINED, UNREACHABLE, BARRED)


class Entry(msgspec.Struct, gc=False):
    """One call's call-back as the page shows it. Times are UTC microseconds, 0 for none.

    ``from_us``: not to be rung before. ``by`` rings it until ``until_us``. ``outcome`` is what the
    last attempt came to, or why it is barred; ``marks`` what the caller gave, in the order of the
    questions.
    """

    call: str
    incident: str
    day: str
    state: str = DUE
    kind: str = ""
    language: str = ""
    from_us: int = 0
    tries: int = 0
    outcome: str = ""
    by: str = ""
    until_us: int = 0
    at_us: int = 0
    sent: str = ""
    marks: tuple[int, ...] = ()
    wants: bool = False


class Day(msgspec.Struct):
    """The settled ones of a day by call, and how many of each state and for each reason."""

    settled: dict[str, Entry] = {}
    counts: dict[str, int] = {}
    reasons: dict[str, int] = {}
    open: int = 0


class Entries(msgspec.Struct):
    """The queue. ``waiting`` are those due or held, in the order in which they became due.

    ``at`` is the position of the last event about any of them.
    """

    waiting: dict[str, Entry] = {}
    days: dict[str, Day] = {}
    at: int = 0

    def day(self, name: str) -> Day:
        """Return a day, a new one where there is none; the oldest beyond the kept ones goes."""
        found = self.days.get(name)
        if found is None:
            found = self.days[name] = Day()
            if len(self.days) > DAYS_KEPT:
                del self.days[min(self.days)]
        return found

    def entry(self, call: str) -> Entry | None:
        """Return the call-back of a call, None where there is none or it was long ago."""
        waiting = self.waiting.get(call)
        return waiting or next(
            (day.settled[call] for day in self.days.values() if call in day.settled), None
        )

    def wait(self, entry: Entry) -> None:
        """Have an entry wait that was new or settled."""
        self._count_open(entry.day, 1)
        self.waiting[entry.call] = entry

    def leave(self, call: str) -> Entry | None:
        """Take an entry out, wherever it is; it is in no list and in no count then."""
        entry = self.waiting.pop(call, None)
        if entry is not None:
            self._count_open(entry.day, -1)
            return entry
        for day in self.days.values():
            if (entry := day.settled.pop(call, None)) is not None:
                _count(day.counts, entry.state, -1)
                if entry.state == BARRED:
                    _count(day.reasons, entry.outcome, -1)
                return entry
        return None

    def settle(self, entry: Entry) -> None:
        """Put an entry among the settled ones of its day, if the day is still kept."""
        if len(self.days) >= DAYS_KEPT and entry.day < min(self.days):
            return
        day = self.day(entry.day)
        day.settled[entry.call] = entry
        _count(day.counts, entry.state, 1)
        if entry.state == BARRED:
            _count(day.reasons, entry.outcome, 1)

    def _count_open(self, name: str, by: int) -> None:
        if name in self.days or by > 0:
            self.day(name).open += by


def _count(counts: dict[str, int], name: str, by: int) -> None:
    counts[name] = counts.get(name, 0) + by
    if not counts[name]:
        del counts[name]


arms: Arms[Entries] = Arms()
E = TypeVar("E", bound=w.BackEvent)
Arm = Callable[[Entries, E, Row], None]


def _on(event: type[E]) -> Callable[[Arm[E]], Arm[E]]:
    """Register an arm, and note where the view was changed last."""

    def register(arm: Arm[E]) -> Arm[E]:
        @functools.wraps(arm)
        def noting(view: Entries, event: E, row: Row) -> None:
            view.at = row.position
            arm(view, event, row)

        return arms.on(event)(noting)

    return register


@_on(w.CallBackDue)
def _due(view: Entries, event: w.CallBackDue, row: Row) -> None:
    known = view.leave(event.call)
    view.wait(
        Entry(
            call=event.call, incident=event.incident, day=event.day, kind=event.kind,
            language=event.language, from_us=event.from_us, tries=event.tries,
            outcome=known.outcome if known and event.tries else "", at_us=row.happened_at,
            sent=known.sent if known else "",
        )
    )  # fmt: skip


@_on(w.CallBackBarred)
def _barred(view: Entries, event: w.CallBackBarred, row: Row) -> None:
    known = view.leave(event.call)
    entry = known or Entry(call=event.call, incident=event.incident, day=event.day)
    entry.state, entry.outcome, entry.kind = BARRED, event.reason, event.kind or entry.kind
    _stood(entry, row)
    view.settle(entry)


@_on(w.CallBackAllowed)
def _allowed(view: Entries, event: w.CallBackAllowed, row: Row) -> None:
    view.leave(event.call)  # it is due by an event of its own once the incident is over


@_on(w.CallBackHeld)
def _held(view: Entries, event: w.CallBackHeld, row: Row) -> None:
    if (entry := view.waiting.get(event.call)) is not None:
        entry.state, entry.incident = HELD, event.incident
        _stood(entry, row)


@_on(w.CallBackTaken)
def _taken(view: Entries, event: w.CallBackTaken, row: Row) -> None:
    if (entry := view.waiting.get(event.call)) is not None:
        entry.by, entry.until_us, entry.at_us = row.actor, event.until_us, row.happened_at


@_on(w.CallBackLeft)
def _left(view: Entries, event: w.CallBackLeft, row: Row) -> None:
    if (entry := view.waiting.get(event.call)) is not None:
        _stood(entry, row)


@_on(w.CallBackTried)
def _tried(view: Entries, event: w.CallBackTried, row: Row) -> None:
    if (entry := view.waiting.get(event.call)) is not None:
        entry.tries, entry.outcome, entry.from_us = event.attempt, event.outcome, event.again_us
        _stood(entry, row)


@_on(w.CallBackDeferred)
def _deferred(view: Entries, event: w.CallBackDeferred, row: Row) -> None:
    if (entry := view.waiting.get(event.call)) is not None:
        entry.from_us = event.until_us
        _stood(entry, row)


@_on(w.CallBackSpoken)
def _spoken(view: Entries, event: w.CallBackSpoken, row: Row) -> None:
    if (entry := view.waiting.get(event.call)) is not None:
        entry.language = event.language


@_on(w.LinkSent)
def _sent(view: Entries, event: w.LinkSent, row: Row) -> None:
    if (entry := view.entry(event.call)) is not None:
        entry.sent = event.way


@_on(w.CallBackAnswered)
def _answered(view: Entries, event: w.CallBackAnswered, row: Row) -> None:
    if (entry := view.leave(event.call)) is not None:
        entry.marks = (event.manner, event.speed, event.result, event.overall)
        entry.wants, entry.outcome, entry.tries = event.wants, event.way, event.attempt
        _ends(view, entry, ANSWERED, row)


@_on(w.CallBackDeclined)
def _declined(view: Entries, event: w.CallBackDeclined, row: Row) -> None:
    if (entry := view.leave(event.call)) is not None:
        _ends(view, entry, DECLINED, row)


@_on(w.CallBackUnreachable)
def _unreachable(view: Entries, event: w.CallBackUnreachable, row: Row) -> None:
    if (entry := view.leave(event.call)) is not None:
        _ends(view, entry, UNREACHABLE, row)


@_on(w.CallBackTakenBack)
def _taken_back(view: Entries, event: w.CallBackTakenBack, row: Row) -> None:
    entry = view.leave(event.call)
    if entry is None:
        return
    entry.state, entry.marks, entry.wants, entry.outcome = DUE, (), False, ""
    entry.from_us, entry.tries = row.happened_at, max(0, entry.tries - 1)
    _stood(entry, row)
    view.wait(entry)


def _ends(view: Entries, entry: Entry, state: str, row: Row) -> None:
    assert state in CALL_BACK.last, f"a call-back does not end {state}"
    entry.state = state
    _stood(entry, row)
    view.settle(entry)


def _stood(entry: Entry, row: Row) -> None:
    """Note when it changed; nobody is ringing it any more."""
    entry.by, entry.until_us, entry.at_us = "", 0, row.happened_at


CALL_BACKS: Fold[Entries] = Fold(name="call-backs", state=Entries, arms=arms)
