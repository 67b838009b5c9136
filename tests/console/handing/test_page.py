"""What changed, what runs out, what to know of; and that both sign."""

from __future__ import annotations

import asyncio
import re
import time

import pytest

from answerable.console.handing import changes, soon
from answerable.console.handing.pages import Asked, asked_of
from answerable.console.signin.throttle import Tries
from answerable.dispatch import move_words as m
from answerable.dispatch import words as d
from answerable.handover import words as w
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.standards.views import RunningClock
from tests.console.conftest import MINUTE_US, NOON_US
from tests.console.doors import GOOD, SAME, WRONG, Place

TOKEN = re.compile(r'data-token="([^"]+)"')
DAY_US = 86_400_000_000
HX = SAME | {"hx-request": "true"}
WORDS = "E36 has a flat tyre, call the workshop"


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    asyncio.run(made.door.close())
    made.centre.close()


def text(html: str) -> str:
    """Return a page as it reads."""
    html = re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def story(html: str) -> str:
    """Return the part of the page that says what changed."""
    return html.partition("<main")[2].partition('id="side"')[0]


async def look(client, path: str = "/hand-over") -> str:
    return (await client.get(path)).text


async def act(client, do: str, **fields: str):
    token = TOKEN.search(await look(client))[1]
    form = {"token": token, "do": do, **fields}
    return await client.post("/hand-over", data=form, headers=HX)


async def sign(client, path: str = "/hand-over/sign", **fields: str):
    token = TOKEN.search(await look(client))[1]
    return await client.post(path, data={"token": token, **fields}, headers=SAME)


# -- what changed ----------------------------------------------------------------------------


def test_what_changed_since_one_sat_down_is_grouped_and_counted(world):
    before = world.incident(address="1 OLD ST")

    async def scene(client):
        assert (await act(client, "sit")).status_code == 201
        first = world.incident(kind="Structure Fire", address="9 PIER RD")
        world.do(d.SendUnit, incident=first, unit="E03")
        world.do(i.AddNote, incident=first, words="mind the dog of Mrs Zarathustra")
        closed = world.incident(kind="Alarms")
        world.do(d.CloseIncident, incident=closed, outcome="No Merit")
        call = world.do(i.AnswerCall).call
        world.do(d.TakeOutOfService, unit="E36", reason="fuel")
        html = story(await look(client))
        told = text(html)
        assert "since you sat down, 2 Apr 2020 12:00" in told
        assert before not in told
        assert f"{first} Structure Fire 9 Pier Rd open" in told
        assert "E03 was sent." in told
        assert "Note 1: (sealed)" in told
        assert "Zarathustra" not in html
        assert f"{closed} Alarms" in told
        assert f"{call} Call" in told or f"{call}" in told
        assert "E36 Engine out of service" in told
        assert "E36 is out of service: fuel" in told
        for label, count in (("All", 4), ("Open incidents", 1), ("Closed incidents", 1),
                             ("Calls", 1), ("Units", 1), ("The service itself", 0)):  # fmt: skip
            assert f"{label} {count}" in told
        order = [
            html.index(name)
            for name in (
                'href="/units#unit-E36"',
                f"/calls/{call}",
                f"/incidents/{closed}",
                f"/incidents/{first}",
            )
        ]
        assert order == sorted(order)  # the newest first
        units = text(story(await look(client, "/hand-over?what=units")))
        assert "E36 is out of service" in units
        assert "9 Pier Rd" not in units

    world.run(scene)


def test_who_signed_in_sat_down_or_read_is_no_change_of_the_work(world):
    async def scene(client):
        await act(client, "sit")
        world.do(w.SitDown, Actor("bo", "dispatcher"), desk="Desk 7")
        told = text(await look(client))
        assert "Nothing changed." in told
        assert "Desk 7 was taken" not in told

    world.run(scene)


def test_what_changed_is_the_same_for_whoever_asks_by_the_address(world):
    position = world.app.front.recorded
    world.incident(address="9 PIER RD")

    async def scene(client):
        told = text(await look(client, f"/hand-over?since={position}&what=open"))
        assert "9 Pier Rd" in told
        assert f"since position {position}" in told
        told = text(await look(client, f"/hand-over?since={world.app.front.recorded}"))
        assert "Nothing changed." in told

    world.run(scene)


def test_an_address_that_makes_no_sense_is_as_if_nothing_were_asked():
    assert asked_of({"what": "people", "since": "-1", "before": "9" * 40}) == Asked()
    assert asked_of({"what": "open", "since": "7", "before": "٣"}) == Asked("open", 7, 0)
    assert Asked("open", 7, 0).href() == "/hand-over?what=open&since=7"
    assert Asked("open", 7, 9).href(what="", before=0) == "/hand-over?since=7"
    assert Asked().href() == "/hand-over"
    assert Asked().href(before=12) == "/hand-over?before=12"


def test_a_long_shift_comes_in_parts_and_none_is_lost(world, monkeypatch):
    monkeypatch.setattr(changes, "ROWS_MAX", 40)
    monkeypatch.setattr(changes, "GROUPS_MAX", 4)
    front = world.app.front
    since = front.recorded
    opened = [world.incident() for _ in range(25)]
    seen: list[str] = []
    before = 0
    for _round in range(30):
        found = changes.found(front, since, before)
        seen += [one.name for one in found.matters]
        assert found.before == 0 or found.before < (before or 10**9)
        before = found.before
        if not before:
            break
    assert before == 0
    assert set(seen) >= set(opened)


def test_a_call_counts_for_the_incident_it_led_to(world):
    since = world.app.front.recorded
    incident = world.incident()
    found = changes.found(world.app.front, since)
    assert [(one.what, one.name) for one in found.matters] == [("open", incident)]
    assert len(found.matters[0].rows) == found.changes == world.app.front.recorded - since


def test_two_thousand_changes_are_shown_in_two_tenths_of_a_second(world):
    front = world.app.front
    since = front.recorded
    while front.recorded - since < 2_000:
        incident = world.incident()
        for unit in ("E03", "T03", "E36"):
            world.do(d.SendUnit, incident=incident, unit=unit)
            world.do(d.Acknowledge, incident=incident, unit=unit)
            world.do(d.ClearUnit, incident=incident, unit=unit)
        for _ in range(6):
            world.do(i.AddNote, incident=incident, words="x")

    async def scene(client):
        took = []
        for _ in range(5):
            began = time.process_time()
            html = await look(client, f"/hand-over?since={since}")
            took.append(time.process_time() - began)
        assert "Open incidents" in html
        assert min(took) < 0.2

    world.run(scene)


# -- what runs out, what to know of ----------------------------------------------------------


def test_what_runs_out_in_the_next_half_hour_is_listed_the_soonest_first(world):
    incident = world.incident(kind="Structure Fire")
    world.do(i.BookIncident, kind="Alarms", priority="2", address="2 LATER ST",
             due=NOON_US + 20 * MINUTE_US, lon=-122.4, lat=37.78)  # fmt: skip
    world.do(i.BookIncident, kind="Alarms", priority="2", address="3 MUCH LATER ST",
             due=NOON_US + 60 * MINUTE_US, lon=-122.4, lat=37.78)  # fmt: skip
    world.do(d.TakeOutOfService, unit="E36", reason="fuel", back=NOON_US + 10 * MINUTE_US)
    world.do(m.HoldIncident, incident=incident, until=NOON_US + 25 * MINUTE_US, reason="the gate")
    told = soon.soon(world.app.front, world.app.front.phrases("en"))
    names = [(one["name"], one["number"]) for one in told["listed"]]
    assert ("E36 back in service", "") in names
    assert ("held until then", incident) in names
    assert sum(name == "booked for then" for name, _ in names) == 1
    assert any(number == incident and "unit" in name for name, number in names)  # a clock
    due = [one["due_ms"] for one in told["listed"]]
    assert due == sorted(due)
    assert max(due) <= NOON_US // 1000 + 31 * 60_000
    assert told["count"] == len(names)


def test_all_that_is_booked_is_listed_the_soonest_first_until_it_is_cancelled(world):
    for day, address in ((3, "3 LATER ST"), (1, "1 LATER ST")):
        world.do(i.BookIncident, kind="Alarms", priority="2", address=address,
                 due=NOON_US + day * DAY_US, lon=-122.4, lat=37.78)  # fmt: skip
    told = soon.booked(world.app.front, world.app.front.phrases("en"))
    assert told["count"] == 2
    assert [one["where"] for one in told["listed"]] == ["1 Later St", "3 Later St"]
    first = told["listed"][0]["number"]
    html = world.run(look)
    assert f'<a href="/incidents/{first}">' in html
    assert "Booked for later 2" in text(html)
    for one in told["listed"]:
        world.do(i.CancelBooking, incident=one["number"], reason="not wanted any more")
    assert "Booked for later" not in text(world.run(look))


def test_open_incidents_of_note_say_why(world):
    plain = world.incident(kind="Alarms", priority="2")
    lost = world.incident(kind="Alarms", priority="2", lon=None, lat=None, unverified="by sea")
    world.do(d.SendUnit, incident=plain, unit="E03")
    told = soon.of_note(world.app.front, world.app.front.phrases("en"))
    assert told["open"] == 2
    listed = {one["number"]: one["why"] for one in told["listed"]}
    assert plain not in listed
    assert "place not verified" in listed[lost]


# -- handing over ----------------------------------------------------------------------------


def test_at_two_desks_one_offers_and_the_other_reads_and_takes_over(world):
    async def scene(client):
        offered = await act(client, "offer", words=WORDS)
        assert (offered.status_code, offered.headers["hx-redirect"]) == (201, "/hand-over")
        told = text(await look(client))
        assert "you have signed" in told
        assert WORDS in told  # of one's own words nothing is hidden
        async with world.client("supervisor") as other:
            html = await look(other)
            assert "Waiting to be taken over" in text(html)
            assert WORDS not in html
            there = {"desk": "Desk 1", "handover": "H1"}
            assert (await act(other, "read", **there)).status_code == 201
            assert WORDS in text(await look(other))
            assert (await act(other, "take", **there)).status_code == 201
            told = text(await look(other))
            assert "Hand-over · Desk 1" in told
            assert "Left for you" in told
            assert WORDS in told
        told = await look(client)
        assert WORDS not in told
        assert "Somebody else has said that they sit here." in text(told)

    world.run(scene)
    kinds = [row.kind for row in world.centre.hub.store.rows() if row.kind.startswith("handover.")]
    assert kinds == [f"handover.{name}" for name in (
        "SatDown", "HandOverOffered", "HandOverRead", "HandOverTaken",
    )]  # fmt: skip
    actors = [row.actor for row in world.centre.hub.store.rows() if row.kind[:9] == "handover."]
    assert actors == ["dispatcher", "dispatcher", "supervisor", "supervisor"]


def test_a_refusal_stands_beside_its_button_and_what_was_written_stays(world):
    async def scene(client):
        world.do(w.SitDown, Actor("bo", "dispatcher"), desk="Desk 1")
        answer = await act(client, "offer", words=WORDS)
        assert answer.status_code == 409
        assert "Somebody else sits there." in answer.text
        assert "hx-redirect" not in answer.headers
        answer = await act(client, "dance")
        assert answer.status_code == 400
        assert "The page has no such act." in answer.text

    world.run(scene)


def test_whoever_stays_or_leaves_says_so(world):
    async def scene(client):
        await act(client, "offer")
        assert (await act(client, "withdraw", handover="H1")).status_code == 201
        assert (await act(client, "stand")).status_code == 201
        assert (await act(client, "stand")).status_code == 409
        assert world.centre.hub.state["handover"].desks == {}

    world.run(scene)


def test_a_supervisor_frees_a_desk_and_nobody_else_is_shown_how(world):
    world.do(w.SitDown, Actor("bo", "dispatcher"), desk="Desk 7")

    async def scene(client):
        assert "Free it" not in text(await look(client))
        async with world.client("supervisor") as boss:
            assert "Free it" in text(await look(boss))
            freed = await act(boss, "free", desk="Desk 7", reason="went home")
            assert freed.status_code == 201
        assert world.centre.hub.state["handover"].desks == {}

    world.run(scene)


def test_on_one_machine_whoever_comes_signs_with_their_own_password(place):
    place.account("ada")
    place.account("bo")

    async def scene(client):
        await act(client, "offer", words=WORDS)
        wrong = await sign(client, name="bo", password=WRONG, handover="H1")
        assert wrong.status_code == 409, "401 would end the session of this desk"
        assert "The name or the password is wrong." in text(wrong.text)
        assert 'value="bo"' in wrong.text
        own = await sign(client, name="ada", password=GOOD, handover="H1")
        assert own.status_code == 409
        assert "a hand-over is signed by both" in text(own.text)
        old = await sign(client, name="bo", password=GOOD, handover="H9")
        assert old.status_code == 409
        assert "What you have read is not what is offered now." in text(old.text)
        assert len(place.front.sessions.of("ada")) == 1  # no session is left behind by a refusal
        assert place.front.sessions.of("bo") == []
        before = dict(client.cookies)
        taken = await sign(client, name="bo", password=GOOD, handover="H1")
        assert (taken.status_code, taken.headers["location"]) == (303, "/hand-over")
        assert dict(client.cookies) != before
        html = await look(client)
        assert "Left for you" in text(html)
        assert WORDS in text(html)
        assert ">Your account · bo<" in html
        assert 'data-desk="Desk 1"' in html
        assert place.front.sessions.of("ada") == []
        seat = place.centre.hub.state["handover"].seat("Desk 1")
        assert (seat.by, seat.state) == ("bo", "taken")

    place.run(scene, "ada")
    taken = [row for row in place.centre.hub.store.rows() if row.kind.startswith("handover.")]
    assert [(row.kind[9:], row.actor) for row in taken] == [
        ("SatDown", "ada"), ("HandOverOffered", "ada"), ("HandOverTaken", "bo"),
    ]  # fmt: skip


def test_a_second_factor_is_asked_for_there_too(place):
    place.account("ada")
    place.account("bo")
    telephone = place.factor("bo")

    async def scene(client):
        await act(client, "offer")
        asked = await sign(client, name="bo", password=GOOD, handover="H1")
        assert asked.status_code == 200
        ticket = re.search(r'name="ticket" value="([^"]+)"', asked.text)[1]
        code = {"path": "/hand-over/code", "ticket": ticket, "handover": "H1"}
        wrong = await sign(client, code="000000", **code)
        assert wrong.status_code == 409, "401 would end the session of this desk"
        assert f'value="{ticket}"' in wrong.text
        assert place.centre.hub.state["handover"].seat("Desk 1").by == "ada"
        right = await sign(client, code=place.code(telephone), **code)
        assert right.status_code == 303
        assert place.centre.hub.state["handover"].seat("Desk 1").by == "bo"

    place.run(scene, "ada")


def test_passwords_are_not_guessed_here_either(place):
    place.account("ada")
    place.door.tries = Tries(lambda: place.wall[0])

    async def scene(client):
        await act(client, "offer")
        codes = set()
        for _ in range(40):
            answer = await sign(client, name="nobody", password=WRONG, handover="H1")
            codes.add(answer.status_code)
        assert codes <= {409, 429}
        assert codes & {409, 429}

    place.run(scene, "ada")


def test_the_end_of_a_session_leaves_the_desk_free(place):
    place.account("ada")

    async def scene(client):
        await act(client, "sit")
        assert place.centre.hub.state["handover"].seat("Desk 1").by == "ada"
        await client.post("/session/end", headers=SAME)
        assert place.centre.hub.state["handover"].desks == {}

    place.run(scene, "ada")


def test_a_demonstration_has_nobody_to_sign_with(world):
    async def scene(client):
        await act(client, "offer")
        answer = await sign(client, name="bo", password=GOOD, handover="H1")
        assert answer.status_code == 409
        assert 'name="password"' not in answer.text

    world.run(scene)


@pytest.mark.parametrize("role", ["crew"])
def test_whoever_works_no_desk_is_not_shown_the_page(place, role):
    place.account("c.3", role)

    async def scene(client):
        assert (await client.get("/hand-over")).status_code == 403

    place.run(scene, "c.3")


def test_a_clock_that_ran_out_on_another_day_says_which_day_and_what_it_is_about(
    world, monkeypatch
):
    overdue = RunningClock(
        number="1.0", standard="Tracked matters", name="see to a matter within the norm", zh="",
        state="ringing", incident="", unit="", call="", start_us=NOON_US - 3 * DAY_US,
        started_at=1, due_us=NOON_US - 2 * DAY_US, limit_s=0.0, since_us=0, stage=1,
        consequences=(), about="M3", sort="matter",
    )  # fmt: skip
    front = world.app.front
    monkeypatch.setattr(front.clocks, "all", lambda *_most: [overdue])
    told = soon.soon(front, front.phrases("en"))["listed"][0]
    assert (told["number"], told["kind"], told["href"]) == ("M3", "Matter", "/matters/M3")
    assert told["due"] == front.phrases("en").day(overdue.due_us) + " 12:00"
    assert told["left"].startswith("−2 d")
