"""Fault points: each operation of the write path fails in each way, or the process is killed there.

A seed's script is played once to see what it asks of the disk. Then it is played again for each
point, a *point* being one operation and one fault. The centre does what it always does: it refuses
and tries again, or ends and starts again. At the end everything that was acknowledged has to be
there, once and in order, also after a power cut that loses whatever was not synced.
"""

from __future__ import annotations

import collections
import contextlib
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from answerable.planning.faults import verdict
from answerable.planning.faults.disk import (
    SPLIT,
    Disk,
    Fault,
    Kind,
    Loss,
    Op,
    Platter,
    whole_sectors,
)
from answerable.planning.faults.ledger import Ledger, Violation
from answerable.planning.faults.results import Outcome
from answerable.planning.faults.scripted import Player, Script, script_of
from answerable.planning.faults.under import Imagined

_KILLS = (Fault.KILL, Fault.KILL_AFTER)
_FAILS = (Fault.EIO, Fault.DEAD)
SUFFERS: dict[Kind, tuple[Fault, ...]] = {
    Kind.OPEN: (*_FAILS, Fault.NO_SPACE, *_KILLS),
    Kind.WRITE: (
        *_FAILS, Fault.EIO_DONE, Fault.NO_SPACE, Fault.SHORT, *_KILLS, Fault.KILL_SHORT,
    ),
    Kind.CUT: (*_FAILS, Fault.EIO_DONE, *_KILLS),
    Kind.SYNC: (*_FAILS, Fault.EIO_DONE, Fault.DROPPED, *_KILLS),
    Kind.FOLDER: (*_FAILS, *_KILLS),
    Kind.UNLINK: (*_FAILS, Fault.EIO_DONE, *_KILLS),
    Kind.RENAME: (*_FAILS, Fault.EIO_DONE, *_KILLS),
}  # fmt: skip
"""Which faults an operation can meet."""
CUTS = (Loss.LOST, Loss.SOME, Loss.KEPT)
"""What a power cut after the fault does to writes that were not synced."""
CUTS_AFTER = 3
"""Power cuts after each fault, besides one at the end."""


class Point(NamedTuple):
    """One operation of a seed, and what happens to it."""

    number: int
    fault: Fault

    def name(self) -> str:
        """Return it as the command line takes it: ``142:KILL``."""
        return f"{self.number}:{self.fault.name}"


def points_of(script: Script, folder: Path) -> tuple[list[Point], list[Op]]:
    """Return every fault point of a script, and what it asks of a sound disk."""
    disk = Disk()
    Player(script, disk, Ledger(disk), folder).play()
    points = [
        Point(number, fault)
        for number, op in enumerate(disk.trace)
        for fault in SUFFERS[op.kind]
        if fault not in SPLIT or whole_sectors(op)
    ]
    return points, list(disk.trace)


def suffer(script: Script, point: Point, folder: Path, under: type[Imagined] = Imagined) -> int:
    """Play a script with one fault; returns how many events it acknowledged. Raises Violation."""
    disk = Disk()
    ledger = Ledger(disk)
    player = Player(script, disk, ledger, folder, under)
    met = [False]

    def fault(number: int, _: Op) -> Fault | None:
        if number != point.number or met[0]:
            return None
        met[0] = True
        return point.fault

    disk.fault = fault
    with _all_violations():
        player.play()
        if not met[0]:
            raise Violation("the script did not come to this point again: it is not repeatable")
        _check_once(ledger)
        _look(disk, ledger, folder)
        _cut_the_power(disk, ledger, folder, random.Random(f"{script.seed} {point.name()}"), point)
    return ledger.head.size


def _look(disk: Disk, ledger: Ledger, folder: Path) -> None:
    """Start once more, and look the files over."""
    verdict.looked_over(disk.files())
    verdict.check_erased(disk, ledger, len(disk.trace))
    store = verdict.start_on(Disk(disk.files()), folder)
    try:
        verdict.check(store, ledger, len(disk.trace), slowly=True)
        verdict.goes_on(store)
    finally:
        store.close()


def _cut_the_power(
    disk: Disk, ledger: Ledger, folder: Path, dice: random.Random, point: Point
) -> None:
    """Cut the power some time after the fault, and at the end."""
    end = len(disk.trace)
    moments = {end, *(dice.randint(min(point.number, end), end) for _ in range(CUTS_AFTER))}
    platter = Platter()
    for moment in range(end + 1):
        if moment in moments:
            loss = dice.choice(CUTS)
            store = verdict.start_on(Disk(platter.after_a_cut(loss, dice)), folder)
            try:
                verdict.check(store, ledger, moment)
            finally:
                store.close()
        if moment < end:
            platter.take(disk.trace[moment])


def _check_once(ledger: Ledger) -> None:
    """Check that a command which was sent again is recorded once (B14)."""
    answered = [row.key for row in ledger.rows if row.kind == "intake.CallAnswered"]
    if len(answered) != len(set(answered)):
        raise Violation("a command that was sent again is recorded twice")


def drill(seed: int, points: int = 0, only: str = "") -> Outcome:
    """Let ``points`` of a seed's fault points happen, all of them for 0; what fails is in it."""
    outcome = Outcome("faults", seeds=1)
    with tempfile.TemporaryDirectory(prefix="drill-") as name:
        folder, script = Path(name), script_of(seed)
        everyone, trace = points_of(script, folder)
        chosen = _chosen(everyone, trace, seed, points, only)
        for point in chosen:
            op = trace[point.number]
            outcome.count(f"{op.kind}: {point.fault}")
            mine = folder / point.name()
            mine.mkdir()
            try:
                outcome.acknowledged += suffer(script, point, mine)
            except Violation as violation:
                what = f"{violation} ({point.fault} at operation {point.number}, {op.text()})"
                again = ["--seed", str(seed), "--seeds", "1", "--point", point.name()]
                outcome.find(seed, what, ["faults", *again])
        outcome.distinct = len(set(chosen))
    return outcome


def _chosen(
    everyone: list[Point], trace: list[Op], seed: int, count: int, only: str
) -> list[Point]:
    """Return the points to try: drawn in turn from every kind of operation and fault."""
    if only:
        return [point for point in everyone if point.name() == only]  # none: nothing was tried
    if not count or count >= len(everyone):
        return everyone
    shuffled = random.Random(f"{seed} points").sample(everyone, len(everyone))
    turns: collections.Counter[tuple[Kind, Fault]] = collections.Counter()
    ranked = []
    for point in shuffled:
        sort = (trace[point.number].kind, point.fault)
        turns[sort] += 1
        ranked.append((turns[sort], point))
    ranked.sort(key=lambda one: one[0])
    return sorted(point for _, point in ranked[:count])


@contextlib.contextmanager
def _all_violations() -> Iterator[None]:
    """Count what nobody expected as a failure too."""
    try:
        yield
    except Violation:
        raise
    except Exception as error:
        raise Violation(f"{type(error).__name__}: {error}") from error
