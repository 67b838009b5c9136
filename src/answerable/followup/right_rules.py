"""The rules of putting right: who looks into it, by when, and who may say that it is over.

Nobody ends what they were complained about: not a unit that was there, not whoever signed its
account; and oversight does not judge what its own hand put right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from answerable.dispatch import report_words as report
from answerable.dispatch import words as dispatch
from answerable.followup import right_words as w
from answerable.followup.back_arms import MERGED_MAX
from answerable.followup.back_words import UNHAPPY_MAX, CallBackAnswered, unhappy
from answerable.followup.state import Ctx, Right, State, decide, evolve
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Decision
from answerable.kernel.steps import Steps
from answerable.towns.following import AGAIN_MIN, MINUTE_US, again_us, next_open
from answerable.towns.working import due_us

NEW, OPEN, HEARD, DONE, ANSWERED = "new", "open", "heard", "done", "answered"
OVERSIGHT, ENDED = "oversight", "ended"
THERE = "A unit that was there does not answer for it, or end it"

RIGHT = Steps(
    "put right",
    first=NEW,
    last=frozenset({ENDED}),
    table={
        (NEW, w.PutRightOpened): OPEN,
        (OPEN, w.HumanSpoke): HEARD,
        (HEARD, w.HumanSpoke): HEARD,
        **{
            (state, event): state
            for state in (OPEN, HEARD)
            for event in (w.PutRightOwned, w.AccountAsked, w.AccountGiven, w.ReopeningSought)
        },
        (HEARD, w.DonePutRight): DONE,
        (DONE, w.PutRightOwned): DONE,
        (DONE, w.AccountGiven): DONE,
        (DONE, w.MissedAgain): DONE,
        (DONE, w.RungBackAgain): ANSWERED,
        (DONE, w.PutRightClosed): ENDED,
        (ANSWERED, w.PutRightClosed): ENDED,
        (ANSWERED, w.SentToOversight): OVERSIGHT,
        (HEARD, w.SentToOversight): OVERSIGHT,
        (DONE, w.SentToOversight): OVERSIGHT,
        **{
            (OVERSIGHT, event): OVERSIGHT
            for event in (w.HumanSpoke, w.AccountAsked, w.AccountGiven, w.ReopeningSought)
        },
        (OVERSIGHT, w.ReturnedFromOversight): HEARD,
        (OVERSIGHT, w.PutRightClosed): ENDED,
        **{
            (state, w.PutRightWithdrawn): ENDED
            for state in (OPEN, HEARD, DONE, OVERSIGHT)
        },
    },
)  # fmt: skip
"""A human speaks first; what was done comes before the ring back; oversight ends or sends back."""


# -- what the decisions share ----------------------------------------------------------------


def _found(state: State, command: w._Command, step: type[Event]) -> Right | Refusal:
    """Return what a command is about, or why the step cannot be."""
    right = state.rights.get(command.right)
    if right is None or right.incident != command.incident:
        return Unknown(command=command.tag, what="put right", name=command.right)
    return RIGHT.refuse(right.state, step, command.right) or right


def _not_theirs(state: State, command: w._Command, step: type[Event], ctx: Ctx) -> Right | Refusal:
    """Return what a command that may end it is about, or why it is not this actor's to give."""
    found = _found(state, command, step)
    if isinstance(found, Refusal):
        return found
    if ctx.actor.unit and ctx.actor.unit in found.units:
        return _own(command, THERE)
    if ctx.actor.name in found.gave:
        return _own(command, "You signed the account of a unit that was there")
    return found


def _own(command: w._Command, what: str) -> w.TheirOwnMatter:
    return w.TheirOwnMatter(command=command.tag, right=command.right, what=what)


def desks(ctx: Ctx) -> tuple[str, ...]:
    """Return the roles of the desks that may answer for a matter: those that may put it right."""
    roles = ctx.authority.roles
    return tuple(role for role in roles if ctx.authority.may_do(role, w.DoPutRight.tag))


# -- decide: how it begins -------------------------------------------------------------------


@decide.on(w.OpenPutRight)
def _open(state: State, command: w.OpenPutRight, ctx: Ctx) -> Decision:
    about = state.incidents.get(command.incident)
    if about is None:
        return Unknown(command=command.tag, what="incident", name=command.incident)
    if command.call and command.call not in about.calls:
        return Unknown(command=command.tag, what="call", name=command.call)
    if open_ := state.right_about(command.incident, command.call):
        return w.OpenAlready(incident=command.incident, right=open_)
    return [
        w.PutRightOpened(
            incident=command.incident,
            right=f"{command.incident}R{state.rights_made + 1}",
            reason=command.reason,
            due_us=due_us(ctx.town, ctx.now_us, w.WORKING_DAYS),
            human_due_us=ctx.now_us + w.HUMAN_US,
            call=command.call,
        )
    ]


@decide.on(w.OwnPutRight)
def _owns(state: State, command: w.OwnPutRight, ctx: Ctx) -> Decision:
    found = _found(state, command, w.PutRightOwned)
    if isinstance(found, Refusal):
        return found
    if command.owner in found.units:
        return _own(command, THERE)
    town, possible = ctx.town, desks(ctx)
    homes = {unit.station for unit in town.units.values() if unit.station}
    if command.owner not in {*town.units, *town.stations, *homes, *possible}:
        return w.NotAnOwner(right=command.right, owner=command.owner, roles=", ".join(possible))
    return [w.PutRightOwned(incident=found.incident, right=command.right, owner=command.owner)]


@decide.on(w.SpokeWithCaller)
def _spoke(state: State, command: w.SpokeWithCaller, ctx: Ctx) -> Decision:
    found = _found(state, command, w.HumanSpoke)
    if isinstance(found, Refusal):
        return found
    return [w.HumanSpoke(incident=found.incident, right=command.right, words=command.words.strip())]


# -- decide: the account of a unit -----------------------------------------------------------


@decide.on(w.AskAccount)
def _ask(state: State, command: w.AskAccount, ctx: Ctx) -> Decision:
    found = _found(state, command, w.AccountAsked)
    if isinstance(found, Refusal):
        return found
    if command.unit not in ctx.town.units and command.unit not in found.units:
        return Unknown(command=command.tag, what="unit", name=command.unit)
    if command.unit in (*found.asked, *found.given):
        what = "It was asked" if command.unit in found.asked else "It has given its account"
        return w.AskedAlready(right=command.right, unit=command.unit, what=what)
    if command.unit == found.owner:
        return _own(command, "The unit answers for it")
    if len(found.asked) + len(found.given) >= w.ACCOUNTS_MAX:
        what = "As many units were asked as can be"
        return w.AskedAlready(right=command.right, unit=command.unit, what=what)
    return [
        w.AccountAsked(
            incident=found.incident,
            right=command.right,
            unit=command.unit,
            due_us=due_us(ctx.town, ctx.now_us, w.ACCOUNT_DAYS),
        )
    ]


@decide.on(w.GiveAccount)
def _give(state: State, command: w.GiveAccount, ctx: Ctx) -> Decision:
    found = _found(state, command, w.AccountGiven)
    if isinstance(found, Refusal):
        return found
    if command.unit not in found.asked:
        given = command.unit in found.given
        what = "It has given its account" if given else "Nobody asked it"
        return w.NotAsked(right=command.right, unit=command.unit, what=what)
    return [
        w.AccountGiven(
            incident=found.incident,
            right=command.right,
            unit=command.unit,
            words=command.words.strip(),
            by_desk=ctx.actor.unit != command.unit,
        )
    ]


# -- decide: putting it right, and the caller's word -----------------------------------------


@decide.on(w.SeekReopening)
def _seek(state: State, command: w.SeekReopening, ctx: Ctx) -> Decision:
    found = _found(state, command, w.ReopeningSought)
    if isinstance(found, Refusal):
        return found
    if what := _not_to_reopen(state, found.incident):
        return w.NotToReopen(incident=found.incident, right=command.right, what=what)
    reason = command.reason.strip()
    return [w.ReopeningSought(incident=found.incident, right=command.right, reason=reason)]


def _not_to_reopen(state: State, incident: str) -> str:
    """Return why dispatch is not asked to open an incident again, "" where it may be."""
    about = state.incidents.get(incident)
    if about is None or about.asked:
        return "It was asked already" if about else ""
    if about.into:
        return "It went on as another incident"
    return "" if about.closed else "It is open"


@decide.on(w.DoPutRight)
def _do(state: State, command: w.DoPutRight, ctx: Ctx) -> Decision:
    right = state.rights.get(command.right)
    if right is not None and right.incident == command.incident and right.state == OPEN:
        return w.NobodySpoke(right=command.right)
    found = _not_theirs(state, command, w.DonePutRight, ctx)
    if isinstance(found, Refusal):
        return found
    return [
        w.DonePutRight(
            incident=found.incident,
            right=command.right,
            what=command.what,
            words=command.words.strip(),
        )
    ]


@decide.on(w.MissAgain)
def _missed(state: State, command: w.MissAgain, ctx: Ctx) -> Decision:
    found = _found(state, command, w.MissedAgain)
    if isinstance(found, Refusal):
        return found
    if ctx.at_us < found.again_us:
        return w.MissedLately(
            right=command.right, since=_minute(ctx, found.missed_us),
            next_time=_minute(ctx, found.again_us),
        )  # fmt: skip
    return [
        w.MissedAgain(
            incident=found.incident,
            right=command.right,
            attempt=found.tries + 1,
            outcome=command.outcome,
            again_us=_next_try(ctx, command.outcome),
        )
    ]


def _next_try(ctx: Ctx, outcome: w.Missed) -> int:
    """Return from when on another attempt counts: as the town says of call-backs.

    A number that is not in service ends a call-back; here it is rung again, for it may be put
    right meanwhile, and nothing ends before so many attempts.
    """
    usual = next_open(ctx.town, ctx.at_us + AGAIN_MIN * MINUTE_US)
    return again_us(ctx.town, outcome.value, ctx.at_us) or usual


def _minute(ctx: Ctx, at_us: int) -> str:
    return f"{ctx.town.local(at_us):%Y-%m-%d %H:%M}"


@decide.on(w.RingBackAgain)
def _rung(state: State, command: w.RingBackAgain, ctx: Ctx) -> Decision:
    found = _not_theirs(state, command, w.RungBackAgain, ctx)
    if isinstance(found, Refusal):
        return found
    names = {"incident": found.incident, "right": command.right}
    rung = w.RungBackAgain(**names, happy=command.happy, words=command.words.strip())
    if command.happy:
        return [rung, w.PutRightClosed(**names, end=w.Ending.HAPPY)]
    return [rung, w.SentToOversight(**names, reason=w.STILL_UNHAPPY)]


@decide.on(w.WithdrawPutRight)
def _withdraw(state: State, command: w.WithdrawPutRight, ctx: Ctx) -> Decision:
    found = _not_theirs(state, command, w.PutRightWithdrawn, ctx)
    if isinstance(found, Refusal):
        return found
    reason = command.reason.strip()
    return [w.PutRightWithdrawn(incident=found.incident, right=command.right, reason=reason)]


@decide.on(w.ClosePutRight)
def _close(state: State, command: w.ClosePutRight, ctx: Ctx) -> Decision:
    found = _not_theirs(state, command, w.PutRightClosed, ctx)
    if isinstance(found, Refusal):
        return found
    if found.state == OVERSIGHT:
        return _own(command, "It lies with oversight")
    if found.tries < w.TRIES_AGAIN:
        return w.RingAgainFirst(right=command.right, tries=found.tries, tries_max=w.TRIES_AGAIN)
    return [
        w.PutRightClosed(
            incident=found.incident,
            right=command.right,
            end=w.Ending.NOT_REACHED,
            reason=command.reason.strip(),
        )
    ]


# -- decide: oversight -----------------------------------------------------------------------


@decide.on(w.SendToOversight)
def _send(state: State, command: w.SendToOversight, ctx: Ctx) -> Decision:
    found = _found(state, command, w.SentToOversight)
    if isinstance(found, Refusal):
        return found
    reason = command.reason.strip()
    return [w.SentToOversight(incident=found.incident, right=command.right, reason=reason)]


def _independent(state: State, command: w._Command, step: type[Event], ctx: Ctx) -> Right | Refusal:
    """Return what oversight decides on, or why this actor is not independent of it."""
    found = _not_theirs(state, command, step, ctx)
    if isinstance(found, Refusal):
        return found
    if found.state != OVERSIGHT:
        return w.NotWithOversight(command=command.tag, right=command.right)
    if ctx.actor.role == found.owner:
        return _own(command, "Your own desk answers for it")
    if ctx.actor.name in found.did:
        return _own(command, "You recorded what was done about it")
    return found


@decide.on(w.ReturnFromOversight)
def _return(state: State, command: w.ReturnFromOversight, ctx: Ctx) -> Decision:
    found = _independent(state, command, w.ReturnedFromOversight, ctx)
    if isinstance(found, Refusal):
        return found
    return [
        w.ReturnedFromOversight(
            incident=found.incident,
            right=command.right,
            reason=command.reason.strip(),
            due_us=due_us(ctx.town, ctx.now_us, w.WORKING_DAYS),
        )
    ]


@decide.on(w.JudgePutRight)
def _judge(state: State, command: w.JudgePutRight, ctx: Ctx) -> Decision:
    found = _independent(state, command, w.PutRightClosed, ctx)
    if isinstance(found, Refusal):
        return found
    return [
        w.PutRightClosed(
            incident=found.incident,
            right=command.right,
            end=w.Ending.OVERSIGHT,
            found=command.found.value,
            reason=command.reason.strip(),
        )
    ]


# -- evolve ----------------------------------------------------------------------------------


@evolve.on(dispatch.UnitSent)
def _sent(state: State, event: dispatch.UnitSent, row: Row) -> None:
    about = state.incidents.get(event.incident)
    if about is not None and event.unit not in about.units:
        about.units.append(event.unit)


@evolve.on(report.ReopeningAsked, report.ReopeningDeclined, report.ReopeningGranted)
def _reopening(state: State, event: report.ReopeningEvent, row: Row) -> None:
    about = state.incidents.get(event.incident)
    if about is not None:
        about.asked = isinstance(event, report.ReopeningAsked)


@evolve.on(w.PutRightOpened)
def _opened(state: State, event: w.PutRightOpened, row: Row) -> None:
    state.rights_made += 1
    right = Right(
        event.incident, event.call, event.reason.value, row.happened_at, event.due_us,
        event.human_due_us, OPEN, units=_there(state, event.incident),
    )  # fmt: skip
    state.put_right(event.right, right)


def _there(state: State, incident: str) -> list[str]:
    """Return the units that were sent to an incident, and to what it was merged into."""
    units: list[str] = []
    about = state.incidents.get(incident)
    for _ in range(MERGED_MAX):
        if about is None:
            break
        units += [unit for unit in (*about.units, *about.onward) if unit not in units]
        about = state.incidents.get(about.into)
    return units


def _step(state: State, event: w.RightEvent) -> Right:
    """Take one step, and return what it was about; one that has ended is forgotten."""
    right = state.rights[event.right]
    right.state = RIGHT.after(right.state, event)
    if right.state == ENDED:
        state.right_over(event.right)
    return right


@evolve.on(
    w.HumanSpoke, w.ReopeningSought, w.RungBackAgain, w.SentToOversight, w.PutRightWithdrawn,
    w.PutRightClosed,
)  # fmt: skip
def _stepped(state: State, event: w.RightEvent, row: Row) -> None:
    _step(state, event)


@evolve.on(w.PutRightOwned)
def _owned(state: State, event: w.PutRightOwned, row: Row) -> None:
    _step(state, event).owner = event.owner


@evolve.on(w.AccountAsked)
def _asked(state: State, event: w.AccountAsked, row: Row) -> None:
    right = _step(state, event)
    right.asked[event.unit] = event.due_us
    if event.unit not in right.units:
        right.units.append(event.unit)


@evolve.on(w.AccountGiven)
def _given(state: State, event: w.AccountGiven, row: Row) -> None:
    right = _step(state, event)
    right.asked.pop(event.unit)
    right.given.append(event.unit)
    if not event.by_desk and row.actor not in right.gave:
        right.gave.append(row.actor)


@evolve.on(w.DonePutRight)
def _did(state: State, event: w.DonePutRight, row: Row) -> None:
    right = _step(state, event)
    if row.actor not in right.did:
        right.did.append(row.actor)


@evolve.on(w.MissedAgain)
def _not_reached(state: State, event: w.MissedAgain, row: Row) -> None:
    right = _step(state, event)
    right.tries, right.missed_us = event.attempt, row.happened_at
    right.again_us = event.again_us or row.happened_at + w.MISSED_APART_US


@evolve.on(w.ReturnedFromOversight)
def _returned(state: State, event: w.ReturnedFromOversight, row: Row) -> None:
    right = _step(state, event)
    right.due_us, right.tries = event.due_us, 0


# -- reactions -------------------------------------------------------------------------------


def why(event: CallBackAnswered) -> w.Why:
    """Return what a caller was unhappy about: the worst of the three marks, in their order."""
    marks = {
        w.Why.MANNER: event.manner, w.Why.SPEED: event.speed, w.Why.RESULT: event.result,
        w.Why.OVERALL: event.overall,
    }  # fmt: skip
    bad = {reason: mark for reason, mark in marks.items() if 0 < mark <= UNHAPPY_MAX}
    return min(bad, key=lambda reason: bad[reason]) if bad else w.Why.ASKED


def _answered(state: State, event: CallBackAnswered, row: Row) -> Sequence[Command]:
    """Open a put right for who is unhappy or asks for it."""
    if not unhappy(event):
        return ()
    return (
        w.OpenPutRight(
            key=f"right:{row.position}", incident=event.incident, reason=why(event),
            call=event.call,
        ),
    )  # fmt: skip


def _sought(state: State, event: w.ReopeningSought, row: Row) -> Sequence[Command]:
    """Ask dispatch to open the incident again; it grants or declines that itself."""
    return (
        report.AskReopening(
            key=f"reopen:{row.position}", incident=event.incident, reason=event.reason
        ),
    )


STEPS: Mapping[str, Steps] = {"put right": RIGHT}
REACTS: Mapping[type[Event], Callable[[State, Any, Row], Sequence[Command]]] = {
    CallBackAnswered: _answered,
    w.ReopeningSought: _sought,
}
