"""The page of repeat places: what was found, of which calls, filtered, with the form of a problem.

Filters stand in the address: area, cause, class; they name places and kinds, never anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from answerable.console.acts import BETWEEN
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.pages import Pages
from answerable.console.phrases import Phrases, place
from answerable.console.repeating import saying
from answerable.console.repeating.finder import BEFORE, OWN, Finder, Look
from answerable.console.session import Session
from answerable.matters import problem_words as w
from answerable.matters.repeats.events import Sort
from answerable.matters.repeats.find import Found, Repeat

PAGE, HERE = "repeats", "/repeats"
ROWS_MAX = 200
WEEKS = 13
KINDS_MAX = 12
BECAUSE_MAX = 240
AHEAD, AHEAD_HOUR = timedelta(days=5), 14
"""How far into its days a demonstration with no repeat place yet is offered to leap."""
TEXT_MAX = 120
SORTS: dict[str, tuple[Sort, str]] = {
    "keeps": (Sort.KEEPS, _("keeps happening")),
    "again": (Sort.AGAIN, _("happens again after handling")),
    "one": (Sort.ONE, _("one event reported many times")),
}
"""The three classes, as an address names them."""
AS_A_PROBLEM = {cause: cause for cause in ("noise", "drink", "dispute", "traffic")} | {
    "alarm": "premises", "lift": "premises", "fire": "premises", "premises": "premises",
}  # fmt: skip
"""The cause of a problem that a cause of the rules leads to; any other is "other"."""


@dataclass(frozen=True)
class Asked:
    """What an address asks for: whose calls, up to which day, and what of them."""

    source: str = OWN
    on: str = ""
    area: str = ""
    cause: str = ""
    sort: str = ""

    def href(self, **other: str) -> str:
        """Return the address of this page with something else asked for."""
        parts = {
            "of": "" if self.source == OWN else self.source, "on": self.on, "area": self.area,
            "cause": self.cause, "class": self.sort, **other,
        }  # fmt: skip
        told = urlencode({name: value for name, value in parts.items() if value})
        return f"{HERE}?{told}" if told else HERE

    @property
    def filtered(self) -> bool:
        """Say whether only some of the findings are asked for."""
        return bool(self.area or self.cause or self.sort)


def asked_of(query: dict[str, str], *, past: bool) -> Asked:
    """Return what an address asks for; what makes no sense is as if it were not there."""
    source = BEFORE if past and query.get("of") == BEFORE else OWN
    sort = query.get("class", "")
    return Asked(
        source,
        _day(query.get("on", "")) if source == BEFORE else "",
        query.get("area", "")[:TEXT_MAX],
        query.get("cause", "")[:TEXT_MAX],
        sort if sort in SORTS else "",
    )


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if len(text) == 10 else ""
    except ValueError:
        return ""


class Repeats:
    """Makes the page."""

    def __init__(self, pages: Pages, finder: Finder) -> None:
        self.pages = pages
        self.finder = finder
        self.front: Front = pages.front

    def page(self, session: Session, lang: Language, theme: str, asked: Asked) -> str:
        """Return the page; where nothing is found yet, it says so and asks again by itself."""
        frame = self.pages.frame(PAGE, session, lang, theme, asked.href(), f"{PAGE}/{lang.tag}")
        look = self.finder.look(asked.source, asked.on)
        return lang.render(
            "repeating/page.html",
            **frame,
            **self.shown(session, lang, asked, look),
            map=self.pages.map_files(),
            attribution=" · ".join(self.front.town.file.attribution),
        )

    def state(self, session: Session, lang: Language, asked: Asked) -> str:
        """Return how far the look is; "" once there is something to show."""
        look = self.finder.look(asked.source, asked.on)
        if look.ended is not None and not look.running:
            return ""
        told = self.shown(session, lang, asked, look)
        return lang.render("repeating/waiting.html", **told)

    def newer(self, lang: Language, asked: Asked, seen_us: int) -> tuple[str, bool]:
        """Return a way to a newer look than that of a moment (UTC us), and whether it found any."""
        ended = self.finder.look(asked.source, asked.on).ended
        found = ended.found if ended else None
        if found is None or found.at_us <= seen_us:
            return "", False
        any_ = any(self._fits(one, asked) for one in found.repeats)
        return lang.render("repeating/newer.html", href=asked.href()), any_

    def _ahead(self, rows: list[Repeat], lang: Language) -> dict[str, str] | None:
        """Return how far a demonstration that has found nothing yet may leap to find something."""
        demo, town = self.front.demo, self.front.town
        if rows or demo is None or demo.made_up:
            return None
        day = town.local(demo.begin_us).replace(hour=AHEAD_HOUR, minute=0, second=0, microsecond=0)
        at_us = int((day + AHEAD).timestamp()) * 1_000_000
        if not self.front.now_us() < at_us <= demo.end_us:
            return None
        phrases = self.front.phrases(lang.tag)
        return {"hour": str(at_us), "label": f"{phrases.day(at_us)}, {town.local(at_us):%H:%M}"}

    def shown(self, session: Session, lang: Language, asked: Asked, look: Look) -> dict[str, Any]:
        """Return everything the page shows of a look."""
        ended = look.ended
        found = ended.found if ended else None
        phrases = self.front.phrases(lang.tag)
        rows = [one for one in (found.repeats if found else ()) if self._fits(one, asked)]
        rights, role = self.front.hub.rooms.authority, session.actor.role
        return {
            "asked": asked,
            "percent": look.percent,
            "running": look.running,
            "waiting": found is None and not (ended and ended.refused),
            "refused": [lang(part) for part in ended.refused or ()] if ended else [],
            "state_href": asked.href().replace(HERE, f"{HERE}/state", 1),
            "sources": self._sources(asked, lang),
            "on": asked.on or (ended.last if ended else ""),
            "days": {"first": ended.first, "last": ended.last} if ended else None,
            "filters": self._filters(found, asked, lang),
            "rows": [self._row(n, one, asked, phrases) for n, one in enumerate(rows[:ROWS_MAX], 1)],
            "count": lang.number(len(rows)),
            "more": max(0, len(rows) - ROWS_MAX),
            "said": self._said(found, asked, phrases),
            "seen": found.at_us if found and asked.source == OWN else 0,
            "ahead": self._ahead(rows, lang) if asked.source == OWN else None,
            "all_href": asked.href(area="", cause="", **{"class": ""}),
            "opens": rights.may_do(role, w.OpenProblem.tag),
            "problems": rights.may_open(role, "problems"),
        }

    def _fits(self, one: Repeat, asked: Asked) -> bool:
        return (
            (not asked.area or one.area == asked.area)
            and (not asked.cause or one.cause == asked.cause)
            and (not asked.sort or one.sort is SORTS[asked.sort][0])
        )

    def _sources(self, asked: Asked, lang: Language) -> list[dict[str, Any]]:
        """Return the calls that may be looked through; [] where there is only one sort."""
        if self.finder.past is None:
            return []
        return [
            {"label": lang(_("This centre")), "href": HERE, "on": asked.source == OWN},
            {"label": lang(_("Past calls of the town")), "href": f"{HERE}?of={BEFORE}",
             "on": asked.source == BEFORE},
        ]  # fmt: skip

    def _filters(self, found: Found | None, asked: Asked, lang: Language) -> list[dict[str, Any]]:
        """Return the filters: what of each there is to choose, the chosen one marked."""
        repeats = found.repeats if found else ()
        rules = self.front.town.repeats
        areas = sorted({one.area for one in repeats if one.area}, key=lang.key)
        causes = [one for one in rules.causes if any(r.cause == one.code for r in repeats)]
        chosen = (
            ("area", _("Area"), asked.area, [(area, area) for area in areas]),
            ("cause", _("Cause"), asked.cause, [(c.code, c.title.of(lang.tag)) for c in causes]),
            ("class", _("Class"), asked.sort,
             [(name, lang(title)) for name, (_sort, title) in SORTS.items()]),
        )  # fmt: skip
        return [
            {"name": name, "label": lang(label), "value": value, "choices": choices}
            for name, label, value, choices in chosen
        ]

    def _said(self, found: Found | None, asked: Asked, phrases: Phrases) -> dict[str, Any]:
        """Return what was looked through, in words."""
        if found is None:
            return {}
        lang, rules, zone = phrases.lang, self.front.town.repeats, self.front.town.zone
        counted = saying.counted(found, zone, lang)
        at = phrases.clock(found.at_us) if asked.source == OWN else ""
        return {
            "counted": counted, "at": at, "notes": list(saying.noted(found, rules, lang)),
            "rules": [saying.rule(cause, lang) for cause in rules.causes],
        }  # fmt: skip

    def _row(self, number: int, one: Repeat, asked: Asked, phrases: Phrases) -> dict[str, Any]:
        lang, rules = phrases.lang, self.front.town.repeats
        why = saying.why(one, rules, lang)
        weeks = weeks_of(one.last)
        problem = self.front.hub.state["matters"].problem_at.get(one.place, "")
        return {
            "number": number,
            "place": place(one.place),
            "area": one.area,
            "lon": one.lon, "lat": one.lat,
            "cause": saying.cause(one.cause, rules, lang),
            "sort": lang(one.sort),
            "kinds": lang.join(phrases.kind(kind) for kind in one.kinds),
            "seen": lang.number(one.reports if one.sort is Sort.ONE else one.seen),
            "one": one.sort is Sort.ONE,
            "days": lang.number(one.days),
            "usual": saying.usual(one),
            "p": saying.chance(one.p),
            "scan": one.p is not None,
            "early": one.early,
            "why": why,
            "around": lang.join(place(other) for other in one.around),
            "weeks": weeks,
            "weeks_said": lang.join(lang.number(week) for week in weeks),
            "most": max(*weeks, 1),
            "problem": problem,
            "open": {
                "place": one.place, "kinds": BETWEEN.join(one.kinds[:KINDS_MAX]),
                "cause": AS_A_PROBLEM.get(one.cause, "other"), "area": one.area,
                "lon": "" if one.lon is None else f"{one.lon:.6f}",
                "lat": "" if one.lat is None else f"{one.lat:.6f}",
            },
            "because": why[0][:BECAUSE_MAX] if why else "",
        }  # fmt: skip


def weeks_of(last: tuple[int, ...]) -> list[int]:
    """Return the events of each of the last weeks, from those of each day."""
    days = last[-7 * WEEKS :]
    return [sum(days[at : at + 7]) for at in range(0, len(days), 7)]
