"""The form for taking a call, over HTTP: what is proposed, recorded, attached, booked, undone."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from answerable.intake import words as intake
from answerable.intake.script_words import InstructionGiven, QuestionAnswered
from tests.console.test_pages import form

pytestmark = pytest.mark.town_data

FIRE = {"kind": "Structure Fire", "priority": "3", "address": "MARKET ST/5TH ST",
        "lon": "-122.4081", "lat": "37.7836"}  # fmt: skip
SPOT = {"lon": -122.4081, "lat": 37.7836}
JSON = {"accept": "application/json", "hx-request": "true", "sec-fetch-site": "same-origin"}


async def token(client: Any) -> str:
    return re.search(r'data-token="([^"]+)"', (await client.get("/take")).text)[1]


async def send(client: Any, path: str, **fields: Any) -> Any:
    """Send a form as the page's script does."""
    return await client.post(path, data={"token": await token(client), **fields}, headers=JSON)


async def hear(client: Any, **fields: Any) -> Any:
    headers = JSON | {"x-token": await token(client)}
    return await client.post("/take/heard", json=fields, headers=headers)


def happened(world: Any, kind: type[Any]) -> list[Any]:
    rows = world.centre.hub.store.rows(0, 10_000)
    return [world.centre.hub.rooms.decode(row) for row in rows if row.kind == kind.tag]


# -- the page ----------------------------------------------------------------------------------


def test_the_board_leads_to_the_form_and_the_cursor_is_in_the_narrative(world):
    async def scene(client):
        return (await client.get("/board")).text, await client.get("/take")

    board, page = world.run(scene)
    assert 'href="/take"' in board
    assert re.search(r'<textarea name="words"[^>]* autofocus', page.text)
    assert page.headers["cache-control"] == "no-store"


def test_a_claimed_call_is_taken_under_its_number_and_asks_for_none(world):
    call = world.do(intake.AnswerCall, number="555-0100").call

    async def scene(client):
        return (await client.get(f"/take?call={call}")).text

    page = world.run(scene)
    assert f'name="call" value="{call}"' in page
    assert 'name="number"' not in page
    assert "555-0100" not in page


def test_a_call_that_has_its_outcome_has_no_form_any_more(world):
    incident = world.incident()
    call = next(iter(world.centre.hub.state["intake"].calls))

    async def scene(client):
        return (await client.get(f"/take?call={call}")).text, (
            await client.get("/take?call=C9")
        ).text

    over, unknown = world.run(scene)
    assert "It has its outcome already" in over
    assert f'href="/incidents/{incident}"' in over
    assert "data-over" in over
    assert 'name="call" value=""' in over
    assert "There is no call of that number." in unknown


def test_whoever_may_not_open_a_call_gets_no_form(world):
    async def scene(client):
        headers = JSON | {"x-token": "x"}
        heard = await client.post("/take/heard", json={}, headers=headers)
        return (await client.get("/take")).status_code, heard.status_code

    assert world.run(scene, "administrator") == (403, 403)


# -- what is heard -----------------------------------------------------------------------------


def test_the_words_propose_kind_and_priority_and_say_why_in_the_desks_language(world):
    async def scene(client):
        english = (await hear(client, words="smoke from kitchen")).json()
        client.cookies.set("lang", "zh-CN")
        return english, (await hear(client, words="厨房冒烟")).json()

    english, chinese = world.run(scene)
    assert english["proposal"] == {
        "kind": "Structure Fire", "priority": "3", "what": "Structure Fire, priority 3",
        "because": "because: “smoke”, “kitchen”: smoke or fire in a building",
    }  # fmt: skip
    assert chinese["proposal"]["what"] == "建筑火灾，级别 3"
    assert "“冒烟”" in chinese["proposal"]["because"]
    assert "室内冒烟或起火" in chinese["proposal"]["because"]


def test_over_what_was_chosen_nothing_is_proposed(world):
    async def scene(client):
        words = "smoke from kitchen, somebody trapped"
        held = ["kind", "priority"]
        return [
            (await hear(client, words=words, kind="Alarms", priority="2", held=held)).json(),
            (await hear(client, words=words, kind="Alarms", priority="2", held=["kind"])).json(),
            (await hear(client, words=words, kind="Structure Fire", held=["kind"])).json(),
            (await hear(client, words="smoke from kitchen", kind="Structure Fire",
                        priority="3")).json(),
        ]  # fmt: skip

    both, kind, raised, stands = world.run(scene)
    assert (both["proposal"], kind["proposal"], stands["proposal"]) == (None, None, None)
    assert (raised["proposal"]["kind"], raised["proposal"]["priority"]) == ("", "E")


def test_the_questions_of_a_kind_come_in_both_languages_with_what_an_answer_changes(world):
    async def scene(client):
        first = (await hear(client, words="smoke from kitchen")).json()["script"]
        again = (await hear(client, words="smoke from kitchen", script="Structure Fire")).json()
        return first, again["script"]

    first, again = world.run(scene)
    assert first["of"] == "Structure Fire"
    assert "Is everybody out of the building?" in first["html"]
    assert 'lang="zh">楼里的人都出来了吗？' in first["html"]
    assert 'data-priority="E"' in first["html"]
    assert 'data-instruction="trapped-by-smoke" hidden' in first["html"]
    assert 'data-instruction="meet-the-crew" data-always' in first["html"]
    assert again is None


def test_open_incidents_near_the_place_are_listed_the_likeliest_first(world):
    far = world.incident(lon=-122.47, lat=37.74)
    same = world.incident(kind="Structure Fire", **SPOT)
    other = world.incident(kind="Alarms", lon=-122.4085, lat=37.7838)

    async def scene(client):
        near = (await hear(client, words="smoke from kitchen", **SPOT)).json()["near"]
        return near, (await hear(client, words="smoke from kitchen")).json()["near"]

    near, nowhere = world.run(scene)
    assert re.findall(r'data-incident="(\d+)"', near) == [same, other]
    assert "same kind" in near
    assert "Alt A" in near
    assert far not in near
    assert "as soon as it is known" in nowhere


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"words": 5}', b'{"words": "\xff"}', b'{"secret": 1}',
     b'{"lon": 190, "lat": 1}', b'{"held": ["door"]}', b"[" * 20_000,
     b'{"words": "' + b"x" * 4_001 + b'"}'],
)  # fmt: skip
def test_what_the_form_does_not_send_is_refused_without_repeating_it(world, body):
    async def scene(client):
        headers = JSON | {"x-token": await token(client), "content-type": "application/json"}
        return await client.post("/take/heard", content=body, headers=headers)

    answer = world.run(scene)
    assert answer.status_code == 400, answer.text
    assert "This is not what the form for taking a call sends." in answer.text


def test_a_body_too_long_and_one_without_its_token_are_refused(world):
    async def scene(client):
        known = JSON | {"x-token": await token(client)}
        long = await client.post("/take/heard", content=b" " * 40_000, headers=known)
        return long.status_code, (
            await client.post("/take/heard", json={}, headers=JSON)
        ).status_code

    assert world.run(scene) == (413, 403)


def test_what_is_typed_is_in_no_address_no_log_and_not_in_the_record_before_it_is_recorded(
    world, caplog
):
    secret = "my neighbour at the blue door is bleeding"

    async def scene(client):
        with caplog.at_level(logging.DEBUG):
            await hear(client, words=secret, **SPOT)
            await hear(client, words=secret * 200)
            await send(client, "/take", words=secret, key="leaks-1")  # refused: no kind, no place

    before = world.centre.hub.position
    world.run(scene)
    assert world.centre.hub.position == before
    assert "blue door" not in caplog.text
    assert b"blue door" not in world.centre.hub.rooms.pack(world.centre.hub.state)


# -- recording ---------------------------------------------------------------------------------


def test_one_form_answers_opens_notes_and_answers_and_shows_whom_to_send(world):
    async def scene(client):
        return await send(
            client, "/take", key="one-1", words="smoke from kitchen", number="555-0100",
            **FIRE, **{"answer.everybody-out": "2", "told.trapped-by-smoke": "1"},
        )  # fmt: skip

    answer = world.run(scene)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["how"] == "opened"
    assert told["said"] == f"Incident {told['incident']} is recorded."
    assert "Send" in told["advice"]
    assert (told["trouble"], told["note"]) == ("", 1)
    known = world.centre.hub.state["intake"]
    assert known.calls[told["call"]].incident == told["incident"]
    incident = known.incidents[told["incident"]]
    assert (incident.asked, incident.told) == (["everybody-out"], ["trapped-by-smoke"])
    assert world.centre.hub.waiting == 0
    thread = world.run(lambda client: page_of(client, told["incident"]))
    assert "smoke from kitchen" in thread
    assert "Asked “Is everybody out of the building?”: no" in thread
    assert "Read out to the caller: Close the doors" in thread


async def page_of(client: Any, incident: str) -> str:
    return (await client.get(f"/incidents/{incident}")).text


def test_a_form_sent_twice_is_recorded_once(world):
    async def scene(client):
        return [
            (await send(client, "/take", key="twice-1", words="smoke", **FIRE)).json()
            for _ in range(2)
        ]

    before = world.centre.hub.position
    first, second = world.run(scene)
    assert first["incident"] == second["incident"]
    assert world.centre.hub.position == before + 3  # answered, opened, noted


def test_a_claimed_call_is_not_answered_a_second_time(world):
    call = world.do(intake.AnswerCall).call

    async def scene(client):
        return (await send(client, "/take", key="claimed", call=call, **FIRE)).json()

    assert world.run(scene)["call"] == call
    assert len(happened(world, intake.CallAnswered)) == 1


def test_without_a_script_the_form_leads_to_its_incident(world):
    async def scene(client):
        return await form(client, "/take", htmx=False, key="plain", **FIRE)

    answer = world.run(scene)
    assert (answer.status_code, answer.headers["location"][:11]) == (303, "/incidents/")


def test_an_unverified_place_is_taken_with_its_reason(world):
    told = FIRE | {"lon": "", "lat": "", "unverified": "caller does not know the street"}

    async def scene(client):
        return (await send(client, "/take", key="unverified", **told)).json()

    incident = world.run(scene)["incident"]
    assert happened(world, intake.IncidentOpened)[-1].unverified.startswith("caller")
    assert world.centre.board.incidents[incident].lon is None


def test_what_the_script_no_longer_has_is_told_and_the_incident_stands(world):
    async def scene(client):
        return (await send(client, "/take", key="gone", **FIRE, **{"answer.gone": "1"})).json()

    told = world.run(scene)
    assert told["how"] == "opened"
    assert "The town&#39;s questions do not have it." in told["trouble"]


# -- attaching and its undo --------------------------------------------------------------------


def test_a_call_is_attached_with_its_words_and_taken_back_with_them(world):
    incident = world.incident(kind="Structure Fire", **SPOT)

    async def scene(client):
        told = (await send(client, "/take", key="att-1", words="smoke", incident=incident)).json()
        assert (told["how"], told["incident"], told["advice"]) == ("attached", incident, "")
        undone = await send(
            client, "/take/undo", key="und-1", call=told["call"], incident=incident,
            note=str(told["note"]),
        )  # fmt: skip
        again = (await send(client, "/take", key="att-2", call=told["call"], **FIRE)).json()
        return told, undone.status_code, again

    told, status, again = world.run(scene)
    assert status == 201
    known = world.centre.hub.state["intake"]
    assert known.incidents[incident].struck == [1]
    assert again["incident"] != incident
    assert known.calls[told["call"]].incident == again["incident"]


def test_what_cannot_be_undone_is_refused_in_its_place(world):
    async def scene(client):
        return await send(client, "/take/undo", key="und-2", call="C1", incident="1", note="x")

    answer = world.run(scene)
    assert answer.status_code == 409
    assert 'class="refusal"' in answer.text


# -- booking -----------------------------------------------------------------------------------


def test_a_call_booked_for_later_occupies_nobody_and_has_its_outcome(world):
    async def scene(client):
        return (await send(client, "/take", key="book-1", words="transport", later="+2h",
                           **FIRE)).json()  # fmt: skip

    told = world.run(scene)
    assert told["how"] == "booked"
    assert told["advice"] == ""
    assert told["incident"] not in world.centre.board.incidents
    known = world.centre.hub.state["intake"]
    assert known.calls[told["call"]].state == "ended"
    assert known.incidents[told["incident"]].state == "booked"
    due = happened(world, intake.IncidentBooked)[-1].due_us - world.centre.now_us()
    assert 7_100_000_000 < due <= 7_200_000_000
    assert not any(unit.jobs for unit in world.centre.board.units.values())


def test_a_time_that_is_none_is_named_and_nothing_is_recorded(world):
    async def scene(client):
        return await send(client, "/take", key="book-2", later="noonish", **FIRE)

    before = world.centre.hub.position
    answer = world.run(scene)
    assert answer.status_code == 400
    assert "“noonish” is no time to book for." in answer.text
    assert world.centre.hub.position == before


# -- after it was recorded ---------------------------------------------------------------------


def test_an_answer_after_recording_changes_what_it_means_unless_it_was_chosen(world):
    async def scene(client):
        told = (await send(client, "/take", key="late-1", **FIRE)).json()["incident"]
        fields = {"incident": told, "question": "everybody-out", "choice": "2"}
        kept = await send(client, "/take/answer", key="late-2", keep="kind priority", **fields)
        held = world.centre.board.incidents[told].priority
        changed = await send(client, "/take/answer", key="late-3", **fields)
        return told, kept.status_code, held, changed.status_code

    incident, kept, held, changed = world.run(scene)
    assert (kept, held, changed) == (201, "3", 201)
    assert world.centre.board.incidents[incident].priority == "E"
    assert len(happened(world, QuestionAnswered)) == 2
    assert happened(world, intake.KindChanged)[-1].reason == "Is everybody out of the building?"


def test_the_page_of_a_recorded_incident_goes_on_asking(world):
    async def scene(client):
        told = {"answer.everybody-out": "1", "told.stay-out": "1"}
        incident = (await send(client, "/take", key="on-1", **FIRE, **told)).json()["incident"]
        return incident, (await client.get(f"/take?incident={incident}")).text

    incident, page = world.run(scene)
    assert f'data-recorded="{incident}"' in page
    assert 'data-asked="everybody-out"' in page
    assert 'data-told="stay-out"' in page
    assert "What do you see: smoke, or flames?" in page
    assert happened(world, InstructionGiven)[0].instruction == "stay-out"
    assert world.run(lambda client: status_of(client, "/take?incident=4711")) == 404


async def status_of(client: Any, path: str) -> int:
    return (await client.get(path)).status_code


# -- what the form has no field for, and what would be refused ---------------------------------


def test_the_exact_door_of_what_is_booked_or_attached_is_kept_with_the_words(world):
    incident = world.incident()

    async def scene(client):
        booked = await send(client, "/take", **FIRE, key="door-b", words="a tow", door="gate 3",
                            later="+2h")  # fmt: skip
        alone = await send(client, "/take", **FIRE, key="door-a", door="flat 4B", incident=incident)
        long = await send(client, "/take", **FIRE, key="door-l", door="roof", incident=incident,
                          words="x" * 3995)  # fmt: skip
        at_once = await send(client, "/take", **FIRE, key="door-o", words="now", door="flat 9")
        later = booked.json()["incident"]
        return [one.status_code for one in (booked, alone, long, at_once)], [
            await page_of(client, one) for one in (later, incident, at_once.json()["incident"])
        ]

    statuses, (later, known, opened) = world.run(scene)
    assert statuses == [201] * 4
    assert re.search(r"a tow\s+Exact door: gate 3", later)
    assert "booked" in later
    assert 'value="intake.CancelBooking"' in later
    assert "Exact door: flat 4B" in known
    assert re.search(r"x{3995}(?!\s*Exact)", known)
    assert "Exact door: roof" in known
    assert len(happened(world, intake.NoteAdded)) == 5
    assert "Exact door: flat 9" not in opened  # an incident has a field of its own for it


def test_a_booking_that_is_sent_again_is_booked_once_though_its_time_was_said_from_now(world):
    async def scene(client):
        sent = {**FIRE, "key": "booked-1", "later": "+90", "words": "a tow"}
        first = await send(client, "/take", **sent)
        again = await send(client, "/take", **sent)
        return first, again, await send(client, "/take", **{**sent, "priority": "2"})

    first, again, other = world.run(scene)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409)
    assert first.json() == again.json()
    assert len(happened(world, intake.IncidentBooked)) == 1


def test_a_booking_is_taken_without_a_position_where_the_form_says_why(world):
    sent = {**FIRE, "lon": "", "lat": "", "later": "+90", "unverified": "a new street"}

    async def scene(client):
        first = await send(client, "/take", **sent, key="booked-2")
        again = await send(client, "/take", **sent, key="booked-2")
        other = await send(client, "/take", **{**sent, "unverified": "unnamed"}, key="booked-2")
        page = (await client.get(f"/incidents/{first.json()['incident']}")).text
        return first, again, other, page

    first, again, other, page = world.run(scene)
    assert (first.status_code, first.json()) == (201, again.json())
    assert other.status_code == 409
    assert "a new street" in page
    assert len(happened(world, intake.IncidentBooked)) == 1


def test_a_form_that_would_be_refused_answers_no_call_and_may_be_put_right(world):
    lacking = {**FIRE, "lon": "", "lat": ""}

    async def scene(client):
        return (
            await send(client, "/take", **lacking, key="right-1"),
            await send(client, "/take", **FIRE, key="right-1", incident="209990001"),
            len(happened(world, intake.CallAnswered)),
            await send(client, "/take", **FIRE, key="right-1", number="555-0100"),
        )

    placeless, nowhere, answered, right = world.run(scene)
    assert (placeless.status_code, nowhere.status_code, answered) == (409, 409, 0)
    assert "no position" in placeless.text
    assert "209990001" in nowhere.text
    assert right.status_code == 201
    assert len(happened(world, intake.CallAnswered)) == 1


def test_a_booking_has_a_page_with_its_words_and_keeps_it_once_it_is_cancelled(world):
    due = world.centre.hub.clock.now_us() + 7_200_000_000
    booked = world.do(intake.BookIncident, kind="Alarms", priority="3", address="MARKET ST/5TH ST",
                      **SPOT, due=due).incident  # fmt: skip
    world.do(intake.AddNote, incident=booked, words="ring at the gate")

    before = world.run(lambda client: page_of(client, booked))
    assert "ring at the gate" in before
    for kind in (intake.CancelBooking, intake.AddNote, intake.StrikeNote):
        assert f'value="{kind.tag}"' in before
    assert 'value="dispatch.' not in before  # it occupies nobody (B6)
    assert 'value="intake.OpenIncident"' not in before
    assert "nobody is sent to it before its time" in before
    assert "Ask for support" not in before
    world.do(intake.CancelBooking, incident=booked, reason="not wanted")
    after = world.run(lambda client: page_of(client, booked))
    assert "not wanted" in after
    assert 'value="intake.' not in after
