"""The page of field reports: what is missing, overdue first; what is asked for; who keyed it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from answerable.console.language import language
from answerable.console.reporting import choice, keyed, sheet
from answerable.dispatch import report_words as r
from answerable.dispatch import words as d
from answerable.intake.words import AddNote
from answerable.kernel.authority import Actor
from tests.console.conftest import MINUTE_US, NOON_US
from tests.console.crew.test_phone import page_of as crew_page
from tests.console.test_pages import live_bytes

CREW = {unit: Actor(f"crew of {unit}", "crew", unit=unit) for unit in ("E03", "T03", "E36")}
SUPERVISOR = Actor("supervisor", "supervisor")
WAY = (d.Acknowledge, d.GoEnRoute, d.Arrive)


def there(world, *units: str, **fields) -> str:
    """An incident with these units at the place, each step keyed by its crew."""
    incident = world.incident(**fields)
    for unit in units:
        world.do(d.SendUnit, incident=incident, unit=unit)
        for step in WAY:
            world.do(step, CREW[unit], incident=incident, unit=unit)
    return incident


def later(world, minutes: float) -> None:
    clock = world.demo._clock
    clock.jump(clock.now_us() + int(minutes * MINUTE_US))
    world.centre.hub.ring(clock.now_us())
    world.centre.hub.commit()


def shown(world, tag: str = "en", role: str = "supervisor") -> dict:
    front = world.app.front
    return sheet.sheet(front, front.phrases(tag), role)


def page(world, role: str = "supervisor", path: str = "/reports") -> str:
    async def scene(client):
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    return world.run(scene, role=role)


# -- what is missing -------------------------------------------------------------------------


def test_an_empty_page_says_what_will_stand_here(world):
    html = page(world)
    assert "No report is missing." in html
    assert "Nobody asks for a closed incident to be opened again." in html
    assert "No step was taken yet." in html


def test_what_is_overdue_comes_first_and_stations_follow_their_most_urgent_row(world):
    late = there(world, "E36")
    later(world, 31)
    fresh = there(world, "E03", "T03")
    told = shown(world)
    assert [(s["name"], [row["unit"] for row in s["rows"]]) for s in told["stations"]] == [
        ("36", ["E36"]), ("03", ["E03", "T03"]),
    ]  # fmt: skip
    assert (told["count"], told["overdue"]) == (3, 1)
    first = told["stations"][0]["rows"][0]
    assert (first["incident"], first["late"], first["clock"]["state"]) == (late, True, "late")
    html = page(world)
    assert "1 overdue" in html
    assert html.index(f"owed-{late}-E36") < html.index(f"owed-{fresh}-E03")


def test_a_report_without_a_clock_comes_after_those_with_one(world, monkeypatch):
    without = there(world, "E36")
    later(world, 5)
    with_one = there(world, "E03")
    of = world.app.front.clocks.of
    monkeypatch.setattr(world.app.front.clocks, "of", lambda i: [] if i == without else of(i))
    told = shown(world)
    rows = [row["incident"] for s in told["stations"] for row in s["rows"]]
    assert rows == [with_one, without]
    assert told["overdue"] == 0


def test_a_report_that_went_back_says_why_to_those_inside_only(world):
    incident = there(world, "E03")
    world.do(d.ReportBack, CREW["E03"], incident=incident, unit="E03", code="other")
    world.do(r.ReturnReport, incident=incident, unit="E03", reason="which floor")
    [station] = shown(world)["stations"]
    assert (station["rows"][0]["state"], station["rows"][0]["reason"]) == (
        "sent back", "which floor",
    )  # fmt: skip
    [station] = shown(world, role="reader")["stations"]
    assert station["rows"][0]["reason"] == ""


def test_the_clock_of_a_report_that_went_back_starts_again(world):
    incident = there(world, "E03")
    later(world, 20)
    world.do(d.ReportBack, CREW["E03"], incident=incident, unit="E03", code="other")
    later(world, 20)
    world.do(r.ReturnReport, incident=incident, unit="E03", reason="which floor")
    [station] = shown(world)["stations"]
    clock = station["rows"][0]["clock"]
    assert clock["name"] == "complete the report"
    assert abs(clock["due_ms"] - (NOON_US + 70 * MINUTE_US) // 1000) < 30_000


def test_only_so_many_rows_are_drawn_and_the_caption_says_so(world, monkeypatch):
    monkeypatch.setattr(sheet, "ROWS_MAX", 1)
    there(world, "E03", "T03")
    told = shown(world)
    assert (told["shown"], told["count"]) == (1, 2)
    assert re.search(r"1 of 2", page(world))


def test_a_closing_that_lacks_a_report_is_refused_in_the_readers_language(world):
    incident = there(world, "E03")
    world.do(d.ClearUnit, CREW["E03"], incident=incident, unit="E03")

    async def scene(client):
        await client.get("/language/zh-CN")
        frame = {"type": "dispatch.CloseIncident", "incident": incident}
        token = re.search(r'data-token="([^"]+)"', (await client.get("/board")).text)[1]
        return await client.post(
            "/do", data={**frame, "outcome": "over", "token": token, "key": "close-1"},
            headers={"hx-request": "true", "origin": "http://127.0.0.1"},
        )  # fmt: skip

    answer = world.run(scene)
    assert answer.status_code == 409
    assert "E03" in answer.text
    assert "缺少反馈" in answer.text


# -- reminding -------------------------------------------------------------------------------


def test_the_desk_reminds_a_crew_that_has_cleared_and_its_page_says_so(world):
    incident = there(world, "E03")
    world.do(d.ClearUnit, CREW["E03"], incident=incident, unit="E03")
    html = page(world, role="dispatcher")
    row = html[html.index(f'id="owed-{incident}-E03"') :].split("</li>")[0]
    assert 'value="dispatch.RemindReport"' in row

    async def scene(client):
        token = re.search(r'data-token="([^"]+)"', (await client.get("/reports")).text)[1]
        form = {"type": "dispatch.RemindReport", "incident": incident, "unit": "E03",
                "token": token, "key": "remind-1"}  # fmt: skip
        headers = {"hx-request": "true", "origin": "http://127.0.0.1"}
        return await client.post("/do", data=form, headers=headers)

    assert world.run(scene).status_code == 201
    html = page(world, role="dispatcher")
    assert "reminded at 12:00" in html
    assert 'value="dispatch.RemindReport"' not in html, "nobody is rung twice"
    crews = crew_page(world)
    assert "You were reminded of your report at 12:00" in crews
    later(world, 11)
    assert 'value="dispatch.RemindReport"' in page(world, role="dispatcher")


def test_a_crew_at_the_place_sees_that_its_report_is_asked_for(world):
    incident = there(world, "E03")
    world.do(r.RemindReport, incident=incident, unit="E03")
    assert "You were reminded of your report at 12:00" in crew_page(world)


def test_that_a_crew_is_reminded_reaches_the_lists_and_its_own_page(world):
    incident = there(world, "E03")
    world.app.front.channels.open("crew/E03/en/crew")
    data = live_bytes(
        world, "reports/en/dispatcher",
        lambda: world.do(r.RemindReport, incident=incident, unit="E03"),
    )  # fmt: skip
    assert b"#news" in data
    told = b"".join(data for _, data in world.app.front.channels.open("crew/E03/en/crew").kept)
    assert b"You were reminded of your report" in told


# -- asked for again -------------------------------------------------------------------------


def test_a_supervisor_decides_on_the_page_and_a_dispatcher_reads_what_was_asked(world):
    incident = there(world)
    world.do(d.CloseIncident, incident=incident, outcome="no merit")
    world.do(r.AskReopening, incident=incident, reason="smoke again")
    html = page(world)
    assert "smoke again" in html
    assert 'value="dispatch.GrantReopening"' in html
    assert 'value="dispatch.DeclineReopening"' in html
    html = page(world, role="dispatcher")
    assert "smoke again" in html
    assert 'value="dispatch.GrantReopening"' not in html
    world.do(r.GrantReopening, SUPERVISOR, incident=incident, reason="go")
    assert shown(world)["asked"] == []


def test_the_incident_offers_asking_to_whoever_may_not_reopen_and_deciding_to_whoever_may(world):
    incident = there(world)
    world.do(d.CloseIncident, incident=incident, outcome="no merit")
    forms = {role: _forms(page(world, role, f"/incidents/{incident}")) for role in ROLES}
    assert "dispatch.AskReopening" in forms["call_taker"]
    assert "dispatch.ReopenIncident" in forms["dispatcher"]
    assert "dispatch.AskReopening" not in forms["dispatcher"]
    world.do(r.AskReopening, incident=incident, reason="smoke again")
    supervisor = _forms(page(world, "supervisor", f"/incidents/{incident}"))
    assert {"dispatch.GrantReopening", "dispatch.DeclineReopening"} <= supervisor
    assert "dispatch.ReopenIncident" not in supervisor
    html = page(world, "dispatcher", f"/incidents/{incident}")
    assert "closed, reopening asked for" in html
    assert "dispatch.ReopenIncident" in _forms(html)


ROLES = ("call_taker", "dispatcher")


def _forms(html: str) -> set[str]:
    return set(re.findall(r'name="type" value="([\w.]+)"', html))


# -- the outcomes to choose from -------------------------------------------------------------


def test_desk_and_crew_choose_from_the_list_of_the_kind_and_the_agency(world):
    incident = there(world, "E03", kind="Alarms")
    html = page(world, "dispatcher", f"/incidents/{incident}")
    form = html[html.index('value="dispatch.ReportBack"') :].split("</form>")[0]
    assert '<select name="code" required' in form
    assert 'value="alarm-reset"' in form
    assert 'value="code-2-transport"' not in form
    assert 'name="outcome"' not in form
    assert 'name="agency"' not in form


def test_a_town_without_a_list_asks_for_a_line_of_ones_own(world, monkeypatch):
    from answerable.towns.outcomes import NOTHING_OWED

    incident = there(world, "E03")
    monkeypatch.setattr(world.app.front.town, "outcomes", NOTHING_OWED)
    front = world.app.front
    line = front.board.line(incident)
    form = choice.give(
        front, front.phrases("en"), front.acts("dispatcher", "en"), line, line.jobs["E03"]
    )
    assert [(field.name, field.required) for field in form.fields] == [
        ("outcome", True), ("words", False),
    ]  # fmt: skip


def test_a_given_report_may_be_sent_back_from_the_incident(world):
    incident = there(world, "E03")
    path = f"/incidents/{incident}"
    assert "report missing" in page(world, "dispatcher", path)
    assert "dispatch.ReturnReport" not in _forms(page(world, "dispatcher", path))
    world.do(d.ReportBack, CREW["E03"], incident=incident, unit="E03", code="other")
    html = page(world, "dispatcher", path)
    assert "report missing" not in html
    assert "dispatch.ReturnReport" in _forms(html)


# -- who keyed it ----------------------------------------------------------------------------


def test_what_the_desk_keyed_is_marked_on_the_thread_the_unit_and_its_row(world):
    incident = world.incident()
    world.do(d.SendUnit, incident=incident, unit="E03")
    world.do(d.Arrive, incident=incident, unit="E03")
    for path in (f"/incidents/{incident}", "/units", "/units/E03"):
        assert "keyed by the desk" in page(world, "dispatcher", path), path
    other = there(world, "T03")
    assert "keyed by the desk" not in page(world, "dispatcher", f"/incidents/{other}")


def test_shares_are_by_unit_station_and_shift_and_of_no_person(world):
    incident = there(world, "E03", "T03")
    world.do(d.ClearUnit, incident=incident, unit="E03")
    told = keyed.shares(world.app.front, world.app.front.phrases("en"))
    rows = {one["name"]: (one["steps"], one["by_desk"], one["share"]) for one in told["units"]}
    assert rows == {"E03": ("4", "1", "25%"), "T03": ("3", "0", "0%")}
    assert [(one["name"], one["share"]) for one in told["stations"]] == [("03", "14%")]
    assert [(one["name"], one["steps"]) for one in told["shifts"]] == [
        ("from 07:00", "7"), ("from 15:00", "0"), ("from 23:00", "0"),
    ]  # fmt: skip
    assert told["all"]["share"] == "14%"
    html = page(world)
    assert "crew of" not in html


@pytest.mark.parametrize(
    ("hour", "shift"), [(6, "23:00"), (7, "07:00"), (15, "15:00"), (22, "15:00"), (23, "23:00")]
)
def test_a_shift_begins_when_the_town_says_so(world, hour, shift):
    assert keyed.shift_of(world.app.front, NOON_US + (hour - 12) * 60 * MINUTE_US) == shift


# -- live, and in another language -----------------------------------------------------------


def test_a_report_that_comes_in_is_news_for_every_console_and_nothing_of_it_is_sent(world):
    incident = there(world, "E03")

    def reports():
        world.do(
            d.ReportBack, CREW["E03"], incident=incident, unit="E03", code="other", words="Quux"
        )

    data = live_bytes(world, "reports/en/dispatcher", reports).decode()
    assert 'hx-target="#news"' in data
    assert "E03" not in data
    assert "Quux" not in data
    assert 'id="news"' in page(world)


def test_what_changes_nothing_on_the_page_is_no_news(world):
    incident = there(world, "E03")

    def other():
        world.do(d.SendUnit, incident=incident, unit="T03")
        world.do(AddNote, incident=incident, words="smoke")

    assert live_bytes(world, "reports/en/dispatcher", other) == b""


# -- narrowed by its address -----------------------------------------------------------------


def test_station_and_state_are_in_the_address_and_every_count_is_that_of_its_list(world):
    incident = there(world, "E03", "T03", "E36")
    world.do(d.ReportBack, CREW["T03"], incident=incident, unit="T03", code="other")
    world.do(r.ReturnReport, incident=incident, unit="T03", reason="which floor")
    over = there(world)
    world.do(d.CloseIncident, incident=over, outcome="no merit")
    world.do(r.AskReopening, incident=over, reason="smoke again")
    expected = {
        "": {"E03", "T03", "E36", over}, "state=missing": {"E03", "E36"}, "state=returned": {"T03"},
        "state=asked": {over}, "station=03": {"E03", "T03"}, "state=missing&station=03": {"E03"},
        "state=nonsense&station=%00": set(),
    }  # fmt: skip
    for query, listed in expected.items():
        html = page(world, path=f"/reports?{query}")
        rows = set(re.findall(r'id="owed-[^-"]+-([^"]+)"', html))
        assert rows | set(re.findall(r'id="asked-([^"]+)"', html)) == listed, query
        on = re.search(r'aria-current="true">[^<]+<span class="num">(\d+)</span>', html)[1]
        assert int(on) == len(listed), query


def test_a_filter_stays_when_a_console_reads_again_what_it_shows(world):
    there(world, "E03")
    there(world, "E36")
    html = page(world, path="/reports?state=missing&station=36")
    again = {unescape(one) for one in re.findall(r'data-reads="idle" hx-get="([^"]+)"', html)}
    assert again == {"/reports?state=missing&station=36"}
    assert "owed-" in html
    assert 'name="state" value="missing"' in html
    html = page(world, path="/reports?state=returned&station=36")
    assert "A filter is set: show all of them." in html


def test_a_reopening_stands_under_the_stations_whose_units_were_there(world):
    incident = there(world, "E36")
    world.do(d.ReportBack, CREW["E36"], incident=incident, unit="E36", code="other")
    world.do(d.ClearUnit, CREW["E36"], incident=incident, unit="E36")
    world.do(d.CloseIncident, incident=incident, outcome="no merit")
    world.do(r.AskReopening, incident=incident, reason="smoke again")
    assert f"asked-{incident}" in page(world, path="/reports?state=asked&station=36")
    assert f"asked-{incident}" not in page(world, path="/reports?state=asked&station=03")


def test_in_chinese_nothing_is_left_in_english(world):
    incident = there(world, "E03")
    world.do(d.ReportBack, incident=incident, unit="E03", code="other")
    world.do(r.ReturnReport, incident=incident, unit="E03", reason="楼层不详")
    html = language("zh-CN").render(
        "reporting/list.html", r=sheet.sheet(world.app.front, world.app.front.phrases("zh-CN"),
                                             "supervisor"), token=""
    )  # fmt: skip
    text = re.sub(r"<[^>]+>", " ", html).replace("Golden Gate", "").replace("Larkin", "")
    assert not re.findall(r"[A-Za-z]{4,}", text)


def test_the_outcome_of_a_report_reads_in_the_readers_language(world):
    incident = there(world, "E03")
    world.do(d.ReportBack, CREW["E03"], incident=incident, unit="E03", code="no-merit")

    async def scene(client):
        await client.get("/language/zh-CN")
        return (await client.get(f"/incidents/{incident}")).text

    assert "无需处置" in world.run(scene)
