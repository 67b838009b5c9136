"""``answerable demo`` for a town without recorded calls: made up, kept, gone on with, said so."""

from __future__ import annotations

import datetime
import http.cookiejar
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from answerable.console.demo_calls import MADE_UP_FOLDER, MakeUp, made_up_calls, recorded_calls
from answerable.console.run_demo import data_of
from answerable.console.running import CannotBegin
from answerable.record import RECORD_FILE
from answerable.towns.load import load_town, packaged_towns
from tests.towns.little import write_town

READY_S = 60
NOW = datetime.datetime(2026, 3, 4, 15, 30, 20, tzinfo=datetime.UTC)
NOW_US = int(NOW.timestamp()) * 1_000_000


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_town(tmp_path_factory.mktemp("demo") / "little")


def begun(town: Path, data: Path, at: str | None = None, *, fresh: bool = False):
    """Return the calls of a demo as the command would have them."""
    gone: list[str] = []
    calls = made_up_calls(
        town, load_town(town), data, at, MakeUp(40.0, 1), fresh=fresh, now_us=NOW_US,
        begin_anew=lambda: gone.append("the record"), say=lambda _text: None,
    )  # fmt: skip
    return calls, gone


def test_made_up_calls_are_shown_from_a_busy_moment_of_the_afternoon(town, tmp_path):
    calls, gone = begun(town, tmp_path / "data")
    local = load_town(town).local(calls.start_us)
    assert (f"{local:%Y-%m-%d}", local.hour) in {("2026-03-04", hour) for hour in (14, 15, 16)}
    setting_out = [p.now_us for p in calls.plan.commands if p.command.tag == "dispatch.GoEnRoute"]
    assert calls.start_us in setting_out, "a unit sets out as somebody looks"
    assert calls.made_up
    assert gone == ["the record"]


def test_made_up_calls_can_be_shown_from_now_and_have_begun_hours_before(town, tmp_path):
    calls, _ = begun(town, tmp_path / "data", "now")
    assert calls.start_us == NOW_US - 20_000_000, "the minute that is on the clock"
    assert calls.begin_us < calls.start_us < calls.end_us


def test_every_unit_of_the_town_is_on_duty_also_one_without_a_call(town, tmp_path):
    calls, _ = begun(town, tmp_path / "data")
    assert {found.unit for found in calls.plan.units} == set(load_town(town).units)


def test_another_hour_is_begun_at_when_it_is_asked_for(town, tmp_path):
    calls, _ = begun(town, tmp_path / "data", "2026-07-01T08:00")
    local = load_town(town).local(calls.start_us)
    assert f"{local:%Y-%m-%dT%H:%M}" == "2026-07-01T08:00"


def test_a_demo_that_is_started_again_goes_on_with_the_same_calls(town, tmp_path):
    first, _ = begun(town, tmp_path)
    (tmp_path / RECORD_FILE).touch()
    again, gone = begun(town, tmp_path)
    assert again.plan.commands == first.plan.commands
    assert gone == [], "nothing is removed"


def test_a_record_without_its_made_up_calls_is_not_gone_on_with(town, tmp_path):
    (tmp_path / RECORD_FILE).touch()
    with pytest.raises(CannotBegin, match="--fresh"):
        begun(town, tmp_path)
    calls, gone = begun(town, tmp_path, fresh=True)
    assert (calls.made_up, gone) == (True, ["the record"])


def test_a_time_that_is_none_removes_and_writes_nothing(town, tmp_path):
    with pytest.raises(CannotBegin, match="'noon' is not a time"):
        begun(town, tmp_path / "data", "noon", fresh=True)
    assert not (tmp_path / "data").exists()


def test_recorded_calls_are_shown_from_two_in_the_afternoon_of_their_first_day():
    folder = packaged_towns()["san_francisco"]
    own = load_town(folder)
    calls = recorded_calls(folder, own, None, NOW_US)
    assert f"{own.local(calls.start_us):%Y-%m-%dT%H:%M}" == "2020-04-02T14:00"
    assert not calls.made_up


def test_each_town_has_a_folder_of_its_own():
    towns = packaged_towns()
    assert data_of(load_town(towns["san_francisco"])) == Path("data/demo")
    assert data_of(load_town(towns["liechtenstein"])) == Path("data/demo-liechtenstein")


# -- the whole, as a person starts it --------------------------------------------------------


class Running:
    """A demo in a process of its own."""

    def __init__(self, town: Path, data: Path) -> None:
        command = [sys.executable, "-m", "answerable.console.cli", "demo", "--town", str(town),
                   "--port", "0", "--data", str(data), "--speed", "600"]  # fmt: skip
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        self.jar = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        self.said: list[str] = []

    def ready(self) -> None:
        """Read what it says until it gives the way in; fail with its words where it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if "sign in as supervisor" in line:
                self.base = line.split()[-1].partition("/demo/")[0]
                return
        raise AssertionError("".join(self.said))

    def get(self, path: str) -> str:
        with self.jar.open(f"{self.base}{path}", timeout=READY_S) as answer:
            return answer.read().decode("utf-8")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(READY_S)
        finally:
            self.process.kill()


@pytest.fixture
def start(town: Path, tmp_path: Path) -> Iterator[Callable[[], Running]]:
    running: list[Running] = []

    def begin() -> Running:
        running.append(Running(town, tmp_path / "data"))
        running[-1].ready()
        return running[-1]

    yield begin
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def test_a_town_without_calls_has_a_demo_that_moves_and_says_it_is_made_up(start, tmp_path):
    demo = start()
    assert "has no recorded calls" in "".join(demo.said)
    door = demo.get("/")
    assert "none of them happened" in door
    assert "real calls" not in door
    board = demo.get("/demo/sign-in/dispatcher")
    assert "Littleton" in board
    assert "made-up calls" in board
    incident = None
    until = time.monotonic() + READY_S
    while incident is None and time.monotonic() < until:
        told = json.loads(demo.get("/api/board"))
        open_now = told.get("incidents") or told.get("open") or []
        incident = next((one["incident"] for one in open_now), None)
        if incident is None:
            time.sleep(0.05)
    assert incident, "600 times as fast, a call comes in within seconds"
    page = demo.get(f"/incidents/{incident}")
    assert re.search(r"<small[^>]*>made up</small>", page)
    assert "made-up calls" in page
    for units in ("E1", "E2", "E3", "M1", "M2"):
        assert f'data-unit="{units}"' in board
    demo.get("/language/zh-CN?back=/board")
    assert "虚构警情" in demo.get("/board")
    assert demo.stop() == 0

    again = start()
    assert "Going on from" in "".join(again.said)
    assert "Littleton" in again.get("/demo/sign-in/supervisor")
    assert (tmp_path / "data" / MADE_UP_FOLDER / "calls.csv.gz").is_file()
    assert again.stop() == 0


def test_a_demo_of_a_town_with_errors_says_them_and_makes_nothing(town, tmp_path):
    broken = shutil.copytree(town, tmp_path / "broken")
    (broken / "areas.toml").unlink()
    told = Running(broken, tmp_path / "data")
    with pytest.raises(AssertionError, match=r"areas\.toml: error: areas\.toml is not there"):
        told.ready()
    assert told.process.wait(READY_S) == 2
    assert not (tmp_path / "data").exists()
