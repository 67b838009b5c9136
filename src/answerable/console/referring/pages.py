"""The page of referrals: the list, one of it, a new one, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.console import api
from answerable.console.language import Language
from answerable.console.leading import led
from answerable.console.portal.page import fresh
from answerable.console.referring import sheet as sheets
from answerable.console.referring.listing import HERE, asked_of, listed
from answerable.console.referring.subject import subject_of
from answerable.console.sanity import no_such_act
from answerable.console.session import Session
from answerable.kernel.hub import Accepted
from answerable.matters import referral_words as w

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
PAGE = "referrals"
NAME_MAX = 64
PRIVATE = {"cache-control": "no-store"}
"""For the page that shows a link once: no browser keeps it."""


class Referring:
    """The handlers of the page."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.front = app.front

    def show(
        self, request: Req, number: str = "", *, new: bool = False, link: str = ""
    ) -> Response[Any]:
        """Return the list, with one referral or the form of a new one. Raises Refused."""
        session, lang, theme = self.app.entering(request, PAGE)
        query = dict(request.query_params)
        asked, phrases = asked_of(self.front, query), self.front.phrases(lang.tag)
        frame = self.app.pages.frame(PAGE, session, lang, theme, HERE, f"{PAGE}/{lang.tag}")
        line = sheets.line_of(self.front, number) if number else None
        role = session.actor.role
        html = lang.render(
            "referring/page.html",
            **frame,
            q=listed(self.front, asked, phrases, number),
            r=sheets.sheet(self.front, line, asked, phrases, role) if line else None,
            n=self._new(session, query, lang) if new else None,
            fresh_link=link,
        )
        return Response(html, media_type="text/html", headers=PRIVATE)

    def _new(self, session: Session, query: dict[str, str], lang: Language) -> dict[str, Any]:
        """Return the form of a new referral. Raises Refused (403, 404, 410)."""
        one = subject_of(self.front, session, query)
        may = self.front.hub.rooms.authority.may_do(session.actor.role, one.command.tag)
        before = query.get("instead_of", "")[:NAME_MAX]
        return sheets.new(self.front, one, before, self.front.phrases(lang.tag)) | {"may": may}

    # -- acts --------------------------------------------------------------------------------

    async def act(self, request: Req) -> Response[Any]:
        """Have one act of a form done, and lead on. Raises Refused (400, 401, 403, 404, 503)."""
        lang, _theme = self.app.look(request)
        session, form = await self.app.forms.checked(request)
        api.may_open(self.front, session, PAGE)
        if form.get("do") == "refer":
            return await self._refer(request, session, form, lang)
        number, known = form.get("referral", "")[:NAME_MAX], sheets.ACTS.get(form.get("do", ""))
        if known is None:
            raise no_such_act()
        sheets.line_of(self.front, number)
        command = known[1]
        names = command.__struct_fields__
        body: dict[str, Any] = {n: form[n].strip() for n in names if form.get(n, "").strip()}
        body |= {"type": command.tag, "referral": number}
        link = fresh() if command is w.LinkReferral else None
        if link is not None:
            body["digest"] = link.digest
        if "way" in names:
            body["way"] = "desk"
        body.pop("at", None)
        outcome = await self.app.forms.ask(session, body, lang)
        if not isinstance(outcome, Accepted):
            return self.app.forms.answer(request, lang, outcome)
        if link is not None:
            return self.show(request, number, link=self._address(request, link.token))
        return onward(request, number)

    def _address(self, request: Req, token: str) -> str:
        """Return the address of a link, as the agency reaches it."""
        service = self.front.service
        public = service.settings.url if service else ""
        return f"{public or str(request.base_url).rstrip('/')}/portal/{token}"

    async def _refer(
        self, request: Req, session: Session, form: dict[str, str], lang: Language
    ) -> Response[Any]:
        body = sheets.referring(subject_of(self.front, session, form), form)
        outcome = await self.app.forms.ask(session, body, lang)
        if not isinstance(outcome, Accepted):
            return self.app.forms.answer(request, lang, outcome)
        event = outcome.recorded[0].event
        return onward(request, event.referral if isinstance(event, w.Referred) else "")


def onward(request: Req, number: str) -> Response[Any]:
    """Lead to a referral after what was done with it."""
    return led(request, f"{HERE}/{number}" if number else HERE)


def routes(app: Application) -> list[Any]:
    """Return the routes of the page."""
    page = Referring(app)
    show: Callable[..., Response[Any]] = page.show

    @get("/referrals", sync_to_thread=False)
    def look(request: Req) -> Response[Any]:
        """Show the referrals."""
        return show(request)

    @get("/referrals/new", sync_to_thread=False)
    def begin(request: Req) -> Response[Any]:
        """Show the form that refers an incident, a matter or a problem."""
        return show(request, new=True)

    @get("/referrals/{referral:str}", sync_to_thread=False)
    def one(request: Req) -> Response[Any]:
        """Show one referral."""
        return show(request, request.path_params["referral"][:NAME_MAX])

    @post("/referrals", status_code=201)
    async def act(request: Req) -> Response[Any]:
        """Refer, link, key in what an agency said, withdraw, settle."""
        return await page.act(request)

    return [look, begin, one, act]
