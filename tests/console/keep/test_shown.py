"""How backups stand is shown on the page of health, in the checks and to whoever may act on it."""

from __future__ import annotations

import json

import pytest

from answerable.console.keep import shown
from answerable.console.serve.check import Found
from answerable.console.serve.health import checks
from answerable.keeping import words as w
from answerable.kernel.authority import SYSTEM, Actor
from tests.console.admin.office import at_desk

OPERATOR = Actor(name="operator", role="operator")
RECORD = "backup of the record"


def watch(world) -> None:
    world.do(w.WatchBackups, SYSTEM, every_h=26, keys_every_h=26)


def fail(world) -> None:
    world.do(
        w.FailBackup,
        OPERATOR,
        sort=w.Sort.FULL,
        found=w.Found.EMPTY,
        where="/backups",
        why="no bytes in it",
    )


def prove(world) -> None:
    world.do(
        w.NoteBackup, OPERATOR, sort=w.Sort.FULL, size=0, root="a" * 64, bytes=3 << 20,
        digest="b" * 64, where="/mnt/backups",
    )  # fmt: skip


def page(world, role: str, path: str = "/admin/health", lang: str = "en") -> str:
    async def scene(desk):
        return (await desk.get(path, headers={"accept-language": lang})).text

    return str(at_desk(world, scene, Actor(name=f"a.{role}", role=role)))


def test_the_page_of_health_shows_the_last_proven_backup_its_size_and_when_the_next_is_due(world):
    watch(world)
    prove(world)
    told = page(world, "supervisor")
    assert "0 events, 3.0 MB, full" in told
    assert "/mnt/backups" in told
    assert "ago)" in told
    assert told.count("2020-04-03 14:0") >= 2, "the next is expected in 26 h"
    assert "未完成" not in page(world, "administrator", lang="zh-CN")
    assert "最近一次经验证" in page(world, "administrator", lang="zh-CN")


def test_where_none_was_ever_made_the_page_says_so(world):
    told = page(world, "administrator")
    assert "never" in told
    assert "nobody waits for one" in told


def test_an_alarm_is_on_every_page_of_whoever_may_acknowledge_it_and_on_no_other(world):
    assert "data-alarms hidden" in page(world, "supervisor", "/board")
    fail(world)
    told = page(world, "supervisor", "/board")
    assert "data-alarms hidden" not in told
    assert '<b class="num" data-alarms-count>1</b>' in told
    for role in ("dispatcher", "call_taker"):
        assert "data-alarms" not in page(world, role, "/board")
    assert json.loads(world.app.live.beat().split(b"data: ")[1].split(b"\n")[0])["alarms"] == 1


def test_a_supervisor_acknowledges_an_alarm_with_words_and_it_is_shown_no_more(world):
    fail(world)
    told = page(world, "supervisor")
    assert "no bytes in it" in told
    assert 'action="/admin/health/do"' in told
    assert 'action="/admin/health/do"' not in page(world, "administrator")

    async def scene(desk):
        body = {"type": "keeping.AcknowledgeAlarm", "alarm": RECORD, "remark": "a new disk comes"}
        return await desk.post("/admin/health/do", htmx=False, **body)

    answer = at_desk(world, scene, Actor(name="a.supervisor", role="supervisor"))
    assert answer.status_code == 303
    assert 'id="alarms"' not in page(world, "supervisor")
    assert "data-alarms hidden" in page(world, "supervisor", "/board")
    trouble = shown.state_of(world.app.front).troubles[RECORD]
    assert (trouble.seen_by, trouble.remark) == ("a.supervisor", "a new disk comes")


@pytest.mark.parametrize(
    ("act", "found", "said"),
    [
        (lambda world: None, Found.WELL, "No backup has been proved yet."),
        (lambda world: world.do(w.WatchBackups, SYSTEM, every_h=0), Found.WATCH, "Nobody waits"),
        (prove, Found.WELL, "The last proven backup is 0.0 h old, of 0 events."),
        (fail, Found.WATCH, "A backup is worth nothing: no bytes in it"),
    ],
)
def test_the_check_says_how_the_backups_stand(world, act, found, said):
    act(world)
    check = shown._check(world.app.front, w.Of.RECORD)
    assert check.found is found
    assert said in check.said()[0]
    assert bool(check.instead) == ("h old" not in said)


def test_a_missed_backup_is_told_by_the_check_and_the_numbers(world):
    watch(world)
    world.centre.hub.ring(world.centre.now_us() + 27 * 3600 * 1_000_000)
    state = shown.state_of(world.app.front)
    assert state.troubles == {}, "what is not overdue by the centre's own time is not missed"
    state.overdue.set("record", 1)
    world.centre.hub.ring(world.centre.now_us())
    world.centre.hub.commit()
    check = shown._check(world.app.front, w.Of.RECORD)
    assert (check.found, check.said()[0]) == (
        Found.WATCH, "No backup has been proved for more than 26 h.",
    )  # fmt: skip
    gauges = {name: read() for name, (_, read) in world.app.front.gauges.items()}
    assert gauges["keeping_alarms"] == 1.0
    assert gauges["backup_proven_timestamp_seconds"] == 0.0


def test_a_demonstration_is_not_watched(world):
    assert not {"backups", "key_backups"} & {check.name for check in checks(world.app.front)}
