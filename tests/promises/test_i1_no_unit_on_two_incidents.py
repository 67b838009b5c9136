"""I1: no unit is on two incidents unless it was stacked on purpose.

Told from the bare log, by a reader that shares nothing with the rules.
"""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from answerable.dispatch import words as w
from answerable.kernel.event import Event
from tests.story import Centre
from tests.walk import begun, seeded, steps, walk


class Reader:
    """Reads the log and knows who is on what, and who was stacked on what."""

    def __init__(self) -> None:
        self.on: dict[str, set[str]] = defaultdict(set)
        self.stacked: dict[str, set[str]] = defaultdict(set)
        self.together = 0

    def read(self, event: Event) -> None:
        """Take up one event; fails where a unit is on two incidents by accident."""
        if isinstance(event, w.UnitStacked):
            self.stacked[event.unit].add(event.incident)
        elif isinstance(event, w.UnitUnstacked):
            self.stacked[event.unit].discard(event.incident)
        elif isinstance(event, w.UnitSent):
            elsewhere = self.on[event.unit] - {event.incident}
            on_purpose = event.incident in self.stacked[event.unit]
            assert not elsewhere or on_purpose, f"{event.unit} was on {elsewhere} already"
            self.together += bool(elsewhere)
            self.stacked[event.unit].discard(event.incident)
            self.on[event.unit].add(event.incident)
        elif isinstance(event, w.UnitCleared | w.UnitCancelled):
            self.on[event.unit].discard(event.incident)


class OneIncidentEach(RuleBasedStateMachine):
    """A day at a small centre, anything possible or impossible being asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.town = begun(Centre())
        self.reader = Reader()
        self.read = 0

    @rule(step=steps)
    def ask(self, step):
        walk(self.town, [step])

    @invariant()
    def nobody_is_in_two_places(self):
        for row in self.town.store.rows(self.read):
            self.reader.read(self.town.hub.rooms.decode(row))
            self.read = row.position
        for name, unit in self.town.state("dispatch").units.items():
            assert set(unit.busy) == self.reader.on[name]
            assert set(unit.stacked) == self.reader.stacked[name]


def test_no_unit_is_on_two_incidents_unless_stacked_whatever_is_asked():
    run_state_machine_as_test(
        OneIncidentEach,
        settings=settings(max_examples=25, stateful_step_count=40, deadline=None),
    )


def test_no_unit_is_on_two_incidents_unless_stacked_on_long_days():
    together = 0
    for seed in range(6):
        town, reader = begun(Centre()), Reader()
        walk(town, seeded(seed, 400))
        for event in town.events():
            reader.read(event)
        together += reader.together
    assert together, "the days were too tame: nobody was sent while busy"


def test_the_reader_hurts():
    reader = Reader()
    reader.read(w.UnitSent(incident="a", unit="E1", unit_type="ENGINE"))
    with pytest.raises(AssertionError):
        reader.read(w.UnitSent(incident="b", unit="E1", unit_type="ENGINE"))
    reader = Reader()
    for event in (
        w.UnitSent(incident="a", unit="E1", unit_type="ENGINE"),
        w.UnitStacked(incident="b", unit="E1", reason="next door"),
        w.UnitSent(incident="b", unit="E1", unit_type="ENGINE"),
    ):
        reader.read(event)
    assert reader.on["E1"] == {"a", "b"}
