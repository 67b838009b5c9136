"""A put right is carried on by keys alone in a real browser: both languages, themes, widths."""

from __future__ import annotations

import pytest

from answerable.followup import right_words as w
from tests.console.browser import AXE, shot
from tests.console.righting.test_pages import adopt, done, step, unhappy

pytestmark = pytest.mark.browser
WAIT_MS = 30_000
WORDS = {
    "en": {"spoke": "Somebody spoke with the caller", "did": "Record what was done",
           "heard": "to be put right", "again": "to be rung back again", "ended": "ended"},
    "zh-CN": {"spoke": "已与来电人沟通", "did": "记录整改情况", "heard": "待整改",
              "again": "待再次回访", "ended": "已结束"},
}  # fmt: skip


def sound(page) -> None:
    """Say that nothing is wrong with a page: no violation, no shift, no serious fault of axe."""
    page.evaluate(AXE)
    serious = page.evaluate(
        "() => axe.run().then(r => r.violations.filter(v => /serious|critical/.test(v.impact))"
        ".map(v => [v.id, ...v.nodes.map(n => n.html.slice(0, 120))]))"
    )
    assert serious == []
    assert page.evaluate("() => seen.csp") == []
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def opened(served, *units: str) -> str:
    """Return a put right of the served centre."""
    served.call(adopt, served.world)
    return str(served.call(unhappy, served.world, *units)[1])


def look(page, url: str) -> None:
    page.set_default_timeout(WAIT_MS)
    page.goto(url)
    page.wait_for_selector("[data-kept][data-state=ok]", state="attached")


def stands(page, words: str) -> None:
    """Wait until the page says how it stands."""
    page.wait_for_selector(f".title .state:has-text('{words}')")
    page.wait_for_selector("[data-kept][data-state=ok]", state="attached")


@pytest.mark.parametrize("tag", WORDS)
def test_a_caller_is_heard_and_rung_again_by_keys_alone(served, desk, tag):
    name, words = opened(served), WORDS[tag]
    page = desk("call_back", tag)
    look(page, f"{served.url}/put-right")
    page.focus(f"a[href='/put-right/{name}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/put-right/{name}")
    page.wait_for_selector("[data-kept][data-state=ok]", state="attached")
    page.focus("form:has([value=spoke]) textarea")
    page.keyboard.type("nobody told me")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    stands(page, words["heard"])
    page.focus("select[name=what]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    stands(page, words["again"])
    page.focus("input[name=happy][value=yes]")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    stands(page, words["ended"])
    sound(page)


@pytest.mark.parametrize(("theme", "wide", "tag"), [("light", 1440, "en"), ("dark", 390, "zh-CN")])
def test_the_pages_are_sound_in_both_widths_and_themes(served, desk, theme, wide, tag):
    name, judged = opened(served, "E03"), opened(served)
    served.call(step, served.world, w.AskAccount, name, unit="E03")
    served.call(done, served.world, judged)
    served.call(step, served.world, w.RingBackAgain, judged, happy=False)
    page = desk("supervisor", tag)
    page.set_viewport_size({"width": wide, "height": 900 if wide > 400 else 844})
    page.emulate_media(color_scheme=theme)
    for path in ("?list=open", f"/{name}", f"/{judged}"):
        look(page, f"{served.url}/put-right{path}")
        sound(page)
        shot(
            page, f"put-right{path[:2].strip('/?')}{path == f'/{judged}'}-{wide}-{theme}-{tag[:2]}"
        )


def test_a_refusal_stands_under_the_form_and_what_was_typed_stays(served, desk):
    name = opened(served, "E36")
    page = desk("supervisor", "en")
    look(page, f"{served.url}/put-right/{name}")
    page.fill("input[name=owner]", "E36")
    page.keyboard.press("Enter")
    page.wait_for_selector("form:has([value=own]) .refusal:has-text('A unit that was there')")
    assert page.input_value("input[name=owner]") == "E36"


def test_a_crew_gives_its_account_on_its_phone(served, desk):
    tag, unit = "zh-CN", "T03"
    name = opened(served, unit)
    served.call(step, served.world, w.AskAccount, name, unit=unit)
    page = desk("crew", tag, viewport={"width": 390, "height": 844})
    look(page, f"{served.url}/crew")
    page.select_option("select[name=on]", unit)
    page.focus(".choose form button")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".mine h1:text-is('{unit}')")
    page.wait_for_selector("[data-kept][data-state=ok]", state="attached")
    page.focus(".owed summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("the lift was broken")
    sound(page)
    shot(page, f"put-right-crew-{tag[:2]}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".owed .answer:not(:empty)")
    given = served.call(lambda: served.world.centre.hub.state["followup"].rights[name].given)
    assert given == [unit]
