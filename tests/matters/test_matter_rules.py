"""Given a matter as it stands, when somebody acts on it, then these events (or this refusal)."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from answerable.intake import words as intake
from answerable.kernel.authority import Actor
from answerable.kernel.hub import Accepted, Ask
from answerable.kernel.refusals import (
    NotAllowed,
    NotYourArea,
    NotYourUnit,
    Refusal,
    Unknown,
    WrongStep,
)
from answerable.matters import matter_words as w
from answerable.matters.matter_state import CLOSED, FINISHED, OPEN, SUSPENDED, Matter
from answerable.matters.problem_words import OpenProblem
from answerable.towns.load import read_matters
from answerable.towns.model import Town
from answerable.towns.terms import Reminder
from tests.story import T0, US, ZONE, Centre, at_local, make, toy_town

DAY = 86_400 * US
PACKAGED = read_matters(Path("there is no such file"))
HAND: dict[str, Any] = {
    "kind": "follow-up", "words": "ask whether the door was repaired", "owner_sort": "unit",
    "owner": "E1",
}  # fmt: skip
NOTE = "the door is repaired"


def town() -> Town:
    made = toy_town()
    made.matters = PACKAGED
    return made


@pytest.fixture
def centre() -> Centre:
    return Centre(town=town())


def opened(centre: Centre, **fields: Any) -> str:
    event = centre.done(w.OpenMatter, **(HAND | fields))[0]
    assert isinstance(event, w.MatterOpened)
    return event.matter


def matter(centre: Centre, number: str = "M1") -> Matter:
    found = centre.state("matters").tracked.find(number)
    assert isinstance(found, Matter)
    return found


def day(at_us: int) -> str:
    return f"{datetime.datetime.fromtimestamp(at_us / US, ZONE):%Y-%m-%d %H:%M:%S}"


def finished(centre: Centre, number: str = "M1", **who: Any) -> None:
    centre.done(w.FinishMatter, matter=number, result="done", words=NOTE, **who)


# -- opening ---------------------------------------------------------------------------------


def test_a_matter_has_its_norm_and_its_term_from_the_moment_it_is_opened(centre):
    """Thursday 2 April 2020: five and ten working days end on the 9th and the 16th."""
    first, timed = centre.done(w.OpenMatter, **HAND)
    assert first == w.MatterOpened(
        matter="M1", matter_kind="follow-up", origin=w.Origin.HAND, owner_sort=w.OwnerSort.UNIT,
        owner="E1", words=first.words,
    )  # fmt: skip
    assert day(timed.norm_us) == "2020-04-09 23:59:59"
    assert day(timed.term_us) == "2020-04-16 23:59:59"
    assert matter(centre).state == OPEN


def test_what_a_matter_is_about_is_sealed_under_a_key_of_its_own(centre):
    opened(centre)
    row = next(iter(centre.store.stream("matter:M1")))
    assert b"repaired" not in row.body
    assert centre.store.unseal(row.position, "words") == HAND["words"]
    assert "repaired" not in repr(centre.state("matters"))


def test_matters_are_numbered_on_and_no_number_comes_twice(centre):
    assert [opened(centre) for _ in range(3)] == ["M1", "M2", "M3"]
    finished(centre, "M3", name="ada")
    centre.done(w.SignOffMatter, matter="M3", role="supervisor")
    assert opened(centre) == "M4"


@pytest.mark.parametrize(
    ("origin", "about", "fits"),
    [
        ("incident", "200930004", True), ("incident", "", False), ("incident", "a b", False),
        ("problem", "P1", True), ("problem", "P3", False),
        ("problem", "P１", False), ("problem", "3", False), ("complaint", "", True),
        ("complaint", "200930004", False), ("order", "", True), ("hand", "P3", False),
    ],
)  # fmt: skip
def test_a_matter_names_what_it_comes_from_where_that_has_a_number(centre, origin, about, fits):
    centre.done(OpenProblem, place="10 OAK ST", because="falls", role="supervisor")
    outcome = centre.do(w.OpenMatter, **(HAND | {"origin": origin, "about": about}))
    assert isinstance(outcome, Accepted) is fits
    if not fits:
        assert isinstance(outcome.refusal, w.AboutWhat)


@pytest.mark.parametrize(
    ("sort", "owner", "fits"),
    [
        ("unit", "E1", True), ("unit", "E99", False), ("role", "supervisor", True),
        ("role", "system", False), ("role", "ada", False), ("station", "1", False),
    ],
)  # fmt: skip
def test_an_owner_is_a_role_a_unit_or_a_station_of_the_town_and_never_a_person(
    centre, sort, owner, fits
):
    outcome = centre.do(w.OpenMatter, **(HAND | {"owner_sort": sort, "owner": owner}))
    assert isinstance(outcome, Accepted) is fits
    if not fits:
        assert isinstance(outcome.refusal, w.NotNamed)


def test_a_kind_the_town_does_not_have_is_refused_with_those_it_has(centre):
    refusal = centre.refused(w.OpenMatter, **(HAND | {"kind": "whatever"}))
    assert isinstance(refusal, w.NotNamed)
    assert "follow-up" in refusal.known


def test_a_centre_keeps_so_many_matters(centre, monkeypatch):
    monkeypatch.setattr(w, "MATTERS_MAX", 2)
    opened(centre)
    opened(centre)
    assert isinstance(centre.refused(w.OpenMatter, **HAND), w.TooManyMatters)


def test_a_crew_opens_no_matter(centre):
    assert isinstance(centre.refused(w.OpenMatter, **HAND, role="crew", own="E1"), NotAllowed)


# -- who has it ------------------------------------------------------------------------------


def test_a_matter_is_in_one_persons_hand_at_a_time(centre):
    opened(centre)
    centre.done(w.TakeMatter, matter="M1", name="ada")
    assert isinstance(centre.refused(w.TakeMatter, matter="M1", name="bo"), w.HeldAlready)
    assert isinstance(centre.refused(w.LeaveMatter, matter="M1", name="bo"), w.NotInHand)
    centre.done(w.LeaveMatter, matter="M1", name="ada")
    centre.done(w.TakeMatter, matter="M1", name="bo")
    assert matter(centre).holder == "bo"


def test_a_matter_that_is_given_on_is_in_nobodys_hand(centre):
    opened(centre)
    centre.done(w.TakeMatter, matter="M1", name="ada")
    centre.done(
        w.GiveMatter, matter="M1", owner_sort="role", owner="supervisor", reason="not a crew's work"
    )
    assert (matter(centre).owner, matter(centre).holder) == ("supervisor", "")
    refusal = centre.refused(
        w.GiveMatter, matter="M1", owner_sort="unit", owner="X", reason="a slip"
    )
    assert isinstance(refusal, w.NotNamed)


def test_a_crew_acts_on_its_own_units_matters_only(centre):
    opened(centre)
    opened(centre, owner="E2")
    opened(centre, owner_sort="role", owner="supervisor")
    crew = {"role": "crew", "own": "E1"}
    centre.done(w.ProgressMatter, matter="M1", words=NOTE, **crew)
    for number in ("M2", "M3"):
        refused = centre.refused(w.ProgressMatter, matter=number, words=NOTE, **crew)
        assert isinstance(refused, NotYourUnit)
        assert isinstance(centre.refused(w.ReadMatter, matter=number, **crew), NotYourUnit)


def test_a_matter_that_is_not_there_is_unknown(centre):
    for command, fields in (
        (w.TakeMatter, {}), (w.ReadMatter, {}), (w.NoteRung, {"outcome": "reached"}),
    ):  # fmt: skip
        assert isinstance(centre.refused(command, matter="M9", **fields), Unknown)


# -- the clocks ------------------------------------------------------------------------------


def test_the_clocks_stand_still_and_run_on_with_the_days_they_stood(centre):
    """From Thursday to Tuesday: Friday, Monday and Tuesday are three working days."""
    opened(centre)
    centre.done(w.SuspendMatter, matter="M1", reason="the parts are ordered", until_us=T0 + 9 * DAY)
    assert matter(centre).state == SUSPENDED
    centre.tick(5 * 86_400)
    centre.done(w.ResumeMatter, matter="M1")
    assert matter(centre).state == OPEN
    assert day(matter(centre).norm_us) == "2020-04-14 23:59:59"
    assert day(matter(centre).term_us) == "2020-04-21 23:59:59"


def test_a_standstill_ends_by_itself_on_its_day(centre):
    opened(centre)
    centre.done(w.SuspendMatter, matter="M1", reason="away", until_us=T0 + 4 * DAY)
    centre.tick(4 * 86_400 + 1)
    assert matter(centre).state == OPEN
    assert matter(centre).until_us == 0


def test_nobody_is_reminded_while_the_clocks_stand_still(centre):
    opened(centre)
    centre.done(w.SuspendMatter, matter="M1", reason="away", until_us=T0 + 13 * DAY)
    assert list(centre.state("matters").alarms.due) == ["matter-standstill:M1"]
    centre.tick(12 * 86_400)
    assert matter(centre).reminded_us == 0
    refused = centre.refused(w.RemindMatter, matter="M1", way="page")
    assert isinstance(refused, WrongStep)


@pytest.mark.parametrize("days", [-1, 0, 16, 400])
def test_a_standstill_ends_on_a_day_to_come_that_the_kind_allows(centre, days):
    opened(centre)
    refused = centre.refused(w.SuspendMatter, matter="M1", reason="away", until_us=T0 + days * DAY)
    assert isinstance(refused, w.NotThatDay)
    assert refused.most == 14


@pytest.mark.parametrize(
    ("now", "last", "allowed"),
    [
        ("2020-10-20T00:20", "2020-11-03T23:59:59", True),  # a day of 25 hours lies between
        ("2020-10-20T00:20", "2020-11-04T00:00", False),
        ("2020-03-01T23:50", "2020-03-15T23:59:59", True),  # and one of 23
        ("2020-03-01T00:20", "2020-03-16T00:30", False),
    ],
)
def test_the_last_day_of_a_standstill_is_a_day_of_the_calendar_over_a_change_of_clocks(
    now, last, allowed
):
    centre = Centre(town=town(), now_us=at_local(now))
    opened(centre)
    fields = {"matter": "M1", "reason": "away", "until_us": at_local(last)}
    if allowed:
        centre.done(w.SuspendMatter, **fields)
    else:
        assert isinstance(centre.refused(w.SuspendMatter, **fields), w.NotThatDay)


def test_the_clocks_of_some_kinds_never_stand_still(centre):
    opened(centre, kind="records")
    refused = centre.refused(w.SuspendMatter, matter="M1", reason="away", until_us=T0 + DAY)
    assert isinstance(refused, w.NoStandstill)


def test_only_the_term_is_extended_and_only_as_often_as_the_kind_allows(centre):
    opened(centre)
    before = matter(centre).norm_us
    extended, _timed = centre.done(w.ExtendMatter, matter="M1", reason="the owner is away")
    assert extended.days == 5
    assert day(matter(centre).term_us) == "2020-04-23 23:59:59"
    assert matter(centre).norm_us == before
    refused = centre.refused(w.ExtendMatter, matter="M1", reason="once more")
    assert isinstance(refused, w.NoExtension)
    assert (refused.most, refused.times) == (1, 1)


# -- reminders -------------------------------------------------------------------------------


def by_the_hour(centre: Centre, *, days: int) -> None:
    for _hour in range(days * 24):
        centre.tick(3600)


def ways(centre: Centre) -> list[tuple[str, str, str]]:
    rows = centre.store.stream("matter:M1")
    events = [(row, centre.hub.rooms.decode(row)) for row in rows]
    return [
        (day(row.happened_at), str(e.way), str(e.due))
        for row, e in events
        if isinstance(e, w.MatterReminded)
    ]


def test_an_owner_is_reminded_on_the_days_and_by_the_ways_of_the_kinds_table(centre):
    """Norm Thursday the 9th, term Thursday the 16th; reminders come at nine in the morning."""
    opened(centre)
    by_the_hour(centre, days=20)
    assert ways(centre) == [
        ("2020-04-08 09:00:00", "page", "norm"),
        ("2020-04-09 09:00:00", "message", "norm"),
        ("2020-04-15 09:00:00", "telephone", "term"),
    ]


def test_a_matter_that_is_done_reminds_nobody_and_one_sent_back_does_again(centre):
    opened(centre)
    finished(centre, name="ada")
    centre.tick(6.5 * 86_400)
    assert ways(centre) == []
    centre.done(w.SendBackMatter, matter="M1", reason="the door still hangs", role="supervisor")
    centre.tick(20 * 86_400)
    assert [way for _at, way, _due in ways(centre)] == ["message", "telephone"]


def test_a_reminder_by_telephone_asks_the_desk_until_the_owner_is_reached(centre):
    opened(centre)
    assert isinstance(centre.refused(w.NoteRung, matter="M1", outcome="reached"), w.NothingToRing)
    centre.done(w.RemindMatter, matter="M1", way="telephone")
    since = matter(centre).ring_us
    centre.done(w.NoteRung, matter="M1", outcome="not reached")
    assert matter(centre).ring_us == since != 0
    centre.done(w.NoteRung, matter="M1", outcome="reached")
    assert matter(centre).ring_us == 0


def test_what_a_channel_says_of_a_reminder_is_recorded(centre):
    opened(centre)
    fields = {"matter": "M1", "channel": "pager", "carried": False, "why": "no answer"}
    assert centre.done(w.NoteMessage, role="channel", **fields) == [w.MatterMessaged(**fields)]
    assert isinstance(centre.refused(w.NoteMessage, **fields), NotAllowed)


def test_only_an_alarm_says_that_a_reminder_is_due_and_only_when_it_is(centre):
    opened(centre)
    assert isinstance(centre.refused(w.RemindDue, matter="M1", role="supervisor"), NotAllowed)
    assert isinstance(centre.refused(w.RemindDue, matter="M1", role="system"), Unknown)


# -- reading ---------------------------------------------------------------------------------


def test_a_reading_counts_for_an_hour_for_whoever_read(centre):
    opened(centre)
    centre.done(w.ReadMatter, matter="M1", name="ada")
    assert matter(centre).reads == {"ada": T0 + 3600 * US}
    centre.tick(3601)
    centre.done(w.ReadMatter, matter="M1", name="bo")
    assert list(matter(centre).reads) == ["bo"]


# -- the end ---------------------------------------------------------------------------------


def test_two_people_close_a_matter(centre):
    opened(centre)
    finished(centre, name="ada")
    assert matter(centre).state == FINISHED
    centre.done(w.SignOffMatter, matter="M1", role="supervisor", name="sol")
    assert matter(centre).state == CLOSED
    assert not centre.state("matters").tracked.open


def test_nobody_signs_off_what_they_finished_and_the_refusal_says_who_could(centre):
    opened(centre)
    finished(centre, role="supervisor", name="sol")
    refused = centre.refused(w.SignOffMatter, matter="M1", role="supervisor", name="sol")
    assert isinstance(refused, w.OwnWork)
    assert "supervisor" in refused.who
    assert "crew" not in refused.who


@pytest.mark.parametrize("command", [w.TakeMatter, w.ProgressMatter])
def test_nobody_signs_off_what_they_had_in_hand_or_worked_on(centre, command):
    opened(centre)
    words = {"words": NOTE} if command is w.ProgressMatter else {}
    centre.done(command, matter="M1", role="supervisor", name="sol", **words)
    finished(centre, name="ada")
    refused = centre.refused(w.SignOffMatter, matter="M1", role="supervisor", name="sol")
    assert isinstance(refused, w.OwnWork)


def test_whoever_opened_a_matter_may_sign_it_off(centre):
    opened(centre, role="supervisor", name="sol")
    finished(centre, name="ada")
    centre.done(w.SignOffMatter, matter="M1", role="supervisor", name="sol")
    assert matter(centre).state == CLOSED


def test_the_kind_says_what_grade_signs(centre):
    opened(centre, kind="complaint")
    finished(centre, name="ada")
    refused = centre.refused(w.SignOffMatter, matter="M1", role="dispatcher", name="bo")
    assert isinstance(refused, w.GradeTooLow)
    assert (refused.grade, refused.yours) == (2, 1)
    assert "dispatcher" not in refused.who


def test_a_matter_is_not_closed_before_it_is_done_nor_done_twice(centre):
    opened(centre)
    early = centre.refused(w.SignOffMatter, matter="M1", role="supervisor")
    assert isinstance(early, WrongStep)
    finished(centre)
    again = centre.refused(w.FinishMatter, matter="M1", result="done", words=NOTE)
    assert isinstance(again, WrongStep)


def test_a_matter_comes_to_something_the_town_knows(centre):
    opened(centre)
    refused = centre.refused(w.FinishMatter, matter="M1", result="fine", words=NOTE)
    assert isinstance(refused, w.NotNamed)
    assert refused.known == ("done", "not needed", "not possible", "passed on")


def test_a_closed_matter_is_opened_again_with_new_terms_and_new_hands(centre):
    opened(centre)
    finished(centre, role="supervisor", name="sol")
    centre.done(w.SignOffMatter, matter="M1", role="supervisor", name="tam")
    centre.tick(100 * 86_400)  # a Saturday
    centre.done(w.ReopenMatter, matter="M1", reason="it hangs again", role="supervisor")
    assert matter(centre).state == OPEN
    assert matter(centre).hands == []
    assert day(matter(centre).norm_us) == "2020-07-17 23:59:59"
    finished(centre, name="ada")
    centre.done(w.SignOffMatter, matter="M1", role="supervisor", name="sol")


def test_nothing_is_kept_of_a_matter_closed_more_than_a_year_ago(centre):
    opened(centre, origin="incident", about="200930001")
    finished(centre, name="ada")
    centre.done(w.SignOffMatter, matter="M1", role="supervisor")
    assert centre.state("matters").tracked.of_incident == {"200930001": ["M1"]}
    centre.tick(366 * 86_400)
    opened(centre)
    assert centre.state("matters").tracked.of_incident == {}
    refused = centre.refused(w.ReopenMatter, matter="M1", reason="again", role="supervisor")
    assert isinstance(refused, Unknown)


def test_a_restart_leaves_every_matter_as_it_was(centre):
    opened(centre)
    opened(centre)
    centre.done(w.SuspendMatter, matter="M1", reason="away", until_us=T0 + 3 * DAY)
    finished(centre, "M2")
    before = centre.hub.rooms.pack(centre.hub.state)
    assert centre.hub.rooms.pack(centre.restart(use_snapshot=False).hub.state) == before


@pytest.mark.parametrize("kind", [one.code for one in PACKAGED.kinds])
def test_a_kind_that_the_town_has_no_more_lets_its_matters_be_finished(centre, kind):
    opened(centre, kind=kind)
    centre.town.matters = type(PACKAGED)(results=PACKAGED.results)
    refused: Refusal = centre.refused(w.ExtendMatter, matter="M1", reason="late")
    assert isinstance(refused, w.NoExtension)
    finished(centre, name="ada")
    centre.done(w.SignOffMatter, matter="M1", role="supervisor")


def test_whoever_acts_in_some_areas_acts_on_matters_of_incidents_there_only(centre):
    taken = centre.done(intake.AnswerCall)[0]
    incident = centre.done(
        intake.OpenIncident, call=taken.call, kind="Fire", priority="3", address="1 RIM RD",
        lon=-122.40, lat=37.76,
    )[0].incident  # fmt: skip
    about = HAND | {"origin": "incident", "about": incident}
    number = opened(centre, **about)
    far = Actor(name="bo", role="dispatcher", areas=("Old Town",))
    near = Actor(name="ada", role="dispatcher", areas=("Rim",))
    for command, fields in ((w.TakeMatter, {"matter": number}), (w.OpenMatter, about)):
        asked = [Ask(make(command, fields), actor) for actor in (far, near)]
        kept_away, done = centre.hub.handle(asked)
        assert isinstance(kept_away.refusal, NotYourArea)
        assert isinstance(done, Accepted)


def test_reminders_of_one_morning_are_all_given():
    known = town()
    twice = Reminder(before_days=2), Reminder(before_days=2, way="telephone")
    kind = msgspec.structs.replace(known.matters.kind("follow-up"), reminders=twice)
    known.matters = msgspec.structs.replace(known.matters, kinds=(kind,))
    centre = Centre(town=known)
    opened(centre)
    centre.tick(7 * 86_400)
    given = [row.kind for row in centre.hub.store.rows(0) if row.kind == w.MatterReminded.tag]
    assert len(given) == 2
    assert (matter(centre).pending, bool(matter(centre).ring_us)) == ([], True)
    assert centre.state("matters").alarms.next() is None
