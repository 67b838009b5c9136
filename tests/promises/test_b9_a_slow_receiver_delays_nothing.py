"""B9: a slow outside service delays no dispatch: what goes out is queued.

TicketsCAD sends its mails and messages while the dispatcher's page waits for the answer.
"""

from __future__ import annotations

import contextlib
import statistics
import threading
import time

import httpx
import pytest

from answerable.access import words as access
from answerable.exchange.hooks.addresses import networks
from answerable.exchange.hooks.letters import new_secret
from answerable.exchange.hooks.post import TIMEOUT_S
from tests.console.conftest import read_once  # noqa: F401 - the town is read once here too
from tests.console.contract.served import ADMINISTRATOR, Served, make_world_on_disk, serving
from tests.exchange.hooks.receivers import (
    Receiver,
    drips,
    floods,
    good,
    hangs,
    nowhere,
    says,
)

COMMANDS = 150


@pytest.fixture
def served(tmp_path):
    with serving(tmp_path, make_world_on_disk) as there:
        there.world.app.front.hooks.inside = networks(["127.0.0.0/8"])
        yield there


def register(served: Served, hook: str, url: str, role: str = "reader", kinds=()) -> str:
    """Register a hook and return its secret."""
    secret = new_secret()
    keyring = served.world.centre.keyring

    def act() -> None:
        credential = keyring.keep_secret(hook, secret)
        served.world.do(
            access.RegisterHook, ADMINISTRATOR, hook=hook, url=url, role=role, kinds=kinds,
            credential=credential,
        )  # fmt: skip

    served.call(act)
    return secret


def until(holds, seconds: float = 20.0) -> None:
    """Wait until something holds."""
    end_s = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end_s, "it never came to hold"
        threading.Event().wait(0.02)


def commands(served: Served, client: httpx.Client, name: str) -> list[float]:
    """Give commands one after the other; returns how long each answer took, in seconds."""
    took = []
    for number in range(COMMANDS):
        begun_s = time.perf_counter()
        answer = client.post(
            "/api/commands", json={"type": "intake.AnswerCall", "key": f"{name}-{number:04}"}
        )
        took.append(time.perf_counter() - begun_s)
        assert answer.status_code == 201
    return took


def test_b9_commands_are_answered_as_fast_while_every_receiver_hangs(served):
    bad = [hangs, hangs, drips, floods, says("301 Moved", "location: http://127.0.0.1:9/"),
           says("500 Oh", body=b"x" * 100_000)]  # fmt: skip
    token = {"authorization": f"Bearer {served.token()}"}
    with contextlib.ExitStack() as held:
        client = held.enter_context(httpx.Client(base_url=served.url, headers=token, timeout=30))
        commands(served, client, "warm")
        alone = commands(served, client, "alone")
        receivers = [held.enter_context(Receiver(way)) for way in bad]
        well = held.enter_context(Receiver(good))
        first = served.world.app.front.recorded
        for number, receiver in enumerate(receivers):
            register(served, f"bad-{number}", receiver.url)
        register(served, "dead", nowhere())
        secret = register(served, "well", well.url)
        until(lambda: all(receiver.called for receiver in receivers))
        beside = commands(served, client, "beside")

        # not one answer waited for a receiver, each of which takes the whole of its time
        assert max(beside) < TIMEOUT_S / 10
        # and all together are not slower than the machine's own unrest accounts for
        assert statistics.median(beside) < 4 * statistics.median(alone) + 0.002

        recorded = served.world.app.front.recorded
        until(lambda: len(well.events(secret)) >= recorded - first - len(receivers) - 2)
        told = [event["position"] for event in well.events(secret)]
        # a clock may have rung meanwhile: what was recorded by then is the least that was told
        assert told[-1] >= recorded
        assert told == list(range(told[0], told[-1] + 1)), "the good one is told all, in order"
        numbers = served.call(served.world.app.front.hooks.numbers)
        assert numbers["well"].waiting == 0
        assert numbers["dead"].failures > 0
        assert numbers["bad-0"].waiting > 0


def test_b9_a_receiver_that_hangs_does_not_hold_up_the_end_of_the_service(served):
    with Receiver(hangs) as receiver:
        register(served, "hanging", receiver.url)
        served.call(served.world.incident)
        until(lambda: receiver.called)
        begun_s = time.monotonic()
        served.call(served.world.app.close)
        served.server.should_exit = True
        until(lambda: not served.server.started or served.loop.is_closed(), 10)
        assert time.monotonic() - begun_s < TIMEOUT_S


def test_b9_removing_a_hook_stops_it_while_it_hangs(served):
    with Receiver(hangs) as receiver:
        register(served, "hanging", receiver.url)
        served.call(served.world.incident)
        until(lambda: receiver.called)
        remove = {"hook": "hanging", "reason": "over"}
        served.call(served.world.do, access.RemoveHook, ADMINISTRATOR, **remove)
        assert served.call(served.world.app.front.hooks.numbers) == {}
        served.call(served.world.incident)
        assert receiver.called == 1


def test_b9_hooks_are_told_by_their_role_what_is_sealed_never(served):
    with Receiver(good) as receiver:
        secret = register(served, "open", receiver.url, kinds=("intake.IncidentOpened",))
        served.call(served.world.incident, door="Apt 4", unverified="no such crossing")
        until(lambda: receiver.letters)
        (event,) = receiver.events(secret)
        assert event["type"] == "intake.IncidentOpened"
        assert event["event"]["address"] == "GOLDEN GATE AV/LARKIN ST"
        body = receiver.letters[0][1].decode()
        for hidden in ("sealed:", "Apt 4", "no such crossing", "door"):
            assert hidden not in body


def test_b9_a_restart_tells_what_was_recorded_meanwhile_and_nothing_twice(tmp_path):
    def with_loopback(folder):
        world = make_world_on_disk(folder)
        world.app.front.hooks.inside = networks(["127.0.0.0/8"])
        world.incident()  # recorded while no courier runs yet
        return world

    with Receiver(good) as receiver:
        with serving(tmp_path, with_loopback) as first:
            secret = register(first, "well", receiver.url, kinds=("intake.CallAnswered",))
            first.call(first.world.incident)
            until(lambda: len(receiver.events(secret)) == 1)
        with serving(tmp_path, with_loopback) as second:
            until(lambda: len(receiver.events(secret)) == 2)
            numbers = second.call(second.world.app.front.hooks.numbers)
            assert (numbers["well"].waiting, numbers["well"].dead) == (0, 0)
        assert len(receiver.letters) == 2
