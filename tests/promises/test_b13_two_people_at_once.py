"""B13: two people's clicks never overwrite each other.

Ranger IMS rewrote a whole list and so lost one of two quick clicks.
"""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.dispatch import words as w
from answerable.intake import words as intake
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Desk
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted, Outcome, Refused
from tests.story import Centre, centre, make
from tests.walk import asked, begun, picks, seeded, walk

Click = tuple[type[Command], dict[str, Any]]


def at_once(town: Centre, *clicks: Click) -> list[Outcome]:
    """Let different people click in the same moment, before anybody has an answer."""
    desk = Desk(town.hub, on_fatal=lambda why: None)

    async def all_of_them() -> list[Outcome]:
        asks = [
            desk.ask(make(command, fields), Actor(name=f"person {n}", role="supervisor"))
            for n, (command, fields) in enumerate(clicks)
        ]
        return list(await asyncio.gather(*asks))

    return asyncio.run(all_of_them())


def kept(town: Centre, outcomes: list[Outcome]) -> None:
    """Fail unless each click is whole in the record, or refused with three parts."""
    record = list(town.store.rows())
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, Accepted):
            for one in outcome.recorded:
                assert record[one.row.position - 1] == one.row
                assert one.row.actor in (f"person {number}", "system")
        else:
            assert isinstance(outcome, Refused), outcome
            refusal = outcome.refusal
            assert refusal.not_done and refusal.because and refusal.instead  # noqa: PT018


def test_one_unit_clicked_for_two_incidents_goes_to_one_and_the_other_is_told(town):
    town.duty("E1")
    first, second = town.incident(), town.incident()
    outcomes = at_once(
        town,
        (w.SendUnit, {"incident": first, "unit": "E1"}),
        (w.SendUnit, {"incident": second, "unit": "E1"}),
    )
    kept(town, outcomes)
    assert isinstance(outcomes[0], Accepted)
    assert isinstance(outcomes[1], Refused)
    assert isinstance(outcomes[1].refusal, w.UnitBusy)
    assert outcomes[1].refusal.incident == first


def test_two_units_clicked_for_one_incident_are_both_on_it(town):
    town.duty("E1", "E2")
    incident = town.incident()
    kept(
        town,
        at_once(town, *((w.SendUnit, {"incident": incident, "unit": u}) for u in ("E1", "E2"))),
    )
    assert set(town.board.incidents[incident].jobs) == {"E1", "E2"}


def test_two_notes_written_at_once_are_two_notes(town):
    incident = town.incident()
    outcomes = at_once(
        town, *((intake.AddNote, {"incident": incident, "words": w}) for w in ("left", "right"))
    )
    kept(town, outcomes)
    notes = [e for e in town.events() if isinstance(e, intake.NoteAdded)]
    assert [note.note for note in notes] == [1, 2]
    rows = list(town.store.stream(f"incident:{incident}"))[-2:]
    assert [town.store.unseal(row.position, "words") for row in rows] == ["left", "right"]


def test_a_kind_and_a_place_changed_at_once_both_hold(town):
    incident = town.incident()
    outcomes = at_once(
        town,
        (
            intake.ChangeKind,
            {"incident": incident, "kind": "Other", "priority": "1", "reason": "no"},
        ),
        (intake.CorrectPlace, {"incident": incident, "address": "9 Pier Rd", "reason": "moved"}),
    )
    kept(town, outcomes)
    line = town.board.incidents[incident]
    assert (line.kind, line.address) == ("Other", "9 Pier Rd")


def test_two_changes_of_one_kind_are_both_in_the_record_each_on_what_it_found(town):
    incident = town.incident()
    change = {"incident": incident, "reason": "seen", "priority": "1"}
    at_once(
        town,
        (intake.ChangeKind, {**change, "kind": "Other"}),
        (intake.ChangeKind, {**change, "kind": "Medical"}),
    )
    changes = [e for e in town.events() if isinstance(e, intake.KindChanged)]
    assert [(e.was_kind, e.kind) for e in changes] == [("Fire", "Other"), ("Other", "Medical")]


def test_clearing_and_stacking_at_once_loses_neither(town):
    town.duty("E1")
    first, second = town.incident(), town.incident()
    town.done(w.SendUnit, incident=first, unit="E1")
    outcomes = at_once(
        town,
        (w.StackUnit, {"incident": second, "unit": "E1", "reason": "next door"}),
        (w.ClearUnit, {"incident": first, "unit": "E1"}),
    )
    kept(town, outcomes)
    assert town.board.units["E1"].jobs == {second: "sent"}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 50), st.lists(picks, min_size=2, max_size=5))
def test_whatever_is_clicked_at_once_is_as_if_one_came_after_the_other(seed, numbers):
    town, other = begun(centre()), begun(centre())
    for one in (town, other):
        walk(one, seeded(seed, 20))
    clicks = [asked(number, town) for number in numbers]
    clicks = [(c, {**f, "key": f"click-{n}"}) for n, (c, f) in enumerate(clicks)]
    outcomes = at_once(town, *clicks)
    kept(town, outcomes)
    for number, (command, fields) in enumerate(clicks):
        other.do(command, role="supervisor", name=f"person {number}", **fields)
    told = [(row.kind, row.actor, row.stream) for row in town.store.rows()]
    assert told == [(row.kind, row.actor, row.stream) for row in other.store.rows()]
    assert repr(town.board) == repr(other.board)
