"""The pages of putting right: the list, and one with its story and its clocks."""

from __future__ import annotations

from typing import Any

from answerable.console import story as story_of
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.pages import Pages
from answerable.console.phrases import Phrases, Unseal
from answerable.console.righting import acts, listing, told
from answerable.console.righting.listing import HERE, Asked
from answerable.console.sanity import Refused
from answerable.console.session import Session
from answerable.dispatch import report_words as report
from answerable.followup import back_words as back
from answerable.followup import right_words as w
from answerable.followup.right_rules import ENDED
from answerable.followup.state import Right
from answerable.kernel.event import Event, Row

STORY_MAX = 200
EMPTY: dict[str, tuple[str, str]] = {
    listing.MINE: (_("Your desk answers for none."), _("Take one that is nobody's yet.")),
    listing.NOBODY: (_("Each one has an owner."), _("Look at what is near due.")),
    listing.NEAR: (_("Nothing is near its date."), _("Look at what is overdue, or at all.")),
    listing.OVERDUE: (_("Nothing is overdue."), _("Look at what is near due.")),
    listing.AGAIN: (_("Nobody is to be rung again."), _("Look at what is to be put right.")),
    listing.WATCH: (_("Nothing lies with oversight."), _("Look at all that is open.")),
    listing.ALL: (
        _("Nothing is being put right."),
        _("It begins by itself when a caller who is rung back is unhappy."),
    ),
}
BESIDE = (report.ReopeningAsked, report.ReopeningGranted, report.ReopeningDeclined)
"""What else of its incident belongs to its story."""


def number_of(incident: str, right: str) -> Refused:
    """Return that there is no such put right."""
    return Refused(
        404, "console.NoPutRight", "Not shown.", "There is no put right {right}.",
        "Look it up in the list, or on the thread of its incident.", right=right[:40],
        incident=incident[:40],
    )  # fmt: skip


class Righting:
    """Makes the pages."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.front: Front = pages.front

    def frame(self, session: Session, lang: Language, theme: str, here: str) -> dict[str, Any]:
        """Return what the frame of every page of putting right needs."""
        return self.pages.frame("put-right", session, lang, theme, here, f"put-right/{lang.tag}")

    # -- the list ----------------------------------------------------------------------------

    def listed(self, session: Session, lang: Language, theme: str, asked: Asked) -> str:
        """Return the list."""
        front, phrases, actor = self.front, self.front.phrases(lang.tag), session.actor
        frame = self.frame(session, lang, theme, asked.href())
        found, now_us = listing.found(front, actor, asked), front.now_us()
        nothing, instead = EMPTY[asked.which]
        return lang.render(
            "righting/list.html",
            **frame,
            asked=asked,
            rows=[told.row(front, phrases, n, r, due, now_us) for n, r, due in found.rows],
            lists=[
                {"href": asked.href(which=name, page=1), "label": lang(title),
                 "on": name == asked.which, "count": lang.number(found.counts.get(name, 0))}
                for name, title in listing.LISTS
            ],
            owners=self._owners(found.owners, asked, lang),
            pages=_paged(asked, found, lang),
            nothing=lang(nothing),
            instead=lang(instead),
            opens=front.hub.rooms.authority.may_do(actor.role, w.OpenPutRight.tag),
        )  # fmt: skip

    def _owners(
        self, counts: dict[str, int], asked: Asked, lang: Language
    ) -> list[tuple[str, str, str]]:
        """Return the owners that have something open, by name, each with how much."""
        named = [
            (key, told.owner(self.front, lang, key), lang.number(counts.get(key, 0)))
            for key in {*counts, asked.owner} - {""}
        ]
        return sorted(named, key=lambda one: lang.key(one[1]))

    # -- one ---------------------------------------------------------------------------------

    def one(self, session: Session, lang: Language, theme: str, name: str) -> str:
        """Return the page of one, also of one that has ended. Raises Refused (403, 404, 410)."""
        front, phrases = self.front, self.front.phrases(lang.tag)
        frame = self.frame(session, lang, theme, f"{HERE}/{name}")
        incident = name.rpartition("R")[0]
        with front.at_hand(incident):
            front.gate.check_reach(session.actor, incident)
            rows = self.rows(name)
            right = listing.rights(front).get(name) or _ended(front, rows)
            shown = self._shown(session, name, right, rows, phrases)
        return lang.render("righting/one.html", **frame, **shown)

    def rows(self, name: str) -> list[tuple[Row, Event]]:
        """Return the rows of one's story, in order, also of one ended. Raises Refused (404)."""
        rooms, call, incident = self.front.hub.rooms, "", name.rpartition("R")[0]
        found: list[tuple[Row, Event]] = []
        for row in self.front.hub.store.stream(f"incident:{incident}"):
            if row.kind.partition(".")[0] not in ("followup", "dispatch"):
                continue
            event = rooms.decode(row)
            if isinstance(event, w.RightEvent) and event.right == name:
                call = event.call if isinstance(event, w.PutRightOpened) else call
                found.append((row, event))
            elif isinstance(event, (back.CallBackAnswered, *BESIDE)):
                found.append((row, event))
        if not any(isinstance(event, w.RightEvent) for _row, event in found):
            raise number_of(incident, name)
        return [
            (row, event)
            for row, event in found
            if not isinstance(event, back.CallBackAnswered) or event.call == call
        ]

    def _shown(
        self, session: Session, name: str, right: Right, rows: list[tuple[Row, Event]],
        phrases: Phrases,
    ) -> dict[str, Any]:  # fmt: skip
        """Return what the page of one shows."""
        front, lang, actor = self.front, phrases.lang, session.actor
        now_us, incident = front.now_us(), right.incident
        unseal = front.gate.unseal_for(actor, incident, lang)
        read, over = front.gate.counts(actor, incident), right.state == ENDED
        running = [] if over else listing.dates(front, name, right)
        return {
            "r": told.row(front, phrases, name, right, None, now_us),
            "call": right.call,
            "running": [told.due(phrases, one, now_us) for one in running],
            "story": story_of.told(front, actor.role, rows[-STORY_MAX:], phrases, unseal),
            "reading": "recorded" if read else front.gate.shown(
                actor, incident, [row for row, _event in rows], lang).how,
            "number": self._number(right.call, unseal) if read and right.call and not over else "",
            "can": acts.possible(front, actor, right),
            "times": acts.times(front, actor) if running and running[0].clock else set(),
            "waiting": [
                (unit, phrases.moment(due_us, now_us), now_us > due_us)
                for unit, due_us in right.asked.items()
            ],
            "given": lang.join(right.given),
            "askable": [u for u in right.units if u not in (*right.asked, *right.given)
                        and u != right.owner],
            "suggested": acts.owners(front, lang, right),
            "whats": [(value, lang(title)) for value, title in told.WHATS.items()],
            "again": phrases.moment(right.again_us, now_us) if right.again_us > now_us else "",
            "missed": [(value, lang(title)) for value, title in told.MISSED.items()],
            "finds": [(value, lang(title)) for value, title in told.FOUND.items()],
            "days_max": acts.DAYS_MAX,
        }  # fmt: skip

    def _number(self, call: str, unseal: Unseal) -> str:
        """Return the number of a caller whose words somebody reads, "" where there is none."""
        for row in self.front.hub.store.stream(f"call:{call}"):
            if getattr(self.front.hub.rooms.decode(row), "number", ""):
                return unseal(row.position, "number") or ""
        return ""


def has_ended(right: str) -> Refused:
    """Return that there is nothing more to be done with one."""
    return Refused(
        409, "console.PutRightEnded", "Not done.", "{right} has ended.",
        "Read on its page how, or open another one for its incident.", right=right[:40],
    )  # fmt: skip


def _ended(front: Front, rows: list[tuple[Row, Event]]) -> Right:
    """Return one that has ended as far as its page shows it."""
    opened = next(event for _row, event in rows if isinstance(event, w.PutRightOpened))
    owned = [event.owner for _row, event in rows if isinstance(event, w.PutRightOwned)]
    given = [event.unit for _row, event in rows if isinstance(event, w.AccountGiven)]
    at_us = next(row.happened_at for row, event in rows if event is opened)
    return Right(
        opened.incident, opened.call, opened.reason, at_us, opened.due_us, opened.human_due_us,
        ENDED, owner=owned[-1] if owned else "", given=given,
    )  # fmt: skip


def _paged(asked: Asked, found: listing.Found, lang: Language) -> dict[str, str]:
    """Return the way to the pages before and after; nothing where there is one page."""
    if found.pages < 2:
        return {}
    text = lang.say(_("page {page} of {pages}"), page=found.page, pages=found.pages)
    before = asked.href(page=found.page - 1) if found.page > 1 else ""
    after = asked.href(page=found.page + 1) if found.page < found.pages else ""
    return {"text": text, "before": before, "after": after}
