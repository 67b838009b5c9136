"""Who should be sent: the nearest that may be sent, a reason for every unit, shortfalls stated."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.dispatch.recommend import Reason, Recommendation, recommend
from answerable.dispatch.views import UnitLine
from answerable.towns.model import Need, RunCard

HERE, THERE = "200930001", "200930002"


def unit(name: str, kind: str = "ENGINE", **fields) -> UnitLine:
    return UnitLine(unit=name, unit_type=kind, **fields)


def ask(needs: list[Need], units: list[UnitLine], times_s: dict[str, float]) -> Recommendation:
    fleet: dict[str, list[UnitLine]] = {}
    for one in units:
        fleet.setdefault(one.unit_type, []).append(one)
    return recommend(RunCard("X", tuple(needs)), HERE, fleet, times_s)


def reasons(picks) -> dict[str, tuple[str, float | None, str]]:
    return {pick.unit: (pick.reason.value, pick.time_s, pick.detail) for pick in picks}


def test_the_nearest_free_units_are_chosen_and_the_farther_ones_passed_over():
    units = [unit("E3"), unit("E1"), unit("E2")]
    found = ask([Need(("ENGINE",), 2)], units, {"E1": 90.0, "E2": 300.0, "E3": 120.0})
    assert reasons(found.chosen) == {
        "E1": ("nearest", 90.0, ""),
        "E3": ("next nearest", 120.0, ""),
    }
    assert reasons(found.passed) == {"E2": ("farther", 300.0, "")}
    assert found.shortfalls == ()


def test_of_two_at_the_same_distance_the_first_by_name_is_chosen():
    found = ask([Need(("ENGINE",))], [unit("E2"), unit("E1")], {"E1": 60.0, "E2": 60.0})
    assert [pick.unit for pick in found.chosen] == ["E1"]


def test_types_of_one_need_are_ranked_together():
    units = [unit("E1"), unit("M1", "MEDIC")]
    found = ask([Need(("MEDIC", "ENGINE"))], units, {"E1": 60.0, "M1": 61.0})
    assert [pick.unit for pick in found.chosen] == ["E1"]
    assert reasons(found.passed) == {"M1": ("farther", 61.0, "")}


def test_a_type_named_twice_gives_no_unit_twice():
    found = ask([Need(("ENGINE", "ENGINE"), 2)], [unit("E1")], {"E1": 60.0})
    assert [pick.unit for pick in found.chosen] == ["E1"]
    assert [short.missing for short in found.shortfalls] == [1]


@pytest.mark.parametrize(
    ("one", "times_s", "reason", "detail"),
    [
        (unit("E1", duty="off duty"), {}, Reason.OFF_DUTY, ""),
        (unit("E1", duty="out of service", reason="flat"), {}, Reason.OUT_OF_SERVICE, "flat"),
        (unit("E1", jobs={THERE: "arrived"}), {}, Reason.BUSY, THERE),
        (unit("E1"), {"E1": math.inf}, Reason.NO_WAY, ""),
    ],
    ids=lambda v: v.value if isinstance(v, Reason) else "",
)
def test_a_unit_that_cannot_be_sent_says_why_and_is_missed(one, times_s, reason, detail):
    found = ask([Need(("ENGINE",))], [one], times_s)
    assert found.chosen == ()
    [pick] = found.passed
    assert (pick.reason, pick.time_s, pick.detail) == (reason, None, detail)
    [short] = found.shortfalls
    assert (short.missing, short.because) == (1, {reason.value: 1})


def test_a_unit_without_the_skill_is_passed_over_however_near():
    units = [unit("E1"), unit("E2", skills=("ALS", "USAR"))]
    need = Need(("ENGINE",), skills=("ALS", "USAR"))
    found = ask([need], units, {"E1": 1.0, "E2": 900.0})
    assert reasons(found.chosen) == {"E2": ("nearest", 900.0, "ALS USAR")}
    assert reasons(found.passed) == {"E1": ("lacks a skill", 1.0, "ALS USAR")}


def test_only_the_skills_it_lacks_are_named():
    need = Need(("ENGINE",), skills=("ALS", "USAR"))
    found = ask([need], [unit("E1", skills=("ALS",))], {"E1": 1.0})
    assert reasons(found.passed) == {"E1": ("lacks a skill", 1.0, "USAR")}
    assert found.shortfalls[0].because == {"lacks a skill": 1}


def test_a_unit_on_the_incident_already_counts_and_no_other_is_sent_for_it():
    units = [unit("E1", jobs={HERE: "en route"}), unit("E2")]
    found = ask([Need(("ENGINE",))], units, {"E2": 10.0})
    assert reasons(found.chosen) == {"E1": ("already on it", None, "en route")}
    assert reasons(found.passed) == {"E2": ("farther", 10.0, "")}


def test_more_than_the_card_asks_for_is_not_called_busy_elsewhere():
    units = [unit("E1", jobs={HERE: "arrived"}), unit("E2", jobs={HERE: "sent"})]
    found = ask([Need(("ENGINE",))], units, {})
    assert [pick.unit for pick in found.chosen] == ["E1"]
    assert reasons(found.passed) == {"E2": ("already on it", None, "sent")}


def test_a_unit_chosen_for_one_need_is_not_chosen_for_the_next():
    units = [unit("E1", skills=("ALS",)), unit("E2", skills=("ALS",))]
    needs = [Need(("ENGINE",)), Need(("ENGINE",), skills=("ALS",))]
    found = ask(needs, units, {"E1": 60.0, "E2": 90.0})
    assert [(pick.unit, pick.need) for pick in found.chosen] == [("E1", 0), ("E2", 1)]
    assert found.passed == ()


def test_a_shortfall_names_how_many_are_missing_and_what_the_others_do():
    units = [
        unit("E1"),
        unit("E2", jobs={THERE: "sent"}),
        unit("E3", jobs={THERE: "sent"}),
        unit("E4", duty="off duty"),
    ]
    found = ask([Need(("ENGINE",), 3)], units, {"E1": 60.0})
    [short] = found.shortfalls
    assert (short.need.types, short.missing) == (("ENGINE",), 2)
    assert short.because == {"busy": 2, "off duty": 1}


def test_a_type_that_the_centre_does_not_have_is_a_shortfall_without_units():
    found = ask([Need(("TRUCK",), 2)], [unit("E1")], {"E1": 60.0})
    assert (found.chosen, found.passed) == ((), ())
    assert [(s.missing, s.because) for s in found.shortfalls] == [(2, {})]


# -- against a brute-force oracle ------------------------------------------------------------

KINDS = ("ENGINE", "TRUCK", "MEDIC")
SKILLS = ("ALS", "USAR")


@st.composite
def fleets(draw):
    """Draw up to nine units and the road times of those that are free."""
    units, times_s = [], {}
    for number in range(draw(st.integers(0, 9))):
        state = draw(st.sampled_from(["free", "free", "free", "busy", "here", "off", "out"]))
        one = unit(
            f"U{number}",
            draw(st.sampled_from(KINDS)),
            skills=tuple(draw(st.sets(st.sampled_from(SKILLS)))),
            duty={"off": "off duty", "out": "out of service"}.get(state, "on duty"),
            jobs={"busy": {THERE: "arrived"}, "here": {HERE: "sent"}}.get(state, {}),
        )
        if state == "free":
            times_s[one.unit] = draw(st.sampled_from([30.0, 60.0, 61.0, 90.0, math.inf]))
        units.append(one)
    return units, times_s


needs = st.lists(
    st.builds(
        Need,
        types=st.lists(st.sampled_from(KINDS), min_size=1, max_size=2).map(tuple),
        count=st.integers(1, 3),
        skills=st.sets(st.sampled_from(SKILLS), max_size=1).map(tuple),
    ),
    min_size=1,
    max_size=3,
)


def best(need: Need, units: list[UnitLine], times_s, taken: set[str]) -> tuple[set[str], float]:
    """Return who is on it already, and the least total time of as many free ones as are wanted."""
    able = [
        one
        for one in units
        if one.unit_type in need.types
        and set(need.skills) <= set(one.skills)
        and one.unit not in taken
    ]
    here = {one.unit for one in able if HERE in one.jobs}
    free = [times_s[one.unit] for one in able if times_s.get(one.unit, math.inf) < math.inf]
    wanted = max(0, need.count - len(here))
    groups = itertools.combinations(free, min(wanted, len(free)))
    return here, min(map(sum, groups), default=0.0)


@settings(max_examples=100, deadline=None)
@given(fleets(), needs)
def test_the_nearest_that_may_be_sent_are_chosen_and_everybody_has_a_reason(fleet, wanted):
    units, times_s = fleet
    found = ask(wanted, units, times_s)
    names = [pick.unit for pick in (*found.chosen, *found.passed)]
    assert len(names) == len(set(names)), "a unit is named twice"
    asked_types = {kind for need in wanted for kind in need.types}
    assert set(names) == {one.unit for one in units if one.unit_type in asked_types}
    by_name = {one.unit: one for one in units}
    taken: set[str] = set()
    missing = {}
    for index, need in enumerate(wanted):
        picks = [pick for pick in found.chosen if pick.need == index]
        here, least_s = best(need, units, times_s, taken)
        sent_s = [pick.time_s for pick in picks if pick.time_s is not None]
        assert sum(sent_s) == least_s
        assert {pick.unit for pick in picks if pick.time_s is None} <= here
        for pick in picks:
            one = by_name[pick.unit]
            assert one.duty == "on duty"
            assert set(one.jobs) <= {HERE}
            assert set(need.skills) <= set(one.skills)
        taken |= {pick.unit for pick in picks}
        if len(picks) < need.count:
            missing[index] = need.count - len(picks)
    assert [short.missing for short in found.shortfalls] == list(missing.values())
    times = [pick.time_s for pick in found.passed]
    assert times == sorted(times, key=lambda time_s: math.inf if time_s is None else time_s)
