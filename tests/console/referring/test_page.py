"""The page of referrals: what asks for somebody stands first, and why it went where it went."""

from __future__ import annotations

import re
from html import unescape

import pytest

from answerable.dispatch import words as d
from answerable.kernel.authority import SYSTEM, Actor
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
