"""Sent, heard, signed for within the standard; else reminded, another proposed, somebody told."""

from __future__ import annotations

from pathlib import Path

import pytest

from answerable.dispatch import alert_words as a
from answerable.dispatch import words as w
from answerable.dispatch.alert_rules import ALERT, ESCALATION, NO_CHANNEL, ON_RING, REACTS
from answerable.dispatch.rules import ROOM
from answerable.intake import words as i
from answerable.kernel.event import Row
from answerable.kernel.refusals import NotAllowed, Unknown
from answerable.standards.consequences import Act, only_shown
from answerable.standards.definition import read_standard
from answerable.standards.shelf import shelf_text
from answerable.standards.words import ClockRang, ExtendClock, StandardAdopted
from tests.story import T0, Centre, Story, on_duty, opened, said, sent

A = "200930001"
RING = "3:7.2.9"


def ready(*more) -> Story:
    return Story().given(*on_duty("E1", "E2"), opened(A), sent("E1", A), *more)


def rung(*consequences: str, **fields) -> ClockRang:
    """Return a ring of a clock about E1."""
    told = {"clock": "3:7", "standard": "1-3-5", "promise": "sign for it", "incident": A,
            "unit": "E1", "due_us": T0, "limit_s": 30.0, "stage": 2}  # fmt: skip
    return ClockRang(**{**told, **fields}, consequences=consequences)


def rings(story: Story, event: ClockRang) -> list:
    """Let a clock ring for dispatch alone, which keeps no clocks; returns what it asks for."""
    row = Row(900 + len(story.rows), f"incident:{A}", event.tag, 1, T0, T0, "system", "k", 1, b"")
    state = story.states["dispatch"]
    ROOM.arms.table[event.tag](state, event, row)
    return list(REACTS[ClockRang](state, event, row))


def proposing() -> Story:
    """A story in which another unit is asked for, and the ring that asks."""
    story = ready()
    assert rings(story, rung("propose next")) == []
    return story


def ring_of(story: Story) -> str:
    return story.states["dispatch"].responses[A].jobs["E1"].alert.wanted


def told(story: Story, **fields) -> Story:
    """Have the supervisor told of something."""
    return story.given(a.SupervisorTold(**{"incident": A, "escalation": RING, **fields}), at=T0)


# -- the whole chain, on a real hub under the catalogue's own standard ------------------------


def late_unit() -> tuple[Centre, str]:
    """A unit was sent a minute ago under 1-3-5 and has not signed."""
    town = Centre().adopt("one-three-five").duty("E1", "E2")
    incident = town.incident()
    town.done(w.SendUnit, incident=incident, unit="E1")
    return town.tick(61), incident


def kinds(town: Centre) -> list[str]:
    return [type(event).__name__ for event in town.events()]


def test_a_unit_that_does_not_sign_is_reminded_then_another_is_asked_for_and_somebody_told():
    town, incident = late_unit()
    assert [k for k in kinds(town) if k in ("ClockRang", "UnitReminded", "SupervisorTold")] == [
        "ClockRang", "UnitReminded", "ClockRang", "SupervisorTold",
    ]  # fmt: skip
    reminded = next(e for e in town.events() if isinstance(e, a.UnitReminded))
    assert (reminded.incident, reminded.unit) == (incident, "E1")
    [(name, one)] = town.state("dispatch").escalations.items()
    assert (one.incident, one.unit, one.promise, one.state) == (
        incident, "E1", "sign for it", "open",
    )  # fmt: skip
    assert town.state("dispatch").responses[incident].jobs["E1"].alert.wanted == name


def test_a_unit_that_signs_in_time_is_not_reminded_and_nobody_is_told():
    town = Centre().adopt("one-three-five").duty("E1")
    incident = town.incident()
    town.done(w.SendUnit, incident=incident, unit="E1")
    town.tick(10).done(w.Acknowledge, incident=incident, unit="E1", role="dispatcher")
    town.tick(60)
    assert not {"UnitReminded", "SupervisorTold"} & set(kinds(town))


def test_the_chain_is_the_same_after_a_restart_with_and_without_a_snapshot():
    town, incident = late_unit()
    before = town.state("dispatch")
    for use_snapshot in (True, False):
        after = town.restart(use_snapshot=use_snapshot).state("dispatch")
        assert after.escalations == before.escalations
        assert after.responses == before.responses
    ring = before.responses[incident].jobs["E1"].alert.wanted
    town.done(a.ProposeNext, role="system", incident=incident, instead_of="E1", ring=ring,
              unit="E2", eta_s=90.0)  # fmt: skip
    assert town.restart().refused(
        a.ProposeNext, role="system", incident=incident, instead_of="E1", ring=ring, unit="E2"
    ).code == a.RingAnswered.code  # fmt: skip


def test_a_clock_that_was_given_more_time_tells_anew_when_it_rings_again():
    town, _incident = late_unit()
    [number] = {n for n, r in town.state("standards").runs().items() if "sign" in str(r)} or [
        next(iter(town.state("dispatch").escalations)).split(".")[0]
    ]
    town.done(ExtendClock, role="supervisor", clock=number, by_s=120, reason="road is closed")
    town.tick(200)
    assert len(town.state("dispatch").escalations) == 2


# -- heard and missed -------------------------------------------------------------------------


def test_a_receipt_says_that_the_crew_was_reached_and_signs_for_nothing():
    story = ready().when(a.HearAlert, role="channel", incident=A, unit="E1", channel="pager")
    story.then(a.AlertHeard(incident=A, unit="E1", channel="pager"))
    job = story.states["dispatch"].responses[A].jobs["E1"]
    assert (job.state, job.alert.state, job.alert.heard_us) == ("sent", "heard", story.now_us)
    story.when(a.HearAlert, role="channel", incident=A, unit="E1", channel="phone")
    assert job.alert.heard_us < story.now_us, "the first that reached it counts"


def test_the_last_channel_that_fails_has_the_supervisor_told_an_earlier_one_does_not():
    story = ready().when(
        a.MissAlert, role="channel", incident=A, unit="E1", channel="pager", why="it is down"
    )
    assert story.reactions == []
    story.when(
        a.MissAlert, role="channel", incident=A, unit="E1", channel="phone", why="busy", last=True
    )
    [asked] = story.reactions
    assert isinstance(asked, a.TellSupervisor)
    assert (asked.about, asked.unit, asked.incident) == (NO_CHANNEL, "E1", A)
    story.when(asked, role="system")
    assert said(story.events[0]) == "The supervisor was told: no channel reached the crew, unit E1."


def test_who_has_signed_by_radio_needs_no_channel():
    story = ready(w.UnitAcknowledged(incident=A, unit="E1")).when(
        a.MissAlert, role="channel", incident=A, unit="E1", channel="p", why="down", last=True
    )
    assert story.reactions == []


def test_a_unit_that_comes_back_to_an_incident_is_alerted_anew():
    story = proposing().given(
        w.UnitCancelled(incident=A, unit="E1", reason="nearer one"), sent("E1", A)
    )
    alert = story.states["dispatch"].responses[A].jobs["E1"].alert
    assert (alert.state, alert.wanted, alert.reminded, alert.heard_us) == ("sent", "", 0, 0)


# -- what a ring asks for ---------------------------------------------------------------------


def test_every_word_that_acts_is_acted_on_and_every_act_has_its_word():
    assert set(ON_RING) == set(Act)


def test_another_unit_may_be_proposed_in_place_of_one_that_signed_and_did_not_go():
    """A step that is entered late leaves the clock running, which then asks for another unit."""
    story = ready(w.UnitAcknowledged(incident=A, unit="E1"))
    assert rings(story, rung("propose next")) == []
    asked = {"incident": A, "instead_of": "E1", "ring": ring_of(story), "unit": "E2"}
    story.when(a.ProposeNext, role="system", **asked, eta_s=90.0)
    alert = story.states["dispatch"].responses[A].jobs["E1"].alert
    assert (alert.state, alert.instead, alert.wanted) == ("proposed", "E2", "")


def test_a_ring_about_a_whole_incident_reminds_every_unit_under_way():
    story = ready(sent("E2", A), w.UnitCleared(incident=A, unit="E2"))
    [asked] = rings(story, rung("remind unit", unit=""))
    assert (asked.unit, asked.incident) == ("E1", A)


def test_each_of_several_units_is_reminded_by_a_command_of_its_own():
    asked = rings(ready(sent("E2", A)), rung("remind unit", unit=""))
    assert [one.unit for one in asked] == ["E1", "E2"]
    assert len({one.key for one in asked}) == 2  # under one key the second would be a repeat


def test_words_that_nothing_acts_on_set_nothing_off():
    assert rings(ready(), rung("show nearer units", "Remind unit")) == []


def test_a_call_that_waits_too_long_is_told_to_the_supervisor_until_it_is_answered():
    story = Story().given(i.CallRung(call="C1"))
    [asked] = rings(
        story, rung("escalate supervisor", incident="", unit="", call="C1", promise="answer")
    )
    story.when(asked, role="system")
    assert said(story.events[0]) == (
        "The supervisor was told: answer (1-3-5) was not kept within 30 s, call C1."
    )
    assert story.rows[-1].stream == "call:C1"
    assert len(story.states["dispatch"].escalations) == 1
    story.given(i.CallAnswered(call="C1"))
    assert story.states["dispatch"].escalations == {}


def test_what_was_told_about_a_call_belongs_to_the_incident_it_led_to():
    story = told(Story().given(i.CallRung(call="C1"), i.CallAnswered(call="C1")), incident="",
                 call="C1")  # fmt: skip
    story.given(opened(A, call="C1"))
    assert story.states["dispatch"].escalations[RING].incident == A
    story.given(w.IncidentClosed(incident=A, outcome="done"))
    assert story.states["dispatch"].escalations == {}


# -- the next unit ----------------------------------------------------------------------------


def test_a_proposal_answers_its_ring_once():
    story = proposing()
    ring = ring_of(story)
    story.when(a.ProposeNext, role="system", incident=A, instead_of="E1", ring=ring, unit="E2",
               eta_s=95.0)  # fmt: skip
    assert said(story.events[0]) == "Proposed instead of E1: E2, 95 s away."
    assert ring_of(story) == ""
    assert story.states["dispatch"].responses[A].jobs["E1"].alert.instead == "E2"
    story.when(a.ProposeNext, role="system", incident=A, instead_of="E1", ring=ring, unit="E2")
    story.refused(a.RingAnswered)


def test_that_nobody_is_free_is_said():
    story = proposing()
    story.when(a.ProposeNext, role="system", incident=A, instead_of="E1", ring=ring_of(story))
    assert said(story.events[0]) == "Proposed instead of E1: nobody is free."


@pytest.mark.parametrize("sign", [w.UnitAcknowledged, w.UnitEnRoute, w.UnitArrived])
def test_a_crew_that_signs_meanwhile_is_not_replaced(sign):
    story = proposing()
    ring = ring_of(story)
    story.given(sign(incident=A, unit="E1"))
    assert ring_of(story) == ""
    story.when(a.ProposeNext, role="system", incident=A, instead_of="E1", ring=ring, unit="E2")
    story.refused(a.RingAnswered)


# -- the supervisor ---------------------------------------------------------------------------


def test_a_supervisor_takes_note_and_nobody_else_may():
    for role in ("dispatcher", "call_taker", "crew", "administrator"):
        story = told(ready()).when(a.AcknowledgeEscalation, role=role, escalation=RING)
        story.refused(NotAllowed)
    story = told(ready()).when(
        a.AcknowledgeEscalation, role="supervisor", escalation=RING, remark="E2 goes"
    )
    story.then(a.EscalationAcknowledged(incident=A, escalation=RING, remark="E2 goes"))
    assert story.states["dispatch"].escalations[RING].state == "acknowledged"


def test_note_is_taken_of_all_that_stands_about_an_incident_at_once():
    story = told(told(told(ready()), escalation="4:1.1.3"), escalation="5:1.1.4", incident="",
                 call="C9")  # fmt: skip
    story.when(a.AcknowledgeEscalation, role="supervisor", escalation="4:1.1.3")
    assert [event.escalation for event in story.events] == [RING, "4:1.1.3"]


def test_note_can_be_taken_of_one_thing_only():
    story = told(told(ready()), escalation="4:1.1.3")
    story.when(a.AcknowledgeEscalation, role="supervisor", escalation="4:1.1.3", only=True)
    assert [event.escalation for event in story.events] == ["4:1.1.3"]
    assert story.states["dispatch"].escalations[RING].state == "open"


def test_what_belongs_to_no_incident_and_no_call_goes_when_note_is_taken():
    story = told(ready(), incident="").when(
        a.AcknowledgeEscalation, role="supervisor", escalation=RING
    )
    assert story.events
    assert story.states["dispatch"].escalations == {}


def test_a_closed_incident_leaves_no_escalation_behind():
    story = told(ready()).given(w.IncidentClosed(incident=A, outcome="done"))
    assert story.states["dispatch"].escalations == {}


# -- refusals ---------------------------------------------------------------------------------

PROVOKED = {
    a.NotAlerted: (
        lambda: ready(w.UnitCleared(incident=A, unit="E1")).when(
            a.HearAlert, role="channel", incident=A, unit="E1", channel="pager"
        ),
        "Not recorded: AlertHeard of E1 on incident 200930001. Its job there is cleared. "
        "Nothing needs to be done; nobody waits for it any more.",
    ),
    a.RingAnswered: (
        lambda: ready().when(
            a.ProposeNext, role="system", incident=A, instead_of="E1", ring=RING, unit="E2"
        ),
        "Not proposed: E2 for incident 200930001. The ring 3:7.2.9 asks for no proposal, or has "
        "had one. Nothing needs to be done; look at the incident for the proposal that stands.",
    ),
    a.AlreadyTold: (
        lambda: told(ready()).when(
            a.TellSupervisor, role="system", escalation=RING, incident=A, unit="E1"
        ),
        "Not told again: escalation 3:7.2.9. The supervisor was told at 14:00:00; it is open. "
        "Nothing needs to be done.",
    ),
    a.AlreadyNoted: (
        lambda: (
            told(ready())
            .given(a.EscalationAcknowledged(incident=A, escalation=RING), at=T0)
            .when(a.AcknowledgeEscalation, role="supervisor", escalation=RING)
        ),
        "Not acknowledged: escalation 3:7.2.9. It was acknowledged at 14:00:00. "
        "Nothing needs to be done; a colleague has it.",
    ),
}


@pytest.mark.parametrize("refusal", PROVOKED, ids=lambda cls: cls.__name__)
def test_a_refusal_says_what_was_not_done_because_of_what_and_what_to_do(refusal):
    story, text = PROVOKED[refusal]
    story().refused(refusal, text=text)


def test_every_refusal_is_provoked_here():
    assert set(a.REFUSALS) == set(PROVOKED)


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (a.HearAlert, {"role": "channel", "incident": "?", "unit": "E1", "channel": "p"}),
        (a.HearAlert, {"role": "channel", "incident": A, "unit": "E2", "channel": "p"}),
        (a.RemindUnit, {"incident": A, "unit": "?"}),
        (a.ProposeNext, {"role": "system", "incident": "?", "instead_of": "E1", "ring": RING}),
        (a.TellSupervisor, {"role": "system", "incident": "?", "escalation": RING}),
        (a.AcknowledgeEscalation, {"role": "supervisor", "escalation": RING}),
    ],
)
def test_what_is_not_in_the_record_is_said_to_be_unknown(command, fields):
    ready().when(command, **fields).refused(Unknown)


def test_a_proposed_unit_must_be_one_of_the_centre():
    story = proposing()
    story.when(
        a.ProposeNext, role="system", incident=A, instead_of="E1", ring=ring_of(story), unit="X9"
    ).refused(Unknown, what="unit")


# -- what an unknown consequence does ----------------------------------------------------------


def test_adopting_says_which_words_nothing_acts_on():
    standard = read_standard(shelf_text("one-three-five"))
    assert only_shown(standard.clocks) == ("ask the unit for its position",)
    town = Centre().adopt("one-three-five")
    [adopted] = [e for e in town.events() if isinstance(e, StandardAdopted)]
    assert adopted.only_shown == ("ask the unit for its position",)
    assert said(adopted).endswith(
        "When its clocks ring, people are only shown: ask the unit for its position."
    )


def test_a_misspelt_word_is_among_those_that_are_only_shown():
    text = shelf_text("one-three-five").replace('"remind unit"', '"remind  unit"')
    assert "remind  unit" in only_shown(read_standard(text).clocks)


# -- the README -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "steps"),
    [("## The life of an alert", ALERT), ("## The life of an escalation", ESCALATION)],
)
def test_the_readme_names_every_state_and_every_event_of_a_life(heading, steps):
    readme = Path(w.__file__).with_name("README.md").read_text("utf-8")
    section = readme.split(heading)[1].split("\n## ")[0]
    for state in steps.states:
        assert f"*{state}*" in section, state
    for _, event in steps.table:
        assert event.__name__ in section, event.__name__


@pytest.mark.parametrize(("command", "event"), [
    (w.Transport, w.UnitTransporting), (w.ReachHospital, w.UnitAtHospital),
])  # fmt: skip
def test_a_crew_that_is_next_heard_of_on_its_way_to_hospital_has_the_alert(command, event):
    story = proposing().when(command, incident=A, unit="E1")
    assert [type(one) for one in story.outcome] == [event]
    alert = story.states["dispatch"].responses[A].jobs["E1"].alert
    assert (alert.state, alert.wanted) == ("over", "")
