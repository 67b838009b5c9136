"""The page of call-backs: the queue, one caller, what may be done, and who sees a number."""

from __future__ import annotations

import re

import msgspec
import pytest

from answerable.console.calling_back.queue import Asked, asked_of
from answerable.dispatch import words as d
from answerable.followup import back_words as w
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.kernel.clock import PacedClock
from answerable.vault.words import SealedRead
from tests.console.conftest import MINUTE_US, NOON_US, PLACE
from tests.console.doors import SAME

TOKEN = re.compile(r'data-token="([^"]+)"')
HX = SAME | {"hx-request": "true"}
NUMBER = "+1 415 555 0142"
STAFF = Actor(name="somebody else", role="call_back")


def text(html: str) -> str:
    """Return a page as it reads."""
    html = re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def rung(world, number: str = NUMBER, kind: str = "Medical Incident") -> str:
    """Have somebody call about something that is closed; return the call."""
    call = world.do(i.AnswerCall, number=number).call
    told = {"kind": kind, "priority": "3", "address": "GOLDEN GATE AV/LARKIN ST"}
    incident = world.do(i.OpenIncident, call=call, **(told | PLACE)).incident
    world.do(d.CloseIncident, incident=incident, outcome="No Merit")
    return str(call)


def incident_of(world, call: str) -> str:
    return str(world.centre.hub.state["followup"].backs[call].incident)


def entry(world, call: str):
    return world.centre.hub.state["call-backs"].entry(call)


async def look(client, path: str = "/call-backs"):
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer


async def act(client, call: str, do: str, **fields: str):
    token = TOKEN.search((await look(client)).text)[1]
    form = {"token": token, "do": do, "call": call, **fields}
    return await client.post("/call-backs", data=form, headers=HX)


# -- the queue ---------------------------------------------------------------------------------


def test_an_empty_queue_says_what_comes_into_it(world):
    async def scene(client):
        told = text((await look(client)).text)
        assert "Nobody is to be rung now." in told
        assert "everybody who called about it comes into this queue" in told

    world.run(scene, "call_back")


def test_the_head_adds_up_to_every_caller_of_the_day(world):
    for number in (NUMBER, "", NUMBER):
        rung(world, number)
    rung(world, kind="Alarms")
    call = rung(world)
    ids = {"incident": incident_of(world, call), "call": call}
    world.do(w.AnswerCallBack, STAFF, overall=5, **ids)

    async def scene(client):
        told = text((await look(client)).text)
        assert "5 callers · 2 Apr 2020 · Everybody" in told
        assert "to ring now 2" in told
        assert "have answered 1" in told
        assert "not rung 2" in told
        told = text((await look(client, "/call-backs?show=barred")).text)
        assert "automatic alarm 1" in told
        assert "no number 1" in told

    world.run(scene, "call_back")


def test_the_queue_has_no_number_and_reading_it_records_nothing(world):
    rung(world)
    before = world.centre.hub.position

    async def scene(client):
        for path in ("/call-backs", "/call-backs?show=barred", "/call-backs?show=answered"):
            assert "555" not in (await look(client, path)).text

    world.run(scene, "call_back")
    assert world.centre.hub.position == before


def test_a_long_queue_comes_in_pages_whose_rows_meet(world):
    calls = [rung(world) for _nth in range(61)]

    async def scene(client):
        seen = []
        for page in range(2):
            html = (await look(client, f"/call-backs?page={page}")).text
            seen += re.findall(r'id="back-([^"]+)"', html)
        assert sorted(seen) == sorted(calls)
        assert "page 2 of 2" in text(html)

    world.run(scene, "call_back")


def test_an_address_that_makes_no_sense_is_the_queue_of_today():
    assert asked_of({"day": "2020-13-40", "show": "<b>", "page": "x"}) == Asked()
    assert asked_of({"day": "2020-04-02", "show": "barred", "page": "3"}) == Asked(
        "2020-04-02", "barred", 3
    )
    assert Asked("2020-04-02", "barred", 3).href() == (
        "/call-backs?day=2020-04-02&show=barred&page=3"
    )


def test_the_page_is_for_those_who_ring(world):
    async def scene(client):
        assert (await client.get("/call-backs")).status_code == 403

    world.run(scene, "crew")


# -- one caller --------------------------------------------------------------------------------


def test_what_to_say_stands_in_every_language_side_by_side(world):
    call = rung(world)

    async def scene(client):
        html = (await look(client, f"/call-backs/{call}")).text
        assert "Did you ring us on 2 Apr 2020 at about 12:00?" in html
        assert "请问您是否在2020年4月2日 12:00左右" in html
        for about in w.QUESTIONS:
            assert html.count(f'name="{about}"') == 5

    world.run(scene, "call_back")


def test_the_number_is_shown_to_whoever_rings_and_the_reading_is_an_event(world):
    call = rung(world)

    async def scene(client):
        before = await look(client, f"/call-backs/{call}")
        assert "555" not in before.text
        answer = await act(client, call, "take")
        assert answer.headers["hx-redirect"] == f"/call-backs/{call}"
        after = await look(client, f"/call-backs/{call}")
        assert NUMBER in after.text
        assert after.headers["cache-control"] == "no-store"

    world.run(scene, "call_back")
    rows = list(world.centre.hub.store.stream(f"incident:{incident_of(world, call)}"))
    read = [world.centre.hub.rooms.decode(row) for row in rows if row.kind == SealedRead.tag]
    assert [one.purpose for one in read] == ["call-back"]


def test_a_colleague_sees_that_somebody_rings_and_no_number(world):
    call = rung(world)
    world.do(w.TakeCallBack, STAFF, incident=incident_of(world, call), call=call)

    async def scene(client):
        html = (await look(client, f"/call-backs/{call}")).text
        assert "Somebody else is ringing this caller, until 12:15" in text(html)
        assert "555" not in html
        refused = await act(client, call, "take")
        assert refused.status_code == 409
        assert "Somebody else is ringing this caller" in refused.text
        assert (await act(client, call, "tried", outcome="busy")).status_code == 409
        assert "555" not in (await look(client, f"/call-backs/{call}")).text

    world.run(scene, "call_back")


def test_without_a_recorded_reading_nobody_is_shown_a_number(world):
    call = rung(world)
    same = Actor(name="supervisor", role="supervisor")
    world.do(w.TakeCallBack, same, incident=incident_of(world, call), call=call)

    async def scene(client):
        html = (await look(client, f"/call-backs/{call}")).text
        assert "The number cannot be shown." in html
        assert "555" not in html

    world.run(scene, "supervisor")


def test_the_answers_are_recorded_by_one_form_and_the_next_caller_comes(world):
    first, second = rung(world), rung(world)

    async def scene(client):
        answer = await act(
            client, first, "answer", manner="5", speed="4", result="2", overall="3",
            words="they were kind", wants="1",
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        assert answer.headers["hx-redirect"] == f"/call-backs/{second}"
        told = text((await look(client, f"/call-backs/{first}")).text)
        assert "manner 5 speed 4 result 2 overall 3" in told
        assert "kind" not in told.partition("overall 3")[2].partition("Put back")[0]

    world.run(scene, "call_back")
    settled = entry(world, first)
    assert (settled.state, settled.marks, settled.wants) == ("answered", (5, 4, 2, 3), True)


def test_what_is_said_where_nothing_was_answered_has_three_parts(world):
    call = rung(world)

    async def scene(client):
        answer = await act(client, call, "answer", words="  ")
        assert answer.status_code == 409
        assert "No question was answered." in answer.text
        assert "Choose one mark at least" in answer.text

    world.run(scene, "call_back")


@pytest.mark.parametrize(
    ("do", "fields", "state"),
    [
        ("tried", {"outcome": "no answer"}, "due"),
        ("tried", {"outcome": "refused to talk"}, "declined"),
        ("tried", {"outcome": "not in service"}, "unreachable"),
        ("defer", {"until": str(NOON_US + 120 * MINUTE_US)}, "due"),
        ("speak", {"language": "zh-CN"}, "due"),
        ("bar", {"reason": "a child", "note": "a boy of nine"}, "barred"),
    ],
)
def test_every_act_of_the_page_is_one_form(world, do, fields, state):
    call = rung(world)

    async def scene(client):
        if do == "tried":
            await act(client, call, "take")
        answer = await act(client, call, do, **fields)
        assert answer.status_code == 201, answer.text

    world.run(scene, "call_back")
    assert entry(world, call).state == state


def test_nobody_records_an_attempt_who_was_not_shown_the_number(world):
    call = rung(world)

    async def scene(client):
        assert 'value="busy"' not in (await look(client, f"/call-backs/{call}")).text
        for _again in range(2):  # the second from a page left open
            refused = await act(client, call, "tried", outcome="busy")
            assert refused.status_code == 409
            assert "You have not taken this caller" in refused.text
            await act(client, call, "take")
            assert 'value="busy"' in (await look(client, f"/call-backs/{call}")).text
            assert (await act(client, call, "tried", outcome="busy")).status_code == 201

    world.run(scene, "call_back")
    assert entry(world, call).tries == 2


def test_what_was_barred_by_hand_or_recorded_by_mistake_is_put_back(world):
    call = rung(world)

    async def scene(client):
        await act(client, call, "bar", reason="safety at risk")
        assert (await act(client, call, "allow", reason="a slip")).status_code == 201
        await act(client, call, "take")
        await act(client, call, "tried", outcome="not in service")
        assert (await act(client, call, "undo", reason="a slip")).status_code == 201

    world.run(scene, "call_back")
    assert (entry(world, call).state, entry(world, call).tries) == ("due", 0)


def test_who_could_not_be_reached_may_be_barred_from_the_page(world):
    call = rung(world)

    async def scene(client):
        await act(client, call, "take")
        await act(client, call, "tried", outcome="not in service")
        assert 'name="do" value="bar"' in (await look(client, f"/call-backs/{call}")).text
        assert (await act(client, call, "bar", reason="a child")).status_code == 201

    world.run(scene, "call_back")
    assert (entry(world, call).state, entry(world, call).outcome) == ("barred", "a child")


@pytest.mark.parametrize(
    ("do", "fields"),
    [("answer", {"overall": "4"}), ("tried", {"outcome": "busy"}), ("take", {}),
     ("bar", {"reason": "other"})],
)  # fmt: skip
def test_the_last_deed_of_a_desk_is_taken_back_by_a_key(world, do, fields):
    call = rung(world)

    async def scene(client):
        if do == "tried":
            await act(client, call, "take")
        assert (await act(client, call, do, **fields)).status_code == 201
        token = TOKEN.search((await look(client)).text)[1]
        undone = await client.post("/undo", data={"token": token}, headers=HX)
        assert undone.status_code == 201, undone.text

    world.run(scene, "call_back")
    stands = entry(world, call)
    assert (stands.state, stands.tries, stands.by) == ("due", 0, "")


def test_an_unhappy_answer_is_not_taken_back_by_a_key(world):
    call = rung(world)

    async def scene(client):
        await act(client, call, "answer", overall="1")
        token = TOKEN.search((await look(client)).text)[1]
        undone = await client.post("/undo", data={"token": token}, headers=HX)
        assert "that is being put right" in undone.text

    world.run(scene, "call_back")
    assert entry(world, call).state == "answered"


def test_an_act_or_a_caller_there_is_not_is_refused(world):
    call = rung(world)

    async def scene(client):
        assert (await act(client, call, "burn")).status_code == 400
        assert (await act(client, "C9", "take")).status_code == 404
        assert (await client.get("/call-backs/C9")).status_code == 404
        assert (await act(client, call, "tried", outcome="flew away")).status_code == 400
        assert (await act(client, call, "defer", until="soon")).status_code == 400

    world.run(scene, "call_back")


def test_a_form_from_elsewhere_or_without_its_token_does_nothing(world):
    call = rung(world)

    async def scene(client):
        form = {"do": "take", "call": call}
        assert (await client.post("/call-backs", data=form, headers=HX)).status_code == 403
        form["token"] = TOKEN.search((await look(client)).text)[1]
        strange = {"origin": "https://example.org", "sec-fetch-site": "cross-site"}
        assert (await client.post("/call-backs", data=form, headers=strange)).status_code == 403

    world.run(scene, "call_back")
    assert entry(world, call).by == ""


def test_at_night_nobody_is_rung_and_the_page_says_so(world):
    call = rung(world)
    clock = world.centre.hub.clock
    assert isinstance(clock, PacedClock)
    clock.jump(NOON_US + 10 * 60 * MINUTE_US)

    async def scene(client):
        html = (await look(client, f"/call-backs/{call}")).text
        assert "Nobody is rung at this hour." in html
        assert 'value="take"' not in html
        refused = await act(client, call, "take")
        assert "callers are rung from 09:00 to 20:00" in refused.text

    world.run(scene, "call_back")


def test_what_changed_is_told_to_the_consoles_that_look(world):
    world.centre.hub.commit()

    async def scene(client):
        await look(client)
        call = rung(world)
        data = world.app.live._call_backs(["en"], world.app.live._pending["call-backs/en"])
        assert b"#backs-news" in data
        world.do(w.TakeCallBack, STAFF, incident=incident_of(world, call), call=call)
        assert b"#backs-news" in world.app.live._call_backs(
            ["en"], world.app.live._pending["call-backs/en"]
        )
        assert b"#backs-news" not in world.app.live._call_backs(
            ["en"], world.app.live._pending["call-backs/en"]
        )

    world.run(scene, "call_back")


def test_the_page_says_where_it_is_made_up(world):
    rung(world)

    async def scene(client):
        assert "made up" not in text((await look(client)).text)
        world.app.front.made_up = True
        assert "made up What people say and do after" in text((await look(client)).text)

    world.run(scene, "call_back")


def test_the_menu_has_what_comes_after_closed_for_those_who_are_given_it(world):
    async def scene(client):
        html = (await client.get("/board")).text
        assert 'href="/call-backs"' in html

    world.run(scene, "call_back")
    world.run(scene, "supervisor")

    async def without(client):
        assert 'href="/call-backs"' not in (await client.get("/board")).text

    world.run(without, "dispatcher")


def test_every_answer_of_the_page_is_a_known_command():
    for outcome in w.Outcome:
        body = {"type": "followup.TriedCallBack", "key": "test-1", "incident": "I1", "call": "C1",
                "outcome": outcome.value}  # fmt: skip
        assert msgspec.json.decode(msgspec.json.encode(body), type=w.TriedCallBack)
