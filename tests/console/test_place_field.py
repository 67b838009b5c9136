"""The field where the place of a call is written: a list by keyboard, in a real browser."""

from __future__ import annotations

import re

import pytest

from tests.console.browser import AXE
from tests.console.test_browser import PHONE, port, settle, shot, signed_in

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")
__all__ = ["port"]

FIELD = "#take [name=address]"
FOUND = """field => {
  const input = document.querySelector(field), list = document.getElementById(input.getAttribute('aria-controls'));
  return input.getAttribute('aria-expanded') === 'true' && list.of === input.value.trim(); }"""  # noqa: E501
"""The list is open, and is that of all that was written: not of the first letters of it."""


def value(page, name: str) -> str:
    return page.input_value(f"#take [name={name}]")


def begin(page) -> None:
    """Open the form of a call with its key, and go to the field of its place."""
    page.wait_for_selector("a[href='/take']")
    page.keyboard.press("o")
    page.wait_for_selector("#take [name=words]:focus")
    page.focus(FIELD)


def serious(page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [
        f"{v['id']}: {n['target']}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for n in v["nodes"]
    ]


def test_a_place_is_found_and_chosen_by_keyboard_alone(chrome, port):
    with signed_in(chrome, port) as (page, seen, _base):
        addresses: list[str] = []
        page.on("request", lambda request: addresses.append(request.url))
        begin(page)
        page.keyboard.type("mision and 16th")
        page.wait_for_function(FOUND, arg=FIELD)
        assert page.get_attribute(FIELD, "aria-activedescendant") is None
        page.keyboard.press("ArrowDown")
        option = page.get_attribute(FIELD, "aria-activedescendant")
        assert page.get_attribute(f"#{option}", "aria-selected") == "true"
        told = page.inner_text(f"#{option}")
        assert "Mission St / 16th St" in told
        assert "spelt nearly so: mision → Mission St" in told
        assert serious(page) == []
        shot(page, "place-list-1440-light-en")
        page.keyboard.press("Enter")
        assert page.get_attribute(FIELD, "aria-expanded") == "false"
        assert value(page, "address") == "Mission St / 16th St"
        assert value(page, "lon").startswith("-122.41")
        assert value(page, "lat").startswith("37.76")
        assert page.is_visible("#take")
        assert page.url.endswith("/take")
        assert not any(re.search("mision|16th", address) for address in addresses)
        assert page.evaluate("seen.csp") == []
        assert (seen.outside, seen.errors) == ([], [])


def test_other_words_take_the_old_position_away_and_what_was_written_stays(chrome, port):
    with signed_in(chrome, port) as (page, _seen, _base):
        begin(page)
        page.keyboard.type("5th and market")
        page.wait_for_function(FOUND, arg=FIELD)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert value(page, "lon")
        page.focus(FIELD)
        page.keyboard.press("End")
        page.keyboard.type(" x")
        assert (value(page, "lon"), value(page, "lat")) == ("", "")
        page.fill("#take [name=lon]", "-122.42")
        page.focus(FIELD)
        page.keyboard.type("y")
        assert value(page, "lon") == "-122.42"


def test_escape_closes_the_list_first_and_leaves_the_field_second(chrome, port):
    with signed_in(chrome, port) as (page, _seen, _base):
        begin(page)
        page.keyboard.type("market st")
        page.wait_for_function(FOUND, arg=FIELD)
        page.keyboard.press("Escape")
        assert page.get_attribute(FIELD, "aria-expanded") == "false"
        assert page.evaluate("document.activeElement.name") == "address"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.name") != "address"


def test_a_position_outside_the_town_is_said_to_be_and_taken_all_the_same(chrome, port):
    warning = "#take [data-outside]"
    with signed_in(chrome, port) as (page, _seen, _base):
        begin(page)
        page.keyboard.type("48.2082, 16.3738")
        page.wait_for_function(FOUND, arg=FIELD)
        assert not page.is_visible(warning)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.is_visible(warning)
        assert value(page, "lat") == "48.2082"
        page.fill("#take [name=lat]", "37.78")
        page.fill("#take [name=lon]", "-122.41")
        page.keyboard.press("Tab")
        page.wait_for_selector(warning, state="hidden")
        assert serious(page) == []


def test_the_list_fits_a_phone_and_reads_chinese_by_night(drawing, port):
    with signed_in(drawing, port, viewport=PHONE, theme="dark", tag="zh-CN") as (page, seen, _base):
        settle(page)
        page.keyboard.press("o")
        page.wait_for_selector(FIELD)
        page.focus(FIELD)
        page.keyboard.type("市场街与第五街路口")
        page.wait_for_function(FOUND, arg=FIELD)
        assert "Market St 与 5th St 路口" in page.inner_text("#take [role=option]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert serious(page) == []
        shot(page, "place-list-390-dark-zh-CN")
        assert seen.errors == []
