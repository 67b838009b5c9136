"""An imagined disk: what the running system sees, and what a power cut would leave.

``Disk`` is the first: files in memory, every operation on them kept in a trace, and a place where a
fault can be put on any of them. ``Platter`` is the second: it takes a trace, operation by
operation, knows what has surely reached the platter, and answers a power cut with one of the disks
that might be found: writes that were not synced are lost, kept, torn at a sector or kept in another
order. Names are held apart from contents, as on a real disk: a new file whose folder was not
synced may be gone, and one that was removed may be back.
"""

from __future__ import annotations

import enum
import errno
import os
import random
from collections.abc import Callable, Iterable
from typing import NamedTuple

SECTORS = (512, 4096)
"""Bytes that a disk writes whole or not at all."""
WAITING_MAX = 8
"""Writes to a mark that wait; an older one the system has written back by itself."""
MARK = ".mark"


class Kind(enum.StrEnum):
    """What can be asked of a disk, as far as it decides about survival."""

    OPEN = "open"
    WRITE = "write"
    CUT = "ftruncate"
    SYNC = "fdatasync"
    FOLDER = "fsync of the folder"
    UNLINK = "unlink"
    RENAME = "rename"
    DROPPED = "sync that failed and dropped what it should have kept"


class Op(NamedTuple):
    """One operation on a file: its number stays when its name goes."""

    kind: Kind
    name: str
    inode: int = 0
    at: int = 0
    data: bytes = b""

    def text(self) -> str:
        """Return the operation in a few words."""
        where = f" @{self.at}+{len(self.data)}" if self.kind is Kind.WRITE else ""
        return f"{self.kind} {self.name}{where}"


class Fault(enum.StrEnum):
    """What happens to one operation."""

    EIO = "EIO"
    EIO_DONE = "EIO, though it had happened"
    NO_SPACE = "ENOSPC"
    SHORT = "short write, then ENOSPC"
    DROPPED = "EIO, and what was to be synced is dropped"
    DEAD = "EIO, and from then on for everything until the process starts again"
    KILL = "killed before it"
    KILL_SHORT = "killed in the middle of it"
    KILL_AFTER = "killed after it"


KILLS = (Fault.KILL, Fault.KILL_SHORT, Fault.KILL_AFTER)
SPLIT = (Fault.SHORT, Fault.KILL_SHORT)
"""Faults that leave a write half done."""


class Killed(BaseException):
    """The process is gone: nobody may catch this but the drill."""


class Disk:
    """Files in memory, as the running system sees them."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        """Begin with these files; they are surely on the platter."""
        self.names: dict[str, int] = {}
        self.contents: dict[int, bytearray] = {}
        self.trace: list[Op] = []
        self.fault: Callable[[int, Op], Fault | None] | None = None
        self.process = 0
        self.dead = False
        self._failing = False
        self._next = 1
        for name, content in (files or {}).items():
            self.names[name] = self._next
            self.contents[self._next] = bytearray(content)
            self._next += 1
        self.began_with = dict(files or {})

    # -- what a process asks -----------------------------------------------------------------

    def open(self, name: str, *, create: bool) -> int:
        """Return a file's number, making the file if asked. Raises OSError."""
        if name not in self.names:
            if not create:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
            self._do(Op(Kind.OPEN, name, self._next), self._make)
        return self.names[name]

    def write(self, name: str, inode: int, data: bytes, at: int) -> None:
        """Write into the system's memory; the platter has it after a sync. Raises OSError."""
        self._do(Op(Kind.WRITE, name, inode, at, data), self._write)

    def cut(self, name: str, inode: int, size: int) -> None:
        """Cut a file to a size. Raises OSError."""
        self._do(Op(Kind.CUT, name, inode, size), self._cut)

    def sync(self, name: str, inode: int) -> None:
        """Bring a file to the platter. Raises OSError."""
        self._do(Op(Kind.SYNC, name, inode), _nothing)

    def sync_folder(self) -> None:
        """Bring the names to the platter. Raises OSError."""
        self._do(Op(Kind.FOLDER, "."), _nothing)

    def unlink(self, name: str) -> None:
        """Remove a name. Raises OSError."""
        self._do(Op(Kind.UNLINK, name), self._unlink)

    def rename(self, name: str, to: str) -> None:
        """Give a file another name, in the place of whatever had it. Raises OSError."""
        self._do(Op(Kind.RENAME, name, self.names[name], data=to.encode()), self._rename)

    def files(self) -> dict[str, bytes]:
        """Return the files as they are now: what a process that starts again would see."""
        return {name: bytes(self.contents[inode]) for name, inode in self.names.items()}

    def start_again(self) -> None:
        """Let the next process begin: files as they are, nothing of the last one goes on."""
        self.process += 1
        self.dead = self._failing = False

    # -- one operation -----------------------------------------------------------------------

    def _do(self, op: Op, carry_out: Callable[[Op], None]) -> None:
        if self.dead:
            raise Killed
        if self._failing:
            raise _failed(errno.EIO, op)
        fault = self.fault(len(self.trace), op) if self.fault else None
        if fault is None:
            carry_out(op)
            self.trace.append(op)
            return
        self._suffer(op, carry_out, fault)

    def _suffer(self, op: Op, carry_out: Callable[[Op], None], fault: Fault) -> None:
        """Carry out as much of an operation as its fault leaves, then raise."""
        if fault in SPLIT:
            op = op._replace(data=op.data[: whole_sectors(op)])
        if fault in (*SPLIT, Fault.EIO_DONE, Fault.KILL_AFTER):
            carry_out(op)
            self.trace.append(op)
        if fault is Fault.DROPPED:
            self.trace.append(op._replace(kind=Kind.DROPPED))
        if fault in KILLS:
            self.dead = True
            raise Killed
        self._failing = fault is Fault.DEAD
        full = fault in (Fault.NO_SPACE, Fault.SHORT)
        raise _failed(errno.ENOSPC if full else errno.EIO, op)

    def _make(self, op: Op) -> None:
        self.names[op.name] = op.inode
        self.contents[op.inode] = bytearray()
        self._next += 1

    def _write(self, op: Op) -> None:
        put(self.contents[op.inode], op.at, op.data)

    def _cut(self, op: Op) -> None:
        del self.contents[op.inode][op.at :]

    def _unlink(self, op: Op) -> None:
        del self.names[op.name]

    def _rename(self, op: Op) -> None:
        self.names[op.data.decode()] = self.names.pop(op.name)


def _nothing(_: Op) -> None:
    """Change nothing: that is what a sync does to the running system's view."""


def _failed(number: int, op: Op) -> OSError:
    return OSError(number, os.strerror(number), op.name)


def whole_sectors(op: Op) -> int:
    """Return how much of a write is written when it breaks off: it ends at a sector's end."""
    sector = SECTORS[0]
    cut = (op.at + len(op.data) // 2) // sector * sector
    return max(0, cut - op.at)


def put(content: bytearray, at: int, data: bytes) -> None:
    """Write ``data`` at a place, with zeros in a gap before it."""
    if at > len(content):
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data


class Loss(enum.StrEnum):
    """What a power cut does to writes that were not synced."""

    LOST = "lost"
    KEPT = "kept"
    FRONT = "lost from some write on"
    SOME = "some lost"
    TORN = "torn at sectors"
    REORDERED = "kept in another order"
    NOISE = "torn, with noise in a sector"


LOSSES = tuple(Loss)


class Platter:
    """What has surely reached the platter, and what is on its way there."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        """Begin with the files a ``Disk`` began with."""
        self._names: dict[str, int] = {}
        self._sure: dict[int, bytearray] = {}
        for inode, (name, content) in enumerate((files or {}).items(), 1):
            self._names[name], self._sure[inode] = inode, bytearray(content)
        self._waiting: list[Op] = []
        self._renaming: list[Op] = []

    def take(self, op: Op) -> None:
        """Take one operation of a trace."""
        if op.kind in (Kind.WRITE, Kind.CUT):
            self._waiting.append(op)
            if op.name.endswith(MARK):
                self._write_back(op.inode)
        elif op.kind is Kind.SYNC:
            self._settle(op.inode, keep=True)
        elif op.kind is Kind.DROPPED:
            self._settle(op.inode, keep=False)
        elif op.kind is Kind.FOLDER:
            _rename_all(self._names, self._renaming)
            self._renaming = []
        else:
            self._renaming.append(op)

    def _settle(self, inode: int, *, keep: bool) -> None:
        """Bring what waits for a file to the platter, or forget it."""
        if not self._waiting:
            return
        if keep:
            image = self._sure.setdefault(inode, bytearray())
            for op in self._waiting:
                if op.inode == inode:
                    apply(image, op)
        self._waiting = [op for op in self._waiting if op.inode != inode]

    def _write_back(self, inode: int) -> None:
        """Bring the oldest of many waiting writes to the platter: the system does so in time."""
        mine = [op for op in self._waiting if op.inode == inode]
        if len(mine) > WAITING_MAX:
            apply(self._sure.setdefault(inode, bytearray()), mine[0])
            self._waiting.remove(mine[0])

    @property
    def waiting(self) -> int:
        """How many operations a cut could lose."""
        return len(self._waiting) + len(self._renaming)

    def after_a_cut(self, loss: Loss, dice: random.Random) -> dict[str, bytes]:
        """Return the files that might be found after a power cut now."""
        names = dict(self._names)
        _rename_all(names, self._renaming[: _how_many(len(self._renaming), loss, dice)])
        images: dict[int, bytearray] = {}
        sector = dice.choice(SECTORS)
        for op in _survivors(self._waiting, loss, dice):
            image = images.get(op.inode)
            if image is None:
                image = images[op.inode] = bytearray(self._sure.get(op.inode, b""))
            if loss in (Loss.TORN, Loss.NOISE) and op.data and dice.random() < 0.5:
                _tear(image, op, sector, dice, noise=loss is Loss.NOISE)
            else:
                apply(image, op)
        return {
            name: bytes(images.get(inode, self._sure.get(inode, b"")))
            for name, inode in names.items()
        }


def apply(image: bytearray, op: Op) -> None:
    """Carry out a write or a cut on a file's content."""
    if op.kind is Kind.CUT:
        del image[op.at :]
    else:
        put(image, op.at, op.data)


def _rename_all(names: dict[str, int], ops: Iterable[Op]) -> None:
    for op in ops:
        if op.kind is Kind.UNLINK:
            names.pop(op.name, None)
        elif op.kind is Kind.RENAME:
            names.pop(op.name, None)
            names[op.data.decode()] = op.inode
        else:
            names[op.name] = op.inode


def _how_many(count: int, loss: Loss, dice: random.Random) -> int:
    """Return how many changes of names survive: they reach a disk in order, or not at all."""
    if loss is Loss.LOST:
        return 0
    return count if loss is Loss.KEPT else dice.randint(0, count)


def _survivors(waiting: list[Op], loss: Loss, dice: random.Random) -> list[Op]:
    """Return the writes that reach the platter, whole or torn, in the order in which they do."""
    if loss is Loss.LOST or not waiting:
        return []
    if loss is Loss.KEPT:
        return waiting
    if loss is Loss.FRONT:
        return waiting[: dice.randint(0, len(waiting))]
    kept = [op for op in waiting if dice.random() < 0.6]
    if loss is Loss.REORDERED:
        dice.shuffle(kept)
    return kept


def _tear(image: bytearray, op: Op, sector: int, dice: random.Random, *, noise: bool) -> None:
    """Write only some of the sectors that a write touches; one may hold noise instead."""
    end = op.at + len(op.data)
    at = op.at
    while at < end:
        stop = min(end, (at // sector + 1) * sector)
        fate = dice.random()
        if fate < 0.5:
            put(image, at, op.data[at - op.at : stop - op.at])
        elif noise and fate < 0.6:
            put(image, at, dice.randbytes(stop - at))
        at = stop
