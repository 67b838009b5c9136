"""Every page by keyboard alone: everything is reached, shows that it is, and is left again."""

from __future__ import annotations

import pytest

from tests.console.browser import shot
from tests.console.visiting import (
    PHONE,
    WIDE,
    browsers,
    browsing,
    pages,
    visits,
    walk,
)

__all__ = ["browsers", "pages"]
pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")


@pytest.mark.parametrize(
    "how", [{"viewport": WIDE}, {"viewport": PHONE, "forced_colors": "active"}]
)
def test_everything_is_reached_by_the_keyboard_and_shows_that_it_is(browsers, pages, how):
    wrong = []
    for name, page in visits(browsers, pages, **how):
        wrong += [f"{name}: {one}" for one in walk(page)]
        if "forced_colors" in how:
            shot(page, f"every-{name.replace('/', '-')}-forced")
    assert wrong == [], "\n".join(["", *wrong])


def test_the_page_is_skipped_to_and_every_field_is_left_with_escape(browsers, pages):
    with browsing(browsers.flat, pages, signed_in=True) as page:
        for name, url in pages.signed_in().items():
            page.goto(url, wait_until="load")
            if not page.query_selector(".skip"):
                continue  # a refusal has nothing to skip
            if page.query_selector("[autofocus]"):
                continue  # there the work begins in a field; the keys of the page lead out of it
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.matches('.skip')"), name
            page.keyboard.press("Enter")
            assert page.evaluate("location.hash === '#main'"), name
            page.keyboard.press("Tab")
            assert page.evaluate("document.querySelector('#main').contains(document.activeElement)")
            if not page.query_selector("#line"):
                continue  # a role without the command bar
            page.focus("#line [name=line]")
            page.keyboard.press("Escape")
            assert page.evaluate("!document.activeElement.matches('input')"), name
