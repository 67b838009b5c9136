"""Merging and taking back in a real browser: by keyboard, in both languages, on a telephone too."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from answerable.console.session import COOKIE
from answerable.dispatch import words as d
from answerable.intake import join_words as join
from answerable.intake import words as i
from answerable.record.memory import MemoryStore
from tests.console.browser import AXE, WATCH, Seen, shot
from tests.console.conftest import World
from tests.console.contract.served import Served, make_world, serving

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def made(folder: Path) -> World:
    """Return three incidents near one another: two calls about the first, which is linked."""
    world = make_world(folder, MemoryStore())
    places = (("GOLDEN GATE AV/LARKIN ST", -122.4177), ("ELLIS ST/HYDE ST", -122.4170),
              ("EDDY ST/POLK ST", -122.4190))  # fmt: skip
    world.names = [  # type: ignore[attr-defined]
        world.incident(kind="Structure Fire", address=address, lon=lon) for address, lon in places
    ]
    call = world.do(i.AnswerCall).call
    world.do(i.AttachCall, call=call, incident=world.names[0])  # type: ignore[attr-defined]
    world.do(join.LinkIncidents, incident=world.names[0], other=world.names[2])  # type: ignore[attr-defined]
    assert world.demo is not None
    world.demo.pause()
    return world


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("joining"), made) as one:
        yield one


@contextlib.contextmanager
def page_at(chrome, served, path: str, *, viewport=WIDE, theme="light", tag="en"):
    """Yield a page of a dispatcher, and what is seen on it."""
    context = chrome.new_context(viewport=viewport, color_scheme=theme, locale=tag)
    context.add_init_script(WATCH)
    name, _, value = served.cookie("dispatcher").partition("=")
    assert name == COOKIE
    context.add_cookies([
        {"name": name, "value": value, "url": served.url},
        {"name": "lang", "value": tag, "url": served.url},
    ])  # fmt: skip
    page, seen = context.new_page(), Seen(served.url)
    seen.follow(page)
    page.goto(f"{served.url}{path}", wait_until="load")
    try:
        yield page, seen
    finally:
        context.close()


def serious(page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{v['id']}: {n['target']}" for v in found if v["impact"] in ("serious", "critical")
            for n in v["nodes"]]  # fmt: skip


def state_of(served, incident: str) -> str:
    return str(served.world.centre.board.line(incident).state)


def until(page, holds, most: int = 1_200) -> None:
    for _ in range(most):
        if holds():
            return
        page.wait_for_timeout(25)
    raise AssertionError("it did not come")


@pytest.mark.parametrize(("tag", "theme"), [("en", "light"), ("zh-CN", "dark")])
def test_a_merge_by_keyboard_is_told_at_once_and_taken_back_by_one_key(chrome, served, tag, theme):
    first, second, _ = served.world.names
    with page_at(chrome, served, f"/incidents/{first}", tag=tag, theme=theme) as (page, seen):
        shot(page, f"joining-1440-{theme}-{tag}")
        assert serious(page) == []
        opener = page.locator(".other:has-text('" + second + "') details.more").first
        opener.locator("summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("same fire")
        page.keyboard.press("Enter")
        until(page, lambda: state_of(served, first) == "merged")
        until(page, lambda: second in page.inner_text(".who-what"))
        page.evaluate("document.activeElement.blur()")
        shot(page, f"merged-1440-{theme}-{tag}")
        assert serious(page) == []
        page.keyboard.press("Control+z")
        until(page, lambda: state_of(served, first) == "open")
        until(page, lambda: page.inner_text("#hint").strip() != "")
        said = "Taken back." if tag == "en" else "已撤回。"
        assert said in page.inner_text("#hint")
        assert page.evaluate("seen.csp") == []
        assert (seen.outside, seen.errors) == ([], [])


def test_the_button_beside_the_answer_takes_back_what_was_just_done(chrome, served):
    first, *_ = served.world.names
    with page_at(chrome, served, f"/incidents/{first}") as (page, _seen):
        page.fill("#note-words", "the gate is at the back")
        page.press("#note-words", "Tab")
        page.keyboard.press("Enter")
        button = page.locator(".note-form button[form=undo]")
        button.wait_for()
        assert "struck" in (button.get_attribute("title") or "")
        shot(page, "undo-button-1440")
        button.focus()
        page.keyboard.press("Enter")
        page.locator("#thread :text('was struck')").first.wait_for()
        until(page, lambda: page.locator("button[form=undo]").count() == 0)


def test_the_key_undoes_typing_inside_a_field_and_nothing_else(chrome, served):
    first, second, _ = served.world.names
    served.call(served.world.do, d.SendUnit, incident=second, unit="E36")
    with page_at(chrome, served, f"/incidents/{first}") as (page, _seen):
        before = served.world.centre.hub.position
        page.fill("#note-words", "")
        page.type("#note-words", "smoke")
        page.keyboard.press("Control+z")
        page.wait_for_timeout(300)
        assert served.world.centre.hub.position == before
        assert page.inner_text("#hint").strip() == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_telephone_it_fits_and_is_for_everybody(chrome, served, theme):
    first, *_ = served.world.names
    at = f"/incidents/{first}"
    with page_at(chrome, served, at, viewport=PHONE, theme=theme) as (page, _seen):
        page.locator(".side .other").first.scroll_into_view_if_needed()
        shot(page, f"joining-390-{theme}")
        assert serious(page) == []
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"]
