"""Repeat places in a real browser: list and map by keys, both languages, day and night, 390 px."""

from __future__ import annotations

import msgspec
import pytest

from tests.console.browser import AXE, shot

pytestmark = pytest.mark.browser
WAIT_MS = 30_000
PAST = "/repeats?of=before&on=2018-06-23"


def sound(page) -> None:
    """Say that nothing is wrong with a page: no violation, no serious fault of axe, no overflow."""
    page.evaluate(AXE)
    serious = page.evaluate(
        "() => axe.run().then(r => r.violations.filter(v => /serious|critical/.test(v.impact))"
        ".map(v => [v.id, ...v.nodes.map(n => n.html.slice(0, 120))]))"
    )
    assert serious == []
    assert page.evaluate("() => seen.csp") == []
    assert page.evaluate("() => document.querySelector('main').scrollWidth - innerWidth") <= 0


@pytest.fixture
def quick(served) -> str:
    """Let the scan be quick; return where the console is."""
    town = served.world.centre.town
    scan = msgspec.structs.replace(town.repeats.scan, runs=99, alpha=0.05)
    town.repeats = msgspec.structs.replace(town.repeats, scan=scan)
    return str(served.url)


def found(page, url: str, path: str) -> None:
    """Open the page and wait until the process has found something and the map is drawn."""
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{url}{path}")
    page.wait_for_selector(".repeat summary")
    page.wait_for_selector("#places-map[data-ready]")


@pytest.mark.parametrize(("theme", "wide", "tag"), [("light", 1440, "en"), ("dark", 390, "zh-CN")])
def test_the_page_is_sound_in_both_widths_and_themes(quick, desk, theme, wide, tag):
    page = desk("supervisor", tag)
    page.set_viewport_size({"width": wide, "height": 900 if wide > 400 else 844})
    page.emulate_media(color_scheme=theme)
    found(page, quick, PAST)
    assert page.inner_text("h1") == {"en": "Repeat places", "zh-CN": "重复警情点"}[tag]
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(".repeat details[open] .why")
    sound(page)
    shot(page, f"repeats-{wide}-{theme}-{tag[:2]}")


def test_the_list_is_gone_through_and_filtered_by_keys(quick, desk):
    page = desk("supervisor", "en")
    page.set_viewport_size({"width": 1440, "height": 900})
    found(page, quick, PAST)
    rows = page.locator(".repeat")
    many = rows.count()
    page.keyboard.press("j")
    page.keyboard.press("j")
    focused = "() => document.activeElement.closest('.repeat')?.dataset.number"
    assert page.evaluate(focused) == "2"
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_selector(".repeat[data-number='1'] details[open]")
    page.keyboard.press("m")
    assert page.evaluate("() => document.activeElement.className").startswith("maplibregl-canvas")
    page.keyboard.press("m")
    assert page.evaluate(focused) == "1"
    page.focus("select[name=cause]")
    page.select_option("select[name=cause]", "alarm")
    page.wait_for_url("**cause=alarm**")
    page.wait_for_selector(".repeat summary")
    assert 0 < rows.count() < many
    assert page.locator(".what:not(:has-text('Alarm'))").count() == 0


def test_a_ring_of_the_map_leads_to_its_row_and_that_becomes_a_problem_in_one_press(quick, desk):
    page = desk("supervisor", "en")
    page.set_viewport_size({"width": 1440, "height": 900})
    found(page, quick, f"{PAST}&cause=alarm&area=Russian+Hill")
    assert page.locator(".repeat").count() == 1
    box = page.locator("#places-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".repeat details[open] .why")
    place = page.inner_text(".repeat[data-number='1'] .where b")
    page.click(".repeat[data-number='1'] .act button")
    page.wait_for_url("**/problems/P*")
    assert place in page.inner_text("main")


def test_where_the_processor_draws_the_map_waits_for_the_keys_and_says_so(quick, desk):
    page = desk("supervisor", "zh-CN")
    page.set_viewport_size({"width": 1440, "height": 900})
    found(page, quick, PAST)
    assert "按键时暂停更新" in page.inner_text("#places-map [data-slowly]")
    page.evaluate(
        """() => {
          window.watched = {drew: 0, key: -1e9, early: 0};
          addEventListener('keydown', () => { watched.key = performance.now(); }, true);
          document.getElementById('places-map').chart.on('render', () => {
            watched.drew += 1;
            if (performance.now() - watched.key < 500) watched.early += 1;
          });
        }"""
    )
    for key in ("j", "Enter", "j", "k", "Enter", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function("() => watched.drew > 0", timeout=WAIT_MS)
    assert page.evaluate("() => watched.early") == 0
