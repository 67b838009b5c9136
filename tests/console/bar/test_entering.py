"""Enter does what was shown, once, and says what came of it; what may be undone is undone."""

from __future__ import annotations

import asyncio
import html
import itertools
import re

import pytest

from answerable.console.bar.memory import DEEDS_MAX, SESSIONS_MAX, Memory
from answerable.dispatch import words as d
from answerable.handover import words as h
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from tests.console.bar.conftest import CALL, CLOSED, OPEN, OTHER, RINGING

KEYS = itertools.count(1)
TOKEN = re.compile(r'name="token" value="([^"]+)"')
SEEN = re.compile(r'data-seen="([^"]*)"')


class Typist:
    """Somebody at the bar of a page in a browser."""

    def __init__(self, client, token):
        self.client, self.token = client, token

    async def post(self, path, **fields):
        headers = {"sec-fetch-site": "same-origin", "hx-request": "true"}
        return await self.client.post(path, data={"token": self.token, **fields}, headers=headers)

    async def look(self, line, chosen=OPEN):
        """Return what is shown of a line."""
        return await self.post("/line/read", line=line, incident=chosen)

    async def enter(self, line, chosen=OPEN, *, look=True, key="", seen=None):
        """Look at what a line would do, then press Enter."""
        if seen is None:
            seen = SEEN.search((await self.look(line, chosen)).text)[1] if look else ""
        key = key or f"bar-{next(KEYS)}"
        return await self.post("/line", line=line, incident=chosen, key=key, seen=seen)


def typing(busy, scene, role="supervisor"):
    async def play(client):
        page = await client.get("/board")
        return await scene(Typist(client, TOKEN.search(page.text)[1]))

    return busy.world.run(play, role)


def said(answer):
    """Return what the hint of an answer says."""
    found = re.search(r'id="hint"[^>]*>(.*?)</span>', answer.text, re.S)
    return html.unescape(found[1]) if found else ""


def events(busy, kind):
    return [row for row in busy.front.hub.store.rows(0) if row.kind == kind.tag]


def test_several_units_are_sent_by_one_line_and_each_is_told(busy):
    async def scene(typist):
        return await typist.enter("/send E03 T03 to 604")

    answer = typing(busy, scene)
    assert answer.status_code == 201
    assert "E03 was sent" in said(answer)
    assert "T03 was sent" in said(answer)
    assert set(busy.front.board.line(OTHER).jobs) == {"E03", "T03"}


def test_a_unit_sent_to_what_was_merged_is_told_where_that_goes_on(busy):
    async def scene(typist):
        await typist.enter("/merge #604 into #603 the same")
        return await typist.enter(f"/send E03 to {OTHER}", look=False)

    assert said(typing(busy, scene)) == (
        f"Incident {OTHER} is the same as {OPEN}, which goes on for both."
    )


@pytest.mark.parametrize("line", [
    "/hold #604 until +20m no unit is free", "/oos E03 until +2h refuelling",
    "/book Alarms on +90m at Larkin & Golden Gate",
])  # fmt: skip
def test_a_time_said_from_now_is_done_at_the_first_enter_however_long_one_looked(busy, line):
    async def scene(typist):
        seen = SEEN.search((await typist.look(line)).text)[1]
        await asyncio.sleep(0.01)
        return await typist.enter(line, seen=seen)

    assert typing(busy, scene).status_code == 201


def test_one_unit_that_cannot_go_does_not_keep_the_other(busy):
    busy.world.do(d.SendUnit, incident=OPEN, unit="T03")

    async def scene(typist):
        return await typist.enter("/send E03 T03 to 604")

    answer = typing(busy, scene)
    assert answer.status_code == 201
    assert 'data-kind="part"' in answer.text
    assert "Not sent: T03." in said(answer)
    assert set(busy.front.board.line(OTHER).jobs) == {"E03"}


def test_send_all_sends_whom_the_run_card_asks_for_and_must_be_seen_first(busy):
    async def scene(typist):
        blind = await typist.enter("/send all to 604", look=False)
        return blind, await typist.enter("/send all to 604")

    blind, answer = typing(busy, scene)
    assert blind.status_code == 200
    assert "press Enter again" in said(blind)
    assert answer.status_code == 201
    proposed = set(busy.front.board.line(OTHER).jobs)
    assert "E03" in proposed
    assert len(proposed) > 1


def test_send_first_sends_one(busy):
    async def scene(typist):
        return await typist.enter("/send first to 604")

    assert typing(busy, scene).status_code == 201
    assert len(busy.front.board.line(OTHER).jobs) == 1


def test_what_has_changed_since_it_was_shown_is_not_done(busy):
    busy.world.do(d.SendUnit, incident=OPEN, unit="E03")

    async def scene(typist):
        seen = SEEN.search((await typist.look("/clear E03 done")).text)[1]
        busy.world.do(d.ClearUnit, incident=OPEN, unit="E03")
        busy.world.do(d.SendUnit, incident=OTHER, unit="E03")
        late = await typist.enter("/clear E03 done", seen=seen)
        return late, await typist.enter("/clear E03 done")

    late, again = typing(busy, scene)
    assert late.status_code == 409
    assert "has changed since it was shown" in said(late)
    assert again.status_code == 201
    assert busy.front.board.line(OTHER).jobs["E03"].state == "cleared"


def test_a_line_that_is_sent_twice_is_done_once(busy):
    async def scene(typist):
        seen = SEEN.search((await typist.look("/send E03 T03 to 604")).text)[1]
        first = await typist.enter("/send E03 T03 to 604", key="lost-answer", seen=seen)
        return first, await typist.enter("/send E03 T03 to 604", key="lost-answer", seen=seen)

    first, again = typing(busy, scene)
    assert (first.status_code, again.status_code) == (201, 201)
    assert "was sent" in said(again)
    assert len(events(busy, d.UnitSent)) == 2


def test_a_refusal_is_told_in_its_three_parts_and_the_line_is_not_lost(busy):
    async def scene(typist):
        return await typist.enter("/ack E03")

    answer = typing(busy, scene)
    assert answer.status_code == 409
    assert 'data-kind="no"' in answer.text
    assert said(answer).count(".") >= 3


def test_a_command_that_is_not_given_is_refused_also_where_its_words_are_right(busy):
    async def scene(typist):
        return await typist.enter("/close #603 done", look=False)

    answer = typing(busy, scene, "call_taker")
    assert "No such command" in said(answer)
    assert busy.front.board.line(OPEN).state == "open"


def test_the_words_of_a_note_are_neither_repeated_nor_kept(busy):
    async def scene(typist):
        return await typist.enter("/note #604 zeppelin over the bay")

    answer = typing(busy, scene)
    assert answer.status_code == 201
    assert "zeppelin" not in answer.text
    assert 'data-keep="/note #604 "' in answer.text
    stored = b"".join(row.body for row in busy.front.hub.store.rows(0))
    assert b"zeppelin" not in stored


def test_an_incident_is_opened_by_hand_with_its_call_and_shown(busy):
    async def scene(typist):
        return await typist.enter("/open Structure Fire 3 at 1500 Market")

    answer = typing(busy, scene)
    assert answer.status_code == 201
    number = answer.headers["hx-redirect"].removeprefix("/incidents/")
    line = busy.front.board.line(number)
    assert (line.kind, line.priority, line.address) == (
        "Structure Fire", "3", "1500 Block of Market St",
    )  # fmt: skip
    assert len(line.calls) == 1
    assert line.lon is not None


def test_an_incident_is_opened_for_a_call_that_was_answered(busy):
    async def scene(typist):
        return await typist.enter(f"/open Alarms from {CALL} at 1500 Market")

    assert typing(busy, scene).status_code == 201
    assert CALL not in busy.front.board.calls


def test_nobody_is_answered_for_an_incident_that_cannot_be_opened(busy):
    before = len(events(busy, i.CallAnswered))

    async def scene(typist):
        return await typist.enter("/open Structure Fire 3 at 1500 Market unverified " + "x" * 300)

    answer = typing(busy, scene)
    assert answer.status_code == 400
    assert len(events(busy, i.CallAnswered)) == before


def test_claiming_a_call_leads_to_its_form(busy):
    async def scene(typist):
        return await typist.enter("/answer")

    answer = typing(busy, scene)
    assert answer.headers["hx-redirect"] == f"/take?call={RINGING}"


@pytest.mark.parametrize(
    ("line", "to"),
    [("/go 604", f"/incidents/{OTHER}"), ("/go board", "/board"), ("/去 看板", "/board"),
     ("/lang zh-CN", "/language/zh-CN?back=/units"), ("/find 604", f"/incidents/{OTHER}")],
)  # fmt: skip
def test_lines_that_lead_somewhere_lead_there(busy, line, to):
    async def scene(typist):
        return await typist.post("/line", line=line, here="/units")

    assert typing(busy, scene).headers["hx-redirect"] == to


@pytest.mark.parametrize(
    ("line", "told"),
    [("/theme dark", ""), ("/find larkin", "arrow keys"), ("/find qqqqq", "Nothing is called so."),
     ("/go", "opens an incident or a page"), ("/help", "lists every verb"),
     ("/go 99", "99 is neither"), ("", "Write a verb")],
)  # fmt: skip
def test_lines_that_lead_nowhere_say_so(busy, line, told):
    async def scene(typist):
        return await typist.post("/line", line=line)

    answer = typing(busy, scene)
    assert answer.status_code == 200
    assert told in said(answer)
    assert ("data-look" in answer.text) == line.startswith("/theme")


# -- the way back ----------------------------------------------------------------------------


def test_what_one_line_did_is_taken_back_as_a_whole(busy):
    async def scene(typist):
        await typist.enter("/send E03 T03 to 604")
        blind = await typist.enter("/undo", look=False)
        shown = await typist.look("/undo")
        return blind, shown, await typist.enter("/undo"), await typist.enter("/undo")

    blind, shown, done, nothing = typing(busy, scene)
    assert "press Enter again" in said(blind)
    assert "E03 is called off" in said(shown)
    assert "T03 is called off" in said(shown)
    assert done.status_code == 201
    states = {job.unit: job.state for job in busy.front.board.line(OTHER).jobs.values()}
    assert states == {"E03": "cancelled", "T03": "cancelled"}
    assert nothing.status_code == 409
    assert "Not taken back." in said(nothing)


def test_what_a_form_did_is_taken_back_too(busy):
    async def scene(typist):
        await typist.post("/do", type="intake.AddNote", incident=OTHER, words="oops", key="form-1")
        return await typist.enter("/undo")

    assert typing(busy, scene).status_code == 201
    assert len(events(busy, i.NoteStruck)) == 1


def test_nobody_takes_back_what_another_desk_did(busy):
    async def mine(typist):
        await typist.enter("/note #604 mine")

    async def theirs(typist):
        return await typist.enter("/undo")

    typing(busy, mine)
    assert typing(busy, theirs).status_code == 409
    assert events(busy, i.NoteStruck) == []


def test_only_what_was_shown_is_taken_back(busy):
    async def scene(typist):
        await typist.enter("/note #604 first")
        seen = SEEN.search((await typist.look("/undo")).text)[1]
        await typist.enter("/note #604 second")
        return await typist.enter("/undo", seen=seen)

    answer = typing(busy, scene)
    assert answer.status_code == 409
    assert events(busy, i.NoteStruck) == []


def test_the_memory_of_deeds_is_short_and_forgets_the_oldest(busy):
    memory, session = Memory(), busy.session
    sent = d.SendUnit(key="deed-1", incident=OPEN, unit="E03")
    rows = busy.front.hub.do(sent, Actor("supervisor", "supervisor")).recorded
    for _number in range(DEEDS_MAX + 3):
        memory.did(session, rows)
    for _number in range(DEEDS_MAX):
        memory.undone(session, memory.last(session))
    assert memory.last(session) == ()
    for number in range(SESSIONS_MAX + 1):
        other = busy.world.session("dispatcher")
        other.token = f"t{number}"
        memory.did(other, rows)
    assert len(memory._deeds) == SESSIONS_MAX


# -- what a verb fills in --------------------------------------------------------------------


def test_a_unit_is_freed_as_its_job_allows(busy):
    do = busy.world.do
    do(d.SendUnit, incident=OPEN, unit="E03")
    do(d.SendUnit, incident=OPEN, unit="T03")
    do(d.Arrive, incident=OPEN, unit="T03")

    async def scene(typist):
        return [await typist.enter(f"/free {unit} needed elsewhere") for unit in ("E03", "T03")]

    assert [one.status_code for one in typing(busy, scene)] == [201, 201]
    jobs = busy.front.board.line(OPEN).jobs
    assert (jobs["E03"].state, jobs["T03"].state) == ("cancelled", "cleared")


def test_two_units_change_places(busy):
    busy.world.do(d.SendUnit, incident=OPEN, unit="E03")
    busy.world.do(d.SendUnit, incident=OTHER, unit="E36")

    async def scene(typist):
        return await typist.enter("/exchange E03 with E36 swap nearer to each other")

    answer = typing(busy, scene)
    assert answer.status_code == 201, answer.text
    board = busy.front.board
    assert (board.units["E36"].incident, board.units["E03"].incident) == (OPEN, OTHER)


def test_a_unit_comes_on_duty_as_the_record_knows_it(busy):
    busy.world.do(d.TakeOffDuty, unit="T03")

    async def scene(typist):
        return await typist.enter("/onduty T03")

    assert typing(busy, scene).status_code == 201
    unit = busy.front.board.units["T03"]
    assert (unit.unit_type, unit.station, unit.skills, unit.duty) == (
        "TRUCK", "03", ("ALS",), "on duty",
    )  # fmt: skip


def test_a_status_is_set_by_the_line_of_its_name(busy):
    busy.world.do(d.SendUnit, incident=OPEN, unit="E03")

    async def scene(typist):
        return await typist.enter("/status E03 arrived")

    assert typing(busy, scene).status_code == 201
    assert busy.front.board.line(OPEN).jobs["E03"].state == "arrived"


def test_a_desk_is_sat_at_handed_over_and_taken_back_by_line(busy):
    async def scene(typist):
        lines = ("/sit", "/handover the main is out", "/withdraw", "/stand")
        return [await typist.enter(line) for line in lines]

    answers = typing(busy, scene)
    assert [one.status_code for one in answers] == [201] * 4, [said(one) for one in answers]
    kinds = [row.kind for row in busy.front.hub.store.rows(0) if row.kind.startswith("handover.")]
    assert kinds == [h.SatDown.tag, h.HandOverOffered.tag, h.HandOverWithdrawn.tag, h.StoodUp.tag]


def test_an_unknown_escalation_and_a_desk_without_an_offer_are_told(busy):
    async def scene(typist):
        return [await typist.enter(line) for line in ("/noted #603", "/takeover")]

    noted, takeover = typing(busy, scene)
    assert "Nothing about that incident waits" in said(noted)
    assert "Nothing was offered at that desk." in said(takeover)


def test_the_closed_one_is_reopened_by_its_last_digits(busy):
    async def scene(typist):
        return await typist.enter("/reopen #701 it rings again")

    assert typing(busy, scene).status_code == 201
    assert busy.front.board.line(CLOSED).state == "open"


# -- the door --------------------------------------------------------------------------------


def test_a_line_is_never_part_of_an_address(busy):
    async def scene(typist):
        return await typist.client.get("/line", params={"line": "/note zeppelin"})

    assert typing(busy, scene).status_code == 405


def test_a_line_without_the_token_of_its_session_is_not_read(busy):
    async def scene(typist):
        typist.token = "another"
        return [await typist.post(path, line="/send E03") for path in ("/line", "/line/read")]

    assert [one.status_code for one in typing(busy, scene)] == [403, 403]


def test_what_is_read_may_not_be_kept_by_a_browser(busy):
    async def scene(typist):
        return await typist.look("/send E03")

    assert typing(busy, scene).headers["cache-control"] == "no-store"


def test_the_bar_is_on_the_pages_of_whoever_may_use_it_and_on_no_other(busy):
    async def scene(client):
        return [(await client.get(path)).text for path in ("/standards", "/record")]

    for text in busy.world.run(scene, "supervisor"):
        assert 'id="line"' in text
        assert 'role="combobox"' in text
    for text in busy.world.run(scene, "administrator"):
        assert 'id="line"' not in text
        assert "bar.js" not in text


def test_two_hundred_readings_at_once_are_all_answered(busy):
    async def scene(typist):
        lines = [f"/send E0{number % 9}" for number in range(200)]
        return await asyncio.gather(*(typist.look(line) for line in lines))

    assert {one.status_code for one in typing(busy, scene)} == {200}
