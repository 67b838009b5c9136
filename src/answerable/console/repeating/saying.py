"""A finding in words of a language: class, cause, and why."""

from __future__ import annotations

from answerable.console.language import Language
from answerable.console.phrases import place
from answerable.kernel.event import fill
from answerable.matters.repeats.find import Reason, Repeat
from answerable.towns.repeating import RepeatsFile


def cause(code: str, rules: RepeatsFile, lang: Language) -> str:
    """Return what a cause is called."""
    known = rules.cause(code)
    return known.title.of(lang.tag) if known else code


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
