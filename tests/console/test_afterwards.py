"""How what comes after "closed" stands at the head of an incident."""

from __future__ import annotations

from typing import Any

import pytest

from answerable.console.afterwards import standing
from answerable.dispatch import report_words as report
from answerable.dispatch import words as d
from answerable.followup import back_words as back
from answerable.followup import right_words as right
from answerable.kernel.event import Event
from answerable.matters import referral_words as referral

ON = {"incident": "118"}
DUE_US = 1_586_501_999_999_999


def called(cls: type[Event], call: str = "C1", **more: Any) -> Event:
    return cls(**ON, call=call, **more)


def due(call: str = "C1") -> Event:
    return called(back.CallBackDue, call, day="20093", from_us=0, kind="Alarms")


def righted(cls: type[Event], **more: Any) -> Event:
    return cls(**ON, right="118R1", **more)


def referred(cls: type[Event], **more: Any) -> Event:
    return cls(**ON, referral="118F1", agency="works", **more)


OPENED = righted(right.PutRightOpened, reason=right.Why.SPEED, due_us=DUE_US, human_due_us=1)


@pytest.mark.parametrize(("events", "told"), [
    ([], []),
    ([due()], ["caller to be asked"]),
    ([due(), called(back.CallBackHeld)], []),
    ([due(), due("C2"), called(back.CallBackAnswered, overall=4)],
     ["caller asked: 4 of 5", "caller to be asked"]),
    ([due(), due("C2")], ["caller to be asked × 2"]),
    ([called(back.CallBackBarred, reason="a child", day="20093")], ["caller not rung: a child"]),
    ([OPENED], ["to be put right by 9 Apr 2020"]),
    ([OPENED, righted(right.DonePutRight, what=right.What.EXPLAINED)],
     ["done, to be rung back again"]),
    ([referred(referral.Referred), referred(referral.ReferralAccepted)],
     ["referral accepted: works"]),
    ([report.ReopeningAsked(**ON, reason="again")], ["opening again is asked for"]),
    ([report.ReopeningAsked(**ON, reason="again"), d.IncidentReopened(**ON, reason="again")], []),
])  # fmt: skip
def test_the_last_event_of_each_says_how_it_stands(world, events, told):
    assert standing(events, world.app.front.phrases("en")) == told


def test_it_is_said_in_chinese(world):
    events = [due(), OPENED, referred(referral.ReferralReturned, result=referral.Result.DONE)]
    told = standing(events, world.app.front.phrases("zh-CN"))
    assert told[0] == "待回访"
    assert told[1].startswith("待整改，期限")
    assert told[2] == "转办已退回：works"


def test_a_closed_incident_says_it_at_its_head_and_an_open_one_does_not(world):
    incident = world.incident()

    async def seen(client: Any) -> str:
        return (await client.get(f"/incidents/{incident}")).text

    assert "After closed</span>" not in world.run(seen)
    world.do(d.CloseIncident, incident=incident, outcome="nothing found")
    assert "After closed</span>" in world.run(seen)
