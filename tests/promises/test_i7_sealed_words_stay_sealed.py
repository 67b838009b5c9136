"""I7: sealed words are in no state, no view, no event body, no answer and no log; only the vault.

No view is keyed by a sealed field, and none can be searched by one across incidents: not even the
commitment that the log holds in its place is kept by any fold.
"""

from __future__ import annotations

import logging

import pytest

from answerable.dispatch import words as d
from answerable.intake import words as i
from answerable.kernel.event import Mark, marks_of, sealed_fields, stream_of
from answerable.kernel.hub import Accepted, Faulted, Refused
from answerable.rooms import product
from tests.samples import sample
from tests.story import PLACE, US, Centre

SECRET = "Zaphod-Sentinel-4711"
SEALED = {
    (i.CallRung, "number"), (i.CallAnswered, "number"), (i.IncidentOpened, "door"),
    (i.PlaceCorrected, "door"), (i.NoteAdded, "words"), (d.FieldReported, "words"),
}  # fmt: skip


def busy_day(town: Centre) -> str:
    """Say the secret in every field that is sealed, and have a few commands refused as well."""
    town.adopt().duty("E1", "E2")
    town.done(i.RingCall, role="line", call="C1", number=SECRET)
    town.done(i.AnswerCall, call="C1", number=SECRET)
    incident = town.incident(call="C1", door=SECRET)
    town.done(
        i.CorrectPlace, incident=incident, address="5th St", lon=-122.43, lat=37.7, door=SECRET,
        reason="moved",
    )  # fmt: skip
    town.done(i.AddNote, incident=incident, words=f"ask for {SECRET} at the gate")
    town.done(i.StrikeNote, incident=incident, note=1, reason="wrong gate")
    for command in (d.SendUnit, d.Arrive):
        town.tick(45).done(command, incident=incident, unit="E1")
    town.done(d.ReportBack, incident=incident, unit="E1", outcome="helped", words=SECRET)
    town.refused(i.AddNote, incident="none", words=SECRET)
    town.refused(i.RingCall, role="line", call="C1", number=SECRET)
    town.refused(i.OpenIncident, **{**PLACE, "kind": "Dragon"}, door=SECRET)
    town.refused(i.AddNote, role="crew", incident=incident, words=SECRET)
    town.refused(d.ReportBack, incident=incident, unit="E2", outcome="helped", words=SECRET)
    town.tick(3600)
    return incident


def test_every_sealed_field_of_both_rooms_is_known_here():
    found = {(cls, name) for cls in (*i.EVENTS, *d.EVENTS) for name in sealed_fields(cls)}
    assert found == SEALED


def test_the_vault_holds_the_words_and_nothing_else_does(town, caplog):
    caplog.set_level(logging.DEBUG)
    busy_day(town)
    found = {
        (town.hub.rooms.events[row.kind], name)
        for row in town.store.rows()
        for name in sealed_fields(town.hub.rooms.events[row.kind])
        if SECRET in (town.store.unseal(row.position, name) or "")
    }
    assert found == SEALED, "the day did not say the secret everywhere"
    for row in town.store.rows():
        assert SECRET.encode() not in row.body
        assert SECRET not in repr(row)
    assert SECRET.encode() not in town.hub.rooms.pack(town.hub.state)
    assert SECRET not in repr(town.hub.state)
    assert SECRET not in caplog.text


def test_not_even_the_commitment_is_kept_by_a_state_or_a_view(town):
    busy_day(town)
    assert b"sealed:" in b"".join(row.body for row in town.store.rows())
    assert b"sealed:" not in town.hub.rooms.pack(town.hub.state)
    town.restart(use_snapshot=False)
    assert b"sealed:" not in town.hub.rooms.pack(town.hub.state)


def test_two_equal_secrets_have_different_commitments():
    town = Centre()
    incident = town.incident()
    for _ in range(2):
        town.done(i.AddNote, incident=incident, words=SECRET)
    words = [e.words for e in town.events() if isinstance(e, i.NoteAdded)]
    assert len(set(words)) == 2
    assert all(word.startswith("sealed:") for word in words)


def test_answers_and_refusals_do_not_repeat_the_words():
    town = Centre()
    incident = town.incident()
    for outcome in (
        town.do(i.AddNote, incident=incident, words=SECRET),
        town.do(i.AddNote, incident="none", words=SECRET),
        town.do(i.RingCall, role="line", number=SECRET),
        town.do(i.AddNote, role="crew", incident=incident, words=SECRET),
    ):
        assert isinstance(outcome, Accepted | Refused)
        assert SECRET not in repr(outcome)


def test_a_fault_in_a_rule_does_not_repeat_the_words(monkeypatch, caplog):
    town = Centre()
    incident = town.incident()
    room = town.hub.rooms.room_of[i.AddNote]

    def faulty(state, command, ctx):
        raise ValueError(f"cannot take {command.words}")

    monkeypatch.setitem(room.deciders.table, i.AddNote, faulty)
    outcome = town.do(i.AddNote, incident=incident, words=SECRET)
    assert isinstance(outcome, Faulted)
    assert SECRET not in repr(outcome)
    assert SECRET not in caplog.text


def test_a_booking_takes_no_words_of_a_person():
    assert "door" not in i.BookIncident.__struct_fields__
    assert "number" not in i.BookIncident.__struct_fields__


@pytest.mark.parametrize("cls", [*i.EVENTS, *d.EVENTS], ids=lambda cls: cls.__name__)
def test_no_event_is_filed_under_a_sealed_field(cls):
    sealed = {name for name, mark in marks_of(cls).items() if mark is Mark.SEALED}
    event = sample(cls, **dict.fromkeys(sealed, SECRET))
    assert SECRET not in stream_of(event)
    assert not set(cls.ids) & sealed


def test_no_refusal_has_a_field_for_a_persons_words():
    for cls in product().refusals.values():
        assert not sealed_fields(cls)


def test_after_the_day_the_centre_still_works(town):
    incident = busy_day(town)
    town.clock.set(town.clock.now_us() + US)
    assert town.done(i.AddNote, incident=incident, words="still here")[0].note == 2
