"""Callers are rung back by keys alone, on a desk and on a phone, in both languages and themes."""

from __future__ import annotations

import pytest

from answerable.console.session import COOKIE
from answerable.followup import back_words as w
from tests.console.browser import AXE, shot
from tests.console.calling_back.test_page import NUMBER, STAFF, incident_of, rung
from tests.console.presence.conftest import chrome, served

pytestmark = pytest.mark.browser
__all__ = ["chrome", "served"]
SLOW_MS = 30_000
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


def called(served, **fields) -> str:
    return str(served.call(rung, served.world, **fields))


def opened(served, chrome, size: str = "desk", theme: str = "light", tag: str = "en"):
    context = chrome.new_context(viewport=SIZES[size], color_scheme=theme, locale=tag)
    context.set_default_timeout(SLOW_MS)
    cookie = served.cookie("call_back").partition("=")[2]
    context.add_cookies([{"name": COOKIE, "value": cookie, "url": served.url},
                         {"name": "lang", "value": tag, "url": served.url}])  # fmt: skip
    return context.new_page()


def entry(served, call: str):
    return served.world.centre.hub.state["call-backs"].entry(call)


def settled(page, served) -> None:
    page.goto(f"{served.url}/call-backs")
    page.wait_for_selector("[data-kept][data-state=ok]")


def test_a_caller_is_rung_and_answers_by_keys_alone(served, chrome):
    for _nth in range(2):
        called(served)
    page = opened(served, chrome)
    settled(page, served)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-q]")
    page.wait_for_selector("[data-kept][data-state=ok]")  # its keys are heard by now
    call = page.url.rpartition("/")[2].partition("?")[0]
    page.keyboard.press("Enter")
    page.wait_for_selector(f"[data-number]:has-text('{NUMBER}')")
    for key in "54":
        page.keyboard.press(key)
    page.keyboard.press("Backspace")
    for key in "323":
        page.keyboard.press(key)
    page.keyboard.press("t")
    page.keyboard.press("Control+Enter")
    page.wait_for_function("(call) => !location.pathname.endsWith(call)", arg=call)
    said = entry(served, call)
    assert (said.state, said.marks, said.wants) == ("answered", (5, 3, 2, 3), True)


def test_a_letter_records_that_nobody_answered(served, chrome):
    call = called(served)
    page = opened(served, chrome)
    page.goto(f"{served.url}/call-backs/{call}")
    page.wait_for_selector("[data-kept][data-state=ok]")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"[data-number]:has-text('{NUMBER}')")
    page.keyboard.press("n")
    page.wait_for_function("(call) => !location.pathname.endsWith(call)", arg=call)
    assert (entry(served, call).tries, entry(served, call).outcome) == (1, "no answer")


def test_a_key_held_down_rings_and_records_once(served, chrome):
    first, second = called(served), called(served)
    page = opened(served, chrome)
    page.goto(f"{served.url}/call-backs/{first}")
    page.wait_for_selector("[data-kept][data-state=ok]")
    held = """(key) => document.body.dispatchEvent(
        new KeyboardEvent("keydown", {key, repeat: true, bubbles: true, cancelable: true}))"""
    assert page.evaluate(held, "Enter") is False
    page.keyboard.press("Enter")
    page.wait_for_selector(f"[data-number]:has-text('{NUMBER}')")
    assert page.evaluate(held, "n") is False
    assert page.evaluate(held, "ArrowDown"), "who scrolls may hold the key"
    page.keyboard.press("n")
    page.wait_for_function("(call) => !location.pathname.endsWith(call)", arg=first)
    assert entry(served, first).tries == 1
    assert (entry(served, second).tries, entry(served, second).by) == (0, "")


def test_answers_that_wait_for_the_connection_are_told_as_they_were_given(served, chrome):
    call = called(served)
    page = opened(served, chrome)
    page.goto(f"{served.url}/call-backs/{call}")
    page.wait_for_selector("[data-kept][data-state=ok]")
    page.context.set_offline(True)
    for key in "42":
        page.keyboard.press(key)
    page.keyboard.press("t")
    page.keyboard.press("Control+Enter")
    box = page.wait_for_selector("section.once:has-text('Record the answers')")
    told = [one.inner_text() for one in box.query_selector_all("dt, dd")]
    assert told == ["manner", "4 good", "speed", "2 bad", "The caller wants it looked into.", "✓"]
    assert "Ctrl" not in box.inner_text()
    page.context.set_offline(False)
    page.wait_for_selector("section.once li[data-state=recorded]")
    assert entry(served, call).marks == (4, 2, 0, 0)
    page.context.close()


def test_who_takes_a_caller_is_seen_by_the_others_without_loading_the_page(served, chrome):
    call = called(served)
    page = opened(served, chrome)
    settled(page, served)
    page.wait_for_selector(f"#back-{call}")
    page.evaluate("() => { window.here = true; }")
    ids = {"incident": incident_of(served.world, call), "call": call}
    served.call(served.world.do, w.TakeCallBack, STAFF, **ids)
    page.wait_for_selector(f"#back-{call}.busy")
    assert page.evaluate("() => window.here")
    served.call(served.world.do, w.LeaveCallBack, STAFF, **ids)
    page.wait_for_selector(f"#back-{call}:not(.busy)")


def test_what_is_being_written_stays_while_the_queue_changes(served, chrome):
    call = called(served)
    page = opened(served, chrome)
    page.goto(f"{served.url}/call-backs/{call}")
    page.wait_for_selector("[data-kept][data-state=ok]")
    page.focus("[name=words]")
    page.keyboard.type("they were kind")
    later = called(served)
    page.wait_for_selector(f"#back-{later}")
    assert page.input_value("[name=words]") == "they were kind"
    assert page.evaluate("() => document.activeElement.name") == "words"


@pytest.mark.parametrize(
    ("size", "theme", "tag"), [("desk", "light", "en"), ("phone", "dark", "zh-CN")]
)
def test_the_pages_have_no_fault_that_axe_finds_and_fit_the_screen(
    served, chrome, size, theme, tag
):
    call = called(served)
    called(served, number="")
    page = opened(served, chrome, size, theme, tag)
    for path in ("/call-backs", f"/call-backs/{call}", "/call-backs?show=barred"):
        page.goto(f"{served.url}{path}")
        page.wait_for_selector("[data-kept][data-state=ok]")
        shot(page, f"calling-{path.replace('/', '-').replace('?', '-')}-{size}-{theme}-{tag}")
        page.evaluate(AXE)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        grave = [(one["id"], one["nodes"][0]["html"]) for one in found
                 if one["impact"] in ("serious", "critical")]  # fmt: skip
        assert grave == [], path
        wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, (path, wide)
    page.context.close()
