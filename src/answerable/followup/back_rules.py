"""The rules of calling back: who is rung, who is not and why, and what comes of it.

When what a call was about is over, the call gets its one call-back, or the reason why not (I4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from answerable.dispatch import merge_words as merge
from answerable.dispatch import words as dispatch
from answerable.followup import back_words as w
from answerable.followup.back_arms import (
    ANSWERED,
    CALL_BACK,
    DUE,
    HELD,
    NEW,
    UNREACHABLE,
    kinds,
    onward,
    over,
)
from answerable.followup.state import About, Back, Ctx, State, decide
from answerable.intake import join_words as join
from answerable.intake import words as intake
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Decision
from answerable.kernel.steps import Steps
from answerable.towns.following import MINUTE_US, again_us, next_open, window

DAY_US = 86_400_000_000


# -- what all decisions share ----------------------------------------------------------------


def _found(state: State, command: w._Command, step: type[Event]) -> Back | Refusal:
    """Return the call-back a command is about, or why the step cannot be."""
    back = state.backs.get(command.call)
    if back is None or back.incident != command.incident:
        return Unknown(command=command.tag, what="call", name=command.call)
    if back.state in (NEW, HELD) and not CALL_BACK.allows(back.state, step):
        return w.OpenAgain(command=command.tag, call=command.call, incident=command.incident)
    return CALL_BACK.refuse(back.state, step, f"the call-back of {command.call}") or back


def _busy(back: Back, command: w._Command, ctx: Ctx) -> Refusal | None:
    """Return that somebody else is ringing this caller now."""
    if not back.by or back.by == ctx.actor.name or back.until_us <= ctx.now_us:
        return None
    return w.RungByAnother(
        command=command.tag, call=command.call, since=ctx.town.clock(back.since_us),
        until=ctx.town.clock(back.until_us),
    )  # fmt: skip


def _ready(state: State, command: w._Command, step: type[Event], ctx: Ctx) -> Back | Refusal:
    """Return the call-back a command is about, if the step can be and nobody else rings."""
    found = _found(state, command, step)
    return found if isinstance(found, Refusal) else _busy(found, command, ctx) or found


def _day(ctx: Ctx, at_us: int) -> str:
    return f"{ctx.town.local(at_us):%Y-%m-%d}"


# -- decide: what follows from an incident's end -----------------------------------------------


@decide.on(w.OpenCallBacks)
def _open(state: State, command: w.OpenCallBacks, ctx: Ctx) -> Decision:
    about = state.incidents.get(command.incident)
    if about is None or not over(state, about):
        return []
    from_us = next_open(ctx.town, ctx.now_us)
    return [
        _opened(state, command, call, from_us, ctx)
        for call in _waiting(state, command, about, (NEW, HELD))
    ]


def _waiting(
    state: State, command: w.OpenCallBacks | w.HoldCallBacks | w.DropCallBacks, about: About,
    states: tuple[str, ...],
) -> Iterator[str]:  # fmt: skip
    """Yield the calls that a command of a reaction is about, of those in these states."""
    for call in (command.call,) if command.call else about.calls:
        back = state.backs.get(call)
        if back is not None and back.state in states:
            yield call


def _opened(
    state: State, command: w.OpenCallBacks, call: str, from_us: int, ctx: Ctx
) -> w.CallBackDue | w.CallBackBarred:
    back, kind = state.backs[call], state.incidents[command.incident].kind
    day = _day(ctx, from_us)
    if reason := _bar(back, state, command.incident, ctx):
        return w.CallBackBarred(
            incident=command.incident, call=call, reason=reason.value, day=day, kind=kind,
            into=command.into,
        )  # fmt: skip
    return w.CallBackDue(
        incident=command.incident, call=call, day=day, from_us=from_us, kind=kind,
        language=back.language or ctx.town.following.language, tries=back.tries, into=command.into,
    )  # fmt: skip


def _bar(back: Back, state: State, incident: str, ctx: Ctx) -> w.Bar | None:
    """Return why the rules bar a caller, the gravest reason first; None where they do not."""
    barred = ctx.town.following.barred
    if _sensitive(state, incident, ctx):
        return w.Bar.SENSITIVE
    if state.incidents[incident].kind in barred.alarms or back.line in barred.lines:
        return w.Bar.ALARM
    return None if back.reachable else w.Bar.NO_NUMBER


def _sensitive(state: State, incident: str, ctx: Ctx) -> bool:
    """Say whether an incident, or what it turned out to be part of, is too delicate to ask about.

    A quarrel that was merged into violence was violence: who rang about it is not rung either.
    """
    found = ctx.town.following.barred.kinds
    return any(kind in found for kind in kinds(state, incident))


@decide.on(w.HoldCallBacks)
def _hold(state: State, command: w.HoldCallBacks, ctx: Ctx) -> Decision:
    about = state.incidents.get(command.incident) or About(kind="")
    return [
        w.CallBackHeld(incident=command.incident, call=call)
        for call in _waiting(state, command, about, (DUE,))
    ]


@decide.on(w.DropCallBacks)
def _drop(state: State, command: w.DropCallBacks, ctx: Ctx) -> Decision:
    about = state.incidents.get(command.incident) or About(kind="")
    states: tuple[str, ...] = (DUE, HELD)
    if command.reason is w.Bar.SENSITIVE:
        states = (DUE, UNREACHABLE) if _sensitive(state, command.incident, ctx) else ()
    return [
        w.CallBackBarred(
            incident=command.incident, call=call, reason=command.reason.value,
            day=_day(ctx, ctx.now_us), kind=about.kind, into=onward(state, about),
        )
        for call in _waiting(state, command, about, states)
    ]  # fmt: skip


# -- decide: what staff does -------------------------------------------------------------------


@decide.on(w.BarCallBack)
def _bar_by_hand(state: State, command: w.BarCallBack, ctx: Ctx) -> Decision:
    found = _ready(state, command, w.CallBackBarred, ctx)
    if isinstance(found, Refusal):
        return found
    if command.reason not in w.BY_HAND:
        return w.NotByHand(
            command=command.tag, call=command.call, reason=command.reason.value,
            reasons=", ".join(w.BY_HAND),
        )  # fmt: skip
    about = state.incidents[command.incident]
    return [
        w.CallBackBarred(
            incident=command.incident, call=command.call, reason=command.reason.value,
            day=_day(ctx, ctx.now_us), kind=about.kind, note=command.note.strip(),
            into=onward(state, about),
        )
    ]  # fmt: skip


@decide.on(w.AllowCallBack)
def _allow(state: State, command: w.AllowCallBack, ctx: Ctx) -> Decision:
    found = _found(state, command, w.CallBackAllowed)
    if isinstance(found, Refusal):
        return found
    if found.reason not in w.BY_HAND:
        return w.NotByHand(
            command=command.tag, call=command.call, reason=found.reason,
            reasons=", ".join(w.BY_HAND),
        )  # fmt: skip
    allowed = w.CallBackAllowed(incident=command.incident, call=command.call, reason=command.reason)
    about = state.incidents[command.incident]
    if not over(state, about):
        return [allowed]
    into = onward(state, about)
    asked = w.OpenCallBacks(key=command.key, incident=command.incident, into=into)
    from_us = next_open(ctx.town, ctx.now_us)
    return [allowed, _opened(state, asked, command.call, from_us, ctx)]


@decide.on(w.TakeCallBack)
def _take(state: State, command: w.TakeCallBack, ctx: Ctx) -> Decision:
    found = _ready(state, command, w.CallBackTaken, ctx)
    if isinstance(found, Refusal):
        return found
    if (opens_us := next_open(ctx.town, ctx.now_us)) > ctx.now_us:
        hours = window(ctx.town, ctx.town.local(opens_us).date())
        return w.NotTheHour(
            call=command.call, from_time=ctx.town.clock(hours.from_us)[:5],
            until_time=ctx.town.clock(hours.until_us)[:5],
            next_time=f"{ctx.town.local(opens_us):%Y-%m-%d %H:%M}",
        )  # fmt: skip
    until_us = ctx.now_us + ctx.town.following.ringing.claim_min * MINUTE_US
    return [w.CallBackTaken(incident=command.incident, call=command.call, until_us=until_us)]


@decide.on(w.LeaveCallBack)
def _leave(state: State, command: w.LeaveCallBack, ctx: Ctx) -> Decision:
    found = _ready(state, command, w.CallBackLeft, ctx)
    if isinstance(found, Refusal):
        return found
    return [w.CallBackLeft(incident=command.incident, call=command.call)]


@decide.on(w.TriedCallBack)
def _tried(state: State, command: w.TriedCallBack, ctx: Ctx) -> Decision:
    ids = {"incident": command.incident, "call": command.call}
    if command.way != "phone" and command.outcome is w.Outcome.REFUSED:
        # whoever says no to what was sent waits for nobody who is about to ring, either
        wrote = _found(state, command, w.CallBackDeclined)
        declined = w.CallBackDeclined(**ids, way=command.way)
        return wrote if isinstance(wrote, Refusal) else [declined]
    found = _ready(state, command, w.CallBackTried, ctx)
    if isinstance(found, Refusal):
        return found
    if found.by != ctx.actor.name:
        return w.NotTaken(call=command.call)
    attempt, outcome = found.tries + 1, command.outcome
    ends = outcome is w.Outcome.REFUSED or attempt >= ctx.town.following.ringing.tries
    again = 0 if ends else again_us(ctx.town, outcome.value, ctx.now_us)
    tried = w.CallBackTried(**ids, attempt=attempt, outcome=outcome.value, again_us=again)
    if outcome is w.Outcome.REFUSED:
        return [tried, w.CallBackDeclined(**ids)]
    return [tried] if again else [tried, w.CallBackUnreachable(**ids, tries=attempt)]


@decide.on(w.DeferCallBack)
def _defer(state: State, command: w.DeferCallBack, ctx: Ctx) -> Decision:
    found = _ready(state, command, w.CallBackDeferred, ctx)
    if isinstance(found, Refusal):
        return found
    days = ctx.town.following.ringing.defer_days
    if not ctx.now_us < command.until <= ctx.now_us + days * DAY_US:
        told = f"{ctx.town.local(command.until):%Y-%m-%d %H:%M}"
        return w.NotBefore(call=command.call, until=told, days=days)
    until_us = next_open(ctx.town, command.until)
    return [w.CallBackDeferred(incident=command.incident, call=command.call, until_us=until_us)]


@decide.on(w.SpeakCallBack)
def _speak(state: State, command: w.SpeakCallBack, ctx: Ctx) -> Decision:
    found = _ready(state, command, w.CallBackSpoken, ctx)
    if isinstance(found, Refusal):
        return found
    known = ctx.town.following.languages
    if command.language not in known:
        return w.UnknownTongue(
            call=command.call, language=command.language, possible=", ".join(known)
        )
    return [
        w.CallBackSpoken(incident=command.incident, call=command.call, language=command.language)
    ]


@decide.on(w.AnswerCallBack)
def _answer(state: State, command: w.AnswerCallBack, ctx: Ctx) -> Decision:
    # who answers what was sent waits for nobody who is about to ring
    ready = _ready if command.way == "phone" else lambda s, c, e, _ctx: _found(s, c, e)
    found = ready(state, command, w.CallBackAnswered, ctx)
    if isinstance(found, Refusal):
        return found
    marks = {about: getattr(command, about) for about in w.QUESTIONS}
    words = command.words.strip()
    if not any(marks.values()) and not words and not command.wants:
        return w.NothingSaid(call=command.call)
    return [
        w.CallBackAnswered(
            incident=command.incident, call=command.call, **marks, words=words,
            wants=command.wants, way=command.way,
            attempt=found.tries + (command.way == "phone"),
        )
    ]  # fmt: skip


@decide.on(w.TakeBackCallBack)
def _take_back(state: State, command: w.TakeBackCallBack, ctx: Ctx) -> Decision:
    found = _ready(state, command, w.CallBackTakenBack, ctx)
    if isinstance(found, Refusal):
        return found
    if not over(state, state.incidents[command.incident]):
        return w.OpenAgain(command=command.tag, call=command.call, incident=command.incident)
    if not found.last:
        return w.NothingToTakeBack(call=command.call, incident=command.incident)
    if found.state == ANSWERED and found.unhappy:
        return w.AnswerActedOn(call=command.call)
    ids = {"incident": command.incident, "call": command.call}
    taken = w.CallBackTakenBack(**ids, what=found.last, reason=command.reason)
    if not _sensitive(state, command.incident, ctx):
        return [taken]
    about = state.incidents[command.incident]  # it was found to be delicate meanwhile
    day, reason, into = _day(ctx, ctx.now_us), w.Bar.SENSITIVE.value, onward(state, about)
    return [taken, w.CallBackBarred(**ids, reason=reason, day=day, kind=about.kind, into=into)]


@decide.on(w.SendLink)
def _send_link(state: State, command: w.SendLink, ctx: Ctx) -> Decision:
    found = _found(state, command, w.LinkSent)
    if isinstance(found, Refusal):
        return found
    if found.sent_us and ctx.now_us < found.sent_us + w.SENT_APART_US:
        return w.SentLately(
            call=command.call, since=ctx.town.clock(found.sent_us)[:5],
            next_time=ctx.town.clock(found.sent_us + w.SENT_APART_US)[:5],
        )  # fmt: skip
    return [
        w.LinkSent(
            incident=command.incident, call=command.call, way=command.way, token=command.token
        )
    ]


# -- by itself ---------------------------------------------------------------------------------


def _after_closing(state: State, event: dispatch.IncidentClosed, row: Row) -> Sequence[Command]:
    """Ask for the call-backs of an incident that is over, and of those it went on for."""
    return [
        w.OpenCallBacks(
            key=f"backs:{row.position}:{nth}", incident=one, into=event.incident if nth else ""
        )
        for nth, one in enumerate(state.over)
    ]


def _after_opening_again(
    state: State, event: dispatch.IncidentReopened | merge.IncidentUnmerged, row: Row
) -> Sequence[Command]:
    about = state.incidents[event.incident]
    return [
        w.HoldCallBacks(key=f"backs:{row.position}:{nth}", incident=one)
        for nth, one in enumerate((event.incident, *about.also))
    ]


def _after_joining(
    state: State, event: intake.CallAttached | intake.IncidentOpened, row: Row
) -> Sequence[Command]:
    """Ask for the call-back of a call that is about something over, or hold one that is not."""
    if not event.call:
        return ()
    about, back = state.incidents[event.incident], state.backs[event.call]
    key = f"backs:{row.position}"
    if over(state, about):
        into = onward(state, about)
        return [w.OpenCallBacks(key=key, incident=event.incident, call=event.call, into=into)]
    if back.state == DUE:
        return [w.HoldCallBacks(key=key, incident=event.incident, call=event.call)]
    return ()


def _after_another_kind(state: State, event: intake.KindChanged, row: Row) -> Sequence[Command]:
    """Bar who is to be rung about something over that is found to be delicate only now."""
    about = state.incidents[event.incident]
    if not over(state, about):
        return ()
    return [
        w.DropCallBacks(key=f"backs:{row.position}:{nth}", incident=one, reason=w.Bar.SENSITIVE)
        for nth, one in enumerate((event.incident, *about.also))
    ]


def _after_detaching(state: State, event: join.CallDetached, row: Row) -> Sequence[Command]:
    if state.backs[event.call].state != DUE:
        return ()
    key = f"backs:{row.position}"
    return [w.HoldCallBacks(key=key, incident=event.incident, call=event.call)]


def _after_ending(state: State, event: intake.CallEnded, row: Row) -> Sequence[Command]:
    """Bar the caller of a call that was about something, and in the end about nothing."""
    key, reason = f"backs:{row.position}", w.Bar.NO_INCIDENT
    return [
        w.DropCallBacks(key=key, incident=one, call=event.call, reason=reason) for one in state.over
    ]


STEPS: Mapping[str, Steps] = {"call-back": CALL_BACK}
REACTS: Mapping[type[Event], Callable[[State, Any, Row], Sequence[Command]]] = {
    dispatch.IncidentClosed: _after_closing,
    dispatch.IncidentReopened: _after_opening_again,
    merge.IncidentUnmerged: _after_opening_again,
    intake.CallAttached: _after_joining,
    intake.IncidentOpened: _after_joining,
    join.CallDetached: _after_detaching,
    intake.KindChanged: _after_another_kind,
    intake.CallEnded: _after_ending,
}
