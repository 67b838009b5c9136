"""What Enter does: the commands of a line, each under a key of its own, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from litestar import Response

from answerable.console import api, undoing
from answerable.console.bar.asking import Body, opens_a_call
from answerable.console.bar.parts import ALL, FIRST
from answerable.console.bar.reading import LINE_MAX, Reading
from answerable.console.bar.service import Bar
from answerable.console.bar.telling import Preview
from answerable.console.forms import FAULT, Forms
from answerable.console.language import Language, _
from answerable.console.phrases import Phrases, may_see
from answerable.console.reading import masked
from answerable.console.sanity import new_key
from answerable.console.session import Session
from answerable.handover.words import TakeHandOver
from answerable.intake import words as intake
from answerable.kernel.event import Recorded
from answerable.kernel.hub import Accepted, Outcome
from answerable.kernel.hub import Refused as HubRefused

Form = dict[str, str]
CHANGED = _(
    "Not done. What it would do has changed since it was shown. Look, and press Enter again."
)
LOOK = _("Look at what it would do, then press Enter again.")
CHOOSE = _("Choose one with the arrow keys.")


class Enter:
    """Does what lines ask for."""

    def __init__(self, bar: Bar, forms: Forms) -> None:
        self.bar, self.forms, self.front = bar, forms, bar.front

    async def line(self, session: Session, lang: Language, form: Form) -> Response[Any]:
        """Do what a line asks for. Raises Refused (400, 403, 503)."""
        phrases = self.front.phrases(lang.tag)
        key = form.get("key", "") or new_key()
        if again := self._again(session, phrases, key):
            return self._hint(lang, "done", again, 201)
        text = form.get("line", "")[:LINE_MAX]
        reading, spot = await self.bar.read(session, phrases, text, form.get("incident", ""))
        told = self.bar.told(session, phrases, reading, spot)
        if reading.verb is not None and reading.verb.lead:
            return await self._lead(session, lang, reading, form, key)
        if not told.bodies:
            return self._hint(lang, told.kind if told.kind == "no" else "", told.said)
        if stopped := self._unseen(lang, reading, told, form.get("seen", "")):
            return stopped
        return await self._done(session, phrases, reading, told, key)

    def _again(self, session: Session, phrases: Phrases, key: str) -> str:
        """Return what a line that comes a second time had recorded; "" for a new one (B14)."""
        for name in (key, f"{key}.b", f"{key}.1"):
            rows = self.front.hub.store.with_key(name)
            if rows and rows[0].actor == session.actor.name:
                done = [Recorded(row, self.front.hub.rooms.decode(row)) for row in rows]
                return f"✓ {self._said(session, phrases, done)}"
        return ""

    def _unseen(
        self, lang: Language, reading: Reading, told: Preview, seen: str
    ) -> Response[Any] | None:
        """Stop a line that would do something else than was shown, or was not shown and must be."""
        if seen and seen != told.seen:
            return self._hint(lang, "no", lang(CHANGED), 409)
        if not seen and derived(reading):
            return self._hint(lang, "", f"{lang(LOOK)} {told.said}")
        return None

    async def _done(
        self, session: Session, phrases: Phrases, reading: Reading, told: Preview, key: str
    ) -> Response[Any]:
        """Ask for each command and tell what came of it."""
        several = len(told.bodies) > 1
        said, statuses, done, goes = [], [], 0, ""
        for number, body in enumerate(told.bodies, 1):
            own = f"{key}.{number}" if several else key
            outcome = await self._ask(session, phrases.lang, body, own)
            statuses.append(api.status_of(outcome))
            said.append(self._outcome(session, phrases, outcome))
            if isinstance(outcome, Accepted):
                done += 1 + opens_a_call(body)
                goes = goes or self._goes(body, outcome.recorded)
                if body["type"] == TakeHandOver.tag:
                    session.desk = body["desk"]
        self.forms.deeds.join(session, done)
        good = statuses.count(201)
        kind = "done" if good == len(statuses) else "part" if good else "no"
        sign = "✓ " if kind == "done" else ""
        status = 201 if good else max(statuses)
        if goes:
            return Response(b"", status_code=201, headers={"hx-redirect": goes})
        return self._hint(phrases.lang, kind, sign + " ".join(said), status, reading.kept)

    async def _ask(self, session: Session, lang: Language, body: Body, key: str) -> Outcome:
        """Have one command done; an incident opened by hand has its call answered first."""
        if not opens_a_call(body):
            return await self.forms.ask(session, {**body, "key": key}, lang)
        self.forms.readable({**body, "key": key, "call": "C"}, lang)
        answered = await self.forms.ask(
            session,
            {"type": intake.AnswerCall.tag, "key": f"{key}.a", "desk": session.desk},
            lang,
        )
        if not isinstance(answered, Accepted):
            return answered
        call = next(
            one.event.call for one in answered.recorded
            if isinstance(one.event, intake.CallAnswered)
        )  # fmt: skip
        return await self.forms.ask(session, {**body, "call": call, "key": f"{key}.b"}, lang)

    def _goes(self, body: Body, recorded: Sequence[Recorded]) -> str:
        """Return the page that what was done leads to: a new incident's, a claimed call's form."""
        if body["type"] == intake.AnswerCall.tag:
            return f"/take?call={quote(body['call'], safe='')}"
        if body["type"] != intake.OpenIncident.tag:
            return ""
        opened = (one.event for one in recorded if isinstance(one.event, intake.IncidentOpened))
        return next((f"/incidents/{event.incident}" for event in opened), "")

    # -- in words ----------------------------------------------------------------------------

    def _outcome(self, session: Session, phrases: Phrases, outcome: Outcome) -> str:
        if isinstance(outcome, Accepted):
            return self._said(session, phrases, outcome.recorded)
        if isinstance(outcome, HubRefused):
            return " ".join(phrases.refusal(outcome.refusal).values())
        return " ".join(FAULT.said(phrases.lang))

    def _said(self, session: Session, phrases: Phrases, recorded: Sequence[Recorded]) -> str:
        """Return what was recorded as a sentence, with its incident."""
        if not recorded:
            return phrases.lang(_("Nothing was recorded."))
        rights = may_see(self.front.hub.rooms.authority, session.actor.role)
        own = [one for one in recorded if one.row.actor == session.actor.name] or list(recorded)
        said = [phrases.event(one.event, one.row, rights, masked) for one in own[:3]]
        incident = getattr(own[0].event, "incident", "")
        whole = " ".join(said)
        return f"{incident} · {whole}" if incident else whole

    def _hint(
        self, lang: Language, kind: str, text: str, status: int = 200, keep: str = ""
    ) -> Response[Any]:
        html = lang.render("parts/hint.html", hint=text, hint_kind=kind, hint_keep=keep)
        return Response(html, status_code=status, media_type="text/html")

    # -- lines that only lead somewhere ------------------------------------------------------

    async def _lead(
        self, session: Session, lang: Language, reading: Reading, form: Form, key: str
    ) -> Response[Any]:
        verb = reading.verb
        assert verb is not None, "a line that leads somewhere has a verb"
        if reading.wrong:
            return self._hint(lang, "no", lang.say(reading.wrong, **reading.values))
        if (to := self._address(reading, form)) is not None:
            return Response(b"", headers={"hx-redirect": to})
        if verb.lead == "theme" and (look := reading.one("look")):
            html = lang.render("parts/hint.html", hint="", hint_kind="", hint_look=look)
            return Response(html, media_type="text/html")
        if verb.lead == "find":
            return await self._found(session, lang, reading)
        if verb.lead == "undo":
            return await self._undo(session, lang, form.get("seen", ""), key)
        return self._hint(lang, "", lang(verb.does))

    async def _undo(self, session: Session, lang: Language, seen: str, key: str) -> Response[Any]:
        """Take back what was shown, and nothing else. Raises Refused (400, 503)."""
        phrases = self.front.phrases(lang.tag)
        reading, spot = await self.bar.read(session, phrases, "/undo", "")
        told = self.bar.told(session, phrases, reading, spot)
        if told.kind != "ready":
            return self._hint(lang, "no", told.said, 409)
        if not seen:
            return self._hint(lang, "", f"{lang(LOOK)} {told.said}")
        if seen != told.seen:
            return self._hint(lang, "no", lang(CHANGED), 409)
        status, said = await undoing.take_back(self.forms, session, lang, key, int(seen))
        return self._hint(lang, "done" if status == 201 else "no", said, status)

    def _address(self, reading: Reading, form: Form) -> str | None:
        """Return the address a line leads to, None where it leads to none."""
        verb = reading.verb
        if verb is None or verb.lead not in ("go", "lang"):
            return None
        if incident := reading.one("incident"):
            return f"/incidents/{quote(incident, safe='')}"
        if page := reading.one("page"):
            return f"/{page}"
        if tag := reading.one("tag"):
            return f"/language/{tag}?back={quote(form.get('here', '/board'))}"
        return None

    async def _found(self, session: Session, lang: Language, reading: Reading) -> Response[Any]:
        """Open what was found, where it is one thing only."""
        phrases = self.front.phrases(lang.tag)
        panel = await self.bar.panel(session, phrases, reading.line, -1, "")
        goes = [offer.go for offer in panel.offers if offer.go]
        if len(goes) == 1 and len(panel.offers) == 1:
            return Response(b"", headers={"hx-redirect": goes[0]})
        if not panel.offers:
            return self._hint(lang, "no", lang(_("Nothing is called so.")))
        return self._hint(lang, "", lang(CHOOSE))


def derived(reading: Reading) -> bool:
    """Say whether what a line does follows from the state of things and must be seen first."""
    named = {value for values in reading.got.values() for value in values}
    return bool(reading.verb and reading.verb.derived) or bool(named & {ALL, FIRST})
