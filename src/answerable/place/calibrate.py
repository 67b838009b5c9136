"""How much longer real runs take than free flow, fitted from past runs, with its error.

A run is one emergency vehicle that was at its station, from en route to on scene, on a call with
lights and sirens. The model is

    seconds = start_s + factor x free-flow seconds

`start_s` is what a run costs however near the place is (leaving the station, stopping, finding the
door); `factor` is what each free-flow second becomes. Both are fitted by least absolute
deviations, so that a run recorded wrongly, or by a crew that was not at home, pulls little. The
error stated is of runs that were held out: each period is foretold from the other periods.
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from answerable.place.errors import PlaceError
from answerable.place.roads import Floats

CALIBRATION_FILE = "calibration.toml"
RUNS_MIN = 100
RESAMPLES = 200
FIT_ROUNDS = 60
CLOSE_S = 0.5  # the stamps are whole seconds: a closer fit to one run means nothing


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was fitted, on what, and how wrong it is. Seconds except where said otherwise."""

    factor: float
    factor_low: float  # 95 % interval, by resampling whole runs
    factor_high: float
    start_s: float
    start_low_s: float
    start_high_s: float
    runs: int
    error_median_s: float  # absolute error, held-out runs
    error_p90_s: float
    error_bias_s: float  # median of observed minus foretold, held-out runs
    ratio_median: float  # observed over free flow, of runs of 20 s free flow and more
    error_median_ratio_only_s: float  # what a factor alone would have erred by, for comparison
    source: str
    period: str
    command: str


@dataclass(frozen=True, slots=True)
class Runs:
    """Past runs: free-flow and observed seconds, and which period each belongs to."""

    free_flow_s: Floats
    observed_s: Floats
    period: npt.NDArray[np.int64]


def fit(free_flow_s: Floats, observed_s: Floats) -> tuple[float, float]:
    """Return (factor, start_s) with the least absolute deviations, neither below zero.

    Found by reweighted least squares of the two unknowns; with whole-second stamps it settles to
    well below the third decimal that is kept.
    """
    x, y = free_flow_s, observed_s
    weight = np.ones(len(x))
    factor = start = 0.0
    for _ in range(FIT_ROUNDS):
        w, wx = weight.sum(), weight @ x
        spread = w * (weight @ (x * x)) - wx * wx
        factor = (w * (weight @ (x * y)) - wx * (weight @ y)) / spread if spread > 1e-9 else 0.0
        factor = max(factor, 0.0)
        start = max((weight @ y - factor * wx) / w, 0.0)
        weight = 1 / np.maximum(np.abs(y - factor * x - start), CLOSE_S)
    return float(factor), float(start)


def interval(runs: Runs, seed: int = 1) -> tuple[Floats, Floats]:
    """Return the 95 % intervals (low, high) of factor and of start_s, by resampling the runs."""
    draw = np.random.default_rng(seed)
    count = len(runs.observed_s)
    found = np.empty((RESAMPLES, 2))
    for i in range(RESAMPLES):
        some = draw.integers(0, count, count)
        found[i] = fit(runs.free_flow_s[some], runs.observed_s[some])
    low, high = np.percentile(found, [2.5, 97.5], axis=0)
    return low, high


def held_out(runs: Runs) -> tuple[Floats, Floats]:
    """Return the errors (observed minus foretold) of each period foretold from the others.

    First with factor and start, then with the median ratio alone.
    """
    both, ratio_only = [], []
    for period in np.unique(runs.period):
        test = runs.period == period
        factor, start_s = fit(runs.free_flow_s[~test], runs.observed_s[~test])
        ratio = _ratio(runs.free_flow_s[~test], runs.observed_s[~test])
        both.append(runs.observed_s[test] - factor * runs.free_flow_s[test] - start_s)
        ratio_only.append(runs.observed_s[test] - ratio * runs.free_flow_s[test])
    return np.concatenate(both), np.concatenate(ratio_only)


def _ratio(free_flow_s: Floats, observed_s: Floats) -> float:
    """Return the median of observed over free flow, of runs long enough for a ratio to mean it."""
    long = free_flow_s >= 20
    return float(np.median(observed_s[long] / free_flow_s[long])) if long.any() else float("nan")


def calibrate(runs: Runs, *, source: str, period: str, command: str) -> Calibration:
    """Fit the factor and the start from past runs and state the error; refuse too few runs."""
    if len(runs.observed_s) < RUNS_MIN or len(np.unique(runs.period)) < 2:
        raise PlaceError(
            "Travel times not calibrated",
            f"{len(runs.observed_s)} runs in {len(np.unique(runs.period))} periods are too few",
            f"Give {RUNS_MIN} runs or more in two periods or more, or keep factor 1",
        )
    factor, start_s = fit(runs.free_flow_s, runs.observed_s)
    low, high = interval(runs)
    error, ratio_error = held_out(runs)
    return Calibration(
        factor=round(factor, 3),
        factor_low=round(float(low[0]), 3),
        factor_high=round(float(high[0]), 3),
        start_s=round(start_s, 1),
        start_low_s=round(float(low[1]), 1),
        start_high_s=round(float(high[1]), 1),
        runs=len(runs.observed_s),
        error_median_s=round(float(np.median(np.abs(error))), 1),
        error_p90_s=round(float(np.percentile(np.abs(error), 90)), 1),
        error_bias_s=round(float(np.median(error)), 1),
        ratio_median=round(_ratio(runs.free_flow_s, runs.observed_s), 2),
        error_median_ratio_only_s=round(float(np.median(np.abs(ratio_error))), 1),
        source=source,
        period=period,
        command=command,
    )


UNCALIBRATED = Calibration(
    factor=1.0, factor_low=1.0, factor_high=1.0, start_s=0.0, start_low_s=0.0, start_high_s=0.0,
    runs=0, error_median_s=0.0, error_p90_s=0.0, error_bias_s=0.0, ratio_median=0.0,
    error_median_ratio_only_s=0.0, source="none: free-flow times", period="", command="",
)  # fmt: skip


def read_calibration(path: Path) -> Calibration:
    """Read a town's calibration; a town without the file drives at free flow."""
    if not path.exists():
        return UNCALIBRATED
    try:
        told = msgspec.toml.decode(path.read_bytes(), type=Calibration)
    except (OSError, ValueError) as error:
        raise PlaceError(
            f"{path.name} not read", str(error), "Fit it again, or take the file away"
        ) from error
    if told.factor > 0 and told.start_s >= 0:
        return told
    raise PlaceError(
        f"{path.name} not used",
        f"factor {told.factor} and start_s {told.start_s} make no driving time",
        "Fit it again, or take the file away",
    )


def write_calibration(told: Calibration, path: Path) -> None:
    """Keep a calibration as TOML, with what each number means."""
    lines = [
        "# Travel time in seconds = start_s + factor x free-flow seconds.",
        "# Fitted and explained in docs/howto/calibrate-travel-times.md.",
    ]
    lines += [
        f"{name} = {msgspec.json.encode(value).decode()}"
        for name, value in msgspec.structs.asdict(told).items()
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
