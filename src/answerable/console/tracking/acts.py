"""What may be done with a matter: from its STEPS and the table of rights; forms into commands."""

from __future__ import annotations

import datetime
from typing import Any

from answerable.console.admin import labels
from answerable.console.front import Front
from answerable.console.language import Language
from answerable.console.tracking import told
from answerable.kernel.authority import Actor, Holder
from answerable.kernel.event import Event
from answerable.matters import matter_words as w
from answerable.matters.matter_rules import signers
from answerable.matters.matter_state import MATTER, Matter
from answerable.towns.holidays import DAY
from answerable.towns.terms import Counting

ACTS: dict[str, tuple[type[w._Command], type[Event] | None]] = {
    "take": (w.TakeMatter, w.MatterTaken), "leave": (w.LeaveMatter, w.MatterLeft),
    "progress": (w.ProgressMatter, w.MatterProgressed),
    "finish": (w.FinishMatter, w.MatterFinished), "sign": (w.SignOffMatter, w.MatterSignedOff),
    "back": (w.SendBackMatter, w.MatterSentBack), "remind": (w.RemindMatter, w.MatterReminded),
    "rung": (w.NoteRung, w.MatterRung), "suspend": (w.SuspendMatter, w.MatterSuspended),
    "resume": (w.ResumeMatter, w.MatterResumed), "extend": (w.ExtendMatter, w.MatterExtended),
    "give": (w.GiveMatter, w.MatterGiven), "reopen": (w.ReopenMatter, w.MatterReopened),
    "read": (w.ReadMatter, None),
}  # fmt: skip
"""What a form may ask for: the command it becomes, and the step that has to be possible."""


def possible(front: Front, actor: Actor, matter: Matter) -> set[str]:
    """Return the names of the acts that somebody may do now."""
    rights = front.hub.rooms.authority
    found = {
        name
        for name, (command, step) in ACTS.items()
        if rights.may_do(actor.role, command.tag)
        and (step is None or MATTER.allows(matter.state, step))
    }
    kind = front.town.matters.kind(matter.sort)
    fits = {
        "take": not matter.holder,
        "leave": matter.holder == actor.name,
        "rung": bool(matter.ring_us),
        "suspend": kind is not None and kind.suspend_days > 0,
        "extend": kind is not None and matter.extensions < kind.extensions_max,
        "sign": may_sign(front, actor, matter),
        "read": matter.reads.get(actor.name, 0) <= front.now_us(),
    }
    return {name for name in found if fits.get(name, True)}


def may_sign(front: Front, actor: Actor, matter: Matter) -> bool:
    """Say whether somebody's signature would close a matter."""
    kind = front.town.matters.kind(matter.sort)
    grade = kind.grade if kind else 0
    return actor.name not in matter.hands and front.town.matters.grade(actor.role) >= grade


def who_signs(front: Front, lang: Language, matter: Matter) -> str:
    """Return the roles that may sign a matter off, in words."""
    kind = front.town.matters.kind(matter.sort)
    roles = signers(
        front.hub.rooms.authority, front.town.matters, kind.grade if kind else 0, w.SignOffMatter
    )
    return lang.join(labels.role(lang, role) for role in roles)


# -- owners ----------------------------------------------------------------------------------


def owners(front: Front, lang: Language) -> list[str]:
    """Return what may be written where an owner is asked for, the roles first."""
    roles = front.hub.rooms.authority.roles_for(Holder.ACCOUNT)
    named = [labels.role(lang, role) for role in roles]
    named += [lang.say(told.STATION, station=name) for name in front.town.stations]
    return [*named, *sorted(front.town.units, key=lang.key)]


def owner_of(front: Front, lang: Language, text: str) -> dict[str, str]:
    """Return the owner that somebody wrote; an unknown one is taken for a unit and refused."""
    text = " ".join(text.split())[:64]
    for role in front.hub.rooms.authority.roles_for(Holder.ACCOUNT):
        if text.casefold() in (role.casefold(), labels.role(lang, role).casefold()):
            return {"owner_sort": "role", "owner": role}
    for station in front.town.stations:
        if text.casefold() == lang.say(told.STATION, station=station).casefold():
            return {"owner_sort": "station", "owner": station}
    return {"owner_sort": "unit", "owner": text.upper() if text.upper() in front.town.units
            else text}  # fmt: skip


# -- forms into commands ---------------------------------------------------------------------


def body_of(front: Front, lang: Language, form: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a command as a form has them; ``do`` is one of ``ACTS``, or "open"."""
    command = w.OpenMatter if form["do"] == "open" else ACTS[form["do"]][0]
    wanted = {*command.__struct_fields__} - {"at", "owner_sort", "owner", "until_us"}
    body: dict[str, Any] = {name: value for name in wanted if (value := form.get(name, "").strip())}
    if "owner" in command.__struct_fields__:
        body |= owner_of(front, lang, form.get("owner", ""))
    if "until_us" in command.__struct_fields__:
        body["until_us"] = until_of(front, form.get("until", ""))
    return body | {"type": command.tag}


def until_of(front: Front, text: str) -> int:
    """Return the end of a day somebody wrote (2026-11-24), UTC microseconds; 0 where it is none."""
    try:
        date = datetime.date.fromisoformat(text.strip())
        return max(0, Counting(front.town.zone, front.town.holidays).end(date))
    except (ValueError, OverflowError):
        return 0


def standstill(front: Front, matter: Matter) -> dict[str, str]:
    """Return the first and the last day until which the clocks may stand still."""
    kind = front.town.matters.kind(matter.sort)
    today = front.town.local(front.now_us()).date()
    last = today + (kind.suspend_days if kind else 0) * DAY
    return {"first": (today + DAY).isoformat(), "last": last.isoformat()}
