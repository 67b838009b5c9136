"""The frame of every page of administration, and how what was done there is told."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from answerable.console.admin.asks import Ask
from answerable.console.forms import Forms
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.leading import led
from answerable.console.pages import Pages
from answerable.console.phrases import Phrases, may_see
from answerable.console.reading import masked
from answerable.console.sanity import Refused, header, new_key
from answerable.console.session import Session
from answerable.kernel.event import Command, Row
from answerable.kernel.hub import Accepted, Outcome

Req = Request[Any, Any, Any]
TABS: tuple[tuple[str, str], ...] = (
    ("accounts", _("Accounts")), ("roles", _("Roles")), ("tokens", _("Tokens")),
    ("town", _("Town")), ("adapters", _("Adapters")), ("health", _("Health")),
    ("try", _("Try rules")),
)  # fmt: skip
"""The pages of administration in the order in which a new centre needs them."""
KEYS = (("n", _("open the first form")), ("f", _("to the filter")))
ROOMS = ("access", "towns", "standards", "keeping")
"""Rooms whose events a page of administration tells of after it has brought them about."""


def first_page(front: Front, role: str) -> str:
    """Return the address of the first page of administration a role is given, "" for none."""
    rights = front.hub.rooms.authority
    return next((f"/admin/{name}" for name, _l in TABS if rights.may_open(role, name)), "")


class Office:
    """What the pages of administration share. One per process."""

    def __init__(self, front: Front, pages: Pages, forms: Forms) -> None:
        self.front = front
        self.pages = pages
        self.forms = forms

    def phrases(self, lang: Language) -> Phrases:
        """Return the town's words in a language."""
        return self.front.phrases(lang.tag)

    # -- the frame ---------------------------------------------------------------------------

    def frame(
        self, page: str, request: Req, session: Session, lang: Language, theme: str
    ) -> dict[str, Any]:
        """Return what the frame of a page needs. Raises Refused (403) where it is not given."""
        here = request.url.path
        made = self.pages.frame(page, session, lang, theme, here, f"{page}/{lang.tag}")
        rights = self.front.hub.rooms.authority
        role = session.actor.role
        own_keys = [(key, lang(does)) for key, does in (*KEYS, ("g a", _("administration")))]
        return made | {
            "page": "admin",
            "tab": page,
            "tabs": [(n, f"/admin/{n}", lang(t)) for n, t in TABS if rights.may_open(role, n)],
            "said": self.said(request, session, lang),
            "keys": [*own_keys, *made["keys"]],
        }

    def said(self, request: Req, session: Session, lang: Language) -> dict[str, str] | None:
        """Return what the asker has just brought about: the ``done`` position of the address.

        Only what this very person asked for is told, and only of the rooms of administration.
        """
        text = request.query_params.get("done", "")
        if not text.isdecimal() or len(text) > 15:
            return None
        row = next(self.front.hub.store.rows(max(0, int(text) - 1), 1), None)
        known = row is not None and row.position == int(text)
        if row is None or not known or row.actor != session.actor.name:
            return None
        if row.kind.partition(".")[0] not in ROOMS:
            return None
        return {"position": lang.number(row.position), "text": self.sentence(row, session, lang)}

    def sentence(self, row: Row, session: Session, lang: Language) -> str:
        """Return an event as one sentence, with what the asker's role may see of it."""
        hub = self.front.hub
        rights = may_see(hub.rooms.authority, session.actor.role)
        event = hub.rooms.decode(row)
        return self.phrases(lang).event(event, row, rights, masked)

    def may(self, session: Session, command: type[Command]) -> bool:
        """Say whether the asker's role is given a command."""
        return self.front.hub.rooms.authority.may_do(session.actor.role, command.tag)

    # -- doing -------------------------------------------------------------------------------

    async def ask(self, session: Session, body: dict[str, Any], lang: Language) -> Outcome:
        """Have one command done; an empty key gets one. Raises Refused (400, 503)."""
        if not body.get("key"):
            body["key"] = new_key()
        return await self.forms.ask(session, body, lang)

    def done(self, request: Req, lang: Language, outcome: Outcome, to: str) -> Response[Any]:
        """Tell an outcome: a refusal beside its form, anything else on the page it leads to."""
        if not isinstance(outcome, Accepted):
            return self.forms.answer(request, lang, outcome)
        last = max((one.row.position for one in outcome.recorded), default=0)
        return led(request, f"{to}?done={last}" if last else to)

    def once(
        self, request: Req, session: Session, lang: Language, theme: str, told: dict[str, Any]
    ) -> Response[Any]:
        """Show a secret for the one time it can be shown, where it was asked for."""
        if header(request.scope, b"hx-request") == "true":
            html = lang.render("admin/once.html", once=told)
        else:
            page = str(told["page"])
            made = self.frame(page, request, session, lang, theme)
            html = lang.render("admin/once_page.html", **made, once=told)
        return Response(html, status_code=201, media_type="text/html")


def unknown(what: str, name: str) -> Refused:
    """Return the refusal of a page about something there is not."""
    return Refused(
        404, "console.NoSuchThing", "Not shown.", "There is no {what} {name}.",
        "Choose one of the list.", what=what, name=name[:60],
    )  # fmt: skip


def only(*asks: Ask | None) -> list[Ask]:
    """Return the forms that there are."""
    return [ask for ask in asks if ask is not None]
