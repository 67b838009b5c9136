"""How sure a share is: the score interval of Wilson.

E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
American Statistical Association 22 (1927) 209-212. It holds the shares p that a two-sided test
would not reject: those with (k/n - p)^2 <= z^2 p (1 - p) / n. Unlike the textbook interval it says
something sensible for few answers, and for none or all of them (R. G. Newcombe, Statistics in
Medicine 17 (1998) 857-872).
"""

from __future__ import annotations

import math
from typing import NamedTuple

Z95 = 1.959963984540054
"""The standard normal quantile of 0.975: two-sided 95 %."""


class Interval(NamedTuple):
    """Both ends of an interval of shares, each 0 to 1."""

    low: float
    high: float


def wilson(hits: int, of: int, z: float = Z95) -> Interval:
    """Return the interval of a share of ``hits`` among ``of``. Raises ValueError for no share."""
    if not 0 <= hits <= of or of == 0:
        raise ValueError(f"{hits} of {of} is no share")
    share, square = hits / of, z * z / of
    middle = share + square / 2
    half = z * math.sqrt(share * (1 - share) / of + square / (4 * of))
    # Rounding must not take an end past 0 or 1, nor off them where every answer is the same.
    low = 0.0 if hits == 0 else max(0.0, (middle - half) / (1 + square))
    high = 1.0 if hits == of else min(1.0, (middle + half) / (1 + square))
    return Interval(low, high)
