"""The page of referrals: what asks for somebody stands first, and why it went where it went."""

from __future__ import annotations

import re
from html import unescape

import pytest

from answerable.dispatch import words as d
from answerable.kernel.authority import SYSTEM, Actor
from answerable.matters import matter_words as m
from answerable.matters import problem_words as p
from answerable.matters import referral_words as w
from tests.console.doors import SAME
from tests.console.test_pages import token_in

DESK = Actor(name="dispatcher", role="dispatcher")
PORTAL = Actor(name="portal/UTILITY", role="portal")
HX = SAME | {"hx-request": "true"}


def text(html: str) -> str:
    main = html.partition("<main")[2].partition("</main>")[0]
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", main).split()))


def wire(world, **fields) -> str:
    """Open an incident about a loose wire; returns its number."""
    return str(world.incident(kind="Electrical Hazard", **fields))


async def act(client, **form: str):
    token = token_in((await client.get("/board")).text)
    return await client.post("/referrals", data={"token": token, **form}, headers=HX)


async def refer(client, incident: str, **form: str) -> str:
    """Refer an incident on the page; returns the referral's number."""
    form = {"do": "refer", "incident": incident, "agency": "UTILITY"} | form
    answer = await act(client, **form)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["hx-redirect"].rpartition("/")[2])


def test_without_any_the_page_says_what_to_do(world):
    async def scene(client):
        told = text((await client.get("/referrals")).text)
        assert "No referral is listed here." in told
        assert "press f on an incident's page" in told
        assert "The agencies are examples" in told

    world.run(scene)


def test_an_incident_is_referred_by_one_key_and_enter(world):
    incident = wire(world)

    async def scene(client):
        page = (await client.get(f"/incidents/{incident}")).text
        link = re.search(r'href="(/referrals/new[^"]+)" data-letter="f">([^<]+)<', page)
        assert link[2] == "Refer to Gas and electricity"
        form = (await client.get(unescape(link[1]))).text
        told = text(form)
        assert "gas-and-wires" in told
        assert "It sees: What it is, Place, Position, Since, Outcome, What is asked of you." in told
        assert form.count('data-letter="Enter"') == 1
        number = await refer(client, incident, words="lies by the gate")
        told = text((await client.get(f"/referrals/{number}")).text)
        assert "The rule that fired gas-and-wires" in told
        assert "lies by the gate" not in told
        assert (
            f">{number}</span></a> Gas and electricity"
            in (await client.get(f"/incidents/{incident}")).text
        )

    world.run(scene)


def test_the_page_says_which_rules_were_passed_over_and_why(world):
    incident = world.incident(kind="Outside Fire")

    async def scene(client):
        told = text((await client.get(f"/referrals/new?incident={incident}")).text)
        assert "Rules passed over 4" in told
        assert "stuck-lift another kind" in told
        number = await refer(client, incident, agency="PUBLIC-WORKS")
        told = text((await client.get(f"/referrals/{number}")).text)
        assert "Passed over before it 4" in told
        assert "spill another kind" in told

    world.run(scene)


def test_facts_come_from_the_board_and_not_from_the_form(world):
    incident = wire(world)

    async def scene(client):
        number = await refer(client, incident, kind="Alarms", address="1 FORGED ST", lat="9")
        line = world.centre.hub.state["referrals"].line(number)
        assert (line.kind, line.address) == ("Electrical Hazard", "GOLDEN GATE AV/LARKIN ST")

    world.run(scene)


def test_another_agency_needs_a_reason_and_a_station_is_named(world):
    incident = wire(world)

    async def scene(client):
        other = await act(client, do="refer", incident=incident, agency="STATION")
        assert other.status_code == 409
        assert "no station" in text(f"<main>{other.text}</main>")
        other = await act(client, do="refer", incident=incident, agency="STATION", station="03")
        assert "The rules send it to UTILITY." in other.text
        number = await refer(client, incident, agency="STATION", station="03", because="theirs")
        told = text((await client.get(f"/referrals/{number}")).text)
        assert "None: somebody chose the agency. theirs" in told

    world.run(scene)


def test_what_asks_for_somebody_stands_first_and_the_counts_are_those_of_the_lists(world):
    numbers = [wire(world) for _ in range(4)]

    async def scene(client):
        overdue, back, failed, waiting = [await refer(client, n) for n in numbers]
        world.do(w.MarkReferralOverdue, SYSTEM, referral=overdue)
        world.do(w.ReturnReferral, PORTAL, referral=back, result="not possible")
        world.do(w.FailReferral, PORTAL, referral=failed, way="mail", why="nothing answers there")
        page = (await client.get("/referrals")).text
        order = re.findall(r'class="num dim id">([^<]+)<', page)
        assert order == [overdue, back, failed, waiting]
        told = text(page)
        assert "no answer in time" in told
        assert "returned: Not possible" in told
        assert "nothing answers there" in told
        counts = dict(re.findall(r'>([a-z ]+) <span class="num">(\d+)</span></a>', page))
        assert counts["all open"] == "4"
        for show, words in (("overdue", "overdue"), ("back", "come back"), ("failed", "not sent"),
                            ("open", "with an agency")):  # fmt: skip
            one = (await client.get(f"/referrals?show={show}")).text
            assert counts[words] == "1" == str(one.count('class="num dim id"'))

    world.run(scene)


def test_what_came_back_is_settled_and_then_it_is_among_the_ended(world):
    incident = wire(world)

    async def scene(client):
        number = await refer(client, incident)
        done = await act(client, do="accept", referral=number, words="Ms Quux comes at nine")
        assert done.status_code == 201
        assert (await act(client, do="return", referral=number, result="done")).status_code == 201
        told = text((await client.get(f"/referrals/{number}")).text)
        assert "Looked at: what follows from it" in told
        assert "Quux" not in told
        done = await act(client, do="settle", referral=number, remark="it is off")
        assert done.status_code == 201
        assert number in text((await client.get("/referrals?show=ended")).text)
        assert number not in text((await client.get("/referrals")).text)

    world.run(scene)


def test_a_link_is_shown_once(world):
    incident = wire(world)

    async def scene(client):
        number = await refer(client, incident)
        answer = await act(client, do="link", referral=number)
        url = re.search(r'value="([^"]+/portal/[^"]+)" data-link', answer.text)[1]
        assert answer.headers["cache-control"] == "no-store"
        shown = await client.get(url)
        assert number in shown.text
        assert "/portal/" not in (await client.get(f"/referrals/{number}")).text

    world.run(scene)


def test_closed_incidents_that_a_rule_sends_somewhere_are_proposed_until_they_are_referred(world):
    incident = wire(world)
    other = world.incident(kind="Medical Incident")
    for one in (incident, other):
        world.do(d.CloseIncident, incident=one, outcome="Fire")

    async def scene(client):
        told = text((await client.get("/referrals?show=proposed")).text)
        assert incident in told
        assert other not in told
        await refer(client, incident)
        assert incident not in text((await client.get("/referrals?show=proposed")).text)

    world.run(scene)


def test_a_declined_one_is_referred_elsewhere_and_settled_by_that(world):
    incident = wire(world)

    async def scene(client):
        number = await refer(client, incident)
        await act(client, do="decline", referral=number, why="not ours")
        page = (await client.get(f"/referrals/{number}")).text
        link = unescape(re.search(r'href="(/referrals/new[^"]+instead_of[^"]+)"', page)[1])
        assert f'name="instead_of" value="{number}"' in (await client.get(link)).text
        new = await refer(client, incident, agency="PUBLIC-WORKS", because="x y", instead_of=number)
        state = world.centre.hub.state["referrals"]
        assert (state.line(number).state, state.line(new).state) == ("settled", "on its way")

    world.run(scene)


@pytest.mark.parametrize("role", ["call_taker", "crew"])
def test_whoever_refers_nothing_is_not_shown_the_page(world, role):
    incident = wire(world)

    async def scene(client):
        assert (await client.get("/referrals")).status_code == 403
        assert "/referrals/new" not in (await client.get(f"/incidents/{incident}")).text

    world.run(scene, role)


@pytest.mark.parametrize("path", ["/referrals/none", "/referrals/new?incident=none"])
def test_what_there_is_not_is_said(world, path):
    async def scene(client):
        assert (await client.get(path)).status_code == 404

    world.run(scene)


def test_an_act_the_page_has_not_and_a_form_without_its_token_are_refused(world):
    incident = wire(world)

    async def scene(client):
        number = await refer(client, incident)
        assert (await act(client, do="nothing", referral=number)).status_code == 400
        forged = await client.post(
            "/referrals", data={"do": "withdraw", "referral": number, "reason": "so"}, headers=HX
        )
        assert forged.status_code == 403

    world.run(scene)


# -- a tracked matter, and a problem ---------------------------------------------------------

SUBJECT = "ask Mrs Gray of flat 4 about the wire"
HERE = "GOLDEN GATE AV/LARKIN ST"


def matter(world, **fields) -> str:
    told = {"kind": "hazard", "words": SUBJECT, "owner_sort": "role", "owner": "supervisor"}
    return str(world.do(m.OpenMatter, **(told | fields)).matter)


def problem(world, **fields) -> str:
    told = {"place": HERE, "cause": "premises", "because": "every night", "area": "Tenderloin"}
    return str(world.do(p.OpenProblem, **(told | fields)).problem)


async def button(client, path: str) -> tuple[str, str]:
    """Return where the page of something leads to refer it, and what that is called."""
    page = (await client.get(path)).text
    found = re.search(r'href="(/referrals/new[^"]+)" data-letter="f">([^<]+)<', page)
    return (unescape(found[1]), found[2]) if found else ("", "")


def test_a_matter_is_referred_from_its_page_and_stands_beside_it(world):
    incident = wire(world)
    number = matter(world, origin="incident", about=incident)

    async def scene(client):
        link, label = await button(client, f"/matters/{number}")
        assert (link, label) == (f"/referrals/new?matter={number}", "Refer to another agency")
        form = (await client.get(link)).text
        assert f"Refer a tracked matter {number}" in text(form)
        assert "Have a hazard made safe" in text(form)
        assert f'name="matter" value="{number}"' in form
        done = await act(client, do="refer", matter=number, agency="PUBLIC-WORKS")
        assert done.headers["hx-redirect"] == f"/referrals/{number}F1"
        sheet = await client.get(f"/referrals/{number}F1")
        assert f'href="/matters/{number}"' in sheet.text
        assert "Have a hazard made safe" in text(sheet.text)
        page = (await client.get(f"/matters/{number}")).text
        assert f'href="/referrals/{number}F1"' in page
        assert "on its way" in text(page)

    world.run(scene)


def test_the_agency_is_told_where_it_was_and_never_what_the_matter_says(world):
    incident = wire(world)
    number = matter(world, origin="incident", about=incident)

    async def scene(client):
        await act(client, do="refer", matter=number, agency="PUBLIC-WORKS", kind="FORGED")
        answer = await act(client, do="link", referral=f"{number}F1")
        portal = re.search(r'value="([^"]+/portal/[^"]+)" data-link', answer.text)[1]
        told = text((await client.get(portal)).text)
        assert "Golden Gate Av & Larkin St" in told
        assert "Have a hazard made safe" in told
        assert "Gray" not in told

    world.run(scene)
    line = world.centre.hub.state["referrals"].line(f"{number}F1")
    assert (line.kind, line.address, line.priority) == ("hazard", HERE, "")


def test_a_problem_is_referred_by_the_rule_of_its_one_kind_and_to_anybody_by_its_cause(world):
    number = problem(world, kinds=("Fuel Spill",), lon=-122.4177, lat=37.7816)
    other = str(world.do(p.OpenProblem, place="MISSION ST/8TH ST", cause="premises",
                         because="often").problem)  # fmt: skip

    async def scene(client):
        link, label = await button(client, f"/problems/{number}")
        assert (link, label) == (f"/referrals/new?problem={number}", "Refer to Public Works")
        assert "spill" in text((await client.get(link)).text)
        done = await act(client, do="refer", problem=number, agency="PUBLIC-WORKS",
                         words="clean it at night")  # fmt: skip
        assert done.status_code == 201, done.text
        page = (await client.get(f"/problems/{number}")).text
        assert f'href="/referrals/{number}F1"' in page
        form = text((await client.get(f"/referrals/new?problem={other}")).text)
        assert "Refer a problem" in form
        assert "premises" in form
        assert "No rule fits it." in form
        done = await act(client, do="refer", problem=other, agency="BUILDING")
        assert done.status_code == 201, done.text
        assert "premises" in text((await client.get(f"/referrals/{other}F2")).text)

    world.run(scene)
    line = world.centre.hub.state["referrals"].line(f"{number}F1")
    there = ("Golden Gate Av / Larkin St", 37.7816, "spill")
    assert (line.address, line.lat, line.rule) == there


def test_what_an_agency_answers_about_a_problem_opens_on_its_page_by_a_reading(world):
    number = problem(world)

    async def scene(client):
        await act(client, do="refer", problem=number, agency="BUILDING")
        await act(client, do="return", referral=f"{number}F1", result="done", words="Quux did it")
        page = (await client.get(f"/problems/{number}")).text
        assert "Quux" not in page
        assert "Read the notes; that is recorded" in page
        token = re.search(r'name="token" value="([^"]+)"', page)[1]
        form = {"token": token, "do": "read", "problem": number}
        assert (await client.post("/problems", data=form, headers=HX)).status_code == 201
        assert "Quux did it" in text((await client.get(f"/problems/{number}")).text)

    world.run(scene)


def test_a_declined_matter_and_problem_are_referred_elsewhere_by_their_own_forms(world):
    number, other = matter(world), problem(world)

    async def scene(client):
        for sort, name, sent in (("matter", number, f"{number}F1"),
                                 ("problem", other, f"{other}F2")):  # fmt: skip
            await act(client, do="refer", agency="UTILITY", **{sort: name})
            await act(client, do="decline", referral=sent, why="not ours")
            page = (await client.get(f"/referrals/{sent}")).text
            again = f"/referrals/new?{sort}={name}&instead_of={sent}"
            assert again in unescape(page)
            assert f'name="instead_of" value="{sent}"' in (await client.get(again)).text

    world.run(scene)


def test_what_has_ended_and_whoever_refers_nothing_get_no_button(world):
    number = problem(world)
    own = matter(world)

    async def desk(client):
        assert (await button(client, f"/problems/{number}"))[0]
        world.do(p.DeclineProblem, Actor(name="s", role="supervisor"), problem=number, reason="no")
        assert not (await button(client, f"/problems/{number}"))[0]

    async def taker(client):
        page = await client.get(f"/matters/{own}")
        assert page.status_code == 200
        assert "/referrals" not in page.text

    world.run(desk)
    world.run(taker, "call_taker")


@pytest.mark.parametrize("query", ["matter=M9", "problem=P9"])
def test_a_matter_or_problem_that_there_is_not_is_not_referred(world, query):
    async def scene(client):
        assert (await client.get(f"/referrals/new?{query}")).status_code == 404
        sort, name = query.split("=")
        assert (await act(client, do="refer", agency="BUILDING", **{sort: name})).status_code == 404

    world.run(scene)
