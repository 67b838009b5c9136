"""Readings with a purpose, holds, erasure by two people and by the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from answerable.dispatch import words as d
from answerable.followup import right_words as r
from answerable.handover import words as h
from answerable.intake import words as i
from answerable.kernel.event import Mark
from answerable.kernel.hub import Accepted
from answerable.kernel.refusals import NotAllowed, Unknown, WrongStep
from answerable.matters import matter_words as m
from answerable.record.memory import MemoryStore
from answerable.record.sqlite import SqliteStore
from answerable.record.vault import ERASED
from answerable.rooms import authority, product
from answerable.towns.load import read_matters
from answerable.towns.model import Town
from answerable.towns.retention import Act, RetentionFile, Rule
from answerable.vault import words as v
from answerable.vault.carrying import begin_sweeping, carry_out, waiting
from answerable.vault.rules import due_now
from answerable.vault.state import SWEEP
from tests.story import PLACE, US, Centre, toy_town

DAY_S = 86_400
SECRET = "Zephyrine behind the blue door"
TABLE = RetentionFile(
    source="a test",
    rules=(
        Rule(because="never answered", kinds=("call",), erase_days=2),
        Rule(because="nobody was sent", ends=("cancelled",), erase_days=1),
        Rule(because="fires", kinds=("Fire",), erase_days=10, archive_days=20, destroy_days=30),
        Rule(because="the rest", erase_days=5),
    ),
)


def town(table: RetentionFile = TABLE) -> Town:
    toy = toy_town()
    return Town(toy.file, tuple(toy.units.values()), toy.places, retention=table)


@pytest.fixture(params=["memory", "sqlite"])
def centre(request, tmp_path):
    store = MemoryStore() if request.param == "memory" else SqliteStore.open(tmp_path / "r.sqlite")
    made = Centre(store, town=town())
    yield made
    made.store.close()


def ended(centre: Centre, outcome: str = "helped", call: str = "C1", **fields) -> str:
    """Return a closed incident with sealed words in it and in its call."""
    centre.done(i.AnswerCall, call=call, number=SECRET)
    incident = centre.incident(call=call, door=SECRET, **fields)
    centre.done(i.AddNote, incident=incident, words=SECRET)
    centre.done(d.CloseIncident, incident=incident, outcome=outcome)
    return incident


def words_of(centre: Centre) -> list[str | None]:
    """Return every sealed word of the record that still opens."""
    rooms = centre.hub.rooms
    found = [
        centre.store.unseal(row.position, field)
        for row in centre.store.rows()
        for field in rooms.forms[rooms.events[row.kind]].sealed
    ]
    return [word for word in found if word]


def kinds(centre: Centre) -> list[str]:
    return [row.kind for row in centre.store.rows() if row.kind.startswith("vault.")]


# -- reading ---------------------------------------------------------------------------------


def read(centre: Centre, incident: str, purpose: str = "complaint", **more):
    fields = {"incident": incident, "purpose": purpose, "role": "supervisor", **more}
    return centre.do(v.ReadSealed, **fields)


def test_a_reading_counts_for_an_hour_and_for_who_read(centre):
    incident = centre.incident()
    read(centre, incident, "working the incident", name="ada")
    reads = centre.state("vault").cases[incident].reads
    assert reads == {"ada": centre.clock.now_us() + 3600 * US}
    centre.tick(3601)
    read(centre, incident, "working the incident", name="bo")
    assert list(centre.state("vault").cases[incident].reads) == ["bo"]


def test_a_closed_incident_is_not_read_in_the_course_of_work(centre):
    refusal = read(centre, ended(centre), "working the incident").refusal
    assert isinstance(refusal, v.NotWorkedOn)


def test_the_purpose_other_needs_a_note(centre):
    incident = ended(centre)
    assert isinstance(read(centre, incident, "other", note=" ").refusal, v.PurposeUnclear)
    assert isinstance(read(centre, incident, "other", note="file 3"), Accepted)


def test_an_unknown_incident_is_refused_by_every_command(centre):
    fields = {"reason": "why not"}
    for command, more in (
        (v.ReadSealed, {"purpose": "complaint"}), (v.OpenArchived, {"purpose": "complaint"}),
        (v.HoldIncident, fields), (v.LiftHold, fields), (v.AskErasure, fields),
        (v.DenyErasure, fields), (v.ApproveErasure, {}),
    ):  # fmt: skip
        refusal = centre.refused(command, role="supervisor", incident="none", **more)
        assert isinstance(refusal, Unknown)
    for matter in ("incident", "call"):
        refusal = centre.refused(v.EraseDue, role="system", **{matter: "none"})
        assert isinstance(refusal, Unknown)


def test_a_program_reads_nothing_and_a_crew_sees_no_sealed_word_but_its_messages(centre):
    refusal = centre.refused(
        v.ReadSealed, role="reader", incident=centre.incident(), purpose="complaint"
    )
    assert isinstance(refusal, NotAllowed)
    assert not authority().may_see("crew", Mark.SEALED)  # the gate opens messages to it, no more


# -- two people ------------------------------------------------------------------------------


def ask(centre: Centre, incident: str, name: str = "ada", act: str = "erase"):
    return centre.do(v.AskErasure, role="supervisor", name=name, incident=incident, act=act,
                     reason="the caller asked")  # fmt: skip


def approve(centre: Centre, incident: str, name: str = "bo"):
    return centre.do(v.ApproveErasure, role="supervisor", name=name, incident=incident)


def test_two_people_erase_the_words_of_an_incident_and_its_calls(centre):
    incident = ended(centre)
    other = ended(centre, call="C2")
    before = centre.store.head()
    ask(centre, incident)
    assert isinstance(approve(centre, incident), Accepted)
    assert waiting(centre.hub) == 1
    assert len(words_of(centre)) == 6, "ordered, not carried out"
    assert carry_out(centre.hub) == 1
    assert len(words_of(centre)) == 3, "those of the other incident"
    assert centre.state("vault").cases[other].sealed == "kept"
    assert kinds(centre)[-2:] == ["vault.Erased", "vault.KeysDestroyed"]
    assert centre.store.head().size == before.size + 4, "and the caller is not rung any more"
    assert carry_out(centre.hub) == 0


def test_what_was_ordered_and_not_carried_out_waits_over_a_restart(centre):
    incident = ended(centre)
    ask(centre, incident)
    approve(centre, incident)
    centre.restart(use_snapshot=False)
    assert len(words_of(centre)) == 3
    assert carry_out(centre.hub) == 1
    assert words_of(centre) == []


@pytest.mark.parametrize("taken", [True, False])
def test_what_one_shift_told_the_next_is_erased_by_the_table(centre, taken):
    centre.done(h.SitDown, desk="Desk 3", name="ada")
    centre.done(h.OfferHandOver, desk="Desk 3", words=SECRET, name="ada")
    assert isinstance(centre.refused(v.EraseDue, role="system", handover="H1"), Unknown)
    over = {"desk": "Desk 3", "handover": "H1"}
    if taken:
        centre.done(h.TakeHandOver, name="bo", **over)
    else:
        centre.done(h.WithdrawHandOver, name="ada", **over)
    assert isinstance(centre.refused(v.EraseDue, role="system", handover="H1"), v.NotDue)
    begin_sweeping(centre.hub)
    centre.tick(4 * DAY_S)
    assert words_of(centre) == [SECRET]
    centre.tick(2 * DAY_S)
    carry_out(centre.hub)
    assert words_of(centre) == []
    assert not centre.state("vault").handovers
    assert not list(due_now(centre.state("vault"), centre.town, centre.clock.now_us()))
    centre.restart(use_snapshot=False)
    assert words_of(centre) == []


def test_what_is_said_after_an_erasure_is_erased_in_its_turn(centre):
    incident = ended(centre)
    ask(centre, incident)
    approve(centre, incident)
    assert carry_out(centre.hub)
    opened, *_ = centre.done(
        r.OpenPutRight, role="supervisor", incident=incident, reason=r.Why.ASKED
    )
    about = {"incident": incident, "right": opened.right}
    centre.done(r.OwnPutRight, role="supervisor", owner="supervisor", **about)
    assert centre.state("vault").cases[incident].sealed == "erased"  # nobody's words yet
    centre.done(r.SpokeWithCaller, role="supervisor", words=SECRET, **about)
    assert words_of(centre) == [SECRET]
    begin_sweeping(centre.hub)
    centre.tick(9 * DAY_S)
    assert words_of(centre) == [SECRET]
    centre.tick(2 * DAY_S)
    carry_out(centre.hub)
    assert words_of(centre) == []


@pytest.fixture
def tracking(centre):
    centre.town.matters = read_matters(Path("there is no such file"))
    return centre


def test_what_was_written_about_a_matter_is_erased_once_it_is_signed_off_and_stays_so(tracking):
    (opened, *_) = tracking.done(
        m.OpenMatter, kind="follow-up", words=SECRET, owner_sort="unit", owner="E1", name="ada"
    )
    about = {"matter": opened.matter}
    tracking.done(m.ProgressMatter, words=SECRET, name="ada", **about)
    tracking.done(m.FinishMatter, result="done", words=SECRET, name="ada", **about)
    assert isinstance(tracking.refused(v.EraseDue, role="system", **about), Unknown)
    tracking.done(m.SignOffMatter, role="supervisor", name="bo", **about)
    begin_sweeping(tracking.hub)
    tracking.tick(4 * DAY_S)
    assert words_of(tracking) == [SECRET] * 3
    tracking.done(m.ReopenMatter, role="supervisor", reason="not done", name="bo", **about)
    tracking.tick(9 * DAY_S)
    assert words_of(tracking) == [SECRET] * 3
    tracking.done(m.FinishMatter, result="done", words="now", name="ada", **about)
    tracking.done(m.SignOffMatter, role="supervisor", name="cleo", **about)
    tracking.tick(6 * DAY_S)
    carry_out(tracking.hub)
    assert words_of(tracking) == []
    assert not tracking.state("vault").matters


def test_the_hub_forgets_the_commands_that_held_the_words(centre):
    incident = ended(centre)
    assert SECRET in repr(list(centre.hub._keys.values()))
    ask(centre, incident)
    approve(centre, incident)
    carry_out(centre.hub)
    assert SECRET not in repr(list(centre.hub._keys.values()))


def test_the_same_command_again_is_still_known_after_the_erasure(centre):
    centre.done(i.AnswerCall, call="C1", number=SECRET)
    incident = centre.incident(call="C1")
    note = i.AddNote(key="the-note-1", incident=incident, words=SECRET)
    first = centre.do(note)
    centre.done(d.CloseIncident, incident=incident, outcome="helped")
    ask(centre, incident)
    approve(centre, incident)
    carry_out(centre.hub)
    again = centre.do(note)
    assert again.again
    assert again.recorded[0].row == first.recorded[0].row


def test_nobody_approves_what_they_asked_for_themselves(centre):
    incident = ended(centre)
    ask(centre, incident)
    assert isinstance(approve(centre, incident, "ada").refusal, v.SamePerson)
    assert len(words_of(centre)) == 3


def test_what_is_open_is_not_erased(centre):
    refusal = ask(centre, centre.incident()).refusal
    assert isinstance(refusal, WrongStep)
    assert refusal.step == "ErasureAsked", "what was asked for, not what might come of it"
    assert isinstance(centre.refused(v.EraseDue, role="system", incident=centre.incident()),
                      WrongStep)  # fmt: skip


def test_what_nobody_asked_for_is_neither_approved_nor_denied(centre):
    incident = ended(centre)
    assert isinstance(approve(centre, incident).refusal, WrongStep)
    refusal = centre.refused(v.DenyErasure, role="supervisor", incident=incident, reason="why not")
    assert isinstance(refusal, WrongStep)


def test_what_was_denied_can_be_asked_for_again(centre):
    incident = ended(centre)
    ask(centre, incident)
    assert isinstance(ask(centre, incident).refusal, WrongStep)
    centre.done(v.DenyErasure, role="supervisor", incident=incident, reason="not ours to erase")
    assert isinstance(approve(centre, incident).refusal, WrongStep)
    assert isinstance(ask(centre, incident), Accepted)


def test_what_is_erased_is_not_erased_again(centre):
    incident = ended(centre)
    ask(centre, incident)
    approve(centre, incident)
    assert isinstance(ask(centre, incident).refusal, v.NothingSealed)
    assert isinstance(read(centre, incident).refusal, WrongStep)


def test_a_reopened_incident_is_sealed_anew_and_can_be_erased_again(centre):
    incident = ended(centre)
    ask(centre, incident)
    approve(centre, incident)
    carry_out(centre.hub)
    centre.done(d.ReopenIncident, incident=incident, reason="they called again")
    centre.done(i.AddNote, incident=incident, words="said later")
    assert words_of(centre) == ["said later"]
    centre.done(d.CloseIncident, incident=incident, outcome="helped")
    ask(centre, incident)
    approve(centre, incident)
    carry_out(centre.hub)
    assert words_of(centre) == []


def test_what_is_asked_for_falls_away_when_the_incident_is_reopened(centre):
    incident = ended(centre)
    ask(centre, incident)
    centre.done(d.ReopenIncident, incident=incident, reason="they called again")
    centre.done(d.CloseIncident, incident=incident, outcome="helped")
    assert isinstance(approve(centre, incident).refusal, WrongStep)


def test_destroying_takes_two_people_and_nobody_reaches_it_afterwards(centre):
    incident = ended(centre)
    ask(centre, incident, act="destroy")
    approve(centre, incident)
    carry_out(centre.hub)
    assert kinds(centre)[-3:] == ["vault.Erased", "vault.Destroyed", "vault.KeysDestroyed"]
    assert words_of(centre) == []
    assert isinstance(read(centre, incident).refusal, v.OutOfReach)
    assert isinstance(ask(centre, incident, act="destroy").refusal, v.OutOfReach)
    refusal = centre.refused(
        v.OpenArchived, role="supervisor", incident=incident, purpose="complaint"
    )
    assert isinstance(refusal, WrongStep)


def test_what_is_erased_can_still_be_destroyed(centre):
    incident = ended(centre)
    for act in ("erase", "destroy"):
        ask(centre, incident, act=act)
        assert isinstance(approve(centre, incident), Accepted)
    assert kinds(centre).count("vault.Erased") == 1


# -- holds -----------------------------------------------------------------------------------


def test_what_is_held_is_erased_by_nobody_until_the_hold_is_lifted(centre):
    incident = ended(centre, kind="Medical")
    ask(centre, incident)
    centre.done(v.HoldIncident, role="supervisor", incident=incident, reason="the court wrote")
    assert isinstance(approve(centre, incident).refusal, v.OnHold)
    refusal = centre.refused(v.HoldIncident, role="supervisor", incident=incident, reason="again")
    assert isinstance(refusal, WrongStep)
    centre.tick(6 * DAY_S)
    assert isinstance(centre.refused(v.EraseDue, role="system", incident=incident), v.OnHold)
    assert list(due_now(centre.state("vault"), centre.town, centre.clock.now_us())) == []
    centre.done(v.LiftHold, role="supervisor", incident=incident, reason="the case is over")
    assert isinstance(centre.do(v.EraseDue, role="system", incident=incident), Accepted)
    fresh = ended(centre, call="C9")
    centre.done(v.HoldIncident, role="supervisor", incident=fresh, reason="the court wrote")
    assert isinstance(ask(centre, fresh).refusal, v.OnHold)


# -- by the table ----------------------------------------------------------------------------


def test_the_table_is_gone_through_every_night_and_does_what_is_due(centre):
    begin_sweeping(centre.hub)
    begin_sweeping(centre.hub)
    assert kinds(centre) == ["vault.RetentionSwept"]
    incident = ended(centre, kind="Medical")
    centre.done(i.AnswerCall, call="C7", number=SECRET)
    centre.done(i.EndCall, call="C7", reason="misdialled")
    for days, left in ((1, 4), (2, 3), (3, 3), (4, 3), (5, 0)):
        centre.tick(DAY_S)
        carry_out(centre.hub)
        assert len(words_of(centre)) == left, days
    swept = [e for e in centre.events() if isinstance(e, v.RetentionSwept)]
    assert [one.due for one in swept] == [0, 0, 1, 0, 0, 1]
    erased = [e for e in centre.events() if isinstance(e, v.Erased)]
    assert [(one.call, one.incident) for one in erased] == [("C7", ""), ("", incident)]
    assert erased[1].because == "5 days have passed (the rest)"
    assert centre.state("vault").ended == {}
    assert centre.state("vault").calls == {}


def test_the_night_is_the_towns_own(centre):
    begin_sweeping(centre.hub)
    local = centre.town.local(centre.state("vault").sweeps.due[SWEEP])
    assert f"{local:%Y-%m-%d %H:%M}" == "2020-04-03 03:30"


def test_a_fire_is_erased_then_archived_and_left_to_two_people(centre):
    incident = ended(centre)
    begin_sweeping(centre.hub)
    for _ in range(32):
        centre.tick(DAY_S)
        carry_out(centre.hub)
    assert [k for k in kinds(centre) if "Swept" not in k] == [
        "vault.Erased", "vault.KeysDestroyed", "vault.Archived",
    ]  # fmt: skip
    [(one, dues)] = due_now(centre.state("vault"), centre.town, centre.clock.now_us(), tuple(Act))
    assert (one.name, [due.act for due in dues]) == (incident, [Act.DESTROY])
    assert isinstance(centre.refused(v.EraseDue, role="system", incident=incident), v.NotDue)
    assert isinstance(read(centre, incident).refusal, v.OutOfReach)
    opened = {"role": "supervisor", "incident": incident, "purpose": "complaint"}
    assert isinstance(centre.refused(v.OpenArchived, **(opened | {"purpose": "other"})),
                      v.PurposeUnclear)  # fmt: skip
    centre.done(v.OpenArchived, **opened)
    centre.done(d.ReopenIncident, incident=incident, reason="a new suspicion")
    assert centre.state("vault").cases[incident].reach == "in reach"


def test_more_than_one_look_can_do_is_done_by_the_next(centre, monkeypatch):
    monkeypatch.setattr(v, "SWEEP_MAX", 3)
    for n in range(7):
        centre.done(i.AnswerCall, call=f"C{n}", number=SECRET)
        centre.done(i.EndCall, call=f"C{n}", reason="misdialled")
    centre.tick(3 * DAY_S)
    begin_sweeping(centre.hub)
    for _ in range(2):
        centre.tick(10)
    carry_out(centre.hub)
    assert words_of(centre) == []
    assert [e.due for e in centre.events() if isinstance(e, v.RetentionSwept)] == [3, 3, 1]


def test_a_cancelled_booking_falls_due_too(centre):
    due = centre.clock.now_us() + 3600 * US
    [event] = centre.done(i.BookIncident, **PLACE, due=due)
    centre.done(i.AddNote, incident=event.incident, words=SECRET)
    centre.done(i.CancelBooking, incident=event.incident, reason="not wanted")
    centre.tick(2 * DAY_S)
    centre.done(v.EraseDue, role="system", incident=event.incident)
    carry_out(centre.hub)
    assert words_of(centre) == []


def test_what_is_not_due_is_refused_to_whoever_asks(centre):
    incident = ended(centre)
    for matter in ({"incident": incident}, {"call": "C7"}):
        if "call" in matter:
            centre.done(i.AnswerCall, call="C7", number=SECRET)
            centre.done(i.EndCall, call="C7", reason="misdialled")
        refusal = centre.refused(v.EraseDue, role="operator", **matter)
        assert isinstance(refusal, v.NotDue)
    for wrong in ({}, {"incident": incident, "call": "C7"}):
        assert isinstance(centre.refused(v.EraseDue, role="operator", **wrong), v.NoSuchMatter)


def test_a_town_without_a_table_erases_nothing_by_itself(tmp_path):
    centre = Centre(town=town(RetentionFile(source="none", rules=())))
    ended(centre)
    begin_sweeping(centre.hub)
    centre.tick(4000 * DAY_S)
    assert len(words_of(centre)) == 3


def test_nothing_is_confirmed_that_was_not_ordered(centre):
    refusal = centre.refused(v.ConfirmErasures, role="system", through=3)
    assert isinstance(refusal, v.NothingOrdered)


def test_what_was_laid_aside_comes_back_for_its_erasure_and_goes_again(tmp_path, monkeypatch):
    monkeypatch.setattr("answerable.aside.KEPT", 2)
    from answerable.aside import ClosedLongAgo

    store = SqliteStore.open(tmp_path / "r.sqlite")
    centre = Centre(store, town=town())
    centre.hub.rooms.aside = ClosedLongAgo(2)
    centre._open(store)
    centre.hub.rooms.aside = ClosedLongAgo(2)
    centre.hub._bind()
    numbers = [ended(centre, call=f"C{n}", kind="Medical") for n in range(9)]
    assert numbers[0] not in centre.state("vault").cases
    begin_sweeping(centre.hub)
    centre.tick(6 * DAY_S)
    carry_out(centre.hub)
    assert words_of(centre) == []
    assert len(centre.state("vault").cases) <= 3
    store.close()


def test_the_records_checks_know_the_event_by_its_name():
    assert v.Erased.tag == ERASED
    assert "streams" in v.Erased.__struct_fields__


def test_no_event_of_the_vault_has_a_sealed_field():
    forms = product().forms
    assert [event for event in v.EVENTS if forms[event].sealed] == []
