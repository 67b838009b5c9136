"""What programs read: pages of events, the stream and its resumption, methods, languages."""

from __future__ import annotations

import json
import threading

import httpx
import pytest

from answerable.console import api
from answerable.intake import words as i
from tests.console.contract.served import Served, serving
from tests.console.test_refusals_of_the_door import refusal_of

KINDS = "intake.CallAnswered"
ADDRESSES = ("/api/board", "/api/events", "/api/schema", "/api/incidents/1")


@pytest.fixture(autouse=True)
def some_calls(served: Served) -> None:
    """Something to tell."""
    for _ in range(3):
        served.call(served.world.incident)


def lines_of(answer: httpx.Response, most: int) -> list[tuple[int, str]]:
    """Read so many events of a stream as (position, type)."""
    found: list[tuple[int, str]] = []
    seen = ""
    for line in answer.iter_lines():
        if line.startswith("id: "):
            seen = line[4:]
        elif line.startswith("data: "):
            told = json.loads(line[6:])
            assert told["position"] == int(seen)
            found.append((told["position"], told["type"]))
            if len(found) == most:
                break
    return found


# -- events ----------------------------------------------------------------------------------


def test_events_are_told_a_page_at_a_time_without_a_gap(served):
    with served.client() as client:
        positions, after = [], 0
        while True:
            told = client.get("/api/events", params={"after": after, "limit": 4}).json()
            positions += [one["position"] for one in told["events"]]
            after = told["after"]
            if after == told["recorded"]:
                break
    assert positions == list(range(1, told["recorded"] + 1))


def test_only_the_kinds_asked_for_are_told_and_the_place_to_go_on_is_beyond_the_others(served):
    with served.client() as client:
        params = {"kinds": f"{KINDS},dispatch.UnitOnDuty", "limit": 16}
        told = client.get("/api/events", params=params).json()
    assert {one["type"] for one in told["events"]} == {KINDS, "dispatch.UnitOnDuty"}
    assert told["after"] == 16


@pytest.mark.parametrize(
    ("query", "status", "code", "says"),
    [
        ("form=5", 400, "console.UnknownQuery", "after, limit, kinds"),
        ("after=1&after=2", 400, "console.BadQuery", "after is given twice"),
        ("after=%ff", 400, "console.BadQuery", "malformed"),
        ("after", 400, "console.BadQuery", "malformed"),
        ("after=%D9%A3", 400, "console.BadQuery", "not a whole number"),
        ("limit=0", 400, "console.BadQuery", "outside 1 to 1000"),
        ("limit=1001", 400, "console.BadQuery", "outside 1 to 1000"),
        ("kinds=", 400, "console.UnknownKind", 'no event ""'),
        ("kinds=dispatch.Nothing", 400, "console.UnknownKind", "dispatch.Nothing"),
        ("after=999999", 409, "console.BeyondEnd", "The record ends at"),
        ("&".join(f"a{n}=1" for n in range(40)), 400, "console.BadQuery", "malformed"),
    ],
)
def test_a_query_that_means_nothing_is_refused_with_what_would(served, query, status, code, says):
    with served.client() as client:
        told = refusal_of(client.get(f"/api/events?{query}"), status, code)
    assert says in " ".join(told.values())


@pytest.mark.parametrize("path", ["/api/board", "/api/schema", "/api/incidents/1"])
def test_an_address_without_parameters_says_so(served, path):
    with served.client() as client:
        told = refusal_of(client.get(f"{path}?x=1"), 400, "console.UnknownQuery")
    assert "takes none" in told["instead"]


# -- the stream ------------------------------------------------------------------------------


def test_a_stream_begins_after_a_position_and_goes_on_with_what_comes(served):
    def more() -> None:
        with served.client() as client, client.stream("GET", "/api/stream?after=2") as answer:
            got.extend(lines_of(answer, want))

    recorded = served.world.app.front.recorded
    got: list[tuple[int, str]] = []
    want = recorded - 2 + 2
    reading = threading.Thread(target=more)
    reading.start()
    served.call(served.world.incident)
    reading.join(20)
    assert [position for position, _kind in got] == list(range(3, recorded + 3))


def test_a_reader_that_comes_back_goes_on_where_it_was_whatever_its_address_says(served):
    headers = {"last-event-id": "5"}
    with (
        served.client() as client,
        client.stream("GET", "/api/stream?after=0", headers=headers) as answer,
    ):
        assert [at for at, _kind in lines_of(answer, 3)] == [6, 7, 8]


def test_a_stream_tells_only_the_kinds_asked_for(served):
    with (
        served.client() as client,
        client.stream("GET", f"/api/stream?after=0&kinds={KINDS}") as answer,
    ):
        assert {kind for _at, kind in lines_of(answer, 3)} == {KINDS}


@pytest.mark.parametrize(
    ("seen", "status", "code"),
    [("abc", 400, "console.BadQuery"), ("-1", 400, "console.BadQuery"),
     ("9" * 30, 400, "console.BadQuery"), ("999999", 409, "console.BeyondEnd")],
)  # fmt: skip
def test_a_last_event_id_that_is_no_position_of_this_record_is_told(served, seen, status, code):
    with served.client() as client:
        told = refusal_of(client.get("/api/stream", headers={"last-event-id": seen}), status, code)
    assert "Last-Event-ID" in told["because"] or status == 409


def test_a_stream_with_an_unknown_parameter_or_kind_is_refused(served):
    with served.client() as client:
        refusal_of(client.get("/api/stream?from=1"), 400, "console.UnknownQuery")
        refusal_of(client.get("/api/stream?kinds=x"), 400, "console.UnknownKind")


def test_the_beat_says_that_the_line_lives_and_how_far_the_record_has_come(served):
    # one who follows a kind that never comes still learns where to come back
    kinds = "dispatch.IncidentReopened"
    with (
        served.client() as client,
        client.stream("GET", f"/api/stream?kinds={kinds}") as answer,
    ):
        lines = answer.iter_lines()
        assert next(lines) == "retry: 1000"
        served.call(served.world.incident)
        served.call(served.world.app.api.beat)
        told = [next(lines) for _ in range(3)]
    assert told == ["", ": beat", f"id: {served.world.app.front.recorded}"]


def until(served: Served, followers: int) -> bool:
    """Wait until so many follow."""
    for _ in range(200):
        groups = served.call(lambda: list(served.world.app.api._followers.values()))
        if sum(map(len, groups)) == followers and len(groups) == min(1, followers):
            return True
        threading.Event().wait(0.02)
    return False


def test_no_follower_is_forgotten_and_none_is_kept(served):
    assert until(served, 0)
    with served.client() as client, client.stream("GET", "/api/stream?after=0") as answer:
        lines = answer.iter_lines()  # kept: a reader that is forgotten closes the connection
        assert next(lines) == "retry: 1000"
        assert until(served, 1)
    assert until(served, 0)


def test_one_follower_too_many_is_told_when_to_come_again(served, monkeypatch):
    monkeypatch.setattr(api, "FOLLOWERS_MAX", 0)
    with served.client() as client:
        answer = client.get("/api/stream")
        refusal_of(answer, 503, "console.TooMany")
    assert int(answer.headers["retry-after"]) >= 1


def test_a_stream_ends_when_the_centre_stops(tmp_path):
    with (
        serving(tmp_path) as own,
        own.client() as client,
        client.stream("GET", "/api/stream?after=0") as answer,
    ):
        lines = answer.iter_lines()
        assert next(lines) == "retry: 1000"
        own.server.should_exit = True
        own.call(own.world.app.close)
        assert list(lines)[-1] == ""


# -- methods, origins, languages -------------------------------------------------------------


@pytest.mark.parametrize("path", ADDRESSES[:3])
def test_head_answers_as_get_does_without_a_body(served, path):
    with served.client() as client:
        whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]


@pytest.mark.parametrize(
    ("path", "allow"),
    [("/api/commands", {"POST", "OPTIONS"}), ("/api/stream", {"GET", "OPTIONS"})]
    + [(path, {"GET", "HEAD", "OPTIONS"}) for path in ADDRESSES],
)
def test_options_and_a_wrong_method_both_say_what_is_taken(served, path, allow):
    with served.client() as client:
        options, wrong = client.options(path), client.request("TRACE", path)
    assert options.status_code == 204
    refusal_of(wrong, 405, "console.Method")
    for answer in (options, wrong):
        assert set(answer.headers["allow"].split(", ")) == allow


def test_no_other_origin_is_allowed_anything(served):
    asked = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}
    with served.client() as client:
        for answer in (
            client.options("/api/commands", headers=asked),
            client.get("/api/board", headers=asked),
        ):
            assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_refusal_comes_in_the_language_asked_for(served):
    note = {"type": "intake.AddNote", "key": "no-such-1", "incident": "none", "words": "w"}
    with served.client(**{"accept-language": "zh-CN,zh;q=0.9"}) as client:
        answers = [
            client.get("/api/events?after=x"), client.get("/api/incidents/none"),
            client.post("/api/commands", json=note), client.post("/api/commands", content=b"{"),
            client.get("/api/nothing"), client.put("/api/board"),
        ]  # fmt: skip
    with served.client("", **{"accept-language": "zh"}) as nobody:
        answers.append(nobody.get("/api/board"))
        assert answers[-1].headers["www-authenticate"].startswith("Bearer")
    for answer in answers:
        assert answer.headers["content-type"] == "application/json"
        told = answer.json()
        assert set(told) == {"code", "not_done", "because", "instead"}
        assert all("。" in told[part] for part in ("not_done", "instead")), told


def test_nobody_learns_the_contract_without_a_right_to_it(served):
    with served.client("") as nobody, served.client("probe") as probe:
        refusal_of(nobody.get("/api/schema"), 401, "console.NotSignedIn")
        refusal_of(probe.get("/api/schema"), 403, "console.NotGiven")
    with served.client("line") as line:
        assert line.get("/api/schema").json()["openapi"] == "3.1.0"


def test_the_same_key_again_is_answered_with_what_was_recorded(served):
    command = {"type": i.AnswerCall.tag, "key": "again-0001"}
    with served.client() as client:
        first, again = (client.post("/api/commands", json=command) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json()["again"], again.json()["again"]) == (False, True)
    assert first.json()["recorded"] == again.json()["recorded"]
