"""The routes of administration. Every one names the page of the table of rights it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get

from answerable.access import words as access
from answerable.console import api
from answerable.console.admin import accounts, adapters, health, posting, roles, tokens, town
from answerable.console.admin.disk import Checker
from answerable.console.admin.office import Office, first_page
from answerable.console.alerting import adapters as alerting
from answerable.console.contract import letters
from answerable.console.language import Language
from answerable.console.sanity import Refused
from answerable.console.trying import page as trying

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
Look = Callable[[Req], tuple[Language, str]]


def page(html: str) -> Response[Any]:
    """Return a page."""
    return Response(html, media_type="text/html")


def routes(app: Application) -> list[Any]:
    """Return every route of administration."""
    office = Office(app.front, app.pages, app.forms)
    checker = Checker(app.front.centre.places.folder)
    return [
        *_looking(office, app.look),
        *_town(office, app.look, checker),
        *_running(office, app.look),
        *posting.routes(office, app.look, checker),
        *trying.routes(office, app.look, checker, app.trials),
    ]


def _looking(office: Office, look: Look) -> list[Any]:
    front = office.front

    @get("/admin", sync_to_thread=False)
    def admin(request: Req) -> Response[Any]:
        """Lead to the first page of administration that the role is given."""
        session = api.signed_in(front, request.scope)
        to = first_page(front, session.actor.role)
        if not to:
            raise Refused(
                403, "console.NotGiven", "Not shown.", "The role {role} is not given this page.",
                "Sign in at another desk, or ask a supervisor.", role=session.actor.role,
            )  # fmt: skip
        return Response(b"", status_code=303, headers={"location": to})

    @get("/admin/accounts", sync_to_thread=False)
    def accounts_page(request: Req) -> Response[Any]:
        """Accounts: who may sign in, as what, where."""
        session, (lang, theme) = api.signed_in(front, request.scope), look(request)
        frame = office.frame("accounts", request, session, lang, theme)
        listed = accounts.listed(office, lang, dict(request.query_params))
        may = office.may(session, access.OpenAccount)
        return page(
            lang.render(
                "admin/accounts.html", **frame, list=listed,
                open=accounts.opening(office, lang) if may else None,
            )
        )  # fmt: skip

    @get("/admin/accounts/{account:str}", sync_to_thread=False)
    def account_page(request: Req) -> Response[Any]:
        """One account, with what may be done about it."""
        session, (lang, theme) = api.signed_in(front, request.scope), look(request)
        frame = office.frame("accounts", request, session, lang, theme)
        told = accounts.one(office, session, lang, request.path_params["account"])
        return page(lang.render("admin/account.html", **frame, a=told))

    @get("/admin/roles", sync_to_thread=False)
    def roles_page(request: Req) -> Response[Any]:
        """Roles: the table of rights, read both ways."""
        session, (lang, theme) = api.signed_in(front, request.scope), look(request)
        frame = office.frame("roles", request, session, lang, theme)
        table = roles.shown(office, lang, dict(request.query_params))
        return page(lang.render("admin/roles.html", **frame, t=table))

    @get("/admin/tokens", sync_to_thread=False)
    def tokens_page(request: Req) -> Response[Any]:
        """Tokens: which programs may use the API, and until when."""
        session, (lang, theme) = api.signed_in(front, request.scope), look(request)
        frame = office.frame("tokens", request, session, lang, theme)
        may = office.may(session, access.IssueToken)
        return page(
            lang.render(
                "admin/tokens.html", **frame, rows=tokens.listed(office, session, lang),
                open=tokens.issuing(office, lang) if may else None,
            )
        )  # fmt: skip

    return [admin, accounts_page, account_page, roles_page, tokens_page]


def _town(office: Office, look: Look, checker: Checker) -> list[Any]:
    front = office.front

    @get("/admin/town")
    async def town_page(request: Req) -> Response[Any]:
        """Show the town: its files, run cards and standards, and from when they hold."""
        session, (lang, theme) = api.signed_in(front, request.scope), look(request)
        frame = office.frame("town", request, session, lang, theme)
        disk = await checker.read()
        told = town.shown(office, session, lang, disk, dict(request.query_params))
        return page(lang.render("admin/town.html", **frame, t=told))

    @get("/admin/town/findings")
    async def town_findings(request: Req) -> Response[Any]:
        """Check the town's files and tell what is wrong with them, as a part of the page."""
        session, (lang, _theme) = api.signed_in(front, request.scope), look(request)
        api.may_open(front, session, "town")
        told = town.findings(lang, await checker.findings())
        return page(lang.render("admin/findings.html", found=told))

    return [town_page, town_findings]


def _running(office: Office, look: Look) -> list[Any]:
    front, heard = office.front, adapters.LastHeard(office.front)

    @get("/admin/adapters", sync_to_thread=False)
    def adapters_page(request: Req) -> Response[Any]:
        """Show the outside connections: what brings calls in, and who is told of events."""
        session, (lang, theme) = api.signed_in(front, request.scope), look(request)
        frame = office.frame("adapters", request, session, lang, theme)
        may = office.may(session, access.RegisterHook)
        return page(
            lang.render(
                "admin/adapters.html", **frame,
                programs=adapters.programs(office, lang, heard),
                provider=adapters.provider(office, lang),
                hooks=adapters.hooks(office, session, lang),
                channels=alerting.channels(front, lang),
                orders=list(alerting.orders(front, lang)),
                letters=letters.stands(
                    front, lang, office.phrases(lang), may=office.may(session, access.DropLetters)
                ),
                open=adapters.registering(office, lang) if may else None,
            )
        )  # fmt: skip

    @get("/admin/health", sync_to_thread=False)
    def health_page(request: Req) -> Response[Any]:
        """Show how the service is, and what to do."""
        session, (lang, theme) = api.signed_in(front, request.scope), look(request)
        frame = office.frame("health", request, session, lang, theme)
        told = health.shown(office, session, lang)
        return page(lang.render("admin/health.html", **frame, h=told))

    return [adapters_page, health_page]
