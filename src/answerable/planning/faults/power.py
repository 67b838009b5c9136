"""Power cuts: the disk stops in the middle, and from what it holds every start must find it all.

A seed plays a script once on an imagined disk. Then the power is cut at many moments of that trace;
each time the dice say what became of the writes that were not synced. The record is started on what
is left, by its ordinary start, and compared with the drill's own book. Some of these starts are cut
themselves, and some disks are tampered with: those the start has to refuse.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from answerable.kernel.store import Head
from answerable.planning.faults import tamper, verdict
from answerable.planning.faults.disk import LOSSES, Disk, Loss, Platter
from answerable.planning.faults.ledger import Ledger, Violation
from answerable.planning.faults.plants import NONE, Plant
from answerable.planning.faults.results import Outcome
from answerable.planning.faults.scripted import Player, script_of
from answerable.planning.faults.tamper import Older, Tampering
from answerable.record.keyfile import HeapKeys

CUTS = 400
"""Power cuts a seed."""
VAULT_EVERY = 5
"""One seed in so many has the vault's keys on the imagined disk too; there a start costs more."""
AGAIN_EVERY = 8
"""One start in so many is cut itself."""
TAMPER_EVERY = 16
"""One disk in so many is tampered with, and the start must refuse it."""
COPIED = 0.05
"""The share of disks of which a copy is kept, to be put back later."""
SLOWLY_EVERY = 8
"""One start in so many is read by the store's own way too, and takes another event."""


class _Cutter:
    """The cuts of one seed."""

    def __init__(self, seed: int, plant: Plant, folder: Path) -> None:
        self.plant = plant
        self.folder = folder
        self.outcome = Outcome("power", seeds=1)
        self.disk = plant.disk(seed)
        self.ledger = Ledger(self.disk, early=plant.early)
        self._dice = random.Random(f"{seed} cuts")
        self._left: set[int] = set()
        script = script_of(seed, heap_keys=seed % VAULT_EVERY != 0)
        player = Player(script, self.disk, self.ledger, folder, plant.under)
        player.play()
        self.keys: HeapKeys | None = player.keys
        self.outcome.acknowledged = self.ledger.head.size

    def run(self, cuts: int) -> None:
        """Cut the power so often. Raises Violation."""
        trace = self.disk.trace
        moments = sorted(self._dice.randrange(len(trace) + 1) for _ in range(cuts))
        platter, taken = Platter(), 0
        older: list[Older] = []
        for number, moment in enumerate(moments, 1):
            while taken < moment:
                platter.take(trace[taken])
                taken += 1
            loss = self._dice.choice(LOSSES)
            after = trace[moment - 1].text() if moment else "nothing"
            with _named(f"cut {number}, {loss}, after {moment} operations, the last one {after}"):
                files = platter.after_a_cut(loss, self._dice)
                self._cut(files, moment, loss, older)
            if self._dice.random() < COPIED:
                expected = self.ledger.expected(moment)
                older.append(Older(files, expected.events_max))
        self.outcome.distinct = len(self._left)

    def _cut(self, files: dict[str, bytes], moment: int, loss: Loss, older: list[Older]) -> None:
        self.outcome.count(str(loss))
        self._left.add(_fingerprint(files))
        expected = self.ledger.expected(moment)
        if self.plant.tampers:
            touched = tamper.tampered(self.plant.tampers, files, older, expected, self._dice)
            if touched is None:
                return
            files = touched
        elif self._dice.randrange(TAMPER_EVERY) == 0:
            self._tamper(files, older, moment)
        self._start(files, moment)

    def _start(self, files: dict[str, bytes], moment: int) -> None:
        disk, dice = Disk(files), self._dice
        verdict.check_erased(disk, self.ledger, moment)
        store = verdict.start_on(disk, self.folder, self.keys)
        started, head = len(disk.trace), store.head()
        slowly = dice.randrange(SLOWLY_EVERY) == 0
        try:
            verdict.check(store, self.ledger, moment, slowly=slowly)
            if slowly:
                verdict.goes_on(store)
        finally:
            store.close()
        if dice.randrange(AGAIN_EVERY) == 0:
            self._cut_the_start(disk, moment, started, head)

    def _cut_the_start(self, disk: Disk, moment: int, started: int, head: Head) -> None:
        """Cut the power while the record starts after a cut."""
        loss, at = self._dice.choice(LOSSES), self._dice.randint(0, started)
        platter = Platter(disk.began_with)
        for op in disk.trace[:at]:
            platter.take(op)
        files = platter.after_a_cut(loss, self._dice)
        self.outcome.count(f"{loss}, while starting")
        self._left.add(_fingerprint(files))
        with _named(f"and again after {at} operations of that start, {loss}"):
            store = verdict.start_on(Disk(files), self.folder, self.keys)
            try:
                verdict.check(store, self.ledger, moment)
                if at == started and store.head() != head:
                    raise Violation("the start found something, and the next one something else")
            finally:
                store.close()

    def _tamper(self, files: dict[str, bytes], older: list[Older], moment: int) -> None:
        """Tamper with what is on the disk; the start must refuse it. Raises Violation."""
        how = self._dice.choice(tuple(Tampering))
        expected = self.ledger.expected(moment)
        touched = tamper.tampered(how, files, older, expected, self._dice, seen=True)
        if touched is None:
            return
        self.outcome.by_kind[str(how)] = self.outcome.by_kind.get(str(how), 0) + 1
        try:
            store = verdict.start_on(Disk(touched), self.folder, self.keys)
        except Violation:
            return
        store.close()
        raise Violation(f"{how}: the start did not notice it")


def drill(seed: int, cuts: int = CUTS, plant: Plant = NONE) -> Outcome:
    """Cut the power on one seed; what is found is in the outcome."""
    with tempfile.TemporaryDirectory(prefix="drill-") as folder, plant.planted():
        outcome = Outcome("power", seeds=1)
        try:
            cutter = _Cutter(seed, plant, Path(folder))
            outcome = cutter.outcome
            cutter.run(cuts)
        except Violation as violation:
            again = ["power", "--seed", str(seed), "--seeds", "1"]
            again += ["--cuts", str(cuts)] if cuts != CUTS else []
            again += ["--plant", plant.name] if plant.name else []
            outcome.find(seed, str(violation), again)
    return outcome


@contextlib.contextmanager
def _named(where: str) -> Iterator[None]:
    """Say of every failure where it was; what nobody expected is a failure too."""
    try:
        yield
    except Violation as violation:
        raise Violation(f"{violation} ({where})") from violation
    except Exception as error:
        raise Violation(f"{type(error).__name__}: {error} ({where})") from error


def _fingerprint(files: dict[str, bytes]) -> int:
    """Return a number by which the same disk is known again."""
    found = 0
    for name in sorted(files):
        found = zlib.crc32(files[name], zlib.crc32(name.encode(), found)) | len(files[name]) << 32
    return found
