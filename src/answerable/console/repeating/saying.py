"""A finding in words of a language: class, cause, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from answerable.console.language import Language, _
from answerable.console.phrases import place
from answerable.kernel.event import fill
from answerable.matters.repeats.calls import day_of
from answerable.matters.repeats.find import Found, Reason, Repeat
from answerable.towns.repeating import Cause, RepeatsFile


def cause(code: str, rules: RepeatsFile, lang: Language) -> str:
    """Return what a cause is called."""
    known = rules.cause(code)
    return known.title.of(lang.tag) if known else code


def counted(one: Found, zone: ZoneInfo, lang: Language) -> str:
    """Return what was looked at, in a sentence; the days are those of the town's ``zone``."""
    first, last = (date.fromordinal(day_of(at, zone)) for at in (one.first_us, one.at_us))
    return lang.say(
        _("{incidents} at {places}, {days}: {events}."),
        incidents=lang.counted(_("{count} incident"), _("{count} incidents"), one.incidents),
        places=lang.counted(_("{count} place"), _("{count} places"), one.places),
        days=lang.days(first, last),
        events=lang.counted(_("{count} separate event"), _("{count} separate events"), one.events),
    )


def because(reason: Reason, rules: RepeatsFile, lang: Language) -> str:
    """Return one reason as a sentence."""
    values: dict[str, object] = dict(reason.values)
    if "cause" in values:
        named = cause(str(values["cause"]), rules, lang)
        values["cause"] = named[:1].lower() + named[1:]
    if "place" in values:
        values["place"] = place(str(values["place"]))
    return fill(lang(reason.template), values)


def why(repeat: Repeat, rules: RepeatsFile, lang: Language) -> list[str]:
    """Return every reason of a finding."""
    return [because(reason, rules, lang) for reason in repeat.because]


def usual(repeat: Repeat) -> str:
    """Return what is usual there, as a number; a dash where nobody knows."""
    return "–" if repeat.usual is None else f"{repeat.usual:.1f}"


def chance(p: float | None) -> str:
    """Return the probability of a finding; a dash where the scan has none."""
    return "–" if p is None else f"{p:.2g}"


def rule(one: Cause, lang: Language) -> str:
    """Return the exact rule of a cause in words."""
    return lang.say(
        _("{cause}: {calls} separate events in {days} days"),
        cause=one.title.of(lang.tag), calls=one.calls, days=one.days,
    )  # fmt: skip


def noted(one: Found, rules: RepeatsFile, lang: Language) -> Iterator[str]:
    """Yield what must be known about a finding: what was left out, and what was not done."""
    if one.left_out:
        yield lang.say(
            _("{count} incidents lead to a home or to the people in it and are left out."),
            count=lang.number(one.left_out),
        )
    if one.days < max(cause.days for cause in rules.causes) and rules.early_share < 1:
        yield lang.say(
            _(
                "Days of record: {days}, fewer than some rules look back. Nearing such a rule is a "
                "place with at least {share} of its calls, if calls at the rule's own pace would "
                "have brought so many by now in at most {alpha} of cases."
            ),
            days=lang.number(one.days), share=lang.percent(rules.early_share),
            alpha=lang.percent(rules.early_alpha),
        )  # fmt: skip
    if one.scanned:
        yield lang.say(
            _(
                "The scan compares with {runs} shuffled records; of records without any cluster, "
                "at most {alpha} have a finding of it."
            ),
            runs=lang.number(rules.scan.runs), alpha=lang.percent(rules.scan.alpha, 1),
        )  # fmt: skip
    else:
        yield lang.say(
            _("No scan: of the {least} days of record that it needs there are {days}."),
            days=one.days, least=rules.scan.history_days,
        )  # fmt: skip
