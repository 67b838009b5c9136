"""Making a backup: taken beside a running centre, written, restored, compared, and only then named.

A file has its name only once it is proved; until then it is a hidden ``.partial`` that nobody takes
for a backup and that the next run clears away. So whatever ends a backup, the older ones are as
they were.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from answerable.record import RECORD_FILE
from answerable.record.backup.boxes import KEY_BYTES, Beside, Known, Sealer, Writer, unwrapped
from answerable.record.backup.frames import END, Frames
from answerable.record.backup.head import FULL, INCREMENTAL, KEYS, Head, head_bytes
from answerable.record.backup.proof import put_back, put_keys_back
from answerable.record.backup.putting import LEAST_FREE
from answerable.record.backup.refusals import (
    DIFFERS,
    NOT_MADE,
    BackupRefused,
    Hollow,
    hollow,
)
from answerable.record.backup.shelf import (
    PARTIAL,
    Folder,
    Shelved,
    chains,
    old_chains,
    old_keys,
)
from answerable.record.backup.taking import (
    KEYS_FILES,
    Source,
    erasures,
    put_content,
    read_whole,
)
from answerable.record.keyfile import vault_of

BESIDE_FILE = "backup.local-key"
"""The key with which a machine proves its own backups of the record; it is in no backup."""
LOCK_FILE = "backup.lock"
SCRATCH = ".backup-scratch-"
SERVED_FILE = "served.json"
"""The settings the centre was last served with; nothing in them is secret."""
OTHER_FILES = ("keyring.sqlite", "hooks.sqlite", "receipts.key", SERVED_FILE)
"""What goes with the record: secrets of accounts, how far hooks were told, callers' codes."""
FULL_EVERY, KEEP, KEEP_KEYS_DAYS = 24, 4, 7

Put = Callable[[Frames], str]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: a record's data folder, where to, for whom, and how long it is kept.

    A chain has ``full_every`` files at most; ``keep`` chains, or backups of keys, are left, and of
    keys none older than ``keys_days`` but the newest. ``more`` are further files that go with the
    record, ``forbidden`` are folders in which no backup may lie, and what each of them is.
    """

    data: Path
    to: Path
    writers: tuple[Writer, ...]
    keys: bool = False
    full: bool = False
    full_every: int = FULL_EVERY
    keep: int = KEEP
    keys_days: int = KEEP_KEYS_DAYS
    scratch: Path | None = None
    more: dict[str, Path | bytes] = {}
    forbidden: tuple[tuple[Path, str], ...] = ()

    def again(self, **changes: object) -> Order:
        """Return the same with some changes."""
        return msgspec.structs.replace(self, **changes)


class Made(NamedTuple):
    """A proven backup. ``broken`` is what was wrong with the chain that it does not go on from."""

    path: Path
    head: Head
    digest: str
    bytes: int
    sealed: int
    files: dict[str, str]
    removed: list[Path]
    broken: Hollow | None
    seconds: float


def back_up(order: Order) -> Made:
    """Make a backup and prove it. Raises BackupRefused (nothing begun) or Hollow (none made)."""
    begun = time.perf_counter()
    order = order.again(
        data=order.data.absolute(), to=order.to.absolute(),
        scratch=order.scratch.absolute() if order.scratch else None,
    )  # fmt: skip
    folder = Folder(order.to, keys=order.keys)
    folder.prepare([(order.data, "the data folder"), *order.forbidden])
    if not (order.data / RECORD_FILE).is_file():
        raise BackupRefused(
            f"Not backed up: {order.data}. There is no record in it. "
            "Give the centre's data folder with --data, or its serve.toml with --settings."
        )
    try:
        with _alone(order.data):
            _clear(order.scratch or order.data)
            made = _keys(order, folder) if order.keys else _unless_erased(order, folder)
            removed = _tidied(order, folder)
    except (BackupRefused, Hollow):
        raise
    except Exception as error:
        raise hollow(error) from error
    return made._replace(removed=removed, seconds=round(time.perf_counter() - begun, 3))


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the right to back a record up. Raises BackupRefused where another process has it."""
    descriptor = os.open(data / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise BackupRefused(
            f"Not backed up: {data}. Another backup of it is being made. Wait until it has ended."
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)


def _clear(place: Path) -> None:
    """Remove what a backup that was killed left of its scratch place; it is a plain record."""
    for left in place.glob(f"{SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def scratch(place: Path, needed: int) -> Iterator[Path]:
    """Yield an empty folder for its owner only, gone afterwards. Raises Hollow without room."""
    free = os.statvfs(place)
    if free.f_bavail * free.f_frsize < needed + needed // 4 + LEAST_FREE:
        raise Hollow(
            NOT_MADE,
            f"proving it takes {needed // 2**20} MB of scratch space, which {place} does not have; "
            "name another place with --scratch",
        )
    made = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=place))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


# -- a backup of the record ------------------------------------------------------------------


def _unless_erased(order: Order, folder: Folder) -> Made:
    """Make a backup; once more where something was erased while the first was being proved."""
    record = order.data / RECORD_FILE
    before = erasures(record)
    try:
        return _record(order, folder)
    except Hollow:
        if erasures(record) == before:
            raise
        return _record(order, folder)


def _record(order: Order, folder: Folder) -> Made:
    """Make an increment where a chain can go on; else, or where it is broken, a full one."""
    beside = Beside.of(order.data / BESIDE_FILE)
    whole, _damaged = folder.files()
    record = order.data / RECORD_FILE
    with contextlib.closing(Source(record, _companions(order))) as source:
        _same_record(whole, source, folder)
        chain = [] if order.full else _chain(whole, source, beside, order)
        if not chain:
            return _taken(order, folder, source, beside, [])
        try:
            return _taken(order, folder, source, beside, chain)
        except Hollow as error:
            if error.file not in {one.path.name for one in chain}:
                raise
            broken = error
    return _record(order.again(full=True), folder)._replace(broken=broken)


def _companions(order: Order) -> dict[str, Path | bytes]:
    beside: dict[str, Path | bytes] = {name: order.data / name for name in OTHER_FILES}
    return beside | order.more


def _same_record(whole: Sequence[Shelved], source: Source, folder: Folder) -> None:
    strange = next((one for one in whole if one.head.record != source.record), None)
    if strange is not None:
        raise BackupRefused(
            f"Not backed up to {folder.path}. Backups of another record lie there "
            f"({strange.path.name}). Name a folder of its own for each record."
        )


def _chain(whole: Sequence[Shelved], source: Source, beside: Beside, order: Order) -> list[Shelved]:
    """Return the chain that can go on: the newest, ours to read, and of the record as it is.

    It is for the same readers: after a change of passphrase or key, a chain that went on would be
    one that neither the old nor the new one opens from end to end.
    """
    found = chains(whole)
    if not found or len(found[-1]) >= order.full_every:
        return []
    chain = found[-1]
    last = chain[-1].head
    ours = all(unwrapped(one.head.wrapped, [beside]) is not None for one in chain)
    fits = last.size <= source.head.size and source.root_at(last.size) == last.root
    return chain if ours and fits and _same_readers(order.writers, chain) else []


def _same_readers(writers: Sequence[Writer], chain: Sequence[Shelved]) -> bool:
    """Say whether the first and the last of a chain are for everybody a backup is written for."""
    ends = {one.path: one.head.wrapped for one in (chain[0], chain[-1])}
    return all(
        any(writer.may_open(one) for one in wrapped)
        for wrapped in ends.values() for writer in writers
    )  # fmt: skip


def _taken(
    order: Order, folder: Folder, source: Source, beside: Beside, chain: Sequence[Shelved]
) -> Made:
    """Write a backup that goes on from a chain, prove it with all of the chain, and name it."""
    source.measure()
    last = chain[-1].head if chain else None
    key = secrets.token_bytes(KEY_BYTES)
    head = Head(
        sort=INCREMENTAL if last else FULL,
        record=source.record,
        chain=last.chain if last else secrets.token_hex(8),
        seq=len(chain),
        prev=_digest(chain[-1].path) if chain else "",
        since=last.size if last else 0,
        since_root=last.root if last else "",
        size=source.head.size,
        root=source.head.root.hex(),
        made_us=time.time_ns() // 1000,
        blocks=source.blocks,
        wrapped=[*(writer.wrap(key) for writer in order.writers), beside.wrap(key)],
    )
    before = last.blocks if last else {}
    with _partial(folder, head) as partial:
        size, digest = _written(
            partial, key, head, lambda frames: source.put(frames, head.since, before)
        )
        needed = source.path.stat().st_size
        with scratch(order.scratch or order.data, needed) as place:
            links = [(one.path, [beside]) for one in chain]
            vault = vault_of(source.path)
            back = put_back(place, [*links, (partial, [Known(key)])], vault=vault)
        _compare(back.files, source.digests)
        final = folder.path_for(head)
        folder.publish(partial, final)
    return Made(final, head, digest, size, back.sealed, back.files, [], None, 0.0)


def _compare(back: Mapping[str, str], taken: Mapping[str, str]) -> None:
    if dict(back) != dict(taken):
        names = sorted(set(back) ^ set(taken)) or ["one of them"]
        raise Hollow(DIFFERS, f"the files beside the record did not all come back ({names[0]})")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _partial(folder: Folder, head: Head) -> Iterator[Path]:
    """Yield the path of a backup that has no name yet; it is gone where it does not get one."""
    path = folder.path / f".{folder.path_for(head).name}{PARTIAL}"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _written(path: Path, key: bytes, head: Head, put: Put) -> tuple[int, str]:
    """Write a file, synced; return how many bytes it has and its SHA-256."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb", buffering=1024 * 1024) as file:
        sealer = Sealer(file, key, head_bytes(head))
        digest = put(Frames(sealer))
        file.flush()
        os.fsync(file.fileno())
    return sealer.bytes, digest


# -- a backup of the keys --------------------------------------------------------------------


def _keys(order: Order, folder: Folder) -> Made:
    """Back the keys up, whole, readable only by whoever it is written for."""
    contents = {name: read_whole(order.data / name) for name in KEYS_FILES}
    found = {name: content for name, content in contents.items() if content is not None}
    if not found:
        raise BackupRefused(
            f"Not backed up: the keys of {order.data}. There are none yet "
            f"({' and '.join(KEYS_FILES)}). Start the centre once; it makes them."
        )
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}
    key = secrets.token_bytes(KEY_BYTES)
    head = _keys_head(order, key)

    def put(frames: Frames) -> str:
        for name, content in found.items():
            put_content(frames, name, content)
        frames.put(END, {}, digests)
        return frames.end()

    with _partial(folder, head) as partial:
        size, digest = _written(partial, key, head, put)
        with scratch(order.scratch or order.data, sum(map(len, found.values()))) as place:
            _head, back = put_keys_back(place, partial, [Known(key)])
        _compare(back.files, digests)
        final = folder.path_for(head)
        folder.publish(partial, final)
    return Made(final, head, digest, size, 0, back.files, [], None, 0.0)


def _keys_head(order: Order, key: bytes) -> Head:
    with contextlib.closing(Source(order.data / RECORD_FILE, {})) as source:
        return Head(
            sort=KEYS, record=source.record, chain=secrets.token_hex(8), seq=0, prev="",
            since=0, since_root="", size=source.head.size, root=source.head.root.hex(),
            made_us=time.time_ns() // 1000, wrapped=[one.wrap(key) for one in order.writers],
        )  # fmt: skip


# -- what may go -----------------------------------------------------------------------------


def _tidied(order: Order, folder: Folder) -> list[Path]:
    """Remove what is no longer kept, now that a newer one is proved; return what went."""
    whole, _damaged = folder.files()
    if order.keys:
        going = old_keys(whole, order.keep, order.keys_days, time.time_ns() // 1000)
    else:
        going = old_chains(whole, order.keep)
    for path in going:
        path.unlink(missing_ok=True)
    return going
