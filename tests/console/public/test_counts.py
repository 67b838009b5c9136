"""Calls rung and calls recorded: on the public page, on the board, and for the supervisor."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from answerable.console.public import record
from answerable.console.public.record import COLUMNS, SHOWN, STATES
from answerable.intake import words as i
from answerable.intake.counting import COUNT
from answerable.intake.views import NOT_COUNTED
from answerable.kernel.authority import Actor
from tests.console.conftest import MINUTE_US

LINE = Actor(name="line", role="line")
SUPERVISOR = Actor(name="supervisor", role="supervisor")
DAY_US = 24 * 60 * MINUTE_US


def go(world, minutes: float) -> None:
    """Let time pass, and what falls due happen."""
    hub = world.centre.hub
    hub.clock.jump(hub.clock.now_us() + int(minutes * MINUTE_US))
    while hub.ring(hub.clock.now_us()):
        hub.commit()


def get(world, path: str, role: str = "") -> Any:
    async def scene(client) -> Any:
        return await client.get(path)

    return world.run(scene, role=role)


@pytest.fixture
def counted(world):
    """Two lines on 2 April: 110 tells one ring too many, 119 agrees; it is 06:30 the day after."""
    world.centre.hub.clock.pause()
    for call in ("C1", "C2"):
        world.do(i.RingCall, LINE, call=call, line="110")
    world.do(i.RingCall, LINE, call="C3", line="119")
    world.do(i.AnswerCall, call="C3")
    world.do(i.EndCall, call="C3", reason="asked the way")
    go(world, 13 * 60)
    world.do(i.CountLine, LINE, day="2020-04-02", line="110", rung=3)
    world.do(i.CountLine, LINE, day="2020-04-02", line="119", rung=1)
    go(world, 5.5 * 60)
    return world


def rows_of(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", html.partition("<tbody>")[2], re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]


def test_anybody_may_see_the_figures_and_that_they_differ(counted):
    html = get(counted, "/public/record").text
    assert rows_of(html) == [["2 Apr 2020", "4", "3", "1", "differs, being looked at"]]
    for inside in ("110", "119"):
        assert inside not in html


def test_an_explanation_is_said_to_be_there_and_not_told(counted):
    counted.do(
        i.ExplainDifference, SUPERVISOR, day="2020-04-02", line="110", reason="a test by Zaphod"
    )
    for path in ("/public/record", "/public/record.json", "/public/record.csv"):
        told = get(counted, path).text
        assert "explained" in told
        assert "Zaphod" not in told


def test_the_same_figures_as_files(counted):
    told = json.loads(get(counted, "/public/record.json").content)
    assert told == {
        "town": "san_francisco", "zone": "America/Los_Angeles", "days": [{
            "day": "2020-04-02", "rung": 4, "recorded": 3, "apart": 1, "answered": 1,
            "state": "differs",
        }],
    }  # fmt: skip
    told = get(counted, "/public/record.csv")
    assert told.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(told.text)))
    assert rows == [list(COLUMNS), ["2020-04-02", "4", "3", "1", "1", "differs"]]


def test_a_day_without_a_counter_says_so_and_leaves_it_empty(world):
    world.do(i.RingCall, LINE, call="C1", line="110")
    go(world, 24 * 60)
    assert rows_of(get(world, "/public/record").text) == [
        ["2 Apr 2020", "–", "1", "–", "not counted"]
    ]
    rows = list(csv.reader(io.StringIO(get(world, "/public/record.csv").text)))
    assert rows[1] == ["2020-04-02", "", "1", "", "0", "not counted"]


def test_before_the_first_day_is_over_the_page_says_when_to_come_back(world):
    assert "No day is over yet." in get(world, "/public/record").text


def test_the_page_shows_a_month_and_the_files_show_all(counted):
    for day in range(3, 41):
        iso = f"2020-04-{day:02d}" if day <= 30 else f"2020-05-{day - 30:02d}"
        go(counted, 24 * 60)
        for line in ("110", "119"):
            counted.do(i.CountLine, LINE, day=iso, line=line, rung=0)
    html = get(counted, "/public/record").text
    assert len(rows_of(html)) == SHOWN
    assert html.count('class="rang"') == SHOWN
    assert len(json.loads(get(counted, "/public/record.json").content)["days"]) == 39


def test_figures_are_made_again_only_when_one_may_have_changed(counted, monkeypatch):
    made, real = [], record.days
    monkeypatch.setattr(record, "days", lambda *args: made.append(1) or real(*args))
    for path in ("/public/record", "/public/record.json", "/public/record.csv"):
        get(counted, path)
    assert len(made) == 1
    counted.do(i.RingCall, LINE, call="C8", line="110", at=counted.centre.now_us() - DAY_US)
    told = json.loads(get(counted, "/public/record.json").content)
    assert [one["recorded"] for one in told["days"]] == [4]
    go(counted, 24 * 60)
    assert len(json.loads(get(counted, "/public/record.json").content)["days"]) == 2
    assert len(made) == 3


def test_every_state_of_a_count_has_its_words_for_the_public():
    states = {state for state in COUNT.states if state != COUNT.first}
    assert set(STATES) == states | {NOT_COUNTED}


def test_figures_can_be_fetched_so_often_and_no_more(world):
    async def scene(client) -> Any:
        return [(await client.get("/public/record.json")).status_code for _ in range(62)]

    statuses = world.run(scene, role="")
    assert statuses[0] == 200
    assert statuses[-1] == 429


# -- the staff's side ------------------------------------------------------------------------


def test_the_board_says_that_the_counts_of_a_day_differ_until_they_are_explained(counted):
    words = "Calls rung and recorded do not agree: 2 Apr 2020"
    for role in ("call_taker", "dispatcher", "supervisor"):
        assert words in get(counted, "/board", role).text
    counted.do(i.ExplainDifference, SUPERVISOR, day="2020-04-02", line="110", reason="a test")
    assert words not in get(counted, "/board", "supervisor").text


def test_a_supervisor_explains_it_on_the_page(counted):
    page = get(counted, "/counts", "supervisor").text
    assert page.count('value="intake.ExplainDifference"') == 1
    assert page.count('value="intake.RetireLine"') == 2

    async def scene(client) -> Any:
        shown = await client.get("/counts")
        token = re.search(r'name="token" value="([^"]+)"', shown.text)
        assert token is not None
        form = {"token": token[1], "type": "intake.ExplainDifference", "day": "2020-04-02",
                "line": "110", "reason": "a test of the line"}  # fmt: skip
        return await client.post("/do", data=form, headers={"hx-request": "true"})

    answer = counted.run(scene, role="supervisor")
    assert answer.status_code == 201, answer.text
    page = get(counted, "/counts", "supervisor").text
    assert "Nothing differs." in page
    assert 'value="intake.ExplainDifference"' not in page


def test_others_see_the_lines_but_are_offered_nothing(counted):
    for role in ("dispatcher", "call_taker"):
        page = get(counted, "/counts", role).text
        assert "<td>110</td>" in page
        assert "intake.ExplainDifference" not in page
    assert get(counted, "/counts").status_code == 303


def test_the_page_follows_what_happens(counted):
    live = counted.app.live
    counted.app.front.channels.open("counts/en/supervisor")
    counted.do(i.ExplainDifference, SUPERVISOR, day="2020-04-02", line="110", reason="a test")
    live.settle("counts/en/supervisor")
    sent = b"".join(
        data for _, data in counted.app.front.channels.open("counts/en/supervisor").kept
    )
    assert b"Nothing differs." in sent


def test_a_role_without_the_page_is_refused(counted):
    sessions = counted.app.front.sessions

    async def scene(client) -> Any:
        client.cookies.set("answerable", sessions.begin(Actor(name="x", role="crew")))
        return await client.get("/counts")

    assert counted.run(scene, role="").status_code == 403
