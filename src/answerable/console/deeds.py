"""What a refusal calls a step and a thing: in the words of whoever reads it, never by a class name.

A step is called like the command by which a person asks for it; where a page has a button for it,
like the button (``acts.ASKED_BY``). A step that comes by itself is nothing that anybody could do
instead, so it is not named among what is possible.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from answerable.access import crew_words as crew
from answerable.access import words as access
from answerable.console.acts import ASKED_BY
from answerable.console.admin.labels import COMMANDS
from answerable.console.language import Language, _
from answerable.console.signin.acts import ACTS
from answerable.dispatch import alert_words as alert
from answerable.followup import back_words as back
from answerable.followup import right_words as right
from answerable.handover import words as handover
from answerable.intake import line_words as line
from answerable.intake import script_words as script
from answerable.intake import words as intake
from answerable.keeping import words as keeping
from answerable.kernel.event import Command, Event, fill
from answerable.kernel.room import Room
from answerable.matters import matter_words as matter
from answerable.matters import problem_words as problem
from answerable.matters import referral_words as referral
from answerable.matters import support_words as support
from answerable.standards import words as standards
from answerable.towns import words as towns
from answerable.vault import words as vault

DEEDS: dict[type[Event], type[Command]] = {
    access.AccountOpened: access.OpenAccount, access.AccountClosed: access.CloseAccount,
    access.AccountInvited: access.InviteAccount, access.AccountReopened: access.ReopenAccount,
    access.AccountReleased: access.ReleaseAccount, access.RoleChanged: access.ChangeRole,
    access.PasswordSet: access.SetPassword, access.SecondFactorSet: access.SetSecondFactor,
    access.SecondFactorRemoved: access.RemoveSecondFactor, access.SignedIn: access.SignIn,
    access.SignedOut: access.SignOut, access.SignedOutEverywhere: access.SignOutEverywhere,
    access.TokenIssued: access.IssueToken, access.TokenRevoked: access.RevokeToken,
    access.HookRegistered: access.RegisterHook, access.HookRemoved: access.RemoveHook,
    access.LettersDropped: access.DropLetters, access.LettersRetried: access.RetryLetters,
    crew.UnitsGiven: crew.GiveUnits, crew.UnitTaken: crew.TakeUnit,
    towns.RunCardsAdopted: towns.AdoptRunCards, towns.RunCardsWithdrawn: towns.WithdrawRunCards,
    standards.ClockExtended: standards.ExtendClock, standards.ClockResumed: standards.ResumeClock,
    standards.ClockSuspended: standards.SuspendClock,
    intake.CallAnswered: intake.AnswerCall,
    intake.CallAbandoned: intake.AbandonCall, intake.CallEnded: intake.EndCall,
    intake.DifferenceExplained: intake.ExplainDifference,
    line.CallHungUp: line.HangUp, line.CallSilent: line.MarkSilent,
    line.CallerTexted: line.TextCaller, line.CallTransferOffered: line.TransferCall,
    line.CallTransferred: line.ConfirmTransfer, line.CallTransferDeclined: line.DeclineTransfer,
    line.CallRead: line.ReadCall,
    script.QuestionAnswered: script.AnswerQuestion, script.InstructionGiven: script.GiveInstruction,
    alert.UnitReminded: alert.RemindUnit, alert.AlertHeard: alert.HearAlert,
    alert.AlertMissed: alert.MissAlert,
    alert.EscalationAcknowledged: alert.AcknowledgeEscalation,
    handover.SatDown: handover.SitDown, handover.StoodUp: handover.StandUp,
    handover.HandOverOffered: handover.OfferHandOver, handover.HandOverRead: handover.ReadHandOver,
    handover.HandOverTaken: handover.TakeHandOver,
    handover.HandOverWithdrawn: handover.WithdrawHandOver,
    back.CallBackTaken: back.TakeCallBack, back.CallBackLeft: back.LeaveCallBack,
    back.CallBackTried: back.TriedCallBack, back.CallBackDeferred: back.DeferCallBack,
    back.CallBackSpoken: back.SpeakCallBack, back.CallBackAnswered: back.AnswerCallBack,
    back.CallBackBarred: back.BarCallBack, back.CallBackAllowed: back.AllowCallBack,
    back.CallBackTakenBack: back.TakeBackCallBack, back.LinkSent: back.SendLink,
    right.PutRightOpened: right.OpenPutRight, right.PutRightOwned: right.OwnPutRight,
    right.HumanSpoke: right.SpokeWithCaller, right.AccountAsked: right.AskAccount,
    right.AccountGiven: right.GiveAccount, right.ReopeningSought: right.SeekReopening,
    right.DonePutRight: right.DoPutRight, right.MissedAgain: right.MissAgain,
    right.RungBackAgain: right.RingBackAgain, right.PutRightWithdrawn: right.WithdrawPutRight,
    right.PutRightClosed: right.ClosePutRight, right.SentToOversight: right.SendToOversight,
    right.ReturnedFromOversight: right.ReturnFromOversight,
    problem.ProblemOpened: problem.OpenProblem, problem.ProblemDeclined: problem.DeclineProblem,
    problem.ProblemTaken: problem.TakeProblem, problem.ProblemPlanned: problem.PlanProblem,
    problem.StepAdded: problem.AddStep, problem.StepDone: problem.DoneStep,
    problem.StepDropped: problem.DropStep, problem.StepTakenUp: problem.RedoStep,
    problem.ProblemNoted: problem.NoteProblem, problem.NotesRead: problem.ReadNotes,
    problem.AgencyJoined: problem.JoinAgency, problem.AgencyLeft: problem.LeaveAgency,
    problem.ProblemReviewed: problem.ReviewProblem, problem.StopClaimed: problem.ClaimStopped,
    problem.StopDeclined: problem.DeclineStop, problem.ProblemWatched: problem.WatchProblem,
    problem.ProblemReopened: problem.ReopenProblem,
    matter.MatterOpened: matter.OpenMatter, matter.MatterGiven: matter.GiveMatter,
    matter.MatterTaken: matter.TakeMatter, matter.MatterLeft: matter.LeaveMatter,
    matter.MatterProgressed: matter.ProgressMatter, matter.MatterSuspended: matter.SuspendMatter,
    matter.MatterResumed: matter.ResumeMatter, matter.MatterExtended: matter.ExtendMatter,
    matter.MatterReminded: matter.RemindMatter, matter.MatterFinished: matter.FinishMatter,
    matter.MatterSignedOff: matter.SignOffMatter, matter.MatterSentBack: matter.SendBackMatter,
    matter.MatterReopened: matter.ReopenMatter,
    referral.Referred: referral.ReferIncident, referral.ReferralLinked: referral.LinkReferral,
    referral.ReferralReceived: referral.ReceiveReferral,
    referral.ReferralSentAgain: referral.SendReferralAgain,
    referral.ReferralAccepted: referral.AcceptReferral,
    referral.ReferralDeclined: referral.DeclineReferral,
    referral.ReferralReturned: referral.ReturnReferral,
    referral.ReferralWithdrawn: referral.WithdrawReferral,
    referral.ReferralSettled: referral.SettleReferral,
    support.SupportAsked: support.AskSupport, support.SupportApproved: support.ApproveSupport,
    support.SupportDeclined: support.DeclineSupport,
    support.SupportAssigned: support.AssignSupport,
    support.SupportAccepted: support.AcceptSupport, support.SupportRefused: support.RefuseSupport,
    support.SupportBegun: support.BeginSupport, support.SupportRead: support.ReadSupport,
    support.SupportReported: support.ReportSupport,
    support.SupportThanked: support.ThankSupport,
    support.SupportComplained: support.ComplainSupport,
    support.SupportWithdrawn: support.WithdrawSupport,
    keeping.AlarmAcknowledged: keeping.AcknowledgeAlarm,
    vault.SealedRead: vault.ReadSealed, vault.ArchiveOpened: vault.OpenArchived,
}  # fmt: skip
"""The steps a person asks for that have no button of ``ASKED_BY``, each with its command."""
THINGS = (
    _("incident {name}"), _("call {name}"), _("the call-back of {name}"), _("account {name}"),
    _("token {name}"), _("hook {name}"), _("clock {name}"), _("alarm {name}"),
    _("referral {name}"), _("support {name}"),
)  # fmt: skip
"""What a step may be about, as rules name it."""
ON = _("{unit} on {incident}")


def words(rooms: Iterable[Room[Any]]) -> dict[str, str]:
    """Return what every command and every step of a life is called; "" for one by itself."""
    found = {event.__name__: "" for room in rooms for life in room.steps.values()
             for _state, event in life.table}  # fmt: skip
    found |= {event.__name__: COMMANDS[command.tag] for event, command in DEEDS.items()}
    found |= {event.__name__: label for event, (_command, label) in ASKED_BY.items()}
    labels = {command.tag: label for command, label in ASKED_BY.values()}
    return {**COMMANDS, **ACTS, **found, **labels}


def thing(lang: Language, what: str) -> str:
    """Return what a step is about in a language: ``incident 118``, ``E12 on 118``, a word."""
    if (said := lang(what)) != what:
        return said
    head, _space, name = what.rpartition(" ")
    if (pattern := f"{head} {{name}}") in THINGS:
        return fill(lang(pattern), {"name": name})
    unit, on, incident = what.partition(" on ")
    if on and incident.isalnum():
        return fill(lang(ON), {"unit": unit, "incident": incident})
    return what
