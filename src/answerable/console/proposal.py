"""A proposal in words: why each unit, what lacks and would help, cover left, who moves up."""

from __future__ import annotations

from typing import Any

from answerable.console.acts import Act, Acts
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.phrases import Phrases
from answerable.dispatch import move_words as moving
from answerable.dispatch.cover import Gap
from answerable.dispatch.lacks import Help, Helps
from answerable.dispatch.moveup import MoveUp
from answerable.dispatch.recommend import (
    CHOSEN_FOR,
    Pick,
    Reason,
    Recommendation,
    Shortfall,
    Tired,
)
from answerable.dispatch.views import IncidentLine

GAPS_SHOWN = 2
BROKEN_SHOWN = 4

REASONS: dict[Reason, str] = {
    Reason.ALREADY_ON_IT: _("already on it"),
    Reason.NEAREST: _("nearest {unit_type}"),
    Reason.NEXT_NEAREST: _("next nearest {unit_type}"),
    Reason.RESTED: _("nearest {unit_type} that has rested; {nearer} is {extra} nearer"),
    Reason.KEEPS_COVER: _("nearest {unit_type} that keeps cover; {nearer} is {extra} nearer"),
    Reason.REST_OVERRIDDEN: _("rest overridden: {tired}[; no other within {limit} more]"),
    Reason.BREAKS_COVER: _("nearest {unit_type}; breaks cover[, no other within {limit} more]"),
    Reason.FARTHER: _("farther than the one chosen"),
    Reason.RESTING: _("resting: {tired}"),
    Reason.KEPT_FOR_COVER: _("kept for cover"),
    Reason.LACKS_SKILL: _("lacks {detail}"),
    Reason.UNDERSTAFFED: _("lacks crew: {detail}"),
    Reason.BUSY: _("busy[ on {detail}]"),
    Reason.OUT_OF_SERVICE: _("out of service[: {detail}]"),
    Reason.OFF_DUTY: _("off duty"),
    Reason.NO_WAY: _("no way by road"),
    Reason.PLACE_UNKNOWN: _("free; no road time to this place"),
}

HELPS: dict[Helps, str] = {
    Helps.PREEMPT: _("{unit} could be taken from {incident}, which is less urgent ({detail})"),
    Helps.CREW: _("{unit} would do with its whole crew ({detail})"),
    Helps.FREE_SOON: _("{unit} is at the hospital for {incident}: hold until it is free"),
    Helps.BACK: _("{unit} is out until {at}: hold until then"),
    Helps.MUTUAL_AID: _("mutual aid: {agency}"),
}


def why(one: Pick, found: Recommendation, front: Front, phrases: Phrases) -> str:
    """Return why a unit was chosen or passed over, with what sending it costs."""
    lang = phrases.lang
    if one.reason is Reason.ALREADY_ON_IT:
        return ""
    text = lang.say(
        REASONS[one.reason],
        unit_type=phrases.unit_type(one.unit_type),
        detail=one.detail,
        nearer=one.instead_of,
        extra=lang.length(one.extra_s),
        limit=lang.length(found.limit_s) if found.limit_s else "",
        tired=tired(one.tired, lang) if one.tired else "",
    )
    skill = one.detail if one.reason in CHOSEN_FOR else ""
    parts = [text, skill, *(gap(each, front, phrases) for each in one.gaps[:GAPS_SHOWN])]
    more = len(one.gaps) - GAPS_SHOWN
    if more > 0:
        parts.append(lang.say(_("{count} more places"), count=more))
    return lang.join(part for part in parts if part)


def tired(rest: Tired, lang: Language) -> str:
    """Return why a crew rests."""
    if rest.of_s:
        worked, of = lang.length(rest.worked_s), lang.length(rest.of_s)
        return lang.say(_("worked {worked} of the last {of}"), worked=worked, of=of)
    free, least = lang.length(rest.free_s), lang.length(rest.least_s)
    return lang.say(_("free for {free} of {least}"), free=free, least=least)


def gap(one: Gap, front: Front, phrases: Phrases) -> str:
    """Return what a place would have left: leaves B03 1 of 2 × Engine in 8:00."""
    return phrases.lang.say(
        _("leaves {place} {left} of {least}"), place=place(one, front, phrases), left=one.left,
        least=asked(one, front, phrases),
    )  # fmt: skip


def asked(one: Gap, front: Front, phrases: Phrases) -> str:
    """Return what a rule of cover asks for, in words of the town: 2 × Engine in 8:00."""
    rule = front.fleet.cover.rules[one.rule]
    types = phrases.lang(_(" or ")).join(phrases.unit_type(code) for code in rule.types)
    within = phrases.lang.length(rule.within_s)
    return phrases.lang.say(
        _("{least} × {types} in {within}"), least=one.least, types=types, within=within
    )


def place(one: Gap, front: Front, phrases: Phrases) -> str:
    """Return the name of a place of a rule of cover."""
    station = front.centre.places.stations.get(one.place)
    of_station = front.fleet.cover.rules[one.rule].each == "station"
    return station.name if station and of_station else one.place


def shortfall(one: Shortfall, front: Front, line: IncidentLine, phrases: Phrases) -> str:
    """Return what the run card asks for and nobody can give, and what would help."""
    lang = phrases.lang
    wanted = lang(_(" or ")).join(phrases.unit_type(code) for code in one.need.types)
    causes = lang.join(f"{lang(cause)} {count}" for cause, count in one.because.items())
    now_us = front.now_us()
    helps = [help_text(each, now_us, phrases) for each in front.fleet.helps(one, line, now_us)]
    return lang.say(
        _(
            "Missing: {count} × {wanted}[ with {skills}].[ Of those there are: {causes}.]"
            "[ Would help: {helps}.]"
        ),
        count=one.missing,
        wanted=wanted,
        skills=" ".join(one.need.skills),
        causes=causes,
        helps=lang.join(helps),
    )


def help_text(one: Help, now_us: int, phrases: Phrases) -> str:
    """Return one thing that would help."""
    tag = phrases.lang.tag
    named = {agency.code: agency.title.of(tag) for agency in phrases.town.file.agencies}
    return phrases.lang.say(
        HELPS[one.what],
        unit=one.unit,
        incident=one.incident,
        detail=one.detail,
        agency=named.get(one.agency, one.agency),
        at=phrases.moment(one.at_us, now_us) if one.at_us else "",
    )


# -- cover -----------------------------------------------------------------------------------


def cover(front: Front, found: Recommendation, acts: Acts, phrases: Phrases) -> dict[str, Any]:
    """Return how cover stands, what the proposal would leave, and who should move up.

    Empty where the town has no rule of cover.
    """
    lang, fleet, now_us = phrases.lang, front.fleet, front.now_us()
    fleet.sending(now_us)
    if not fleet.cover:
        return {}
    broken = fleet.cover.broken()
    return {
        "kept": lang.percent(fleet.cover.kept()),
        "broken": [standing(each, front, phrases) for each in broken[:BROKEN_SHOWN]],
        "more": max(0, len(broken) - BROKEN_SHOWN),
        "cost": cost(found, lang),
        "moves": [move(front, each, acts, phrases) for each in fleet.move_ups(now_us)],
    }


def standing(one: Gap, front: Front, phrases: Phrases) -> str:
    """Return a place that has too few units now: B03 has 1 of 2 × Engine in 8:00."""
    return phrases.lang.say(
        _("{place} has {left} of {least}"), place=place(one, front, phrases), left=one.left,
        least=asked(one, front, phrases),
    )  # fmt: skip


def cost(found: Recommendation, lang: Language) -> str:
    """Return what the proposal does to the expected cover; "" where none is scored."""
    if found.cover is None:
        return ""
    before, after = (lang.percent(share, 1) for share in found.cover)
    if before == after:
        return lang.say(_("Expected cover stays {now}."), now=before)
    return lang.say(_("Expected cover {now}; with these sent {then}."), now=before, then=after)


def move(front: Front, one: MoveUp, acts: Acts, phrases: Phrases) -> dict[str, Any]:
    """Return a move-up that is proposed: what it gains, and the button that orders it."""
    lang = phrases.lang
    station = front.centre.places.stations[one.station].name
    places = lang.join(place(each, front, phrases) for each in one.mends)
    told = lang.say(
        _("{drive} away; helps {places}[, {sooner} sooner]; rules kept {before} → {after}"),
        drive=lang.length(one.drive_s),
        places=places,
        sooner=lang.length(one.sooner_s) if one.sooner_s else "",
        before=lang.percent(one.kept[0]),
        after=lang.percent(one.kept[1]),
    )
    if one.cover is not None and round(one.cover[0], 3) != round(one.cover[1], 3):
        before, after = (lang.percent(share, 1) for share in one.cover)
        scored = lang.say(_("expected cover {before} → {after}"), before=before, after=after)
        told = lang.join([told, scored])
    reason = lang.say(_("cover of {places}"), places=places)
    return {"unit": one.unit, "to": station, "why": told, "act": _order(one, reason, acts)}


def _order(one: MoveUp, reason: str, acts: Acts) -> Act | None:
    if not acts.may(moving.OrderMoveUp):
        return None
    fixed = {"unit": one.unit, "station": one.station, "reason": reason}
    return acts.act(moving.OrderMoveUp, _("Move up"), fixed)
