"""The phone of a crew and the supervisors' page in a real browser: keys alone, two languages."""

from __future__ import annotations

import pytest

from answerable.dispatch import words as d
from tests.console.alerting.test_proposing import late
from tests.console.browser import AXE, shot

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
LEAST_PX = 64
WORDS = {
    "en": {"signed": "Signed for", "way": "En route", "there": "Arrived", "end": "Clear, report",
           "clear": "Clear", "none": "No job.", "note": "Take note", "noted": "noted at"},
    "zh-CN": {"signed": "签收", "way": "出警", "there": "到场", "end": "完毕、反馈",
              "clear": "处置完毕", "none": "没有任务。", "note": "知悉", "noted": "知悉于"},
}  # fmt: skip
TARGETS = """[...document.querySelector('.phone')
  .querySelectorAll('button, summary, a, input, select, textarea')]
  .filter(e => e.offsetParent && e.type !== 'hidden')
  .map(e => [e, (e.type === 'checkbox' ? e.closest('label') : e).getBoundingClientRect()])
  .map(([e, box]) => [e.innerText.trim(), box.height, box.right])"""
TOLD = "Number(document.querySelector('[data-escalations-count]').textContent)"


def grave(page) -> list[str]:
    """Return the serious findings of axe on a page."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [one["id"] for one in found["violations"] if one["impact"] in ("serious", "critical")]


def press(page, words: str) -> None:
    """Press a large button by keys."""
    page.focus(f".four button:text-is('{words}')")
    page.keyboard.press("Enter")


def at_phone(desk, served, tag: str, unit: str, **more):
    page = desk("crew", tag, viewport=PHONE, **more)
    page.goto(f"{served.url}/crew")
    page.select_option("select[name=on]", unit)
    page.focus(".choose form button")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".mine h1:text-is('{unit}')")
    page.wait_for_selector("[data-kept][data-state=ok]", state="attached")
    return page


@pytest.mark.parametrize(("tag", "unit"), [("en", "E04X"), ("zh-CN", "E05X")])
def test_a_whole_job_is_done_by_the_four_buttons(served, desk, tag, unit):
    page, words = at_phone(desk, served, tag, unit), WORDS[tag]
    assert words["none"] in page.inner_text("#crew")
    incident = served.call(served.world.incident)
    served.call(served.world.do, d.SendUnit, incident=incident, unit=unit)
    page.wait_for_selector(f".four button:text-is('{words['signed']}')")  # it came by itself
    for word, state in (("signed", "acknowledged"), ("way", "en route"), ("there", "arrived")):
        press(page, words[word])
        page.wait_for_function(
            "([w]) => ![...document.querySelectorAll('.four button')].some(b => b.innerText === w)",
            arg=[words[word]],
        )
        assert served.world.centre.board.line(incident).jobs[unit].state == state
    sizes = page.evaluate(TARGETS)
    assert [one for one in sizes if one[1] < LEAST_PX] == [], "large enough for gloves"
    assert max(right for _text, _height, right in sizes) <= PHONE["width"]
    page.focus(".four details.end > summary")
    page.keyboard.press("Enter")
    page.focus(f".ending button:text-is('{words['clear']}')")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#crew:has-text('{words['none']}')")
    assert served.world.centre.board.line(incident).jobs[unit].state == "cleared"
    assert page.evaluate("seen.csp") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_phone_page_is_sound_day_and_night(served, desk, theme):
    unit = {"light": "E06X", "dark": "E07X"}[theme]
    incident = served.call(served.world.incident, unverified="no such number", lon=None, lat=None)
    served.call(served.world.do, d.SendUnit, incident=incident, unit=unit)
    page = at_phone(desk, served, "en", unit, color_scheme=theme)
    assert grave(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    shot(page, f"crew-390-{theme}")


@pytest.mark.parametrize(("tag", "unit"), [("en", "E08X"), ("zh-CN", "E09X")])
def test_a_supervisor_takes_note_by_keys_and_the_number_goes(served, desk, tag, unit):
    incident = served.call(late, served.world, unit)
    page, words = desk("supervisor", tag), WORDS[tag]
    page.goto(f"{served.url}/escalations")
    page.wait_for_selector("[data-kept][data-state=ok]")
    assert page.evaluate("document.querySelector('[data-sound]').checked") is False
    assert grave(page) == []
    shot(page, f"escalations-1440-light-{tag[:2]}")
    mine = f"#about-{incident}"
    page.focus(f"{mine} .note input[name=remark]")
    page.keyboard.type("another goes")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{mine}.noted:has-text('{words['noted']}')")
    assert not [
        one for one in served.call(lambda: served.world.centre.hub.state["dispatch"]).escalations
        .values() if one.incident == incident and not one.noted_us
    ]  # fmt: skip
    assert page.evaluate("seen.csp") == []
    served.call(
        served.world.do, d.CancelUnit, incident=incident, unit=unit, reason="a test"
    )  # fmt: skip


def test_the_sound_is_off_until_it_is_turned_on_and_then_heard_when_the_number_grows(served, desk):
    page = desk("supervisor")
    page.goto(f"{served.url}/escalations")
    page.wait_for_selector("[data-kept][data-state=ok]")
    before = page.evaluate(TOLD)
    served.call(late, served.world, "E10X")
    page.wait_for_function(f"() => {TOLD} > {before}")
    assert page.evaluate("document.documentElement.dataset.sounded") is None
    page.focus("[data-sound]")
    page.keyboard.press("Space")
    before = page.evaluate(TOLD)
    served.call(late, served.world, "E11X")
    page.wait_for_function(f"() => {TOLD} > {before}")
    assert int(page.evaluate("document.documentElement.dataset.sounded")) >= 1
