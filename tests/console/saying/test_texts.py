"""Texts to callers: carried beside the work, with a token of the moment, and answered once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from answerable.console.saying.sender import TRIES_MAX
from answerable.exchange.hooks.courier import Times
from answerable.exchange.hooks.post import NotTaken
from answerable.exchange.texts.definition import TextsAt
from answerable.exchange.texts.text import Receipt, Reply, Text
from answerable.followup import back_words as b
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Unavailable
from tests.console.saying.conftest import HOUR_US, NUMBER, Asked

STAFF = Actor(name="supervisor", role="supervisor")


class Scripted:
    """A gateway that fails as often as it was told, or hangs."""

    def __init__(self, *fails: str) -> None:
        self.fails, self.carried, self.tried = list(fails), [], []
        self.written_back: list[Reply] = []
        self.reported: list[Receipt] = []

    async def carry(self, text: Text) -> None:
        self.tried.append(text)
        why = self.fails.pop(0) if self.fails else ""
        if why == "hang":
            await asyncio.sleep(3_600)
        if why == "break":
            raise ValueError(text.number)
        if why:
            raise NotTaken(why)
        self.carried.append(text)

    async def replies(self) -> list[Reply]:
        found, self.written_back = self.written_back, []
        return found

    async def receipts(self) -> list[Receipt]:
        found, self.reported = self.reported, []
        return found

    async def close(self) -> None: ...


class Scene:
    """Texts over a scripted gateway; pauses pass at once."""

    def __init__(self, asked: Asked, *fails: str) -> None:
        self.asked, self.saying = asked, asked.saying
        self.gateway = Scripted(*fails)
        self.now_s = asked.front.now_us() / 1e6
        times = Times(now_s=lambda: self.now_s, wait=self._wait)
        self.saying.set_up(asked.at, "https://centre.example/", self.gateway, times)

    async def _wait(self, event: asyncio.Event, seconds: float) -> None:
        self.now_s += seconds
        await asyncio.sleep(0)

    def play(self, scene: Callable[[], Awaitable[Any]]) -> Any:
        async def whole() -> Any:
            running = asyncio.create_task(self.saying.run())
            await settled()
            try:
                return await scene()
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

        return asyncio.run(whole())

    async def send(self, incident: str, call: str, way: str = "link") -> None:
        self.asked.world.do(b.SendLink, STAFF, incident=incident, call=call, way=way)
        await settled()

    def sent(self, way: str = "link", **over: str) -> tuple[str, str, Text]:
        """Have one text sent; returns incident, call and the text."""
        incident, call = self.asked.over(**over)
        self.play(lambda: self.send(incident, call, way))
        [text] = self.gateway.carried
        return incident, call, text


async def settled(turns: int = 60) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


def test_a_text_has_the_callers_number_and_an_address_that_works(asked):
    incident, call, text = Scene(asked).sent()
    assert text.number == NUMBER
    found = re.search(r"https://centre\.example/say/([A-Za-z0-9_\-]{22})", text.words)
    assert found is not None
    assert found[1] == text.id
    link = asked.saying.find(text.id)
    assert link is not None
    assert (link.incident, link.call) == (incident, call)
    late_us = asked.front.now_us() + asked.at.valid_h * HOUR_US - link.until_us
    assert 0 <= late_us < HOUR_US


def test_a_text_says_nothing_of_what_it_was_about_and_fits_into_one_message(asked):
    incident, call, text = Scene(asked).sent()
    for secret in (incident, call, "GOLDEN GATE", "LARKIN", "Fire"):
        assert secret not in text.words
    assert len(text.words) <= 160


def test_a_text_is_in_the_callers_language(asked):
    scene = Scene(asked)
    incident, call = asked.over()
    asked.world.do(b.SpeakCallBack, STAFF, incident=incident, call=call, language="zh-CN")
    scene.play(lambda: scene.send(incident, call))
    [text] = scene.gateway.carried
    assert text.lang == "zh-CN"
    assert "您" in text.words


def test_no_token_lies_in_the_record_or_in_the_book(asked):
    _incident, _call, text = Scene(asked).sent()
    store = asked.world.centre.hub.store
    assert not any(text.id.encode() in row.body for row in store.rows())
    [sent] = asked.events(b.LinkSent)
    assert sent.token == ""


def test_nobody_waits_for_a_gateway_that_hangs_or_fails(asked, monkeypatch):
    from answerable.console.saying import sender

    monkeypatch.setattr(sender, "TIMEOUT_S", 0.05)
    scene = Scene(asked, "hang", "it is dead", "break")
    incident, call = asked.over()

    async def act() -> None:
        await scene.send(incident, call)
        other = asked.over(call="C-other")  # the centre goes on meanwhile
        assert other[1] == "C-other"
        assert not scene.gateway.carried
        await asyncio.sleep(0.1)
        await settled()

    scene.play(act)
    assert len(scene.gateway.tried) == 4
    [text] = scene.gateway.carried
    tokens = [one.id for one in scene.gateway.tried]
    assert len(set(tokens)) == 4
    assert [asked.saying.find(token) is None for token in tokens] == [True, True, True, False]
    assert text.id == tokens[-1]


def test_a_text_that_is_given_up_leaves_no_token_and_the_next_one_follows(asked, caplog):
    scene = Scene(asked, *["it is dead"] * TRIES_MAX)
    first, second = asked.over(), asked.over(call="C-second")

    async def act() -> None:
        await scene.send(*first)
        await settled(400)
        await scene.send(*second)

    scene.play(act)
    assert [one.number for one in scene.gateway.carried] == [NUMBER]
    assert len(scene.gateway.tried) == TRIES_MAX + 1
    assert asked.saying.links.count() == 1
    assert asked.saying.sender is not None
    assert asked.saying.sender.missed == 1
    for text in scene.gateway.tried:
        assert text.id not in caplog.text
        assert text.number not in caplog.text


def test_a_caller_reached_meanwhile_gets_no_text(asked):
    scene = Scene(asked)
    incident, call = asked.over()
    asked.world.do(b.SendLink, STAFF, incident=incident, call=call, way="link")
    asked.world.do(b.AnswerCallBack, STAFF, incident=incident, call=call, overall=5)
    scene.play(settled)
    assert not scene.gateway.tried


def test_a_text_late_by_more_than_it_would_be_valid_is_not_sent(asked):
    scene = Scene(asked)
    incident, call = asked.over()
    asked.world.do(b.SendLink, STAFF, incident=incident, call=call, way="link")
    asked.world.demo._clock.jump(asked.front.now_us() + asked.at.valid_h * HOUR_US)
    scene.play(settled)
    assert not scene.gateway.tried


# -- replies ----------------------------------------------------------------------------------


def test_a_reply_with_four_figures_is_the_answer_and_is_taken_once(asked):
    scene = Scene(asked)
    _incident, call, text = scene.sent("text")
    assert "4534" in text.words
    assert "/say/" not in text.words

    async def act() -> list[bool]:
        return [await asked.saying.take(Reply(text.id, "2 1 1 2 nobody came")) for _ in range(2)]

    assert asyncio.run(act()) == [True, False]
    [told] = asked.answers()
    assert (told.call, told.manner, told.speed, told.result, told.overall) == (call, 2, 1, 1, 2)
    assert told.way == "text"
    row = [r for r in asked.world.centre.hub.store.rows() if r.kind == told.tag][-1]
    assert asked.world.centre.hub.store.unseal(row.position, "words") == "nobody came"


def test_who_writes_stop_is_not_asked_again(asked):
    _incident, call, text = Scene(asked).sent("text")
    assert asyncio.run(asked.saying.take(Reply(text.id, "STOP")))
    [declined] = asked.events(b.CallBackDeclined)
    assert declined.call == call
    assert asked.saying.find(text.id) is None


@pytest.mark.parametrize("words", ["4534", "STOP"])
def test_a_reply_that_could_not_be_recorded_is_recorded_later(asked, monkeypatch, words):
    scene = Scene(asked)
    *_, text = scene.sent("text")
    scene.gateway.written_back = [Reply(text.id, words)]
    real = asked.front.desk.ask

    async def full(*_given):
        raise Unavailable("Not recorded. The disk is full. Try again.")

    monkeypatch.setattr(asked.front.desk, "ask", full)
    asyncio.run(asked.saying._look(scene.gateway))
    assert not asked.events(b.CallBackAnswered, b.CallBackDeclined)
    monkeypatch.setattr(asked.front.desk, "ask", real)
    asyncio.run(asked.saying._look(scene.gateway))
    assert len(asked.events(b.CallBackAnswered, b.CallBackDeclined)) == 1
    asyncio.run(asked.saying._look(scene.gateway))
    assert asked.saying.not_understood == 0, "it is told once"


def test_who_writes_stop_while_somebody_rings_them_is_heard(asked):
    incident, call, text = Scene(asked).sent("text")
    asked.world.do(b.TakeCallBack, STAFF, incident=incident, call=call)
    assert asyncio.run(asked.saying.take(Reply(text.id, "STOP")))
    [declined] = asked.events(b.CallBackDeclined)
    assert (declined.call, declined.way) == (call, "text")


def test_a_reply_to_nothing_and_one_that_says_nothing_record_nothing(asked):
    _incident, _call, text = Scene(asked).sent("text")
    assert not asyncio.run(asked.saying.take(Reply("A" * 22, "4534")))
    assert not asyncio.run(asked.saying.take(Reply(text.id, "   ")))
    assert not asked.answers()
    assert asked.saying.find(text.id) is not None


def test_replies_are_looked_for_while_any_are_waited_for(asked, monkeypatch):
    from answerable.console.saying import service

    monkeypatch.setattr(service, "LOOK_EVERY_S", 0.01)
    scene = Scene(asked)
    incident, call = asked.over()

    async def act() -> None:
        await scene.send(incident, call, "text")
        [text] = scene.gateway.carried
        scene.gateway.written_back = [Reply(text.id, "4 4 4 4")]
        async with asyncio.timeout(30):
            while not asked.answers():
                await asyncio.sleep(0.01)

    scene.play(act)
    [told] = asked.answers()
    assert told.overall == 4


# -- what voids a token ------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["answered", "barred", "open again"])
def test_a_caller_asked_in_another_way_has_a_dead_token(asked, how):
    incident, call = asked.over()
    token = asked.token(incident, call)
    if how == "answered":
        asked.world.do(b.AnswerCallBack, STAFF, incident=incident, call=call, overall=5)
    elif how == "barred":
        asked.world.do(b.BarCallBack, STAFF, incident=incident, call=call, reason=b.Bar.SAFETY)
    else:
        from answerable.dispatch import words as d

        asked.world.do(d.ReopenIncident, STAFF, incident=incident, reason="it burns again")
    assert asked.saying.find(token) is None


def test_erasing_an_incident_voids_its_tokens(asked):
    from answerable.kernel.event import Recorded
    from answerable.vault import words as vault

    incident, call = asked.over()
    token = asked.token(incident, call)
    row = next(iter(asked.world.centre.hub.store.rows()))
    erased = vault.Erased(incident=incident, because="the table says so", streams=())
    asked.saying.committed([Recorded(row, erased)])
    assert asked.saying.links.count() == 0
    assert asked.saying.find(token) is None


def test_without_a_gateway_nothing_is_sent_and_nothing_breaks(asked):
    asked.saying.sender = None
    incident, call = asked.over()
    asked.world.do(b.SendLink, STAFF, incident=incident, call=call, way="link")
    asyncio.run(asked.saying.run())
    assert asked.saying.links.count() == 0


def test_health_says_when_texts_do_not_get_through(asked):
    scene = Scene(asked, *["it is dead"] * 2)
    assert "may answer by a text" in scene.saying.check().said()[0]
    incident, call = asked.over()

    async def act() -> str:
        asked.world.do(b.SendLink, STAFF, incident=incident, call=call, way="link")
        for _ in range(30):
            await asyncio.sleep(0)
            if scene.saying.sender is not None and scene.saying.sender.failures:
                return scene.saying.check().said()[0]
        return ""

    assert "it is dead" in scene.play(act)
    assert TextsAt().kind == ""
