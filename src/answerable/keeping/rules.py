"""The rules of keeping: which backup counts, when one is overdue, and how long an alarm stands.

An alarm stands from the moment something is wrong until it is put right or a supervisor says that
it was seen; what goes wrong again makes it stand again. Overdue backups ring by the kernel's
durable alarms, so that nothing else has to run for a missed backup to be told.
"""

from __future__ import annotations

from typing import Any

import msgspec

from answerable.keeping import words as w
from answerable.kernel.alarms import Alarms
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import Unknown
from answerable.kernel.room import Arms, Context, Deciders, Decision, Room
from answerable.kernel.steps import Steps

US = 1_000_000
HOUR_US = 3_600 * US
KEPT = 30
"""Proven backups that the state remembers; the record has all of them."""
QUIET, STANDING, SEEN = "quiet", "standing", "seen"
RESTORED_OLDER = "an older backup was restored"
"""The reason of a log that goes on without events because of the backup that was put back."""
ALARMS = ("backup of the record", "backup of the secret keys", "witness")
"""The alarms there are, by name."""

ALARM = Steps(
    "alarm",
    first=QUIET,
    last=frozenset({QUIET, SEEN}),
    table={
        (QUIET, w.BackupMade): QUIET,
        (QUIET, w.BackupMissed): STANDING,
        (QUIET, w.BackupFailed): STANDING,
        (QUIET, w.WitnessDisagreed): STANDING,
        (STANDING, w.BackupMade): QUIET,
        (STANDING, w.BackupMissed): STANDING,
        (STANDING, w.BackupFailed): STANDING,
        (STANDING, w.WitnessDisagreed): STANDING,
        (STANDING, w.AlarmAcknowledged): SEEN,
        (SEEN, w.BackupMade): QUIET,
        (SEEN, w.BackupMissed): STANDING,
        (SEEN, w.BackupFailed): STANDING,
        (SEEN, w.WitnessDisagreed): STANDING,
    },
)
"""The life of an alarm about the record."""


class Proven(msgspec.Struct, frozen=True):
    """A backup that was restored and compared: when (UTC microseconds), and the bytes it has."""

    sort: w.Sort
    at_us: int
    size: int
    root: str
    bytes: int
    where: str
    digest: str
    position: int


class Trouble(msgspec.Struct):
    """An alarm: its state, since when it stands, what set it off last, and who has seen it."""

    state: str = QUIET
    since_us: int = 0
    position: int = 0
    event: str = ""
    why: str = ""
    seen_by: str = ""
    remark: str = ""


class LogKey(msgspec.Struct, frozen=True):
    """A key that signs the log; ``in_use`` until it is withdrawn."""

    name: str
    key_id: str
    public: str
    in_use: bool


class State(msgspec.Struct):
    """What is known of the record's keeping. ``generation`` counts the lives of the public log."""

    every_h: int = 0
    keys_every_h: int = 0
    watched_us: int = 0
    made: list[Proven] = []
    troubles: dict[str, Trouble] = {}
    overdue: Alarms = msgspec.field(default_factory=Alarms)
    generation: int = 1
    log_keys: dict[str, LogKey] = {}
    witnesses: dict[str, str] = {}
    restored_us: int = 0

    def last(self, of: w.Of) -> Proven | None:
        """Return the last proven backup of the record or of the keys, None where there is none."""
        return next((one for one in reversed(self.made) if one.sort.of is of), None)

    def hours(self, of: w.Of) -> int:
        """Return within how many hours a proven backup is expected, 0 where none is."""
        return self.keys_every_h if of is w.Of.KEYS else self.every_h


Ctx = Context[Any]
decide: Deciders[State, Any] = Deciders()
evolve: Arms[State] = Arms()


# -- backups ---------------------------------------------------------------------------------


@decide.on(w.WatchBackups)
def _watch(state: State, command: w.WatchBackups, ctx: Ctx) -> Decision:
    wanted = {"every_h": command.every_h, "keys_every_h": command.keys_every_h}
    same = (state.every_h, state.keys_every_h) == tuple(wanted.values())
    return w.SameWatch(**wanted) if same and state.watched_us else [w.BackupsWatched(**wanted)]


@decide.on(w.NoteBackup)
def _note(state: State, command: w.NoteBackup, ctx: Ctx) -> Decision:
    last = state.last(command.sort.of)
    if last is not None and command.size < last.size:
        return w.GoesBack(size=command.size, last=last.size)
    return [
        w.BackupMade(
            sort=command.sort, size=command.size, root=command.root, bytes=command.bytes,
            digest=command.digest, since=command.since, sealed=command.sealed,
            where=command.where,
        )
    ]  # fmt: skip


@decide.on(w.NoteMissedBackup)
def _miss(state: State, command: w.NoteMissedBackup, ctx: Ctx) -> Decision:
    due_us = state.overdue.due.get(command.of)
    if due_us is None:
        return Unknown(command=command.tag, what="backup", name=command.of)
    if ctx.now_us < due_us:
        return w.NotMissed(of=command.of, wait_s=-((ctx.now_us - due_us) // US))
    last = state.last(command.of)
    return [
        w.BackupMissed(
            of=command.of, every_h=state.hours(command.of), last_us=last.at_us if last else 0
        )
    ]


@decide.on(w.FailBackup)
def _fail(state: State, command: w.FailBackup, ctx: Ctx) -> Decision:
    return [
        w.BackupFailed(sort=command.sort, found=command.found, where=command.where, why=command.why)
    ]


# -- the record as a whole -------------------------------------------------------------------


@decide.on(w.NoteRestore)
def _note_restore(state: State, command: w.NoteRestore, ctx: Ctx) -> Decision:
    beyond = max(0, command.known - command.size)
    events: list[Event] = [
        w.RecordRestored(
            size=command.size, root=command.root, made_us=command.made, backup=command.backup,
            beyond=beyond, known_by=command.known_by,
        )
    ]  # fmt: skip
    if beyond:  # what was signed over them must not be contradicted under the same name
        events.append(
            w.WentOn(
                size=command.known, root="", have=command.size, witness=command.known_by,
                generation=state.generation + 1, reason=RESTORED_OLDER,
            )
        )  # fmt: skip
    return events


@decide.on(w.GoOn)
def _go_on(state: State, command: w.GoOn, ctx: Ctx) -> Decision:
    if command.size <= command.have:
        return w.NothingMissing(size=command.size, have=command.have)
    return [
        w.WentOn(
            size=command.size, root=command.root, have=command.have, witness=command.witness,
            generation=state.generation + 1, reason=command.reason,
        )
    ]  # fmt: skip


@decide.on(w.NoteLogKey)
def _note_key(state: State, command: w.NoteLogKey, ctx: Ctx) -> Decision:
    known = state.log_keys.get(command.key_id)
    in_use = known is not None and known.in_use
    if command.change is w.KeyChange.WITHDRAWN and not in_use:
        return Unknown(command=command.tag, what="key", name=command.key_id)
    if command.change is not w.KeyChange.WITHDRAWN and in_use:
        return w.KeyKnown(key_id=command.key_id)
    return [
        w.LogKeyChanged(
            name=command.name, key_id=command.key_id, change=command.change, public=command.public
        )
    ]


@decide.on(w.NoteWitness)
def _note_witness(state: State, command: w.NoteWitness, ctx: Ctx) -> Decision:
    if command.news is w.News.DISAGREED:
        return [
            w.WitnessDisagreed(
                witness=command.witness, size=command.size, root=command.root, have=command.have,
                why=command.why,
            )
        ]  # fmt: skip
    if command.news is w.News.WITHDRAWN and command.witness not in state.witnesses:
        return Unknown(command=command.tag, what="witness", name=command.witness)
    return [
        w.WitnessChanged(
            witness=command.witness, news=command.news, public=command.public, url=command.url
        )
    ]


@decide.on(w.AcknowledgeAlarm)
def _acknowledge(state: State, command: w.AcknowledgeAlarm, ctx: Ctx) -> Decision:
    trouble = state.troubles.get(command.alarm)
    if trouble is None:
        return Unknown(command=command.tag, what="alarm", name=command.alarm)
    event = w.AlarmAcknowledged(alarm=command.alarm, remark=command.remark)
    return ALARM.refuse(trouble.state, type(event), f"alarm {command.alarm}") or [event]


# -- evolve ----------------------------------------------------------------------------------


def alarm_of(event: Event) -> str:
    """Return the name of the alarm that an event is about: of a backup, or of the witness."""
    match event:
        case w.BackupMade() | w.BackupFailed():
            return ALARMS[event.sort.of is w.Of.KEYS]
        case w.BackupMissed():
            return ALARMS[event.of is w.Of.KEYS]
        case w.AlarmAcknowledged():
            return event.alarm
    return ALARMS[2]


def _step(state: State, event: Event, row: Row) -> Trouble:
    """Take an alarm's step; what sets it off is kept with it."""
    trouble = state.troubles.setdefault(alarm_of(event), Trouble())
    before, trouble.state = trouble.state, ALARM.after(trouble.state, event)
    if trouble.state == STANDING:
        trouble.since_us = trouble.since_us if before == STANDING else row.recorded_at
        trouble.position, trouble.event = row.position, row.kind
        trouble.why = getattr(event, "why", "")
        trouble.seen_by = trouble.remark = ""
    return trouble


def _expect(state: State, of: w.Of, from_us: int) -> None:
    """Expect the next proven backup within the hours agreed, from an instant on."""
    if state.hours(of):
        state.overdue.set(of.value, from_us + state.hours(of) * HOUR_US)
    else:
        state.overdue.cancel(of.value)


@evolve.on(w.BackupsWatched)
def _watched(state: State, event: w.BackupsWatched, row: Row) -> None:
    state.every_h, state.keys_every_h = event.every_h, event.keys_every_h
    state.watched_us = state.watched_us or row.recorded_at
    for of in w.Of:
        last = state.last(of)
        _expect(state, of, last.at_us if last else row.recorded_at)


@evolve.on(w.BackupMade)
def _made(state: State, event: w.BackupMade, row: Row) -> None:
    proven = Proven(
        event.sort, row.happened_at, event.size, event.root, event.bytes, event.where,
        event.digest, row.position,
    )  # fmt: skip
    others = [one for one in state.made if one.sort.of is not event.sort.of]
    same = [one for one in state.made if one.sort.of is event.sort.of][-(KEPT - 1) :]
    state.made = [*others, *same, proven]
    _step(state, event, row)
    _expect(state, event.sort.of, row.happened_at)


@evolve.on(w.BackupMissed)
def _missed(state: State, event: w.BackupMissed, row: Row) -> None:
    _step(state, event, row)
    _expect(state, event.of, row.recorded_at)


@evolve.on(w.BackupFailed)
def _failed(state: State, event: w.BackupFailed, row: Row) -> None:
    _step(state, event, row)


@evolve.on(w.RecordRestored)
def _restored(state: State, event: w.RecordRestored, row: Row) -> None:
    state.restored_us = row.recorded_at


@evolve.on(w.WentOn)
def _went_on(state: State, event: w.WentOn, row: Row) -> None:
    state.generation = event.generation
    state.troubles.pop(ALARMS[2], None)


@evolve.on(w.LogKeyChanged)
def _key_changed(state: State, event: w.LogKeyChanged, row: Row) -> None:
    in_use = event.change is not w.KeyChange.WITHDRAWN
    state.log_keys[event.key_id] = LogKey(event.name, event.key_id, event.public, in_use)


@evolve.on(w.WitnessChanged)
def _witness_changed(state: State, event: w.WitnessChanged, row: Row) -> None:
    if event.news is w.News.ADDED:
        state.witnesses[event.witness] = event.public
    else:
        state.witnesses.pop(event.witness, None)


@evolve.on(w.WitnessDisagreed)
def _disagreed(state: State, event: w.WitnessDisagreed, row: Row) -> None:
    _step(state, event, row)


@evolve.on(w.AlarmAcknowledged)
def _acknowledged(state: State, event: w.AlarmAcknowledged, row: Row) -> None:
    trouble = _step(state, event, row)
    trouble.seen_by, trouble.remark = row.actor, event.remark


def _ring(state: State, name: str, due_us: int) -> Command:
    return w.NoteMissedBackup(key=f"missed:{name}:{due_us}", of=w.Of(name), at=due_us)


ROOM: Room[State] = Room(
    name="keeping",
    state=State,
    arms=evolve,
    commands=w.COMMANDS,
    events=w.EVENTS,
    refusals=w.REFUSALS,
    deciders=decide,
    steps={"alarm": ALARM},
    alarms=lambda state: state.overdue,
    ring=_ring,
)
