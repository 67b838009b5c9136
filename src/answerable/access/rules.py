"""The rules of access: what may happen to accounts, tokens and hooks, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable

import answerable.access.crew_rules  # noqa: F401 - registers its decisions and arms
from answerable.access import crew_words as c
from answerable.access import words as w
from answerable.access.state import (
    ACCOUNT,
    DAY_US,
    DOOR,
    FAILURES_MAX,
    HOOK,
    INVITED_DAYS_MAX,
    LOCK_S,
    OPENS,
    RESERVED,
    SESSIONS_MAX,
    TOKEN,
    TOKEN_DAYS_MAX,
    US,
    Account,
    Hook,
    State,
    Token,
    decide,
    evolve,
)
from answerable.kernel.authority import Authority, Holder
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Context, Decision, Room

Ctx = Context[object]


# -- checks ----------------------------------------------------------------------------------


def _refuse_step(state: State, command: Command, name: str, *events: type[Event]) -> Refusal | None:
    """Refuse where the account is unknown or its life does not allow one of the events."""
    known = state.accounts.get(name)
    if known is None:
        return Unknown(command=command.tag, what="account", name=name)
    refusals = (ACCOUNT.refuse(known.state, event, f"account {name}") for event in events)
    return next((refusal for refusal in refusals if refusal is not None), None)


def _refuse_role(ctx: Ctx, holder: Holder, role: str, name: str) -> w.NoSuchRole | None:
    roles = ctx.authority.roles_for(holder)
    if role in roles:
        return None
    return w.NoSuchRole(what=holder.value, name=name, role=role, roles=", ".join(roles))


def _refuse_term(ctx: Ctx, until_us: int, days_max: int, what: str) -> w.BadTerm | None:
    ahead_us = until_us - ctx.now_us
    if 0 < ahead_us <= days_max * DAY_US:
        return None
    return w.BadTerm(what=what, days=ahead_us // DAY_US, days_max=days_max)


def _administers(account: Account, authority: Authority) -> bool:
    """Say whether an account can open others, and can sign in to do so."""
    return account.state in ("ready", "locked") and authority.may_do(account.role, OPENS)


def _refuse_last(state: State, ctx: Ctx, account: Account, what: str) -> Refusal | None:
    """Refuse what would leave nobody who can open accounts."""
    others = (a for a in state.accounts.values() if a is not account)
    if not _administers(account, ctx.authority) or any(
        _administers(other, ctx.authority) for other in others
    ):
        return None
    return w.LastAdministrator(what=what, account=account.account)


def _own(ctx: Ctx, account: str) -> bool:
    return ctx.actor.name == account


def _refuse_own(ctx: Ctx, account: str, what: str) -> w.NotOneself | None:
    """Nobody raises, closes or releases their own account."""
    return w.NotOneself(what=what, account=account) if _own(ctx, account) else None


def _at_door(ctx: Ctx) -> bool:
    """Say whether the door asks, on behalf of whoever proved who they are."""
    return ctx.authority.may_do(ctx.actor.role, DOOR)


def _refuse_others(ctx: Ctx, account: str, what: str) -> w.OnlyItself | None:
    """Refuse what only the account itself may do."""
    return None if _own(ctx, account) else w.OnlyItself(what=what, account=account)


def _ends(account: Account, why: w.Ended) -> list[Event]:
    """Return the end of every session of an account: each is an event of its own."""
    return [
        w.SignedOut(account=account.account, session=session, why=why)
        for session in account.sessions
    ]


# -- accounts --------------------------------------------------------------------------------


@decide.on(w.OpenAccount)
def _open(state: State, command: w.OpenAccount, ctx: Ctx) -> Decision:
    if command.account in state.accounts or command.account in RESERVED:
        return w.NameTaken(what="account", name=command.account)
    if command.subject and command.subject in state.subjects:
        return w.NameTaken(what="provider's subject", name=command.subject)
    if refusal := _refuse_role(ctx, Holder.ACCOUNT, command.role, command.account):
        return refusal
    return [
        w.AccountOpened(
            account=command.account, role=command.role, areas=command.areas,
            provider=command.provider, subject=command.subject,
        )
    ]  # fmt: skip


@decide.on(w.InviteAccount)
def _invite(state: State, command: w.InviteAccount, ctx: Ctx) -> Decision:
    if refusal := _refuse_step(state, command, command.account, w.AccountInvited):
        return refusal
    if refusal := _refuse_term(ctx, command.until, INVITED_DAYS_MAX, "one-time link"):
        return refusal
    return [
        w.AccountInvited(account=command.account, digest=command.digest, until_us=command.until)
    ]


@decide.on(w.SetPassword)
def _set_password(state: State, command: w.SetPassword, ctx: Ctx) -> Decision:
    if refusal := _refuse_step(state, command, command.account, w.PasswordSet):
        return refusal
    event = w.PasswordSet(account=command.account, credential=command.credential)
    if command.invitation is None:
        return _refuse_others(ctx, command.account, "password") or [event]
    known = state.accounts[command.account]
    if known.invitation != command.invitation or ctx.now_us >= known.invited_until_us:
        return w.NoInvitation(account=command.account)
    # Whoever needs a link may have lost the old password to somebody: nobody stays signed in.
    return [*_ends(known, w.Ended.EVERYWHERE), event]


@decide.on(w.SetSecondFactor)
def _set_second(state: State, command: w.SetSecondFactor, ctx: Ctx) -> Decision:
    event = w.SecondFactorSet(account=command.account, credential=command.credential)
    return (
        _refuse_step(state, command, command.account, w.SecondFactorSet)
        or _refuse_others(ctx, command.account, "second factor")
        or [event]
    )


@decide.on(w.RemoveSecondFactor)
def _remove_second(state: State, command: w.RemoveSecondFactor, ctx: Ctx) -> Decision:
    if refusal := _refuse_step(state, command, command.account, w.SecondFactorRemoved):
        return refusal
    if not ctx.authority.may_do(ctx.actor.role, OPENS) and (
        refusal := _refuse_others(ctx, command.account, "second factor")
    ):
        return refusal
    if not _at_door(ctx) and (refusal := _refuse_own(ctx, command.account, "second factor")):
        return refusal
    if not state.accounts[command.account].second:
        return Unknown(command=command.tag, what="second factor of", name=command.account)
    return [w.SecondFactorRemoved(account=command.account, reason=command.reason)]


@decide.on(w.ChangeRole)
def _change_role(state: State, command: w.ChangeRole, ctx: Ctx) -> Decision:
    if refusal := _refuse_step(state, command, command.account, w.RoleChanged):
        return refusal
    known = state.accounts[command.account]
    stays = ctx.authority.may_do(command.role, OPENS)
    return (
        _refuse_own(ctx, command.account, "role")
        or _refuse_role(ctx, Holder.ACCOUNT, command.role, command.account)
        or (None if stays else _refuse_last(state, ctx, known, "role"))
        or [
            *_ends(known, w.Ended.CHANGED),
            w.RoleChanged(
                account=command.account, role=command.role, before=known.role,
                areas=command.areas, reason=command.reason,
            ),
        ]
    )  # fmt: skip


@decide.on(w.CloseAccount)
def _close(state: State, command: w.CloseAccount, ctx: Ctx) -> Decision:
    if refusal := _refuse_step(state, command, command.account, w.AccountClosed):
        return refusal
    known = state.accounts[command.account]
    return (
        _refuse_own(ctx, command.account, "end")
        or _refuse_last(state, ctx, known, "end")
        or [
            *_ends(known, w.Ended.CHANGED),
            w.AccountClosed(account=command.account, reason=command.reason),
        ]
    )


@decide.on(w.ReopenAccount)
def _reopen(state: State, command: w.ReopenAccount, ctx: Ctx) -> Decision:
    event = w.AccountReopened(account=command.account, reason=command.reason)
    return _refuse_step(state, command, command.account, w.AccountReopened) or [event]


@decide.on(w.ReleaseAccount)
def _release(state: State, command: w.ReleaseAccount, ctx: Ctx) -> Decision:
    event = w.AccountReleased(account=command.account, reason=command.reason)
    return (
        _refuse_step(state, command, command.account, w.AccountReleased)
        or _refuse_own(ctx, command.account, "lock")
        or [event]
    )


# -- signing in and out ----------------------------------------------------------------------


def _refuse_locked(state: State, account: str, ctx: Ctx) -> w.Locked | None:
    known = state.accounts.get(account)
    if known is None or known.state != "locked":
        return None
    wait_s = max(1, -(-(known.locked_until_us - ctx.now_us) // US))
    return w.Locked(failures=known.failures, wait_s=wait_s)


@decide.on(w.SignIn)
def _sign_in(state: State, command: w.SignIn, ctx: Ctx) -> Decision:
    refusal = _refuse_locked(state, command.account, ctx) or _refuse_step(
        state, command, command.account, w.SignedIn
    )
    if refusal:
        return refusal
    known = state.accounts[command.account]
    if command.session in known.sessions:
        return w.NameTaken(what="session", name=command.session)
    event = w.SignedIn(account=command.account, session=command.session, way=command.way)
    over = max(0, len(known.sessions) + 1 - SESSIONS_MAX)
    return [*_ends(known, w.Ended.TOO_MANY)[:over], event]


@decide.on(w.MissSignIn)
def _miss(state: State, command: w.MissSignIn, ctx: Ctx) -> Decision:
    refusal = _refuse_locked(state, command.account, ctx) or _refuse_step(
        state, command, command.account, w.SignInMissed
    )
    if refusal:
        return refusal
    count = state.accounts[command.account].failures + 1
    missed = w.SignInMissed(account=command.account, missed=command.missed, count=count)
    if count < FAILURES_MAX:
        return [missed]
    until_us = ctx.now_us + LOCK_S * US
    return [
        missed,
        w.AccountLocked(account=command.account, failures=count, until_us=until_us),
    ]


@decide.on(w.SignOut)
def _sign_out(state: State, command: w.SignOut, ctx: Ctx) -> Decision:
    if refusal := _refuse_step(state, command, command.account, w.SignedOut):
        return refusal
    if command.session not in state.accounts[command.account].sessions:
        return Unknown(command=command.tag, what="session", name=command.session)
    return [w.SignedOut(account=command.account, session=command.session, why=command.why)]


@decide.on(w.SignOutEverywhere)
def _sign_out_everywhere(state: State, command: w.SignOutEverywhere, ctx: Ctx) -> Decision:
    if refusal := _refuse_step(state, command, command.account, w.SignedOutEverywhere):
        return refusal
    if not ctx.authority.may_do(ctx.actor.role, OPENS) and (
        refusal := _refuse_others(ctx, command.account, "sessions")
    ):
        return refusal
    ended = _ends(state.accounts[command.account], w.Ended.EVERYWHERE)
    return [*ended, w.SignedOutEverywhere(account=command.account)]


# -- tokens and hooks ------------------------------------------------------------------------


@decide.on(w.IssueToken)
def _issue(state: State, command: w.IssueToken, ctx: Ctx) -> Decision:
    if command.token in state.tokens:
        return w.NameTaken(what="token", name=command.token)
    return (
        _refuse_role(ctx, Holder.TOKEN, command.role, command.token)
        or _refuse_term(ctx, command.until, TOKEN_DAYS_MAX, "token")
        or [
            w.TokenIssued(
                token=command.token, label=command.label, role=command.role,
                areas=command.areas, digest=command.digest, until_us=command.until,
            )
        ]
    )  # fmt: skip


@decide.on(w.RevokeToken)
def _revoke(state: State, command: w.RevokeToken, ctx: Ctx) -> Decision:
    known = state.tokens.get(command.token)
    if known is None:
        return Unknown(command=command.tag, what="token", name=command.token)
    event = w.TokenRevoked(token=command.token, reason=command.reason)
    return TOKEN.refuse(known.state, w.TokenRevoked, f"token {command.token}") or [event]


@decide.on(w.RegisterHook)
def _register(state: State, command: w.RegisterHook, ctx: Ctx) -> Decision:
    if command.hook in state.hooks:
        return w.NameTaken(what="hook", name=command.hook)
    return _refuse_role(ctx, Holder.HOOK, command.role, command.hook) or [
        w.HookRegistered(
            hook=command.hook, url=command.url, role=command.role, kinds=command.kinds,
            credential=command.credential,
        )
    ]  # fmt: skip


@decide.on(w.RemoveHook)
def _remove_hook(state: State, command: w.RemoveHook, ctx: Ctx) -> Decision:
    return _of_hook(state, command, w.HookRemoved(hook=command.hook, reason=command.reason))


@decide.on(w.RetryLetters)
def _retry_letters(state: State, command: w.RetryLetters, ctx: Ctx) -> Decision:
    return _of_hook(state, command, w.LettersRetried(hook=command.hook, letters=command.letters))


@decide.on(w.DropLetters)
def _drop_letters(state: State, command: w.DropLetters, ctx: Ctx) -> Decision:
    event = w.LettersDropped(hook=command.hook, letters=command.letters, reason=command.reason)
    return _of_hook(state, command, event)


def _of_hook(
    state: State, command: w.RemoveHook | w.RetryLetters | w.DropLetters, event: Event
) -> Decision:
    """Return an event about a hook that is told, or the refusal."""
    known = state.hooks.get(command.hook)
    if known is None:
        return Unknown(command=command.tag, what="hook", name=command.hook)
    return HOOK.refuse(known.state, type(event), f"hook {command.hook}") or [event]


# -- evolve ----------------------------------------------------------------------------------


def _step(state: State, event: Event) -> Account:
    """Take an account's step and return it."""
    account = state.accounts[event.account]  # type: ignore[attr-defined]
    account.state = ACCOUNT.after(account.state, event)
    return account


@evolve.on(w.AccountOpened)
def _opened(state: State, event: w.AccountOpened, row: Row) -> None:
    state.accounts[event.account] = Account(
        account=event.account, role=event.role, areas=event.areas, provider=event.provider,
        subject=event.subject, opened_us=row.happened_at,
    )  # fmt: skip
    if event.subject:
        state.subjects[event.subject] = event.account
    _step(state, event)


@evolve.on(w.AccountInvited)
def _invited(state: State, event: w.AccountInvited, row: Row) -> None:
    account = _step(state, event)
    account.invitation, account.invited_until_us = event.digest, event.until_us


@evolve.on(w.PasswordSet)
def _password_set(state: State, event: w.PasswordSet, row: Row) -> None:
    account = _step(state, event)
    account.credential = event.credential
    account.invitation, account.invited_until_us = "", 0
    _unlock(state, account)


@evolve.on(w.SecondFactorSet)
def _second_set(state: State, event: w.SecondFactorSet, row: Row) -> None:
    _step(state, event).second = event.credential


@evolve.on(w.SecondFactorRemoved)
def _second_removed(state: State, event: w.SecondFactorRemoved, row: Row) -> None:
    _step(state, event).second = ""


@evolve.on(w.RoleChanged)
def _role_changed(state: State, event: w.RoleChanged, row: Row) -> None:
    account = _step(state, event)
    account.role, account.areas = event.role, event.areas


@evolve.on(w.AccountClosed)
def _closed(state: State, event: w.AccountClosed, row: Row) -> None:
    account = _step(state, event)
    account.credential = account.second = account.invitation = ""
    _unlock(state, account)


@evolve.on(w.AccountReopened)
def _reopened(state: State, event: w.AccountReopened, row: Row) -> None:
    _step(state, event)


@evolve.on(w.SignedIn)
def _signed_in(state: State, event: w.SignedIn, row: Row) -> None:
    account = _step(state, event)
    account.failures, account.seen_us = 0, row.happened_at
    account.sessions[event.session] = row.happened_at


@evolve.on(w.SignInMissed)
def _missed(state: State, event: w.SignInMissed, row: Row) -> None:
    _step(state, event).failures = event.count


@evolve.on(w.AccountLocked)
def _locked(state: State, event: w.AccountLocked, row: Row) -> None:
    account = _step(state, event)
    account.locked_until_us = event.until_us
    state.releases.set(event.account, event.until_us)


def _unlock(state: State, account: Account) -> None:
    account.failures = account.locked_until_us = 0
    state.releases.cancel(account.account)


@evolve.on(w.AccountReleased)
def _released(state: State, event: w.AccountReleased, row: Row) -> None:
    _unlock(state, _step(state, event))


@evolve.on(w.SignedOut)
def _signed_out(state: State, event: w.SignedOut, row: Row) -> None:
    _step(state, event).sessions.pop(event.session, None)


@evolve.on(w.SignedOutEverywhere)
def _signed_out_everywhere(state: State, event: w.SignedOutEverywhere, row: Row) -> None:
    _step(state, event)


@evolve.on(w.TokenIssued)
def _issued(state: State, event: w.TokenIssued, row: Row) -> None:
    state.tokens[event.token] = Token(
        token=event.token, label=event.label, role=event.role, areas=event.areas,
        digest=event.digest, until_us=event.until_us, issued_us=row.happened_at,
        state=TOKEN.after(TOKEN.first, event),
    )  # fmt: skip


@evolve.on(w.TokenRevoked)
def _revoked(state: State, event: w.TokenRevoked, row: Row) -> None:
    token = state.tokens[event.token]
    token.state = TOKEN.after(token.state, event)


@evolve.on(w.HookRegistered)
def _registered(state: State, event: w.HookRegistered, row: Row) -> None:
    state.hooks[event.hook] = Hook(
        hook=event.hook, url=event.url, role=event.role, credential=event.credential,
        kinds=event.kinds, position=row.position, state=HOOK.after(HOOK.first, event),
    )  # fmt: skip


@evolve.on(w.HookRemoved)
def _hook_removed(state: State, event: w.HookRemoved, row: Row) -> None:
    hook = state.hooks[event.hook]
    hook.state = HOOK.after(hook.state, event)


@evolve.on(w.LettersRetried)
def _letters_retried(state: State, event: w.LettersRetried, row: Row) -> None:
    hook = state.hooks[event.hook]
    hook.state = HOOK.after(hook.state, event)


@evolve.on(w.LettersDropped)
def _letters_dropped(state: State, event: w.LettersDropped, row: Row) -> None:
    hook = state.hooks[event.hook]
    hook.state = HOOK.after(hook.state, event)


def _ring_release(state: State, name: str, due_us: int) -> Command:
    return w.ReleaseAccount(
        key=f"release:{name}:{due_us}", account=name, reason="the time is over", at=due_us
    )


def administrators(accounts: Iterable[Account], authority: Authority) -> list[str]:
    """Return the names of the accounts that can sign in and open others."""
    return [account.account for account in accounts if _administers(account, authority)]


ROOM: Room[State] = Room(
    name="access",
    state=State,
    arms=evolve,
    commands=w.COMMANDS + c.COMMANDS,
    events=w.EVENTS + c.EVENTS,
    refusals=w.REFUSALS + c.REFUSALS,
    deciders=decide,
    steps={"account": ACCOUNT, "token": TOKEN, "hook": HOOK},
    alarms=lambda state: state.releases,
    ring=_ring_release,
)
