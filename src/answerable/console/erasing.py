"""What the operator's command line asks about erasing: what is due, how a matter stands, as whom.

An erasure before its time takes two people. On the command line a person is somebody who proves an
account with its password, and its code where it has one; without an account it is the operator,
who counts as one person and not as two.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from answerable.access.keyring import Keyring
from answerable.access.state import State as Access
from answerable.console.sanity import Refused
from answerable.console.signin.flow import Flow, digits
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Hub
from answerable.towns.model import Town
from answerable.towns.retention import LONE, Act
from answerable.vault.carrying import waiting
from answerable.vault.rules import due_now
from answerable.vault.state import Case
from answerable.vault.words import ApproveErasure, AskErasure, DenyErasure

if TYPE_CHECKING:
    from answerable.console.front import Front

Answer = dict[str, Any]
DUE_MAX = 500
"""Matters that one answer lists; the rest is counted."""
BY_PEOPLE: tuple[type[Command], ...] = (AskErasure, DenyErasure, ApproveErasure)
"""The commands that a person may give with an account on the command line."""
NOT_PROVED = (
    "Not done. The account, the password or the code is not right. "
    "Give those of an account that may sign in."
)
NOT_BY_PEOPLE = (
    "Not done. With --account only an erasure is asked for, approved or refused. "
    "Give the other commands without it."
)
NO_TOWN = (
    "Not looked up. No centre runs on this folder, and no town was named. "
    "Name it with --town, or ask while the centre runs."
)


def answer_to(question: Answer, hub: Hub) -> Answer | None:
    """Answer a question about retention or erasure, or return None."""
    match question.get("do"):
        case "retention":
            return due(question, hub)
        case "vault":
            return standing(str(question.get("incident", "")), hub)
    return None


def due(question: Answer, hub: Hub) -> Answer:
    """Return what is due by the table at an instant (UTC microseconds), or now."""
    if not isinstance(hub.town, Town):
        return {"code": "console.NoTown", "text": NO_TOWN}
    given = question.get("at_us")
    at_us = given if isinstance(given, int) and given > 0 else hub.clock.now_us()
    found: list[Answer] = []
    left = 0
    for one, dues in due_now(hub.state["vault"], hub.town, at_us, tuple(Act)):
        if len(found) >= DUE_MAX:
            left += 1
            continue
        found.append(
            {
                **{sort: one.name if one.sort == sort else "" for sort in ("incident", *LONE)},
                "kind": one.kind if one.sort == "incident" else "",
                "end": one.end,
                "ended_us": one.ended_us,
                "acts": [
                    {"act": act.value, "on": on.isoformat(), "because": because, "days": days}
                    for act, on, days, because in dues
                ],
            }
        )
    zone, rules = hub.town.zone.key, len(hub.town.retention.rules)
    return {"due": found, "more": left, "zone": zone, "rules": rules}


def standing(incident: str, hub: Hub) -> Answer:
    """Return how an incident stands in the vault."""
    with hub.at_hand(f"incident:{incident}"):
        case: Case | None = hub.state["vault"].cases.get(incident)
        if case is None:
            return {"words": "", "waiting": waiting(hub)}
        asked = case.asked
        return {
            "words": case.sealed, "reach": case.reach, "held": bool(case.held_us),
            "asked": asked.act if asked else "", "asked_by": asked.by if asked else "",
            "waiting": waiting(hub), "emptied": getattr(hub.store, "emptied", True),
        }  # fmt: skip


# -- as whom ---------------------------------------------------------------------------------


async def proved_by(question: Answer, front: Front) -> Actor | str:
    """Return who an account's password and code prove, or why nobody; a miss is recorded."""
    flow, name = Flow(front.door), str(question["account"])
    try:
        account = await flow.prove(name, str(question.get("password", "")))
        await flow.check_second(account, str(question.get("code", "")))
    except Refused as refusal:
        return NOT_PROVED if refusal.status == 401 else str(refusal)
    return Actor(name=account.account, role=account.role, areas=account.areas)


def proved_at_rest(question: Answer, hub: Hub, keyring: Keyring) -> Actor | str:
    """Return who an account's password and code prove on a record at rest, or why nobody."""
    state: Access = hub.state["access"]
    account = state.accounts.get(str(question["account"]).strip().lower())
    name, credential = (account.account, account.credential) if account else ("", "")
    fits = keyring.check_password(name, credential or "", str(question.get("password", "")))
    if not fits or account is None or account.state != "ready":
        return NOT_PROVED
    if account.second and not keyring.check_code(
        account.account, account.second, digits(str(question.get("code", ""))), time.time()
    ):
        return NOT_PROVED
    return Actor(name=account.account, role=account.role, areas=account.areas)


def by_a_person(command: Command) -> bool:
    """Say whether a command is one that a person gives with an account."""
    return isinstance(command, BY_PEOPLE)
