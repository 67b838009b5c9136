"""The plan goes through the real hub, and what the record then holds is what the source said."""

import pytest

from answerable.dispatch import words as d
from answerable.exchange.calls.plan import plan_calls
from answerable.exchange.calls.replay import ROWS_MAX, Feed, instead, replay
from answerable.exchange.calls.rows import read_calls
from answerable.intake import words as i
from answerable.kernel.authority import IMPORTER, Actor
from answerable.kernel.clock import SetClock
from answerable.kernel.hub import Accepted, Hub, Refused
from answerable.kernel.ids import SeededIds
from answerable.measure.facts import Facts, add_facts, call_facts
from answerable.record.memory import MemoryStore
from answerable.rooms import product
from answerable.towns.load import load_town, packaged_towns
from tests.exchange.made_up import row


@pytest.fixture(scope="module")
def town():
    return load_town(packaged_towns()["san_francisco"])


class World:
    """A hub on a memory store that has taken some rows."""

    def __init__(self, town, source):
        self.source = source
        self.plan = plan_calls(source, town.kinds)
        self.feed = Feed(self.plan, town.units)
        self.clock = SetClock(self.feed.next_us or 0)
        self.store = MemoryStore()
        self.hub = Hub(product(), self.store, clock=self.clock, ids=SeededIds(1), town=town)
        self.hub.start()
        self.facts = Facts()
        self.batches: list[int] = []
        self.hub.subscribe(self._committed)

    def _committed(self, recorded, head):
        add_facts(self.facts, recorded)
        self.batches.append(len(recorded))

    def run(self):
        self.result = replay(self.hub, self.clock, self.feed)
        return self

    def events(self, *kinds):
        rooms = self.hub.rooms
        return [
            (row, event)
            for row in self.store.rows()
            if isinstance(event := rooms.decode(row), kinds or object)
        ]


@pytest.fixture
def world(town, csv_file, mapping):
    return lambda *rows: World(town, read_calls(csv_file(*rows), mapping))


def test_the_record_holds_each_step_at_its_true_time(world):
    made = world(row()).run()
    (sent,) = made.events(d.UnitSent)
    (arrived,) = made.events(d.UnitArrived)
    (rung,) = made.events(i.CallRung)
    assert (arrived[0].happened_at - sent[0].happened_at) == 240_000_000
    assert (arrived[0].happened_at - rung[0].happened_at) == 360_000_000
    assert made.result.refused == {}
    assert made.result.events == made.hub.position


def test_the_record_never_says_something_was_known_before_it_happened(world):
    made = world(row(there="2018-06-01 10:01:30"), row(call="2", sent="2018-06-01 09:59:00")).run()
    rows = [one for one, _ in made.events()]
    assert all(one.happened_at <= one.recorded_at for one in rows)
    assert [one.recorded_at for one in rows] == sorted(one.recorded_at for one in rows)


def test_overlapping_jobs_of_one_unit_are_stacked_on_purpose_at_their_true_times(world):
    late = {"received": "2018-06-01 10:10:00", "entered": "2018-06-01 10:11:00"}
    made = world(
        row(call="1"),
        row(call="2", **late, sent="2018-06-01 10:12:00", there="2018-06-01 10:15:00",
            clear="2018-06-01 10:20:00"),
    ).run()  # fmt: skip
    assert made.result.stacked == 1
    assert made.result.refused == {}
    ((_, stacked),) = made.events(d.UnitStacked)
    assert stacked.reason == "sent by the source while on 1"
    times = {e.incident: r.happened_at for r, e in made.events(d.UnitSent)}
    assert (times["2"] - times["1"]) == 600_000_000
    assert len(made.events(d.UnitCleared)) == 2
    assert len(made.events(d.IncidentClosed)) == 2


def test_every_row_that_is_recorded_has_its_call_and_its_job_in_the_record(world):
    rows = [row(call=str(n), unit=f"E{n % 3}") for n in range(40)]
    made = world(*rows).run()
    facts = {fact.call: fact for fact in call_facts(made.facts)}
    assert set(facts) == {str(n) for n in range(40)}
    assert all(fact.unit_rows == 1 for fact in facts.values())
    assert made.result.refused == {}


def test_the_facts_of_the_record_are_those_of_the_rows(world):
    made = world(row(unit="E1"), row(unit="M2", there="2018-06-01 10:04:00", sent="")).run()
    (fact,) = call_facts(made.facts)
    at = made.source.rows[0].at
    assert (fact.received_us, fact.opened_us, fact.dispatched_us) == (at[0], at[1], at[2])
    assert fact.arrived_us == made.source.rows[1].at[3]
    assert fact.unit_rows == 2


def test_a_time_the_source_did_not_give_is_in_the_record_but_is_no_fact(world):
    made = world(row(sent="")).run()
    assert len(made.events(d.UnitSent)) == 1
    (fact,) = call_facts(made.facts)
    assert fact.dispatched_us is None


def test_batches_stay_within_their_limit_and_are_all_committed(world):
    made = world(*[row(call=str(n), unit=f"E{n}") for n in range(120)]).run()
    assert made.hub.waiting == 0
    assert sum(made.batches) == made.store.head().size
    assert max(made.batches) <= 2 * ROWS_MAX


def test_replaying_the_same_rows_again_records_nothing_twice(world, town, csv_file, mapping):
    made = world(row(), row(call="2", unit="M2")).run()
    before = made.hub.position
    feed = Feed(plan_calls(read_calls(csv_file(row()), mapping), town.kinds), town.units)
    again = replay(made.hub, made.clock, feed)
    assert again.events == made.hub.position - before == 0
    assert again.refused == {}


def test_units_of_the_town_come_on_duty_with_their_station_and_skills(world, town):
    spec = next(iter(town.units.values()))
    made = world(row(unit=spec.unit), row(call="2", unit="ZZ9")).run()
    duty = {event.unit: event for _, event in made.events(d.UnitOnDuty)}
    assert duty[spec.unit].unit_type == spec.unit_type
    assert duty[spec.unit].skills == spec.skills
    assert duty["ZZ9"].unit_type == "not given"


def test_the_feed_gives_what_is_due_and_no_more(world):
    feed = world(row()).feed
    first = feed.next_us
    assert [type(p.command) for p in feed.take(first)] == [i.RingCall, i.AnswerCall]
    assert list(feed.take(first)) == []
    assert len(feed.take(first + 3_600_000_000, most=2)) == 2
    assert feed.skip(first + 10 * 3_600_000_000) == 3
    assert feed.next_us is None


def test_only_a_busy_unit_is_stacked(world):
    made = world(row()).run()
    command = d.SendUnit(key="again:1", incident="1", unit="E1")
    outcome = made.hub.do(command, IMPORTER)
    assert isinstance(outcome, Refused)
    assert instead(command, outcome) == ()
    assert instead(command, Accepted(())) == ()


def test_a_row_the_rules_refuse_is_reported_with_their_words(world):
    made = world(row())
    unit = d.PutOnDuty(key="duty:x:1", unit="E1", unit_type="ENGINE")
    out = d.TakeOutOfService(key="duty:x:2", unit="E1", reason="brakes")
    made.hub.do(unit, IMPORTER)
    made.hub.do(out, Actor("anna", "dispatcher"))
    made.run()
    (fault,) = made.result.refused.values()
    assert fault.line == 2
    assert "Not sent: E1." in fault.reason
