"""What the forms of administration bring about: every one asks the desk, like any other form."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request, Response, post

from answerable.access import words as access
from answerable.access.crew_words import GiveUnits
from answerable.access.keys import new_word, token_text
from answerable.console.acts import command_body
from answerable.console.admin import adapters, promises
from answerable.console.admin.disk import Checker
from answerable.console.admin.office import Office
from answerable.console.admin.reading import TEXT_BYTES_MAX, Posted, moment, posted
from answerable.console.admin.tokens import NAMED
from answerable.console.contract import letters
from answerable.console.control import link_path
from answerable.console.language import Language, _
from answerable.console.sanity import Refused
from answerable.exchange.hooks.letters import new_secret
from answerable.keeping.words import AcknowledgeAlarm
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted
from answerable.standards.words import AdoptStandard
from answerable.towns.rules import digest_of
from answerable.towns.words import AdoptRunCards, WithdrawRunCards

Req = Request[Any, Any, Any]
Look = Callable[[Req], tuple[Language, str]]
ACCOUNT_ACTS = (
    access.ChangeRole, access.CloseAccount, access.ReopenAccount, access.ReleaseAccount,
    GiveUnits,
    access.RemoveSecondFactor, access.SignOutEverywhere,
)  # fmt: skip


def routes(office: Office, look: Look, checker: Checker) -> list[Any]:
    """Return the routes of the forms."""
    doing = Doing(office, look, checker)
    return [*_accounts(doing), *_tokens(doing), *_town(doing), *_hooks(doing), *_health(doing)]


class Doing:
    """What the handlers share."""

    def __init__(self, office: Office, look: Look, checker: Checker) -> None:
        self.office = office
        self.front = office.front
        self.look = look
        self.checker = checker

    async def plain(
        self, request: Req, page: str, acts: tuple[type[Command], ...], to: Callable[[Posted], str]
    ) -> Response[Any]:
        """Do the one command a form names, if its page has it; lead to where it shows."""
        lang, _theme = self.look(request)
        form = await posted(self.front, request, page)
        body = command_body(form.values)
        if body.get("type") not in {command.tag for command in acts}:
            raise Refused(
                400, "console.NotOfPage", "Not done.", "The form asks for something else.",
                "Load the page again and repeat it.",
            )  # fmt: skip
        if body["type"] == access.ChangeRole.tag:
            body["areas"] = form.areas
        if body["type"] == GiveUnits.tag:
            body["units"] = str(body.get("units", "")).split()
        if NAMED in body:
            body["token"] = body.pop(NAMED)
        if "letters" in body:
            body["letters"] = letters.named(str(body["letters"]))
        if str(body.get("edition", "")).isdecimal():
            body["edition"] = int(body["edition"])
        outcome = await self.office.ask(form.session, body, lang)
        return self.office.done(request, lang, outcome, to(form))

    def link(self, request: Req, word: str) -> str:
        """Return a one-time link at the address this centre was asked by."""
        return f"{request.base_url}".rstrip("/") + link_path(word)


def _accounts(doing: Doing) -> list[Any]:
    office = doing.office

    async def invite(request: Req, form: Posted, account: str) -> Response[Any]:
        """Make the one-time link and show it, this once."""
        lang, theme = doing.look(request)
        until_us = form.days("days", doing.front.now_us())
        word = new_word()
        body = {"type": access.InviteAccount.tag, "account": account, "digest": word.digest,
                "until": until_us}  # fmt: skip
        outcome = await office.ask(form.session, body, lang)
        if not isinstance(outcome, Accepted):
            return office.forms.answer(request, lang, outcome)
        phrases = office.phrases(lang)
        until = f"{phrases.day(until_us)} {phrases.clock(until_us)}"
        told = {
            "page": "accounts", "title": lang.say(_("The link for {account}"), account=account),
            "means": lang.say(_("It is shown this once and counts once, until {until}."),
                              until=until),
            "secret": doing.link(request, word.text),
            "back": f"/admin/accounts/{account}",
        }  # fmt: skip
        return office.once(request, form.session, lang, theme, told)

    @post("/admin/accounts", status_code=201)
    async def open_account(request: Req) -> Response[Any]:
        """Open an account and, unless it signs in at the provider, make its one-time link."""
        lang, _theme = doing.look(request)
        form = await posted(doing.front, request, "accounts")
        subject, account = form.text("subject"), form.text("account")
        if not subject:
            form.days("days", 0)  # nothing is opened for a form with a slip in it
        body = {"type": access.OpenAccount.tag, "key": form.text("key"), "account": account,
                "role": form.text("role"), "areas": form.areas, "provider": bool(subject),
                "subject": subject}  # fmt: skip
        outcome = await office.ask(form.session, body, lang)
        if not isinstance(outcome, Accepted) or subject:
            return office.done(request, lang, outcome, f"/admin/accounts/{account}")
        return await invite(request, form, account)

    @post("/admin/accounts/invite", status_code=201)
    async def make_link(request: Req) -> Response[Any]:
        """Make a one-time link for an account there is, and show it this once."""
        form = await posted(doing.front, request, "accounts")
        return await invite(request, form, form.text("account"))

    @post("/admin/accounts/do", status_code=201)
    async def account_act(request: Req) -> Response[Any]:
        """Change, close, reopen, release or sign out an account."""
        return await doing.plain(
            request, "accounts", ACCOUNT_ACTS,
            lambda form: f"/admin/accounts/{form.text('account')}",
        )  # fmt: skip

    return [open_account, make_link, account_act]


def _tokens(doing: Doing) -> list[Any]:
    office = doing.office

    @post("/admin/tokens", status_code=201)
    async def issue_token(request: Req) -> Response[Any]:
        """Issue a token and show its secret, this once."""
        lang, theme = doing.look(request)
        form = await posted(doing.front, request, "tokens")
        name, word = form.text("name"), new_word()
        body = {"type": access.IssueToken.tag, "key": form.text("key"), "token": name,
                "label": form.text("label"), "role": form.text("role"), "areas": form.areas,
                "digest": word.digest,
                "until": form.days("days", doing.front.now_us())}  # fmt: skip
        outcome = await office.ask(form.session, body, lang)
        if not isinstance(outcome, Accepted):
            return office.forms.answer(request, lang, outcome)
        told = {
            "page": "tokens", "title": lang.say(_("The token {token}"), token=name),
            "means": lang(_("It is shown this once. The program sends it as "
                            "'Authorization: Bearer …' with every request.")),
            "secret": token_text(name, word.text), "back": "/admin/tokens",
        }  # fmt: skip
        return office.once(request, form.session, lang, theme, told)

    @post("/admin/tokens/do", status_code=201)
    async def token_act(request: Req) -> Response[Any]:
        """Revoke a token."""
        acts = (access.RevokeToken,)
        return await doing.plain(request, "tokens", acts, lambda form: "/admin/tokens")

    return [issue_token, token_act]


def _town(doing: Doing) -> list[Any]:
    office, front = doing.office, doing.front

    @post("/admin/town/do", status_code=201)
    async def town_act(request: Req) -> Response[Any]:
        """Withdraw run cards that do not hold yet."""
        acts = (WithdrawRunCards,)
        return await doing.plain(request, "town", acts, lambda form: "/admin/town")

    @post("/admin/town/cards", status_code=201)
    async def adopt_cards(request: Req) -> Response[Any]:
        """Adopt the run cards of the file on the disk, if they are still those that were shown."""
        lang, _theme = doing.look(request)
        form = await posted(front, request, "town")
        from_us = moment(form.text("from"), front.town.zone)
        disk = await doing.checker.read()
        if disk.cards is None or digest_of(disk.cards, disk.sending) != form.text("digest"):
            raise Refused(
                409, "console.FileChanged", "Not adopted: the run cards.",
                "The file has changed since this page was loaded.",
                "Load the page again and look at what would be adopted.",
            )  # fmt: skip
        cards, sending = msgspec.to_builtins(disk.cards), msgspec.to_builtins(disk.sending)
        body = {"type": AdoptRunCards.tag, "key": form.text("key"), "from_us": from_us,
                "cards": cards, "sending": sending, "reason": form.text("reason")}  # fmt: skip
        outcome = await office.ask(form.session, body, lang)
        return office.done(request, lang, outcome, "/admin/town")

    @post("/admin/town/standard/check", status_code=200, request_max_body_size=TEXT_BYTES_MAX)
    async def check_standard(request: Req) -> Response[Any]:
        """Read a standard's text and tell what adopting it would change; nothing is adopted."""
        lang, _theme = doing.look(request)
        form = await posted(front, request, "town", TEXT_BYTES_MAX)
        told = promises.proposed(office, form.session, lang, form.text("text"))
        return Response(lang.render("admin/proposed.html", p=told), media_type="text/html")

    @post("/admin/town/standard", status_code=201, request_max_body_size=TEXT_BYTES_MAX)
    async def adopt_standard(request: Req) -> Response[Any]:
        """Adopt a standard, if its text is still the one that was checked."""
        lang, _theme = doing.look(request)
        form = await posted(front, request, "town", TEXT_BYTES_MAX)
        text = form.text("text")
        if promises.proposed(office, form.session, lang, text).get("digest") != form.text("digest"):
            raise Refused(
                409, "console.NotWhatWasChecked", "Not adopted: the standard.",
                "Its text has changed since it was checked.", "Check it again, then adopt it.",
            )  # fmt: skip
        body = {"type": AdoptStandard.tag, "key": form.text("key"), "text": text}
        outcome = await office.ask(form.session, body, lang)
        return office.done(request, lang, outcome, "/admin/town")

    return [town_act, adopt_cards, check_standard, adopt_standard]


def _health(doing: Doing) -> list[Any]:
    @post("/admin/health/do", status_code=201)
    async def health_act(request: Req) -> Response[Any]:
        """Acknowledge an alarm about the record."""
        acts = (AcknowledgeAlarm,)
        return await doing.plain(request, "health", acts, lambda form: "/admin/health")

    return [health_act]


def _hooks(doing: Doing) -> list[Any]:
    office, front = doing.office, doing.front

    @post("/admin/adapters/hooks", status_code=201)
    async def register_hook(request: Req) -> Response[Any]:
        """Register a hook and show its secret, this once."""
        lang, theme = doing.look(request)
        form = await posted(front, request, "adapters")
        name, kinds = form.text("hook"), form.text("kinds").replace(",", " ").split()
        if strange := adapters.unknown_kinds(office, kinds):
            raise Refused(
                400, "console.NoSuchEvent", "Nothing was recorded.",
                "There is no event {kind}.", "Look it up in the reference of events.",
                kind=strange[0][:60],
            )  # fmt: skip
        secret = new_secret()
        keyring = front.centre.keyring
        credential = await asyncio.to_thread(keyring.keep_secret, name, secret)
        body = {"type": access.RegisterHook.tag, "key": form.text("key"), "hook": name,
                "url": form.text("url"), "role": form.text("role"), "kinds": kinds,
                "credential": credential}  # fmt: skip
        try:
            outcome = await office.ask(form.session, body, lang)
        except Refused:
            await asyncio.to_thread(keyring.forget, credential)
            raise
        if not isinstance(outcome, Accepted):
            await asyncio.to_thread(keyring.forget, credential)
            return office.forms.answer(request, lang, outcome)
        told = {
            "page": "adapters", "title": lang.say(_("The secret of the hook {hook}"), hook=name),
            "means": lang(_("It is shown this once. The receiver checks with it that a message "
                            "comes from this centre.")),
            "secret": secret, "back": "/admin/adapters",
        }  # fmt: skip
        return office.once(request, form.session, lang, theme, told)

    @post("/admin/adapters/do", status_code=201)
    async def hook_act(request: Req) -> Response[Any]:
        """Remove a hook, or try its dead letters again, or drop them."""
        acts = (access.RemoveHook, access.RetryLetters, access.DropLetters)
        return await doing.plain(request, "adapters", acts, lambda form: "/admin/adapters")

    return [register_hook, hook_act]
