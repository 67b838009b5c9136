"""B9: a slow witness delays no dispatch, no checkpoint, and no other witness."""

from __future__ import annotations

import contextlib
import socket
import statistics
import time
from pathlib import Path

import httpx
import pytest

from answerable.console.log import asking as asking_module
from answerable.console.log.asking import Asking
from answerable.console.log.begin import begin_log
from answerable.console.log.service import LogService
from answerable.console.witnesses import Alarming
from answerable.record.log.notes import parse
from answerable.witness.client import TIMEOUT_S
from answerable.witness.letters import read
from tests.console.conftest import World, read_once  # noqa: F401 - the town is read once here too
from tests.console.contract.served import Served, make_world_on_disk, serving
from tests.exchange.hooks.receivers import Receiver, drips, floods, hangs, says
from tests.witness.growing import COSIGNER

COMMANDS = 150


def cosigns(receiver: Receiver, near: socket.socket) -> None:
    """Cosign whatever comes, at once."""
    text = parse(read(receiver.letters[-1][1]).note).text
    line = COSIGNER.cosignature(text, 1_700_000_000).line
    near.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(line), line))


def world_with(folder: Path, witnesses: list[Receiver]) -> World:
    world = make_world_on_disk(folder)
    front = world.app.front
    publisher = begin_log(world.centre, folder, "slow.example/log")
    asked = [
        Asking(f"w{number}", Alarming(COSIGNER.verifier, one.url, front))
        for number, one in enumerate(witnesses)
    ]
    LogService(front, publisher, asked)
    return world


def until(holds, seconds: float = 20.0) -> None:
    """Wait until something holds."""
    end_s = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end_s, "it never came to hold"
        time.sleep(0.02)


def commands(served: Served, client: httpx.Client, name: str) -> list[float]:
    """Give commands one after the other; returns how long each answer took, in seconds."""
    took = []
    for number in range(COMMANDS):
        begun_s = time.perf_counter()
        command = {"type": "intake.AnswerCall", "key": f"{name}-{number:04}"}
        answer = client.post("/api/commands", json=command)
        took.append(time.perf_counter() - begun_s)
        assert answer.status_code == 201
    return took


def test_b9_commands_and_checkpoints_wait_for_no_witness(tmp_path):
    bad = [hangs, drips, floods, says("301 Moved", "location: http://127.0.0.1:9/"),
           says("500 Oh", body=b"x" * 100_000), says("404 Nobody")]  # fmt: skip
    with contextlib.ExitStack() as held:
        receivers = [held.enter_context(Receiver(way)) for way in [*bad, cosigns]]
        served = held.enter_context(serving(tmp_path, lambda folder: world_with(folder, receivers)))
        log = served.world.app.front.log
        token = {"authorization": f"Bearer {served.token()}"}
        client = held.enter_context(httpx.Client(base_url=served.url, headers=token, timeout=30))
        commands(served, client, "warm")
        until(lambda: all(receiver.called for receiver in receivers))
        took = commands(served, client, "beside")
        assert max(took) < TIMEOUT_S / 5, "not one answer waited for a witness"
        assert statistics.median(took) < 0.05
        recorded = served.world.app.front.recorded
        until(lambda: log.sealed >= recorded, 10)
        until(lambda: log.witnessed >= recorded, 10)
        assert log.asking[0].size == 0, "the one that hangs has signed nothing"
        assert log.asking[-1].trouble == ""


@pytest.mark.parametrize(
    "way", [says("422 No"), says("409 No", "content-type: text/x.tlog.size", body=b"900000\n")]
)
def test_b9_a_witness_that_disagrees_is_an_alarm_once_however_often_it_is_asked(
    tmp_path, monkeypatch, way
):
    monkeypatch.setattr(asking_module, "AGAIN_S", 0.05)
    monkeypatch.setattr(asking_module, "AGAIN_S_MAX", 0.1)
    with Receiver(way) as receiver:
        make = lambda folder: world_with(folder, [receiver])  # noqa: E731 - one use
        with serving(tmp_path, make) as served:
            keeping = served.world.centre.hub.state["keeping"]
            until(lambda: receiver.called > 5)
            assert keeping.troubles["witness"].state == "standing"
            rows = served.call(lambda: [
                row.kind for row in served.world.centre.store.stream("keeping")
            ])  # fmt: skip
            assert rows.count("keeping.WitnessDisagreed") == 1
