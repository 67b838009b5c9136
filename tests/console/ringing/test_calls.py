"""Claiming a call, the page of calls, and the number and texts of one."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from answerable.console.ringing import sheet
from answerable.intake import line_words as w
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from tests.console.conftest import HOST, MINUTE_US, World
from tests.console.ringing.test_strip import ANN, LINE, ring

SCRIPTED = {"hx-request": "true", "origin": HOST}


async def token(client: httpx.AsyncClient) -> str:
    found = re.search(r'data-token="([^"]+)"', (await client.get("/calls")).text)
    assert found is not None
    return found[1]


async def post(client: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    """Send a form as the page does."""
    form = {"token": await token(client), **form}
    return await client.post(path, data=form, headers=SCRIPTED)


def events(world: World, kind: type) -> list[Any]:
    rows = world.centre.store.rows()
    return [e for e in map(world.centre.hub.rooms.decode, rows) if isinstance(e, kind)]


# -- claiming --------------------------------------------------------------------------------


def test_the_first_to_claim_is_led_to_the_form_and_the_second_hears_who_and_when(world):
    call = ring(world)

    async def scene(client: httpx.AsyncClient) -> tuple[httpx.Response, httpx.Response]:
        first = await post(client, "/calls/claim", call=call)
        async with world.client("supervisor") as other:
            return first, await post(other, "/calls/claim", call=call)

    first, second = world.run(scene)
    assert (first.status_code, first.headers["hx-redirect"]) == (201, f"/take?call={call}")
    assert second.status_code == 409
    assert "Not claimed" in second.text
    assert "(dispatcher) has had it since 12:0" in second.text
    [answered] = events(world, i.CallAnswered)
    assert answered.desk.startswith("Desk ")


def test_a_claim_that_is_pressed_twice_is_one_claim(world):
    call = ring(world)

    async def scene(client: httpx.AsyncClient) -> list[int]:
        return [(await post(client, "/calls/claim", call=call)).status_code for _ in range(2)]

    assert world.run(scene) == [201, 201]
    assert len(events(world, i.CallAnswered)) == 1


def test_without_a_script_the_claim_leads_there_all_the_same(world):
    call = ring(world)

    async def scene(client: httpx.AsyncClient) -> httpx.Response:
        form = {"token": await token(client), "call": call}
        return await client.post("/calls/claim", data=form, headers={"origin": HOST})

    answer = world.run(scene)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/take?call={call}")


def test_a_call_that_was_abandoned_meanwhile_or_never_was_is_refused(world):
    call = ring(world)
    world.do(w.HangUp, LINE, call=call)

    async def scene(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [await post(client, "/calls/claim", call=name) for name in (call, "C-none")]

    gone, never = world.run(scene)
    assert (gone.status_code, never.status_code) == (409, 404)
    assert "There is no call C-none" in never.text


def test_who_is_not_given_the_page_can_neither_see_it_nor_claim(world):
    call = ring(world)

    async def scene(client: httpx.AsyncClient) -> list[int]:
        page = await client.get("/calls")
        account = re.search(r'data-token="([^"]+)"', (await client.get("/admin/accounts")).text)
        form = {"token": account[1] if account else "", "call": call}
        claim = await client.post("/calls/claim", data=form, headers=SCRIPTED)
        words = await client.post("/calls/words", data=form, headers=SCRIPTED)
        return [page.status_code, claim.status_code, words.status_code]

    assert world.run(scene, "administrator") == [403, 403, 403]


# -- the page --------------------------------------------------------------------------------


def rows(world: World, role: str = "dispatcher") -> dict[str, list[dict[str, Any]]]:
    made = sheet.sections(world.app.front, world.app.front.phrases("en"), role)
    return {section["name"]: section["rows"] for section in made}


def letters(row: dict[str, Any]) -> str:
    return "".join(one["letter"] for one in row["acts"])


def test_each_call_stands_where_it_waits_for_something(world):
    calls = [ring(world) for _ in range(5)]
    for call in calls[1:4]:
        world.do(i.AnswerCall, ANN, call=call)
    world.do(w.HangUp, LINE, call=calls[2])
    world.do(w.TransferCall, ANN, call=calls[3], agency="USCG", reason="a boat")
    world.do(w.HangUp, LINE, call=calls[4])
    found = {name: [row["call"] for row in there] for name, there in rows(world).items()}
    assert found == {
        "ringing": calls[:1], "open": calls[1:2], "back": [calls[2], calls[4]],
        "transfers": calls[3:4], "texts": [],
    }  # fmt: skip
    assert rows(world)["transfers"][0]["agency"] == "US Coast Guard"


def test_the_buttons_are_those_of_the_life_of_the_call_and_of_the_role(world):
    call = ring(world)
    world.do(i.AnswerCall, ANN, call=call)
    assert letters(rows(world)["open"][0]) == "shwte"
    world.do(w.MarkSilent, ANN, call=call)
    assert letters(rows(world)["open"][0]) == "hwte"
    world.do(w.HangUp, LINE, call=call)
    assert letters(rows(world)["back"][0]) == "rnyxwte"
    assert letters(rows(world, "reader")["back"][0]) == ""


def test_who_has_no_number_can_only_be_given_up(world):
    call = ring(world, number="")
    world.do(w.HangUp, LINE, call=call)
    [row] = rows(world)["back"]
    assert (letters(row), row["no_number"], row["words"]) == ("e", True, False)


def test_a_row_tells_the_last_attempt(world):
    call = ring(world)
    world.do(w.HangUp, LINE, call=call)
    world.do(w.TryCallBack, ANN, call=call, outcome="busy")
    assert re.fullmatch(r"attempt 1 at 12:00:0\d: busy", rows(world)["back"][0]["tried"])


def test_texts_wait_on_the_page_also_of_a_call_with_an_incident_until_that_is_closed(world):
    call = ring(world, medium="text")
    world.do(w.TakeText, LINE, call=call, words="help")
    world.do(i.AnswerCall, ANN, call=call)
    told = {"kind": "Alarms", "priority": "3", "address": "1 MARKET ST", "unverified": "by text"}
    incident = world.do(i.OpenIncident, ANN, call=call, **told).incident
    [row] = rows(world)["texts"]
    assert (row["texts"], row["incident"], letters(row)) == (1, incident, "w")
    from answerable.dispatch import words as d

    world.do(d.CloseIncident, incident=incident, outcome="Fire")
    assert rows(world)["texts"] == []


def test_the_page_and_its_stream_say_the_same_in_every_language(world):
    call = ring(world)
    world.do(w.HangUp, LINE, call=call)

    async def scene(client: httpx.AsyncClient) -> dict[str, str]:
        return {tag: (await client.get("/calls", headers={"accept-language": tag})).text
                for tag in ("en", "zh-CN")}  # fmt: skip

    pages = world.run(scene)
    assert "hung up before the answer" in pages["en"]
    assert "hung up before the answer" not in pages["zh-CN"]
    from answerable.console.live import Pending

    world.app.front.channels.open("calls/en/dispatcher")
    sent = world.app.live._calls(["en", "dispatcher"], Pending(position=1)).decode()
    assert call in sent
    assert 'name="token"' not in sent, "a live fragment is everybody's, so it carries no token"


def test_empty_sections_say_so(world):
    async def scene(client: httpx.AsyncClient) -> str:
        return (await client.get("/calls")).text

    page = world.run(scene)
    for words in ("No call is ringing.", "Every answered call has its outcome.",
                  "Nobody waits to be rung back.", "Every text was written back to."):  # fmt: skip
        assert words in page


# -- number and texts ------------------------------------------------------------------------


def test_number_and_texts_are_shown_once_the_reading_is_recorded(world):
    call = ring(world)
    world.do(w.HangUp, LINE, call=call)
    world.do(w.TakeText, LINE, call=call, words="please come")

    async def scene(client: httpx.AsyncClient) -> list[str]:
        return [(await post(client, "/calls/words", call=call)).text for _ in range(2)]

    world.do(i.AnswerCall, ANN, call=call)
    for told in world.run(scene):
        assert "+1 415 555 0100" in told
        assert "please come" in told
    assert len(events(world, w.CallRead)) == 1, "it counts for an hour"


def test_neither_number_nor_text_stands_on_the_page_itself(world):
    call = ring(world)
    world.do(w.HangUp, LINE, call=call)
    world.do(w.TakeText, LINE, call=call, words="please come")

    async def scene(client: httpx.AsyncClient) -> str:
        return (await client.get("/calls")).text

    page = world.run(scene)
    assert call in page
    assert "555" not in page
    assert "please come" not in page


def test_a_reading_that_the_life_of_a_call_has_no_place_for_is_refused(world):
    call = ring(world)

    async def scene(client: httpx.AsyncClient) -> httpx.Response:
        return await post(client, "/calls/words", call=call)

    answer = world.run(scene)
    assert answer.status_code == 409
    assert "555" not in answer.text


def test_nobody_reads_by_the_reading_of_somebody_else(world):
    call = ring(world)
    world.do(w.HangUp, LINE, call=call)
    world.do(w.ReadCall, ANN, call=call)
    front = world.app.front
    lang = front.phrases("en").lang
    assert front.gate.unseal_call(ANN, call, lang) is not None
    assert front.gate.unseal_call(Actor(name="ben", role="call_taker"), call, lang) is None
    assert front.gate.unseal_call(Actor(name="ann", role="line"), call, lang) is None
    world.centre.hub.clock._base_us += 61 * MINUTE_US
    assert front.gate.unseal_call(ANN, call, lang) is None


def test_only_a_text_to_a_caller_is_opened_for_the_line(world):
    call = ring(world, medium="text")
    world.do(w.TakeText, LINE, call=call, words="help")
    world.do(i.AnswerCall, ANN, call=call)
    world.do(w.TextCaller, ANN, call=call, words="where?")
    opened = [world.app.front.gate.to_send(row) for row in world.centre.store.rows()]
    assert [one for one in opened if one] == ["where?"]


@pytest.mark.parametrize("path", ["/calls/claim", "/calls/words"])
def test_a_form_from_elsewhere_is_refused(world, path):
    async def scene(client: httpx.AsyncClient) -> int:
        form = {"token": await token(client), "call": "x"}
        answer = await client.post(path, data=form, headers={"origin": "https://evil.example"})
        return answer.status_code

    assert world.run(scene) == 403
