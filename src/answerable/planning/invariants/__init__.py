"""What must always hold in the simulated town: each a named function with its number in DESIGN.

A check looks at the town and yields what is wrong, in one sentence each; nothing when all is well.
``AFTER_BATCH`` are asked after every commit, ``AFTER_RING`` when alarms have acted, ``AFTER_START``
when a process has begun, ``AT_REST`` when the day is over and the backlog has drained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from answerable.planning.invariants import asked, batch, clocks, rest, start, supported, ties

if TYPE_CHECKING:
    from answerable.planning.world import World

Check = Callable[["World"], Iterator[str]]

AFTER_BATCH: tuple[Check, ...] = (
    batch.positions_have_no_gap,
    batch.times_never_go_back,
    batch.epochs_are_those_of_the_openings,
    batch.nothing_sealed_is_in_a_row,
    batch.sealed_values_fit_their_commitments,
    batch.keys_are_done_once,
    batch.the_book_agrees,
    batch.jobs_are_what_the_rows_say,
    batch.board_and_rules_show_the_same,
    batch.open_incidents_stay_open,
    batch.units_are_on_one_incident,
    batch.bookings_occupy_nobody,
    batch.the_program_acts_in_its_own_name,
    batch.nothing_failed_in_silence,
    ties.ties_are_what_the_rows_say,
    ties.rules_know_the_same_ties,
    supported.support_is_what_the_rows_say,
    supported.only_the_script_is_asked_and_read_out,
)
AFTER_RING: tuple[Check, ...] = (
    clocks.due_clocks_have_rung,
    clocks.durations_are_whole,
    clocks.alarms_have_acted,
    asked.whoever_waits_has_a_clock,
    supported.late_steps_of_support_are_marked,
)
AFTER_START: tuple[Check, ...] = (
    start.acknowledged_events_are_there,
    start.snapshots_give_the_same_state,
)
AT_REST: tuple[Check, ...] = (
    start.acknowledged_events_are_there,
    rest.everybody_has_an_answer,
    rest.live_replayed_and_restored_are_one,
    rest.the_root_is_that_of_the_rows,
    rest.rows_say_what_was_recorded,
    rest.consoles_have_seen_every_row,
    rest.answered_calls_have_an_outcome,
    rest.calls_rung_are_calls_recorded,
    rest.open_clocks_stop_stand_or_ring,
    rest.every_dispatch_started_its_clock,
    rest.ended_clocks_are_judged_by_their_times,
    rest.nobody_is_left_on_a_job,
    rest.incidents_end_where_the_book_says,
    rest.withdrawn_bookings_are_nowhere,
    rest.what_was_laid_aside_comes_back,
    rest.erased_words_are_gone_and_no_others,
    rest.nothing_sealed_is_in_a_state,
    ties.every_tie_has_two_sides,
    ties.a_merged_incident_is_over,
    asked.every_caller_is_asked_or_there_is_a_reason,
    asked.nobody_is_asked_twice,
    asked.every_caller_is_rung_to_an_end,
    asked.every_unhappy_caller_is_put_right,
    asked.figures_count_every_caller,
    supported.every_request_comes_to_one_end,
    supported.what_support_tells_is_told_once,
    supported.whoever_was_asked_is_waited_for_no_more,
)

ALL: dict[str, Check] = {
    check.__name__: check for check in (*AFTER_BATCH, *AFTER_RING, *AFTER_START, *AT_REST)
}
"""Every invariant by its name, each once."""
