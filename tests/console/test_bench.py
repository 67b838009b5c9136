"""The load harness drives the real server, counts what fails, and says why it cannot measure."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from answerable.console.bench import run
from answerable.console.bench.closed import percentiles, run_closed
from answerable.console.bench.consoles import fan_out
from answerable.console.bench.pages import page_times
from answerable.console.bench.server import Served, served
from answerable.console.bench.soak import Soak
from answerable.console.bench.wire import BenchRefused, Target, whole_answer
from answerable.console.bench.work import Setting, lives

SETTING = Setting(
    "Medical Incident", "3", "ENGINE", ((-122.4177, 37.7816), (-122.41, 37.77)), "other"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served("san_francisco", 2) as made:
        yield made


def test_clients_work_whole_lives_without_a_fault(server: Served):
    works = [lives(SETTING, f"a{n}", n) for n in range(2)]
    tally = run_closed([server.target(0), server.target(1)], works, 1.5)
    told = tally.told(1.5)
    assert told["faults"] == {}
    assert set(tally.took_s) >= {"intake.OpenIncident", "dispatch.CloseIncident"}
    assert told["count"] == len(tally.all_s) > 20
    assert (server.memory_mb() or 0) > 50


def test_a_command_that_is_refused_is_counted_as_a_fault(server: Served):
    def wrong() -> Iterator[dict[str, object]]:
        for n in range(10_000):
            yield {"type": "dispatch.Arrive", "key": f"wrong-{n:05d}", "incident": "none",
                   "unit": "none"}  # fmt: skip

    told = run_closed([server.target()], [wrong()], 0.2).told(0.2)
    [(fault, count)] = told["faults"].items()
    assert "409 kernel.Unknown" in fault
    assert count == told["count"]
    assert run._faulty({"clients": [told]})


def test_every_console_is_waited_for_and_a_change_nobody_sees_is_counted_lost(
    server: Served, monkeypatch
):
    told = fan_out(server.target(), 5, lives(SETTING, "c", 1), 4, 0.05)
    assert (told["count"], told["lost"]) == (20, 0)
    monkeypatch.setattr("answerable.console.bench.consoles.SEEN_S_MAX", 0.0)
    told = fan_out(server.target(), 5, lives(SETTING, "d", 1), 2, 0.05)
    assert told["lost"] == 10
    assert run._faulty(told)


def test_pages_are_asked_for_and_one_that_is_refused_is_told(server: Served):
    incident = ""
    for command, _ in zip(lives(SETTING, "p", 1), range(3), strict=False):
        run_closed([server.target()], [iter([command, command])], 0.0)
        incident = str(command.get("incident", incident))
    told = page_times(server.target(), incident, 2)
    assert set(told) >= {"/board", "/incidents/{incident}", "/api/board"}
    with pytest.raises(BenchRefused, match="answered 404"):
        page_times(server.target(), "no-such", 1)


def test_a_soak_keeps_its_pace_and_writes_down_memory(server: Served, monkeypatch):
    monkeypatch.setattr("answerable.console.bench.soak.MINUTE_S", 0.5)
    heard = []
    soak = Soak(server, [lives(SETTING, f"s{n}", n) for n in range(2)], 3, 40.0)
    told = soak.run(1.6, heard.append)
    assert told["faults"] == {}
    assert 40 <= told["count"] <= 70
    assert len(heard) == len(told["memory_mb_by_minute"]) == 3


def test_the_whole_run_prints_one_object(server: Served, capsys):
    url = f"http://{server.host}:{server.port}"
    options = run.BenchOptions(
        seconds=0.3, clients=1, consoles=(2,), changes=2, page_times=1, url=url,
        token=server.tokens[0],
    )  # fmt: skip
    assert run.run_bench(options) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["one_client"]["p50_in_fdatasyncs"] > 0
    assert set(told) == {
        "machine", "fdatasync", "one_client", "clients", "pages", "consoles", "memory",
    }  # fmt: skip


def test_a_place_where_nothing_answers_is_told(capsys):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert run.run_bench(run.BenchOptions(url=url, token="ans_x_y")) == 2
    assert "Nothing answers at" in capsys.readouterr().err
    assert run.run_bench(run.BenchOptions(url="ftp://here", token="")) == 2
    assert "cannot be driven" in capsys.readouterr().err


def test_an_answer_is_whole_only_with_its_last_byte():
    head = b"HTTP/1.1 201 Created\r\ncontent-length: 4\r\n\r\n"
    assert whole_answer(head[:-2]) is None
    assert whole_answer(head + b"abc") is None
    assert whole_answer(head + b"abcd") == (201, b"abcd")


def test_percentiles_are_those_of_the_values():
    told = percentiles([n / 1000 for n in range(1, 101)])
    assert (told["p50_ms"], told["p99_ms"], told["max_ms"]) == (50.0, 99.0, 100.0)
    assert percentiles([]) == {"count": 0}


def test_requests_carry_the_token_and_nothing_else_of_a_browser():
    request = Target("127.0.0.1", 80, "ans_a_b").command({"type": "x"})
    assert b"authorization: Bearer ans_a_b\r\n" in request
    assert b"cookie" not in request
