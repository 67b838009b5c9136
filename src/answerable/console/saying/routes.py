"""The routes by which a caller answers, without an account: the token in the address lets them.

A token that is wrong, used, replaced or too old gives one and the same page. Looking at the page
uses nothing up (programs that show what is behind a link look, too); sending the form does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.console.forms import read_form
from answerable.console.language import Language, language, languages
from answerable.console.public.throttle import Looks
from answerable.console.sanity import Refused, check_origin, unavailable
from answerable.console.saying import page as pages
from answerable.console.saying.links import TOKEN, Link, digest_of
from answerable.console.signin.pages import told
from answerable.console.signin.throttle import address_of
from answerable.kernel.desk import Unavailable

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
PRIVATE = {
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "referrer-policy": "strict-origin",
}
"""Kept nowhere, found by no search, and the address, which has the token in it, told to nobody.
Under no-referrer browsers send the form with the origin "null", which is refused like that of
another site; strict-origin tells the site alone, and of that no more than anybody knows."""


class Door:
    """The handlers of the page."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.front = app.front
        self.looks = Looks()

    def html(
        self, request: Req, lang: Language, template: str, status: int = 200,
        headers: dict[str, str] | None = None, **values: object,
    ) -> Response[Any]:  # fmt: skip
        """Return a page of this package."""
        front = self.front
        html = lang.render(
            template, theme=self.app.look(request)[1],
            town_name=front.town.file.title.of(lang.tag), demo=front.demo is not None,
            made_up=front.demo is not None and front.demo.made_up, log=False,
            others=[{"tag": tag, "label": name, "href": f"?lang={tag}"}
                    for tag, name in languages().items() if tag != lang.tag],
            other_langs=[], **values,
        )  # fmt: skip
        more = PRIVATE | (headers or {})
        return Response(html, status_code=status, media_type="text/html", headers=more)

    def wanted(self, request: Req) -> Language:
        """Return the language a request wants, where no token says another."""
        chosen = request.query_params.get("lang", "")
        return language(chosen) if chosen in languages() else self.app.look(request)[0]

    def token(self, request: Req) -> str:
        """Return the token of an address, counted as one look. Raises Refused (429)."""
        token = str(request.path_params["token"])[:64]
        known = TOKEN.fullmatch(token) is not None
        self.looks.take(address_of(request.scope), digest_of(token) if known else "")
        return token

    def nothing(self, request: Req) -> Response[Any]:
        """Tell that an address opens nothing, and nothing else."""
        return self.html(request, self.wanted(request), "saying/nothing.html", status=404)

    def ask(self, request: Req) -> Response[Any]:
        """Show the questions."""
        link = self.front.saying.find(self.token(request))
        if link is None:
            return self.nothing(request)
        return self.asked(request, link, pages.NOTHING)

    def asked(
        self, request: Req, link: Link, given: pages.Given, refusal: Refused | None = None
    ) -> Response[Any]:
        """Return the page of questions with what was given so far."""
        lang = pages.tongue(self.front, link, request.query_params.get("lang", ""))
        return self.html(
            request, lang, "saying/ask.html", status=refusal.status if refusal else 200,
            p=pages.page(self.front, link, lang, given), refusal=told(refusal, lang),
        )  # fmt: skip

    async def take(self, request: Req) -> Response[Any]:
        """Have what was said recorded, once. Raises Refused (400, 403, 413, 429, 503)."""
        check_origin(request.scope)
        form = await read_form(request)
        token = self.token(request)
        saying, link = self.front.saying, self.front.saying.find(token)
        if link is None:
            return self.nothing(request)
        given = pages.given_in(form)
        if given.nothing:
            return self.asked(request, link, given, NOTHING_SAID)
        try:
            done = await saying.answer(
                token, given.marks, given.words, wants=given.wants, way="link"
            )
        except Unavailable as error:
            return self.asked(request, link, given, unavailable(error))
        if not done:
            return self.nothing(request)
        lang = pages.tongue(self.front, link, request.query_params.get("lang", ""))
        return self.html(request, lang, "saying/thanks.html", wants=given.wants)


NOTHING_SAID = Refused(
    400, "console.NothingSaid", "Not sent.", "No question was answered.",
    "Choose one answer at least, or close the page.",
)  # fmt: skip


def routes(app: Application) -> list[Any]:
    """Return the routes of the page."""
    door = Door(app)

    @get("/say/{token:str}", sync_to_thread=False)
    def ask(request: Req) -> Response[Any]:
        """Ask whoever has a token the four questions."""
        return door.ask(request)

    @post("/say/{token:str}", status_code=200)
    async def take(request: Req) -> Response[Any]:
        """Have the answers recorded; the token is used up by it."""
        return await door.take(request)

    return [ask, take]
