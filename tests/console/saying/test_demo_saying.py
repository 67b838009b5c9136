"""Made-up callers who answer by themselves: the demonstration shows the second way, too."""

from __future__ import annotations

import asyncio

from answerable.console import demo_saying
from answerable.console.demo_saying import SelfAnswering
from answerable.followup import back_words as b
from answerable.kernel.authority import Actor
from answerable.towns.made_up import MADE_UP
from tests.console.saying.conftest import Asked

STAFF = Actor(name="supervisor", role="supervisor")


def test_who_was_not_reached_is_texted_and_some_answer_in_either_way(asked: Asked, monkeypatch):
    monkeypatch.setattr(demo_saying, "ANSWERS", 1.0)
    monkeypatch.setattr(demo_saying, "LOOK_S", 0.01)
    players = SelfAnswering(asked.front, "https://centre.example", seed=3)
    asked.world.app.live.heard_by.append(players.committed)

    async def scene() -> None:
        running = [asyncio.create_task(one.run()) for one in (players, asked.saying)]
        for n in range(6):
            incident, call = asked.over(call=f"C{n}")
            asked.missed(incident, call)
        async with asyncio.timeout(60):
            while len(players._answering) < 6:
                await asyncio.sleep(0.01)
            asked.world.demo._clock.jump(asked.front.now_us() + 5 * 3_600_000_000)
            while len(asked.answers()) < 6:
                await asyncio.sleep(0.01)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    asyncio.run(scene())
    assert len(asked.events(b.LinkSent)) == 6
    ways = {one.way for one in asked.answers()}
    assert len(asked.answers()) == 6
    assert ways == {"link", "text"}
    hub = asked.world.centre.hub
    said = [hub.store.unseal(row.position, "words") for row in hub.store.rows()
            if row.kind == b.CallBackAnswered.tag]  # fmt: skip
    assert all(MADE_UP in words for words in said if words)
