"""The real demonstration in a real browser: nothing from outside, nothing forbidden, for all."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator

import pytest

from tests.console.browser import AXE, WATCH, Seen, Wire, demonstration, shot

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SHOWS = "text => document.querySelector('[data-demo=pause] [aria-hidden]')?.textContent === text"
LOOKS = [(theme, tag) for theme in ("light", "dark") for tag in ("en", "zh-CN")]


@pytest.fixture(scope="module")
def port(tmp_path_factory) -> Iterator[int]:
    with demonstration(tmp_path_factory.mktemp("demo")) as port:
        yield port


@contextlib.contextmanager
def signed_in(chrome, port, *, viewport=WIDE, theme="light", tag="en", role="dispatcher", **more):
    """Yield a page signed in at a desk, and what is seen on it."""
    base = f"http://127.0.0.1:{port}"
    context = chrome.new_context(viewport=viewport, color_scheme=theme, locale=tag, **more)
    context.add_init_script(WATCH)
    page = context.new_page()
    seen = Seen(base)
    seen.follow(page)
    page.goto(f"{base}/demo/sign-in/{role}", wait_until="domcontentloaded")
    try:
        yield page, seen, base
    finally:
        context.close()


def first_incident(page, base) -> str:
    """Return the address of the incident opened last: it stays open while a test looks at it."""
    page.goto(f"{base}/board", wait_until="domcontentloaded")
    open_now = page.request.get(f"{base}/api/board").json()["incidents"]
    newest = max(open_now, key=lambda incident: incident["opened_us"])
    return f"{base}/incidents/{newest['incident']}"


def pages_of(page, base) -> dict[str, str]:
    """Return every page by name."""
    simple = {name: f"{base}/{name}" for name in ("board", "units", "standards", "record", "enter")}
    return simple | {"incident": first_incident(page, base)}


def settle(page) -> None:
    """Wait until a page is drawn, its map with it."""
    page.wait_for_load_state("load")
    if page.query_selector("#map"):
        page.wait_for_selector("#map[data-ready]", timeout=60_000)


@pytest.mark.parametrize(("theme", "tag"), LOOKS)
def test_no_page_asks_outside_breaks_the_policy_or_fails_accessibility(drawing, port, theme, tag):
    with signed_in(drawing, port, theme=theme, tag=tag) as (page, seen, base):
        for name, url in pages_of(page, base).items():
            page.goto(url, wait_until="domcontentloaded")
            settle(page)
            page.wait_for_timeout(400)
            page.wait_for_function("() => !document.querySelector('.htmx-request')")
            shot(page, f"{name}-1440-{theme}-{tag}")
            page.evaluate(AXE)
            found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
            serious = [
                f"{v['id']}: {n['target']} {n['failureSummary']}"
                for v in found
                if v["impact"] in ("serious", "critical")
                for n in v["nodes"]
            ]
            assert serious == [], f"{name} ({theme}, {tag}): " + "\n".join(serious)
            assert page.evaluate("seen.csp") == [], name
        assert seen.outside == []
        assert seen.errors == []


@contextlib.contextmanager
def standing_still(page, base):
    """Pause the demonstration, until it says so; go on afterwards, whatever was found."""
    pressed(page, "▶")
    try:
        yield
    finally:
        page.goto(f"{base}/board", wait_until="domcontentloaded")
        page.wait_for_function(SHOWS, arg="▶")
        pressed(page, "❚❚")


def pressed(page, sign: str) -> None:
    """Pause the demonstration or have it go on, until its button says so."""
    page.keyboard.press("p")
    page.wait_for_function(SHOWS, arg=sign)


def test_a_form_sent_before_htmx_has_it_is_sent_by_htmx_all_the_same(chrome, port):
    """The browser alone would put its token into the address, or leave the page."""
    with signed_in(chrome, port) as (page, _seen, _base):
        page.wait_for_selector("#open > .row[aria-current=true]")
        at = page.url
        page.evaluate(
            """() => { const form = document.querySelector('[data-demo=slower]').form;
                       form.replaceWith(form.cloneNode(true)); }"""
        )
        with page.expect_request(lambda asked: asked.method == "POST") as sent:
            page.keyboard.press("-")
        assert sent.value.headers["hx-request"] == "true"
        assert page.url == at
        page.keyboard.press("+")


def test_no_page_shifts_while_it_loads(drawing, port):
    with signed_in(drawing, port) as (page, _seen, base):
        urls = pages_of(page, base)
        with standing_still(page, base):
            for name, url in urls.items():
                page.goto(url, wait_until="domcontentloaded")
                settle(page)
                page.wait_for_timeout(300)
                assert page.evaluate("seen.shift") < 0.02, name


def test_no_page_is_wider_than_a_phone(drawing, port):
    with signed_in(drawing, port, viewport=PHONE, theme="dark") as (page, _seen, base):
        for name, url in pages_of(page, base).items():
            page.goto(url, wait_until="domcontentloaded")
            page.wait_for_timeout(300)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
            shot(page, f"{name}-390-dark-en")


def test_the_board_is_worked_with_the_keyboard_alone(chrome, port):
    with signed_in(chrome, port) as (page, seen, _base):
        page.wait_for_selector("#open > .row[aria-current=true]")
        page.keyboard.press("?")
        assert page.is_visible("#keys")
        page.keyboard.press("Escape")
        assert not page.is_visible("#keys")
        pressed(page, "▶")
        for _ in range(4):
            page.keyboard.press("j")
        chosen = page.get_attribute("#open > .row[aria-current=true]", "data-incident")
        page.wait_for_selector(f"#advice :text('{chosen}')", timeout=30_000)
        page.keyboard.press("k")
        chosen = page.get_attribute("#open > .row[aria-current=true]", "data-incident")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/incidents/{chosen}")
        page.keyboard.press("n")
        page.keyboard.type("written with the keyboard")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("#thread :text('written with the keyboard')", timeout=30_000)
        page.keyboard.press("Escape")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("g")
        page.keyboard.press("u")
        page.wait_for_url("**/units")
        page.keyboard.press("g")
        page.keyboard.press("b")
        page.wait_for_url("**/board")
        pressed(page, "❚❚")
        assert seen.errors == []


def test_the_command_line_sends_a_unit_that_the_board_then_shows(chrome, port):
    with signed_in(chrome, port) as (page, _seen, base), standing_still(page, base):
        page.wait_for_selector("#open > .row")
        board = page.request.get(f"{base}/api/board").json()
        unit = next(
            u["unit"] for u in board["units"] if not u["jobs"] and u["unit_type"] == "ENGINE"
        )
        number = board["incidents"][-1]["incident"]
        page.keyboard.press("/")
        page.keyboard.type(f"send {unit} {number} because it is the nearest")
        page.wait_for_selector("#hint:has-text('would be sent')")
        page.keyboard.press("Enter")
        page.wait_for_selector("#hint[data-kind=done]")
        sent = f"#row-{number}:has-text('{unit}')"
        page.wait_for_selector(sent, timeout=30_000)


def test_what_the_command_line_was_told_stands_until_the_line_changes(chrome, port):
    with signed_in(chrome, port) as (page, _seen, base), standing_still(page, base):
        page.wait_for_selector("#open > .row[aria-current=true]")
        board = page.request.get(f"{base}/api/board").json()
        busy = next(u["unit"] for u in board["units"] if u["jobs"])
        page.keyboard.press("/")
        page.keyboard.type(f"send {busy}")
        page.keyboard.press("Enter")
        page.wait_for_selector("#hint[data-kind=no]:has-text('Not ')")
        page.wait_for_timeout(500)
        assert "Not " in page.inner_text("#hint")
        told = page.inner_text("#hint")
        page.keyboard.press("Backspace")
        other = "told => document.querySelector('#hint').textContent !== told"
        page.wait_for_function(other, arg=told)


def test_the_first_click_on_a_row_chooses_it_and_the_second_opens_it(chrome, port):
    with signed_in(chrome, port) as (page, _seen, base):
        page.wait_for_selector("#open > .row[aria-current=true]")
        pressed(page, "▶")
        chosen = page.get_attribute("#open > .row:nth-child(3)", "data-incident")
        page.click(f"#row-{chosen}")
        page.wait_for_selector(f"#advice :text('{chosen}')", timeout=30_000)
        assert page.url == f"{base}/board"
        page.click(f"#row-{chosen}")
        page.wait_for_url(f"**/incidents/{chosen}")
        pressed(page, "❚❚")


def test_what_a_person_types_survives_every_change_of_the_page(chrome, port):
    with signed_in(chrome, port) as (page, _seen, base):
        url = first_incident(page, base)
        page.goto(url)
        number = url.rpartition("/")[2]
        page.fill("#note-words", "half a sentence")
        body = {"type": "intake.AddNote", "key": f"other-{time.time_ns()}", "incident": number}
        page.request.post(f"{base}/api/commands", data=body | {"words": "from another desk"})
        page.wait_for_selector("#thread :text('from another desk')", timeout=30_000)
        assert page.input_value("#note-words") == "half a sentence"


def test_a_leap_to_a_later_hour_loads_the_board_again_and_leaves_the_map_standing(drawing, port):
    with signed_in(drawing, port) as (page, seen, base):
        settle(page)
        before = page.request.get(f"{base}/api/board").json()
        page.evaluate("window.same = true")
        page.select_option("#demo select", index=3)
        page.wait_for_function(
            "n => +document.querySelector('[data-recorded]').textContent.replace(/\\D/g, '') > n",
            arg=before["position"] + 100,
            timeout=60_000,
        )
        was, until_s = {i["incident"] for i in before["incidents"]}, time.monotonic() + 30
        while True:
            told = page.request.get(f"{base}/api/board").json()["incidents"]
            now = {incident["incident"] for incident in told}
            shown = set(page.eval_on_selector_all(
                "#open > .row", "rows => rows.map(r => r.dataset.incident)"
            ))  # fmt: skip
            if not (was - now) & shown and len(shown & now) >= len(shown) - 3:
                break
            assert time.monotonic() < until_s, f"shown: {shown}, open: {now}"
            page.wait_for_timeout(100)
        assert page.query_selector("#map canvas")
        assert page.evaluate("window.same") is True
        assert seen.errors == []


def test_forms_still_work_after_the_page_around_them_has_changed(chrome, port):
    with signed_in(chrome, port) as (page, _seen, base):
        page.goto(first_incident(page, base))
        for words in ("first note", "second note"):
            page.fill("#note-words", words)
            page.click(".note-form button")
            page.wait_for_selector(f"#thread :text('{words}')", timeout=30_000)
            assert page.input_value("#note-words") == ""
        page.click("#thread .entry:has-text('second note') summary", force=True)
        page.fill("#thread details[open] input:not([type=hidden])", "said twice")
        page.keyboard.press("Enter")
        page.wait_for_selector("#thread .entry.struck:has-text('second note')", timeout=30_000)


def test_the_reason_of_a_strike_half_typed_stays_while_the_thread_grows(chrome, port):
    with signed_in(chrome, port) as (page, _seen, base):
        page.goto(first_incident(page, base))
        page.fill("#note-words", "about to be struck")
        page.click(".note-form button")
        page.wait_for_selector("#thread :text('about to be struck')")
        page.click("#thread .entry:has-text('about to be struck') summary", force=True)
        typed = "#thread details[open] input:not([type=hidden])"
        page.fill(typed, "half a reason")
        number = page.url.rpartition("/")[2]
        body = {"type": "intake.AddNote", "key": f"other-{time.time_ns()}", "incident": number}
        page.request.post(f"{base}/api/commands", data=body | {"words": "the thread grows"})
        page.wait_for_selector("#thread :text('the thread grows')")
        assert page.input_value(typed) == "half a reason"
        assert page.evaluate("document.activeElement.matches('details[open] input')")


def test_what_is_told_while_the_page_is_read_again_is_not_lost(chrome, port):
    with signed_in(chrome, port) as (page, _seen, base):
        page.goto(first_incident(page, base))
        number = page.url.rpartition("/")[2]
        page.wait_for_selector("[data-kept][data-state=ok]")
        noted = {"type": "intake.AddNote", "incident": number}

        def slowly(route):
            """Let the page be drawn, then tell something new, and only then bring the page."""
            answer = route.fetch()
            told = noted | {"key": f"other-{time.time_ns()}", "words": "told meanwhile"}
            page.request.post(f"{base}/api/commands", data=told)
            time.sleep(1.5)  # its message comes first
            route.fulfill(response=answer)

        page.route(f"**/incidents/{number}", slowly)
        page.evaluate("document.querySelector('#live').dispatchEvent(new CustomEvent('again'))")
        page.wait_for_selector("#thread :text('told meanwhile')")
        page.unroute(f"**/incidents/{number}")
        told = noted | {"key": f"other-{time.time_ns()}", "words": "and after"}
        page.request.post(f"{base}/api/commands", data=told)
        page.wait_for_selector("#thread :text('and after')")
        assert page.is_visible("#thread :text('told meanwhile')")


def test_a_refusal_is_shown_where_it_was_asked_for(chrome, port):
    with signed_in(chrome, port) as (page, _seen, base):
        page.goto(first_incident(page, base))
        page.click("#side summary:has-text('Send another')")
        page.fill("#side details[open] input[name=unit]:not([type=hidden])", "NOBODY")
        page.keyboard.press("Enter")
        page.wait_for_selector("#side details[open] .refusal", timeout=30_000)
        assert "There is no unit NOBODY." in page.inner_text("#side details[open] .refusal")


def test_a_dropped_connection_is_told_and_resumes_without_a_gap_or_a_reload(chrome, port):
    wire = Wire(port)
    try:
        with signed_in(chrome, wire.port) as (page, _seen, base):
            url = first_incident(page, base)
            page.goto(url)
            number = url.rpartition("/")[2]
            page.wait_for_selector("[data-kept][data-state=ok]")
            page.evaluate("window.same = true")
            cookies = {c["name"]: c["value"] for c in page.context.cookies()}
            wire.break_off()
            page.wait_for_selector("[data-lost]:not([hidden])", timeout=30_000)
            shot(page, "lost-1440-light-en")
            note_from_elsewhere(port, cookies, number)
            wire.mend()
            page.wait_for_selector("#thread :text('while you were away')", timeout=30_000)
            page.wait_for_selector("[data-lost]", state="hidden", timeout=30_000)
            assert page.evaluate("window.same") is True
    finally:
        wire.close()


def note_from_elsewhere(port: int, cookies: dict[str, str], incident: str) -> None:
    """Add a note past the wire that is cut."""
    import httpx

    body = {"type": "intake.AddNote", "key": f"away-{time.time_ns()}", "incident": incident}
    answer = httpx.post(
        f"http://127.0.0.1:{port}/api/commands",
        content=json.dumps(body | {"words": "while you were away"}),
        headers={"content-type": "application/json"},
        cookies=cookies,
    )
    assert answer.status_code == 201, answer.text


def test_units_move_on_the_map_and_stand_still_where_less_motion_is_asked_for(drawing, port):
    moving = (
        "[...document.querySelectorAll('.row, .entry')]"
        ".every(n => getComputedStyle(n).animationName === 'none')"
    )
    with signed_in(drawing, port, reduced_motion="reduce") as (page, _seen, _base):
        settle(page)
        page.wait_for_timeout(3_000)
        assert page.evaluate(moving)
        assert page.query_selector(".row.flash") is None
