"""Did it stop? An exact test of what was seen against what had to be expected had it gone on.

Under the null hypothesis that nothing changed, the calls seen are Poisson with the mean that was
expected. Where the expectation was itself learnt from ``learnt`` calls it is no known number, and
the test is the conditional one of Przyborowski and Wilenski: given all the calls, those before and
those after, each falls into the time after with the probability E / (learnt + E), so the calls seen
are binomial and no rate has to be known. Both tails are summed exactly, not approximated.

    J. Przyborowski, H. Wilenski: Homogeneity of results in testing samples from Poisson series,
    Biometrika 31 (1940), 313-323.

One-sided, because only "fewer" is asked. ``ALPHA`` is 0.05: of twenty problems that go on as
before, one look calls at most one stopped; a problem that ended is watched afterwards, so the
mistake is found and costs little, while a stricter rule would keep owners at places that are quiet.
That holds for one look. Who looks every day and stops at the first good one is wrong more often
(``benchmarks/repeats.py`` measures how often); ``problem_looks`` fixes the days and the levels.

``DAYS_MIN`` is 28: four whole weeks meet every weekday four times, and an intervention that only
held for a fortnight is not yet an end. Where even no call at all would be no proof, it is too
early as well, whatever the days.

Not modelled: calls that bring further calls (clusters wider than Poisson make p too small), and a
place that was chosen *because* it had just called a lot, which falls back by itself. Learn the
expectation from more than the days in which the place was found.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from answerable.matters.repeats.said import Stopping, Why

ALPHA = 0.05
DAYS_MIN = 28
Stop = Literal["stopped", "not yet", "too early"]


@dataclass(frozen=True)
class Verdict:
    """What the test says, with which probability, and why (``because`` in English)."""

    state: Stop
    p: float
    why: Why

    @property
    def because(self) -> str:
        """Return the reason in English."""
        return self.why.text()


def stopped(
    expected: Sequence[float], seen: Sequence[int], alpha: float = ALPHA, *, learnt: int = 0
) -> Verdict:
    """Return whether calls stopped; one number a day in both, the same days.

    ``learnt`` is how many calls the expectation was learnt from (``Expectation.seen``); 0 takes it
    as known. Raises ValueError where the days differ or a number cannot be.
    """
    _check(expected, seen, alpha, learnt)
    days, mean, count = len(seen), math.fsum(expected), sum(seen)
    p = at_most(count, mean, learnt)
    told: dict[str, object] = {"days": days, "expected": f"{mean:.1f}", "seen": count}
    if days < DAYS_MIN:
        return Verdict("too early", p, Why(Stopping.SHORT, told | {"least": DAYS_MIN}))
    if at_most(0, mean, learnt) > alpha:
        return Verdict("too early", p, Why(Stopping.FEW, told))
    told |= {"p": shown(p), "alpha": f"{alpha:.2g}"}
    if p <= alpha:
        return Verdict("stopped", p, Why(Stopping.STOPPED, told))
    return Verdict("not yet", p, Why(Stopping.GOES_ON, told))


def _check(expected: Sequence[float], seen: Sequence[int], alpha: float, learnt: int) -> None:
    if len(expected) != len(seen):
        raise ValueError(f"{len(expected)} days expected, {len(seen)} days seen")
    if any(not 0 <= one < math.inf for one in expected) or any(one < 0 for one in seen):
        raise ValueError("a number of calls is below nothing, or none")
    if not 0 < alpha < 1 or learnt < 0:
        raise ValueError(f"alpha {alpha} is no share, or {learnt} calls cannot be")


def at_most(count: int, mean: float, learnt: int = 0) -> float:
    """Return the probability of ``count`` calls or fewer where ``mean`` were expected."""
    if mean == 0:
        return 1.0
    if not learnt:
        return _sum([i * math.log(mean) - mean - math.lgamma(i + 1) for i in range(count + 1)])
    return _binomial(count, learnt + count, mean / (learnt + mean))


def _binomial(count: int, of: int, share: float) -> float:
    """Return the probability of ``count`` or fewer successes in ``of`` with chance ``share``."""
    whole = math.lgamma(of + 1)
    return _sum(
        [
            whole - math.lgamma(i + 1) - math.lgamma(of - i + 1)
            + i * math.log(share) + (of - i) * math.log1p(-share)
            for i in range(count + 1)
        ]
    )  # fmt: skip


def _sum(logs: list[float]) -> float:
    """Return the sum of probabilities given by their logarithms, never above one."""
    most = max(logs)
    return min(1.0, math.exp(most) * math.fsum(math.exp(one - most) for one in logs))


def shown(p: float) -> str:
    """Return a probability as a person reads it: 0.03, 0.0004, less than 0.0001."""
    return f"{p:.2g}" if p >= 1e-4 else "<0.0001"
