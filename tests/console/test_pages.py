"""Pages, forms and API over a real hub: what is shown, what is refused, and how it is said."""

from __future__ import annotations

import asyncio
import html
import itertools
import re
import time

import pytest

from answerable.console.headers import POLICY
from answerable.dispatch import words as d
from answerable.intake import words as i
from answerable.matters import matter_words as m

PAGES = ("/board", "/units", "/standards", "/record")


def token_in(html: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', html)
    assert found
    return found[1]


async def form(client, path, htmx=True, **fields):
    """Send a form as the page would."""
    fields.setdefault("token", token_in((await client.get("/board")).text))
    headers = {"sec-fetch-site": "same-origin"} | ({"hx-request": "true"} if htmx else {})
    return await client.post(path, data=fields, headers=headers)


def test_every_page_is_shown_in_both_languages_and_carries_the_policy(world):
    incident = world.incident()

    async def scene(client):
        for path in (*PAGES, f"/incidents/{incident}", "/enter"):
            for tag in ("en", "zh-CN"):
                client.cookies.set("lang", tag)
                answer = await client.get(path)
                assert answer.status_code == 200, path
                assert f'<html lang="{tag}"' in answer.text
                assert answer.headers["content-security-policy"] == POLICY
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert answer.headers["cache-control"] == "no-store"
                assert " style=" not in answer.text
                assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text)

    world.run(scene)


def test_nobody_signed_in_sees_nothing_and_is_led_to_the_door(world):
    async def scene(client):
        for path in (*PAGES, "/incidents/1", "/board/map"):
            answer = await client.get(path)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/enter")
        for path in ("/api/board", "/api/events", "/api/incidents/1", "/api/stream"):
            answer = await client.get(path)
            assert answer.status_code == 401
            assert answer.json()["code"] == "console.NotSignedIn"

    world.run(scene, role="")


def test_a_page_the_role_is_not_given_is_refused(world):
    async def scene(client):
        return await form(client, "/demo", do="faster")

    answer = world.run(scene, role="call_taker")
    assert answer.status_code == 403
    assert "not given this page" in answer.text


def test_a_name_the_centre_does_not_answer_to_is_refused(world):
    async def scene(client):
        return await client.get("/board", headers={"host": "rebound.example"})

    assert world.run(scene).status_code == 421


def test_the_errors_of_an_unknown_address_are_told_in_three_parts_with_the_policy(world):
    async def scene(client):
        answer = await client.get("/nowhere")
        assert answer.status_code == 404
        assert "There is no such page." in answer.text
        assert answer.headers["content-security-policy"] == POLICY
        answer = await client.get("/incidents/999")
        assert answer.status_code == 404
        assert "There is no incident 999." in answer.text

    world.run(scene)


def test_a_dispatcher_sends_acknowledges_arrives_reports_clears_and_closes(world):
    incident = world.incident()
    both = {"incident": incident, "unit": "E03"}

    async def scene(client):
        steps = (
            ("dispatch.SendUnit", both), ("dispatch.Acknowledge", both),
            ("dispatch.GoEnRoute", both), ("dispatch.Arrive", both),
            ("dispatch.ReportBack", both | {"code": "no-merit"}),
            ("dispatch.ClearUnit", both),
            ("dispatch.CloseIncident", {"incident": incident, "outcome": "no fire"}),
            ("dispatch.ReopenIncident", {"incident": incident, "reason": "smoke again"}),
        )  # fmt: skip
        for number, (command, fields) in enumerate(steps):
            answer = await form(client, "/do", type=command, key=f"page-{number}", **fields)
            assert answer.status_code == 201, answer.text
            assert "Recorded at" in answer.text
        page = (await client.get(f"/incidents/{incident}")).text
        for said in (
            "E03 signed for it.",
            "E03 arrived.",
            "reported back: No Merit",
            "reopened",
            "keyed by the desk",
        ):
            assert said in page

    world.run(scene)


def test_the_buttons_of_an_incident_are_those_of_the_steps_table_and_the_role(world):
    incident = world.incident()
    world.do(d.SendUnit, incident=incident, unit="E03")

    async def scene(client):
        return (await client.get(f"/incidents/{incident}")).text

    dispatcher, taker = world.run(scene), world.run(scene, role="call_taker")
    assert 'value="dispatch.Acknowledge"' in dispatcher
    assert 'value="dispatch.Arrive"' in dispatcher
    assert 'value="dispatch.ReportBack"' not in dispatcher
    assert set(re.findall(r'value="(dispatch\.\w+)"', taker)) == {"dispatch.SendMessage"}
    assert 'value="intake.AddNote"' in taker
    world.do(d.Arrive, incident=incident, unit="E03")
    after = world.run(scene)
    assert 'value="dispatch.Acknowledge"' not in after
    assert 'value="dispatch.ReportBack"' in after


def test_a_refusal_is_shown_in_place_with_its_three_parts_in_the_readers_language(world):
    first, second = world.incident(), world.incident()
    world.do(d.SendUnit, incident=first, unit="E03")
    fields = {"type": "dispatch.SendUnit", "incident": second, "unit": "E03"}

    async def scene(client):
        told = []
        for tag in ("en", "zh-CN"):
            client.cookies.set("lang", tag)
            told.append(await form(client, "/do", key=f"busy-{tag}", **fields))
        return told

    english, chinese = world.run(scene)
    assert english.status_code == chinese.status_code == 409
    for said in ("Not sent: E03.", f"It has been on incident {first}", "Free it first"):
        assert said in english.text
    assert "未派：E03" in chinese.text


def test_the_same_form_twice_is_recorded_once(world):
    incident = world.incident()
    fields = {"type": "intake.AddNote", "incident": incident, "words": "gas", "key": "one-key"}

    async def scene(client):
        answers = [await form(client, "/do", **fields) for _ in range(2)]
        return [answer.status_code for answer in answers]

    before = world.centre.hub.position
    assert world.run(scene) == [201, 201]
    assert world.centre.hub.position == before + 1


def test_a_call_is_opened_by_hand_in_one_form_and_its_number_stays_sealed(world):
    async def scene(client):
        answer = await form(
            client, "/take", key="hand-1", kind="Medical Incident", priority="3",
            address="1 MAIN ST", lon="-122.41", lat="37.78", number="555-0100",
        )  # fmt: skip
        assert answer.status_code == 303, answer.text
        where = answer.headers["location"]
        page = (await client.get(where)).text
        assert "Medical Incident" in page
        board = (await client.get("/api/board")).text
        assert "555-0100" not in page + board

    world.run(scene)


def test_a_place_without_position_or_reason_is_refused(world):
    async def scene(client):
        return await form(
            client, "/take", key="hand-2", kind="Medical Incident", priority="3", address="?"
        )

    answer = world.run(scene)
    assert answer.status_code == 409
    assert "no position" in answer.text


SLIPS = [
    ({"lon": "190", "lat": "37.78"}, "Longitude is not on the earth", "“经度”不在地球上"),
    (
        {"lon": "-122.4", "lat": "north"},
        "Latitude: north is not a number.",
        "“纬度”：north 不是数字。",
    ),
    ({"lon": "nan", "lat": "37.78"}, "Longitude: nan is not a number.", "“经度”：nan 不是数字。"),
    ({"unverified": "no map", "kind": ""}, "Kind is empty.", "“类别”未填写。"),
    ({"unverified": "x" * 300}, "is longer than 240 characters", "超过 240 个字符"),
]


@pytest.mark.parametrize(("fields", "english", "chinese"), SLIPS)
def test_a_slip_in_a_form_is_named_as_the_form_names_it_and_answers_no_call(
    world, fields, english, chinese
):
    told = {"kind": "Medical Incident", "priority": "3", "address": "1 MAIN ST"} | fields

    async def scene(client):
        found = []
        for tag in ("en", "zh-CN"):
            client.cookies.set("lang", tag)
            found.append(await form(client, "/take", key=f"slip-{tag}", **told))
        return found

    before = world.centre.hub.position
    first, second = world.run(scene)
    assert (first.status_code, second.status_code) == (400, 400)
    assert english in first.text
    assert chinese in second.text
    assert world.centre.hub.position == before


def test_a_call_whose_incident_was_refused_is_not_answered_a_second_time(world):
    told = {"kind": "Medical Incident", "priority": "3", "address": "1 MAIN ST", "key": "kept"}

    async def scene(client):
        refused = await form(client, "/take", **told)
        opened = await form(client, "/take", **told, unverified="no map")
        return refused.status_code, opened.status_code

    before = world.centre.hub.position
    assert world.run(scene) == (409, 303)
    assert world.centre.hub.position == before + 2


def test_a_clock_of_a_call_without_an_incident_is_on_the_page_of_standards(world):
    call = world.do(i.AnswerCall).call

    async def scene(client):
        return (await client.get("/standards")).text

    page = world.run(scene)
    assert call in page
    assert "Call without an incident yet" in page


def test_a_clock_of_a_matter_names_the_matter_its_day_and_its_page(world):
    owner = {"owner_sort": m.OwnerSort.UNIT, "owner": "E03"}
    opened = world.do(m.OpenMatter, kind="follow-up", words="the siren at night", **owner)

    async def scene(client):
        return (await client.get("/standards")).text

    page = world.run(scene)
    row = next(one for one in page.split("<tr>") if f'href="/matters/{opened.matter}"' in one)
    assert "Call without an incident yet" not in row
    assert f'<span class="num">{opened.matter}</span> Matter' in row
    assert re.search(r'<td class="num">\d+ \w+ \d{4} \d\d:\d\d</td>', row)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"type": "dispatch.SendUnit"}, 400),
        ({"type": "no.Such"}, 400),
        ({"type": "dispatch.SendUnit", "incident": "1", "unit": "E03", "eta_s": "soon"}, 400),
        ({"type": "dispatch.SendUnit", "incident": "1", "unit": "E03", "token": "wrong"}, 403),
        ({"type": "intake.AddNote", "incident": "1", "words": "x" * 70_000}, 413),
    ],
)
def test_a_form_that_cannot_be_read_is_refused_and_nothing_is_recorded(world, fields, status):
    async def scene(client):
        return await form(client, "/do", key="bad-1", **fields)

    before = world.centre.hub.position
    assert world.run(scene).status_code == status
    assert world.centre.hub.position == before


def test_a_form_another_site_sends_is_refused(world):
    async def scene(client):
        token = token_in((await client.get("/board")).text)
        return await client.post(
            "/do", data={"token": token}, headers={"sec-fetch-site": "cross-site"}
        )

    assert world.run(scene).status_code == 403


# -- the command line ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/send e3", "E03 (free) would be sent to"),
        ("/send", "Which unit?"),
        ("/nonsense", "No such command."),
        ("/note", "Add the words."),
        ("/send e03 99", "99 is neither a unit nor an incident."),
        ("/send e03 99999", "99999 is neither a unit nor an incident."),
        ("/send zz9", "zz9 is neither a unit nor an incident."),
        ("/close 99999", "99999 is neither a unit nor an incident."),
        ("/note 1500 Market, second caller", "a note on"),
    ],
)
def test_the_command_line_says_what_would_happen(world, line, said):
    incident = world.incident()

    async def scene(client):
        chosen = "" if line.endswith(" 99") else incident
        return html.unescape((await form(client, "/line/read", line=line, incident=chosen)).text)

    assert said in world.run(scene)


def test_the_command_line_sends_a_unit_and_tells_a_refusal(world):
    incident = world.incident()

    async def scene(client):
        line = f"/send e03 {incident[-3:]}"
        done = await form(client, "/line", line=line, key="line-1")
        again = await form(client, "/line", line=line, key="line-2")
        return done, again

    done, again = world.run(scene)
    assert done.status_code == 201
    assert 'data-kind="done"' in done.text
    assert "E03 was sent" in done.text
    assert "would be" not in done.text
    assert again.status_code == 409
    assert 'data-kind="no"' in again.text
    assert world.centre.board.units["E03"].incident == incident


# -- the API ---------------------------------------------------------------------------------


def test_the_api_records_a_command_and_tells_positions(world):
    incident = world.incident()
    command = {"type": "intake.AddNote", "key": "api-1", "incident": incident, "words": "secret"}

    async def scene(client):
        first = await client.post("/api/commands", json=command)
        again = await client.post("/api/commands", json=command)
        events = await client.get("/api/events", params={"after": 0, "limit": 1000})
        return first, again, events

    first, again, events = world.run(scene)
    assert first.status_code == again.status_code == 201
    told = first.json()["recorded"]
    assert told[0]["type"] == "intake.NoteAdded"
    assert again.json() == {"recorded": told, "again": True}
    assert "secret" not in events.text
    positions = [one["position"] for one in events.json()["events"]]
    assert positions == list(range(1, world.centre.hub.position + 1))


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "console.BadCommand"),
        (b'{"type":"x"}', "application/json", 400, "console.BadCommand"),
        (b'{"type":"intake.AddNote","key":"k123","incident":"1"}', "application/json", 400,
         "console.BadCommand"),
        (b"a=1", "application/x-www-form-urlencoded", 400, "console.NotJson"),
        (b"x" * 70_000, "application/json", 413, "console.TooLarge"),
        (b'{"type":"intake.AddNote","key":"k123","incident":"1","words":"w"}',
         "application/json", 409, "kernel.Unknown"),
        (b'{"type":"dispatch.CorrectTime","key":"k124","incident":"1","unit":"E03",'
         b'"step":"UnitArrived","to":1,"reason":"typo"}', "application/json", 403,
         "kernel.NotAllowed"),
        (b'{"type":"matters.AskSupport","key":"k125","incident":"999","unit":"E03",'
         b'"kind":"drone"}', "application/json", 409, "kernel.Unknown"),
        (b'{"type":"matters.ReferIncident","key":"k126","incident":"999","agency":"any",'
         b'"kind":"noise"}', "application/json", 409, "kernel.Unknown"),
    ],
)  # fmt: skip
def test_the_api_refuses_with_a_status_a_code_and_three_parts(world, body, kind, status, code):
    async def scene(client):
        return await client.post("/api/commands", content=body, headers={"content-type": kind})

    before = world.centre.hub.position
    answer = world.run(scene)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told["code"] == code
    assert all(told[part] for part in ("not_done", "because", "instead"))
    assert world.centre.hub.position == before


def test_the_api_tells_an_incident_with_its_events(world):
    incident = world.incident()

    async def scene(client):
        return (await client.get(f"/api/incidents/{incident}")).json()

    told = world.run(scene)
    assert told["incident"]["incident"] == incident
    assert [one["type"] for one in told["events"]] == [
        "intake.CallAnswered",
        "intake.IncidentOpened",
    ]


# -- what is live ----------------------------------------------------------------------------


def live_bytes(world, name: str, change) -> bytes:
    """Return what a channel publishes for a change, rendered as the loop would."""
    channel = world.app.front.channels.open(name)
    change()
    world.app.live.flush()
    return b"".join(data for _, data in channel.kept)


def test_a_change_reaches_the_board_as_its_row_and_the_map(world):
    incident = world.incident()
    data = live_bytes(
        world, "board/en", lambda: world.do(d.SendUnit, incident=incident, unit="E03")
    ).decode()
    assert f'id="row-{incident}"' in data
    assert "E03 sent" in data
    assert "event: map" in data
    assert data.rstrip().splitlines()[0].startswith("data: <hx-partial")
    assert f"id: {world.centre.hub.position}" in data


def test_a_closed_incident_leaves_the_board(world):
    incident = world.incident()
    close = {"incident": incident, "outcome": "no need"}
    data = live_bytes(world, "board/zh-CN", lambda: world.do(d.CloseIncident, **close)).decode()
    assert f'<li id="row-{incident}" data-gone></li>' in data
    assert '"gone": true' in data


def test_an_incidents_stream_holds_only_its_own_changes(world):
    mine, other = world.incident(), world.incident()
    channel = world.app.front.channels.open(f"incident/{mine}/en/dispatcher")
    note = {"incident": other, "words": "elsewhere"}
    data = live_bytes(world, "units/en", lambda: world.do(i.AddNote, **note))
    assert data
    assert not channel.kept
    world.do(i.AddNote, incident=mine, words="here")
    world.app.live.flush()
    assert b"Note 1: here" in channel.kept[-1][1]


def test_live_fragments_carry_no_token_of_anybody(world):
    incident = world.incident()
    name = f"incident/{incident}/en/dispatcher"
    note = {"incident": incident, "words": "x"}
    data = live_bytes(world, name, lambda: world.do(i.AddNote, **note))
    assert b'name="token"' not in data


def test_a_quick_page_does_not_wait_for_a_slow_one(world):
    """The page of standards has a pace of seconds; with it open, the board still has its own."""
    board, slow = (world.app.front.channels.open(f"{name}/en") for name in ("board", "standards"))

    readers = [channel.join(channel.complete_after) for channel in (board, slow)]

    async def three_changes() -> list[int]:
        seen = []
        for _ in range(3):
            world.incident()
            until_s = asyncio.get_running_loop().time() + 1.0
            while not board.kept or board.kept[-1][0] < world.centre.hub.position:
                assert asyncio.get_running_loop().time() < until_s, "the board waited"
                await asyncio.sleep(0.005)
            seen.append(len(slow.kept))
        return seen

    assert asyncio.run(three_changes()) == [1, 1, 1]
    assert all(reader.queue for reader in readers)


def test_a_page_that_takes_long_to_draw_leaves_time_for_commands(world, monkeypatch):
    """Drawing that takes 50 ms is done at most once in 75 ms, however much changes."""
    channel = world.app.front.channels.open("board/en")
    channel.join(channel.complete_after)
    drawn: list[float] = []

    def slow(rest: list[str], pending: object) -> bytes:
        drawn.append(time.monotonic())
        time.sleep(0.05)
        return b"data: x\n\n"

    monkeypatch.setitem(world.app.live._renderers, "board", slow)

    async def changes() -> None:
        for _ in range(30):
            world.incident()
            await asyncio.sleep(0.02)

    asyncio.run(changes())
    gaps = [later - one for one, later in itertools.pairwise(drawn)]
    assert len(gaps) >= 2
    assert min(gaps) >= 0.07


def test_a_page_nobody_looks_at_is_drawn_seldom_and_brought_up_to_date_for_who_comes(world):
    channel = world.app.front.channels.open("board/en")

    async def changes() -> int:
        for _ in range(3):
            world.incident()
            await asyncio.sleep(0.05)
        return len(channel.kept)

    assert asyncio.run(changes()) == 1
    world.app.live.settle("board/en")
    assert channel.kept[-1][0] == world.centre.hub.position


def test_more_changes_than_anybody_can_read_become_load_again(world):
    channel = world.app.front.channels.open("board/en")
    for _ in range(90):
        world.incident()
    world.app.live.flush()
    assert b"event: again" in channel.kept[-1][1]


def test_a_note_is_struck_and_stays_legible(world):
    incident = world.incident()
    world.do(i.AddNote, incident=incident, words="wrong street")
    world.do(i.StrikeNote, incident=incident, note=1, reason="other call")

    async def scene(client):
        return (await client.get(f"/incidents/{incident}")).text

    page = world.run(scene)
    assert re.search(r'class="entry struck"[^>]*>.*?Note 1: wrong street', page, re.S)
    assert "Note 1 was struck: other call." in page


def test_a_pause_and_a_speed_are_told_to_the_page(world):
    async def scene(client):
        assert (await form(client, "/demo", do="pause")).status_code == 202
        assert world.demo.paused
        assert (await form(client, "/demo", do="faster")).status_code == 202
        assert world.demo.speed == 2
        assert (await form(client, "/demo", do="jump", hour="1")).status_code == 409

    world.run(scene)


def test_the_board_tells_of_calls_that_have_no_incident_yet(world):
    data = live_bytes(world, "board/en", lambda: world.do(i.AnswerCall, call="C7")).decode()
    assert "Calls without an incident yet" in data
    assert '<a href="/calls/C7">C7</a> answered' in data
    ended = {"call": "C7", "reason": "misdialled"}
    data = live_bytes(world, "board/zh-CN", lambda: world.do(i.EndCall, **ended)).decode()
    assert "已接来电均有去向。" in data
