"""The rules of crews: an account acts for a unit only where it was given, and says which one."""

from __future__ import annotations

from answerable.access import crew_words as c
from answerable.access import words as w
from answerable.access.state import ACCOUNT, State, decide, evolve
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Context, Decision

NO_UNIT = "no unit"


def _refuse(state: State, command: Command, name: str, event: type[Event]) -> Refusal | None:
    """Refuse where the account is unknown or its life does not allow the event."""
    known = state.accounts.get(name)
    if known is None:
        return Unknown(command=command.tag, what="account", name=name)
    return ACCOUNT.refuse(known.state, event, f"account {name}")


@decide.on(c.GiveUnits)
def _give(state: State, command: c.GiveUnits, ctx: Context[object]) -> Decision:
    if refusal := _refuse(state, command, command.account, c.UnitsGiven):
        return refusal
    units = tuple(dict.fromkeys(command.units))
    none = "" if units else NO_UNIT
    return [c.UnitsGiven(account=command.account, units=units, none=none)]


@decide.on(c.TakeUnit)
def _take(state: State, command: c.TakeUnit, ctx: Context[object]) -> Decision:
    if refusal := _refuse(state, command, command.account, c.UnitTaken):
        return refusal
    if ctx.actor.name != command.account:
        return w.OnlyItself(what="unit", account=command.account)
    known = state.accounts[command.account]
    if command.session not in known.sessions:
        return Unknown(command=command.tag, what="session", name=command.session)
    if command.on not in known.units:
        return c.NotGivenUnit(
            unit=command.on, account=command.account, units=", ".join(known.units),
            none="" if known.units else NO_UNIT,
        )  # fmt: skip
    return [c.UnitTaken(account=command.account, session=command.session, on=command.on)]


@evolve.on(c.UnitsGiven)
def _given(state: State, event: c.UnitsGiven, row: Row) -> None:
    account = state.accounts[event.account]
    account.state = ACCOUNT.after(account.state, event)
    account.units = event.units


@evolve.on(c.UnitTaken)
def _taken(state: State, event: c.UnitTaken, row: Row) -> None:
    account = state.accounts[event.account]
    account.state = ACCOUNT.after(account.state, event)
    account.on = {s: unit for s, unit in account.on.items() if s in account.sessions}
    account.on[event.session] = event.on
