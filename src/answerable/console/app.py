"""The application: routes, who may use them, and how refusals are told.

Every route names the page of the table of rights it belongs to; one that names none is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from typing import Any
from urllib.parse import quote, unquote

from litestar import Litestar, Request, Response, asgi, get, post
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

from answerable.console import api, forms, reading_pages, tiles, undoing
from answerable.console.admin import routes as administration
from answerable.console.alerting import routes as alerting
from answerable.console.assets import console_assets
from answerable.console.bar import routes as bar
from answerable.console.bar.service import Bar
from answerable.console.calling_back import routes as calling_back
from answerable.console.centre import Centre
from answerable.console.chart import town_assets
from answerable.console.contract import routes as contract
from answerable.console.contract.methods import taking, wrong_method
from answerable.console.crew import routes as crews
from answerable.console.demo import Demo
from answerable.console.dialling import routes as dialling
from answerable.console.front import Front
from answerable.console.handing import routes as handing
from answerable.console.headers import LOOPBACK, guarded
from answerable.console.language import ENGLISH, Language, languages, preferred
from answerable.console.live import Live
from answerable.console.log import routes as public_log
from answerable.console.moving import messages
from answerable.console.moving import routes as moving
from answerable.console.pages import ADMINISTRATION, ROLES, Pages
from answerable.console.presence import routes as presence
from answerable.console.presence.here import about
from answerable.console.problems import routes as problems
from answerable.console.problems.counting import Counting
from answerable.console.public import routes as public
from answerable.console.referring import open311
from answerable.console.referring import routes as referring
from answerable.console.repeating import routes as repeating
from answerable.console.repeating.finder import Finder
from answerable.console.reporting import routes as reporting
from answerable.console.righting import routes as righting
from answerable.console.ringing import routes as calls_that_ring
from answerable.console.ringing.strip import Ringing
from answerable.console.said import routes as said
from answerable.console.sanity import Refused, check_origin, header, kept, kept_name
from answerable.console.saying import routes as saying
from answerable.console.serving import ending_streams, with_commands, with_files
from answerable.console.session import Session, cookie
from answerable.console.signin import routes as signin
from answerable.console.stream import TooMany, direct_of
from answerable.console.supporting import routes as supporting
from answerable.console.taking import routes as taking_calls
from answerable.console.tracking import routes as tracking
from answerable.console.trying.trials import Trials
from answerable.kernel.authority import Actor

Req = Request[Any, Any, Any]
THEMES = ("light", "dark")
FOR_PROGRAMS = ("/api/", "/health/", "/metrics", "/log/")
"""Addresses that programs read: a refusal there is JSON."""


class App:
    """All routes over one centre."""

    def __init__(self, centre: Centre, demo: Demo | None) -> None:
        self.front = Front(centre, demo)
        self.live = Live(self.front)
        self.static = console_assets()
        self.town = town_assets(centre.places.folder)
        self.basemap = tiles.opened(centre.places.folder)
        self.pages = Pages(self.front, self.live, self.static, self.town, self.basemap)
        self.forms = forms.Forms(self.front, self.pages)
        self.bar = Bar(self.front, self.forms.deeds)
        self.api = api.Api(self.front)
        self.live.heard_by.append(self.api.committed)
        self.live.heard_by.append(messages.telling(self.front))
        self.ringing = Ringing(self.front)
        self.live.heard_by.append(self.ringing.committed)
        self.live.heard_by.append(self.front.hooks.committed)
        self.live.heard_by.append(self.front.alerting.committed)
        self.live.heard_by.append(self.front.messenger.committed)
        self.counting = Counting(self.front)
        self.finder, self.trials = Finder(self.front), Trials()
        self.live.heard_by.append(self.counting.committed)
        self.live.heard_by.append(self.front.saying.committed)
        if demo is not None:
            demo.on_change(self.live.tell)

    # -- who asks, and in what language ------------------------------------------------------

    def session(self, request: Req) -> Session:
        """Return the session of a request. Raises Refused (401)."""
        return api.signed_in(self.front, request.scope)

    def entering(self, request: Req, page: str) -> tuple[Session, Language, str]:
        """Return who asks, having seen that they may open ``page``, and how they read.

        Raises Refused (401, 403).
        """
        session = self.session(request)
        api.may_open(self.front, session, page)
        return session, *self.look(request)

    def look(self, request: Req) -> tuple[Language, str]:
        """Return the language and the theme of a request."""
        scope = request.scope
        lang = preferred(kept(scope, "lang"), header(scope, b"accept-language"))
        theme = kept(scope, "theme")
        return lang, theme if theme in THEMES else ""

    def refused(self, request: Req, error: Exception) -> Response[Any]:
        """Tell a refusal in the way the asker reads: page, fragment, or JSON."""
        refusal = error if isinstance(error, Refused) else told_by(error)
        lang, theme = self.look(request)
        path = request.url.path
        request.scope["refused"] = refusal.code  # type: ignore[typeddict-unknown-key]
        if open311.is_under(path):
            return open311.refused(request, refusal)
        if path.startswith(FOR_PROGRAMS):
            body = api.problem(refusal.code, *refusal.said(lang))
            headers = api.refusal_headers(refusal)
            return Response(
                body, status_code=refusal.status, media_type="application/json", headers=headers
            )
        fragment = header(request.scope, b"hx-request") == "true"
        if refusal.status == 401 and request.method == "GET" and not fragment:
            return redirect(f"/enter?back={quote(path)}")
        if fragment:
            html = self.forms.refusal_html(lang, refusal.said(lang))
        else:
            html = self.pages.trouble(lang, theme, refusal.said(lang))
        answer = page(html, refusal.status)
        answer.headers.update(refusal.headers)
        return answer

    # -- pages -------------------------------------------------------------------------------

    def page_routes(self) -> list[Any]:
        """Return the routes of the pages."""
        app = self

        @get("/", sync_to_thread=False)
        def root(request: Req) -> Response[Any]:
            session = api.session_of(app.front, request.scope)
            return redirect(signin.home(app.front, session) if session else "/enter?back=/")

        @get("/board", sync_to_thread=False)
        def board_page(request: Req) -> Response[Any]:
            return page(app.pages.board(app.session(request), *app.look(request)))

        @get("/board/map", sync_to_thread=False)
        def board_map(request: Req) -> Response[Any]:
            api.may_open(app.front, app.session(request), "board")
            return Response(app.live.chart.whole(), media_type="application/json")

        @get("/board/advice/{incident:str}", sync_to_thread=False)
        def board_advice(request: Req) -> Response[Any]:
            lang, _theme = app.look(request)
            incident = request.path_params["incident"]
            return page(app.pages.advice(app.session(request), lang, incident))

        @get("/incidents/{incident:str}")
        async def incident_page(request: Req) -> Response[Any]:
            session, incident = app.session(request), request.path_params["incident"]
            api.may_open(app.front, session, "incident")
            await app.pages.enter(session, incident)
            if app.pages.asks_archive(session, incident):
                return redirect(f"/incidents/{incident}/archive")
            return page(app.pages.incident(session, *app.look(request), incident))

        @get("/units", sync_to_thread=False)
        def units_page(request: Req) -> Response[Any]:
            return page(app.pages.units(app.session(request), *app.look(request)))

        @get("/standards", sync_to_thread=False)
        def standards_page(request: Req) -> Response[Any]:
            return page(app.pages.standards(app.session(request), *app.look(request)))

        @get("/record", sync_to_thread=False)
        def record_page(request: Req) -> Response[Any]:
            return page(app.pages.record(app.session(request), *app.look(request)))

        return [
            root, board_page, board_map, board_advice, incident_page, units_page, standards_page,
            record_page,
        ]  # fmt: skip

    # -- the door ----------------------------------------------------------------------------

    def door_routes(self) -> list[Any]:
        """Return the routes that need no session: signing in and out, the language."""
        app = self

        @get("/demo/sign-in/{role:str}", sync_to_thread=False)
        def sign_in_link(request: Req) -> Response[Any]:
            check_origin(request.scope)
            return app.sign_in(request, request.path_params["role"].replace("-", "_"), "/board")

        @post("/session", status_code=303)
        async def sign_in(request: Req) -> Response[Any]:
            check_origin(request.scope)
            form = await forms.read_form(request)
            return app.sign_in(request, form.get("role", ""), local(form.get("back", "/board")))

        @get("/language/{tag:str}", sync_to_thread=False)
        def choose_language(request: Req) -> Response[Any]:
            tag = request.path_params["tag"]
            chosen = tag if tag in languages() else ENGLISH
            secure = request.url.scheme == "https"
            told = f"{kept_name('lang', secure=secure)}={chosen}; Path=/; Max-Age=31536000"
            told += "; HttpOnly; SameSite=Strict" + ("; Secure" if secure else "")
            return redirect(back_of(request), told)

        return [*signin.routes(self), sign_in_link, sign_in, choose_language]

    def sign_in(self, request: Req, role: str, back: str) -> Response[Any]:
        """Begin a session at a desk of the demonstration. Raises Refused (403)."""
        if self.front.demo is None or role not in ROLES:
            raise Refused(
                403, "console.NoDesk", "Not signed in.", "There is no such desk here.",
                "Choose one on the first page of a demonstration.",
            )  # fmt: skip
        api.leave_desk(self.front, request.scope)
        identifier = self.front.sessions.begin(Actor(name=role, role=role))
        if back == "/board" and (session := self.front.sessions.find(identifier)):
            back = signin.home(self.front, session)
        return redirect(back, cookie(identifier, secure=request.url.scheme == "https"))

    # -- programs and streams ----------------------------------------------------------------

    def api_routes(self) -> list[Any]:
        """Return the routes of the API and the live streams."""
        app = self

        follow = taking(app.follow, "GET")

        @asgi("/live", is_mount=True, copy_scope=False)
        async def live(scope: Scope, receive: Receive, send: Send) -> None:
            await follow(scope, receive, send)

        return [*contract.read_routes(app), *contract.raw_routes(app), live]

    async def follow(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a page's live fragments."""
        session = api.signed_in(self.front, scope)
        name = unquote(scope["path"]).strip("/").removeprefix("live/")
        page_name, *rest = name.split("/")
        api.may_open(self.front, session, page_name)
        role = session.actor.role
        own = page_name != "crew" or rest[:1] == [session.actor.unit]
        if not channel_fits(page_name, rest, role) or not own:
            raise Refused(
                404, "console.NoStream", "Not shown.", "There is no such stream.",
                "Load the page again.",
            )  # fmt: skip
        after = api.last_event_id(scope, self.front.recorded)
        words = True
        if page_name == "incident":
            with self.front.at_hand(rest[0]):
                self.front.gate.check_reach(session.actor, rest[0])
                words = self.front.gate.counts(session.actor, rest[0])
        self.live.settle(name)
        channel, subscriber = self.front.channels.follow(name, after, session.actor, words=words)
        session.streams.add(subscriber)
        subject = about(rest[0]) if page_name == "incident" else ""
        if subject:
            self.front.presence.opened(desk := session.desk, subject)
        try:
            await api.start_stream(send)
            subscriber.push(self.live.beat())
            self.front.telling.greet(name, subscriber)
            self.ringing.greet(subscriber)
            subscriber.direct = direct_of(scope)
            await api.pump(subscriber, receive, send)
        finally:
            channel.leave(subscriber)
            session.streams.discard(subscriber)
            if subject:
                self.front.presence.closed(desk, subject)

    # -- life --------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        """Run the beat, and the alarms where no demonstration rings them; end the streams."""
        tasks = [asyncio.create_task(self.live.run()), asyncio.create_task(self.api.beating())]
        tasks.append(asyncio.create_task(self.front.door.run()))
        tasks.append(asyncio.create_task(self.front.hooks.run()))
        tasks.append(asyncio.create_task(self.front.alerting.run()))
        tasks.append(asyncio.create_task(self.front.messenger.run()))
        tasks.append(asyncio.create_task(self.counting.run()))
        tasks.append(asyncio.create_task(self.front.saying.run()))
        tasks.append(asyncio.create_task(self.front.dialling.run()))
        if self.front.log is not None:
            tasks.append(asyncio.create_task(self.front.log.run()))
        if self.front.demo is None:
            tasks.append(asyncio.create_task(self.front.desk.watch_alarms()))
        with ending_streams(self.close):
            try:
                yield
            finally:
                self.close()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await self.front.door.close()
                await self.end_work()
                self.front.hooks.close()
                self.front.alerting.close()
                self.front.saying.close()
                if self.front.log is not None:
                    self.front.log.close()

    async def end_work(self) -> None:
        """End the processes that work beside the desks, before the loop that hears them ends."""
        await self.finder.close()
        await self.trials.close()

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self.front.channels.close()
        self.api.close()


ONE_LANGUAGE = frozenset({
    "board", "hand-over", "call-backs", "units", "standards", "account", "receipts", "open-call",
    "matters", "call-back-figures", "put-right",
    "problems", "referrals", "repeats", "support", *ADMINISTRATION,
})  # fmt: skip
"""The pages whose streams are the same for everybody of a language."""


def channel_fits(page_name: str, rest: list[str], role: str) -> bool:
    """Say whether a stream's name is one a page of this role may ask for."""
    if page_name in ONE_LANGUAGE:
        return len(rest) == 1 and rest[0] in languages()
    if page_name in ("record", "counts", "calls", "escalations", "reports"):
        return len(rest) == 2 and rest[0] in languages() and rest[1] == role
    if page_name in ("incident", "crew"):
        return len(rest) == 3 and rest[1] in languages() and rest[2] == role
    return False


def told_by(error: Exception) -> Refused:
    """Return the refusal that an error of the framework stands for."""
    if isinstance(error, TooMany):
        return Refused(
            503, "console.TooMany", "Not connected.",
            "As many consoles are connected as this centre takes.", "Try again in a minute.",
        )  # fmt: skip
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return Refused(
            404, "console.NoPage", "Not shown.", "There is no such page.", "Go to the board."
        )
    if status == 405:
        named = (error.headers or {}) if isinstance(error, HTTPException) else {}
        return wrong_method(named.get("allow", "GET"))
    if status < 500:
        detail = error.detail if isinstance(error, HTTPException) else ""
        return Refused(
            status, "console.BadRequest", "Not done.", "The request is not right: {detail}.",
            "Correct it and send it again.",
            detail=detail,
        )  # fmt: skip
    return Refused(
        500, "console.Faulted", "Not done.", "The program failed; nothing was recorded.",
        "Try again; if it stays so, tell whoever keeps this centre.",
    )  # fmt: skip


def page(html: str, status: int = 200) -> Response[Any]:
    """Return a page or a fragment."""
    return Response(html, status_code=status, media_type="text/html")


def redirect(to: str, set_cookie: str = "") -> Response[Any]:
    """Lead elsewhere in the console, keeping a cookie."""
    headers = {"location": to} | ({"set-cookie": set_cookie} if set_cookie else {})
    return Response(b"", status_code=303, headers=headers)


def local(back: str) -> str:
    """Return an address of this console; anything else becomes the board."""
    fits = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    return back if fits and len(back) < 200 else "/board"


def back_of(request: Req) -> str:
    """Return the address of this console a request wants to come back to."""
    return local(request.query_params.get("back", "/board"))


def make_app(
    centre: Centre, demo: Demo | None = None, hosts: Collection[str] = LOOPBACK
) -> ASGIApp:
    """Return the console over a centre; ``hosts`` are the names it answers to."""
    return application(App(centre, demo), hosts)


def application(app: App, hosts: Collection[str] = LOOPBACK, more: Collection[Any] = ()) -> ASGIApp:
    """Return the routes of an ``App``, and ``more``, behind the door and the files."""
    litestar = Litestar(
        route_handlers=[
            *app.page_routes(),
            *app.door_routes(),
            *app.api_routes(),
            *app.forms.routes(app.look),
            *taking_calls.routes(app),
            *bar.routes(app),
            *undoing.routes(app),
            *reading_pages.routes(app),
            *calls_that_ring.routes(app),
            *presence.routes(app),
            *handing.routes(app),
            *reporting.routes(app),
            *problems.routes(app),
            *repeating.routes(app),
            *calling_back.routes(app),
            *tracking.routes(app),
            *righting.routes(app),
            *referring.routes(app),
            *supporting.routes(app),
            *moving.routes(app),
            *administration.routes(app),
            *alerting.routes(app),
            *crews.routes(app),
            *public_log.routes(app),
            *public.routes(app),
            *saying.routes(app),
            *dialling.routes(app),
            *said.routes(app),
            tiles.route(app.front, app.basemap),
            *more,
        ],
        exception_handlers={Exception: app.refused},
        lifespan=[app.lifespan],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=65_536,
    )
    routed = with_files(with_commands(litestar, app.api.commands), (app.static, app.town))
    return guarded(routed, hosts)
