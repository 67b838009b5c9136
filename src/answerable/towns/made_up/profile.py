"""The shape of real calls, as rates and shares: what made-up calls are drawn from.

``profile.toml`` beside this module is measured by ``tools/build_made_up_profile.py`` from the calls
that come with San Francisco (DataSF, public domain). It holds counts, shares and quantiles, and no
call. Times are seconds; a gap is given by its quantiles at ``at``, from which it is drawn back.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from importlib.resources import files

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
HOURS = 24
WEEK_HOURS = 7 * HOURS


class KindShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of incident at the source.

    ``share`` of all calls; ``urgent`` of its calls; ``units``: the share of calls to which one,
    two, three units were sent, and so on; of the jobs, the shares that went ``en_route`` and that,
    having gone, ``arrived``; ``transport``: the share of calls whose patient went to hospital.
    ``also`` are other names for the same kind, by which a town's own kinds are found.
    """

    name: str
    share: float
    urgent: float
    units: tuple[float, ...]
    en_route: float
    arrived: float
    transport: float
    also: tuple[str, ...] = ()


class Gap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The seconds between two stages, by quantiles: of urgent calls, and of the others."""

    urgent: tuple[float, ...]
    other: tuple[float, ...]

    def of(self, urgent: bool) -> tuple[float, ...]:
        """Return the quantiles for a call."""
        return self.urgent if urgent else self.other


class Gaps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The gaps of a call and its jobs. What the town's own roads say is not among them."""

    received_entry: Gap
    entry_dispatch: Gap
    first_further_dispatch: Gap
    dispatch_en_route: Gap
    scene_transport: Gap
    transport_hospital: Gap
    hospital_available: Gap
    scene_available: Gap
    en_route_available: Gap


class StreetRates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls a day and kilometre of street, by class of street, in one class of area."""

    freeway: float
    ramp: float
    main: float
    street: float
    lane: float

    def of(self, road_class: str) -> float:
        """Return the rate of a class; 0 for a path, which nobody drives on."""
        rate: float = getattr(self, road_class, 0.0)
        return rate


class AreaRates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rates of each 1-3-5 class of area."""

    core: StreetRates
    near: StreetRates
    outer: StreetRates


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole shape, where it is from, and how many calls it was measured on.

    ``week`` is calls an hour, by day of the week from Monday and by hour. ``travel_ratio`` is the
    observed time of a run over what the roads foretell, by quantiles at ``at``.
    """

    source: str
    licence: str
    period: str
    command: str
    calls: int
    per_day: float
    population: int
    at: tuple[float, ...]
    week: tuple[tuple[float, ...], ...]
    kinds: tuple[KindShape, ...]
    gaps: Gaps
    travel_ratio: tuple[float, ...]
    streets: AreaRates

    @property
    def per_day_and_1000(self) -> float:
        """Return the calls a day for every thousand people."""
        return 1000 * self.per_day / self.population

    def hour_weights(self) -> Floats:
        """Return the calls of each hour of the week from Monday 0:00, over the mean hour's."""
        week: Floats = np.array(self.week, np.float64).reshape(WEEK_HOURS)
        return np.asarray(week / week.mean(), np.float64)


@functools.cache
def profile() -> Profile:
    """Return the shape that comes with the product."""
    text = files("answerable.towns.made_up").joinpath("profile.toml").read_bytes()
    return msgspec.toml.decode(text, type=Profile)


def draw_back(at: Sequence[float], quantiles: Sequence[float], chance: float) -> float:
    """Return the value a share ``chance`` (0 to 1) of all lies below: quantiles turned round."""
    return float(np.interp(chance, at, quantiles))
