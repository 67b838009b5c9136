"""The hand-over page: what changed, what runs out, what to know of, what is told, who signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from answerable.console.front import Front
from answerable.console.handing import changes, soon
from answerable.console.language import Language, _
from answerable.console.pages import Pages
from answerable.console.phrases import Phrases
from answerable.console.session import Session
from answerable.handover import words as w
from answerable.handover.state import Seat, State
from answerable.handover.views import offered, seat_of, words_at

HERE = "/hand-over"
POSITION_MAX = 10**15


@dataclass(frozen=True)
class Asked:
    """What the address asks for: sorts of changes, from where, up to where."""

    what: str = ""
    since: int | None = None
    before: int = 0

    def href(self, **other: str | int) -> str:
        """Return the address of this page with something else asked for."""
        parts = {"what": self.what, "since": self.since, "before": self.before, **other}
        told = urlencode({name: value for name, value in parts.items() if value not in ("", None)})
        return f"{HERE}?{told.removesuffix('&before=0').removesuffix('before=0')}".rstrip("?&")


def asked_of(query: dict[str, str]) -> Asked:
    """Return what an address asks for; what makes no sense is as if it were not there."""
    what = query.get("what", "")
    since, before = (_number(query.get(name, "")) for name in ("since", "before"))
    known = {name for name, _title in changes.WHATS}
    return Asked(what if what in known else "", since, before or 0)


def _number(text: str) -> int | None:
    fits = text.isdecimal() and text.isascii() and len(text) < 16
    return min(int(text), POSITION_MAX) if fits else None


class HandOver:
    """Makes the page."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.front: Front = pages.front

    @property
    def state(self) -> State:
        """The desks as the record has them."""
        state: State = self.front.hub.state["handover"]
        return state

    def page(
        self, session: Session, lang: Language, theme: str, asked: Asked,
        sign: dict[str, Any] | None = None,
    ) -> str:  # fmt: skip
        """Return the page. ``sign`` is what the form of the second signature has to say."""
        front, phrases = self.front, self.front.phrases(lang.tag)
        frame = self.pages.frame(
            "hand-over", session, lang, theme, asked.href(), f"hand-over/{lang.tag}"
        )
        seat = seat_of(self.state, session.desk, session.actor.name)
        since = self.since(session, seat) if asked.since is None else asked.since
        found = changes.found(front, since, asked.before, asked.what)
        return lang.render(
            "handing/page.html",
            **frame,
            since=self._since(session, seat, asked, phrases),
            asked=asked,
            changes=lang.number(found.changes),
            counted=found.changes,
            matters=changes.told(front, found.matters, phrases, session.actor.role),
            filters=self._filters(asked, found.counts, lang),
            earlier=asked.href(before=found.before) if found.before else "",
            soon=soon.soon(front, phrases),
            booked=soon.booked(front, phrases),
            note=soon.of_note(front, phrases),
            desks=self.desks(session, seat, lang, phrases),
            sign={"ticket": "", "name": "", "refusal": None} | (sign or {}),
        )

    def since(self, session: Session, seat: Seat | None) -> int:
        """Return the position since which a person has been here."""
        return seat.position if seat else session.since

    def _since(
        self, session: Session, seat: Seat | None, asked: Asked, phrases: Phrases
    ) -> dict[str, Any]:
        """Return since when, as the page says it."""
        if asked.since is not None:
            number = phrases.lang.number(asked.since)
            return {"words": phrases.lang.say(_("since position {position}"), position=number)}
        if seat is not None:
            at = f"{phrases.day(seat.since_us)} {phrases.clock(seat.since_us)}"
            return {"words": phrases.lang.say(_("since you sat down, {time}"), time=at)}
        return {
            "words": phrases.lang(_("since you signed in; you have not said that you sit here"))
        }

    def _filters(
        self, asked: Asked, counts: dict[str, int], lang: Language
    ) -> list[dict[str, Any]]:
        whole = {"href": asked.href(what="", before=0), "label": lang(_("All")),
                 "count": lang.number(sum(counts.values())), "on": not asked.what}  # fmt: skip
        return [
            whole,
            *(
                {"href": asked.href(what=name, before=0), "label": lang(title),
                 "count": lang.number(counts[name]), "on": asked.what == name}
                for name, title in changes.WHATS
            ),
        ]  # fmt: skip

    # -- desks -------------------------------------------------------------------------------

    def desks(
        self, session: Session, seat: Seat | None, lang: Language, phrases: Phrases
    ) -> dict[str, Any]:
        """Return one's own desk, those that wait to be taken over, and those in use."""
        front, actor = self.front, session.actor
        mine = self.state.seat(session.desk)
        rights = front.hub.rooms.authority
        own_offer = bool(mine.handover) and mine.offered_by == actor.name
        return {
            "name": session.desk,
            "sits": seat is not None,
            "free": not mine.state or mine.state == "empty",
            "busy": bool(mine.by) and seat is None,
            "offer": self._offer(session, session.desk, mine, lang, phrases) if own_offer else None,
            "told": self._told(session, seat, lang),
            "others": [
                self._offer(session, desk, one, lang, phrases)
                for desk, one in offered(self.state).items()
                if one.offered_by != actor.name
            ],
            "frees": rights.may_do(actor.role, w.FreeDesk.tag),
            "in_use": [
                {"desk": desk, "state": lang(one.state), "since": phrases.clock(one.since_us)}
                for desk, one in sorted(self.state.desks.items(), key=lambda d: lang.key(d[0]))
                if desk != session.desk
            ],
            "signs": front.demo is None,
        }

    def _offer(
        self, session: Session, desk: str, seat: Seat, lang: Language, phrases: Phrases
    ) -> dict[str, Any]:
        read_at = words_at(seat, session.actor.name)
        return {
            "desk": desk,
            "handover": seat.handover,
            "at": f"{phrases.day(seat.offered_us)} {phrases.clock(seat.offered_us)}",
            "read": bool(read_at),
            "words": self.front.gate.told_next(session.actor, read_at, lang),
        }

    def _told(self, session: Session, seat: Seat | None, lang: Language) -> str:
        """Return what was left for whoever sits here now."""
        at = seat.told_at if seat else 0
        return self.front.gate.told_next(session.actor, at, lang)
