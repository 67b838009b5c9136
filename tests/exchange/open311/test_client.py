"""Our client speaks GeoReport v2 to a service as the standard has it, and survives a liar."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.exchange.letters import Letter, NotCarried
from answerable.exchange.open311 import client as geo
from answerable.towns.referring import Partner

ROOT = "http://works.example/v2"
LETTER = Letter(
    referral="100F1", agency="WORKS", sending=1, lines=("Referral 100F1", "Place: 10 Lamp St"),
    service="lamp", address="10 LAMP ST", lon=-122.43, lat=37.76,
)  # fmt: skip


def service(answer, form="json") -> geo.Service:
    partner = Partner(code="WORKS", titles={"en": "Works"}, way="open311", address=f"{ROOT}/",
                      jurisdiction="city.example", form=form, may_see=("kind",))  # fmt: skip
    return geo.Service(partner, "k-1", httpx.MockTransport(answer))


def run(coroutine):
    return asyncio.run(coroutine)


def says(body: bytes | str, status: int = 200):
    return lambda request: httpx.Response(status, content=body)


def test_a_letter_is_posted_with_the_key_and_its_number_is_the_receipt():
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(201, json=[{"service_request_id": 293944, "service_notice": "ok"}])

    assert run(service(answer).carry(LETTER)) == "293944"
    (request,) = seen
    assert (request.method, str(request.url)) == ("POST", f"{ROOT}/requests.json")
    assert parse_qs(request.content.decode()) == {
        "api_key": ["k-1"], "jurisdiction_id": ["city.example"], "service_code": ["lamp"],
        "address_string": ["10 LAMP ST"], "lat": ["37.760000"], "long": ["-122.430000"],
        "description": ["Referral 100F1\nPlace: 10 Lamp St"],
    }  # fmt: skip


def test_what_the_agency_may_not_see_is_not_in_the_form():
    def answer(request):
        told = parse_qs(request.content.decode())
        assert not {"lat", "long", "address_string"} & set(told)
        return httpx.Response(200, json=[{"service_request_id": "7"}])

    bare = LETTER._replace(address="", lon=None, lat=None)
    assert run(service(answer).carry(bare)) == "7"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_states_are_asked_for_many_at_once(form):
    told = {
        "json": '[{"service_request_id": "1", "status": "open",'
        ' "expected_datetime": "2020-04-03T00:00:00Z"},'
        '{"service_request_id": 2, "status": "closed", "status_notes": "mended"},'
        '{"service_request_id": "9", "status": "closed"}, {"status": "open"}, 5]',
        "xml": '<?xml version="1.0" encoding="utf-8"?><service_requests><request>'
        "<service_request_id>1</service_request_id><status>open</status>"
        "<expected_datetime>2020-04-03T00:00:00Z</expected_datetime></request><request>"
        "<service_request_id>2</service_request_id><status>closed</status>"
        "<status_notes>mended</status_notes></request></service_requests>",
    }
    asked = []

    def answer(request):
        asked.append(request.url)
        return httpx.Response(200, content=told[form])

    first, second = run(service(answer, form).ask(["1", "2"]))
    assert (first.receipt, first.closed, first.expected_us) == ("1", False, 1_585_872_000_000_000)
    assert (second.receipt, second.closed, second.notes) == ("2", True, "mended")
    assert [url.params["service_request_id"] for url in asked] == ["1,2"]
    assert asked[0].path.endswith(f"/requests.{form}")


@pytest.mark.parametrize("status", [400, 404])
def test_a_number_or_token_that_is_not_known_there_any_more_hides_no_other(status):
    asked = []

    def answer(request):
        ids = request.url.params.get("service_request_id", "").split(",")
        asked.append(ids)
        if "/tokens/" in request.url.path or "2" in ids:
            return httpx.Response(status, json=[{"code": status, "description": "not found"}])
        told = [{"service_request_id": one, "status": "closed"} for one in ids]
        return httpx.Response(200, json=told)

    heard = run(service(answer).ask(["token:t", "1", "2", "3"]))
    assert [one.receipt for one in heard] == ["1", "3"]
    assert asked == [[""], ["1", "2", "3"], ["1"], ["2"], ["3"]]


@pytest.mark.parametrize("status", [503, 403])
def test_a_service_that_fails_is_not_asked_about_each_letter(status):
    asked = []

    def answer(request):
        asked.append(request)
        return httpx.Response(status)

    with pytest.raises(NotCarried, match=str(status)):
        run(service(answer).ask(["1", "2"]))
    assert len(asked) == 1


@pytest.mark.parametrize(
    "day", ["9999-12-31T23:59:59-12:00", "2101-01-01T00:00:00Z", "1969-12-31T00:00:00Z",
            "0001-01-01T00:00:00+14:00", "2020-04-03", ""],
)  # fmt: skip
def test_a_day_that_no_page_could_show_is_no_promise(day):
    told = [{"service_request_id": "1", "status": "open", "expected_datetime": day}]
    (heard,) = run(service(lambda request: httpx.Response(200, json=told)).ask(["1"]))
    assert (heard.closed, heard.expected_us) == (False, 0)


def test_a_token_is_exchanged_for_the_number_when_it_is_asked_about():
    def answer(request):
        if request.method == "POST":
            return httpx.Response(200, json=[{"token": "t 1"}])
        if "/tokens/" in request.url.path:
            return httpx.Response(200, json=[{"service_request_id": "77", "token": "t 1"}])
        return httpx.Response(200, json=[{"service_request_id": "77", "status": "closed"}])

    made = service(answer)

    async def scene():
        receipt = await made.carry(LETTER)
        return receipt, await made.ask([receipt])

    receipt, (heard,) = run(scene())
    assert (receipt, heard.receipt, heard.closed) == ("token:t 1", "token:t 1", True)


@pytest.mark.parametrize(
    ("body", "status", "why", "for_good"),
    [
        (b"[]", 200, "gave no number", False),
        (b"not json", 200, "cannot be read", False),
        (b'"x"', 200, "cannot be read", False),
        (b'[{"service_request_id": "a\\nb"}]', 200, "cannot be kept", False),
        (b"x" * (geo.ANSWER_BYTES_MAX + 1), 200, "too long", False),
        (b"secret", 500, "answered 500", False),
        (b"secret", 429, "answered 429", False),
        (b"secret", 403, "answered 403", True),
        (b"", 302, "answered 302", False),
    ],
)
def test_what_is_no_receipt_is_not_taken_for_one(body, status, why, for_good):
    with pytest.raises(NotCarried, match=why) as caught:
        run(service(says(body, status)).carry(LETTER))
    assert caught.value.for_good is for_good
    assert "secret" not in str(caught.value)


def test_a_service_that_is_not_there_is_said_so():
    def gone(request):
        raise httpx.ConnectError("refused", request=request)

    def slow(request):
        raise httpx.ReadTimeout("slow", request=request)

    for answer, why in ((gone, "nothing answers"), (slow, "no answer came in time")):
        with pytest.raises(NotCarried, match=why):
            run(service(answer).carry(LETTER))


def test_xml_that_grows_is_not_read():
    bomb = b'<!DOCTYPE a [<!ENTITY b "bb">]><service_requests><request/></service_requests>'
    with pytest.raises(ValueError, match="declares"):
        geo.read_xml(bomb)


@given(st.binary(max_size=400))
def test_any_bytes_are_requests_or_a_reason(body):
    for read in (geo.read_json, geo.read_xml):
        try:
            found = read(body)
        except ValueError:
            continue
        assert all(isinstance(v, str) for item in found for v in item.values())
