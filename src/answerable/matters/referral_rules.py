"""The rules of referring to another agency, and what comes back.

What leaves is cut here, once, to what the town's rule lets the agency see; no later step can add to
it. One alarm a referral says when the answer, and then the result, is overdue.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from answerable.dispatch.alert_words import TellSupervisor
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Decision
from answerable.kernel.steps import Steps
from answerable.matters import referral_words as w
from answerable.matters.state import Ctx, Referral, State, decide, evolve, rings
from answerable.towns.model import Town
from answerable.towns.referring import Facts, Fired, Partner, ReferralRule

HOUR_US = 3_600_000_000
SORT = "referral"
"""The sort of this subject's alarms."""
AGENCY_ROLE = "agency"
"""The role of another agency's program: its token is named as the agency's code."""
OVERDUE, NOT_SENT, DECLINED = (
    "a referral is overdue", "a referral could not be sent", "a referral was declined",
)  # fmt: skip
"""What the supervisor is told."""

ON_WAY, FAILED, RECEIVED, ACCEPTED = "on its way", "not sent", "received", "accepted"
BACK_DECLINED, BACK = "declined", "returned"
UNANSWERED = (ON_WAY, FAILED, RECEIVED)
WITH_THEM = (*UNANSWERED, ACCEPTED)
"""The states in which the agency is waited for."""


def _table() -> dict[tuple[str, type[Event]], str]:
    table: dict[tuple[str, type[Event]], str] = {
        ("new", w.Referred): ON_WAY,
        (ON_WAY, w.ReferralReceived): RECEIVED,
        (ON_WAY, w.ReferralNotSent): FAILED,
        (FAILED, w.ReferralSentAgain): ON_WAY,
        (FAILED, w.ReferralReceived): RECEIVED,
    }
    table |= {(state, w.ReferralAccepted): ACCEPTED for state in UNANSWERED}
    for state in WITH_THEM:
        table |= {
            (state, w.ReferralDeclined): BACK_DECLINED, (state, w.ReferralReturned): BACK,
            (state, w.ReferralLinked): state, (state, w.ReferralOverdue): state,
            (state, w.ReferralWithdrawn): "withdrawn",
        }  # fmt: skip
    table |= {(state, w.ReferralSettled): "settled" for state in (BACK_DECLINED, BACK)}
    return table


REFERRAL = Steps(
    "referral", first="new", last=frozenset({"withdrawn", "settled"}), table=_table()
)  # fmt: skip
"""The life of a referral. What came back rests only once somebody here has looked at it."""


# -- decide: referring -----------------------------------------------------------------------


@decide.on(w.ReferIncident)
def _refer_incident(state: State, command: w.ReferIncident, ctx: Ctx) -> Decision:
    return _refer(state, command, ctx, {"incident": command.incident})


@decide.on(w.ReferMatter)
def _refer_matter(state: State, command: w.ReferMatter, ctx: Ctx) -> Decision:
    about = {"matter": command.matter, "problem": command.problem}
    given = {name: value for name, value in about.items() if value}
    return _refer(state, command, ctx, given)


def _not_there(state: State, command: w._Refer, about: dict[str, str]) -> Refusal | None:
    """Return the refusal of a matter or a problem that there is not."""
    matter, problem = about.get("matter", ""), about.get("problem", "")
    if matter and state.tracked.find(matter) is None:
        return Unknown(command=command.tag, what="matter", name=matter)
    if problem and problem not in state.problems:
        return Unknown(command=command.tag, what="problem", name=problem)
    return None


def _refer(state: State, command: w._Refer, ctx: Ctx, about: dict[str, str]) -> Decision:
    """Decide to refer something; the checks stand in the order of the refusals."""
    partner = ctx.town.referring.agency(command.agency)
    fired = ctx.town.referring.fires(facts_of(command))
    if refusal := _no_place(state, command, about) or _no_partner(ctx.town, command, partner):
        return refusal
    assert partner is not None, "an agency that is not there was refused"
    rule = fired.rule if fired.rule and fired.rule.agency == partner.code else None
    if refusal := _not_so(state, command, partner, rule, fired, about, ctx.town):
        return refusal
    number = f"{next(iter(about.values()))}F{state.referred + 1}"
    made: list[Event] = [_referred(number, command, partner, rule, fired, about, ctx)]
    before = state.referrals.get(command.instead_of)
    same = before is not None and about.items() <= before.about()
    if before is not None and same and before.state == BACK_DECLINED:
        made.append(
            w.ReferralSettled(**_of(command.instead_of, before), remark=f"referred anew: {number}")
        )
    return made


def facts_of(command: w._Refer) -> Facts:
    """Return what the rules look at of a command."""
    return Facts(
        kind=command.kind, group=command.group, priority=command.priority,
        areas=command.areas, outcome=command.outcome,
    )  # fmt: skip


def _no_place(state: State, command: w._Refer, about: dict[str, str]) -> Refusal | None:
    if len(state.referrals) >= w.REFERRALS_MAX:
        return w.TooManyReferrals(agency=command.agency, most=w.REFERRALS_MAX)
    if len(about) != 1:
        return w.NothingToRefer(agency=command.agency)
    return _not_there(state, command, about)


def _no_partner(town: Town, command: w._Refer, partner: Partner | None) -> Refusal | None:
    if partner is None:
        possible = ", ".join(one.code for one in town.referring.agencies)
        return w.NoSuchPartner(agency=command.agency, possible=possible or "none")
    unknown = town.stations and command.station not in town.stations
    if partner.direction == "down" and (not command.station or unknown):
        return w.WhichStation(agency=partner.code, station=command.station)
    return None


def _not_so(
    state: State, command: w._Refer, partner: Partner, rule: ReferralRule | None, fired: Fired,
    about: dict[str, str], town: Town,
) -> Refusal | None:  # fmt: skip
    """Return why it cannot go to this agency in this way."""
    sees = town.referring.seen(partner, rule)
    for field in ("words", "door"):
        if getattr(command, field).strip() and field not in sees:
            return w.MayNotSee(agency=partner.code, field=field)
    if fired.rule is not None and rule is None and len(command.because.strip()) < 2:
        return w.OtherRule(agency=partner.code, other=fired.rule.agency)
    for number, one in state.referrals.items():
        if one.agency == partner.code and one.state in WITH_THEM and about.items() <= one.about():
            return w.WithThem(agency=partner.code, referral=number, state=one.state)
    return None


def _referred(
    number: str, command: w._Refer, partner: Partner, rule: ReferralRule | None, fired: Fired,
    about: dict[str, str], ctx: Ctx,
) -> w.Referred:  # fmt: skip
    """Return the event: what the agency may see is in it, and nothing else of the matter."""
    sees = ctx.town.referring.seen(partner, rule)
    hours = (rule and rule.answer_hours) or partner.answer_hours
    days = (rule and rule.working_days) or partner.working_days
    left: dict[str, Any] = {**about, **cut(command, sees)}
    return w.Referred(
        referral=number, agency=partner.code, rule=rule.code if rule else "",
        direction=partner.direction, way=partner.way, sees=sees,
        station=command.station if partner.direction == "down" else "",
        answer_due_us=ctx.at_us + hours * HOUR_US, due_us=working(ctx.town, ctx.at_us, days),
        passed=tuple(f"{code}: {lack}" for code, lack in fired.passed),
        because=command.because.strip(), instead_of=command.instead_of, **left,
    )  # fmt: skip


def cut(command: w._Refer, sees: Sequence[str]) -> dict[str, Any]:
    """Return the fields of what is referred that an agency sees; all others are left out."""
    parts: dict[str, dict[str, Any]] = {
        "kind": {"kind": command.kind},
        "priority": {"priority": command.priority},
        "place": {"address": command.address},
        "position": {"lon": command.lon, "lat": command.lat},
        "area": {"area": ", ".join(filter(None, command.areas[:1]))},
        "opened": {"opened_us": command.opened_us},
        "outcome": {"outcome": command.outcome},
        "words": {"words": command.words.strip()},
        "door": {"door": command.door.strip()},
    }
    return {name: value for field in sees for name, value in parts[field].items()}


def working(town: Town, from_us: int, days: int) -> int:
    """Return the instant so many working days of the town later, at the same time of its day."""
    start = town.local(from_us)
    day = town.holidays.working_days_after(start.date(), days)
    due = datetime.datetime.combine(day, start.time(), tzinfo=town.zone)
    return int(due.timestamp()) * 1_000_000


# -- decide: what comes after ----------------------------------------------------------------


def _of(number: str, known: Referral) -> dict[str, str]:
    """Return the fields by which an event names its referral."""
    about = {"incident": known.incident, "matter": known.matter, "problem": known.problem}
    return {"referral": number, "agency": known.agency, **about}


def agency_of(actor: Actor) -> str:
    """Return the agency whose program acts, "" for anybody else: its token bears the code."""
    return actor.name.removeprefix("token/") if actor.role == AGENCY_ROLE else ""


def _step(
    state: State, command: w._OnReferral, event: type[w.ReferralEvent], ctx: Ctx, **more: object
) -> Decision:
    """Decide a step of a referral that must be open; an agency's token answers for its own."""
    known, theirs = state.referrals.get(command.referral), agency_of(ctx.actor)
    if theirs and (known is None or theirs.casefold() != known.agency.casefold()):
        # the same whether there is one: nobody finds out what is referred to others
        return w.NotTheirs(command=command.tag, referral=command.referral, agency=theirs)
    if known is None:
        return Unknown(command=command.tag, what="referral", name=command.referral)
    if refusal := REFERRAL.refuse(known.state, event, f"referral {command.referral}"):
        return refusal
    made: dict[str, Any] = {**_of(command.referral, known), **more}
    return [event(**made)]


@decide.on(w.LinkReferral)
def _link(state: State, command: w.LinkReferral, ctx: Ctx) -> Decision:
    return _step(state, command, w.ReferralLinked, ctx, digest=command.digest)


@decide.on(w.ReceiveReferral)
def _receive(state: State, command: w.ReceiveReferral, ctx: Ctx) -> Decision:
    return _step(
        state, command, w.ReferralReceived, ctx, way=command.way, receipt=command.receipt.strip()
    )


@decide.on(w.FailReferral)
def _fail(state: State, command: w.FailReferral, ctx: Ctx) -> Decision:
    return _step(state, command, w.ReferralNotSent, ctx, way=command.way, why=command.why)


@decide.on(w.SendReferralAgain)
def _again(state: State, command: w.SendReferralAgain, ctx: Ctx) -> Decision:
    return _step(state, command, w.ReferralSentAgain, ctx)


@decide.on(w.AcceptReferral)
def _accept(state: State, command: w.AcceptReferral, ctx: Ctx) -> Decision:
    return _step(
        state, command, w.ReferralAccepted, ctx, way=command.way,
        expected_us=command.expected_us, words=command.words.strip(),
    )  # fmt: skip


@decide.on(w.DeclineReferral)
def _decline(state: State, command: w.DeclineReferral, ctx: Ctx) -> Decision:
    return _step(
        state, command, w.ReferralDeclined, ctx, way=command.way, why=command.why,
        words=command.words.strip(),
    )  # fmt: skip


@decide.on(w.ReturnReferral)
def _return(state: State, command: w.ReturnReferral, ctx: Ctx) -> Decision:
    return _step(
        state, command, w.ReferralReturned, ctx, way=command.way, result=command.result,
        words=command.words.strip(),
    )  # fmt: skip


@decide.on(w.WithdrawReferral)
def _withdraw(state: State, command: w.WithdrawReferral, ctx: Ctx) -> Decision:
    return _step(state, command, w.ReferralWithdrawn, ctx, reason=command.reason.strip())


@decide.on(w.SettleReferral)
def _settle(state: State, command: w.SettleReferral, ctx: Ctx) -> Decision:
    return _step(state, command, w.ReferralSettled, ctx, remark=command.remark.strip())


@decide.on(w.MarkReferralOverdue)
def _overdue(state: State, command: w.MarkReferralOverdue, ctx: Ctx) -> Decision:
    known = state.referrals.get(command.referral)
    late, due_us = (w.Late.ANSWER, 0) if known is None else _waited_for(known)
    made = _step(state, command, w.ReferralOverdue, ctx, late=late, due_us=due_us)
    if known is None or isinstance(made, Refusal) or late is w.Late.RESULT:
        return made
    if known.due_us > ctx.at_us:
        return made
    # together: an alarm that is set to the same instant again would not ring again
    told: dict[str, Any] = _of(command.referral, known)
    return [*made, w.ReferralOverdue(**told, late=w.Late.RESULT, due_us=known.due_us)]


def _waited_for(known: Referral) -> tuple[w.Late, int]:
    """Return what is waited for next, and until when (UTC microseconds)."""
    if known.state in UNANSWERED and not known.answer_late:
        return w.Late.ANSWER, known.answer_due_us
    return w.Late.RESULT, known.due_us


# -- evolve ----------------------------------------------------------------------------------


@evolve.on(w.Referred)
def _was_referred(state: State, event: w.Referred, row: Row) -> None:
    state.referred += 1
    state.referrals[event.referral] = Referral(
        state=REFERRAL.after(REFERRAL.first, event), agency=event.agency, way=event.way,
        incident=event.incident, matter=event.matter, problem=event.problem,
        answer_due_us=event.answer_due_us, due_us=event.due_us,
    )  # fmt: skip
    _wait(state, event.referral)


@evolve.on(w.ReferralLinked)
def _was_linked(state: State, event: w.ReferralLinked, row: Row) -> None:
    known = state.referrals[event.referral]
    state.links.pop(known.digest, None)
    known.digest = event.digest
    state.links[event.digest] = event.referral


@evolve.on(
    w.ReferralReceived, w.ReferralNotSent, w.ReferralSentAgain, w.ReferralAccepted,
)  # fmt: skip
def _went_on(state: State, event: w.ReferralEvent, row: Row) -> None:
    known = state.referrals[event.referral]
    known.state = REFERRAL.after(known.state, event)
    _wait(state, event.referral)


@evolve.on(w.ReferralOverdue)
def _was_overdue(state: State, event: w.ReferralOverdue, row: Row) -> None:
    known = state.referrals[event.referral]
    if event.late is w.Late.ANSWER:
        known.answer_late = True
        _wait(state, event.referral)
    else:
        known.result_late = True
        state.alarms.cancel(f"{SORT}:{event.referral}")


@evolve.on(w.ReferralDeclined, w.ReferralReturned)
def _came_back(state: State, event: w.ReferralEvent, row: Row) -> None:
    known = state.referrals[event.referral]
    known.state = REFERRAL.after(known.state, event)
    _let_go(state, event.referral, known)


@evolve.on(w.ReferralWithdrawn, w.ReferralSettled)
def _ended(state: State, event: w.ReferralEvent, row: Row) -> None:
    _let_go(state, event.referral, state.referrals.pop(event.referral))


def _wait(state: State, number: str) -> None:
    """Set the alarm of a referral to what is waited for next."""
    known = state.referrals[number]
    if not known.result_late:
        state.alarms.set(f"{SORT}:{number}", _waited_for(known)[1])


def _let_go(state: State, number: str, known: Referral) -> None:
    """End the alarm and the link of a referral that is in this house again."""
    state.alarms.cancel(f"{SORT}:{number}")
    state.links.pop(known.digest, None)
    known.digest = ""


# -- by itself -------------------------------------------------------------------------------


def _ring(state: State, about: str, due_us: int) -> Command:
    return w.MarkReferralOverdue(key=f"referral-overdue:{about}:{due_us}", referral=about)


rings[SORT] = _ring


def _tell(about: str) -> Callable[[State, Any, Row], Sequence[Command]]:
    """Return the reaction that has the supervisor told."""

    def react(state: State, event: w.ReferralEvent, row: Row) -> Sequence[Command]:
        return (
            TellSupervisor(
                key=f"tell-referral:{row.position}", escalation=f"0:{row.position}",
                incident=event.incident, about=about,
            ),
        )  # fmt: skip

    return react


STEPS: Mapping[str, Steps] = {"referral": REFERRAL}
REACTS: Mapping[type[Event], Callable[[State, Any, Row], Sequence[Command]]] = {
    w.ReferralOverdue: _tell(OVERDUE), w.ReferralNotSent: _tell(NOT_SENT),
    w.ReferralDeclined: _tell(DECLINED),
}  # fmt: skip
