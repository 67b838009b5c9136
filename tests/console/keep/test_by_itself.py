"""Backups that the service makes by itself: at their hour, outside it, and never unseen."""

from __future__ import annotations

import asyncio
import datetime
import sys
from zoneinfo import ZoneInfo

import msgspec
import pytest

from answerable.console.keep import by_itself
from answerable.console.keep.by_itself import ByItself, commands, leave_settings, next_s, watch
from answerable.console.serve.settings import Backup, Settings
from answerable.kernel.event import fill
from answerable.record.backup.run import SERVED_FILE

SF = ZoneInfo("America/Los_Angeles")
HOUR = 3600.0


@pytest.mark.parametrize(
    ("now", "hours"),
    [("2018-11-03T01:30", 2.0), ("2018-11-03T03:30", 24.0 + 1.0), ("2018-11-04T00:30", 4.0),
     ("2019-03-10T00:30", 2.0), ("2020-04-02T03:29", 1 / 60)],
)  # fmt: skip
def test_the_hour_is_that_of_the_wall_also_on_days_when_clocks_change(now, hours):
    at = datetime.datetime.fromisoformat(now).replace(tzinfo=SF)
    assert next_s("03:30", at) == pytest.approx(hours * HOUR)


def test_what_is_not_named_is_not_made():
    assert commands(Settings(data="d")) == []
    both = Settings(data="d", backup=Backup(to="a", keys_to="b"))
    assert commands(both) == [
        ["--json", "--data", "d", "--to", "a"], ["--json", "--data", "d", "--keys", "--to", "b"],
    ]  # fmt: skip


def test_how_often_backups_are_expected_is_recorded_once_and_when_it_changes(world):
    hub = world.centre.hub
    before = hub.position
    for _ in range(2):
        watch(hub, Settings(backup=Backup(every_h=30)))
    assert hub.position == before + 1
    watch(hub, Settings(backup=Backup(every_h=31)))
    assert hub.state["keeping"].every_h == 31


def test_the_settings_lie_in_the_data_folder_for_their_owner_only(tmp_path, caplog):
    settings = Settings(town="x", data=str(tmp_path), backup=Backup(keep=3))
    leave_settings(settings)
    file = tmp_path / SERVED_FILE
    assert msgspec.json.decode(file.read_bytes(), type=Settings) == settings
    assert file.stat().st_mode & 0o777 == 0o600
    leave_settings(Settings(data=str(tmp_path / "none")))
    assert "was not written" in caplog.text


def made(world, monkeypatch, script: str) -> tuple[bool, list[str]]:
    """Let a script stand for the command; return whether it was proved and what was recorded."""
    recorded: list[str] = []
    world.centre.hub.subscribe(
        lambda rows, head: recorded.extend(
            fill(one.event.said, msgspec.structs.asdict(one.event)) for one in rows
        )
    )
    start = asyncio.create_subprocess_exec

    async def instead(*words, **named):
        assert words[:4] == (sys.executable, "-m", "answerable.console.cli", "backup")
        return await start(sys.executable, "-c", script, **named)

    monkeypatch.setattr(by_itself.asyncio, "create_subprocess_exec", instead)
    backups = ByItself(world.app.front, Settings(data="d", backup=Backup(to="/backups")))
    return asyncio.run(backups._one(backups._commands[0])), recorded


def test_a_backup_that_was_proved_has_recorded_itself(world, monkeypatch):
    assert made(world, monkeypatch, "pass") == (True, [])


def test_a_backup_that_failed_has_recorded_itself(world, monkeypatch):
    assert made(world, monkeypatch, "raise SystemExit(1)") == (False, [])


@pytest.mark.parametrize(
    ("script", "why"),
    [("import sys; sys.exit('x') if 0 else (sys.stderr.write('Mount it.\\n'), sys.exit(2))",
      "Mount it."),
     ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "it ended without a word")],
)  # fmt: skip
def test_a_backup_that_could_not_begin_or_was_killed_is_recorded_by_the_service(
    world, monkeypatch, script, why
):
    ok, recorded = made(world, monkeypatch, script)
    assert not ok
    assert recorded == [f"A backup (incremental) is worth nothing, not made: {why}"]


def test_a_backup_that_does_not_end_is_ended(world, monkeypatch):
    monkeypatch.setattr(by_itself, "LONGEST_S", 0.2)
    ok, recorded = made(world, monkeypatch, "import time; time.sleep(60)")
    assert not ok
    assert "it had not ended after" in recorded[0]


def test_one_that_does_not_succeed_is_tried_again_a_few_times(world, monkeypatch):
    monkeypatch.setattr(by_itself, "AGAIN_S", 0.0)
    backups = ByItself(world.app.front, Settings(backup=Backup(to="a", keys_to="b")))
    outcomes = iter([False, True, False, False, False])
    tried: list[str] = []

    async def one(words):
        tried.append(words[-1])
        return next(outcomes)

    monkeypatch.setattr(backups, "_one", one)
    asyncio.run(backups.make())
    assert tried == ["a", "a", "b", "b", "b"]


def test_it_waits_for_the_hour_and_then_begins(world, monkeypatch):
    zone = world.app.front.town.zone
    moments = iter(["03:28:40", "03:29:20", "03:29:50", "03:29:59"])
    slept: list[float] = []

    async def sleep(seconds):
        slept.append(round(seconds, 3))

    backups = ByItself(world.app.front, Settings(backup=Backup(to="a")))
    monkeypatch.setattr(
        backups, "now",
        lambda: datetime.datetime.fromisoformat(f"2020-04-02T{next(moments)}").replace(tzinfo=zone),
    )  # fmt: skip
    monkeypatch.setattr(by_itself.asyncio, "sleep", sleep)
    asyncio.run(backups._wait())
    assert slept == [30.0, 25.0, 10.0]
    assert backups.next_us() > world.app.front.now_us()
    assert ByItself(world.app.front, Settings()).next_us() is None
