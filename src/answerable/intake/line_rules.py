"""The rules of the line: hanging up, silence, texts, ringing back, and a call for elsewhere.

One writer settles every race. Who claims a ringing call first has it; a caller who hangs up while
somebody claims has either abandoned the call or hung up after the answer, never both.
"""

from __future__ import annotations

from answerable.intake import line_words as w
from answerable.intake import words as intake
from answerable.intake.state import CALL, Call, Ctx, State, call_step, decide, evolve
from answerable.kernel.event import Event, Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Decision
from answerable.towns.model import Town

REACHED = "reached"
FREE = frozenset({"ringing", "abandoned", "ended", "transferred"})
"""The states in which nobody has a call: it waits for somebody, or it is over."""
READING_US = 3_600_000_000
"""How long a reading counts, as that of an incident does."""


def taken(call: str, known: Call, town: Town) -> w.CallTaken | None:
    """Return that somebody has a call already, by whom and since when; None where nobody has."""
    at_us = known.times.get(intake.CallAnswered.__name__)
    if at_us is None or known.state in FREE:
        return None
    by = f"{known.desk} ({known.by})" if known.desk else known.by
    return w.CallTaken(call=call, by=by, since=town.clock(at_us))


def _refuse(state: State, command: w.LineCommand, event: type[Event]) -> Refusal | None:
    """Return why this cannot happen to a call: unknown, or not in its present state."""
    known = state.calls.get(command.call)
    if known is None:
        return Unknown(command=command.tag, what="call", name=command.call)
    return CALL.refuse(known.state, event, f"call {command.call}")


def _unreachable(command: w.LineCommand, known: Call) -> w.NoNumber | None:
    """Return that nothing is known by which a caller could be reached."""
    if known.reachable:
        return None
    return w.NoNumber(command=command.tag, call=command.call)


# -- decisions -------------------------------------------------------------------------------


@decide.on(w.HangUp)
def _hang_up(state: State, command: w.HangUp, ctx: Ctx) -> Decision:
    """Find out how far the call is: the line need not know, and a call that is over is left."""
    known = state.calls.get(command.call)
    if known is None:
        return Unknown(command=command.tag, what="call", name=command.call)
    if CALL.allows(known.state, intake.CallAbandoned):
        return [intake.CallAbandoned(call=command.call)]
    if known.off_us:
        return []
    if CALL.allows(known.state, w.LineFreed):
        return [w.LineFreed(call=command.call)]
    if CALL.allows(known.state, w.CallHungUp):
        return [w.CallHungUp(call=command.call)]
    return []


@decide.on(w.MarkSilent)
def _silent(state: State, command: w.MarkSilent, ctx: Ctx) -> Decision:
    return call_step(state, command, command.call, w.CallSilent(call=command.call))


@decide.on(w.TryCallBack)
def _call_back(state: State, command: w.TryCallBack, ctx: Ctx) -> Decision:
    reached = command.outcome == REACHED
    if refusal := _refuse(state, command, w.CallerReached if reached else w.CallBackTried):
        return refusal
    known = state.calls[command.call]
    if refusal := _unreachable(command, known):
        return refusal
    attempt = known.attempts + 1
    if reached:
        return [w.CallerReached(call=command.call, attempt=attempt)]
    return [w.CallBackTried(call=command.call, attempt=attempt, outcome=command.outcome)]


@decide.on(w.TakeText)
def _take_text(state: State, command: w.TakeText, ctx: Ctx) -> Decision:
    event = w.TextTaken(call=command.call, words=command.words)
    return call_step(state, command, command.call, event)


@decide.on(w.TextCaller)
def _text_caller(state: State, command: w.TextCaller, ctx: Ctx) -> Decision:
    if refusal := _refuse(state, command, w.CallerTexted):
        return refusal
    known = state.calls[command.call]
    if known.medium != "text" and (refusal := _unreachable(command, known)):
        return refusal
    return [w.CallerTexted(call=command.call, words=command.words)]


@decide.on(w.TransferCall)
def _transfer(state: State, command: w.TransferCall, ctx: Ctx) -> Decision:
    if refusal := _refuse(state, command, w.CallTransferOffered):
        return refusal
    agencies = [agency.code for agency in ctx.town.file.agencies]
    if command.agency not in agencies:
        possible = ", ".join(agencies) or "none; name them in the town's file"
        return w.UnknownAgency(call=command.call, agency=command.agency, possible=possible)
    return [w.CallTransferOffered(call=command.call, agency=command.agency, reason=command.reason)]


@decide.on(w.ConfirmTransfer)
def _confirm(state: State, command: w.ConfirmTransfer, ctx: Ctx) -> Decision:
    agency = _offered_to(state, command)
    event = w.CallTransferred(call=command.call, agency=agency, receipt=command.receipt)
    return call_step(state, command, command.call, event)


@decide.on(w.DeclineTransfer)
def _decline(state: State, command: w.DeclineTransfer, ctx: Ctx) -> Decision:
    agency = _offered_to(state, command)
    event = w.CallTransferDeclined(call=command.call, agency=agency, reason=command.reason)
    return call_step(state, command, command.call, event)


@decide.on(w.ReadCall)
def _read(state: State, command: w.ReadCall, ctx: Ctx) -> Decision:
    return call_step(state, command, command.call, w.CallRead(call=command.call))


def _offered_to(state: State, command: w.LineCommand) -> str:
    known = state.calls.get(command.call)
    return known.agency if known else ""


# -- evolve ----------------------------------------------------------------------------------


def _moved(state: State, event: intake.CallEvent, row: Row) -> Call:
    """Take a call to its next state, and note when that was."""
    call = state.calls[event.call]
    call.state = CALL.after(call.state, event)
    return call


@evolve.on(w.CallSilent, w.CallerTexted, w.CallTransferred)
def _only_moved(state: State, event: intake.CallEvent, row: Row) -> None:
    _moved(state, event, row)


@evolve.on(w.CallHungUp, w.LineFreed)
def _hung_up(state: State, event: intake.CallEvent, row: Row) -> None:
    """Keep when the caller hung up, also where the call is only now taken off an incident."""
    call = _moved(state, event, row)
    call.off_us = call.off_us or row.happened_at


@evolve.on(w.TextTaken)
def _text_taken(state: State, event: w.TextTaken, row: Row) -> None:
    _moved(state, event, row).off_us = 0


@evolve.on(w.CallBackTried)
def _tried(state: State, event: w.CallBackTried, row: Row) -> None:
    _moved(state, event, row).attempts = event.attempt


@evolve.on(w.CallerReached)
def _reached(state: State, event: w.CallerReached, row: Row) -> None:
    call = _moved(state, event, row)
    call.attempts, call.off_us, call.by, call.desk = event.attempt, 0, row.actor, ""
    call.times.setdefault(intake.CallAnswered.__name__, row.happened_at)


@evolve.on(w.CallTransferOffered)
def _offered(state: State, event: w.CallTransferOffered, row: Row) -> None:
    _moved(state, event, row).agency = event.agency


@evolve.on(w.CallTransferDeclined)
def _declined(state: State, event: w.CallTransferDeclined, row: Row) -> None:
    _moved(state, event, row).agency = ""


@evolve.on(w.CallRead)
def _was_read(state: State, event: w.CallRead, row: Row) -> None:
    call = _moved(state, event, row)
    call.reads = {who: until for who, until in call.reads.items() if until > row.recorded_at}
    call.reads[row.actor] = row.recorded_at + READING_US
