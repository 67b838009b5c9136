"""What turns out to be delicate: who rang about it is neither rung nor sent anything."""

from __future__ import annotations

import pytest

from answerable.followup import back_words as w
from answerable.intake import words as intake
from answerable.kernel.refusals import WrongStep
from tests.followup.test_back_rules import ask, back, centre, closed, merged, ready, refused


@pytest.mark.parametrize("into", ["I2", "I3"])
def test_who_rang_about_what_was_merged_into_something_delicate_is_not_rung_either(into):
    told = centre()
    merged(told)
    change = {"kind": "Other", "priority": "2", "reason": "more is known"}
    told.done(intake.ChangeKind, incident=into, **change)
    closed(told, "I3")
    barred = {n for n in (1, 2, 3) if back(told, f"C{n}").reason == w.Bar.SENSITIVE}
    assert barred == ({1, 2} if into == "I2" else {1, 2, 3})
    assert not told.state("followup").backs["C1"].last


def test_what_is_found_to_be_delicate_after_it_was_closed_is_not_rung_about():
    told = ready()
    change = {"incident": "I1", "priority": "2", "reason": "as the report says"}
    assert len(told.done(intake.ChangeKind, kind="Fire", **change)) == 1
    changed = told.done(intake.ChangeKind, kind="Other", **change)[1:]
    assert [(one.call, one.reason, one.kind) for one in changed] == [
        ("C1", w.Bar.SENSITIVE, "Other")
    ]
    assert isinstance(refused(told, w.TakeCallBack), WrongStep)


def test_what_is_found_to_be_delicate_bars_the_callers_of_what_was_merged_into_it_too():
    told = centre()
    merged(told)
    closed(told, "I3")
    told.done(intake.ChangeKind, incident="I3", kind="Other", priority="2", reason="as reported")
    assert {back(told, f"C{n}").reason for n in (1, 2, 3)} == {w.Bar.SENSITIVE}


def test_who_was_not_reached_is_sent_nothing_about_what_is_found_to_be_delicate():
    told = ready()
    ask(told, w.TriedCallBack, outcome="not in service")
    assert back(told).state == "unreachable"
    told.done(intake.ChangeKind, incident="I1", kind="Other", priority="2", reason="as reported")
    assert (back(told).state, back(told).reason) == ("barred", w.Bar.SENSITIVE)
    assert isinstance(refused(told, w.SendLink, way="link"), WrongStep)


def test_who_was_not_reached_may_still_be_barred_by_hand():
    told = ready()
    ask(told, w.TriedCallBack, outcome="not in service")
    ask(told, w.BarCallBack, reason="a child")
    assert back(told).state == "barred"


def test_a_slip_taken_back_rings_nobody_about_what_is_delicate_by_now():
    told = ready()
    ask(told, w.TriedCallBack, outcome="refused to talk")
    told.done(intake.ChangeKind, incident="I1", kind="Other", priority="2", reason="as reported")
    last = ask(told, w.TakeBackCallBack, reason="the wrong one")
    assert [type(one) for one in last] == [w.CallBackTakenBack, w.CallBackBarred]
    assert back(told).state == "barred"
