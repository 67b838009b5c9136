"""Before Enter it is said what would happen: who, where, since when, clocks, refusals."""

from __future__ import annotations

import asyncio
import time

import pytest

from answerable.console.bar.asking import bodies
from answerable.console.bar.dry import command_of, decided
from answerable.console.bar.spot import Spot
from answerable.dispatch import words as d
from answerable.dispatch.state import Escalation
from answerable.intake import words as i
from answerable.kernel.hub import Accepted
from answerable.kernel.hub import Refused as HubRefused
from answerable.kernel.refusals import Refusal
from answerable.standards.foretell import foretell
from tests.console.bar.conftest import CLOSED, OPEN, OTHER

TOLD = [
    ("/send E03", "ready", ["E03 (free) would be sent to 200930603 Medical Incident", " away"]),
    ("/send E03 T03 604", "ready", ["E03 (free)", "T03 (free)", "200930604 Structure Fire"]),
    ("/oos E03 until +20m refuelling", "ready", ["E03 would be out of service until 12:2"]),
    ("/ack E03", "no", ["There is no job on incident 200930603 of unit E03."]),
    ("/close #603 false alarm", "ready", ["200930603 Medical Incident", "would be closed"]),
    ("/kind Structure Fire E because smoke", "ready", ["would be Structure Fire, priority E"]),
    ("/message E03 hello", "ready", ["a message to E03 about 200930603"]),
    ("/note #604 hello", "ready", ["a note on 200930604 Structure Fire"]),
    ("/hold until +20m nobody is free", "ready", ["would be on hold until 12:2"]),
    ("/strike 7 misheard", "no", ["The incident has no such note"]),
    ("/theme dark", "ready", ["changes to dark"]),
    ("/go 604", "ready", ["opens 200930604"]),
    ("/undo", "no", ["Not taken back."]),
]


@pytest.mark.parametrize(("line", "kind", "said"), TOLD)
def test_what_would_happen_is_said(desk, line, kind, said):
    told = desk.panel(line).preview
    assert told.kind == kind, told.said
    for part in said:
        assert part in told.said


def test_clocks_that_would_start_and_stop_are_named_and_since_when_a_unit_is_what_it_is(desk):
    facts = dict(desk.panel("/send E03").preview.facts)
    assert "sign for it 0:30" in facts["Starts"]
    assert "first unit sent" in facts["Stops"]
    assert facts["Now"].startswith("E03 is free since 12:00:0")


def test_an_incident_is_told_once_and_by_its_name(desk, monkeypatch):
    told = desk.panel("/go 604").preview.said
    assert told.count("200930604") == 1, told
    escalations = desk.front.hub.state["dispatch"].escalations
    one = Escalation(state="open", told_us=desk.front.now_us(), incident=OPEN)
    monkeypatch.setitem(escalations, f"{OPEN}.1", one)
    told = desk.at("supervisor", "en").panel(f"/noted #{OPEN}").preview
    assert told.said.startswith(f"note is taken of what was told about {OPEN} Medical Incident")


def test_it_is_said_in_chinese_too(desk):
    told = desk.at("supervisor", "zh-CN").panel("派E03").preview
    assert told.said.startswith("将派 E03（待命）到 200930603 医疗急救、")
    assert {label for label, _text in told.facts} == {"现在", "开始计时", "停止计时"}


def test_a_stacked_job_that_follows_by_itself_is_told(busy):
    do = busy.world.do
    do(d.SendUnit, incident=OPEN, unit="E03")
    do(d.StackUnit, incident=OTHER, unit="E03", reason="nearest by far")
    facts = dict(busy.panel("/clear E03 done").preview.facts)
    assert facts["Then"].startswith("E03 is sent to 200930604 Structure Fire")
    assert facts["Now"].startswith("E03 is sent on 200930603 since")


def test_a_line_of_several_commands_tells_each_and_what_one_of_them_meets(busy):
    busy.world.do(d.SendUnit, incident=OTHER, unit="T03")
    told = busy.panel("/send E03 T03 603").preview
    assert told.kind == "part"
    assert "E03 (free) would be sent" in told.said
    assert "Not sent: T03. It has been on incident 200930604 since" in told.said


MET = (
    "/send E03 701", "/ack E03", "/reopen #603 again", "/strike 9 misheard",
    "/unstack E03 from #603 needed elsewhere", "/offduty E03", "/in E03", "/oos E03 no crew",
    "/in E07", "/moveup E36 to 01 cover is broken", "/alarm 2 smoke", "/hold until +20m nobody",
)  # fmt: skip


def test_the_refusal_that_is_told_is_the_one_that_enter_meets(busy):
    for number, line in enumerate(MET):
        reading = busy.read(line)
        if not reading.whole:
            continue
        (body,) = bodies(busy.front, busy.session, reading, Spot())
        lang = busy.front.phrases("en").lang
        command = command_of(busy.front, body | {"key": f"told-{number}"}, lang)
        told = decided(busy.front, busy.session.actor, command)
        met = busy.front.hub.do(command, busy.session.actor)
        assert isinstance(told, Refusal) == isinstance(met, HubRefused), line
        if isinstance(met, HubRefused):
            assert told == met.refusal
        else:
            assert list(map(type, told)) == [type(one.event) for one in met.recorded[: len(told)]]


def test_telling_changes_nothing(desk):
    hub = desk.front.hub
    before = hub.rooms.pack(hub.state)
    for line, _kind, _said in TOLD:
        desk.panel(line)
    for line in ("/send all", "/close #701 again", "/reopen #701 again", "/open Alarms at larkin"):
        desk.panel(line)
    assert hub.rooms.pack(hub.state) == before


STEPS = [
    (d.SendUnit, {"incident": OPEN, "unit": "E03"}),
    (d.SendUnit, {"incident": OPEN, "unit": "T03"}),
    (d.Acknowledge, {"incident": OPEN, "unit": "E03"}),
    (d.GoEnRoute, {"incident": OPEN, "unit": "E03"}),
    (d.Arrive, {"incident": OPEN, "unit": "E03"}),
    (d.CancelUnit, {"incident": OPEN, "unit": "T03", "reason": "no longer needed"}),
    (d.ReportBack, {"incident": OPEN, "unit": "E03", "code": "other"}),
    (d.ClearUnit, {"incident": OPEN, "unit": "E03"}),
    (i.AddNote, {"incident": OPEN, "words": "hello"}),
    (d.CloseIncident, {"incident": OPEN, "outcome": "done"}),
    (d.ReopenIncident, {"incident": OPEN, "reason": "again"}),
]


def test_the_clocks_that_are_foretold_are_the_clocks_that_start_and_stop(busy):
    """Every step of a job: what was said before it is what happened at it."""
    hub, started, stopped = busy.front.hub, 0, 0
    state = hub.state["standards"]
    for number, (command, fields) in enumerate(STEPS):
        asked = command(key=f"step-{number}", **fields)
        events = decided(busy.front, busy.session.actor, asked)
        told = [foretell(state, event) for event in events]
        before = {run.number: hub.state["standards"].work(run.clock).clock.name
                  for run in state.runs().values()}  # fmt: skip
        outcome = hub.do(asked, busy.session.actor)
        assert isinstance(outcome, Accepted), outcome
        after = {run.number: state.work(run.clock).clock.name for run in state.runs().values()}
        begun = sorted(name for number, name in after.items() if number not in before)
        ended = sorted(number for number in before if number not in after)
        assert begun == sorted(one.name for t in told for one in t.begins), command
        assert ended == sorted(c.number for t in told for c in (*t.stops, *t.voids)), command
        started, stopped = started + len(begun), stopped + len(ended)
    assert started > 3
    assert stopped > 3


def test_a_place_is_taken_only_where_there_is_no_doubt(desk):
    for line, kind, said in (
        ("/open Alarms at 1500 Market", "ready", "1500 block of Market St"),
        ("/open Alarms at larkin & golden gate", "ready", "Larkin St & Golden Gate Ave"),
        ("/open Alarms at larkin", "", "Which place?"),
        ("/open Alarms at qqqq zzzz", "no", "No such place in this town."),
        ("/open Alarms at the blue house unverified caller is lost", "ready", "the blue house"),
        ("/book Alarms on +2h at the blue house unverified a new one", "ready", "the blue house"),
    ):
        told = desk.panel(line).preview
        assert (told.kind, said in told.said) == (kind, True), (line, told.said)


def test_a_closed_incident_that_was_laid_aside_is_told_too(desk):
    assert "200930701 Alarms" in desk.panel(f"/reopen #{CLOSED} burns again").preview.said


def test_a_fault_in_a_rule_is_said_and_stops_nothing(desk, monkeypatch):
    def faulty(_state, _command, _ctx):
        raise RuntimeError("boom")

    room = desk.front.hub.rooms.room_of[d.SendUnit]
    monkeypatch.setitem(room.deciders.table, d.SendUnit, faulty)
    told = desk.panel("/send E03").preview
    assert told.kind == "no"
    assert "The program failed while deciding" in told.said


def test_the_preview_of_a_note_does_not_repeat_its_words(desk):
    panel = desk.panel("/note zeppelin over the bay")
    shown = [panel.preview.said, *(text for _l, text in panel.preview.facts)]
    assert not any("zeppelin" in text for text in shown)


def test_reading_is_quick_enough_to_be_asked_at_every_key(desk):
    """The figure stands in benchmarks/bar.py; this only catches a reading that scans the record."""
    phrases = desk.front.phrases("en")

    async def typing():
        taken = []
        for size in range(1, len("/send E03 T03 to 604") + 1):
            line = "/send E03 T03 to 604"[:size]
            begun = time.process_time()
            await desk.bar.panel(desk.session, phrases, line, size, OPEN)
            taken.append(time.process_time() - begun)
        return sorted(taken)[len(taken) // 2]

    assert asyncio.run(typing()) < 0.05
