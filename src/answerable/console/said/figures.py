"""The figures as their page and their file have them, drawn on the server."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any, NamedTuple, get_args
from urllib.parse import urlencode

import msgspec

from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.phrases import Phrases
from answerable.console.saying.page import TITLES
from answerable.followup.back_words import QUESTIONS
from answerable.measure.asked import Asked
from answerable.measure.satisfaction import By, Group, Report, Share, report, span

HERE = "/call-backs/figures"
SPANS: dict[int, str] = {
    1: _("this week"), 4: _("4 weeks"), 13: _("13 weeks"), 52: _("52 weeks"),
}  # fmt: skip
BYS: dict[By, str] = {
    "unit": _("by unit"), "area": _("by area"), "kind": _("by kind"), "week": _("by week"),
}  # fmt: skip
HEADS: dict[str, str] = {
    "unit": _("Unit"), "area": _("Area"), "kind": _("Kind"), "week": _("Week from"),
}  # fmt: skip
WAYS = {"phone": _("by telephone"), "link": _("by a link"), "text": _("by text")}
REASONS = {
    "sensitive kind": _("sensitive kind"), "no number": _("no number"), "a child": _("a child"),
    "safety at risk": _("safety at risk"), "automatic alarm": _("automatic alarm"),
    "erased": _("erased"), "no incident": _("no incident"), "other": _("other"),
}  # fmt: skip
WIDE, HIGH = 200, 16
"""The picture of one interval, in its own units."""


class Wanted(NamedTuple):
    """What an address asks for: so many weeks, by what, and which question is drawn."""

    weeks: int = 4
    by: By = "unit"
    about: str = "overall"

    def href(self, path: str = HERE, **other: object) -> str:
        """Return the address of the page, or of its file, with something else asked for."""
        return f"{path}?{urlencode(self._asdict() | other)}"


def wanted_of(query: dict[str, str]) -> Wanted:
    """Return what an address asks for; what makes no sense is as if it were not there."""
    weeks, by, about = (query.get(name, "") for name in ("weeks", "by", "about"))
    return Wanted(
        int(weeks) if weeks in map(str, SPANS) else 4,
        next((one for one in get_args(By) if one == by), "unit"),
        about if about in QUESTIONS else "overall",
    )


def figures(front: Front, wanted: Wanted) -> Report:
    """Return the report that an address asks for."""
    asked: Asked = front.hub.state["asked"]
    today = f"{front.town.local(front.now_us()):%Y-%m-%d}"
    return report(asked, span(asked, today, wanted.weeks), wanted.by)


# -- as a page -------------------------------------------------------------------------------


def shown(front: Front, wanted: Wanted, phrases: Phrases) -> dict[str, Any]:
    """Return what the page shows."""
    lang, found = phrases.lang, figures(front, wanted)
    return {
        "wanted": wanted._asdict(),
        "head": lang(HEADS[wanted.by]),
        "title": lang(TITLES[wanted.about]),
        "spans": _links(lang, wanted, "weeks", {str(n): words for n, words in SPANS.items()}),
        "bys": _links(lang, wanted, "by", dict(BYS)),
        "abouts": _links(lang, wanted, "about", TITLES),
        "file": wanted.href(f"{HERE}.csv"),
        "whole": _row(found.whole, wanted, phrases, found.whole.share(wanted.about)),
        "facts": list(facts(found, lang)),
        "barred": counted(found.barred, REASONS, lang),
        "ways": counted(found.ways, WAYS, lang),
        "rows": [
            _row(one, wanted, phrases, found.whole.share(wanted.about)) for one in found.groups
        ],
        "few": found.few, "sure": lang.percent(0.95),
        "wide": WIDE, "high": HIGH,
    }  # fmt: skip


def _links(
    lang: Language, wanted: Wanted, name: str, options: dict[Any, str]
) -> list[dict[str, Any]]:
    now = str(getattr(wanted, name))
    return [
        {"href": wanted.href(**{name: value}), "label": lang(words), "on": str(value) == now}
        for value, words in options.items()
    ]


def facts(found: Report, lang: Language) -> list[tuple[str, str, str]]:
    """Return the steps from callers to answers: what, how many, and of how many that is."""
    whole = found.whole
    of_those = _("{share} of those who could be asked")
    told = [
        (_("callers"), whole.callers, ""),
        (_("could be asked"), whole.to_ask, _of(lang, whole.to_ask, whole.callers,
                                               _("{share} of all callers"))),
        (_("were reached"), whole.reached, _of(lang, whole.reached, whole.to_ask, of_those)),
        (_("gave answers"), whole.answered, _of(lang, whole.answered, whole.to_ask, of_those)),
        (_("not reached"), whole.unreachable, _of(lang, whole.unreachable, whole.to_ask, of_those)),
        (_("still to be asked"), whole.waiting, ""),
    ]  # fmt: skip
    return [(lang(what), lang.number(count), more) for what, count, more in told]


def _of(lang: Language, count: int, of: int, words: str) -> str:
    return lang.say(words, share=lang.percent(count / of)) if of else ""


def counted(counts: dict[str, int], words: dict[str, str], lang: Language) -> list[str]:
    """Return what was counted, the most first, each with its name in this language."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [f"{lang(words.get(name, name))} {lang.number(count)}" for name, count in ordered]


def _row(one: Group, wanted: Wanted, phrases: Phrases, whole: Share) -> dict[str, Any]:
    lang = phrases.lang
    return {
        "name": _name(one.name, wanted.by, phrases),
        "callers": lang.number(one.callers), "barred": lang.number(one.barred),
        "reached": lang.number(one.reached), "answered": lang.number(one.answered),
        "shares": [
            {"title": lang(TITLES[share.question]), "words": share_words(share, lang),
             "few": share.share is None, "on": share.question == wanted.about}
            for share in one.shares
        ],
        "picture": picture(one.share(wanted.about), whole),
    }  # fmt: skip


def _name(name: str, by: By, phrases: Phrases) -> str:
    if by == "kind":
        return phrases.kind(name)
    if by == "week" and name:
        return phrases.lang.day(datetime.date.fromisoformat(name))
    return name or phrases.lang(_("(not known)"))


def share_words(share: Share, lang: Language) -> str:
    """Return a share with its interval in words, or that it is too few."""
    if share.share is None or share.low is None or share.high is None:
        return lang(_("too few"))
    return lang.say(
        _("{share} ({low} to {high}) of {given}"), share=lang.percent(share.share),
        low=lang.percent(share.low), high=lang.percent(share.high), given=lang.number(share.given),
    )  # fmt: skip


def picture(share: Share, whole: Share) -> dict[str, float] | None:
    """Return an interval as it is drawn, with that of all together behind it; None for too few."""
    if share.share is None or share.low is None or share.high is None:
        return None
    drawn = {"low": share.low, "high": share.high, "at": share.share}
    if whole.share is not None:
        drawn["all"] = whole.share
    return {name: round(value * WIDE, 2) for name, value in drawn.items()}


# -- as a file -------------------------------------------------------------------------------

COUNTS = (
    "callers", "barred", "reached", "answered", "declined", "unreachable", "waiting", "tries",
    "wants",
)  # fmt: skip
OF_A_SHARE = ("given", "satisfied", "unhappy", "share", "low", "high")


def as_csv(found: Report) -> bytes:
    """Return the report as a table (RFC 4180), all together first; what is too few is left empty.

    Of a question that too few answered nothing is told but how many did.
    """
    written = io.StringIO()
    table = csv.writer(written)
    names = [f"{question}_{part}" for question in QUESTIONS for part in OF_A_SHARE]
    table.writerow([found.by, *COUNTS, *names])
    for one in (msgspec.structs.replace(found.whole, name="all"), *found.groups):
        cells = [cell for share in one.shares for cell in _cells(share)]
        table.writerow([_plain(one.name), *(getattr(one, name) for name in COUNTS), *cells])
    return written.getvalue().encode()


def _plain(name: str) -> str:
    """Return a name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in ("=", "+", "-", "@", "\t") else name


def _cells(share: Share) -> list[object]:
    if share.share is None:
        return [share.given, *[""] * (len(OF_A_SHARE) - 1)]
    return [
        round(value, 6) if isinstance(value := getattr(share, part), float) else value
        for part in OF_A_SHARE
    ]
