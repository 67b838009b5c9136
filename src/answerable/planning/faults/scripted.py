"""What a drill does to a record, from a seed: starts, batches, snapshots, ends; with a hub or not.

The player is a centre's own process as far as the record sees it: after a refusal it tries again,
after a failed commit or a kill it starts again, and then goes on with what was not yet recorded.
"""

from __future__ import annotations

import contextlib
import enum
import functools
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from answerable.kernel.authority import Actor
from answerable.kernel.clock import SetClock
from answerable.kernel.event import Row, SealedValue
from answerable.kernel.hub import Accepted, Ask, Hub, commitment_of
from answerable.kernel.ids import SeededIds
from answerable.kernel.room import Rooms
from answerable.kernel.store import (
    CannotRecord,
    CommitFailed,
    Head,
    LaidAside,
    Snapshot,
    StoreRefusal,
)
from answerable.planning.faults.disk import Disk, Killed
from answerable.planning.faults.ledger import Ledger, Violation
from answerable.planning.faults.rows import RECORD, SALT, order_at, row_at
from answerable.planning.faults.under import Imagined
from answerable.record.keyfile import HeapKeys
from answerable.record.sqlite import SqliteStore

FINGERPRINT = "drill"
SEALED_EVERY = 3
BATCH_MAX = 6
STATE_BYTES_MAX = 9_000
PAGES = (4, 12, 1000)
"""Pages at which the log is brought into the database: often, now and then, only at the end."""
TRIES = 4
BEGAN_US = 1_600_000_000_000_000
DRILL = Actor(name="drill", role="call_taker")


class Do(enum.StrEnum):
    """What one step does."""

    BATCH = "batch"
    SNAPSHOT = "snapshot"
    ASIDE = "aside"
    ERASE = "erase"


class Step(NamedTuple):
    """One step, with dice of its own, so that it is the same when it is tried again."""

    do: Do
    seed: int


class Life(NamedTuple):
    """One process: its steps, and whether it ends by closing the record or by being killed."""

    steps: tuple[Step, ...]
    closes: bool


class Script(NamedTuple):
    """What happens in one seed."""

    seed: int
    with_hub: bool
    heap_keys: bool
    pages: int
    lives: tuple[Life, ...]


def script_of(seed: int, *, heap_keys: bool = False) -> Script:
    """Return the script of a seed; ``heap_keys``: the vault's keys need no disk."""
    dice = random.Random(f"{seed} script")
    lives = []
    for _ in range(dice.randint(2, 3)):
        todo = [Do.BATCH] * dice.randint(2, 5) + [Do.SNAPSHOT] * dice.randint(0, 1)
        todo += [Do.ASIDE] * dice.randint(0, 1)
        todo += [] if heap_keys else [Do.ERASE] * dice.randint(0, 1)
        dice.shuffle(todo)
        steps = tuple(Step(one, dice.getrandbits(32)) for one in todo)
        lives.append(Life(steps, closes=dice.random() < 0.5))
    return Script(seed, seed % 2 == 0, heap_keys, dice.choice(PAGES), tuple(lives))


class Watched:
    """A store whose every gift and acknowledgement is noted in the ledger."""

    def __init__(self, store: SqliteStore, ledger: Ledger) -> None:
        self.store = store
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        return getattr(self.store, name)

    def append(
        self,
        rows: Sequence[Row],
        sealed: Sequence[SealedValue] = (),
        aside: Sequence[LaidAside] = (),
    ) -> Head:
        """Append, noting it before and after."""
        self._ledger.give(rows, sealed, aside)
        head = self.store.append(rows, sealed, aside)
        self._ledger.acknowledge(head)
        return head

    def save_snapshot(self, fingerprint: str, snapshot: Snapshot) -> None:
        """Keep a snapshot, noting it before and after."""
        with self._ledger.snapping(fingerprint, snapshot):
            self.store.save_snapshot(fingerprint, snapshot)

    def destroy_keys(self, orders: Mapping[int, Sequence[str]]) -> int:
        """Destroy keys, noting it before and after, and which bytes have to be gone then."""
        secrets = []
        for stream in sorted({one for streams in orders.values() for one in streams}):
            for (number,) in self.store._fetch("keys_of_stream", stream):
                secrets.append(self.store.vault.keys.get(number) or b"")
        with self._ledger.erasing(orders, secrets):
            return self.store.destroy_keys(orders)

    def keep_aside(self, fingerprint: str, aside: Sequence[LaidAside]) -> None:
        """Keep what was laid aside, and note it."""
        self.store.keep_aside(fingerprint, aside)
        self._ledger.put_aside(aside)


class Work(Protocol):
    """One process at work on an open record."""

    store: Watched

    def do(self, step: Step) -> None:
        """Carry out a step; the same step again does it once. Raises as the store does."""
        ...


class StoreWork:
    """Batches straight into the store."""

    def __init__(self, store: Watched) -> None:
        self.store = store

    def do(self, step: Step) -> None:
        """Carry out a step."""
        dice = random.Random(step.seed)
        size = self.store.head().size
        if step.do is Do.SNAPSHOT:
            body = dice.randbytes(dice.randint(1, STATE_BYTES_MAX))
            self.store.save_snapshot(FINGERPRINT, Snapshot(size, body))
        elif step.do is Do.ASIDE:
            self.store.keep_aside(FINGERPRINT, [_laid_aside(size)])
        elif step.do is Do.ERASE:
            self._erase(f"call:{dice.randrange(7)}", size)
        else:
            self._append(dice, size)

    def _erase(self, stream: str, size: int) -> None:
        """Record the order to erase a stream's words, and carry it out."""
        at_us = max(self.store.store._last_us, BEGAN_US)
        self.store.append([order_at(size + 1, self.store.epoch, at_us, stream)])
        self.store.destroy_keys({size + 1: [stream]})

    def _append(self, dice: random.Random, size: int) -> None:
        span = range(size + 1, size + 1 + dice.randint(1, BATCH_MAX))
        at_us = max(self.store.store._last_us, BEGAN_US)
        words = {n: f"words {n} {dice.random()}" for n in span if n % SEALED_EVERY == 0}
        rows = [row_at(n, self.store.epoch, at_us + n, words.get(n, "")) for n in span]
        sealed = [
            SealedValue(n, f"call:{n % 7}", "words", commitment_of("words", SALT, said), SALT, said)
            for n, said in words.items()
        ]
        aside = [_laid_aside(span[-1])] if dice.random() < 0.3 else []
        self.store.append(rows, sealed, aside)


def _laid_aside(position: int) -> LaidAside:
    body = random.Random(position).randbytes(300)  # the same whoever lays it aside
    return LaidAside(FINGERPRINT, f"call:{position % 7}", position, body)


class HubWork:
    """Commands given to the real hub, with the product's own rooms."""

    def __init__(self, store: Watched, seed: int) -> None:
        self.store = store
        clock = SetClock(BEGAN_US + store.epoch * 1_000_000)
        ids = SeededIds(seed * 1000 + store.epoch)
        self._hub = Hub(rooms(), store, clock=clock, ids=ids)
        self._hub.start()

    def do(self, step: Step) -> None:
        """Carry out a step. Raises Violation where a sound command is not accepted."""
        if step.do is Do.BATCH:
            outcomes = self._hub.handle(_calls(step.seed))
            wrong = next((one for one in outcomes if not isinstance(one, Accepted)), None)
            if wrong is not None:
                raise Violation(f"a command was not accepted: {wrong}")
        elif step.do is Do.SNAPSHOT:
            self._hub.save_snapshot()


def _calls(seed: int) -> list[Ask]:
    """Return the commands of a batch: calls answered and ended, the same for the same seed."""
    from answerable.intake.words import AnswerCall, EndCall

    dice, asks = random.Random(seed), []
    for n in range(dice.randint(1, 3)):
        call = f"c{seed}-{n}"
        number = f"555 {dice.randrange(10_000):04}" if dice.random() < 0.7 else ""
        asks.append(Ask(AnswerCall(key=f"{call}:answer", call=call, number=number), DRILL))
        asks.append(Ask(EndCall(key=f"{call}:end", call=call, reason="no incident"), DRILL))
    return asks


@functools.cache
def rooms() -> Rooms:
    """Return the product's rooms, assembled once a process."""
    from answerable.rooms import product

    return product()


class Player:
    """Plays a script on an imagined disk, as a centre would: it refuses, ends and starts again."""

    def __init__(
        self,
        script: Script,
        disk: Disk,
        ledger: Ledger,
        folder: Path,
        under: type[Imagined] = Imagined,
    ) -> None:
        """``folder`` is a real one, for the lock beside the record; nothing else lies there."""
        self.script = script
        self.disk = disk
        self.ledger = ledger
        self.keys = HeapKeys() if script.heap_keys else None
        self.refused: list[str] = []
        self._path = folder / RECORD
        self._under = under
        self._dice = random.Random(f"{script.seed} player")

    def play(self) -> None:
        """Play every life. Raises Violation where a promise of the record does not hold."""
        for life in self.script.lives:
            work = self._begin()
            for step in life.steps:
                work = self._carry_out(work, step)
            self._end(work, closes=life.closes)

    def _begin(self) -> Work:
        """Start a process; where a fault stops it, the next one, when the fault has passed."""
        for _ in range(TRIES):
            try:
                return self._start()
            except StoreRefusal as refusal:
                self._note(refusal)
            except (Killed, CommitFailed):
                pass
            self.disk.start_again()
        raise Violation(f"it does not start on a sound disk: {self.refused[-1:]}")

    def _start(self) -> Work:
        under = self._under(self.disk, self.script.pages, self.keys)
        store = SqliteStore.open(self._path, disk=under)
        try:
            self.ledger.opened(store.head(), store.epoch)
            watched = Watched(store, self.ledger)
            return (
                HubWork(watched, self.script.seed) if self.script.with_hub else StoreWork(watched)
            )
        except BaseException:
            store.close()
            raise

    def _carry_out(self, work: Work, step: Step) -> Work:
        """Carry out a step until it is recorded, through refusals and restarts."""
        before = self.ledger.head
        for tries in range(TRIES):
            try:
                work.do(step)
                return work
            except CannotRecord as refusal:
                self._note(refusal)
                self._check_unmoved(work)
                if tries:
                    work = self._again(work)
            except (CommitFailed, Killed):
                work = self._again(work)
            if step.do is Do.BATCH and not self.script.with_hub and self.ledger.head != before:
                return work  # it had happened
        raise Violation(f"a step is not taken on a sound disk: {self.refused[-1:]}")

    def _note(self, refusal: StoreRefusal) -> None:
        """Note a refusal; a record that a fault has not touched may not be called damaged."""
        self.refused.append(str(refusal))
        code = str(getattr(refusal, "code", "")).partition(".")[2]
        if code in ("RecordDamaged", "NotARecord", "NewerFormat", "NotDurable"):
            raise Violation(f"a sound record was refused: {refusal}")

    def _check_unmoved(self, work: Work) -> None:
        self.ledger.withdraw()
        if work.store.head() != self.ledger.head:
            raise Violation("a refused batch moved the head")

    def _again(self, work: Work) -> Work:
        self._end(work, closes=self._dice.random() < 0.5)
        return self._begin()

    def _end(self, work: Work, *, closes: bool) -> None:
        """End the process: by closing the record, or at once."""
        if not closes:
            self.disk.dead = True
        with contextlib.suppress(Killed):
            work.store.close()
        work.store.store._lock.release()
        self.disk.start_again()
