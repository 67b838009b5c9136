"""Each invariant hurts: a town that is well, one thing put wrong by hand, and it must say so."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from answerable.dispatch.state import Job
from answerable.kernel.event import SealedValue
from answerable.kernel.store import Snapshot
from answerable.matters.support_state import Request
from answerable.planning import invariants
from answerable.planning.book import entry_of
from answerable.planning.radio import Letter
from answerable.planning.supports import Asked
from answerable.planning.world import World
from answerable.standards import past

SEED, STEPS = 5, 1_500
NUMBER = re.compile(r"^(B\d+|I\d+)(, (B\d+|I\d+))*: ")


@pytest.fixture
def town():
    world = World(SEED)
    world.run(1, STEPS)
    assert world.server.hub is not None
    world.fresh = [entry_of(row) for row in world.server.store.rows()]
    world.checked = world.checked_us = world.checked_epoch = 0
    world.book.keys.clear()
    world.touched_units.update(dict.fromkeys(world.book.on))
    world.touched_incidents.update(dict.fromkeys(world.book.matters))
    world.rung_until_us = world.server.clock.now_us()
    world.mishaps.looks_closely = lambda: True
    return world


def state(world: World, name: str) -> Any:
    return world.server.hub.state[name]


def put(world: World, nth: int, **columns: Any) -> None:
    """Put other values into a row that is looked at."""
    row = world.fresh[nth].row._replace(**columns)
    world.fresh[nth] = world.fresh[nth]._replace(row=row)


def somewhere(world: World, kind: str) -> int:
    """Return the index of the first row of a kind."""
    return next(n for n, (row, _) in enumerate(world.fresh) if row.kind == kind)


def a_job(world: World) -> tuple[str, str]:
    """Return incident and unit of a job that dispatch still has in memory."""
    return next((incident, unit) for incident, one in state(world, "dispatch").responses.items()
                for unit in one.jobs)  # fmt: skip


def gap(world: World) -> None:
    put(world, 3, position=99)


def back_in_time(world: World) -> None:
    put(world, 5, recorded_at=world.fresh[5].row.recorded_at - 10**9)


def other_epoch(world: World) -> None:
    put(world, 5, epoch=10**6)


def plain_words(world: World) -> None:
    put(world, 5, body=b'{"words":"' + world.marker_bytes + b'"}')


def wrong_value(world: World) -> None:
    nth = somewhere(world, "intake.CallRung")
    row, said = world.fresh[nth]
    value = SealedValue(row.position, row.stream, "number", said["number"], b"s" * 16, "other")
    world.server.store.sealed_now.append(value)


def key_again(world: World) -> None:
    put(world, 40, key=world.fresh[20].row.key)


def call_after_its_end(world: World) -> None:
    over = ("intake.CallEnded", "intake.CallAttached")
    ended = next(e for e in world.fresh if e.row.kind in over)
    world.book.take(ended)


def job_moved(world: World) -> None:
    incident, unit = a_job(world)
    state(world, "dispatch").responses[incident].jobs[unit].state = "arrived"


def board_moved(world: World) -> None:
    unit = next(iter(world.touched_units))
    state(world, "board").units[unit].duty = "asleep"


def opened_alone(world: World) -> None:
    state(world, "board").incidents["ghost"] = None


def two_at_once(world: World) -> None:
    unit = next(iter(world.touched_units))
    state(world, "dispatch").units[unit].busy += ["one", "two"]


def booked_and_open(world: World) -> None:
    incident, _ = a_job(world)
    state(world, "board").booked[incident] = 1


def timer_cleared(world: World) -> None:
    put(world, somewhere(world, "dispatch.UnitCleared"), actor="system")


def a_fault(world: World) -> None:
    world.errors.append("fault in a reaction to dispatch.UnitCleared: KeyError")


def a_run(world: World, *, due_us: int, run_state: str = "running") -> past.Run:
    """Add an open clock of the first promise."""
    standards = state(world, "standards")
    cell = standards.cell_number(0, None)
    slot = standards.cells[cell].add(1, 1)
    run = past.Run("0:1", 0, "x", "", cell, slot, 1, due_us, due_us - 1, run_state)
    standards.runs()[run.number] = run
    return run


def unrung(world: World) -> None:
    a_run(world, due_us=1000)


def stretched(world: World) -> None:
    a_run(world, due_us=2**50).limit_us += 7


def forgotten_alarm(world: World) -> None:
    state(world, "access").releases.set("somebody", 1)


def acknowledged_nothing(world: World) -> None:
    key, recorded = next(iter(world.acked.items()))
    world.acked[key] = (
        *recorded,
        recorded[0].__class__(world.fresh[9].row._replace(key="x"), None),
    )


def moved_on(world: World) -> None:
    incident, unit = a_job(world)
    state(world, "dispatch").responses[incident].jobs[unit] = Job("sent", 5)


def unanswered(world: World) -> None:
    one = next(iter(world.acked.values()))[0]
    world.post.waiting["k"] = Letter(one.event, None, None)


def bad_snapshot(world: World) -> None:
    store, hub = world.server.store, world.server.hub
    hub.state["intake"].numbered["x"] = 1
    body = world.rooms.pack(hub.state)
    store.save_snapshot(world.rooms.fingerprint(), Snapshot(hub.position, body))
    del hub.state["intake"].numbered["x"]


def swapped(world: World) -> None:
    rows = world.server.store._rows
    rows[10], rows[11] = rows[11], rows[10]


def reworded(world: World) -> None:
    rows = world.server.store._rows
    rows[10] = rows[10]._replace(body=rows[10].body.replace(b":", b": ", 1))


def unseen(world: World) -> None:
    world.console.pop()


def still_ringing(world: World) -> None:
    call = next(iter(world.book.calls))
    world.book.calls[call] = "answered"


def uncounted(world: World) -> None:
    world.line.rung += 1


def silent(world: World) -> None:
    a_run(world, due_us=1000, run_state="ringing")


def startless(world: World) -> None:
    for cell in state(world, "standards").cells:
        for slot in range(len(cell.states)):
            cell.set_start(slot, cell.start(slot)[0], 10**9)


def misjudged(world: World) -> None:
    for cell in state(world, "standards").cells:
        for slot in range(len(cell.states)):
            if cell.code(slot) == past.KEPT:
                cell.mark(slot, past.BROKEN)


def left_on_a_job(world: World) -> None:
    world.book.on[next(iter(world.book.on))].append("one")


def closed_in_silence(world: World) -> None:
    line = next(iter(state(world, "board").closed.values()))
    line.state = "open"


def withdrawn_and_served(world: World) -> None:
    incident = next(iter(state(world, "board").closed))
    world.book.matters[incident].state = "withdrawn"


def never_came_back(world: World) -> None:
    name = next(iter(state(world, "board").closed))
    world.rooms.aside.take(world.server.hub.state, f"incident:{name}")
    world.server.store._aside.clear()


def not_erased(world: World) -> None:
    (position, field), value = next(iter(world.sealed.items()))
    world.sealed[position, field] = value + "!"


def words_in_a_state(world: World) -> None:
    state(world, "intake").numbered[world.marker] = 1


def shown(world: World, name: str) -> str:
    """Return an incident that a fold has in memory and the rows know of."""
    held = state(world, name)
    lines = held.incidents | held.closed if name == "board" else held.incidents
    return next(one for one in lines if one in world.touched_incidents)


def tied_on_the_board(world: World) -> None:
    state(world, "board").line(shown(world, "board")).linked.append("ghost")


def call_miscounted(world: World) -> None:
    state(world, "intake").incidents[shown(world, "intake")].calls += 1


def tied_on_one_side(world: World) -> None:
    one, other = list(world.book.matters)[:2]
    world.book.ties.of(one).linked.append(other)


def merged_with_a_unit(world: World) -> None:
    matter = next(one for one in world.book.matters.values() if one.jobs)
    matter.state, matter.jobs[next(iter(matter.jobs))] = "merged", "arrived"


def unasked(world: World) -> None:
    name = next(name for name, one in world.book.matters.items() if one.state == "closed")
    world.book.ties.of(name).calls.append("ghost")


def asked_again(world: World) -> None:
    rows = list(world.server.store.rows())
    asked = next(row for row in rows if row.kind == "followup.CallBackDue")
    world.server.store.rows = lambda *_where: iter([*rows, asked])


def a_caller(world: World) -> Any:
    """Return what the book has of a caller."""
    return next(iter(world.book.backs.calls.values()))


def never_rung(world: World) -> None:
    a_caller(world).state = "due"


def waits_in_vain(world: World) -> None:
    one = a_caller(world)
    one.state, one.since_at, one.begun = "due", 10**9, False


def unheard(world: World) -> None:
    one = a_caller(world)
    one.unhappy, one.told_of = True, "nowhere"


def uncounted_caller(world: World) -> None:
    world.book.backs.calls["ghost"] = copy.copy(a_caller(world))


def a_request(world: World) -> Asked:
    """Return a request for support that nobody made."""
    return Asked(world.fresh[0].row, {"unit": "E1"})


def asked_for_in_the_book_only(world: World) -> None:
    world.book.supports.open["ghost"] = a_request(world)


def moved_on_in_the_rules(world: World) -> None:
    """One request that both have, and that stands in another way."""
    known = Request(incident="x", unit="E1", sort="drone", asked_by="x", asked_us=1, position=1)
    known.state = "begun"
    state(world, "matters").support.open["ghost"] = known
    asked_for_in_the_book_only(world)


def late_and_unsaid(world: World) -> None:
    asked_for_in_the_book_only(world)
    world.book.supports.open["ghost"].due_us = 1


def never_ended(world: World) -> None:
    world.book.supports.asked["ghost"] = a_request(world)


def told_to_nobody(world: World) -> None:
    world.book.supports.owed["0:7"] = "ghost"


def asked_off_the_script(world: World) -> None:
    entry = world.fresh[-1]
    row = entry.row._replace(kind="intake.QuestionAnswered")
    said = {"question": "ghost", "incident": next(iter(world.book.matters))}
    world.fresh.append(entry._replace(row=row, said=said))


def waited_for_after_all(world: World) -> None:
    standards = state(world, "standards")
    promise = next(
        n for n, one in enumerate(standards.clocks) if one.clock.starts == "followup.CallBackDue"
    )
    call, one = next(iter(world.book.backs.calls.items()))
    run = past.Run("ghost", promise, one.incident, call, 0, 0, 1, 2, 1, "ringing")
    standards.runs()[run.number] = run


TAMPERS: dict[str, Callable[[World], None]] = {
    "support_is_what_the_rows_say": asked_for_in_the_book_only,
    "late_steps_of_support_are_marked": late_and_unsaid,
    "every_request_comes_to_one_end": never_ended,
    "what_support_tells_is_told_once": told_to_nobody,
    "only_the_script_is_asked_and_read_out": asked_off_the_script,
    "whoever_was_asked_is_waited_for_no_more": waited_for_after_all,
    "every_caller_is_asked_or_there_is_a_reason": unasked,
    "nobody_is_asked_twice": asked_again,
    "every_caller_is_rung_to_an_end": never_rung,
    "whoever_waits_has_a_clock": waits_in_vain,
    "every_unhappy_caller_is_put_right": unheard,
    "figures_count_every_caller": uncounted_caller,
    "ties_are_what_the_rows_say": tied_on_the_board,
    "rules_know_the_same_ties": call_miscounted,
    "every_tie_has_two_sides": tied_on_one_side,
    "a_merged_incident_is_over": merged_with_a_unit,
    "positions_have_no_gap": gap,
    "times_never_go_back": back_in_time,
    "epochs_are_those_of_the_openings": other_epoch,
    "nothing_sealed_is_in_a_row": plain_words,
    "sealed_values_fit_their_commitments": wrong_value,
    "keys_are_done_once": key_again,
    "the_book_agrees": call_after_its_end,
    "jobs_are_what_the_rows_say": job_moved,
    "board_and_rules_show_the_same": board_moved,
    "open_incidents_stay_open": opened_alone,
    "units_are_on_one_incident": two_at_once,
    "bookings_occupy_nobody": booked_and_open,
    "the_program_acts_in_its_own_name": timer_cleared,
    "nothing_failed_in_silence": a_fault,
    "due_clocks_have_rung": unrung,
    "durations_are_whole": stretched,
    "alarms_have_acted": forgotten_alarm,
    "acknowledged_events_are_there": acknowledged_nothing,
    "snapshots_give_the_same_state": moved_on,
    "everybody_has_an_answer": unanswered,
    "live_replayed_and_restored_are_one": bad_snapshot,
    "the_root_is_that_of_the_rows": swapped,
    "rows_say_what_was_recorded": reworded,
    "consoles_have_seen_every_row": unseen,
    "answered_calls_have_an_outcome": still_ringing,
    "calls_rung_are_calls_recorded": uncounted,
    "open_clocks_stop_stand_or_ring": silent,
    "every_dispatch_started_its_clock": startless,
    "ended_clocks_are_judged_by_their_times": misjudged,
    "nobody_is_left_on_a_job": left_on_a_job,
    "incidents_end_where_the_book_says": closed_in_silence,
    "withdrawn_bookings_are_nowhere": withdrawn_and_served,
    "what_was_laid_aside_comes_back": never_came_back,
    "erased_words_are_gone_and_no_others": not_erased,
    "nothing_sealed_is_in_a_state": words_in_a_state,
}


def test_every_invariant_names_its_number_in_the_design_and_has_a_way_to_hurt():
    assert len(invariants.ALL) >= 25
    assert set(TAMPERS) == set(invariants.ALL)
    named = set()
    for check in invariants.ALL.values():
        said = check.__doc__ or ""
        assert NUMBER.match(said), check.__name__
        named |= set(re.findall(r"\b[BI]\d+\b", said.partition(": ")[0]))
    wanted = "B1 B2 B3 B4 B5 B6 B8 B12 B14 B17 I1 I2 I3 I4 I5 I6 I7 I8"
    assert set(wanted.split()) <= named


def test_a_town_that_is_well_is_found_well(town):
    for check in invariants.ALL.values():
        assert list(check(town)) == [], check.__name__


@pytest.mark.parametrize("name", list(TAMPERS))
def test_what_is_put_wrong_by_hand_is_said(town, name):
    TAMPERS[name](town)
    assert list(invariants.ALL[name](town)), name


def test_a_request_that_stands_otherwise_than_its_rows_say_is_said(town):
    moved_on_in_the_rules(town)
    [found] = invariants.ALL["support_is_what_the_rows_say"](town)
    assert "ghost ('begun', '')" in found


# -- the page of support in the book -----------------------------------------------------------


def told(world: World, kind: str, actor: str, at_us: int = 10, **said: Any) -> list[str]:
    """Write a row of support into the book; return what cannot be true of it."""
    row = world.fresh[0].row._replace(kind=f"matters.Support{kind}", actor=actor, recorded_at=at_us)
    page = world.book.supports
    page.take(row, {"incident": "x", "support": "xS1", **said})
    found, page.faults[:] = list(page.faults), []
    return found


def test_the_book_says_what_cannot_be_true_of_support(town):
    asked = {"unit": "E1", "grade": 2, "due_us": 100}
    assert told(town, "Thanked", "crew of E1") == ["I4: xS1 has Thanked, and is not open"]
    assert told(town, "Asked", "one", **asked) == []
    assert told(town, "Asked", "one", **asked) == ["B13: xS1 is the number of two requests"]
    assert told(town, "Approved", "one", due_us=200) == ["I4: one signs xS1, which they asked for"]
    assert told(town, "Begun", "crew of C3", to="") == ["I4: xS1 was approved and then Begun"]
    town.book.supports.open["xS1"].state = "approved"
    assert told(town, "Assigned", "two", to="E1") == ["I4: E1 is to give itself xS1"]
    assert told(town, "Accepted", "crew of C3", to="C3", due_us=300) == [
        "I4: xS1 was assigned to E1; C3 has Accepted"
    ]
    early = ["I3: xS1: beginning is late twice, too early or in vain"]
    assert told(town, "Late", "system", step="beginning") == early
    assert told(town, "Late", "system", 400, step="beginning") == early
    assert told(town, "Begun", "system", to="C3") == ["B5: xS1 has Begun by system"]
    assert told(town, "Closed", "system", 500) == ["I4: xS1 was begun and then Closed"]
