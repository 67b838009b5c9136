"""The door: what proves who somebody is becomes an event first, and a session then.

Every act here is a command of the room ``access``, given in the name of the account by the role
that may ask for secrets (``system`` in the table of rights). Slow work runs in ``Workers``; the
keyring is written there too, so the event loop waits for neither.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from typing import ParamSpec, Protocol, TypeVar

from answerable.access import words as w
from answerable.access.breached import Breached
from answerable.access.keyring import KeptSession, Keyring
from answerable.access.state import State
from answerable.console import session as held
from answerable.console.sanity import Refused, new_key, unavailable
from answerable.console.session import Session, Sessions, digest, new_identifier
from answerable.console.signin.bearer import Bearers
from answerable.console.signin.throttle import Strangers, Tries
from answerable.console.signin.workers import Workers
from answerable.kernel.authority import SYSTEM, Actor
from answerable.kernel.clock import SystemClock
from answerable.kernel.desk import Desk, Unavailable
from answerable.kernel.event import Command, Recorded
from answerable.kernel.hub import Accepted, Hub
from answerable.kernel.hub import Refused as HubRefused
from answerable.kernel.refusals import Refusal
from answerable.kernel.store import Head

SWEEP_S = 10.0
"""How often sessions are looked through for those whose time is over."""
NAME_BYTES = 6

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger("answerable.door")


class HasDoor(Protocol):
    """What the functions of this module need of a front."""

    @property
    def door(self) -> Door:
        """The door."""
        ...


class Door:
    """Who comes in. One per process; lives on the event loop of the hub."""

    def __init__(
        self,
        hub: Hub,
        desk: Desk,
        keyring: Keyring,
        told: Callable[[int], str],
        clock: Callable[[], float] | None = None,
    ) -> None:
        """``told`` writes an instant for a person; ``clock`` tells seconds, never going back."""
        wall = SystemClock()
        self.hub = hub
        self.desk = desk
        self.keyring = keyring
        self.clock = clock or (lambda: wall.now_us() / 1e6)
        self.sessions = Sessions(self.clock, lambda: self.state.accounts)
        self.bearers = Bearers(lambda: self.state, hub.clock.now_us, told)
        self.workers = Workers()
        self.tries = Tries(self.clock)
        self.strangers = Strangers(self.clock)
        self.provider = ""
        """What the sign-in page calls the OpenID provider, "" where there is none."""
        self.factor_required = False
        self.breached: Breached | None = None
        """Passwords that were breached elsewhere; None where no list lies beside the centre."""
        self._stale: list[bytes] = []
        self._written: dict[bytes, float] = {}
        self._restore()
        hub.subscribe(self.committed)

    @property
    def state(self) -> State:
        """Accounts and tokens as the record has them now."""
        state: State = self.hub.state["access"]
        return state

    # -- asking ------------------------------------------------------------------------------

    async def do(
        self, command: Command, account: str = "", actor: Actor | None = None
    ) -> Sequence[Recorded]:
        """Have a command done for an account, or by an actor. Raises Refused: 409, 503."""
        asker = actor or (Actor(name=account, role=SYSTEM.role) if account else SYSTEM)
        try:
            outcome = await self.desk.ask(command, asker)
        except Unavailable as refusal:
            raise unavailable(refusal) from refusal
        if isinstance(outcome, Accepted):
            return outcome.recorded
        if isinstance(outcome, HubRefused):
            raise refused(outcome.refusal)
        raise Refused(
            500, "console.Faulted", "Not done.",
            "The program failed while deciding; nothing was recorded.",
            "Tell whoever keeps this centre; the log has the details.",
        )  # fmt: skip

    def factor_missing(self, session: Session) -> bool:
        """Say whether a person has to set up a second factor before anything else.

        Whoever signs in at the OpenID provider has it there.
        """
        account = self.state.accounts.get(session.account) if self.factor_required else None
        return account is not None and not account.second and not account.provider

    def check_factor(self, session: Session) -> None:
        """Raise Refused (403) for a person without a second factor, where all need one."""
        if self.factor_missing(session):
            raise Refused(
                403, "console.FactorNeeded", "Not shown.",
                "This centre asks everybody for a second factor, and this account has none yet.",
                "Set one up on 'Your account' (/account) first.",
            )  # fmt: skip

    async def keyed(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Run slow work on the keyring. Raises Refused: 429 where too much waits, 503."""
        try:
            return await self.workers.run(work, *args, **named)
        except sqlite3.Error as error:
            log.error("the keyring cannot be used: %s", error)
            raise Refused(
                503, "console.NoKeyring", "Not done.", "The keyring cannot be used: {error}.",
                "Have the disk looked at, then try again.", error=error,
            ) from error  # fmt: skip

    # -- sessions ----------------------------------------------------------------------------

    async def begin(self, account: str, way: w.Way) -> str:
        """Open a session and return the identifier for its cookie. Raises Refused.

        It is kept before it is recorded, and taken up after: a crash between leaves nothing open.
        """
        if len(self.sessions) >= held.SESSIONS_MAX:
            raise Refused(
                503, "console.TooManySessions", "Not signed in.",
                "As many sessions are open as this centre takes.",
                "Try again when some have ended.",
            )  # fmt: skip
        identifier, name = new_identifier(), secrets.token_hex(NAME_BYTES)
        kept_as, now_s = digest(identifier), self.clock()
        kept = KeptSession(kept_as, account, name, now_s, now_s)
        await self.keyed(self.keyring.keep_session, kept)
        try:
            asked = w.SignIn(key=new_key("door"), account=account, session=name, way=way)
            await self.do(asked, account)
        except Refused:
            self._stale.append(kept_as)
            raise
        self._hold(kept)
        return identifier

    def _hold(self, kept: KeptSession) -> None:
        account = self.state.accounts[kept.account]
        actor = Actor(account.account, account.role, account.areas)
        session = Session(
            actor, "", kept.began_s, kept.seen_s, account=kept.account, name=kept.name
        )
        self.sessions.hold(kept.digest, session)
        self._written[kept.digest] = kept.seen_s

    def _restore(self) -> None:
        """Take up the sessions that were open when the process ended."""
        now_s = self.clock()
        for kept in self.keyring.sessions():
            account = self.state.accounts.get(kept.account)
            # One that began in the future shows a clock that was put back: its age is not known.
            if account and kept.name in account.sessions and kept.began_s <= now_s:
                self._hold(kept)
            else:
                self._stale.append(kept.digest)

    def lost(self) -> list[tuple[str, str]]:
        """Return (account, session) of what the record calls open and the keyring does not have."""
        here = {(s.account, s.name) for _kept_as, s in self.sessions.kept()}
        return [
            (account.account, name)
            for account in self.state.accounts.values()
            for name in account.sessions
            if (account.account, name) not in here
        ]

    async def end(self, account: str, name: str, why: w.Ended, actor: str = "") -> None:
        """End a session of an account; one that has ended already is no error."""
        asked = w.SignOut(key=new_key("door"), account=account, session=name, why=why)
        try:
            await self.do(asked, actor)
        except Refused as refusal:
            if refusal.status != 409:
                raise

    def committed(self, recorded: Sequence[Recorded], head: Head) -> None:
        """Take up what has just been recorded: what has ended is closed at once."""
        for one in recorded:
            if one.row.kind == w.SignedOut.tag and isinstance(one.event, w.SignedOut):
                self._drop(one.event.account, one.event.session)
        self.bearers.committed(recorded)

    def _drop(self, account: str, name: str) -> None:
        for kept_as, session in self.sessions.kept():
            if session.account == account and session.name == name:
                self.sessions.drop(kept_as)
                self._written.pop(kept_as, None)
                self._stale.append(kept_as)

    # -- sweeping ----------------------------------------------------------------------------

    async def run(self) -> None:
        """End what is lost or over, and keep what was seen, for as long as the task lives."""
        lost = self.lost()
        while True:
            try:
                for account, name in lost:
                    await self.end(account, name, w.Ended.LOST)
                lost = []
                await self.sweep()
            except Refused as refusal:  # the record cannot take it now: try again
                log.warning("the door could not sweep: %s", refusal.code)
            await asyncio.sleep(SWEEP_S)

    async def sweep(self) -> None:
        """End the sessions whose time is over, and write down when the others were used."""
        for session, why in self.sessions.overdue():
            await self.end(session.account, session.name, why)
        self.bearers.end_overdue()
        seen = [
            (kept_as, session.seen_s)
            for kept_as, session in self.sessions.kept()
            if session.seen_s > self._written.get(kept_as, 0.0)
        ]
        stale, self._stale = self._stale, []
        if seen or stale:
            try:
                await self.keyed(self.keyring.touch_sessions, seen, stale)
            except Refused:
                self._stale += stale
                raise
            self._written.update(seen)

    async def close(self) -> None:
        """Write down what was seen, and let the threads end."""
        with contextlib.suppress(Refused):
            await self.sweep()
        self.workers.close()


def refused(refusal: Refusal) -> Refused:
    """Return a refusal of the rules as the door tells it."""
    values = {name: getattr(refusal, name) for name in refusal.__struct_fields__}
    cls = type(refusal)
    return Refused(409, cls.code, cls.not_done, cls.because, cls.instead, **values)


async def begin_session(front: HasDoor, account: str, way: w.Way) -> str:
    """Open a session of an account and return the identifier for its cookie. Raises Refused."""
    return await front.door.begin(account, way)


def account_of_subject(front: HasDoor, subject: str) -> str | None:
    """Return the account that signs in at the provider as ``subject``, or None."""
    return front.door.state.subjects.get(subject)
