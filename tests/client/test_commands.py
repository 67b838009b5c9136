"""``answerable send`` and ``answerable follow`` against a running centre."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from answerable.console import run_client
from answerable.console.run_client import Way, run_follow, run_send

RING = '{"type": "intake.AnswerCall", "line": "3"}'
WRONG = '{"type": "intake.EndCall", "call": "none", "reason": "nobody"}'


@pytest.fixture
def way(served) -> Way:
    return Way(url=served.url, token=served.token("dispatcher"), patience_s=0)


def sent(tmp_path, way, text: str, *, as_json: bool = False) -> int:
    file = tmp_path / "commands.jsonl"
    file.write_text(text)
    return run_send(str(file), way, as_json=as_json)


def test_each_line_is_sent_and_what_became_of_it_is_said(tmp_path, way, capsys):
    assert sent(tmp_path, way, f"{RING}\n\n{RING}\n") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["1", "3"]
    assert all("recorded: intake.CallAnswered at " in line for line in lines)


def test_a_line_sent_again_with_its_key_is_said_to_be_recorded_already(tmp_path, way, capsys):
    keyed = RING.replace("}", ', "key": "from-a-file-1"}')
    assert sent(tmp_path, way, f"{keyed}\n{keyed}\n") == 0
    assert "2: recorded already: " in capsys.readouterr().out


def test_a_refused_line_is_told_passed_over_and_makes_the_exit_code_one(tmp_path, way, capsys):
    assert sent(tmp_path, way, f"{WRONG}\nnonsense\n{RING}\n") == 1
    first, second, third = capsys.readouterr().out.splitlines()
    assert "There is no call none." in first
    assert "(kernel.Unknown)" in first
    assert "The line is no JSON command" in second
    assert "recorded" in third


def test_a_program_reads_the_outcomes_as_json_lines(tmp_path, way, capsys):
    assert sent(tmp_path, way, f"{RING}\n{WRONG}\n", as_json=True) == 1
    good, bad = map(json.loads, capsys.readouterr().out.splitlines())
    assert good["recorded"][0]["type"] == "intake.CallAnswered"
    assert (bad["line"], bad["code"]) == (2, "kernel.Unknown")
    assert all(bad[part] for part in ("not_done", "because", "instead"))


@pytest.mark.parametrize("length", [70_000, 64])
def test_a_line_too_long_or_too_deep_is_refused_here(tmp_path, way, capsys, length, monkeypatch):
    if length == 64:
        monkeypatch.setattr(run_client, "LINE_BYTES_MAX", 10**9)
        text = "[" * 200_000
    else:
        text = '{"type": "' + "x" * length + '"}'
    assert sent(tmp_path, way, text) == 1
    assert "Not sent." in capsys.readouterr().out


def test_a_file_that_is_not_there_and_a_centre_that_is_not_there_are_told(way, tmp_path, capsys):
    assert run_send(str(tmp_path / "none"), way, as_json=False) == 2
    assert "cannot be read" in capsys.readouterr().err
    nobody = Way(url="http://127.0.0.1:1", token="word-of-the-token", patience_s=0)
    assert sent(tmp_path, nobody, RING) == 2
    assert "Nothing answers at that address" in capsys.readouterr().err
    assert sent(tmp_path, Way(url="http://x.example", token="word-of-the-token"), RING) == 2
    err = capsys.readouterr().err
    assert "unprotected" in err
    assert "word-of-the-token" not in err + repr(nobody)
    assert run_follow(Way(url="nowhere", token=""), None, "", to_end=False) == 2


def test_events_are_printed_to_the_end_as_json_lines(way, capfdbinary):
    assert run_follow(way, 0, "", to_end=True) == 0
    positions = [json.loads(line)["position"] for line in capfdbinary.readouterr().out.splitlines()]
    assert positions == list(range(1, len(positions) + 1))
    assert run_follow(way, 0, "dispatch.UnitOnDuty", to_end=True) == 0
    kinds = {json.loads(line)["type"] for line in capfdbinary.readouterr().out.splitlines()}
    assert kinds == {"dispatch.UnitOnDuty"}


def test_a_kind_that_does_not_exist_is_refused(way, capsys):
    assert run_follow(way, 0, "dispatch.Nothing", to_end=True) == 1
    assert "There is no event dispatch.Nothing." in capsys.readouterr().err


def test_the_commands_take_address_and_token_from_the_environment_and_never_show_it(served):
    token = served.token("dispatcher")
    environment = {"ANSWERABLE_URL": served.url, "ANSWERABLE_TOKEN": token, "COLUMNS": "200"}
    command = [sys.executable, "-m", "answerable.console.cli"]
    done = subprocess.run(
        [*command, "send", "-"], input=RING, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    helped = subprocess.run(
        [*command, "follow", "--help"], env=environment, capture_output=True, text=True, check=False
    )
    assert token not in done.stdout + done.stderr + helped.stdout + helped.stderr


def test_follow_prints_what_comes_and_takes_up_a_broken_line_again(served, proxy):
    token = served.token("dispatcher")
    command = [sys.executable, "-m", "answerable.console.cli", "follow", "--url", proxy.url]
    recorded = served.world.app.front.recorded
    process = subprocess.Popen(
        [*command, "--after", str(recorded - 1)], env={"ANSWERABLE_TOKEN": token},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        got = [json.loads(process.stdout.readline())["position"]]
        proxy.break_all()
        served.call(served.world.incident)
        got += [json.loads(process.stdout.readline())["position"] for _ in range(2)]
    finally:
        process.terminate()
        process.wait(10)
    assert got == [recorded, recorded + 1, recorded + 2]
    assert proxy.connections == 2
