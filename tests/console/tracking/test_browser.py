"""The pages of tracked matters in a browser: keyboard, phone, both themes, nothing that jumps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from answerable.console.session import COOKIE
from answerable.matters import matter_words as w
from tests.console.browser import AXE, WATCH, shot
from tests.console.contract.served import Served, make_world, serving

pytestmark = pytest.mark.browser
SLOW_MS = 30_000
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), make_world) as one:
        for nth, kind in enumerate(("follow-up", "hazard", "complaint")):
            one.call(
                one.world.do, w.OpenMatter, kind=kind, words="see to it",
                owner_sort=w.OwnerSort.UNIT, owner=("E03", "T03", "E36")[nth],
            )  # fmt: skip
        one.call(one.world.do, w.RemindMatter, matter="M2", way=w.Way.TELEPHONE)
        yield one


def page_of(served: Served, chrome: Any, **more: Any) -> Any:
    context = chrome.new_context(**({"viewport": SIZES["desk"], "locale": "en"} | more))
    context.set_default_timeout(SLOW_MS)
    cookie = served.cookie().partition("=")[2]
    context.add_cookies([{"name": COOKIE, "value": cookie, "url": served.url}])
    page = context.new_page()
    page.add_init_script(WATCH)
    return page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_have_no_fault_that_axe_finds_and_fit_the_screen(served, chrome, size, theme):
    page = page_of(served, chrome, viewport=SIZES[size], color_scheme=theme)
    for path in ("/matters", "/matters?list=mine", "/matters/M2", "/matters/new"):
        page.goto(served.url + path)
        page.wait_for_selector("#main")
        shot(page, f"tracking{path.replace('/', '-').replace('?', '-')}-{size}-{theme}")
        page.evaluate(AXE)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        assert [
            (one["id"], one["nodes"][0]["html"])
            for one in found
            if one["impact"] in ("serious", "critical")
        ] == [], path
        wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, (path, wide)
        seen = page.evaluate("() => window.seen")
        assert seen["csp"] == []
        assert seen["shift"] < 0.02, path
    page.context.close()


def test_a_matter_is_found_and_opened_by_keyboard_alone(served, chrome):
    page = page_of(served, chrome)
    page.goto(f"{served.url}/matters")
    page.wait_for_selector("[data-row]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("[data-row] a").nth(1).get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{second}")
    page.goto(f"{served.url}/matters")
    page.wait_for_selector("[data-row]")
    page.keyboard.press("n")
    page.wait_for_url("**/matters/new")
    page.context.close()


def test_a_refusal_stands_where_it_was_asked_and_what_is_done_leads_to_the_matter(served, chrome):
    page = page_of(served, chrome)
    page.goto(f"{served.url}/matters/new")
    page.wait_for_selector(".open-matter")
    page.fill("[name=words]", "look at the hydrant")
    page.fill("[name=owner]", "nobody at all")
    page.click("text=Open it")
    page.wait_for_selector(".open-matter .refusal")
    assert "no unit called nobody at all" in page.inner_text(".open-matter .refusal")
    assert page.input_value("[name=words]") == "look at the hydrant"
    page.fill("[name=owner]", "Supervisor")
    page.click("text=Open it")
    page.wait_for_url("**/matters/M*")
    assert "look at the hydrant" in page.inner_text("#main")
    page.context.close()
