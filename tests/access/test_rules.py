"""Accounts, tokens and hooks: given these events, when this command, then these events."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.access import crew_words as c
from answerable.access import words as w
from answerable.access.state import (
    ACCOUNT,
    DAY_US,
    FAILURES_MAX,
    INVITED_DAYS_MAX,
    LOCK_S,
    RESERVED,
    SESSIONS_MAX,
    TOKEN_DAYS_MAX,
)
from answerable.dispatch import words as dispatch
from answerable.kernel.authority import SYSTEM, Actor
from answerable.kernel.hub import Accepted, Ask, Refused
from answerable.kernel.refusals import NotAllowed, NotYourArea, Unknown, WrongStep
from tests.story import T0, US, Centre, Story, make, said

DIGEST, OLDER = "a" * 64, "b" * 64
KEY, KEY_2 = "1" * 32, "2" * 32
HOUR_US = 3600 * US
OPENED = w.AccountOpened(account="ada", role="dispatcher")
INVITED = w.AccountInvited(account="ada", digest=DIGEST, until_us=T0 + HOUR_US)
SET = w.PasswordSet(account="ada", credential=KEY)
READY = (OPENED, INVITED, SET)
BOSS = (
    w.AccountOpened(account="boss", role="administrator"),
    w.AccountInvited(account="boss", digest=OLDER, until_us=T0 + HOUR_US),
    w.PasswordSet(account="boss", credential=KEY_2),
)
BY_BOSS = {"role": "administrator", "name": "boss"}
AT_DOOR = {"role": "system", "name": "ada"}


def signed_in(*sessions: str, account: str = "ada") -> list[w.SignedIn]:
    return [w.SignedIn(account=account, session=s, way=w.Way.PASSWORD) for s in sessions]


def gone(session: str, why: w.Ended) -> w.SignedOut:
    return w.SignedOut(account="ada", session=session, why=why)


def locked(failures: int = FAILURES_MAX) -> list[w.SignInMissed | w.AccountLocked]:
    missed = [
        w.SignInMissed(account="ada", missed=w.Missed.PASSWORD, count=n)
        for n in range(1, failures + 1)
    ]
    return [*missed, w.AccountLocked(account="ada", failures=failures, until_us=T0 + HOUR_US)]


# -- opening and inviting --------------------------------------------------------------------


def test_an_account_is_opened_with_a_role_and_areas():
    story = Story().when(
        w.OpenAccount(key="open-1", account="ada", role="dispatcher", areas=("Old Town",)),
        role="administrator",
    )
    story.then(w.AccountOpened(account="ada", role="dispatcher", areas=("Old Town",)))
    assert said(story.events[0]) == "The account ada was opened as dispatcher for Old Town."


def test_an_account_of_the_provider_is_found_by_its_subject_and_by_no_second_one():
    story = Story().given(
        w.AccountOpened(account="ada", role="dispatcher", provider=True, subject="u-1")
    )
    assert story.states["access"].subjects == {"u-1": "ada"}
    again = w.OpenAccount(key="open-2", account="bo", role="dispatcher", subject="u-1")
    story.when(again, role="administrator").refused(
        w.NameTaken,
        text="Not made: provider's subject u-1. There is one of that name already. "
        "Choose another name.",
    )


@pytest.mark.parametrize("name", ["ada", *sorted(RESERVED)])
def test_a_name_is_given_once_and_the_programs_own_are_not_given(name):
    asked = w.OpenAccount(key="open-3", account=name, role="dispatcher")
    Story().given(OPENED).when(asked, role="administrator").refused(w.NameTaken, name=name)


@pytest.mark.parametrize("role", ["system", "operator", "reader", "king"])
def test_a_role_that_no_account_may_hold_is_refused(role):
    asked = w.OpenAccount(key="open-4", account="ada", role=role)
    story = Story().when(asked, role="administrator").refused(w.NoSuchRole, role=role)
    assert "dispatcher" in story.outcome.roles
    assert story.outcome.text().startswith(f"Not done: account ada. The role {role} cannot")


def test_a_link_replaces_the_one_before_and_keeps_within_its_term():
    story = Story().given(OPENED)
    story.when(w.InviteAccount, **BY_BOSS, account="ada", digest=DIGEST, until=T0 + DAY_US)
    story.then(w.AccountInvited(account="ada", digest=DIGEST, until_us=T0 + DAY_US))
    story.when(w.InviteAccount, **BY_BOSS, account="ada", digest=OLDER, until=T0 + DAY_US)
    assert story.states["access"].accounts["ada"].invitation == OLDER
    for until in (T0, T0 + (INVITED_DAYS_MAX + 1) * DAY_US):
        story.when(w.InviteAccount, **BY_BOSS, account="ada", digest=DIGEST, until=until)
        story.refused(w.BadTerm, what="one-time link", days_max=INVITED_DAYS_MAX)
    story.when(w.InviteAccount, **BY_BOSS, account="bo", digest=DIGEST, until=T0 + DAY_US)
    story.refused(Unknown, what="account", name="bo")


# -- secrets ---------------------------------------------------------------------------------


def test_a_link_sets_the_password_once():
    story = Story().given(OPENED, INVITED)
    story.when(w.SetPassword, **AT_DOOR, account="ada", credential=KEY, invitation=DIGEST)
    story.then(SET)
    story.when(w.SetPassword, **AT_DOOR, account="ada", credential=KEY_2, invitation=DIGEST)
    story.refused(
        w.NoInvitation,
        text="Not set: the password of ada. The link has been used, was replaced, or is too old. "
        "Ask an administrator for a new one.",
    )


@pytest.mark.parametrize(("digest", "after_s"), [(OLDER, 1), (DIGEST, 3601)])
def test_another_link_and_a_link_that_is_too_old_set_no_password(digest, after_s):
    story = Story().given(OPENED, INVITED)
    story.when(w.SetPassword, **AT_DOOR, after_s=after_s, account="ada", credential=KEY,
               invitation=digest)  # fmt: skip
    story.refused(w.NoInvitation)


def test_a_forgotten_password_ends_every_session():
    story = Story().given(*READY, *signed_in("a" * 12, "b" * 12), INVITED)
    story.when(w.SetPassword, **AT_DOOR, account="ada", credential=KEY_2, invitation=DIGEST)
    story.then(
        gone("a" * 12, w.Ended.EVERYWHERE), gone("b" * 12, w.Ended.EVERYWHERE),
        w.PasswordSet(account="ada", credential=KEY_2),
    )  # fmt: skip
    assert story.states["access"].accounts["ada"].sessions == {}


def test_nobody_sets_the_password_or_second_factor_of_another():
    story = Story().given(*READY)
    for command in (w.SetPassword, w.SetSecondFactor):
        story.when(command, role="system", name="bo", account="ada", credential=KEY_2)
        story.refused(w.OnlyItself, account="ada")
    assert story.outcome.text().endswith("Send it a one-time link.")


@pytest.mark.parametrize("role", ["dispatcher", "administrator", "supervisor", "crew"])
def test_a_digest_read_in_the_events_opens_nothing_the_door_alone_gives_these(role):
    """Digests and numbers of secrets are in the events; no person may give these commands."""
    story = Story().given(*READY, INVITED)
    for asked in (
        make(w.SetPassword, {"account": "ada", "credential": KEY_2, "invitation": DIGEST}),
        make(w.SetPassword, {"account": "ada", "credential": KEY_2}),
        make(w.SetSecondFactor, {"account": "ada", "credential": KEY_2}),
        make(w.SignIn, {"account": "ada", "session": "a" * 12, "way": "password"}),
    ):
        story.when(asked, role=role, name="ada").refused(NotAllowed)


def test_a_second_factor_is_added_and_removed_at_the_door():
    story = Story().given(*READY)
    story.when(w.SetSecondFactor, **AT_DOOR, account="ada", credential=KEY_2)
    story.then(w.SecondFactorSet(account="ada", credential=KEY_2))
    story.when(w.RemoveSecondFactor, **AT_DOOR, account="ada", reason="new telephone")
    story.then(w.SecondFactorRemoved(account="ada", reason="new telephone"))
    story.when(w.RemoveSecondFactor, **AT_DOOR, account="ada", reason="again")
    story.refused(Unknown, what="second factor of", name="ada")


def test_an_administrator_removes_a_lost_factor_of_others_and_not_of_themselves():
    second = w.SecondFactorSet(account="ada", credential=KEY_2)
    own = w.SecondFactorSet(account="boss", credential=KEY)
    story = Story().given(*READY, *BOSS, second, own)
    story.when(w.RemoveSecondFactor, **BY_BOSS, account="ada", reason="lost telephone")
    story.then(w.SecondFactorRemoved(account="ada", reason="lost telephone"))
    story.when(w.RemoveSecondFactor, **BY_BOSS, account="boss", reason="lost telephone")
    story.refused(w.NotOneself, account="boss")
    story.when(w.RemoveSecondFactor, role="system", name="bo", account="boss", reason="hm")
    story.refused(w.OnlyItself)


# -- role, end, return -----------------------------------------------------------------------


def test_a_change_of_role_ends_the_sessions_each_with_the_reason():
    story = Story().given(*READY, *BOSS, *signed_in("a" * 12))
    story.when(w.ChangeRole(key="role-1", account="ada", role="supervisor", reason="promoted"),
               role="administrator", name="boss")  # fmt: skip
    story.then(
        gone("a" * 12, w.Ended.CHANGED),
        w.RoleChanged(account="ada", role="supervisor", before="dispatcher", reason="promoted"),
    )
    account = story.states["access"].accounts["ada"]
    assert (account.role, account.sessions) == ("supervisor", {})


def test_the_end_of_an_account_ends_its_sessions_and_forgets_which_secrets_counted():
    story = Story().given(*READY, *BOSS, *signed_in("a" * 12))
    story.when(w.CloseAccount, **BY_BOSS, account="ada", reason="moved away")
    story.then(gone("a" * 12, w.Ended.CHANGED), w.AccountClosed(account="ada", reason="moved away"))
    account = story.states["access"].accounts["ada"]
    assert (account.credential, account.second, account.invitation) == ("", "", "")
    story.when(w.SignIn, **AT_DOOR, account="ada", session="b" * 12, way=w.Way.PASSWORD)
    story.refused(WrongStep, state="closed")
    story.when(w.ReopenAccount, **BY_BOSS, account="ada", reason="back again")
    story.then(w.AccountReopened(account="ada", reason="back again"))
    assert account.state == "waiting"


def test_nobody_changes_ends_or_releases_their_own_account():
    story = Story().given(*BOSS)
    asked = w.ChangeRole(key="role-2", account="boss", role="supervisor", reason="tired")
    story.when(asked, **BY_BOSS).refused(w.NotOneself, what="role")
    story.when(w.CloseAccount, **BY_BOSS, account="boss", reason="tired")
    story.refused(
        w.NotOneself,
        text="Not done: end of boss. It is your own account. Ask another administrator.",
    )
    story.given(
        w.SignInMissed(account="boss", missed=w.Missed.PASSWORD, count=8),
        w.AccountLocked(account="boss", failures=8, until_us=T0 + HOUR_US),
    )
    story.when(w.ReleaseAccount, **BY_BOSS, account="boss", reason="me").refused(
        w.NotOneself, what="lock"
    )


def test_the_last_who_can_open_accounts_stays():
    by_machine = {"role": "operator", "name": "operator"}
    story = Story().given(*READY, *BOSS)
    story.when(w.CloseAccount, **by_machine, account="boss", reason="gone")
    story.refused(w.LastAdministrator, account="boss")
    asked = w.ChangeRole(key="role-3", account="boss", role="reader", reason="gone")
    story.when(asked, **by_machine).refused(w.NoSuchRole)
    asked = w.ChangeRole(key="role-4", account="boss", role="crew", reason="gone")
    story.when(asked, **by_machine).refused(w.LastAdministrator)
    waiting = w.AccountOpened(account="next", role="administrator")
    story.given(waiting).when(w.CloseAccount, **by_machine, account="boss", reason="gone")
    story.refused(w.LastAdministrator)
    story.given(w.SignedIn(account="next", session="c" * 12, way=w.Way.PROVIDER))
    story.when(w.CloseAccount, **by_machine, account="boss", reason="gone")
    story.then(w.AccountClosed(account="boss", reason="gone"))


# -- signing in and out ----------------------------------------------------------------------


def test_signing_in_clears_the_failures_and_opens_a_session():
    story = Story().given(*READY, w.SignInMissed(account="ada", missed=w.Missed.CODE, count=3))
    story.when(w.SignIn, **AT_DOOR, account="ada", session="a" * 12, way=w.Way.PASSWORD)
    story.then(*signed_in("a" * 12))
    account = story.states["access"].accounts["ada"]
    assert (account.failures, list(account.sessions)) == (0, ["a" * 12])


def test_so_many_failures_lock_the_account_for_so_long():
    story = Story().given(*READY)
    for count in range(1, FAILURES_MAX):
        story.when(w.MissSignIn, **AT_DOOR, account="ada", missed=w.Missed.PASSWORD)
        story.then(w.SignInMissed(account="ada", missed=w.Missed.PASSWORD, count=count))
    story.when(w.MissSignIn, **AT_DOOR, account="ada", missed=w.Missed.CODE)
    until = story.now_us + LOCK_S * US
    story.then(
        w.SignInMissed(account="ada", missed=w.Missed.CODE, count=FAILURES_MAX),
        w.AccountLocked(account="ada", failures=FAILURES_MAX, until_us=until),
    )
    for command, fields in (
        (w.SignIn, {"session": "a" * 12, "way": w.Way.PASSWORD}),
        (w.MissSignIn, {"missed": w.Missed.PASSWORD}),
    ):
        story.when(command, **AT_DOOR, after_s=99, account="ada", **fields)
        story.refused(w.Locked, failures=FAILURES_MAX)
    assert story.outcome.wait_s == LOCK_S - 198


def test_a_lock_ends_by_itself_by_an_administrator_or_by_a_new_password():
    centre = Centre()
    centre.do(w.OpenAccount(key="open-5", account="ada", role="dispatcher"), role="operator")
    centre.done(w.InviteAccount, role="operator", account="ada", digest=DIGEST, until=T0 + DAY_US)
    centre.done(w.SetPassword, role="system", name="ada", account="ada", credential=KEY,
                invitation=DIGEST)  # fmt: skip
    account = centre.state("access").accounts["ada"]
    for _ in range(FAILURES_MAX):
        centre.done(w.MissSignIn, role="system", account="ada", missed=w.Missed.PASSWORD)
    assert account.state == "locked"
    centre.tick(LOCK_S - 1)
    assert account.state == "locked"
    centre.tick(1)
    assert (account.state, account.failures) == ("ready", 0)
    assert [said(e) for e in centre.events()][-1] == (
        "The account ada may sign in again: the time is over."
    )
    for _ in range(FAILURES_MAX):
        centre.done(w.MissSignIn, role="system", account="ada", missed=w.Missed.PASSWORD)
    centre.done(w.ReleaseAccount, role="administrator", account="ada", reason="asked by phone")
    assert account.state == "ready"
    position = centre.hub.position
    centre.tick(LOCK_S + 1)
    assert centre.hub.position == position, "a released account is not released again"


def test_a_locked_account_keeps_the_sessions_it_has():
    story = Story().given(*READY, *signed_in("a" * 12), *locked())
    assert list(story.states["access"].accounts["ada"].sessions) == ["a" * 12]
    story.when(w.SignOut, **AT_DOOR, account="ada", session="a" * 12)
    story.then(gone("a" * 12, w.Ended.ASKED))


def test_a_name_of_a_session_is_open_once():
    story = Story().given(*READY, *signed_in("a" * 12))
    story.when(w.SignIn, **AT_DOOR, account="ada", session="a" * 12, way=w.Way.PASSWORD)
    story.refused(w.NameTaken, what="session")


def test_the_oldest_session_gives_way():
    names = [f"{n:012x}" for n in range(SESSIONS_MAX)]
    story = Story().given(*READY, *signed_in(*names[:-1]))
    story.when(w.SignIn, **AT_DOOR, account="ada", session=names[-1], way=w.Way.PASSWORD)
    story.then(*signed_in(names[-1]))
    story.when(w.SignIn, **AT_DOOR, account="ada", session="f" * 12, way=w.Way.PASSWORD)
    story.then(gone(names[0], w.Ended.TOO_MANY), *signed_in("f" * 12))
    assert len(story.states["access"].accounts["ada"].sessions) == SESSIONS_MAX


def test_a_session_that_has_ended_ends_no_more():
    story = Story().given(*READY)
    story.when(w.SignOut, **AT_DOOR, account="ada", session="a" * 12)
    story.refused(Unknown, what="session")


def test_all_sessions_are_ended_by_the_account_itself_or_an_administrator():
    story = Story().given(*READY, *BOSS, *signed_in("a" * 12))
    story.when(w.SignOutEverywhere, role="dispatcher", name="bo", account="ada")
    story.refused(w.OnlyItself, what="sessions")
    story.when(w.SignOutEverywhere, role="dispatcher", name="ada", account="ada")
    story.then(gone("a" * 12, w.Ended.EVERYWHERE), w.SignedOutEverywhere(account="ada"))
    story.given(*signed_in("b" * 12))
    story.when(w.SignOutEverywhere, **BY_BOSS, account="ada")
    assert len(story.events) == 2


# -- tokens and hooks ------------------------------------------------------------------------

ISSUE = w.IssueToken(key="issue-1", token="wall", label="wall display", role="reader",
                     digest=DIGEST, until=T0 + DAY_US)  # fmt: skip
ISSUED = w.TokenIssued(token="wall", label="wall display", role="reader", digest=DIGEST,
                       until_us=T0 + DAY_US)  # fmt: skip


def test_a_token_is_issued_once_and_revoked_once():
    story = Story().when(ISSUE, role="administrator").then(ISSUED)
    assert said(ISSUED) == "The token wall was issued to wall display as reader."
    story.when(ISSUE, role="administrator").refused(w.NameTaken, what="token")
    story.when(w.RevokeToken, **BY_BOSS, token="wall", reason="lost")
    story.then(w.TokenRevoked(token="wall", reason="lost"))
    story.when(w.RevokeToken, **BY_BOSS, token="wall", reason="lost").refused(WrongStep)
    story.when(w.RevokeToken, **BY_BOSS, token="wahl", reason="lost").refused(Unknown)
    story.when(ISSUE, role="administrator").refused(w.NameTaken)


def test_a_token_has_a_role_for_programs_and_a_term():
    story = Story()
    for role in ("administrator", "crew", "operator"):
        story.when(msgspec.structs.replace(ISSUE, role=role), role="administrator")
        story.refused(w.NoSuchRole, what="token", role=role)
    too_long = T0 + (TOKEN_DAYS_MAX + 2) * DAY_US
    for until, days in ((T0 - DAY_US, -2), (too_long, TOKEN_DAYS_MAX + 1)):
        story.when(msgspec.structs.replace(ISSUE, until=until), role="administrator")
        story.refused(w.BadTerm, what="token", days=days)


def test_a_hook_is_registered_once_and_removed_once():
    asked = w.RegisterHook(key="hook-1", hook="city", url="https://example.org/in", role="reader",
                           credential=KEY)  # fmt: skip
    story = Story().when(asked, role="administrator")
    story.then(w.HookRegistered(hook="city", url="https://example.org/in", role="reader",
                                credential=KEY))  # fmt: skip
    story.when(asked, role="administrator").refused(w.NameTaken, what="hook")
    story.when(w.RemoveHook, **BY_BOSS, hook="city", reason="moved")
    story.then(w.HookRemoved(hook="city", reason="moved"))
    story.when(w.RemoveHook, **BY_BOSS, hook="city", reason="moved").refused(WrongStep)
    story.when(w.RemoveHook, **BY_BOSS, hook="town", reason="moved").refused(Unknown)
    other = w.RegisterHook(key="hook-2", hook="o", url="https://example.org/", role="dispatcher",
                           credential=KEY)  # fmt: skip
    story.when(other, role="administrator").refused(w.NoSuchRole, what="hook")


# -- areas -----------------------------------------------------------------------------------


def asked_by(centre: Centre, areas: tuple[str, ...], incident: str):
    """Return what comes of a dispatcher of some areas closing an incident."""
    asked = make(dispatch.CloseIncident, {"incident": incident, "outcome": "done"})
    actor = Actor(name="ada", role="dispatcher", areas=areas)
    return centre.hub.handle([Ask(asked, actor)])[0]


def test_whoever_acts_in_areas_acts_there_only():
    centre = Centre()
    centre.incident()
    incident = next(iter(centre.board.incidents))
    line = centre.board.incidents[incident]
    refused = asked_by(centre, ("Rim", "B01"), incident)
    assert isinstance(refused, Refused)
    assert isinstance(refused.refusal, NotYourArea)
    assert refused.refusal.text() == (
        f"Not done: dispatch.CloseIncident for {incident}. It lies in {line.neighborhood}; "
        "you act in Rim, B01. Ask whoever acts there, or a supervisor."
    )
    assert isinstance(asked_by(centre, ("Rim", line.battalion), incident), Accepted)


def test_a_place_that_is_not_known_keeps_nobody_away():
    centre = Centre()
    centre.incident(lon=None, lat=None, unverified="caller unsure")
    incident = next(iter(centre.board.incidents))
    assert isinstance(asked_by(centre, ("Rim",), incident), Accepted)


# -- a walk over the life of an account ------------------------------------------------------

NAMES = ("ada", "bo")
COMMANDS = {
    w.AccountOpened: (w.OpenAccount, "operator"),
    w.AccountInvited: (w.InviteAccount, "operator"),
    w.PasswordSet: (w.SetPassword, "system"),
    w.SecondFactorSet: (w.SetSecondFactor, "system"),
    w.SecondFactorRemoved: (w.RemoveSecondFactor, "operator"),
    w.RoleChanged: (w.ChangeRole, "operator"),
    w.SignedIn: (w.SignIn, "system"),
    w.SignInMissed: (w.MissSignIn, "system"),
    w.AccountLocked: (w.MissSignIn, "system"),
    w.SignedOut: (w.SignOut, "system"),
    w.SignedOutEverywhere: (w.SignOutEverywhere, "operator"),
    w.AccountClosed: (w.CloseAccount, "operator"),
    w.AccountReleased: (w.ReleaseAccount, "operator"),
    w.AccountReopened: (w.ReopenAccount, "operator"),
    c.UnitsGiven: (c.GiveUnits, "administrator"),
    c.UnitTaken: (c.TakeUnit, "crew"),
}


def test_every_step_of_the_table_has_its_command():
    assert {event for _state, event in ACCOUNT.table} == set(COMMANDS)


def invariants(centre: Centre) -> None:
    """What must hold of every account, whatever was asked."""
    for account in centre.state("access").accounts.values():
        assert len(account.sessions) <= SESSIONS_MAX
        assert {account.unit_of(name) for name in account.sessions} <= {"", *account.units}
        due = centre.state("access").releases.due
        assert (account.state == "locked") == (account.account in due)
        assert (account.state == "locked") == (account.locked_until_us > 0)
        if account.state in ("waiting", "closed"):
            assert not account.sessions
            assert not account.credential
            assert not account.second
        if account.state == "closed":
            assert not account.invitation
        mine = [e for e in centre.events() if getattr(e, "account", "") == account.account]
        began = sum(isinstance(e, w.SignedIn) for e in mine)
        ended = sum(isinstance(e, w.SignedOut) for e in mine)
        assert began - ended == len(account.sessions)


def step(centre: Centre, chance: random.Random) -> None:
    """Give one command: mostly one that the table allows now, sometimes any."""
    name = chance.choice(NAMES)
    account = centre.state("access").accounts.get(name)
    state = account.state if account else ACCOUNT.first
    allowed = ACCOUNT.possible(state) if chance.random() < 0.8 else tuple(COMMANDS)
    event = chance.choice(allowed)
    command, role = COMMANDS[event]
    session = chance.choice([*(account.sessions if account else ()), f"{chance.randrange(9):012x}"])
    told = {
        "account": name, "role": chance.choice(["dispatcher", "administrator"]),
        "digest": DIGEST, "until": centre.clock.now_us() + DAY_US, "credential": KEY,
        "reason": "so it is", "session": session, "way": w.Way.PASSWORD,
        "missed": w.Missed.PASSWORD, "why": w.Ended.ASKED,
        "invitation": account.invitation or DIGEST if account else DIGEST,
        "units": chance.choice([(), ("E1",), ("E1", "E2")]), "on": chance.choice(["E1", "E2"]),
    }  # fmt: skip
    fields = {n: v for n, v in told.items() if n in command.__struct_fields__}
    actor = Actor(name=name if role in (SYSTEM.role, "crew") else "operator", role=role)
    for _ in range(FAILURES_MAX if event is w.AccountLocked else 1):
        before = centre.hub.position
        outcome = centre.hub.handle([Ask(make(command, fields), actor)])[0]
        assert isinstance(outcome, (Accepted, Refused)), outcome
        assert (centre.hub.position > before) == isinstance(outcome, Accepted)
    centre.tick(chance.choice([0, 1, 60, LOCK_S]))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_any_walk_leaves_every_account_whole_and_a_restart_the_same(seed):
    centre, chance = Centre(), random.Random(seed)
    for _ in range(60):
        step(centre, chance)
        invariants(centre)
    before = centre.hub.rooms.pack(centre.hub.state)
    centre.restart(use_snapshot=False)
    assert centre.hub.rooms.pack(centre.hub.state) == before
