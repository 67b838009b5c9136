"""How a backup is encrypted: one key a file, given to whoever may read it, and a stream of chunks.

Each file has a random key. It is wrapped for an X25519 public key (so that the machine that writes
backups cannot read those that left it), for a passphrase (scrypt), and, for backups of the record,
for a key that lies beside the record itself: whoever has that has the record anyway, and the
machine needs it to prove a chain of increments. Backups of the keys are never wrapped for that one.

The stream is AES-256-GCM in chunks whose nonce is their number and whether they are the last one:
a chunk that is changed, moved, doubled or cut off does not open. The key of the stream is derived
from the file's key and the SHA-256 of its head, so no byte of the head can be changed either.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from answerable.record.backup.refusals import UNREADABLE, BackupRefused, Hollow

KEY_BYTES = 32
TAG_BYTES = 16
CHUNK_BYTES = 256 * 1024
SCRYPT_N, SCRYPT_R = 2**16, 8
"""64 MiB and a quarter of a second for each guess of a passphrase."""
PASSPHRASE_MIN = 12
PUBLIC, SECRET = "backup-key:", "backup-secret:"
CHECK_BYTES = 4
ZERO = b"\0" * 12
"""A key that wraps one thing only needs no other nonce."""


class Wrapped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file's key for one reader: by which way, what the way needs to know, and the wrapped key.

    ``salt`` is the ephemeral public key, or a random salt.
    """

    way: str
    salt: bytes
    key: bytes
    hint: str = ""


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(secret)


# -- readers ---------------------------------------------------------------------------------


class Reader(Protocol):
    """Somebody who may read a backup."""

    def unwrap(self, wrapped: Wrapped) -> bytes | None:
        """Return the file's key, or None where it was not wrapped for this one."""
        ...


class Writer(Protocol):
    """Somebody for whom a backup is written."""

    def wrap(self, key: bytes) -> Wrapped:
        """Return the file's key, wrapped."""
        ...

    def may_open(self, wrapped: Wrapped) -> bool:
        """Say whether a key that was wrapped for somebody was wrapped for this one."""
        ...


class Recipient:
    """The public half of a backup key: backups are written for it, and it opens none."""

    def __init__(self, public: bytes) -> None:
        self.public = public

    @classmethod
    def parse(cls, text: str) -> Recipient:
        """Return the recipient of a line ``backup-key:...``. Raises BackupRefused."""
        return cls(_parsed(text, PUBLIC, "public key"))

    def __str__(self) -> str:
        return PUBLIC + _written(self.public)

    @property
    def hint(self) -> str:
        """A short name of the key, to tell which one a file was written for."""
        return hashlib.sha256(self.public).hexdigest()[:8]

    def wrap(self, key: bytes) -> Wrapped:
        """Return the file's key, wrapped with an ephemeral key that is forgotten."""
        once = X25519PrivateKey.generate()
        salt = once.public_key().public_bytes_raw()
        shared = once.exchange(X25519PublicKey.from_public_bytes(self.public))
        with_ = _derived(shared, salt + self.public, b"answerable backup x25519")
        return Wrapped("x25519", salt, AESGCM(with_).encrypt(ZERO, key, None), self.hint)

    def may_open(self, wrapped: Wrapped) -> bool:
        """Say whether a key was wrapped for this recipient."""
        return wrapped.way == "x25519" and wrapped.hint == self.hint


class Identity:
    """The secret half of a backup key; it is kept away from the machine it backs up."""

    def __init__(self, secret: bytes) -> None:
        self._key = X25519PrivateKey.from_private_bytes(secret)
        self.recipient = Recipient(self._key.public_key().public_bytes_raw())

    @classmethod
    def make(cls) -> tuple[Identity, str]:
        """Return a fresh one and the line that keeps it."""
        secret = secrets.token_bytes(KEY_BYTES)
        return cls(secret), SECRET + _written(secret)

    @classmethod
    def read(cls, path: Path) -> Identity:
        """Read the file that ``answerable backup key`` made. Raises BackupRefused."""
        for line in _lines(path, "The backup key"):
            if line.startswith(SECRET):
                return cls(_parsed(line, SECRET, "secret key"))
        raise BackupRefused(
            f"Not read: the backup key {path}. No line of it begins with {SECRET} "
            "Give the file that 'answerable backup key' made."
        )

    def unwrap(self, wrapped: Wrapped) -> bytes | None:
        """Return the file's key, or None where it was wrapped for another key."""
        if wrapped.way != "x25519" or len(wrapped.salt) != KEY_BYTES:
            return None
        try:
            shared = self._key.exchange(X25519PublicKey.from_public_bytes(wrapped.salt))
        except ValueError:
            return None
        salt = wrapped.salt + self.recipient.public
        return _opened(_derived(shared, salt, b"answerable backup x25519"), wrapped.key)


class Passphrase:
    """A passphrase, for which a backup is written and which opens it."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()

    @classmethod
    def read(cls, path: Path) -> Passphrase:
        """Read the first line of a file. Raises BackupRefused where it is too short."""
        text = next(iter(_lines(path, "The passphrase")), "")
        if len(text) < PASSPHRASE_MIN:
            raise BackupRefused(
                f"Not done: the passphrase in {path} is too short. It has {len(text)} characters "
                f"and can be guessed. Write at least {PASSPHRASE_MIN} in its first line."
            )
        return cls(text)

    def _key(self, salt: bytes) -> bytes:
        made = Scrypt(salt=salt, length=KEY_BYTES, n=SCRYPT_N, r=SCRYPT_R, p=1)
        return made.derive(self._text)

    def wrap(self, key: bytes) -> Wrapped:
        """Return the file's key, wrapped."""
        salt = secrets.token_bytes(16)
        return Wrapped("scrypt", salt, AESGCM(self._key(salt)).encrypt(ZERO, key, None))

    def may_open(self, wrapped: Wrapped) -> bool:
        """Say whether a key was wrapped for this passphrase; a quarter of a second a try."""
        return self.unwrap(wrapped) is not None

    def unwrap(self, wrapped: Wrapped) -> bytes | None:
        """Return the file's key, or None where the passphrase is another."""
        if wrapped.way != "scrypt":
            return None
        return _opened(self._key(wrapped.salt), wrapped.key)


class Beside:
    """The key that lies beside the record, with which its machine proves its own backups."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def of(cls, path: Path) -> Beside:
        """Read it, or make it where there is none. Raises OSError."""
        try:
            secret = path.read_bytes()
        except FileNotFoundError:
            secret = b""
        if len(secret) != KEY_BYTES:
            secret = secrets.token_bytes(KEY_BYTES)
            path.unlink(missing_ok=True)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
        return cls(secret)

    def wrap(self, key: bytes) -> Wrapped:
        """Return the file's key, wrapped."""
        salt = secrets.token_bytes(16)
        with_ = _derived(self._secret, salt, b"answerable backup beside")
        return Wrapped("beside", salt, AESGCM(with_).encrypt(ZERO, key, None))

    def unwrap(self, wrapped: Wrapped) -> bytes | None:
        """Return the file's key, or None where it was wrapped beside another record."""
        if wrapped.way != "beside":
            return None
        with_ = _derived(self._secret, wrapped.salt, b"answerable backup beside")
        return _opened(with_, wrapped.key)


class Known:
    """A file's key that is known already: of the file that was written a moment ago."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def unwrap(self, wrapped: Wrapped) -> bytes | None:
        """Return the key."""
        return self._key


def unwrapped(wrapped: Sequence[Wrapped], readers: Sequence[Reader]) -> bytes | None:
    """Return a file's key for the first reader it was wrapped for, or None."""
    for reader in readers:
        for one in wrapped:
            if (key := reader.unwrap(one)) is not None:
                return key
    return None


def _opened(key: bytes, box: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(ZERO, box, None)
    except (InvalidTag, ValueError):
        return None


def _written(key: bytes) -> str:
    check = hashlib.sha256(key).digest()[:CHECK_BYTES]
    return base64.urlsafe_b64encode(key + check).decode().rstrip("=")


def _parsed(text: str, begins: str, what: str) -> bytes:
    body = text.strip().removeprefix(begins)
    try:
        whole = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except ValueError:
        whole = b""
    key, check = whole[:KEY_BYTES], whole[KEY_BYTES:]
    if len(key) == KEY_BYTES and hashlib.sha256(key).digest()[:CHECK_BYTES] == check:
        return key
    raise BackupRefused(
        f"Not read: the {what} of a backup. It is not whole; a character is missing or wrong. "
        f"Copy the line that begins with {begins} once more."
    )


def _lines(path: Path, what: str) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupRefused(
            f"Not done: {what[0].lower()}{what[1:]} in {path} cannot be read. "
            f"{getattr(error, 'strerror', None) or 'It is not text'}. Give the right file."
        ) from error


# -- the stream ------------------------------------------------------------------------------


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _cipher(key: bytes, head: bytes) -> AESGCM:
    return AESGCM(_derived(key, hashlib.sha256(head).digest(), b"answerable backup stream"))


class Sealer:
    """Writes a stream of bytes to a file as chunks, and hashes the file while it does."""

    def __init__(self, file: BinaryIO, key: bytes, head: bytes) -> None:
        self._file, self._cipher = file, _cipher(key, head)
        self._buffer, self._number = bytearray(), 0
        self._digest = hashlib.sha256(head)
        self.bytes = len(head)
        file.write(head)

    def write(self, data: bytes) -> None:
        """Take some bytes; full chunks are written."""
        self._buffer += data
        while len(self._buffer) > CHUNK_BYTES:
            self._put(bytes(self._buffer[:CHUNK_BYTES]), last=False)
            del self._buffer[:CHUNK_BYTES]

    def _put(self, chunk: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), chunk, None)
        self._number += 1
        self._file.write(sealed)
        self._digest.update(sealed)
        self.bytes += len(sealed)

    def end(self) -> str:
        """Write the last chunk; return the SHA-256 of the whole file in hexadecimal."""
        self._put(bytes(self._buffer), last=True)
        return self._digest.hexdigest()


class Digest(Protocol):
    """What hashes a file while it is read."""

    def update(self, data: bytes, /) -> None:
        """Take some more bytes."""
        ...


def opened(file: BinaryIO, key: bytes, head: bytes, digest: Digest) -> Iterator[bytes]:
    """Yield the bytes of a stream; ``digest`` is fed with the file. Raises Hollow."""
    cipher, number = _cipher(key, head), 0
    sealed = file.read(CHUNK_BYTES + TAG_BYTES)
    while True:
        following = file.read(CHUNK_BYTES + TAG_BYTES)
        digest.update(sealed)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), sealed, None)
        except (InvalidTag, ValueError) as error:
            raise Hollow(
                UNREADABLE, f"it was changed or cut off in its part {number + 1}"
            ) from error
        if not following:
            return
        sealed, number = following, number + 1
