"""What may be done with a request: from its STEPS and the table of rights; forms into commands."""

from __future__ import annotations

from typing import Any

from answerable.console.admin import labels
from answerable.console.front import Front
from answerable.console.language import Language
from answerable.console.phrases import Phrases
from answerable.console.supporting import told
from answerable.console.supporting.listing import may_sign
from answerable.kernel.authority import Actor
from answerable.kernel.event import Event
from answerable.matters import support_words as w
from answerable.matters.matter_rules import signers
from answerable.matters.support_state import SUPPORT, Request

ACTS: dict[str, tuple[type[w._OnSupport], type[Event]]] = {
    "approve": (w.ApproveSupport, w.SupportApproved),
    "decline": (w.DeclineSupport, w.SupportDeclined),
    "assign": (w.AssignSupport, w.SupportAssigned),
    "accept": (w.AcceptSupport, w.SupportAccepted),
    "refuse": (w.RefuseSupport, w.SupportRefused),
    "begin": (w.BeginSupport, w.SupportBegun),
    "report": (w.ReportSupport, w.SupportReported),
    "thank": (w.ThankSupport, w.SupportThanked),
    "complain": (w.ComplainSupport, w.SupportComplained),
    "withdraw": (w.WithdrawSupport, w.SupportWithdrawn),
}  # fmt: skip
"""What a form may ask for: the command it becomes, and the step that has to be possible."""
GIVING, WORKING, ASKING = ("accept", "refuse"), ("begin", "report"), ("thank", "complain",
                                                                      "withdraw")  # fmt: skip
"""The acts of whoever gives it, of whoever says how the work goes, of the unit that asked."""


def possible(front: Front, actor: Actor, known: Request) -> set[str]:
    """Return the names of the acts that somebody may do now; the rules have the last word."""
    rights = front.hub.rooms.authority
    given = {
        name
        for name, (command, step) in ACTS.items()
        if rights.may_do(actor.role, command.tag) and SUPPORT.allows(known.state, step)
    }
    grade = front.town.matters.grade(actor.role)
    fits = {"approve": may_sign(front, actor, known), "decline": grade >= known.grade}
    if rights.bound_to_unit(actor.role):
        gives, asks = _gives(front, actor, known), actor.unit == known.unit
        outside = known.to not in front.town.units and known.to not in front.town.stations
        works = asks if outside else gives
        fits |= dict.fromkeys(GIVING, gives) | dict.fromkeys(WORKING, works)
        fits |= dict.fromkeys(ASKING, asks)
    return {name for name in given if fits.get(name, True)}


def may_read(front: Front, actor: Actor, known: Request) -> bool:
    """Say whether somebody may read what is asked of them, because their unit is to give it."""
    rights = front.hub.rooms.authority
    bound = rights.bound_to_unit(actor.role) and rights.may_do(actor.role, w.ReadSupport.tag)
    return bound and SUPPORT.allows(known.state, w.SupportRead) and _gives(front, actor, known)


def _gives(front: Front, actor: Actor, known: Request) -> bool:
    """Say whether somebody's unit, or the station it belongs to, is to give it."""
    spec = front.town.units.get(actor.unit)
    return bool(known.to) and known.to in (actor.unit, spec.station if spec else "")


def who_signs(front: Front, lang: Language, grade: int) -> str:
    """Return the roles that may approve support of a grade, in words."""
    roles = signers(front.hub.rooms.authority, front.town.matters, grade, w.ApproveSupport)
    return lang.join(labels.role(lang, role) for role in roles)


def kinds(front: Front, phrases: Phrases) -> list[dict[str, Any]]:
    """Return the kinds of support a unit can ask for, each with who gives and who signs it."""
    lang = phrases.lang
    return [
        {
            "code": one.code,
            "title": one.title.of(lang.tag),
            "by": lang.join(told.helper(front, phrases, name) for name in one.by),
            "signers": who_signs(front, lang, one.grade) if one.grade else "",
        }
        for one in front.town.supporting.kinds
    ]


def asking(form: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a command that asks for support, as a form has them."""
    names = ("incident", "unit", "kind", "words", "key")
    body: dict[str, Any] = {name: form[name].strip() for name in names if form.get(name)}
    return body | {"type": w.AskSupport.tag, "urgent": form.get("urgent") == "yes"}


def body_of(number: str, form: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a command about a request; ``do`` is one of ``ACTS``."""
    command = ACTS[form["do"]][0]
    wanted = {*command.__struct_fields__} - {"at", "support"}
    body: dict[str, Any] = {name: value for name in wanted if (value := form.get(name, "").strip())}
    return body | {"type": command.tag, "support": number}
