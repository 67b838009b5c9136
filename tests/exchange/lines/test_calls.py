"""What a line says becomes commands, and what it says twice is recorded once."""

from __future__ import annotations

import msgspec
import pytest

from answerable.exchange.lines import protocol as p
from answerable.exchange.lines.calls import LineCalls
from answerable.intake import line_words as w
from answerable.intake import words as i
from answerable.kernel.hub import Accepted, Outcome
from tests.story import Centre


class Line:
    """A line over a real hub."""

    def __init__(self) -> None:
        self.centre = Centre()
        self.calls = LineCalls("911-3", "token/pbx")

    def say(self, said: p.Saying) -> Outcome:
        outcome: Outcome = Accepted(())
        steps = self.calls.commands(said)
        while (command := next(steps, None)) is not None:
            outcome = self.centre.do(command, role="line", name="token/pbx")
            if not isinstance(outcome, Accepted):
                return outcome
            self.calls.happened(said, outcome)
        return outcome

    def events(self) -> list[str]:
        return [type(one).__name__ for one in self.centre.events()]


def test_a_line_names_its_calls_itself_and_learns_the_records_number():
    line = Line()
    line.say(p.Rings(id="sip-1", number="555"))
    assert line.calls.call_of("sip-1") == "C200930001"
    assert line.calls.id_of("C200930001") == "sip-1"
    [rung] = line.centre.events()
    assert (rung.line, rung.medium) == ("911-3", "voice")


def test_what_is_said_twice_is_recorded_once_also_by_a_line_that_was_started_again():
    line = Line()
    line.say(p.Rings(id="sip-1"))
    line.say(p.Rings(id="sip-1"))
    line.calls = LineCalls("911-3", "token/pbx")
    line.say(p.Rings(id="sip-1"))
    line.say(p.HungUp(id="sip-1"))
    line.say(p.HungUp(id="sip-1"))
    assert line.events() == ["CallRung", "CallAbandoned"]


def test_the_line_need_not_know_whether_somebody_answered():
    line = Line()
    line.say(p.Rings(id="a"))
    line.centre.done(i.AnswerCall, call=line.calls.call_of("a"))
    line.say(p.HungUp(id="a"))
    assert line.events() == ["CallRung", "CallAnswered", "CallHungUp"]


def test_the_first_text_rings_and_each_further_one_is_taken():
    line = Line()
    line.say(p.Wrote(id="sms-1", words="fire", number="555"))
    line.say(p.Wrote(id="sms-1", words="at the pier"))
    assert line.events() == ["CallRung", "TextTaken", "TextTaken"]
    assert line.centre.events()[0].medium == "text"


def test_a_text_sent_again_under_its_own_key_is_taken_once():
    line = Line()
    for _ in range(2):
        line.say(p.Wrote(id="sms-1", words="fire", key="sms-1-1"))
    assert line.events() == ["CallRung", "TextTaken"]


def test_a_text_to_a_call_that_is_over_rings_anew():
    line = Line()
    line.say(p.Wrote(id="sms-1", words="fire"))
    call = line.calls.call_of("sms-1")
    line.centre.done(i.AnswerCall, call=call)
    line.centre.done(i.EndCall, call=call, reason="over")
    said = p.Wrote(id="sms-1", words="it burns again")
    assert line.calls.over(said, line.say(said))
    line.say(said)
    assert line.events()[-2:] == ["CallRung", "TextTaken"]
    assert line.calls.call_of("sms-1") != call
    assert not line.calls.over(p.HungUp(id="sms-1"), line.say(p.HungUp(id="nobody")))


def test_a_counter_is_told_and_corrected():
    line = Line()
    line.centre.tick(86_400)
    for rung in (3, 4):
        line.say(p.Counted(day="2020-04-02", rung=rung))
    assert line.events() == ["LineCounted", "LineCounted"]


@pytest.mark.parametrize("again", [False, True], ids=["same line", "started again"])
def test_a_counter_that_is_corrected_there_and_back_stands_as_it_was_told_last(again):
    line = Line()
    line.centre.tick(86_400)
    for rung in (10, 12, 10, 12, 10):
        if again:
            line.calls = LineCalls("911-3", "token/pbx")
        line.say(p.Counted(day="2020-04-02", rung=rung))
        line.say(p.Counted(day="2020-04-02", rung=rung))
    assert [one.rung for one in line.centre.events()] == [10, 12, 10, 12, 10]


@pytest.mark.parametrize(
    "text",
    [
        b'{"say":"rings"}',
        b'{"say":"dances","id":"1"}',
        b'{"say":"rings","id":"a b"}',
        b'{"say":"text","id":"1","words":""}',
        b'{"say":"rings","id":"1","caller":"x"}',
        b'{"say":"rings","id":"1","medium":"pigeon"}',
        b"[]",
        b"\xff",
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(text):
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        p.read(text)


def test_what_a_line_says_comes_out_as_it_went_in():
    for said in (
        p.Hello(token="t"),
        p.Rings(id="1", line="2", number="3", medium="text"),
        p.HungUp(id="1"),
        p.Wrote(id="1", words="x"),
        p.Counted(day="2020-04-02", rung=1, line="a"),
    ):
        assert p.read(p.encode(said)) == said
    assert w.TakeText in w.COMMANDS
