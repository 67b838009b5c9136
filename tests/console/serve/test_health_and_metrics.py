"""Health and metrics: true, told to whoever may look, and never a word of a call."""

from __future__ import annotations

import asyncio
import os
import time
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from answerable.console.serve import health, pulse
from answerable.console.serve.check import Check, Found, worst
from answerable.console.serve.clock import Jump
from answerable.console.serve.metrics import BUCKETS_S, Counts
from answerable.intake import words as i
from answerable.kernel.authority import SYSTEM
from answerable.kernel.store import CannotRecord
from tests.console.serve.scene import Scene, bearer, client

NUMBER = "+1-415-555-0199"


def found(checks: list[Check], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def ask(scene: Scene, *paths: str, forwarded: bool = False, token: str = "") -> list:
    """Ask for addresses as a machine on the loopback would."""
    running = scene.made()
    headers = {"x-forwarded-for": "203.0.113.9"} if forwarded else {}
    headers |= bearer(token) if token else {}

    async def play() -> list:
        async with client(running, **headers) as asker:
            return [await asker.get(path) for path in paths]

    return asyncio.run(play())


def families(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Read metrics as Prometheus does: name -> label values -> value."""
    told: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            told.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return told


# -- who may look ----------------------------------------------------------------------------


def test_health_is_told_to_a_machine_on_the_loopback_and_metrics_are_not(scene):
    live, ready, metrics = ask(scene(), "/health/live", "/health/ready", "/metrics")
    assert live.json()["live"] is True
    assert ready.status_code == 200
    assert ready.json()["ready"] is True
    assert metrics.status_code == 401
    assert metrics.json()["code"] == "console.NotSignedIn"


def test_a_request_that_was_passed_on_is_not_one_from_here(scene):
    for answer in ask(scene(), "/health/live", "/health/ready", forwarded=True):
        assert answer.status_code == 401


@pytest.mark.parametrize(("role", "status"), [("probe", 200), ("reader", 403), ("line", 403)])
def test_a_token_sees_health_and_metrics_where_its_role_is_given_the_page(scene, role, status):
    one = scene()
    for answer in ask(one, "/health/ready", "/metrics", forwarded=True, token=one.token(role)):
        assert answer.status_code == status


def test_the_settings_open_metrics_to_the_loopback_or_close_health_to_it(scene):
    shut = {"from_loopback": False, "metrics_from_loopback": True}
    ready, metrics = ask(scene(health=shut), "/health/ready", "/metrics")
    assert (ready.status_code, metrics.status_code) == (401, 200)
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")


# -- what is told ----------------------------------------------------------------------------


def test_what_happened_stands_in_the_metrics_and_no_word_of_it(scene):
    one = scene(health={"metrics_from_loopback": True})
    running = one.made()
    front = running.service.front
    front.gauges["hooks_waiting"] = ("Deliveries that wait.", lambda: 3)

    async def play() -> str:
        async with client(running) as asker:
            ring = i.RingCall(key="ring-0001", call="c1", line="1", number=NUMBER)
            for _ in range(2):
                await front.desk.ask(ring, SYSTEM)  # not given to it: refused
            await asker.get("/nowhere")
            return (await asker.get("/metrics")).text

    one.do(i_open_account(), account="ada", role="dispatcher")
    text = asyncio.run(play())
    told = families(text)
    assert told["answerable_commands_total"]["refused", "intake.RingCall"] == 2
    assert told["answerable_command_seconds_count"][()] == 2
    assert told["answerable_command_seconds_bucket"]["+Inf",] == 2
    assert told["answerable_events_recorded_total"]["access.AccountOpened",] == 1
    assert told["answerable_position"][()] == one.centre.hub.position
    assert told["answerable_http_answers_total"]["404",] == 1
    assert told["answerable_hooks_waiting"][()] == 3
    assert told["process_resident_memory_bytes"][()] > 1_000_000
    for name in ("queue_length", "consoles_open", "stream_loads_again_total", "alarms_late_total",
                 "sessions", "snapshot_seconds_total", "clock_ahead_seconds"):  # fmt: skip
        assert f"answerable_{name}" in told
    assert NUMBER not in text
    assert "ada" not in text


def i_open_account() -> type:
    from answerable.access.words import OpenAccount

    return OpenAccount


def test_a_latency_falls_into_the_bucket_that_holds_it():
    counts = Counts()
    for took_s in (0.00005, 0.0001, 0.003, 5.0):
        counts.command("intake.RingCall", "recorded", took_s)
    assert counts.latencies[0] == 2
    assert counts.latencies[BUCKETS_S.index(0.005)] == 1
    assert counts.latencies[-1] == 1
    assert counts.latency_s == pytest.approx(5.00315)


def test_an_observation_costs_microseconds():
    counts, times = Counts(), 20_000
    best_s = min(_timed(counts, times) for _ in range(5))
    assert best_s / times < 20e-6, "the hot path must stay hot; a few are usual"


def _timed(counts: Counts, times: int) -> float:
    began_s = time.perf_counter()
    for _ in range(times):
        counts.command("intake.RingCall", "recorded", 0.0003)
    return time.perf_counter() - began_s


# -- what makes it unwell --------------------------------------------------------------------


def checks_of(scene: Scene) -> list[Check]:
    return health.checks(scene.made().service.front)


def test_all_is_well_at_first_and_every_check_says_what_it_means(scene):
    checks = checks_of(scene())
    assert {check.name for check in checks} >= {"record", "disk", "alarms", "clock", "load"}
    assert worst(checks) is Found.WELL
    assert all(check.said()[0].endswith(".") for check in checks)


def unwell(check: Check, state: Found = Found.UNWELL) -> tuple[str, str]:
    """Return what a check says, having seen that it says what to do."""
    assert check.found is state
    means, instead = check.said()
    assert means.endswith("."), means
    assert instead.endswith("."), instead
    assert "{" not in means + instead
    return means, instead


def test_a_record_that_failed_or_takes_nothing_is_not_ready(scene, monkeypatch):
    one = scene()

    def full() -> None:
        raise CannotRecord("Nothing was recorded. The disk is full. Free some space.")

    monkeypatch.setattr(one.centre.hub.store, "ready", full, raising=False)
    means, _ = unwell(found(checks_of(one), "record"))
    assert "The disk is full." in means
    one.centre.hub.broken = "the commit failed"
    means, _ = unwell(found(checks_of(one), "record"))
    assert "the commit failed" in means
    (ready,) = ask(one, "/health/ready")
    assert ready.status_code == 503
    assert ready.json()["ready"] is False
    one.centre.hub.broken = ""


@pytest.mark.parametrize(
    ("free_mb", "flag", "state"),
    [(100, 0, Found.UNWELL), (1000, 0, Found.WATCH), (9000, 0, Found.WELL),
     (9000, os.ST_RDONLY, Found.UNWELL)],
)  # fmt: skip
def test_a_disk_is_watched_before_it_is_full(scene, monkeypatch, tmp_path, free_mb, flag, state):
    one = scene()
    monkeypatch.setattr(one.centre.hub.store, "path", tmp_path / "record", raising=False)
    place = SimpleNamespace(f_bavail=free_mb, f_frsize=1024 * 1024, f_flag=flag)
    monkeypatch.setattr(health.os, "statvfs", lambda _path: place)
    check = found(checks_of(one), "disk")
    if state is not Found.WELL:
        unwell(check, state)
    assert check.found is state


def test_an_alarm_that_does_not_ring_is_not_ready_and_is_counted_once(scene, monkeypatch):
    one = scene()
    running = one.made()
    due_us = one.centre.now_us() - 7_000_000
    monkeypatch.setattr(one.centre.hub, "next_alarm_us", lambda: due_us)
    means, _ = unwell(found(health.checks(running.service.front), "alarms"))
    assert "7." in means
    for _ in range(3):
        running.service.pulse.look()
    assert running.service.pulse.late == 1
    assert running.service.pulse.lateness_s() >= 7


def test_a_clock_that_was_set_is_watched_and_one_far_off_is_not_ready(scene):
    one = scene()
    running = one.made()
    front, watch = running.service.front, running.service.clock_watch
    watch.jumps.append(Jump(-5.0, front.now_us(), 0.0))
    assert "-5.0 s" in unwell(found(health.checks(front), "clock"), Found.WATCH)[0]
    watch.jumps[0] = Jump(-5.0, front.now_us() - 2 * 3_600_000_000, 0.0)
    assert found(health.checks(front), "clock").found is Found.WELL
    one.clock.not_before(front.now_us() + 5_000_000)
    unwell(found(health.checks(front), "clock"), Found.WATCH)
    one.clock.not_before(front.now_us() + 500_000_000)
    unwell(found(health.checks(front), "clock"))


def test_a_loop_that_was_held_up_is_told(scene, monkeypatch):
    running = scene().made()
    monkeypatch.setattr(pulse, "TICK_S", 0.01)

    async def held_up() -> None:
        died: list[str] = []
        beating = asyncio.create_task(running.service.pulse.beat(died))
        await asyncio.sleep(0)
        time.sleep(1.1)
        await asyncio.sleep(0.01)
        died.append("over")
        await beating

    asyncio.run(held_up())
    assert running.service.pulse.lag_s > 1
    unwell(found(health.checks(running.service.front), "load"), Found.WATCH)


def test_a_snapshot_is_counted_with_its_time(scene, monkeypatch):
    running = scene().made()
    centre = running.service.front.centre
    monkeypatch.setattr(centre, "save_if_due", centre.save)
    centre.hub.position += 0
    monkeypatch.setattr(centre, "_saved_at", 0)
    running.service.pulse.keep()
    assert running.service.counts.snapshots == 1
    assert running.service.counts.snapshot_s > 0


def test_whoever_has_something_that_can_fail_adds_a_check(scene):
    running = scene().made()
    front = running.service.front
    front.checks.append(lambda: Check(name="hooks", found=Found.UNWELL, means="{n} are dead.",
                                      instead="Look at them.", values={"n": 2}))  # fmt: skip
    well, told = health.ready(front)
    assert not well
    assert next(check for check in told["checks"] if check["means"].startswith("2 are")) == {
        "name": "hooks", "found": "unwell", "means": "2 are dead.", "instead": "Look at them.",
    }  # fmt: skip
