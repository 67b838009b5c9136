"""A real process: it begins, ends cleanly with streams open, fails well, and survives its clock."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from answerable.access.keys import token_text
from answerable.console.running import CannotBegin, listen
from answerable.console.serve.run_serve import LINK_FILE, hand_over
from answerable.record import RECORD_FILE
from answerable.record.sqlite import SqliteStore
from tests.console.serve.scene import SCRIPT, TOWN, bearer, serving, token

JUMPY = (
    """
import os, time
real, where = time.time_ns, os.environ["JUMP"]

def jumped():
    with open(where) as file:
        return real() + int(float(file.read() or 0) * 1e9)

time.time_ns = jumped
"""
    + SCRIPT
)
"""A machine whose clock is set by writing seconds into a file."""

FAILING = (
    """
import os
from answerable.kernel.store import CommitFailed
from answerable.record.sqlite import SqliteStore
commit = SqliteStore._commit

def failing(self):
    if os.path.exists(os.environ["FAIL"]):
        self._unknown = "the commit failed (SQLITE_IOERR_FSYNC: disk I/O error)"
        raise CommitFailed(self._unknown)
    commit(self)

SqliteStore._commit = failing
"""
    + SCRIPT
)
"""A machine whose disk fails at a sync, once a file is there."""


def ring(key: str) -> dict[str, str]:
    return {"type": "intake.RingCall", "key": key, "line": "1"}


def kept(data: Path, position: int) -> str:
    """Return the key at a position of a record nobody has open: the process let go of it."""
    store = SqliteStore.open(data / RECORD_FILE)
    try:
        return next(store.rows(position - 1, 1)).key
    finally:
        store.close()


def test_it_ends_within_three_seconds_with_streams_open_and_keeps_what_was_recorded(tmp_path):
    data = tmp_path / "data"
    text = token(data, "call_taker")
    with serving(tmp_path) as server:
        with httpx.Client(base_url=server.printed, headers=bearer(text), timeout=30) as asker:
            recorded = asker.post("/api/commands", json=ring("ring-0001")).json()["recorded"]
            with asker.stream("GET", "/api/stream") as stream, \
                 httpx.stream("GET", f"{server.printed}/api/stream?after=0",
                              headers=bearer(text)) as other:  # fmt: skip
                chunks = [stream.iter_raw(), other.iter_raw()]
                assert [next(one) for one in chunks]
                began_s = time.monotonic()
                server.process.send_signal(signal.SIGTERM)
                for one in chunks:
                    assert list(one) is not None, "the streams end, they do not break"
                code = server.end(0)
                took_s = time.monotonic() - began_s
        assert code == 0
        assert took_s < 3
        assert "stopped" in server.log
    assert kept(data, recorded[0]["position"]) == "ring-0001"


def test_a_record_that_fails_ends_the_process_with_1_and_loses_nothing(tmp_path):
    data, fail = tmp_path / "data", tmp_path / "fail"
    text = token(data, "call_taker")
    with serving(tmp_path, script=FAILING, FAIL=str(fail)) as server:
        url = server.printed
        with httpx.Client(base_url=url, headers=bearer(text), timeout=30) as asker:
            answer_1 = asker.post("/api/commands", json=ring("ring-0001")).json()
            fail.touch()
            answer = asker.post("/api/commands", json=ring("ring-0002"))
            assert answer.status_code == 503
            assert "same key" in answer.json()["instead"]
        assert server.process.wait(30) == 1
        last = server.log.strip().splitlines()[-1]
        assert last.startswith("Stopped: the record failed")
        assert "started again" in last
    assert kept(data, answer_1["recorded"][0]["position"]) == "ring-0001"


def test_a_clock_that_jumps_is_told_and_the_record_s_times_never_go_back(tmp_path):
    data, jump = tmp_path / "data", tmp_path / "jump"
    jump.write_text("0")
    tokens = {role: token(data, role) for role in ("call_taker", "probe")}
    with serving(tmp_path, script=JUMPY, JUMP=str(jump)) as server:
        with httpx.Client(base_url=server.printed, timeout=30) as asker:
            send = bearer(tokens["call_taker"])
            asker.post("/api/commands", json=ring("ring-0001"), headers=send)
            jump.write_text("-1800")
            told = server.told("set back by")
            assert "time service" in told
            asker.post("/api/commands", json=ring("ring-0002"), headers=send)
            ready = asker.get("/health/ready")
            assert ready.status_code == 503, "1,800 s off is not sane"
            clock = next(c for c in ready.json()["checks"] if c["name"] == "clock")
            assert "ahead of the machine's clock" in clock["means"]
            jump.write_text("900")
            server.told("set forward by 2700")
            asker.post("/api/commands", json=ring("ring-0003"), headers=send)
            ready = asker.get("/health/ready").json()
            assert ready["ready"], "a step forward is followed, and watched"
            metrics = asker.get("/metrics", headers=bearer(tokens["probe"])).text
            assert 'answerable_clock_jumps_total{way="back"} 1.0' in metrics
            assert 'answerable_clock_jumps_total{way="forward"} 1.0' in metrics
            told = asker.get("/api/events?after=0", headers=send).json()["events"]
        rung = [event["recorded_at"] for event in told if event["type"] == "intake.CallRung"]
        assert rung == sorted(rung)
        assert 0 < rung[1] - rung[0] < 60_000_000, "time ran on, and did not jump"
        assert rung[2] - rung[1] > 600_000_000
        assert server.end(signal.SIGINT) == 0
    jump.write_text("-86400")
    with serving(tmp_path, script=JUMPY, JUMP=str(jump)) as again:
        with httpx.Client(base_url=again.printed, headers=bearer(tokens["call_taker"])) as asker:
            answer = asker.post("/api/commands", json=ring("ring-0004")).json()
        assert answer["recorded"][0]["recorded_at"] > rung[2], "it goes on from the record's time"


# -- what does not begin ---------------------------------------------------------------------


def begin(*options: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", SCRIPT, "serve", *options], cwd=cwd, text=True,
                          capture_output=True, timeout=60, check=False)  # fmt: skip


def test_what_cannot_begin_says_so_in_one_line_with_a_way_out_and_exit_2(tmp_path):
    (tmp_path / "serve.toml").write_text("twon = 'a'\n")
    (tmp_path / "notes.txt").write_text("a shopping list")
    taken = listen("127.0.0.1", 0, "")
    port = str(taken.getsockname()[1])
    with taken:
        cases = {
            "is named": ["--port", "0"],
            "perhaps town": ["--settings", "serve.toml"],
            "no town 'atlantis'": ["--town", "atlantis", "--port", "0"],
            f"port {port} on 127.0.0.1": ["--town", TOWN, "--port", port],
            "notes.txt": ["--town", TOWN, "--port", "0", "--data", "notes.txt"],
        }
        for said, options in cases.items():
            done = begin(*options, cwd=tmp_path)
            assert done.returncode == 2, done.stderr
            assert said in done.stderr
            assert len(done.stderr.strip().splitlines()) == 1, done.stderr
            assert done.stdout == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "serve.toml"]


def test_an_address_this_machine_does_not_have_is_refused():
    with pytest.raises(CannotBegin, match=r"192\.0\.2\.1.*--host"):
        listen("192.0.2.1", 0, "Choose another with --host.")


# -- the first administrator -----------------------------------------------------------------


def test_the_first_link_is_printed_but_into_a_journal_it_is_not(tmp_path, capsys, monkeypatch):
    link = "http://127.0.0.1:8110/link/" + token_text("a", "b")
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    hand_over(link, tmp_path)
    assert link in capsys.readouterr().out
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    hand_over(link, tmp_path)
    path = tmp_path / LINK_FILE
    assert link not in capsys.readouterr().out
    assert path.read_text().strip() == link
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    hand_over(None, tmp_path)
    assert not path.exists(), "once somebody can open accounts it is gone"
