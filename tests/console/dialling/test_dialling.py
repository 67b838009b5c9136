"""A caller is rung by the dialler for whoever took them, with a number that nobody else sees."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from answerable.console.session import Session
from answerable.exchange.dialler.definition import DiallerAt
from answerable.exchange.dialler.protocol import Dial, NotDialled, Told
from answerable.followup import back_words as b
from answerable.kernel.authority import Actor
from answerable.vault import words as vault
from tests.console.saying.conftest import NUMBER, Asked
from tests.console.saying.conftest import asked as asked
from tests.console.saying.conftest import read_once as read_once
from tests.console.saying.conftest import world as world

WHO = Actor(name="supervisor", role="supervisor")


class Scripted:
    """A dialler that says what it was told to say."""

    def __init__(self, *script: str) -> None:
        self.script, self.asked = script, []

    async def dial(self, asked: Dial) -> AsyncGenerator[Told, None]:
        self.asked.append(asked)
        for word in self.script:
            if word == "not there":
                raise NotDialled("it is dead")
            yield Told(asked.id, word)  # type: ignore[arg-type]

    async def close(self) -> None: ...


class Desk:
    """A supervisor at desk 2, with a dialler."""

    def __init__(self, asked: Asked) -> None:
        self.asked, self.front = asked, asked.front
        self.incident, self.call = asked.over()
        self.use("ringing", "no answer")

    def use(self, *script: str) -> None:
        self.dialler = Scripted(*script)
        self.front.dialling.set_up(DiallerAt(kind="simulated"), self.dialler)

    def take(self) -> None:
        self.asked.world.do(b.TakeCallBack, WHO, incident=self.incident, call=self.call)

    def press(self, *, desk: str = "Desk 2", **fields: str) -> Any:
        """Press "Connect my desk" and let the dialler work; returns the answer and the state."""

        async def scene(client: Any) -> Any:
            running = asyncio.create_task(self.front.dialling.run())
            session = self.session(client)
            session.desk = desk
            form = {"token": session.token, "incident": self.incident, "call": self.call, **fields}
            headers = {"origin": "http://127.0.0.1", "hx-request": "true"}
            answer = await client.post("/call-backs/dial", data=form, headers=headers)
            for _ in range(40):
                await asyncio.sleep(0)
            state = await client.get(f"/call-backs/dial/{self.call}")
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            return answer, state

        return self.asked.world.run(scene, "supervisor")

    def session(self, client: Any) -> Session:
        from answerable.console.session import COOKIE

        found = self.front.sessions.find(client.cookies[COOKIE])
        assert found is not None
        return found


@pytest.fixture
def desk(asked: Asked) -> Desk:
    return Desk(asked)


def test_the_dialler_gets_the_number_after_the_reading_is_recorded_with_its_purpose(desk):
    desk.take()
    answer, state = desk.press()
    assert answer.status_code == 202
    [dialled] = desk.dialler.asked
    assert (dialled.number, dialled.desk) == (NUMBER, "Desk 2")
    [read] = desk.asked.events(vault.SealedRead)
    assert (read.incident, read.purpose) == (desk.incident, "call-back")
    for page in (answer, state):
        assert "555 0142" not in page.text
    assert "no answer" in state.text


@pytest.mark.parametrize("how", ["barred", "left"])
def test_who_was_barred_or_left_while_waiting_for_a_line_is_not_rung(desk, how):
    desk.take()
    dialling, ids = desk.front.dialling, {"incident": desk.incident, "call": desk.call}

    async def scene(client: Any) -> Any:
        attempt = await dialling.connect(desk.session(client), desk.incident, desk.call)
        if how == "barred":
            desk.asked.world.do(b.BarCallBack, WHO, **ids, reason=b.Bar.SAFETY)
        else:
            desk.asked.world.do(b.LeaveCallBack, WHO, **ids)
        running = asyncio.create_task(dialling.run())
        for _ in range(40):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return attempt

    assert desk.asked.world.run(scene, "supervisor").state == "failed"
    assert desk.dialler.asked == []


def test_what_came_of_it_counts_as_an_attempt_only_once_the_person_says_so(desk):
    desk.take()
    _answer, state = desk.press()
    assert not desk.asked.events(b.CallBackTried)
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', state.text))
    assert form["outcome"] == "no answer"

    async def scene(client: Any) -> Any:
        own = {"origin": "http://127.0.0.1"}
        form["token"] = desk.session(client).token
        return [(await client.post("/call-backs", data=form, headers=own)).status_code
                for _ in range(2)]  # fmt: skip

    assert desk.asked.world.run(scene, "supervisor") == [303, 303]
    [tried] = desk.asked.events(b.CallBackTried)
    assert (tried.attempt, tried.outcome) == (1, "no answer")


def test_a_dialler_that_fails_is_no_attempt_of_the_callers(desk):
    desk.use("not there")
    desk.take()
    _answer, state = desk.press()
    assert "not dialled" in state.text
    assert "it is dead" in state.text
    assert "<form" not in state.text
    assert "it is dead" in desk.front.dialling.check().said()[0]


@pytest.mark.parametrize("state", ["answered", "busy"])
def test_how_it_goes_is_told_to_the_desk(desk, state):
    desk.use("ringing", state)
    desk.take()
    assert state in desk.press()[1].text


def test_while_it_goes_the_page_asks_again_and_then_no_more(desk):
    desk.take()
    answer, state = desk.press()
    assert "hx-get" in answer.text
    assert "hx-get" not in state.text


@pytest.mark.parametrize(
    ("case", "because"),
    [("not taken", "You have not taken"), ("no dialler", "no dialler"),
     ("another", "not to be rung"), ("erased", "no number")],
)  # fmt: skip
def test_what_cannot_be_dialled_is_refused_with_the_reason_and_dials_nobody(desk, case, because):
    if case != "not taken":
        desk.take()
    fields = {}
    if case == "no dialler":
        desk.front.dialling.set_up(DiallerAt())
    if case == "another":
        fields["call"] = "C-unknown"
    if case == "erased":
        desk.front.gate.number_of = lambda call: ""
    answer, _state = desk.press(**fields)
    assert answer.status_code == 409
    assert because in answer.text
    assert not desk.dialler.asked
    assert bool(desk.asked.events(vault.SealedRead)) == (case == "erased")


def test_nobody_elses_attempt_is_shown(desk):
    desk.take()
    desk.press()

    async def scene(client: Any) -> str:
        session = desk.session(client)
        session.actor = Actor(name="somebody", role="supervisor")
        return (await client.get(f"/call-backs/dial/{desk.call}")).text

    assert desk.asked.world.run(scene, "supervisor") == ""


@pytest.mark.parametrize("role", ["dispatcher", "crew", "administrator"])
def test_who_rings_nobody_back_dials_nobody(desk, role):
    async def scene(client: Any) -> int:
        form = {"token": desk.session(client).token, "incident": desk.incident, "call": desk.call}
        own = {"origin": "http://127.0.0.1"}
        return int((await client.post("/call-backs/dial", data=form, headers=own)).status_code)

    assert desk.asked.world.run(scene, role) == 403
    assert not desk.dialler.asked


def test_the_page_of_a_caller_offers_the_dialler_and_the_questions_only_where_they_are(desk):
    desk.take()

    def page() -> str:
        return desk.asked.world.run(
            lambda client: client.get(f"/call-backs/{desk.call}"), "supervisor"
        ).text

    both = page()
    assert 'action="/call-backs/dial"' in both
    assert both.count('value="followup.SendLink"') == 2
    desk.front.dialling.set_up(DiallerAt())
    desk.asked.saying.sender = None
    neither = page()
    assert 'action="/call-backs/dial"' not in neither
    assert "followup.SendLink" not in neither


def test_a_slow_dialler_delays_nothing_of_the_centre(desk):
    async def hang(_asked: Dial) -> AsyncGenerator[Told, None]:
        await asyncio.sleep(3_600)
        yield Told("", "busy")

    desk.dialler.dial = hang
    desk.take()
    answer, state = desk.press()
    assert answer.status_code == 202
    assert "waits for a line" in state.text
    assert desk.asked.over(call="C-meanwhile")[1] == "C-meanwhile"
