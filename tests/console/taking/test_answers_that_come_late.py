"""What a call-taker does while an answer is on its way is not lost, nor taken for something else.

The centre is real; only the wire between the page and it is slow, silent, or loses an answer.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from answerable.dispatch import words as d
from answerable.intake import join_words as join
from answerable.intake import words as i
from tests.console.presence.conftest import chrome, desk, served

pytestmark = pytest.mark.browser
__all__ = ["chrome", "desk", "served"]

IMPATIENT = """
const usual = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (ms) => usual(window.impatient ? Math.min(ms, 500) : ms);
"""
"""A page that waits half a second where it would wait ten, once it has no patience left."""
IN_LINE = "document.activeElement.name === 'line'"


class Slow:
    """Holds back what goes to an address until it is let go; whoever asks again is not held."""

    def __init__(self, page: Any, address: str) -> None:
        self.held: list[Any] = []
        page.route(re.compile(address), self._hold, times=1)

    def _hold(self, route: Any) -> None:
        self.held.append(route)

    def wait(self, page: Any) -> Any:
        """Wait until something is held and return it."""
        for _ in range(600):
            if self.held:
                return self.held[0]
            page.wait_for_timeout(50)
        raise AssertionError("nothing was asked")


@pytest.fixture
def form(served, desk):
    """A form that may be recorded: kind, priority and place are given."""
    page = desk()
    page.add_init_script(IMPATIENT)
    page.goto(f"{served.url}/take")
    page.wait_for_selector("[data-kept][data-state=ok]")
    page.wait_for_function("() => document.activeElement?.name === 'words'")
    page.keyboard.type("smoke from kitchen")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('[name=kind]').value === 'Structure Fire'")
    page.wait_for_selector("#take [name=address]:focus")
    page.keyboard.type("market & 5th")
    page.keyboard.press("Enter")
    page.wait_for_selector("#script:focus")
    return page


def recorded(page) -> str:
    page.wait_for_selector("[data-after]:not([hidden])")
    return re.search(r"\d{9,}", page.get_attribute("[data-after-open]", "href"))[0]


def test_a_proposal_that_comes_late_takes_no_cursor_from_a_line_that_is_begun(form):
    slow = Slow(form, r"/take$")
    form.keyboard.press("Enter")
    held = slow.wait(form)
    form.focus("#line [name=line]")
    form.keyboard.type("/note ")
    held.continue_()
    recorded(form)
    form.wait_for_selector("#advice .do.first")
    form.keyboard.type("half")
    assert form.evaluate(IN_LINE)
    assert form.input_value("#line [name=line]") == "/note half"


def test_the_next_proposal_takes_no_cursor_either_so_that_enter_sends_nobody(form, served):
    form.keyboard.press("Enter")
    incident = recorded(form)
    form.wait_for_selector("#advice .do.first:focus")
    form.wait_for_timeout(300)  # a second Enter at once would be the first one's bounce
    slow = Slow(form, r"/board/advice/")
    form.keyboard.press("Enter")
    held = slow.wait(form)
    form.keyboard.press("/")
    form.keyboard.type("fin")
    was = form.inner_html("#advice")
    held.continue_()
    form.wait_for_function("(was) => document.querySelector('#advice').innerHTML !== was", arg=was)
    assert form.evaluate(IN_LINE)
    jobs = served.world.centre.board.incidents[incident].jobs
    assert len(jobs) == 1


def test_what_is_written_at_another_unit_is_not_thrown_away_by_the_next_proposal(form):
    form.keyboard.press("Enter")
    recorded(form)
    form.wait_for_selector("#advice .do.first:focus")
    form.wait_for_timeout(300)
    slow = Slow(form, r"/board/advice/")
    form.keyboard.press("Enter")
    held = slow.wait(form)
    if not form.locator("#advice details.rest[open]").count():
        form.locator("#advice details.rest > summary").click()
    fields = form.locator("#advice input:not([type=hidden]), #advice textarea")
    assert fields.count(), "a unit that was passed over is sent with a reason"
    shown = [at for at in range(fields.count()) if fields.nth(at).is_visible()]
    if not shown:
        form.locator("#advice details.rest details > summary").first.click()
        shown = [at for at in range(fields.count()) if fields.nth(at).is_visible()]
    fields.nth(shown[0]).fill("asked for by na")
    held.continue_()
    form.wait_for_timeout(600)
    written = form.evaluate(
        "[...document.querySelectorAll('#advice input, #advice textarea')].map((f) => f.value)"
    )
    assert "asked for by na" in written


def test_what_is_not_recorded_after_the_form_is_said_where_it_is_seen(form):
    form.keyboard.press("Enter")
    recorded(form)
    form.focus("#script-after")
    form.route(re.compile("/take/answer$"), lambda route: route.abort(), times=1)
    form.keyboard.press("1")
    form.wait_for_selector("text=Not recorded: the connection is lost.")
    assert form.locator("#script-after .ans[aria-pressed=true]").count() == 0


@pytest.fixture
def attached(served, desk):
    """A page whose call was attached to an open incident by one key."""
    incident = served.call(
        served.world.incident, kind="Structure Fire", address="VALENCIA ST/21ST ST",
        lon=-122.42329, lat=37.75697,
    )  # fmt: skip
    page = desk("call_taker")
    page.goto(f"{served.url}/take")
    page.wait_for_selector("[data-kept][data-state=ok]")
    page.keyboard.type("fire in a house")
    page.keyboard.press("Enter")
    page.wait_for_selector("#take [name=address]:focus")
    page.keyboard.type("valencia & 21st")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#near [data-incident='{incident}']")
    page.keyboard.press("Alt+a")
    recorded(page)
    yield page
    served.call(served.world.do, d.CloseIncident, incident=incident, outcome="over")


def test_an_undo_that_somebody_else_did_already_is_refused_where_it_is_seen(attached, served):
    calls = served.world.centre.hub.state["intake"].calls
    told = {"call": max(calls), "reason": "another one"}
    served.call(served.world.do, join.DetachCall, **told)
    attached.keyboard.press("Alt+u")
    attached.wait_for_selector(".form .refusal:visible")


def test_an_undo_whose_answer_was_lost_is_said_and_done_once(attached):
    page = attached

    def lose(route):
        route.fetch()
        route.abort()

    page.route(re.compile("/take/undo$"), lose, times=1)
    page.keyboard.press("Alt+u")
    page.wait_for_selector("text=Not recorded: the connection is lost.")
    page.keyboard.press("Alt+u")
    page.wait_for_selector("#take:not([hidden])")
    assert page.input_value("#take [name=words]") == "fire in a house"
    assert "Taken back" in page.inner_text("#take-answer")


def test_a_form_that_is_being_recorded_takes_no_letters_that_would_be_lost(form):
    slow = Slow(form, r"/take$")
    form.focus("#take [name=words]")
    form.keyboard.press("Control+Enter")
    held = slow.wait(form)
    form.keyboard.type(" and a child")
    typed = form.input_value("#take [name=words]")
    held.continue_()
    recorded(form)
    assert typed == "smoke from kitchen", "it would be in no record"


def test_a_form_that_was_refused_has_its_cursor_again(form):
    form.fill("#take [name=later]", "soonish")
    form.focus("#take [name=later]")
    slow = Slow(form, r"/take$")
    form.keyboard.press("Control+Enter")
    held = slow.wait(form)
    form.wait_for_timeout(100)
    held.continue_()
    form.wait_for_selector("#take-answer .refusal")
    form.wait_for_selector("#take [name=later]:focus")


def test_a_connection_that_only_falls_silent_is_said_and_the_form_sent_again(form, served):
    slow = Slow(form, r"/take$")
    form.evaluate("() => { window.impatient = true; }")
    before = len(served.world.centre.board.incidents)
    form.keyboard.press("Control+Enter")
    slow.wait(form)
    recorded(form)
    assert len(served.world.centre.board.incidents) == before + 1


def test_whoever_turns_to_a_second_caller_comes_back_to_the_words_of_the_first(served, desk):
    page = desk("call_taker")
    one, two = (served.call(served.world.do, i.AnswerCall).call for _ in range(2))

    def at(call: str) -> None:
        page.goto(f"{served.url}/take?call={call}")
        page.wait_for_function("() => document.activeElement?.name === 'words'")

    at(one)
    page.keyboard.type("smoke from kitchen")
    at(two)
    assert page.input_value("#take [name=words]") == ""
    page.keyboard.type("a man on the tracks")
    page.keyboard.press("Alt+c")
    page.wait_for_url(re.compile("/take$"))
    at(one)
    assert page.input_value("#take [name=words]") == "smoke from kitchen"
    at(two)
    assert page.input_value("#take [name=words]") == "a man on the tracks"
    for call in (one, two):
        served.call(served.world.do, i.EndCall, call=call, reason="over")
        page.goto(f"{served.url}/take?call={call}")
        page.wait_for_selector(".refusal")
    page.wait_for_function("() => sessionStorage.getItem('take') === null")


def test_a_reload_after_an_undo_finds_the_words_again(attached):
    attached.keyboard.press("Alt+u")
    attached.wait_for_selector("#take:not([hidden])")
    attached.reload()
    attached.wait_for_function("() => document.activeElement?.name === 'words'")
    assert attached.input_value("#take [name=words]") == "fire in a house"
