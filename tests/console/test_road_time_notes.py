"""What the board says of road times: from past runs, or free flow; and what the town notes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec

from answerable.console.board import road_time_error
from answerable.console.language import language
from answerable.place.town_places import load_places
from answerable.towns.load import load_town, packaged_towns


def said(town: str, tag: str) -> str:
    folder = packaged_towns()[town]
    front: Any = SimpleNamespace(
        town=load_town(folder), centre=SimpleNamespace(places=load_places(folder))
    )
    phrases: Any = SimpleNamespace(lang=language(tag))
    return road_time_error(front, phrases)


def test_a_town_from_a_map_says_that_times_are_free_flow_and_turns_are_not_kept() -> None:
    english = said("liechtenstein", "en")
    assert english.startswith("Times by road are free flow; no past runs")
    assert "3 turn restrictions; road times do not keep them." in english
    assert "made up" in english
    chinese = said("liechtenstein", "zh-CN")
    assert "3 条转向限制" in chinese
    assert "turn" not in chinese


def test_a_town_with_past_runs_says_how_wrong_times_were_instead() -> None:
    assert "on 4,635 past runs" in said("san_francisco", "en")
    assert "free flow" not in said("san_francisco", "en")


def test_every_note_of_a_packaged_town_is_in_both_languages() -> None:
    for folder in packaged_towns().values():
        for note in load_town(folder).file.notes:
            assert {"en", "zh"} <= set(msgspec.to_builtins(note))
