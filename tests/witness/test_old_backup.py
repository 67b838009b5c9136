"""An older copy of the record, put back: the start is refused, or goes on as a recorded act.

Real processes: a witness, a centre that it witnesses, and the verifier of a stranger.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from answerable.console import witnesses
from answerable.console.running import CannotBegin
from answerable.console.serve.settings import read_settings
from answerable.kernel.clock import SystemClock
from answerable.kernel.hub import Hub
from answerable.kernel.ids import SecretIds
from answerable.record import RECORD_FILE, verify
from answerable.record.log.keys import KEYS_FILE, make_keys
from answerable.record.log.refusals import CheckpointDamaged
from answerable.record.memory import MemoryStore
from answerable.rooms import product
from answerable.witness.book import name_of, trust
from answerable.witness.start import Past, Seen
from tests.console.serve.scene import Server, bearer, serving, token

ORIGIN = "dispatch.example/log"
NAME = "witness.example/w1"
WHY = "the only newer backup burnt"


class Outsider:
    """A witness in a process of its own; its key and address are what it printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.begin()

    def begin(self, port: int = 0) -> None:
        command = [sys.executable, "-m", "answerable.console.cli", "witness", "serve", "--data",
                   str(self.folder), "--listen", f"127.0.0.1:{port}", "--name", NAME]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url, self.key = (self.process.stdout.readline().split()[-1] for _ in range(2))
        assert self.key.startswith(f"{NAME}+")

    def size(self, origin: str = ORIGIN) -> int:
        """Return how many entries it cosigned last."""
        answer = httpx.get(f"{self.url}/latest/{name_of(origin)}")
        return int(answer.text.split("\n")[1]) if answer.status_code == 200 else 0

    def end(self, *, kill: bool = False) -> None:
        (self.process.kill if kill else self.process.terminate)()
        self.process.wait(10)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("witnessed")


@pytest.fixture(scope="module")
def outsider(folder) -> Iterator[Outsider]:
    made = Outsider(folder / "witness")
    yield made
    made.end()


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end_s = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end_s, "it never came to hold"
        time.sleep(0.05)


class Centre:
    """A centre in a folder, witnessed; each ``serving`` is a process."""

    def __init__(self, folder: Path, outsider: Outsider, origin: str = ORIGIN) -> None:
        self.folder, self.outsider, self.origin = folder, outsider, origin
        self.data = folder / "data"
        self.data.mkdir()
        self.key = make_keys(self.data / KEYS_FILE, origin, 1).vkey
        trust(outsider.folder, self.key)
        self.rings = 0
        self.alone = self._settings("alone.toml", "")
        at = f'[[log.witnesses]]\nname = "w1"\nurl = "{outsider.url}"\nvkey = "{outsider.key}"\n'
        self.settings = self._settings("serve.toml", at)

    def _settings(self, name: str, more: str) -> Path:
        path = self.folder / name
        path.write_text(
            f'town = "san_francisco"\ndata = "data"\n[log]\norigin = "{self.origin}"\n{more}'
        )
        return path

    def serving(self, *options: str, settings: Path | None = None):
        return serving(self.folder, "--settings", str(settings or self.settings), *options)

    def ring(self, server: Server, count: int) -> int:
        """Have calls recorded; returns how many events the record has."""
        held = bearer(token(self.data, "line", f"line-{self.rings}"))
        with httpx.Client(base_url=server.local, headers=held) as client:
            for _ in range(count):
                self.rings += 1
                command = {"type": "intake.RingCall", "key": f"ring-{self.rings:04}", "line": "1"}
                assert client.post("/api/commands", json=command).status_code == 201
        return self.size()

    def size(self) -> int:
        past = Past(self.data / RECORD_FILE)
        past.close()
        return past.size

    def refused(self, *options: str, settings: Path | None = None) -> str:
        """Start it, which must be refused; returns the words."""
        with self.serving(*options, settings=settings) as server:
            assert server.process.wait(30) == 2
            return server.log

    def put_back(self, backup: Path) -> None:
        shutil.rmtree(self.data)
        shutil.copytree(backup, self.data)


def verified(*words: str) -> tuple[int, dict]:
    told = subprocess.run([sys.executable, "-I", str(verify.__file__), *words, "--json"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    return told.returncode, json.loads(told.stdout)


class Restored(NamedTuple):
    """A centre with an older copy put back: its events, what was witnessed, its last checkpoint."""

    centre: Centre
    had: int
    witnessed: int
    newest: bytes


@pytest.fixture(scope="module")
def made(folder, outsider) -> Restored:
    """Run a centre, copy its folder, and run it on."""
    centre = Centre(folder, outsider)
    with centre.serving() as server:
        had = centre.ring(server, 3)
        until(lambda: outsider.size() >= had)
        code, told = verified(f"{server.local}/log", "--key", centre.key, "--witness", outsider.key)
        assert (code, told["verified"], told["witnessed"][0]["name"]) == (0, True, NAME)
        server.end()
    had = centre.size()
    shutil.copytree(centre.data, centre.folder / "backup")
    with centre.serving() as server:
        more = centre.ring(server, 5)
        until(lambda: outsider.size() >= more)
        server.end()
    newest = (centre.data / f"{RECORD_FILE}.checkpoint").read_bytes()
    assert outsider.size() > had
    return Restored(centre, had, outsider.size(), newest)


@pytest.fixture
def restored(made) -> Restored:
    """Put the older copy back."""
    made.centre.put_back(made.centre.folder / "backup")
    return made


def test_an_older_copy_is_refused_and_going_on_is_a_recorded_act_under_a_new_name(restored):
    centre, had, witnessed, _ = restored
    words = centre.refused()
    assert f"{NAME} (" in words
    assert f"knows {witnessed} events, and from event {had + 1} on they are not in it" in words
    assert "Restore the newest backup" in words
    assert "--go-on" in words
    assert centre.size() == had, "nothing was written by looking"

    # planted: a centre that asks nobody does not notice
    with centre.serving(settings=centre.alone) as server:
        assert httpx.get(f"{server.local}/health/live").status_code == 200
        server.end()
    centre.put_back(centre.folder / "backup")

    with centre.serving("--go-on", WHY) as server:
        note = httpx.get(f"{server.local}/log/checkpoint").text.split("\n")
        assert (note[0], note[3]) == (f"{ORIGIN}/2", f"follows {ORIGIN} {witnessed} {had}")
        page = httpx.get(f"{server.local}/log").text
        assert f"This log goes on from {ORIGIN}. Outsiders had seen {witnessed} events" in page
        held = bearer(token(centre.data, "reader"))
        told = httpx.get(f"{server.local}/api/events?after={had}&limit=200", headers=held).json()
        went = [one for one in told["events"] if one["type"] == "keeping.WentOn"]
        assert [one["event"]["generation"] for one in went] == [2]
        assert [(one["event"]["size"], one["event"]["have"]) for one in went] == [(witnessed, had)]
        key = httpx.get(f"{server.local}/log/keys").text.split("\n")[0]
        code, found = verified(f"{server.local}/log", "--key", key)
        assert (code, found["follows"]) == (
            0, [{"origin": ORIGIN, "witnessed": str(witnessed), "kept": str(had)}]
        )  # fmt: skip
        code, found = verified(f"{server.local}/log", "--key", centre.key)
        assert (code, found["code"]) == (1, "other-log")
        trust(centre.outsider.folder, key)
        until(lambda: centre.outsider.size(f"{ORIGIN}/2") > had)
        assert centre.outsider.size() == witnessed, "its word about the old log stands"
        server.end()
    settings = read_settings(centre.settings)
    assert witnesses.before_start(settings) is None, "the new log is whole"
    with pytest.raises(CannotBegin, match="there is nothing to go on without"):
        witnesses.before_start(settings, WHY)
    # the copy of before the new log, put back beside its keys: the third log is a third one
    keys = (centre.data / KEYS_FILE).read_bytes()
    centre.put_back(centre.folder / "backup")
    (centre.data / KEYS_FILE).write_bytes(keys)
    (centre.data / f"{RECORD_FILE}.checkpoint").unlink()
    with pytest.raises(CannotBegin, match=NAME):
        witnesses.before_start(settings)
    assert witnesses.before_start(settings, WHY).generation == 2


def test_the_last_checkpoint_beside_the_record_tells_too_where_no_witness_is_asked(restored):
    """Only the database was put back: what this machine signed itself lies beside it."""
    centre, had, _, newest = restored
    settings = read_settings(centre.alone)
    assert witnesses.before_start(settings) is None, "the whole folder of then is whole to itself"
    note = centre.data / f"{RECORD_FILE}.checkpoint"
    note.write_bytes(newest)
    size = int(newest.split(b"\n")[1])
    words = rf"The checkpoint signed here last \(.*\) knows {size} events, .* event {had + 1} on"
    with pytest.raises(CannotBegin, match=words):
        witnesses.before_start(settings)
    gap = witnesses.before_start(settings, WHY)
    assert (gap.have, gap.seen.size, gap.generation) == (had, size, 1)
    for reason in ("x", "x" * 241):
        with pytest.raises(CannotBegin, match="cannot be recorded"):
            witnesses.before_start(settings, reason)
    note.write_bytes(newest[:-9])
    with pytest.raises(CheckpointDamaged, match="cannot be used"):
        witnesses.before_start(settings)


def test_going_on_begins_a_log_that_never_was():
    """Going on twice from one copy does not give two histories to one name."""
    hub = Hub(product(), MemoryStore(), clock=SystemClock(), ids=SecretIds())
    hub.start()
    gap = witnesses.Gap(Seen(NAME, 40), 30, 3)
    witnesses.went_on(hub, gap, WHY)
    assert hub.state["keeping"].generation == 4


def test_nobody_waits_for_a_witness_that_is_gone_and_it_knows_what_it_signed_when_it_is_back(
    folder, outsider, caplog
):
    (folder / "second").mkdir()
    centre = Centre(folder / "second", outsider, "second.example/log")
    with centre.serving() as server:
        had = centre.ring(server, 3)
        until(lambda: outsider.size(centre.origin) >= had)
        outsider.end(kill=True)
        begun_s = time.monotonic()
        more = centre.ring(server, 20)
        assert time.monotonic() - begun_s < 5
        assert "did not cosign" in server.told("did not cosign", 20)
        outsider.begin(int(outsider.url.rpartition(":")[2]))
        assert outsider.size(centre.origin) >= had, "what it signed it knows after signal 9"
        until(lambda: outsider.size(centre.origin) >= more, 40)
        server.end()
    settings = read_settings(centre.settings)
    outsider.end(kill=True)
    assert witnesses.before_start(settings) is None, "a warning, not a stop"
    assert "was not reached" in caplog.text
    outsider.begin(int(outsider.url.rpartition(":")[2]))
