"""The clocks of a matter, through the real hub: one engine keeps norm, term and signature."""

from __future__ import annotations

import pytest

from answerable.matters import matter_words as w
from answerable.standards.shelf import shelf_text
from answerable.standards.views import every_clock
from answerable.standards.words import AdoptStandard
from tests.matters.test_matter_rules import HAND, finished, town
from tests.story import T0, US, Centre

NORM, TERM = "see to a matter within the norm", "see to a matter within the term"
SIGN = "sign a matter off"
DAY = 86_400


@pytest.fixture
def centre() -> Centre:
    made = Centre(town=town())
    made.done(AdoptStandard, role="supervisor", text=shelf_text("matters"))
    made.done(w.OpenMatter, **HAND)
    return made


def states(centre: Centre, name: str) -> list[str]:
    return [line.state for line in every_clock(centre.state("standards")) if line.name == name]


def test_norm_and_term_run_from_the_opening_until_it_is_done_and_then_the_signature(centre):
    assert (states(centre, NORM), states(centre, TERM)) == (["running"], ["running"])
    finished(centre, name="ada")
    assert (states(centre, NORM), states(centre, TERM)) == (["kept"], ["kept"])
    assert states(centre, SIGN) == ["running"]
    centre.done(w.SignOffMatter, matter="M1", role="supervisor")
    assert states(centre, SIGN) == ["kept"]


def test_a_norm_that_passes_rings_and_the_term_runs_on(centre):
    centre.tick(8 * DAY)
    assert (states(centre, NORM), states(centre, TERM)) == (["ringing"], ["running"])


def test_a_clock_that_stands_still_does_not_ring_and_begins_anew(centre):
    centre.done(w.SuspendMatter, matter="M1", reason="away", until_us=T0 + 14 * DAY * US)
    centre.tick(13 * DAY)
    assert states(centre, NORM) == ["void"]
    centre.done(w.ResumeMatter, matter="M1")
    assert sorted(states(centre, NORM)) == ["running", "void"]
    finished(centre, name="ada")
    assert sorted(states(centre, TERM)) == ["kept", "void"]


def test_what_is_sent_back_has_the_date_it_had(centre):
    finished(centre, name="ada")
    due_us = centre.state("matters").tracked.open["M1"].norm_us
    centre.done(w.SendBackMatter, matter="M1", role="supervisor", reason="the door still hangs")
    assert due_us in {run.due_us for run in centre.state("standards").runs().values()}


def test_what_is_sent_back_after_its_norm_rings_at_once(centre):
    centre.tick(6 * DAY)
    finished(centre, name="ada")
    centre.tick(3 * DAY)
    centre.done(w.SendBackMatter, matter="M1", role="supervisor", reason="the door still hangs")
    centre.tick(1)
    assert states(centre, NORM)[-1] == "ringing"


def test_an_extension_begins_the_term_anew_and_leaves_the_norm_as_it_is(centre):
    centre.tick(8 * DAY)
    centre.done(w.ExtendMatter, matter="M1", reason="the owner is away")
    centre.tick(1)
    assert states(centre, NORM) == ["ringing"]
    assert sorted(states(centre, TERM)) == ["running", "void"]
