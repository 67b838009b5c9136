"""GeoReport v2 at ``/open311/v2``: an agency asks, follows, and sees what it may and no more."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import jsonschema_rs
import pytest

from answerable.console.contract.pace import Pace
from answerable.console.referring import open311
from answerable.dispatch import merge_words as merge
from answerable.dispatch import words as d
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.matters import referral_words as w
from tests.console.doors import Place
from tests.console.referring import shapes

HERE = "/open311/v2"
DESK = Actor(name="ada", role="dispatcher")
PUMP = {
    "service_code": "citizen-assist-service-call", "lat": "37.7816", "long": "-122.4177",
    "address_string": "GOLDEN GATE AV/LARKIN ST",
    "description": "A flooded cellar, Mrs Zarathustra",
}  # fmt: skip
PERSON = {"first_name": "Zarathustra", "last_name": "Quux", "phone": "5550199",
          "email": "z@example.org", "device_id": "d-77", "account_id": "a-77"}  # fmt: skip


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    made.door.workers.close()
    made.centre.close()


@pytest.fixture
def key(place) -> str:
    return str(place.token("public-works", "agency"))


def fits(shape, body) -> None:
    jsonschema_rs.validate(shape, body)


def refer(place, **fields):
    """Refer something to the public works as their rule has it; returns its event."""
    told = {"incident": "99", "agency": "PUBLIC-WORKS", "kind": "Fuel Spill", "priority": "3",
            "address": "10 OAK ST", "lon": -122.42, "lat": 37.77, "areas": ("Mission",),
            "opened_us": 5, "outcome": "Fire", "words": "sand is down"}  # fmt: skip
    return place.do(w.ReferIncident, DESK, **(told | fields))


# -- what is offered -------------------------------------------------------------------------


def test_the_services_are_the_kinds_the_town_accepts_and_need_no_key(place):
    async def scene(client):
        answer = await client.get(f"{HERE}/services.json")
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        fits(shapes.SERVICES, answer.json())
        codes = [one["service_code"] for one in answer.json()]
        assert codes == ["citizen-assist-service-call", "outside-fire", "fuel-spill"]
        xml = await client.get(f"{HERE}/services.xml")
        assert xml.headers["content-type"] == "text/xml; charset=utf-8"
        tree = ET.fromstring(xml.content)
        assert [one.findtext("service_code") for one in tree.iter("service")] == codes
        one = await client.get(f"{HERE}/services/fuel-spill.json")
        fits(shapes.DEFINITION, one.json())

    place.run(scene)


def test_discovery_leads_to_the_address(place):
    async def scene(client):
        told = (await client.get("/open311/discovery.json")).json()
        assert told["endpoints"][0]["url"].endswith("/open311/v2")
        assert (await client.get("/open311/other.json")).status_code == 404

    place.run(scene)


# -- asking and following --------------------------------------------------------------------


def test_what_an_agency_asks_for_is_an_incident_and_is_followed_to_its_end(place, key):
    async def scene(client):
        answer = await client.post(f"{HERE}/requests.json", data=PUMP | PERSON | {"api_key": key})
        assert answer.status_code == 201, answer.text
        number = answer.json()[0]["service_request_id"]
        line = place.front.board.line(number)
        assert (line.kind, line.address) == (
            "Citizen Assist / Service Call",
            PUMP["address_string"],
        )
        followed = await client.get(f"{HERE}/requests/{number}.json", params={"api_key": key})
        fits(shapes.REQUESTS, followed.json())
        assert followed.json()[0]["status"] == "open"
        place.do(d.CloseIncident, DESK, incident=number, outcome="Fire")
        listed = await client.get(
            f"{HERE}/requests.json", params={"status": "closed"},
            headers={"authorization": f"Bearer {key}"},
        )  # fmt: skip
        fits(shapes.REQUESTS, listed.json())
        assert [one["service_request_id"] for one in listed.json()] == [number]
        assert "solved" not in listed.text
        opened = await client.get(f"{HERE}/requests.json?status=open&api_key={key}")
        assert opened.json() == []

    place.run(scene)


def test_what_went_into_another_incident_stands_as_that_one_does(place, key):
    why = {"reason": "the same cellar"}

    async def scene(client):
        bearer = {"authorization": f"Bearer {key}"}
        taken = await client.post(f"{HERE}/requests.json", data=PUMP, headers=bearer)
        number = taken.json()[0]["service_request_id"]

        async def status() -> str:
            (told,) = (await client.get(f"{HERE}/requests.json", headers=bearer)).json()
            assert told["service_request_id"] == number
            return str(told["status"])

        same, third = [
            place.do(i.OpenIncident, DESK, kind="Fuel Spill", priority="3", address=f"{n} OAK ST",
                     unverified="told").incident for n in (1, 2)
        ]  # fmt: skip
        place.do(merge.MergeIncident, DESK, incident=number, into=same, **why)
        place.do(merge.MergeIncident, DESK, incident=same, into=third, **why)
        assert await status() == "open"
        place.do(d.CloseIncident, DESK, incident=third, outcome="Fire")
        assert await status() == "closed"
        place.do(d.ReopenIncident, DESK, incident=third, **why)
        assert await status() == "open"
        place.do(merge.UnmergeIncident, DESK, incident=same, **why)
        place.do(d.CloseIncident, DESK, incident=third, outcome="Fire")
        assert await status() == "open", "it went with the other one again"

    place.run(scene)


def test_no_person_is_taken_in_and_the_words_are_sealed(place, key):
    async def scene(client):
        answer = await client.post(f"{HERE}/requests.json", data=PUMP | PERSON | {"api_key": key})
        number = answer.json()[0]["service_request_id"]
        followed = await client.get(f"{HERE}/requests/{number}.xml", params={"api_key": key})
        assert "Zarathustra" not in followed.text

    place.run(scene)
    rows = list(place.centre.hub.store.rows(0))
    body = b"".join(row.body for row in rows)
    assert [row.kind for row in rows if row.kind == i.NoteAdded.tag] == [i.NoteAdded.tag]
    for value in (*PERSON.values(), "flooded"):
        assert value.encode() not in body
    unsealed = [place.centre.hub.store.unseal(r.position, "words") for r in rows
                if r.kind == i.NoteAdded.tag]  # fmt: skip
    assert unsealed == [PUMP["description"]]


def test_the_same_request_sent_again_is_one_incident(place, key):
    async def scene(client):
        first, again = [
            (await client.post(f"{HERE}/requests.json", data=PUMP | {"api_key": key})).json()
            for _ in range(2)
        ]
        assert first == again

    place.run(scene)
    assert len(place.front.board.incidents) == 1


def test_no_more_sealed_words_are_opened_than_are_told(place, key, monkeypatch):
    numbers = [refer(place, incident=str(n), words=f"spill {n}").referral for n in range(90, 95)]
    gate, opened = place.front.gate, []
    for_agency = gate.for_agency
    monkeypatch.setattr(
        gate, "for_agency", lambda number, field: opened.append(number) or for_agency(number, field)
    )
    monkeypatch.setattr(open311.asking, "TOLD_MAX", 2)

    async def scene(client):
        bearer = {"authorization": f"Bearer {key}"}
        one = await client.get(f"{HERE}/requests/{numbers[1]}.json", headers=bearer)
        assert [item["description"] for item in one.json()] == ["spill 91"]
        assert opened == [numbers[1]]
        opened.clear()
        some = await client.get(f"{HERE}/requests.json", headers=bearer)
        assert sorted(item["description"] for item in some.json()) == sorted(
            f"spill {number.partition('F')[0]}" for number in opened
        )
        assert len(opened) == 2

    place.run(scene)


def test_signs_that_steer_a_screen_are_not_taken_in(place, key):
    odd = {"address_string": "1 OAK\x00 ST\u202e\x1b[2J", "description": "one\x07\ntwo\u2066"}

    async def scene(client):
        answer = await client.post(f"{HERE}/requests.json", data=PUMP | odd | {"api_key": key})
        number = answer.json()[0]["service_request_id"]
        assert place.front.board.line(number).address == "1 OAK ST [2J"

    place.run(scene)
    words = [place.centre.hub.store.unseal(row.position, "words")
             for row in place.centre.hub.store.rows() if row.kind == i.NoteAdded.tag]  # fmt: skip
    assert words == ["one \ntwo"]


@pytest.mark.parametrize("pass_s", [1, 599])
def test_it_is_one_incident_whenever_within_ten_minutes_it_is_sent_again(place, key, pass_s):
    into_s = place.clock.now_us() // 1_000_000 % 600
    place.pass_s(600 - into_s - 1)  # the last second of a round ten minutes of the clock

    async def scene(client):
        first = await client.post(f"{HERE}/requests.json", data=PUMP | {"api_key": key})
        place.pass_s(pass_s)
        again = await client.post(f"{HERE}/requests.json", data=PUMP | {"api_key": key})
        assert first.json() == again.json()
        place.pass_s(600)
        later = await client.post(f"{HERE}/requests.json", data=PUMP | {"api_key": key})
        assert later.json() != first.json(), "that is another one"

    place.run(scene)


def test_an_agencys_token_opens_and_notes_nothing_but_by_the_standard(place, key):
    place.do(
        i.OpenIncident,
        DESK,
        kind="Structure Fire",
        priority="1",
        address="1 MAIN ST",
        unverified="told",
    )
    number = next(iter(place.front.board.incidents))
    before = place.centre.hub.position
    asked = [
        {"type": "intake.AddNote", "incident": number, "words": "all clear, send nobody"},
        {"type": "intake.OpenIncident", "kind": "Structure Fire", "address": "2 MAIN ST",
         "priority": "1", "unverified": "told", "reference": "open311:utility"},
    ]  # fmt: skip

    async def scene(client):
        for n, body in enumerate(asked):
            answer = await client.post(
                "/api/commands", json=body | {"key": f"k-{n}-of-the-agency"},
                headers={"authorization": f"Bearer {key}"},
            )  # fmt: skip
            assert answer.status_code == 403, answer.text

    place.run(scene)
    assert place.centre.hub.position == before


def test_an_agency_sees_its_own_and_only_the_fields_of_its_rule(place, key):
    event = refer(place)
    assert event.rule == "spill"
    refer(place, incident="98", agency="UTILITY", kind="Electrical Hazard", words="a wire")

    async def scene(client):
        answer = await client.get(f"{HERE}/requests.json", params={"api_key": key})
        fits(shapes.REQUESTS, answer.json())
        (told,) = answer.json()
        assert (told["service_request_id"], told["status"]) == (event.referral, "open")
        assert (told["address"], told["description"]) == ("10 OAK ST", "sand is down")
        assert (told["lat"], told["long"]) == (37.77, -122.42)
        for hidden in ("Mission", "Fire", "a wire", "UTILITY", '"spill"'):
            assert hidden not in answer.text
        command = {"type": w.ReturnReferral.tag, "key": "pw-1", "referral": event.referral,
                   "result": "done"}  # fmt: skip
        bearer = {"authorization": f"Bearer {key}"}
        done = await client.post("/api/commands", json=command, headers=bearer)
        assert done.status_code == 201, done.text
        (told,) = (await client.get(f"{HERE}/requests.json", headers=bearer)).json()
        assert (told["status"], told["status_notes"]) == ("closed", "returned")

    place.run(scene)


# -- errors of the standard ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status", "why"),
    [
        ({"service_code": ""}, 400, "service_code was not provided"),
        ({"service_code": "medical-incident"}, 404, "service_code was not found"),
        ({"lat": "", "long": "", "address_string": " "}, 400, "No location"),
        ({"lat": "37.7", "long": ""}, 400, "together"),
        ({"lat": "nan"}, 400, "degrees"),
        ({"lat": "91"}, 400, "degrees"),
        ({"description": "x" * 4001}, 400, "longer than 4000"),
        ({"address_string": "x" * 241}, 400, "longer than 240"),
    ],
)
def test_what_cannot_be_read_is_told_in_the_form_of_the_standard(place, key, change, status, why):
    async def scene(client):
        data = PUMP | change | {"api_key": key}
        answer = await client.post(f"{HERE}/requests.json", data=data)
        assert answer.status_code == status
        fits(shapes.ERRORS, answer.json())
        assert answer.json()[0]["code"] == status
        assert why in answer.json()[0]["description"]
        xml = await client.post(f"{HERE}/requests.xml", data=data)
        tree = ET.fromstring(xml.content)
        assert (tree.tag, tree.findtext("error/code")) == ("errors", str(status))

    place.run(scene)
    assert place.front.board.incidents == {}


def test_without_a_key_or_with_another_s_nothing_is_told_or_taken(place, key):
    other = place.token("wall", "reader")

    async def scene(client):
        for data in (PUMP, PUMP | {"api_key": "nonsense"}, PUMP | {"api_key": other}):
            answer = await client.post(f"{HERE}/requests.json", data=data)
            assert answer.status_code == 403, answer.text
            fits(shapes.ERRORS, answer.json())
        assert (await client.get(f"{HERE}/requests.json")).status_code == 403

    place.run(scene)
    assert place.front.board.incidents == {}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("services", 404), ("services.csv", 404), ("nothing.json", 404), ("tokens/1.json", 404),
        ("services/medical-incident.json", 404), ("requests/1.json", 404),
        ("requests.json?status=done", 400), ("requests.json?start_date=2020-04-02", 400),
        ("requests.json?start_date=never", 400),
    ],
)  # fmt: skip
def test_what_there_is_not_and_what_makes_no_sense(place, key, path, status):
    async def scene(client):
        answer = await client.get(f"{HERE}/{path}", headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == status
        fits(shapes.ERRORS, answer.json())

    place.run(scene)


ODD = [
    ("GET", "", 404), ("GET", "/", 404), ("GET", "/v2", 404), ("GET", "/v3/services", 404),
    ("GET", "/other", 404), ("GET", "/v2/services/a/b", 404),
    ("GET", "/v2/requests/1/2/3", 404), ("POST", "/v2/requests/1", 405),
    ("PUT", "/v2/requests", 405), ("DELETE", "/v2/requests/1", 405), ("PATCH", "/v2/services", 405),
    ("POST", "/discovery", 405), ("POST", "/v2/services", 405),
]  # fmt: skip


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(("method", "path", "status"), ODD)
def test_every_wrong_address_and_method_is_told_in_the_form_asked_for(
    place, method, path, status, form
):
    async def scene(client):
        ends = path and not path.endswith("/")
        url = f"/open311{path}{'.' + form if ends else ''}"
        accept = {"accept": "text/html" if ends else f"application/{form}"}
        answer = await client.request(method, url, headers=accept)
        told_wrong(answer, status, form)
        if status == 405:
            assert answer.headers["allow"]

    place.run(scene)


def told_wrong(answer, status: int, form: str) -> None:
    """Say that an answer is the standard's own error, in its form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store"
    if form == "xml":
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        tree = ET.fromstring(answer.content)
        assert (tree.tag, tree.findtext("error/code")) == ("errors", str(status))
        assert tree.findtext("error/description")
    else:
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        fits(shapes.ERRORS, answer.json())
        assert answer.json()[0]["code"] == status
    assert "<html" not in answer.text


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("length", [70_000, 200_000])
def test_what_is_too_long_is_told_in_the_form_of_the_standard(place, key, form, length):
    async def scene(client):
        data = PUMP | {"api_key": key, "email": "x" * length}
        told_wrong(await client.post(f"{HERE}/requests.{form}", data=data), 413, form)

    place.run(scene)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_who_asks_too_often_is_told_so_in_the_form_of_the_standard(place, key, form, monkeypatch):
    monkeypatch.setattr(place.front, "pace", Pace(1, 1, lambda: 9.0))

    async def scene(client):
        url = f"{HERE}/requests.{form}?api_key={key}"
        assert (await client.get(url)).status_code == 200
        late = await client.get(url)
        told_wrong(late, 429, form)
        assert int(late.headers["retry-after"]) > 0

    place.run(scene)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_fault_of_the_program_is_told_in_the_form_of_the_standard(place, form, monkeypatch):
    def broken(_town):
        raise RuntimeError("Mrs Zarathustra")

    monkeypatch.setattr(open311.georeport, "services", broken)

    async def scene(client):
        answer = await client.get(f"{HERE}/services.{form}")
        told_wrong(answer, 500, form)
        assert "Zarathustra" not in answer.text

    place.run(scene)


def test_only_requests_are_posted(place, key):
    async def scene(client):
        answer = await client.post(f"{HERE}/services.json", data={"api_key": key})
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")

    place.run(scene)
