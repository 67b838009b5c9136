"""The keys of a log: one signs, the older ones stay listed so that old checkpoints verify.

They lie in ``log.keys`` in the data folder, readable by its owner only: a JSON object with the name
of the log, the seed of the key that signs now, and every verifier key the log ever had, the newest
last. When a key is rotated out its seed is gone for good.
"""

from __future__ import annotations

import base64
import os
import secrets
import stat
from pathlib import Path
from typing import Annotated

import msgspec

from answerable.record.disk import LOCAL
from answerable.record.log.notes import SEED_BYTES, Signer, Verifier
from answerable.record.log.refusals import (
    KeysDamaged,
    KeysNotWritten,
    KeysOfAnotherLog,
    KeysOpen,
    KeysThere,
    LogRefusal,
    NoKeys,
    NotAVerifierKey,
)

KEYS_FILE = "log.keys"
FORMAT = 1
MODE = 0o600


class LogKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key the log has or had; times are UTC microseconds, 0 while it signs."""

    vkey: str
    made_us: int
    retired_us: int = 0
    reason: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file holds."""

    format: int
    origin: str
    seed: str
    keys: Annotated[tuple[LogKey, ...], msgspec.Meta(min_length=1)]


class LogKeys:
    """The keys of one log, as they are in its file."""

    def __init__(self, path: Path, file: _File) -> None:
        """Take the keys of a file. Raises ValueError or NotAVerifierKey where they do not fit."""
        self.path = path
        self._file = file
        seed = base64.b64decode(file.seed, validate=True)
        if file.format != FORMAT or len(seed) != SEED_BYTES:
            raise ValueError("its format or its seed is not one this program knows")
        self.signer = Signer(file.origin, seed)
        self.verifiers = tuple(Verifier.parse(key.vkey) for key in file.keys)
        if self.verifiers[-1] != self.signer.verifier:
            raise ValueError("its last verifier key is not that of its seed")

    @property
    def origin(self) -> str:
        """The name of the log, which is the name of all its keys."""
        return self._file.origin

    @property
    def keys(self) -> tuple[LogKey, ...]:
        """Every key, the one that signs last."""
        return self._file.keys

    @property
    def vkey(self) -> str:
        """The verifier key of the key that signs."""
        return self._file.keys[-1].vkey

    def rotated(self, now_us: int, reason: str) -> LogKeys:
        """Put a new key in the place of the one that signs, and return the keys as they are then.

        The old key's seed is destroyed with the file that held it. Raises KeysNotWritten.
        """
        last = msgspec.structs.replace(self.keys[-1], retired_us=now_us, reason=reason)
        file = _new(self.origin, now_us, (*self.keys[:-1], last))
        _write(self.path, file)
        return open_keys(self.path)

    def begun_again(self, origin: str, now_us: int) -> LogKeys:
        """Begin a log of another name with a key of its own; the older keys stay listed.

        For a service that goes on without events it had signed: under its old name that would be
        a broken word. Raises KeysNotWritten.
        """
        last = msgspec.structs.replace(
            self.keys[-1], retired_us=now_us, reason=f"the log goes on as {origin}"
        )
        _write(self.path, _new(origin, now_us, (*self.keys[:-1], last)))
        return open_keys(self.path)

    def backed_up(self, to: Path) -> Path:
        """Copy the file, seed and all, read the copy back, and return where it is.

        Raises KeysThere or KeysNotWritten.
        """
        target = to / KEYS_FILE if to.is_dir() else to
        if target.exists():
            raise _there(target)
        _write(target, self._file)
        open_keys(target, self.origin)
        return target


def origin_in(base: str, generation: int) -> str:
    """Return the name of a log in one of its generations, of which the first has the plain name."""
    return base if generation <= 1 else f"{base}/{generation}"


def open_keys(path: Path, origin: str = "") -> LogKeys:
    """Open a key file; ``origin``, where given, is the log they must be of.

    Raises NoKeys, KeysOpen, KeysDamaged or KeysOfAnotherLog.
    """
    data = _read(path)
    try:
        keys = LogKeys(path, msgspec.json.decode(data, type=_File))
    except (msgspec.DecodeError, ValueError, NotAVerifierKey) as error:
        raise KeysDamaged(
            f"The log's keys in {path} were not opened.",
            f"The file is damaged ({error}).",
            "Put its backup in its place; without one, move it away and start again: a new key is "
            "made, and everybody who checks this log has to be told.",
        ) from error
    if origin and keys.origin != origin:
        raise KeysOfAnotherLog(
            f"The log's keys in {path} were not opened.",
            f"They are of the log {keys.origin}, and the settings name it {origin}.",
            f'Set origin = "{keys.origin}" under [log]: the name of a log never changes.',
        )
    return keys


def make_keys(path: Path, origin: str, now_us: int) -> LogKeys:
    """Make a log's first key. Raises KeysThere or KeysNotWritten."""
    if path.exists():
        raise _there(path)
    _write(path, _new(origin, now_us, ()))
    return open_keys(path)


def keys_at_start(path: Path, origin: str, now_us: int) -> LogKeys:
    """Open the keys of a log, or make them at its first start. Raises a LogRefusal."""
    return open_keys(path, origin) if path.exists() else make_keys(path, origin, now_us)


def _new(origin: str, now_us: int, before: tuple[LogKey, ...]) -> _File:
    seed = secrets.token_bytes(SEED_BYTES)
    vkey = Signer(origin, seed).verifier.vkey
    return _File(FORMAT, origin, base64.b64encode(seed).decode(), (*before, LogKey(vkey, now_us)))


def _read(path: Path) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NoKeys(
            f"The log's keys in {path} were not opened.",
            "There is no such file.",
            "Check the folder, or make a key: answerable key make --data FOLDER.",
        ) from error
    except OSError as error:
        raise KeysDamaged(
            f"The log's keys in {path} were not opened.",
            f"The file cannot be read ({error.strerror}).",
            "Give the command as the user the centre runs as.",
        ) from error
    if mode & 0o077:
        raise KeysOpen(
            f"The log's keys in {path} were not opened.",
            f"Others than their owner may read the file (mode {mode:o}).",
            f"Find out who read it; then chmod 600 {path}, and rotate the key if in doubt.",
        )
    return data


def _write(path: Path, file: _File) -> None:
    data = msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n"
    try:
        write_whole(path, data, MODE)
    except OSError as error:
        raise KeysNotWritten(
            f"The key file {path} was not written.",
            f"The disk or the folder did not take it ({error.strerror}).",
            "Free some space or give this user the right to write there, then try again.",
        ) from error


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put a file in place whole and synced: after a crash it is the old one or the new one.

    Raises OSError.
    """
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    LOCAL.sync_folder(path.parent)


def _there(path: Path) -> LogRefusal:
    return KeysThere(
        f"The key file {path} was not made.",
        "There is one already, and a log's key is not overwritten.",
        "Use 'answerable key rotate' to change the key, or choose another place.",
    )
