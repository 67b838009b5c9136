"""How call-backs stand: their life, and how events change what is known of each call.

From the first ring of a line on, what calling back will need of a call is kept beside it: whether
there is a number, and what the call is about. It is laid aside with the call.
"""

from __future__ import annotations

from collections.abc import Iterator

from answerable.dispatch import merge_words as merge
from answerable.dispatch import words as dispatch
from answerable.followup import back_words as w
from answerable.followup.state import About, Back, State, evolve
from answerable.intake import join_words as join
from answerable.intake import words as intake
from answerable.kernel.event import Row
from answerable.kernel.steps import Steps

NEW, DUE, HELD, BARRED = "new", "due", "held", "barred"
ANSWERED, DECLINED, UNREACHABLE = "answered", "declined", "unreachable"
MERGED_MAX = 16
"""Incidents merged into one another that are followed for the units that were there."""

CALL_BACK = Steps(
    "call-back",
    first=NEW,
    last=frozenset({ANSWERED, DECLINED, UNREACHABLE, BARRED}),
    table={
        (NEW, w.CallBackDue): DUE,
        (NEW, w.CallBackBarred): BARRED,
        (NEW, w.CallBackSpoken): NEW,
        (DUE, w.CallBackTaken): DUE,
        (DUE, w.CallBackLeft): DUE,
        (DUE, w.CallBackTried): DUE,
        (DUE, w.CallBackDeferred): DUE,
        (DUE, w.CallBackSpoken): DUE,
        (DUE, w.LinkSent): DUE,
        (DUE, w.CallBackAnswered): ANSWERED,
        (DUE, w.CallBackDeclined): DECLINED,
        (DUE, w.CallBackUnreachable): UNREACHABLE,
        (DUE, w.CallBackBarred): BARRED,
        (DUE, w.CallBackTakenBack): DUE,
        (DUE, w.CallBackHeld): HELD,
        (HELD, w.CallBackDue): DUE,
        (HELD, w.CallBackBarred): BARRED,
        (HELD, w.CallBackSpoken): HELD,
        (UNREACHABLE, w.LinkSent): UNREACHABLE,
        (UNREACHABLE, w.CallBackAnswered): ANSWERED,
        (UNREACHABLE, w.CallBackDeclined): DECLINED,
        (UNREACHABLE, w.CallBackBarred): BARRED,
        (UNREACHABLE, w.CallBackTakenBack): DUE,
        (DECLINED, w.CallBackTakenBack): DUE,
        (ANSWERED, w.CallBackTakenBack): DUE,
        (BARRED, w.CallBackAllowed): NEW,
    },
)
"""The life of one call's call-back. Who could not be reached may still answer what was sent."""


def over(state: State, about: About) -> bool:
    """Say whether an incident, or what it was merged into, is closed; laid aside means closed."""
    seen = 0
    while about.into:
        onward = state.incidents.get(about.into)
        if onward is None:
            return True
        about, seen = onward, seen + 1
        assert seen < 1000, "incidents merged in a ring"
    return about.closed


def onward(state: State, about: About) -> str:
    """Return what an incident is part of in the end, as far as it is known; "" where not merged."""
    into = about.into
    for _ in range(MERGED_MAX):
        further = state.incidents.get(into)
        if further is None or not further.into:
            return into
        into = further.into
    return into


def kinds(state: State, incident: str) -> Iterator[str]:
    """Yield the kind of an incident, and of all that it was merged into as far as it is known."""
    about = state.incidents.get(incident)
    yield from about.turned if about is not None else ()
    for _ in range(MERGED_MAX):
        if about is None:
            return
        yield about.kind
        about = state.incidents.get(about.into)


# -- evolve: what the calls are about ----------------------------------------------------------


@evolve.on(intake.CallRung)
def _rang(state: State, event: intake.CallRung, row: Row) -> None:
    state.backs[event.call] = Back(line=event.line, reachable=bool(event.number))


@evolve.on(intake.CallAnswered)
def _call_answered(state: State, event: intake.CallAnswered, row: Row) -> None:
    back = state.backs.get(event.call)
    if back is None:
        state.backs[event.call] = Back(line=event.line, reachable=bool(event.number))
    elif event.number:
        back.reachable = True


@evolve.on(intake.IncidentOpened)
def _incident_opened(state: State, event: intake.IncidentOpened, row: Row) -> None:
    state.incidents[event.incident] = About(kind=event.kind)
    if event.call:
        _put(state, event.call, event.incident)


@evolve.on(intake.CallAttached)
def _attached(state: State, event: intake.CallAttached, row: Row) -> None:
    _put(state, event.call, event.incident)


@evolve.on(join.CallDetached)
def _detached(state: State, event: join.CallDetached, row: Row) -> None:
    _pull(state, event.call)


def _put(state: State, call: str, incident: str) -> None:
    """Note that a call is about an incident, and about no other."""
    _pull(state, call)
    state.backs[call].incident = incident
    state.incidents[incident].calls.append(call)


def _pull(state: State, call: str) -> None:
    """Note that a call is not about its incident any more; what it was about stays known."""
    back = state.backs[call]
    about = state.incidents.get(back.incident)
    if about is not None and call in about.calls:
        about.calls.remove(call)


@evolve.on(intake.KindChanged)
def _kind_changed(state: State, event: intake.KindChanged, row: Row) -> None:
    state.incidents[event.incident].kind = event.kind


@evolve.on(dispatch.IncidentClosed)
def _closed(state: State, event: dispatch.IncidentClosed, row: Row) -> None:
    about = state.incidents[event.incident]
    about.closed = True
    state.over = [event.incident, *about.also]


@evolve.on(intake.CallEnded)
def _call_ended(state: State, event: intake.CallEnded, row: Row) -> None:
    back = state.backs[event.call]
    state.over = [back.incident] if back.state == HELD else []


@evolve.on(dispatch.IncidentReopened)
def _reopened(state: State, event: dispatch.IncidentReopened, row: Row) -> None:
    about = state.incidents[event.incident]
    about.closed = about.asked = False


@evolve.on(merge.IncidentMerged)
def _merged(state: State, event: merge.IncidentMerged, row: Row) -> None:
    about = state.incidents[event.incident]
    about.into = event.into
    state.over = [event.incident, *about.also]


@evolve.on(merge.IncidentUnmerged)
def _unmerged(state: State, event: merge.IncidentUnmerged, row: Row) -> None:
    about = state.incidents[event.incident]
    about.into, about.closed, about.onward, about.turned = "", False, [], []


@evolve.on(merge.IncidentTookOver)
def _took_over(state: State, event: merge.IncidentTookOver, row: Row) -> None:
    state.incidents[event.incident].also += state.over  # recorded right after it was merged


@evolve.on(merge.IncidentGaveBack)
def _gave_back(state: State, event: merge.IncidentGaveBack, row: Row) -> None:
    gone = {event.merged, *_also(state, event.merged)}
    about = state.incidents[event.incident]
    about.also = [one for one in about.also if one not in gone]


def _also(state: State, incident: str) -> list[str]:
    about = state.incidents.get(incident)
    return about.also if about else []


# -- evolve: the call-backs --------------------------------------------------------------------


def _moved(state: State, event: w.BackEvent) -> Back:
    """Take a call-back on by one step, and return it."""
    back = state.backs.get(event.call)
    if back is None:  # laid aside with its call, which ended and is about nothing
        return Back()
    back.state = CALL_BACK.after(back.state, event)
    return back


def _sent_onward(state: State, event: w.BackEvent) -> None:
    """Note of what an incident was merged into, while it is in memory, who was sent, and kinds."""
    about = state.incidents.get(event.incident)
    onward = state.incidents.get(about.into) if about is not None else None
    for _ in range(MERGED_MAX):
        if about is None or onward is None:
            return
        about.onward += [
            unit for unit in (*onward.units, *onward.onward) if unit not in about.onward
        ]
        if onward.kind not in about.turned:
            about.turned.append(onward.kind)
        onward = state.incidents.get(onward.into)


def _let_go(back: Back) -> None:
    back.by, back.since_us, back.until_us = "", 0, 0


@evolve.on(w.CallBackDue, w.CallBackHeld, w.CallBackAllowed, w.CallBackLeft)
def _stands(state: State, event: w.BackEvent, row: Row) -> None:
    _sent_onward(state, event)
    back = _moved(state, event)
    _let_go(back)
    back.last, back.reason = "", ""


@evolve.on(w.CallBackBarred)
def _barred(state: State, event: w.CallBackBarred, row: Row) -> None:
    _sent_onward(state, event)
    back = _moved(state, event)
    _let_go(back)
    back.last, back.reason = "", event.reason


@evolve.on(w.CallBackTaken)
def _taken(state: State, event: w.CallBackTaken, row: Row) -> None:
    back = _moved(state, event)
    back.by, back.since_us, back.until_us = row.actor, row.recorded_at, event.until_us


@evolve.on(w.CallBackTried)
def _was_tried(state: State, event: w.CallBackTried, row: Row) -> None:
    back = _moved(state, event)
    _let_go(back)
    back.tries, back.last = event.attempt, type(event).__name__


@evolve.on(w.CallBackDeferred)
def _deferred(state: State, event: w.CallBackDeferred, row: Row) -> None:
    _let_go(_moved(state, event))


@evolve.on(w.CallBackSpoken)
def _spoken(state: State, event: w.CallBackSpoken, row: Row) -> None:
    _moved(state, event).language = event.language


@evolve.on(w.CallBackAnswered)
def _answered(state: State, event: w.CallBackAnswered, row: Row) -> None:
    back = _moved(state, event)
    _let_go(back)
    back.last, back.unhappy = _by_staff(event), w.unhappy(event)
    back.tries = max(back.tries, event.attempt)


@evolve.on(w.CallBackDeclined)
def _declined(state: State, event: w.CallBackDeclined, row: Row) -> None:
    back = _moved(state, event)
    _let_go(back)
    back.last = _by_staff(event)


@evolve.on(w.CallBackUnreachable)
def _unreachable(state: State, event: w.CallBackUnreachable, row: Row) -> None:
    back = _moved(state, event)
    _let_go(back)
    back.last = type(event).__name__


def _by_staff(event: w.CallBackAnswered | w.CallBackDeclined) -> str:
    """Return what may be taken back: what staff wrote down, not what a caller wrote themselves."""
    return type(event).__name__ if event.way == "phone" else ""


@evolve.on(w.CallBackTakenBack)
def _taken_back(state: State, event: w.CallBackTakenBack, row: Row) -> None:
    back = _moved(state, event)
    _let_go(back)
    back.tries = max(0, back.tries - 1)
    back.last, back.unhappy = "", False


@evolve.on(w.LinkSent)
def _link_sent(state: State, event: w.LinkSent, row: Row) -> None:
    _moved(state, event).sent_us = row.happened_at
