"""What is remembered of many actors at once."""

from __future__ import annotations

import pytest

from answerable.console.contract.pace import ACTORS_MAX, Pace
from answerable.console.sanity import Refused


def test_a_flood_of_others_gives_nobody_a_new_bucket():
    pace = Pace(0.1, 30, lambda: 9.0)
    for _ in range(30):
        pace.take("the number that is guessed at")
    for n in range(3 * ACTORS_MAX):
        pace.take(f"another {n}")
    with pytest.raises(Refused):
        pace.take("the number that is guessed at")


def test_buckets_that_are_full_again_are_forgotten_first():
    now_s = [9.0]
    pace = Pace(1, 2, lambda: now_s[0])
    for n in range(ACTORS_MAX):
        pace.take(f"once {n}")
    now_s[0] += 5
    pace.take("now")
    pace.take("now")
    assert len(pace._full_at) < 3
    with pytest.raises(Refused):
        pace.take("now")
