"""Did the calls come back? A test that may be looked at after every call without being fooled.

A problem that stopped is watched. Its place may still call now and then; the null hypothesis is
that it calls at no more than ``RESIDUAL`` of what the season let expect before. Against "as before"
the likelihood ratio of a Poisson process is

    M(t) = RESIDUAL ** -seen * exp(-(1 - RESIDUAL) * expected)

where ``seen`` and ``expected`` are counted from the start of the watch. Under the null hypothesis M
is a supermartingale that starts at one, so by Ville's inequality the chance that it *ever* reaches
1 / ALPHA is at most ALPHA: it may be looked at after every call, for as long as one likes (A. Wald,
Sequential analysis, 1947; J. Ville, Étude critique de la notion de collectif, 1939). ``expected``
rounded up, as whole days, makes the test slower and never rasher.
"""

from __future__ import annotations

import math

ALPHA = 0.05
RESIDUAL = 0.25
"""A place that calls a quarter as often as before has stopped being a problem."""


def came_back(
    expected: float, seen: int, *, residual: float = RESIDUAL, alpha: float = ALPHA
) -> bool:
    """Say whether the calls came back, given those since the watch began.

    Raises ValueError where a number cannot be.
    """
    if expected < 0 or seen < 0 or not 0 < residual < 1 or not 0 < alpha < 1:
        raise ValueError(f"{seen} of {expected} calls, {residual}, {alpha} cannot be")
    return -seen * math.log(residual) - (1 - residual) * expected >= -math.log(alpha)
