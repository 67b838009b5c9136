"""What a witness remembers: the logs it signs for, and the last checkpoint it cosigned of each.

A folder holds ``witness.key`` (mode 0600), ``lock``, and for every log ``logs/<hash>/`` with
``keys`` (the log's public keys, one a line) and ``checkpoint`` (the last one, with our signature).
A checkpoint is on the disk, synced, before anybody is answered: a witness that forgot what it
signed could be led to sign something else.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from answerable.record.log import notes
from answerable.record.log.checkpoint import Checkpoint, opened
from answerable.record.log.notes import ED25519, Cosigner, Verifier
from answerable.record.log.refusals import LogRefusal
from answerable.witness.refusals import WitnessRefused

KEY_FILE, LOCK_FILE, LOGS = "witness.key", "lock", "logs"
KEYS, CHECKPOINT = "keys", "checkpoint"
LOGS_MAX = 1000
KEYS_MAX = 16


class Known(NamedTuple):
    """A log that is signed for: its keys, and the last checkpoint (None: never one) as a note."""

    origin: str
    keys: tuple[Verifier, ...]
    last: Checkpoint | None = None
    note: bytes = b""

    @property
    def size(self) -> int:
        """How many entries were cosigned last."""
        return self.last.size if self.last else 0


def name_of(origin: str) -> str:
    """Return the name of a log's folder, and of its address: the hash of its origin."""
    return hashlib.sha256(origin.encode()).hexdigest()


class Book:
    """The folder of a witness, open for the one process that signs from it."""

    def __init__(self, folder: Path, cosigner: Cosigner, lock: int) -> None:
        self.folder, self.cosigner = folder, cosigner
        self._lock = lock
        self._known: dict[str, tuple[int, Known]] = {}

    @classmethod
    def open(cls, folder: Path, name: str = "") -> Book:
        """Open a witness's folder, or begin one under ``name``. Raises WitnessRefused."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / LOGS).mkdir(exist_ok=True)
            lock = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise not_writable(folder, error) from error
        try:
            _take(lock, folder)
            book = cls(folder, _cosigner(folder, name), lock)
            for path in sorted((folder / LOGS).glob(f"*/{KEYS}")):
                book.take(path.parent)
        except BaseException:
            os.close(lock)
            raise
        return book

    @staticmethod
    def look(folder: Path) -> tuple[Verifier, list[Known]]:
        """Return a folder's key and logs without signing from it. Raises WitnessRefused."""
        if not (folder / KEY_FILE).is_file():
            raise WitnessRefused(
                "Not shown: the witness.", f"There is none in {folder}.",
                "Give its folder with --data; 'answerable witness serve --name NAME' begins one.",
            )  # fmt: skip
        found = sorted((folder / LOGS).glob(f"*/{KEYS}"))
        return _cosigner(folder, "").verifier, [_read(path.parent) for path in found]

    def take(self, place: Path) -> Known:
        """Take in what a log's folder holds. Raises WitnessRefused."""
        stamp, known = (place / KEYS).stat().st_mtime_ns, _read(place)
        self._known[known.origin] = (stamp, known)
        return known

    def get(self, origin: str) -> Known | None:
        """Return what is known of a log, None where it is not signed for.

        A key that was given to this witness a moment ago (``trust``) counts. Raises WitnessRefused.
        """
        place = self.folder / LOGS / name_of(origin)
        try:
            stamp = (place / KEYS).stat().st_mtime_ns
        except OSError:
            return None
        held = self._known.get(origin)
        return held[1] if held and held[0] == stamp else self.take(place)

    def __iter__(self) -> Iterator[Known]:
        """Yield what is known of every log."""
        return iter([known for _, known in self._known.values()])

    def keep(self, known: Known, checkpoint: Checkpoint, note: bytes) -> Known:
        """Remember a checkpoint; it is on the disk when this returns. Raises OSError."""
        assert checkpoint.size >= known.size, "a witness never goes back"
        write_synced(self.folder / LOGS / name_of(known.origin) / CHECKPOINT, note)
        held = self._known[known.origin]
        kept = known._replace(last=checkpoint, note=note)
        self._known[known.origin] = (held[0], kept)
        return kept

    def close(self) -> None:
        """Let go of the folder. Closing twice does nothing."""
        if self._lock >= 0:
            os.close(self._lock)
        self._lock = -1


def trust(folder: Path, vkey: str) -> Known:
    """Sign for a log from now on, or take a further key of one. Raises WitnessRefused.

    A running witness takes notice at the next submission.
    """
    key = _log_key(vkey)
    place = folder / LOGS / name_of(key.name)
    try:
        before = _read(place).keys if (place / KEYS).is_file() else ()
        if key in before:
            return _read(place)
        if len(before) >= KEYS_MAX or len(list((folder / LOGS).glob("*"))) >= LOGS_MAX:
            raise WitnessRefused(
                "Not taken: the key.", f"A log has {KEYS_MAX} keys and a witness {LOGS_MAX} logs "
                "at most.", "Remove one that is no longer used from its 'keys' file.",
            )  # fmt: skip
        place.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{one.vkey}\n" for one in (*before, key))
        write_synced(place / KEYS, lines.encode())
        sync(place.parent)
    except OSError as error:
        raise not_writable(folder, error) from error
    return _read(place)


def write_synced(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that it is there, whole, after any crash. Raises OSError."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    sync(path.parent)


def sync(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def not_writable(folder: Path, error: OSError) -> WitnessRefused:
    """Return the refusal for a folder that cannot be used."""
    return WitnessRefused(
        "Not started: the witness.", f"Its folder {folder} cannot be used ({error.strerror}).",
        "Give another with --data, or give this user leave to write there.",
    )  # fmt: skip


def _take(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise WitnessRefused(
            "Not started: the witness.", f"Another process signs from {folder} already.",
            "Stop that one first; two at once could sign two histories.",
        ) from error  # fmt: skip


def _cosigner(folder: Path, name: str) -> Cosigner:
    """Return the witness's key, made where there is none. Raises WitnessRefused."""
    path = folder / KEY_FILE
    try:
        if not path.exists():
            _check_name(name)
            if any((folder / LOGS).iterdir()):
                raise _damaged(path, "it is missing, and logs were signed for with it")
            write_synced(path, f"{name}\n{secrets.token_hex(32)}\n".encode(), 0o600)
        if path.stat().st_mode & 0o077:
            raise _damaged(path, "others than its owner may read it; it may have been copied")
        told, seed = path.read_text("utf-8").split("\n")[:2]
        if name and name != told:
            raise WitnessRefused(
                "Not started: the witness.", f"Its key is of {told}, not of {name}.",
                "Leave --name out, or give a new --data folder to a new witness.",
            )  # fmt: skip
        return Cosigner(told, bytes.fromhex(seed))
    except OSError as error:
        raise not_writable(folder, error) from error
    except ValueError as error:
        raise _damaged(path, "it is not the file this program wrote") from error


def _check_name(name: str) -> None:
    if not notes.is_name(name):
        raise WitnessRefused(
            "Not started: the witness.", f"{name!r} cannot be its name.",
            "Give one with --name, without spaces and plus, as witness.example.org/w1.",
        )  # fmt: skip


def _log_key(vkey: str) -> Verifier:
    try:
        key = Verifier.parse(vkey.strip())
        if key.kind == ED25519:
            return key
        because = "It is a witness's key, not a log's."
    except LogRefusal as refusal:
        because = refusal.parts[1]
    raise WitnessRefused(
        "Not taken: the key.", because,
        "Copy the log's key whole, as 'answerable key show' prints it.",
    )  # fmt: skip


def _read(place: Path) -> Known:
    """Read what is known of a log. Raises WitnessRefused where a file is damaged."""
    try:
        lines = (place / KEYS).read_text("utf-8").split("\n")
        keys = tuple(_log_key(line) for line in lines if line)
        origin = keys[0].name
        if name_of(origin) != place.name or any(key.name != origin for key in keys):
            raise _damaged(place / KEYS, "its keys are of another log")
        if not (place / CHECKPOINT).exists():
            return Known(origin, keys)
        note = (place / CHECKPOINT).read_bytes()
        return Known(origin, keys, _last(note, keys, origin), note)
    except OSError as error:
        raise _damaged(place, str(error.strerror)) from error
    except (UnicodeDecodeError, IndexError) as error:
        raise _damaged(place / KEYS, "it holds no keys") from error
    except LogRefusal as refusal:
        raise _damaged(place / CHECKPOINT, refusal.parts[1].rstrip(".")) from refusal


def _last(note: bytes, keys: Sequence[Verifier], origin: str) -> Checkpoint:
    return opened(note, keys, origin).checkpoint


def _damaged(path: Path, why: str) -> WitnessRefused:
    return WitnessRefused(
        "Not started: the witness.", f"{path} cannot be used: {why}.",
        "Put the whole folder back from its backup; never an older checkpoint alone.",
    )  # fmt: skip
