"""What decides beside the run cards, as people read it: crews, rest, cover, expected cover, aid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from answerable.console.language import _
from answerable.console.phrases import Phrases
from answerable.towns.sending import NOTHING_MORE, CoverRule, Rest, Sending

EACH = {
    "station": _("each station"), "battalion": _("each battalion"),
    "neighborhood": _("each neighbourhood"),
}  # fmt: skip


def rows(sending: Sending, phrases: Phrases) -> list[dict[str, str]]:
    """Return every rule as a row: what it is about, and what it says; none for a town without."""
    if sending == NOTHING_MORE:
        return []
    return [{"what": what, "says": says} for what, says in _rows(sending, phrases)]


def difference(now: Sending, then: Sending, phrases: Phrases) -> Iterator[dict[str, str]]:
    """Yield every rule that would be new, changed or gone."""
    lang = phrases.lang
    before = dict(_rows(now, phrases)) if now != NOTHING_MORE else {}
    after = dict(_rows(then, phrases)) if then != NOTHING_MORE else {}
    for what in dict.fromkeys([*before, *after]):
        was, will = before.get(what, ""), after.get(what, "")
        if was != will:
            how = _("new") if not was else _("gone") if not will else _("changed")
            yield {"code": what, "how": lang(how), "was": was, "is": will}


def _rows(sending: Sending, phrases: Phrases) -> Iterator[tuple[str, str]]:
    lang = phrases.lang
    told = lang.say(
        _("at most {limit} more than the nearest; with lights and sirens {urgent}"),
        limit=lang.length(sending.detour_s), urgent=lang.length(sending.urgent_detour_s),
    )  # fmt: skip
    yield lang(_("A unit farther away goes")), told
    if sending.staffing:
        crews = (f"{phrases.unit_type(one.unit_type)} {one.least}" for one in sending.staffing)
        yield lang(_("Crew, at least")), lang.join(crews)
    for number, rest in enumerate(sending.rest, 1):
        yield lang.say(_("Rest {number}"), number=number), _rest(rest, phrases)
    for rule in sending.cover:
        yield lang.say(_("Cover: {rule}"), rule=rule.code), _cover(rule, phrases)
    if expected := sending.expected:
        yield lang(_("Expected cover")), lang.say(
            _("{types} in {within}, busy {busy} of their time"),
            types=_types(expected.types, phrases), within=lang.length(expected.within_s),
            busy=lang.percent(expected.busy),
        )  # fmt: skip
        if expected.demand:
            yield (
                lang(_("Expected cover, demand")),
                lang.join(
                    f"{name} {lang.number(weight)}" for name, weight in expected.demand.items()
                ),
            )
    for aid in sending.mutual_aid:
        yield lang.say(_("Mutual aid: {agency}"), agency=aid.agency), _types(aid.types, phrases)


def _types(codes: Iterable[str], phrases: Phrases) -> str:
    return phrases.lang(_(" or ")).join(phrases.unit_type(code) for code in codes)


def _rest(rest: Rest, phrases: Phrases) -> str:
    lang = phrases.lang
    told = []
    if rest.after_job_s:
        told.append(lang.say(_("{free} after each job"), free=lang.length(rest.after_job_s)))
    if rest.work_s:
        worked, of = lang.length(rest.work_s), lang.length(rest.within_s)
        told.append(lang.say(_("after {worked} of work in {of}"), worked=worked, of=of))
    said = lang.join(told)
    return phrases.of(_types(rest.types, phrases), said) if rest.types else said


def _cover(rule: CoverRule, phrases: Phrases) -> str:
    lang = phrases.lang
    return lang.say(
        _("{least} × {types} in {within} of {each}[ ({only})]"),
        least=rule.least, types=_types(rule.types, phrases), within=lang.length(rule.within_s),
        each=lang(EACH[rule.each]), only=lang.join(rule.only),
    )  # fmt: skip
