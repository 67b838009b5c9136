"""The hub: one writer, keys, times, authority, reactions, alarms, and what happens on a fault."""

from __future__ import annotations

import logging
from dataclasses import replace

import msgspec
import pytest

from answerable.kernel.authority import SYSTEM, Actor, Authority, Rights
from answerable.kernel.hub import (
    BACK_DAYS_MAX,
    BATCH_MAX,
    Accepted,
    Ask,
    Faulted,
    Refused,
    commitment_of,
)
from answerable.kernel.store import CannotRecord, CommitFailed, Snapshot
from tests.kernel.toy import rules as toy
from tests.kernel.toy import words as w
from tests.kernel.toy_centre import (
    AUTHORITY,
    DAY_US,
    GUEST,
    KEEPER,
    OTHER,
    SECOND_US,
    START_US,
    FailingStore,
    centre,
    happened,
    packed,
    refused,
    tell,
)


def make(box: str = "b1", key: str = "make-b1", **more) -> w.MakeBox:
    return w.MakeBox(key=key, box=box, **more)


# -- the same command twice ------------------------------------------------------------------


def test_b14_the_same_command_twice_is_recorded_once():
    hub = centre()
    first, second = tell(hub, make()), tell(hub, make())
    assert isinstance(first, Accepted)
    assert not first.again
    assert isinstance(second, Accepted)
    assert second.again
    assert second.recorded == first.recorded
    assert hub.position == 1


def test_b14_the_same_command_twice_in_one_batch_is_recorded_once():
    hub = centre()
    outcomes = hub.handle([Ask(make(), KEEPER), Ask(make(), KEEPER)])
    assert [outcome.again for outcome in outcomes] == [False, True]
    assert hub.store.head().size == 1


def test_b14_holds_across_a_restart():
    hub = centre()
    first = tell(hub, make())
    again = tell(centre(hub.store), make())
    assert isinstance(again, Accepted)
    assert again.again
    assert again.recorded == first.recorded


def test_a_repeated_command_with_reactions_gives_all_its_events_again():
    hub = centre()
    tell(hub, make())
    opened = w.OpenBox(key="open-b1", box="b1")
    first = tell(hub, opened)
    assert happened(first) == ["toy.BoxOpened", "tally.OpeningCounted"]
    assert happened(tell(hub, opened)) == happened(first)
    assert happened(tell(centre(hub.store), opened)) == happened(first)


def test_a_key_used_by_another_actor_is_refused():
    hub = centre()
    tell(hub, make())
    assert refused(tell(hub, make(), OTHER)) == "kernel.KeyReused"
    assert refused(tell(centre(hub.store), make(), OTHER)) == "kernel.KeyReused"


def test_a_key_used_for_another_command_of_the_same_room_is_refused():
    hub = centre()
    tell(hub, make())
    assert refused(tell(hub, w.TouchBox(key="make-b1", box="b1"))) == "kernel.KeyReused"
    assert refused(tell(hub, make(box="b2"))) == "kernel.KeyReused"


def test_a_command_that_changed_nothing_may_be_repeated():
    hub = centre()
    touch = w.TouchBox(key="touch", box="b1")
    assert happened(tell(hub, touch)) == []
    assert happened(tell(hub, touch)) == []


def test_a_refused_command_may_be_tried_again_under_its_key():
    hub = centre()
    opened = w.OpenBox(key="open", box="b1")
    assert refused(tell(hub, opened)) == "kernel.Unknown"
    tell(hub, make())
    assert happened(tell(hub, opened))[0] == "toy.BoxOpened"


# -- authority -------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [GUEST, Actor(name="x", role="no such role"), SYSTEM])
def test_a_command_not_given_to_a_role_is_denied(actor):
    hub = centre()
    assert refused(tell(hub, make(), actor)) == "kernel.NotAllowed"
    assert hub.position == 0


def test_authority_is_checked_before_the_key():
    hub = centre()
    tell(hub, make())
    assert refused(tell(hub, make(), GUEST)) == "kernel.NotAllowed"


def test_a_reaction_is_done_only_if_the_system_is_given_it():
    keeper = AUTHORITY.roles["keeper"]
    hub = centre(authority=Authority(roles={"keeper": keeper, "system": Rights()}))
    tell(hub, make())
    assert happened(tell(hub, w.OpenBox(key="open", box="b1"))) == ["toy.BoxOpened"]


# -- times -----------------------------------------------------------------------------------


def test_a_time_in_the_future_is_refused():
    outcome = tell(centre(), make(at=START_US + 3 * SECOND_US))
    assert refused(outcome) == "kernel.NotYet"
    assert "3 s from now" in outcome.refusal.text()


def test_a_clock_two_seconds_ahead_is_forgiven_and_recorded_as_now():
    outcome = tell(centre(), make(at=START_US + SECOND_US))
    assert outcome.recorded[0].row.happened_at == START_US


def test_a_time_too_long_ago_is_refused():
    at = START_US - (BACK_DAYS_MAX + 2) * DAY_US
    assert refused(tell(centre(), make(at=at))) == "kernel.TooLongAgo"


def test_late_entry_keeps_both_times():
    row = tell(centre(), make(at=START_US - DAY_US)).recorded[0].row
    assert (row.happened_at, row.recorded_at) == (START_US - DAY_US, START_US)


def test_recording_times_never_go_back_even_across_a_restart_from_a_snapshot():
    hub = centre()
    tell(hub, make())
    hub.save_snapshot()
    back = centre(hub.store, now_us=START_US - DAY_US)
    assert tell(back, make("b2", "make-b2")).recorded[0].row.recorded_at == START_US


# -- refusals --------------------------------------------------------------------------------


def test_an_unknown_box_is_refused_with_what_to_do():
    refusal = tell(centre(), w.OpenBox(key="open", box="b9")).refusal
    assert refusal.code == "kernel.Unknown"
    assert refusal.text() == (
        "Not done: toy.OpenBox. There is no box b9. Check the number, or look it up on the board."
    )


def test_a_step_the_table_does_not_have_is_refused_with_what_is_possible():
    hub = centre()
    tell(hub, make())
    refusal = tell(hub, w.ShutBox(key="shut", box="b1")).refusal
    assert refusal.code == "kernel.WrongStep"
    assert "It is shut." in refusal.text()
    assert "BoxOpened, BoxScrapped" in refusal.text()


def test_a_room_refuses_in_its_own_words():
    hub = centre()
    tell(hub, make())
    assert refused(tell(hub, make(key="again"))) == "toy.BoxExists"


# -- one command, one commit -----------------------------------------------------------------


def test_commands_of_a_batch_see_what_their_predecessors_did():
    hub = centre()
    outcomes = hub.handle([Ask(make(), KEEPER), Ask(make(key="second"), KEEPER)])
    assert happened(outcomes[0]) == ["toy.BoxMade"]
    assert refused(outcomes[1]) == "toy.BoxExists"


def test_reactions_are_recorded_in_the_same_commit_under_the_same_key():
    hub = centre()
    tell(hub, make())
    batches = []
    hub.subscribe(lambda recorded, head: batches.append((recorded, head)))
    tell(hub, w.OpenBox(key="open", box="b1"))
    ((recorded, head),) = batches
    assert [one.row.kind for one in recorded] == ["toy.BoxOpened", "tally.OpeningCounted"]
    assert {one.row.key for one in recorded} == {"open"}
    assert [one.row.actor for one in recorded] == ["kim", "system"]
    assert head == hub.store.head()


def test_a_refused_reaction_leaves_what_it_reacts_to():
    hub = centre()
    tell(hub, make())
    for turn in range(4):
        last = tell(hub, w.OpenBox(key=f"open-{turn}", box="b1"))
        tell(hub, w.ShutBox(key=f"shut-{turn}", box="b1"))
    assert happened(last) == ["toy.BoxOpened"]
    assert hub.state["tally"].times == {"b1": 3}


def test_nothing_is_published_before_the_commit():
    hub = centre()
    seen = []
    hub.subscribe(lambda recorded, head: seen.append(head.size))
    hub.do(make(), KEEPER)
    assert (seen, hub.waiting) == ([], 1)
    hub.commit()
    assert (seen, hub.waiting) == ([1], 0)


def test_a_commit_with_nothing_to_record_writes_nothing():
    hub = centre()
    hub.store.fail = RuntimeError("must not be asked")
    hub.commit()


def test_a_batch_has_a_limit():
    hub = centre()
    asks = [Ask(make(f"b{n}", f"key-{n}"), KEEPER) for n in range(BATCH_MAX + 1)]
    with pytest.raises(AssertionError):
        hub.handle(asks)
    assert len(hub.handle(asks[:-1])) == BATCH_MAX


# -- sealed words ----------------------------------------------------------------------------


def test_the_log_holds_a_salted_commitment_in_place_of_sealed_words():
    hub = centre()
    row = tell(hub, make(secret="a name")).recorded[0].row
    assert b"a name" not in row.body
    assert hub.store.unseal(1, "secret") == "a name"
    secret = msgspec.json.decode(row.body)["secret"]
    assert secret.startswith("sealed:")
    assert secret != commitment_of("secret", b"\0" * 16, "a name")


def test_an_empty_sealed_field_needs_no_vault():
    hub = centre()
    row = tell(hub, make()).recorded[0].row
    assert b"secret" not in row.body
    assert hub.store.unseal(1, "secret") is None


# -- alarms ----------------------------------------------------------------------------------


def opened_until(hub, box: str, after_s: int) -> None:
    tell(hub, make(box, f"make-{box}"))
    due_us = START_US + after_s * SECOND_US
    tell(hub, w.OpenBox(key=f"open-{box}", box=box, shut_at=due_us))


def test_alarms_ring_in_the_order_of_their_times_and_are_recorded():
    hub = centre()
    for box, after_s in (("late", 30), ("soon", 10), ("never", 99)):
        opened_until(hub, box, after_s)
    before = hub.position
    hub.clock.set(START_US + 60 * SECOND_US)
    assert hub.next_alarm_us() == START_US + 10 * SECOND_US
    assert hub.ring(hub.clock.now_us()) == 2
    hub.commit()
    rows = list(hub.store.rows(before))
    assert [(row.stream, row.kind, row.actor) for row in rows] == [
        ("box:soon", "toy.BoxShut", "system"),
        ("box:late", "toy.BoxShut", "system"),
    ]
    assert rows[0].happened_at == START_US + 10 * SECOND_US
    assert hub.next_alarm_us() == START_US + 99 * SECOND_US


@pytest.mark.parametrize("snapshot", [False, True])
def test_alarms_are_there_again_after_a_restart(snapshot):
    hub = centre()
    opened_until(hub, "b1", 10)
    if snapshot:
        hub.save_snapshot()
    again = centre(hub.store, now_us=START_US + 3600 * SECOND_US)
    assert again.ring(again.clock.now_us()) == 1
    again.commit()
    assert again.state["toy"].boxes["b1"] == "shut"
    assert again.next_alarm_us() is None


def test_b5_an_alarm_that_is_cancelled_does_nothing():
    hub = centre()
    opened_until(hub, "b1", 10)
    tell(hub, w.ShutBox(key="by-hand", box="b1"))
    tell(hub, w.OpenBox(key="open-again", box="b1"))
    assert hub.next_alarm_us() is None
    assert hub.ring(START_US + 3600 * SECOND_US) == 0
    assert hub.state["toy"].boxes["b1"] == "open"


def test_an_alarm_that_cannot_act_is_put_aside_and_the_others_ring(caplog):
    authority = Authority(roles={"keeper": AUTHORITY.roles["keeper"]})
    hub = centre(authority=authority)
    opened_until(hub, "b1", 10)
    opened_until(hub, "b2", 20)
    hub.clock.set(START_US + 60 * SECOND_US)
    assert hub.ring(hub.clock.now_us()) == 2
    assert hub.ring(hub.clock.now_us()) == 0
    assert "alarm b1 of toy" in caplog.text
    allowed = centre(hub.store, now_us=hub.clock.now_us())
    assert allowed.ring(allowed.clock.now_us()) == 2


def test_an_alarm_whose_command_changes_nothing_does_not_ring_forever(monkeypatch, caplog):
    hub = centre()
    opened_until(hub, "b1", 10)
    hub.clock.set(START_US + 60 * SECOND_US)
    room = next(room for room in hub.rooms.rooms if room.name == "toy")
    monkeypatch.setitem(room.deciders.table, w.ShutBox, lambda state, command, ctx: [])
    assert hub.ring(hub.clock.now_us()) == 1
    assert hub.ring(hub.clock.now_us()) == 0
    assert "alarm b1 of toy" in caplog.text
    assert hub.state["toy"].boxes["b1"] == "open"


def test_an_alarm_set_again_to_a_time_it_had_before_rings_again():
    hub = centre()
    due_us = START_US + 10 * SECOND_US
    opened_until(hub, "b1", 10)
    hub.clock.set(due_us)
    assert hub.ring(due_us) == 1
    tell(hub, w.OpenBox(key="once-more", box="b1", shut_at=due_us))
    assert hub.ring(due_us) == 1
    hub.commit()
    assert hub.state["toy"].boxes["b1"] == "shut"
    assert hub.next_alarm_us() is None


def test_a_fault_in_making_the_alarms_command_is_put_aside(monkeypatch, caplog):
    hub = centre()
    opened_until(hub, "b1", 10)
    hub.clock.set(START_US + 60 * SECOND_US)
    broken = replace(toy.ROOM, ring=lambda state, name, due_us: 1 / 0)
    monkeypatch.setattr(hub, "_alarming", [(broken, hub.state["toy"].shutting)])
    assert hub.ring(hub.clock.now_us()) == 1
    assert "ZeroDivisionError" in caplog.text
    assert hub.ring(hub.clock.now_us()) == 0


# -- faults ----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["decide", "event"])
def test_a_fault_in_a_decision_records_nothing_and_the_centre_goes_on(fault, caplog):
    hub = centre()
    outcomes = hub.handle(
        [
            Ask(make(), KEEPER),
            Ask(w.DropBox(key="drop", box="secret-words", fault=fault), KEEPER),
            Ask(make("b2", "make-b2"), KEEPER),
        ]
    )
    assert [type(outcome) for outcome in outcomes] == [Accepted, Faulted, Accepted]
    assert [row.kind for row in hub.store.rows()] == ["toy.BoxMade", "toy.BoxMade"]
    assert packed(centre(hub.store)) == packed(hub)


def test_the_log_of_a_fault_names_the_place_and_never_the_message(caplog):
    outcome = tell(centre(), w.DropBox(key="drop", box="secret-words", fault="decide"))
    assert outcome.error.startswith("ValueError in rules.py:")
    assert "toy.DropBox" in caplog.text
    assert "secret-words" not in caplog.text + outcome.error


def test_a_fault_in_a_reaction_leaves_what_it_reacts_to(caplog):
    hub = centre()
    tell(hub, make("jack"))
    assert happened(tell(hub, w.OpenBox(key="open", box="jack"))) == ["toy.BoxOpened"]
    assert "fault in a reaction to toy.BoxOpened" in caplog.text


def test_a_fault_in_a_subscriber_does_not_hide_that_it_is_recorded(caplog):
    hub = centre()
    seen = []
    hub.subscribe(lambda recorded, head: 1 / 0)
    hub.subscribe(lambda recorded, head: seen.append(head.size))
    assert happened(tell(hub, make())) == ["toy.BoxMade"]
    assert seen == [1]
    assert "ZeroDivisionError" in caplog.text


def test_cannot_record_rebuilds_the_state_and_the_centre_goes_on():
    hub = centre()
    tell(hub, make())
    before = packed(hub)
    followed = []
    hub.on_start(lambda: followed.append(hub.position))
    hub.store.fail = CannotRecord("Not recorded. The disk is full. Make room.")
    with pytest.raises(CannotRecord):
        tell(hub, make("b2", "make-b2"))
    assert packed(hub) == before
    assert (hub.waiting, followed) == (0, [1])
    assert happened(tell(hub, make("b2", "make-b2"))) == ["toy.BoxMade"]


@pytest.mark.parametrize("but_written", [False, True])
def test_after_a_failed_commit_the_hub_does_nothing_more(but_written):
    hub = centre()
    hub.store.fail = OSError("the disk went away")
    hub.store.but_written = but_written
    with pytest.raises(CommitFailed):
        tell(hub, make())
    assert hub.broken == "the disk went away"
    with pytest.raises(AssertionError):
        hub.commit()
    with pytest.raises(AssertionError):
        hub.do(make("b2", "make-b2"), KEEPER)
    again = centre(hub.store)
    outcome = tell(again, make())
    assert isinstance(outcome, Accepted)
    assert outcome.again is but_written
    assert again.position == 1


# -- snapshots -------------------------------------------------------------------------------


def test_start_takes_the_snapshot_and_replays_only_what_is_later():
    hub = centre()
    tell(hub, make())
    hub.save_snapshot()
    tell(hub, make("b2", "make-b2"))
    again = centre(hub.store)
    assert again.start() == 1
    assert again.start(use_snapshot=False) == 2
    assert packed(again) == packed(hub)


@pytest.mark.parametrize("body", [b"", b"\xff", b"\x80", b"\x81\xa3toy\x01"])
def test_a_snapshot_that_does_not_fit_is_passed_over(body, caplog):
    hub = centre()
    tell(hub, make())
    hub.store.save_snapshot(hub.rooms.fingerprint(), Snapshot(1, body))
    again = centre(hub.store)
    assert packed(again) == packed(hub)
    assert "the snapshot does not fit" in caplog.text


def test_a_snapshot_from_after_the_end_of_the_record_is_passed_over():
    hub = centre()
    tell(hub, make())
    body = packed(hub)
    shorter = FailingStore()
    shorter.save_snapshot(hub.rooms.fingerprint(), Snapshot(5, body))
    again = centre(shorter)
    assert again.position == 0
    assert again.state["toy"].boxes == {}


def test_no_snapshot_is_made_of_what_is_not_yet_recorded():
    hub = centre()
    hub.do(make(), KEEPER)
    with pytest.raises(AssertionError):
        hub.save_snapshot()


def test_every_row_carries_the_epoch_of_its_opening():
    hub = centre()
    tell(hub, make())
    again = centre(hub.store.reopen())
    tell(again, make("b2", "make-b2"))
    assert [row.epoch for row in again.store.rows()] == [1, 2]


def test_positions_have_no_gap_and_the_view_saw_each():
    hub = centre()
    for n in range(20):
        tell(hub, make(f"b{n}", f"make-{n}"))
        tell(hub, w.OpenBox(key=f"open-{n}", box=f"b{n}"))
    assert [row.position for row in hub.store.rows()] == list(range(1, 61))
    assert (hub.state["seen"].events, hub.state["seen"].position) == (60, 60)


def test_refused_commands_record_nothing():
    hub = centre()
    assert isinstance(tell(hub, w.ShutBox(key="shut", box="b1")), Refused)
    assert (hub.position, hub.store.head().size) == (0, 0)
    logging.getLogger("answerable.hub").debug("no rows")
