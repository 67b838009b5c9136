"""A day played by hand and by the program: who goes, who waits, what is left uncovered."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.place.town_places import Places, load_places
from answerable.planning.rehearsal.past import US, Day, Past, Rules, Shift
from answerable.planning.rehearsal.play import Play
from answerable.planning.rehearsal.report import compare, percentiles, watched_by
from answerable.towns.load import load_town
from answerable.towns.model import Need, RunCard, Town
from answerable.towns.sending import CoverRule, Rest, Sending
from tests.towns import little

T0 = 1_600_000_000 * US
STATIONS = ("S1", "S2", "S3")
ENGINE = RunCard("X", (Need(("ENGINE",)),))
TWO = RunCard("XX", (Need(("ENGINE",), 2),))
ALWAYS = (T0 - 3600 * US, T0 + 86_400 * US)


@pytest.fixture(scope="module")
def ground(tmp_path_factory) -> tuple[Town, Places]:
    folder = little.write_town(tmp_path_factory.mktemp("towns"))
    town, places = load_town(folder), load_places(folder)
    town.places = places
    return town, places


def shift(unit: str, station: str, spell: tuple[int, int] = ALWAYS) -> Shift:
    return Shift(unit, "ENGINE", *spell, station)


def at(ground, name: str, station: str, after_s: int, busy_s: float = 600.0, **fields) -> Past:
    """An incident at the door of a station."""
    here = ground[1].stations[station]
    return Past(
        name, "Fire", fields.pop("priority", "high"), "somewhere", T0 + after_s * US,
        lon=here.lon, lat=here.lat, other_s=busy_s, **fields,
    )  # fmt: skip


def played(ground, day: Day, card=ENGINE, sending=None, watched=None):
    rules = Rules((card,), sending or Sending())
    return Play(*ground, rules, watched or Sending()).run(day)


def went(found) -> dict[str, list[tuple[str, float]]]:
    return {a.incident: [(one.unit, one.after_s) for one in a.went] for a in found.answers}


def test_the_nearest_goes_and_the_next_call_meanwhile_gets_the_next_one(ground):
    shifts = (shift("E1", "S1"), shift("E2", "S2"))
    day = Day((at(ground, "a", "S1", 0), at(ground, "b", "S1", 60)), shifts)
    assert went(played(ground, day)) == {"a": [("E1", 0.0)], "b": [("E2", 0.0)]}


def test_a_unit_that_is_free_again_is_sent_again(ground):
    day = Day((at(ground, "a", "S1", 0, 100.0), at(ground, "b", "S1", 900)), (shift("E1", "S1"),))
    assert went(played(ground, day)) == {"a": [("E1", 0.0)], "b": [("E1", 0.0)]}


def test_who_lacks_a_unit_waits_for_the_first_that_is_free(ground):
    day = Day((at(ground, "a", "S1", 0, 600.0), at(ground, "b", "S1", 60)), (shift("E1", "S1"),))
    found = played(ground, day)
    road_s = ground[1].calibration.start_s  # at its own door only the start counts
    assert went(found)["b"] == [("E1", pytest.approx(road_s + 600.0 - 60.0))]
    late = found.answers[1]
    assert (late.missing, late.never) == (1, 0)
    assert late.first_s() == pytest.approx(road_s + 540.0 + road_s)


def test_of_two_that_wait_the_more_urgent_one_is_served_first(ground):
    first, low = at(ground, "a", "S1", 0), at(ground, "b", "S1", 60, priority="low")
    high = at(ground, "c", "S1", 120)
    found = played(ground, Day((first, low, high), (shift("E1", "S1"),)))
    assert went(found)["c"][0][1] < went(found)["b"][0][1]


def test_what_never_came_is_counted(ground):
    found = played(ground, Day((at(ground, "a", "S1", 0),), (shift("E1", "S1"),)), TWO)
    [answer] = found.answers
    assert (answer.units, answer.missing, answer.never) == (["E1"], 1, 1)
    assert answer.last_s() is None


def test_nobody_is_sent_who_is_not_on_duty(ground):
    gone = (T0 - 7200 * US, T0 - 3600 * US)
    day = Day((at(ground, "a", "S1", 0),), (shift("E1", "S1", gone), shift("E3", "S3")))
    assert went(played(ground, day)) == {"a": [("E3", 0.0)]}


def test_a_unit_whose_shift_ends_on_a_job_finishes_it_and_leaves(ground):
    ends = (T0 - 3600 * US, T0 + 60 * US)
    day = Day(
        (at(ground, "a", "S1", 0, 300.0), at(ground, "b", "S1", 1200)),
        (shift("E1", "S1", ends), shift("E3", "S3")),
    )
    assert went(played(ground, day)) == {"a": [("E1", 0.0)], "b": [("E3", 0.0)]}


def test_rest_sends_another_where_another_is_near_enough(ground):
    day = Day(
        (at(ground, "a", "S1", 0, 60.0), at(ground, "b", "S1", 300)),
        (shift("E1", "S1"), shift("E2", "S2")),
    )
    rest = Sending(rest=(Rest(after_job_s=1800),), detour_s=600, urgent_detour_s=600)
    assert went(played(ground, day))["b"] == [("E1", 0.0)]
    assert went(played(ground, day, sending=rest))["b"] == [("E2", 0.0)]


def test_the_minutes_without_cover_are_those_in_which_too_few_were_free(ground):
    """One unit, one place: uncovered from the sending until it is clear."""
    rule = CoverRule("c", ("ENGINE",), 300, each="station", only=("S1",))
    day = Day(
        (at(ground, "a", "S1", 600, 240.0), at(ground, "b", "S3", 3600)), (shift("E1", "S1"),)
    )
    found = played(ground, day, watched=Sending(cover=(rule,)))
    busy_s = ground[1].calibration.start_s + 240.0
    assert found.span_us == 3000 * US
    assert found.broken_us == {"c: S1": pytest.approx(busy_s * US, abs=2)}
    assert found.any_broken_us == found.broken_us["c: S1"]


incidents = st.lists(
    st.tuples(
        st.sampled_from(STATIONS), st.integers(0, 2000), st.sampled_from([30.0, 300.0, 1500.0]),
        st.sampled_from(["high", "low"]),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(incidents, st.sampled_from([ENGINE, TWO]))
def test_nobody_is_in_two_places_and_what_came_and_what_lacks_is_what_was_asked_for(
    ground, drawn, card
):
    drawn = sorted(drawn, key=lambda one: one[1])
    pasts = tuple(
        at(ground, f"i{n}", station, after_s, busy_s, priority=priority)
        for n, (station, after_s, busy_s, priority) in enumerate(drawn)
    )
    shifts = tuple(shift(f"E{n}", station) for n, station in enumerate(STATIONS, 1))
    rest = Sending(rest=(Rest(after_job_s=300),), detour_s=60, urgent_detour_s=60)
    found = played(ground, Day(pasts, shifts), card, rest)
    busy: dict[str, list[tuple[float, float]]] = {}
    for past, answer in zip(pasts, found.answers, strict=True):
        wanted = sum(need.count for need in card.needs)
        assert len(answer.went) + answer.never == wanted
        assert answer.never <= answer.missing <= wanted
        for one in answer.went:
            begin_s = past.opened_us / US + one.after_s
            busy.setdefault(one.unit, []).append((begin_s, begin_s + one.time_s + past.other_s))
    for spells in busy.values():
        for (_, end), (begin, _) in itertools.pairwise(sorted(spells)):
            assert begin >= end - 0.001


# -- what it comes to ------------------------------------------------------------------------


def test_the_same_rules_change_nothing(ground):
    shifts = (shift("E1", "S1"), shift("E2", "S2"))
    day = Day((at(ground, "a", "S1", 0), at(ground, "b", "S1", 60)), shifts)
    found = compare(day, played(ground, day), played(ground, day), "")
    assert (found.whole.changed, found.changed) == (0, [])
    assert found.whole.before == found.whole.after
    assert [(cell.name, cell.incidents) for cell in found.by_kind] == [("Fire", 2)]


def test_what_changes_is_told_with_its_reason(ground):
    shifts = (shift("E1", "S1"), shift("E2", "S2"), shift("E3", "S3"))
    day = Day((at(ground, "a", "S1", 0, neighborhood="West", sent=("E9",)),), shifts)
    found = compare(day, played(ground, day), played(ground, day, TWO), "")
    [line] = found.changed
    assert (line.recorded, line.before, line.after) == (("E9",), ("E1",), ("E1", "E2"))
    assert line.why == {"E2": "next nearest"}
    assert (found.whole.before.units, found.whole.after.units) == (1, 2)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [([], (None, None)), ([None], (None, None)), ([60.0], (60.0, 60.0)),
     ([0.0, 100.0, None], (50.0, 90.0))],
)  # fmt: skip
def test_percentiles_are_of_what_is_known(values, wanted):
    assert percentiles(values) == wanted


def test_cover_is_counted_by_the_rules_that_are_tried_else_by_those_that_hold():
    rule = Sending(cover=(CoverRule("c", ("ENGINE",), 60),))
    assert watched_by(rule, Sending()) == (rule, "the rules as they are")
    assert watched_by(Sending(), rule) == (rule, "the rules that are tried")
    assert watched_by(Sending(), Sending())[1] == ""
