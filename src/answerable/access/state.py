"""The state of access: the life of accounts, tokens and hooks, and what is known of each."""

from __future__ import annotations

import msgspec

from answerable.access import crew_words as c
from answerable.access import words as w
from answerable.kernel.alarms import Alarms
from answerable.kernel.room import Arms, Deciders
from answerable.kernel.steps import Steps

US = 1_000_000
DAY_US = 86_400 * US
FAILURES_MAX = 8
"""Failed sign-ins after which an account is locked."""
LOCK_S = 300
"""How long it is locked: long enough to make guessing hopeless, short enough for a desk."""
SESSIONS_MAX = 32
"""Open sessions of one account; the oldest gives way to the next."""
INVITED_DAYS_MAX = 14
TOKEN_DAYS_MAX = 400
OPENS = w.OpenAccount.tag
"""Whoever is given this command is an administrator."""
DOOR = w.SignIn.tag
"""Whoever is given this command is the door, which has asked for the secret first."""
RESERVED = frozenset({"importer", "operator", "system"})
"""Names under which the program itself stands in the record; nobody else may act under them."""

ACCOUNT = Steps(
    "account",
    first="new",
    last=frozenset({"ready", "closed"}),
    table={
        ("new", w.AccountOpened): "waiting",
        ("waiting", w.AccountInvited): "waiting",
        ("waiting", w.PasswordSet): "ready",
        ("waiting", w.SignedIn): "ready",
        ("waiting", w.RoleChanged): "waiting",
        ("waiting", c.UnitsGiven): "waiting",
        ("waiting", w.AccountClosed): "closed",
        ("ready", w.AccountInvited): "ready",
        ("ready", w.PasswordSet): "ready",
        ("ready", w.SecondFactorSet): "ready",
        ("ready", w.SecondFactorRemoved): "ready",
        ("ready", w.RoleChanged): "ready",
        ("ready", c.UnitsGiven): "ready",
        ("ready", c.UnitTaken): "ready",
        ("ready", w.SignedIn): "ready",
        ("ready", w.SignInMissed): "ready",
        ("ready", w.SignedOut): "ready",
        ("ready", w.SignedOutEverywhere): "ready",
        ("ready", w.AccountLocked): "locked",
        ("ready", w.AccountClosed): "closed",
        ("locked", w.AccountReleased): "ready",
        ("locked", w.SignedOut): "locked",
        ("locked", w.SignedOutEverywhere): "locked",
        ("locked", w.SecondFactorRemoved): "locked",
        ("locked", w.RoleChanged): "locked",
        ("locked", c.UnitsGiven): "locked",
        ("locked", c.UnitTaken): "locked",
        ("locked", w.AccountInvited): "locked",
        ("locked", w.PasswordSet): "ready",
        ("locked", w.AccountClosed): "closed",
        ("closed", w.AccountReopened): "waiting",
    },
)
"""The life of an account. A locked one keeps the sessions it has: nobody's shift is cut short."""

TOKEN = Steps(
    "token",
    first="new",
    last=frozenset({"revoked"}),
    table={("new", w.TokenIssued): "valid", ("valid", w.TokenRevoked): "revoked"},
)

HOOK = Steps(
    "hook",
    first="new",
    last=frozenset({"removed"}),
    table={
        ("new", w.HookRegistered): "told",
        ("told", w.LettersRetried): "told",
        ("told", w.LettersDropped): "told",
        ("told", w.HookRemoved): "removed",
    },
)


class Account(msgspec.Struct):
    """An account: life, role, areas, the keyring numbers that count, and its open sessions.

    ``units`` are those it may act for, ``on`` the one that each of its sessions acts for.
    """

    account: str
    role: str
    state: str = ACCOUNT.first
    areas: tuple[str, ...] = ()
    provider: bool = False
    subject: str = ""
    credential: str = ""
    second: str = ""
    invitation: str = ""
    invited_until_us: int = 0
    failures: int = 0
    locked_until_us: int = 0
    sessions: dict[str, int] = {}
    opened_us: int = 0
    seen_us: int = 0
    units: tuple[str, ...] = ()
    on: dict[str, str] = {}

    def unit_of(self, session: str) -> str:
        """Return the unit that a session acts for, "" for none; one no longer given is none."""
        unit = self.on.get(session, "")
        return unit if unit in self.units else ""


class Token(msgspec.Struct):
    """A token: what it may do, and until when."""

    token: str
    label: str
    role: str
    digest: str
    until_us: int
    areas: tuple[str, ...] = ()
    state: str = TOKEN.first
    issued_us: int = 0


class Hook(msgspec.Struct):
    """An address that is told of events; ``position`` is where its telling begins."""

    hook: str
    url: str
    role: str
    credential: str
    kinds: tuple[str, ...] = ()
    state: str = HOOK.first
    position: int = 0


class State(msgspec.Struct):
    """Everything access decides on, and what the door reads."""

    accounts: dict[str, Account] = {}
    tokens: dict[str, Token] = {}
    hooks: dict[str, Hook] = {}
    subjects: dict[str, str] = {}
    releases: Alarms = msgspec.field(default_factory=Alarms)


decide: Deciders[State, object] = Deciders()
evolve: Arms[State] = Arms()
