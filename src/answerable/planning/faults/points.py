"""Fault points: each operation of the write path fails in each way, or the process is killed there.

A seed's script is played once to see what it asks of the disk. Then it is played again for each
point, a *point* being one operation and one fault. The centre does what it always does: it refuses
and tries again, or ends and starts again. At the end everything that was acknowledged has to be
there, once and in order, also after a power cut that loses whatever was not synced.
"""

from __future__ import annotations

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
"""What a power cut at the end does to writes that were never synced."""


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


def suffer(script: Script, point: Point, folder: Path) -> int:
    """Play a script with one fault; returns how many events it acknowledged. Raises Violation."""
    disk = Disk()
    ledger = Ledger(disk)
    player = Player(script, disk, ledger, folder)
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
        _look(disk, ledger, folder, random.Random(f"{script.seed} {point.name()}"))
    return ledger.head.size


def _look(disk: Disk, ledger: Ledger, folder: Path, dice: random.Random) -> None:
    """Start once more, look the files over, and then cut the power."""
    end = len(disk.trace)
    _check_once(ledger)
    verdict.looked_over(disk.files())
    platter = Platter()
    for op in disk.trace:
        platter.take(op)
    lost = platter.after_a_cut(dice.choice(CUTS), dice)
    for files, slowly in ((disk.files(), True), (lost, False)):
        store = verdict.start_on(Disk(files), folder)
        try:
            verdict.check(store, ledger, end, slowly=slowly)
            verdict.goes_on(store)
        finally:
            store.close()


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
        chosen = _chosen(everyone, seed, points, only)
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


def _chosen(everyone: list[Point], seed: int, count: int, only: str) -> list[Point]:
    if only:
        return [point for point in everyone if point.name() == only]  # none: nothing was tried
    if not count or count >= len(everyone):
        return everyone
    return sorted(random.Random(f"{seed} points").sample(everyone, count))


@contextlib.contextmanager
def _all_violations() -> Iterator[None]:
    """Count what nobody expected as a failure too."""
    try:
        yield
    except Violation:
        raise
    except Exception as error:
        raise Violation(f"{type(error).__name__}: {error}") from error
