"""The pages of specialist support: the list, one with its steps drawn, asking, the crew's phone."""

from __future__ import annotations

import asyncio
import html as markup
import re
from typing import Any

import httpx
import msgspec
import pytest

from answerable.console.supporting import acts, listing, told
from answerable.console.supporting.beside import beside, marks_of_crew, of_crew
from answerable.console.supporting.listing import found
from answerable.console.thread import after
from answerable.disclosure.codes import code_of
from answerable.dispatch import words as d
from answerable.kernel.authority import Actor
from answerable.matters import matter_words
from answerable.matters import support_words as w
from answerable.matters.support_state import SUPPORT
from tests.console.conftest import DISPATCHER, MINUTE_US, NOON_US, World

SUPERVISOR = Actor(name="supervisor", role="supervisor")
CREW = Actor(name="crew", role="crew", unit="E03")
OTHER = Actor(name="other crew", role="crew", unit="T03")
WORDS = "Mrs Gray of flat 4 speaks only Cantonese"


def working(world: World, *units: str) -> str:
    """Return an open incident on which units work."""
    incident = world.incident()
    for unit in units:
        world.do(d.SendUnit, incident=incident, unit=unit)
    return incident


def asked(world: World, kind: str = "drone", actor: Actor = CREW, **more: Any) -> str:
    """Have a unit ask for support on an incident of its own; return the number."""
    unit = str(more.pop("unit", "E03"))
    on = listing.support(world.app.front).jobs.get(unit, [])
    incident = str(more.pop("incident", "") or (on[0] if on else working(world, unit)))
    told_ = {"incident": incident, "unit": unit, "kind": kind, "words": WORDS} | more
    return str(world.do(w.AskSupport, actor, **told_).support)


STEPS: tuple[tuple[type[w._OnSupport], dict[str, Any]], ...] = (
    (w.ApproveSupport, {}), (w.AssignSupport, {"to": "AIR SUPPORT"}), (w.AcceptSupport, {}),
    (w.BeginSupport, {}), (w.ReportSupport, {"result": w.CameTo.DONE}),
)  # fmt: skip


def carried(world: World, number: str, steps: int) -> str:
    """Carry a request so many steps on."""
    for command, fields in STEPS[:steps]:
        world.do(command, SUPERVISOR, support=number, **fields)
    return number


def helped_by(world: World, monkeypatch: pytest.MonkeyPatch, *by: str) -> None:
    """Have units or stations of the town itself give what a drone is asked for."""
    file = world.centre.town.supporting
    kinds = tuple(
        msgspec.structs.replace(kind, by=by) if kind.code == "drone" else kind
        for kind in file.kinds
    )
    town = world.centre.town
    monkeypatch.setattr(town, "supporting", msgspec.structs.replace(file, kinds=kinds))


def read(world: World, path: str, role: str = "dispatcher", status: int = 200) -> str:
    answer = world.run(lambda client: client.get(path), role)
    assert answer.status_code == status, answer.text
    return markup.unescape(str(answer.text))


async def sent(client: httpx.AsyncClient, page: str, path: str, **form: str) -> httpx.Response:
    token = re.search(r'name="token" value="([^"]+)"', (await client.get(page)).text)
    assert token
    headers = {"origin": "http://127.0.0.1"}
    return await client.post(path, data={"token": token[1], **form}, headers=headers)


def post(
    world: World, path: str, role: str = "dispatcher", page: str = "/support", **form: str
) -> httpx.Response:
    answer: httpx.Response = world.run(lambda client: sent(client, page, path, **form), role)
    return answer


def acts_in(html: str) -> set[str]:
    """Return the acts that the side of a page has forms for."""
    side = html.partition('id="side"')[2].partition('id="news"')[0]
    return set(re.findall(r'name="do" value="([a-z]+)"', side))


def state(world: World, number: str) -> str:
    return listing.support(world.app.front).open[number].state


# -- the list --------------------------------------------------------------------------------


def test_an_empty_list_says_what_to_do_next(world):
    html = read(world, "/support")
    assert "No request for support is open." in html
    assert "Ask for it on the page of an incident, or with n here." in html


def test_a_request_stands_in_the_list_of_the_step_it_waits_for_and_without_its_words(world):
    number = asked(world)
    for steps, (name, _title) in enumerate(listing.BY_STEP):
        if steps:
            command, fields = STEPS[steps - 1]
            world.do(command, SUPERVISOR, support=number, **fields)
        for which, _label in listing.BY_STEP:
            rows = found(world.app.front, DISPATCHER, which).rows
            assert [n for n, _r in rows] == ([number] if which == name else []), (which, name)
    assert name == "reported"
    html = read(world, "/support")
    assert f'href="/support/{number}"' in html
    assert "Air support" in html
    assert "Gray" not in html


def test_what_is_late_comes_first_and_what_waits_only_for_thanks_last(world):
    thanks = carried(world, asked(world), 5)
    slow, quick = asked(world, "engineer"), asked(world, "medical-officer")
    rows = [n for n, _r in found(world.app.front, SUPERVISOR, "open").rows]
    assert rows == [quick, slow, thanks]
    world.centre.hub.clock.jump(NOON_US + 12 * MINUTE_US)
    world.centre.hub.ring(world.centre.now_us())
    world.centre.hub.commit()
    newest = asked(world, "negotiator")
    front = world.app.front
    assert [n for n, _r in found(front, SUPERVISOR, "open").rows] == [quick, slow, newest, thanks]
    assert [n for n, _r in found(front, SUPERVISOR, "late").rows] == [quick]
    assert '<b class="left num late">' in read(world, "/support?list=late")


def test_my_signature_is_waited_for_only_where_my_grade_and_my_hands_are_right(world):
    own = asked(world, actor=SUPERVISOR)
    others = asked(world)
    asked(world, "interpreter")  # nobody signs it
    front = world.app.front
    assert [n for n, _r in found(front, SUPERVISOR, "sign").rows] == [others]
    assert [n for n, _r in found(front, Actor(name="s2", role="supervisor"), "sign").rows] == [
        own, others,
    ]  # fmt: skip
    assert "waiting for my signature" in read(world, "/support", "supervisor")
    world.do(w.ApproveSupport, SUPERVISOR, support=others)
    assert "waiting for my signature" not in read(world, "/support", "supervisor")


def test_a_grade_too_low_neither_sees_nor_may_sign_it(world, monkeypatch):
    number = asked(world, "forensics")  # grade 2
    grades = world.centre.town.matters
    known = listing.support(world.app.front).open[number]
    low = next(role for role in ("dispatcher", "crew") if grades.grade(role) < known.grade)
    assert "approve" not in acts.possible(world.app.front, Actor(name="x", role=low), known)
    assert "approve" in acts.possible(world.app.front, SUPERVISOR, known)


def test_a_crew_sees_its_own_units_requests_and_no_others(world):
    mine = asked(world)
    theirs = asked(world, unit="T03", actor=OTHER)
    front = world.app.front
    assert [n for n, _r in found(front, CREW, "open").rows] == [mine]
    assert [n for n, _r in found(front, OTHER, "open").rows] == [theirs]
    assert len(found(front, DISPATCHER, "open").rows) == 2


def test_a_crew_is_not_shown_and_cannot_touch_what_another_unit_asked_for(world):
    theirs = asked(world, unit="T03", actor=OTHER)

    async def scene(client: httpx.AsyncClient) -> tuple[int, int]:
        page = await sent(client, "/crew", "/crew/unit", on="E03")
        assert page.status_code in (201, 303), page.text
        looked = await client.get(f"/support/{theirs}")
        form = {"do": "withdraw", "reason": "no need"}
        acted = await sent(client, "/crew", f"/support/{theirs}", **form)
        return looked.status_code, acted.status_code

    assert world.run(scene, "crew") == (403, 403)
    assert state(world, theirs) == "asked"


def test_what_has_ended_stands_in_its_own_list_and_beside_its_incident(world):
    number = carried(world, asked(world), 5)
    front = world.app.front
    assert found(front, SUPERVISOR, "ended").rows == []
    assert "Nothing has ended in the last 30 days." in read(world, "/support?list=ended")
    world.do(w.ThankSupport, CREW, support=number)
    for actor, expected in ((SUPERVISOR, [number]), (CREW, [number]), (OTHER, [])):
        assert [n for n, _r in found(front, actor, "ended").rows] == expected
    html = read(world, "/support?list=ended")
    assert f'href="/support/{number}"' in html
    assert "ended with thanks: done" in html
    assert f'href="/support/{number}"' in read(world, f"/incidents/{number.split('S')[0]}")


def test_how_late_a_step_is_is_shown_though_the_room_waits_for_it_no_longer(world):
    number = asked(world)
    due_us = listing.support(world.app.front).open[number].due_us
    world.centre.hub.clock.jump(due_us + 15 * MINUTE_US)
    world.centre.hub.ring(world.centre.now_us())
    front = world.app.front
    known = listing.support(front).open[number]
    assert known.due_us == 0
    shown = told.row(front, front.phrases("en"), number, known, due_us + 15 * MINUTE_US)
    assert (shown["due"]["left"], shown["due"]["state"]) == ("−15:00", "late")


# -- one -------------------------------------------------------------------------------------


def test_the_steps_are_drawn_with_when_they_were_and_by_when_they_are_due(world):
    number = carried(world, asked(world), 2)
    html = read(world, f"/support/{number}")
    steps = re.findall(r'<li class="([^"]+)"( aria-current="step")?><i', html)
    assert [name for name, _on in steps] == ["done", "done", "done", "waits", "to", "to", "to"]
    assert [bool(on) for _name, on in steps].index(True) == 3
    assert "12:00" in html
    assert "by 12:10" in html  # approved within ten minutes, as the town's file says


def test_a_step_that_came_late_says_so_and_a_request_given_back_begins_anew(world):
    number = carried(world, asked(world), 2)
    world.centre.hub.clock.jump(NOON_US + 11 * MINUTE_US)
    world.centre.hub.ring(world.centre.now_us())
    html = read(world, f"/support/{number}")
    assert '<li class="waits late" aria-current="step">' in html
    world.do(w.RefuseSupport, SUPERVISOR, support=number, reason="both are out")
    html = read(world, f"/support/{number}")
    steps = re.findall(r'<li class="([^"]+)"(?: aria-current="step")?><i', html)
    assert steps == ["done", "done", "waits", "to", "to", "to", "to"]


def test_a_request_that_has_ended_is_still_drawn_and_offers_nothing(world):
    number = carried(world, asked(world), 5)
    world.do(w.ThankSupport, CREW, support=number, words="quick")
    html = read(world, f"/support/{number}")
    assert "ended with thanks" in html
    assert "It has ended." in html
    assert acts_in(html) == set()
    assert post(world, f"/support/{number}", do="thank").status_code == 404


def test_the_words_are_shown_to_who_may_read_them_and_that_is_recorded(world):
    number = asked(world)
    assert WORDS in read(world, f"/support/{number}", "dispatcher")
    kinds = [row.kind for row in world.centre.store.stream(f"incident:{number.split('S')[0]}")]
    assert "vault.SealedRead" in kinds


@pytest.mark.parametrize("number", ["nothing", "77S1", "S1", "118S99"])
def test_a_number_that_is_none_is_refused_in_three_sentences(world, number):
    html = read(world, f"/support/{number}", status=404)
    assert "Look it up in the list, or on the thread of its incident." in html


# -- acts ------------------------------------------------------------------------------------


def test_a_request_is_carried_to_thanks_by_the_forms_of_its_page(world):
    incident = working(world, "E03")
    form = {"incident": incident, "unit": "E03", "kind": "drone", "words": WORDS}
    assert post(world, "/support", **form, urgent="yes").status_code == 303
    [number] = listing.support(world.app.front).open
    assert listing.support(world.app.front).open[number].urgent
    for do, more, then in (
        ("approve", {}, "approved"), ("assign", {"to": "AIR SUPPORT"}, "assigned"),
        ("accept", {}, "accepted"), ("begin", {}, "begun"),
        ("report", {"result": "nothing found", "words": "the roof is closed"}, "reported"),
    ):  # fmt: skip
        answer = post(world, f"/support/{number}", "supervisor", do=do, **more)
        assert answer.status_code == 303, answer.text
        assert state(world, number) == then
    answer = post(world, f"/support/{number}", do="thank", words="")
    assert answer.headers["location"] == f"/support/{number}"
    assert number not in listing.support(world.app.front).open


def test_every_act_of_the_page_is_offered_exactly_when_the_life_of_a_request_allows_it(world):
    number = asked(world)
    front = world.app.front
    for steps in range(6):
        if steps:
            command, fields = STEPS[steps - 1]
            world.do(command, Actor(name="s2", role="supervisor"), support=number, **fields)
        known = listing.support(front).open[number]
        can = acts.possible(front, SUPERVISOR, known)
        assert can == {n for n, (_c, e) in acts.ACTS.items() if SUPPORT.allows(known.state, e)}
        html = read(world, f"/support/{number}", "supervisor")
        assert acts_in(html) == can


def test_a_complaint_from_the_page_becomes_a_matter_somebody_answers_for(world):
    number = carried(world, asked(world), 5)
    answer = post(world, f"/support/{number}", do="complain", why="too late", words="an hour")
    assert answer.status_code == 303
    matters = world.centre.hub.state["matters"].tracked.open
    assert [matter.sort for matter in matters.values()] == ["complaint"]
    assert matter_words.OwnerSort.ROLE in {matter.owner_sort for matter in matters.values()}


def test_who_signed_their_own_request_is_refused_in_place(world):
    number = asked(world, actor=SUPERVISOR)
    assert "somebody else signs" in read(world, f"/support/{number}", "supervisor")
    answer = post(world, f"/support/{number}", "supervisor", do="approve")
    assert answer.status_code == 409
    assert "You asked for it yourself" in answer.text
    assert state(world, number) == "asked"


def test_an_act_nobody_knows_and_an_incident_that_is_not_there_are_refused(world):
    number = asked(world)
    assert post(world, f"/support/{number}", do="dance").status_code == 400
    gone = post(world, "/support", incident="none", unit="E03", kind="drone")
    assert gone.status_code == 409
    assert "There is no incident none." in gone.text
    assert post(world, "/support", unit="E03", kind="drone").status_code == 400


@pytest.mark.parametrize("role", ["call_back", "oversight", "administrator", "call_taker"])
def test_whoever_is_not_given_the_page_sees_and_does_nothing(world, role):
    number = asked(world)

    async def scene(client: httpx.AsyncClient) -> list[int]:
        looked = [(await client.get(p)).status_code
                  for p in ("/support", "/support/new", f"/support/{number}")]  # fmt: skip
        form = {"do": "withdraw", "reason": "no need"}
        acted = await sent(client, "/account", f"/support/{number}", **form)
        return [*looked, acted.status_code]

    assert world.run(scene, role) == [403, 403, 403, 403]
    assert state(world, number) == "asked"


def test_a_form_without_its_token_does_nothing(world):
    number = asked(world)

    async def scene(client: httpx.AsyncClient) -> int:
        headers = {"origin": "http://127.0.0.1"}
        form = {"do": "withdraw", "reason": "no need"}
        return (await client.post(f"/support/{number}", data=form, headers=headers)).status_code

    assert world.run(scene) == 403
    assert state(world, number) == "asked"


# -- asking ----------------------------------------------------------------------------------


def test_the_form_knows_the_units_of_its_incident_and_who_signs_each_kind(world):
    incident = working(world, "E03", "T03")
    html = read(world, f"/support/new?incident={incident}")
    assert re.findall(r'<option value="(E03|T03|E36)">', html) == ["E03", "T03"]
    kinds = world.centre.town.supporting.kinds
    assert re.findall(r'name="kind" value="([^"]+)"', html) == [kind.code for kind in kinds]
    assert "signed by: Supervisor" in html
    assert "needs no signature" in html


def test_a_town_without_kinds_says_that_nothing_can_be_asked_for(world, monkeypatch):
    file = msgspec.structs.replace(world.centre.town.supporting, kinds=())
    monkeypatch.setattr(world.centre.town, "supporting", file)
    assert "Nothing can be asked for here." in read(world, "/support/new")
    assert "/support/new" not in read(world, "/support")


# -- beside an incident, and on the phone ----------------------------------------------------


def test_an_incident_shows_what_is_asked_for_there_and_the_way_to_ask(world):
    number = asked(world)
    incident = number.split("S")[0]
    html = read(world, f"/incidents/{incident}")
    assert f'href="/support/{number}"' in html
    assert f"/support/new?incident={incident}" in html
    other = read(world, f"/incidents/{world.incident()}")
    assert f'href="/support/{number}"' not in other


def test_the_block_of_an_incident_is_not_for_whoever_has_no_right_to_the_page(world):
    number = asked(world)
    front = world.app.front
    line = front.board.line(number.split("S")[0])
    for role, shown in (
        ("dispatcher", True),
        ("call_taker", False),
        ("reader", False),
        ("crew", False),
    ):
        assert (beside(front, line, front.phrases("en"), role) is not None) is shown, role


def test_a_crew_asks_and_says_thanks_on_its_phone(world):
    incident = working(world, "E03")

    async def scene(client: httpx.AsyncClient) -> str:
        await sent(client, "/crew", "/crew/unit", on="E03")
        form = {"incident": incident, "unit": "E03", "kind": "interpreter", "back": "crew"}
        answer = await sent(client, "/crew", "/support", **form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/crew")
        [number] = listing.support(world.app.front).open
        for command, fields in STEPS[1:]:
            more = fields | ({"to": "LANGUAGE LINE"} if "to" in fields else {})
            world.do(command, SUPERVISOR, support=number, **more)
        page = (await client.get("/crew")).text
        assert "result is there" in page
        answer = await sent(client, "/crew", f"/support/{number}", do="thank", back="crew")
        assert answer.headers["location"] == "/crew"
        return number

    assert world.run(scene, "crew") not in listing.support(world.app.front).open


def test_a_crew_whose_station_is_assigned_accepts_begins_and_reports_on_its_phone(
    world, monkeypatch
):
    station = world.centre.town.units["E36"].station
    helped_by(world, monkeypatch, station)
    number = asked(world)
    world.do(w.ApproveSupport, SUPERVISOR, support=number)
    world.do(w.AssignSupport, SUPERVISOR, support=number, to=station)
    front = world.app.front
    for unit, expected in (("E36", {"accept", "refuse"}), ("E03", {"withdraw"})):
        shown = of_crew(front, front.phrases("en"), "crew", unit)
        assert shown is not None
        assert [one["can"] for one in shown["listed"]] == [expected]

    async def scene(client: httpx.AsyncClient) -> None:
        await sent(client, "/crew", "/crew/unit", on="E36")
        for do, more in (("accept", {}), ("begin", {}), ("report", {"result": "done"})):
            form = {"do": do, "back": "crew", **more}
            answer = await sent(client, "/crew", f"/support/{number}", **form)
            assert answer.status_code == 303, answer.text

    world.run(scene, "crew")
    assert state(world, number) == "reported"


def test_a_phone_without_a_job_and_without_requests_says_nothing_of_support(world):
    front = world.app.front
    assert of_crew(front, front.phrases("en"), "crew", "E36") is None
    assert of_crew(front, front.phrases("en"), "dispatcher", "") is None


def test_what_a_phone_shows_changes_its_mark_and_time_alone_does_not(world):
    number = asked(world)
    front = world.app.front
    before = marks_of_crew(front, "crew", "E03")
    world.centre.hub.clock.jump(NOON_US + MINUTE_US)
    assert marks_of_crew(front, "crew", "E03") == before
    world.do(w.ApproveSupport, SUPERVISOR, support=number)
    assert marks_of_crew(front, "crew", "E03") != before


# -- words -----------------------------------------------------------------------------------


def test_every_state_result_and_complaint_has_its_words_in_both_languages(world):
    assert set(told.STATES) >= set(SUPPORT.states)
    assert set(told.RESULTS) == set(w.CameTo)
    assert set(told.WHYS) == set(w.Complaint)
    chinese = world.app.front.phrases("zh-CN").lang
    for words in (*told.STATES.values(), *told.FOR.values(), *told.RESULTS.values()):
        assert re.search(r"[\u4e00-\u9fff]", chinese(words)), words


def test_the_thread_says_each_step_in_both_languages(world):
    number = carried(world, asked(world), 5)
    english = read(world, f"/incidents/{number.split('S')[0]}")
    for sentence in ("E03 asked for support", "was approved", "Air support accepted support",
                     "Air support began with support", "reported on support"):  # fmt: skip
        assert sentence in english

    async def scene(client: httpx.AsyncClient) -> str:
        headers = {"accept-language": "zh-CN"}
        return (await client.get(f"/incidents/{number.split('S')[0]}", headers=headers)).text

    chinese = world.run(scene)
    assert "空中支援队" in chinese
    assert "支撑请求" in chinese


def test_a_caller_with_a_receipt_is_told_nothing_of_support(world):
    number = asked(world)
    incident = number.split("S")[0]
    code = code_of(world.centre.receipt_secret, "incident", incident)

    async def scene(client: httpx.AsyncClient) -> str:
        headers = {"origin": "http://127.0.0.1"}
        data = {"number": incident, "code": code}
        return (await client.post("/receipt", data=data, headers=headers)).text

    html = asyncio.run(_unsigned(world, scene))
    assert incident in html
    assert "support" not in html.lower()
    assert "drone" not in html.lower()


async def _unsigned(world: World, scene: Any) -> Any:
    async with world.client("") as client:
        return await scene(client)


def test_the_head_of_a_closed_incident_says_how_its_support_stands(world):
    number = carried(world, asked(world), 2)
    incident = number.split("S")[0]
    world.do(d.CancelUnit, incident=incident, unit="E03", reason="over")
    world.do(d.CloseIncident, incident=incident, outcome="served")
    front = world.app.front
    line = front.board.line(incident)
    assert "support assigned: Drone" in after(front, line, front.phrases("en"))
    world.do(w.WithdrawSupport, SUPERVISOR, support=number, reason="over")
    assert "support withdrawn: Drone" in after(front, line, front.phrases("en"))
