"""What the pages of problems show, ask for and refuse."""

from __future__ import annotations

import asyncio
import datetime
import re

import pytest

from answerable.console.problems import counting, surroundings, timeline
from answerable.console.problems.pages import ACTS
from answerable.dispatch import words as d
from answerable.kernel.authority import SYSTEM, Actor
from answerable.matters import problem_sums as sums
from answerable.matters import problem_words as w
from answerable.matters.problem_state import PROBLEM
from tests.console.conftest import NOON_US
from tests.console.doors import SAME

TOKEN = re.compile(r'data-token="([^"]+)"')
HX = SAME | {"hx-request": "true"}
SUPERVISOR = Actor(name="supervisor", role="supervisor")
SECOND = Actor(name="second", role="supervisor")
DAY_US = 86_400_000_000
PLACE = "GOLDEN GATE AV/LARKIN ST"
NAME = "Golden Gate Av &amp; Larkin St"


def text(html: str) -> str:
    """Return a page as it reads."""
    html = re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def look(client, path: str = "/problems") -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def act(client, do: str, path: str = "/problems", **fields: str):
    token = TOKEN.search(await look(client, path))[1]
    return await client.post("/problems", data={"token": token, "do": do, **fields}, headers=HX)


def later(world, days: float) -> None:
    """Let days pass, with what the alarms do in them."""
    clock, hub = world.demo._clock, world.centre.hub
    until = clock.now_us() + round(days * DAY_US)
    while (due := hub.next_alarm_us()) is not None and due <= until:
        clock.jump(max(due, clock.now_us()))
        if not hub.ring(due):
            break
        hub.commit()
    clock.jump(until)


def opened(world, *, history: int = 0) -> str:
    """Open a problem, with a made-up history of one call a day where days are given."""
    name = str(world.do(w.OpenProblem, place=PLACE, cause="noise", because="every night").problem)
    if history:
        first = sums.day_of(world.centre.town, NOON_US) - history * sums.DAY
        world.do(
            w.CountPlace, SYSTEM, problem=name, first=first.isoformat(),
            counts=(1,) * history + (0,), position=1,
        )  # fmt: skip
    return name


def planned(world, **options) -> str:
    name = opened(world, **options)
    world.do(w.TakeProblem, SUPERVISOR, problem=name, owner="supervisor")
    world.do(w.PlanProblem, problem=name, goal="quiet nights", plan="talk to the house")
    return name


# -- the list --------------------------------------------------------------------------------


def test_an_empty_list_says_where_problems_come_from(world):
    told = text(world.run(look))
    assert "No place is a problem." in told
    assert "Open a problem by hand" in told


def test_what_waits_for_somebody_stands_first_and_says_for_what(world):
    planned(world)
    world.do(w.OpenProblem, place="MISSION ST/8TH ST", because="often")
    html = world.run(look)
    assert html.index("8th St &amp; Mission St") < html.index(NAME)
    assert "waits for: somebody to own it" in text(html)
    assert "being worked on" in text(html)


def test_what_is_over_is_listed_apart(world):
    name = opened(world)
    world.do(w.DeclineProblem, SUPERVISOR, problem=name, reason="roadworks")
    assert "No place is a problem." in text(world.run(look))
    over = text(world.run(lambda client: look(client, "/problems?show=over")))
    assert "Golden Gate Av &amp; Larkin St" in over
    assert "declined" in over


def test_whoever_is_not_given_the_page_does_not_see_it(world):
    async def scene(client):
        assert (await client.get("/problems")).status_code == 403
        assert (await client.get("/problems/P1")).status_code == 403

    world.run(scene, role="call_taker")


# -- acts ------------------------------------------------------------------------------------


def test_a_place_is_made_a_problem_and_worked_by_its_page_alone(world):
    async def scene(client):
        answer = await act(client, "open", place=PLACE, cause="noise", because="every night")
        assert (answer.status_code, answer.headers["hx-redirect"]) == (201, "/problems/P1")
        page = "/problems/P1"
        for do, fields in (
            ("take", {"owner": "supervisor"}),
            ("plan", {"goal": "quiet nights", "plan": "talk to the house"}),
            ("add", {"what": "a letter to the house", "due": "2020-04-10"}),
            ("join", {"agency": AGENCY(world)}),
            ("note", {"words": "Mrs Zarathustra says it is the bar"}),
        ):
            answer = await act(client, do, page, problem="P1", **fields)
            assert answer.status_code == 201, answer.text
        html = await look(client, page)
        told = text(html)
        assert "owned by Supervisor" in told
        assert "quiet nights" in told
        assert "a letter to the house by 10 Apr 2020" in told
        assert "Zarathustra" not in html
        assert (await act(client, "done", page, problem="P1", step="P1.1")).status_code == 201
        assert "done 2 Apr 2020" in text(await look(client, page))

    world.run(scene, role="supervisor")


def AGENCY(world) -> str:
    return world.centre.town.file.agencies[0].code


def test_a_step_is_due_at_the_end_of_its_day_in_the_town(world):
    name = planned(world)

    async def scene(client):
        await act(client, "add", problem=name, what="a letter", due="2020-04-10")

    world.run(scene)
    [step] = world.centre.hub.state["matters"].problems[name].steps.values()
    assert world.centre.town.local(step.due_us).isoformat() == "2020-04-10T23:59:59-07:00"


def test_what_is_no_date_no_number_or_no_act_is_told(world):
    name = planned(world)

    async def scene(client):
        answer = await act(client, "add", problem=name, what="a letter", due="soon")
        assert "That is no date: soon." in text(answer.text)
        answer = await act(client, "watch", problem=name, days="many")
        assert "That is no number: many." in text(answer.text)
        answer = await act(client, "solve", problem=name)
        assert "The page has no such act." in text(answer.text)

    world.run(scene)


def test_a_refusal_is_told_where_it_was_asked_for_and_nothing_is_recorded(world):
    name = planned(world, history=60)
    before = world.centre.hub.position

    async def scene(client):
        answer = await act(client, "claim", problem=name, because="it is quiet")
        assert answer.status_code == 409
        assert "too little to tell" in text(answer.text)

    world.run(scene)
    assert world.centre.hub.position == before


def test_buttons_are_those_of_the_state_and_of_the_role(world):
    name = opened(world)
    mine = text(world.run(lambda c: look(c, f"/problems/{name}")))
    assert "Note it" in mine
    assert "Owns it from now on" not in mine
    assert "Add the step" not in mine
    theirs = text(world.run(lambda c: look(c, f"/problems/{name}"), role="supervisor"))
    assert "Owns it from now on" in theirs
    assert "Decline it" in theirs


def test_every_act_of_the_pages_is_a_step_of_the_table():
    steps = {step for (_state, step) in PROBLEM.table}
    assert {step for _command, step in ACTS.values()} <= steps


@pytest.mark.parametrize(
    ("do", "fields", "back"),
    [("add", {"what": "a letter", "due": "2020-04-10"}, w.StepDropped),
     ("done", {"step": "P1.1"}, w.StepTakenUp),
     ("join", {"agency": "311"}, w.AgencyLeft)],
)  # fmt: skip
def test_the_last_act_on_a_problem_is_taken_back_by_the_key(world, do, fields, back):
    name = planned(world)
    world.do(w.AddStep, problem=name, what="a lamp", due=NOON_US + DAY_US)
    front, steps = world.app.front, world.centre.hub.state["matters"].problems[name].steps

    async def scene(client):
        assert (await act(client, do, problem=name, **fields)).status_code == 201
        token = TOKEN.search(await look(client))[1]
        return await client.post("/undo", data={"token": token}, headers=HX)

    assert world.run(scene).status_code == 201
    *_before, last = (front.hub.rooms.decode(row) for row in front.hub.store.rows())
    assert type(last) is back
    assert steps["P1.1"].state == "open"


def test_what_others_changed_meanwhile_is_not_taken_back(world):
    name = planned(world)

    async def scene(client):
        await act(client, "add", problem=name, what="a letter", due="2020-04-10")
        world.do(w.DoneStep, problem=name, step="P1.1")
        token = TOKEN.search(await look(client))[1]
        return await client.post("/undo", data={"token": token}, headers=HX)

    answer = world.run(scene)
    assert answer.status_code == 409
    assert "P1.1 is open no more." in text(answer.text)


def test_without_a_script_a_form_leads_back_to_the_page(world):
    async def scene(client):
        token = TOKEN.search(await look(client))[1]
        form = {"token": token, "do": "open", "place": PLACE, "because": "every night"}
        answer = await client.post("/problems", data=form, headers=SAME)
        assert (answer.status_code, answer.headers["location"]) == (303, "/problems/P1")

    world.run(scene)


# -- the notes -------------------------------------------------------------------------------


def test_notes_are_read_by_whoever_has_it_recorded_and_by_nobody_else(world):
    name = opened(world)
    world.do(w.NoteProblem, problem=name, words="Mrs Zarathustra says it is the bar")

    async def scene(client):
        page = f"/problems/{name}"
        html = await look(client, page)
        assert "Zarathustra" not in html
        assert "(sealed)" in text(html)
        assert (await act(client, "read", page, problem=name)).status_code == 201
        assert "Zarathustra" in await look(client, page)

    world.run(scene)
    assert "Zarathustra" not in world.run(lambda c: look(c, f"/problems/{name}"), role="supervisor")
    later(world, 0.1)
    assert "Zarathustra" not in world.run(lambda c: look(c, f"/problems/{name}"))


# -- what was there before -------------------------------------------------------------------


def test_the_program_counts_what_the_place_called_before_by_itself(world):
    """Three days: a call on the first (partly known), two on the second, one on the day itself."""
    world.incident(address=PLACE)
    later(world, 1)
    for _ in range(2):
        incident = world.incident(address="LARKIN ST/GOLDEN GATE AV")
        world.do(d.CloseIncident, incident=incident, outcome="No Merit")
    world.incident(address="MISSION ST/8TH ST")
    later(world, 1)
    world.incident(address=PLACE)
    world.incident(address=PLACE, kind="Alarms")
    name = str(
        world.do(w.OpenProblem, place=PLACE, kinds=("Medical Incident",), because="often").problem
    )
    asyncio.run(count(world))
    problem = world.centre.hub.state["matters"].problems[name]
    assert (problem.history_first, problem.history) == ("2020-04-03", (2, 1))
    assert counting.uncounted(world.centre.hub) == []


async def count(world) -> None:
    await world.app.counting.count()


def test_a_record_that_begins_with_the_problem_has_no_whole_day_before_it(world):
    name = opened(world)
    asyncio.run(count(world))
    problem = world.centre.hub.state["matters"].problems[name]
    assert (problem.counted, problem.history) == (True, (0,))
    assert "is not counted, so nothing can be expected yet" in text(
        world.run(lambda c: look(c, f"/problems/{name}"))
    )


# -- the test, and the end -------------------------------------------------------------------


def quiet(world, days: int = 40) -> str:
    name = planned(world, history=60)
    later(world, days)
    return name


def test_the_page_says_what_the_test_says_and_how_long_it_takes(world):
    name = quiet(world, 10)
    told = text(world.run(lambda c: look(c, f"/problems/{name}")))
    assert "Did it stop? too early" in told
    assert "It was watched for 9 days; four whole weeks (28 days) are the least." in told
    assert "19 more days without a call would show that it stopped." in told
    assert "The first look since then is on 1 May 2020." in told


def test_the_page_says_which_look_it_was_when_the_next_one_is_and_why_not_every_day(world):
    told = text(world.run(lambda c: look(c, f"/problems/{quiet(world, 40)}")))
    assert "Did it stop? stopped 0 calls came in 28 days" in told
    assert "Counted from 3 Apr 2020, the first whole day of the problem, to 30 Apr 2020." in told
    assert "That is what look 1 of this problem says; it had to be at most 0.025." in told
    assert "The next look is on 29 May 2020." in told
    assert "It is looked every 28 days and not when it suits" in told
    assert "learnt from 60 calls in 60 days" in told


def test_two_people_end_a_problem_and_the_program_watches_it(world):
    name = quiet(world)
    page = f"/problems/{name}"

    async def claims(client):
        answer = await act(client, "claim", page, problem=name, because="it is quiet")
        assert answer.status_code == 201, answer.text
        told = text(await look(client, page))
        assert "You claimed it yourself; another person confirms it." in told
        answer = await act(client, "watch", page, problem=name, days="28")
        assert "it takes two" in text(answer.text)

    world.run(claims, role="supervisor")
    world.do(w.WatchProblem, SECOND, problem=name, days=28)
    told = text(world.run(lambda c: look(c, page)))
    assert "stopped, being watched" in told
    assert "Watched until 10 Jun 2020: 0 calls since" in told
    later(world, 30)
    told = text(world.run(lambda c: look(c, page)))
    assert f"{name} ended: 0 calls while it was watched" in told
    assert "<td" in world.run(lambda c: look(c, page))


# -- bulletins and reviews -------------------------------------------------------------------


def test_every_figure_of_a_bulletin_leads_to_what_it_was_counted_from(world):
    name = planned(world, history=60)
    later(world, 1)
    first = world.incident(address=PLACE)
    later(world, 5)
    page = f"/problems/{name}"
    html = world.run(lambda c: look(c, page))
    told = text(html)
    assert "Bulletin 1 3 Apr 2020 to 5 Apr 2020" in told
    assert "Calls 1 Expected 3 As many days before" in told
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+/figure[^"]+)"', html)]
    assert len(links) == 7
    late = world.incident(address=PLACE, at=NOON_US + DAY_US + 3_600_000_000)  # entered late

    async def scene(client):
        return [await look(client, link) for link in links]

    calls, expected, before, *events = world.run(scene)
    assert "Calls: 1" in text(calls)
    assert f"/incidents/{first}" in calls
    assert f"/incidents/{late}" not in calls
    assert "Expected: 3" in text(expected)
    assert "60 calls in 60 days" in text(expected)
    assert "As many days before: 2" in text(before)
    assert len(events) == 4


def test_a_figure_nobody_asked_for_is_no_page(world):
    name = opened(world)

    async def scene(client):
        for query in ("", "of=people&from=2020-04-01&to=2020-04-02&at=1",
                      "of=calls&from=2020-04-03&to=2020-04-02&at=1",
                      "of=calls&from=2020-04-01&to=2020-04-02&at=-1",
                      "of=before&from=0001-01-01&to=0001-01-02&at=1",
                      "of=calls&from=x&to=2020-04-02&at=1"):  # fmt: skip
            answer = await client.get(f"/problems/{name}/figure?{query}")
            assert answer.status_code == 400, query
        assert (await client.get("/problems/P9")).status_code == 404

    world.run(scene)


def test_a_review_is_decided_on_the_page(world):
    name = planned(world, history=60)
    later(world, 30)
    page = f"/problems/{name}"

    async def scene(client):
        told = text(await look(client, page))
        assert "asks for a decision" in told
        answer = await act(client, "review", page, problem=name, decision="go on", because="as is")
        assert answer.status_code == 201, answer.text
        assert "Decided 2 May 2020: go on . as is" in text(await look(client, page))

    world.run(scene, role="supervisor")


# -- drawings --------------------------------------------------------------------------------


def test_the_timeline_has_a_bar_a_day_the_usual_and_what_was_done():
    days = sums.days_between(datetime.date(2020, 4, 1), datetime.date(2020, 4, 10))
    told = timeline.spans(days, [0, 2, 1, 0, 0, 3, 1, 1, 0, 2], [1.0] * 4 + [None] + [1.0] * 5)
    marks = [timeline.Mark(datetime.date(2020, 4, 5), "1", "a letter"),
             timeline.Mark(datetime.date(2020, 5, 5), "2", "out of sight")]  # fmt: skip
    svg = str(timeline.drawn(told, marks, "calls <each> day", ["1 Apr"] + [""] * 9, 760))
    assert svg.count('class="came"') == 6
    assert svg.count('class="mark done"') == 1
    assert svg.count("M", svg.index('class="usual"')) >= 2  # a gap where nothing is known
    assert "calls &lt;each&gt; day" in svg


def test_many_days_are_drawn_as_whole_weeks():
    days = sums.days_between(datetime.date(2020, 1, 1), datetime.date(2020, 4, 10))
    *told, last = timeline.spans(days, [1] * len(days), [0.5] * len(days))
    assert {(one.days, one.part) for one in told} == {(7, False)}
    assert (last.days, last.calls, last.expected, last.part) == (5, 5, 2.5, True)
    assert told[0].first == datetime.date(2020, 1, 6)
    assert {(one.calls, one.expected) for one in told} == {(7, 3.5)}


@pytest.mark.parametrize(
    ("most", "lines"), [(1, [0, 1]), (3, [0, 1, 2, 3]), (4, [0, 2, 4]), (29, [0, 10, 20, 30])]
)
def test_the_lines_across_are_round_numbers_that_hold_everything(most, lines):
    assert timeline.ticks(most) == lines


def test_the_map_rings_the_calls_on_the_streets_around(world):
    svg = str(surroundings.drawn(
        world.centre.places.folder, -122.4177, 37.7816, [(-122.4177, 37.7816)] * 3, "around"
    ))  # fmt: skip
    assert svg.count('class="ring"') == 1
    assert ">3</text>" in svg
    assert "Larkin" in svg or "LARKIN" in svg
    assert 20 < svg.count('class="street') < 400


def test_a_place_without_a_position_has_no_map(world):
    name = opened(world)
    assert "No position of this place is known yet" in text(
        world.run(lambda c: look(c, f"/problems/{name}"))
    )
    world.incident(address=PLACE)
    assert 'class="ring"' in world.run(lambda c: look(c, f"/problems/{name}"))


def test_the_page_is_in_chinese_too(world):
    name = quiet(world, 10)

    async def scene(client):
        await client.get("/language/zh-CN")
        return text(await look(client, f"/problems/{name}"))

    told = world.run(scene)
    assert "尚早" in told
    assert "Did it stop" not in told
