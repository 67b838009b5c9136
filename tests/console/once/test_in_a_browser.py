"""A lost connection shows at once what is not yet recorded, keeps it, and sends it once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from answerable.console.session import COOKIE, digest
from answerable.dispatch import words as d
from answerable.intake import words as i
from tests.console.browser import AXE, Wire, shot
from tests.console.contract.served import Served, make_world_on_disk, serving

pytestmark = pytest.mark.browser
SECRET = "the dog of Zarathustra bites"
KEEP = "sessionStorage.getItem('answerable-once')"


class Desk:
    """A served world that can be stopped and started, a wire to it, and a page."""

    def __init__(self, folder: Any, chrome: Any) -> None:
        self.folder, self.chrome = folder, chrome
        self.stack = contextlib.ExitStack()
        self.served: Served = self.stack.enter_context(serving(folder, make_world_on_disk))
        self.wire = Wire(self.served.port)
        self.identifier = self.served.cookie().partition("=")[2]
        self.incident = str(self.served.call(self.served.world.incident))
        self.do(d.SendUnit, unit="E03")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.wire.port}"

    def do(self, command: Any, **fields: Any) -> Any:
        return self.served.call(self.served.world.do, command, incident=self.incident, **fields)

    def open(self, **more: Any) -> Any:
        """Open the incident's page behind the wire."""
        self.context = self.chrome.new_context(
            **({"viewport": {"width": 1440, "height": 900}, "locale": "en"} | more)
        )
        self.stack.callback(self.context.close)
        self.context.set_default_timeout(30_000)
        self.context.add_cookies([{"name": COOKIE, "value": self.identifier, "url": self.url}])
        page = self.context.new_page()
        page.goto(f"{self.url}/incidents/{self.incident}")
        page.wait_for_selector("[data-kept][data-state=ok]")
        return page

    def restart(self) -> None:
        """End the process and begin the next one on the same record, with the desk's session."""
        self.served = self.stack.enter_context(serving(self.folder, make_world_on_disk))
        sessions = self.served.world.app.front.sessions
        self.served.call(sessions.hold, digest(self.identifier), self.session)
        self.wire.to = self.served.port
        self.wire.mend()

    def stop(self) -> None:
        """End the process: nothing listens any more."""
        sessions = self.served.world.app.front.sessions
        self.session = self.served.call(sessions.find, self.identifier)
        self.wire.break_off()
        self.served.server.should_exit = True
        for _ in range(200):
            if not self.served.loop or self.served.loop.is_closed():
                return
            threading.Event().wait(0.05)

    def kinds(self) -> list[str]:
        """Return what is recorded of the incident, without the readings of its page."""
        stream = self.served.call(lambda: list(self.store.stream(f"incident:{self.incident}")))
        return [row.kind for row in stream if row.kind != "vault.SealedRead"]

    @property
    def store(self) -> Any:
        return self.served.world.centre.hub.store

    def words(self) -> list[str]:
        """Return the words of all notes, in the order in which they were recorded."""

        def read() -> list[str]:
            rows = [r for r in self.store.stream(f"incident:{self.incident}")
                    if r.kind == "intake.NoteAdded"]  # fmt: skip
            return [str(self.store.unseal(row.position, "words")) for row in rows]

        return list(self.served.call(read))


@pytest.fixture
def at(tmp_path, chrome) -> Iterator[Desk]:
    made = Desk(tmp_path, chrome)
    try:
        yield made
    finally:
        made.wire.close()
        made.stack.close()


def note(page, words: str) -> None:
    page.fill("#note-words", words)
    page.click(".note-form button")


def line(page, words: str) -> None:
    page.fill("#line [name=line]", words)
    page.press("#line [name=line]", "Enter")


def waits(page, count: int) -> None:
    page.wait_for_function(
        "n => [...document.querySelectorAll('#once li')]"
        ".filter(li => ['waiting', 'sending'].includes(li.dataset.state)).length === n",
        arg=count,
        timeout=30_000,
    )


def step(page, label: str) -> None:
    page.click(f"#side .crew:has(> .who:text-is('E03')) button:text-is('{label}')")


def recorded(page, count: int) -> None:
    page.wait_for_function(
        "n => document.querySelectorAll('#once li[data-state=recorded]').length === n",
        arg=count,
        timeout=30_000,
    )


def three(page) -> None:
    """Give three commands: a note, a step of a unit, a line of the bar."""
    note(page, SECRET)
    step(page, "Signed for")
    line(page, "/note and a second one")


# -- kept, and sent once ---------------------------------------------------------------------


@pytest.mark.parametrize("how", ["offline", "wire", "stopped"])
def test_what_is_given_without_a_connection_is_shown_kept_and_recorded_once_in_order(at, how):
    page = at.open()
    before = at.kinds()
    if how == "offline":
        at.context.set_offline(True)
    elif how == "wire":
        at.wire.break_off()
    else:
        at.stop()
    three(page)
    waits(page, 3)
    listed = page.locator("#once li b").all_inner_texts()
    assert listed[0].startswith("Add")
    assert listed[1] == f"Signed for · E03 · {at.incident}"
    assert listed[2] == "/note and a second one"
    assert "Not yet recorded: 3" in page.inner_text("#once h2")
    assert page.input_value("#note-words") == ""  # free for the next command
    page.wait_for_selector("[data-kept]:not([data-state=ok])")
    assert not page.is_visible("[data-word=heard]")  # nobody has heard it
    shot(page, f"once-{how}-1440-light-en")
    page.evaluate(AXE)
    found = page.evaluate("axe.run('#once', {resultTypes: ['violations']})")["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
    if how == "offline":
        at.context.set_offline(False)
    elif how == "wire":
        at.wire.mend()
    else:
        at.restart()
    recorded(page, 3)
    assert at.kinds()[len(before):] == [
        "intake.NoteAdded", "dispatch.UnitAcknowledged", "intake.NoteAdded",
    ]  # fmt: skip
    assert at.words() == [SECRET, "and a second one"]
    page.wait_for_selector("#thread :text('and a second one')", timeout=30_000)
    page.wait_for_selector("[data-kept][data-state=ok]")
    assert page.evaluate(KEEP) is None  # and no word is left in the browser


@pytest.mark.parametrize("given", [0, 1])
def test_a_connection_that_died_without_a_word_is_noticed_and_made_anew(at, given):
    page = at.open()
    page.set_default_timeout(45_000)  # silence, tries that hang, and the pauses between them
    at.wire.swallow()  # as where a cable is pulled far away: no end, no refusal, nothing
    page.wait_for_selector("[data-kept][data-state=lost]")
    if given:
        note(page, SECRET)
    at.do(d.SendUnit, unit="T03")  # while this desk hears nothing
    page.wait_for_timeout(2_000)  # a new connection is being tried, and hangs
    at.wire.mend()
    page.wait_for_selector("#side .crew:has(> .who:text-is('T03'))")
    page.wait_for_selector("[data-kept][data-state=ok]")
    recorded(page, given)
    assert at.words() == [SECRET] * given


def test_pressed_twice_without_a_connection_it_is_one_command(at):
    page = at.open()
    at.wire.break_off()
    page.dblclick("#side .crew:has(> .who:text-is('E03')) button:text-is('Signed for')")
    waits(page, 1)
    at.wire.mend()
    recorded(page, 1)
    assert page.locator("#once li").count() == 1
    assert at.kinds().count("dispatch.UnitAcknowledged") == 1


def test_one_whose_answer_was_lost_is_recorded_once(at):
    page = at.open()
    lost: list[int] = []

    def swallow(route) -> None:
        lost.append(route.fetch().status)  # it reaches the service, and nobody hears of it
        route.abort()

    page.route("**/do", swallow, times=1)
    note(page, SECRET)
    recorded(page, 1)  # only one that was kept is shown as recorded here
    assert lost == [201]
    assert at.words() == [SECRET]


def test_of_several_the_refused_one_is_told_and_the_others_are_recorded(at):
    page = at.open()
    at.wire.break_off()
    note(page, "first")
    step(page, "Signed for")
    note(page, "third")
    waits(page, 3)
    at.do(d.Acknowledge, unit="E03")  # somebody at another desk has done it meanwhile
    at.wire.mend()
    recorded(page, 2)
    refused = page.wait_for_selector("#once li[data-state=refused]")
    told = " ".join(refused.inner_text().split())
    assert "Not done: Signed for" in told
    assert "Send again" in told
    assert refused.query_selector(f"a[href='/incidents/{at.incident}']")
    assert at.words() == ["first", "third"]
    assert at.kinds().count("dispatch.UnitAcknowledged") == 1
    shot(page, "once-refused-1440-light-en")
    page.reload()  # what was refused stays until somebody has seen it
    page.click("#once li[data-state=refused] button:text-is('Drop it')")
    page.wait_for_selector("#once", state="detached")
    assert page.evaluate(KEEP) is None


def test_it_is_kept_over_a_reload_and_over_another_page(at):
    page = at.open()
    page.route("**/do", lambda route: route.abort())
    note(page, SECRET)
    waits(page, 1)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{at.url}/units")
    waits(page, 1)
    page.unroute("**/do")
    recorded(page, 1)
    assert at.words() == [SECRET]


def test_leaving_is_warned_of_while_anything_waits_and_not_before(at):
    page = at.open()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == []
    page.wait_for_selector("[data-kept][data-state=ok]")
    page.route("**/do", lambda route: route.abort())
    note(page, "x")
    waits(page, 1)
    page.reload()
    assert asked == ["beforeunload"]
    waits(page, 1)
    page.click(".head .facts details.menu:last-of-type > summary")
    page.click("form[action='/session/end'] button")
    page.wait_for_selector("#once[data-first]")  # nobody signs out over it
    assert page.url.endswith(at.incident)
    page.click("#once li button")
    page.wait_for_selector("#once", state="detached")


def test_nothing_is_sent_under_another_name_nor_an_hour_late(at):
    page = at.open()
    page.route("**/do", lambda route: route.abort())
    note(page, "one")
    note(page, "two")
    waits(page, 2)
    page.evaluate(
        "() => { const held = JSON.parse(sessionStorage.getItem('answerable-once'));"
        "held[0].who = 'somebody.else'; held[1].at -= 3700000;"
        "const kept = JSON.stringify(held);"
        "addEventListener('pagehide', () => sessionStorage.setItem('answerable-once', kept)); }"
    )
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.wait_for_selector("#once li[data-state=theirs]")
    page.wait_for_selector("#once li[data-state=old]")
    page.unroute("**/do")
    assert at.words() == []
    page.click("#once li[data-state=old] button:text-is('Send again')")
    recorded(page, 1)
    assert at.words() == ["two"]


def test_a_slow_answer_is_shown_as_not_yet_there_and_keeps_its_place(at):
    page = at.open()
    held: list[Any] = []
    page.route("**/do", lambda route: held.append(route), times=1)
    note(page, "first")
    waits(page, 1)
    note(page, "second")  # goes behind it
    waits(page, 2)
    assert at.words() == []
    held[0].continue_()
    page.wait_for_selector("#thread :text('second')")
    assert at.words() == ["first", "second"]


def test_the_words_are_chinese_too_and_fit_on_a_telephone(at):
    page = at.open(locale="zh-CN", viewport={"width": 390, "height": 844}, color_scheme="dark")
    at.wire.break_off()
    note(page, "一")
    waits(page, 1)
    assert "尚未记录：1" in page.inner_text("#once h2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shot(page, "once-390-dark-zh")
    at.wire.mend()
    recorded(page, 1)


def test_an_open_page_says_how_much_is_not_recorded_and_never_that_it_was_heard(at):
    page = at.open()
    at.do(i.AddNote, words="x")
    page.route("**/do", lambda route: route.abort())
    note(page, "one")
    waits(page, 1)
    page.wait_for_selector("[data-kept][data-state=waiting]")  # the stream is alive all the same
    assert page.inner_text("[data-kept]").split("\n")[-1].strip() == "not yet recorded 1"
    page.unroute("**/do")
    recorded(page, 1)
    page.wait_for_selector("[data-kept][data-state=ok]")
    assert page.is_visible("[data-word=recorded]")
