"""The panel's words: each reason in both languages, what would help, cover, who moves up."""

from __future__ import annotations

import html
import re

import pytest

from answerable.console import proposal
from answerable.dispatch import words as d
from answerable.dispatch.cover import Gap
from answerable.dispatch.recommend import CHOSEN_FOR, Pick, Reason, Recommendation, Tired
from answerable.kernel.authority import SYSTEM
from answerable.towns import words as towns
from answerable.towns.sending import CoverRule, MutualAid, Rest, Sending, Staffing
from tests.console.conftest import MINUTE_US, NOON_US, World

AFTER_JOB = Tired(free_s=120, least_s=600)
LONG_DAY = Tired(worked_s=25_200, of_s=28_800, least_s=25_000)
GAP = Gap("an engine in four minutes", "03", 0, 1)

WORDS: dict[Reason, tuple[Pick, str, str]] = {
    Reason.ALREADY_ON_IT: (Pick("E1", "ENGINE", Reason.ALREADY_ON_IT, None, "sent"), "", ""),
    Reason.NEAREST: (
        Pick("E1", "ENGINE", Reason.NEAREST, 60.0, "ALS"), "nearest Engine, ALS",
        "最近的泵浦车、ALS",
    ),
    Reason.NEXT_NEAREST: (
        Pick("E1", "ENGINE", Reason.NEXT_NEAREST, 60.0), "next nearest Engine", "次近的泵浦车"
    ),
    Reason.RESTED: (
        Pick("E1", "ENGINE", Reason.RESTED, 60.0, "", 0, "E2", 45.0),
        "nearest Engine that has rested; E2 is 0:45 nearer",
        "已休整的最近泵浦车；E2 近 0:45",
    ),
    Reason.KEEPS_COVER: (
        Pick("E1", "ENGINE", Reason.KEEPS_COVER, 60.0, "", 0, "E2", 45.0),
        "nearest Engine that keeps cover; E2 is 0:45 nearer",
        "不影响留守的最近泵浦车；E2 近 0:45",
    ),
    Reason.REST_OVERRIDDEN: (
        Pick("E1", "ENGINE", Reason.REST_OVERRIDDEN, 60.0, tired=AFTER_JOB),
        "rest overridden: free for 2:00 of 10:00; no other within 0:30 more",
        "中止休整：归队 2:00，应休整 10:00；再远 0:30 以内没有别的",
    ),
    Reason.BREAKS_COVER: (
        Pick("E1", "ENGINE", Reason.BREAKS_COVER, 60.0, gaps=(GAP,)),
        "nearest Engine; breaks cover, no other within 0:30 more, "
        "leaves Station 3 0 of 1 × Engine in 4:00",
        "最近的泵浦车；留守将不足，再远 0:30 以内没有别的、"
        "Station 3 将剩 0，应有 4:00 内 1 × 泵浦车",
    ),
    Reason.FARTHER: (
        Pick("E1", "ENGINE", Reason.FARTHER, 60.0), "farther than the one chosen", "比所选的远"
    ),
    Reason.RESTING: (
        Pick("E1", "ENGINE", Reason.RESTING, 60.0, tired=LONG_DAY),
        "resting: worked 7 h 00 of the last 8 h 00", "休整中：最近 8 时 00 分 内工作 7 时 00 分",
    ),
    Reason.KEPT_FOR_COVER: (
        Pick("E1", "ENGINE", Reason.KEPT_FOR_COVER, 60.0, gaps=(GAP,) * 3),
        "kept for cover, leaves Station 3 0 of 1 × Engine in 4:00, "
        "leaves Station 3 0 of 1 × Engine in 4:00, 1 more places",
        "留守、Station 3 将剩 0，应有 4:00 内 1 × 泵浦车、"
        "Station 3 将剩 0，应有 4:00 内 1 × 泵浦车、另有 1 处",
    ),
    Reason.LACKS_SKILL: (
        Pick("E1", "ENGINE", Reason.LACKS_SKILL, 60.0, "USAR"), "lacks USAR", "缺 USAR"
    ),
    Reason.UNDERSTAFFED: (
        Pick("E1", "ENGINE", Reason.UNDERSTAFFED, 60.0, "2/4"), "lacks crew: 2/4", "人员不足：2/4"
    ),
    Reason.BUSY: (
        Pick("E1", "ENGINE", Reason.BUSY, None, "200930001"), "busy on 200930001",
        "忙（200930001）",
    ),
    Reason.OUT_OF_SERVICE: (
        Pick("E1", "ENGINE", Reason.OUT_OF_SERVICE, None, "flat"), "out of service: flat",
        "停勤：flat",
    ),
    Reason.OFF_DUTY: (Pick("E1", "ENGINE", Reason.OFF_DUTY), "off duty", "下班"),
    Reason.NO_WAY: (Pick("E1", "ENGINE", Reason.NO_WAY), "no way by road", "无路可达"),
    Reason.PLACE_UNKNOWN: (
        Pick("E1", "ENGINE", Reason.PLACE_UNKNOWN), "free; no road time to this place",
        "空闲；无法估算到此地点的路程时间",
    ),
}  # fmt: skip
"""What is said for each reason: golden, in English and in Chinese."""


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_said_in_both_languages(world, reason):
    front = world.app.front
    pick, english, chinese = WORDS[reason]
    found = Recommendation("X", limit_s=30)
    assert proposal.why(pick, found, front, front.phrases("en")) == english
    assert proposal.why(pick, found, front, front.phrases("zh-CN")) == chinese


def test_the_reasons_of_a_chosen_unit_name_the_skill_asked_for():
    assert {r for r in Reason if r in CHOSEN_FOR} == CHOSEN_FOR
    assert Reason.FARTHER not in CHOSEN_FOR


# -- on the page -----------------------------------------------------------------------------


def adopt(world: World, sending: Sending) -> None:
    cards = world.centre.hub.state["towns"].cards_at(world.centre.now_us())
    world.do(towns.AdoptRunCards, SYSTEM, cards=cards, sending=sending, reason="a test")


def panel(world: World, incident: str, lang: str = "en", role: str = "dispatcher") -> str:
    async def scene(desk):
        answer = await desk.get(f"/board/advice/{incident}", headers={"accept-language": lang})
        assert answer.status_code == 200
        return answer.text

    text = html.unescape(world.run(scene, role))
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def markup(world: World, incident: str, role: str = "dispatcher") -> str:
    async def scene(desk):
        return (await desk.get(f"/board/advice/{incident}")).text

    return html.unescape(world.run(scene, role))


LIFT = {"kind": "Elevator / Escalator Rescue"}
WEST = CoverRule("west", ("ENGINE", "TRUCK"), 300, each="station", only=("23",))


def test_a_shortfall_says_what_would_help(world):
    adopt(world, Sending(mutual_aid=(MutualAid("USCG", ("TRUCK",)),)))
    back = world.centre.now_us() + 90 * MINUTE_US
    world.do(d.TakeOutOfService, unit="T03", reason="a flat tyre", back=back)
    text = panel(world, world.incident(**LIFT))
    assert "Missing: 1 × Truck. Of those there are: out of service 1." in text
    assert (
        "Would help: T03 is out until 13:30: hold until then, mutual aid: US Coast Guard." in text
    )


def test_a_unit_on_something_less_urgent_and_one_without_its_crew_would_help(world):
    adopt(world, Sending(staffing=(Staffing("TRUCK", 5),)))
    low = world.incident(**LIFT, priority="2")
    world.do(d.SendUnit, incident=low, unit="T03")
    world.do(d.PutOnDuty, unit="T13", unit_type="TRUCK", station="13", staff=3)
    text = panel(world, world.incident(**LIFT, priority="3"))
    assert f"T03 could be taken from {low}, which is less urgent (2)" in text
    assert "T13 would do with its whole crew (3/5)" in text
    assert "lacks crew: 3/5" in text


def test_a_unit_at_a_hospital_is_worth_waiting_for(world):
    first = world.incident()
    for command in (d.SendUnit, d.Arrive, d.Transport, d.ReachHospital):
        world.do(command, incident=first, unit="T03")
    text = panel(world, world.incident(**LIFT))
    assert f"T03 is at the hospital for {first}: hold until it is free" in text


def test_broken_cover_is_shown_with_who_should_move_up_and_the_order_is_one_press(world):
    adopt(world, Sending(cover=(WEST,)))
    incident = world.incident(**LIFT)
    text = panel(world, incident)
    assert "Station 23 has 0 of 1 × Engine or Truck in 5:00" in text
    assert re.search(r"(E36|E03|T03) → Move up to Station \d+ ", text)
    assert "rules kept 0% → 100%" in text
    found = re.search(
        r'name="type" value="dispatch.OrderMoveUp">'
        r'<input type="hidden" name="unit" value="(\w+)">'
        r'<input type="hidden" name="station" value="(\d+)">'
        r'<input type="hidden" name="reason" value="([^"]+)">',
        markup(world, incident),
    )
    assert found
    assert found[3] == "cover of Station 23"

    async def order(desk):
        page = (await desk.get(f"/incidents/{incident}")).text
        token = re.search(r'name="token" value="([^"]+)"', page)[1]
        form = {"token": token, "key": "move-up-1", "type": "dispatch.OrderMoveUp",
                "unit": found[1], "station": found[2], "reason": found[3]}  # fmt: skip
        return await desk.post("/do", data=form, headers={"origin": "http://127.0.0.1"})

    assert world.run(order).status_code == 303
    assert world.centre.board.units[found[1]].moved_up == found[2]
    assert "Every place has the units its rule asks for." in panel(world, incident)


def test_without_rules_of_cover_the_panel_says_nothing_of_it(world):
    adopt(world, Sending())
    assert "Cover left behind" not in panel(world, world.incident(**LIFT))


def test_who_may_not_order_a_move_up_sees_it_without_a_button(world):
    adopt(world, Sending(cover=(WEST,)))
    incident = world.incident(**LIFT)
    assert "dispatch.OrderMoveUp" not in markup(world, incident, "call_taker")


def test_a_crew_that_rests_is_passed_over_on_the_page(world):
    adopt(world, Sending(rest=(Rest(after_job_s=3600),), detour_s=900, urgent_detour_s=900))
    world.do(d.PutOnDuty, unit="T13", unit_type="TRUCK", station="13")
    first = world.incident(**LIFT)
    for minutes, command in enumerate((d.SendUnit, d.Arrive, d.ClearUnit), 1):
        world.centre.hub.clock.jump(NOON_US + minutes * MINUTE_US)
        world.do(command, incident=first, unit="T03")
    world.centre.hub.clock.jump(NOON_US + 20 * MINUTE_US)
    second = world.incident(**LIFT)
    english, chinese = panel(world, second), panel(world, second, "zh-CN")
    assert "nearest Truck that has rested; T03 is" in english
    assert "resting: free for 17:" in english
    assert "已休整的最近云梯车" in chinese


def test_the_alarm_level_is_said_beside_the_card(world):
    incident = world.incident(kind="Structure Fire")
    world.centre.board.incidents[incident].alarm = 2
    assert "F3 · alarm 2" in panel(world, incident)
