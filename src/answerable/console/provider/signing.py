"""Signing in at the provider, from the first click to a session of an account that is here.

No account is made by itself: whoever the provider proves somebody to be must already be the subject
of an account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from answerable.access.words import Way
from answerable.console.language import _
from answerable.console.provider.proof import UnknownKey, subject_of
from answerable.console.provider.remote import Remote, error_word
from answerable.console.provider.trouble import (
    ProviderTrouble,
    log,
    no_account,
    stale,
    told,
    unproven,
)
from answerable.console.provider.waiting import Waiting
from answerable.console.sanity import Refused
from answerable.console.serve.check import Check, Found
from answerable.console.serve.settings import Provider
from answerable.console.signin.door import account_of_subject, begin_session

if TYPE_CHECKING:
    from answerable.console.serve.service import Service

BACK = "/sign-in/provider/back"


class SigningIn:
    """The provider of one service."""

    def __init__(self, service: Service, provider: Provider, secret: str) -> None:
        self.service, self.provider = service, provider
        self.remote = Remote(provider, secret)
        self.waiting = Waiting()
        self.back_url = service.settings.url + BACK
        self.last = ""
        """The outcome of the last sign-in, for the page of health."""
        service.front.checks.append(self.check)
        service.front.door.provider = provider.label

    def count(self, outcome: str) -> None:
        """Count what came of a sign-in."""
        self.last = outcome
        self.service.counts.provider[outcome] += 1

    def _troubled(self, trouble: ProviderTrouble) -> Refused:
        self.count(trouble.outcome)
        log.warning("sign-in at the provider: %s", trouble)
        return told(trouble)

    async def leave(self, back: str) -> tuple[str, str]:
        """Begin a sign-in: (where the browser is sent, the state for its cookie). Refused."""
        try:
            state, begun = self.waiting.begin(back)
            address = await self.remote.address(self.back_url, state, begun.nonce, begun.verifier)
        except ProviderTrouble as trouble:
            raise self._troubled(trouble) from trouble
        return address, state

    async def come_back(self, asked: dict[str, str], cookie: str) -> tuple[str, str]:
        """Take the provider's answer: (identifier of a new session, where to go on). Refused."""
        begun = self.waiting.take(asked.get("state", ""), cookie)
        if begun is None:
            self.count("stale")
            raise stale()
        try:
            if "error" in asked:
                raise ProviderTrouble("refused", error_word(asked["error"]))
            if asked.get("iss", self.provider.issuer) != self.provider.issuer:
                raise unproven("the answer is another issuer's")  # RFC 9207
            token = await self.remote.exchange(asked.get("code", ""), self.back_url, begun.verifier)
            subject = await self._subject(token, begun.nonce)
        except ProviderTrouble as trouble:
            raise self._troubled(trouble) from trouble
        account = account_of_subject(self.service.front, subject)
        if account is None:
            self.count("no account")
            raise no_account()
        identifier = await begin_session(self.service.front, account, Way.PROVIDER)
        self.count("signed in")
        return identifier, begun.back

    async def _subject(self, token: str, nonce: str) -> str:
        try:
            return subject_of(token, await self.remote.keys(), self.provider, nonce)
        except UnknownKey:
            pass
        try:
            return subject_of(token, await self.remote.keys(again=True), self.provider, nonce)
        except UnknownKey as error:
            raise unproven("the signature fits none of its keys") from error

    def check(self) -> Check:
        """Say how the provider does, for the page of health."""
        if self.last in ("down", "nonsense", "unproven"):
            return Check(
                name="provider", found=Found.WATCH, values={"outcome": self.last},
                means=_("The last sign-in at the provider failed ({outcome})."),
                instead=_("Look at the provider and the log; passwords work meanwhile."),
            )  # fmt: skip
        return Check(
            name="provider", found=Found.WELL,
            means=_("Signing in at the provider works, or was not tried yet."),
        )  # fmt: skip
