"""The crews of the demonstration: who keys their steps, when they report, and what waits for it."""

from __future__ import annotations

from answerable.console.demo import Demo
from answerable.console.demo_reports import DESK
from answerable.dispatch import report_words as r
from answerable.dispatch import words as d
from answerable.exchange.calls.plan import Plan, Planned
from answerable.exchange.calls.replay import Feed
from answerable.intake import words as i
from tests.console.conftest import MINUTE_US, NOON_US

PLACE = {"address": "GOLDEN GATE AV/LARKIN ST", "lon": -122.4177, "lat": 37.7816}
JOBS = 60
"""So many jobs that a share of a hundred shows."""


def plan() -> Plan:
    """Jobs of E03, one an hour: sent, arrived after 5 minutes, cleared and closed after 20."""
    made: list[Planned] = []

    def add(minute: int, command) -> None:
        at_us = NOON_US + minute * MINUTE_US
        made.append(Planned((at_us, 0, 0, len(made)), 1, command(at_us)))

    for n in range(JOBS):
        incident, job, begin = f"J{n}", {"incident": f"J{n}", "unit": "E03"}, n * 60

        def step(command, minute, name=incident, **fields):
            tag = f"{command.__name__}:{name}"
            add(minute, lambda at_us: command(key=tag, at=at_us, **fields))

        step(i.OpenIncident, begin, incident=incident, kind="Alarms", priority="3", **PLACE)
        step(d.SendUnit, begin + 1, **job)
        step(d.Arrive, begin + 5, **job)
        step(d.ClearUnit, begin + 20, **job)
        step(d.CloseIncident, begin + 20, incident=incident, outcome="Fire")
    return Plan(commands=made, units=[], calls=JOBS)


def played(world) -> Demo:
    hub, clock = world.centre.hub, world.demo._clock
    end_us = NOON_US + (JOBS + 2) * 60 * MINUTE_US
    demo = Demo(hub, clock, Feed(plan()), NOON_US, end_us)
    demo.prepare(end_us)
    return demo


def rows(world, kind: type) -> list:
    return [row for row in world.centre.hub.store.rows() if row.kind == kind.tag]


def test_crews_report_before_they_clear_or_later_and_closing_waits_for_it(world):
    demo = played(world)
    assert demo.left_out == 0
    reports, closed = rows(world, d.FieldReported), rows(world, d.IncidentClosed)
    cleared = {row.stream: row for row in rows(world, d.UnitCleared)}
    first = {row.stream: row for row in reversed(reports)}
    assert len(first) == len(closed) == JOBS
    at_once = [s for s, row in first.items() if row.position < cleared[s].position]
    assert 0.5 * JOBS < len(at_once) < 0.9 * JOBS
    for row in closed:
        assert first[row.stream].position < row.position
        assert row.happened_at >= first[row.stream].happened_at
        assert row.actor == DESK.name
    assert not world.centre.hub.state["reports"].owed


def test_some_reports_go_back_and_come_again(world):
    played(world)
    back = rows(world, r.ReportReturned)
    assert 0 < len(back) < JOBS / 5
    for row in back:
        again = [one for one in rows(world, d.FieldReported) if one.stream == row.stream]
        assert again[-1].position > row.position


def test_most_steps_are_keyed_by_the_crew_some_by_the_desk_and_none_by_the_importer(world):
    played(world)
    steps = [row for kind in (d.UnitArrived, d.UnitCleared) for row in rows(world, kind)]
    actors = {row.actor for row in steps}
    assert actors == {"crew of E03", DESK.name}
    by_desk = sum(row.actor == DESK.name for row in steps)
    assert 0 < by_desk < len(steps) / 2
    for row in steps:
        assert world.centre.hub.rooms.decode(row).by_desk is (row.actor == DESK.name)


def test_a_demonstration_that_begins_again_takes_up_what_is_owed(world):
    incident = world.incident(kind="Alarms")
    for step in (d.SendUnit, d.Arrive, d.ClearUnit):
        world.do(step, incident=incident, unit="E03")
    end_us = NOON_US + 600 * MINUTE_US
    close = d.CloseIncident(key="c", at=end_us, incident=incident, outcome="Fire")
    ends = Plan(commands=[Planned((end_us, 0, 0, 0), 1, close)], units=[], calls=1)
    demo = Demo(world.centre.hub, world.demo._clock, Feed(ends), NOON_US, end_us)
    demo._crews.start(NOON_US)
    demo._crews_before(NOON_US + 120 * MINUTE_US)
    world.centre.hub.commit()
    assert not world.centre.hub.state["reports"].owed
    assert incident in world.centre.board.closed
