"""A refusal calls a state what it is there, in every language, though rules share a word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from answerable.console.deeds import thing
from answerable.console.language import language
from answerable.console.states import SAID, words
from answerable.rooms import product

ROOMS = product().rooms
LIVES = {(room.name, name): life for room in ROOMS for name, life in room.steps.items()}
SOURCES = Path(__file__).parents[2] / "src/answerable"
OTHERS = {
    ("vault", "hold", "free"): "待命",
    ("vault", "erasure", "asked"): "本人",
    ("handover", "desk", "waiting"): "密码",
    ("matters", "support", "declined"): "立项",
    ("followup", "call-back", "answered"): "接听",
}
"""What the same word means elsewhere."""


def refused(world, room: str, name: str, state: str, tag: str) -> str:
    life = LIVES[room, name]
    event = next(event for _s, event in life.table if not life.allows(state, event))
    refusal = life.refuse(state, event, "incident 118")
    return str(world.app.front.phrases(tag).refusal(refusal)["because"])


@pytest.mark.parametrize(("room", "name", "state"), OTHERS)
def test_a_state_is_called_what_it_is_there(world, room, name, state):
    told = refused(world, room, name, state, "zh-CN")
    assert re.search(r"[\u4e00-\u9fff]", told.removeprefix("目前状态："))
    assert OTHERS[room, name, state] not in told
    assert SAID[room, name][state] in refused(world, room, name, state, "en")


def test_only_states_that_there_are_have_a_name_of_their_own():
    for key, said in SAID.items():
        assert set(said) <= set(LIVES[key].states), key
    assert len(words(ROOMS)) >= sum(len(said) for said in SAID.values())


def test_what_is_not_in_the_record_is_named_in_chinese():
    lang, found = language("zh-CN"), set()
    for path in SOURCES.rglob("*.py"):
        found |= set(re.findall(r'what="([^"]+)"', path.read_text(encoding="utf-8")))
    assert {"counted line", "call"} <= found
    assert {what for what in found if thing(lang, what) == what} == set()
