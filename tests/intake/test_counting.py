"""What a line rang by its own counter, and what the record has of it (I8)."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from answerable.intake import counting
from answerable.intake import words as w
from answerable.intake.views import NOT_COUNTED, days, figure
from answerable.kernel.refusals import NotAllowed, TooLongAgo, Unknown, WrongStep
from answerable.towns.model import Town
from tests.story import T0, US, Centre, at_local, toy_town

DAY = "2020-04-02"
NEXT = at_local("2020-04-03T00:05:00")
SIX = at_local("2020-04-03T06:00:00")
HOUR = 3600


def ring(town: Centre, *calls: str, line: str = "110", **fields) -> None:
    for call in calls:
        town.done(w.RingCall, role="line", call=call, line=line, **fields)


def told(town: Centre, rung: int, line: str = "110", day: str = DAY) -> list:
    return town.done(w.CountLine, role="line", day=day, line=line, rung=rung)


def go(town: Centre, to_us: int) -> Centre:
    return town.tick((to_us - town.clock.now_us()) / US)


def states(town: Centre, day: str = DAY) -> dict[str, str]:
    return {line: held.state for line, held in town.state("intake").counts.days[day].lines.items()}


def judged(town: Centre) -> list:
    kinds = (w.CountsAgreed, w.CountDiffered, w.CountMissed)
    return [event for event in town.events() if isinstance(event, kinds)]


@pytest.fixture
def town() -> Centre:
    """Three calls on one line on 2 April, and five minutes into the next day."""
    made = Centre()
    ring(made, "C1", "C2", "C3")
    return go(made, NEXT)


def test_equal_counts_agree_at_six_and_nobody_is_bothered(town):
    [counted] = told(town, 3)
    assert counted == w.LineCounted(
        day=DAY, line="110", rung=3, from_us=at_local("2020-04-02T00:00:00"),
        until_us=at_local("2020-04-03T00:00:00"), due_us=SIX,
    )  # fmt: skip
    go(town, SIX - US)
    assert judged(town) == []
    go(town, SIX)
    assert judged(town) == [w.CountsAgreed(day=DAY, line="110", recorded=3)]
    assert states(town) == {"110": "agrees"}
    assert town.state("intake").counts.matters == []


def test_a_difference_is_a_matter_until_somebody_says_why(town):
    told(town, 4)
    go(town, SIX)
    assert judged(town) == [w.CountDiffered(day=DAY, line="110", rung=4, recorded=3)]
    assert town.state("intake").counts.matters == [(DAY, "110")]
    [event] = town.done(
        w.ExplainDifference, role="supervisor", day=DAY, line="110", reason="a test of the line"
    )
    assert event == w.DifferenceExplained(day=DAY, line="110", reason="a test of the line")
    assert states(town) == {"110": "explained"}
    assert town.state("intake").counts.matters == []


def test_a_later_count_settles_a_difference_by_itself(town):
    told(town, 4)
    go(town, SIX + HOUR * US)
    _, agreed = told(town, 3)
    assert agreed == w.CountsAgreed(day=DAY, line="110", recorded=3)
    assert states(town) == {"110": "agrees"}
    assert town.state("intake").counts.matters == []


def test_a_later_count_that_is_wrong_too_is_a_matter_as_well(town):
    told(town, 3)
    go(town, SIX + HOUR * US)
    _, differed = told(town, 5)
    assert differed == w.CountDiffered(day=DAY, line="110", rung=5, recorded=3)
    assert town.state("intake").counts.matters == [(DAY, "110")]


def test_a_call_entered_late_settles_a_difference_or_makes_one(town):
    told(town, 4)
    go(town, SIX + HOUR * US)
    ring(town, "C4", at=at_local("2020-04-02T23:59:59"))
    assert judged(town)[-1] == w.CountsAgreed(day=DAY, line="110", recorded=4)
    ring(town, "C5", at=at_local("2020-04-02T00:00:00"))
    assert judged(town)[-1] == w.CountDiffered(day=DAY, line="110", rung=4, recorded=5)
    before = len(judged(town))
    ring(town, "C6", at=at_local("2020-04-03T00:00:00"))
    assert len(judged(town)) == before, "a call of the next day is none of this one's"


def test_a_corrected_time_takes_a_call_to_its_day(town):
    ring(town, "C4")
    told(town, 4)
    go(town, SIX)
    assert states(town) == {"110": "differs"}
    town.done(
        w.CorrectCallTime, role="supervisor", step="CallRung", call="C4",
        to=at_local("2020-04-02T23:58:00"), reason="the clock of the line was ahead",
    )  # fmt: skip
    assert states(town) == {"110": "agrees"}


def test_the_correction_of_an_answer_moves_the_answer_only(town):
    town.done(w.AnswerCall, call="C1")
    counts, now_us = town.state("intake").counts, town.clock.now_us()
    assert counts.answered_in(now_us - now_us % (900 * US), now_us + 900 * US) == 1
    town.done(
        w.CorrectCallTime, role="supervisor", step="CallAnswered", call="C1", to=T0,
        reason="written down late",
    )  # fmt: skip
    assert figure(counts, town.town, datetime.date(2020, 4, 2)).answered == 1
    assert figure(counts, town.town, datetime.date(2020, 4, 2)).recorded == 3


def test_an_explained_difference_is_open_again_when_the_figures_move(town):
    told(town, 5)
    go(town, SIX)
    town.done(w.ExplainDifference, role="supervisor", day=DAY, line="110", reason="two tests")
    ring(town, "C9", at=T0)
    assert states(town) == {"110": "differs"}


def test_one_line_does_not_make_up_for_another():
    town = Centre()
    ring(town, "C1", "C2")
    ring(town, "C3", "C4", line="119")
    go(town, NEXT)
    told(town, 3)
    told(town, 1, line="119")
    go(town, SIX)
    assert states(town) == {"110": "differs", "119": "differs"}
    whole = figure(town.state("intake").counts, town.town, datetime.date(2020, 4, 2))
    assert (whole.rung, whole.recorded, whole.apart, whole.state) == (4, 4, 2, "differs")


def test_a_count_that_does_not_come_is_said(town):
    told(town, 3)
    go(town, SIX + 24 * HOUR * US)
    missed = [event for event in judged(town) if isinstance(event, w.CountMissed)]
    assert missed == [w.CountMissed(day="2020-04-03", line="110", recorded=0)]
    assert town.state("intake").counts.matters == [("2020-04-03", "110")]
    _, agreed = told(town, 0, day="2020-04-03")
    assert agreed == w.CountsAgreed(day="2020-04-03", line="110", recorded=0)
    assert town.state("intake").counts.matters == []


def test_a_line_with_calls_and_no_counter_is_missed_once_any_line_counts(town):
    ring(town, "C8", line="119", at=T0)
    told(town, 3)
    go(town, SIX)
    assert states(town) == {"110": "agrees", "119": "missing"}


def test_a_call_come_late_on_a_line_nobody_knew_is_missed_too(town):
    told(town, 3)
    go(town, SIX)
    ring(town, "C8", line="119", at=T0)
    assert states(town) == {"110": "agrees", "119": "missing"}


def test_nothing_is_waited_for_where_no_line_ever_counted(town):
    go(town, SIX + 48 * HOUR * US)
    assert judged(town) == []
    assert figure(
        town.state("intake").counts, town.town, datetime.date(2020, 4, 2)
    ).state == NOT_COUNTED  # fmt: skip


def test_a_line_that_is_used_no_more_is_not_waited_for_until_it_counts_again(town):
    told(town, 3)
    go(town, SIX)
    town.done(w.RetireLine, role="supervisor", line="110", reason="the old exchange is gone")
    go(town, SIX + 24 * HOUR * US)
    assert not [event for event in judged(town) if isinstance(event, w.CountMissed)]
    told(town, 0, day="2020-04-03")
    assert town.state("intake").counts.lines == ["110"]


def test_days_missed_while_the_service_stood_still_are_made_up_for_in_order(town):
    told(town, 3)
    go(town, SIX + 72 * HOUR * US)
    compared = [event.day for event in town.events() if isinstance(event, w.DayCompared)]
    assert compared == ["2020-04-02", "2020-04-03", "2020-04-04", "2020-04-05"]


def test_the_first_count_ever_may_come_after_its_hour(town):
    go(town, SIX + HOUR * US)
    told(town, 2)
    town.tick(1)
    assert states(town) == {"110": "differs"}


def test_the_chain_of_days_outlives_a_restart(town):
    told(town, 3)
    town.hub.save_snapshot()
    town.restart()
    go(town, SIX)
    assert states(town) == {"110": "agrees"}
    before = town.hub.rooms.pack(town.hub.state)
    town.restart(use_snapshot=False)
    assert town.hub.rooms.pack(town.hub.state) == before


# -- days ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Los_Angeles", "2018-11-04", 25), ("America/Los_Angeles", "2018-03-11", 23),
        ("Asia/Shanghai", "2020-04-02", 24), ("Asia/Kathmandu", "2020-04-02", 24),
        ("America/Sao_Paulo", "2018-11-04", 23), ("Australia/Lord_Howe", "2020-04-05", 24.5),
    ],
)  # fmt: skip
def test_every_hour_of_a_day_belongs_to_it_and_to_no_other(zone, day, hours):
    town = toy_town()
    town.zone = ZoneInfo(zone)
    date = datetime.date.fromisoformat(day)
    from_us, until_us = counting.span(town, date)
    assert (until_us - from_us) / US == hours * HOUR
    assert from_us % (900 * US) == until_us % (900 * US) == 0
    assert counting.span(town, date + datetime.timedelta(days=1))[0] == until_us
    assert counting.span(town, date - datetime.timedelta(days=1))[1] == from_us


def test_on_the_day_of_25_hours_both_hours_from_one_to_two_are_counted():
    first = at_local("2018-11-04T01:30:00")
    town = Centre(now_us=first)
    ring(town, "C1")
    town.tick(HOUR)
    assert town.town.clock(town.clock.now_us()) == "01:30:00"
    ring(town, "C2")
    go(town, at_local("2018-11-05T00:01:00"))
    told(town, 2, day="2018-11-04")
    go(town, at_local("2018-11-05T06:00:00"))
    assert states(town, "2018-11-04") == {"110": "agrees"}


def test_the_hour_of_comparing_is_the_towns_own():
    file = msgspec.structs.replace(toy_town().file, counts_by="01:15")
    early = Town(file, ())
    assert counting.due(early, datetime.date(2020, 4, 2)) == at_local("2020-04-03T01:15:00")
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(msgspec.to_builtins(file) | {"counts_by": "24:00"}, type(file))


def test_quarters_are_forgotten_when_no_count_can_be_about_them():
    counts = counting.Counts()
    counting.rang(counts, "110", T0)
    counting.answered(counts, T0)
    counting.rang(counts, "110", T0 + counting.KEPT_DAYS * 24 * HOUR * US)
    assert sum(counts.rung["110"].values()) == 2
    counting.rang(counts, "110", T0 + (counting.KEPT_DAYS + 2) * 24 * HOUR * US)
    assert sum(counts.rung["110"].values()) == 2
    assert counts.answered == {}


def test_the_days_shown_end_at_the_first_that_is_known(town):
    told(town, 3)
    found = list(days(town.state("intake").counts, town.town, NEXT + 48 * HOUR * US, 99))
    assert [one.day for one in found] == ["2020-04-04", "2020-04-03", "2020-04-02"]
    assert found[-1].rung == found[-1].recorded == 3
    assert [one.day for one in days(counting.Counts(), town.town, NEXT, 9)] == []


# -- refusals --------------------------------------------------------------------------------


def test_a_day_that_is_none_or_not_over_or_too_old_is_refused(town):
    ask = {"role": "line", "line": "110", "rung": 1}
    assert isinstance(town.refused(w.CountLine, day="2020-02-30", **ask), w.NoSuchDay)
    assert isinstance(town.refused(w.CountLine, day="2020-04-03", **ask), w.DayNotOver)
    assert isinstance(town.refused(w.CountLine, day="9999-12-31", **ask), w.DayNotOver)
    assert isinstance(town.refused(w.CountLine, day="2019-01-01", **ask), TooLongAgo)
    assert isinstance(town.refused(w.CompareCounts, role="system", day="2020-02-30"), w.NoSuchDay)
    assert isinstance(town.refused(w.CompareCounts, role="system", day=DAY), Unknown)


def test_the_same_count_again_is_refused_and_changes_nothing(town):
    told(town, 3)
    before = len(town.events())
    asked = {"role": "line", "day": DAY, "line": "110", "rung": 3}
    assert isinstance(town.refused(w.CountLine, **asked), w.CountKnown)
    assert len(town.events()) == before


def test_only_a_difference_can_be_explained(town):
    ask = {"role": "supervisor", "day": DAY, "line": "110", "reason": "because"}
    assert isinstance(town.refused(w.ExplainDifference, **ask), Unknown)
    told(town, 3)
    assert isinstance(town.refused(w.ExplainDifference, **ask), WrongStep)
    go(town, SIX)
    assert isinstance(town.refused(w.ExplainDifference, **ask), WrongStep)


def test_a_line_that_never_counted_cannot_be_retired(town):
    assert isinstance(
        town.refused(w.RetireLine, role="supervisor", line="x", reason="gone"), Unknown
    )


def test_a_line_counts_and_nothing_more_and_only_a_supervisor_explains(town):
    told(town, 4)
    go(town, SIX)
    for role in ("line", "dispatcher", "call_taker", "administrator"):
        for command, more in ((w.ExplainDifference, {"day": DAY}), (w.RetireLine, {})):
            denied = town.refused(command, role=role, line="110", reason="because", **more)
            assert isinstance(denied, NotAllowed)


def test_the_name_of_a_line_is_in_no_opening(town):
    told(town, 4)
    go(town, SIX)
    town.done(w.RetireLine, role="supervisor", line="110", reason="the old exchange is gone")
    for row in town.store.rows():
        opening = row.stream.encode() + row.body[: row.cut]
        assert b"110" not in opening.replace(b'"day"', b""), row.kind
