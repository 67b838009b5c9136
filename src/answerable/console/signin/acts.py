"""What the steps of accounts, tokens and hooks are called where a refusal names them."""

from __future__ import annotations

from answerable.access import words as w
from answerable.console.admin.labels import COMMANDS
from answerable.kernel.event import Command, Event

ASKED_BY: dict[type[Event], type[Command]] = {
    w.AccountOpened: w.OpenAccount,
    w.AccountInvited: w.InviteAccount,
    w.PasswordSet: w.SetPassword,
    w.SecondFactorSet: w.SetSecondFactor,
    w.SecondFactorRemoved: w.RemoveSecondFactor,
    w.RoleChanged: w.ChangeRole,
    w.AccountClosed: w.CloseAccount,
    w.AccountReopened: w.ReopenAccount,
    w.SignedIn: w.SignIn,
    w.SignInMissed: w.MissSignIn,
    w.AccountLocked: w.MissSignIn,
    w.AccountReleased: w.ReleaseAccount,
    w.SignedOut: w.SignOut,
    w.SignedOutEverywhere: w.SignOutEverywhere,
    w.TokenIssued: w.IssueToken,
    w.TokenRevoked: w.RevokeToken,
    w.HookRegistered: w.RegisterHook,
    w.HookRemoved: w.RemoveHook,
}
"""The command behind every event of the room, by which a person knows it."""
ACTS = {event.__name__: COMMANDS[command.tag] for event, command in ASKED_BY.items()}
