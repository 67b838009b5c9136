"""What callers write back by themselves: it is heard whoever rings, and no staff undoes it."""

from __future__ import annotations

import pytest

from answerable.followup import back_words as w
from tests.followup.test_back_rules import ask, back, ready, refused
from tests.story import T0


@pytest.mark.parametrize("before", [None, "taken", "not in service"])
def test_who_writes_that_they_refuse_is_heard_whoever_rings_meanwhile(before):
    told = ready()
    ask(told, w.SendLink, way="text")
    if before == "taken":
        ask(told, w.TakeCallBack, name="one")
    elif before:
        ask(told, w.TriedCallBack, outcome=before)
    wrote = ask(told, w.TriedCallBack, outcome="refused to talk", way="text", name="two")
    assert wrote == [w.CallBackDeclined(incident="I1", call="C1", way="text")]
    assert (back(told).state, back(told).by) == ("declined", "")
    assert back(told).tries == (1 if before == "not in service" else 0), "nobody rang"


@pytest.mark.parametrize(
    ("command", "fields"),
    [(w.AnswerCallBack, {"overall": 4, "way": "link"}),
     (w.TriedCallBack, {"outcome": "refused to talk", "way": "text"})],
)  # fmt: skip
def test_what_a_caller_wrote_is_not_taken_back_by_staff(command, fields):
    told = ready()
    ask(told, w.TriedCallBack, outcome="busy")
    ask(told, command, **fields)
    assert isinstance(refused(told, w.TakeBackCallBack, reason="a slip"), w.NothingToTakeBack)
    assert back(told).tries == 1


def test_nobody_is_sent_the_questions_over_and_over():
    told = ready()
    ask(told, w.SendLink, way="link")
    refusal = refused(told, w.SendLink, way="text")
    assert isinstance(refusal, w.SentLately)
    assert (refusal.since, refusal.next_time) == ("14:00", "15:00")
    told.clock.set(T0 + w.SENT_APART_US)
    ask(told, w.SendLink, way="text")
