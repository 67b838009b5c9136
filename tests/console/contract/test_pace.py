"""One source cannot crowd out the others, and looking costs next to nothing."""

from __future__ import annotations

import time

import pytest

from answerable.console.contract import pace
from answerable.console.contract.pace import Pace
from answerable.console.sanity import Refused

SAME = {"sec-fetch-site": "same-origin"}


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def taken(kept: Pace, actor: str, times: int) -> int:
    """Return how many of so many tries were let through."""
    let = 0
    for _ in range(times):
        try:
            kept.take(actor)
        except Refused:
            continue
        let += 1
    return let


def test_a_burst_is_let_through_and_then_the_pace():
    clock = Clock()
    kept = Pace(10, 20, clock)
    assert taken(kept, "a", 30) == 20
    clock.now_s += 1
    assert taken(kept, "a", 30) == 10
    clock.now_s += 100
    assert taken(kept, "a", 30) == 20


def test_everybody_has_their_own_pace():
    kept = Pace(10, 20, Clock())
    assert taken(kept, "a", 30) == taken(kept, "b", 30) == 20


def test_what_is_refused_takes_nothing_and_says_when_to_come_again():
    clock = Clock()
    kept = Pace(0.1, 1, clock)
    kept.take("a")
    for _ in range(5):
        with pytest.raises(Refused) as refusal:
            kept.take("a")
        assert (refusal.value.status, refusal.value.headers) == (429, {"retry-after": "10"})
    clock.now_s += 10
    kept.take("a")


def test_a_pace_of_none_lets_everything_through_and_a_wrong_one_is_told():
    assert taken(Pace(0, 1, Clock()), "a", 5000) == 5000
    for per_s, burst in ((-1, 10), (10, 0)):
        with pytest.raises(ValueError, match="is none"):
            Pace(per_s, burst)


def test_only_so_many_actors_are_remembered_those_in_use_longest(monkeypatch):
    monkeypatch.setattr(pace, "ACTORS_MAX", 10)
    clock = Clock()
    kept = Pace(1, 1, clock)
    for number in range(9):
        kept.take(f"old-{number}")
    clock.now_s += 100
    for number in range(3):
        kept.take(f"new-{number}")
    assert len(kept._full_at) <= 10
    assert taken(kept, "new-2", 1) == 0


def test_a_look_costs_well_under_ten_microseconds():
    kept = Pace(10**9, 10**9)
    best_s = min(_of_a_thousand(kept) for _ in range(20))
    assert best_s / 1000 < 10e-6


def _of_a_thousand(kept: Pace) -> float:
    begun_s = time.perf_counter()
    for _ in range(1000):
        kept.take("a program")
    return time.perf_counter() - begun_s


def test_the_door_refuses_what_is_too_fast_and_records_nothing_of_it(world):
    world.app.front.pace = Pace(0.001, 2)
    before = world.centre.hub.position
    ring = {"type": "intake.AnswerCall"}

    async def scene(client):
        sent = [ring | {"key": f"fast-{n}"} for n in range(3)]
        return [await client.post("/api/commands", json=one, headers=SAME) for one in sent]

    first, second, third = world.run(scene)
    assert (first.status_code, second.status_code, third.status_code) == (201, 201, 429)
    assert third.json()["code"] == "console.TooFast"
    assert 1 <= int(third.headers["retry-after"]) <= 1000
    assert f"in {third.headers['retry-after']} s" in third.json()["instead"]
    assert world.centre.hub.position == before + 2
