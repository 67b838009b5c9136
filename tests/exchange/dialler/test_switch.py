"""What is being dialled: in a queue, a few at once, and nobody waits for a dialler (B9)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest

from answerable.exchange.dialler import switch as switch_module
from answerable.exchange.dialler.definition import DiallerAt
from answerable.exchange.dialler.protocol import Dial, NotDialled, Told
from answerable.exchange.dialler.switch import CannotDial, Switch

NUMBER = "+1 555 0142"


class Scripted:
    """A dialler that says what it was told to say: states, or a reason not to dial, or it hangs."""

    def __init__(self, *script: str) -> None:
        self.script, self.asked, self.closed = script, [], False
        self.at_once = 0
        self.most = 0

    async def dial(self, asked: Dial) -> AsyncGenerator[Told, None]:
        self.asked.append(asked)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            for word in self.script:
                if word == "hang":
                    await asyncio.sleep(3_600)
                if word == "break":
                    raise ValueError(NUMBER)
                if word.startswith("not "):
                    raise NotDialled(word)
                await asyncio.sleep(0)
                yield Told(asked.id, word)  # type: ignore[arg-type]
        finally:
            self.at_once -= 1

    async def close(self) -> None:
        self.closed = True


class Scene:
    """A switch over a scripted dialler, on a loop that the test owns."""

    def __init__(self, *script: str, lines: int = 4) -> None:
        self.adapter = Scripted(*script)
        self.now_s = 100.0
        self.heard: list[tuple[str, str]] = []
        at = DiallerAt(kind="simulated", lines=lines)
        self.unwanted: set[str] = set()
        self.switch = Switch(at, self.adapter, self._heard, lambda: self.now_s,
                             lambda one: one.call not in self.unwanted)  # fmt: skip

    async def _heard(self, attempt: Any) -> None:
        self.heard.append((attempt.call, attempt.state))

    def ask(self, call: str = "C1", desk: str = "Desk 1") -> Any:
        return self.switch.ask("I1", call, desk, NUMBER)

    def play(self, scene: Callable[[], Awaitable[Any]]) -> Any:
        async def whole() -> Any:
            running = asyncio.create_task(self.switch.run())
            try:
                return await scene()
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

        return asyncio.run(whole())


async def settled() -> None:
    for _ in range(60):
        await asyncio.sleep(0)


async def ended(*attempts: Any) -> None:
    async with asyncio.timeout(30):
        while any(one.state in ("queued", "ringing") for one in attempts):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("end", ["answered", "no answer", "busy"])
def test_an_attempt_goes_from_the_queue_to_its_end_and_every_step_is_heard(end):
    scene = Scene("ringing", end)

    async def act() -> Any:
        attempt = scene.ask()
        assert attempt.state == "queued"
        await settled()
        return attempt

    assert scene.play(act).state == end
    assert scene.heard == [("C1", "ringing"), ("C1", end)]
    assert scene.adapter.asked[0].number == NUMBER
    assert scene.adapter.closed


def test_asking_takes_no_time_and_a_dialler_that_hangs_is_cut_off(monkeypatch):
    monkeypatch.setattr(switch_module, "TAKEN_S", 0.05)
    scene = Scene("hang", lines=1)

    async def act() -> list[str]:
        first, second = scene.ask("C1", "Desk 1"), scene.ask("C2", "Desk 2")
        assert (first.state, second.state) == ("queued", "queued")
        await ended(first, second)
        assert first.why == switch_module.SILENT
        return [first.state, second.state]

    assert scene.play(act) == ["failed", "failed"]


def test_one_that_rings_for_ever_is_cut_off_too(monkeypatch):
    monkeypatch.setattr(switch_module, "LONGER_S", -3.95)
    scene = Scene("ringing", "hang")
    scene.switch.dialler = DiallerAt(kind="simulated", rings_s=5)
    monkeypatch.setattr(switch_module, "LONGER_S", -4.95)

    async def act() -> str:
        attempt = scene.ask()
        await ended(attempt)
        return str(attempt.state)

    assert scene.play(act) == "failed"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (("not there",), "not there"),
        (("failed",), "it could not try"),
        (("ringing",), "it said no end"),
        (("break",), "the program failed while dialling"),
    ],
)
def test_a_failure_is_the_diallers_and_never_counts_as_the_callers(script, why):
    scene = Scene(*script)

    async def act() -> Any:
        attempt = scene.ask()
        await settled()
        return attempt

    attempt = scene.play(act)
    assert (attempt.state, attempt.why) == ("failed", why)
    assert scene.heard[-1] == ("C1", "failed")
    assert scene.switch.standing().failures == 1


def test_no_more_attempts_run_at_once_than_there_are_lines():
    scene = Scene("ringing", "hang", lines=2)

    async def act() -> None:
        for n in range(6):
            scene.ask(f"C{n}", f"Desk {n}")
        await settled()

    scene.play(act)
    assert scene.adapter.most == 2


def test_who_is_not_to_be_rung_any_more_is_not_dialled_after_the_wait():
    scene = Scene("ringing", "answered", lines=1)

    async def act() -> list[Any]:
        made = [scene.ask(f"C{n}", f"Desk {n}") for n in range(3)]
        scene.unwanted = {"C1"}
        await settled()
        return made

    first, second, third = scene.play(act)
    assert (first.state, second.state, third.state) == ("answered", "failed", "answered")
    assert second.why == switch_module.NO_MORE
    assert len(scene.adapter.asked) == 2
    assert scene.switch.failures == 0, "the dialler did nothing wrong"


def test_a_desk_and_a_call_have_one_attempt_at_a_time():
    scene = Scene("ringing", "hang")

    async def act() -> None:
        scene.ask("C1", "Desk 1")
        for call, desk, code in (("C1", "Desk 2", "call"), ("C2", "Desk 1", "desk")):
            assert scene.switch.refused(call, desk) == code
            with pytest.raises(CannotDial, match=code):
                scene.ask(call, desk)

    scene.play(act)


def test_the_queue_has_an_end(monkeypatch):
    monkeypatch.setattr(switch_module, "QUEUE_MAX", 3)
    scene = Scene("ringing", "hang")

    async def act() -> None:
        for n in range(3):
            scene.ask(f"C{n}", f"Desk {n}")
        with pytest.raises(CannotDial, match="full"):
            scene.ask("C9", "Desk 9")

    scene.play(act)


def test_one_that_is_down_makes_nobody_wait_and_is_asked_again_after_a_while():
    scene = Scene("not there")

    async def act() -> None:
        for n in range(switch_module.DOWN_AFTER):
            scene.ask(f"C{n}", "Desk 1")
            await settled()
        assert scene.switch.down
        with pytest.raises(CannotDial, match="down"):
            scene.ask("C9", "Desk 1")
        scene.now_s += switch_module.PROBE_S
        scene.adapter.script = ("answered",)
        attempt = scene.ask("C9", "Desk 1")
        await settled()
        assert attempt.state == "answered"
        assert not scene.switch.down
        assert scene.switch.standing().why == ""

    scene.play(act)


def test_what_a_dialler_says_of_another_attempt_does_not_count():
    scene = Scene("answered")
    real = scene.adapter.dial

    async def crossed(asked: Dial) -> AsyncGenerator[Told, None]:
        yield Told("some-other-id", "answered")
        yield Told(asked.id, "busy")

    scene.adapter.dial = crossed  # type: ignore[method-assign]

    async def act() -> Any:
        attempt = scene.ask()
        await settled()
        return attempt

    assert scene.play(act).state == "busy"
    assert real is not None


def test_a_number_is_held_no_longer_than_it_waits(caplog):
    scene = Scene("break")

    async def act() -> None:
        attempt = scene.ask()
        assert NUMBER not in repr(attempt)
        assert NUMBER in scene.switch._numbers.values()
        await settled()
        assert not scene.switch._numbers

    scene.play(act)
    assert NUMBER not in caplog.text
    assert "ValueError" in caplog.text


def test_what_waits_when_the_centre_ends_leaves_no_number():
    scene = Scene("hang", lines=1)

    async def act() -> None:
        scene.ask("C1", "Desk 1")
        scene.ask("C2", "Desk 2")
        await settled()

    scene.play(act)
    assert not scene.switch._numbers


def test_attempts_that_are_over_are_kept_for_a_while_and_not_for_ever(monkeypatch):
    monkeypatch.setattr(switch_module, "KEPT", 2)
    scene = Scene("answered")

    async def act() -> list[str]:
        for n in range(5):
            scene.ask(f"C{n}", "Desk 1")
            await settled()
        return list(scene.switch.attempts)

    assert scene.play(act) == ["C2", "C3", "C4"]


def test_without_a_dialler_nothing_is_dialled():
    async def nobody(_attempt: Any) -> None: ...

    switch = Switch(DiallerAt(), None, nobody)
    assert not switch.there
    with pytest.raises(CannotDial, match="none"):
        switch.ask("I1", "C1", "Desk 1", NUMBER)
    asyncio.run(switch.run())


def test_whoever_is_told_and_fails_stops_no_line(caplog):
    scene = Scene("ringing", "answered")

    async def faulty(_attempt: Any) -> None:
        raise RuntimeError("oh")

    scene.switch._heard = faulty

    async def act() -> str:
        attempt = scene.ask()
        await settled()
        return str(attempt.state)

    assert scene.play(act) == "answered"
    assert "RuntimeError" in caplog.text
