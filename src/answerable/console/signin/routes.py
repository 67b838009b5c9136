"""The routes of the door, and of one's own account (page ``account`` of the table of rights)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.access import words as w
from answerable.console import api
from answerable.console.forms import read_form
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.presence.desks import COOKIE, desk_named, remember, remembered
from answerable.console.sanity import Refused, check_origin, kept, new_key
from answerable.console.session import Session, cookie
from answerable.console.signin.flow import Entered, Flow
from answerable.console.signin.pages import DoorPages
from answerable.console.signin.throttle import address_of

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
HOMES = (
    ("board", "/board"), ("crew", "/crew"), ("accounts", "/admin"), ("put-right", "/put-right"),
    ("account", "/account"),
)  # fmt: skip
"""Where a person begins: the first of these pages that the role is given."""
DONE = {
    "password": _("The password is changed."),
    "added": _("The second factor is set up. The next sign-in asks for its code."),
    "removed": _("The second factor is removed."),
    "ended": _("The session has ended."),
}


def page(html: str, status: int = 200, headers: dict[str, str] | None = None) -> Response[Any]:
    """Return a page."""
    return Response(html, status_code=status, media_type="text/html", headers=headers)


def lead(to: str, set_cookie: str = "") -> Response[Any]:
    """Lead elsewhere in the console, keeping a cookie."""
    headers = {"location": to} | ({"set-cookie": set_cookie} if set_cookie else {})
    return Response(b"", status_code=303, headers=headers)


def back_to(text: str) -> str:
    """Return an address of this console; anything else becomes its first page."""
    fits = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if fits and len(text) < 200 else "/"


def home(front: Front, session: Session) -> str:
    """Return where a person begins."""
    rights = front.hub.rooms.authority
    role = session.actor.role
    if front.door.factor_missing(session):
        return "/account"
    return next((href for name, href in HOMES if rights.may_open(role, name)), "/account")


class SignIn:
    """The handlers of the door."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.front = app.front
        self.flow = Flow(app.front.door)
        self.pages = DoorPages(app.pages)

    def entered(self, request: Req, came: Entered, back: str) -> Response[Any]:
        """Lead whoever has just signed in to where they wanted to go."""
        api.leave_desk(self.front, request.scope)
        secure, age_s = request.url.scheme == "https", self.front.sessions.age_s
        return lead(back, cookie(came.identifier, secure=secure, age_s=age_s))

    async def read(self, request: Req) -> dict[str, str]:
        """Read a form that needs no session. Raises Refused (400, 403, 413)."""
        check_origin(request.scope)
        return await read_form(request)

    async def enter(self, request: Req) -> Response[Any]:
        """Take name and password."""
        form, look = await self.read(request), self.app.look(request)
        back, name = back_to(form.get("back", "/")), form.get("name", "")[:48]
        desk = form.get("desk", "").strip()
        try:
            desk = desk and desk_named(desk, self.front.door.state.accounts.values())
            came = await self.flow.password(
                name, form.get("password", ""), address_of(request.scope)
            )
        except Refused as refusal:
            html = self.pages.enter(*look, back, name, refusal, desk)
            return page(html, refusal.status, refusal.headers)
        answer = (
            page(self.pages.code(*look, back, came.ticket)) if came.ticket
            else self.entered(request, came, back)
        )  # fmt: skip
        return remember(answer, desk, secure=request.url.scheme == "https") if desk else answer

    async def code(self, request: Req) -> Response[Any]:
        """Take the code of the second factor."""
        form, look = await self.read(request), self.app.look(request)
        back, ticket = back_to(form.get("back", "/")), form.get("ticket", "")
        try:
            came = await self.flow.code(ticket, form.get("code", ""), address_of(request.scope))
        except Refused as refusal:
            again = refusal.code == "console.WrongCode"
            html = (
                self.pages.code(*look, back, ticket, refusal) if again
                else self.pages.enter(*look, back, "", refusal)
            )  # fmt: skip
            return page(html, refusal.status, refusal.headers)
        return self.entered(request, came, back)

    async def accept(self, request: Req) -> Response[Any]:
        """Set the password of a one-time link."""
        form, look = await self.read(request), self.app.look(request)
        word = request.path_params["word"]
        password, again = form.get("password", ""), form.get("again", "")
        try:
            came = await self.flow.accept(word, password, again, address_of(request.scope))
        except Refused as refusal:
            if refusal.code == "console.NoLink":
                raise
            html = self.pages.link(*look, word, self.flow.invited(word), refusal)
            return page(html, refusal.status, refusal.headers)
        return self.entered(request, came, "/") if came.identifier else lead("/enter")

    # -- one's own account -------------------------------------------------------------------

    async def own(self, request: Req) -> tuple[Session, dict[str, str]]:
        """Return who sends a form of their own account, and the form. Raises Refused."""
        session, form = await self.app.forms.checked(request)
        api.may_open(self.front, session, "account")
        if not session.account:
            raise Refused(
                403, "console.NoAccount", "Not done.", "Nobody's account is signed in here.",
                "Sign in with an account.",
            )  # fmt: skip
        return session, form

    async def change(
        self, request: Req, act: Callable[[Session, dict[str, str]], Awaitable[None]], done: str
    ) -> Response[Any]:
        """Do something about one's own account, and show it again with what came of it."""
        session, form = await self.own(request)
        try:
            await act(session, form)
        except Refused as refusal:
            html = self.pages.account(session, *self.app.look(request), refusal=refusal)
            return page(html, refusal.status, refusal.headers)
        return lead(f"/account?done={done}")

    async def password(self, session: Session, form: dict[str, str]) -> None:
        """Change one's own password, and end the other sessions where that is wanted."""
        given = [form.get(name, "") for name in ("current", "password", "again")]
        await self.flow.change_password(session.account, *given)
        if form.get("others"):
            for other in self.front.sessions.of(session.account):
                if other is not session:
                    await self.front.door.end(
                        session.account, other.name, w.Ended.EVERYWHERE, session.account
                    )

    async def remove(self, session: Session, form: dict[str, str]) -> None:
        """Remove one's own second factor."""
        reason = form.get("reason", "").strip()[:240]
        if len(reason) < 2:
            raise Refused(
                400, "console.NoReason", "Not done.", "No reason is given.",
                "Say why in a few words; it stands in the record.",
            )  # fmt: skip
        await self.flow.remove_factor(session.account, form.get("password", ""), reason)

    async def end(self, session: Session, form: dict[str, str]) -> None:
        """End another session of one's own, once it is proved whose it is."""
        name = form.get("session", "")
        if name not in {one.name for one in self.front.sessions.of(session.account)}:
            raise Refused(
                404, "console.NoSession", "Not done.", "There is no such session any more.",
                "Look at the list again.",
            )  # fmt: skip
        await self.flow.prove_again(session, form.get("password", ""))
        await self.front.door.end(session.account, name, w.Ended.ASKED, session.account)

    async def enrol(self, request: Req) -> Response[Any]:
        """Begin to set up a second factor."""
        session, _form = await self.own(request)
        ticket, seed = self.flow.enrol(session.account)
        return page(self.pages.enrol(session, *self.app.look(request), ticket, seed))

    async def add(self, request: Req) -> Response[Any]:
        """Add the second factor that was set up."""
        session, form = await self.own(request)
        ticket, look = form.get("ticket", ""), self.app.look(request)
        try:
            await self.flow.add_factor(
                session.account, ticket, form.get("code", ""), form.get("password", "")
            )
        except Refused as refusal:
            begun = self.flow.tickets.read(ticket)
            html = (
                self.pages.enrol(session, *look, ticket, begun.seed, refusal)
                if begun and begun.seed and begun.account == session.account
                else self.pages.account(session, *look, refusal=refusal)
            )
            return page(html, refusal.status, refusal.headers)
        return lead("/account?done=added")

    async def everywhere(self, request: Req) -> Response[Any]:
        """End every session of one's own account, this one too."""
        session, form = await self.own(request)
        try:
            await self.flow.prove_again(session, form.get("password", ""))
        except Refused as refusal:
            html = self.pages.account(session, *self.app.look(request), refusal=refusal)
            return page(html, refusal.status, refusal.headers)
        asked = w.SignOutEverywhere(key=new_key("door"), account=session.account)
        await self.front.door.do(asked, actor=session.actor)
        return lead("/enter", cookie("", secure=request.url.scheme == "https"))


async def leave(front: Front, request: Req) -> Response[Any]:
    """End the session of a request, whoever it is; without one there is nothing to end."""
    session = api.session_of(front, request.scope)
    if session is not None and session.account:
        await front.door.end(session.account, session.name, w.Ended.ASKED, session.account)
    elif session is not None:
        front.sessions.end(api.cookie_of(request.scope))
    return lead("/enter", cookie("", secure=request.url.scheme == "https"))


def routes(app: Application) -> list[Any]:
    """Return every route of the door and of one's own account."""
    door = SignIn(app)
    return [*_entering(door), *_own(door)]


def _entering(door: SignIn) -> list[Any]:
    @get("/enter", sync_to_thread=False)
    def enter_page(request: Req) -> Response[Any]:
        """Ask who one is."""
        back = back_to(request.query_params.get("back", "/"))
        desk = remembered(kept(request.scope, COOKIE))
        return page(door.pages.enter(*door.app.look(request), back, desk=desk))

    @post("/enter", status_code=200)
    async def enter(request: Req) -> Response[Any]:
        """Sign in with name and password."""
        return await door.enter(request)

    @post("/enter/code", status_code=200)
    async def code(request: Req) -> Response[Any]:
        """Sign in with the code of the second factor."""
        return await door.code(request)

    @get("/link/{word:str}", sync_to_thread=False)
    def link_page(request: Req) -> Response[Any]:
        """Ask the holder of a one-time link for a password."""
        word = request.path_params["word"]
        account = door.flow.invited(word)
        return page(door.pages.link(*door.app.look(request), word, account))

    @post("/link/{word:str}", status_code=200)
    async def link(request: Req) -> Response[Any]:
        """Set the password of a one-time link."""
        return await door.accept(request)

    @post("/session/end", status_code=303)
    async def sign_out(request: Req) -> Response[Any]:
        """End this session."""
        check_origin(request.scope)
        return await leave(door.front, request)

    return [enter_page, enter, code, link_page, link, sign_out]


def _own(door: SignIn) -> list[Any]:
    @get("/account", sync_to_thread=False)
    def account_page(request: Req) -> Response[Any]:
        """Show one's own account."""
        lang, theme = door.app.look(request)
        session = api.signed_in(door.front, request.scope)
        done = DONE.get(request.query_params.get("done", ""), "")
        return page(door.pages.account(session, lang, theme, lang(done)))

    @post("/account/password", status_code=200)
    async def password(request: Req) -> Response[Any]:
        """Change one's own password."""
        return await door.change(request, door.password, "password")

    @post("/account/factor", status_code=200)
    async def enrol(request: Req) -> Response[Any]:
        """Begin to set up a second factor."""
        return await door.enrol(request)

    @post("/account/factor/add", status_code=200)
    async def add(request: Req) -> Response[Any]:
        """Add the second factor, once its first code is right."""
        return await door.add(request)

    @post("/account/factor/remove", status_code=200)
    async def remove(request: Req) -> Response[Any]:
        """Remove one's own second factor."""
        return await door.change(request, door.remove, "removed")

    @post("/account/session/end", status_code=200)
    async def end(request: Req) -> Response[Any]:
        """End another session of one's own."""
        return await door.change(request, door.end, "ended")

    @post("/account/everywhere", status_code=200)
    async def everywhere(request: Req) -> Response[Any]:
        """Sign out everywhere."""
        return await door.everywhere(request)

    return [account_page, password, enrol, add, remove, end, everywhere]
