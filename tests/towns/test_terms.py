"""Terms of matters: whose days they are, when they end, and what puts them off."""

from __future__ import annotations

import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from answerable.towns.holidays import Calendar, HolidayRule, HolidaysFile
from answerable.towns.load import read_matters
from answerable.towns.terms import Counting, MatterKind, MattersFile, Reminder, Result, Span

ZONE = ZoneInfo("America/Los_Angeles")
INDEPENDENCE = HolidayRule(titles={"en": "Independence Day"}, month=7, day=4, observed="nearest")
COUNTING = Counting(ZONE, Calendar(HolidaysFile(holidays=(INDEPENDENCE,))))
PACKAGED = read_matters(Path("no such file"))


def us(text: str) -> int:
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()) * 10**6


def day(at_us: int) -> str:
    return f"{datetime.datetime.fromtimestamp(at_us / 1e6, ZONE):%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("days", "count", "begins", "ends"),
    [
        (1, "working", "2020-04-03T23:59:59", "2020-04-06"),  # Friday night: Monday
        (1, "working", "2020-04-04T00:00:00", "2020-04-06"),  # Saturday: Monday too
        (5, "working", "2020-04-02T08:00:00", "2020-04-09"),
        (2, "working", "2020-07-01T12:00:00", "2020-07-06"),  # the 3rd is kept for the 4th
        (1, "calendar", "2020-04-03T12:00:00", "2020-04-06"),  # would end on a Saturday
        (10, "calendar", "2020-06-24T12:00:00", "2020-07-06"),  # would end on the 4th
        (28, "calendar", "2020-03-02T12:00:00", "2020-03-30"),  # over the change of clocks
        (1, "calendar", "2018-11-02T12:00:00", "2018-11-05"),
    ],
)  # fmt: skip
def test_a_term_ends_with_its_last_day_and_never_on_a_free_one(days, count, begins, ends):
    assert day(COUNTING.due_us(Span(days, count), us(begins))) == f"{ends} 23:59:59"


@pytest.mark.parametrize(
    ("count", "stood", "ran_on", "ends"),
    [
        ("working", "2020-04-02T14:00:00", "2020-04-02T23:00:00", "2020-04-09"),  # the same day
        ("working", "2020-04-03T14:00:00", "2020-04-05T09:00:00", "2020-04-09"),  # a weekend
        ("working", "2020-04-02T14:00:00", "2020-04-07T09:00:00", "2020-04-14"),  # three of them
        ("calendar", "2020-04-02T14:00:00", "2020-04-04T09:00:00", "2020-04-13"),  # Saturday + 2
    ],
)  # fmt: skip
def test_what_stood_still_is_put_off_by_the_days_it_stood(count, stood, ran_on, ends):
    due_us = us("2020-04-09T23:59:59")
    assert day(COUNTING.moved_us(due_us, count, us(stood), us(ran_on))) == f"{ends} 23:59:59"


def test_reminders_come_at_nine_and_those_that_are_past_do_not_come():
    kind = MatterKind(
        code="x", titles={"en": "x"}, source="nobody", term=Span(30), norm=Span(10),
        reminders=(Reminder(3), Reminder(0, "term", "telephone"), Reminder(-1, "norm", "message")),
    )  # fmt: skip
    norm_us, term_us = us("2020-04-10T23:59:59"), us("2020-04-30T23:59:59")
    coming = COUNTING.reminders(kind, norm_us, term_us, us("2020-04-08T10:00:00"))
    assert [(day(at_us), one.way) for at_us, one in coming] == [
        ("2020-04-11 09:00:00", "message"), ("2020-04-30 09:00:00", "telephone"),
    ]  # fmt: skip


def test_a_norm_longer_than_the_term_is_refused():
    with pytest.raises(ValueError, match="longer than its term"):
        MatterKind(
            code="x", titles={"en": "x"}, source="nobody", term=Span(10), norm=Span(8, "working")
        )


def test_a_code_given_twice_is_refused():
    one = Result(code="done", titles={"en": "Done"})
    with pytest.raises(ValueError, match="given twice"):
        MattersFile(results=(one, one))


def test_the_packaged_kinds_have_both_languages_a_source_and_a_shorter_norm():
    for kind in PACKAGED.kinds:
        assert {"en", "zh"} <= set(kind.titles)
        assert kind.source
        begins = us("2020-04-02T12:00:00")
        assert COUNTING.due_us(kind.norm, begins) < COUNTING.due_us(kind.term, begins)
        assert any(PACKAGED.grade(role) >= kind.grade for role in PACKAGED.grades)


def test_a_town_says_its_own_kinds(tmp_path):
    path = tmp_path / "matters.toml"
    path.write_text('[[kind]]\ncode = "x"\ntitle = { en = "X" }\nsource = "a law"\n'
                    "term = { days = 3 }\nnorm = { days = 1 }\n")  # fmt: skip
    assert [one.code for one in read_matters(path).kinds] == ["x"]
    path.write_text("[[kind]]\nsource = 3\n")
    with pytest.raises(msgspec.ValidationError):
        read_matters(path)
