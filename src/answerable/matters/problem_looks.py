"""When it is looked whether a place stopped calling, and how strict each look is.

Who tests every day and stops at the first good result is wrong far more often than one test says
(P. Armitage, C. K. McPherson, B. C. Rowe: Repeated significance tests on accumulating data, Journal
of the Royal Statistical Society A 132, 1969, 235-244). So the days are fixed: every ``LOOK_DAYS``
whole days since the last step that was done, and nothing that is asked between two looks is
answered by later figures than those of the last one.

The error of five in a hundred is spent over all looks of a problem's whole life, as in the spending
of K. K. G. Lan, D. L. DeMets: Discrete sequential boundaries for clinical trials, Biometrika 70
(1983), 659-663, but by the plainest rule: look ``n`` may be wrong with the chance

    ALPHA / (n * (n + 1)):   1/40, 1/120, 1/240, 1/400, ...

whose sum over every n is ALPHA. By Boole's inequality the chance that any of them is wrong is at
most ALPHA, however many there are and however much they depend on each other. A step that is done
begins the days again and gives no new error: its looks are counted on. This is stricter than a
spending that knows how the looks depend on each other, and can be worked out by hand.

Needed: that a place goes on as it did before, by calls that do not bring each other, and that the
days of the steps are not chosen by what was counted before it was a problem.
"""

from __future__ import annotations

from answerable.matters.repeats.stopped import ALPHA, DAYS_MIN

LOOK_DAYS = DAYS_MIN
"""Whole days from one look to the next: four weeks, so that every weekday weighs the same."""
DAY_US = 86_400_000_000
CLOCKS_US = 2 * 3_600_000_000
"""More than clocks are put forward: a look that may have been is counted."""


def level(nth: int, alpha: float = ALPHA) -> float:
    """Return the chance with which look ``nth`` of a problem's life (1 on) may be wrong."""
    if nth < 1:
        raise ValueError(f"look {nth} cannot be: the first is 1")
    return alpha / (nth * (nth + 1))


def passed(since_us: int, until_us: int) -> int:
    """Return the looks between two instants (UTC us), rather one too many than one too few.

    It is what a step adds that begins the days again; the town's calendar is not needed for it.
    """
    return max(0, until_us - since_us + CLOCKS_US) // (LOOK_DAYS * DAY_US)
