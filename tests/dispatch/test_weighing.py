"""Crew, rest and cover: who is passed over for them, within which limit, and how it is said."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.dispatch.cover import Gap
from answerable.dispatch.recommend import (
    Reason,
    Recommendation,
    Weighing,
    recommend,
    tired_by,
)
from answerable.dispatch.views import UnitLine
from answerable.towns.model import Alarm, Need, RunCard
from answerable.towns.sending import Rest, Sending, Staffing

HERE, US, NOW_US = "200930001", 1_000_000, 10**15
ENGINE = Need(("ENGINE",))
TEN_MINUTES = Rest(after_job_s=600)


class Behind:
    """Cover that a test counts on its fingers: who counts for which place, how many it needs."""

    score = None

    def __init__(self, counts_for: dict[str, tuple[int, ...]], least: int = 1) -> None:
        self.counts_for, self.least = counts_for, least
        self.counts = Counter(n for places in counts_for.values() for n in places)

    def of(self, unit: str) -> tuple[int, ...]:
        """Return the places a unit counts for."""
        return self.counts_for.get(unit, ())

    def gaps(self, unit: str, spent) -> tuple[Gap, ...]:
        """Return the places that would have too few."""
        left = {n: self.counts[n] - spent[n] - 1 for n in self.of(unit)}
        return tuple(
            Gap("rule", str(n), many, self.least) for n, many in left.items() if many < self.least
        )


def unit(name: str, kind: str = "ENGINE", **fields) -> UnitLine:
    return UnitLine(unit=name, unit_type=kind, **fields)


def freed(name: str, ago_s: int) -> UnitLine:
    return unit(name, freed_us=NOW_US - ago_s * US)


def ask(
    units, times_s, sending=None, behind=None, needs=(ENGINE,), urgent=False, level=1, card=None
) -> Recommendation:
    fleet: dict[str, list[UnitLine]] = {}
    for one in units:
        fleet.setdefault(one.unit_type, []).append(one)
    weighing = Weighing(sending or Sending(), behind, NOW_US, urgent=urgent)
    return recommend(card or RunCard("X", tuple(needs)), HERE, fleet, times_s, weighing, level)


def said(found: Recommendation) -> dict[str, str]:
    return {pick.unit: pick.reason.value for pick in (*found.chosen, *found.passed)}


# -- crew ------------------------------------------------------------------------------------

THREE = Sending(staffing=(Staffing("ENGINE", 3),))


def test_a_unit_without_its_crew_is_passed_over_however_near():
    found = ask([unit("E1", staff=2), unit("E2", staff=3)], {"E1": 1.0, "E2": 900.0}, THREE)
    assert said(found) == {"E2": "nearest", "E1": "lacks crew"}
    assert found.passed[0].detail == "2/3"


def test_a_unit_that_never_told_its_crew_counts_as_enough():
    assert said(ask([unit("E1")], {"E1": 1.0}, THREE)) == {"E1": "nearest"}


def test_a_shortfall_counts_the_units_that_lack_crew():
    [short] = ask([unit("E1", staff=1)], {"E1": 1.0}, THREE).shortfalls
    assert (short.missing, short.because) == (1, {"lacks crew": 1})


# -- rest ------------------------------------------------------------------------------------


def test_a_crew_that_came_free_a_moment_ago_is_passed_over_for_one_that_has_rested():
    units = [freed("E1", 599), freed("E2", 600)]
    found = ask(units, {"E1": 100.0, "E2": 160.0}, Sending(rest=(TEN_MINUTES,)))
    assert said(found) == {"E2": "nearest that has rested", "E1": "resting"}
    assert (found.chosen[0].instead_of, found.chosen[0].extra_s) == ("E1", 60.0)
    tired = found.passed[0].tired
    assert (tired.free_s, tired.least_s) == (599, 600)


@pytest.mark.parametrize(
    ("other_s", "first"),
    [(220.0, "nearest that has rested"), (220.1, "rest overridden")],
)
def test_a_crew_rests_only_as_long_as_another_is_near_enough(other_s, first):
    units = [freed("E1", 10), unit("E2")]
    found = ask(units, {"E1": 100.0, "E2": other_s}, Sending(rest=(TEN_MINUTES,), detour_s=120))
    assert found.chosen[0].reason.value == first
    assert found.limit_s == 120


def test_a_crew_that_is_needed_goes_and_the_proposal_says_so():
    found = ask([freed("E1", 10)], {"E1": 100.0}, Sending(rest=(TEN_MINUTES,)))
    assert said(found) == {"E1": "rest overridden"}
    assert found.chosen[0].tired.free_s == 10


def test_a_unit_that_had_no_job_yet_has_rested():
    assert said(ask([unit("E1")], {"E1": 1.0}, Sending(rest=(TEN_MINUTES,)))) == {"E1": "nearest"}


def test_rest_holds_for_the_types_it_names():
    rest = Rest(after_job_s=600, types=("MEDIC",))
    assert said(ask([freed("E1", 1)], {"E1": 1.0}, Sending(rest=(rest,)))) == {"E1": "nearest"}


@pytest.mark.parametrize(
    ("spells", "worked_s"),
    [
        ([(-7200, -5400), (-3000, -1200)], 3600),
        ([(-9000, -5400), (-3000, -1200)], 3600),
        ([(-7200, -5401), (-3000, -1200)], None),
        ([(-90_000, -80_000)], None),
    ],
    ids=["as much as the rule", "only what lies in its time", "a second less", "long ago"],
)
def test_a_crew_rests_after_so_much_work_in_so_long(spells, worked_s):
    rest = Rest(work_s=3600, within_s=7200)
    worked = [(NOW_US + begin * US, NOW_US + end * US) for begin, end in spells]
    found = tired_by(rest, unit("E1", worked=worked), NOW_US)
    assert (found.worked_s if found else None) == worked_s


@pytest.mark.parametrize(("work_s", "within_s"), [(3600, 0), (0, 3600), (7200, 3600)])
def test_a_rule_of_work_without_its_time_is_no_rule(work_s, within_s):
    with pytest.raises(ValueError, match="work_s and within_s"):
        Rest(work_s=work_s, within_s=within_s)


# -- cover -----------------------------------------------------------------------------------


def test_a_unit_that_leaves_too_few_behind_is_kept_for_cover():
    behind = Behind({"E1": (1,), "E2": (2,), "E3": (2,)})
    found = ask([unit("E1"), unit("E2")], {"E1": 100.0, "E2": 190.0}, behind=behind)
    assert said(found) == {"E2": "nearest that keeps cover", "E1": "kept for cover"}
    assert found.passed[0].gaps == (Gap("rule", "1", 0, 1),)
    assert (found.chosen[0].instead_of, found.chosen[0].extra_s) == ("E1", 90.0)


def test_the_nearest_goes_where_no_other_is_near_enough_and_its_cost_is_said():
    behind = Behind({"E1": (1,), "E2": (2,), "E3": (2,)})
    found = ask([unit("E1"), unit("E2")], {"E1": 100.0, "E2": 221.0}, behind=behind)
    assert said(found) == {"E1": "nearest, breaks cover", "E2": "farther"}
    assert found.chosen[0].gaps == (Gap("rule", "1", 0, 1),)


def test_with_lights_and_sirens_another_limit_holds():
    behind = Behind({"E1": (1,)})
    sending = Sending(detour_s=120, urgent_detour_s=30)
    times_s = {"E1": 100.0, "E2": 140.0}
    calm = ask([unit("E1"), unit("E2")], times_s, sending, behind)
    urgent = ask([unit("E1"), unit("E2")], times_s, sending, behind, urgent=True)
    assert calm.chosen[0].unit == "E2"
    assert (urgent.chosen[0].unit, urgent.limit_s) == ("E1", 30)


def test_the_second_unit_is_weighed_as_if_the_first_were_gone():
    behind = Behind({"E1": (1,), "E2": (1,), "E3": (2,), "E4": (2,)})
    times_s = {"E1": 10.0, "E2": 20.0, "E3": 30.0}
    found = ask(
        [unit("E1"), unit("E2"), unit("E3")], times_s, behind=behind, needs=[Need(("ENGINE",), 2)]
    )
    assert said(found) == {
        "E1": "nearest", "E3": "nearest that keeps cover", "E2": "kept for cover",
    }  # fmt: skip


def test_rest_weighs_more_than_cover():
    behind = Behind({"E2": (1,)})
    sending = Sending(rest=(TEN_MINUTES,))
    found = ask([freed("E1", 1), unit("E2")], {"E1": 10.0, "E2": 20.0}, sending, behind)
    assert said(found) == {"E2": "nearest, breaks cover", "E1": "resting"}


# -- run cards -------------------------------------------------------------------------------


def test_a_higher_alarm_level_asks_for_more():
    card = RunCard("F", (ENGINE,), alarms=(Alarm(2, (Need(("TRUCK",)),)), Alarm(3, (ENGINE,))))
    units = [unit("E1"), unit("E2"), unit("T1", "TRUCK")]
    times_s = {"E1": 1.0, "E2": 2.0, "T1": 3.0}
    sent = {level: ask(units, times_s, card=card, level=level) for level in (1, 2, 3, 9)}
    names = {level: [pick.unit for pick in found.chosen] for level, found in sent.items()}
    assert names == {
        1: ["E1"], 2: ["E1", "T1"], 3: ["E1", "T1", "E2"], 9: ["E1", "T1", "E2"],
    }  # fmt: skip
    assert sent[2].level == 2


def test_alarm_levels_out_of_order_are_no_card():
    with pytest.raises(ValueError, match="not in order"):
        RunCard("F", (ENGINE,), alarms=(Alarm(3, (ENGINE,)), Alarm(2, (ENGINE,))))


@pytest.mark.parametrize(("where", "fits"), [((), False), (("B01",), True), (("B02",), False)])
def test_a_card_of_an_area_fits_there_alone(where, fits):
    assert RunCard("A", (ENGINE,), areas=("B01", "core")).fits("Fire", "3", where) is fits


# -- against an oracle -----------------------------------------------------------------------

NAMES = tuple(f"E{n}" for n in range(7))


@st.composite
def scenes(draw):
    """Draw up to seven engines with times, rest and cover, and a need."""
    names = NAMES[: draw(st.integers(0, 7))]
    units = [
        unit(name, freed_us=draw(st.sampled_from([0, NOW_US - 60 * US])),
             staff=draw(st.sampled_from([0, 0, 2, 3])))
        for name in names
    ]  # fmt: skip
    times_s = {name: draw(st.sampled_from([30.0, 60.0, 90.0, 200.0, math.inf])) for name in names}
    counts_for = {name: tuple(draw(st.sets(st.integers(0, 2)))) for name in names}
    behind = Behind(counts_for, least=draw(st.integers(1, 3)))
    sending = Sending(rest=(TEN_MINUTES,), staffing=(Staffing("ENGINE", 3),), detour_s=60)
    return units, times_s, behind, sending, draw(st.integers(1, 4))


@settings(max_examples=300, deadline=None)
@given(scenes())
def test_each_choice_is_the_best_that_is_left_within_the_limit(scene):
    units, times_s, behind, sending, count = scene
    found = ask(units, times_s, sending, behind, needs=[Need(("ENGINE",), count)])
    left = {one.unit: one for one in units if times_s[one.unit] < math.inf and one.staff in (0, 3)}
    gone: Counter[int] = Counter()
    for pick in found.chosen:
        nearest_s = min(times_s[name] for name in left)
        ranked = sorted(
            (
                bool(one.freed_us),
                any(behind.counts[n] - gone[n] - 1 < behind.least for n in behind.of(name)),
                times_s[name],
                name,
            )
            for name, one in left.items()
            if times_s[name] <= nearest_s + 60
        )
        rests, breaks, time_s, name = ranked[0]
        assert (pick.unit, pick.time_s) == (name, time_s)
        assert (pick.tired is not None, bool(pick.gaps)) == (rests, breaks)
        assert (pick.reason is Reason.REST_OVERRIDDEN) == rests
        assert (pick.reason is Reason.BREAKS_COVER) == (breaks and not rests)
        assert (pick.extra_s > 0) == (time_s > nearest_s)
        gone.update(behind.of(name))
        del left[name]
    assert len(found.chosen) == min(count, len(found.chosen) + len(left))
    assert {p.unit for p in (*found.chosen, *found.passed)} == {one.unit for one in units}
