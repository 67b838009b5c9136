"""The best comes first, every answer says why, and what is nearer or known here wins a tie."""

from __future__ import annotations

import pytest

from answerable.place.gazetteer.found import Why
from tests.place.gazetteer.conftest import at, row


def whys(found) -> set[Why]:
    return {reason.why for reason in found.reasons}


def test_every_answer_has_a_reason_and_the_answers_are_in_order(town):
    for text in ("mision st", "16th", "5th and market", "1200 van nes", "bay"):
        found = town.find(text)
        assert found
        assert all(f.reasons and all(r.said() for r in f.reasons) for f in found)
        scores = [f.confidence for f in found]
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("text", "why", "said"),
    [
        ("mision st", Why.SPELT, "spelt nearly so: mision st → Mission St"),
        ("mission avenue", Why.OTHER_KIND,
        "another kind of street was said: mission avenue, found Mission St"),
        ("embarc", Why.BEGUN, "begins so: The Embarcadero"),
        ("goodlett", Why.WORDS, "these words are in Dr Carlton B Goodlett Pl"),
        ("mission and 16th", Why.CROSSING, "crossing of Mission St and 16th St"),
        ("shichang jie", Why.SOUNDS, "sounds so: 市场街"),
        ("市场街", Why.LOCAL, "a name used here: 市场街"),
        ("500 mission", Why.BLOCK, "the 500 block, known from past calls"),
        ("Tenderloin", Why.MIDDLE, "middle of the area"),
    ],
)  # fmt: skip
def test_the_reason_says_how_the_place_was_recognised(town, text, why, said):
    best = town.find(text)[0]
    assert said in [reason.said() for reason in best.reasons if reason.why is why]


def test_a_slip_costs_confidence_and_so_does_a_wrong_kind_of_street(town):
    right, slip = town.find("Mission St")[0], town.find("Mision St")[0]
    other = town.find("Mission Ave")[0]
    assert right.confidence > slip.confidence
    assert right.confidence > other.confidence


def test_the_place_of_the_incident_breaks_a_tie(town):
    """5th Ave and 5th St both have a 500 block: the one near the incident comes first."""
    names = {
        town.find("500 block 5th", near=near)[0].address
        for near in ((-122.4630, 37.7782), (-122.3999, 37.7776))
    }
    assert names == {"500 Block of 5th Ave", "500 Block of 5th St"}
    assert Why.NEAR in whys(town.find("500 block 5th", near=(-122.4630, 37.7782))[0])


def test_what_stands_near_the_words_near_is_preferred_and_said(built):
    gazetteer = built(
        addresses=[row("Bahnhofstrasse", "5", *at(0.5, 0))],
        places=[
            row("Apotheke", "", "", "", "pharmacy", *at(0.2, 0.1)),
            row("Apotheke", "", "", "", "pharmacy", *at(4.5, 3.9)),
            row("Rathaus", "", "", "", "townhall", *at(4.6, 4.0)),
        ],
    )
    best = gazetteer.find("Apotheke near Rathaus")[0]
    assert (best.lon, best.lat) == pytest.approx(at(4.5, 3.9), abs=1e-5)
    assert "near Rathaus" in [reason.said() for reason in best.reasons]


def test_a_clerk_s_own_name_outranks_the_map_s(built):
    gazetteer = built(
        places=[row("The Big Tree", "", "", "", "tree", *at(1, 1))],
        names=[row("the big tree", "", "landmark", *at(3, 3)), "老码头,,landmark,9.502,47.102"],
    )
    found = gazetteer.find("the big tree")
    assert (found[0].lon, found[0].lat) == pytest.approx(at(3, 3), abs=1e-5)
    assert Why.LOCAL in whys(found[0])
    assert len(found) > 1
    assert gazetteer.find("laomatou")[0].address == "老码头"


def test_a_clerk_s_name_can_stand_for_a_street_or_place_of_the_map(built):
    gazetteer = built(
        places=[row("Rathaus", "", "", "", "townhall", *at(4, 4))],
        names=["the old road,Bahnhofstrasse,,,", "the town hall,Rathaus,,,"],
    )
    assert gazetteer.find("the old road and Grimaldi")[0].kind == "crossing"
    assert gazetteer.find("town hall")[0].address == "Rathaus"


def test_a_number_nobody_knows_is_the_street_and_says_so(built):
    best = built().find("Bahnhofstrasse 99")[0]
    assert best.precision == "street"
    assert best.confidence < 0.8
    assert Why.NO_NUMBER in whys(best)


def test_a_block_worked_out_says_that_nobody_has_been_there(built):
    blocks = [
        row("Bahnhofstrasse", 100, *at(0.5, 0), 1),
        row("Bahnhofstrasse", 200, *at(1.5, 0), 0),
    ]
    gazetteer = built(blocks=blocks)
    learnt, worked_out = (gazetteer.find(f"{n} Bahnhofstrasse")[0] for n in (100, 200))
    assert Why.BLOCK in whys(learnt)
    assert Why.WORKED_OUT in whys(worked_out)
    assert worked_out.confidence < learnt.confidence


def test_a_street_only_past_calls_know_is_found_by_its_blocks(built):
    gazetteer = built(blocks=[row("Avenue H", 1300, *at(5, 4), 1)])
    best = gazetteer.find("1300 block of avenue h")[0]
    assert (best.lon, best.lat) == pytest.approx(at(5, 4), abs=1e-5)


def test_the_same_question_has_the_same_answer(town):
    assert town.find("mission and 16th") == town.find("mission and 16th")
    assert len(town.find("van nes", limit=3)) == 3
    assert town.find("mission", limit=0) == []
