"""Wilson's interval is exactly the shares that a two-sided test would not reject."""

from __future__ import annotations

import math

import pytest

from answerable.measure.interval import Z95, wilson

# R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3 (score, no correction).
PUBLISHED = {
    (81, 263): (0.2553, 0.3662),
    (15, 148): (0.0624, 0.1605),
    (0, 20): (0.0000, 0.1611),
    (1, 29): (0.0061, 0.1718),
}


@pytest.mark.parametrize("case", PUBLISHED)
def test_the_published_intervals_come_out(case):
    found, (low, high) = wilson(*case), PUBLISHED[case]
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def held(share: float, hits: int, of: int) -> bool:
    """Say whether a test with the normal approximation would not reject a share."""
    return (hits / of - share) ** 2 <= Z95**2 * share * (1 - share) / of


def edge(inside: float, outside: float, hits: int, of: int) -> float:
    """Return where holding turns to rejecting between two shares, by halving."""
    for _ in range(80):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if held(middle, hits, of) else (inside, middle)
    return inside


@pytest.mark.parametrize("of", [1, 2, 3, 7, 10, 29, 60, 137, 30_000])
def test_it_is_the_test_turned_round_found_by_brute_force(of):
    for hits in {*range(min(of, 61)), of // 3, of // 2, of - 1, of}:
        low, high = wilson(hits, of)
        assert low == pytest.approx(edge(hits / of, 0.0, hits, of), abs=1e-9)
        assert high == pytest.approx(edge(hits / of, 1.0, hits, of), abs=1e-9)


def test_it_stays_a_share_and_holds_what_was_seen():
    for of in range(1, 80):
        for hits in range(of + 1):
            low, high = wilson(hits, of)
            assert 0.0 <= low <= hits / of <= high <= 1.0
    assert wilson(0, 5).low == 0.0
    assert wilson(5, 5).high == 1.0


def test_it_covers_the_true_share_about_as_often_as_it_says():
    of = 40
    for true in (0.5, 0.8, 0.9):
        covered = sum(
            math.comb(of, k) * true**k * (1 - true) ** (of - k)
            for k in range(of + 1)
            if wilson(k, of).low <= true <= wilson(k, of).high
        )
        assert 0.92 < covered < 0.98


def test_more_answers_make_it_narrower():
    widths = [wilson(9 * n, 10 * n).high - wilson(9 * n, 10 * n).low for n in (1, 4, 16, 64)]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(("hits", "of"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_has_no_interval(hits, of):
    with pytest.raises(ValueError, match="no share"):
        wilson(hits, of)
