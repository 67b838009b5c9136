"""What a call may be about: as trying every incident would say, and in step with the record."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.aside import ClosedLongAgo
from answerable.dispatch import merge_words as m
from answerable.dispatch import nearby
from answerable.dispatch import words as d
from answerable.dispatch.nearby import Asked, Because, Candidate, Nearby, among
from answerable.dispatch.views import Board, IncidentLine
from answerable.intake import words as i
from answerable.rooms import product
from tests import story as stories
from tests.story import T0, US, Centre, centre, toy_town
from tests.walk import begun, seeded, walk

LON, LAT = -122.43, 37.76
KINDS = ("Fire", "Medical", "Other", "Strange")
MINUTE_US = 60 * US


def east(metres: float) -> float:
    """Return the longitude so many metres east of the middle."""
    return LON + metres / Nearby(Board(), toy_town()).likeness.plane.x_m


def line(name: str, metres: float = 0.0, kind: str = "Fire", ago_min: float = 0.0, **more):
    opened_us = T0 - int(ago_min * MINUTE_US)
    fields = {"lon": east(metres), "lat": LAT, **more}
    return IncidentLine(name, kind, "3", f"block {name}", opened_us, **fields)


def board_of(*lines: IncidentLine) -> Board:
    board = Board()
    for one in lines:
        (board.incidents if one.state == "open" else board.closed)[one.incident] = one
    return board


def asked(*lines: IncidentLine, kind: str = "Fire", most: int = 5) -> list[Candidate]:
    return Nearby(board_of(*lines), toy_town()).like(kind, LON, LAT, T0, most)


def every(board: Board, index: Nearby, kind: str, lon: float, lat: float, now_us: int, most: int):
    """Return what trying every incident of the board gives."""
    lines = [*board.incidents.values(), *board.closed.values()]
    question = Asked(kind, *index.likeness.plane.xy(lon, lat), now_us)
    return among(lines, board.line, index.likeness, question, most)


# -- what counts -----------------------------------------------------------------------------


def test_a_candidate_says_why_it_is_one():
    [one] = asked(line("A", 70, ago_min=4))
    assert one.because == (
        Because("metres away", 70), Because("same kind"), Because("minutes ago", 4),
    )  # fmt: skip
    assert (one.incident, one.address, one.state) == ("A", "block A", "open")
    assert one.distance_m == pytest.approx(70, abs=0.1)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (line("B", 40), line("A", 90)),
        (line("B", 40, "Fire"), line("A", 40, "Other")),
        (line("B", 40, "Other"), line("A", 40, "Medical")),
        (line("B", 40, ago_min=2), line("A", 40, ago_min=20)),
        (line("B", 40), line("A", 40, state="closed")),
        (line("B", 40, ago_min=600), line("A", 400, "Medical", ago_min=600)),
    ],
    ids=["nearer", "same kind", "same service", "newer", "open", "old but near"],
)
def test_the_likelier_comes_first(better, worse):
    assert [one.incident for one in asked(worse, better)] == ["B", "A"]


def test_a_kind_not_told_yet_speaks_neither_for_nor_against_any():
    found = asked(line("A", 50, "Fire"), line("B", 60, "Medical"), kind="")
    assert [one.incident for one in found] == ["A", "B"]
    assert [because.code for because in found[0].because] == ["metres away", "minutes ago"]


def test_what_is_far_away_without_a_place_or_long_over_is_no_candidate():
    assert asked(line("A", nearby.RADIUS_M + 2)) == []
    assert asked(line("A", lon=None, lat=None, unverified="fog")) == []
    old = nearby.RECENT_US / MINUTE_US + 1
    assert asked(line("A", 10, ago_min=old, state="closed")) == []
    assert [one.incident for one in asked(line("A", 10, ago_min=old))] == ["A"]


def test_near_a_merged_incident_the_one_that_goes_on_for_it_is_meant_once():
    merged = line("A", 20, state="merged", into="B")
    further = line("B", 2000, state="merged", into="C")
    [one] = asked(merged, further, line("C", 300))
    assert (one.incident, one.address) == ("C", "block C")
    assert Because("merged into it") in one.because
    assert round(one.distance_m) == 20


def test_no_more_are_named_than_were_asked_for():
    lines = [line(f"{n:02d}", n) for n in range(30)]
    assert [one.incident for one in asked(*lines, most=3)] == ["00", "01", "02"]


# -- exact -----------------------------------------------------------------------------------

spots = st.tuples(st.floats(-2500, 2500), st.floats(-2500, 2500))


@st.composite
def towns(draw: st.DrawFn) -> Board:
    """Draw a board of incidents in every state, some of them at the very same place."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    plane = Nearby(Board(), toy_town()).likeness.plane
    lines = []
    count = draw(st.integers(0, 60))
    for n in range(count):
        x, y = chance.choice([(0.0, 0.0), (600.0, 0.0), (chance.uniform(-1500, 1500),
                                                         chance.uniform(-1500, 1500))])  # fmt: skip
        state = chance.choice(["open", "open", "closed", "merged"])
        into = f"{chance.randrange(count):03d}" if state == "merged" else ""
        if state == "merged" and into <= f"{n:03d}":
            state, into = "closed", ""  # a chain leads upwards, so never back to itself
        nowhere = chance.random() < 0.1
        place = {"lon": None, "lat": None} if nowhere else {
            "lon": plane.lon + x / plane.x_m, "lat": plane.lat + y / 111_195.08,
        }  # fmt: skip
        ago_us = chance.randrange(8 * 3600) * US
        lines.append(
            IncidentLine(
                f"{n:03d}",
                chance.choice(KINDS),
                "3",
                "x",
                T0 - ago_us,
                state=state,
                into=into,
                **place,
            )
        )
    return board_of(*lines)


@given(board=towns(), spot=spots, kind=st.sampled_from(("", *KINDS)), most=st.integers(1, 8))
@settings(max_examples=300, deadline=None)
def test_the_grid_finds_exactly_what_trying_every_incident_finds(board, spot, kind, most):
    index = Nearby(board, toy_town())
    plane = index.likeness.plane
    lon, lat = plane.lon + spot[0] / plane.x_m, plane.lat + spot[1] / 111_195.08
    assert index.like(kind, lon, lat, T0, most) == every(board, index, kind, lon, lat, T0, most)


# -- in step with the record -----------------------------------------------------------------


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Centre:
    """A centre that keeps only the newest five over incidents in memory."""

    def lesser():
        rooms = product()
        rooms.aside = ClosedLongAgo(5)
        return rooms

    monkeypatch.setattr(stories, "product", lesser)
    return centre()


def following(town: Centre) -> Nearby:
    index = Nearby(town.board, town.town)
    town.hub.subscribe(lambda recorded, head: index.committed(recorded))
    return index


def names(index: Nearby, town: Centre, lon: float = LON, kind: str = "Fire") -> list[str]:
    return [one.incident for one in index.like(kind, lon, LAT, town.clock.now_us())]


def test_what_is_recorded_is_found_moved_merged_and_opened_again(town):
    index = following(town)
    first, second = town.incident(), town.incident(lon=east(100))
    assert names(index, town) == [first, second]
    town.done(i.CorrectPlace, incident=first, address="far", lon=east(2000), lat=LAT, reason="no")
    assert names(index, town) == [second]
    assert names(index, town, east(2000)) == [first]
    town.done(m.MergeIncident, incident=first, into=second, reason="same")
    assert names(index, town, east(2000)) == [second]
    town.done(m.UnmergeIncident, incident=first, reason="not the same")
    assert names(index, town, east(2000)) == [first]
    town.done(i.CorrectPlace, incident=first, address="somewhere", reason="caller unsure")
    assert names(index, town, east(2000)) == []


@pytest.mark.parametrize("seed", range(3))
def test_after_any_day_the_index_answers_as_one_made_anew(town, seed):
    begun(town)
    index = following(town)
    for part in range(3):
        walk(town, seeded(seed * 100 + part, 40))
        anew, now_us = Nearby(town.board, town.town), town.clock.now_us()
        for lon in (LON, -122.47, -122.40):
            for kind in ("", "Fire"):
                found = index.like(kind, lon, LAT, now_us, 50)
                assert found == anew.like(kind, lon, LAT, now_us, 50)
                assert found == every(town.board, index, kind, lon, LAT, now_us, 50)


def test_places_of_what_was_laid_aside_are_forgotten_in_time(town):
    index = following(town)
    for _ in range(3):
        town.incident()  # they stay open: the oldest of all, and not to be forgotten
    for _ in range(nearby.SPARE * 3):
        town.done(d.CloseIncident, incident=town.incident(), outcome="over")
    assert (len(town.board.incidents), len(town.board.closed)) == (3, 5)
    assert len(index) <= 3 + 5 + nearby.SPARE + 2


def test_a_laid_aside_incident_that_is_opened_again_is_found_again(town):
    index = following(town)
    first = town.incident()
    town.done(d.CloseIncident, incident=first, outcome="over")
    for _ in range(nearby.SPARE * 2):
        town.done(d.CloseIncident, incident=town.incident(lon=east(2000)), outcome="over")
    assert names(index, town) == []
    town.done(d.ReopenIncident, incident=first, reason="again")
    assert names(index, town) == [first]
