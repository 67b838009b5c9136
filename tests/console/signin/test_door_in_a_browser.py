"""The door in a real browser, by keyboard alone, on the real service: link, factor, sign-in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from typer.testing import CliRunner

from answerable.console.cli import app as cli
from answerable.console.control import SOCKET
from tests.console.browser import AXE, WATCH, Seen, shot
from tests.console.doors import GOOD
from tests.console.serve.scene import Server, serving

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    drift = folder / "serve.toml"
    drift.write_text("[accounts]\ncode_drift = 1\n")  # the code of the next step, without waiting
    with serving(folder, "--settings", str(drift)) as server:
        assert server.printed
        while not (server.folder / "data" / SOCKET).exists():
            time.sleep(0.02)
        yield server
        server.end()


def operator(served: Server, *words: str) -> str:
    """Give a command on the machine and return its first line."""
    done = CliRunner().invoke(cli, [*words, "--data", str(served.folder / "data")])
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()[0]


def checked(page: Any, name: str) -> None:
    """See that a page is accessible, breaks no policy, moves nothing, and fits a telephone."""
    page.wait_for_load_state("load")
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == [], name
    assert page.evaluate("seen.csp") == [], name
    assert page.evaluate("seen.shift") < 0.02, name
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
        shot(page, f"{name}-{size['width']}")


def type_in(page: Any, *texts: str) -> None:
    """Type into one field after another and send the form, with the keyboard alone."""
    page.wait_for_function("() => document.activeElement.matches('input')")
    for n, text in enumerate(texts):
        if n:
            page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")


def reach(page: Any, selector: str, most: int = 60) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(most):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by the keyboard")


def next_code(telephone: pyotp.TOTP) -> str:
    """Return the code of the next step, which counts here: the one of now is used up."""
    return telephone.at(int(time.time()) + 30)


@pytest.mark.parametrize(("tag", "theme"), [("en", "light"), ("zh-CN", "dark")])
def test_one_comes_in_by_keyboard_alone_with_password_and_code(served, chrome, tag, theme):
    name = f"ada-{tag.lower()}"
    operator(served, "account", "open", name, "--role", "dispatcher")
    link = operator(served, "account", "invite", name)
    context = chrome.new_context(viewport=WIDE, color_scheme=theme, locale=tag)
    context.add_init_script(WATCH)
    page = context.new_page()
    seen = Seen(served.printed)
    seen.follow(page)

    page.goto(link)
    checked(page, f"link-{theme}-{tag}")
    type_in(page, GOOD, GOOD)
    page.wait_for_url("**/board")

    page.goto(f"{served.printed}/account")
    checked(page, f"account-{theme}-{tag}")
    reach(page, "form[action='/account/factor'] button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".qr svg")
    checked(page, f"factor-{theme}-{tag}")
    telephone = pyotp.TOTP(page.inner_text(".seed code").replace(" ", ""))
    reach(page, "input[name=code]")
    type_in(page, telephone.now(), GOOD)
    page.wait_for_url("**/account?done=added")
    checked(page, f"added-{theme}-{tag}")

    reach(page, ".menu:not(.followed) summary")
    page.keyboard.press("Enter")
    reach(page, "form[action='/session/end'] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/enter")
    checked(page, f"enter-{theme}-{tag}")

    type_in(page, name, "wrong wrong wrong")
    page.wait_for_selector("#refusal")
    checked(page, f"refused-{theme}-{tag}")
    assert page.input_value("input[name=name]") == name
    type_in(page, GOOD)  # the name stands, so the password has the focus
    page.wait_for_selector("input[name=code]")
    checked(page, f"code-{theme}-{tag}")
    type_in(page, next_code(telephone))
    page.wait_for_url("**/board")
    assert page.locator("html").get_attribute("lang") == tag
    unwanted = [text for text in seen.errors if "401" not in text]
    assert (seen.outside, unwanted) == ([], [])
    context.close()


def test_signed_out_everywhere_an_open_page_finds_the_door_by_itself(served, chrome):
    operator(served, "account", "open", "bo", "--role", "dispatcher")
    link = operator(served, "account", "invite", "bo")
    context = chrome.new_context(viewport=WIDE)
    page = context.new_page()
    page.goto(link)
    type_in(page, GOOD, GOOD)
    page.wait_for_url("**/board")
    page.wait_for_selector("[data-kept][data-state=ok]")
    link = operator(served, "account", "invite", "bo")
    other = chrome.new_context()
    elsewhere = other.new_page()
    elsewhere.goto(link)
    elsewhere.bring_to_front()
    reach(elsewhere, "input[name=password]")
    type_in(elsewhere, GOOD, GOOD)
    elsewhere.wait_for_url("**/board")
    page.wait_for_url("**/enter?back=/board", timeout=30_000)
    context.close()
    other.close()
