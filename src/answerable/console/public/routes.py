"""The routes of what anybody may see, and of the staff's side of it.

``/receipt`` and ``/public/...`` need no account and no script. Numbers and codes come in the body
of a form, never in an address: they are in no log, no history and no referrer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.console import api
from answerable.console.forms import read_form
from answerable.console.language import Language, language, languages
from answerable.console.public import receipt, record, staff
from answerable.console.public.throttle import Looks
from answerable.console.sanity import Refused, check_origin
from answerable.console.session import Session
from answerable.console.signin.pages import told
from answerable.console.signin.throttle import address_of
from answerable.disclosure.codes import normal_number

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
Values = dict[str, Any]
PRIVATE = {"cache-control": "no-store", "x-robots-tag": "noindex"}
"""Kept nowhere, found by no search. The referrer policy stays the console's own: under no-referrer
browsers send the form with the origin "null", which is refused like that of another site."""


def page(html: str, status: int = 200, headers: dict[str, str] | None = None) -> Response[Any]:
    """Return a page that is kept nowhere and found by no search."""
    more = PRIVATE | (headers or {})
    return Response(html, status_code=status, media_type="text/html", headers=more)


def file(body: bytes, name: str, kind: str, headers: dict[str, str]) -> Response[Any]:
    """Return a file to be kept."""
    given = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=kind, headers=given | headers)


class Public:
    """The handlers of what anybody may see."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.front = app.front
        self.looks = Looks()
        self.figures = record.Figures(app.front)

    def words(self, lang: Language, theme: str, here: str) -> dict[str, Any]:
        """Return what every public page needs. ``here`` is where a language leads back to."""
        front = self.front
        return {
            "theme": theme, "town_name": front.town.file.title.of(lang.tag),
            "made_up": front.demo is not None and front.demo.made_up,
            "demo": front.demo is not None, "log": front.log is not None,
            "other_langs": front.other_languages(lang.tag, here),
        }  # fmt: skip

    # -- receipts ----------------------------------------------------------------------------

    def ask(
        self, lang: Language, theme: str, number: str = "", refusal: Refused | None = None
    ) -> str:
        """Return the page that asks for number and code. What was typed as a code is not kept."""
        return lang.render(
            "public/ask.html", **self.words(lang, theme, "/receipt"), number=number,
            refusal=told(refusal, lang),
        )  # fmt: skip

    async def asked(self, request: Req) -> tuple[dict[str, str], Language, str]:
        """Read a form that needs no session, and its language. Raises Refused (400, 403, 413)."""
        check_origin(request.scope)
        form = await read_form(request)
        lang, theme = self.app.look(request)
        chosen = form.get("lang", "")
        return form, language(chosen) if chosen in languages() else lang, theme

    def found(self, request: Req, form: dict[str, str]) -> receipt.Receipt:
        """Return the receipt that a form asks for. Raises Refused (404, 429)."""
        number, code = form.get("number", "")[:80], form.get("code", "")[:80]
        self.looks.take(address_of(request.scope), normal_number(number))
        return receipt.found(self.front, self.front.centre.receipt_secret, number, code)

    async def shown(self, request: Req) -> Response[Any]:
        """Show a receipt, or ask again."""
        form, lang, theme = await self.asked(request)
        try:
            one = self.found(request, form)
        except Refused as refusal:
            html = self.ask(lang, theme, form.get("number", "")[:80], refusal)
            return page(html, refusal.status, refusal.headers)
        others = [{"tag": tag, "label": name} for tag, name in languages().items()
                  if tag != lang.tag]  # fmt: skip
        html = lang.render(
            "public/receipt.html", **self.words(lang, theme, "/receipt"),
            r=receipt.page(one, self.front, lang), code=form.get("code", "")[:80], others=others,
        )  # fmt: skip
        return page(html)

    async def proof(self, request: Req) -> Response[Any]:
        """Give the proof file of a receipt. Raises Refused (404, 429, 503)."""
        form, _lang, _theme = await self.asked(request)
        one = self.found(request, form)
        url = str(request.base_url)
        if self.front.service and self.front.service.settings.url:
            url = f"{self.front.service.settings.url}/"
        body = await receipt.proof_file(one, self.front, url)
        name = "".join(c for c in one.number if c.isascii() and c.isalnum()) or "call"
        return file(body, f"receipt-{name}.json", "application/json", PRIVATE)

    # -- the record of every day -------------------------------------------------------------

    def record(self, request: Req) -> Response[Any]:
        """Show the figures of the last days."""
        lang, theme = self.app.look(request)
        self.looks.take(address_of(request.scope))
        found = self.figures.all()[: record.SHOWN]
        html = lang.render(
            "public/record.html", **self.words(lang, theme, "/public/record"),
            rows=[record.row(one, lang) for one in found], picture=record.picture(found),
            zone=self.front.town.zone.key,
        )  # fmt: skip
        return Response(html, media_type="text/html")


def routes(app: Application) -> list[Any]:
    """Return every route of this package."""
    public = Public(app)
    return [*_receipts(public), *_record(public), *_staff(app)]


def _receipts(public: Public) -> list[Any]:
    @get("/receipt", sync_to_thread=False)
    def ask(request: Req) -> Response[Any]:
        """Ask for number and code."""
        return page(public.ask(*public.app.look(request)))

    @post("/receipt", status_code=200)
    async def show(request: Req) -> Response[Any]:
        """Show how a call stands to whoever has its number and code."""
        return await public.shown(request)

    @post("/receipt/proof", status_code=200)
    async def proof(request: Req) -> Response[Any]:
        """Give the proof file to whoever has number and code."""
        return await public.proof(request)

    return [ask, show, proof]


def _record(public: Public) -> list[Any]:
    @get("/public/record", sync_to_thread=False)
    def days(request: Req) -> Response[Any]:
        """Show calls rung and calls recorded, day by day."""
        return public.record(request)

    @get("/public/record.csv", sync_to_thread=False)
    def as_csv(request: Req) -> Response[Any]:
        """Give the same as a table."""
        public.looks.take(address_of(request.scope))
        body = record.as_csv(public.figures.all())
        return file(body, "calls-by-day.csv", "text/csv", {})

    @get("/public/record.json", sync_to_thread=False)
    def as_json(request: Req) -> Response[Any]:
        """Give the same as JSON."""
        public.looks.take(address_of(request.scope))
        body = record.as_json(public.figures.all(), public.front.town)
        return Response(body, media_type="application/json")

    return [days, as_csv, as_json]


def _staff(app: Application) -> list[Any]:
    front = app.front

    def render(
        request: Req, session: Session, name: str, template: str, channel: str, values: Values
    ) -> Response[Any]:
        lang, theme = app.look(request)
        here = request.url.path
        frame = app.pages.frame(name, session, lang, theme, here, channel.format(lang=lang.tag))
        return Response(lang.render(template, **frame, **values), media_type="text/html")

    @get("/counts", sync_to_thread=False)
    def counts(request: Req) -> Response[Any]:
        """Show calls rung and calls recorded, line by line."""
        session = api.signed_in(front, request.scope)
        api.may_open(front, session, "counts")
        phrases = front.phrases(app.look(request)[0].tag)
        told = staff.counted(front, phrases, session.actor.role)
        channel = f"counts/{{lang}}/{session.actor.role}"
        return render(request, session, "counts", "counts.html", channel, {"c": told})

    @get("/calls/{call:str}", sync_to_thread=False)
    def call(request: Req) -> Response[Any]:
        """Show number and code of one call, and how its receipt stands."""
        session = api.signed_in(front, request.scope)
        api.may_open(front, session, "receipts")
        name = request.path_params["call"]
        one = receipt.of(front, "call", name)
        if one is None:
            raise Refused(
                404, "console.NoCall", "Not shown.", "There is no call {call}.",
                "Check the number, or look it up on the board.", call=name[:40],
            )  # fmt: skip
        shown = receipt.page(one, front, app.look(request)[0])
        incident = receipt.incident_of(front, name)
        values = {"r": shown, "slips": [staff.slip(front, "call", name)], "incident": incident}
        return render(request, session, "receipts", "call.html", "receipts/{lang}", values)

    return [counts, call]
