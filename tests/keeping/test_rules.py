"""Given backups and alarms, when this is asked, then these events (or this refusal)."""

from __future__ import annotations

import msgspec
import pytest

from answerable.keeping import words as w
from answerable.keeping.rules import (
    ALARMS,
    HOUR_US,
    KEPT,
    RESTORED_OLDER,
    SEEN,
    STANDING,
    State,
)
from answerable.keeping.views import kept, standing
from answerable.kernel.refusals import NotAllowed, Unknown, WrongStep
from tests.story import T0, Centre, Story

ROOT, DIGEST = "a" * 64, "b" * 64
RECORD, KEYS, WITNESS = ALARMS
WATCHED = w.BackupsWatched(every_h=26, keys_every_h=50)
MISSED = w.BackupMissed(of=w.Of.RECORD, every_h=26)


def made(size: int = 100, sort: w.Sort = w.Sort.FULL) -> w.BackupMade:
    return w.BackupMade(sort=sort, size=size, root=ROOT, bytes=9, digest=DIGEST, where="the shelf")


def noting(size: int = 100, sort: w.Sort = w.Sort.FULL) -> w.NoteBackup:
    return w.NoteBackup(
        key="note-0001", sort=sort, size=size, root=ROOT, bytes=9, digest=DIGEST,
        where="the shelf",
    )  # fmt: skip


def failed(sort: w.Sort = w.Sort.FULL) -> w.BackupFailed:
    return w.BackupFailed(sort=sort, found=w.Found.EMPTY, where="the shelf", why="no bytes")


def state(told: Story) -> State:
    found: State = told.states["keeping"]
    return found


def alarms(told: Story) -> dict[str, str]:
    return {name: one.state for name, one in state(told).troubles.items()}


# -- proven, missed, hollow ------------------------------------------------------------------


def test_a_proven_backup_is_noted_with_what_it_holds():
    told = Story().when(noting(), role="operator")
    told.then(made())
    last = state(told).last(w.Of.RECORD)
    assert last is not None
    assert (last.size, last.root, last.where, last.at_us) == (100, ROOT, "the shelf", told.now_us)
    assert state(told).last(w.Of.KEYS) is None


def test_a_backup_that_holds_less_than_the_last_one_is_refused():
    told = Story().given(made(100))
    told.when(noting(99), role="operator").refused(w.GoesBack, size=99, last=100)
    told.when(noting(99, w.Sort.KEYS), role="operator").then(made(99, w.Sort.KEYS))


def test_how_often_a_backup_is_expected_is_agreed_once():
    command = w.WatchBackups(key="watch-0001", every_h=26, keys_every_h=50)
    told = Story().when(command, role="system").then(WATCHED)
    told.when(command, role="system").refused(w.SameWatch, every_h=26)


def test_an_overdue_backup_is_due_from_the_last_proven_one_or_from_the_agreement():
    told = Story().given(WATCHED)
    first = told.now_us + 26 * HOUR_US
    assert state(told).overdue.due == {"record": first, "secret keys": told.now_us + 50 * HOUR_US}
    told.given(made())
    assert state(told).overdue.due["record"] == told.now_us + 26 * HOUR_US
    told.given(w.BackupsWatched(every_h=0, keys_every_h=0))
    assert state(told).overdue.due == {}


def test_a_backup_is_missed_only_when_it_is_overdue():
    told = Story().given(WATCHED)
    command = w.NoteMissedBackup(key="missed-001", of=w.Of.RECORD)
    told.when(command, role="system").refused(w.NotMissed, of="record", wait_s=26 * 3600 - 1)
    told.when(command, role="system", after_s=26 * 3600).then(MISSED)
    told = Story()
    told.when(command, role="system").refused(Unknown, what="backup")


def test_the_alarm_rings_by_itself_again_and_again_until_a_backup_is_proved():
    centre = Centre()
    centre.hub.do(w.WatchBackups(key="watch-0001", every_h=2), _system())
    centre.hub.commit()
    rung = []
    centre.hub.subscribe(lambda rows, head: rung.extend(one.row.kind for one in rows))
    for _ in range(3):
        centre.clock.set(centre.clock.now_us() + 2 * HOUR_US + 1)
        centre.hub.ring(centre.clock.now_us())
        centre.hub.commit()
    assert rung == ["keeping.BackupMissed"] * 3
    centre.hub.do(noting(0), _operator())
    centre.hub.commit()
    keeping: State = centre.hub.state["keeping"]
    assert standing(keeping) == {}
    assert keeping.overdue.due == {"record": centre.clock.now_us() + 2 * HOUR_US}


def _system():
    from answerable.kernel.authority import SYSTEM

    return SYSTEM


def _operator():
    from answerable.console.control import OPERATOR

    return OPERATOR


@pytest.mark.parametrize(
    ("event", "alarm"),
    [(MISSED, RECORD), (failed(), RECORD), (failed(w.Sort.KEYS), KEYS),
     (w.BackupMissed(of=w.Of.KEYS, every_h=50), KEYS),
     (w.WitnessDisagreed(witness="w1", size=9, root=ROOT, have=5), WITNESS)],
)  # fmt: skip
def test_what_goes_wrong_stands_until_it_is_acknowledged_and_stands_again(event, alarm):
    told = Story().given(event)
    assert alarms(told) == {alarm: STANDING}
    assert list(standing(state(told))) == [alarm]
    command = w.AcknowledgeAlarm(key="ack-00001", alarm=alarm, remark="the disk is on its way")
    told.when(command, role="supervisor", name="a sup")
    told.then(w.AlarmAcknowledged(alarm=alarm, remark="the disk is on its way"))
    one = state(told).troubles[alarm]
    assert (one.state, one.remark) == (SEEN, "the disk is on its way")
    assert standing(state(told)) == {}
    told.when(command, role="supervisor").refused(WrongStep)
    told.given(event)
    assert (alarms(told), state(told).troubles[alarm].remark) == ({alarm: STANDING}, "")


def test_a_hollow_backup_is_noted_and_a_proven_one_ends_its_alarm_only():
    told = Story()
    command = w.FailBackup(
        key="fail-0001", sort=w.Sort.FULL, found=w.Found.EMPTY, where="the shelf", why="no bytes"
    )
    told.when(command, role="operator").then(failed())
    told.given(w.BackupMissed(of=w.Of.KEYS, every_h=50), made())
    assert list(standing(state(told))) == [KEYS]


def test_an_alarm_that_never_was_is_unknown_and_only_supervisors_acknowledge():
    command = w.AcknowledgeAlarm(key="ack-00001", alarm="backup", remark="seen it")
    Story().when(command, role="supervisor").refused(Unknown, what="alarm")
    for role in ("dispatcher", "administrator", "reader", "operator", "system"):
        Story().given(MISSED).when(command, role=role).refused(NotAllowed)


def test_only_so_many_proven_backups_are_remembered_and_the_other_sort_stays():
    told = Story().given(made(1, w.Sort.KEYS), *(made(n) for n in range(1, KEPT + 9)))
    held = state(told)
    assert len(held.made) == KEPT + 1
    assert held.last(w.Of.KEYS).size == 1
    assert held.last(w.Of.RECORD).size == KEPT + 8


# -- the record as a whole -------------------------------------------------------------------


def test_a_restore_says_what_had_been_acknowledged_beyond_it():
    command = w.NoteRestore(
        key="restore:1", size=90, root=ROOT, backup="x.backup", made=T0, known=97,
        known_by="the mark",
    )  # fmt: skip
    told = Story().when(command, role="system")
    told.then(
        w.RecordRestored(size=90, root=ROOT, backup="x.backup", made_us=T0, beyond=7,
                         known_by="the mark"),
        w.WentOn(size=97, root="", have=90, witness="the mark", generation=2,
                 reason=RESTORED_OLDER),
    )  # fmt: skip
    assert state(told).restored_us == told.now_us
    assert state(told).generation == 2  # the log's old name has signed what is missing


def test_a_restore_that_lacks_nothing_leaves_the_log_its_name():
    command = w.NoteRestore(
        key="restore:1", size=97, root=ROOT, backup="x.backup", made=T0, known=97, known_by="mark"
    )
    told = Story().when(command, role="system")
    told.then(w.RecordRestored(size=97, root=ROOT, backup="x.backup", made_us=T0,
                               known_by="mark"))  # fmt: skip
    assert state(told).generation == 1


def test_going_on_begins_a_generation_and_ends_the_alarm_of_the_witness():
    told = Story().given(w.WitnessDisagreed(witness="w1", size=99, root=ROOT, have=90))
    command = w.GoOn(
        key="go-on-001", size=99, root=ROOT, have=90, witness="w1", reason="the disk is gone"
    )
    told.when(command, role="operator").then(
        w.WentOn(size=99, root=ROOT, have=90, witness="w1", generation=2,
                 reason="the disk is gone")
    )  # fmt: skip
    assert (state(told).generation, standing(state(told))) == (2, {})
    nothing = msgspec.structs.replace(command, have=99)
    told.when(nothing, role="operator").refused(w.NothingMissing, size=99, have=99)


def test_a_key_of_the_log_is_made_rotated_and_withdrawn():
    def change(what: w.KeyChange, key_id: str = "k1") -> w.NoteLogKey:
        return w.NoteLogKey(key="key-00001", name="log", key_id=key_id, change=what)

    told = Story().when(change(w.KeyChange.MADE), role="operator")
    told.then(w.LogKeyChanged(name="log", key_id="k1", change=w.KeyChange.MADE))
    told.when(change(w.KeyChange.ROTATED), role="operator").refused(w.KeyKnown, key_id="k1")
    told.when(change(w.KeyChange.ROTATED, "k2"), role="operator")
    told.when(change(w.KeyChange.WITHDRAWN), role="operator")
    assert {k: one.in_use for k, one in state(told).log_keys.items()} == {"k1": False, "k2": True}
    told.when(change(w.KeyChange.WITHDRAWN), role="operator").refused(Unknown, what="key")


def test_a_witness_is_added_withdrawn_and_disagrees():
    def news(what: w.News, **more) -> w.NoteWitness:
        return w.NoteWitness(key="wit-00001", witness="w1", news=what, **more)

    told = Story().when(news(w.News.WITHDRAWN), role="operator").refused(Unknown, what="witness")
    told.when(news(w.News.ADDED, public="w1+k", url="https://w1"), role="operator").then(
        w.WitnessChanged(witness="w1", news=w.News.ADDED, public="w1+k", url="https://w1")
    )
    assert state(told).witnesses == {"w1": "w1+k"}
    told.when(news(w.News.DISAGREED, size=9, root=ROOT, have=5, why="more"), role="system").then(
        w.WitnessDisagreed(witness="w1", size=9, root=ROOT, have=5, why="more")
    )
    told.when(news(w.News.WITHDRAWN), role="operator")
    assert state(told).witnesses == {}


# -- what is read ----------------------------------------------------------------------------


def test_how_the_backups_stand_is_read_from_the_state():
    told = Story().given(WATCHED)
    watched_us = told.now_us
    never = kept(state(told), w.Of.RECORD)
    assert (never.last, never.next_us, never.age_s(T0)) == (None, watched_us + 26 * HOUR_US, None)
    told.given(made())
    found = kept(state(told), w.Of.RECORD)
    assert found.next_us == told.now_us + 26 * HOUR_US
    assert found.age_s(told.now_us + HOUR_US) == 3600.0
    assert kept(State(), w.Of.KEYS).next_us == 0


def test_the_state_survives_a_snapshot():
    told = Story().given(WATCHED, made(), failed(w.Sort.KEYS))
    body = msgspec.msgpack.encode(state(told))
    back = msgspec.msgpack.decode(body, type=State)
    assert back == state(told)
    assert back.overdue.next() == state(told).overdue.next()
