"""A refusal says in words what may be done instead, whatever room it comes from."""

from __future__ import annotations

import re

import pytest

from answerable.console.acts import ASKED_BY
from answerable.console.deeds import DEEDS, THINGS, words
from answerable.console.language import language
from answerable.followup.back_arms import CALL_BACK
from answerable.followup.right_rules import RIGHT
from answerable.followup.right_words import PutRightClosed
from answerable.kernel.event import Event
from answerable.kernel.refusals import WrongStep
from answerable.rooms import product

ROOMS = product().rooms
CLASS_NAME = re.compile(r"\b[A-Z][a-z]+[A-Z]\w+")
ALONE = {
    "CallRung",
    "IncidentTookOver", "IncidentGaveBack", "IncidentSplitOff", "LineFreed", "TextTaken",
    "CallerReached", "LineCounted", "CountsAgreed", "CountDiffered", "CountMissed", "NextProposed",
    "SupervisorTold", "ReturnOverdue", "AccountLocked", "SignInMissed", "BackupFailed",
    "BackupMade", "BackupMissed", "WitnessDisagreed", "CameBack", "FellAway", "StoppedInTime",
    "StoppedLate", "ClockRang", "Archived", "Destroyed", "CallBackDue", "CallBackHeld",
    "CallBackDeclined", "CallBackUnreachable", "PlaceCounted", "BulletinWritten", "ReviewWritten",
    "ProblemEnded", "MatterTimed", "MatterRung", "ReferralNotSent", "ReferralOverdue",
    "SupportClosed", "SupportLate",
}  # fmt: skip
"""Steps that nobody asks for by one command: what follows by itself, or is told by a machine."""


def steps() -> set[type[Event]]:
    return {event for room in ROOMS for life in room.steps.values() for _s, event in life.table}


def test_every_step_is_called_in_words_or_comes_by_itself():
    named = {event.__name__ for event in (*ASKED_BY, *DEEDS)}
    assert {event.__name__ for event in steps()} - named == ALONE
    assert not named & ALONE


@pytest.mark.parametrize("tag", ["en", "zh-CN"])
def test_what_a_step_is_called_is_said_in_every_language(world, tag):
    phrases = world.app.front.phrases(tag)
    for name in {event.__name__ for event in (*ASKED_BY, *DEEDS)}:
        told = phrases.step(name)
        assert not CLASS_NAME.fullmatch(told), name
        assert tag == "en" or re.search(r"[\u4e00-\u9fff]", told), name


@pytest.mark.parametrize("tag", ["en", "zh-CN"])
@pytest.mark.parametrize("life", [CALL_BACK, RIGHT], ids=["call-back", "put right"])
def test_no_refusal_of_what_comes_after_closed_names_a_class(world, life, tag):
    phrases = world.app.front.phrases(tag)
    for state in life.states:
        for event in {event for _here, event in life.table}:
            refusal = life.refuse(state, event, "the call-back of 118")
            if isinstance(refusal, WrongStep):
                instead = phrases.refusal(refusal)["instead"]
                assert not CLASS_NAME.search(instead), (state, event, instead)


def test_a_refused_step_is_told_whole(world):
    refusal = RIGHT.refuse("open", PutRightClosed, "118R1")
    assert refusal is not None
    told = world.app.front.phrases("en").refusal(refusal)
    assert told["not_done"] == "Not done: End what is to be put right without the caller for 118R1."
    assert told["instead"].startswith("Possible now: Record that somebody spoke with an unhappy")


@pytest.mark.parametrize("what", [*THINGS, "{unit} on {incident}"])
def test_what_a_step_is_about_is_said_in_chinese(world, what):
    filled = what.format(name="118", unit="E12", incident="118")
    refusal = WrongStep(step="UnitCleared", what=filled, state="open", possible="nothing")
    told = world.app.front.phrases("zh-CN").refusal(refusal)
    assert filled not in told["not_done"]
    assert "118" in told["not_done"]
    assert filled in world.app.front.phrases("en").refusal(refusal)["not_done"]
    assert told["instead"] == f"现在可以：{language('zh-CN')('nothing')}。"


def test_what_comes_by_itself_is_not_offered(world):
    refusal = WrongStep(step="UnitCleared", what="118", state="open", possible="CallBackDue")
    assert world.app.front.phrases("en").refusal(refusal)["instead"] == "Possible now: nothing."
    assert words(ROOMS)["CallBackDue"] == ""


def test_the_words_are_those_of_commands_that_roles_are_given():
    roles = product().authority.roles.values()
    given = {tag for rights in roles for tag in rights.commands}
    assert {command.tag for command in DEEDS.values()} - given == set()
