"""The link portal: one referral, the fields of its rule, an answer, and nothing left behind."""

from __future__ import annotations

import re

import pytest

from answerable.console.portal.page import digest_of, fresh
from answerable.kernel.authority import Actor
from answerable.matters import referral_words as w
from tests.console.doors import SAME, Place

DESK = Actor(name="ada", role="dispatcher")
WIRE = {
    "incident": "99", "agency": "UTILITY", "kind": "Electrical Hazard", "priority": "3",
    "address": "10 OAK ST", "lon": -122.42, "lat": 37.77, "areas": ("Mission", "B02"),
    "opened_us": 1_585_854_000_000_000, "outcome": "Fire", "words": "the wire lies by the gate",
}  # fmt: skip


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    made.door.workers.close()
    made.centre.close()


def linked(place, **fields) -> tuple[str, str]:
    """Refer a loose wire and make its link; returns the referral's number and the address."""
    number = place.do(w.ReferIncident, DESK, **(WIRE | fields)).referral
    link = fresh()
    place.do(w.LinkReferral, DESK, referral=number, digest=link.digest)
    return number, f"/portal/{link.token}"


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def state(place, number: str) -> str:
    return str(place.centre.hub.state["referrals"].line(number).state)


async def answer(client, path: str, **form: str):
    return await client.post(path, data=form, headers=SAME)


def test_the_agency_sees_the_fields_of_its_rule_and_nothing_more(place):
    number, path = linked(place)

    async def scene(client):
        page = await client.get(path)
        assert page.status_code == 200
        told = text(page.text)
        for shown in ("Electrical Hazard", "10 Oak St", "37.77000, -122.42000", number,
                      "the wire lies by the gate", "Gas and electricity"):  # fmt: skip
            assert shown in told, shown
        for hidden in ("Mission", "B02", "Priority", "ada"):
            assert hidden not in told, hidden
        assert page.headers["cache-control"] == "no-store"
        assert "set-cookie" not in page.headers

    place.run(scene)


def test_words_that_the_rule_does_not_name_are_not_on_the_page(place):
    number, path = linked(place, agency="STREET-TEAM", kind="Medical Incident",
                          outcome="Gone on Arrival", words="")  # fmt: skip

    async def scene(client):
        told = text((await client.get(path)).text)
        assert "Mission" in told
        for hidden in ("What is asked of you", "Outcome", "Position", "Gone on Arrival"):
            assert hidden not in told

    place.run(scene)
    assert state(place, number) == "on its way"


def test_looking_records_nothing_and_the_receipt_is_a_button(place):
    number, path = linked(place)

    async def scene(client):
        before = place.centre.hub.position
        await client.get(path)
        await client.head(path)
        assert place.centre.hub.position == before
        done = await answer(client, path, do="receive", receipt="PGE-77")
        assert done.status_code == 200
        assert "Received by you" in text(done.text)

    place.run(scene)
    line = place.centre.hub.state["referrals"].line(number)
    assert (line.state, line.receipt) == ("received", "PGE-77")
    (row,) = [r for r in place.centre.hub.store.rows(0) if r.kind == w.ReferralReceived.tag]
    assert row.actor == "portal/UTILITY"


def test_it_is_accepted_and_given_back_and_then_the_link_is_dead(place):
    number, path = linked(place)

    async def scene(client):
        accepted = await answer(client, path, do="accept", expected="2020-04-03", words="tonight")
        assert "Accepted by you" in text(accepted.text)
        back = await answer(client, path, do="return", result="done", words="it is off")
        assert "has done its work" in text(back.text)
        assert "10 Oak St" not in text(back.text)
        assert (await client.get(path)).status_code == 404
        late = await answer(client, path, do="accept")
        assert late.status_code == 404

    place.run(scene)
    line = place.centre.hub.state["referrals"].line(number)
    assert (line.state, line.said) == ("returned", "done")
    store = place.centre.hub.store
    assert store.unseal(line.words_at, "words") == "it is off"
    assert all(b"it is off" not in row.body and b"tonight" not in row.body for row in store.rows(0))


def test_a_button_pressed_twice_is_one_answer_and_both_pages_say_so(place):
    number, path = linked(place)

    async def scene(client):
        for form, then in (
            ({"do": "accept"}, "accepted"), ({"do": "return", "result": "done"}, "returned"),
        ):  # fmt: skip
            pages = [await answer(client, path, **form) for _ in range(2)]
            assert [page.status_code for page in pages] == [200, 200]
            assert all("Recorded. Thank you." in text(page.text) for page in pages)
            assert state(place, number) == then
        other = await answer(client, path, do="return", result="not possible")
        assert other.status_code == 404

    place.run(scene)
    kinds = [row.kind for row in place.centre.hub.store.rows(0)]
    assert kinds.count("matters.ReferralAccepted") == kinds.count("matters.ReferralReturned") == 1


def test_it_is_declined_with_a_reason(place):
    number, path = linked(place)

    async def scene(client):
        done = await answer(client, path, do="decline", why="not ours")
        assert done.status_code == 200

    place.run(scene)
    assert state(place, number) == "declined"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"do": "nothing"}, 400), ({}, 400), ({"do": "decline", "why": "because"}, 400),
        ({"do": "return"}, 400), ({"do": "accept", "expected": "soon"}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_on_the_page(place, form, status):
    number, path = linked(place)

    async def scene(client):
        told = await answer(client, path, **form)
        assert told.status_code == status
        assert 'role="alert"' in told.text

    place.run(scene)
    assert state(place, number) == "on its way"


def test_a_withdrawn_one_an_old_link_and_a_guess_are_the_same_to_whoever_asks(place):
    number, old = linked(place)
    link = fresh()
    place.do(w.LinkReferral, DESK, referral=number, digest=link.digest)

    async def scene(client):
        guessed = await client.get(f"/portal/{fresh().token}")
        replaced = await client.get(old)
        assert (await client.get(f"/portal/{link.token}")).status_code == 200
        place.do(w.WithdrawReferral, DESK, referral=number, reason="done ourselves")
        withdrawn = await client.get(f"/portal/{link.token}")
        pages = {text(one.text) for one in (guessed, replaced, withdrawn)}
        assert {one.status_code for one in (guessed, replaced, withdrawn)} == {404}
        assert len(pages) == 1

    place.run(scene)


def test_no_token_is_in_the_record(place):
    _number, path = linked(place)
    token = path.rpartition("/")[2]
    body = b"".join(row.body for row in place.centre.hub.store.rows(0))
    assert token.encode() not in body
    assert digest_of(token).encode() in body
    rows = place.centre.hub.store.rows(0)
    inside = next(row for row in rows if row.kind == w.ReferralLinked.tag)
    assert digest_of(token).encode() not in inside.body[: inside.cut]


def test_another_site_s_form_is_not_taken(place):
    number, path = linked(place)

    async def scene(client):
        forged = await client.post(
            path, data={"do": "decline", "why": "not ours"},
            headers={"origin": "https://elsewhere.example"},
        )  # fmt: skip
        assert forged.status_code == 403

    place.run(scene)
    assert state(place, number) == "on its way"


def test_links_are_not_tried_out(place):
    async def scene(client):
        codes = [(await client.get(f"/portal/{n:043d}")).status_code for n in range(80)]
        assert set(codes) == {404, 429}

    place.run(scene)


def test_the_page_speaks_both_languages(place):
    _number, path = linked(place)

    async def scene(client):
        told = await client.get(path, headers={"accept-language": "zh-CN"})
        assert 'lang="zh-CN"' in told.text

    place.run(scene)


def test_the_gate_lets_out_what_the_rule_names_while_the_agency_has_it_and_nothing_else(place):
    number, _path = linked(place)
    gate, line = place.front.gate, place.centre.hub.state["referrals"].line(number)
    assert gate.for_agency(number, "words") == WIRE["words"]
    assert gate.for_agency(number, "number") == gate.for_agency("none", "words") == ""
    named, line.sees = line.sees, ("kind", "place")
    assert gate.for_agency(number, "words") == ""
    line.sees = named
    place.do(w.ReturnReferral, DESK, referral=number, result="done")
    assert gate.for_agency(number, "words") == ""
