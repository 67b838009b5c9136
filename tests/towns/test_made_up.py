"""Made-up calls: shaped as the real ones are, on the town's own streets, about nobody, marked.

The generated calls of San Francisco are compared with its real ones: gaps and units by the largest
distance of their distributions (Kolmogorov and Smirnov), hours and kinds by chi-square. Seeds are
fixed, so the tests are the same every time; a flat profile must fail them.
"""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import pytest

from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.plan import plan_calls
from answerable.exchange.calls.rows import read_calls
from answerable.place.town_places import Places, load_places
from answerable.towns.load import load_town, packaged_towns
from answerable.towns.made_up import MADE_UP
from answerable.towns.made_up.calls import Call, CannotMakeUp, Wish, make_up, usual_per_day
from answerable.towns.made_up.kinds import crew, kinds_of
from answerable.towns.made_up.profile import Profile, draw_back, profile
from answerable.towns.made_up.write import COLUMNS, table, write
from answerable.towns.model import Town
from tools.build_made_up_profile import TARGET, by_call, jobs, text

FOLDER = packaged_towns()["san_francisco"]
TOWN = load_town(FOLDER)
BEGIN = datetime.datetime(2020, 4, 2, tzinfo=TOWN.zone)
DAYS = 12
SHAPE = profile()
WISH = Wish(BEGIN, DAYS, SHAPE.per_day, 7)

APART_MOST = 0.05
"""The largest distance of two distributions of gaps: 1.63 * sqrt(2 / 4600) = 0.034 is chance at
1 %, the rest is what 43 quantiles leave out."""
UNLIKELY = 0.001
"""A chi-square that chance gives less often than this is none."""


@cache
def places() -> Places:
    return load_places(FOLDER)


@cache
def made(shape: Profile = SHAPE) -> list[Call]:
    return make_up(TOWN, places(), WISH, shape)


@cache
def real():
    return by_call(jobs(FOLDER))


def apart(a: Iterable[float], b: Iterable[float]) -> float:
    """Return the largest distance of two empirical distributions."""
    x, y = np.sort(np.array(list(a))), np.sort(np.array(list(b)))
    at = np.concatenate([x, y])
    return float(np.abs(np.searchsorted(x, at, "right") / len(x)
                        - np.searchsorted(y, at, "right") / len(y)).max())  # fmt: skip


def chance_of(observed: Iterable[float], expected: Iterable[float]) -> float:
    """Return how likely chance alone is so far off: chi-square, after Wilson and Hilferty."""
    o, e = np.array(list(observed), float), np.array(list(expected), float)
    e *= o.sum() / e.sum()
    small = e < 5
    o = np.append(o[~small], o[small].sum())
    e = np.append(e[~small], e[small].sum())
    o, e = o[e > 0], e[e > 0]
    free = len(o) - 1
    chi = float(((o - e) ** 2 / e).sum())
    z = ((chi / free) ** (1 / 3) - (1 - 2 / (9 * free))) / math.sqrt(2 / (9 * free))
    return 0.5 * math.erfc(z / math.sqrt(2))


# -- the profile -----------------------------------------------------------------------------


def test_the_profile_is_what_the_packaged_calls_say():
    assert TARGET.read_text("utf-8") == text(), "run: python -m tools.build_made_up_profile"


def test_the_shares_of_the_profile_are_shares():
    assert sum(kind.share for kind in SHAPE.kinds) == pytest.approx(1, abs=1e-3)
    for kind in SHAPE.kinds:
        assert sum(kind.units) == pytest.approx(1, abs=1e-3)
        assert all(0 <= s <= 1 for s in (kind.urgent, kind.en_route, kind.arrived, kind.transport))
    for name in SHAPE.gaps.__struct_fields__:
        gap = getattr(SHAPE.gaps, name)
        for quantiles in (gap.urgent, gap.other):
            assert len(quantiles) == len(SHAPE.at)
            assert list(quantiles) == sorted(quantiles)


def test_a_quantile_is_drawn_back_between_its_neighbours():
    assert draw_back((0, 0.5, 1), (0, 10, 40), 0.25) == 5
    assert draw_back((0, 0.5, 1), (0, 10, 40), 0.75) == 25


# -- the shape of what is made ---------------------------------------------------------------


def hours(calls: list[Call]) -> np.ndarray:
    at = Counter(datetime.datetime.fromtimestamp(c.received, TOWN.zone).hour for c in calls)
    return np.array([at[hour] for hour in range(24)])


def real_hours() -> np.ndarray:
    at = Counter(rows[0].at["received"].hour for rows in real().values())
    return np.array([at[hour] for hour in range(24)])


def test_as_many_calls_are_made_up_as_are_wished_for():
    wished = WISH.per_day * WISH.days
    assert abs(len(made()) - wished) < 4 * math.sqrt(wished)


def test_the_hours_of_the_day_are_those_of_the_source():
    assert chance_of(hours(made()), real_hours()) > UNLIKELY


def test_a_flat_profile_is_told_from_the_source_s():
    flat = msgspec.structs.replace(SHAPE, week=tuple((1.0,) * 24 for _day in range(7)))
    assert chance_of(hours(make_up(TOWN, places(), WISH, flat)), real_hours()) < 1e-12


def test_the_mix_of_kinds_and_the_share_of_urgent_calls_are_those_of_the_source():
    source = Counter(rows[0].row["call_type"] for rows in real().values())
    mine = Counter(call.kind for call in made())
    assert chance_of((mine[k] for k in source), source.values()) > UNLIKELY
    urgent = sum(call.priority in TOWN.file.urgent for call in made()) / len(made())
    theirs = sum(rows[0].urgent for rows in real().values()) / len(real())
    assert urgent == pytest.approx(theirs, abs=0.03)


def test_as_many_units_go_to_a_call_as_at_the_source():
    assert apart((len(c.jobs) for c in made()), (len(r) for r in real().values())) < APART_MOST


GAPS = {
    "received to entry": (lambda c: [c.entry - c.received],
                          lambda rows: [rows[0].gap("received", "entry")]),
    "dispatch to en route": (
        lambda c: [j.en_route - j.dispatch for j in c.jobs if j.en_route],
        lambda rows: [j.gap("dispatch", "en_route") for j in rows]),
    "scene to transport": (
        lambda c: [j.transport - j.scene for j in c.jobs if j.transport],
        lambda rows: [j.gap("scene", "transport") for j in rows]),
    "transport to hospital": (
        lambda c: [j.hospital - j.transport for j in c.jobs if j.hospital],
        lambda rows: [j.gap("transport", "hospital") for j in rows]),
    "hospital to free": (
        lambda c: [j.available - j.hospital for j in c.jobs if j.hospital],
        lambda rows: [j.gap("hospital", "available") for j in rows]),
    "scene to free": (
        lambda c: [j.available - j.scene for j in c.jobs if j.scene and not j.transport],
        lambda rows: [j.gap("scene", "available") for j in rows if "transport" not in j.at]),
}  # fmt: skip


@pytest.mark.parametrize("name", GAPS)
def test_a_gap_is_spread_as_at_the_source(name):
    of_mine, of_theirs = GAPS[name]
    urgent = [call for call in made() if call.priority in TOWN.file.urgent]
    mine = [value for call in urgent for value in of_mine(call)]
    of_urgent = [rows for rows in real().values() if rows[0].urgent]
    theirs = [value for rows in of_urgent for value in of_theirs(rows) if value is not None]
    assert min(len(mine), len(theirs)) > 1000
    assert apart(mine, theirs) < APART_MOST


def test_a_gap_that_is_always_the_same_is_told_from_the_source_s():
    gaps = SHAPE.gaps
    same = tuple(60.0 for _ in SHAPE.at)
    flat = msgspec.structs.replace(
        gaps, dispatch_en_route=type(gaps.dispatch_en_route)(same, same)
    )  # fmt: skip
    short = msgspec.structs.replace(WISH, days=3)
    calls = make_up(TOWN, places(), short, msgspec.structs.replace(SHAPE, gaps=flat))
    of_mine, of_theirs = GAPS["dispatch to en route"]
    mine = [value for call in calls for value in of_mine(call)]
    theirs = [v for rows in real().values() for v in of_theirs(rows) if v is not None]
    assert apart(mine, theirs) > 5 * APART_MOST


def test_calls_come_as_often_in_each_class_of_area_as_at_the_source():
    def classes(points) -> np.ndarray:
        at = Counter(places().areas.at(*point).area_class for point in points)
        return np.array([at[c] for c in ("core", "near", "outer")]) / at.total()

    mine = classes((c.spot.lon, c.spot.lat) for c in made())
    rows = (rows[0].row for rows in real().values())
    theirs = classes((float(row["lon"]), float(row["lat"])) for row in rows)
    assert np.abs(mine - theirs).max() < 0.05


# -- what must never be ----------------------------------------------------------------------


def test_no_unit_is_on_two_calls_at_once():
    busy: dict[str, float] = {}
    every = sorted((job for call in made() for job in call.jobs), key=lambda job: job.dispatch)
    for job in every:
        assert busy.get(job.unit, 0.0) < job.dispatch
        busy[job.unit] = job.available


def test_the_stages_of_a_job_stand_in_the_order_of_its_life():
    for call in made():
        assert call.received <= call.entry
        for job in call.jobs:
            stages = [job.dispatch, job.en_route, job.scene, job.transport, job.hospital]
            there = [call.entry, *(at for at in stages if at is not None), job.available]
            assert there == sorted(there)
            assert job.transport is None or job.scene is not None


def test_every_place_lies_on_the_town_s_streets():
    for call in made()[:300]:
        assert places().snap(call.spot.lon, call.spot.lat).distance_m < 2


def test_the_first_unit_is_the_one_that_is_there_soonest(town):
    own, its = load_town(town), load_places(town)
    quiet = make_up(own, its, Wish(BEGIN, 20, 2, 3))
    checked = 0
    for call in quiet:
        card = own.run_card(call.kind, call.priority)
        job = call.jobs[0] if call.jobs else None
        if job is None or job.dispatch - call.entry > 3000:
            continue  # it waited
        types, skills = crew(card, 1, own.unit_types)[0]
        times = {
            unit.unit: its.travel.time_s(its.posting(unit.unit), call.spot.node)
            for unit in own.units.values()
            if unit.unit_type in types and skills <= set(unit.skills)
        }
        checked += times[job.unit] == min(times.values())
    assert checked > 0.8 * len(quiet)  # the rest found that unit on an earlier call


def test_the_same_seed_gives_the_same_calls_and_another_one_others(town):
    own, its = load_town(town), load_places(town)
    wish = Wish(BEGIN, 5, 30, 1)
    one = table(make_up(own, its, wish))
    assert one == table(make_up(load_town(town), load_places(town), wish))
    assert one != table(make_up(own, its, msgspec.structs.replace(wish, seed=2)))


def test_there_is_nobody_in_a_made_up_call(town):
    own, its = load_town(town), load_places(town)
    rows = csv.DictReader(io.StringIO(table(make_up(own, its, Wish(BEGIN, 5, 40, 1)))))
    assert tuple(rows.fieldnames) == COLUMNS
    assert not {"name", "number", "caller", "phone", "age", "sex", "words"} & set(COLUMNS)
    streets = {its.roads.name(segment) for segment in range(its.roads.segments)}
    for row in rows:
        assert set(row["place"].split(" / ")) <= streets  # no house number, no name but a street's
        assert not re.search(r"\d", row["place"])


# -- any town --------------------------------------------------------------------------------


def test_the_importer_reads_the_calls_and_every_call_and_incident_is_marked(town, tmp_path):
    own, its = load_town(town), load_places(town)
    wish = Wish(BEGIN, 3, 40, 1)
    calls = make_up(own, its, wish)
    mapping = write(calls, own, wish, tmp_path / "calls.csv.gz")
    source = read_calls(tmp_path / "calls.csv.gz", load_mapping(mapping))
    assert source.reported == []
    plan = plan_calls(source, own.kinds)
    assert plan.calls == len(calls)
    opened = [p.command for p in plan.commands if p.command.tag == "intake.OpenIncident"]
    answered = [p.command for p in plan.commands if p.command.tag == "intake.AnswerCall"]
    assert len(opened) == len(answered) == len(calls)
    assert all(MADE_UP in command.marks for command in [*opened, *answered])
    assert all(command.group == MADE_UP for command in opened)
    assert {command.kind for command in opened} <= set(own.kinds)
    assert [c.at for c in answered] == [int(call.received) * 1_000_000 for call in calls]


def test_times_are_those_of_the_town_through_a_change_of_its_clocks(town, tmp_path):
    """The night of 25 October 2026 in Vaduz has its third hour twice."""
    own, its = load_town(town), load_places(town)
    begin = datetime.datetime(2026, 10, 25, tzinfo=own.zone)
    wish = Wish(begin, 0.25, 400, 1)
    calls = make_up(own, its, wish)
    mapping = write(calls, own, wish, tmp_path / "calls.csv")
    source = read_calls(tmp_path / "calls.csv", load_mapping(mapping))
    firsts = {row.call: row.at[0] for row in source.rows}
    assert firsts == {call.number: int(call.received) * 1_000_000 for call in calls}
    folds = {datetime.datetime.fromtimestamp(c.received, own.zone).fold for c in calls}
    assert folds == {0, 1}


def test_kinds_are_found_by_their_names_and_the_rest_is_other(town):
    own = load_town(town)
    found = {kind.code: kind for kind in kinds_of(own, SHAPE)}
    assert set(found) == {"Medical", "Other"}
    assert sum(kind.share for kind in found.values()) == pytest.approx(1)
    assert found["Medical"].share == pytest.approx(SHAPE.kinds[0].share, abs=1e-3)
    assert found["Medical"].priority(True) == "high"
    assert found["Medical"].priority(False) == "low"
    assert found["Other"].priority(True) == "low", "a kind that is never urgent here is not made so"


def test_a_kind_that_the_source_does_not_know_gets_no_calls():
    liechtenstein = load_town(packaged_towns()["liechtenstein"])
    police = {k.code for k in liechtenstein.file.kinds if k.discipline == "police"} - {"Other"}
    assert police
    assert not police & {kind.code for kind in kinds_of(liechtenstein, SHAPE)}


@pytest.mark.parametrize(("per_day", "days"), [(0, 3), (1e6, 3), (40, 0), (40, 4000)])
def test_a_wish_without_measure_is_refused(town, per_day, days):
    with pytest.raises(CannotMakeUp, match="Give fewer"):
        make_up(load_town(town), load_places(town), Wish(BEGIN, days, per_day, 1))


def test_a_town_without_a_kind_that_has_rates_is_told_what_to_add(town):
    own = load_town(town)
    file = msgspec.structs.replace(
        own.file, kinds=tuple(k for k in own.file.kinds if k.code == "Fire")
    )
    bare = Town(file, tuple(own.units.values()))
    with pytest.raises(CannotMakeUp, match="code Other"):
        make_up(bare, load_places(town), Wish(BEGIN, 1, 10, 1))


def test_the_usual_number_follows_the_people_and_never_leaves_a_board_empty(town):
    own = load_town(town)
    assert usual_per_day(own) == 24
    many = Town(msgspec.structs.replace(own.file, population=200_000), tuple(own.units.values()))
    assert usual_per_day(many) == pytest.approx(200 * SHAPE.per_day_and_1000)


def test_a_packed_file_says_no_time_of_its_own(town, tmp_path: Path):
    own, its = load_town(town), load_places(town)
    wish = Wish(BEGIN, 1, 40, 1)
    for name in ("a", "b"):
        write(make_up(own, its, wish), own, wish, tmp_path / name / "calls.csv.gz")
    a, b = ((tmp_path / name / "calls.csv.gz").read_bytes() for name in ("a", "b"))
    assert a == b
    assert gzip.decompress(a).startswith(b"call,unit")
