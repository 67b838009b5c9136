"""Channels carry what is sent, in the unit's order; what they heard or missed is recorded."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from answerable.dispatch import alert_words as a
from answerable.dispatch import words as d
from answerable.dispatch.report_words import RemindReport
from answerable.exchange.channels import caller as caller_module
from answerable.exchange.channels.caller import DOWN_AFTER, PROBE_S, TRIES_MAX
from answerable.exchange.channels.page import TEXT_MAX, cut
from answerable.exchange.hooks.post import NotTaken
from tests.console.conftest import read_once, world  # noqa: F401 - the town and centre
from tests.console.contract.served import make_world_on_disk
from tests.exchange.channels.scene import Alerted, Scripted, hang, settled

pytestmark = pytest.mark.usefixtures("read_once")


def test_a_unit_that_is_sent_is_alerted_and_its_receipt_is_recorded(world):  # noqa: F811
    alerted = Alerted(world, pager=Scripted(True), phone=Scripted(True))
    incident = alerted.play(alerted.send)
    [page] = alerted.adapters["pager"].pages
    assert (page.unit, page.incident, page.sort) == ("E03", incident, "sent")
    assert alerted.adapters["phone"].pages == [], "one channel is enough"
    assert alerted.events(a.AlertHeard) == [
        a.AlertHeard(incident=incident, unit="E03", channel="pager")
    ]
    row = list(world.centre.hub.store.rows())[-1]
    assert (row.actor, row.kind) == ("channel/pager", "dispatch.AlertHeard")


def test_an_alert_carries_the_recorded_place_and_time_or_says_unverified(world):  # noqa: F811
    alerted = Alerted(world, pager=Scripted(True))

    async def scene():
        await alerted.send("E03")
        doubtful = world.incident(unverified="no such crossing", lon=None, lat=None,
                                  door="Apt 4")  # fmt: skip
        await alerted.send("T03", doubtful)

    alerted.play(scene)
    sure, doubt = alerted.adapters["pager"].pages
    sent = [row for row in world.centre.hub.store.rows() if row.kind == d.UnitSent.tag]
    assert sure.happened_at == sent[0].happened_at
    assert sure.text == (
        "E03: Medical Incident, priority 3. Golden Gate Av & Larkin St. "
        f"{sure.incident}, {world.centre.town.clock(sure.happened_at)}."
    )
    assert (sure.lon, sure.lat, sure.unverified) == (-122.4177, 37.7816, False)
    assert "(unverified)" in doubt.text
    assert (doubt.lon, doubt.unverified) == (None, True)
    for hidden in ("Apt 4", "no such crossing"):
        assert hidden not in msgspec.json.encode(doubt).decode()


def test_no_receipt_is_no_failure_it_may_come_later_by_the_api(world):  # noqa: F811
    alerted = Alerted(world, pager=Scripted(False), phone=Scripted(True))
    alerted.play(alerted.send)
    assert alerted.events(a.AlertHeard, a.AlertMissed) == []
    assert alerted.adapters["phone"].pages == []
    assert alerted.alerting.switchboard.channels[0].name == "pager"


def test_when_a_channel_fails_the_next_of_the_unit_is_tried_at_once(world):  # noqa: F811
    alerted = Alerted(world, pager=Scripted("no signal"), phone=Scripted(True))
    incident = alerted.play(alerted.send)
    assert alerted.events(a.AlertMissed, a.AlertHeard) == [
        a.AlertMissed(incident=incident, unit="E03", channel="pager", why="no signal"),
        a.AlertHeard(incident=incident, unit="E03", channel="phone"),
    ]
    assert len(alerted.adapters["pager"].pages) == 1, "no try is wasted on it"


def test_each_unit_has_channels_of_its_own_in_its_own_order(world):  # noqa: F811
    alerted = Alerted(
        world, {"T03": ("phone",), "E36": ()}, pager=Scripted(True), phone=Scripted(True)
    )

    async def scene():
        incident = await alerted.send("E03")
        await alerted.send("T03", incident)
        await alerted.send("E36", incident)

    alerted.play(scene)
    assert [page.unit for page in alerted.adapters["pager"].pages] == ["E03"]
    assert [page.unit for page in alerted.adapters["phone"].pages] == ["T03"]


def test_the_last_channel_is_tried_again_then_the_supervisor_is_told(world):  # noqa: F811
    alerted = Alerted(world, pager=Scripted("no signal"))

    async def scene():
        incident = await alerted.send()
        await settled(300)
        return incident

    incident = alerted.play(scene)
    assert len(alerted.adapters["pager"].pages) == TRIES_MAX
    assert alerted.events(a.AlertMissed) == [
        a.AlertMissed(incident=incident, unit="E03", channel="pager", why="no signal", last=True)
    ]
    [told] = alerted.events(a.SupervisorTold)
    assert (told.unit, told.about) == ("E03", "no channel reached the crew")


def test_a_crew_that_signs_by_radio_is_not_paged_late(world):  # noqa: F811
    async def signs_meanwhile() -> None:
        world.do(d.Acknowledge, incident=world.incidents[0], unit="E03")
        raise NotTaken("no signal")

    alerted = Alerted(world, pager=Scripted("no signal", signs_meanwhile, "no signal"))
    world.incidents = [world.incident()]

    async def scene():
        await alerted.send("E03", world.incidents[0])
        await settled(300)

    alerted.play(scene)
    assert len(alerted.adapters["pager"].pages) == 2
    assert alerted.events(a.SupervisorTold, a.AlertMissed) == []


def test_a_hanging_channel_is_cut_off_and_the_next_one_tried(world, monkeypatch):  # noqa: F811
    monkeypatch.setattr(caller_module, "TIMEOUT_S", 0.05)
    alerted = Alerted(world, pager=Scripted(hang), phone=Scripted(True))

    async def scene():
        await alerted.send()
        async with asyncio.timeout(30):
            while not alerted.events(a.AlertHeard):
                await asyncio.sleep(0.01)

    alerted.play(scene)
    [missed, heard] = alerted.events(a.AlertMissed, a.AlertHeard)
    assert missed.why == "no answer came within 0.05 s"
    assert heard.channel == "phone"


def test_a_channel_that_is_down_is_passed_over_until_it_is_probed_again(world):  # noqa: F811
    alerted = Alerted(world, pager=Scripted("dead"), phone=Scripted(True))
    pager = alerted.adapters["pager"]

    async def scene():
        incident = world.incident()
        for number in range(DOWN_AFTER + 3):
            await alerted.send("E03", incident)
            world.do(d.CancelUnit, incident=incident, unit="E03", reason=f"again {number}")
            await settled()
            pager.pages[:] = [page for page in pager.pages if page.sort == "sent"]
        tried = len(pager.pages)
        [one, _] = alerted.alerting.switchboard.standing()
        alerted.now_s += PROBE_S + 1
        pager.does = [True]
        await alerted.send("T03", incident)
        return tried, one

    tried, one = alerted.play(scene)
    assert tried < DOWN_AFTER + 3
    assert (one.down, one.why) == (True, "dead")
    assert len(alerted.adapters["phone"].pages) >= 3
    assert pager.pages[-1].unit == "T03", "it is asked again and carries"


def test_a_reminder_goes_over_every_channel_and_a_call_off_too(world):  # noqa: F811
    alerted = Alerted(world, pager=Scripted(True), phone=Scripted(True))

    async def scene():
        incident = await alerted.send()
        world.do(a.RemindUnit, incident=incident, unit="E03")
        await settled()
        world.do(d.CancelUnit, incident=incident, unit="E03", reason="a nearer one is free")
        await settled()

    alerted.play(scene)
    assert alerted.sorts("pager") == ["sent", "reminder", "called off"]
    assert alerted.sorts("phone") == ["reminder", "called off"]
    assert alerted.adapters["phone"].pages[0].text.startswith("Reminder, E03: ")
    heard = [(one.channel) for one in alerted.events(a.AlertHeard)]
    assert heard == ["pager", "pager", "phone"], "a call-off asks for no receipt"


def test_a_crew_that_has_cleared_is_reminded_of_its_report_over_its_channels(world):  # noqa: F811
    alerted = Alerted(world, pager=Scripted(True), phone=Scripted(True))

    async def scene():
        incident = await alerted.send()
        for step in (d.Arrive, d.ClearUnit):
            world.do(step, incident=incident, unit="E03")
        world.do(RemindReport, incident=incident, unit="E03")
        await settled()
        world.do(d.ReportBack, incident=incident, unit="E03", code="other")
        return incident

    incident = alerted.play(scene)
    assert alerted.sorts("pager") == ["sent", "reminder"]
    assert alerted.sorts("phone") == ["reminder"]
    told = alerted.adapters["phone"].pages[0].text
    assert told.startswith("Report missing, E03: Medical Incident")
    assert incident in told
    heard = [one.channel for one in alerted.events(a.AlertHeard)]
    assert heard == ["pager", "pager", "phone"]


def test_a_report_that_came_in_meanwhile_is_asked_for_no_more(world):  # noqa: F811
    alerted = Alerted(world, pager=Scripted(True))

    async def scene():
        incident = await alerted.send()
        world.do(d.Arrive, incident=incident, unit="E03")
        world.do(RemindReport, incident=incident, unit="E03")
        world.do(d.ReportBack, incident=incident, unit="E03", code="other")
        await settled()

    alerted.play(scene)
    assert alerted.sorts("pager") == ["sent"]


def test_a_reminder_that_fails_asks_no_further_channel(world):  # noqa: F811
    alerted = Alerted(world, pager=Scripted(True, "busy"), phone=Scripted(True))

    async def scene():
        incident = await alerted.send()
        world.do(a.RemindUnit, incident=incident, unit="E03")
        await settled()

    alerted.play(scene)
    [missed] = alerted.events(a.AlertMissed)
    assert (missed.reminder, missed.last) == (True, False)
    assert alerted.sorts("phone") == ["reminder"]


def test_after_a_restart_what_was_not_carried_is_carried_once(tmp_path):
    carried = []
    for does in (hang, True, True):
        world = make_world_on_disk(tmp_path)  # noqa: F811
        alerted = Alerted(world, pager=Scripted(does))

        async def scene(alerted=alerted, begin=does is hang):
            await (alerted.send() if begin else settled())

        alerted.play(scene)
        carried.append([page.sort for page in alerted.adapters["pager"].pages])
        alerted.alerting.close()
        world.centre.close()
    assert carried == [["sent"], ["sent"], []]


def test_what_was_sent_before_there_was_a_channel_is_not_paged(world):  # noqa: F811
    world.do(d.SendUnit, incident=world.incident(), unit="E03")
    alerted = Alerted(world, pager=Scripted(True))
    alerted.play(settled)
    assert alerted.adapters["pager"].pages == []


def test_a_fault_of_an_adapter_stops_no_alert_after_it(world):  # noqa: F811
    async def broken() -> None:
        raise ZeroDivisionError

    alerted = Alerted(world, pager=Scripted(broken, True), phone=Scripted(True))

    async def scene():
        incident = await alerted.send("E03")
        await alerted.send("T03", incident)

    alerted.play(scene)
    assert {(e.unit, e.channel) for e in alerted.events(a.AlertHeard)} == {
        ("E03", "phone"), ("T03", "pager"),
    }  # fmt: skip


def test_a_line_is_no_longer_than_a_message_carries():
    assert cut("x" * TEXT_MAX) == "x" * TEXT_MAX
    assert len(cut("x" * 500)) == TEXT_MAX
