"""The pages of tracked matters: the list, one matter with its story, and opening one."""

from __future__ import annotations

from typing import Any

from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.pages import Pages
from answerable.console.phrases import Phrases, may_see
from answerable.console.reading import masked
from answerable.console.referring.beside import beside_of
from answerable.console.referring.subject import of_matter
from answerable.console.sanity import new_key
from answerable.console.session import Session
from answerable.console.tracking import acts, listing, told
from answerable.console.tracking.listing import HERE, Asked
from answerable.kernel.event import Mark
from answerable.matters import matter_words as w
from answerable.matters.matter_state import CLOSED, FINISHED, OPEN, Matter

PAGE = "matters"
STORY_MAX = 400
WAYS: tuple[tuple[str, str], ...] = (
    ("page", _("on the page")), ("message", _("by message")), ("telephone", _("by telephone")),
)  # fmt: skip
EMPTY: dict[str, tuple[str, str]] = {
    listing.MINE: (_("You have no matter in hand."), _("Take one of your unit's in hand.")),
    listing.OURS: (_("Nothing waits for your unit."), _("Look at all that is open.")),
    listing.NEAR: (_("Nothing is near its date."), _("Look at what is overdue, or at all.")),
    listing.OVERDUE: (_("Nothing is overdue."), _("Look at what is near its date.")),
    listing.SIGN: (_("Nothing waits for a signature."), _("Look at all that is open.")),
    listing.RING: (_("Nobody has to be rung."), _("Look at what is overdue.")),
    listing.ALL: (_("No matter is open."), _("Open one by hand, or from an incident.")),
    listing.CLOSED: (_("No matter was closed within a year."), _("Look at all that is open.")),
}


class Tracking:
    """Makes the pages."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.front: Front = pages.front

    def frame(self, session: Session, lang: Language, theme: str, here: str) -> dict[str, Any]:
        """Return what the frame of every page of matters needs."""
        return self.pages.frame(PAGE, session, lang, theme, here, f"{PAGE}/{lang.tag}")

    # -- the list ----------------------------------------------------------------------------

    def listed(self, session: Session, lang: Language, theme: str, asked: Asked) -> str:
        """Return the list."""
        front, phrases, actor = self.front, self.front.phrases(lang.tag), session.actor
        frame = self.frame(session, lang, theme, asked.href())
        found = listing.found(front, actor, asked)
        now_us = front.now_us()
        nothing, instead = EMPTY[asked.which]
        rights = front.hub.rooms.authority
        return lang.render(
            "tracking/list.html",
            **frame,
            asked=asked,
            filtered=bool(asked.kind or asked.owner or asked.origin),
            rows=[told.row(front, phrases, actor, n, m, now_us) for n, m in found.rows],
            lists=[
                {"href": asked.href(which=name, page=1), "label": lang(title),
                 "on": name == asked.which, "count": lang.number(found.counts.get(name, 0))}
                for name, title in listing.LISTS
            ],
            kinds=[(one.code, one.title.of(lang.tag)) for one in front.town.matters.kinds],
            owners=self._owners(found.owners, asked, lang),
            origins=[(name, lang(title)) for name, title in listing.ORIGINS],
            pages=_pages(asked, found, lang),
            nothing=lang(nothing),
            instead=lang(instead),
            opens=rights.may_do(actor.role, w.OpenMatter.tag),
        )  # fmt: skip

    def _owners(
        self, counts: dict[str, int], asked: Asked, lang: Language
    ) -> list[tuple[str, str, str]]:
        """Return the owners that have something open, by name, each with how much."""
        keys = {*counts, asked.owner} - {""}
        named = []
        for key in keys:
            sort, _colon, name = key.partition(":")
            label = told.owner(self.front, lang, sort, name)
            named.append((key, label, lang.number(counts.get(key, 0))))
        return sorted(named, key=lambda one: lang.key(one[1]))

    # -- one matter --------------------------------------------------------------------------

    def matter(self, session: Session, number: str) -> Matter:
        """Return a matter somebody may look at. Raises Refused (404, 403)."""
        return listing.look_at(self.front, session.actor, number)

    async def enter(self, session: Session, number: str, matter: Matter) -> None:
        """Have a reading recorded where somebody opens a matter that is being worked on."""
        may = self.front.hub.rooms.authority.may_do(session.actor.role, w.ReadMatter.tag)
        if matter.state == CLOSED or not may or self._counts(session, matter):
            return
        await self.front.gate.read_first(
            w.ReadMatter(key=new_key("read"), matter=number), session.actor
        )

    def _counts(self, session: Session, matter: Matter) -> bool:
        return matter.reads.get(session.actor.name, 0) > self.front.now_us()

    def one(self, session: Session, lang: Language, theme: str, number: str) -> str:
        """Return the page of one matter. Raises Refused (404, 403)."""
        matter = self.matter(session, number)
        front, phrases, actor = self.front, self.front.phrases(lang.tag), session.actor
        frame = self.frame(session, lang, theme, f"{HERE}/{number}")
        return lang.render(
            "tracking/matter.html",
            **frame,
            m=told.row(front, phrases, actor, number, matter, front.now_us()),
            clocks=self._clocks(matter, phrases),
            facts=self._facts(matter, phrases),
            story=self._story(session, number, matter, phrases),
            can=acts.possible(front, actor, matter),
            counts=self._counts(session, matter),
            own=matter.state == FINISHED and actor.name in matter.hands,
            signers=acts.who_signs(front, lang, matter),
            results=[(one.code, one.title.of(lang.tag)) for one in front.town.matters.results],
            ways=[(way, lang(label)) for way, label in WAYS],
            suggested=acts.owners(front, lang),
            days=acts.standstill(front, matter),
            referring=self._referring(session, number, matter, phrases),
        )

    def _referring(
        self, session: Session, number: str, matter: Matter, phrases: Phrases
    ) -> dict[str, Any] | None:
        """Return the referrals of a matter and the key to one more, where there are or may be."""
        one, role = of_matter(self.front, session, number, matter), session.actor.role
        return beside_of(self.front, one, phrases, role, over=matter.state == CLOSED)

    def _clocks(self, matter: Matter, phrases: Phrases) -> list[dict[str, Any]]:
        """Return norm and term, and the signature once that is what is waited for."""
        lang, now_us = phrases.lang, self.front.now_us()
        dues = [(_("norm"), matter.norm_us), (_("term"), matter.term_us)]
        if matter.state == FINISHED:
            dues = [(_("signature"), matter.sign_us)]
        running = matter.state in (OPEN, FINISHED)
        return [
            {"name": lang(name), "still": not running,
             **told.clock(phrases, due_us, now_us)}
            for name, due_us in dues
        ]  # fmt: skip

    def _facts(self, matter: Matter, phrases: Phrases) -> list[tuple[str, str]]:
        """Return what is known of a matter beside its clocks."""
        front, lang = self.front, phrases.lang
        kind = front.town.matters.kind(matter.sort)
        still = told.date(phrases, matter.until_us)
        facts = [
            (_("Opened on"), told.date(phrases, matter.opened_us)),
            (_("Reference"), matter.reference),
            (_("Term and norm by"), kind.source if kind else ""),
            (_("Stands still until"), still),
            (_("Extended"), _times(lang, matter.extensions)),
            (_("Opened again"), _times(lang, matter.reopened)),
            (_("Came to"), told.result(front, lang, matter.result) if matter.result else ""),
            (_("Closed"), told.date(phrases, matter.closed_us)),
            (_("Next reminder"), self._next(matter, phrases)),
        ]
        return [(lang(name), value) for name, value in facts if value]

    def _next(self, matter: Matter, phrases: Phrases) -> str:
        """Return when the owner is reminded next, and how."""
        if not matter.pending:
            return ""
        first = matter.pending[0]
        way = phrases.lang(dict(WAYS)[first.way.value])
        return f"{told.date(phrases, first.at_us)} {way}"

    def _story(
        self, session: Session, number: str, matter: Matter, phrases: Phrases
    ) -> list[dict[str, Any]]:
        """Return what happened to a matter, in order, its words where a reading counts."""
        front, role = self.front, session.actor.role
        opening = front.gate.unseal_matter(matter.reads.get(session.actor.name, 0), phrases.lang)
        sees = may_see(front.hub.rooms.authority, role)
        made: list[dict[str, Any]] = []
        day = ""
        for row in list(front.hub.store.stream(f"matter:{number}"))[-STORY_MAX:]:
            if (today := phrases.day(row.happened_at)) != day:
                day = today
                made.append({"day": day})
            said = phrases.event(
                front.hub.rooms.decode(row), row,
                lambda mark: sees(mark) or (mark is Mark.SEALED and opening is not None),
                opening or masked,
            )  # fmt: skip
            made.append(
                {"day": "", "time": phrases.clock(row.happened_at), "said": said,
                 "by": phrases.who(row.actor), "position": row.position}
            )  # fmt: skip
        return made

    # -- opening one -------------------------------------------------------------------------

    def new(self, session: Session, lang: Language, theme: str, query: dict[str, str]) -> str:
        """Return the form that opens a matter, from an incident or a problem where one is named."""
        about, origin = query.get("about", "")[:64], query.get("origin", "hand")
        frame = self.frame(session, lang, theme, f"{HERE}/new")
        return lang.render(
            "tracking/new.html",
            **frame,
            opens=self.front.hub.rooms.authority.may_do(session.actor.role, w.OpenMatter.tag),
            about=about,
            origin=origin if origin in dict(listing.ORIGINS) else "hand",
            kinds=[
                {"code": one.code, "title": one.title.of(lang.tag), "source": one.source,
                 "norm": _span(lang, one.norm.days, one.norm.count),
                 "term": _span(lang, one.term.days, one.term.count)}
                for one in self.front.town.matters.kinds
            ],
            origins=[(name, lang(title)) for name, title in listing.ORIGINS],
            suggested=acts.owners(self.front, lang),
        )  # fmt: skip


def _times(lang: Language, times: int) -> str:
    if not times:
        return ""
    return lang.say(lang.plural(_("{times} time"), _("{times} times"), times), times=times)


def _span(lang: Language, days: int, count: str) -> str:
    """Return a term in words: 5 working days."""
    return lang.say(_("{days} working days") if count == "working" else _("{days} days"), days=days)


def _pages(asked: Asked, found: listing.Found, lang: Language) -> dict[str, str]:
    """Return the way to the pages before and after this one."""
    before = asked.href(page=found.page - 1) if found.page > 1 else ""
    after = asked.href(page=found.page + 1) if found.page < found.pages else ""
    text = lang.say(_("page {page} of {pages}"), page=found.page, pages=found.pages)
    return {"before": before, "after": after, "text": text if found.pages > 1 else ""}
