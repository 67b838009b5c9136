"""The words of access: accounts, tokens, hooks, and every security act about them.

An *account* is one member of staff and the one role they act in. A *token* is a program's key to
the API. A *hook* is an address that is told of events. Every act about them is an event here, so
that who could do what, when, and by whose hand stands in the record like everything else.

No secret is ever an event: a password or the seed of a second factor lies in the *keyring*, a file
of its own, under a random credential number; the record names the number that counts. An old copy
of the keyring therefore brings no old password back. Invitations and tokens are random 256-bit
words, of which the record holds the SHA-256.
"""

from __future__ import annotations

import enum
from typing import Annotated

import msgspec

from answerable.kernel.event import (
    Command,
    Event,
    Inside,
    Line,
    Micros,
    Name,
    Open,
    Reason,
    tagged,
)
from answerable.kernel.refusals import Refusal

Handle = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._\-]{1,47}$(?!\n)")]
"""What a person signs in by: small letters, digits, dot, dash, underscore; 2 to 48 of them."""
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
"""The SHA-256 of a random 256-bit word, in hexadecimal."""
Credential = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$(?!\n)")]
"""The number of a secret in the keyring."""
SessionName = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{12}$(?!\n)")]
"""A session's short name: enough to tell two of one account apart, of no use to take it over."""
Areas = Annotated[tuple[Name, ...], msgspec.Meta(max_length=64)]
"""The neighbourhoods or battalions in which somebody acts; none: everywhere."""
EventKind = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+\.[A-Za-z]+$(?!\n)", max_length=64)]
Url = Annotated[
    str, msgspec.Meta(pattern=r"^https?://[^\s/?#@]{1,253}([/?#]\S*)?$(?!\n)", max_length=400)
]
"""An address of http or https, without a name or a password in it."""
Letters = Annotated[
    tuple[Annotated[int, msgspec.Meta(ge=1, le=10**16)], ...], msgspec.Meta(max_length=64)
]
"""Letters to a hook, each by the position of its first event."""


class Way(enum.StrEnum):
    """How somebody proved who they are."""

    PASSWORD = "password"  # noqa: S105 - the name of a way, not a password
    PASSWORD_AND_CODE = "password and code"  # noqa: S105
    PROVIDER = "provider"
    INVITATION = "invitation"


class Ended(enum.StrEnum):
    """Why a session ended."""

    ASKED = "asked"
    IDLE = "idle"
    TOO_LONG = "too long"
    EVERYWHERE = "everywhere"
    CHANGED = "rights changed"
    TOO_MANY = "too many"
    LOST = "lost"


class Missed(enum.StrEnum):
    """Which proof was wrong."""

    PASSWORD = "password"  # noqa: S105
    CODE = "code"


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("access"), frozen=True, kw_only=True):
    """A command of this room."""


class OpenAccount(_Command, frozen=True, kw_only=True):
    """A member of staff gets an account with one role.

    ``provider`` says that they sign in at the OpenID provider, as ``subject``; else they need an
    invitation to set a password.
    """

    account: Handle
    role: Name
    areas: Areas = ()
    provider: bool = False
    subject: Line = ""


class InviteAccount(_Command, frozen=True, kw_only=True):
    """An account gets a one-time link to set a password: the first one, or a forgotten one."""

    account: Handle
    digest: Digest
    until: Micros


class SetPassword(_Command, frozen=True, kw_only=True):
    """An account has a new password, the keyring's ``credential`` (the door gives this).

    ``invitation`` is the digest of the link used; without one the account itself must ask.
    """

    account: Handle
    credential: Credential
    invitation: Digest | None = None


class SetSecondFactor(_Command, frozen=True, kw_only=True):
    """An account adds a second factor (TOTP, RFC 6238), the keyring's ``credential``.

    The door gives this, once it has seen a code of it.
    """

    account: Handle
    credential: Credential


class RemoveSecondFactor(_Command, frozen=True, kw_only=True):
    """An account's second factor is removed: by itself, or by an administrator when it is lost.

    For the account itself the door gives this, once it has asked for the password again.
    """

    account: Handle
    reason: Reason


class ChangeRole(_Command, frozen=True, kw_only=True):
    """An account acts in another role or other areas from now on; its sessions end."""

    account: Handle
    role: Name
    areas: Areas = ()
    reason: Reason


class CloseAccount(_Command, frozen=True, kw_only=True):
    """An account may not sign in any more; its sessions end."""

    account: Handle
    reason: Reason


class ReopenAccount(_Command, frozen=True, kw_only=True):
    """A closed account may sign in again, after a new invitation."""

    account: Handle
    reason: Reason


class SignIn(_Command, frozen=True, kw_only=True):
    """Somebody proved who they are (the door gives this)."""

    account: Handle
    session: SessionName
    way: Way


class MissSignIn(_Command, frozen=True, kw_only=True):
    """Somebody gave a wrong password or code for an account (the door gives this)."""

    account: Handle
    missed: Missed


class SignOut(_Command, frozen=True, kw_only=True):
    """One session of an account has ended."""

    account: Handle
    session: SessionName
    why: Ended = Ended.ASKED


class SignOutEverywhere(_Command, frozen=True, kw_only=True):
    """All sessions of an account end: by itself, or by an administrator."""

    account: Handle


class ReleaseAccount(_Command, frozen=True, kw_only=True):
    """A locked account may try again: when its time is over, or by an administrator."""

    account: Handle
    reason: Reason


class IssueToken(_Command, frozen=True, kw_only=True):
    """A program gets a key to the API. ``label`` says which program.

    The name travels in a header, so it is written as an account's is.
    """

    token: Handle
    label: Annotated[str, msgspec.Meta(min_length=2, max_length=80)]
    role: Name
    areas: Areas = ()
    digest: Digest
    until: Micros


class RevokeToken(_Command, frozen=True, kw_only=True):
    """A token is worth nothing from now on."""

    token: Name
    reason: Reason


class RegisterHook(_Command, frozen=True, kw_only=True):
    """An address is told of events as the role may see them; none named: of every event.

    ``credential`` is the number of the signing secret in the keyring.
    """

    hook: Name
    url: Url
    role: Name
    kinds: Annotated[tuple[EventKind, ...], msgspec.Meta(max_length=64)] = ()
    credential: Credential


class RemoveHook(_Command, frozen=True, kw_only=True):
    """An address is told nothing any more."""

    hook: Name
    reason: Reason


class RetryLetters(_Command, frozen=True, kw_only=True):
    """Letters to a hook that were given up are tried again, by their first positions; none: all."""

    hook: Name
    letters: Letters = ()


class DropLetters(_Command, frozen=True, kw_only=True):
    """Letters to a hook that were given up are never delivered, by their first positions."""

    hook: Name
    letters: Letters = ()
    reason: Reason


COMMANDS: tuple[type[Command], ...] = (
    OpenAccount, InviteAccount, SetPassword, SetSecondFactor, RemoveSecondFactor, ChangeRole,
    CloseAccount, ReopenAccount, SignIn, MissSignIn, SignOut, SignOutEverywhere, ReleaseAccount,
    IssueToken, RevokeToken, RegisterHook, RemoveHook, RetryLetters, DropLetters,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class _AccountEvent(Event, frozen=True, kw_only=True):
    """Something about one account."""

    ids = ("account",)
    account: Inside[str]


class AccountOpened(_AccountEvent, frozen=True, kw_only=True):
    """A member of staff got an account."""

    said = "The account {account} was opened as {role}[ for {areas}]."
    role: Open[str]
    areas: Open[tuple[str, ...]] = ()
    provider: Open[bool] = False
    subject: Inside[str] = ""


class AccountInvited(_AccountEvent, frozen=True, kw_only=True):
    """A one-time link was made; an earlier one is worth nothing."""

    said = "A one-time link was made for the account {account}."
    digest: Inside[str]
    until_us: Open[int]


class PasswordSet(_AccountEvent, frozen=True, kw_only=True):
    """A password was set; the one before is worth nothing, and the link is used up."""

    said = "The account {account} has a new password."
    credential: Inside[str]


class SecondFactorSet(_AccountEvent, frozen=True, kw_only=True):
    """A second factor was added."""

    said = "The account {account} has a second factor."
    credential: Inside[str]


class SecondFactorRemoved(_AccountEvent, frozen=True, kw_only=True):
    """The second factor was removed."""

    said = "The second factor of the account {account} was removed: {reason}."
    reason: Inside[str]


class RoleChanged(_AccountEvent, frozen=True, kw_only=True):
    """An account acts in another role or other areas."""

    said = "The account {account} acts as {role}[ for {areas}]: {reason}."
    role: Open[str]
    before: Open[str]
    areas: Open[tuple[str, ...]] = ()
    reason: Inside[str]


class AccountClosed(_AccountEvent, frozen=True, kw_only=True):
    """An account may not sign in any more."""

    said = "The account {account} was closed: {reason}."
    reason: Inside[str]


class AccountReopened(_AccountEvent, frozen=True, kw_only=True):
    """A closed account may sign in again."""

    said = "The account {account} was opened again: {reason}."
    reason: Inside[str]


class SignedIn(_AccountEvent, frozen=True, kw_only=True):
    """Somebody signed in."""

    said = "{account} signed in by {way}."
    session: Inside[str]
    way: Open[Way]


class SignInMissed(_AccountEvent, frozen=True, kw_only=True):
    """A sign-in failed; ``count`` is how many have since the last success or release."""

    said = "A sign-in as {account} failed: wrong {missed}."
    missed: Open[Missed]
    count: Open[int]


class AccountLocked(_AccountEvent, frozen=True, kw_only=True):
    """Too many sign-ins failed: none is tried until then."""

    said = "The account {account} is locked after {failures} failed sign-ins."
    failures: Open[int]
    until_us: Open[int]


class AccountReleased(_AccountEvent, frozen=True, kw_only=True):
    """A locked account may try again."""

    said = "The account {account} may sign in again: {reason}."
    reason: Inside[str]


class SignedOut(_AccountEvent, frozen=True, kw_only=True):
    """One session ended."""

    said = "A session of {account} ended: {why}."
    session: Inside[str]
    why: Open[Ended]


class SignedOutEverywhere(_AccountEvent, frozen=True, kw_only=True):
    """All sessions of an account ended."""

    said = "All sessions of {account} were ended."


class _TokenEvent(Event, frozen=True, kw_only=True):
    """Something about one token."""

    ids = ("token",)
    token: Inside[str]


class TokenIssued(_TokenEvent, frozen=True, kw_only=True):
    """A program got a key to the API."""

    said = "The token {token} was issued to {label} as {role}[ for {areas}]."
    label: Inside[str]
    role: Open[str]
    areas: Open[tuple[str, ...]] = ()
    digest: Inside[str]
    until_us: Open[int]


class TokenRevoked(_TokenEvent, frozen=True, kw_only=True):
    """A token was withdrawn."""

    said = "The token {token} was revoked: {reason}."
    reason: Inside[str]


class _HookEvent(Event, frozen=True, kw_only=True):
    """Something about one hook."""

    ids = ("hook",)
    hook: Inside[str]


class HookRegistered(_HookEvent, frozen=True, kw_only=True):
    """An address is told of events from now on."""

    said = "The hook {hook} is told of events as {role}."
    url: Inside[str]
    role: Open[str]
    kinds: Open[tuple[str, ...]] = ()
    credential: Inside[str]


class HookRemoved(_HookEvent, frozen=True, kw_only=True):
    """An address is told nothing any more."""

    said = "The hook {hook} was removed: {reason}."
    reason: Inside[str]


class LettersRetried(_HookEvent, frozen=True, kw_only=True):
    """Letters that were given up are tried again; none named: all there were."""

    said = "Letters to the hook {hook} are tried again[: {letters}]."
    letters: Open[tuple[int, ...]] = ()


class LettersDropped(_HookEvent, frozen=True, kw_only=True):
    """Letters that were given up are never delivered; none named: all there were."""

    said = "Letters to the hook {hook} were dropped[: {letters}]; {reason}."
    letters: Open[tuple[int, ...]] = ()
    reason: Inside[str]


EVENTS: tuple[type[Event], ...] = (
    AccountOpened, AccountInvited, PasswordSet, SecondFactorSet, SecondFactorRemoved, RoleChanged,
    AccountClosed, AccountReopened, SignedIn, SignInMissed, AccountLocked, AccountReleased,
    SignedOut, SignedOutEverywhere, TokenIssued, TokenRevoked, HookRegistered, HookRemoved,
    LettersRetried, LettersDropped,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class NameTaken(Refusal, frozen=True, kw_only=True):
    """There is such an account, token or hook already."""

    not_done = "Not made: {what} {name}."
    because = "There is one of that name already."
    instead = "Choose another name."
    what: Open[str]
    name: Open[str]


class NoSuchRole(Refusal, frozen=True, kw_only=True):
    """The role is not one that this sort of holder may be given."""

    not_done = "Not done: {what} {name}."
    because = "The role {role} cannot be given to it."
    instead = "Choose one of: {roles}."
    what: Open[str]
    name: Open[str]
    role: Open[str]
    roles: Open[str]


class NotOneself(Refusal, frozen=True, kw_only=True):
    """Nobody raises, closes or releases their own account."""

    not_done = "Not done: {what} of {account}."
    because = "It is your own account."
    instead = "Ask another administrator."
    what: Open[str]
    account: Open[str]


class OnlyItself(Refusal, frozen=True, kw_only=True):
    """Only the account itself may do this."""

    not_done = "Not done: {what} of {account}."
    because = "Only the account itself may do this."
    instead = "Send it a one-time link."
    what: Open[str]
    account: Open[str]


class LastAdministrator(Refusal, frozen=True, kw_only=True):
    """The centre would be left without anybody who can open accounts."""

    not_done = "Not done: {what} of {account}."
    because = "It is the last account that may open others."
    instead = "Give another account that role first."
    what: Open[str]
    account: Open[str]


class NoInvitation(Refusal, frozen=True, kw_only=True):
    """The one-time link does not count: used, replaced, or too old."""

    not_done = "Not set: the password of {account}."
    because = "The link has been used, was replaced, or is too old."
    instead = "Ask an administrator for a new one."
    account: Open[str]


class Locked(Refusal, frozen=True, kw_only=True):
    """Too many sign-ins failed."""

    not_done = "Not signed in."
    because = "After {failures} failed sign-ins none is tried for {wait_s} s."
    instead = "Wait, or have an administrator release the account."
    failures: Open[int]
    wait_s: Open[int]


class BadTerm(Refusal, frozen=True, kw_only=True):
    """The time until which something is to count lies in the past or too far off."""

    not_done = "Not made: {what}."
    because = "It would end in {days} days; it has to end after now, within {days_max} days."
    instead = "Give a time within that."
    what: Open[str]
    days: Open[int]
    days_max: Open[int]


REFUSALS: tuple[type[Refusal], ...] = (
    NameTaken, NoSuchRole, NotOneself, OnlyItself, LastAdministrator, NoInvitation, Locked, BadTerm,
)  # fmt: skip
WHATS = (
    "account", "token", "hook", "provider's subject", "session", "second factor of",
    "role", "end", "lock", "password", "second factor", "sessions", "one-time link", "unit",
)  # fmt: skip
"""What refusals of this room are about, as their sentences name it."""
