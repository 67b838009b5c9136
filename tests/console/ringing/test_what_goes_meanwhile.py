"""Rows that go, and calls that ring, between a look and a key: nothing unseen is done."""

from __future__ import annotations

import re

import pytest

from answerable.dispatch import words as d
from answerable.intake import line_words as w
from tests.console.ringing.test_in_a_browser import at, do, nothing_waits, ring, state
from tests.console.ringing.test_strip import LINE

pytestmark = pytest.mark.browser
__all__ = ["nothing_waits"]


def test_a_key_pressed_twice_claims_one_call(served, desk):
    page = at(desk("call_taker"), served, "/board")
    one, two = ring(served), ring(served)
    page.wait_for_selector(f".rung[data-call={two}]")
    held = []
    page.route(re.compile(r"/take\?call="), lambda route: held.append(route))
    page.keyboard.press("F2")
    for _ in range(600):
        if held:
            break
        page.wait_for_timeout(50)
    page.keyboard.press("F2")
    page.keyboard.press("c")
    page.wait_for_timeout(400)
    assert state(served, one) == "answered"
    assert state(served, two) == "ringing", "the form of the first is only on its way"
    for route in held:
        route.continue_()
    page.wait_for_url(re.compile(rf"/take\?call={one}$"))


def test_whoever_stays_on_the_page_after_all_claims_again(served, desk):
    page = at(desk("call_taker"), served, "/board")
    one, two = ring(served), ring(served)
    page.wait_for_selector(f".rung[data-call={two}]")
    page.clock.install()
    page.route(re.compile(r"/take\?call="), lambda route: route.fulfill(status=204))
    page.keyboard.press("F2")
    page.wait_for_selector(f".held[data-call={one}]", state="attached")
    page.clock.fast_forward(6000)
    page.keyboard.press("F2")
    page.wait_for_selector(f".held[data-call={two}]", state="attached")
    assert (state(served, one), state(served, two)) == ("answered", "answered")


def test_on_the_page_of_calls_c_claims_the_row_that_is_chosen(served, desk):
    page = at(desk("call_taker"), served, "/calls")
    one, two = ring(served), ring(served)
    page.wait_for_selector(f"#ringing-{two}")
    page.locator(f"#ringing-{two}").focus()
    page.wait_for_selector(f"#ringing-{two}[aria-current=true]")
    page.keyboard.press("c")
    page.wait_for_url(re.compile(rf"/take\?call={two}$"))
    assert (state(served, one), state(served, two)) == ("ringing", "answered")


def test_a_letter_meant_for_a_row_that_has_gone_does_nothing_to_another(served, desk):
    page = at(desk("call_taker"), served, "/calls")
    one, two = ring(served), ring(served)
    for call in (one, two):
        do(served, w.HangUp, LINE, call=call)
    page.wait_for_selector(f"#back-{two}")
    page.locator(f"#back-{two}").focus()
    page.wait_for_selector(f"#back-{two}[aria-current=true]")
    do(served, w.TryCallBack, call=two, outcome="reached")
    page.wait_for_selector(f"#back-{two}", state="detached")
    page.keyboard.press("n")
    page.wait_for_timeout(400)
    assert "attempt" not in page.inner_text(f"#back-{one}")
    page.wait_for_selector(f"#back-{one}[aria-current=true]")
    page.keyboard.press("n")
    page.wait_for_selector(f"#back-{one}:has-text('attempt 1 at')")


def test_j_goes_on_from_where_the_row_was_that_has_gone(served, desk):
    made = [served.call(served.world.incident) for _ in range(4)]
    page = at(desk(), served, "/board")
    page.wait_for_selector(f"#row-{made[-1]}")
    order = page.evaluate("[...document.querySelectorAll('#open > .row')].map((r) => r.id)")
    page.locator(f"#{order[2]} a").first.focus()
    page.wait_for_selector(f"#{order[2]}[aria-current=true]")
    gone = order[2].removeprefix("row-")
    served.call(served.world.do, d.CloseIncident, incident=gone, outcome="over")
    page.wait_for_selector(f"#{order[2]}", state="detached")
    page.keyboard.press("j")
    page.wait_for_selector(f"#{order[3]}[aria-current=true]")
    for incident in made:
        if incident != gone:
            served.call(served.world.do, d.CloseIncident, incident=incident, outcome="over")
