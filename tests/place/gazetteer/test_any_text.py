"""Whatever is typed: no fault, quickly, and only answers that are positions with a reason."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WORDS = (
    "mission", "MARKET ST", "5th", "fifth", "and", "/", "corner of", "near", "1200", "12-A",
    "block of",
    "av", "市场街", "与", "路口", "号", "37.77", "-122.41", "°",
    "'", '"', "N", "W", "geo:", "+", "8FW4V75V+8Q",
    "between", "hundred", "twelve", ",", "#", "the", "van ness", "\u0000", "\ud83d\ude92",
    "e\u0301", "½", "ﬀ", "İ",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=400),
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=14).map("".join),
)
WEST, SOUTH, EAST, NORTH = -123.2, 37.5, -122.0, 38.1


@given(text=TEXTS)
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
def test_any_text_gets_only_positions_with_reasons(town, text):
    for found in town.find(text):
        assert -180 <= found.lon <= 180
        assert -90 <= found.lat <= 90
        assert 0 <= found.confidence <= 1
        assert found.reasons
        assert found.address
        assert found.kind == "coordinates" or (
            WEST < found.lon < EAST and SOUTH < found.lat < NORTH
        )


@pytest.mark.parametrize(
    "text",
    ["a" * 100_000, "1 " * 50_000, "5th and " * 10_000, "mission between " * 9_000, "°'\"" * 30_000,
     "市场街与" * 20_000, "37.1" * 20_000, " " * 100_000, "near " * 20_000, "st " * 30_000,
     "the corner of " * 8_000, "twelve hundred " * 9_000, "-" * 90_000, "1-" * 50_000],
)  # fmt: skip
def test_a_text_without_end_takes_no_longer_than_a_short_one(town, text):
    town.find("warm")
    best_s = min(_took_s(town, text) for _ in range(3))
    assert best_s < 0.5


def _took_s(town, text: str) -> float:
    began = time.perf_counter()
    town.find(text)
    return time.perf_counter() - began
