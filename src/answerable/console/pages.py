"""The pages: read what the front knows, render a template. No ``if`` about the domain."""

from __future__ import annotations

import functools
from typing import Any

from answerable.console import board, sheets, thread
from answerable.console.admin import labels
from answerable.console.alerting import escalations
from answerable.console.api import may_open
from answerable.console.assets import Assets
from answerable.console.chart import fixed_places
from answerable.console.front import Front
from answerable.console.keep import shown as keeping
from answerable.console.language import Language, _, language, languages
from answerable.console.live import Live
from answerable.console.phrases import Phrases
from answerable.console.ringing import strip
from answerable.console.sanity import Refused
from answerable.console.session import Session
from answerable.console.tiles import Basemap
from answerable.dispatch.alert_words import AcknowledgeEscalation
from answerable.keeping.words import AcknowledgeAlarm

HOUR_US = 3_600_000_000
HOURS_MAX = 72


NAV = (
    ("board", "/board", _("Board")), ("calls", "/calls", _("Calls")),
    ("units", "/units", _("Units")), ("messages", "/messages", _("Messages")),
    ("standards", "/standards", _("Standards")), ("record", "/record", _("Record")),
    ("escalations", "/escalations", _("Escalations")), ("crew", "/crew", _("Your unit")),
)  # fmt: skip
AFTER = (
    ("reports", "/reports", _("Field reports")), ("call-backs", "/call-backs", _("Call-backs")),
    ("call-back-figures", "/call-backs/figures", _("What callers say")),
    ("put-right", "/put-right", _("Put right")), ("repeats", "/repeats", _("Repeat places")),
    ("problems", "/problems", _("Problems")), ("matters", "/matters", _("Tracked matters")),
    ("referrals", "/referrals", _("Referrals")), ("support", "/support", _("Specialist support")),
)  # fmt: skip
"""What comes after an incident is closed, in one group of the menu."""
ADMINISTRATION = ("accounts", "roles", "tokens", "town", "try", "adapters", "health")
"""The pages of the table of rights that stand under one entry, "Administration"."""
ROLES: dict[str, tuple[str, str]] = {
    "dispatcher": (_("Dispatcher"), _("sends units, keeps the clocks, closes incidents")),
    "call_taker": (_("Call-taker"), _("answers calls, opens incidents, takes notes")),
    "supervisor": (_("Supervisor"), _("does the same, and corrects times")),
    "call_back": (_("Call-back staff"), _("rings callers back, and records what they say")),
    "oversight": (_("Oversight"), _("looks into what a caller is still unhappy about")),
    "crew": (_("Crew"), _("sees its own job on a phone, and reports each step")),
    "administrator": (_("Administrator"), _("opens accounts, looks after the town's files")),
}
"""The desks a demonstration offers, the most useful first."""
GENERAL_KEYS = (
    ("/", _("command line")), ("c", _("claim the call that rings (F2 while writing)")),
    ("g b", _("board")), ("g c", _("calls")), ("g u", _("units")), ("g s", _("standards")),
    ("g r", _("record")), ("g h", _("hand-over")), ("d", _("day or night")),
    ("Esc", _("leave a field")),
    ("Ctrl Z", _("take back what this desk did last")), ("?", _("these keys")),
)  # fmt: skip
PAGE_KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    "board": (("j", _("next call")), ("k", _("call before")), ("Enter", _("open it")),
              ("o", _("take a call")), ("0", _("whole town on the map")),
              ("m", _("to the map and back"))),
    "calls": (("j k", _("next call, call before")), ("v", _("number and texts")),
              ("Enter", _("take it"))),
    "call-backs": (
        ("j k", _("next caller, caller before")), ("Enter", _("open the next, ring")),
        ("1 – 5", _("answer the question that is asked")), ("Backspace", _("take an answer back")),
        ("n y x w f", _("not reached: as its button says")), ("t", _("to be looked into")),
        ("l", _("leave it to the next")), ("m", _("next caller")), ("q", _("back to the queue")),
        ("Ctrl Enter", _("record the answers")),
    ),
    "repeats": (("j k", _("next place, place before")), ("Enter", _("why; or close it again")),
                ("m", _("to the map and back"))),
    "incident": (("n", _("write a note")), ("b", _("back to the board")), ("f", _("refer it")),
                 ("s", _("ask for support"))),
    "support": (("j k", _("next request, request before")), ("Enter", _("open it")),
                ("n", _("ask for support")), ("q", _("back"))),
    "matters": (("j k", _("next matter, matter before")), ("Enter", _("open it")),
                ("n", _("open a matter"))),
    "referrals": (("j k", _("next referral, referral before")),
                  ("Enter", _("open it, or refer it")), ("q", _("back")),
                  ("l", _("a link for the agency")), ("s", _("send it again")),
                  ("f", _("refer it elsewhere"))),
    "open-call": (
        ("Enter", _("take the proposal, go on, record, send")), ("Alt 1", _("answer by a digit")),
        ("Alt I", _("an instruction was read out")), ("Alt C", _("next call")),
        ("Alt A", _("the call is about the incident nearby")), ("Alt U", _("undo that")),
        ("Ctrl Enter", _("record, from anywhere")),
    ),
}  # fmt: skip
DEMO_KEYS = (("p", _("pause, or go on")), ("+ −", _("faster, slower")))


def holds(front: Front) -> str:
    """Return the strongest word that holds for everything up to the latest change."""
    if front.witnessed >= front.recorded:
        return "witnessed"
    return "sealed" if front.sealed >= front.recorded else "recorded"


class Pages:
    """Makes every page. One per process."""

    def __init__(
        self, front: Front, live: Live, static: Assets, town: Assets, basemap: Basemap | None = None
    ) -> None:
        self.front = front
        self.basemap = basemap
        self.live = live
        self.static = static
        self.town = town
        for tag in languages():
            language(tag).environment.globals["static"] = static.url
            language(tag).environment.globals["town_drawing"] = town.url("streets.svg")

    # -- the frame ---------------------------------------------------------------------------

    def frame(
        self, page: str, session: Session, lang: Language, theme: str, here: str, channel: str
    ) -> dict[str, Any]:
        """Return what the frame of every page needs. ``channel`` is the page's live stream."""
        front = self.front
        may_open(front, session, page)
        self._watch(channel)
        role = session.actor.role
        rights = front.hub.rooms.authority
        demo = front.demo is not None and rights.may_open(role, "demo")
        keys = (*PAGE_KEYS.get(page, ()), *(DEMO_KEYS if demo else ()), *GENERAL_KEYS)
        return {
            "page": "board" if page == "incident" else page,
            "theme": theme,
            "beat": self.beat(lang),
            "alarms": keeping.count(front) if rights.may_do(role, AcknowledgeAlarm.tag) else None,
            "told": escalations.count(front)
            if rights.may_do(role, AcknowledgeEscalation.tag) else None,
            "zone": {
                "name": front.town.zone.key, "short": self._phrases(lang).zone(front.now_us()),
            },
            "nav": self.nav(role, lang),
            "after": (after := self.after(role, lang)),
            "after_names": [name for name, _href, _label in after],
            "invented": front.made_up,
            "town_name": front.town.file.title.of(lang.tag),
            "demo": demo,
            "made_up": front.demo is not None and front.demo.made_up,
            "demo_hours": self.hours(lang) if demo else [],
            "other_langs": front.other_languages(lang.tag, here),
            "role_label": labels.role(lang, role),
            "roles": self.other_desks(session, lang),
            "token": session.token,
            "account": session.account,
            "desk": session.desk,
            "who": session.account or session.actor.name,
            "here": here,
            "keys": [(key, lang(does)) for key, does in keys],
            "live": f"/live/{channel}?after={front.recorded}",
            "position": front.recorded,
            "bar": rights.may_open(role, "incident"),
            "hint": "", "hint_kind": "", "incident_id": "", "strip": self.strip(session, lang),
        }  # fmt: skip

    def strip(self, session: Session, lang: Language) -> dict[str, Any] | None:
        """Return the calls that ring, for whoever may answer one; None for anybody else."""
        if not strip.may_answer(self.front, session.actor):
            return None
        shown = strip.of(self.front)
        more = lang.say(_("and {more} more"), more=shown["more"])
        own = {"by": session.actor.name, "desk": session.desk, "amber_s": strip.AMBER_S}
        return {**shown, **own, "more_words": more}

    def nav(self, role: str, lang: Language) -> list[tuple[str, str, str]]:
        """Return the pages a role is given; administration where it is given any page of it."""
        rights = self.front.hub.rooms.authority
        given = [(n, href, lang(t)) for n, href, t in NAV if rights.may_open(role, n)]
        if any(rights.may_open(role, name) for name in ADMINISTRATION):
            given.append(("admin", "/admin", lang(_("Administration"))))
        return given

    def after(self, role: str, lang: Language) -> list[tuple[str, str, str]]:
        """Return the pages of what comes after an incident is closed that a role is given."""
        rights = self.front.hub.rooms.authority
        return [(n, href, lang(t)) for n, href, t in AFTER if rights.may_open(role, n)]

    def _watch(self, channel: str) -> None:
        """Start keeping changes now, so that none falls between the page and its stream.

        What still waits is sent first: a part that is the same as it was last sent is left out, so
        the page must begin where the stream stands.
        """
        self.front.channels.open(channel)
        self.front.settle(channel)

    def _phrases(self, lang: Language) -> Phrases:
        return self.front.phrases(lang.tag)

    def beat(self, lang: Language) -> dict[str, Any]:
        """Return the time and its speed as the frame shows them."""
        front, phrases, now_us = self.front, self._phrases(lang), self.front.now_us()
        return {
            "now_ms": now_us // 1000,
            "speed": front.speed,
            "date": phrases.day(now_us),
            "time": phrases.clock(now_us),
            "recorded": lang.number(front.recorded),
            "holds": holds(front),
            "paused": bool(front.demo and front.demo.paused),
            "chosen": f"{front.demo.speed:g}" if front.demo else "1",
        }

    def other_desks(self, session: Session, lang: Language) -> list[tuple[str, str]]:
        """Return the desks of a demonstration one may change to."""
        if self.front.demo is None:
            return []
        here = session.actor.role
        return [(name, lang(label)) for name, (label, _d) in ROLES.items() if name != here]

    def hours(self, lang: Language) -> list[tuple[str, str]]:
        """Return the whole hours a demonstration can still leap to."""
        demo, town, phrases = self.front.demo, self.front.town, self._phrases(lang)
        assert demo is not None
        first = self.front.now_us() // HOUR_US + 1
        last = demo.end_us // HOUR_US
        made, day = [], ""
        for hour in range(first, min(last, first + HOURS_MAX) + 1):
            at_us = hour * HOUR_US
            today = phrases.day(at_us)
            prefix = f"{today}, " if today != day else ""
            day = today
            made.append((str(at_us), f"{prefix}{town.local(at_us):%H:%M}"))
        return made

    # -- pages -------------------------------------------------------------------------------

    def board(self, session: Session, lang: Language, theme: str) -> str:
        """Return the board."""
        front, phrases = self.front, self._phrases(lang)
        frame = self.frame("board", session, lang, theme, "/board", f"board/{lang.tag}")
        rows = board.rows(front, phrases)
        acts = front.acts(session.actor.role, lang.tag)
        return lang.render(
            "board.html",
            **frame,
            rows=rows,
            open_count=len(rows),
            ringing=board.ringing(front),
            last_closed=board.last_closed(front, phrases),
            calls=board.calls(front, phrases),
            groups=board.groups(front, phrases),
            # that of the row that is chosen first: nothing moves when it comes
            advice=board.advice(front, rows[0]["id"], acts, phrases) if rows else None,
            map=self.map_files(),
            attribution=" · ".join(front.town.file.attribution),
            takes=front.hub.rooms.authority.may_open(session.actor.role, "open-call"),
        )

    def map_files(self) -> dict[str, str]:
        """Return the addresses of what the map is drawn from; no tiles: the streets alone."""
        tiles = self.basemap.url if self.basemap else ""
        town = self.town
        return {"town": town.url("map.json"), "streets": town.url("streets.json"), "tiles": tiles}

    def advice(self, session: Session, lang: Language, incident: str) -> str:
        """Return the recommendation for one incident, for the board."""
        may_open(self.front, session, "board")
        acts = self.front.acts(session.actor.role, lang.tag)
        found = board.advice(self.front, incident, acts, self._phrases(lang))
        closed = incident in self.front.board.closed
        return lang.render("parts/advice.html", advice=found, closed=closed, token=session.token)

    def incident(self, session: Session, lang: Language, theme: str, incident: str) -> str:
        """Return one incident. Raises Refused (404; 403 or 410 where it is out of reach)."""
        with self.front.at_hand(incident):
            return self._incident(session, lang, theme, incident)

    async def enter(self, session: Session, incident: str) -> None:
        """Have the gate record a reading where the page of an incident being worked is opened."""
        line = thread.line_of(self.front, incident)
        if line is not None:
            found = functools.partial(thread.rows_of, self.front, line)
            await self.front.gate.enter(session.actor, incident, found)

    def asks_archive(self, session: Session, incident: str) -> bool:
        """Say whether an incident is archived and the asker may open it by stating a purpose."""
        with self.front.at_hand(incident):
            return self.front.gate.asks_archive(session.actor, incident)

    def _incident(self, session: Session, lang: Language, theme: str, incident: str) -> str:
        front, phrases, role = self.front, self._phrases(lang), session.actor.role
        line = thread.line_of(front, incident)
        if line is None:
            raise Refused(
                404, "console.NoIncident", "Not shown.", "There is no incident {incident}.",
                "Check the number, or look it up on the board.", incident=incident[:40],
            )  # fmt: skip
        gate, actor = front.gate, session.actor
        gate.check_reach(actor, incident)
        reading = gate.shown(actor, incident, thread.rows_of(front, line), lang)
        unseal = gate.unseal_for(actor, incident, lang)
        channel = f"incident/{incident}/{lang.tag}/{role}"
        here = f"/incidents/{incident}"
        frame = self.frame("incident", session, lang, theme, here, channel)
        frame["incident_id"] = incident
        return lang.render(
            "incident.html",
            **frame,
            i=thread.head(front, line, phrases),
            clocks=thread.clocks(front, line, phrases),
            entries=thread.entries(front, line, phrases, role, unseal),
            reading=reading,
            **thread.side(front, line, phrases, role),
        )

    def units(self, session: Session, lang: Language, theme: str) -> str:
        """Return the units."""
        frame = self.frame("units", session, lang, theme, "/units", f"units/{lang.tag}")
        groups = sheets.unit_groups(self.front, self._phrases(lang))
        places = fixed_places(self.front.centre.places, lang)
        return lang.render("units.html", **frame, groups=groups, places=places)

    def standards(self, session: Session, lang: Language, theme: str) -> str:
        """Return the standards."""
        frame = self.frame("standards", session, lang, theme, "/standards", f"standards/{lang.tag}")
        phrases = self._phrases(lang)
        return lang.render(
            "standards.html",
            **frame,
            running=sheets.running(self.front, phrases),
            running_count=self.front.clocks.count(),
            standards=sheets.standards(self.front, phrases),
        )

    def record(self, session: Session, lang: Language, theme: str) -> str:
        """Return the record."""
        role = session.actor.role
        channel = f"record/{lang.tag}/{role}"
        frame = self.frame("record", session, lang, theme, "/record", channel)
        phrases = self._phrases(lang)
        return lang.render(
            "record.html",
            **frame,
            promises=sheets.promises(self.front, phrases),
            head=sheets.record_head(self.front, phrases),
            tail=sheets.tail(self.front, phrases, role),
        )

    # -- the door ----------------------------------------------------------------------------

    def door(self, lang: Language, theme: str, back: str) -> str:
        """Return the page for whoever is not signed in."""
        front, phrases = self.front, self._phrases(lang)
        demo = front.demo
        roles = [(n, lang(t), lang(d)) for n, (t, d) in ROLES.items()] if demo else []
        first, last = (demo.begin_us, demo.end_us) if demo else (front.now_us(), front.now_us())
        return lang.render(
            "signin.html",
            theme=theme,
            made_up=demo is not None and demo.made_up,
            roles=roles,
            town_name=front.town.file.title.of(lang.tag),
            first=phrases.day(first),
            last=phrases.day(last),
            back=back,
            attribution=" · ".join(front.town.file.attribution),
            other_langs=front.other_languages(lang.tag, "/"),
        )

    def trouble(self, lang: Language, theme: str, parts: tuple[str, str, str]) -> str:
        """Return a page that says what was not done, why, and what to do."""
        not_done, because, instead = parts
        return lang.render(
            "trouble.html", theme=theme, what=not_done, because=because, instead=instead
        )
