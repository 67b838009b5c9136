"""Field reports: who owes one, what it may say, what waits for it, and opening again."""

from __future__ import annotations

import pytest

from answerable.dispatch import alert_words as a
from answerable.dispatch import merge_words as merge
from answerable.dispatch import move_words as move
from answerable.dispatch import report_words as r
from answerable.dispatch import words as w
from answerable.dispatch.state import REPORT, RESPONSE
from answerable.intake import words as intake
from answerable.kernel.refusals import NotAllowed, Unknown, WrongStep
from answerable.towns.outcomes import NOTHING_OWED
from tests.dispatch.reporting import reporting_town
from tests.story import Centre, Story, on_duty, opened, sent

A, B = "200930001", "200930002"


def ready(*units: str, kind: str = "Fire") -> Story:
    """Incident A of a kind in a town that asks for reports, with units that were sent to it."""
    story = Story(reporting_town()).given(opened(A, kind=kind), opened(B, kind=kind))
    for unit in units or ("E1",):
        story.given(*on_duty(unit), sent(unit, A))
    return story


def there(*units: str, kind: str = "Fire") -> Story:
    """The same with the units at the place."""
    story = ready(*units, kind=kind)
    for unit in units or ("E1",):
        story.when(w.Arrive, role="crew", incident=A, unit=unit)
    return story


def report_of(story: Story, unit: str = "E1") -> str:
    return story.states["dispatch"].responses[A].jobs[unit].report


# -- who owes one ----------------------------------------------------------------------------


def test_a_unit_at_the_place_owes_a_report_where_the_town_says_so():
    story = there()
    story.then(w.UnitArrived(incident=A, unit="E1", skipped=("acknowledged", "en route"),
                             owes="report"))  # fmt: skip
    assert report_of(story) == "owed"


@pytest.mark.parametrize(("unit", "kind"), [("M1", "Fire"), ("E1", "Other"), ("M1", "Medical")])
def test_the_first_rule_that_fits_kind_and_agency_counts(unit, kind):
    story = there(unit, kind=kind)
    assert story.events[0].owes == ""
    assert report_of(story, unit) == "not owed"


def test_a_changed_kind_decides_who_owes_from_then_on():
    story = ready("E1", "E2")
    story.when(w.Arrive, role="crew", incident=A, unit="E1")
    story.when(intake.ChangeKind, incident=A, kind="Other", priority="1", reason="a bonfire")
    story.when(w.Arrive, role="crew", incident=A, unit="E2")
    assert (report_of(story, "E1"), report_of(story, "E2")) == ("owed", "not owed")


@pytest.mark.parametrize("step", [w.Transport, w.ReachHospital])
def test_whoever_skips_the_arrival_owes_it_from_the_next_step(step):
    story = ready().when(step, role="crew", incident=A, unit="E1")
    assert story.events[0].owes == "report"
    assert report_of(story) == "owed"


def test_who_has_reported_owes_nothing_at_the_hospital():
    story = there(kind="Medical")
    story.when(w.ReportBack, role="crew", incident=A, unit="E1", code="helped")
    story.when(w.Transport, role="crew", incident=A, unit="E1", hospital="General")
    assert story.events[0].owes == ""
    assert report_of(story) == "given"


def test_what_an_importer_brings_owes_nothing():
    story = ready().when(w.Arrive, role="importer", incident=A, unit="E1")
    assert story.events[0].owes == ""


def test_a_unit_that_comes_a_second_time_owes_a_second_report():
    story = there().when(w.ReportBack, role="crew", incident=A, unit="E1", code="out")
    story.when(w.ClearUnit, role="crew", incident=A, unit="E1")
    story.when(w.SendUnit, incident=A, unit="E1")
    assert report_of(story) == "not owed"
    story.when(w.Arrive, role="crew", incident=A, unit="E1")
    assert report_of(story) == "owed"


def test_a_unit_sent_again_before_it_reported_still_owes_the_first_one():
    story = there().when(w.ClearUnit, role="crew", incident=A, unit="E1")
    story.when(w.SendUnit, incident=A, unit="E1")
    story.when(w.CancelUnit, incident=A, unit="E1", reason="not needed")
    story.when(w.CloseIncident, incident=A, outcome="over").refused(r.ReportMissing, units="E1")
    story.when(w.ReportBack, role="crew", incident=A, unit="E1", code="out")
    story.when(w.CloseIncident, incident=A, outcome="over")
    assert isinstance(story.events[0], w.IncidentClosed)


def test_a_unit_exchanged_on_its_way_back_still_gives_the_report_it_owes():
    story = there("E1").given(*on_duty("E2"))
    story.when(w.ClearUnit, role="crew", incident=A, unit="E1")
    story.when(w.SendUnit, incident=A, unit="E1")
    story.when(move.ExchangeUnits, incident=A, unit="E1", by="E2", reason="nearer")
    assert report_of(story) == "owed"
    story.when(w.ReportBack, role="crew", incident=A, unit="E1", code="out")
    assert report_of(story) == "given"


# -- what it may say -------------------------------------------------------------------------


def test_a_report_says_the_outcome_of_the_list_and_whose_crew_it_was():
    there().when(w.ReportBack, role="crew", incident=A, unit="E1", code="out", words="a pan").then(
        w.FieldReported(incident=A, unit="E1", outcome="Put out", words="a pan", code="out",
                        agency="fire")
    )  # fmt: skip


def test_words_of_ones_own_stand_beside_the_listed_outcome():
    story = there().when(
        w.ReportBack, role="crew", incident=A, unit="E1", code="out", outcome="one pan"
    )
    assert (story.events[0].code, story.events[0].outcome) == ("out", "one pan")


@pytest.mark.parametrize("code", ["", "helped", "dragon"])
def test_an_outcome_that_is_not_listed_for_kind_and_agency_is_refused(code):
    told = f"; {code} is none of them" if code else ""
    there().when(
        w.ReportBack, role="crew", incident=A, unit="E1", code=code, outcome="as it was"
    ).refused(
        r.OutcomeNotListed,
        text=f"Not recorded: the report of E1. It has no outcome of the list for Fire{told}. "
        "Choose one of: out, nothing.",
    )


def test_a_code_where_the_town_lists_none_is_refused_and_own_words_are_taken():
    story = there("M1", kind="Other")
    report = {"role": "crew", "incident": A, "unit": "M1"}
    story.when(w.ReportBack, **report, code="out").refused(r.OutcomeNotListed, possible="-")
    story.when(w.ReportBack, **report, outcome=" ").refused(
        r.NoOutcome,
        text="Not recorded: the report of M1. It says nothing of the outcome. "
        "Say in one line what came of it.",
    )
    story.when(w.ReportBack, **report, outcome="brought home")
    assert story.events[0].outcome == "brought home"


def test_a_report_is_given_for_the_units_own_agency_only():
    there().when(
        w.ReportBack, incident=A, unit="E1", code="out", agency="ambulance"
    ).refused(
        r.NotTheAgency,
        text="Not recorded: the report of E1. It was given for ambulance; E1 belongs to fire. "
        "Leave the agency out, or give the unit's own.",
    )  # fmt: skip


def test_what_a_source_reports_is_taken_as_it_is():
    story = there().when(w.ReportBack, role="importer", incident=A, unit="E1", outcome="Fire")
    assert (story.events[0].outcome, story.events[0].code) == ("Fire", "")


# -- closing ---------------------------------------------------------------------------------


def cleared(*units: str) -> Story:
    story = there(*units)
    for unit in units or ("E1",):
        story.when(w.ClearUnit, role="crew", incident=A, unit=unit)
    return story


def test_an_incident_is_not_closed_while_a_report_is_missing():
    story = cleared("E1", "E2", "E3")
    story.when(w.ReportBack, incident=A, unit="E2", code="out")
    story.when(w.ReportBack, incident=A, unit="E3", code="out")
    story.when(r.ReturnReport, incident=A, unit="E3", reason="which flat")
    story.when(w.CloseIncident, incident=A, outcome="over").refused(
        r.ReportMissing,
        text=f"Not closed: incident {A}. A report is missing: E1 came to the place and gave none; "
        "E3 got theirs back for completion. "
        "Have each of them report, or enter what they say by radio; then close it.",
    )
    story.when(w.ReportBack, incident=A, unit="E1", code="out")
    story.when(w.CloseIncident, incident=A, outcome="over").refused(
        r.ReportMissing, units="", returned="E3"
    )
    story.when(w.ReportBack, incident=A, unit="E3", code="nothing")
    story.when(w.CloseIncident, incident=A, outcome="over").then(
        w.IncidentClosed(incident=A, outcome="over")
    )


def test_a_unit_on_it_is_named_before_a_report_that_is_missing():
    there().when(w.CloseIncident, incident=A, outcome="over").refused(w.UnitsAttached, units="E1")


def test_a_unit_that_was_called_off_on_the_way_owes_nothing():
    story = ready().when(w.CancelUnit, incident=A, unit="E1", reason="not needed")
    story.when(w.CloseIncident, incident=A, outcome="over")
    assert story.events


def test_an_importer_closes_and_names_whose_report_the_source_has_not():
    story = cleared("E1", "E2").when(w.ReportBack, incident=A, unit="E2", code="out")
    story.when(w.CloseIncident, role="importer", incident=A, outcome="Fire").then(
        w.IncidentClosed(incident=A, outcome="Fire", marks=("closed without a field report of E1",))
    )


def test_in_a_town_without_the_file_nobody_owes_a_report_and_own_words_do():
    town = reporting_town()
    town.outcomes = NOTHING_OWED
    story = Story(town).given(opened(A, kind="Fire"), *on_duty("E1"), sent("E1", A))
    story.when(w.Arrive, role="crew", incident=A, unit="E1")
    story.when(w.ReportBack, role="crew", incident=A, unit="E1", outcome="put out")
    assert story.events[0].code == ""
    story.when(w.ClearUnit, role="crew", incident=A, unit="E1")
    story.when(w.CloseIncident, incident=A, outcome="over")
    assert story.events


# -- sent back -------------------------------------------------------------------------------


def reported() -> Story:
    return cleared().when(w.ReportBack, role="crew", incident=A, unit="E1", code="out")


def test_a_report_goes_back_with_a_reason_and_is_owed_again():
    story = reported().when(r.ReturnReport, incident=A, unit="E1", reason="which flat")
    story.then(r.ReportReturned(incident=A, unit="E1", reason="which flat"))
    assert report_of(story) == "returned"


def test_also_the_report_of_a_closed_incident_goes_back_and_the_incident_stays_closed():
    story = reported().when(w.CloseIncident, incident=A, outcome="over")
    story.when(r.ReturnReport, incident=A, unit="E1", reason="which flat")
    assert report_of(story) == "returned"
    assert story.states["dispatch"].responses[A].state == "closed"
    story.when(w.ReportBack, role="crew", incident=A, unit="E1", code="nothing")
    assert report_of(story) == "given"


def test_what_was_not_given_cannot_go_back():
    cleared().when(r.ReturnReport, incident=A, unit="E1", reason="too short").refused(
        WrongStep, state="owed"
    )
    story = reported().when(r.ReturnReport, incident=A, unit="E1", reason="too short")
    story.when(r.ReturnReport, incident=A, unit="E1", reason="again").refused(
        WrongStep, state="returned", possible="FieldReported, ReportReminded"
    )


def test_the_report_of_a_merged_incident_stays_as_it_is():
    story = reported().when(merge.MergeIncident, incident=A, into=B, reason="same fire")
    story.when(r.ReturnReport, incident=A, unit="E1", reason="which flat").refused(
        WrongStep, state="merged"
    )


def test_a_report_of_nobody_cannot_go_back():
    ready().when(r.ReturnReport, incident="9", unit="E1", reason="why").refused(Unknown)
    ready().when(r.ReturnReport, incident=A, unit="E9", reason="why").refused(Unknown)


# -- reminded --------------------------------------------------------------------------------


def reminded(story: Story, **more) -> Story:
    return story.when(r.RemindReport, **({"incident": A, "unit": "E1"} | more))


def test_a_unit_that_has_cleared_is_reminded_of_the_report_that_it_owes():
    story = reminded(cleared())
    story.then(r.ReportReminded(incident=A, unit="E1"))
    assert report_of(story) == "owed"
    story = reported().when(r.ReturnReport, incident=A, unit="E1", reason="which flat")
    reminded(story).then(r.ReportReminded(incident=A, unit="E1"))
    assert report_of(story) == "returned"


def test_nobody_is_reminded_again_before_ten_minutes_have_passed():
    story = reminded(cleared())
    since, again = (story.town.clock(story.now_us + s * 1_000_000) for s in (0, 600))
    reminded(story, after_s=599).refused(r.RemindedAlready, since=since, again=again)
    reminded(story, after_s=1).then(r.ReportReminded(incident=A, unit="E1"))


def test_a_crew_that_was_alerted_again_a_moment_ago_is_not_rung_twice():
    story = there().when(a.RemindUnit, incident=A, unit="E1")
    reminded(story, after_s=60).refused(r.RemindedAlready)


def test_after_a_report_went_back_the_reminder_of_before_does_not_count():
    story = reminded(cleared())
    story.when(w.ReportBack, role="crew", incident=A, unit="E1", code="out")
    story.when(r.ReturnReport, incident=A, unit="E1", reason="which flat")
    reminded(story).then(r.ReportReminded(incident=A, unit="E1"))


def test_only_of_a_report_that_is_owed_is_a_unit_reminded():
    reminded(ready()).refused(WrongStep, state="not owed")
    reminded(reported()).refused(WrongStep, state="given")
    reminded(ready(), unit="E9").refused(Unknown)
    reminded(cleared(), role="crew").refused(NotAllowed)
    story = cleared().when(merge.MergeIncident, incident=A, into=B, reason="same fire")
    reminded(story).refused(WrongStep, state="merged")


def test_a_clock_that_rings_reminds_a_unit_that_has_cleared_once():
    town = Centre(town=reporting_town()).adopt("one-three-five").duty("E1")
    incident = town.incident(kind="Fire")
    town.done(w.SendUnit, incident=incident, unit="E1")
    for step in (w.Arrive, w.ClearUnit):
        town.done(step, role="dispatcher", incident=incident, unit="E1")
    town.tick(1801)
    names = [type(event).__name__ for event in town.events()]
    assert names.count("ReportReminded") == 1
    assert "UnitReminded" not in names
    assert names.index("ClockRang") < names.index("ReportReminded")
    town.tick(7200)
    assert [type(event).__name__ for event in town.events()].count("ReportReminded") == 1


def test_that_a_reminder_of_a_report_was_heard_is_recorded_also_of_a_unit_that_has_cleared():
    story = reminded(cleared())
    story.when(a.HearAlert, role="channel", incident=A, unit="E1", channel="pager")
    story.then(a.AlertHeard(incident=A, unit="E1", channel="pager"))
    heard = {"incident": A, "unit": "E1", "channel": "pager"}
    reported().when(a.HearAlert, role="channel", **heard).refused(a.NotAlerted)


def test_a_crew_does_not_send_reports_back():
    reported().when(r.ReturnReport, role="crew", incident=A, unit="E1", reason="why").refused(
        NotAllowed
    )


# -- by the desk -----------------------------------------------------------------------------

KEYED = (
    (w.Acknowledge, {}), (w.GoEnRoute, {}), (w.Arrive, {}), (w.Transport, {}),
    (w.ReachHospital, {}), (w.ReportBack, {"code": "out"}), (w.ClearUnit, {}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("role", "by_desk"),
    [("dispatcher", True), ("supervisor", True), ("crew", False), ("importer", False)],
)
def test_a_step_says_whether_the_desk_keyed_it(role, by_desk):
    story = ready()
    for command, fields in KEYED:
        story.when(command, role=role, incident=A, unit="E1", **fields)
        assert story.events[0].by_desk is by_desk, command


# -- opening again ---------------------------------------------------------------------------


def closed() -> Story:
    return ready().given(
        w.UnitCancelled(incident=A, unit="E1", reason="not needed"),
        w.IncidentClosed(incident=A, outcome="over"),
    )


def state_of(story: Story) -> str:
    return story.states["dispatch"].responses[A].state


def test_opening_again_is_asked_for_and_granted():
    story = closed().when(r.AskReopening, role="call_taker", incident=A, reason="smoke again")
    story.then(r.ReopeningAsked(incident=A, reason="smoke again"))
    assert state_of(story) == "reopening asked"
    story.when(r.GrantReopening, role="supervisor", incident=A, reason="an engine is near").then(
        r.ReopeningGranted(incident=A, reason="an engine is near"),
        w.IncidentReopened(incident=A, reason="an engine is near"),
    )
    assert state_of(story) == "open"


def test_opening_again_is_declined_with_a_reason_and_may_be_asked_for_again():
    story = closed().when(r.AskReopening, incident=A, reason="smoke again")
    story.when(r.DeclineReopening, role="supervisor", incident=A, reason="it is a barbecue")
    story.then(r.ReopeningDeclined(incident=A, reason="it is a barbecue"))
    assert state_of(story) == "closed"
    story.when(r.AskReopening, incident=A, reason="it is not")
    assert state_of(story) == "reopening asked"


def test_whoever_may_reopens_at_once_also_while_it_is_asked_for():
    story = closed().when(r.AskReopening, incident=A, reason="smoke again")
    story.when(w.ReopenIncident, incident=A, reason="flames")
    assert state_of(story) == "open"


@pytest.mark.parametrize("command", [r.GrantReopening, r.DeclineReopening])
def test_nothing_is_decided_that_was_not_asked(command):
    closed().when(command, role="supervisor", incident=A, reason="why not").refused(
        WrongStep, state="closed"
    )


def test_an_open_incident_is_not_asked_to_be_reopened():
    ready().when(r.AskReopening, incident=A, reason="again").refused(WrongStep, state="open")


@pytest.mark.parametrize("role", ["call_taker", "dispatcher", "crew"])
def test_only_a_supervisor_decides_on_it(role):
    story = closed().when(r.AskReopening, incident=A, reason="again")
    story.when(r.GrantReopening, role=role, incident=A, reason="yes").refused(NotAllowed)


def test_while_it_is_asked_no_unit_is_sent():
    story = closed().when(r.AskReopening, incident=A, reason="again")
    story.when(w.SendUnit, incident=A, unit="E1").refused(w.IncidentIsClosed)


def test_a_centre_that_begins_anew_knows_what_is_owed_and_what_is_asked():
    town = Centre(town=reporting_town()).duty("E1")
    first = town.incident(kind="Fire")
    town.done(w.SendUnit, incident=first, unit="E1")
    town.done(w.Arrive, role="crew", own="E1", incident=first, unit="E1")
    town.done(w.ClearUnit, role="crew", own="E1", incident=first, unit="E1")
    town.restart(use_snapshot=False)
    refusal = town.refused(w.CloseIncident, incident=first, outcome="over")
    assert isinstance(refusal, r.ReportMissing)
    town.done(w.ReportBack, role="crew", own="E1", incident=first, unit="E1", code="out")
    town.done(w.CloseIncident, incident=first, outcome="over")
    town.done(r.AskReopening, incident=first, reason="smoke")
    town.restart(use_snapshot=False)
    town.done(r.GrantReopening, role="supervisor", incident=first, reason="go")
    assert town.board.line(first).state == "open"


def test_every_state_of_the_two_lives_was_met_here():
    assert set(REPORT.states) == {"not owed", "owed", "given", "returned"}
    assert {"reopening asked", "reopening granted"} <= set(RESPONSE.states)
