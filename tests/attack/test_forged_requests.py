"""What another site, another person or a stolen address could make a browser or a program do."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.console.app import local
from answerable.console.forms import way_back
from answerable.console.signin.routes import back_to
from answerable.kernel.authority import Actor
from answerable.standards.views import running_for
from tests.attack.scene import SAME, Answer, Besieged, form
from tests.attack.test_routes import DOORS, address

POSTS = [door for door in DOORS if door.route.method == "POST"]
FOREIGN = [
    (("sec-fetch-site", "cross-site"),), (("sec-fetch-site", "same-site"),),
    (("origin", "https://evil.example"),), (("origin", "null"),),
    (("origin", "http://127.0.0.1.evil.example"),), (("origin", "http://127.0.0.1:81"),),
    (("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")),
    (("origin", "http://[127.0.0.1"),),
]  # fmt: skip
BY_KEY = "/open311/"
"""Where only a program's key counts: whoever is signed in is nobody there, from whatever site."""
JSON = ("content-type", "application/json")


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda one: "=".join(one[-1]))
def test_a_form_that_another_site_sends_is_taken_nowhere(siege, foreign):
    """Whoever is signed in, and even with the right token."""

    async def scene() -> list[tuple[str, Answer]]:
        told = []
        for door in POSTS:
            _method, path = address(siege, door)
            for role in ("supervisor", "administrator"):
                sent = form(token=siege.form_token(role), type="dispatch.TakeOffDuty", unit="E03")
                sent["headers"] = (sent["headers"][0], *foreign, *siege.cookie(role))
                told.append((path, await siege.ask("POST", path, **sent)))
        body = b'{"type":"dispatch.TakeOffDuty","unit":"E03","key":"forged-0001"}'
        for path in ("/api/commands", "/api/places"):
            headers = (JSON, *foreign, *siege.cookie("supervisor"))
            told.append((path, await siege.ask("POST", path, headers=headers, body=body)))
        return told

    before = siege.position
    for path, answer in siege.run(scene):
        assert answer.status == 403, (path, answer.status)
        if not path.startswith(BY_KEY):
            assert "another site" in answer.text, path
    assert siege.position == before


@pytest.mark.parametrize("token", ["", "x", "0" * 64])
def test_a_form_without_the_token_of_its_session_is_taken_nowhere(siege, token):
    free = ("/enter", "/enter/code", "/link", "/session", "/receipt", "/say/", "/portal/")

    async def scene() -> list[tuple[str, Answer]]:
        told = []
        for door in POSTS:
            _method, path = address(siege, door)
            if door.how == "public" and path.startswith(free):
                continue
            sent = form(token=token, type="dispatch.TakeOffDuty", unit="E03")
            sent["headers"] = (*sent["headers"], *siege.cookie("administrator"))
            told.append((path, await siege.ask("POST", path, **sent)))
        return told

    before = siege.position
    told = siege.run(scene)
    assert len(told) > 20
    for path, answer in told:
        assert answer.status == 403, (path, answer.status)
        if not path.startswith(BY_KEY):
            assert "does not belong to this session" in answer.text, path
    assert siege.position == before


def test_the_token_of_one_person_does_not_fit_the_session_of_another(siege):
    sent = form(token=siege.form_token("supervisor"), type="dispatch.TakeOffDuty", unit="E03")
    sent["headers"] = (*sent["headers"], *siege.cookie("dispatcher"))
    answer = siege.run(lambda: siege.ask("POST", "/do", **sent))
    assert answer.status == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
             "", "application/jsonp", "text/json", "application/x-json", "APPLICATION/XML"],
)  # fmt: skip
def test_a_command_is_taken_as_json_only(siege, kind):
    """The types that a form of another site can send without asking are not taken."""
    body = b'{"type":"dispatch.TakeOffDuty","unit":"E03","key":"typed-00001"}'
    headers = (*siege.cookie("supervisor"), *([("content-type", kind)] if kind else []))
    before = siege.position
    answer = siege.run(lambda: siege.ask("POST", "/api/commands", headers=headers, body=body))
    if kind == "application/jsonp":  # begins as ours does; no form can send it
        assert answer.status in (201, 400, 409)
        return
    assert (answer.status, answer.code) == (400, "console.NotJson")
    assert siege.position == before


def test_another_site_cannot_send_anybody_to_the_provider(siege):
    """Else a link there would sign somebody in here without their wish."""
    for foreign in (("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")):
        answer = siege.run(
            lambda one=foreign: siege.ask("GET", "/sign-in/provider", headers=(one,))
        )
        assert answer.status == 403
        assert not answer.all("set-cookie")


# -- addresses to come back to ---------------------------------------------------------------

AWAY = ["//evil.example", "/\\evil.example", "https://evil.example", "\\\\evil.example",
        "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", " //evil.example", "",
        "http:evil.example", "/%0d%0aset-cookie:x=1\r\nx", "data:text/html,x"]  # fmt: skip


def stays(to: str) -> bool:
    """Say whether a browser that is led there stays at this host."""
    seen = to.replace("\\", "/").replace("\t", "").replace("\n", "").replace("\r", "").strip()
    return urlsplit(urljoin("http://here/board", seen)).netloc == "here" and "\r" not in to


@pytest.mark.parametrize("text", AWAY)
@pytest.mark.parametrize("way", [local, back_to, way_back])
def test_nobody_is_led_away(way, text):
    assert stays(way(text))


@given(
    st.text(st.characters(codec="utf-8"), max_size=80)
    | st.text("/\\.:@ \t\n\rahtps%0", max_size=20)
)
@settings(max_examples=300, deadline=None)
def test_whatever_the_address_nobody_is_led_away(text):
    for way in (local, back_to):
        assert stays(way(text)), text
    assert stays(way_back(f"http://here{text}")), text
    assert stays(way_back(text)), text


def test_the_way_to_see_it_hurts():
    assert not any(
        stays(to) for to in ("//evil.example", "/\\evil.example", "https://evil.example")
    )


# -- keys and areas --------------------------------------------------------------------------


def test_the_key_of_another_actor_tells_nothing_and_does_nothing(siege):
    body = b'{"type":"intake.AnswerCall","number":"zeppelin-of-another-7","key":"mine-alone-1"}'

    async def scene() -> tuple[Answer, Answer]:
        first = await siege.ask("POST", "/api/commands", body=body,
                                headers=(JSON, *SAME, *siege.cookie("dispatcher")))  # fmt: skip
        other = await siege.ask("POST", "/api/commands", body=body,
                                headers=(JSON, *SAME, *siege.cookie("call_taker")))  # fmt: skip
        return first, other

    first, other = siege.run(scene)
    assert first.status == 201
    assert (other.status, other.code) == (409, "kernel.KeyReused")
    assert "recorded" not in other.text
    assert "zeppelin" not in other.text


def elsewhere(siege: Besieged) -> tuple[tuple[str, str], ...]:
    """Return the cookie of a supervisor who acts in an area where the incident is not."""
    return (("cookie", f"answerable={siege.identifier('supervisor', ('Bayview Hunters Point',))}"),)


def commands_about(siege: Besieged) -> dict[str, dict[str, object]]:
    """Return commands about the incident of the day, by every name it can be reached by."""
    incident, at_us = siege.incident, 1_585_854_000_000_000
    why = {"reason": "because"}
    clock = running_for(siege.centre.hub.state["standards"], incident)[0].number
    call = next(iter(siege.centre.hub.state["board"].line(incident).calls))
    step = {"incident": incident, "unit": "E03"}
    return {
        "intake.AddNote": {"incident": incident, "words": "x"},
        "intake.ChangeKind": {"incident": incident, "kind": "Alarms", "priority": "3"} | why,
        "dispatch.Acknowledge": step,
        "dispatch.CloseIncident": {"incident": incident, "outcome": "xx"},
        "dispatch.CorrectTime": step | {"step": "sent", "to": at_us} | why,
        "standards.SuspendClock": {"clock": clock} | why,
        "standards.ExtendClock": {"clock": clock, "by_s": 60} | why,
        "intake.CorrectCallTime": {"call": call, "step": "answered", "to": at_us} | why,
    }  # fmt: skip


def test_areas_hold_by_every_way_to_an_incident(siege):
    about = commands_about(siege)

    async def scene() -> list[tuple[str, Answer]]:
        told = []
        for number, (tag, fields) in enumerate(about.items()):
            body = msgspec.json.encode({"type": tag, "key": f"area-key-{number}", **fields})
            headers = (JSON, *SAME, *elsewhere(siege))
            told.append((tag, await siege.ask("POST", "/api/commands", headers=headers, body=body)))
        found = siege.front.sessions.find(
            siege.identifier("supervisor", ("Bayview Hunters Point",))
        )
        for path, fields in (("/do", {"type": "intake.AddNote", "incident": siege.incident,
                                      "words": "x"}),
                             ("/line", {"line": f"/note #{siege.incident} x"})):  # fmt: skip
            sent = form(token=found.token, **fields)
            sent["headers"] = (*sent["headers"], *elsewhere(siege))
            told.append((path, await siege.ask("POST", path, **sent)))
        return told

    before = siege.position
    for what, answer in siege.run(scene):
        assert answer.status == 403, (what, answer.status, answer.text[:300])
        assert "Bayview" in answer.text, what
    assert siege.position == before


def test_whoever_acts_everywhere_meets_no_area(siege):
    """Else the test above could not fail."""
    body = msgspec.json.encode({"type": "intake.AddNote", "key": "everywhere-1",
                                "incident": siege.incident, "words": "x"})  # fmt: skip
    headers = (JSON, *SAME, *siege.cookie("supervisor"))
    answer = siege.run(lambda: siege.ask("POST", "/api/commands", headers=headers, body=body))
    assert answer.status == 201
    assert Actor("x", "supervisor").areas == ()
