"""The page of a token and the figures in a real browser: keyboard, telephone, light and dark."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from answerable.console.session import COOKIE
from answerable.dispatch import words as d
from answerable.followup import back_words as b
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.record.memory import MemoryStore
from tests.console.browser import AXE, WATCH, shot
from tests.console.conftest import World
from tests.console.contract.served import Served, make_world, serving
from tests.console.saying.conftest import Asked

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")

STAFF = Actor(name="supervisor", role="supervisor")
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
AREAS = ((-122.4177, 37.7816), (-122.4100, 37.7600), (-122.4350, 37.8000))
"""Tenderloin, Mission, Marina."""


def made(folder: Path) -> World:
    """Return a centre whose callers of three areas have answered, few of one of them."""
    world = make_world(folder, MemoryStore())
    asked = Asked(world)
    for nth in range(31):
        lon, lat = AREAS[0 if nth < 18 else 1 if nth < 29 else 2]
        call = world.do(i.AnswerCall, number="+1 415 555 0142").call
        incident = world.do(
            i.OpenIncident, call=call, kind="Outside Fire", priority="3", address="X ST/Y ST",
            lon=lon, lat=lat,
        ).incident  # fmt: skip
        world.do(d.CloseIncident, incident=incident, outcome="nothing found")
        given = {one: 2 if nth % 7 == at else 5 for at, one in enumerate(b.QUESTIONS)}
        world.do(b.AnswerCallBack, STAFF, incident=incident, call=call, **given)
    asked.over(number="")
    world.tokens = [asked.token(*asked.over()) for _ in range(8)]  # type: ignore[attr-defined]
    return world


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("saying"), made) as one:
        yield one


@contextlib.contextmanager
def browsing(chrome, served, role: str = "", **more) -> Iterator[Any]:
    """Yield a page of a browser, signed in at a desk or as nobody."""
    context = chrome.new_context(reduced_motion="reduce", **more)
    context.add_init_script(WATCH)
    if role:
        value = served.cookie(role).partition("=")[2]
        context.add_cookies([{"name": COOKIE, "value": value, "url": served.url}])
    context.set_default_timeout(30_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def checked(page: Any, name: str) -> None:
    """See that a page is accessible, breaks no policy, moves nothing, and fits a telephone."""
    page.wait_for_load_state("load")
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    grave = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:90]) for v in grave] == [], name
    assert page.evaluate("seen.csp") == [], name
    assert page.evaluate("seen.shift") < 0.02, name
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
        shot(page, f"{name}-{size['width']}")


def token(served: Served) -> str:
    """Return a token that nobody has used: they are made where the centre lives."""
    return str(served.world.tokens.pop())  # type: ignore[attr-defined]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tag", ["en", "zh-CN"])
def test_a_caller_answers_by_keyboard_on_a_telephone(chrome, served, tag, scheme):
    at = f"{served.url}/say/{token(served)}?lang={tag}"
    with browsing(chrome, served, viewport=PHONE, color_scheme=scheme) as page:
        page.goto(at)
        checked(page, f"say-{tag}-{scheme}")
        page.set_viewport_size(PHONE)
        for _ in range(4):
            page.keyboard.press("Tab")
            page.keyboard.press("Space")
            page.keyboard.press("ArrowRight")
        assert page.locator("input[type=radio]:checked").count() == 4
        shot(page, f"say-chosen-{tag}-{scheme}")
        page.keyboard.press("Tab")
        page.keyboard.type("They were kind.")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("form", state="detached")
        checked(page, f"say-thanks-{tag}-{scheme}")
        page.goto(at)
        assert page.locator("form").count() == 0
        checked(page, f"say-nothing-{tag}-{scheme}")


def test_every_mark_is_large_enough_for_a_finger(chrome, served):
    with browsing(chrome, served, viewport=PHONE) as page:
        page.goto(f"{served.url}/say/{token(served)}")
        for box in page.locator(".marks label").all():
            size = box.bounding_box()
            assert size["height"] >= 44
            assert size["width"] >= 44


def test_an_empty_form_says_why_it_was_not_sent(chrome, served):
    with browsing(chrome, served, viewport=PHONE) as page:
        page.goto(f"{served.url}/say/{token(served)}")
        page.click("button")
        page.wait_for_selector("[role=alert]")
        checked(page, "say-empty")


@pytest.mark.parametrize("tag", ["en", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_figures_are_readable_in_either_language_and_theme(chrome, served, tag, scheme):
    with browsing(chrome, served, "supervisor", viewport=WIDE, color_scheme=scheme) as page:
        page.goto(f"{served.url}/language/{tag}?back=/board")
        page.goto(f"{served.url}/call-backs/figures?by=area&about=result")
        assert page.locator("table.say-figures tbody tr").count() == 4
        assert page.locator("svg.sure").count() == 3
        head, cell = (page.locator(f"table {row} .draw").first.bounding_box()
                      for row in ("thead", "tbody"))  # fmt: skip
        assert head["x"] == cell["x"], "a heading does not stand over its column"
        page.wait_for_function("() => document.querySelector('svg.sure .ends').getBBox().width > 0")
        checked(page, f"figures-{tag}-{scheme}")


def test_the_figures_are_walked_by_keyboard(chrome, served):
    with browsing(chrome, served, "supervisor", viewport=WIDE) as page:
        page.goto(f"{served.url}/call-backs/figures")
        page.locator(".choose a").first.focus()
        for _ in range(5):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**by=area**")
        assert page.locator(".choose a[aria-current]").nth(1).inner_text() == "by area"
