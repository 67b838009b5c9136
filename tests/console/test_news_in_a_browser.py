"""Lists follow the record by themselves, each console its own; what is being written stays."""

from __future__ import annotations

import pytest

from answerable.dispatch import words as d
from answerable.kernel.authority import Actor
from answerable.matters import matter_words as matter
from answerable.matters import problem_words as problem
from answerable.matters import referral_words as w
from tests.console.presence.conftest import chrome, desk, served
from tests.console.righting.test_pages import adopt, unhappy

pytestmark = pytest.mark.browser
__all__ = ["chrome", "desk", "served"]
WAIT_MS = 30_000
WATCHES = Actor(name="supervisor", role="supervisor")


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


def test_what_was_left_as_it_stood_is_read_when_it_is_left(served, desk):
    number = served.call(refer, served.world)
    page = desk("dispatcher")
    look(page, f"{served.url}/referrals/{number}")
    page.click("summary:has-text('Withdraw it')")
    page.fill("form:has([value=withdraw]) [name=reason]", "not theirs af")
    served.call(served.world.do, w.AcceptReferral, referral=number)
    page.wait_for_selector(f"#ref-{number} .stands:has-text('accepted')")
    page.fill("form:has([value=withdraw]) [name=reason]", "")
    page.click("summary:has-text('Withdraw it')")
    page.evaluate("() => document.activeElement.blur()")
    page.wait_for_selector("#side .stands:has-text('accepted')")  # nothing else has happened


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


def open_matter(world) -> str:
    told = {"kind": "follow-up", "owner_sort": matter.OwnerSort.ROLE, "owner": "dispatcher"}
    return str(world.do(matter.OpenMatter, words="see to it", **told).matter)


def open_problem(world, place: str) -> str:
    return str(world.do(problem.OpenProblem, place=place, because="a lot").problem)


def test_a_matter_comes_into_the_list_and_leaves_it_as_it_stands(served, desk):
    page = desk("dispatcher")
    look(page, f"{served.url}/matters")
    number = served.call(open_matter, served.world)
    page.wait_for_selector(f"#matter-{number}")
    served.call(served.world.do, matter.FinishMatter, matter=number, result="done", words="done")
    page.wait_for_selector(f"#matter-{number} .whose:has-text('to be signed off')")
    quiet(page)


def test_progress_that_is_being_written_of_a_matter_stays_while_its_story_goes_on(served, desk):
    number = served.call(open_matter, served.world)
    page = desk("dispatcher")
    look(page, f"{served.url}/matters/{number}")
    page.wait_for_selector("#story")
    page.fill("form:has([value=progress]) [name=words]", "rang the owner af")
    page.evaluate("() => document.activeElement.blur()")  # gone to look something up
    served.call(served.world.do, matter.TakeMatter, matter=number)
    page.wait_for_selector("#story .thread:has-text('was taken in hand')")
    page.wait_for_timeout(300)
    assert page.input_value("form:has([value=progress]) [name=words]") == "rang the owner af"
    page.fill("form:has([value=progress]) [name=words]", "")
    page.evaluate("() => document.activeElement.blur()")
    served.call(served.world.do, matter.FinishMatter, matter=number, result="done", words="done")
    page.wait_for_selector("#side :text('Second signature')")
    quiet(page)


def test_a_problem_comes_into_the_list_beside_the_form_that_opens_another(served, desk):
    page = desk("supervisor")
    look(page, f"{served.url}/problems")
    if page.get_attribute(".by-hand", "open") is None:
        page.click(".by-hand summary")
    page.fill(".by-hand [name=place]", "half a pla")
    name = served.call(open_problem, served.world, "EDDY ST/JONES ST")
    page.wait_for_selector(f"#problem-{name}")
    served.call(served.world.do, problem.TakeProblem, WATCHES, problem=name, owner="supervisor")
    page.wait_for_selector(f"#problem-{name} .stand:has-text('Supervisor')")
    assert page.input_value(".by-hand [name=place]") == "half a pla"
    quiet(page)


def test_a_note_that_is_being_written_of_a_problem_stays_while_its_story_goes_on(served, desk):
    world, place = served.world, "ELLIS ST/JONES ST"
    name = served.call(open_problem, world, place)
    served.call(world.do, problem.TakeProblem, WATCHES, problem=name, owner="supervisor")
    page = desk("supervisor")
    look(page, f"{served.url}/problems/{name}")
    page.fill("#side form:has([value=note]) [name=words]", "the door was op")
    page.evaluate("() => document.activeElement.blur()")  # gone to look something up
    served.call(world.do, problem.PlanProblem, problem=name, goal="quiet nights", plan="a lock")
    page.wait_for_selector("#story .goal:has-text('quiet nights')")
    page.wait_for_timeout(300)
    assert page.input_value("#side form:has([value=note]) [name=words]") == "the door was op"
    page.fill("#side form:has([value=note]) [name=words]", "")
    page.evaluate("() => document.activeElement.blur()")
    served.call(lambda: world.incident(address=place))
    page.wait_for_selector("#side .around .ring")
    served.call(world.do, problem.PlanProblem, problem=name, goal="no calls", plan="two locks")
    page.wait_for_selector("#side [name=goal][value='no calls']")
    quiet(page)
