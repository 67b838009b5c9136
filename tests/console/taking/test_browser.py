"""A call taken by keyboard alone in a real browser, and the strokes it takes."""

from __future__ import annotations

import json
import re
import time

import pytest

from tests.console.browser import AXE, Wire
from tests.console.taking.strokes import COUNT, Stroke, groups, ticketscad, typed
from tests.console.test_browser import PHONE, port, settle, shot, signed_in

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")
__all__ = ["port"]

GROUPS_MAX = 12
"""From the first key to the first unit sent."""
NARRATIVE, ADDRESS = ["smoke", "from", "kitchen"], ["market", "&", "5th"]


def until(page, expression: str, most_s: float = 40) -> None:
    """Wait until an expression holds; asked from outside, because pages forbid eval."""
    end_s = time.monotonic() + most_s
    while not page.evaluate(expression):
        assert time.monotonic() < end_s, f"{expression}; {page.inner_text('#take-answer')}"
        page.wait_for_timeout(20)


def begin(page, base, path: str = "/take") -> None:
    page.add_init_script(COUNT)
    page.goto(base + path, wait_until="domcontentloaded")
    until(page, "document.activeElement?.name === 'words'")


def focused(page, what: str) -> None:
    until(page, f"document.activeElement?.matches({json.dumps(what)})")


def serious(page) -> list[str]:
    """Return what axe finds serious in the form's own part of the page."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run('#main', {resultTypes: ['violations']})")["violations"]
    return [
        f"{v['id']}: {n['target']}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for n in v["nodes"]
    ]


def strokes(page) -> list[Stroke]:
    return [Stroke(*one) for one in page.evaluate("window.strokes")]


def fill(page, narrative: str = "smoke from kitchen", place: str = "market & 5th") -> None:
    """Take the narrative, its proposal and the place: the cursor then is in the questions."""
    page.keyboard.type(narrative)
    page.keyboard.press("Enter")
    focused(page, "[name=address]")
    page.keyboard.type(place)
    page.keyboard.press("Enter")
    focused(page, "#script")


def sent_to(page, base, incident: str) -> list[str]:
    """Return the units on an incident, as the centre has it."""
    told = page.request.get(f"{base}/api/incidents/{incident}").json()
    return list(told["incident"]["jobs"])


def recorded(page) -> str:
    """Return the number of the incident that the form says was recorded."""
    until(page, "!document.querySelector('[data-after]').hidden")
    return re.search(r"(?<![C\d])\d{9,}", page.inner_text("[data-after-said]"))[0]


def test_from_the_first_key_to_the_first_unit_sent_in_at_most_twelve_groups(chrome, port):
    with signed_in(chrome, port) as (page, seen, base):
        begin(page, base)
        fill(page)
        page.keyboard.press("2")  # "Is everybody out?" no: it becomes priority E
        page.keyboard.press("Enter")
        incident = recorded(page)
        focused(page, "#advice .do.first")
        page.wait_for_timeout(300)  # a second Enter at once would be the first one's bounce
        unit = page.inner_text("#advice .pick:has(.do.first) .who")
        page.keyboard.press("Enter")
        until(page, "![...document.querySelectorAll('#advice .pick:has(.do) .who')]"
              f".some((who) => who.textContent === '{unit}')")  # fmt: skip
        assert unit in sent_to(page, base, incident)
        ours = groups(strokes(page))
        theirs = groups(ticketscad(NARRATIVE, ADDRESS, "E36"))
        print(f"keystroke groups: {len(ours)} {ours}; TicketsCAD as documented: {len(theirs)}")
        assert ours == [*NARRATIVE, "Enter", *ADDRESS, "Enter", "2", "Enter", "Enter"]
        assert len(ours) <= GROUPS_MAX < len(theirs)
        opened = page.request.get(f"{base}/api/incidents/{incident}").json()["incident"]
        assert (opened["kind"], opened["priority"]) == ("Structure Fire", "E")
        assert page.evaluate("seen.csp") == []
        assert (seen.outside, seen.errors) == ([], [])


def test_groups_are_words_keys_and_chords():
    assert groups([*typed("two", "words"), Stroke("Tab")]) == ["two", "words", "Tab"]
    assert groups([Stroke("a", chord=True), *typed("x"), Stroke("Enter")]) == [
        "chord a", "x", "Enter",
    ]  # fmt: skip
    assert groups([]) == []
    assert len(groups(ticketscad(["a"], ["b"], "c"))) == 13


def test_enter_right_behind_the_last_letter_still_takes_the_proposal_and_the_first_place(
    chrome, port
):
    with signed_in(chrome, port) as (page, _seen, base):
        begin(page, base)
        page.keyboard.type("smoke from kitchen", delay=0)
        page.keyboard.press("Enter")
        page.keyboard.type("market & 5th", delay=0)
        page.keyboard.press("Enter")
        focused(page, "#script")
        assert page.input_value("#take [name=kind]") == "Structure Fire"
        assert page.input_value("#take [name=address]") == "Market St / 5th St"
        assert page.input_value("#take [name=lon]").startswith("-122.40")
        assert "because: “smoke”" in page.inner_text("#proposal.taken")


def test_what_the_call_taker_chose_is_never_overridden(chrome, port):
    with signed_in(chrome, port) as (page, _seen, base):
        begin(page, base)
        page.select_option("#take [name=kind]", "Alarms")
        page.select_option("#take [name=priority]", "2")
        page.focus("#take [name=words]")
        page.keyboard.type("smoke from kitchen, somebody trapped")
        page.wait_for_timeout(500)
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        chosen = [page.input_value(f"#take [name={name}]") for name in ("kind", "priority")]
        assert chosen == ["Alarms", "2"]
        page.select_option("#take [name=kind]", "Structure Fire")
        assert page.input_value("#take [name=priority]") == "2"
        page.wait_for_selector("[data-question=everybody-out]")
        page.keyboard.press("Alt+2")  # the answer speaks for E; the choice stands and that is said
        assert page.input_value("#take [name=priority]") == "2"
        assert "you chose otherwise" in page.inner_text("#take-answer")


def test_a_reload_loses_no_word_and_recording_clears_what_the_tab_kept(chrome, port):
    with signed_in(chrome, port) as (page, _seen, base):
        begin(page, base)
        fill(page)
        page.keyboard.press("1")
        page.fill("#take [name=door]", "flat 3")
        page.fill("#take [name=number]", "555-0100")
        page.reload(wait_until="domcontentloaded")
        page.wait_for_selector("[data-question=everybody-out] .ans[aria-pressed=true]")
        values = {name: page.input_value(f"#take [name={name}]") for name in
                  ("words", "kind", "priority", "address", "door", "number")}  # fmt: skip
        assert values == {
            "words": "smoke from kitchen", "kind": "Structure Fire", "priority": "3",
            "address": "Market St / 5th St", "door": "flat 3", "number": "",
        }  # fmt: skip
        assert "555-0100" not in page.evaluate("JSON.stringify(sessionStorage)")
        assert page.evaluate("JSON.stringify(localStorage)") == "{}"
        page.keyboard.press("Control+Enter")
        recorded(page)
        assert page.evaluate("sessionStorage.getItem('take')") is None
        page.goto(f"{base}/take", wait_until="domcontentloaded")
        assert page.input_value("#take [name=words]") == ""


def test_another_session_at_the_same_desk_finds_nothing_of_the_last_one(chrome, port):
    with signed_in(chrome, port) as (page, _seen, base):
        begin(page, base)
        page.keyboard.type("the words of a caller")
        page.goto(f"{base}/demo/sign-in/call-taker", wait_until="domcontentloaded")
        page.goto(f"{base}/take", wait_until="domcontentloaded")
        until(page, "document.activeElement?.name === 'words'")
        assert page.input_value("#take [name=words]") == ""
        assert page.evaluate("sessionStorage.getItem('take')") is None


def test_one_key_attaches_the_call_and_one_key_undoes_it(chrome, port):
    with signed_in(chrome, port) as (page, seen, base):
        begin(page, base)
        fill(page, "smoke from kitchen", "valencia & 21st")
        page.keyboard.press("Enter")
        first = recorded(page)
        begin(page, base)
        fill(page, "fire in a house", "valencia & 21st")
        page.wait_for_selector(f"#near [data-incident='{first}']")
        assert page.get_attribute("#near .cand.at", "data-incident") == first
        shot(page, "take-near-1440-light-en")
        assert serious(page) == []
        page.keyboard.press("Alt+a")
        assert recorded(page) == first
        assert "is about incident" in page.inner_text("[data-after-said]")
        page.keyboard.press("Alt+u")
        page.wait_for_selector("#take:not([hidden])")
        assert page.input_value("#take [name=words]") == "fire in a house"
        assert "Taken back" in page.inner_text("#take-answer")
        page.keyboard.press("Control+Enter")
        assert recorded(page) != first
        thread = page.request.get(f"{base}/incidents/{first}").text()
        assert "attached by mistake" in thread
        assert seen.errors == []


def test_a_lost_connection_is_said_and_the_form_is_recorded_once(chrome, port):
    wire = Wire(port)
    try:
        with signed_in(chrome, wire.port) as (page, _seen, base):
            begin(page, base)
            fill(page, "smoke from kitchen", "lombard & hyde")
            wire.break_off()
            page.keyboard.press("Control+Enter")
            until(page, "document.querySelector('#take-answer').textContent.includes('Not yet')")
            assert page.input_value("#take [name=words]") == "smoke from kitchen"
            assert page.evaluate("document.querySelector('#take').inert")
            wire.mend()
            incident = recorded(page)
            board = page.request.get(f"{base}/api/board").json()["incidents"]
            same = [one for one in board if "HYDE" in one["address"].upper()
                    and one["kind"] == "Structure Fire"]  # fmt: skip
            assert [one["incident"] for one in same] == [incident]
    finally:
        wire.close()


def test_a_page_that_must_be_drawn_anew_leaves_the_form_alone(chrome, port):
    with signed_in(chrome, port) as (page, _seen, base):
        begin(page, base)
        fill(page)
        page.evaluate("document.getElementById('live').dispatchEvent(new CustomEvent('again'))")
        page.wait_for_timeout(800)
        assert page.input_value("#take [name=words]") == "smoke from kitchen"
        assert page.input_value("#take [name=lon]").startswith("-122.40")
        assert page.query_selector("[data-question=everybody-out]")


def test_what_the_caller_says_goes_in_bodies_only(chrome, port):
    with signed_in(chrome, port) as (page, _seen, base):
        addresses: list[str] = []
        page.on("request", lambda request: addresses.append(request.url))
        begin(page, base)
        fill(page)
        page.keyboard.press("Control+Enter")
        recorded(page)
        assert any("/take/heard" in address for address in addresses)
        assert not any(re.search("smoke|kitchen|market", address, re.I) for address in addresses)


def test_a_click_on_the_map_is_the_place_and_an_unknown_one_needs_its_reason(drawing, port):
    with signed_in(drawing, port) as (page, seen, base):
        begin(page, base)
        settle(page)
        page.fill("#take [name=address]", "")
        page.click("#map .maplibregl-canvas", position={"x": 300, "y": 300})
        until(page, "document.querySelector('#take [name=lon]').value !== ''")
        begin(page, base)
        page.keyboard.press("Control+a")
        page.keyboard.type("smoke from kitchen")
        page.keyboard.press("Enter")
        focused(page, "[name=address]")
        page.keyboard.type("zzqx qqxz")
        page.keyboard.press("Enter")
        focused(page, "[name=unverified]")
        page.keyboard.type("caller is not from here")
        page.keyboard.press("Enter")
        focused(page, "#script")
        page.keyboard.press("Enter")
        recorded(page)
        assert seen.errors == []


@pytest.mark.parametrize(("theme", "tag"), [("light", "en"), ("dark", "zh-CN")])
def test_the_form_is_well_drawn_wide_and_on_a_phone_without_a_jump(drawing, port, theme, tag):
    words = "smoke from kitchen" if tag == "en" else "厨房冒烟"
    for viewport in (None, PHONE):
        more = {"viewport": viewport} if viewport else {}
        with signed_in(drawing, port, theme=theme, tag=tag, **more) as (page, seen, base):
            begin(page, base)
            settle(page)
            page.keyboard.type(words)
            page.wait_for_selector(".proposal.on")
            page.wait_for_timeout(300)
            wide = viewport is None
            shot(page, f"take-{1440 if wide else 390}-{theme}-{tag}")
            assert serious(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= (1440 if wide else 390)
            assert page.evaluate("seen.shift") < 0.02
            page.keyboard.press("Enter")
            page.keyboard.type("market & 5th")
            page.keyboard.press("Enter")
            focused(page, "#script")
            page.keyboard.press("Enter")
            recorded(page)
            page.wait_for_timeout(300)
            shot(page, f"take-sent-{1440 if wide else 390}-{theme}-{tag}")
            assert serious(page) == []
            assert seen.errors == []
