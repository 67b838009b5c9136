"""The bar in a real browser, by keyboard alone, in both languages, on a desk and on a phone."""

from __future__ import annotations

import json

import pytest

from tests.console.browser import AXE, shot
from tests.console.test_browser import PHONE, WIDE, port, pressed, signed_in, standing_still

__all__ = ["port"]
pytestmark = pytest.mark.browser
LINE = "#line [name=line]"
OPTION = "#bar-list > [role=option]"


def ready(page):
    """Wait until the board has its calls, and return a free unit and an incident of it."""
    page.wait_for_selector("#open > .row[aria-current=true], #open > .row")
    base = page.url.partition("/board")[0]
    board = page.request.get(f"{base}/api/board").json()
    free = [u["unit"] for u in board["units"] if not u["jobs"] and u["unit_type"] == "ENGINE"]
    return free[-1], board["incidents"][-1]["incident"]


def write(page, text):
    """Write a line from nothing, and wait until it was read."""
    page.focus(LINE)
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    with page.expect_response(lambda answer: answer.url.endswith("/line/read")):
        page.keyboard.type(text)
    page.wait_for_function("() => document.activeElement.matches('[role=combobox]')")
    page.wait_for_timeout(250)


def serious(page):
    """Return the serious findings of axe."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run('.foot', {resultTypes: ['violations']})")["violations"]
    return [
        f"{v['id']}: {n['target']} {n['failureSummary']}"
        for v in found if v["impact"] in ("serious", "critical")
        for n in v["nodes"]
    ]  # fmt: skip


def test_a_line_is_written_by_keys_alone_and_the_reader_is_told_what_is_marked(chrome, port):
    with signed_in(chrome, port) as (page, seen, base), standing_still(page, base):
        ready(page)
        page.keyboard.press("/")
        page.wait_for_selector(OPTION)
        assert page.get_attribute(LINE, "aria-expanded") == "true"
        page.keyboard.type("stat")
        page.wait_for_selector(f"{OPTION}:has-text('/status')")
        page.wait_for_timeout(250)
        page.keyboard.press("Tab")
        assert page.input_value(LINE) == "/status "
        page.wait_for_selector(f"{OPTION}:not(:has-text('/'))")
        page.wait_for_timeout(250)
        page.keyboard.press("ArrowDown")
        marked = page.get_attribute(LINE, "aria-activedescendant")
        assert marked == page.get_attribute(f"{OPTION}[aria-selected=true]", "id")
        unit = page.inner_text(f"{OPTION}[aria-selected=true] b")
        page.keyboard.press("Enter")
        assert page.input_value(LINE) == f"/status {unit} "
        page.keyboard.press("Escape")
        assert page.is_hidden("#bar")
        assert page.get_attribute(LINE, "aria-expanded") == "false"
        assert page.evaluate("document.activeElement.matches('[role=combobox]')")
        page.keyboard.press("Escape")
        assert page.input_value(LINE) == ""
        page.keyboard.press("Escape")
        assert page.evaluate("!document.activeElement.matches('input')")
        assert seen.errors == []


def test_nobody_is_caught_in_the_line(chrome, port):
    with signed_in(chrome, port) as (page, _seen, _base):
        ready(page)
        page.focus(LINE)
        page.keyboard.press("Tab")
        assert not page.evaluate("document.activeElement.matches('[role=combobox]')")
        write(page, "/se")
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        assert not page.evaluate("document.activeElement.matches('[role=combobox]')")


def test_what_is_shown_is_done_then_taken_back_and_the_line_comes_back_without_its_words(
    chrome, port
):
    with signed_in(chrome, port) as (page, seen, base), standing_still(page, base):
        unit, number = ready(page)
        write(page, f"/send {unit} to #{number} because the bridge is up")
        page.wait_for_selector("#hint[data-kind=ready]:has-text('would be sent')")
        assert page.is_visible(".bar-said")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"#hint[data-kind=done]:has-text('{unit} was sent')")
        assert page.input_value(LINE) == ""
        page.wait_for_selector(f"#row-{number}:has-text('{unit}')", timeout=30_000)
        write(page, "/undo")
        page.wait_for_selector(f"#hint:has-text('{unit} is called off')")
        page.keyboard.press("Enter")
        page.wait_for_selector("#hint[data-kind=done]:has-text('Taken back')")
        page.keyboard.press("ArrowUp")
        assert page.input_value(LINE) == f"/send {unit} to #{number} "
        kept = page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")
        assert "bridge" not in kept
        assert seen.errors == []


def test_no_line_is_part_of_an_address(chrome, port):
    asked = []
    with signed_in(chrome, port) as (page, _seen, _base):
        ready(page)
        page.on("request", lambda request: asked.append((request.method, request.url)))
        write(page, "/note zeppelin over the bay")
        page.wait_for_selector("#hint[data-kind=ready]")
        page.keyboard.press("Enter")
        page.wait_for_selector("#hint[data-kind=done]")
    lines = [(method, url) for method, url in asked if "/line" in url]
    assert {method for method, _url in lines} == {"POST"}
    assert not any("zeppelin" in url for _method, url in asked)


def test_what_changed_since_it_was_shown_is_not_done_and_is_shown_anew(chrome, port):
    with signed_in(chrome, port, role="supervisor") as (page, _seen, base):
        unit, number = ready(page)
        write(page, f"/note #{number} first")
        page.keyboard.press("Enter")
        page.wait_for_selector("#hint[data-kind=done]")
        write(page, "/undo")
        page.wait_for_selector("#hint[data-kind=ready]")
        token = page.get_attribute("body", "data-token")
        form = {"token": token, "type": "intake.AddNote", "incident": number, "words": "second",
                "key": f"between-{number}"}  # fmt: skip
        done = page.request.post(f"{base}/do", form=form, headers={"hx-request": "true"})
        assert done.status == 201
        page.keyboard.press("Enter")
        page.wait_for_selector("#hint[data-kind=no]:has-text('has changed since it was shown')")
        page.wait_for_selector(".bar-said:has-text('has changed since it was shown')")
        assert page.input_value(LINE) == "/undo"
        page.wait_for_timeout(250)
        page.keyboard.press("Enter")
        page.wait_for_selector("#hint[data-kind=done]:has-text('Taken back')")
        assert unit


@pytest.mark.parametrize(
    ("viewport", "theme", "tag"),
    [(WIDE, "light", "en"), (WIDE, "dark", "zh-CN"), (PHONE, "light", "zh-CN"),
     (PHONE, "dark", "en")],
)  # fmt: skip
def test_the_open_bar_is_free_of_serious_findings_and_fits(chrome, port, viewport, theme, tag):
    with signed_in(chrome, port, viewport=viewport, theme=theme, tag=tag) as (page, seen, _base):
        unit, _number = ready(page)
        width = viewport["width"]
        for name, line in (("units", "/send "), ("refused", f"/ack {unit}"), ("help", "/help ")):
            write(page, line)
            page.wait_for_selector(".bar-said:not(:empty)")
            shot(page, f"bar-{name}-{width}-{theme}-{tag}")
            box = page.query_selector("#bar").bounding_box()
            assert box["x"] >= 0, name
            assert box["x"] + box["width"] <= width + 1, name
            assert box["y"] >= 0, name
        assert serious(page) == []
        assert page.evaluate("seen.csp") == []
        assert seen.errors == []
        assert seen.outside == []


def test_the_page_does_not_move_when_the_bar_opens(chrome, port):
    with signed_in(chrome, port) as (page, _seen, _base):
        ready(page)
        pressed(page, "▶")
        where = "JSON.stringify(document.querySelector('main').getBoundingClientRect())"
        before = json.loads(page.evaluate(where))
        write(page, "/send ")
        page.wait_for_selector(OPTION)
        assert json.loads(page.evaluate(where)) == before
        page.keyboard.press("Escape")
        page.evaluate("document.activeElement.blur()")
        pressed(page, "❚❚")


def test_a_page_without_the_right_has_no_bar_and_the_slash_does_nothing(chrome, port):
    with signed_in(chrome, port, role="administrator") as (page, seen, base):
        page.goto(f"{base}/standards", wait_until="load")
        assert page.query_selector("#line") is None
        page.keyboard.press("/")
        assert seen.errors == []
