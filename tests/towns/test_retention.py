"""Retention: what is due on which day of the town, across clock changes and leap days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from answerable.towns.load import load_town, packaged_towns, read_retention
from answerable.towns.retention import (
    NOTHING_DUE,
    Act,
    RetentionFile,
    Rule,
    more_after,
    retention,
)

SF = ZoneInfo("America/Los_Angeles")
TABLE = RetentionFile(
    source="a test",
    rules=(
        Rule(because="calls", kinds=("call",), erase_days=30),
        Rule(because="fires that burnt", kinds=("Fire",), ends=("burnt",), archive_days=90),
        Rule(because="the rest", erase_days=10, archive_days=20, destroy_days=30),
    ),
)


def at(text: str, zone: ZoneInfo = SF) -> int:
    """Return an instant (UTC microseconds) from a clock on the wall."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1_000_000


def acts(ended: str, now: str, kind: str = "Medical", end: str = "helped", zone=SF, done=()):
    dues = retention(
        TABLE, zone, kind=kind, end=end, ended_us=at(ended, zone), now_us=at(now, zone), done=done
    )
    return [due.act.value for due in dues]


@pytest.mark.parametrize(
    ("ended", "after_days", "found"),
    [
        ("2020-04-02T14:00:00", 10, ["erase"]),
        ("2020-04-02T14:00:00", 20, ["erase", "archive"]),
        ("2020-04-02T14:00:00", 30, ["erase", "archive", "destroy"]),
        ("2020-02-29T23:59:59", 10, ["erase"]),
        ("2020-02-19T12:00:00", 10, ["erase"]),
        ("2019-02-19T12:00:00", 10, ["erase"]),
        ("2020-03-01T00:00:00", 10, ["erase"]),
        ("2018-10-25T00:30:00", 10, ["erase"]),
        ("2018-10-28T01:30:00", 10, ["erase"]),
        ("2020-02-27T23:30:00", 10, ["erase"]),
        ("2019-12-25T08:00:00", 10, ["erase"]),
    ],
    ids=["plain", "archive", "destroy", "ended on a leap day", "due on a leap day", "no leap year",
         "midnight", "due when clocks go back", "over the change back", "due when clocks go on",
         "new year"],
)  # fmt: skip
@pytest.mark.parametrize("hour", ["00:00:00", "02:30:00", "23:59:59"])
def test_a_matter_is_due_from_its_day_on_and_not_a_day_before(ended, after_days, found, hour):
    day = date.fromisoformat(ended[:10]) + timedelta(after_days)
    for step, expected in ((-1, found[:-1]), (0, found), (1, found)):
        assert acts(ended, f"{day + timedelta(step)}T{hour}") == expected, step


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Pacific/Apia", "Europe/Vaduz", "UTC"])
def test_days_are_the_towns_own(zone):
    town = ZoneInfo(zone)
    for ended in ("2020-04-02T00:00:01", "2020-04-02T23:59:59"):
        assert acts(ended, "2020-04-11T23:59:59", zone=town) == []
        assert acts(ended, "2020-04-12T00:00:00", zone=town) == ["erase"]


def test_a_day_that_never_was_counts_as_a_day_of_the_calendar():
    apia = ZoneInfo("Pacific/Apia")  # it left out 30 December 2011
    assert acts("2011-12-25T12:00:00", "2012-01-03T23:00:00", zone=apia) == []
    assert acts("2011-12-25T12:00:00", "2012-01-04T00:00:00", zone=apia) == ["erase"]


def test_the_first_rule_that_fits_counts():
    late = "2030-01-01T00:00:00"
    assert acts("2020-01-01T00:00:00", late, "call", "abandoned") == ["erase"]
    assert acts("2020-01-01T00:00:00", late, "Fire", "burnt") == ["archive"]
    assert acts("2020-01-01T00:00:00", late, "Fire", "out") == ["erase", "archive", "destroy"]


def test_what_is_done_is_not_due_again():
    late = "2030-01-01T00:00:00"
    assert acts("2020-01-01T00:00:00", late, done=(Act.ERASE,)) == ["archive", "destroy"]
    assert acts("2020-01-01T00:00:00", late, done=tuple(Act)) == []
    assert more_after(TABLE, "Medical", "helped", (Act.ERASE,))
    assert not more_after(TABLE, "call", "ended", (Act.ERASE,))


def test_a_town_without_a_table_has_nothing_due(tmp_path):
    assert read_retention(tmp_path / "retention.toml") is NOTHING_DUE
    long_ago = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
    dues = retention(NOTHING_DUE, SF, kind="Fire", end="out", ended_us=long_ago,
                     now_us=at("2030-01-01T00:00:00"))  # fmt: skip
    assert dues == ()
    assert not more_after(NOTHING_DUE, "Fire", "out", ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('source = "x1"\n[[rule]]\nbecause = "no"\nerase_days = 9\narchive_days = 8', "decrease"),
        ('source = "x1"\n[[rule]]\nbecause = "no"\nerase_days = 0', ">= 1"),
        ('source = "x1"\n[[rule]]\nbecause = "no"\nerase_day = 1', "erase_day"),
        ('source = "x1"\n[[rule]]\nerase_days = 1', "because"),
        ('[[rule]]\nbecause = "no"', "source"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused_with_the_place(tmp_path, text, words):
    (tmp_path / "retention.toml").write_text(text)
    with pytest.raises(msgspec.ValidationError, match=words):
        read_retention(tmp_path / "retention.toml")


@pytest.mark.parametrize("name", sorted(packaged_towns()))
def test_every_packaged_town_has_a_table_whose_last_rule_is_for_all(name):
    town = load_town(packaged_towns()[name])
    last = town.retention.rules[-1]
    assert not last.kinds
    assert not last.ends
    assert last.erase_days
    for rule in town.retention.rules:
        assert set(rule.kinds) <= {"call", "hand-over", *town.kinds}
