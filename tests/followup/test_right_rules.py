"""Putting right: who looks into it, by when, and who may say that it is over."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from answerable.dispatch import report_words as report
from answerable.dispatch import words as dispatch
from answerable.followup import back_words as back
from answerable.followup import right_rules
from answerable.followup import right_words as w
from answerable.followup.right_rules import desks, why
from answerable.followup.state import Right, State
from answerable.intake import words as intake
from answerable.kernel.authority import Actor
from answerable.kernel.event import Event, Row
from answerable.kernel.refusals import NotAllowed, NotYourUnit, Refusal, Unknown, WrongStep
from answerable.kernel.room import Context
from answerable.rooms import authority
from answerable.standards import words as clocks
from answerable.standards.views import every_clock, running_for
from answerable.towns.following import next_open
from tests.story import US, Centre, centre, toy_town

DAY_S = 86_400
MARKS = {"manner": 4, "speed": 1, "result": 3, "overall": 2}


class After:
    """A centre where a caller was helped by E1 and E2, and is rung back a while later."""

    def __init__(self, *standards: str, **town: Any) -> None:
        self.centre: Centre = centre(**town)
        if standards:
            self.centre.adopt(*standards)
        self.centre.duty("E1", "E2", "E3")
        [rang] = self.centre.done(intake.RingCall, role="line", line="911", number="555-0100")
        self.call = rang.call
        self.centre.done(intake.AnswerCall, call=self.call)
        self.incident = self.centre.incident(call=self.call)
        for unit in ("E1", "E2"):
            self.centre.done(dispatch.SendUnit, incident=self.incident, unit=unit)
            self.centre.done(dispatch.Acknowledge, incident=self.incident, unit=unit)
            self.centre.done(dispatch.GoEnRoute, incident=self.incident, unit=unit)
            self.centre.done(dispatch.Arrive, incident=self.incident, unit=unit)
            self.centre.done(dispatch.ClearUnit, incident=self.incident, unit=unit)
        self.centre.done(dispatch.CloseIncident, incident=self.incident, outcome="served")
        self.right = ""

    def unhappy(self, **answer: Any) -> After:
        """The caller is rung and is not content: a put right is opened by that."""
        fields = {**MARKS, "words": "It took an hour", **answer}
        about = {"incident": self.incident, "call": self.call, "role": "call_back"}
        self.centre.tick(3600)
        made = self.centre.done(back.AnswerCallBack, **about, **fields)
        opened = [event for event in made if isinstance(event, w.PutRightOpened)]
        self.right = opened[0].right if opened else ""
        return self

    def done(self, command: type[Any], role: str = "call_back", **fields: Any) -> list[Event]:
        """Give a command about the put right that must be carried out."""
        about = {"incident": self.incident, "right": self.right}
        return self.centre.done(command, role=role, **{**about, **fields})

    def refused(self, command: type[Any], role: str = "call_back", **fields: Any) -> Refusal:
        """Give a command about the put right that must be refused."""
        about = {"incident": self.incident, "right": self.right}
        return self.centre.refused(command, role=role, **{**about, **fields})

    def heard(self) -> After:
        """A human speaks with the caller."""
        self.done(w.SpokeWithCaller, words="Nobody told me anything")
        return self

    def put_right(self) -> After:
        """A human speaks, and something is done about it."""
        self.heard().done(w.DoPutRight, what=w.What.EXPLAINED, words="I told her why")
        return self

    def with_oversight(self) -> After:
        """The caller is still unhappy after all."""
        self.put_right().done(w.RingBackAgain, happy=False, words="It is not enough")
        return self

    @property
    def held(self) -> Any:
        """What the room still decides on of it; None once it has ended."""
        return self.centre.state("followup").rights.get(self.right)


@pytest.fixture
def after() -> After:
    return After().unhappy()


# -- how it begins ---------------------------------------------------------------------------


def test_an_unhappy_answer_opens_one_with_its_dates():
    story = After()
    story.unhappy()
    [opened] = [e for e in story.centre.events() if isinstance(e, w.PutRightOpened)]
    at_us = story.centre.clock.now_us()
    assert opened == w.PutRightOpened(
        incident=story.incident, right=f"{story.incident}R1", reason=w.Why.SPEED,
        human_due_us=at_us + DAY_S * US, due_us=opened.due_us, call=story.call,
    )  # fmt: skip
    assert f"{story.centre.town.local(opened.due_us):%a %d %H:%M}" == "Thu 09 23:59"


def test_a_content_caller_opens_nothing_unless_asked_for():
    assert After().unhappy(manner=5, speed=5, result=5, overall=5).right == ""
    assert After().unhappy(manner=5, speed=5, result=5, overall=5, wants=True).right


@pytest.mark.parametrize(
    ("marks", "reason"),
    [
        ({"overall": 2}, w.Why.OVERALL),
        ({"overall": 2, "manner": 1}, w.Why.MANNER),
        ({"overall": 1, "manner": 2, "result": 2}, w.Why.OVERALL),
        ({"overall": 2, "speed": 2, "result": 2}, w.Why.SPEED),
        ({"overall": 4, "result": 3, "wants": True}, w.Why.ASKED),
        ({"wants": True}, w.Why.ASKED),
    ],
)
def test_the_reason_is_the_worst_mark_that_was_given(marks, reason):
    assert why(back.CallBackAnswered(incident="1", call="1", **marks)) is reason


def test_one_caller_is_put_right_once_at_a_time(after):
    about = {"incident": after.incident, "call": after.call, "reason": w.Why.COMPLAINT}
    refusal = after.centre.refused(w.OpenPutRight, role="supervisor", **about)
    assert isinstance(refusal, w.OpenAlready)
    assert refusal.right == after.right
    after.done(w.WithdrawPutRight, reason="settled between us")
    [opened] = after.centre.done(w.OpenPutRight, role="supervisor", **about)
    assert opened.right == f"{after.incident}R2"


def test_no_other_right_is_looked_at_to_open_one(after):
    """Thousands may be open; a centre with many must not answer a command later for it."""

    class Unread(dict[str, Right]):
        def __iter__(self):
            raise AssertionError("all the open rights were gone through")

        items = values = keys = __iter__

    state = after.centre.state("followup")
    state.rights = Unread(state.rights)
    about = {"incident": after.incident, "reason": w.Why.COMPLAINT}
    refusal = after.centre.refused(w.OpenPutRight, role="supervisor", call=after.call, **about)
    assert isinstance(refusal, w.OpenAlready)
    [opened] = after.centre.done(w.OpenPutRight, role="supervisor", **about)
    assert opened.call == ""


def test_what_is_open_about_a_call_is_known_again_after_a_snapshot(after):
    held = after.centre.state("followup")
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(held), type=State)
    for state in (held, again):
        assert state.right_about(after.incident, after.call) == after.right
        assert state.right_about(after.incident, "") == ""
    after.done(w.WithdrawPutRight, reason="settled between us")
    assert held.right_about(after.incident, after.call) == ""


def test_what_is_not_known_is_not_opened(after):
    about = {"reason": w.Why.COMPLAINT, "role": "supervisor"}
    for fields in ({"incident": "1"}, {"incident": after.incident, "call": "999"}):
        assert isinstance(after.centre.refused(w.OpenPutRight, **about, **fields), Unknown)
    assert isinstance(after.refused(w.SpokeWithCaller, right="1R9"), Unknown)
    assert isinstance(after.refused(w.SpokeWithCaller, incident="1"), Unknown)


def test_what_the_caller_and_the_crew_say_is_sealed(after):
    after.done(w.AskAccount, unit="E1")
    after.done(w.GiveAccount, unit="E1", words="The bridge was closed")
    after.put_right().done(w.RingBackAgain, happy=True, words="Fine then")
    kept = b"".join(row.body for row in after.centre.store.rows())
    for words in ("bridge", "Nobody told me", "I told her", "Fine then", "took an hour"):
        assert words.encode() not in kept
    assert b"bridge" not in after.centre.hub.rooms.pack(after.centre.hub.state)


# -- the owner -------------------------------------------------------------------------------


@pytest.mark.parametrize("owner", ["E3", "3", "call_back", "supervisor"])
def test_a_unit_a_station_or_the_role_of_a_desk_answers_for_it(after, owner):
    assert after.done(w.OwnPutRight, owner=owner) == [
        w.PutRightOwned(incident=after.incident, right=after.right, owner=owner)
    ]
    assert after.held.owner == owner


@pytest.mark.parametrize("owner", ["Jane Doe", "crew", "reader", "a call_back"])
def test_no_person_and_no_stranger_answers_for_it(after, owner):
    refusal = after.refused(w.OwnPutRight, owner=owner)
    assert isinstance(refusal, w.NotAnOwner)
    assert refusal.roles == "supervisor, call_back"


def test_the_desks_that_may_own_are_those_that_may_put_right():
    context = Context(
        at_us=0, now_us=0, actor=Actor("x", "x"), town=toy_town(), authority=authority()
    )
    assert desks(context) == ("supervisor", "call_back")


@pytest.mark.parametrize("unit", ["E1", "E2"])
def test_a_unit_that_was_there_does_not_answer_for_it(after, unit):
    refusal = after.refused(w.OwnPutRight, owner=unit)
    assert isinstance(refusal, w.TheirOwnMatter)
    assert refusal.what == "A unit that was there does not answer for it, or end it"


# -- the account of a unit -------------------------------------------------------------------


def test_a_crew_gives_its_account_from_its_phone(after):
    [asked] = after.done(w.AskAccount, unit="E1")
    assert f"{after.centre.town.local(asked.due_us):%a %d %H:%M}" == "Mon 06 23:59"
    [given] = after.done(w.GiveAccount, role="crew", own="E1", unit="E1", words="Traffic")
    assert not given.by_desk
    assert (after.held.asked, after.held.given, after.held.gave) == ({}, ["E1"], ["a crew"])


def test_a_desk_writes_it_down_for_the_crew_and_signs_for_nobody(after):
    after.done(w.AskAccount, unit="E1")
    [given] = after.done(w.GiveAccount, unit="E1", words="Said on the telephone: traffic")
    assert given.by_desk
    assert after.held.gave == []


def test_a_crew_speaks_for_its_own_unit_only(after):
    after.done(w.AskAccount, unit="E1")
    about = {"role": "crew", "own": "E2", "unit": "E1", "words": "They were slow"}
    assert isinstance(after.refused(w.GiveAccount, **about), NotYourUnit)
    assert isinstance(after.refused(w.DoPutRight, role="crew", own="E1", what=w.What.NOTHING),
                      NotAllowed)  # fmt: skip


def test_an_account_is_asked_for_once_and_given_once(after):
    after.done(w.AskAccount, unit="E1")
    refusal = after.refused(w.AskAccount, unit="E1")
    assert isinstance(refusal, w.AskedAlready)
    assert refusal.what == "It was asked"
    assert isinstance(after.refused(w.GiveAccount, unit="E2", words="Ours"), w.NotAsked)
    after.done(w.GiveAccount, unit="E1", words="Traffic")
    refusal = after.refused(w.GiveAccount, unit="E1", words="More")
    assert isinstance(refusal, w.NotAsked)
    assert refusal.what == "It has given its account"
    assert isinstance(after.refused(w.AskAccount, unit="E1"), w.AskedAlready)
    assert isinstance(after.refused(w.AskAccount, unit="X9"), Unknown)


def test_who_answers_for_it_gives_no_account(after):
    after.done(w.OwnPutRight, owner="E3")
    assert isinstance(after.refused(w.AskAccount, unit="E3"), w.TheirOwnMatter)


def test_as_many_units_are_asked_as_can_be_read(after, monkeypatch):
    monkeypatch.setattr(w, "ACCOUNTS_MAX", 1)
    after.done(w.AskAccount, unit="E1")
    refusal = after.refused(w.AskAccount, unit="E2")
    assert isinstance(refusal, w.AskedAlready)
    assert refusal.what == "As many units were asked as can be"


# -- what was done, and the caller's word ----------------------------------------------------


def test_nothing_is_put_right_before_a_human_has_spoken(after):
    assert isinstance(after.refused(w.DoPutRight, what=w.What.EXPLAINED), w.NobodySpoke)
    after.put_right()
    assert after.held.state == "done"


def test_a_content_caller_ends_it(after):
    made = after.put_right().done(w.RingBackAgain, happy=True)
    names = {"incident": after.incident, "right": after.right}
    assert made[1:] == [w.PutRightClosed(**names, end=w.Ending.HAPPY)]
    assert after.held is None


def test_a_caller_who_is_still_unhappy_comes_before_oversight(after):
    made = after.put_right().done(w.RingBackAgain, happy=False, words="No")
    names = {"incident": after.incident, "right": after.right}
    assert made[1:] == [w.SentToOversight(**names, reason="the caller is still unhappy")]
    assert after.held.state == "oversight"


def test_it_ends_without_the_callers_word_only_after_three_rings(after):
    after.put_right()
    for attempt in (1, 2, 3):
        refusal = after.refused(w.ClosePutRight, reason="nobody there")
        assert isinstance(refusal, w.RingAgainFirst)
        assert refusal.tries == attempt - 1
        after.centre.tick(3600)
        [missed] = after.done(w.MissAgain, outcome=w.Missed.NO_ANSWER)
        assert missed.attempt == attempt
    [closed] = after.done(w.ClosePutRight, reason="nobody there")
    assert closed.end is w.Ending.NOT_REACHED


def test_rings_in_a_row_are_one_attempt_and_nobody_is_unreachable_because_of_them(after):
    after.put_right()
    [missed] = after.done(w.MissAgain, outcome=w.Missed.BUSY)
    at_us = after.centre.clock.now_us()
    assert missed.again_us == next_open(after.centre.town, at_us + 3600 * US)
    for outcome in (w.Missed.BUSY, w.Missed.NO_ANSWER, w.Missed.NOT_IN_SERVICE):
        refusal = after.refused(w.MissAgain, outcome=outcome)
        assert isinstance(refusal, w.MissedLately)
        assert refusal.next_time == f"{after.centre.town.local(missed.again_us):%Y-%m-%d %H:%M}"
    assert after.held.tries == 1
    assert isinstance(after.refused(w.ClosePutRight, reason="enough"), w.RingAgainFirst)
    after.centre.tick((missed.again_us - at_us) // US - 1)
    assert isinstance(after.refused(w.MissAgain, outcome=w.Missed.BUSY), w.MissedLately)
    after.centre.tick(1)
    assert after.done(w.MissAgain, outcome=w.Missed.BUSY)[0].attempt == 2


def test_a_caller_who_was_missed_may_be_reached_at_once(after):
    after.put_right().done(w.MissAgain, outcome=w.Missed.BUSY)
    after.done(w.RingBackAgain, happy=True)
    assert after.held is None


def test_a_number_that_is_not_in_service_is_tried_again_like_any_other(after):
    after.put_right()
    [missed] = after.done(w.MissAgain, outcome=w.Missed.NOT_IN_SERVICE)
    assert missed.again_us >= after.centre.clock.now_us() + 3600 * US


def test_attempts_of_older_records_lie_an_hour_apart_too(after):
    after.put_right()
    names = {"incident": after.incident, "right": after.right}
    old = w.MissedAgain(**names, attempt=1, outcome=w.Missed.BUSY)
    at_us = after.centre.clock.now_us()
    row = Row(0, f"incident:{after.incident}", old.tag, 1, at_us, at_us, "", "", 0, b"")
    right_rules._not_reached(after.centre.state("followup"), old, row)
    assert (after.held.missed_us, after.held.again_us) == (at_us, at_us + 3600 * US)


def test_nothing_is_rung_back_before_something_was_done(after):
    for command, fields in (
        (w.RingBackAgain, {"happy": True}), (w.MissAgain, {"outcome": w.Missed.BUSY}),
        (w.ClosePutRight, {"reason": "enough"}),
    ):  # fmt: skip
        assert isinstance(after.refused(command, **fields), WrongStep)


def test_a_caller_may_let_it_rest_at_any_time(after):
    after.put_right().done(w.WithdrawPutRight, reason="she has moved away")
    assert after.held is None
    other = After().unhappy().with_oversight()
    other.done(w.WithdrawPutRight, role="oversight", reason="he does not want it")
    assert other.held is None


# -- nobody ends what they were complained about ---------------------------------------------

ENDINGS = [
    (w.DoPutRight, {"what": w.What.EXPLAINED}, ""),
    (w.WithdrawPutRight, {"reason": "it was nothing"}, ""),
    (w.RingBackAgain, {"happy": True}, "done"),
    (w.ClosePutRight, {"reason": "nobody there"}, "done"),
    (w.JudgePutRight, {"found": w.Found.NO_FAULT, "reason": "it was nothing"}, "oversight"),
    (w.ReturnFromOversight, {"reason": "do it again"}, "oversight"),
]


@pytest.mark.parametrize(("command", "fields", "state"), ENDINGS)
def test_a_crew_member_of_a_unit_that_was_there_does_not_end_it(command, fields, state):
    after = After().unhappy()
    after.done(w.AskAccount, unit="E1")
    given = {"role": "crew", "own": "E1", "unit": "E1", "words": "It was not us"}
    after.done(w.GiveAccount, name="Lee", **given)
    {"": after.heard, "done": after.put_right, "oversight": after.with_oversight}[state]()
    as_lee = after.refused(command, role="supervisor", name="Lee", **fields)
    assert isinstance(as_lee, w.TheirOwnMatter)
    assert as_lee.what == "You signed the account of a unit that was there"
    on_unit = after.refused(command, role="supervisor", name="Kim", own="E2", **fields)
    assert isinstance(on_unit, w.TheirOwnMatter)
    assert on_unit.what == "A unit that was there does not answer for it, or end it"
    if command is not w.ClosePutRight:
        assert after.done(command, role="supervisor", name="Kim", own="E3", **fields)


def test_oversight_does_not_judge_what_its_own_hand_put_right(after):
    after.done(w.OwnPutRight, owner="supervisor")
    after.heard().done(w.DoPutRight, name="Kim", what=w.What.APOLOGISED)
    after.done(w.RingBackAgain, happy=False)
    judge = {"found": w.Found.PUT_RIGHT, "reason": "it is done"}
    refusal = after.refused(w.JudgePutRight, role="supervisor", **judge)
    assert isinstance(refusal, w.TheirOwnMatter)
    assert refusal.what == "Your own desk answers for it"
    refusal = after.refused(w.JudgePutRight, role="oversight", name="Kim", **judge)
    assert isinstance(refusal, w.TheirOwnMatter)
    assert refusal.what == "You recorded what was done about it"
    [closed] = after.done(w.JudgePutRight, role="oversight", **judge)
    assert (closed.end, closed.found) == (w.Ending.OVERSIGHT, "it is put right now")
    assert after.held is None


def test_what_lies_with_oversight_is_ended_by_it_alone(after):
    judge = {"found": w.Found.NO_FAULT, "reason": "it was as it should be"}
    assert isinstance(after.refused(w.JudgePutRight, role="oversight", **judge), WrongStep)
    after.put_right()
    assert isinstance(after.refused(w.JudgePutRight, role="oversight", **judge),
                      w.NotWithOversight)  # fmt: skip
    after.done(w.SendToOversight, reason="the mayor asks")
    assert isinstance(after.refused(w.ClosePutRight, reason="enough"), w.TheirOwnMatter)
    assert isinstance(after.refused(w.JudgePutRight, **judge), NotAllowed)


def test_what_oversight_sends_back_has_new_days_and_new_rings(after):
    after.put_right().done(w.MissAgain, outcome=w.Missed.BUSY)
    after.done(w.RingBackAgain, happy=False)
    after.centre.tick(DAY_S)
    [back_] = after.done(w.ReturnFromOversight, role="oversight", reason="go there again")
    assert f"{after.centre.town.local(back_.due_us):%a %d}" == "Fri 10"
    assert (after.held.state, after.held.due_us, after.held.tries) == ("heard", back_.due_us, 0)
    after.done(w.DoPutRight, what=w.What.DONE_AGAIN)
    after.done(w.RingBackAgain, happy=True)
    assert after.held is None


# -- the matter itself -----------------------------------------------------------------------


def test_dispatch_is_asked_where_the_matter_must_be_done_again(after):
    made = after.done(w.SeekReopening, reason="the tree is still on the road")
    assert [type(event) for event in made] == [w.ReopeningSought, report.ReopeningAsked]
    assert made[1].reason == "the tree is still on the road"


def test_dispatch_is_asked_once_at_a_time_and_only_about_what_is_closed(after):
    again = {"reason": "the tree is still there"}
    after.done(w.SeekReopening, **again)
    asked = after.refused(w.SeekReopening, **again)
    assert isinstance(asked, w.NotToReopen)
    assert asked.what == "It was asked already"
    decide = {"incident": after.incident, "reason": "we look", "role": "supervisor"}
    after.centre.done(report.DeclineReopening, **decide)
    after.done(w.SeekReopening, **again)
    after.centre.done(report.GrantReopening, **decide)
    assert after.refused(w.SeekReopening, **again).what == "It is open"
    after.centre.done(dispatch.CloseIncident, incident=after.incident, outcome="done")
    after.done(w.SeekReopening, **again)


# -- clocks, and a restart -------------------------------------------------------------------


def test_its_clocks_run_by_the_dates_in_the_record_and_more_time_needs_a_reason():
    after = After("call-back-put-right").unhappy()
    by_name = {one.name: one for one in running_for(after.centre.state("standards"),
                                                    after.incident)}  # fmt: skip
    assert by_name["put it right"].due_us == after.held.due_us
    assert by_name["a human speaks with an unhappy caller"].due_us == after.held.human_due_us
    number = by_name["put it right"].number
    after.centre.done(clocks.SuspendClock, role="supervisor", clock=number, reason="she is away")
    after.centre.tick(DAY_S)
    after.centre.done(clocks.ResumeClock, role="supervisor", clock=number)
    [more] = after.centre.done(clocks.ExtendClock, role="supervisor", clock=number, by_s=DAY_S,
                               reason="the crew is on leave")  # fmt: skip
    assert more.due_us == after.held.due_us + 2 * DAY_S * US
    refused = after.centre.refused(clocks.ExtendClock, role="call_back", clock=number,
                                   by_s=DAY_S, reason="more")  # fmt: skip
    assert isinstance(refused, NotAllowed)


def test_whoever_does_nothing_has_the_supervisor_told():
    after = After("call-back-put-right").unhappy()
    after.done(w.AskAccount, unit="E1")
    after.centre.tick(8 * DAY_S)
    told = {e.promise for e in after.centre.events() if isinstance(e, clocks.ClockRang)}
    assert told >= {
        "a human speaks with an unhappy caller", "put it right", "give the unit's account",
    }  # fmt: skip
    escalations = after.centre.state("dispatch").escalations
    assert {one.promise for one in escalations.values()} >= told


def test_every_clock_of_one_that_has_ended_has_ended():
    after = After("call-back-put-right").unhappy()
    after.done(w.AskAccount, unit="E1")
    after.with_oversight().done(w.JudgePutRight, role="oversight", found=w.Found.NO_FAULT,
                                reason="it was so")  # fmt: skip
    lines = [c for c in every_clock(after.centre.state("standards")) if c.incident]
    assert {c.state for c in lines if c.standard == "Call back and put right"} == {"kept", "void"}


def test_a_restart_knows_what_is_being_put_right(after):
    after.done(w.AskAccount, unit="E1")
    after.heard()
    before = after.centre.hub.rooms.pack(after.centre.hub.state)
    after.centre.restart(use_snapshot=False)
    assert after.centre.hub.rooms.pack(after.centre.hub.state) == before
    after.done(w.DoPutRight, what=w.What.EXPLAINED)


def test_what_is_put_right_days_later_still_knows_who_was_there(after):
    assert after.held.units == ["E1", "E2"]
