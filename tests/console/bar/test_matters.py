"""Lines about tracked matters and problems: what they name, what they would do, what they do."""

from __future__ import annotations

import pytest

from answerable.console.bar import lists
from answerable.console.bar.parse import read
from answerable.console.bar.verbs import VERBS
from tests.console.bar.conftest import OPEN
from tests.console.bar.test_entering import typing

WORDS = "ask Mrs Gray whether the door was repaired"


def got(busy, line: str) -> dict[str, list[str]]:
    reading = read(busy.world.app.front, VERBS, line, OPEN)
    assert not reading.wrong, reading.wrong
    assert reading.missing is None, reading.missing
    return reading.got


def matter(busy):
    return busy.world.centre.hub.state["matters"].tracked.open["M1"]


@pytest.mark.parametrize(
    ("text", "owner"),
    [("e03", "unit:E03"), ("36", "station:36"), ("supervisor", "role:supervisor"),
     ("值班长", "role:supervisor"), ("Ada", ""), ("crew of E03", "")],
)  # fmt: skip
def test_an_owner_is_a_unit_a_station_or_a_role_and_never_a_person(busy, text, owner):
    assert lists.owner(busy.world.app.front, text) == owner


def test_only_what_there_is_is_named_by_its_number(busy):
    front = busy.world.app.front
    assert (lists.matter(front, "m1"), lists.matter(front, "M9")) == ("M1", "")
    assert (lists.problem(front, "p1"), lists.problem(front, "P9")) == ("P1", "")
    assert (lists.plan_step(front, "p1.1"), lists.plan_step(front, "P1.9")) == ("P1.1", "")
    assert lists.plan_step(front, "P9.1") == ""


def test_a_matter_is_opened_in_one_line_from_an_incident_or_by_hand(busy):
    said = got(busy, f"/matter follow-up E03 {WORDS}")
    assert (said["kind"], said["owner"], said["words"]) == (["follow-up"], ["unit:E03"], [WORDS])
    said = got(busy, f"/matter hazard supervisor from #{OPEN} {WORDS}")
    assert (said["about"], said["words"]) == ([OPEN], [WORDS])
    assert got(busy, "/盯办 隐患整改 值班长 问清楚")["kind"] == ["hazard"]


def test_what_a_line_would_do_is_said_before_it_is_done(busy):
    for line, hint in (
        (f"/matter hazard E03 from #{OPEN} {WORDS}", "would be opened for E03: Have a hazard"),
        ("/take M1", "you would have M1 in hand"),
        ("/progress M1 the board is ordered", "progress would be noted on M1"),
        ("/remind-owner M1 telephone", "the owner of M1 would be reminded (telephone)"),
        ("/note-problem P1 quiet", "a note of today would be written on P1"),
        ("/step-done P1.1", "the step P1.1 would be done"),
    ):
        told = busy.panel(line).preview
        assert hint in told.said, line
        assert told.kind == "ready", line
        assert "Gray" not in told.said + str(told.facts)
    assert busy.panel("/leave M1").preview.kind == "no"
    said = busy.panel("/rung M1 reached").preview.said
    assert "No call to its owner is asked for." in said


def test_lines_do_what_they_say(busy):
    async def scene(typist):
        for line in ("/take M1", "/progress M1 the board is ordered", "/leave M1",
                     "/remind-owner M1 telephone", "/rung M1 unreached", "/step-done P1.1",
                     "/note-problem P1 quiet since the letter",
                     f"/matter follow-up E03 from #{OPEN} {WORDS}"):  # fmt: skip
            answer = await typist.enter(line)
            assert answer.status_code == 201, (line, answer.text)
            assert "Gray" not in answer.text

    typing(busy, scene)
    state = busy.world.centre.hub.state["matters"]
    assert matter(busy).holder == ""
    assert state.problems["P1"].steps["P1.1"].state == "done"
    assert len(state.problems["P1"].noted) == 1
    made = state.tracked.open["M2"]
    assert (made.sort, made.owner, made.incident) == ("follow-up", "E03", OPEN)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("/take ", "/take M1 "), ("/matter haz", "/matter hazard "),
        ("/matter hazard super", "/matter hazard supervisor "), ("/rung M1 ", "/rung M1 reached "),
        ("/step-done ", "/step-done P1.1 "), ("/note-problem ", "/note-problem P1 "),
        ("/remind-owner M1 t", "/remind-owner M1 telephone "),
    ],
)  # fmt: skip
def test_names_are_completed(busy, line, offered):
    assert offered in [one.line for one in busy.panel(line).offers]


def test_a_line_keeps_nothing_of_what_was_written(busy):
    reading = busy.read(f"/progress M1 {WORDS}")
    assert reading.kept == "/progress M1 "


def test_whoever_may_not_is_offered_no_such_line(busy):
    taker = busy.at("call_taker")
    assert "take" in [verb.name for verb in taker.bar.verbs("call_taker")]
    assert not {"remind-owner", "step-done"} & {v.name for v in taker.bar.verbs("call_taker")}
