"""What pages read of field reports: what is owed and asked for, and who keyed the steps."""

from __future__ import annotations

import pytest

from answerable.dispatch import report_views as views
from answerable.dispatch import report_words as r
from answerable.dispatch import words as w
from answerable.dispatch.report_views import KEPT_DAYS, Asked, Owed, name_of
from tests.dispatch.reporting import reporting_town
from tests.dispatch.test_report_rules import A, B, cleared, closed, ready, there
from tests.story import T0, US, Story, on_duty, opened, sent

DAY_S = 86_400


def reports(story: Story) -> views.Reports:
    return story.states["reports"]


def job(story: Story, unit: str = "E1"):
    return story.states["board"].line(A).jobs[unit]


def test_an_owed_report_is_listed_with_its_station_since_the_unit_was_there():
    story = there()
    assert reports(story).owed == {name_of(A, "E1"): Owed(A, "E1", "1", story.now_us)}
    assert job(story).report == "owed"


def test_since_when_stays_while_the_unit_goes_on_to_the_hospital():
    story = there(kind="Medical")
    since_us = story.now_us
    story.when(w.Transport, role="crew", after_s=600, incident=A, unit="E1")
    assert reports(story).owed[name_of(A, "E1")].since_us == since_us


def test_a_given_report_is_listed_no_more_and_one_sent_back_is_again_with_the_reason():
    story = cleared().when(w.ReportBack, role="crew", incident=A, unit="E1", code="out")
    assert reports(story).owed == {}
    story.when(r.ReturnReport, after_s=60, incident=A, unit="E1", reason="which flat")
    [owed] = reports(story).owed.values()
    assert (owed.reason, owed.since_us) == ("which flat", story.now_us)
    assert job(story).report == "returned"
    story.when(w.ReportBack, role="crew", incident=A, unit="E1", code="out")
    assert reports(story).owed == {}


def test_when_a_crew_was_last_reminded_is_listed_until_its_report_goes_back_again():
    story = cleared().when(r.RemindReport, after_s=60, incident=A, unit="E1")
    [owed] = reports(story).owed.values()
    assert owed.reminded_us == story.now_us
    story.when(w.ReportBack, role="crew", incident=A, unit="E1", code="out")
    story.when(r.ReturnReport, incident=A, unit="E1", reason="which flat")
    [owed] = reports(story).owed.values()
    assert owed.reminded_us == 0


def test_what_is_not_owed_is_not_listed():
    assert reports(there("M1")).owed == {}


def test_the_list_is_bounded_and_the_oldest_gives_way(monkeypatch):
    monkeypatch.setattr(views, "OWED_MAX", 1)
    story = there("E1", "E2")
    assert [one.unit for one in reports(story).owed.values()] == ["E2"]


def test_an_opening_is_listed_from_the_asking_to_the_answer():
    story = closed().when(r.AskReopening, incident=A, reason="smoke again")
    assert reports(story).asked == {A: Asked(A, story.now_us, "smoke again")}
    assert story.states["board"].line(A).state == "reopening asked"
    story.when(r.DeclineReopening, role="supervisor", incident=A, reason="a barbecue")
    assert (reports(story).asked, story.states["board"].line(A).state) == ({}, "closed")
    story.when(r.AskReopening, incident=A, reason="smoke again")
    story.when(r.GrantReopening, role="supervisor", incident=A, reason="an engine is near")
    assert reports(story).asked == {}
    assert story.states["board"].line(A).state == "open"


# -- who keyed it ----------------------------------------------------------------------------


def test_steps_are_counted_by_unit_and_day_and_by_station_and_hour():
    story = ready()
    story.when(w.Acknowledge, role="crew", incident=A, unit="E1")
    story.when(w.Arrive, role="dispatcher", incident=A, unit="E1")
    day, hour = T0 // (DAY_S * US), T0 // (3600 * US)
    assert reports(story).units == {day: {"E1": [2, 1]}}
    assert reports(story).stations == {hour: {"1": [2, 1]}}
    assert job(story).by_desk == ["UnitArrived"]


def test_a_unit_that_is_sent_anew_begins_without_marks():
    story = cleared().when(w.SendUnit, incident=A, unit="E1")
    story.when(w.Acknowledge, role="dispatcher", incident=A, unit="E1")
    assert job(story).by_desk == ["UnitAcknowledged"]


def test_what_an_importer_brings_is_not_counted():
    story = Story(reporting_town()).given(opened(B), *on_duty("E1"), sent("E1", B))
    fold = views.REPORTS.arms.table[w.UnitArrived.tag]
    event = w.UnitArrived(incident=B, unit="E1")
    fold(reports(story), event, story.rows[-1]._replace(actor="importer"))
    assert reports(story).units == {}
    fold(reports(story), event, story.rows[-1])
    assert reports(story).units != {}


def test_counts_are_kept_for_some_days_only():
    story = ready()
    for day in range(KEPT_DAYS + 3):
        story.when(w.Acknowledge, role="crew", after_s=DAY_S * (day > 0), incident=A, unit="E1")
        story.when(w.CancelUnit, after_s=0, incident=A, unit="E1", reason="no")
        story.when(w.SendUnit, after_s=0, incident=A, unit="E1")
    first = T0 // (DAY_S * US)
    assert sorted(reports(story).units) == list(range(first + 3, first + KEPT_DAYS + 3))
    assert len(reports(story).stations) <= KEPT_DAYS
    oldest = min(reports(story).stations)
    assert oldest >= (story.now_us // (3600 * US)) - KEPT_DAYS * 24


@pytest.mark.parametrize("fold", ["units", "stations"])
def test_no_figure_is_kept_by_a_person(fold):
    story = there().when(w.ClearUnit, role="dispatcher", name="somebody", incident=A, unit="E1")
    counted = getattr(reports(story), fold)
    assert "somebody" not in str(counted)
