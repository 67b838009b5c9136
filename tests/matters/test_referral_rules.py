"""Given a referral, when its agency or the desk acts, then these events (or this refusal)."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from answerable.dispatch import alert_words as alert
from answerable.kernel.event import Mark, marks_of
from answerable.kernel.refusals import NotAllowed, Unknown, WrongStep
from answerable.matters import matter_words as m
from answerable.matters import problem_words as p
from answerable.matters import referral_rules as rules
from answerable.matters import referral_words as w
from answerable.matters.state import State
from answerable.towns.referring import FIELDS, Partner, ReferralFile, ReferralRule
from tests.matters.referral_town import referring_town
from tests.story import T0, US, Centre, Story, at_local

HOUR = 3_600 * US
LAMP = {
    "incident": "100", "kind": "Other", "group": "Public", "priority": "1",
    "address": "10 LAMP ST", "lon": -122.43, "lat": 37.76, "areas": ("Old Town", "B01", "core"),
    "opened_us": T0 - HOUR, "outcome": "Street light",
}  # fmt: skip
F1 = {"referral": "100F1", "incident": "100", "agency": "WORKS"}
DIGEST = "ab" * 32


def town_story() -> Story:
    return Story(referring_town())


def room(told: Story) -> State:
    found: State = told.states["matters"]
    return found


def referred(told: Story | None = None, **fields: object) -> Story:
    """Return a story in which a dead lamp was referred to the public works."""
    return (told or town_story()).when(w.ReferIncident, **({"agency": "WORKS"} | LAMP | fields))


# -- who gets it, and what they see ----------------------------------------------------------


def test_the_first_rule_that_fits_sends_it_and_only_what_it_names_leaves():
    told = referred()
    event = told.outcome[0]
    assert isinstance(event, w.Referred)
    assert (event.rule, event.direction, event.way) == ("dead-street-light", "across", "open311")
    assert (event.kind, event.address) == ("Other", "10 LAMP ST")
    left = (event.priority, event.lon, event.lat, event.area, event.opened_us, event.outcome)
    assert left == ("", None, None, "", 0, "")
    assert event.passed == ()
    assert event.answer_due_us == told.now_us + 4 * HOUR


def test_rules_that_were_passed_over_are_told_with_what_did_not_fit():
    told = referred(agency="DESK-311", outcome="Noise", areas=("Rim",))
    event = told.outcome[0]
    assert event.rule == "rest"
    assert event.passed == (
        "dead-street-light: outcome", "old-town-housing: area", "small-fires: kind",
    )  # fmt: skip


def test_going_past_the_rules_needs_a_reason():
    referred(agency="DESK-311").refused(w.OtherRule, agency="DESK-311", other="WORKS")
    told = referred(agency="DESK-311", because="they asked for it by telephone")
    event = told.outcome[0]
    assert (event.rule, event.sees) == ("", ("kind", "area"))
    assert (event.area, event.address) == ("Old Town", "")


@pytest.mark.parametrize("field", ["words", "door"])
def test_what_is_written_for_an_agency_that_may_not_see_it_is_refused(field):
    referred(**{field: "third floor"}).refused(w.MayNotSee, field=field)


def test_what_is_written_leaves_where_the_rule_names_it_and_lies_sealed():
    told = referred(agency="HOUSING", outcome="", words=" the lift ", door="12 B")
    event = told.outcome[0]
    assert (event.rule, event.words, event.door) == ("old-town-housing", "the lift", "12 B")
    marks = marks_of(w.Referred)
    assert {name for name, mark in marks.items() if mark is Mark.SEALED} == {"words", "door"}


def test_no_choice_of_fields_ever_lets_out_what_is_not_chosen():
    full = w.ReferIncident(
        key="test-full", agency="X", words="w" * 9, door="d" * 9, because="because", station="03",
        **LAMP,
    )  # fmt: skip
    known = {name: rules.cut(full, (name,)) for name in FIELDS}
    everything = rules.cut(full, FIELDS)
    for number in range(len(FIELDS) + 1):
        for sees in itertools.combinations(FIELDS, number):
            left = rules.cut(full, sees)
            assert left == {k: v for name in sees for k, v in known[name].items()}
    assert all(everything.values())
    assert not {"group", "because", "station", "key", "incident"} & set(everything)


@pytest.mark.parametrize("name", ["number", "caller", "name", "phone", "notes", "line"])
def test_no_town_can_let_an_agency_see_who_called(name):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(
            {"code": "X", "title": {"en": "X"}, "may_see": ["kind", name]}, type=Partner
        )
    assert name not in {field for event in w.EVENTS for field in event.__struct_fields__}


def test_a_rule_never_shows_more_than_its_agency_may_see():
    partner = Partner(code="X", titles={"en": "X"}, may_see=("kind",))
    rule = ReferralRule(code="r", why={"en": "w"}, agency="X", sees=("kind", "door"))
    with pytest.raises(ValueError, match="r shows door, which X may not see"):
        ReferralFile(agencies=(partner,), rules=(rule,))


def test_what_goes_down_names_a_station():
    fire = {"kind": "Fire", "outcome": "", "agency": "STATION"}
    referred(**fire).refused(w.WhichStation, station="")
    event = referred(**fire, station="07").outcome[0]
    assert (event.direction, event.station, event.area) == ("down", "07", "Old Town")


def test_an_unknown_agency_and_a_referral_of_nothing_are_refused():
    referred(agency="NOBODY").refused(w.NoSuchPartner, possible="WORKS, HOUSING, STATION, DESK-311")
    matter = {"agency": "WORKS", "kind": "lamp"}
    town_story().when(w.ReferMatter, **matter).refused(w.NothingToRefer)
    both = {"matter": "M1", "problem": "P1"}
    town_story().when(w.ReferMatter, **matter, **both).refused(w.NothingToRefer)


def test_a_matter_and_a_problem_are_referred_in_their_own_streams():
    told = town_story().given(
        m.MatterOpened(matter="M1", matter_kind="hazard", origin=m.Origin.HAND,
                       owner_sort=m.OwnerSort.ROLE, owner="supervisor"),
        p.ProblemOpened(problem="P1", place="LAMP ST/OAK ST", cause="noise", because="often",
                        bulletin_us=T0 + HOUR, review_us=T0 + HOUR),
    )  # fmt: skip
    told.when(w.ReferMatter, agency="WORKS", kind="lamp", matter="M1")
    assert told.rows[-1].stream == "matter:M1"
    told.when(w.ReferMatter, agency="WORKS", kind="lamp", problem="P1")
    assert told.rows[-1].stream == "problem:P1"
    assert list(room(told).referrals) == ["M1F1", "P1F2"]
    assert referred().rows[-1].stream == "incident:100"


@pytest.mark.parametrize(("what", "name"), [("matter", "M7"), ("problem", "P2")])
def test_nothing_is_referred_of_a_matter_or_a_problem_that_there_is_not(what, name):
    told = town_story().when(w.ReferMatter, agency="WORKS", kind="lamp", **{what: name})
    told.refused(Unknown, what=what, name=name)


def test_the_same_agency_is_not_asked_twice_about_the_same():
    referred(referred()).refused(w.WithThem, referral="100F1", state="on its way")


def test_a_centre_follows_so_many_referrals(monkeypatch):
    monkeypatch.setattr(w, "REFERRALS_MAX", 1)
    referred(referred(), incident="101").refused(w.TooManyReferrals, most=1)


# -- its life --------------------------------------------------------------------------------


def test_sent_with_a_receipt_accepted_and_returned_with_a_result_that_somebody_looks_at():
    told = referred().when(w.ReceiveReferral, referral="100F1", way="open311", receipt="SR-9")
    told.then(w.ReferralReceived(**F1, way="open311", receipt="SR-9"))
    told.when(w.AcceptReferral, referral="100F1", words="on Friday")
    told.then(w.ReferralAccepted(**F1, words="on Friday"))
    told.when(w.ReturnReferral, referral="100F1", result="done")
    told.then(w.ReferralReturned(**F1, result=w.Result.DONE))
    assert room(told).referrals["100F1"].state == "returned"
    assert room(told).alarms.next() is None
    told.when(w.SettleReferral, referral="100F1", remark="seen: it burns")
    told.then(w.ReferralSettled(**F1, remark="seen: it burns"))
    assert room(told).referrals == {}


def test_declined_with_a_reason_it_is_ours_again_and_the_supervisor_is_told():
    told = referred().when(w.DeclineReferral, referral="100F1", why="not ours")
    told.then(w.ReferralDeclined(**F1, why=w.Why.NOT_OURS))
    assert [(type(one), one.incident, one.about) for one in told.reactions] == [
        (alert.TellSupervisor, "100", "a referral was declined")
    ]
    told.when(w.ReferIncident, **LAMP, agency="HOUSING", because="theirs", instead_of="100F1")
    assert [type(one) for one in told.outcome] == [w.Referred, w.ReferralSettled]
    assert list(room(told).referrals) == ["100F2"]


def test_what_another_incident_was_declined_with_is_not_settled_by_this_one():
    told = referred().when(w.DeclineReferral, referral="100F1", why="not ours")
    told.when(w.ReferIncident, **(LAMP | {"incident": "200"}), agency="HOUSING", because="theirs",
              instead_of="100F1")  # fmt: skip
    assert [type(one) for one in told.outcome] == [w.Referred]
    assert room(told).referrals["100F1"].state == rules.BACK_DECLINED


def test_withdrawn_it_is_over_and_nobody_can_answer_it():
    told = referred().when(w.WithdrawReferral, referral="100F1", reason="done ourselves")
    told.then(w.ReferralWithdrawn(**F1, reason="done ourselves"))
    told.when(w.AcceptReferral, referral="100F1").refused(Unknown, name="100F1")


def test_what_could_not_be_sent_is_told_and_sent_again():
    told = referred().when(
        w.FailReferral, role="portal", referral="100F1", way="open311", why="nothing answers"
    )
    told.then(w.ReferralNotSent(**F1, way="open311", why="nothing answers"))
    assert told.reactions[0].about == "a referral could not be sent"
    told.when(w.SendReferralAgain, referral="100F1").then(w.ReferralSentAgain(**F1))
    told.when(w.SendReferralAgain, referral="100F1").refused(WrongStep, state="on its way")


@pytest.mark.parametrize("command", [w.AcceptReferral, w.DeclineReferral, w.ReturnReferral])
def test_what_came_back_is_not_answered_again(command):
    told = referred().when(w.ReturnReferral, referral="100F1", result="not possible")
    more = {"why": "other" and "another reason"} if command is w.DeclineReferral else {}
    more |= {"result": "done"} if command is w.ReturnReferral else {}
    told.when(command, referral="100F1", **more).refused(WrongStep, state="returned")


def test_an_agency_answers_for_itself_only():
    told = referred()
    told.when(w.AcceptReferral, role="agency", name="token/housing", referral="100F1").refused(
        w.NotTheirs, agency="housing"
    )
    none = told.when(w.AcceptReferral, role="agency", name="token/housing", referral="100F9")
    none.refused(w.NotTheirs, agency="housing")  # as where there is one, so nobody finds out
    told.when(w.AcceptReferral, role="agency", name="token/works", referral="100F1")
    told.then(w.ReferralAccepted(**F1))
    told.when(w.WithdrawReferral, role="agency", name="token/works", referral="100F1", reason="no")
    told.refused(NotAllowed)


def test_a_new_link_ends_the_old_one_and_none_outlives_the_referral():
    told = referred().when(w.LinkReferral, referral="100F1", digest=DIGEST)
    assert room(told).links == {DIGEST: "100F1"}
    told.when(w.LinkReferral, referral="100F1", digest="cd" * 32)
    assert room(told).links == {"cd" * 32: "100F1"}
    told.when(w.ReturnReferral, referral="100F1", result="done")
    assert room(told).links == {}
    told.when(w.LinkReferral, referral="100F1", digest=DIGEST).refused(WrongStep)


# -- overdue ---------------------------------------------------------------------------------


def test_no_answer_and_then_no_result_escalate_each_once():
    told = referred()
    alarms = room(told).alarms
    due_us, name = alarms.next()
    assert (due_us, name) == (told.now_us + 4 * HOUR, "referral:100F1")
    command = rules._ring(room(told), "100F1", due_us)
    told.when(command, role="system")
    told.then(w.ReferralOverdue(**F1, late=w.Late.ANSWER, due_us=due_us))
    assert told.reactions[0].about == "a referral is overdue"
    due_us, name = alarms.next()
    assert due_us == room(told).referrals["100F1"].due_us
    told.when(rules._ring(room(told), "100F1", due_us), role="system")
    told.then(w.ReferralOverdue(**F1, late=w.Late.RESULT, due_us=due_us))
    assert alarms.next() is None
    told.when(w.AcceptReferral, referral="100F1")
    assert alarms.next() is None


@pytest.mark.parametrize("answer_hours", [24, 72])
def test_a_result_that_is_due_with_the_answer_or_before_it_is_overdue_too(answer_hours):
    town = referring_town()
    housing = msgspec.structs.replace(
        town.referring.agencies[1], answer_hours=answer_hours, working_days=1
    )
    town.referring = msgspec.structs.replace(town.referring, agencies=(housing,), rules=())
    centre = Centre(town=town)
    centre.done(w.ReferIncident, incident="100", agency="HOUSING", kind="Other")
    centre.tick(80 * 3600)
    late = [row for row in centre.hub.store.rows(0) if row.kind == w.ReferralOverdue.tag]
    assert [centre.hub.rooms.decode(row).late for row in late] == [w.Late.ANSWER, w.Late.RESULT]
    assert centre.state("matters").alarms.next() is None


def test_an_accepted_referral_is_waited_for_until_its_result_is_due():
    told = referred().when(w.AcceptReferral, referral="100F1")
    due_us, _name = room(told).alarms.next()
    assert due_us == room(told).referrals["100F1"].due_us


def test_working_days_pass_over_the_weekend_at_the_same_time_of_the_day():
    town = referring_town()
    thursday = at_local("2020-04-02T14:00:00")
    assert rules.working(town, thursday, 2) == at_local("2020-04-06T14:00:00")


@pytest.mark.parametrize("digest", ["", "xyz", "AB" * 32, "ab" * 32 + "\n"])
def test_a_link_is_known_by_a_digest_and_nothing_else(digest):
    with pytest.raises(msgspec.ValidationError):
        town_story().when(w.LinkReferral, referral="100F1", digest=digest)
