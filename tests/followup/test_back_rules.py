"""Given calls and what they are about, when it is over, then each caller is asked or barred."""

from __future__ import annotations

import msgspec
import pytest

from answerable.dispatch import merge_words as merge
from answerable.dispatch import words as dispatch
from answerable.followup import back_words as w
from answerable.intake import join_words as join
from answerable.intake import words as intake
from answerable.kernel.event import Event
from answerable.kernel.hub import Accepted
from answerable.kernel.refusals import NotAllowed, Unknown, WrongStep
from answerable.rooms import product
from answerable.towns.following import Barred, FollowingFile, Ringing
from answerable.vault import words as vault
from tests.story import T0, US, Centre, at_local, toy_town

HOUR_US = 3_600 * US
FOLLOWING = FollowingFile(
    languages={"en": "English", "zh-CN": "中文"},
    ringing=Ringing(again_min={"busy": 15, "no answer": 120}),
    barred=Barred(kinds=("Other",), lines=("alarms",)),
)


def centre(now_us: int = T0, **given) -> Centre:
    """Return a centre whose town asks its callers afterwards."""
    town = toy_town()
    town.following = FOLLOWING
    return Centre(town=town, now_us=now_us, **given)


def call(told: Centre, name: str, number: str = "+1 415 555 0100", line: str = "") -> str:
    told.done(intake.AnswerCall, call=name, number=number, line=line)
    return name


def incident(told: Centre, name: str, *calls: str, kind: str = "Medical") -> str:
    """Open an incident about these calls."""
    place = {"address": "1 A St", "lon": -122.46, "lat": 37.76}
    first = {"call": calls[0]} if calls else {}
    told.done(intake.OpenIncident, kind=kind, priority="2", incident=name, **place, **first)
    for other in calls[1:]:
        told.done(intake.AttachCall, call=other, incident=name)
    return name


def closed(told: Centre, name: str) -> list[Event]:
    """Close an incident and return what followed."""
    return told.done(dispatch.CloseIncident, incident=name, outcome="done")[1:]


def ready(**given) -> Centre:
    """Return a centre with one call-back that is due: C1 about I1."""
    told = centre(**given)
    incident(told, "I1", call(told, "C1"))
    closed(told, "I1")
    return told


def back(told: Centre, name: str = "C1"):
    return told.state("followup").backs[name]


def ask(told: Centre, command: type, **fields):
    """Have something done about a call-back; whoever records an attempt takes the caller first."""
    fields = {"incident": "I1", "call": "C1", "role": "call_back"} | fields
    if command is w.TriedCallBack and fields.get("way", "phone") == "phone":
        by = {"name": fields["name"]} if "name" in fields else {}
        ids = {name: fields[name] for name in ("incident", "call", "role")}
        told.do(w.TakeCallBack, **ids, **by)
    return told.done(command, **fields)


def refused(told: Centre, command: type, **fields):
    fields = {"incident": "I1", "call": "C1", "role": "call_back"} | fields
    return told.refused(command, **fields)


DUE = w.CallBackDue(
    incident="I1", call="C1", day="2020-04-02", from_us=T0, kind="Medical", language="en"
)


# -- who is asked ------------------------------------------------------------------------------


def test_every_call_about_an_incident_gets_a_call_back_when_it_is_closed():
    told = centre()
    incident(told, "I1", call(told, "C1"), call(told, "C2"))
    assert closed(told, "I1") == [DUE, msgspec.structs.replace(DUE, call="C2")]


@pytest.mark.parametrize(
    ("kind", "number", "line", "reason"),
    [
        ("Other", "+1", "", w.Bar.SENSITIVE),
        ("Medical", "+1", "alarms", w.Bar.ALARM),
        ("Medical", "", "", w.Bar.NO_NUMBER),
        ("Other", "", "alarms", w.Bar.SENSITIVE),
    ],
)
def test_who_is_not_asked_is_barred_for_a_reason_that_is_an_event(kind, number, line, reason):
    told = centre()
    incident(told, "I1", call(told, "C1", number, line), kind=kind)
    assert closed(told, "I1") == [
        w.CallBackBarred(incident="I1", call="C1", reason=reason, day="2020-04-02", kind=kind)
    ]


def test_what_it_turned_out_to_be_decides_whether_it_is_delicate():
    told = centre()
    incident(told, "I1", call(told, "C1"), kind="Other")
    told.done(intake.ChangeKind, incident="I1", kind="Medical", priority="2", reason="seen")
    assert isinstance(closed(told, "I1")[0], w.CallBackDue)


def test_a_number_given_with_the_ring_is_a_number():
    told = centre()
    told.done(intake.RingCall, call="C1", number="+1", role="line")
    told.done(intake.AnswerCall, call="C1")
    incident(told, "I1", "C1")
    assert isinstance(closed(told, "I1")[0], w.CallBackDue)


@pytest.mark.parametrize(
    ("now", "day", "hour"),
    [
        ("2020-04-02T08:59:00", "2020-04-02", "2020-04-02T09:00:00"),
        ("2020-04-02T20:00:00", "2020-04-03", "2020-04-03T09:00:00"),
        ("2020-04-03T23:00:00", "2020-04-04", "2020-04-04T10:00:00"),  # a Saturday
        ("2020-04-05T12:00:00", "2020-04-05", "2020-04-05T12:00:00"),
    ],
)
def test_nobody_is_asked_in_the_night_and_later_on_a_day_off(now, day, hour):
    told = centre(at_local(now))
    incident(told, "I1", call(told, "C1"))
    due = closed(told, "I1")[0]
    assert (due.day, due.from_us) == (day, at_local(hour))


def test_an_incident_that_nobody_called_about_asks_nobody():
    told = centre()
    incident(told, "I1")
    assert closed(told, "I1") == []


def test_a_thousand_callers_of_one_incident_are_all_asked():
    told = centre()
    incident(told, "I1", *(call(told, f"C{n}") for n in range(1_000)))
    assert len([one for one in closed(told, "I1") if isinstance(one, w.CallBackDue)]) == 1_000


def test_old_calls_that_are_recorded_after_their_time_ask_nobody():
    reacts = {room.name: room.reacts for room in product(manned=False).rooms}
    assert reacts["followup"] == {}
    assert (
        dispatch.IncidentClosed in {room.name: room.reacts for room in product().rooms}["followup"]
    )


# -- reopened, joined, merged ------------------------------------------------------------------


def test_nobody_is_asked_while_it_is_open_again_and_once_after_it_is_over_again():
    told = ready()
    assert told.done(dispatch.ReopenIncident, incident="I1", reason="again")[1:] == [
        w.CallBackHeld(incident="I1", call="C1")
    ]
    assert isinstance(refused(told, w.TakeCallBack), w.OpenAgain)
    assert isinstance(refused(told, w.AnswerCallBack, overall=3), w.OpenAgain)
    again = closed(told, "I1")
    assert [type(one) for one in again] == [w.CallBackDue]


def test_who_has_answered_is_not_asked_again_when_it_is_opened_and_closed_again():
    told = ready()
    ask(told, w.AnswerCallBack, overall=5)
    told.done(dispatch.ReopenIncident, incident="I1", reason="again")
    assert closed(told, "I1") == []


def test_the_attempts_before_it_was_opened_again_count():
    told = ready()
    ask(told, w.TriedCallBack, outcome="busy")
    told.done(dispatch.ReopenIncident, incident="I1", reason="again")
    assert closed(told, "I1")[0].tries == 1


def test_a_call_that_is_put_to_an_incident_already_closed_is_asked_at_once():
    told = ready()
    call(told, "C2")
    late = told.done(intake.AttachCall, call="C2", incident="I1")[1:]
    assert late == [msgspec.structs.replace(DUE, call="C2")]


def test_a_call_taken_off_a_closed_incident_waits_and_is_asked_about_the_right_one():
    told = ready()
    held = w.CallBackHeld(incident="I1", call="C1")
    assert told.done(join.DetachCall, call="C1", reason="another")[1:] == [held]
    incident(told, "I2", "C1")
    assert back(told).state == "held"
    assert closed(told, "I2") == [msgspec.structs.replace(DUE, incident="I2")]


def test_a_call_that_was_about_nothing_in_the_end_is_barred_and_not_forgotten():
    told = ready()
    told.done(join.DetachCall, call="C1", reason="a mistake")
    barred = told.done(intake.EndCall, call="C1", reason="pocket")[1:]
    assert [(one.call, one.reason) for one in barred] == [("C1", "no incident")]


def test_a_call_that_becomes_an_incident_of_its_own_is_asked_about_that():
    told = centre()
    incident(told, "I1", call(told, "C1"), call(told, "C2"))
    told.done(join.SplitIncident, incident="I1", call="C2", reason="another", into="I2")
    assert [one.call for one in closed(told, "I1")] == ["C1"]
    assert [(one.call, one.incident) for one in closed(told, "I2")] == [("C2", "I2")]


def merged(told: Centre) -> None:
    """Have I1 (C1) merged into I2 (C2), and I2 into I3 (C3)."""
    for n in (1, 2, 3):
        incident(told, f"I{n}", call(told, f"C{n}"))
    told.done(merge.MergeIncident, incident="I1", into="I2", reason="the same")
    told.done(merge.MergeIncident, incident="I2", into="I3", reason="the same")


def test_callers_of_merged_incidents_are_asked_once_what_went_on_for_them_is_over():
    told = centre()
    merged(told)
    found = {(one.incident, one.call, one.into) for one in closed(told, "I3")}
    assert found == {("I3", "C3", ""), ("I2", "C2", "I3"), ("I1", "C1", "I3")}


def test_who_is_barred_is_so_with_what_the_incident_is_part_of_in_the_end():
    told = centre()
    merged(told)
    by_hand = told.done(
        w.BarCallBack, incident="I1", call="C1", reason=w.Bar.CHILD, role="call_taker"
    )
    assert [(one.call, one.into) for one in by_hand] == [("C1", "I3")]
    silent = call(told, "C4", number="")
    told.done(intake.AttachCall, call=silent, incident="I1")
    assert ("C4", "I3") in {
        (one.call, one.into) for one in closed(told, "I3") if isinstance(one, w.CallBackBarred)
    }
    call(told, "C5", number="")
    late = told.done(intake.AttachCall, call="C5", incident="I1")[1:]
    assert [(type(one), one.into) for one in late] == [(w.CallBackBarred, "I3")]


def test_merging_asks_nobody_yet():
    told = centre()
    merged(told)
    assert {one.state for one in told.state("followup").backs.values()} == {"new"}


def test_a_call_put_to_a_merged_incident_is_asked_with_what_it_was_merged_into():
    told = centre()
    merged(told)
    late = told.done(intake.AttachCall, call=call(told, "C4"), incident="I1")
    assert len(late) == 1
    assert "C4" in [one.call for one in closed(told, "I3")]
    last = told.done(intake.AttachCall, call=call(told, "C5"), incident="I1")[1:]
    assert [type(one) for one in last] == [w.CallBackDue]


def test_what_is_taken_apart_again_waits_for_its_own_end():
    told = centre()
    for n in (1, 2):
        incident(told, f"I{n}", call(told, f"C{n}"))
    told.done(merge.MergeIncident, incident="I1", into="I2", reason="the same")
    told.done(merge.UnmergeIncident, incident="I1", reason="not the same")
    assert [one.call for one in closed(told, "I2")] == ["C2"]
    assert [one.call for one in closed(told, "I1")] == ["C1"]


def test_reopening_what_went_on_for_others_holds_their_callers_too():
    told = centre()
    merged(told)
    closed(told, "I3")
    held = told.done(dispatch.ReopenIncident, incident="I3", reason="again")[1:]
    assert {one.call for one in held} == {"C1", "C2", "C3"}


# -- barred by hand ----------------------------------------------------------------------------


def test_the_desk_may_bar_a_caller_while_the_incident_is_still_open():
    told = centre()
    incident(told, "I1", call(told, "C1"))
    ask(told, w.BarCallBack, reason="a child", role="call_taker")
    assert closed(told, "I1") == []
    assert back(told).reason == "a child"


def test_what_was_barred_by_hand_may_be_allowed_again():
    told = ready()
    ask(told, w.BarCallBack, reason="safety at risk", note="heard shouting")
    allowed = ask(told, w.AllowCallBack, reason="a slip")
    assert [type(one) for one in allowed] == [w.CallBackAllowed, w.CallBackDue]


def test_allowing_before_the_end_asks_nobody_yet():
    told = centre()
    incident(told, "I1", call(told, "C1"))
    ask(told, w.BarCallBack, reason="other")
    assert len(ask(told, w.AllowCallBack, reason="a slip")) == 1
    assert [type(one) for one in closed(told, "I1")] == [w.CallBackDue]


def test_what_the_rules_find_is_neither_given_nor_taken_by_hand():
    told = ready()
    assert isinstance(refused(told, w.BarCallBack, reason="no number"), w.NotByHand)
    told = centre()
    incident(told, "I1", call(told, "C1", ""))
    closed(told, "I1")
    assert isinstance(refused(told, w.AllowCallBack, reason="please"), w.NotByHand)


def test_whoever_is_barred_is_not_rung():
    told = ready()
    ask(told, w.BarCallBack, reason="a child")
    for command, fields in (
        (w.TakeCallBack, {}), (w.TriedCallBack, {"outcome": "busy"}), (w.SendLink, {"way": "link"}),
        (w.AnswerCallBack, {"overall": 1}),
    ):  # fmt: skip
        assert isinstance(refused(told, command, **fields), WrongStep), command


def test_whose_number_is_erased_is_rung_no_more_and_counted_as_that():
    told = ready()
    told.done(vault.AskErasure, incident="I1", reason="asked for", role="supervisor", name="one")
    erased = told.done(vault.ApproveErasure, incident="I1", role="supervisor", name="two")
    assert [one.reason for one in erased if isinstance(one, w.CallBackBarred)] == ["erased"]
    assert back(told).state == "barred"


def test_an_erasure_long_after_the_answer_changes_nothing_of_it():
    told = ready()
    ask(told, w.AnswerCallBack, overall=4)
    told.done(vault.AskErasure, incident="I1", reason="asked for", role="supervisor", name="one")
    erased = told.done(vault.ApproveErasure, incident="I1", role="supervisor", name="two")
    assert [one for one in erased if one.tag.startswith("followup")] == []


# -- ringing -----------------------------------------------------------------------------------


def test_two_people_do_not_ring_the_same_caller():
    told = ready()
    ask(told, w.TakeCallBack, name="one")
    refusal = refused(told, w.TakeCallBack, name="two")
    assert isinstance(refusal, w.RungByAnother)
    assert (refusal.since, refusal.until) == ("14:00:00", "14:15:00")
    for command, fields in (
        (w.TriedCallBack, {"outcome": "busy"}), (w.AnswerCallBack, {"overall": 4}),
        (w.DeferCallBack, {"until": T0 + HOUR_US}), (w.BarCallBack, {"reason": "other"}),
        (w.LeaveCallBack, {}), (w.SpeakCallBack, {"language": "zh-CN"}),
    ):  # fmt: skip
        assert isinstance(refused(told, command, name="two", **fields), w.RungByAnother), command


def test_whoever_took_it_may_go_on_and_leave_it():
    told = ready()
    ask(told, w.TakeCallBack, name="one")
    ask(told, w.TakeCallBack, name="one")
    ask(told, w.LeaveCallBack, name="one")
    ask(told, w.TakeCallBack, name="two")


def test_a_claim_that_was_forgotten_ends_by_itself():
    told = ready()
    ask(told, w.TakeCallBack, name="one")
    told.tick(15 * 60)
    ask(told, w.TakeCallBack, name="two")


def test_nobody_is_rung_outside_the_hours():
    told = ready(now_us=at_local("2020-04-02T21:00:00"))
    refusal = refused(told, w.TakeCallBack)
    assert isinstance(refusal, w.NotTheHour)
    assert "2020-04-03 09:00" in refusal.text()


def test_an_attempt_says_when_the_next_may_be_and_frees_the_caller():
    told = ready()
    ask(told, w.TakeCallBack, name="one")
    assert ask(told, w.TriedCallBack, outcome="no answer", name="one") == [
        w.CallBackTried(
            incident="I1", call="C1", attempt=1, outcome="no answer", again_us=T0 + 2 * HOUR_US
        )
    ]
    ask(told, w.TakeCallBack, name="two")


def test_the_next_attempt_is_never_in_the_night():
    told = ready(now_us=at_local("2020-04-02T19:30:00"))
    tried = ask(told, w.TriedCallBack, outcome="no answer")[0]
    assert tried.again_us == at_local("2020-04-03T09:00:00")


def test_after_as_many_attempts_as_the_town_says_a_caller_is_unreachable():
    told = ready()
    for outcome in ("busy", "wrong person"):
        assert len(ask(told, w.TriedCallBack, outcome=outcome)) == 1
    assert ask(told, w.TriedCallBack, outcome="no answer")[1:] == [
        w.CallBackUnreachable(incident="I1", call="C1", tries=3)
    ]


def test_a_number_that_is_none_is_tried_once():
    told = ready()
    ended = ask(told, w.TriedCallBack, outcome="not in service")
    assert [type(one) for one in ended] == [w.CallBackTried, w.CallBackUnreachable]


def test_who_does_not_want_to_talk_is_not_rung_again():
    told = ready()
    ended = ask(told, w.TriedCallBack, outcome="refused to talk")
    assert [type(one) for one in ended] == [w.CallBackTried, w.CallBackDeclined]
    assert isinstance(refused(told, w.TakeCallBack), WrongStep)


def test_a_better_time_is_kept_to_the_hours_and_to_the_days_ahead():
    told = ready()
    asked = at_local("2020-04-03T22:00:00")
    later = ask(told, w.DeferCallBack, until=asked)[0]
    assert later.until_us == at_local("2020-04-04T10:00:00")
    for until in (T0, T0 + 15 * 24 * HOUR_US):
        assert isinstance(refused(told, w.DeferCallBack, until=until), w.NotBefore)


def test_a_caller_is_asked_in_a_language_of_the_town():
    told = centre()
    incident(told, "I1", call(told, "C1"))
    ask(told, w.SpeakCallBack, language="zh-CN", role="call_taker")
    assert closed(told, "I1")[0].language == "zh-CN"
    assert isinstance(refused(told, w.SpeakCallBack, language="fr"), w.UnknownTongue)


def test_an_attempt_is_recorded_by_whoever_took_the_caller_and_once():
    told = ready()
    rung = {"outcome": "busy", "name": "one"}
    assert isinstance(refused(told, w.TriedCallBack, **rung), w.NotTaken)
    told.done(w.TakeCallBack, incident="I1", call="C1", role="call_back", name="one")
    told.clock.set(T0 + 30 * 60 * US)  # the claim ran out, but it was rung all the same
    assert isinstance(refused(told, w.TriedCallBack, outcome="busy", name="two"), w.NotTaken)
    told.done(w.TriedCallBack, incident="I1", call="C1", role="call_back", **rung)
    assert isinstance(refused(told, w.TriedCallBack, **rung), w.NotTaken), "a page left open"
    assert back(told).tries == 1


# -- answers -----------------------------------------------------------------------------------


def test_the_answer_is_recorded_with_the_marks_and_the_words_are_sealed():
    told = ready()
    said = ask(
        told, w.AnswerCallBack, manner=5, speed=4, result=2, overall=2, words="they left the gate"
    )[0]
    assert (said.manner, said.speed, said.result, said.overall) == (5, 4, 2, 2)
    assert said.words.startswith("sealed:")
    assert b"gate" not in b"".join(row.body for row in told.store.rows(0))
    assert w.unhappy(said)


@pytest.mark.parametrize(
    ("overall", "wants", "unhappy"),
    [(1, False, True), (2, False, True), (3, False, False), (5, True, True), (0, False, False)],
)
def test_a_caller_is_unhappy_by_the_last_mark_or_by_asking(overall, wants, unhappy):
    answered = w.CallBackAnswered(incident="I1", call="C1", overall=overall, wants=wants, manner=1)
    assert w.unhappy(answered) is unhappy


def test_an_answer_says_something():
    told = ready()
    assert isinstance(refused(told, w.AnswerCallBack, words="  "), w.NothingSaid)
    ask(told, w.AnswerCallBack, words="it was fine")


def test_who_answers_what_was_sent_waits_for_nobody_who_is_about_to_ring():
    told = ready()
    ask(told, w.SendLink, way="link", token="abc")
    ask(told, w.TakeCallBack, name="one")
    ask(told, w.AnswerCallBack, overall=4, way="link", name="two")


def test_who_could_not_be_reached_may_still_answer_what_was_sent():
    told = ready()
    ask(told, w.TriedCallBack, outcome="not in service")
    ask(told, w.SendLink, way="text")
    assert ask(told, w.AnswerCallBack, overall=4, way="text")[0].attempt == 1


def test_one_call_is_answered_once():
    told = ready()
    ask(told, w.AnswerCallBack, overall=4)
    assert isinstance(refused(told, w.AnswerCallBack, overall=4), WrongStep)


# -- taken back --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "fields", "what"),
    [
        (w.AnswerCallBack, {"overall": 4}, "CallBackAnswered"),
        (w.TriedCallBack, {"outcome": "refused to talk"}, "CallBackDeclined"),
        (w.TriedCallBack, {"outcome": "not in service"}, "CallBackUnreachable"),
        (w.TriedCallBack, {"outcome": "busy"}, "CallBackTried"),
    ],
)
def test_a_slip_is_taken_back_and_stays_in_the_record(command, fields, what):
    told = ready()
    ask(told, command, **fields)
    assert ask(told, w.TakeBackCallBack, reason="a slip")[0].what == what
    assert (back(told).state, back(told).tries) == ("due", 0)
    assert isinstance(refused(told, w.TakeBackCallBack, reason="again"), w.NothingToTakeBack)


def test_an_unhappy_answer_stands():
    told = ready()
    ask(told, w.AnswerCallBack, overall=1)
    assert isinstance(refused(told, w.TakeBackCallBack, reason="a slip"), w.AnswerActedOn)


def test_nothing_is_taken_back_while_it_is_open_again():
    told = ready()
    ask(told, w.AnswerCallBack, overall=4)
    told.done(dispatch.ReopenIncident, incident="I1", reason="again")
    assert isinstance(refused(told, w.TakeBackCallBack, reason="a slip"), w.OpenAgain)


# -- by whom, and across restarts --------------------------------------------------------------


def test_only_the_service_itself_opens_holds_and_drops():
    told = ready()
    for command in (w.OpenCallBacks, w.HoldCallBacks):
        assert isinstance(told.refused(command, incident="I1", role="supervisor"), NotAllowed)
    asked = told.refused(w.DropCallBacks, incident="I1", reason="erased", role="supervisor")
    assert isinstance(asked, NotAllowed)


def test_a_call_back_is_named_by_call_and_incident():
    told = ready()
    assert isinstance(refused(told, w.TakeCallBack, call="C9"), Unknown)
    assert isinstance(refused(told, w.TakeCallBack, incident="I9"), Unknown)


def test_the_same_command_twice_is_recorded_once():
    told = ready()
    for _again in range(2):
        ask(told, w.TriedCallBack, key="same-key", outcome="busy")
    assert back(told).tries == 1


def test_after_a_restart_it_stands_as_before():
    told = ready()
    ask(told, w.TriedCallBack, outcome="busy")
    before = {name: msgspec.json.encode(told.state(name)) for name in ("followup", "call-backs")}
    told.restart(use_snapshot=False)
    assert {name: msgspec.json.encode(told.state(name)) for name in before} == before


def test_who_called_about_what_is_laid_aside_at_once_is_asked_all_the_same():
    """Also where it goes on for others, and where a call ends that was about it."""
    told = centre()
    told.hub.rooms.aside.kept = 0
    told.hub._bind()
    merged(told)
    assert {one.call for one in closed(told, "I3")} == {"C1", "C2", "C3"}
    told.done(join.DetachCall, call="C3", reason="a mistake")
    barred = told.done(intake.EndCall, call="C3", reason="pocket")[1:]
    assert [(one.call, one.reason) for one in barred] == [("C3", "no incident")]
    assert told.state("call-backs").entry("C3").state == "barred"


def test_what_was_laid_aside_is_still_asked():
    """A day has more closed incidents than stay in memory; their callers are asked all the same."""
    told = centre()
    told.hub.rooms.aside.kept = 4
    told.hub._bind()
    for n in range(40):
        incident(told, f"I{n}", call(told, f"C{n}"))
        closed(told, f"I{n}")
    state = told.state("followup")
    assert "I0" not in state.incidents
    assert "C0" not in state.backs
    outcome = told.do(w.AnswerCallBack, incident="I0", call="C0", overall=4, role="call_back")
    assert isinstance(outcome, Accepted), outcome
