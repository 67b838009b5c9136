"""Calls that ring, in a real browser and by keyboard alone."""

from __future__ import annotations

import re

import pytest

from answerable.intake import line_words as w
from answerable.intake import words as i
from tests.console.browser import AXE, shot
from tests.console.ringing.test_strip import ANN, LINE

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def nothing_waits(served):
    """Leave no call behind for the next test."""
    yield
    board = served.world.centre.board

    def end() -> None:
        for call, line in list(board.calls.items()):
            if line.state == "ringing":
                served.world.do(i.AnswerCall, ANN, call=call)
            if line.state.startswith("offered"):
                served.world.do(w.DeclineTransfer, ANN, call=call, reason="over")
            served.world.do(i.EndCall, ANN, call=call, reason="over")
        for call in list(served.world.centre.hub.state["lines"].calls):
            served.world.do(i.EndCall, ANN, call=call, reason="over")

    served.call(end)


def ring(served, **fields) -> str:
    told = {"line": "911-3", "number": "+1 415 555 0100", **fields}
    return str(served.call(served.world.do, i.RingCall, LINE, **told).call)


def do(served, command, actor=ANN, **fields):
    return served.call(served.world.do, command, actor, **fields)


def at(page, served, path: str):
    page.goto(f"{served.url}{path}")
    page.wait_for_selector("[data-kept][data-state=ok]")
    return page


def state(served, call: str) -> str:
    return str(served.world.centre.hub.state["intake"].calls[call].state)


def until(served, page, call: str, wanted: str) -> None:
    for _ in range(600):
        if state(served, call) == wanted:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{call} is {state(served, call)}, not {wanted}")


# -- the strip -------------------------------------------------------------------------------


def test_a_ring_shows_on_every_page_without_moving_it_and_one_key_claims_it(served, desk):
    one, two = at(desk(), served, "/units"), at(desk("call_taker", "zh-CN"), served, "/board")
    one.wait_for_selector(".ringing [data-none]:has-text('No call is ringing.')")
    one.wait_for_timeout(300)
    before = one.evaluate("seen.shift")
    call = ring(served)
    for page in (one, two):
        page.wait_for_selector(f".rung[data-call={call}]:has-text('911-3')")
    two.wait_for_selector(".rung:has-text('接听')")
    assert one.evaluate("seen.shift") - before < 0.001
    shot(one, "ringing-1440-en")
    one.keyboard.press("c")
    one.wait_for_url(re.compile(rf"/take\?call={call}$"))
    assert state(served, call) == "answered"
    two.wait_for_selector(f".rung[data-call={call}]", state="detached")


def test_who_comes_second_hears_who_has_it_and_since_when(served, desk):
    page = at(desk("supervisor"), served, "/board")
    call = ring(served)
    page.wait_for_selector(f".rung[data-call={call}]")
    page.evaluate("document.getElementById('live').remove()")  # it has not heard yet
    do(served, i.AnswerCall, call=call, desk="Desk 7")
    page.keyboard.press("c")
    told = page.wait_for_selector(".ringing .told .refusal")
    assert re.search(r"Desk 7 \(ann\) has had it since \d\d:\d\d:\d\d", told.inner_text())
    assert page.url.endswith("/board")


def test_somebody_who_is_writing_claims_with_another_key_and_keeps_what_they_wrote(served, desk):
    incident = served.call(served.world.incident)
    page = at(desk(), served, f"/incidents/{incident}")
    page.click("#note-words")
    page.keyboard.type("half a senten")
    call = ring(served)
    page.wait_for_selector(f".rung[data-call={call}]")
    page.keyboard.type("ce")
    assert state(served, call) == "ringing", "a letter that is written claims nothing"
    page.keyboard.press("F2")
    page.wait_for_selector(f".held[data-call={call}]:not([hidden])")
    page.wait_for_selector(f".told:has-text('You have {call}')")
    assert page.input_value("#note-words") == "half a sentence"


def test_a_claim_that_nothing_follows_turns_amber_for_everybody(served, desk):
    mine, other = at(desk(), served, "/board"), at(desk("supervisor"), served, "/units")
    call = ring(served)
    mine.wait_for_selector(f".rung[data-call={call}]")
    mine.keyboard.press("c")
    mine.wait_for_url(re.compile("/take"))
    mine.wait_for_selector(f".held[data-call={call}]:not([hidden]):not(.amber)")
    other.wait_for_selector(f".held[data-call={call}][hidden]", state="attached")

    def later() -> None:
        clock = served.world.centre.hub.clock
        clock.jump(clock.now_us() + 61_000_000)
        served.world.app.live.tell()

    served.call(later)
    for page in (mine, other):
        page.wait_for_selector(f".held.amber[data-call={call}]:has-text('nothing recorded yet')")
    shot(other, "amber-1440-en")
    do(served, w.MarkSilent, call=call)
    other.wait_for_selector(f".held[data-call={call}]", state="detached")


# -- the page of calls, by keyboard ----------------------------------------------------------


def test_a_caller_who_hung_up_is_rung_back_by_letters_alone(served, desk):
    page = at(desk("call_taker"), served, "/calls")
    call = ring(served)
    do(served, w.HangUp, LINE, call=call)
    page.locator(f"#back-{call}").focus()
    page.wait_for_selector(f"#back-{call}[aria-current=true]")
    page.keyboard.press("v")
    page.wait_for_selector(f"#back-{call} .words:has-text('+1 415 555 0100')")
    page.keyboard.press("n")
    page.wait_for_selector(f"#back-{call}:has-text('attempt 1 at')")
    assert page.inner_text(f"#back-{call} .words"), "what was opened stays open"
    page.keyboard.press("r")
    page.wait_for_selector(f"#open-{call}")
    assert state(served, call) == "answered"
    shot(page, "calls-1440-en")


def test_silence_transfer_and_its_receipt_by_letters_alone(served, desk):
    page = at(desk(), served, "/calls")
    call = ring(served)
    page.wait_for_selector(f"#ringing-{call}")
    page.keyboard.press("c")
    page.wait_for_url(re.compile("/take"))
    at(page, served, "/calls").locator(f"#open-{call}").focus()
    page.keyboard.press("s")
    until(served, page, call, "silent")
    page.wait_for_selector(f"#open-{call}:has-text('nobody speaks')")
    page.keyboard.press("t")
    page.wait_for_selector(f"#open-{call} details[open] select:focus")
    page.keyboard.type("US Coast")
    page.keyboard.press("Tab")
    page.keyboard.type("a boat adrift")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#transfers-{call}:has-text('US Coast Guard')")
    page.wait_for_selector(f"#transfers-{call}[aria-current=true]")
    page.keyboard.press("f")
    page.wait_for_selector(f"#transfers-{call} details[open] input:focus")
    page.keyboard.type("M-17")
    page.keyboard.press("Enter")
    until(served, page, call, "transferred")
    page.wait_for_selector(f"#transfers-{call}", state="detached")


def test_a_text_is_written_back_to_and_what_is_being_written_stays(served, desk):
    page = at(desk(), served, "/calls")
    call = ring(served, medium="text")
    do(served, w.TakeText, LINE, call=call, words="help at the pier")
    do(served, i.AnswerCall, call=call)
    page.wait_for_selector(f"#texts-{call}")
    page.locator(f"#texts-{call}").focus()
    page.keyboard.press("v")
    page.wait_for_selector(f"#texts-{call} .words:has-text('help at the pier')")
    page.keyboard.press("w")
    page.wait_for_selector(f"#texts-{call} textarea:focus")
    page.keyboard.type("Where on the ")
    do(served, w.TakeText, LINE, call=call, words="hurry")
    page.wait_for_selector(f"#texts-{call}:has-text('texts not written back to: 2')")
    page.keyboard.type("pier?")
    assert page.input_value(f"#texts-{call} textarea") == "Where on the pier?"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#texts-{call}", state="detached")


# -- for everybody ---------------------------------------------------------------------------


@pytest.mark.parametrize(("theme", "tag"), [("light", "zh-CN"), ("dark", "en")])
@pytest.mark.parametrize("size", ["1440", "390"])
def test_the_page_is_readable_for_all_and_fits_a_phone(served, desk, theme, tag, size):
    view = {"viewport": PHONE} if size == "390" else {}
    page = desk("dispatcher", tag, color_scheme=theme, **view)
    calls = [ring(served) for _ in range(4)]
    do(served, w.HangUp, LINE, call=calls[0])
    do(served, i.AnswerCall, call=calls[1])
    do(served, i.AnswerCall, call=calls[2])
    do(served, w.TransferCall, call=calls[2], agency="USCG", reason="a boat adrift")
    at(page, served, "/calls").wait_for_selector(f".rung[data-call={calls[3]}]")
    page.wait_for_timeout(300)
    shot(page, f"calls-{size}-{theme}-{tag}")
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    serious = [f"{v['id']}: {n['target']}" for v in found
               if v["impact"] in ("serious", "critical") for n in v["nodes"]]  # fmt: skip
    assert serious == []
    assert page.evaluate("seen.csp") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= int(size)
    assert page.evaluate("seen.shift") < 0.02
    assert (page.seen.outside, page.seen.errors) == ([], [])
