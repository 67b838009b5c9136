"""What every command, page and mark is called where rights are read: short, and in both languages.

A test holds the table against the rooms: a command without its words is seen at once.
"""

from __future__ import annotations

from answerable.console.language import Language, _

ROOMS: tuple[tuple[str, str], ...] = (
    ("intake", _("Calls and incidents")),
    ("dispatch", _("Units and jobs")),
    ("handover", _("Desks and hand-overs")),
    ("standards", _("Promises and clocks")),
    ("towns", _("The town")),
    ("access", _("Accounts, tokens, hooks")),
    ("keeping", _("The record's keeping")),
    ("vault", _("Sealed words")),
)
"""The rooms in the order in which people think of the work."""

COMMANDS: dict[str, str] = {
    "intake.RingCall": _("Ring: take in a call that rings"),
    "intake.AnswerCall": _("Answer a call"),
    "intake.AbandonCall": _("Note that a caller hung up"),
    "intake.EndCall": _("End a call"),
    "intake.OpenIncident": _("Open an incident"),
    "intake.BookIncident": _("Book an incident for later"),
    "intake.OpenBooked": _("Open what was booked, at its time"),
    "intake.CancelBooking": _("Cancel a booking"),
    "intake.AttachCall": _("Attach a call to an incident"),
    "intake.ChangeKind": _("Change kind or priority"),
    "intake.CorrectPlace": _("Correct the place"),
    "intake.CorrectCallTime": _("Correct a time of a call or incident"),
    "intake.AddNote": _("Write a note"),
    "intake.AnswerQuestion": _("Record a caller's answer"),
    "intake.GiveInstruction": _("Read an instruction out"),
    "intake.StrikeNote": _("Strike a note"),
    "intake.CountLine": _("Tell how often a line rang"),
    "intake.CompareCounts": _("Compare the counts of a day"),
    "intake.ExplainDifference": _("Explain a difference of the counts"),
    "intake.RetireLine": _("Wait for no more counts of a line"),
    "dispatch.PutOnDuty": _("Put a unit on duty"),
    "dispatch.TakeOffDuty": _("Take a unit off duty"),
    "dispatch.TakeOutOfService": _("Take a unit out of service"),
    "dispatch.ReturnToService": _("Return a unit to service"),
    "dispatch.SendUnit": _("Send a unit"),
    "dispatch.StackUnit": _("Stack a further job on a unit"),
    "dispatch.UnstackUnit": _("Take a stacked job back"),
    "dispatch.Acknowledge": _("Sign for a dispatch"),
    "dispatch.GoEnRoute": _("Report en route"),
    "dispatch.Arrive": _("Report arrival"),
    "dispatch.Transport": _("Report transport to a hospital"),
    "dispatch.ReachHospital": _("Report arrival at the hospital"),
    "dispatch.ReportBack": _("Give the field report"),
    "dispatch.ClearUnit": _("Clear a unit"),
    "dispatch.CancelUnit": _("Cancel a unit"),
    "dispatch.CorrectTime": _("Correct a time of a unit"),
    "dispatch.CloseIncident": _("Close an incident"),
    "dispatch.ReopenIncident": _("Reopen an incident"),
    "dispatch.ExchangeUnits": _("Exchange two units"),
    "dispatch.PreemptUnit": _("Take a unit away to something more urgent"),
    "dispatch.HoldIncident": _("Put an incident on hold"),
    "dispatch.EndHold": _("End the hold of an incident"),
    "dispatch.OrderMoveUp": _("Move a unit up to another station"),
    "dispatch.EndMoveUp": _("Send a unit back to its own station"),
    "dispatch.CancelMoveUp": _("Cancel a move-up"),
    "dispatch.RemindReturn": _("Remind that a unit is not back"),
    "dispatch.RaiseAlarm": _("Raise the alarm level"),
    "dispatch.LowerAlarm": _("Lower the alarm level"),
    "dispatch.SendMessage": _("Send a message to a unit, a desk or an incident"),
    "handover.SitDown": _("Sit down at a desk"),
    "handover.StandUp": _("Leave one's desk"),
    "handover.FreeDesk": _("Free a desk that somebody left"),
    "handover.LeaveDesk": _("Note that nobody sits at a desk any more"),
    "handover.OfferHandOver": _("Offer one's desk to the next"),
    "handover.WithdrawHandOver": _("Withdraw a hand-over"),
    "handover.ReadHandOver": _("Read what was left for the next"),
    "handover.TakeHandOver": _("Take a desk over"),
    "standards.AdoptStandard": _("Adopt a standard"),
    "standards.RingClock": _("Ring a clock that has reached its limit"),
    "standards.SuspendClock": _("Let a clock stand still"),
    "standards.ResumeClock": _("Let a clock run on"),
    "standards.ExtendClock": _("Give a clock more time"),
    "towns.AdoptRunCards": _("Adopt run cards"),
    "towns.WithdrawRunCards": _("Withdraw run cards that do not hold yet"),
    "towns.NoteFiles": _("Note the town's files at the start"),
    "access.OpenAccount": _("Open an account"),
    "access.InviteAccount": _("Make a one-time link for an account"),
    "access.SetPassword": _("Set one's own password"),
    "access.SetSecondFactor": _("Add a second factor to one's own account"),
    "access.RemoveSecondFactor": _("Remove a second factor"),
    "access.ChangeRole": _("Change the role of an account"),
    "access.CloseAccount": _("Close an account"),
    "access.ReopenAccount": _("Open a closed account again"),
    "access.SignIn": _("Sign somebody in who proved who they are"),
    "access.MissSignIn": _("Note a failed sign-in"),
    "access.SignOut": _("End a session"),
    "access.SignOutEverywhere": _("End all sessions of an account"),
    "access.ReleaseAccount": _("Release a locked account"),
    "access.IssueToken": _("Issue a token"),
    "access.RevokeToken": _("Revoke a token"),
    "access.RegisterHook": _("Register a hook"),
    "access.RemoveHook": _("Remove a hook"),
    "access.RetryLetters": _("Try given-up letters to a hook again"),
    "access.DropLetters": _("Drop given-up letters to a hook"),
    "keeping.WatchBackups": _("Agree how often a backup is expected"),
    "keeping.NoteBackup": _("Note a proven backup"),
    "keeping.NoteMissedBackup": _("Note that no backup came in time"),
    "keeping.FailBackup": _("Note a backup that is worth nothing"),
    "keeping.NoteRestore": _("Note that the record was put back"),
    "keeping.GoOn": _("Go on without events that a witness had seen"),
    "keeping.NoteLogKey": _("Note a change of a key that signs the log"),
    "keeping.NoteWitness": _("Note what is new about a witness"),
    "keeping.AcknowledgeAlarm": _("Acknowledge an alarm about the record"),
    "vault.ReadSealed": _("Read sealed words, for a purpose"),
    "vault.OpenArchived": _("Open an archived incident, for a purpose"),
    "vault.HoldIncident": _("Keep an incident from being erased"),
    "vault.LiftHold": _("Lift a hold"),
    "vault.AskErasure": _("Ask for an erasure"),
    "vault.DenyErasure": _("Refuse an erasure"),
    "vault.ApproveErasure": _("Approve an erasure another person asked for"),
    "vault.EraseDue": _("Erase or archive what is due"),
    "vault.SweepDue": _("Go through the table of retention"),
    "vault.ConfirmErasures": _("Note that the keys of what was erased are destroyed"),
}

PAGES: dict[str, str] = {
    "board": _("Board"),
    "hand-over": _("Hand-over"),
    "incident": _("Incident"),
    "units": _("Units"),
    "standards": _("Standards"),
    "record": _("Record"),
    "counts": _("Calls counted"),
    "receipts": _("Number and code for a caller"),
    "open-call": _("Open a call by hand"),
    "demo": _("Clock of the demonstration"),
    "account": _("One's own account"),
    "accounts": _("Accounts"),
    "roles": _("Roles"),
    "tokens": _("Tokens"),
    "town": _("Town"),
    "adapters": _("Adapters"),
    "health": _("Health"),
    "schema": _("Description of the API"),
}

MARKS: dict[str, str] = {
    "open": _("Open: may be published"),
    "inside": _("Inside: for staff"),
    "sealed": _("Sealed: a person's words, name, number or door"),
}

HOLDERS: dict[str, str] = {
    "account": _("an account of staff"),
    "token": _("a token of a program"),
    "hook": _("a hook"),
}

ROLES: dict[str, str] = {
    "call_taker": _("Call-taker"),
    "dispatcher": _("Dispatcher"),
    "supervisor": _("Supervisor"),
    "administrator": _("Administrator"),
    "reader": _("Reader"),
    "probe": _("Probe"),
    "crew": _("Crew"),
    "line": _("Telephone line"),
    "importer": _("Importer"),
    "operator": _("Whoever runs this machine"),
    "system": _("The program itself"),
}
"""The roles that come with the product; a role that a centre adds is shown by its own name."""


def command(lang: Language, tag: str) -> str:
    """Return what a command is called; its tag where the table has no words for it."""
    return lang(COMMANDS.get(tag, tag))


def role(lang: Language, name: str) -> str:
    """Return what a role is called; its own name where it is none of the product's."""
    return lang(ROLES.get(name, name))
