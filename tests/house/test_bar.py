"""Every act of the mouse has its line: whoever adds a button adds a verb, or says why not."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import types

import pytest

import answerable.console
from answerable.console.acts import ASKED_BY
from answerable.console.bar.verbs import VERBS
from answerable.kernel.event import Command
from answerable.rooms import product
from tests.attack.tables import ROUTES, doors

ROOMS = product()
HAVE = {tag for verb in VERBS for tag in verb.commands}

ADMINISTRATION = ("access.", "keeping.", "standards.", "towns.")
"""Accounts, keys, standards and the town's files are looked after on their own pages: no password
or token passes through a line, and nothing there is done in a hurry."""
WITHOUT_A_LINE = {
    "vault.ReadSealed": "reading: the words are on the page where the purpose is said",
    "vault.OpenArchived": "reading: the words are on the page where the purpose is said",
    "intake.ReadCall": "reading: number and texts are on the page of calls",
    "handover.ReadHandOver": "reading: what was left for the next is on the hand-over page",
    "intake.CountLine": "given by the line's own counter",
    "intake.TakeText": "given by the line",
    "dispatch.HearAlert": "given by a channel",
    "dispatch.MissAlert": "given by a channel",
    "dispatch.ProposeNext": "given by the program when a clock rings",
    "handover.LeaveDesk": "given by the program when a session ends",
    "matters.OpenProblem": "place, kinds, cause and reason: a form with several fields",
    "matters.DeclineProblem": "on the page of the problem, beside what it is about",
    "matters.CountPlace": "given by the program when a problem is opened",
    "matters.TakeProblem": "on the page of the problem, from the list of who may own one",
    "matters.PlanProblem": "a form with several fields on the page of the problem",
    "matters.AddStep": "a form with several fields on the page of the problem",
    "matters.DropStep": "on the page of the problem, beside the step",
    "matters.RedoStep": "on the page of the problem, beside the step",
    "matters.ReadNotes": "reading: the words are on the page of the problem",
    "matters.JoinAgency": "on the page of the problem, from the list of agencies",
    "matters.LeaveAgency": "on the page of the problem, beside the agency",
    "matters.ReviewProblem": "a decision on a review that is read first, on its page",
    "matters.ClaimStopped": "under the test that is read first, on the page of the problem",
    "matters.DeclineStop": "the second person's answer, under the test that is read first",
    "matters.WatchProblem": "the second person's signature, under the test that is read first",
    "matters.ReopenProblem": "on the page of the problem, beside what it is about",
    "followup.TakeCallBack": "on the page of call-backs, where the number is shown to who rings",
    "followup.LeaveCallBack": "on the page of call-backs, by whoever rings",
    "followup.TriedCallBack": "on the page of call-backs, one key each, by whoever rings",
    "followup.DeferCallBack": "on the page of call-backs, from the times that are offered",
    "followup.SpeakCallBack": "on the page of call-backs, beside what is said",
    "followup.AnswerCallBack": "four marks and sealed words: a form with several fields",
    "followup.SendLink": "on the page of call-backs, by link or by text, where texts are set up",
    "followup.TakeBackCallBack": "on the page of call-backs; the desk's own last deed by /undo",
    "followup.OpenPutRight": "opened by an unhappy answer; by hand on the page of put right",
    "followup.OwnPutRight": "on its page, from the list of who may answer for it",
    "followup.SpokeWithCaller": "on its page; what the caller says is sealed",
    "followup.AskAccount": "on its page, beside the units that were there",
    "followup.GiveAccount": "on the crew's phone, or on its page; the words are sealed",
    "followup.SeekReopening": "on its page, with a reason, after what was said is read",
    "followup.DoPutRight": "what was done and words: a form with several fields",
    "followup.MissAgain": "on its page, beside the number that is rung",
    "followup.RingBackAgain": "the caller's word, sealed: a form with several fields",
    "followup.WithdrawPutRight": "on its page, with a reason, after what was said is read",
    "followup.ClosePutRight": "on its page, after it was rung as often as it has to be",
    "followup.SendToOversight": "on its page, with a reason, after what was said is read",
    "followup.ReturnFromOversight": "oversight reads the whole story first, on its page",
    "followup.JudgePutRight": "oversight reads the whole story first, on its page",
    "matters.GiveMatter": "on the page of the matter, from the list of who may own one",
    "matters.SuspendMatter": "a reason and a date: a form with several fields",
    "matters.ResumeMatter": "on the page of the matter, beside its clocks",
    "matters.ExtendMatter": "on the page of the matter, beside the term it extends",
    "matters.RemindDue": "given by the program when a reminder is due",
    "matters.NoteMessage": "given by a channel",
    "matters.ReadMatter": "reading: the words are on the page of the matter",
    "matters.FinishMatter": "a result and words: a form with several fields",
    "matters.SignOffMatter": "the second person's signature, under what was done, on its page",
    "matters.SendBackMatter": "the second person's answer, under what was done, on its page",
    "matters.ReopenMatter": "on the page of the matter, beside what came of it",
    "matters.ReferIncident": "key f on the incident's page; what the agency sees is read first",
    "matters.ReferMatter": "what the agency sees is read first, on its own page",
    "matters.LinkReferral": "on the page of referrals: the link is shown there once",
    "matters.ReceiveReferral": "given by what carries it, or on its page with the receipt",
    "matters.FailReferral": "given by what carries it",
    "matters.SendReferralAgain": "key s on the page of the referral, beside why it did not go",
    "matters.AcceptReferral": "given by the agency, or on its page with the agency's words",
    "matters.DeclineReferral": "given by the agency, or on its page with the agency's words",
    "matters.ReturnReferral": "given by the agency, or on its page with the agency's words",
    "matters.WithdrawReferral": "on the page of the referral, with a reason",
    "matters.ApproveSupport": "a signature, on the page of the request, under what is asked for",
    "matters.DeclineSupport": "the signer's answer, on the page of the request, with a reason",
    "matters.AssignSupport": "on the page of the request, from the list of who can do it",
    "matters.AcceptSupport": "on the phone of whoever gives it, or on the page of the request",
    "matters.RefuseSupport": "on the phone of whoever gives it, or on the page of the request",
    "matters.BeginSupport": "on the phone of whoever gives it, or on the page of the request",
    "matters.ReadSupport": "happens by itself where whoever gives it opens the request",
    "matters.ReportSupport": "a result and words: a form with several fields",
    "matters.ThankSupport": "on the crew's phone, or on the page of the request, under the result",
    "matters.ComplainSupport": "a reason and words: a form with several fields",
    "matters.WithdrawSupport": "on the page of the request, with a reason",
    "matters.SettleReferral": "what came back is read first, on the page of the referral",
}
"""Commands that the console knows and no line asks for, each with the reason."""

FORMS = {
    "/do": "each form names a command, and each command has its verb (above)",
    "/line": "the bar itself",
    "/line/read": "the bar itself",
    "/undo": "/undo",
    "/send-all": "/send all",
    "/take": "/open, /book, /note, /send",
    "/take/answer": "/question, /instruct",
    "/take/heard": "what is typed is read aloud to nobody: it proposes, and records nothing",
    "/take/undo": "/undo",
    "/incidents/{incident}/read": "reading: the purpose is said on the page (WITHOUT_A_LINE)",
    "/calls/claim": "/answer",
    "/calls/words": "reading: number and texts of a call are on the page (WITHOUT_A_LINE)",
    "/crew/unit": "which unit this phone speaks for; it is the session's, not the desk's",
    "/hand-over": "/sit, /stand, /handover, /withdraw, /takeover, /freedesk",
    "/hand-over/sign": "whoever comes signs with their own password, which no line takes",
    "/hand-over/code": "whoever comes signs with their own code, which no line takes",
    "/problems": "/note-problem, /step-done, other acts stand beside what they are about, and "
    "a claim or a second signature belongs under the test that is read first (WITHOUT_A_LINE)",
    "/call-backs/dial": "a telephone rings; nobody types the number, and nothing is recorded",
    "/call-backs": "the questions are read out there, and the number is shown (WITHOUT_A_LINE)",
    "/put-right": "its number is on the page, and it is opened by itself (WITHOUT_A_LINE)",
    "/put-right/{right}": "what was said is read first, on its page (WITHOUT_A_LINE)",
    "/matters": "/matter",
    "/matters/{matter}": "/take, /leave, /progress, /remind-owner, /rung, any other act "
    "stands on the matter's page, under its words, which are read first (WITHOUT_A_LINE)",
    "/referrals": "what an agency sees, and what it answered, is read first (WITHOUT_A_LINE)",
    "/support": "a form with several fields (WITHOUT_A_LINE)",
    "/support/{support}": "each act stands on the page of the request, under its steps, and on the "
    "crew's phone (WITHOUT_A_LINE)",
    "/desk": "the name of the place, kept by this browser; it records nothing",
    "/presence": "tells that a page is open; nobody presses it",
    "/demo": "the demonstration's own clock: keys p, + and -",
}
"""The addresses that pages of a desk send forms to, and the lines that do the same."""
OF_OTHERS = (
    "/enter", "/link", "/session", "/account", "/admin", "/receipt", "/api",
    "/portal", "/open311", "/say",
)  # fmt: skip
"""The door, one's own account, administration, the public, programs: no desk's hands."""


def asked_for() -> dict[str, set[str]]:
    """Return every command that a module of the console names, and where."""
    found: dict[str, set[str]] = {}
    for info in pkgutil.walk_packages(answerable.console.__path__, "answerable.console."):
        if ".bar" not in info.name:
            module = importlib.import_module(info.name)
            for tag in named_in(module):
                found.setdefault(tag, set()).add(info.name)
    return found


def named_in(module: types.ModuleType) -> set[str]:
    """Return the tags of the commands that a module names."""
    assert module.__file__ is not None
    with open(module.__file__, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    found = set()
    for node in ast.walk(tree):
        thing: object = None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            holder = getattr(module, node.value.id, None)
            thing = getattr(holder, node.attr, None) if isinstance(holder, types.ModuleType) else 0
        elif isinstance(node, ast.Name):
            thing = getattr(module, node.id, None)
        if isinstance(thing, type) and issubclass(thing, Command) and thing.tag in ROOMS.commands:
            found.add(thing.tag)
    return found


def unspoken(asked: set[str]) -> set[str]:
    """Return the commands that no line asks for and nothing is said about."""
    known = HAVE | set(WITHOUT_A_LINE)
    return {tag for tag in asked - known if not tag.startswith(ADMINISTRATION)}


def test_every_button_of_a_steps_table_has_its_verb():
    assert unspoken({command.tag for command, _label in ASKED_BY.values()}) == set()


def test_every_command_that_a_page_asks_for_has_its_verb():
    asked = asked_for()
    assert {tag: asked[tag] for tag in unspoken(set(asked))} == {}


def test_every_form_of_a_desks_page_is_named_with_the_lines_that_do_the_same():
    routes = [door.route for door in doors(ROUTES.read_text(encoding="utf-8"))]
    posted = {route.path for route in routes if route.method == "POST"}
    desks = {path for path in posted if not path.startswith(OF_OTHERS)}
    assert desks == {path for path in FORMS if path in posted}
    assert set(FORMS) <= posted
    words = {f"/{verb.name}" for verb in VERBS}
    for path, told in FORMS.items():
        lines = [part.split()[0] for part in told.split(", ") if part.startswith("/")]
        assert set(lines) <= words, path


def test_what_has_no_line_still_exists_and_really_has_none():
    assert set(WITHOUT_A_LINE) <= set(ROOMS.commands)
    assert not set(WITHOUT_A_LINE) & HAVE


@pytest.mark.parametrize("tag", ["dispatch.SendUnit", "intake.AddNote", "handover.SitDown"])
def test_a_button_without_a_verb_is_caught(monkeypatch, tag):
    """As if nobody had thought of a line for it."""
    monkeypatch.setattr(f"{__name__}.HAVE", HAVE - {tag})
    assert unspoken(set(asked_for())) == {tag}
