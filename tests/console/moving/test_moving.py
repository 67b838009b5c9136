"""The desk moves units by mouse: what is offered, what one press sends, what pages then show."""

from __future__ import annotations

import html
import re

from answerable.console.acts import BETWEEN
from answerable.dispatch import move_words as m
from answerable.dispatch import words as d
from answerable.kernel.authority import Actor
from answerable.kernel.hub import Accepted, Refused
from tests.console.conftest import NOON_US

FIRE = {"kind": "Structure Fire", "priority": "3"}


async def token_of(client) -> str:
    page = (await client.get("/units")).text
    return re.search(r'name="token" value="([^"]+)"', page)[1]


async def press(client, path, **fields):
    fields["token"] = await token_of(client)
    return await client.post(path, data=fields, headers={"hx-request": "true"})


def sent_to(world, incident):
    hub = world.centre.hub
    events = map(hub.rooms.decode, hub.store.stream(f"incident:{incident}"))
    return [event for event in events if isinstance(event, d.UnitSent)]


def form_of(page: str, command: str, unit: str = "") -> str:
    """Return the markup of the form of a command, of one unit where it is named."""
    for found in re.findall(r"<form.*?</form>", page, re.S):
        named = not unit or f'name="unit" value="{unit}"' in found
        if f'value="{command}"' in found and named:
            return found
    raise AssertionError(f"no form of {command} for {unit or 'anybody'}")


def hidden(form: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found if name not in ("key", "token")}


def fields_of(form: str) -> set[str]:
    names = set(re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', form))
    return names - set(hidden(form)) - {"key", "token"}


def incident_page(world, incident, role="dispatcher", lang="en") -> str:
    async def scene(client):
        client.cookies.set("lang", lang)
        return (await client.get(f"/incidents/{incident}")).text

    return world.run(scene, role=role)


# -- with a reason, or not at all -------------------------------------------------------------


def test_a_unit_that_was_passed_over_is_sent_with_a_reason_only(world):
    incident = world.incident()
    page = incident_page(world, incident)
    chosen = hidden(form_of(page, d.SendUnit.tag))
    passed = next(u for u in ("E03", "E36") if u not in chosen["proposed"].split(BETWEEN))
    form = form_of(page, d.SendUnit.tag, passed)
    assert 'name="why"' in form
    assert re.search(r'name="why"[^>]* required', form)
    fields = hidden(form)

    async def scene(client):
        without = await press(client, "/do", key="press-1", **fields)
        why = {"why": "it passes by"}
        return without, await press(client, "/do", key="press-2", **fields, **why)

    without, given = world.run(scene)
    assert without.status_code == 409
    assert "It is not among those recommended" in without.text
    assert given.status_code == 201
    [event] = sent_to(world, incident)
    assert (event.unit, event.why) == (passed, "it passes by")
    assert event.proposed == tuple(chosen["proposed"].split(BETWEEN))


def test_what_was_recommended_is_recorded_with_the_sending(world):
    incident = world.incident()
    fields = hidden(form_of(incident_page(world, incident), d.SendUnit.tag))

    async def scene(client):
        return await press(client, "/do", key="press-1", **fields)

    assert world.run(scene).status_code == 201
    [event] = sent_to(world, incident)
    assert event.unit in event.proposed


# -- everybody in one press -------------------------------------------------------------------


def everybody(world, incident) -> dict[str, str]:
    page = incident_page(world, incident)
    form = re.search(r'<form class="send-all".*?</form>', page, re.S)
    assert form, "nobody is offered to be sent together"
    return hidden(form[0])


def test_one_press_sends_all_in_the_order_shown_each_by_a_command_of_its_own(world):
    incident = world.incident(**FIRE)
    fields = everybody(world, incident)
    units = fields["units"].split(BETWEEN)

    async def scene(client):
        first = await press(client, "/send-all", key="all-1", **fields)
        return first, await press(client, "/send-all", key="all-1", **fields)

    first, again = world.run(scene)
    assert first.status_code == again.status_code == 201
    assert f"{len(units)} of {len(units)} sent" in first.text
    events = sent_to(world, incident)
    assert [event.unit for event in events] == units
    keys = [row.key for row in world.centre.hub.store.stream(f"incident:{incident}")
            if row.kind == d.UnitSent.tag]  # fmt: skip
    assert keys == [f"all-1.{nth}" for nth in range(1, len(units) + 1)]


def test_what_is_refused_is_told_beside_its_unit_and_the_others_go(world):
    incident, other = world.incident(**FIRE), world.incident()
    fields = everybody(world, incident)
    units = fields["units"].split(BETWEEN)
    assert len(units) > 1
    world.do(d.SendUnit, incident=other, unit=units[0])

    async def scene(client):
        return await press(client, "/send-all", key="all-1", **fields)

    answer = world.run(scene)
    assert answer.status_code == 201
    assert f"{len(units) - 1} of {len(units)} sent" in answer.text
    assert f"Not sent: {units[0]}." in answer.text
    assert [event.unit for event in sent_to(world, incident)] == units[1:]


def test_a_press_that_sends_nobody_is_a_refusal(world):
    incident, other = world.incident(**FIRE), world.incident()
    fields = everybody(world, incident) | {"units": "E03"}
    world.do(d.SendUnit, incident=other, unit="E03")

    async def scene(client):
        refused = await press(client, "/send-all", key="all-1", **fields)
        nobody = await press(client, "/send-all", key="all-2", **(fields | {"units": ""}))
        twice = fields | {"units": BETWEEN.join(("E36", "E36"))}
        return refused, nobody, await press(client, "/send-all", key="all-3", **twice)

    refused, nobody, twice = world.run(scene)
    assert refused.status_code == 409
    assert "0 of 1 sent" in refused.text
    assert nobody.status_code == twice.status_code == 400
    assert "Nobody was sent." in nobody.text
    assert sent_to(world, incident) == []


def test_a_slip_in_one_road_time_sends_nobody(world):
    incident = world.incident(**FIRE)
    fields = everybody(world, incident)
    count = len(fields["units"].split(BETWEEN))
    fields["etas"] = BETWEEN.join(["60"] * (count - 1) + ["soon"])

    async def scene(client):
        return await press(client, "/send-all", key="all-1", **fields)

    assert world.run(scene).status_code == 400
    assert sent_to(world, incident) == []


# -- what is offered -------------------------------------------------------------------------


def test_a_busy_unit_may_be_stacked_or_taken_from_something_less_urgent(world):
    less, more = world.incident(priority="2"), world.incident(priority="3")
    for unit in ("E03", "E36"):
        world.do(d.SendUnit, incident=less, unit=unit)
    page = incident_page(world, more)
    for command in (d.StackUnit.tag, m.PreemptUnit.tag):
        assert "reason" in fields_of(form_of(page, command, "E03"))

    async def scene(client):
        fields = {**hidden(form_of(page, m.PreemptUnit.tag, "E03")), "reason": "nearest"}
        return await press(client, "/do", key="take-1", **fields)

    assert world.run(scene).status_code == 201
    told = incident_page(world, less)
    assert "E03 taken away: somebody else is needed" in told
    assert f"E03 was taken away to incident {more}, which is more urgent: nearest." in told
    assert "E03 已被改派" in incident_page(world, less, lang="zh-CN")


def test_nobody_is_offered_from_something_as_urgent(world):
    one, other = world.incident(), world.incident()
    world.do(d.SendUnit, incident=one, unit="E03")
    page = incident_page(world, other)
    assert m.PreemptUnit.tag not in page
    assert form_of(page, d.StackUnit.tag, "E03")


def test_to_hospital_is_offered_for_medical_matters_only_and_taken_for_any(world):
    medical, fire = world.incident(), world.incident(**FIRE)
    for incident, unit in ((medical, "E03"), (fire, "E36")):
        world.do(d.SendUnit, incident=incident, unit=unit)
        world.do(d.Arrive, incident=incident, unit=unit)
    assert form_of(incident_page(world, medical), d.Transport.tag)
    assert d.Transport.tag not in incident_page(world, fire)
    world.do(d.Transport, incident=fire, unit="E36")


def test_a_hold_is_offered_where_nobody_is_and_its_end_where_it_holds(world):
    incident = world.incident()
    form = form_of(incident_page(world, incident), m.HoldIncident.tag)
    assert fields_of(form) == {"until", "awaits", "reason"}

    async def scene(client):
        fields = {"type": m.HoldIncident.tag, "incident": incident, "reason": "police go in first"}
        bad = await press(client, "/do", key="hold-1", until="25:99", **fields)
        return bad, await press(client, "/do", key="hold-2", until="14:30", **fields)

    bad, held = world.run(scene)
    assert bad.status_code == 400
    assert "Until (14:30): 25:99 is not a time." in html.unescape(bad.text)
    assert held.status_code == 201, held.text
    line = world.app.front.board.line(incident)
    assert line.held_until_us == NOON_US + 150 * 60_000_000
    page = incident_page(world, incident)
    assert "on hold until 14:30" in page
    assert form_of(page, m.EndHold.tag)
    world.do(d.SendUnit, incident=incident, unit="E03")
    assert m.HoldIncident.tag not in incident_page(world, incident)


def test_the_alarm_is_raised_by_one_and_lowered_where_it_stands_higher(world):
    incident = world.incident(**FIRE)
    page = incident_page(world, incident)
    assert 'name="level" value="2"' in form_of(page, m.RaiseAlarm.tag)
    assert m.LowerAlarm.tag not in page
    world.do(m.RaiseAlarm, incident=incident, level=2, reason="it spreads")
    page = incident_page(world, incident)
    assert "alarm level 2" in page
    assert form_of(page, m.LowerAlarm.tag)


def test_a_unit_is_exchanged_where_it_is_and_written_in_any_case(world):
    incident = world.incident()
    world.do(d.SendUnit, incident=incident, unit="E03")
    form = form_of(incident_page(world, incident), m.ExchangeUnits.tag)
    assert fields_of(form) == {"by", "swap_to", "reason"}

    async def scene(client):
        fields = {**hidden(form), "by": "e36", "reason": "nearer"}
        return await press(client, "/do", key="swap-1", **fields)

    assert world.run(scene).status_code == 201
    line = world.app.front.board.line(incident)
    assert {u: j.state for u, j in line.jobs.items()} == {"E03": "cancelled", "E36": "sent"}


# -- a unit's own page --------------------------------------------------------------------------


def unit_page(world, unit="E03", role="dispatcher", lang="en") -> str:
    async def scene(client):
        client.cookies.set("lang", lang)
        return (await client.get(f"/units/{unit}")).text

    return world.run(scene, role=role)


def test_a_units_page_offers_what_may_be_done_with_it(world):
    page = unit_page(world)
    assert fields_of(form_of(page, d.TakeOutOfService.tag)) == {"reason", "back"}
    assert fields_of(form_of(page, m.OrderMoveUp.tag)) == {"station", "reason"}
    assert form_of(page, d.TakeOffDuty.tag)
    assert '<form class="act"' not in unit_page(world, role="call_taker")


def test_a_units_page_says_where_it_waits_and_when_it_should_be_back(world):
    world.do(m.OrderMoveUp, unit="E03", station="36", reason="nobody is there")
    page = unit_page(world)
    assert "covers station 36" in page
    assert "E03 covers station 36: nobody is there." in page
    assert form_of(page, m.EndMoveUp.tag)
    assert form_of(page, m.CancelMoveUp.tag)
    assert "在 36 站补位" in unit_page(world, lang="zh-CN")
    back = NOON_US + 90 * 60_000_000
    world.do(d.TakeOutOfService, unit="E03", reason="tyre", back=back)
    page = unit_page(world)
    assert "back at 13:30" in page
    assert "E03 is out of service until 13:30: tyre." in page
    assert form_of(page, d.ReturnToService.tag)


def test_an_overdue_unit_is_marked_on_the_units_page_and_on_the_board(world):
    back = NOON_US + 60 * 60_000_000
    world.do(d.TakeOutOfService, unit="E03", reason="tyre", back=back)
    world.do(m.RemindReturn, Actor("system", "system"), unit="E03")

    async def scene(client):
        return (await client.get("/units")).text, (await client.get("/board")).text

    units, board = world.run(scene)
    assert "was to be back at 13:00" in units
    assert re.search(r'title="[^"]*was to be back at 13:00[^"]*" data-unit="E03"', board)


def test_there_is_no_page_of_a_unit_that_there_is_not(world):
    async def scene(client):
        return await client.get("/units/E99")

    answer = world.run(scene)
    assert answer.status_code == 404
    assert "There is no unit E99." in answer.text


def test_the_board_shows_what_waits_and_what_is_needed(world):
    incident = world.incident()
    until = NOON_US + 45 * 60_000_000
    world.do(m.HoldIncident, incident=incident, until=until, reason="police go in first")

    async def scene(client):
        return (await client.get("/board")).text

    row = re.search(rf'<li class="row" id="row-{incident}".*?</li>', world.run(scene), re.S)[0]
    assert "on hold until 12:45" in row


# -- messages -----------------------------------------------------------------------------------


def test_a_message_is_one_sentence_of_the_thread_and_its_words_are_sealed(world):
    incident = world.incident()
    world.do(d.SendUnit, incident=incident, unit="E03")

    async def scene(client):
        fields = {"type": m.SendMessage.tag, "incident": incident, "words": "The gas is off."}
        return await press(client, "/do", key="message-1", **fields)

    assert world.run(scene).status_code == 201
    assert "Message: The gas is off." in incident_page(world, incident)
    row = list(world.centre.hub.store.stream(f"incident:{incident}"))
    assert all(b"gas" not in one.body for one in row)


def test_rights_are_the_tables(world):
    incident = world.incident()
    for role, given in (("dispatcher", True), ("call_taker", False), ("crew", False)):
        command = m.RaiseAlarm(key=f"right-{role}", incident=incident, level=2, reason="smoke")
        outcome = world.centre.hub.do(command, Actor(role, role))
        assert isinstance(outcome, Accepted if given else Refused)


def messages_of(world, role, desk="", unit="", lang="en") -> str:
    async def scene(client):
        client.cookies.set("lang", lang)
        front = world.app.front
        for session in front.sessions.every():
            if session.actor.role == role:
                session.desk = desk
                session.actor = Actor(role, role, unit=unit)
        return (await client.get("/messages")).text

    return world.run(scene, role=role)


def test_a_message_to_a_desk_is_read_there_and_by_who_wrote_it_and_nowhere_else(world):
    incident = world.incident()
    words = "Take the next one, I am out of units."
    world.do(m.SendMessage, incident=incident, desk="Desk 3", words=words)
    thread = incident_page(world, incident)
    assert "Message to Desk 3: (for them to read, under Messages)" in thread
    assert words not in thread
    assert words in messages_of(world, "call_taker", "Desk 3")
    assert words in messages_of(world, "dispatcher", "Desk 1")  # who wrote it
    assert words not in messages_of(world, "supervisor", "Desk 2")
    assert "发给本席位" in messages_of(world, "call_taker", "Desk 3", lang="zh-CN")


def test_reading_a_message_is_recorded(world):
    incident = world.incident()
    world.do(m.SendMessage, incident=incident, desk="Desk 3", words="take the next one")
    before = world.centre.hub.position
    messages_of(world, "call_taker", "Desk 3")
    [row] = world.centre.hub.store.rows(before)
    assert (row.kind, row.actor) == ("vault.SealedRead", "call_taker")


def test_a_crew_reads_what_its_unit_is_told_and_no_other_sealed_word(world):
    incident = world.incident(door="Flat 9, second bell")
    for unit in ("E03", "E36"):
        world.do(d.SendUnit, incident=incident, unit=unit)
    world.do(m.SendMessage, unit="E03", words="the gas is off")
    assert "the gas is off" in messages_of(world, "crew", unit="E03")
    assert "the gas is off" not in messages_of(world, "crew", unit="E36")

    async def scene(client):
        return (await client.get(f"/incidents/{incident}")).text

    thread = world.run(scene, role="crew")
    assert "second bell" not in thread
    assert "the gas is off" not in thread


def test_the_words_of_a_message_go_when_the_incidents_words_are_erased(world):
    incident = world.incident()
    world.do(m.SendMessage, incident=incident, desk="Desk 3", words="take the next one")
    [letter] = world.app.front.board.letters
    row = next(r for r in world.centre.hub.store.rows() if r.position == letter.position)
    assert row.stream == f"incident:{incident}", "its key is the incident's"


def test_only_whom_a_message_is_addressed_to_is_told_that_it_came(world):
    class Pushed(list):
        def push(self, data, frame=None):
            self.append(data)

    incident = world.incident()
    there, elsewhere = world.session("dispatcher"), world.session("dispatcher")
    there.desk, elsewhere.desk = "Desk 3", "Desk 4"
    for session in (there, elsewhere):
        session.streams = [Pushed()]
    world.do(m.SendMessage, incident=incident, desk="Desk 3", words="take the next one")
    assert b"letter" in there.streams[0][0]
    assert b"next one" not in there.streams[0][0]
    assert elsewhere.streams == [[]]
