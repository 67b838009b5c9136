"""Sessions end, forms are their own session's, and other sites change nothing."""

from __future__ import annotations

import pytest

from answerable.console.sanity import Refused, check_origin, fields
from answerable.console.session import AGE_S, IDLE_S, Sessions, cookie, token_fits
from answerable.kernel.authority import Actor

WHO = Actor(name="a", role="dispatcher")


class Hands:
    """A clock turned by hand, seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_session_ends_when_idle_and_when_old():
    clock = Hands()
    sessions = Sessions(clock)
    idle, busy = sessions.begin(WHO), sessions.begin(WHO)
    clock.now = IDLE_S + 1
    assert sessions.find(idle) is None
    busy = sessions.begin(WHO)
    began = clock.now
    while clock.now - began < AGE_S - 60:
        clock.now += IDLE_S / 2
        if clock.now - began <= AGE_S:
            assert sessions.find(busy) is not None
    clock.now = began + AGE_S + 1
    assert sessions.find(busy) is None


def test_an_identifier_is_random_and_kept_only_as_a_digest():
    sessions = Sessions()
    made = {sessions.begin(WHO) for _ in range(50)}
    assert len(made) == 50
    assert all(len(identifier) >= 43 for identifier in made)
    assert not any(identifier.encode() in sessions._held for identifier in made)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites():
    text = cookie("abc", secure=True)
    assert {"HttpOnly", "SameSite=Strict", "Secure", "Path=/"} <= set(text.split("; "))


def test_a_token_fits_its_own_session_only():
    sessions = Sessions()
    one, other = (sessions.find(sessions.begin(WHO)) for _ in range(2))
    assert one is not None
    assert other is not None
    assert token_fits(one, one.token)
    assert not token_fits(one, other.token)
    assert not token_fits(None, one.token)


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ([(b"sec-fetch-site", b"same-origin"), (b"origin", b"http://h:1")], True),
        ([(b"sec-fetch-site", b"none")], True),
        ([], True),
        ([(b"sec-fetch-site", b"cross-site")], False),
        ([(b"sec-fetch-site", b"same-site")], False),
        ([(b"origin", b"http://evil.example")], False),
        ([(b"origin", b"null")], False),
        ([(b"origin", b"http://[")], False),
    ],
)
def test_a_change_that_another_site_asks_for_is_refused(headers, allowed):
    scope = {"headers": [(b"host", b"h:1"), *headers]}
    if allowed:
        check_origin(scope)
        return
    with pytest.raises(Refused) as refusal:
        check_origin(scope)
    assert refusal.value.status == 403


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a", b"&".join([b"a=1"] * 99), "ü=1".encode()])
def test_a_malformed_form_is_refused_with_a_reason(body):
    with pytest.raises(Refused) as refusal:
        fields(body)
    assert refusal.value.status == 400
