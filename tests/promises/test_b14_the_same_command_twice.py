"""B14: the same command twice is recorded once.

Ranger IMS kept a report twice when the line was slow and somebody pressed again.
"""

from __future__ import annotations

import pytest

from answerable.dispatch import words as w
from answerable.intake import words as intake
from answerable.kernel.authority import Actor
from answerable.kernel.hub import KEYS_KEPT_MAX, Accepted, Ask
from answerable.kernel.refusals import KeyReused
from tests.story import PLACE, Centre, centre, make


def opening(key: str = "key-1") -> intake.OpenIncident:
    made = make(intake.OpenIncident, {**PLACE, "key": key})
    assert isinstance(made, intake.OpenIncident)
    return made


def test_the_second_answer_is_the_first_and_says_so(town):
    first, second = town.do(opening()), town.do(opening())
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    assert (first.again, second.again) == (False, True)
    assert [one.row for one in first.recorded] == [one.row for one in second.recorded]
    assert town.hub.position == 1


@pytest.mark.parametrize("use_snapshot", [True, False], ids=["snapshot", "from zero"])
def test_it_holds_after_a_restart(town, use_snapshot):
    first = town.do(opening())
    town.hub.save_snapshot()
    again = town.restart(use_snapshot=use_snapshot).do(opening())
    assert isinstance(again, Accepted)
    assert again.again
    assert [one.row for one in again.recorded] == [one.row for one in first.recorded]
    assert town.hub.position == 1


def test_it_holds_within_one_batch(town):
    actor = Actor(name="lee", role="dispatcher")
    outcomes = town.hub.handle([Ask(opening(), actor)] * 3)
    assert [outcome.again for outcome in outcomes] == [False, True, True]
    assert town.hub.position == 1


def test_it_holds_after_time_has_passed_and_things_have_changed(town):
    town.duty("E1")
    incident = town.incident()
    send = make(w.SendUnit, {"key": "send-1", "incident": incident, "unit": "E1"})
    town.done(send)
    town.tick(60).done(w.ClearUnit, incident=incident, unit="E1")
    before = town.hub.position
    town.tick(3600)
    assert isinstance(town.do(send), Accepted)
    assert town.hub.position == before
    assert town.board.units["E1"].status == "free"


def test_what_a_command_set_off_belongs_to_its_answer_both_times(town):
    town.duty("E1")
    first, second = town.incident(), town.incident()
    town.done(w.SendUnit, incident=first, unit="E1")
    town.done(w.StackUnit, incident=second, unit="E1", reason="next door")
    clear = make(w.ClearUnit, {"key": "clear-1", "incident": first, "unit": "E1"})
    kinds = [type(event).__name__ for event in town.done(clear)]
    assert kinds == ["UnitCleared", "UnitSent"]
    town.restart()
    assert [type(event).__name__ for event in town.done(clear)] == kinds


def test_a_refused_command_may_be_sent_again_with_its_key(town):
    send = make(w.PutOnDuty, {"key": "duty-1", "unit": "E1", "unit_type": "ENGINE"})
    town.duty("E1")
    town.refused(send)
    town.done(w.TakeOffDuty, unit="E1")
    assert len(town.done(send)) == 1


def test_a_key_given_to_another_command_is_refused_not_swallowed(town):
    incident = town.incident(key="key-1")
    for asked in (
        make(intake.AddNote, {"key": "key-1", "incident": incident, "words": "hello"}),
        make(w.PutOnDuty, {"key": "key-1", "unit": "E1", "unit_type": "ENGINE"}),
        opening().__class__(**{**PLACE, "key": "key-1", "address": "elsewhere"}),
    ):
        assert isinstance(town.refused(asked), KeyReused)
    assert town.hub.position == 1


def test_another_persons_key_is_refused_also_after_a_restart(town):
    town.done(opening(), name="lee")
    assert isinstance(town.refused(opening(), name="kim"), KeyReused)
    assert isinstance(town.restart().refused(opening(), name="kim"), KeyReused)


def test_it_holds_for_a_key_that_is_no_longer_in_memory():
    town = Centre()
    town.done(opening("first"))
    actor = Actor(name="a line", role="line")
    for at in range(0, KEYS_KEPT_MAX + 256, 256):
        town.hub.handle([Ask(intake.RingCall(key=f"ring-{at + n}"), actor) for n in range(256)])
    before = town.hub.position
    assert "first" not in town.hub._keys
    again = town.do(opening("first"))
    assert isinstance(again, Accepted)
    assert again.again
    assert town.hub.position == before


def test_two_keys_are_two_incidents():
    town = centre()
    assert town.incident() != town.incident()
