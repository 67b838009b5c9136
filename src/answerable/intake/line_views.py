"""What pages read of the lines: every call that somebody has still to do something about.

One fold, ``Lines``: calls that ring, calls without an outcome, callers to be rung back, transfers
nobody confirmed, texts nobody wrote back to; and how often each of these happened, by the quarter
of an hour, so that a day of any town can be added up. No number and no word of a caller is in it.
"""

from __future__ import annotations

import msgspec

from answerable.intake import join_words as j
from answerable.intake import line_words as w
from answerable.intake import words as i
from answerable.kernel.event import Row
from answerable.kernel.room import Arms, Fold
from answerable.towns.model import QUARTER_US

DAY_QUARTERS = 96
KEPT_QUARTERS = 3 * DAY_QUARTERS
"""So far back the figures of a day can be asked for."""
UNREACHED_US = 2 * DAY_QUARTERS * QUARTER_US
"""A caller who hung up before the answer is listed so long; then nobody rings back any more."""
BACK = frozenset({"abandoned", "hung up"})
"""The states in which a caller is to be rung back."""


class OnLine(msgspec.Struct):
    """A call that needs somebody: where it stands, since when (UTC us), and who has it.

    ``followed`` says that something was recorded since it was answered. ``texts`` are those nobody
    has written back to, the oldest of them of ``text_us``.
    """

    call: str
    state: str
    rung_us: int
    since_us: int
    line: str = ""
    medium: str = "voice"
    reachable: bool = False
    by: str = ""
    desk: str = ""
    followed: bool = False
    attempts: int = 0
    tried: str = ""
    tried_us: int = 0
    agency: str = ""
    texts: int = 0
    text_us: int = 0
    incident: str = ""
    position: int = 0


class Lines(msgspec.Struct):
    """The calls that need somebody, the oldest first, and what happened by quarters of an hour."""

    calls: dict[str, OnLine] = {}
    happened: dict[str, dict[int, int]] = {}
    sweep_at: int = 0

    def count(self, what: str, from_us: int, until_us: int) -> int:
        """Return how often something happened in a span of whole quarters."""
        found = self.happened.get(what, {})
        return sum(found.get(q, 0) for q in range(from_us // QUARTER_US, until_us // QUARTER_US))


evolve: Arms[Lines] = Arms()


def _count(lines: Lines, what: str, row: Row) -> None:
    quarters = lines.happened.setdefault(what, {})
    quarter = row.happened_at // QUARTER_US
    quarters[quarter] = quarters.get(quarter, 0) + 1
    if quarter >= lines.sweep_at:
        lines.sweep_at = quarter + 1
        _sweep(lines, quarter, row.happened_at)


def _sweep(lines: Lines, quarter: int, now_us: int) -> None:
    """Forget figures of long ago, and callers whom nobody rings back any more.

    Figures go from the front, so that of a quarter entered late goes with the next newer one.
    """
    for quarters in lines.happened.values():
        while (old := next(iter(quarters), quarter)) < quarter - KEPT_QUARTERS:
            del quarters[old]
    for call in [c for c in lines.calls.values() if c.state == "abandoned"]:
        if call.since_us < now_us - UNREACHED_US:
            del lines.calls[call.call]


def _seen(lines: Lines, call: str, row: Row) -> OnLine:
    """Return a call, known from now on where it was not."""
    known = lines.calls.get(call)
    if known is None:
        known = lines.calls[call] = OnLine(call, "answered", row.happened_at, row.happened_at)
    known.position = row.position
    return known


def _into(one: OnLine, state: str, row: Row) -> None:
    one.state, one.since_us = state, row.happened_at


def _follows(lines: Lines, event: i.CallEvent, row: Row) -> OnLine:
    """Return the call of something that followed its answer."""
    one = _seen(lines, event.call, row)
    one.followed = True
    return one


@evolve.on(i.CallRung)
def _rang(lines: Lines, event: i.CallRung, row: Row) -> None:
    one = _seen(lines, event.call, row)
    _into(one, "ringing", row)
    one.line, one.medium, one.reachable = event.line, event.medium, bool(event.number)
    _count(lines, event.medium, row)


@evolve.on(i.CallAnswered)
def _answered(lines: Lines, event: i.CallAnswered, row: Row) -> None:
    one = _seen(lines, event.call, row)
    _into(one, "answered", row)
    one.by, one.desk, one.line = row.actor, event.desk, one.line or event.line
    one.reachable, one.followed = one.reachable or bool(event.number), False


@evolve.on(i.CallAbandoned)
def _abandoned(lines: Lines, event: i.CallAbandoned, row: Row) -> None:
    _into(_seen(lines, event.call, row), "abandoned", row)
    _count(lines, "abandoned", row)


@evolve.on(w.CallSilent)
def _silent(lines: Lines, event: w.CallSilent, row: Row) -> None:
    _into(_follows(lines, event, row), "silent", row)
    _count(lines, "silent", row)


@evolve.on(w.CallHungUp)
def _hung_up(lines: Lines, event: w.CallHungUp, row: Row) -> None:
    one = _follows(lines, event, row)
    _into(one, "offered, hung up" if one.state == "offered" else "hung up", row)
    _count(lines, "hung up", row)


@evolve.on(w.CallBackTried)
def _tried(lines: Lines, event: w.CallBackTried, row: Row) -> None:
    one = _follows(lines, event, row)
    one.attempts, one.tried, one.tried_us = event.attempt, event.outcome, row.happened_at
    _count(lines, "rung back", row)


@evolve.on(w.CallerReached)
def _reached(lines: Lines, event: w.CallerReached, row: Row) -> None:
    one = _seen(lines, event.call, row)
    _into(one, "answered", row)
    one.attempts, one.by, one.desk, one.followed = event.attempt, row.actor, "", False
    _count(lines, "rung back", row)
    _count(lines, "reached", row)


@evolve.on(w.TextTaken)
def _text(lines: Lines, event: w.TextTaken, row: Row) -> None:
    known = lines.calls.get(event.call)
    one = _seen(lines, event.call, row)
    if known is None:
        one.state = "matched"  # a call that is not here has its incident, and its caller writes
    if one.state in TEXTED:
        _into(one, TEXTED[one.state], row)
    one.text_us = one.text_us or row.happened_at
    one.texts += 1
    _count(lines, "texts", row)


TEXTED = {"abandoned": "ringing", "hung up": "answered", "offered, hung up": "offered"}
"""Where a text takes a call whose caller had hung up."""


@evolve.on(w.CallerTexted)
def _written(lines: Lines, event: w.CallerTexted, row: Row) -> None:
    one = lines.calls.get(event.call)
    if one is None:
        return
    one.texts, one.text_us, one.followed, one.position = 0, 0, True, row.position
    if one.state == "matched":
        del lines.calls[event.call]


@evolve.on(w.CallTransferOffered)
def _offered(lines: Lines, event: w.CallTransferOffered, row: Row) -> None:
    one = _follows(lines, event, row)
    one.agency = event.agency
    _into(one, "offered, hung up" if one.state == "hung up" else "offered", row)


@evolve.on(w.CallTransferDeclined)
def _declined(lines: Lines, event: w.CallTransferDeclined, row: Row) -> None:
    one = _follows(lines, event, row)
    one.agency = ""
    _into(one, "hung up" if one.state == "offered, hung up" else "answered", row)


@evolve.on(w.CallTransferred)
def _transferred(lines: Lines, event: w.CallTransferred, row: Row) -> None:
    lines.calls.pop(event.call, None)
    _count(lines, "transferred", row)


@evolve.on(i.CallEnded)
def _ended(lines: Lines, event: i.CallEnded, row: Row) -> None:
    lines.calls.pop(event.call, None)


@evolve.on(i.IncidentOpened)
def _opened(lines: Lines, event: i.IncidentOpened, row: Row) -> None:
    _matched(lines, event.call, event.incident, row)


@evolve.on(i.CallAttached)
def _attached(lines: Lines, event: i.CallAttached, row: Row) -> None:
    _matched(lines, event.call, event.incident, row)


def _matched(lines: Lines, call: str, incident: str, row: Row) -> None:
    """Let go of a call with its incident, but for texts that nobody wrote back to."""
    one = lines.calls.get(call)
    if one is None:
        return
    if not one.texts:
        del lines.calls[call]
        return
    one.incident, one.position = incident, row.position
    _into(one, "matched", row)


@evolve.on(j.CallDetached)
def _detached(lines: Lines, event: j.CallDetached, row: Row) -> None:
    one = _seen(lines, event.call, row)
    one.incident, one.by, one.followed = "", row.actor, True
    _into(one, "answered", row)


@evolve.on(i.CallTimeCorrected)
def _time_corrected(lines: Lines, event: i.CallTimeCorrected, row: Row) -> None:
    one = lines.calls.get(event.call)
    if one is None:
        return
    if event.step == i.CallRung.__name__:
        one.rung_us = event.now_us
    entered = {"ringing": i.CallRung.__name__, "answered": i.CallAnswered.__name__}
    if entered.get(one.state) == event.step and one.since_us == event.was_us:
        one.since_us = event.now_us


LINES: Fold[Lines] = Fold(name="lines", state=Lines, arms=evolve)
