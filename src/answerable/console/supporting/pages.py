"""The pages of specialist support: the list, one with its steps drawn, the form that asks."""

from __future__ import annotations

from typing import Any

from answerable.console import story as story_of
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.pages import Pages
from answerable.console.phrases import Phrases
from answerable.console.sanity import Refused, new_key
from answerable.console.session import Session
from answerable.console.supporting import acts, listing, timeline, told
from answerable.console.supporting.listing import HERE
from answerable.kernel.event import Event, Row
from answerable.matters import support_words as w
from answerable.matters.support_state import Request

PAGE = "support"
ASK, RECORDED = "ask", "recorded"
TEXT_MAX = 4000
NAME_MAX = 64
EMPTY: dict[str, tuple[str, str]] = {
    listing.ALL: (
        _("No request for support is open."),
        _("Ask for it on the page of an incident, or with n here."),
    ),
    listing.SIGN: (_("Nothing waits for your signature."), _("Look at all that is open.")),
    listing.LATE: (_("Nothing is late."), _("Look at all that is open.")),
    listing.ENDED: (_("Nothing has ended in the last 30 days."), _("Look at all that is open.")),
}
NONE_THERE = (_("None waits for this step."), _("Look at all that is open."))


class Supporting:
    """Makes the pages."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.front: Front = pages.front

    def frame(self, session: Session, lang: Language, theme: str, here: str) -> dict[str, Any]:
        """Return what the frame of every page of support needs."""
        return self.pages.frame(PAGE, session, lang, theme, here, f"{PAGE}/{lang.tag}")

    # -- the list ----------------------------------------------------------------------------

    def listed(self, session: Session, lang: Language, theme: str, which: str) -> str:
        """Return the list."""
        front, phrases, actor = self.front, self.front.phrases(lang.tag), session.actor
        frame = self.frame(session, lang, theme, f"{HERE}?list={which}")
        found, now_us = listing.found(front, actor, which), front.now_us()
        nothing, instead = EMPTY.get(which, NONE_THERE)
        return lang.render(
            "supporting/list.html",
            **frame,
            which=which,
            rows=[told.row(front, phrases, *one, now_us) for one in found.rows],
            lists=[
                {"href": f"{HERE}?list={name}", "label": lang(title), "on": name == which,
                 "count": lang.number(found.counts.get(name, 0))}
                for name, title in self._lists(actor.role)
            ],
            signs=found.counts.get(listing.SIGN, 0),
            sign_href=f"{HERE}?list={listing.SIGN}",
            nothing=lang(nothing),
            instead=lang(instead),
            asks=self.may_ask(session),
            example=any(one.example for one in front.town.supporting.agencies),
        )  # fmt: skip

    def _lists(self, role: str) -> list[tuple[str, str]]:
        """Return the lists for a role: what is for a signature only to whoever may sign."""
        signs = self.front.hub.rooms.authority.may_do(role, w.ApproveSupport.tag)
        return [one for one in listing.LISTS if signs or one[0] != listing.SIGN]

    def may_ask(self, session: Session) -> bool:
        """Say whether somebody may ask for support here at all."""
        may = self.front.hub.rooms.authority.may_do(session.actor.role, w.AskSupport.tag)
        return may and bool(self.front.town.supporting.kinds)

    # -- asking ------------------------------------------------------------------------------

    def new(self, session: Session, lang: Language, theme: str, query: dict[str, str]) -> str:
        """Return the form that asks for support."""
        front, phrases, actor = self.front, self.front.phrases(lang.tag), session.actor
        frame = self.frame(session, lang, theme, f"{HERE}/new")
        incident = query.get("incident", "")[:NAME_MAX]
        bound = front.hub.rooms.authority.bound_to_unit(actor.role)
        jobs = listing.support(front).jobs
        units = [actor.unit] if bound else [u for u, on in jobs.items() if incident in on]
        return lang.render(
            "supporting/new.html",
            **frame,
            incident=incident or (next(iter(jobs.get(actor.unit, ())), "") if bound else ""),
            units=sorted(filter(None, units), key=lang.key),
            every=sorted(front.board.units, key=lang.key) if not bound else [],
            kinds=acts.kinds(front, phrases),
            may=self.may_ask(session),
            text_max=TEXT_MAX,
        )

    # -- one ---------------------------------------------------------------------------------

    async def enter(self, session: Session, number: str) -> None:
        """Have a reading recorded where the request's incident is being worked, or it is theirs.

        Raises Refused (403, 404, 410, 503).
        """
        rows = self.story(session, number)
        if self._own(session, number, rows) == ASK:
            await self.front.gate.read_first(
                w.ReadSupport(key=new_key("read"), support=number), session.actor
            )
            return
        incident = rows[0][1].incident
        await self.front.gate.enter(session.actor, incident, lambda: [row for row, _e in rows])

    def _own(self, session: Session, number: str, rows: timeline.Rows) -> str:
        """Return how the words stand for whoever gives this request and sees no other sealed word.

        ``ASK``: they are read once that is recorded; ``RECORDED``: it is, and counts; "": neither.
        """
        front, actor = self.front, session.actor
        known = listing.support(front).open.get(number)
        if known is None or not acts.may_read(front, actor, known):
            return ""
        if not front.gate.sealed_in([row for row, _event in rows]):
            return ""
        return RECORDED if known.reads.get(actor.name, 0) > front.now_us() else ASK

    def story(self, session: Session, number: str) -> timeline.Rows:
        """Return the rows of a request somebody may look at. Raises Refused (403, 404, 410)."""
        front, incident = self.front, number.rpartition("S")[0]
        with front.at_hand(incident):
            rows = timeline.of_request(self._events(incident), number) if incident else []
            if not rows:
                raise listing.no_such(number)
            front.gate.check_reach(session.actor, incident)
        if not listing.may_look(front, session.actor, timeline.story_of(rows).request):
            raise Refused(
                403, "console.NotYourSupport", "Not shown: support {support}.",
                "Another unit asked for it, and another gives it.",
                "Ask a dispatcher, who sees all of them.", support=number[:40],
            )  # fmt: skip
        return rows

    def _events(self, incident: str) -> list[tuple[Row, Event]]:
        decode = self.front.hub.rooms.decode
        stream = self.front.hub.store.stream(f"incident:{incident}")
        return [(row, decode(row)) for row in stream if row.kind.startswith("matters.")]

    def one(self, session: Session, lang: Language, theme: str, number: str) -> str:
        """Return the page of one, also of one that ended. Raises Refused (403, 404, 410)."""
        frame = self.frame(session, lang, theme, listing.href(number))
        rows = self.story(session, number)
        with self.front.at_hand(rows[0][1].incident):
            shown = self._shown(session, number, rows, self.front.phrases(lang.tag))
        return lang.render("supporting/one.html", **frame, **shown)

    def _shown(
        self, session: Session, number: str, rows: timeline.Rows, phrases: Phrases
    ) -> dict[str, Any]:
        """Return what the page of one shows."""
        front, lang, actor = self.front, phrases.lang, session.actor
        now_us, story = front.now_us(), timeline.story_of(rows)
        known: Request = listing.support(front).open.get(number, story.request)
        own = self._own(session, number, rows)
        until_us = known.reads.get(actor.name, 0) if own == RECORDED else 0
        opening = front.gate.unseal_matter(until_us, lang)
        unseal = opening or front.gate.unseal_for(actor, known.incident, lang)
        return {
            "r": told.row(front, phrases, number, known, now_us),
            "steps": timeline.drawn(story, phrases, now_us),
            "story": story_of.told(
                front, actor.role, rows, phrases, unseal, own=opening is not None
            ),
            "own": own,
            "reading": front.gate.shown(actor, known.incident, [row for row, _e in rows], lang),
            "can": acts.possible(front, actor, known),
            "signers": acts.who_signs(front, lang, known.grade) if known.grade else "",
            "helpers": told.helpers(front, phrases, known),
            "results": [(value, lang(title)) for value, title in told.RESULTS.items()],
            "whys": [(value, lang(title)) for value, title in told.WHYS.items()],
            "text_max": TEXT_MAX,
        }
