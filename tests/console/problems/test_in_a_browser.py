"""A problem is worked by keys alone in a real browser: both languages, day and night, 390 px."""

from __future__ import annotations

import pytest

from answerable.matters import problem_sums as sums
from answerable.matters import problem_words as w
from tests.console.browser import AXE, shot

pytestmark = pytest.mark.browser
WAIT_MS = 30_000
WORDS = {
    "en": {"open": "Open a problem by hand", "owned": "owned by Supervisor",
           "goal": "quiet nights", "early": "too early"},
    "zh-CN": {"open": "手工立项", "owned": "责任主体：",
              "goal": "夜间安静", "early": "尚早"},
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


def past(world, name: str) -> None:
    """Put sixty days of calls before a problem; the running program has counted that none was."""
    problem = world.centre.hub.state["matters"].problems[name]
    first = sums.day_of(world.centre.town, problem.opened_us) - 60 * sums.DAY
    problem.counted, problem.history_first = True, first.isoformat()
    problem.history = (1, 0, 2) * 20 + (0,)


def ready(page) -> None:
    page.wait_for_selector("[data-kept][data-state=ok]", timeout=WAIT_MS)


@pytest.mark.parametrize("tag", WORDS)
def test_a_place_becomes_a_problem_with_an_owner_and_a_plan_by_keys_alone(served, desk, tag):
    page, words = desk("supervisor", tag), WORDS[tag]
    place = f"{'MISSION ST' if tag == 'en' else 'HOWARD ST'}/8TH ST"
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{served.url}/problems")
    ready(page)
    page.focus(f"summary:text-is('{words['open']}')")
    if page.get_attribute(".by-hand", "open") is None:
        page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(place)
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.type("every night")
    page.keyboard.press("Enter")
    page.wait_for_url("**/problems/P*")
    ready(page)
    page.focus("select[name=owner]")
    while page.input_value("select[name=owner]") != "supervisor":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".lead:has-text('{words['owned']}')")
    page.focus("input[name=goal]")
    page.keyboard.type(words["goal"])
    page.keyboard.press("Enter")
    page.wait_for_selector(f".goal:has-text('{words['goal']}')")
    sound(page)


@pytest.mark.parametrize(("theme", "wide", "tag"), [("light", 1440, "en"), ("dark", 390, "zh-CN")])
def test_the_pages_are_sound_in_both_widths_and_themes(served, desk, theme, wide, tag):
    place = f"{'POST' if tag == 'en' else 'PINE'} ST/JONES ST"
    name = str(served.call(served.world.do, w.OpenProblem, place=place, because="a lot").problem)
    served.call(past, served.world, name)
    served.call(served.world.incident, address=place)
    page = desk("supervisor", tag)
    page.set_default_timeout(WAIT_MS)
    page.set_viewport_size({"width": wide, "height": 900 if wide > 400 else 844})
    page.emulate_media(color_scheme=theme)
    for path in ("/problems", f"/problems/{name}"):
        page.goto(f"{served.url}{path}")
        ready(page)
        sound(page)
        shot(page, f"problems-{path.count('/')}-{wide}-{theme}-{tag[:2]}")
    assert page.is_visible(".drawn .wide") is (wide > 400)
    assert page.is_visible(".drawn .narrow") is (wide <= 400)
    assert page.inner_text("b[data-verdict]") == WORDS[tag]["early"]
    assert page.locator(".around .ring").count() == 1


def test_a_refusal_stands_under_the_form_and_what_was_typed_stays(served, desk):
    place = "BUSH ST/JONES ST"
    name = str(served.call(served.world.do, w.OpenProblem, place=place, because="a lot").problem)
    page = desk("supervisor", "en")
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{served.url}/problems/{name}")
    ready(page)
    page.goto(f"{served.url}/problems")
    ready(page)
    page.focus("summary:text-is('Open a problem by hand')")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(place)
    page.fill(".by-hand input[name=because]", "again")
    page.keyboard.press("Enter")
    page.wait_for_selector(".by-hand .refusal:has-text('is about this place')")
    assert page.input_value(".by-hand input[name=place]") == place
