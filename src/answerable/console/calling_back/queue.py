"""The queue of a day: who is to be rung now, later, not at all, and what came of the others.

Every caller of the day stands in exactly one of the sorts, so the numbers at the head add up to all
of them. The queue names calls and incidents; a number is in none of it.
"""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, place
from answerable.followup.back_arms import ANSWERED, BARRED, DECLINED, HELD, UNREACHABLE
from answerable.followup.views import DAYS_KEPT, Day, Entries, Entry

HERE = "/call-backs"
PAGE_ROWS = 50
PAGES_MAX = 2_000
NOW, LATER, ALL_WAITING = "now", "later", ("now", "later", HELD)
SHOWS: tuple[tuple[str, str], ...] = (
    (NOW, _("to ring now")), (LATER, _("later")), (HELD, _("open again")),
    (ANSWERED, _("have answered")), (DECLINED, _("did not want to")),
    (UNREACHABLE, _("not reached")), (BARRED, _("not rung")),
)  # fmt: skip
"""The sorts of a day, in the order of the page, with the words for each."""


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a day (""; the town's today), a sort, a page of it."""

    day: str = ""
    show: str = NOW
    page: int = 0

    def href(self, call: str = "", **other: str | int) -> str:
        """Return the address of this page, of one call of it, or with something else asked for."""
        parts = {"day": self.day, "show": self.show, "page": self.page, **other}
        told = {k: v for k, v in parts.items() if v and not (k == "show" and v == NOW)}
        at = f"{HERE}/{quote(call, safe='')}" if call else HERE
        return f"{at}?{urlencode(told)}".rstrip("?")


def asked_of(query: dict[str, str]) -> Asked:
    """Return what an address asks for; what makes no sense is as if it were not there."""
    show, page = query.get("show", NOW), query.get("page", "0")
    return Asked(
        day=_day(query.get("day", "")),
        show=show if show in dict(SHOWS) else NOW,
        page=min(int(page), PAGES_MAX) if page.isdecimal() and len(page) < 6 else 0,
    )


def _day(text: str) -> str:
    try:
        return datetime.date.fromisoformat(text).isoformat() if len(text) == 10 else ""
    except ValueError:
        return ""


def entries(front: Front) -> Entries:
    """Return the view of call-backs."""
    found: Entries = front.hub.state["call-backs"]
    return found


def today(front: Front) -> str:
    """Return the town's day now."""
    return f"{front.town.local(front.now_us()):%Y-%m-%d}"


# -- sorting -----------------------------------------------------------------------------------


def sort_of(entry: Entry, now_us: int) -> str:
    """Return in which sort of the page an entry stands."""
    if entry.state in (ANSWERED, DECLINED, UNREACHABLE, BARRED, HELD):
        return entry.state
    return NOW if entry.from_us <= now_us else LATER


def waiting(front: Front, day: str) -> list[Entry]:
    """Return who still waits of a day; on the town's today also whoever was left from before."""
    all_of = entries(front).waiting.values()
    now = today(front)
    if day == now:
        return [one for one in all_of if one.day <= day]
    return [one for one in all_of if one.day == day]


def counted(front: Front, day: str) -> dict[str, int]:
    """Return how many of a day stand in each sort."""
    now_us, found = front.now_us(), dict.fromkeys((name for name, _t in SHOWS), 0)
    for one in waiting(front, day):
        found[sort_of(one, now_us)] += 1
    settled = entries(front).days.get(day, Day())
    return found | settled.counts


def listed(front: Front, asked: Asked, day: str) -> list[Entry]:
    """Return one page of a sort: who waits longest first, what was settled last first."""
    begin, end = asked.page * PAGE_ROWS, (asked.page + 1) * PAGE_ROWS
    if asked.show not in ALL_WAITING:
        settled = entries(front).days.get(day, Day()).settled.values()
        chosen = (one for one in settled if one.state == asked.show)
        return heapq.nlargest(end, chosen, key=lambda one: one.at_us)[begin:end]
    now_us = front.now_us()
    found = (one for one in waiting(front, day) if sort_of(one, now_us) == asked.show)
    return heapq.nsmallest(end, found, key=lambda one: one.from_us)[begin:end]


def following(front: Front, by: str, beside: str = "") -> Entry | None:
    """Return who is to be rung next by somebody: due now, and rung by nobody else."""
    now_us = front.now_us()
    free = (
        one for one in waiting(front, today(front))
        if one.call != beside and sort_of(one, now_us) == NOW and not rung(one, now_us, by)
    )  # fmt: skip
    return min(free, key=lambda one: one.from_us, default=None)


def rung(entry: Entry, now_us: int, by: str = "") -> bool:
    """Say whether somebody, other than ``by``, is ringing this caller now."""
    return bool(entry.by) and entry.by != by and entry.until_us > now_us


# -- as the page shows it ----------------------------------------------------------------------


def shown(front: Front, asked: Asked, phrases: Phrases, by: str, chosen: str) -> dict[str, Any]:
    """Return the head and the rows of the queue."""
    day = asked.day or today(front)
    counts = counted(front, day)
    lang = phrases.lang
    of_sort = counts.get(asked.show, 0)
    last = max(0, (of_sort - 1) // PAGE_ROWS)
    return {
        "day": day,
        "day_words": day_words(day, phrases),
        "all": lang.number(sum(counts.values())),
        "count": sum(counts.values()),
        "sorts": [
            {"href": asked.href(show=name, page=0), "label": lang(title), "name": name,
             "count": lang.number(counts[name]), "on": name == asked.show}
            for name, title in SHOWS
        ],
        "days": days(front, asked, phrases),
        "reasons": reasons(front, day, phrases) if asked.show == BARRED else [],
        "rows": [_row(front, one, asked, phrases, by, chosen)
                 for one in listed(front, asked, day)],
        "page": lang.number(asked.page + 1),
        "pages": lang.number(last + 1),
        "before": asked.href(page=asked.page - 1) if asked.page else "",
        "after_this": asked.href(page=asked.page + 1) if asked.page < last else "",
        "show": asked.show,
        "here": asked.href(),
    }  # fmt: skip


def day_words(day: str, phrases: Phrases) -> str:
    """Return a day as people write it."""
    return phrases.lang.day(datetime.date.fromisoformat(day))


def days(front: Front, asked: Asked, phrases: Phrases) -> list[dict[str, Any]]:
    """Return the days there is something to see of, the newest first."""
    now = today(front)
    known = sorted({now, *entries(front).days}, reverse=True)[: DAYS_KEPT + 1]
    return [
        {"href": asked.href(day="" if day == now else day, page=0), "on": (asked.day or now) == day,
         "label": day_words(day, phrases)}
        for day in known
    ]  # fmt: skip


def reasons(front: Front, day: str, phrases: Phrases) -> list[tuple[str, str]]:
    """Return why callers of a day were not rung, and how many for each reason."""
    found = entries(front).days.get(day, Day()).reasons
    ranked = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return [(phrases.lang(reason), phrases.lang.number(count)) for reason, count in ranked]


def _row(
    front: Front, entry: Entry, asked: Asked, phrases: Phrases, by: str, chosen: str
) -> dict[str, Any]:
    now_us, lang = front.now_us(), phrases.lang
    return {
        "call": entry.call,
        "number": entry.incident,
        "kind": phrases.kind(entry.kind),
        "where": _where(front, entry.incident),
        "href": asked.href(entry.call),
        "on": entry.call == chosen,
        "time": phrases.moment(entry.from_us if entry.state == "due" else entry.at_us, now_us),
        "tongue": front.town.following.languages.get(entry.language, entry.language),
        "usual": entry.language in ("", front.town.following.language),
        "told": lang.join(_told(entry, phrases, now_us, by)),
        "busy": rung(entry, now_us, by),
        "mine": rung(entry, now_us) and entry.by == by,
    }


def _where(front: Front, incident: str) -> str:
    with front.at_hand(incident):
        line = front.board.line(incident)
        return place(line.address) if line else ""


def _told(entry: Entry, phrases: Phrases, now_us: int, by: str) -> Iterable[str]:
    """Yield what else there is to say of an entry, in a few words each."""
    lang = phrases.lang
    if entry.state == BARRED:
        yield lang(entry.outcome)
        return
    if entry.marks:
        yield " ".join(str(mark) if mark else "–" for mark in entry.marks)
    if entry.wants:
        yield lang(_("wants it looked into"))
    if rung(entry, now_us):
        words = _("you are ringing, until {time}") if entry.by == by else _(
            "is being rung, until {time}")  # fmt: skip
        yield lang.say(words, time=phrases.clock(entry.until_us)[:5])
    if entry.tries and entry.state not in (ANSWERED, DECLINED):
        yield lang.say(
            _("attempt {count}[: {outcome}]"), count=entry.tries, outcome=lang(entry.outcome)
        )
    if entry.sent:
        yield lang(_("the questions were sent"))
