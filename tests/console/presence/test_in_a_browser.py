"""Two desks in two real browsers: who is on what, and that what a person is at stays theirs."""

from __future__ import annotations

import itertools
import threading
import time

import pytest

from answerable.dispatch import words as d
from answerable.intake import words as i
from tests.console.browser import shot

pytestmark = pytest.mark.browser
numbers = itertools.count(100)


@pytest.fixture
def incident(served) -> str:
    return str(served.call(served.world.incident))


def free(served) -> str:
    """Return a unit that nobody has used yet."""
    units = served.world.centre.board.units.values()
    return next(u.unit for u in units if not u.jobs and not u.last_incident and u.unit[-1] == "X")


def do(served, command, **fields):
    return served.call(served.world.do, command, **fields)


def at(page, served, incident: str) -> None:
    page.goto(f"{served.url}/incidents/{incident}")
    page.wait_for_function("() => document.getElementById('live')?._htmx?.sse")


def name(page) -> str:
    return page.get_attribute("body", "data-desk")


HERE = "[data-here='incident:{}']"


# -- who is on what --------------------------------------------------------------------------


def test_a_desk_shows_on_the_others_screens_and_is_gone_when_it_leaves(served, desk, incident):
    board, one, two = desk(), desk("supervisor"), desk("call_taker", "zh-CN")
    board.goto(f"{served.url}/board")
    at(two, served, incident)
    at(one, served, incident)
    here = HERE.format(incident)
    board.wait_for_selector(f"#row-{incident} {here}:has-text('{name(one)} is on this')")
    two.wait_for_selector(f"#incident-head {here}:has-text('{name(one)} 正在处理')")
    assert name(two) not in two.inner_text(f"#incident-head {here}")  # of oneself one knows
    one.fill("#note-words", "half a sen")
    board.wait_for_selector(f"{here}:has-text('{name(one)} is typing')")
    do(served, i.AddNote, incident=incident, words="from elsewhere")  # the row is drawn anew
    board.wait_for_selector(f"{here}:has-text('{name(one)} is typing')")
    shot(board, "presence-board-1440-light-en")
    shot(two, "presence-incident-1440-light-zh")
    one.goto("about:blank")
    empty = f'() => !document.querySelector("{here}").textContent'
    two.wait_for_function(empty, timeout=30_000)
    two.goto("about:blank")
    board.wait_for_function(empty, timeout=30_000)
    assert board.evaluate("seen.csp") == []
    assert board.seen.errors == []


def test_a_page_that_is_closed_at_once_leaves_nobody_behind(served, desk, incident):
    one = desk()
    at(one, served, incident)
    one.fill("#note-words", "x")
    one.context.close()
    presence = served.world.app.front.presence
    for _ in range(300):
        if not served.call(presence.whole).get(f"incident:{incident}"):
            break
        threading.Event().wait(0.1)
    assert not served.call(presence.whole).get(f"incident:{incident}")


def test_who_takes_a_call_shows_on_the_list_of_calls(served, desk):
    call = str(do(served, i.AnswerCall).call)
    calls, taker = desk("supervisor"), desk("call_taker")
    calls.goto(f"{served.url}/calls")
    taker.goto(f"{served.url}/take?call={call}")
    here = f"[data-here='call:{call}']"
    calls.wait_for_selector(f"{here}:has-text('{name(taker)} is taking the call')")
    shot(calls, "presence-calls-1440-light-en")
    taker.goto("about:blank")
    calls.wait_for_function(
        "here => !document.querySelector(here)?.textContent", arg=here, timeout=30_000
    )


def test_a_page_whose_scripts_come_late_follows_the_stream_all_the_same(served, desk, incident):
    page = desk()

    def late(route) -> None:
        time.sleep(0.6)
        route.continue_()

    page.route("**/hx-sse.min.js", late)
    at(page, served, incident)
    page.wait_for_function("() => document.getElementById('live')._htmx?.sse", timeout=30_000)
    do(served, i.AddNote, incident=incident, words="it follows")
    page.wait_for_selector("#thread :text('it follows')")


# -- what a person is at ---------------------------------------------------------------------


def change(page, summary: str) -> str:
    """Open a form beside the thread by its summary; return the selector of its form."""
    page.click(f"#side details.more > summary:text-is('{summary}')")
    return f"#side details.more[open]:has(> summary:text-is('{summary}'))"


def test_what_is_half_typed_stays_while_events_pour_in(served, desk, incident):
    one, two = desk(), desk("supervisor")
    units = [free(served)]
    do(served, d.SendUnit, incident=incident, unit=units[0])
    for page in (one, two):
        at(page, served, incident)
    one.fill("#note-words", "the caller says ")
    form = change(two, "Correct the place")
    two.fill(f"{form} [name=reason]", "told by the cal")
    one.evaluate("document.getElementById('note-words').setSelectionRange(4, 10)")
    two.evaluate("window.was = document.activeElement")
    for _ in range(6):
        unit = free(served)
        do(served, d.SendUnit, incident=incident, unit=unit)
        do(served, d.Acknowledge, incident=incident, unit=units[-1])
        do(served, i.AddNote, incident=incident, words=f"note {next(numbers)}")
        units.append(unit)
        one.keyboard.type("x")
        two.keyboard.type("y")
    last = f"#side .crew:has-text('{units[-1]}')"
    one.wait_for_selector(last)
    two.wait_for_selector(last)
    assert one.input_value("#note-words") == "the xxxxxx says "
    assert one.evaluate("document.activeElement.id") == "note-words"
    assert one.evaluate("document.getElementById('note-words').selectionStart") == 10
    assert two.input_value(f"{form} [name=reason]") == "told by the calyyyyyy"
    assert two.evaluate("document.activeElement === window.was") is True
    assert two.is_visible(form)
    assert one.query_selector("[id^=mine-], [hx-morph-skip]:not(#map)") is None
    for page in (one, two):
        assert page.seen.errors == []


def test_a_form_stays_with_the_unit_it_was_opened_for_when_the_others_change_places(
    served, desk, incident
):
    first, second = free(served), ""
    do(served, d.SendUnit, incident=incident, unit=first)
    second = free(served)
    do(served, d.SendUnit, incident=incident, unit=second)
    page = desk()
    at(page, served, incident)
    crew = f"#side .crew:has(> .who:text-is('{second}'))"
    page.click(f"{crew} summary:text-is('Cancel')")
    page.fill(f"{crew} details[open] [name=reason]", "not needed any mo")
    do(served, d.CancelUnit, incident=incident, unit=first, reason="not needed")
    page.wait_for_selector(f"#side .crew:last-child:has-text('{first}')")
    assert page.input_value(f"{crew} details[open] [name=reason]") == "not needed any mo"
    page.keyboard.type("re")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{crew}:has-text('cancelled')")
    jobs = served.world.centre.board.line(incident).jobs
    assert {unit: job.state for unit, job in jobs.items()} == {
        first: "cancelled", second: "cancelled",
    }  # fmt: skip


def test_what_has_no_place_any_more_is_kept_with_what_was_written(served, desk, incident):
    unit = free(served)
    do(served, d.SendUnit, incident=incident, unit=unit)
    page = desk()
    at(page, served, incident)
    crew = f"#side .crew:has(> .who:text-is('{unit}'))"
    page.click(f"{crew} summary:text-is('Cancel')")
    page.fill(f"{crew} details[open] [name=reason]", "they are too far")
    page.evaluate("window.was = document.activeElement")
    do(served, d.CancelUnit, incident=incident, unit=unit, reason="sent another")
    page.wait_for_selector("#kept-aside:has-text('Not sent')")
    assert page.input_value("#kept-aside [name=reason]") == "they are too far"
    assert page.evaluate("document.activeElement === window.was") is True
    do(served, i.AddNote, incident=incident, words="and another change")
    page.wait_for_selector("#thread :text('and another change')")
    assert page.locator("#kept-aside").count() == 1
    shot(page, "kept-aside-1440-light-en")
    page.keyboard.press("Enter")
    page.wait_for_selector("#kept-aside .refusal")
    page.fill("#kept-aside [name=reason]", "")
    page.evaluate("document.activeElement.blur()")


def test_fields_nobody_touched_follow_and_the_others_are_told(served, desk, incident):
    page = desk()
    at(page, served, incident)
    form = change(page, "Change kind or priority")
    page.fill(f"{form} [name=reason]", "it burns")
    page.select_option(f"{form} [name=kind]", "Structure Fire")
    page.select_option(f"{form} [name=priority]", "3")  # as it was: untouched
    do(served, i.ChangeKind, incident=incident, kind="Alarms", priority="2", reason="by phone")
    page.wait_for_selector(f"{form} .meanwhile")
    assert page.input_value(f"{form} [name=priority]") == "2"  # not sent back to what it was
    assert page.input_value(f"{form} [name=kind]") == "Structure Fire"
    told = page.inner_text(f"{form} .meanwhile")
    assert "Priority is now 2." in told
    assert "Kind is now Alarms." in told
    assert page.input_value(f"{form} [name=reason]") == "it burns"


def test_details_focus_and_scroll_stay_when_the_page_is_loaded_again(served, desk, incident):
    page = desk()
    page.set_viewport_size({"width": 1440, "height": 420})
    at(page, served, incident)
    form = change(page, "Correct the place")
    page.fill(f"{form} [name=address]", "PIER 3")
    page.focus(f"{form} [name=reason]")
    page.evaluate("document.querySelector('#side').scrollTop = 120")
    top = page.evaluate("document.querySelector('#side').scrollTop")
    assert top > 0
    do(served, i.AddNote, incident=incident, words="before it is loaded again")
    page.wait_for_selector("#thread :text('before it is loaded again')")
    page.evaluate("htmx.trigger('#live', 'again', {})")
    with page.expect_response(lambda answer: f"/incidents/{incident}" in answer.url):
        page.evaluate("document.querySelector('#live').dispatchEvent(new CustomEvent('again'))")
    page.wait_for_timeout(300)
    assert page.is_visible(form)
    assert page.input_value(f"{form} [name=address]") == "PIER 3"
    assert page.evaluate("document.activeElement.name") == "reason"
    assert page.evaluate("document.querySelector('#side').scrollTop") == top


def test_the_focus_on_a_button_stays_and_never_falls_off_the_page(served, desk, incident):
    unit = free(served)
    do(served, d.SendUnit, incident=incident, unit=unit)
    page = desk()
    at(page, served, incident)
    crew = f"#side .crew:has(> .who:text-is('{unit}'))"
    page.focus(f"{crew} button:text-is('Signed for')")
    page.evaluate("window.was = document.activeElement")
    do(served, d.SendUnit, incident=incident, unit=free(served))
    do(served, i.AddNote, incident=incident, words="one more")
    page.wait_for_selector("#thread :text('one more')")
    assert page.evaluate("document.activeElement === window.was") is True
    do(served, d.Acknowledge, incident=incident, unit=unit)
    page.wait_for_selector(f"{crew} button:text-is('Signed for')", state="detached")
    page.wait_for_function("() => document.activeElement.id === 'side'")


def test_a_list_that_grows_does_not_move_what_is_being_read(served, desk, incident):
    page = desk()
    page.set_viewport_size({"width": 1440, "height": 360})
    for _ in range(8):
        served.call(served.world.incident)
    page.goto(f"{served.url}/board")
    page.wait_for_selector("#open > .row:nth-child(8)")
    pane = "document.querySelector('.pane:has(#open)')"
    page.evaluate(f"{pane}.scrollTop = 150")
    page.wait_for_timeout(100)
    row = page.evaluate("document.elementFromPoint(200, 220).closest('.row').id")
    before = page.evaluate(f"document.getElementById('{row}').getBoundingClientRect().top")
    fresh = str(served.call(served.world.incident, priority="3"))
    page.wait_for_selector(f"#row-{fresh}", state="attached")
    page.wait_for_timeout(100)
    after = page.evaluate(f"document.getElementById('{row}').getBoundingClientRect().top")
    assert abs(after - before) < 2


# -- two people press at once (B13) ----------------------------------------------------------


def press_at_once(pages, act) -> None:
    """Press in every page before any of them has an answer."""
    held: list[object] = []
    for page in pages:
        page.route("**/do", lambda route: held.append(route), times=1)
    for page in pages:
        act(page)
    for _ in range(1_500):
        if len(held) == len(pages):
            break
        pages[0].wait_for_timeout(20)
    assert len(held) == len(pages)
    for route in held:
        route.continue_()


def test_of_two_who_press_at_once_one_has_it_and_the_other_is_told_why(served, desk):
    unit, first, second = free(served), *(served.call(served.world.incident) for _ in "ab")
    pages = {}
    for number in (first, second):
        page = pages[number] = desk()
        at(page, served, number)
        form = change(page, "Send another unit")
        page.fill(f"{form} [name=unit]", unit)
        page.fill(f"{form} [name=why]", "it is nearer")
    press_at_once(list(pages.values()), lambda page: page.click(f"{form} button"))
    jobs = lambda: served.world.centre.board.units[unit].jobs  # noqa: E731
    for _ in range(600):
        if jobs():
            break
        threading.Event().wait(0.05)
    won = next(iter(jobs()))
    lost = second if won == first else first
    assert len(jobs()) == 1
    pages[won].wait_for_selector(f"#side .crew:has-text('{unit}')")
    refused = pages[lost].wait_for_selector("#side .refusal")
    text = " ".join(refused.inner_text().split())
    assert f"Not sent: {unit}" in text
    assert won in text
    assert len(refused.query_selector_all("b, span")) == 3
    do(served, i.AddNote, incident=lost, words="the page changes once more")
    pages[lost].wait_for_selector("#thread :text('the page changes once more')")
    assert pages[lost].is_visible("#side .refusal")  # and it is not wiped away unread
    shot(pages[lost], "refused-at-once-1440-light-en")


def test_of_two_who_take_one_step_at_once_the_other_keeps_the_words_of_the_refusal(
    served, desk, incident
):
    unit = free(served)
    do(served, d.SendUnit, incident=incident, unit=unit)
    pages = [desk(), desk("supervisor")]
    for page in pages:
        at(page, served, incident)
    crew = f"#side .crew:has(> .who:text-is('{unit}'))"
    press_at_once(pages, lambda page: page.click(f"{crew} button:text-is('Signed for')"))
    for page in pages:
        page.wait_for_selector(f"{crew} button:text-is('Signed for')", state="detached")
    for _ in range(300):
        told = [
            " ".join(p.inner_text("#side").split()) for p in pages if p.query_selector(".refusal")
        ]
        if told:
            break
        pages[0].wait_for_timeout(100)
    assert len(told) == 1
    assert "It is acknowledged" in told[0]
    kinds = [row.kind for row in served.world.centre.hub.store.stream(f"incident:{incident}")]
    assert kinds.count("dispatch.UnitAcknowledged") == 1
