"""Administration in a real browser, by the keyboard alone: every flow, in both themes and sizes."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from answerable.access import words as access
from answerable.console.app import App, application
from answerable.console.centre import Centre, open_centre
from answerable.console.running import listen
from answerable.console.session import cookie_name
from answerable.kernel.authority import SYSTEM, Actor
from answerable.kernel.clock import SystemClock
from answerable.kernel.hub import Accepted
from answerable.standards.shelf import shelf_text
from answerable.towns.load import town_folder
from tests.console.browser import AXE, WATCH, Seen, shot

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")

ROOT = Actor(name="root.admin", role="administrator")
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PAGES = (
    "accounts", "accounts/li.na", "roles", "roles?role=dispatcher",
    "roles?may=access.OpenAccount", "tokens", "town", "adapters", "health",
)  # fmt: skip
DAY_US = 86_400_000_000
SETTLED = (
    "() => !document.querySelector('.htmx-request') && "
    "(!document.querySelector('#findings') || document.querySelector('#findings .counts'))"
)


class Served:
    """A real server over a centre with some staff, in a thread of this process."""

    def __init__(self, folder: Any) -> None:
        self.town = folder / "town"
        shutil.copytree(town_folder("san_francisco"), self.town)
        self.listener = listen("127.0.0.1", 0, "")
        self.port = self.listener.getsockname()[1]
        self.keys = 0
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(folder / "data",), daemon=True)
        self.thread.start()
        assert self.ready.wait(60), "the server did not start"

    def _run(self, data: Any) -> None:
        """Open the record, serve, and close it: all in the one thread that may use it."""
        self.centre: Centre = open_centre(
            data, str(self.town), SystemClock(), on_fatal=lambda why: None
        )
        self.staff()
        app = App(self.centre, None)
        self.cookie = app.front.sessions.begin(ROOT)
        config = uvicorn.Config(application(app), log_level="error")
        self.server = uvicorn.Server(config)
        threading.Thread(target=self._tell, daemon=True).start()
        self.server.run(sockets=[self.listener])
        self.centre.close()

    def _tell(self) -> None:
        while not self.server.started:
            time.sleep(0.02)
        self.ready.set()

    def do(self, command: Any, actor: Actor = ROOT, **fields: Any) -> None:
        """Have a command done before the server runs."""
        self.keys += 1
        outcome = self.centre.hub.do(command(key=f"seed-{self.keys}", **fields), actor)
        assert isinstance(outcome, Accepted), outcome
        self.centre.hub.commit()

    def staff(self) -> None:
        """Open some accounts and a token."""
        now_us = self.centre.now_us()
        people = {"root.admin": "administrator", "li.na": "dispatcher", "d.smith": "crew"}
        for number, (name, role) in enumerate(people.items()):
            digest = f"{number:064x}"
            self.do(access.OpenAccount, account=name, role=role)
            self.do(access.InviteAccount, account=name, digest=digest, until=now_us + DAY_US)
            self.do(access.SetPassword, SYSTEM, account=name, credential="cd" * 16,
                    invitation=digest)  # fmt: skip
            self.do(access.SignIn, SYSTEM, account=name, session="0123456789ab", way="password")
        for _ in range(8):
            self.do(access.MissSignIn, SYSTEM, account="d.smith", missed="password")
        self.do(access.IssueToken, token="wall", label="Wall display", role="reader",
                digest="11" * 32, until=now_us + 9 * DAY_US)  # fmt: skip

    def change_card(self, unit_type: str) -> None:
        """Change the card for stuck elevators in the town's file on the disk."""
        file = self.town / "town.toml"
        head, mark, tail = file.read_text("utf-8").partition('[[run_cards]]\ncode = "E1"')
        needs, end, rest = tail.partition("]\n\n")
        kinds = needs.partition("needs")[0]
        card = f'{kinds}needs = [\n  {{ types = ["{unit_type}"] }},\n'
        file.write_text(head + mark + card + end + rest, "utf-8")

    def close(self) -> None:
        """Stop the server, which closes the record."""
        self.server.should_exit = True
        self.thread.join(60)


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("admin"))
    yield made
    made.close()


@contextlib.contextmanager
def desk(chrome, served, *, viewport=WIDE, theme="light", tag="en", **more):
    """Yield a page of an administrator, and what is seen on it."""
    base = f"http://127.0.0.1:{served.port}"
    context = chrome.new_context(viewport=viewport, color_scheme=theme, locale=tag, **more)
    context.add_cookies([{"name": cookie_name(secure=False), "value": served.cookie, "url": base}])
    context.add_init_script(WATCH)
    context.set_default_timeout(30_000)
    page = context.new_page()
    seen = Seen(base)
    seen.follow(page)
    try:
        yield page, seen, f"{base}/admin"
    finally:
        context.close()


def name_of(path: str) -> str:
    return "admin-" + "".join(c if c.isalnum() else "-" for c in path)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("tag", ["en", "zh-CN"])
def test_no_page_of_administration_fails_accessibility_or_breaks_the_policy(
    chrome, served, theme, tag
):
    with desk(chrome, served, theme=theme, tag=tag) as (page, seen, base):
        for path in PAGES:
            page.goto(f"{base}/{path}", wait_until="load")
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            page.wait_for_function(SETTLED, timeout=60_000)
            page.evaluate(AXE)
            found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
            serious = [
                f"{v['id']}: {n['target']} {n['failureSummary']}"
                for v in found if v["impact"] in ("serious", "critical") for n in v["nodes"]
            ]  # fmt: skip
            assert serious == [], f"{path} ({theme}, {tag}): " + "\n".join(serious)
            assert page.evaluate("seen.csp") == [], path
            shot(page, f"{name_of(path)}-1440-{theme}-{tag}")
        assert seen.outside == []
        assert seen.errors == []


def test_no_page_of_administration_shifts_while_it_loads(chrome, served):
    with desk(chrome, served) as (page, _seen, base):
        for path in PAGES:
            page.goto(f"{base}/{path}", wait_until="load")
            page.wait_for_function(SETTLED, timeout=60_000)
            page.wait_for_timeout(200)
            assert page.evaluate("seen.shift") < 0.02, path


@pytest.mark.parametrize("opened", [False, True])
def test_no_page_of_administration_is_wider_than_a_phone(chrome, served, opened):
    with desk(chrome, served, viewport=PHONE, theme="dark") as (page, _seen, base):
        for path in PAGES:
            page.goto(f"{base}/{path}", wait_until="load")
            if opened:
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            page.wait_for_function(SETTLED, timeout=60_000)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
            shot(page, f"{name_of(path)}-390-dark-en{'-open' if opened else ''}")


def typed(page, *words: str) -> None:
    """Type into one field after another, going on with the tabulator; the last is sent."""
    for number, text in enumerate(words):
        if number:
            page.keyboard.press("Tab")
        if text:
            page.keyboard.type(text)
    page.keyboard.press("Enter")


def begun(page) -> None:
    """Wait until the form just opened has taken the cursor to its first field."""
    page.wait_for_function("() => document.activeElement.closest('form.ask')")


def to_summary(page, words: str) -> None:
    """Go to a form's heading with the tabulator and open it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.textContent ?? ''")[:60]:
            page.keyboard.press("Enter")
            begun(page)
            return
    raise AssertionError(f"the tabulator does not reach {words}")


def test_an_account_is_opened_found_closed_and_opened_again_by_the_keyboard(chrome, served):
    with desk(chrome, served, permissions=["clipboard-read", "clipboard-write"]) as (
        page, seen, base,
    ):  # fmt: skip
        page.goto(f"{base}/accounts")
        page.keyboard.press("n")
        typed(page, "kim.o")
        page.wait_for_selector(".once [data-secret]")
        shot(page, "admin-link-shown-once")
        link = page.input_value("[data-secret]")
        page.focus("[data-copy]")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-copied]:visible")
        assert page.evaluate("navigator.clipboard.readText()") == link
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/admin/accounts/kim.o")
        to_summary(page, "Close the account")
        typed(page, "never came")
        page.wait_for_selector(".said:has-text('The account kim.o was closed: never came.')")
        shot(page, "admin-account-closed")
        to_summary(page, "Open it again")
        typed(page, "came after all")
        page.wait_for_selector(".said:has-text('was opened again')")
        page.goto(f"{base}/accounts")
        page.keyboard.press("f")
        typed(page, "kim")
        page.wait_for_url("**q=kim**")
        assert page.locator("table.accounts tbody tr").count() == 1
        page.keyboard.press("g")
        page.keyboard.press("a")
        page.wait_for_url(f"{base}/accounts")
        assert link not in page.content()
        assert seen.errors == []


def test_a_refusal_stands_beside_its_form_and_the_fields_are_kept(chrome, served):
    with desk(chrome, served) as (page, _seen, base):
        page.goto(f"{base}/accounts")
        page.keyboard.press("n")
        typed(page, "li.na")
        page.wait_for_selector(".ask .refusal:has-text('There is one of that name already.')")
        shot(page, "admin-refusal-in-place")
        assert page.input_value("input[name=account]") == "li.na"
        page.fill("input[name=account]", "li.na2")
        page.keyboard.press("Enter")
        page.wait_for_selector(".once [data-secret]")


def test_a_locked_account_is_released_and_a_role_is_changed_by_the_keyboard(chrome, served):
    with desk(chrome, served, theme="dark") as (page, _seen, base):
        page.goto(f"{base}/accounts/d.smith")
        to_summary(page, "Release the lock")
        typed(page, "called and is known")
        page.wait_for_selector(".said:has-text('may sign in again')")
        to_summary(page, "Change role or areas")
        page.keyboard.type("Super")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.focus("details[open] input[name=reason]")
        typed(page, "covers for j.ortiz")
        page.wait_for_selector(".said")
        held = served.centre.hub.state["access"].accounts["d.smith"]
        assert (held.role, len(held.areas)) == ("supervisor", 1)


def test_a_token_is_issued_and_revoked_by_the_keyboard(chrome, served):
    with desk(chrome, served) as (page, _seen, base):
        page.goto(f"{base}/tokens")
        page.keyboard.press("n")
        typed(page, "press-office", "Press office", "", "")
        page.wait_for_selector(".once [data-secret]")
        assert page.input_value("[data-secret]").startswith("ans_press-office_")
        page.goto(f"{base}/tokens")
        page.focus("tr:has-text('press-office') summary")
        page.keyboard.press("Enter")
        begun(page)
        typed(page, "not needed")
        page.wait_for_selector(".said:has-text('The token press-office was revoked')")
        shot(page, "admin-token-revoked")


def test_changed_run_cards_are_planned_withdrawn_and_adopted_by_the_keyboard(chrome, served):
    served.change_card("ENGINE")
    with desk(chrome, served) as (page, seen, base):
        page.goto(f"{base}/town")
        page.wait_for_function(SETTLED, timeout=60_000)
        shot(page, "admin-town-difference")
        page.keyboard.press("n")
        year = time.gmtime().tm_year + 1
        typed(page, f"{year}-01-02 06:00", "from the new year")
        page.wait_for_selector(".said:has-text('edition 2')")
        page.focus("#cards tr:has-text('planned') summary")
        page.keyboard.press("Enter")
        begun(page)
        typed(page, "sooner is better")
        page.wait_for_selector(".said:has-text('were withdrawn')")
        page.keyboard.press("n")
        typed(page, "", "trial")
        page.wait_for_selector(".said:has-text('edition 3')")
        page.wait_for_selector("h2:has-text('Run cards, edition 3')")
        shot(page, "admin-town-adopted")
        card = served.centre.card_for("Elevator / Escalator Rescue", "3", served.centre.now_us())
        assert card.needs[0].types == ("ENGINE",)
        assert seen.errors == []


def test_a_standard_is_read_from_a_file_checked_and_adopted(chrome, served, tmp_path):
    text = shelf_text("one-three-five").replace("limit_s = 60\n", "limit_s = 75\n", 1)
    file = tmp_path / "ours.toml"
    file.write_text(text.replace("limit_s = 75", "limit = 75"), "utf-8")
    with desk(chrome, served, theme="dark") as (page, seen, base):
        page.goto(f"{base}/town#standards-adopted")
        page.focus("#standards-adopted summary")
        page.keyboard.press("Enter")
        begun(page)
        page.set_input_files("input[type=file]", str(file))
        page.wait_for_function(
            "() => document.querySelector('textarea').value.includes('limit = 75')"
        )
        page.focus("#standard button.first")
        page.keyboard.press("Enter")
        page.wait_for_selector("#standard .refusal:has-text('limit')")
        page.fill("textarea", text)
        page.focus("#standard .go button")
        page.keyboard.press("Enter")
        page.wait_for_selector("#standard h3:has-text('would become edition 2')")
        shot(page, "admin-standard-proposed")
        page.keyboard.press("Tab")
        for _ in range(6):
            if "Adopt edition 2" in page.evaluate("document.activeElement.textContent"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector(".said:has-text('edition 2')")
        assert seen.errors == []


def test_a_hook_is_registered_and_removed_by_the_keyboard(chrome, served):
    with desk(chrome, served) as (page, _seen, base):
        page.goto(f"{base}/adapters")
        page.keyboard.press("n")
        typed(page, "stats", "https://stats.example/hook", "", "dispatch.UnitSent")
        page.wait_for_selector(".once [data-secret]")
        hook = served.centre.hub.state["access"].hooks["stats"]
        assert served.centre.keyring.secret(hook.credential) == page.input_value("[data-secret]")
        page.goto(f"{base}/adapters")
        page.focus("tr:has-text('stats') summary")
        page.keyboard.press("Enter")
        begun(page)
        typed(page, "moved")
        page.wait_for_selector(".said:has-text('The hook stats was removed')")


def test_at_twice_the_size_every_form_can_still_be_reached(chrome, served):
    half = {"width": 720, "height": 450}
    with desk(chrome, served, viewport=half, device_scale_factor=2) as (page, _seen, base):
        for path in ("accounts/li.na", "town", "roles"):
            page.goto(f"{base}/{path}", wait_until="load")
            page.wait_for_function(SETTLED, timeout=60_000)
            assert page.evaluate("document.documentElement.scrollWidth") <= 720, path
