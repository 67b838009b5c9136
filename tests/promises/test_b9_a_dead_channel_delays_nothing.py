"""B9: a slow or dead alerting channel delays no dispatch, and that it is out is shown.

A gateway that hangs for half a minute and one that is dead are planted; who sends units waits for
neither, the units' next channel carries, and the page of adapters and the health say what is out.
"""

from __future__ import annotations

import json
import statistics
import threading
import time
from pathlib import Path

import httpx
import pytest

from answerable.dispatch import words as d
from answerable.exchange.channels.definition import Alerts, ChannelAt
from answerable.exchange.hooks.addresses import networks
from answerable.exchange.hooks.post import TIMEOUT_S
from tests.console.conftest import read_once  # noqa: F401 - the town is read once here too
from tests.console.contract.served import Served, make_world_on_disk, serving
from tests.exchange.hooks.receivers import Receiver, hangs, nowhere

SENDINGS = 60
HANGS_S = 30.0


def channels(hanging: str, book: str) -> tuple[list[ChannelAt], Alerts]:
    """Return a centre's channels: one hangs, one is dead, one simulated hangs, the last is well."""
    made = [
        ChannelAt(name="hangs", kind="http", address=hanging),
        ChannelAt(name="dead", kind="http", address=nowhere()),
        ChannelAt(name="slow", kind="simulated", delay_s=HANGS_S),
        ChannelAt(name="book", kind="file", address=book),
    ]
    return made, Alerts(order=("hangs", "dead", "slow", "book"))


@pytest.fixture
def served(tmp_path):
    with Receiver(hangs) as hanging:
        made, alerts = channels(hanging.url, str(tmp_path / "alerts.jsonl"))

        def make(folder):
            world = make_world_on_disk(folder)
            world.app.front.alerting.set_up(made, alerts, networks(["127.0.0.0/8"]))
            return world

        with serving(tmp_path, make) as there:
            yield there


@pytest.fixture
def alone(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("alone"), make_world_on_disk) as there:
        yield there


def sendings(served: Served, name: str) -> list[float]:
    """Send and call off a unit many times; returns how long each sending took, in seconds."""
    headers = {"authorization": f"Bearer {served.token()}"}
    incident, took = served.call(served.world.incident), []
    with httpx.Client(base_url=served.url, headers=headers, timeout=30) as client:
        for number in range(SENDINGS):
            about = {"incident": incident, "unit": "E03"}
            begun_s = time.perf_counter()
            sent = client.post(
                "/api/commands",
                json={"type": d.SendUnit.tag, "key": f"{name}-send-{number:04}", **about},
            )
            took.append(time.perf_counter() - begun_s)
            assert sent.status_code == 201, sent.text
            if number < SENDINGS - 1:
                client.post(
                    "/api/commands",
                    json={"type": d.CancelUnit.tag, "key": f"{name}-off-{number:04}",
                          "reason": "again", **about},
                )  # fmt: skip
    return took


def until(holds, seconds: float = 40.0) -> None:
    end_s = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end_s, "it never came to hold"
        threading.Event().wait(0.05)


@pytest.mark.timeout(120)
def test_b9_sending_is_as_fast_while_channels_hang_or_are_dead(served, alone):
    usual = sendings(alone, "alone")
    beside = sendings(served, "beside")

    # not one sending waited for a channel, each of which takes the whole of its time
    assert max(beside) < TIMEOUT_S / 5
    assert statistics.median(beside) < 4 * statistics.median(usual) + 0.003

    # the last alert reaches the crew over the channel that is well ...
    book = served.world.app.front.alerting.switchboard.channels[-1].address

    def carried() -> bool:
        lines = Path(book).read_text("utf-8").splitlines() if Path(book).exists() else []
        return any(json.loads(line)["sort"] == "sent" for line in lines)

    until(carried)
    # ... the others' outage is recorded, shown to administrators, and told by the health
    standing = {
        one.name: one for one in served.call(served.world.app.front.alerting.switchboard.standing)
    }
    for name in ("hangs", "dead", "slow"):
        assert standing[name].failures > 0, name
        assert standing[name].missed > 0, name
    assert (standing["book"].failures, standing["book"].carried > 0) == (0, True)
    with served.client("administrator") as client:
        page = client.get("/admin/adapters").text
        health = client.get("/admin/health").text
    for name in ("hangs", "dead", "slow", "book"):
        assert f'<td class="strong">{name}</td>' in page
    assert "no answer came within 5 s" in page
    assert "Alerts do not get through over: hangs, dead, slow" in health


def test_b9_a_hanging_channel_does_not_hold_up_the_end_of_the_service(served):
    incident = served.call(served.world.incident)
    served.call(served.world.do, d.SendUnit, incident=incident, unit="E03")
    board = served.world.app.front.alerting.switchboard
    until(lambda: any(one.trying for one in served.call(board.standing)), 10)
    begun_s = time.monotonic()
    served.call(served.world.app.close)
    served.server.should_exit = True
    until(lambda: not served.server.started or served.loop.is_closed(), 10)
    assert time.monotonic() - begun_s < TIMEOUT_S
