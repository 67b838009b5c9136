"""Facts are what was recorded, corrections applied, invented times left out."""

import msgspec

from answerable.dispatch import words as d
from answerable.intake import words as i
from answerable.kernel.event import Event, Recorded, Row
from answerable.kernel.room import Rooms
from answerable.measure.facts import FACTS, NO_GROUP, NOT_GIVEN, Facts, add_facts, call_facts
from answerable.rooms import ROOMS, VIEWS, authority

PLACE = {"kind": "Alarms", "priority": "3", "address": "1 Block"}
JOB = {"incident": "1", "unit": "E1"}


def fold(*happened: tuple[int, Event]) -> Facts:
    """Fold events that happened at these seconds."""
    facts = Facts()
    rows = [
        Recorded(Row(n, "s", type(e).tag, 1, t * 1_000_000, t * 1_000_000, "a", "k", 1, b""), e)
        for n, (t, e) in enumerate(happened, 1)
    ]
    add_facts(facts, rows)
    return facts


def only(*happened):
    (fact,) = call_facts(fold(*happened))
    return fact


OPENED = (20, i.IncidentOpened(incident="1", call="c", group="Fire", **PLACE))
SENT = (30, d.UnitSent(unit_type="ENGINE", **JOB))


def test_a_call_begins_with_its_ring():
    fact = only((10, i.CallRung(call="c")), (15, i.CallAnswered(call="c")), OPENED)
    assert fact.received_us == 10_000_000
    assert fact.opened_us == 20_000_000
    assert (fact.group, fact.priority) == ("Fire", "3")


def test_a_call_nobody_saw_ring_begins_with_its_answer():
    assert only((15, i.CallAnswered(call="c")), OPENED).received_us == 15_000_000


def test_of_several_calls_about_one_incident_the_first_counts():
    fact = only(
        (9, i.CallRung(call="d")), (10, i.CallRung(call="c")), OPENED,
        (21, i.CallAttached(call="d", incident="1")),
    )  # fmt: skip
    assert fact.received_us == 9_000_000


def test_the_first_dispatch_and_the_first_arrival_count_over_all_units():
    other = {"incident": "1", "unit": "M2"}
    fact = only(
        OPENED, SENT, (40, d.UnitSent(unit_type="MEDIC", **other)), (50, d.UnitArrived(**other)),
        (60, d.UnitArrived(**JOB)),
    )  # fmt: skip
    assert (fact.dispatched_us, fact.arrived_us) == (30_000_000, 50_000_000)
    assert fact.unit_rows == 2


def test_a_unit_sent_twice_is_two_jobs_and_each_step_belongs_to_the_newest():
    facts = fold(OPENED, SENT, (35, d.UnitCancelled(reason="no", **JOB)), SENT,
                 (60, d.UnitArrived(**JOB)))  # fmt: skip
    first, second = facts.incidents["1"].units
    assert list(first.times) == ["UnitSent", "UnitCancelled"]
    assert list(second.times) == ["UnitSent", "UnitArrived"]


def test_a_time_the_source_did_not_give_is_no_fact():
    marked = d.UnitSent(unit_type="ENGINE", marks=(NOT_GIVEN,), **JOB)
    fact = only((20, i.IncidentOpened(incident="1", marks=(NOT_GIVEN,), **PLACE)), (30, marked))
    assert (fact.opened_us, fact.dispatched_us, fact.unit_rows) == (None, None, 1)
    assert fact.group == NO_GROUP


def test_corrected_times_are_the_facts():
    job = d.TimeCorrected(step="UnitArrived", was_us=1, now_us=44_000_000, reason="typo", **JOB)
    ring = i.CallTimeCorrected(
        call="c", step="CallRung", was_us=1, now_us=5_000_000, reason="typo", incident=""
    )
    entry = i.CallTimeCorrected(
        incident="1", step="IncidentOpened", was_us=1, now_us=6_000_000, reason="typo", call=""
    )
    fact = only((10, i.CallRung(call="c")), OPENED, SENT, (50, d.UnitArrived(**JOB)),
                (90, job), (91, ring), (92, entry))  # fmt: skip
    assert (fact.received_us, fact.opened_us, fact.arrived_us) == (
        5_000_000, 6_000_000, 44_000_000,
    )  # fmt: skip


def test_a_changed_priority_is_the_final_one():
    changed = i.KindChanged(
        incident="1", kind="Alarms", priority="2", was_kind="Alarms", was_priority="3", reason="ok"
    )
    assert only(OPENED, (25, changed)).priority == "2"


def test_the_fact_tables_fit_among_the_views_and_into_a_snapshot():
    rooms = Rooms(ROOMS, authority(), (*VIEWS, FACTS))
    facts = fold(OPENED, SENT)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=Facts)
    assert again == facts
    assert FACTS in rooms.views
