"""Proving who one is: password, then a code where the account has a second factor, or a link.

An unknown name, a closed account and a wrong password meet the same answer at the same cost: one
hash is computed for each, and one that is no account locks as an account does. Between two steps a
person holds a *ticket*, a random word that counts for minutes and in this process only.
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from answerable.access import words as w
from answerable.access.keyring import new_seed, step_of
from answerable.access.keys import digest_of
from answerable.access.passwords import LENGTH_MAX, LENGTH_MIN, Weak, normal, weakness
from answerable.access.state import FAILURES_MAX, LOCK_S, Account
from answerable.console.language import _
from answerable.console.sanity import Refused, new_key
from answerable.console.session import Session
from answerable.console.signin.door import Door, refused
from answerable.kernel.event import Command

TICKET_S = 300.0
ENROL_S = 900.0
FRESH_S = 300.0
"""For so long after signing in at a provider, a person counts as having proved who they are."""
TICKETS_MAX = 4096
NAME_MAX = 48
TYPED_MAX = 1024
MEETS = ("ready", "locked")
"""The states in which an account can sign in, or could but for a lock."""
WEAK = {
    Weak.SHORT: _("It has fewer than {least} characters."),
    Weak.LONG: _("It has more than {most} characters."),
    Weak.COMMON: _("It is among the passwords that are tried first."),
    Weak.NAME: _("It is little more than the account's name."),
    Weak.BREACHED: _("It is on the list of passwords that were breached elsewhere."),
}


@dataclass(slots=True)
class Ticket:
    """What a person has proved so far: the account, and the secrets that counted then."""

    account: str
    credential: str
    until_s: float
    seed: str = ""


class Tickets:
    """All tickets, oldest first; the oldest gives way."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._held: OrderedDict[str, Ticket] = OrderedDict()

    def give(self, account: str, credential: str, lasts_s: float, seed: str = "") -> str:
        """Return a fresh ticket."""
        word = secrets.token_urlsafe(32)
        self._held[digest_of(word)] = Ticket(account, credential, self._clock() + lasts_s, seed)
        while len(self._held) > TICKETS_MAX:
            self._held.popitem(last=False)
        return word

    def read(self, word: str) -> Ticket | None:
        """Return what a ticket stands for, None where it does not count any more."""
        ticket = self._held.get(digest_of(word))
        return ticket if ticket and ticket.until_s > self._clock() else None

    def drop(self, word: str) -> None:
        """Forget a ticket."""
        self._held.pop(digest_of(word), None)


class Entered(NamedTuple):
    """What came of a step: the identifier of a session, or the ticket of the next step."""

    identifier: str = ""
    ticket: str = ""


class Flow:
    """The steps of the door. One per process."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.tickets = Tickets(door.clock)

    # -- signing in --------------------------------------------------------------------------

    def _meeting(self, name: str) -> Account | None:
        """Return the account of a name, where it has a password that counts."""
        account = self.door.state.accounts.get(name)
        return account if account and account.state in MEETS and account.credential else None

    def _check_lock(self, name: str, account: Account | None) -> None:
        """Refuse a name that is locked, whether it is an account or not. Raises Refused (409)."""
        locked: w.Locked | None = None
        if account is None:
            locked = self.door.strangers.locked(name)
        elif account.state == "locked":
            left_us = account.locked_until_us - self.door.hub.clock.now_us()
            locked = w.Locked(failures=account.failures, wait_s=max(1, -(-left_us // 1_000_000)))
        if locked is not None:
            refusal = refused(locked)
            refusal.headers = {"retry-after": str(locked.wait_s)}
            raise refusal

    async def prove(self, name: str, password: str) -> Account:
        """Return the account whose password this is. Raises Refused: 401, 409 where locked."""
        name = name.strip().lower()[:NAME_MAX]
        account = self._meeting(name)
        self._check_lock(name, account)
        credential = account.credential if account else ""
        fits = await self.door.keyed(
            self.door.keyring.check_password, name, credential, password[:TYPED_MAX]
        )
        account = self._meeting(name)  # it may have been closed, or given another, meanwhile
        if not fits or account is None or account.credential != credential:
            await self._missed(name, account, w.Missed.PASSWORD)
            raise wrong()
        self._check_lock(name, account)
        return account

    async def _missed(self, name: str, account: Account | None, missed: w.Missed) -> None:
        """Record a failure of an account; of a name that is none, remember it. Raises Refused."""
        if account is None:
            self.door.strangers.missed(name)
            return
        await self.door.do(w.MissSignIn(key=new_key("door"), account=name, missed=missed))

    async def password(self, name: str, password: str, address: str) -> Entered:
        """Take the first step. Raises Refused: 401 wrong, 409 locked, 429 too often."""
        self.door.tries.take(address)
        account = await self.prove(name, password)
        if account.second:
            return Entered(ticket=self.tickets.give(account.account, account.second, TICKET_S))
        return Entered(await self.door.begin(account.account, w.Way.PASSWORD))

    async def code(self, ticket: str, code: str, address: str) -> Entered:
        """Take the second step. Raises Refused: 401 wrong or too late, 409 locked, 429."""
        self.door.tries.take(address)
        proved = self.tickets.read(ticket)
        account = self._meeting(proved.account) if proved else None
        if proved is None or account is None or account.second != proved.credential:
            raise too_late()
        self._check_lock(account.account, account)
        if not await self._code_fits(account.account, proved.credential, code):
            await self._missed(account.account, account, w.Missed.CODE)
            raise wrong_code()
        self.tickets.drop(ticket)
        return Entered(await self.door.begin(account.account, w.Way.PASSWORD_AND_CODE))

    async def check_second(self, account: Account, code: str) -> None:
        """Take the second step beside the first, where an account has one. Raises Refused: 401."""
        if account.second and not await self._code_fits(account.account, account.second, code):
            await self._missed(account.account, account, w.Missed.CODE)
            raise wrong_code()

    async def _code_fits(self, account: str, credential: str, code: str) -> bool:
        keyring, now_s = self.door.keyring, self.door.clock()
        return await self.door.keyed(keyring.check_code, account, credential, digits(code), now_s)

    # -- a one-time link ---------------------------------------------------------------------

    def invited(self, word: str) -> Account:
        """Return the account that a link is for. Raises Refused (404) where it does not count."""
        given, now_us = digest_of(word[:TYPED_MAX]), self.door.hub.clock.now_us()
        for account in self.door.state.accounts.values():
            fits = hmac.compare_digest(account.invitation or "-", given)
            if fits and now_us < account.invited_until_us:
                return account
        raise no_link()

    async def accept(self, word: str, password: str, again: str, address: str) -> Entered:
        """Set the password of a link's account and sign in, where no code is asked for.

        Raises Refused: 400 where the password is not taken, 404 where the link does not count.
        """
        self.door.tries.take(address)
        account = self.invited(word)
        await self.check_new(account.account, password, again)
        await self._set_password(account, password, digest_of(word))
        if account.second:
            return Entered()
        return Entered(await self.door.begin(account.account, w.Way.INVITATION))

    async def check_new(self, account: str, password: str, again: str) -> None:
        """Refuse a new password that is not taken. Raises Refused (400)."""
        check_new(account, password, again)
        if (breached := self.door.breached) is None:
            return
        try:
            found = await self.door.keyed(breached.holds, normal(password))
        except OSError as error:
            raise Refused(
                503, "console.NoBreachedList", "Not set.",
                "The list of breached passwords cannot be read: {error}.",
                "Have the file looked at that the settings name, then try again.",
                error=error.strerror or str(error),
            ) from error  # fmt: skip
        if found:
            raise weak(Weak.BREACHED)

    async def _set_password(self, account: Account, password: str, invitation: str | None) -> None:
        """Keep the password, record that it counts, and forget the one before."""
        keyring, before = self.door.keyring, account.credential
        credential = await self.door.keyed(keyring.keep_password, account.account, password)
        asked = w.SetPassword(
            key=new_key("door"), account=account.account, credential=credential,
            invitation=invitation,
        )  # fmt: skip
        await self._replace(asked, account.account, credential, before)

    async def _replace(self, asked: Command, account: str, new: str, old: str) -> None:
        """Record that a new secret counts, and forget the old one; or forget the new one."""
        try:
            await self.door.do(asked, account)
        except Refused:
            await self.door.keyed(self.door.keyring.forget, new)
            raise
        await self.door.keyed(self.door.keyring.forget, old)

    # -- one's own account -------------------------------------------------------------------

    async def change_password(self, name: str, current: str, password: str, again: str) -> None:
        """Set one's own password. Raises Refused: 400, 401, 409."""
        await self.check_new(name, password, again)
        await self._set_password(await self.prove(name, current), password, None)

    async def prove_again(self, session: Session, password: str) -> None:
        """Have a person prove who they are before a session ends. Raises Refused: 401, 409.

        With a password by it; whoever has none by having just signed in at the provider.
        """
        account = self.door.state.accounts.get(session.account)
        if account is not None and account.credential:
            await self.prove(session.account, password)
        elif self.door.clock() - session.began_s > FRESH_S:
            raise Refused(
                401, "console.ProveAgain", "Not done.",
                "You have no password here, and signed in longer ago than {minutes} minutes.",
                "Sign out, sign in again at the provider, and do it then.",
                minutes=int(FRESH_S // 60),
            )  # fmt: skip

    def enrol(self, name: str) -> tuple[str, str]:
        """Return a ticket and a fresh seed for a second factor."""
        seed = new_seed()
        return self.tickets.give(name, "", ENROL_S, seed), seed

    def enrolling(self, ticket: str, name: str) -> Ticket:
        """Return an enrolment that has begun. Raises Refused (401) where it is over."""
        begun = self.tickets.read(ticket)
        if begun is None or not begun.seed or begun.account != name:
            raise too_late()
        return begun

    async def add_factor(self, name: str, ticket: str, code: str, password: str) -> None:
        """Add a second factor, once its first code was right. Raises Refused: 401, 409."""
        begun = self.enrolling(ticket, name)
        drift = self.door.keyring.drift_steps
        step = step_of(begun.seed, digits(code), self.door.clock(), drift)
        account = await self.prove(name, password)
        if step is None:
            raise wrong_code()
        keyring, before = self.door.keyring, account.second
        credential = await self.door.keyed(keyring.keep_seed, name, begun.seed, step)
        asked = w.SetSecondFactor(key=new_key("door"), account=name, credential=credential)
        await self._replace(asked, name, credential, before)
        self.tickets.drop(ticket)

    async def remove_factor(self, name: str, password: str, reason: str) -> None:
        """Remove one's own second factor. Raises Refused: 401, 409."""
        before = (await self.prove(name, password)).second
        asked = w.RemoveSecondFactor(key=new_key("door"), account=name, reason=reason)
        await self._replace(asked, name, "", before)


def digits(code: str) -> str:
    """Return a code as it is compared: people write it with a gap."""
    return "".join(code[:32].split())


def check_new(account: str, password: str, again: str) -> None:
    """Refuse a new password that is not taken. Raises Refused (400)."""
    if password != again:
        raise Refused(
            400, "console.NotTheSame", "Not set.", "The two passwords are not the same.",
            "Type it twice.",
        )  # fmt: skip
    if (why := weakness(password[:TYPED_MAX], account)) is not None:
        raise weak(why)


def weak(why: Weak) -> Refused:
    """Return the refusal of a password that is guessed first."""
    return Refused(
        400, "console.WeakPassword", _("Not set."), WEAK[why],
        _("Take {least} characters or more that nobody guesses; a few words will do."),
        least=LENGTH_MIN, most=LENGTH_MAX,
    )  # fmt: skip


def wrong() -> Refused:
    """Return the one answer to every wrong name and password."""
    return Refused(
        401, "console.WrongPassword", "Not done.", "The name or the password is wrong.",
        "Try again; after {failures} failures the account waits for {minutes} minutes.",
        failures=FAILURES_MAX, minutes=LOCK_S // 60,
    )  # fmt: skip


def wrong_code() -> Refused:
    """Return the refusal of a wrong code."""
    return Refused(
        401, "console.WrongCode", "Not done.", "The code is wrong, too old, or was used before.",
        "Wait for the next one and type that.",
    )  # fmt: skip


def too_late() -> Refused:
    """Return the refusal of a step whose first one was too long ago."""
    return Refused(
        401, "console.BeginAgain", "Not done.", "It was begun too long ago.", "Begin again."
    )


def no_link() -> Refused:
    """Return the refusal of a link that does not count."""
    return Refused(
        404, "console.NoLink", "Not shown.", "The link has been used, was replaced, or is too old.",
        "Ask an administrator for a new one.",
    )  # fmt: skip
