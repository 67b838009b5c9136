"""``answerable satisfaction``: from a record at rest or beside its running centre, by any days."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from answerable.console.centre import open_centre
from answerable.console.cli import app
from answerable.console.said import command
from answerable.console.said.command import Asked, run_satisfaction
from answerable.dispatch import words as d
from answerable.followup import back_words as b
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.kernel.clock import PacedClock
from answerable.kernel.hub import Accepted
from answerable.measure import daily
from answerable.measure import satisfaction as s
from answerable.measure.asked import Asked as Weekly
from answerable.record import RECORD_FILE
from tests.console.conftest import DISPATCHER, NOON_US, PLACE
from tests.console.conftest import read_once as read_once

DAY_US = 86_400_000_000
STAFF = Actor(name="Kim Lee", role="supervisor")
NUMBER, WORDS = "+1 415 555 0142", "my name is Ann"


class Running:
    """A centre that goes on running while its record is read from outside."""

    def __init__(self, folder: Any) -> None:
        self.folder, self.clock, self.keys = folder, PacedClock(NOON_US, 1.0), 0
        self.centre = open_centre(folder, "san_francisco", self.clock, on_fatal=lambda why: None)
        self.weekly: Weekly = self.centre.hub.state["asked"]

    def do(self, command: Any, actor: Actor = DISPATCHER, **fields: Any) -> Any:
        self.keys += 1
        outcome = self.centre.hub.do(command(key=f"test-{self.keys}", **fields), actor)
        assert isinstance(outcome, Accepted), outcome
        self.centre.hub.commit()
        return outcome.recorded[0].event

    def callers(self, *marks: int, kind: str = "Outside Fire", number: str = NUMBER) -> None:
        """Have so many callers asked; a mark of 0 waits."""
        for mark in marks:
            call = self.do(i.AnswerCall, number=number).call
            incident = self.do(i.OpenIncident, call=call, kind=kind, priority="3",
                               address="GOLDEN GATE AV/LARKIN ST", **PLACE).incident  # fmt: skip
            self.do(d.CloseIncident, incident=incident, outcome="nothing found")
            if mark:
                self.do(b.AnswerCallBack, STAFF, incident=incident, call=call, overall=mark,
                        words=WORDS)  # fmt: skip

    def later(self, days: int) -> None:
        self.clock.jump(self.clock.now_us() + days * DAY_US)


@pytest.fixture
def running(tmp_path) -> Iterator[Running]:
    made = Running(tmp_path)
    yield made
    made.centre.close()


def asked(running: Running, *, as_json: bool = False, **more: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = run_satisfaction(Asked(running.folder, **more), as_json=as_json, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


def data(running: Running, **more: str) -> Any:
    code, out, err = asked(running, as_json=True, **more)
    assert (code, err) == (0, "")
    return json.loads(out)


def test_it_says_beside_a_running_centre_what_its_own_page_says(running):
    running.callers(*[5] * 9, *[1] * 3, 0)
    running.callers(0, number="")
    for by in ("unit", "area", "kind", "week"):
        page = s.report(running.weekly, sorted(running.weekly.weeks), by)
        told = data(running, by=by)
        assert told["whole"] == command._group(page.whole)
        assert told["groups"] == [command._group(one) for one in page.groups]
        assert told["barred"] == page.barred == {"no number": 1}
    whole = told["whole"]
    assert [whole[name] for name in ("callers", "reached", "answered", "waiting")] == [
        14,
        12,
        12,
        1,
    ]
    assert whole["shares"][3] == {
        "question": "overall", "given": 12, "satisfied": 9, "unhappy": 3, "share": 0.75,
        "low": pytest.approx(0.4677, abs=1e-4), "high": pytest.approx(0.9111, abs=1e-4),
    }  # fmt: skip


def test_callers_of_other_days_are_not_counted_and_the_last_four_weeks_are_usual(running):
    running.callers(5)
    running.later(1)
    running.callers(5, 5)
    running.later(30)
    running.callers(5, 5, 5)
    assert data(running)["whole"]["answered"] == 3
    assert data(running, first="2020-04-02", last="2020-04-02")["whole"]["answered"] == 1
    assert data(running, first="2020-04-03", last="2020-05-03")["whole"]["answered"] == 5
    assert data(running, last="2020-04-03")["whole"]["answered"] == 3
    told = data(running, first="2020-04-02", by="week")
    assert [(one["name"], one["answered"]) for one in told["groups"]] == [
        ("2020-03-30", 3), ("2020-04-27", 3),
    ]  # fmt: skip
    assert (told["first"], told["last"]) == ("2020-04-02", "2020-05-03")


def test_too_few_have_no_share_and_nothing_is_told_of_what_they_said(running):
    running.callers(*[1] * (s.FEW - 1))
    assert data(running)["whole"]["shares"][3] == {"question": "overall", "given": s.FEW - 1}
    assert "too few" in asked(running)[1]
    running.callers(1)
    assert data(running)["whole"]["shares"][3]["share"] == 0
    assert "0% (0% to 28%) of 10" in asked(running)[1]


def test_words_for_a_person_never_tell_a_share_without_callers_reached_and_answered(running):
    running.callers(*[5] * 12, 0)
    lines = asked(running, by="kind")[1].splitlines()
    [heads] = [line for line in lines if line.startswith("Kind")]
    assert re.split(r"\s{2,}", heads) == [
        "Kind", "Callers", "Barred", "Were reached", "Gave answers", "All in all",
    ]  # fmt: skip
    rows = [re.split(r"\s{2,}", line) for line in lines if "of 12" in line]
    assert rows == [
        [name, "13", "0", "12", "12", "100% (76% to 100%) of 12"]
        for name in ("All together", "Outside Fire")
    ]


def test_no_person_is_in_any_answer(running):
    running.callers(*[2] * 12)
    for by in ("unit", "area", "kind", "week"):
        for as_json in (False, True):
            _code, out, _err = asked(running, by=by, as_json=as_json)
            for secret in ("Kim", "Lee", "Ann", "555", "C1", "supervisor"):
                assert secret not in out


@pytest.mark.parametrize(
    ("more", "because"),
    [
        ({"first": "1 May"}, "1 May is not a day. Write it as 2020-04-02."),
        ({"first": "20200402"}, "20200402 is not a day. Write it as 2020-04-02."),
        ({"last": "2020-W14-4"}, "2020-W14-4 is not a day."),
        ({"first": "2020-05-02", "last": "2020-05-01"}, "2020-05-02 is after 2020-05-01."),
        ({"first": "2019-01-01", "last": "2020-05-01"}, "more than 400 days."),
        ({"by": "officer"}, "There is no officer here. Give one of: unit, area, kind, week."),
        ({"about": "name"}, "There is no name here."),
        ({"town": "atlantis"}, "atlantis"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do_instead(running, more, because):
    code, out, err = asked(running, **more)
    assert (code, out) == (2, "")
    assert because in err


def test_a_span_without_an_end_is_refused_where_days_of_it_would_be_forgotten(running):
    running.callers(5)
    code, out, err = asked(running, first="2018-01-01")
    assert (code, out) == (2, "")
    assert f"more than {daily.SPAN_MAX} days" in err


def test_a_folder_without_a_record_and_a_damaged_one_are_refused(running, tmp_path):
    code, out, _err = asked(running)
    assert (code, out) == (0, "No caller was to be asked in this time. Choose other days.\n")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / RECORD_FILE).write_bytes(b"a shopping list" * 400)
    (tmp_path / "empty").mkdir()
    for name in ("other", "empty", "nowhere"):
        told, why = io.StringIO(), io.StringIO()
        assert run_satisfaction(Asked(tmp_path / name), as_json=False, out=told, err=why) == 2
        assert (told.getvalue(), "was not opened" in why.getvalue()) == ("", True)


def test_the_command_line_leads_here_in_both_languages(running):
    running.callers(*[5] * 12)
    run = CliRunner()
    assert run.invoke(app, ["satisfaction", str(running.folder)]).exit_code == 0
    told = run.invoke(app, ["satisfaction", str(running.folder), "--by", "kind", "--json"])
    assert json.loads(told.stdout)["by"] == "kind"
    from answerable.console import tongue

    tongue.speak("zh-CN")
    try:
        chinese = asked(running, by="kind", town="san_francisco")[1]
    finally:
        tongue.speak("en")
    for word in ("报警人", "合计", "室外火灾"):
        assert word in chinese
    assert re.search("[A-Z][a-z]+ [a-z]", chinese) is None


def test_progress_is_shown_on_a_terminal_and_nowhere_else(running, monkeypatch):
    running.callers(5)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    err = Terminal()
    monkeypatch.setattr(command, "CHUNK", 4)
    run_satisfaction(Asked(running.folder), as_json=True, out=io.StringIO(), err=err)
    assert err.getvalue().startswith("\r")
    assert err.getvalue().endswith("events read\n")
    assert asked(running)[2] == ""
