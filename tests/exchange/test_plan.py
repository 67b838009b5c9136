"""Rows become commands in the order of time, with true times, and nothing made up."""

import pytest

from answerable.dispatch import words as d
from answerable.exchange.calls.plan import plan_calls
from answerable.exchange.calls.rows import read_calls
from answerable.intake import words as i
from answerable.measure.facts import NOT_GIVEN
from tests.exchange.made_up import row

KINDS = {"Medical Incident", "Other"}


@pytest.fixture
def planned(csv_file, mapping):
    def plan(*rows: str):
        return plan_calls(read_calls(csv_file(*rows), mapping), KINDS)

    return plan


def names(plan) -> list[str]:
    return [type(p.command).__name__ for p in plan.commands]


def only(plan, kind):
    (command,) = [p.command for p in plan.commands if isinstance(p.command, kind)]
    return command


def test_a_row_becomes_the_life_of_a_call_in_order(planned):
    plan = planned(row())
    assert names(plan) == [
        "RingCall", "AnswerCall", "OpenIncident", "SendUnit", "Arrive", "ClearUnit",
        "CloseIncident",
    ]  # fmt: skip
    assert only(plan, d.CloseIncident).outcome == "Done"
    assert [u.unit for u in plan.units] == ["E1"]


def test_the_answer_says_that_ring_and_answer_share_one_time(planned):
    answer = only(planned(row()), i.AnswerCall)
    assert answer.marks == ("the source gives one time for ring and answer",)


def test_the_rows_of_a_call_share_one_incident_that_closes_after_its_last_unit(planned):
    plan = planned(
        row(unit="E1", clear="2018-06-01 10:50:00"), row(unit="M2", clear="2018-06-01 10:20:00")
    )
    assert names(plan).count("OpenIncident") == 1
    assert plan.commands[-1].command == only(plan, d.CloseIncident)
    assert plan.commands[-1].now_us == max(p.now_us for p in plan.commands)


def test_a_stamp_before_its_step_keeps_its_true_time_and_is_given_in_order(planned):
    plan = planned(row(sent="2018-06-01 10:02:00", there="2018-06-01 10:01:30"))
    sent, there = only(plan, d.SendUnit), only(plan, d.Arrive)
    assert there.at < sent.at
    assert there.marks == ("before an earlier stage; kept as the source has it",)
    assert names(plan).index("Arrive") > names(plan).index("SendUnit")
    assert all(p.command.at <= p.now_us for p in plan.commands)


def test_a_unit_sent_before_the_incident_was_opened_is_sent_after_it_at_its_true_time(planned):
    plan = planned(row(entered="2018-06-01 10:05:00", sent="2018-06-01 10:02:00"))
    assert names(plan).index("SendUnit") > names(plan).index("OpenIncident")
    assert only(plan, d.SendUnit).at < only(plan, i.OpenIncident).at


def test_a_missing_middle_step_is_left_out(planned):
    assert "Arrive" not in names(planned(row(there="")))


def test_a_missing_dispatch_takes_the_next_time_of_its_row_and_is_marked(planned):
    plan = planned(row(sent=""))
    sent = only(plan, d.SendUnit)
    assert sent.at == only(plan, d.Arrive).at
    assert sent.marks == (NOT_GIVEN,)


def test_a_missing_clear_time_takes_the_last_time_of_its_row_and_is_marked(planned):
    plan = planned(row(clear=""))
    cleared = only(plan, d.ClearUnit)
    assert cleared.at == only(plan, d.Arrive).at
    assert cleared.marks == (NOT_GIVEN,)
    assert only(plan, d.CloseIncident).marks == (NOT_GIVEN,)


def test_a_row_with_times_but_no_unit_keeps_them_as_marks_and_makes_up_no_unit(planned):
    plan = planned(row(unit=""))
    assert plan.units == []
    marks = only(plan, i.OpenIncident).marks
    assert marks[0] == "sent at 2018-06-01T17:02:00Z by a unit the source does not name"
    assert len(marks) == 3


def test_a_row_of_several_units_is_a_job_for_each(planned):
    plan = planned(row(unit="E1+M2 + E1"))
    units = [p.command.unit for p in plan.commands if isinstance(p.command, d.SendUnit)]
    assert units == ["E1", "M2"]


def test_a_kind_the_town_does_not_have_is_other_with_the_word_of_the_source(planned):
    opened = only(planned(row(kind="UFO")), i.OpenIncident)
    assert opened.kind == "Other"
    assert "kind in the source: UFO" in opened.marks


def test_a_call_without_a_position_says_why(planned):
    opened = only(planned(row(lon="", lat="")), i.OpenIncident)
    assert (opened.lon, opened.lat) == (None, None)
    assert "no position" in opened.unverified


def test_one_unit_twice_on_one_call_is_sent_again_after_it_was_clear(planned):
    plan = planned(row(), row(end="Again"))
    steps = [n for n in names(plan) if n in ("SendUnit", "ClearUnit")]
    assert steps == ["SendUnit", "ClearUnit", "SendUnit", "ClearUnit"]


def test_a_job_that_ends_when_the_next_begins_ends_first(planned):
    plan = planned(
        row(call="2", received="2018-06-01 10:30:00", entered="2018-06-01 10:30:00",
            sent="2018-06-01 10:30:00", there="", clear="2018-06-01 10:40:00"),
        row(call="1"),
    )  # fmt: skip
    jobs = [
        (type(p.command).__name__, p.command.incident)
        for p in plan.commands
        if isinstance(p.command, d.SendUnit | d.ClearUnit)
    ]
    assert jobs == [("SendUnit", "1"), ("ClearUnit", "1"), ("SendUnit", "2"), ("ClearUnit", "2")]


def test_every_command_has_a_key_of_its_own_and_the_same_one_each_time(planned):
    rows = (row(), row(unit="M2"), row(call="2"))
    first, again = planned(*rows), planned(*rows)
    keys = [p.command.key for p in first.commands]
    assert len(keys) == len(set(keys))
    assert keys == [p.command.key for p in again.commands]
