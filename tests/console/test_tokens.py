"""Bearer tokens: what they open, what their holder is told, and how soon they are worth nothing."""

from __future__ import annotations

import asyncio
import time

import pytest

from answerable.access import words as w
from answerable.console.sanity import Refused
from answerable.console.signin import bearer
from answerable.console.stream import Subscriber
from answerable.intake import words as intake
from tests.console.doors import DAY_US, Place, post

JSON = {"content-type": "application/json"}


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    made.door.workers.close()
    made.centre.close()


def bearing(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def command(key: str) -> str:
    return f'{{"type": "intake.AnswerCall", "key": "{key}"}}'


def refusal_of(answer) -> tuple[int, str, str]:
    """Return status, code and cause of a refusal, which says how to prove oneself."""
    assert answer.headers["www-authenticate"].startswith('Bearer realm="answerable"')
    told = answer.json()
    return answer.status_code, told["code"], told["because"]


def test_a_token_gives_commands_as_its_program_without_cookie_origin_or_form_token(place):
    token = place.token("desk-1", "dispatcher")

    async def scene(client):
        headers = bearing(token) | JSON | {"origin": "https://elsewhere.example"}
        answer = await client.post("/api/commands", content=command("tok-1"), headers=headers)
        assert answer.status_code == 201, answer.text
        assert answer.json()["recorded"][0]["actor"] == "token/desk-1"
        form = {"type": "intake.AnswerCall", "key": "tok-2"}
        done = await client.post("/do", data=form, headers=bearing(token))
        assert done.status_code in (201, 303), done.text
        assert "set-cookie" not in answer.headers

    place.run(scene)
    rows = list(place.centre.hub.store.rows(0))
    assert {r.actor for r in rows if r.kind == intake.CallAnswered.tag} == {"token/desk-1"}


def test_a_token_reaches_what_its_role_is_given_and_no_more(place):
    token = place.token("wall", "reader")

    async def scene(client):
        assert (await client.get("/api/board", headers=bearing(token))).status_code == 200
        answer = await client.post("/api/commands", content=command("tok-1"),
                                   headers=bearing(token) | JSON)  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (403, "kernel.NotAllowed")
        for page in ("/units", "/account", "/admin/accounts"):
            assert (await client.get(page, headers=bearing(token))).status_code == 403

    place.run(scene)


def test_a_token_acts_in_its_areas(place):
    token = place.token("desk-1", "dispatcher", areas=("Mission",))
    assert place.door.bearers.find(f"Bearer {token}").actor.areas == ("Mission",)


def test_a_revoked_token_is_worth_nothing_for_the_very_next_request(place):
    token = place.token()

    async def scene(client):
        assert (await client.get("/api/board", headers=bearing(token))).status_code == 200
        place.do(w.RevokeToken, token="wall", reason="lost")
        answer = await client.get("/api/board", headers=bearing(token))
        assert refusal_of(answer) == (401, "console.TokenRevoked", "The token wall was revoked.")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]

    place.run(scene)


def test_a_token_ends_at_its_time_and_its_holder_learns_when(place):
    token = place.token()

    async def scene(client):
        place.pass_s(86_399)
        assert (await client.get("/api/board", headers=bearing(token))).status_code == 200
        place.pass_s(1)
        answer = await client.get("/api/board", headers=bearing(token))
        assert refusal_of(answer) == (
            401, "console.TokenEnded", "The token wall ended on 2020-04-03 12:00 PDT."
        )  # fmt: skip

    place.run(scene)


def test_who_has_not_the_word_learns_nothing_about_which_tokens_there_are(place):
    """Unknown, valid, revoked and ended tokens with a wrong word: one answer."""
    word = "0" * 64
    for name in ("valid", "revoked", "ended"):
        place.token(name, until=place.clock.now_us() + (DAY_US if name != "ended" else 1_000_000))
    place.do(w.RevokeToken, token="revoked", reason="lost")
    place.pass_s(2)

    async def scene(client):
        headers = [
            *(f"Bearer ans_{n}_{word}" for n in ("valid", "revoked", "ended", "unknown")),
            "Bearer", "Bearer ", "Basic YTpi", "Bearer ans__", f"Bearer ans_valid_{word}x",
            f"Token ans_valid_{word}", "x" * 5000,
        ]  # fmt: skip
        told = {
            refusal_of(await client.get("/api/board", headers={"authorization": one}))
            for one in headers
        }
        assert told == {(401, "console.BadToken", "The token is not one of this centre.")}

    place.run(scene)


def test_a_wrong_token_is_not_saved_by_a_right_cookie(place):
    place.account("ada")

    async def scene(client):
        assert (await client.get("/api/board")).status_code == 200
        answer = await client.get("/api/board", headers=bearing("ans_no_" + "0" * 64))
        assert answer.status_code == 401

    place.run(scene, "ada")


def test_the_scheme_is_written_as_one_likes(place):
    token = place.token()
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert place.door.bearers.find(f"{scheme} {token}").actor.name == "token/wall"


def test_what_streams_to_a_token_ends_with_it(place):
    kept, lost, late = place.token("kept"), place.token("lost"), place.token("late")
    find = place.door.bearers.find
    streams = {}

    async def scene(client):
        for name, token in (("kept", kept), ("lost", lost), ("late", late)):
            session = find(f"Bearer {token}")
            streams[name] = Subscriber()
            session.streams.add(streams[name])
        place.do(w.RevokeToken, token="lost", reason="lost")
        assert [n for n, s in streams.items() if s.ended] == ["lost"]
        place.door.state.tokens["late"].until_us = place.clock.now_us()
        await place.door.sweep()
        assert [n for n, s in streams.items() if s.ended] == ["lost", "late"]

    place.run(scene)


def test_a_running_stream_of_events_is_cut_at_once(place):
    """Over the real route: what is sent ends when the token is revoked."""
    token = place.token("wall", "reader")

    async def scene(client):
        sent, gone = [], asyncio.Event()

        async def receive():
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "method": "GET", "path": "/api/stream", "raw_path": b"/api/stream",
            "query_string": b"", "headers": [(b"host", b"127.0.0.1"),
            (b"authorization", f"Bearer {token}".encode())], "scheme": "http",
            "http_version": "1.1", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
            "root_path": "", "asgi": {"version": "3.0"}, "extensions": {}, "state": {},
        }  # fmt: skip
        running = asyncio.create_task(place.asgi(scope, receive, send))
        while not place.door.bearers.find(f"Bearer {token}").streams:
            await asyncio.sleep(0.005)
        assert not running.done()
        place.do(w.RevokeToken, token="wall", reason="lost")
        await asyncio.wait_for(running, 5)
        assert sent[0]["status"] == 200
        gone.set()

    place.run(scene)


def test_a_token_that_is_issued_anew_is_another(place):
    first = place.token("wall")
    place.door.bearers.find(f"Bearer {first}")
    place.do(w.RevokeToken, token="wall", reason="lost")
    assert place.refused(w.IssueToken, token="wall", label="again", role="reader",
                         digest="a" * 64, until=place.clock.now_us() + DAY_US)  # fmt: skip
    with pytest.raises(Refused):
        place.door.bearers.find(f"Bearer {first}")


def test_what_is_remembered_is_bounded(place, monkeypatch):
    monkeypatch.setattr(bearer, "REMEMBERED_MAX", 4)
    for n in range(9):
        place.door.bearers.find(f"Bearer {place.token(f'wall-{n}')}")
        assert len(place.door.bearers._known) <= 4


def test_finding_a_token_costs_next_to_nothing(place):
    """On the way of every command: two look-ups, no hash, once it has been read."""
    header = f"Bearer {place.token()}"
    find = place.door.bearers.find
    find(header)
    best = min(timed(find, header) for _ in range(5))
    assert best < 20e-6, f"{best * 1e6:.1f} us"


def timed(find, header: str, times: int = 2000) -> float:
    """Return the seconds one look-up takes."""
    began = time.perf_counter()
    for _ in range(times):
        find(header)
    return (time.perf_counter() - began) / times


def test_no_token_signs_in_at_the_door(place):
    token = place.token("desk-1", "dispatcher")

    async def scene(client):
        client.headers.update(bearing(token))
        assert "This desk has no account." in (await client.get("/account")).text
        assert (await post(client, "/account/everywhere")).status_code == 403

    place.run(scene)
