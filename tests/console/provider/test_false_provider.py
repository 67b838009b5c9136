"""A provider that lies, is slow, is down or talks nonsense: told, and the service goes on."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote_plus, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from answerable.access import words as access
from answerable.console.provider import remote, waiting
from answerable.console.provider.waiting import LASTS_S, Waiting
from answerable.console.serve.health import checks
from answerable.console.serve.run_serve import Running
from tests.console.provider.false_provider import CLIENT, SECRET, FalseProvider
from tests.console.serve.scene import Scene, client

PUBLIC = "https://dispatch.example"
SAME = {"sec-fetch-site": "same-origin"}


@dataclass
class Door:
    """A service whose staff sign in at the false provider."""

    scene: Scene
    running: Running
    false: FalseProvider

    def come_in(self, act=None, **changed: str) -> tuple[httpx.Response, httpx.AsyncClient]:
        """Sign in as a browser does; ``changed`` lies over what the provider sends back."""

        async def play() -> httpx.Response:
            async with client(self.running, PUBLIC) as browser:
                out = await browser.get("/sign-in/provider?back=/units")
                if out.status_code != 303:
                    return out
                asked = {
                    k: v[0] for k, v in parse_qs(urlsplit(out.headers["location"]).query).items()
                }
                self.asked = asked
                self.false.nonce = asked["nonce"]
                if act is not None:
                    act(browser)
                query = {"code": "geheimer-code", "state": asked["state"]} | changed
                answer = await browser.get("/sign-in/provider/back", params=query)
                self.after = await browser.get("/account")
                if answer.status_code < 400:  # a state that was used is used up
                    kept = {"cookie": f"__Host-answerable-provider={asked['state']}"}
                    self.again = await browser.get(
                        "/sign-in/provider/back", params=query, headers=kept
                    )
                return answer

        return asyncio.run(play())

    @property
    def sessions(self) -> int:
        return len(self.running.service.front.sessions)


@pytest.fixture
def door(scene, false, tmp_path: Path) -> Door:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    one = scene(public_url=PUBLIC, provider={
        "issuer": false.url, "client_id": CLIENT, "secret_file": str(secret), "timeout_s": 1.0,
        "label": "the city's sign-on",
    })  # fmt: skip
    one.do(access.OpenAccount, account="ada", role="dispatcher", provider=True,
           subject="ada@example.org")  # fmt: skip
    return Door(one, one.made(SECRET), false)


def refused(answer: httpx.Response, status: int, said: str, door: Door) -> None:
    """A refusal is a page with its reason and a way out, and nobody is signed in."""
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert "Not signed in." in answer.text
    assert "password" in answer.text or "again" in answer.text or "administrator" in answer.text
    assert "answerable=" not in str(answer.headers.get_list("set-cookie")).replace("provider", "")
    assert door.sessions == 0


# -- the right way ---------------------------------------------------------------------------


def test_who_the_provider_proves_and_the_centre_knows_is_signed_in(door):
    answer = door.come_in()
    assert answer.status_code == 200
    assert 'http-equiv="refresh" content="0; url=/units"' in answer.text
    session, gone = answer.headers.get_list("set-cookie")
    assert session.startswith("__Host-answerable=")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(session.split("; "))
    assert "Max-Age=0" in gone
    assert door.after.status_code == 200
    assert door.again.status_code == 400, "a state is used once"
    (account,) = door.scene.centre.hub.state["access"].accounts.values()
    assert len(account.sessions) == 1
    signed = list(door.scene.centre.hub.store.rows())[-1]
    assert signed.kind == "access.SignedIn"
    assert b'"way":"provider"' in signed.body.replace(b" ", b"")


def test_the_way_out_carries_what_the_way_back_is_proved_by(door):
    door.come_in()
    asked, (what, form, auth) = door.asked, door.false.asked[1]
    assert what == "token"
    assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
    assert asked["redirect_uri"] == form["redirect_uri"] == f"{PUBLIC}/sign-in/provider/back"
    assert asked["tenant"] == "7", "what the address of the provider had stays"
    assert asked["code_challenge_method"] == "S256"
    assert len(form["code_verifier"]) >= 43
    assert asked["code_challenge"] not in form["code_verifier"]
    name, _, secret = base64.b64decode(auth.removeprefix("Basic ")).decode().partition(":")
    assert (unquote_plus(name), unquote_plus(secret)) == (CLIENT, SECRET)
    assert all(len(asked[name]) >= 32 for name in ("state", "nonce"))


def test_a_provider_without_basic_is_given_the_secret_in_the_form(door):
    door.false.changed = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert door.come_in().status_code == 200
    _, form, auth = door.false.asked[1]
    assert (form["client_secret"], auth) == (SECRET, "")


def test_description_and_keys_are_asked_for_once(door):
    for _ in range(3):
        assert door.come_in().status_code == 200
    assert door.false.times("openid-configuration") == door.false.times("keys") == 1


def test_keys_that_were_changed_are_asked_for_again_but_not_at_every_lie(door, monkeypatch):
    assert door.come_in().status_code == 200
    door.false.key = door.false.shown = RSAKey.generate_key(2048, {"kid": "two"})
    door.false.kid = "two"
    monkeypatch.setattr(remote, "KEYS_AGAIN_S", 0.0)
    assert door.come_in().status_code == 200
    assert door.false.times("keys") == 2
    monkeypatch.setattr(remote, "KEYS_AGAIN_S", 30.0)
    door.false.kid = "three"
    for _ in range(3):
        assert door.come_in().status_code == 403
    assert door.false.times("keys") == 2


def test_a_key_of_an_unknown_kind_beside_the_right_one_is_passed_over(door):
    keys = json.loads(door.false.usual("keys")[1])
    keys["keys"].insert(0, {"kty": "a kind of 2040", "kid": "new"})
    door.false.answers["keys"] = lambda: (200, json.dumps(keys).encode())
    assert door.come_in().status_code == 200


def test_another_claim_may_say_who_it_is(door, monkeypatch):
    signing = next(
        check.__self__
        for check in door.running.service.front.checks
        if hasattr(getattr(check, "__self__", None), "provider")
    )
    monkeypatch.setattr(signing, "provider", _replaced(signing.provider, claim="upn"))
    door.false.claims = {"sub": "7", "upn": "ada@example.org"}
    assert door.come_in().status_code == 200
    door.false.claims = {"sub": "ada@example.org", "upn": ["ada@example.org"]}
    assert door.come_in().status_code == 403


def _replaced(struct, **changed):
    import msgspec

    return msgspec.structs.replace(struct, **changed)


# -- proofs that do not hold -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"nonce": "another"}, "the claim nonce"),
        ({"nonce": None}, "the claim nonce"),
        ({"aud": "another"}, "the claim aud"),
        ({"aud": ["another"]}, "the claim aud"),
        ({"aud": [CLIENT, "another"]}, "the claim azp"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "the claim azp"),
        ({"iss": "https://elsewhere.example"}, "the claim iss"),
        ({"exp": int(time.time()) - 3600}, "the"),
        ({"exp": None}, "the claim exp"),
        ({"exp": "soon"}, "the"),
        ({"iat": int(time.time()) + 3600}, "the"),
        ({"nbf": int(time.time()) + 3600}, "the"),
        ({"sub": ""}, "the claim sub"),
        ({"sub": None}, "the claim sub"),
        ({"sub": "x" * 256}, "names nobody"),
    ],
)
def test_a_claim_that_is_not_right_is_refused(claims, said, door):
    door.false.claims = claims
    refused(door.come_in(), 403, said, door)
    assert door.running.service.counts.provider["unproven"] == 1


@pytest.mark.parametrize("algorithm", ["none", "HS256", "PS256"])
def test_an_algorithm_that_is_not_on_the_list_is_refused(algorithm, door):
    door.false.algorithm = algorithm
    refused(door.come_in(), 403, "the signature", door)


def test_a_signature_by_another_key_is_refused(door):
    door.false.key = RSAKey.generate_key(2048, {"kid": "one"})
    refused(door.come_in(), 403, "the signature fits none of its keys", door)


def test_a_subject_without_an_account_is_refused_and_none_is_made(door):
    door.false.claims = {"sub": "eve@example.org"}
    refused(door.come_in(), 403, "no open account", door)
    assert set(door.scene.centre.hub.state["access"].accounts) == {"ada"}


def test_a_closed_account_is_refused(door):
    door.scene.do(access.OpenAccount, account="boss", role="administrator")
    door.scene.do(access.CloseAccount, account="ada", reason="left the service")
    answer = door.come_in()
    assert answer.status_code in (403, 409)
    assert door.sessions == 0


# -- answers nobody waits for ----------------------------------------------------------------


def test_an_answer_in_another_browser_is_refused(door):
    refused(door.come_in(lambda browser: browser.cookies.clear()), 400, "in this browser", door)


@pytest.mark.parametrize("changed", [{"state": "another"}, {"state": ""}])
def test_an_answer_with_another_state_is_refused(changed, door):
    refused(door.come_in(**changed), 400, "in this browser", door)


def test_an_answer_that_took_too_long_is_refused(door, monkeypatch):
    monkeypatch.setattr(waiting, "LASTS_S", -1)
    refused(door.come_in(), 400, "ten minutes", door)


def test_an_answer_of_another_issuer_is_refused(door):
    refused(door.come_in(iss="https://elsewhere.example"), 403, "another issuer", door)


@pytest.mark.parametrize(
    ("error", "said"),
    [("access_denied", "access_denied"), ("<script>alert(1)</script>", "an error"),
     ("x" * 99, "an error")],
)  # fmt: skip
def test_an_error_of_the_provider_is_told_and_nothing_else_it_says(error, said, door):
    answer = door.come_in(error=error, error_description="geheime-beschreibung")
    refused(answer, 403, said, door)
    assert "script>alert" not in answer.text
    assert "geheim" not in answer.text


def test_what_waits_is_bounded_and_the_oldest_gives_way(monkeypatch):
    monkeypatch.setattr(waiting, "WAITING_MAX", 3)
    held = Waiting()
    states = [held.begin("/")[0] for _ in range(5)]
    assert len(held) == 3
    assert held.take(states[0], states[0]) is None
    assert held.take(states[4], states[4]) is not None
    assert LASTS_S == 600, "the sentence says ten minutes"


# -- a provider that is no use ---------------------------------------------------------------


def nonsense(status: int, body: bytes):
    return lambda: (status, body)


@pytest.mark.parametrize("what", ["openid-configuration", "token", "keys"])
@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (nonsense(200, b"<html>hello</html>"), 503, "cannot be used"),
        (nonsense(200, b"[1, 2]"), 503, "cannot be used"),
        (nonsense(200, b"{}"), 503, "cannot be used"),
        (nonsense(200, b'{"keys": 7, "id_token": 7, "issuer": 7}'), 503, "cannot be used"),
        (nonsense(200, b'{"keys": [{"kty": "x"}], "id_token": "a.b.c"}'), 503, "cannot be used"),
        (nonsense(200, b"[" * 100_000), 503, "cannot be used"),
        (nonsense(200, b'"' + b"x" * 400_000 + b'"'), 503, "too long"),
        (nonsense(500, b"{}"), 503, "status 500"),
        (nonsense(400, b'{"error": "invalid_client"}'), 403, "invalid_client"),
        (nonsense(302, b""), 503, "cannot be used"),
    ],
)
def test_an_answer_that_is_nonsense_is_told(what, answer, status, said, door):
    door.false.answers[what] = answer
    told = door.come_in()
    assert told.status_code in (status, 403)
    refused(told, told.status_code, said if told.status_code == status else "", door)
    door.false.answers.clear()
    assert door.come_in().status_code == 200, "the service goes on, and so does signing in"


@pytest.mark.parametrize(
    "changed",
    [{"issuer": "https://elsewhere.example"}, {"token_endpoint": "http://elsewhere.example/t"},
     {"jwks_uri": "file:///etc/passwd"}, {"authorization_endpoint": "javascript:alert(1)"}],
)  # fmt: skip
def test_a_description_that_leads_elsewhere_is_refused(changed, door):
    door.false.changed = changed
    refused(door.come_in(), 503, "its description names", door)


def test_a_slow_provider_is_told_and_delays_nobody(door):
    door.false.slow_s["openid-configuration"] = 3.0

    async def play() -> tuple[httpx.Response, bool]:
        async with client(door.running, PUBLIC) as browser:
            assert (await browser.get("/enter")).status_code == 200  # drawn once
            slow = asyncio.create_task(browser.get("/sign-in/provider"))
            await asyncio.sleep(0.1)
            assert (await browser.get("/enter")).status_code == 200
            meanwhile = not slow.done()
            return await slow, meanwhile

    answer, meanwhile = asyncio.run(play())
    refused(answer, 503, "no answer in 1 s", door)
    assert meanwhile, "the door waited for the provider"


def test_a_provider_that_is_down_is_told_and_watched_and_passwords_are_offered(door):
    door.false.close()
    refused(door.come_in(), 503, "ConnectError", door)
    check = next(c for c in checks(door.running.service.front) if c.name == "provider")
    assert check.found == "watch"
    assert "down" in check.said()[0]

    async def play() -> str:
        async with client(door.running, PUBLIC) as browser:
            return (await browser.get("/enter")).text

    text = asyncio.run(play())
    assert 'name="password"' in text
    assert "the city" in text
    assert "/sign-in/provider" in text


def test_only_so_many_sign_in_there_at_once(door, monkeypatch):
    monkeypatch.setattr(remote, "AT_ONCE", 0)
    refused(door.come_in(), 503, "too many sign-ins at once", door)


def test_without_a_provider_there_is_no_way_to_it(scene):
    running = scene().made()

    async def play() -> tuple[int, str]:
        async with client(running) as browser:
            return (await browser.get("/sign-in/provider")).status_code, (
                await browser.get("/enter")
            ).text

    status, text = asyncio.run(play())
    assert status == 404
    assert "/sign-in/provider" not in text
