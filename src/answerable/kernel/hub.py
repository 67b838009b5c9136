"""The hub: the one writer of a dispatch centre.

``do`` decides one command on the state its predecessor left and evolves the state from the encoded
bytes; ``commit`` makes everything done so far durable in one transaction. Only after that is a
caller answered or a change published. ``handle`` is the two together, for a batch.
The asynchronous half (``ask``) gathers what has come in, up to ``BATCH_MAX`` commands, without
waiting for more, on the event loop: no writer thread (DESIGN section 6).
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import logging
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from answerable.kernel.authority import SYSTEM, Actor
from answerable.kernel.clock import Clock
from answerable.kernel.event import (
    Command,
    Event,
    Recorded,
    Row,
    SealedValue,
    stream_of,
)
from answerable.kernel.folding import Folding, StoreShelf
from answerable.kernel.ids import Ids
from answerable.kernel.refusals import KeyReused, NotYet, Refusal, TooLongAgo
from answerable.kernel.room import Context, Form, Room, Rooms
from answerable.kernel.store import CannotRecord, CommitFailed, Head, Snapshot, Store

BATCH_MAX = 256
QUEUE_MAX = 4096
KEYS_KEPT_MAX = 8192
KEYS_KNOWN_MAX = 100_000
REACTIONS_MAX = 256
AHEAD_S_MAX = 2
BACK_DAYS_MAX = 400
BODY_BYTES_MAX = 64_000
ASIDE_MAX = 4_096
"""Bodies laid aside during a start that are written together."""
MATTERS = {"incident": "incident", "call": "call", "other": "incident", "into": "incident"}
"""Fields of a command that name a matter which may have been laid aside, and its sort of stream."""

log = logging.getLogger("answerable.hub")


class Accepted(msgspec.Struct, frozen=True):
    """The command was carried out; ``again`` when it had been already (same key, B14)."""

    recorded: tuple[Recorded, ...]
    again: bool = False


class Refused(msgspec.Struct, frozen=True):
    """The command was not carried out, and nothing was recorded."""

    refusal: Refusal


class Faulted(msgspec.Struct, frozen=True):
    """The program failed while deciding; nothing of this command was recorded."""

    error: str


Outcome = Accepted | Refused | Faulted


class Ask(msgspec.Struct, frozen=True):
    """A command and who gives it."""

    command: Command
    actor: Actor


class Done(NamedTuple):
    """What is remembered of a key: who gave which command, and what came of it."""

    actor: str
    command: Command
    recorded: tuple[Recorded, ...]


def commitment_of(field: str, salt: bytes, value: str) -> str:
    """Return what the log keeps of a sealed value: sha256(salt, field, 0, value)."""
    digest = hashlib.sha256(salt + field.encode() + b"\0" + value.encode()).digest()
    return f"sealed:{base64.urlsafe_b64encode(digest)[:-1].decode()}"  # 32 bytes end in one "="


@functools.cache
def matters_of(cls: type[Command]) -> tuple[tuple[str, str], ...]:
    """Return the fields of a class of commands that name a matter, each with its sort of stream."""
    return tuple((name, MATTERS[name]) for name in MATTERS if name in cls.__struct_fields__)


def where(error: BaseException) -> str:
    """Return the kind and place of a fault, never its message: that may hold a person's words."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place


class Hub:
    """The single writer. Not thread-safe on purpose: one event loop owns it."""

    def __init__(
        self, rooms: Rooms, store: Store, *, clock: Clock, ids: Ids, town: object = None
    ) -> None:
        self.rooms = rooms
        self.store = store
        self.clock = clock
        self.ids = ids
        self.town = town
        self.position = 0
        self.state: dict[str, Any] = rooms.new_states()
        self.broken: str = ""
        self._subscribers: list[Callable[[Sequence[Recorded], Head], None]] = []
        self._started: list[Callable[[], None]] = []
        self._rows: list[Recorded] = []
        self._secured: deque[tuple[list[Recorded], Head]] = deque()
        self._sealed: list[SealedValue] = []
        self._keys: OrderedDict[str, Done] = OrderedDict()
        self._all_keys: set[int] | None = None
        self._last_us = 0
        self._epoch = store.epoch
        self._bind()

    # -- start -------------------------------------------------------------------------------

    def start(self, *, use_snapshot: bool = True) -> int:
        """Build the state from the record: the newest fitting snapshot, then every later row.

        Returns how many rows were replayed. This is also the way back after a failed commit.
        """
        self._forget()
        snapshot = self.store.load_snapshot(self.rooms.fingerprint()) if use_snapshot else None
        if snapshot is not None and snapshot.position > 0:
            self._take_up(snapshot)
        self._bind()
        # A record that was empty when this process began holds only keys seen by it, so a new key
        # is known to be new without a look into the record (a sixth of the cost of a replay).
        self._all_keys = set() if self.store.head().size == 0 else None
        began = self.position
        self._replay()
        for follower in self._started:
            follower()
        return self.position - began

    def _replay(self) -> None:
        """Take up every row after the position."""
        decode, readers = self.rooms.decode, self.rooms.readers
        feed, shelf, row = self._folding.feed, self._shelf, None
        for row in self.store.rows(self.position):
            # What ``decode`` begins with, written out: one call fewer for each of a million rows.
            reader = readers.get(row[2:4])
            feed(row, decode(row) if reader is None else reader(row[9]))
            if len(shelf.fresh) >= ASIDE_MAX:
                self._keep_aside()
        if row is not None:
            self.position, self._last_us = row.position, row.recorded_at
        self._keep_aside()

    def _keep_aside(self) -> None:
        """Write what a start laid aside; where that fails it stays in memory until the next one."""
        if not self._shelf.fresh:
            return
        try:
            self.store.keep_aside(self._shelf.fingerprint, self._shelf.fresh)
        except CannotRecord as refusal:
            log.warning("what was laid aside is not written: %s", refusal)
        else:
            self._shelf.written()

    def _take_up(self, snapshot: Snapshot) -> None:
        """Begin from a snapshot; one that does not fit this program or record is passed over."""
        last = next(self.store.rows(snapshot.position - 1, 1), None)
        try:
            if last is None:
                raise KeyError("the snapshot stands after the end of the record")
            self.state = self.rooms.unpack(snapshot.body)
        except (msgspec.DecodeError, KeyError):
            log.warning("the snapshot does not fit; starting from the first event")
            self.state = self.rooms.new_states()
        else:
            self.position, self._last_us = snapshot.position, last.recorded_at

    def _forget(self) -> None:
        self.state, self.position, self._last_us = self.rooms.new_states(), 0, 0
        self._rows, self._sealed = [], []
        self._keys.clear()

    def _bind(self) -> None:
        """Bind the states to what works on them."""
        self._shelf = StoreShelf(self.store, self.rooms.fingerprint(), self.position)
        self._folding = Folding(self.rooms, self.state, self._shelf, self.position)
        self._alarming = [
            (room, room.alarms(self.state[room.name])) for room in self.rooms.rooms if room.alarms
        ]
        self._reacts: dict[str, list[tuple[Room[Any], Any]]] = {}
        for room in self.rooms.rooms:
            for event, react in room.reacts.items():
                self._reacts.setdefault(event.tag, []).append((room, react))

    def save_snapshot(self) -> None:
        """Keep the state as it stands; nothing may be waiting for a commit."""
        assert not self._rows, "a snapshot of what is not yet recorded"
        body = self.rooms.pack(self.state)
        self.store.save_snapshot(self.rooms.fingerprint(), Snapshot(self.position, body))

    # -- one command -------------------------------------------------------------------------

    def do(self, command: Command, actor: Actor) -> Outcome:
        """Decide one command and evolve the state. Answer the caller only after ``commit``."""
        assert not self.broken, "the record failed: the state may be ahead of it"
        now_us = max(self.clock.now_us(), self._last_us)
        if (denied := self._denied(command, actor)) is not None:
            return Refused(denied)
        if (again := self._known(command, actor)) is not None:
            return again
        if (mistimed := self._mistimed(command, now_us)) is not None:
            return Refused(mistimed)
        return self._decide(command, actor, now_us)

    def _denied(self, command: Command, actor: Actor) -> Refusal | None:
        """Return why an actor may not ask this; where an incident lies counts also laid aside."""
        if not actor.areas:
            return self.rooms.refuse(self.state, command, actor)
        fetched = self._fetch(command)
        try:
            return self.rooms.refuse(self.state, command, actor)
        finally:
            self._drop(fetched)

    def _known(self, command: Command, actor: Actor) -> Outcome | None:
        """Answer a key that was used before: the same again, or a refusal (B14).

        After a restart the record no longer has the command, only its events; then the actor and
        the room are compared.
        """
        if (done := self._keys.get(command.key)) is not None:
            if done.actor == actor.name and done.command == command:
                return Accepted(done.recorded, again=True)
            return Refused(KeyReused(command=command.tag, key=command.key))
        if self._all_keys is not None and hash(command.key) not in self._all_keys:
            return None
        rows = self.store.with_key(command.key)
        if not rows:
            return None
        room = command.tag.partition(".")[0]
        if rows[0].actor != actor.name or rows[0].kind.partition(".")[0] != room:
            return Refused(KeyReused(command=command.tag, key=command.key))
        return Accepted(tuple(Recorded(row, self.rooms.decode(row)) for row in rows), again=True)

    def _mistimed(self, command: Command, now_us: int) -> Refusal | None:
        if command.at is None:
            return None
        ahead_s = (command.at - now_us) // 1_000_000
        if ahead_s >= AHEAD_S_MAX:
            return NotYet(command=command.tag, ahead_s=ahead_s)
        days = -ahead_s // 86_400
        if days > BACK_DAYS_MAX:
            return TooLongAgo(command=command.tag, days=days, days_max=BACK_DAYS_MAX)
        return None

    def _decide(self, command: Command, actor: Actor, now_us: int, *, keep: bool = True) -> Outcome:
        """Decide a command, then the commands its events call for, in order, breadth first.

        Its events are recorded or it is refused; a reaction that cannot be done is only logged.
        ``keep`` says whether the answer is kept for the case that the key comes again.
        """
        outcome = self._decide_one(command, actor, now_us, command.key)
        if not isinstance(outcome, list):
            return outcome
        results = outcome
        todo = deque(self._reactions(outcome))
        decided = 0
        while todo:
            decided += 1
            assert decided <= REACTIONS_MAX, f"{command.tag} sets off endless reactions"
            asked = todo.popleft()
            denied = self.rooms.authority.refuse(SYSTEM, asked.tag)
            reaction = denied or self._decide_one(asked, SYSTEM, now_us, command.key)
            if isinstance(reaction, list):
                results = results + reaction
                todo.extend(self._reactions(reaction))
            else:
                log.warning("reaction %s: %s", asked.tag, reaction)
        recorded = tuple(results)
        if keep:
            self._remember(command.key, Done(actor.name, command, recorded))
        return Accepted(recorded)

    def _decide_one(
        self, command: Command, actor: Actor, now_us: int, key: str
    ) -> list[Recorded] | Refused | Faulted:
        """Decide one command and take up its events: all of them, or none."""
        room = self.rooms.room_of[type(command)]
        at_us = now_us if command.at is None else min(command.at, now_us)
        context = Context(
            at_us=at_us, now_us=now_us, actor=actor, town=self.town, authority=self.rooms.authority
        )
        sealed: list[SealedValue] = []
        fetched = self._fetch(command)
        try:
            decision = room.deciders.table[type(command)](self.state[room.name], command, context)
            if isinstance(decision, Refusal):
                self._drop(fetched)
                return Refused(decision)
            written = [
                self._write(event, self.position + nth, context, key, sealed)
                for nth, event in enumerate(decision, 1)
            ]
        except Exception as error:  # a fault in one rule must not stop the centre
            log.error("fault while deciding %s: %s", command.tag, where(error))
            self._drop(fetched)
            return Faulted(where(error))
        self._drop(fetched)  # what is written about comes back by itself, as it will in a replay
        for one in written:
            self._folding.feed(one.row, one.event)
            self.position += 1
            self._last_us = now_us
        self._rows += written
        self._sealed += sealed
        return written

    def _fetch(self, command: Command) -> dict[str, str]:
        """Bring back what was laid aside and the command is about: stream asked for -> its own."""
        fetched = {}
        for field, sort in matters_of(type(command)):
            if name := getattr(command, field):
                stream = f"{sort}:{name}"
                if own := self._folding.at_hand(stream):
                    fetched[stream] = own
        return fetched

    def _drop(self, fetched: dict[str, str]) -> None:
        for own in fetched.values():
            self._folding.drop(own)

    @contextlib.contextmanager
    def at_hand(self, stream: str) -> Iterator[None]:
        """Have a matter in the states while it is looked at, also if it was laid aside.

        Nothing may be awaited or recorded meanwhile.
        """
        own, position = self._folding.at_hand(stream), self.position
        try:
            yield
        finally:
            assert self.position == position, "something was recorded while a matter was looked at"
            self._folding.drop(own)

    def _reactions(self, happened: Sequence[Recorded]) -> list[Command]:
        """Return what the rooms want done about events; a fault in one is logged, not more."""
        wanted: list[Command] = []
        for one in happened:
            for room, react in self._reacts.get(one.row.kind, ()):
                try:
                    wanted.extend(react(self.state[room.name], one.event, one.row))
                except Exception as error:
                    log.error("fault in a reaction to %s: %s", one.row.kind, where(error))
        return wanted

    def _write(
        self,
        event: Event,
        position: int,
        context: Context[Any],
        key: str,
        sealed: list[SealedValue],
    ) -> Recorded:
        """Encode an event as the row it will be, its sealed words put into ``sealed``.

        Raises where the event does not decode again or is too long; nothing has changed then.
        """
        form = self.rooms.forms[type(event)]
        stream = stream_of(event)
        if form.sealed:
            event = self._seal(event, form, position, stream, sealed)
        body, cut = form.encode(event)
        if len(body) > BODY_BYTES_MAX:
            raise ValueError(f"{form.tag} is longer than {BODY_BYTES_MAX} bytes")
        row = Row(
            position, stream, form.tag, form.version, context.at_us, context.now_us,
            context.actor.name, key, self._epoch, body, cut, self.ids.veil(),
        )  # fmt: skip
        return Recorded(row, form.decode(body))

    def _seal(
        self, event: Event, form: Form, position: int, stream: str, sealed: list[SealedValue]
    ) -> Event:
        hidden: dict[str, str] = {}
        for field in form.sealed:
            value = getattr(event, field)
            if value:
                salt = self.ids.salt()
                hidden[field] = commitment_of(field, salt, value)
                sealed.append(SealedValue(position, stream, field, hidden[field], salt, value))
        return msgspec.structs.replace(event, **hidden) if hidden else event

    def _remember(self, key: str, done: Done) -> None:
        self._keys[key] = done
        while len(self._keys) > KEYS_KEPT_MAX + len(self._rows):
            # Not ``next(iter(...))`` of a plain dict: it walks over all that was deleted before.
            self._keys.popitem(last=False)
        if self._all_keys is not None:
            self._all_keys.add(hash(key))
            if len(self._all_keys) > KEYS_KNOWN_MAX:
                self._all_keys = None

    def forget(self, streams: Collection[str]) -> None:
        """Forget the commands remembered by key that led to events of these streams.

        Such a command holds the sealed words as they came. One that is sent again is still known:
        by the key, in the record.
        """
        keys = [
            key for key, done in self._keys.items()
            if any(one.row.stream in streams for one in done.recorded)
        ]  # fmt: skip
        for key in keys:
            del self._keys[key]
        if keys:
            self._all_keys = None

    # -- alarms ------------------------------------------------------------------------------

    def _first_alarm(self) -> tuple[int, str, Room[Any]] | None:
        """Return the earliest alarm of all rooms as (due, name, room), or None."""
        best: tuple[int, str, Room[Any]] | None = None
        for room, alarms in self._alarming:
            if not alarms.due:
                continue
            first = alarms.next()
            if first is not None and (best is None or first < best[:2]):
                best = (*first, room)
        return best

    def next_alarm_us(self) -> int | None:
        """Return when the next alarm is due (UTC microseconds), or None."""
        first = self._first_alarm()
        return None if first is None else first[0]

    def ring(self, until_us: int, most: int = BATCH_MAX) -> int:
        """Do what is due up to ``until_us``, earliest first, at most ``most``; returns how many."""
        rung = 0
        while rung < most:
            first = self._first_alarm()
            if first is None or first[0] > until_us:
                break
            due_us, name, room = first
            self._rung(self._ring_one(room, name, due_us), room, name, due_us)
            rung += 1
        return rung

    def _ring_one(self, room: Room[Any], name: str, due_us: int) -> Outcome:
        assert room.ring is not None, "Rooms checks that alarms can ring"
        try:
            command = room.ring(self.state[room.name], name, due_us)
        except Exception as error:
            return Faulted(where(error))
        if (denied := self.rooms.authority.refuse(SYSTEM, command.tag)) is not None:
            return Refused(denied)
        # No look at the key: an alarm that has acted is no longer set, so it cannot come twice.
        now_us = max(self.clock.now_us(), self._last_us)
        return self._decide(command, SYSTEM, now_us, keep=False)

    def _rung(self, outcome: Outcome, room: Room[Any], name: str, due_us: int) -> None:
        """Put an alarm that did not act aside until the next start; it would ring without end."""
        assert room.alarms is not None
        alarms = room.alarms(self.state[room.name])
        if isinstance(outcome, Accepted) and alarms.due.get(name) != due_us:
            return
        log.error("alarm %s of %s: %s", name, room.name, outcome)
        alarms.mute(name)

    # -- commit ------------------------------------------------------------------------------

    @property
    def last_us(self) -> int:
        """When the last event was recorded (UTC microseconds), 0 in an empty record."""
        return self._last_us

    @property
    def waiting(self) -> int:
        """How many rows are heard but not yet recorded."""
        return len(self._rows)

    def commit(self) -> None:
        """Make everything done so far durable, then publish it. Raises as ``secure`` does."""
        self.secure()
        self.publish()

    def secure(self) -> None:
        """Make everything done so far durable; callers may be answered when this returns.

        CannotRecord: nothing was written, so the state is built again from the record and the
        centre may go on. CommitFailed: it is unknown what was written; the process must stop.
        """
        if not self._rows:
            return
        assert not self.broken, "what a failed commit left behind must not be written again"
        rows, sealed = self._rows, self._sealed
        try:
            head = self.store.append([one.row for one in rows], sealed, self._shelf.fresh)
        except CannotRecord:
            self.start()
            raise
        except Exception as error:
            self.broken = str(error) or type(error).__name__
            raise CommitFailed(self.broken) from error
        self._rows, self._sealed = [], []
        self._shelf.written()
        self._secured.append((rows, head))

    def publish(self) -> None:
        """Tell the subscribers of every batch that is durable and not yet published, in order."""
        while self._secured:
            rows, head = self._secured.popleft()
            for subscriber in self._subscribers:
                try:
                    subscriber(rows, head)
                except Exception as error:  # it is recorded: whoever asked must be told so
                    log.error("fault in a subscriber: %s", where(error))

    def handle(self, asks: Sequence[Ask]) -> list[Outcome]:
        """Do a batch and commit it: the synchronous whole, for tests, tools and simulation."""
        assert len(asks) <= BATCH_MAX, "a batch larger than the hub takes"
        outcomes = [self.do(ask.command, ask.actor) for ask in asks]
        self.commit()
        return outcomes

    def subscribe(self, subscriber: Callable[[Sequence[Recorded], Head], None]) -> None:
        """Call ``subscriber`` with every committed batch and the tree head after it."""
        self._subscribers.append(subscriber)

    def on_start(self, follower: Callable[[], None]) -> None:
        """Call ``follower`` whenever the states have been built anew, so that it can look again."""
        self._started.append(follower)
