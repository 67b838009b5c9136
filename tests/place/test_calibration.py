"""The factor and the start come out of past runs robustly, with an honest error."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from answerable.place.calibrate import (
    UNCALIBRATED,
    Runs,
    calibrate,
    fit,
    held_out,
    read_calibration,
    write_calibration,
)
from answerable.place.errors import PlaceError
from answerable.place.town_places import Places


def made_up(count: int = 600, wrong: float = 0.0, noise_s: float = 20.0) -> Runs:
    chance = np.random.default_rng(7)
    free = chance.uniform(10, 300, count)
    seen = 60 + 1.5 * free + chance.laplace(0, noise_s, count)
    bad = chance.random(count) < wrong
    seen[bad] = chance.uniform(1500, 3000, bad.sum())
    return Runs(free, np.maximum(seen, 1), np.arange(count) % 2)


def told(runs: Runs):
    return calibrate(runs, source="made up", period="none", command="pytest")


def test_exact_runs_give_back_what_made_them() -> None:
    runs = made_up(noise_s=0)
    assert fit(runs.free_flow_s, runs.observed_s) == pytest.approx((1.5, 60), abs=1e-3)


def test_one_run_in_ten_recorded_absurdly_hardly_moves_the_fit() -> None:
    clean, spoilt = told(made_up()), told(made_up(wrong=0.1))
    assert spoilt.factor == pytest.approx(clean.factor, abs=0.12)
    assert spoilt.start_s == pytest.approx(clean.start_s, abs=12)


def test_the_interval_holds_what_made_the_runs() -> None:
    found = told(made_up())
    assert found.factor_low < 1.5 < found.factor_high
    assert found.start_low_s < 60 < found.start_high_s
    assert found.factor_high - found.factor_low < 0.2


def test_the_error_stated_is_of_runs_that_were_held_out() -> None:
    """A period that behaves otherwise must show in the error, not vanish into the fit."""
    runs = made_up()
    late = Runs(runs.free_flow_s, runs.observed_s + 100 * (runs.period == 1), runs.period)
    assert told(late).error_median_s > 80
    error, _ = held_out(late)
    assert len(error) == len(late.observed_s)


def test_the_same_runs_give_the_same_calibration() -> None:
    assert told(made_up()) == told(made_up())


def test_neither_number_is_ever_negative() -> None:
    falling = np.linspace(10, 100, 50)
    factor, start_s = fit(falling, 300 - falling)
    assert factor == 0
    assert start_s > 0
    assert fit(falling, 2 * falling - 15)[1] == 0


@pytest.mark.parametrize("runs", [made_up(50), Runs(*(np.ones(200),) * 2, np.zeros(200, int))])
def test_too_few_runs_or_periods_are_refused(runs: Runs) -> None:
    with pytest.raises(PlaceError, match="too few"):
        told(runs)


def test_a_calibration_comes_back_from_its_file(tmp_path: Path) -> None:
    found = told(made_up())
    write_calibration(found, tmp_path / "calibration.toml")
    assert read_calibration(tmp_path / "calibration.toml") == found


def test_a_town_without_a_calibration_drives_at_free_flow(tmp_path: Path) -> None:
    assert read_calibration(tmp_path / "absent.toml") is UNCALIBRATED
    assert (UNCALIBRATED.factor, UNCALIBRATED.start_s) == (1, 0)


@pytest.mark.parametrize("change", [{"factor": 0.0}, {"start_s": -1.0}, {"factor": "fast"}])
def test_a_calibration_that_makes_no_time_is_refused(tmp_path: Path, change: dict) -> None:
    path = tmp_path / "calibration.toml"
    rows = {**msgspec.structs.asdict(UNCALIBRATED), **change}
    path.write_text("\n".join(f"{k} = {msgspec.json.encode(v).decode()}" for k, v in rows.items()))
    with pytest.raises(PlaceError, match=r"calibration\.toml not"):
        read_calibration(path)


def test_san_francisco_drives_by_its_own_past_runs(san_francisco: Places) -> None:
    found, travel = san_francisco.calibration, san_francisco.travel
    assert found.runs > 4_000
    assert 1.7 < found.ratio_median < 2.0, "observed over free flow, as others found it"
    assert found.error_median_s < found.error_median_ratio_only_s
    assert (travel.factor, travel.start_s) == (found.factor, found.start_s)
