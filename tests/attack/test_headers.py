"""The headers, cookies and policy of every answer: pages, refusals, streams, files, errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from answerable.console import pages
from tests.attack import tables
from tests.attack.scene import METHODS, SAME, Answer, Besieged, concrete, form
from tests.attack.test_routes import DOORS, address

FROZEN = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
"""The policy as it was decided: written here once more, so that no change of it goes unseen."""
POLICY = {part.split()[0]: part.split()[1:] for part in FROZEN.split("; ")}
ALWAYS = {
    "content-security-policy": FROZEN, "x-content-type-options": "nosniff",
    "x-frame-options": "DENY", "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
    "permissions-policy":
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
}  # fmt: skip
TOKEN_IN_THE_ADDRESS = ("/say/", "/portal/")
NARROWER = {"referrer-policy": "strict-origin"}
"""Where the address itself opens something, no request may name it, not even to this site."""
SECRET_COOKIES = ("answerable", "answerable-provider")
PLAIN_COOKIES = ("lang",)
"""What a person chose about the look of pages: no secret, but nobody else's business."""
MAY_BE_KEPT = ("public, max-age=31536000, immutable", "private, max-age=31536000, immutable")
NO_BODY = (204, 303, 304)


def whole(answer: Answer, where: object) -> None:
    """Fail unless an answer has every header that each must have, once, and none it may not."""
    shown = answer.status == 200 and any(part in str(where) for part in TOKEN_IN_THE_ADDRESS)
    for name, value in (ALWAYS | NARROWER if shown else ALWAYS).items():
        narrow = NARROWER.get(name, value) if not shown else value
        assert answer.all(name) in ([value], [narrow]), (where, name, answer.all(name))
    assert answer.header("cache-control"), where
    for name in ("server", "x-powered-by", "access-control-allow-origin", "via", "x-debug"):
        assert not answer.all(name), (where, name)
    kind = answer.header("content-type")
    if answer.body and answer.status not in NO_BODY:
        assert kind, (where, answer.status)
        if kind.startswith("text/") or kind.endswith(("+xml", "/xml")):
            assert "charset=utf-8" in kind, (where, kind)
    for told in answer.all("set-cookie"):
        cookie(told, secure=False)


def cookie(told: str, *, secure: bool) -> None:
    """Fail unless a cookie is as narrow as it can be."""
    name, _, rest = told.partition("=")
    parts = {part.strip().lower() for part in rest.split(";")[1:]}
    assert "path=/" in parts, told
    assert not any(part.startswith("domain") for part in parts), told
    plain = name.removeprefix("__Host-")
    assert plain in (*SECRET_COOKIES, *PLAIN_COOKIES), told
    strict = "samesite=lax" if plain == "answerable-provider" else "samesite=strict"
    assert strict in parts, told
    assert "httponly" in parts, told
    if secure:
        assert name.startswith("__Host-"), told
        assert "secure" in parts, told


def every_situation(siege: Besieged) -> list[tuple[object, Answer]]:
    """Return answers of every address: to nobody, to a supervisor, by each method, and wrong."""

    async def scene() -> list[tuple[object, Answer]]:
        told = []
        for one in DOORS:
            mine = siege.cookie("supervisor")
            method, path = address(siege, one)
            if path.startswith("/sign-in/provider") and method == "GET":
                continue
            for who in ((), siege.cookie("administrator"), mine):
                sent = form(token="") if method == "POST" else {"headers": SAME}
                sent["headers"] = (*sent["headers"], *who)
                told.append(((method, path, bool(who)), await siege.ask(method, path, **sent)))
            for wrong in METHODS:
                sent = {"headers": (*SAME, *mine)}
                told.append(((wrong, path), await siege.ask(wrong, path, **sent)))
        mine = siege.cookie("supervisor")
        for body in (b"", b"{", b"\xff", b"[" * 50_000, b"{}" + b" " * 70_000):
            sent = {"headers": (("content-type", "application/json"), *SAME, *mine), "body": body}
            told.append((("POST", body[:9]), await siege.ask("POST", "/api/commands", **sent)))
        return told

    answers: list[tuple[object, Answer]] = siege.run(scene)
    return answers


@pytest.fixture(scope="module")
def situations(siege) -> list[tuple[object, Answer]]:
    return every_situation(siege)


def test_every_answer_of_every_address_is_dressed(situations):
    assert len(situations) > 500
    for where, answer in situations:
        whole(answer, where)


def test_all_kinds_of_answers_were_looked_at(situations):
    seen = {answer.status for _, answer in situations}
    assert seen >= {200, 204, 303, 400, 401, 403, 404, 405, 413}
    kinds = {answer.header("content-type").partition(";")[0] for _, answer in situations}
    assert kinds >= {"text/html", "application/json", "text/event-stream"}


def test_what_is_private_is_kept_by_nobody(situations):
    for where, answer in situations:
        kept = answer.header("cache-control")
        assert kept == "no-store" or answer.status in (200, 206), (where, kept)
        assert kept in ("no-store", *MAY_BE_KEPT), (where, kept)
        if kept in MAY_BE_KEPT:
            assert "/town/" in str(where), where


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/board/nowhere", "/static/nowhere.js", "/static/", "/admin/nowhere",
     "/.git/config", "/authority.toml", "/serve.toml", "/record.sqlite", "/favicon.ico",
     "/robots.txt", "/api/",
     "/town/", "/live/", "/live/nowhere", "/%00", "/\x7f", "/a" * 2000],
)  # fmt: skip
def test_an_address_there_is_not_is_dressed_and_lists_nothing(siege, path):
    for who in ((), siege.cookie("supervisor")):
        answer = siege.run(lambda who=who: siege.ask("GET", path, headers=who))
        whole(answer, path)
        assert answer.status in (303, 400, 401, 403, 404)
        assert "Index of" not in answer.text


def test_a_method_nobody_asked_for_is_refused_everywhere(situations):
    seen = 0
    for where, answer in situations:
        if where[0] in ("TRACE", "CONNECT", "BREW", "PUT", "PATCH", "DELETE"):
            assert answer.status in (401, 404, 405), (where, answer.status)
            assert not answer.body or b"cookie" not in answer.body.lower(), where
            seen += 1
    assert seen > 200


def test_every_field_of_a_password_is_masked_and_may_be_filled(situations, siege):
    link = siege.run(lambda: siege.ask("GET", "/enter")).text
    own = siege.run(lambda: siege.ask("GET", "/account", headers=siege.cookie("dispatcher"))).text
    templates = Path(pages.__file__).parent / "templates" / "signin"
    texts = [link, own, *(path.read_text("utf-8") for path in templates.glob("*.html"))]
    fields = [one for text in texts for one in re.findall(r"<input[^>]*>", text)]
    secret = [one for one in fields if re.search(r'name="(password|again|current)"', one)]
    assert len(secret) >= 6
    for one in secret:
        assert 'type="password"' in one
        assert re.search(r'autocomplete="(current|new)-password"', one), one
        assert "onpaste" not in one
        assert "readonly" not in one


def test_every_page_of_somebody_signed_in_offers_to_sign_out(situations):
    seen = 0
    for where, answer in situations:
        if answer.status == 200 and 'class="frame"' in answer.text:
            assert 'action="/session/end"' in answer.text, where
            seen += 1
    assert seen >= 8


KEEPS_IN_ITS_TAB = {
    "app.js": "drops at sign-out what a call left",
    "alerting.js": "whether it sounds",
    "bar.js": "ADR 0026: verbs and names of lines, never words",
    "once.js": "ADR 0028: what is not recorded yet",
    "take.js": "ADR 0031: a half-typed call, without the number",
}
"""The scripts that keep something until the tab is closed, and what; each is left with a reason."""


def test_no_script_of_ours_keeps_anything_in_the_browser_but_what_waits_in_its_tab():
    static = Path(pages.__file__).parent / "static"
    keeping = set()
    for path in static.glob("*.js"):
        text = path.read_text("utf-8")
        kept = set(re.findall(r"localStorage|sessionStorage|indexedDB|caches\.open", text))
        assert kept <= {"sessionStorage"}, path.name
        keeping |= {path.name} if kept else set()
        told = re.findall(r"document\.cookie = `[^`]*`", text)
        assert all("theme=" in one for one in told), path.name
    assert keeping == set(KEEPS_IN_ITS_TAB)


def test_files_are_dressed_and_may_be_kept(siege):
    from answerable.console.assets import console_assets

    assets = console_assets()
    for path in assets._held:
        answer = siege.run(lambda path=path: siege.ask("GET", path))
        assert answer.status == 200
        whole(answer, path)
        assert answer.header("cache-control") == MAY_BE_KEPT[0]
        assert not answer.all("set-cookie")


def test_a_name_that_is_not_ours_and_a_fault_are_dressed(siege, monkeypatch):
    answer = siege.run(lambda: siege.ask("GET", "/board", host="evil.example"))
    whole(answer, "421")
    assert answer.status == 421

    def broken(*args: object) -> object:
        raise RuntimeError("zeppelin secret")

    monkeypatch.setattr(siege.front.hub.store, "rows", broken)
    headers = siege.cookie("supervisor")
    answer = siege.run(lambda: siege.ask("GET", "/api/events", headers=headers))
    whole(answer, "500")
    assert answer.status == 500
    assert "zeppelin" not in answer.text


def test_the_policy_lets_nothing_in_that_is_not_ours():
    assert POLICY["default-src"] == POLICY["object-src"] == POLICY["base-uri"] == ["'none'"]
    assert POLICY["frame-ancestors"] == ["'none'"]
    assert {one for values in POLICY.values() for one in values} == {"'none'", "'self'"}


def test_no_page_has_a_script_or_style_of_its_own_or_names_another_host(situations):
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=\"|javascript:", re.I
    )
    for where, answer in situations:
        if answer.header("content-type").startswith("text/html"):
            assert not inline.search(answer.text), (where, inline.search(answer.text))
            loaded = re.findall(r'(?:src|href|action|hx-(?:get|post))="([^"]*)"', answer.text)
            for link in loaded:
                assert re.match(r"/(?!/)|#|\?", link), (where, link)


def test_over_https_every_cookie_is_this_hosts_alone(siege):
    async def scene() -> list[Answer]:
        told = []
        for one in DOORS:
            method, path = address(siege, one)
            if path.startswith("/sign-in/provider"):
                continue
            sent = form(token="") if method == "POST" else {"headers": SAME}
            told.append(await siege.ask(method, path, scheme="https", **sent))
        mine = siege.cookie("supervisor", "https")
        sent = form(token=siege.form_token("supervisor"))
        sent["headers"] = (*sent["headers"], *mine)
        told.append(await siege.ask("POST", "/session/end", scheme="https", **sent))
        return told

    cookies = [one for answer in siege.run(scene) for one in answer.all("set-cookie")]
    assert len(cookies) >= 2
    for told in cookies:
        cookie(told, secure=True)


def test_an_answer_that_lacks_a_header_or_has_a_wide_cookie_is_caught(siege):
    good = siege.run(lambda: siege.ask("GET", "/enter"))
    whole(good, "good")
    for name in ALWAYS:
        bare = good._replace(headers=tuple(h for h in good.headers if h[0] != name))
        with pytest.raises(AssertionError):
            whole(bare, "bare")
    for wide in ("answerable=x; Path=/; SameSite=Strict", "other=x; Path=/; HttpOnly",
                 "answerable=x; Path=/; HttpOnly; SameSite=Strict; Domain=a.org"):  # fmt: skip
        with pytest.raises(AssertionError):
            cookie(wide, secure=False)


def test_the_table_of_addresses_is_the_one_that_is_walked():
    assert tables.doors(tables.ROUTES.read_text("utf-8")) == DOORS
    assert all("{" not in concrete(d.route.path) for d in DOORS)
