"""The vault: a person's words, each in a box that only its stream's key opens.

A box is AES-256-GCM over the salt and the value, with the position, the field and the commitment of
the event as associated data: a box opens nowhere but in its own place. Every stream (an incident, a
call) has a key of its own, so destroying one key erases all its words, also from every copy of the
record there is, and changes nothing in the log.

The keys lie in a file of their own (``keyfile``). Which key is whose stands in the record, written
in the transaction of the first word it seals.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from answerable.kernel.event import Row, SealedValue
from answerable.record.keyfile import Key
from answerable.record.refusals import KeyMissing
from answerable.record.sealing import commitment_in, keeps

ERASED = "vault.Erased"
"""The kind of the event that orders an erasure; its body names the streams."""
NONCE_BYTES = 12
NONCES = 256
OPEN_MAX = 4096
"""Ciphers at hand for sealing, and as many for opening."""

V = TypeVar("V")
N = TypeVar("N", str, int)


class Keys(Protocol):
    """A file of keys."""

    path: Path
    identity: bytes
    """Whose keys they are."""
    held: int
    """The highest number of a key that was there when it was opened."""

    def take(self) -> Key:
        """Give out the next key."""
        ...

    def get(self, number: int) -> bytes | None:
        """Return a key, None where it is not here."""
        ...

    def carried(self) -> int:
        """Return the number of the last erasure that was carried out in this file."""
        ...

    def destroy(self, numbers: Sequence[int], by: int) -> int:
        """Destroy keys for an erasure of the record; returns how many there were."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class Boxed(NamedTuple):
    """A sealed value as it lies in the record."""

    position: int
    field: str
    key: int
    nonce: bytes
    box: bytes


class NewKey(NamedTuple):
    """A key that a stream has been given: a row of the record."""

    key: int
    stream: str


class Contents(NamedTuple):
    """What was in a box."""

    salt: bytes
    value: str


class Ciphers(OrderedDict[N, V]):
    """So many at hand, the last used ones."""

    def at_hand(self, name: N) -> V | None:
        """Return one and count it as used, None where it is not at hand."""
        found = self.get(name)
        if found is not None:
            self.move_to_end(name)
        return found

    def keep(self, name: N, value: V) -> V:
        """Keep one; the one that was not used for longest goes."""
        self[name] = value
        if len(self) > OPEN_MAX:
            self.popitem(last=False)
        return value


def bound_to(position: int, field: str, commitment: str) -> bytes:
    """Return the associated data of a box: where it belongs, and what it must hold."""
    return f"{position}\0{field}\0{commitment}".encode()


class Vault:
    """Seals and opens the values of one record. The store asks; it writes what comes of it."""

    def __init__(self, keys: Keys, key_of: Callable[[str], int | None]) -> None:
        """``key_of`` looks up in the record which key a stream has now."""
        self.keys = keys
        self._key_of = key_of
        self._sealing: Ciphers[str, tuple[int, AESGCM]] = Ciphers()
        self._opening: Ciphers[int, AESGCM] = Ciphers()
        self._fresh: list[NewKey] = []
        self._nonces: list[bytes] = []

    # -- sealing -----------------------------------------------------------------------------

    def seal(self, values: Sequence[SealedValue]) -> tuple[list[Boxed], list[NewKey]]:
        """Return the boxes of values, and the keys that streams were given for it.

        Until ``kept`` is told, the new keys count for nothing: see ``forget``.
        """
        boxes, begun = [], len(self._fresh)
        for position, stream, field, commitment, salt, value in values:
            number, cipher = self._sealing.at_hand(stream) or self._begin(stream)
            nonce = self._nonce()
            plain = b"%c%b%b" % (len(salt), salt, value.encode())
            bound = bound_to(position, field, commitment)
            boxes.append(Boxed(position, field, number, nonce, cipher.encrypt(nonce, plain, bound)))
        return boxes, self._fresh[begun:]

    def _nonce(self) -> bytes:
        """Return fresh random bytes; they are fetched from the system for many boxes together."""
        if not self._nonces:
            pool = os.urandom(NONCES * NONCE_BYTES)
            self._nonces = [pool[n : n + NONCE_BYTES] for n in range(0, len(pool), NONCE_BYTES)]
        return self._nonces.pop()

    def _begin(self, stream: str) -> tuple[int, AESGCM]:
        """Take up the key of a stream, or give it one."""
        number = self._key_of(stream)
        secret = self.keys.get(number) if number is not None else None
        if number is None or secret is None:  # none yet; or it is lost, and what comes is not
            number, secret = self.keys.take()
            self._fresh.append(NewKey(number, stream))
        return self._sealing.keep(stream, (number, AESGCM(secret)))

    def kept(self) -> None:
        """Note that what was sealed is in the record."""
        self._fresh = []

    def leave(self, stream: str) -> None:
        """Take the stream's key from the record again before something further is sealed."""
        self._sealing.pop(stream, None)

    def forget(self) -> None:
        """Forget the keys given for a batch that was not recorded; their numbers are used up."""
        for one in self._fresh:
            self._sealing.pop(one.stream, None)
        self._fresh = []

    # -- opening -----------------------------------------------------------------------------

    def open(self, row: Row | None, boxed: Boxed) -> Contents | None:
        """Return what is in a box, None where it is not what the event is committed to.

        Raises KeyMissing where its key is not there, VaultRefused where that is damaged.
        """
        commitment = commitment_in(row, boxed.field)
        if row is None or not commitment:
            return None
        found = unboxed(self._cipher(boxed, row.stream), boxed, commitment)
        return found if found and keeps(row, boxed.field, *found) else None

    def _cipher(self, boxed: Boxed, stream: str) -> AESGCM:
        cipher = self._opening.at_hand(boxed.key)
        if cipher is not None:
            return cipher
        secret = self.keys.get(boxed.key)
        if secret is None:
            raise key_missing(self.keys.path, boxed, stream)
        return self._opening.keep(boxed.key, AESGCM(secret))

    # -- destroying --------------------------------------------------------------------------

    def destroy(self, numbers: Sequence[int], by: int) -> int:
        """Destroy keys, here and in their file; returns how many the file had."""
        gone = set(numbers)
        for number in gone:
            self._opening.pop(number, None)
        for stream in [name for name, (number, _) in self._sealing.items() if number in gone]:
            del self._sealing[stream]
        return self.keys.destroy(numbers, by)


def value_of(row: Row, field: str, contents: Contents) -> SealedValue:
    """Return what was in a box as a value that is to be sealed."""
    commitment = commitment_in(row, field)
    return SealedValue(row.position, row.stream, field, commitment, *contents)


def unboxed(cipher: AESGCM, boxed: Boxed, commitment: str) -> Contents | None:
    """Return what is in a box, None where it does not open in this place."""
    try:
        bound = bound_to(boxed.position, boxed.field, commitment)
        plain = cipher.decrypt(boxed.nonce, boxed.box, bound)
        length = plain[0]
        return Contents(plain[1 : 1 + length], plain[1 + length :].decode())
    except (InvalidTag, IndexError, TypeError, ValueError):
        return None


def key_missing(path: Path, boxed: Boxed, stream: str) -> KeyMissing:
    """Return the refusal of a sealed value without its key."""
    return KeyMissing(
        f"Not opened: the sealed {boxed.field} of position {boxed.position}.",
        f"Key {boxed.key} of {stream} is not in {path.name}, and no erasure of it is recorded.",
        f"Put a newer copy of {path.name} back; 'answerable fsck' lists every key it lacks.",
    )
