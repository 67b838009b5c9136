"""What may be done with a put right: from its STEPS and the table of rights; forms into commands.

Time is given and taken by commands of the standards room, about one running clock of it.
"""

from __future__ import annotations

from typing import Any

from answerable.console.admin import labels
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.followup import right_words as w
from answerable.followup.right_rules import DONE, OVERSIGHT, RIGHT
from answerable.followup.state import Right
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command, Event
from answerable.standards import words as clocks

ACTS: dict[str, tuple[type[w._Command], type[Event]]] = {
    "own": (w.OwnPutRight, w.PutRightOwned), "spoke": (w.SpokeWithCaller, w.HumanSpoke),
    "ask": (w.AskAccount, w.AccountAsked), "give": (w.GiveAccount, w.AccountGiven),
    "seek": (w.SeekReopening, w.ReopeningSought), "do": (w.DoPutRight, w.DonePutRight),
    "miss": (w.MissAgain, w.MissedAgain), "rung": (w.RingBackAgain, w.RungBackAgain),
    "withdraw": (w.WithdrawPutRight, w.PutRightWithdrawn),
    "close": (w.ClosePutRight, w.PutRightClosed),
    "send": (w.SendToOversight, w.SentToOversight),
    "return": (w.ReturnFromOversight, w.ReturnedFromOversight),
    "judge": (w.JudgePutRight, w.PutRightClosed),
}  # fmt: skip
"""What a form may ask for: the command it becomes, and the step that has to be possible."""
TIMES: dict[str, type[Command]] = {
    "suspend": clocks.SuspendClock,
    "resume": clocks.ResumeClock,
    "extend": clocks.ExtendClock,
}
"""What a form may ask for about one of its clocks."""
HAPPY = {"yes": True, "no": False}
"""What a form says of a caller who was rung back again."""
DAY_S = 86_400
DAYS_MAX = 60
"""Days by which one form gives more time."""


def possible(front: Front, actor: Actor, right: Right) -> set[str]:
    """Return the names of the acts that somebody may do now; the rules have the last word."""
    rights = front.hub.rooms.authority
    found = {
        name
        for name, (command, step) in ACTS.items()
        if rights.may_do(actor.role, command.tag) and RIGHT.allows(right.state, step)
    }
    fits = {
        "ask": len(right.asked) + len(right.given) < w.ACCOUNTS_MAX,
        "give": bool(right.asked),
        "close": right.state == DONE and right.tries >= w.TRIES_AGAIN,
        "judge": right.state == OVERSIGHT and is_independent(actor, right),
        "return": is_independent(actor, right),
        "rung": actor.name not in right.gave,
        "do": actor.name not in right.gave,
        "withdraw": actor.name not in right.gave,
    }
    return {name for name in found if fits.get(name, True)}


def is_independent(actor: Actor, right: Right) -> bool:
    """Say whether somebody may judge it: not its owner, nor whoever did or accounted for it."""
    return actor.role != right.owner and actor.name not in (*right.did, *right.gave)


def times(front: Front, actor: Actor) -> set[str]:
    """Return what somebody may do with its clocks."""
    rights = front.hub.rooms.authority
    return {name for name, command in TIMES.items() if rights.may_do(actor.role, command.tag)}


# -- owners ----------------------------------------------------------------------------------


def _desks(front: Front) -> list[str]:
    rights = front.hub.rooms.authority
    return [role for role in rights.roles if rights.may_do(role, w.DoPutRight.tag)]


def owners(front: Front, lang: Language, right: Right) -> list[str]:
    """Return what may be written where an owner is asked for, the desks first."""
    named = [labels.role(lang, role) for role in _desks(front)]
    named += [lang.say(_("station {station}"), station=one) for one in front.town.stations]
    return [*named, *sorted(set(front.town.units) - set(right.units), key=lang.key)]


def owner_of(front: Front, lang: Language, text: str) -> str:
    """Return the owner that somebody wrote, as the record calls it; else what was written."""
    text = " ".join(text.split())[:64]
    folded = text.casefold()
    for role in _desks(front):
        if folded in (role.casefold(), labels.role(lang, role).casefold()):
            return role
    for station in front.town.stations:
        if folded == lang.say(_("station {station}"), station=station).casefold():
            return station
    return text.upper() if text.upper() in front.town.units else text


# -- forms into commands ---------------------------------------------------------------------


def body_of(front: Front, lang: Language, form: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a command as a form has them; ``do`` is an act or a time."""
    do = form["do"]
    command = TIMES.get(do) or (ACTS[do][0] if do in ACTS else w.OpenPutRight)
    wanted = {*command.__struct_fields__} - {"at", "owner", "happy", "by_s"}
    body: dict[str, Any] = {name: value for name in wanted if (value := form.get(name, "").strip())}
    if "owner" in command.__struct_fields__:
        body["owner"] = owner_of(front, lang, form.get("owner", ""))
    said = HAPPY.get(form.get("happy", ""))
    if "happy" in command.__struct_fields__ and said is not None:
        body["happy"] = said  # what is not said is not taken for a no
    if do == "extend":
        body["by_s"] = DAY_S * _days(form.get("days", ""))
    return body | {"type": command.tag}


def _days(text: str) -> int:
    """Return the days somebody wrote, 0 where they make no sense; the hub refuses that."""
    fits = text.isascii() and text.isdecimal() and len(text) < 4
    return int(text) if fits and int(text) <= DAYS_MAX else 0
