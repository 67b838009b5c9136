"""The figures on their page and in their file: counts with every share, too few said as too few."""

from __future__ import annotations

import csv
import io
import re

import pytest

from answerable.console.said.figures import SPANS, WIDE, as_csv, figures, picture, wanted_of
from answerable.followup import back_words as b
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.measure.asked import LENGTH
from answerable.measure.satisfaction import FEW, Report, group_of, share_of
from tests.console.conftest import World
from tests.console.saying.conftest import Asked
from tests.console.saying.conftest import asked as asked
from tests.console.saying.conftest import read_once as read_once
from tests.console.saying.conftest import world as world

STAFF = Actor(name="supervisor", role="supervisor")


def said(asked: Asked, marks: list[int], **more: str) -> None:
    """Have callers answer, each with one mark for everything."""
    for mark in marks:
        incident, call = asked.over(**more)
        given = dict.fromkeys(b.QUESTIONS, mark)
        asked.world.do(b.AnswerCallBack, STAFF, incident=incident, call=call, **given)


def get(world: World, path: str, role: str = "supervisor"):
    return world.run(lambda client: client.get(path), role)


def table(asked: Asked, query: str) -> list[dict[str, str]]:
    body = get(asked.world, f"/call-backs/figures.csv?{query}").text
    return list(csv.DictReader(io.StringIO(body)))


def test_the_page_counts_callers_barred_reached_and_answered_beside_every_share(asked):
    said(asked, [5] * 9 + [1] * 3)
    asked.over(number="")
    asked.over()
    page = get(asked.world, "/call-backs/figures?by=kind").text
    facts = re.findall(r"<dt>(.*?)</dt><dd><b class=\"num\">(.*?)</b>", page)
    assert facts == [
        ("callers", "14"), ("could be asked", "13"), ("were reached", "12"), ("gave answers", "12"),
        ("not reached", "0"), ("still to be asked", "1"),
    ]  # fmt: skip
    assert "no number 1" in page
    assert "by telephone 12" in page
    assert "75% (47% to 91%) of 12" in page
    assert page.count("<svg") == 2


def test_too_few_answers_have_no_share_on_the_page_and_none_in_the_file(asked):
    said(asked, [5] * (FEW - 1))
    page = get(asked.world, "/call-backs/figures").text
    assert "too few" in page
    assert "100% (" not in page
    assert "<svg" not in page
    [whole, *_groups] = table(asked, "by=kind&weeks=4")
    assert whole["overall_given"] == str(FEW - 1)
    for part in ("satisfied", "unhappy", "share", "low", "high"):
        assert whole[f"overall_{part}"] == ""


def test_the_file_says_the_same_as_the_page(asked):
    said(asked, [5] * 8 + [2] * 4)
    rows = {row["kind"]: row for row in table(asked, "by=kind")}
    assert set(rows) == {"all", "Outside Fire"}
    assert (rows["all"]["callers"], rows["all"]["answered"]) == ("12", "12")
    assert float(rows["all"]["overall_share"]) == pytest.approx(8 / 12, abs=1e-6)
    low, high = float(rows["all"]["overall_low"]), float(rows["all"]["overall_high"])
    assert low < 8 / 12 < high


def test_groups_are_units_areas_kinds_and_weeks(asked):
    from answerable.dispatch import words as d

    call = asked.world.do(i.AnswerCall, number="+1 415 555 0100").call
    incident = asked.world.incident(kind="Outside Fire")
    asked.world.do(i.AttachCall, call=call, incident=incident)
    asked.world.do(d.SendUnit, incident=incident, unit="E03")
    for step in (d.Acknowledge, d.GoEnRoute, d.Arrive):
        asked.world.do(step, incident=incident, unit="E03")
    asked.world.do(d.ReportBack, incident=incident, unit="E03", code="put-out")
    asked.world.do(d.ClearUnit, incident=incident, unit="E03")
    asked.world.do(d.CloseIncident, incident=incident, outcome="put out")
    asked.world.do(b.AnswerCallBack, STAFF, incident=incident, call=call, overall=5)
    names = {by: [row[by] for row in table(asked, f"by={by}")] for by in
             ("unit", "area", "kind", "week")}  # fmt: skip
    assert names["unit"] == ["all", "E03"]
    assert names["area"] == ["all", "Tenderloin"]
    assert names["kind"] == ["all", "Outside Fire"]
    assert names["week"] == ["all", "2020-03-30"]


def test_an_empty_time_says_what_to_do_next(world):
    page = get(world, "/call-backs/figures").text
    assert "Choose a longer time." in page


@pytest.mark.parametrize("query", ["weeks=0", "weeks=x&by=caller&about=name", "by=officer", ""])
def test_what_makes_no_sense_is_as_if_it_were_not_there(query):
    asked_for = dict(part.split("=") for part in query.split("&") if part)
    found = wanted_of(asked_for)
    assert (found.weeks, found.by, found.about) == (4, "unit", "overall")
    assert set(SPANS) == {1, 4, 13, 52}


@pytest.mark.parametrize("role", ["dispatcher", "call_taker", "crew", "administrator"])
def test_who_is_not_given_the_figures_does_not_get_them(world, role):
    for path in ("/call-backs/figures", "/call-backs/figures.csv"):
        assert get(world, path, role).status_code == 403


def test_a_name_in_the_file_is_no_formula():
    cell = [1] + [0] * (LENGTH - 1)
    found = Report((), "kind", group_of("", cell), (group_of("=cmd()", cell),), {}, {})
    rows = list(csv.DictReader(io.StringIO(as_csv(found).decode())))
    assert [row["kind"] for row in rows] == ["all", "'=cmd()"]


def test_a_picture_is_where_its_interval_is():
    whole, one = share_of("overall", 400, 320, 20), share_of("overall", 12, 9, 1)
    drawn = picture(one, whole)
    assert drawn is not None
    assert drawn["all"] == 0.8 * WIDE
    assert 0 <= drawn["low"] < drawn["at"] < drawn["high"] <= WIDE
    assert picture(share_of("overall", 3, 3, 0), whole) is None


def test_the_chosen_question_is_the_one_that_is_drawn(asked):
    said(asked, [4] * 12)
    pages = {about: get(asked.world, f"/call-backs/figures?about={about}").text
             for about in ("manner", "result")}  # fmt: skip
    assert 'aria-current="true">How we spoke with you' in pages["manner"]
    assert 'aria-current="true">What was done about it' in pages["result"]


def test_nothing_of_a_caller_or_of_staff_is_on_the_page_or_in_the_file(asked):
    incident, call = asked.over()
    asked.world.do(b.AnswerCallBack, STAFF, incident=incident, call=call, overall=1,
                   words="my name is Ann")  # fmt: skip
    for path in ("/call-backs/figures?by=area", "/call-backs/figures.csv?by=unit"):
        text = get(asked.world, path).text
        for secret in ("Ann", "555 0142", call, incident):
            assert secret not in text


def test_the_page_is_in_both_languages(asked):
    said(asked, [5] * 12)

    async def scene(client):
        await client.get("/language/zh-CN?back=/board")
        return (await client.get("/call-backs/figures")).text

    page = asked.world.run(scene, "supervisor")
    assert "报警人怎么说" in page
    assert "too few" not in page


def test_the_report_of_an_address_is_over_the_weeks_it_names(asked):
    said(asked, [5])
    asked.world.demo._clock.jump(asked.front.now_us() + 14 * 86_400_000_000)
    said(asked, [5, 5])
    assert figures(asked.front, wanted_of({"weeks": "1"})).whole.answered == 2
    assert figures(asked.front, wanted_of({"weeks": "4"})).whole.answered == 3
