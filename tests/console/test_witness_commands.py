"""``answerable verify`` and ``answerable witness …``: real commands, their words and exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from typer.testing import CliRunner

from answerable.console.cli import app
from answerable.record import verify
from answerable.record.log import notes
from answerable.record.log.keys import KEYS_FILE, make_keys
from answerable.witness.book import Book
from benchmarks.verify import SIGNER, lay
from tests.witness.growing import ORIGIN, Growing

CLI = [sys.executable, "-m", "answerable.console.cli"]
KEY = SIGNER.verifier.vkey


class Told(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(*words: object) -> Told:
    """Give a command in this process."""
    told = CliRunner().invoke(app, [str(word) for word in words])
    return Told(told.exit_code, told.stdout, told.stderr)


def process(*words: object) -> Told:
    """Give a command in a process of its own."""
    command = [*CLI, *map(str, words)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return Told(told.returncode, told.stdout, told.stderr)


def test_verify_is_the_single_file_as_a_command(tmp_path):
    note = lay(tmp_path / "log", 700)
    (tmp_path / "old").write_bytes(note)
    words = ("--key", KEY, "--since", tmp_path / "old", "--cache", tmp_path / "kept", "--json")
    told = run("verify", tmp_path / "log", *words)
    assert (told.returncode, json.loads(told.stdout)["entries"]) == (0, 700)
    assert json.loads(told.stdout)["older"][0]["size"] == 700
    (tmp_path / "log" / "tile" / "0" / "001").write_bytes(b"x")
    told = run("verify", tmp_path / "log", "--key", KEY)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("Not verified. ")
    assert run("verify", tmp_path / "nothing", "--key", KEY).returncode == 2


def test_the_command_checks_signatures_with_openssl_and_the_file_alone_with_its_own(
    tmp_path, monkeypatch
):
    lay(tmp_path / "log", 3)
    asked = []
    monkeypatch.setattr(verify, "LIBRARY", [])
    own = verify.ed25519_holds
    monkeypatch.setattr(verify, "ed25519_holds", lambda *a: asked.append(a) or own(*a))
    assert verify.main([str(tmp_path / "log"), f"--key={KEY}"]) == 0
    assert asked
    asked.clear()
    assert run("verify", tmp_path / "log", "--key", KEY).returncode == 0
    assert (asked, verify.LIBRARY) == ([], [notes.holds])
    for key, signature in ((b"", bytes(64)), (b"x" * 33, bytes(64)), (b"x" * 32, b"x" * 64),
                           (SIGNER.verifier.public, b"short")):  # fmt: skip
        assert not notes.holds(key, b"text", signature)


@pytest.fixture
def witness(tmp_path):
    """A witness, running; its folder, its process, what it printed."""
    folder = tmp_path / "witness"
    command = [*CLI, "witness", "serve", "--data", str(folder), "--listen", "127.0.0.1:0",
               "--name", "witness.example/w1"]  # fmt: skip
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    lines = [running.stdout.readline().strip() for _ in range(2)]
    yield folder, running, lines
    running.kill()
    running.wait(10)


def test_a_witness_is_begun_given_a_log_shown_asked_and_stopped(tmp_path, witness):
    folder, running, lines = witness
    url, key = (line.split()[-1] for line in lines)
    assert lines[0] == f"The witness is at {url}"
    assert key.startswith("witness.example/w1+")

    keys = make_keys(tmp_path / KEYS_FILE, ORIGIN, 1)
    added = run("witness", "add", keys.vkey, "--data", folder)
    assert added.stdout == f"This witness signs for {ORIGIN} from now on.\n"
    assert run("witness", "add", "nonsense", "--data", folder).returncode == 1

    settings = tmp_path / "serve.toml"
    at = f'[[log.witnesses]]\nname = "w1"\nurl = "{url}"\nvkey = "{key}"\n'
    settings.write_text(f'town = "san_francisco"\ndata = "."\n{at}')
    told = run("witness", "show", "--settings", settings)
    assert (told.returncode, told.stdout) == (
        1, f"w1: it has cosigned nothing of {ORIGIN}, or does not say\n"
    )  # fmt: skip

    grown = Growing(signer=keys.signer)
    assert httpx.post(f"{url}/add-checkpoint", content=grown.letter(0, 9)).status_code == 200
    told = json.loads(run("witness", "show", "--settings", settings, "--json").stdout)
    assert [(one["name"], one["size"]) for one in told["witnesses"]] == [("w1", 9)]
    shown = run("witness", "show", "--data", folder)
    root = grown.view(9).root.hex()
    assert shown.stdout == f"Its key: {key}\n{ORIGIN}: 9 entries cosigned, root {root}\n"

    running.send_signal(signal.SIGTERM)
    assert running.wait(10) == 0
    told = run("witness", "show", "--settings", settings)
    assert told.returncode == 1
    assert "was not reached" in told.stdout
    folder_of = json.loads(run("witness", "show", "--data", folder, "--json").stdout)
    assert folder_of["logs"][0]["size"] == 9


def test_what_cannot_begin_says_why_and_what_to_do(tmp_path, witness):
    folder, _, lines = witness
    second = run("witness", "serve", "--data", folder, "--listen", "127.0.0.1:0")
    assert second.returncode == 2
    assert "two at once could sign two histories" in second.stderr
    busy = lines[0].rpartition(":")[2]
    taken = run("witness", "serve", "--data", tmp_path / "w2", "--listen", f"127.0.0.1:{busy}")
    assert (taken.returncode, "Choose another with --listen." in taken.stderr) == (2, True)
    for at in ("nowhere", "127.0.0.1:x", "127.0.0.1:99999"):
        told = run("witness", "serve", "--data", tmp_path / "w2", "--listen", at)
        assert (told.returncode, "It is not host:port" in told.stderr) == (2, True)
    assert run("witness", "show", "--data", tmp_path / "none").returncode == 2
    assert run("witness", "show", "--settings", tmp_path / "none.toml").returncode == 2
    unnamed = run("witness", "serve", "--data", tmp_path / "w3", "--listen", "127.0.0.1:0")
    assert (unnamed.returncode, "Give one with --name" in unnamed.stderr) == (2, True)


def test_the_witness_speaks_chinese(tmp_path):
    Book.open(tmp_path, "w1").close()
    told = process("--lang", "zh-CN", "witness", "add", KEY, "--data", tmp_path)
    assert told.returncode == 0
    assert "从现在起" in told.stdout


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    if os.geteuid() == 0:
        (tmp_path / "file").write_text("")
        folder = Path(tmp_path / "file" / "w")
    else:
        tmp_path.chmod(0o500)
        folder = tmp_path / "w"
    told = run("witness", "serve", "--data", folder, "--listen", "127.0.0.1:0", "--name", "w")
    assert (told.returncode, "cannot be used" in told.stderr) == (2, True)
