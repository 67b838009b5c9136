"""What may come next is offered as one types: what exists, what fits, and never a person."""

from __future__ import annotations

import pytest

from answerable.console.bar.verbs import VERBS
from answerable.dispatch import words as d
from answerable.intake import words as i
from tests.console.bar.conftest import CALL, CLOSED, OPEN, OTHER, RINGING


def labels(desk, line, **kwargs):
    return [offer.label for offer in desk.panel(line, **kwargs).offers]


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("/se", "/send"),
        ("/派", "/send"),
        ("/send ", "all"),
        ("/send t", "T03"),
        ("/ack ", "E03"),
        ("/note #60", f"#{OTHER}"),
        ("/attach ", CALL),
        ("/answer ", RINGING),
        ("/kind struct", "Structure Fire"),
        ("/kind Structure Fire ", "2"),
        ("/hold ", f"#{OPEN}"),
        ("/hold until ", "+15m"),
        ("/moveup E03 to ", "01"),
        ("/callback C12 ", "reached"),
        ("/go bo", "board"),
        ("/cancel E03 ", f"#{OPEN}"),
        ("/close #603 fal", "false alarm"),
        ("/reopen ", f"#{CLOSED}"),
        ("/open Alarms at 1500 market", "1500 Block of Market St"),
        ("/status E03 arr", "arrive"),
        ("/hospital M12 zuck", "Zuckerberg SF General"),
    ],
)
def test_what_fits_is_offered(desk, line, first):
    found = labels(desk, line)
    assert first in found, found


def test_choosing_an_offer_writes_a_line_that_is_read_so(desk):
    panel = desk.panel("/send e0")
    assert panel.offers[0].line == "/send E03 "
    assert panel.offers[0].caret == len("/send E03 ")
    for offer in desk.panel("/kind ").offers:
        assert desk.read(offer.line + "because x").wrong == "", offer.line
    for offer in desk.panel("/open Alarms at 1500 market").offers:
        assert offer.line.startswith("/open Alarms at "), offer.line


def test_in_the_middle_of_a_line_the_rest_of_it_stays(desk):
    panel = desk.panel("/send e0 to 604 because it knows the house", caret=len("/send e0"))
    assert panel.offers[0].line == "/send E03 to 604 because it knows the house"
    assert panel.offers[0].caret == len("/send E03 ")


def test_units_come_in_the_order_in_which_they_make_sense(busy):
    busy.world.do(d.SendUnit, incident=OTHER, unit="E03")
    busy.world.do(d.TakeOutOfService, unit="E07", reason="no crew")
    send, ack = labels(busy, "/send "), labels(busy, "/ack ")
    assert send.index("E36") < send.index("E03")
    assert send.index("E36") < send.index("E07")
    assert ack[0] == "E03"
    assert labels(busy, "/in ")[0] == "E07"


def test_help_lists_every_verb_that_is_offered_and_is_narrowed_by_a_word(desk):
    assert set(labels(desk, "/help ")) == {f"/{verb.name}" for verb in desk.bar.verbs("supervisor")}
    assert "/hospital" in labels(desk, "/help hospital")
    assert "/send" not in labels(desk, "/help hospital")
    assert labels(desk.at("supervisor", "zh-CN"), "/帮助 签收") == ["/签收"]


def test_a_crew_is_offered_its_own_verbs_only(desk):
    crew = set(labels(desk.at("crew"), "/help "))
    assert "/arrive" in crew
    assert not crew & {"/send", "/close", "/note", "/merge"}


def test_a_page_that_is_not_given_is_not_offered(desk):
    assert "take" in labels(desk, "/go t")
    assert "take" not in labels(desk.at("crew"), "/go t")


# -- finding ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "found"),
    [("604", OTHER), ("structure", OTHER), ("larkin", OPEN), ("701", CLOSED), ("e03", "E03"),
     ("truck", "T03"), ("1500 market", "1500 Block of Market St")],
)  # fmt: skip
def test_places_units_and_incidents_are_found(desk, word, found):
    assert found in labels(desk, f"/find {word}")


SEALED = ("415 555 0147", "5550147", "0147", "zeppelin", "door 4b", "hindenburg")


@pytest.mark.parametrize("word", SEALED)
def test_nothing_a_person_said_wrote_or_is_called_by_is_found(busy, word):
    do = busy.world.do
    do(i.AddNote, incident=OPEN, words="the zeppelin, number 415 555 0147")
    do(i.AnswerCall, call="C200931019", number="415 555 0147")
    do(i.OpenIncident, call="C200931019", kind="Alarms", priority="3", address="MARKET ST/4TH ST",
       lon=-122.4057, lat=37.7858, door="door 4b", incident="200930899")  # fmt: skip
    do(d.SendUnit, incident=OPEN, unit="E03")
    do(d.Arrive, incident=OPEN, unit="E03")
    do(d.ReportBack, incident=OPEN, unit="E03", code="other", words="hindenburg")
    found = [o for o in busy.panel(f"/find {word}").offers if o.go]
    assert found == []
    assert [o for o in busy.panel("/find 899").offers if o.go], "else this test could not fail"


def test_a_place_that_was_found_begins_an_incident_there(desk):
    (offer, *_rest) = [o for o in desk.panel("/find 1500 market").offers if not o.go]
    assert offer.line == "/open  at 1500 Block of Market St"
    assert offer.caret == len("/open ")
    assert "nearest free: " in offer.detail
    chosen = desk.panel(offer.line, caret=offer.caret).offers
    assert any(one.line.startswith("/open Alarms ") for one in chosen)


def test_every_verb_has_something_to_say_while_it_is_written(desk):
    for verb in VERBS:
        panel = desk.panel(f"/{verb.name} ")
        assert panel.preview.said, verb.name
