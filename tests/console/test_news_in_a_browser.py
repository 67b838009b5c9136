"""Lists follow the record by themselves, each console its own; what is being written stays."""

from __future__ import annotations

import pytest

from answerable.dispatch import words as d
from answerable.kernel.authority import Actor
from answerable.matters import referral_words as w
from tests.console.presence.conftest import chrome, desk, served
from tests.console.righting.test_pages import adopt, unhappy

pytestmark = pytest.mark.browser
__all__ = ["chrome", "desk", "served"]
WAIT_MS = 30_000


def look(page, url: str) -> None:
    page.set_default_timeout(WAIT_MS)
    page.goto(url)
    page.wait_for_selector("[data-kept][data-state=ok]", state="attached")


def refer(world) -> str:
    incident = world.incident(kind="Electrical Hazard")
    told = {"agency": "UTILITY", "kind": "Electrical Hazard"}
    return str(world.do(w.ReferIncident, incident=incident, **told).referral)


def quiet(page) -> None:
    """Say that the page did not jump and that its policy barred nothing."""
    seen = page.evaluate("() => seen")
    assert seen["csp"] == []
    assert seen["shift"] < 0.1


def test_a_referral_comes_into_the_list_and_leaves_it_as_it_stands(served, desk):
    page = desk("dispatcher")
    look(page, f"{served.url}/referrals")
    number = served.call(refer, served.world)
    page.wait_for_selector(f"#ref-{number}")
    served.call(served.world.do, w.ReceiveReferral, referral=number, way="link")
    page.wait_for_selector(f"#ref-{number} .stands:has-text('received')")
    quiet(page)


def test_what_is_being_written_stays_while_the_list_beside_it_is_read_again(served, desk):
    number = served.call(refer, served.world)
    page = desk("dispatcher")
    look(page, f"{served.url}/referrals/{number}")
    page.click("summary:has-text('Withdraw it')")
    page.fill("form:has([value=withdraw]) [name=reason]", "not theirs af")
    other = served.call(refer, served.world)
    served.call(served.world.do, w.AcceptReferral, referral=number)
    page.wait_for_selector(f"#ref-{other}")
    page.wait_for_selector(f"#ref-{number} .stands:has-text('accepted')")
    page.wait_for_timeout(300)
    assert page.is_visible("form:has([value=withdraw]) [name=reason]")
    assert page.input_value("form:has([value=withdraw]) [name=reason]") == "not theirs af"
    page.fill("form:has([value=withdraw]) [name=reason]", "")
    page.click("summary:has-text('Withdraw it')")
    page.evaluate("() => document.activeElement.blur()")
    served.call(refer, served.world)
    page.wait_for_selector("#side .stands:has-text('accepted')")


def test_a_link_that_is_shown_once_is_not_read_away(served, desk):
    number = served.call(refer, served.world)
    page = desk("dispatcher")
    look(page, f"{served.url}/referrals/{number}")
    page.click("form:has([value=link]) button")
    page.wait_for_selector("[data-link]")
    page.wait_for_selector("[data-kept][data-state=ok]", state="attached")
    page.evaluate("() => document.activeElement.blur()")
    served.call(served.world.do, w.AcceptReferral, referral=number)
    page.wait_for_selector(f"#ref-{number} .stands:has-text('accepted')")
    page.wait_for_timeout(300)
    assert "/portal/" in page.input_value("[data-link]")


def test_what_is_put_right_comes_into_the_list(served, desk):
    served.call(adopt, served.world)
    page = desk("supervisor")
    look(page, f"{served.url}/put-right")
    _incident, name = served.call(unhappy, served.world)
    page.wait_for_selector(f"#right-{name}")
    quiet(page)


def test_each_console_keeps_its_own_filter_over_what_comes_in(served, desk):
    world = served.world
    here, there = desk("dispatcher"), desk("dispatcher")
    look(here, f"{served.url}/reports?station=3")
    look(there, f"{served.url}/reports?station=nowhere")
    incident = served.call(world.incident)
    served.call(world.do, d.SendUnit, incident=incident, unit="E07X")
    crew = Actor("crew of E07X", "crew", unit="E07X")
    for step in (d.Acknowledge, d.GoEnRoute, d.Arrive):
        served.call(world.do, step, crew, incident=incident, unit="E07X")
    here.wait_for_selector(f"#owed-{incident}-E07X")
    there.wait_for_function("() => document.querySelector('.sorts .num').textContent === '0'")
    there.wait_for_function("() => document.querySelector('#news').textContent !== ''")
    assert there.query_selector(f"#owed-{incident}-E07X") is None
    assert here.url.endswith("station=3")
    quiet(here)
