"""An incident is referred by keys alone, and the agency answers on a telephone; axe looks at it."""

from __future__ import annotations

import pytest

from answerable.console.portal.page import fresh
from answerable.console.session import COOKIE
from answerable.dispatch import words as d
from answerable.matters import referral_words as w
from tests.console.browser import AXE, WATCH, shot
from tests.console.presence.conftest import chrome, served

pytestmark = pytest.mark.browser
__all__ = ["chrome", "served"]
SLOW_MS = 30_000
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


def opened(served, chrome, size: str = "desk", theme: str = "light", tag: str = "en"):
    context = chrome.new_context(viewport=SIZES[size], color_scheme=theme, locale=tag)
    context.set_default_timeout(SLOW_MS)
    context.add_init_script(WATCH)
    cookie = served.cookie("dispatcher").partition("=")[2]
    context.add_cookies([{"name": COOKIE, "value": cookie, "url": served.url},
                         {"name": "lang", "value": tag, "url": served.url}])  # fmt: skip
    return context.new_page()


def line(served, number: str):
    return served.world.centre.hub.state["referrals"].line(number)


def referred(served) -> tuple[str, str]:
    """Refer an incident, and make its link; returns the referral's number and the address."""
    world = served.world
    incident = served.call(lambda: world.incident(kind="Electrical Hazard"))
    told = {"incident": incident, "agency": "UTILITY", "kind": "Electrical Hazard",
            "address": "10 OAK ST", "words": "lies by the gate"}  # fmt: skip
    number = served.call(lambda: world.do(w.ReferIncident, **told).referral)
    link = fresh()
    served.call(lambda: world.do(w.LinkReferral, referral=number, digest=link.digest))
    return number, f"{served.url}/portal/{link.token}"


def sound(page, name: str) -> None:
    """Look at a page as it is: axe, no wider than the screen, no jump, nothing the policy bars."""
    shot(page, name)
    page.evaluate(AXE)
    found = page.evaluate("() => axe.run({resultTypes: ['violations']})")["violations"]
    grave = [(one["id"], one["nodes"][0]["html"]) for one in found
             if one["impact"] in ("serious", "critical")]  # fmt: skip
    assert grave == []
    seen = page.evaluate("() => seen")
    assert seen["csp"] == []
    assert seen["shift"] < 0.05
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def test_an_incident_is_referred_and_settled_by_keys(served, chrome):
    world = served.world
    incident = served.call(lambda: world.incident(kind="Electrical Hazard"))
    page = opened(served, chrome)
    page.goto(f"{served.url}/incidents/{incident}")
    page.wait_for_selector("[data-kept][data-state=ok]")
    page.keyboard.press("f")
    page.wait_for_url("**/referrals/new?incident=*")
    page.wait_for_selector("[data-kept][data-state=ok]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/referrals/{incident}F*")
    number = page.url.rpartition("/")[2]
    assert line(served, number).rule == "gas-and-wires"
    page.wait_for_selector("[data-kept][data-state=ok]")
    page.keyboard.press("l")
    page.wait_for_selector("[data-link]")
    assert line(served, number).linked
    assert "/portal/" in page.input_value("[data-link]")
    page.goto(f"{served.url}/referrals")
    page.wait_for_selector("[data-kept][data-state=ok]")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/referrals/{number}")


@pytest.mark.parametrize(
    ("size", "theme", "tag"), [("desk", "light", "en"), ("phone", "dark", "zh-CN")]
)
def test_every_face_of_the_page_is_sound(served, chrome, size, theme, tag):
    world = served.world
    number, _url = referred(served)
    closed = served.call(lambda: world.incident(kind="Outside Fire"))
    served.call(lambda: world.do(d.CloseIncident, incident=closed, outcome="Fire"))
    page = opened(served, chrome, size, theme, tag)
    for name, path in (("list", ""), ("one", f"/{number}"), ("new", f"/new?incident={closed}")):
        page.goto(f"{served.url}/referrals{path}")
        page.wait_for_selector("[data-kept][data-state=ok]")
        sound(page, f"referrals-{name}-{size}-{theme}-{tag}")


@pytest.mark.parametrize(("size", "theme", "tag"), [("phone", "dark", "en"),
                                                    ("desk", "light", "zh-CN")])  # fmt: skip
def test_the_agency_answers_on_its_own_page(served, chrome, size, theme, tag):
    number, url = referred(served)
    page = opened(served, chrome, size, theme, tag)
    page.goto(url)
    sound(page, f"portal-{size}-{theme}-{tag}")
    page.fill('form:has([value="accept"]) textarea', "tonight")
    with page.expect_navigation():
        page.click('form:has([value="accept"]) button')
    page.wait_for_selector(".done")
    assert line(served, number).state == "accepted"
    with page.expect_navigation():  # the answer before has its mark, too
        page.click('form:has([value="return"]) button')
    page.wait_for_selector(".done")
    assert (line(served, number).state, line(served, number).said) == ("returned", "done")
