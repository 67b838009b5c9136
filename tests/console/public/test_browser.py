"""Receipt, public record and counts in a real browser: for everybody, on a telephone too.

The pages that look the same without a call are walked with all others in ``test_every_page.py``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from answerable.console.session import COOKIE
from answerable.disclosure.codes import code_of
from answerable.dispatch import words as d
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.record.memory import MemoryStore
from tests.console.browser import AXE, WATCH, shot
from tests.console.conftest import MINUTE_US, World
from tests.console.contract.served import Served, make_world, serving
from tests.console.log_beside import with_log

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")

LINE = Actor(name="line", role="line")
SIZES = ({"width": 1280, "height": 800}, {"width": 390, "height": 844})


def made(folder: Path) -> World:
    """Return a centre a day later: the counts of 2 April differ, one call is answered for."""
    world = with_log(make_world(folder, MemoryStore()), folder)
    hub = world.centre.hub
    hub.clock.pause()
    world.do(i.RingCall, LINE, call="C900", line="110")
    world.do(i.CountLine, LINE, day="2020-04-01", line="110", rung=0)
    for hours in (13, 6):
        hub.clock.jump(hub.clock.now_us() + hours * 60 * MINUTE_US)
        while hub.ring(hub.clock.now_us()):
            hub.commit()
        if hours == 13:
            world.do(i.CountLine, LINE, day="2020-04-02", line="110", rung=2)
    call = world.do(i.RingCall, LINE, line="110").call
    world.do(i.AnswerCall, call=call)
    world.about = world.do(  # type: ignore[attr-defined]
        i.OpenIncident, call=call, kind="Medical Incident", priority="3", address="X ST/Y ST",
        lon=-122.4177, lat=37.7816,
    ).incident  # fmt: skip
    world.do(d.SendUnit, incident=world.about, unit="E03")  # type: ignore[attr-defined]
    world.call = call  # type: ignore[attr-defined]
    return world


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("public"), made) as one:
        yield one


@contextlib.contextmanager
def browsing(chrome, served, *, role="", tag="en", **more) -> Iterator[Any]:
    """Yield a page of a browser, signed in at a desk or as nobody."""
    context = chrome.new_context(locale=tag, reduced_motion="reduce", **more)
    context.add_init_script(WATCH)
    if role:
        value = served.cookie(role).partition("=")[2]
        context.add_cookies([{"name": COOKIE, "value": value, "url": served.url}])
    context.set_default_timeout(30_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def code(served: Served) -> str:
    return code_of(served.world.centre.receipt_secret, "call", served.world.call)


def asked(page, served) -> None:
    """Type number and code as a caller does, with the keyboard, and come to the receipt."""
    page.goto(f"{served.url}/receipt")
    page.wait_for_function("() => document.activeElement.name === 'number'")
    page.keyboard.type(served.world.call.lower())
    page.keyboard.press("Tab")
    page.keyboard.type(code(served).lower())
    page.keyboard.press("Enter")
    page.wait_for_selector("#shown")


def faults_of(page) -> list[str]:
    """Return what is wrong with a page in both themes and sizes."""
    wrong, name = [], "shown" if page.query_selector("#shown") else page.url.rpartition("/")[2]
    page.evaluate(AXE)
    for size in SIZES:
        page.set_viewport_size(size)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
            wrong += [f"{theme} {v['id']}: {n['target']} {n['failureSummary']}"
                      for v in found if v["impact"] in ("serious", "critical")
                      for n in v["nodes"]]  # fmt: skip
            tag = page.evaluate("document.documentElement.lang")
            shot(page, f"public-{name}-{size['width']}-{theme}-{tag}")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        wrong += [f"{size['width']}: {wide} px beyond the edge"] if wide > 0 else []
    seen = page.evaluate("window.seen")
    return wrong + seen["csp"] + ([f"shifted by {seen['shift']}"] if seen["shift"] > 0.01 else [])


@pytest.mark.parametrize("tag", ["en", "zh-CN"])
def test_what_anybody_may_see_is_for_everybody(chrome, served, tag):
    with browsing(chrome, served, tag=tag) as page:
        asked(page, served)
        assert page.evaluate("document.documentElement.lang") == tag
        assert code(served) not in page.url
        assert faults_of(page) == []
        page.goto(f"{served.url}/public/record")
        assert faults_of(page) == []


@pytest.mark.parametrize("tag", ["en", "zh-CN"])
def test_the_counts_with_a_difference_are_for_everybody(chrome, served, tag):
    with browsing(chrome, served, tag=tag, role="supervisor") as page:
        page.goto(f"{served.url}/counts", wait_until="load")
        assert faults_of(page) == []


def test_all_of_it_works_without_a_script(chrome, served):
    with browsing(chrome, served, java_script_enabled=False, accept_downloads=True) as page:
        page.goto(f"{served.url}/receipt")
        page.fill("[name=number]", served.world.call)
        page.fill("[name=code]", code(served))
        for button, told in (("button.first", "Help has been sent."),
                             ("#again button", "Help has been sent."),
                             ("button[lang=zh-CN]", "已派出")):  # fmt: skip
            with page.expect_navigation():
                page.click(button)
            assert told in page.inner_text("h1")
        with page.expect_download() as download:
            page.click("form[action='/receipt/proof'] button")
        assert download.value.suggested_filename == f"receipt-{served.world.call}.json"


def test_an_open_receipt_looks_again_by_itself_and_keeps_what_the_reader_does(chrome, served):
    with browsing(chrome, served) as page:
        page.clock.install()
        asked(page, served)
        page.focus("#again button")
        served.call(served.world.do, d.Arrive, incident=served.world.about, unit="E03")
        page.clock.run_for(61_000)
        page.wait_for_function(
            "() => document.querySelector('h1').innerText.includes('has arrived')"
        )
        assert page.evaluate("document.activeElement.closest('#again') !== null")


def test_the_words_are_copied_with_one_press(chrome, served):
    with browsing(chrome, served, role="call_taker") as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served.url)
        page.goto(f"{served.url}/calls/{served.world.call}", wait_until="load")
        page.focus("[data-copy]")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-copy][data-done]")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert code(served).replace("-", " ") in copied
