"""The pages of putting right: the list, one with its story and clocks, oversight, the crew."""

from __future__ import annotations

import html as markup
import re
from typing import Any

import httpx
import pytest

from answerable.console.righting import listing
from answerable.console.righting.listing import Asked, asked_of, found
from answerable.dispatch import words as d
from answerable.followup import back_words as back
from answerable.followup import right_words as w
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.standards import words as clocks
from answerable.standards.shelf import shelf_standard
from tests.console.conftest import NOON_US, PLACE, World

SUPERVISOR = Actor(name="supervisor", role="supervisor")
CALL_BACK = Actor(name="call_back", role="call_back")
OVERSIGHT = Actor(name="oversight", role="oversight")
CREW = Actor(name="crew", role="crew", unit="E03")
LINE = Actor(name="line", role="line")
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
WORDS = "they kept Mrs Gray of flat 4 waiting"


def closed(world: World, *units: str) -> tuple[str, str]:
    """Return an incident that is over, and its call: the units came and went."""
    call = world.do(i.RingCall, LINE, line="911", number="415-555-0100").call
    world.do(i.AnswerCall, call=call)
    told = {"kind": "Medical Incident", "priority": "3", "address": "GOLDEN GATE AV/LARKIN ST"}
    incident = str(world.do(i.OpenIncident, call=call, **(told | PLACE)).incident)
    for unit in units:
        for step in (d.SendUnit, d.Acknowledge, d.GoEnRoute, d.CancelUnit):
            more = {"reason": "not needed"} if step is d.CancelUnit else {}
            world.do(step, incident=incident, unit=unit, **more)
    world.do(d.CloseIncident, incident=incident, outcome="served")
    return incident, str(call)


def unhappy(world: World, *units: str, **marks: Any) -> tuple[str, str]:
    """Have a caller rung back who is not content; return the incident and the put right."""
    incident, call = closed(world, *units)
    told = {"manner": 4, "speed": 1, "result": 3, "overall": 2, "words": WORDS, **marks}
    world.do(back.AnswerCallBack, CALL_BACK, incident=incident, call=call, **told)
    [name] = [n for n, r in listing.rights(world.app.front).items() if r.incident == incident]
    return incident, name


def step(world: World, command: type[Any], name: str, actor: Actor = CALL_BACK, **more: Any) -> Any:
    """Have a step of a put right done."""
    return world.do(command, actor, incident=name.rpartition("R")[0], right=name, **more)


def done(world: World, name: str) -> None:
    """Have somebody speak with the caller and put it right."""
    step(world, w.SpokeWithCaller, name)
    step(world, w.DoPutRight, name, what=w.What.EXPLAINED)


def adopt(world: World) -> None:
    """Put the promises in force where the town has not."""
    standard = shelf_standard("call-back-put-right")
    if standard.name not in world.centre.hub.state["standards"].standards:
        world.do(clocks.AdoptStandard, SUPERVISOR, definition=standard)


def read(world: World, path: str, role: str = "call_back") -> str:
    answer = world.run(lambda client: client.get(path), role)
    assert answer.status_code == 200, answer.text
    return markup.unescape(str(answer.text))


def numbers(html: str) -> list[str]:
    return re.findall(r'href="/put-right/(\d+R\d+)"', html)


async def sent(client: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    page = await client.get(path)
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token, page.text[:200]
    headers = {"origin": "http://127.0.0.1"}
    return await client.post(path, data={"token": token[1], **form}, headers=headers)


def post(world: World, path: str, role: str = "call_back", **form: str) -> httpx.Response:
    answer: httpx.Response = world.run(lambda client: sent(client, path, **form), role)
    return answer


# -- the list --------------------------------------------------------------------------------


def test_an_empty_list_says_what_to_do_next(world):
    html = read(world, "/put-right")
    assert "Nothing is being put right." in html
    assert "It begins by itself when a caller who is rung back is unhappy." in html


def test_an_unhappy_answer_stands_in_the_list_with_its_dates_and_without_its_words(world):
    adopt(world)
    _, name = unhappy(world, "E03")
    html = read(world, "/put-right")
    assert numbers(html) == [name]
    assert "Unhappy about how soon help came" in html
    assert "a human speaks with an unhappy caller" in html
    assert "Gray" not in html
    assert "555-0100" not in html


def test_mine_is_what_my_desk_answers_for_and_nobodys_what_no_desk_does(world):
    _, one = unhappy(world)
    _, other = unhappy(world)
    step(world, w.OwnPutRight, one, owner="call_back")
    front = world.app.front
    for which, expected in (("mine", [one]), ("nobody", [other]), ("open", [one, other])):
        rows = found(front, CALL_BACK, Asked(which=which)).rows
        assert [name for name, _right, _due in rows] == expected
    assert found(front, SUPERVISOR, Asked(which="mine")).rows == []
    assert [n for n, _r, _d in found(front, SUPERVISOR, Asked(owner="call_back")).rows] == [one]


def test_a_units_own_are_those_of_the_unit_and_its_station(world):
    _, one = unhappy(world, "T03")
    _, other = unhappy(world)
    unhappy(world)
    step(world, w.OwnPutRight, one, owner="E03")
    step(world, w.OwnPutRight, other, owner=world.app.front.town.units["E03"].station)
    rows = found(world.app.front, CREW, Asked(which="mine")).rows
    assert [name for name, _right, _due in rows] == [one, other]


@pytest.mark.parametrize("adopted", [True, False], ids=["by its clock", "by the record alone"])
def test_near_due_and_overdue_are_told_apart(world, adopted, monkeypatch):
    if adopted:
        adopt(world)
    else:
        monkeypatch.setattr(type(world.app.front.clocks), "of", lambda _self, _incident: [])
    unhappy(world)
    front = world.app.front
    for hours, near, overdue in ((1, 0, 0), (20, 1, 0), (25, 0, 1)):
        world.centre.hub.clock.jump(NOON_US + hours * HOUR_US)
        counts = found(front, CALL_BACK, Asked()).counts
        assert (counts.get("near", 0), counts.get("overdue", 0)) == (near, overdue), hours


def test_the_soonest_date_stands_first_and_what_stands_still_last(world):
    adopt(world)
    names = []
    for _ in range(3):
        names.append(unhappy(world)[1])
        world.centre.hub.clock.jump(world.app.front.now_us() + HOUR_US)
    front = world.app.front
    held = listing.dates(front, names[0], listing.rights(front)[names[0]])
    for due in held:
        world.do(clocks.SuspendClock, SUPERVISOR, clock=due.clock, reason="she is away")
    rows = found(front, CALL_BACK, Asked()).rows
    assert [name for name, _right, _due in rows] == [names[1], names[2], names[0]]
    assert "stands still" in read(world, "/put-right")


def test_a_long_list_is_paged(world, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_ROWS", 2)
    names = [unhappy(world)[1] for _ in range(5)]
    seen = [n for page in (1, 2, 3) for n in numbers(read(world, f"/put-right?page={page}"))]
    assert sorted(seen) == sorted(names)
    assert "page 3 of 3" in read(world, "/put-right?page=99")


def test_an_address_that_makes_no_sense_asks_for_nothing():
    assert asked_of({"list": "x", "page": "0"}) == Asked()
    assert asked_of({"list": "near", "page": "3"}).href() == "/put-right?list=near&page=3"


def test_oversight_sees_its_own_list_first_and_may_see_all(world):
    _, one = unhappy(world)
    _, other = unhappy(world)
    done(world, one)
    step(world, w.RingBackAgain, one, happy=False)
    assert numbers(read(world, "/put-right", "oversight")) == [one]
    assert numbers(read(world, "/put-right?list=open", "oversight")) == [other, one]


def test_oversight_begins_with_what_lies_with_it(world):
    answer = world.run(lambda client: client.get("/"), "oversight")
    assert answer.headers["location"] == "/put-right"


@pytest.mark.parametrize("role", ["dispatcher", "call_taker", "crew"])
def test_a_role_without_the_page_does_not_open_it(world, role):
    _, name = unhappy(world)
    for path in ("/put-right", f"/put-right/{name}"):
        assert world.run(lambda client, path=path: client.get(path), role).status_code == 403


# -- one -------------------------------------------------------------------------------------


def test_its_story_masks_what_was_said_until_a_reading_is_recorded(world):
    adopt(world)
    incident, name = unhappy(world, "E03")
    html = read(world, f"/put-right/{name}")
    assert "The caller of" in html
    assert "Gray" not in html
    assert "555-0100" not in html
    assert post(world, f"/put-right/{name}", do="read").status_code == 303
    kinds = [row.kind for row in world.centre.store.stream(f"incident:{incident}")]
    assert kinds[-1] == "vault.SealedRead"
    html = read(world, f"/put-right/{name}")
    assert WORDS in html
    assert "415-555-0100" in html


def test_the_page_that_may_show_words_is_kept_by_no_browser(world):
    _, name = unhappy(world)
    answer = world.run(lambda client: client.get(f"/put-right/{name}"), "call_back")
    assert answer.headers["cache-control"] == "no-store"


def test_it_is_carried_to_its_end_by_forms_alone(world):
    adopt(world)
    _, name = unhappy(world, "E03")
    path = f"/put-right/{name}"
    forms: list[dict[str, str]] = [
        {"do": "own", "owner": "Call-back staff"},
        {"do": "ask", "unit": "E03"},
        {"do": "give", "unit": "E03", "words": "the lift was broken"},
        {"do": "spoke", "words": "nobody told her"},
        {"do": "do", "what": "explained", "words": "told her of the lift"},
        {"do": "miss", "outcome": "no answer"},
        {"do": "rung", "happy": "yes", "words": "now I see"},
    ]
    for form in forms:
        answer = post(world, path, **form)
        assert (answer.status_code, answer.headers.get("location")) == (303, path), answer.text
    assert listing.rights(world.app.front) == {}
    html = read(world, path)
    assert "It has ended." in html
    assert "Putting it right has ended: the caller is content" in html
    assert "lift" not in html


def test_who_was_missed_lately_is_shown_with_when_the_next_attempt_counts(world):
    _incident, name = unhappy(world)
    step(world, w.SpokeWithCaller, name)
    step(world, w.DoPutRight, name, what=w.What.EXPLAINED)
    path = f"/put-right/{name}"
    assert "Not reached lately" not in read(world, path)
    missed = step(world, w.MissAgain, name, outcome=w.Missed.BUSY)
    time = f"{world.centre.town.local(missed.again_us):%H:%M}"
    assert f"Another attempt counts from {time} on" in read(world, path)
    assert f"rung again 1 of 3 times, next from {time}" in read(world, path)
    refused = post(world, path, do="miss", outcome="busy")
    assert f"counts from 2020-04-02 {time} on" in refused.text


def test_who_is_still_unhappy_is_judged_by_oversight(world):
    _, name = unhappy(world)
    path = f"/put-right/{name}"
    done(world, name)
    assert post(world, path, do="rung", happy="no").status_code == 303
    assert "What oversight finds" not in read(world, path)
    assert "What oversight finds" in read(world, path, "oversight")
    form = {"do": "return", "reason": "go there again"}
    assert post(world, path, "oversight", **form).status_code == 303
    step(world, w.DoPutRight, name, what=w.What.DONE_AGAIN)
    step(world, w.SendToOversight, name, reason="she asks for it")
    form = {"do": "judge", "found": "it is put right now", "reason": "seen on the spot"}
    assert post(world, path, "oversight", **form).status_code == 303
    assert "oversight has found it is put right now" in read(world, path, "oversight")


def test_only_a_supervisor_gives_a_clock_more_time_or_lets_it_stand(world):
    adopt(world)
    _, name = unhappy(world)
    path, front = f"/put-right/{name}", world.app.front
    assert "Give more time" not in read(world, path)
    assert "Give more time" in read(world, path, "supervisor")
    due = listing.dates(front, name, listing.rights(front)[name])[1]
    form = {"clock": due.clock, "reason": "the crew is on leave"}
    assert post(world, path, do="extend", days="2", **form).status_code == 403
    assert post(world, path, "supervisor", do="extend", days="2", **form).status_code == 303
    later = listing.dates(front, name, listing.rights(front)[name])[1]
    assert later.due_us == due.due_us + 2 * DAY_US
    for days in ("0", "x", "999"):
        assert post(world, path, "supervisor", do="extend", days=days, **form).status_code == 400
    assert post(world, path, "supervisor", do="suspend", **form).status_code == 303
    still = listing.dates(front, name, listing.rights(front)[name])[-1]
    assert still.still
    assert "Let the clock run on" in read(world, path, "supervisor")
    assert post(world, path, "supervisor", do="resume", clock=due.clock).status_code == 303


def test_what_the_rules_refuse_is_told_in_three_parts(world):
    _, name = unhappy(world, "E03")
    answer = post(world, f"/put-right/{name}", do="own", owner="e03")
    assert answer.status_code == 409
    assert "A unit that was there does not answer for it" in markup.unescape(answer.text)
    answer = post(world, f"/put-right/{name}", do="own", owner="Jane Doe")
    assert "no unit, station or desk of that name" in markup.unescape(answer.text)


def test_a_complaint_that_came_by_another_way_is_opened_by_hand(world):
    incident, _call = closed(world)
    answer = post(world, "/put-right", incident=incident)
    assert answer.headers["location"].startswith(f"/put-right/{incident}R")
    assert "A complaint" in read(world, answer.headers["location"])
    assert post(world, "/put-right", incident="999999999").status_code == 409


def test_the_units_that_were_there_are_the_ones_to_be_asked(world):
    _, name = unhappy(world, "E03")
    html = read(world, f"/put-right/{name}")
    assert "Ask E03" in html
    assert 'value="E03"' not in html.partition('<datalist id="owners">')[2]
    step(world, w.AskAccount, name, unit="E03")
    html = read(world, f"/put-right/{name}")
    assert "Ask E03" not in html
    assert "Write the account of E03 down" in html


@pytest.mark.parametrize("name", ["1R1", "nonsense", "R", "%00"])
def test_what_is_not_there_is_not_shown(world, name):
    answer = world.run(lambda client: client.get(f"/put-right/{name}"), "call_back")
    assert answer.status_code == 404
    assert post(world, "/put-right", do="own").status_code == 400


def ended(world: World) -> tuple[str, str]:
    """Carry one to its end; return it and its path."""
    _, name = unhappy(world, "E03")
    done(world, name)
    step(world, w.RingBackAgain, name, happy=True)
    return name, f"/put-right/{name}"


def test_what_was_said_may_be_read_after_its_end_and_the_number_is_not_shown_any_more(world):
    name, path = ended(world)
    assert "Gray" not in read(world, path, "supervisor")
    assert "Read what was said; that is recorded" in read(world, path, "supervisor")
    assert post(world, path, "supervisor", do="read").status_code == 303
    html = read(world, path, "supervisor")
    assert WORDS in html
    assert "555-0100" not in html, "nobody rings this caller about it any more"
    assert name not in listing.rights(world.app.front)


def test_whoever_is_late_learns_that_it_has_ended(world):
    name, path = ended(world)
    answer = post(world, path, do="own", owner="Supervisor")
    assert (answer.status_code, f"{name} has ended." in answer.text) == (409, True)


def test_a_long_story_is_cut_and_its_page_still_opens_after_the_end(world, monkeypatch):
    monkeypatch.setattr("answerable.console.righting.pages.STORY_MAX", 2)
    name, path = ended(world)
    assert "Putting it right has ended" in read(world, path)
    assert f"To be put right: speed, call {name.rpartition('R')[0]}" not in read(world, path)


def test_a_question_that_was_not_answered_has_no_mark_below_the_worst(world):
    _, name = unhappy(world, manner=0, result=0)
    assert "answered: manner –, speed 1, result –, overall 2." in read(world, f"/put-right/{name}")


def test_a_form_that_does_not_say_what_the_caller_said_is_not_taken_for_unhappy(world):
    _, name = unhappy(world)
    done(world, name)
    assert post(world, f"/put-right/{name}", do="rung", words="she said").status_code == 400
    assert post(world, f"/put-right/{name}", do="rung", happy="maybe").status_code == 400
    assert listing.rights(world.app.front)[name].state == "done"


def test_an_act_that_there_is_not_is_refused(world):
    _, name = unhappy(world)
    assert post(world, f"/put-right/{name}", do="explode").status_code == 400


def test_the_page_is_there_in_chinese(world):
    _, name = unhappy(world)

    async def look(client: httpx.AsyncClient) -> tuple[str, str]:
        headers = {"accept-language": "zh-CN"}
        one, two = [await client.get(p, headers=headers)
                    for p in ("/put-right", f"/put-right/{name}")]  # fmt: skip
        return one.text, two.text

    listed, one = world.run(look, "call_back")
    assert "对到达速度不满意" in listed
    assert "待整改" in listed or "尚无人与来电人沟通" in listed
    assert "Put right" not in re.sub(r"<[^>]*>", " ", listed + one)


# -- the crew's phone ------------------------------------------------------------------------


def test_a_crew_is_asked_on_its_phone_and_answers_there(world):
    incident, name = unhappy(world, "E03")
    step(world, w.AskAccount, name, unit="E03")

    async def scene(client: httpx.AsyncClient) -> tuple[str, httpx.Response]:
        page = await client.get("/crew")
        token = re.search(r'name="token" value="([^"]+)"', page.text)
        assert token
        headers = {"origin": "http://127.0.0.1"}
        await client.post("/crew/unit", data={"token": token[1], "on": "E03"}, headers=headers)
        page = await client.get("/crew")
        form = {"token": token[1], "type": "followup.GiveAccount", "incident": incident,
                "right": name, "unit": "E03", "words": "the lift was broken"}  # fmt: skip
        return page.text, await client.post("/do", data=form, headers=headers)

    page, answer = world.run(scene, "crew")
    assert "Your account is asked for" in page
    assert incident in page
    assert "Gray" not in page
    assert answer.status_code in (201, 303), answer.text
    assert listing.rights(world.app.front)[name].given == ["E03"]
