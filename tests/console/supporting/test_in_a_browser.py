"""Support is asked for and carried on by keys alone in a real browser, and the pages are live."""

from __future__ import annotations

import pytest

from answerable.console.supporting import listing
from answerable.matters import support_words as w
from tests.console.browser import AXE, shot
from tests.console.supporting.test_pages import (
    SUPERVISOR,
    asked,
    carried,
    helped_by,
    working,
)
from tests.console.supporting.test_pages import WORDS as PLEA

pytestmark = pytest.mark.browser
WAIT_MS = 30_000
WORDS = {
    "en": {"approved": "to be assigned", "assigned": "waits for an answer"},
    "zh-CN": {"approved": "待指派", "assigned": "等待答复"},
}


def sound(page) -> None:
    """Say that nothing is wrong with a page: no violation, no shift, no serious fault of axe."""
    page.evaluate(AXE)
    serious = page.evaluate(
        "() => axe.run().then(r => r.violations.filter(v => /serious|critical/.test(v.impact))"
        ".map(v => [v.id, ...v.nodes.map(n => n.html.slice(0, 120))]))"
    )
    assert serious == []
    assert page.evaluate("() => seen.csp") == []
    assert page.evaluate("() => seen.shift") < 0.02
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def look(page, url: str) -> None:
    page.set_default_timeout(WAIT_MS)
    page.goto(url)
    ready(page)


def ready(page) -> None:
    """Wait until the page follows the record."""
    page.wait_for_selector("[data-kept][data-state=ok]", state="attached")


def do(served, *given, **fields):
    return served.call(lambda: served.world.do(*given, **fields))


def step(served, command, number: str, **fields) -> None:
    do(served, command, SUPERVISOR, support=number, **fields)


def held(served) -> dict[str, object]:
    return served.call(lambda: dict(listing.support(served.world.app.front).open))


def over(served, unit: str) -> None:
    """End what a unit is on, so that the next test finds it free."""
    from answerable.dispatch import words as d

    for incident in served.call(
        lambda: list(listing.support(served.world.app.front).jobs.get(unit, ()))
    ):
        do(served, d.CancelUnit, incident=incident, unit=unit, reason="over")


@pytest.fixture
def free(served):
    """Have the units of these tests free again after each."""
    yield
    for unit in ("E03", "T03"):
        over(served, unit)


@pytest.mark.parametrize(("tag", "wide"), [("en", 1440), ("zh-CN", 390)])
def test_it_is_asked_for_signed_and_assigned_by_keys_alone(served, desk, free, tag, wide):
    incident = served.call(working, served.world, "E03")
    before = set(held(served))
    page = desk("dispatcher", tag, viewport={"width": wide, "height": 900})
    look(page, f"{served.url}/support/new?incident={incident}")
    page.focus("input[name=kind][value=drone]")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("the roof cannot be seen")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("main.one .support-steps")
    [number] = set(held(served)) - before
    assert held(served)[number].urgent
    sound(page)
    boss = desk("supervisor", tag, viewport={"width": wide, "height": 900})
    look(boss, f"{served.url}/support?list=sign")
    boss.keyboard.press("j")
    boss.wait_for_function("() => document.activeElement.matches('#requests a.one')")
    boss.focus(f"a[href='/support/{number}']")
    boss.keyboard.press("Enter")
    boss.wait_for_url(f"**/support/{number}")
    ready(boss)
    boss.focus("form:has([value=approve]) button")
    boss.keyboard.press("Enter")
    boss.wait_for_selector(f".title .state:has-text('{WORDS[tag]['approved']}')")
    ready(boss)
    boss.focus("select[name=to]")
    boss.keyboard.press("ArrowDown")
    boss.keyboard.press("Tab")
    boss.keyboard.press("Enter")
    boss.wait_for_selector(f".title .state:has-text('{WORDS[tag]['assigned']}')")
    sound(boss)
    assert held(served)[number].to == "AIR SUPPORT"


@pytest.mark.parametrize(("theme", "wide", "tag"), [("light", 1440, "en"), ("dark", 390, "zh-CN")])
def test_the_pages_are_sound_in_both_widths_and_themes(served, desk, free, theme, wide, tag):
    number = served.call(asked, served.world, "forensics", urgent=True)
    served.call(carried, served.world, served.call(asked, served.world), 4)
    page = desk("supervisor", tag, viewport={"width": wide, "height": 900 if wide > 400 else 844})
    page.emulate_media(color_scheme=theme)
    incident = number.split("S")[0]
    for name, path in (("list", ""), ("one", f"/{number}"), ("new", f"/new?incident={incident}")):
        look(page, f"{served.url}/support{path}")
        sound(page)
        shot(page, f"support-{name}-{wide}-{theme}-{tag[:2]}")
    look(page, f"{served.url}/incidents/{incident}")
    assert page.locator(f"#side a[href='/support/{number}']").count() == 1


def test_the_list_and_one_request_follow_the_record(served, desk, free):
    number = served.call(asked, served.world)
    listed, one = desk("dispatcher", "en"), desk("dispatcher", "en")
    look(listed, f"{served.url}/support?list=approved")
    look(one, f"{served.url}/support/{number}")
    assert listed.locator(f"a[href='/support/{number}']").count() == 0
    step(served, w.ApproveSupport, number)
    listed.wait_for_selector(f"a[href='/support/{number}']")
    one.wait_for_selector(".title .state:has-text('to be assigned')")
    one.wait_for_selector(".support-steps li:nth-child(3)[aria-current=step]")
    one.wait_for_selector("select[name=to]")


def test_a_refusal_stands_under_the_form_and_what_was_typed_stays(served, desk, free):
    page = desk("dispatcher", "en")
    look(page, f"{served.url}/support/new")
    page.fill("input[name=incident]", "no-such-incident")
    page.fill("input[name=unit]", "E03")
    page.check("input[name=kind][value=dog]")
    page.fill("textarea[name=words]", "a large cellar")
    page.focus("form.ask button")
    page.keyboard.press("Enter")
    page.wait_for_selector("form.ask .refusal:has-text('There is no incident')")
    assert page.input_value("textarea[name=words]") == "a large cellar"


def test_a_crew_asks_and_says_thanks_on_its_phone_and_its_page_is_live(served, desk, free):
    served.call(working, served.world, "T03")
    before = set(held(served))
    page = desk("crew", "zh-CN", viewport={"width": 390, "height": 844})
    look(page, f"{served.url}/crew")
    page.select_option("select[name=on]", "T03")
    page.focus(".choose form button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".mine h1:text-is('T03')")
    ready(page)
    page.focus(".ask-here summary")
    page.keyboard.press("Enter")
    page.focus(".ask-here select[name=kind]")
    page.select_option(".ask-here select[name=kind]", "interpreter")
    page.focus(".ask-here button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".helps .help")
    ready(page)
    [number] = set(held(served)) - before
    sound(page)
    step(served, w.AssignSupport, number, to="LANGUAGE LINE")
    step(served, w.AcceptSupport, number)
    step(served, w.BeginSupport, number)
    step(served, w.ReportSupport, number, result=w.CameTo.DONE)
    page.wait_for_selector(".help summary:has-text('已有结果')", state="attached")
    page.wait_for_selector(".help form:has([value=thank])", state="attached")
    page.focus(".help summary")
    page.keyboard.press("Enter")
    page.focus(".help form:has([value=thank]) button")
    shot(page, "support-crew-zh")
    page.keyboard.press("Enter")
    page.wait_for_function("() => !document.querySelector('.helps .help')")
    assert number not in held(served)


@pytest.mark.parametrize(("theme", "tag"), [("light", "en"), ("dark", "zh-CN")])
def test_a_crew_reads_what_is_asked_of_it_on_its_phone(served, desk, free, monkeypatch, theme, tag):
    world = served.world
    served.call(helped_by, world, monkeypatch, "TRUCK")
    number = served.call(asked, world)
    step(served, w.ApproveSupport, number)
    step(served, w.AssignSupport, number, to="T03")
    page = desk("crew", tag)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme=theme)
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{served.url}/crew")
    if not page.is_visible("[name=on]"):
        page.click(".choose summary")
    page.select_option("[name=on]", "T03")
    page.click(".choose button")
    page.wait_for_selector("#crew-support .help")
    assert PLEA not in page.content()
    page.click(f"#crew-support .help:has(a[href='/support/{number}']) summary")
    shot(page, f"support-crew-{theme}-{tag[:2]}")
    page.click(f"#crew-support a[href='/support/{number}']")
    page.wait_for_selector(f".thread:has-text('{PLEA}')")
    sound(page)
    page.evaluate("() => window.scrollTo(0, 0)")
    shot(page, f"support-read-{theme}-{tag[:2]}")
    step(served, w.WithdrawSupport, number, reason="not needed")
