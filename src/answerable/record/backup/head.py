"""The head of a backup file, in clear: what it is a backup of, where it stands in its chain.

A file is the magic line, the length of the head (4 bytes), the head as JSON, and the encrypted
stream. The head says nothing that the public log does not say (sizes and roots) besides counts.
"""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import msgspec

from answerable.record.backup.boxes import Wrapped
from answerable.record.backup.refusals import EMPTY, SMALL, UNREADABLE, Hollow

MAGIC = b"answerable backup 1\n"
HEAD_BYTES_MAX = 16 * 1024 * 1024
FULL: Literal["full"] = "full"
INCREMENTAL: Literal["incremental"] = "incremental"
KEYS: Literal["keys-only"] = "keys-only"

Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]*$")]
Count = Annotated[int, msgspec.Meta(ge=0)]


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a backup holds. ``made_us`` is UTC microseconds.

    ``record`` is the leaf of the first event: no two records share one. ``chain`` is the full
    backup it belongs to, ``seq`` its place there, ``prev`` the SHA-256 of the file before it.
    ``since`` and ``since_root`` are where it goes on from, ``size`` and ``root`` where it ends.
    ``blocks`` has, for each table whose rows may change, the digests of its blocks of rows.
    """

    sort: Literal["full", "incremental", "keys-only"]
    record: Hex
    chain: Hex
    seq: Count
    prev: Hex
    since: Count
    since_root: Hex
    size: Count
    root: Hex
    made_us: Count
    blocks: dict[str, list[Hex]] = {}
    wrapped: list[Wrapped] = []


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Head).decode


def head_bytes(head: Head) -> bytes:
    """Return how a file begins."""
    body = _encode(head)
    return MAGIC + struct.pack(">I", len(body)) + body


def read_head(file: BinaryIO) -> tuple[Head, bytes]:
    """Return the head of an open file and its bytes. Raises Hollow."""
    begin = file.read(len(MAGIC) + 4)
    if not begin:
        raise Hollow(EMPTY, "the file has no bytes")
    if len(begin) < len(MAGIC) + 4:
        raise Hollow(SMALL, f"the file has only {len(begin)} bytes")
    if not begin.startswith(MAGIC):
        raise Hollow(UNREADABLE, "it does not begin as a backup does")
    (length,) = struct.unpack(">I", begin[len(MAGIC) :])
    if length > HEAD_BYTES_MAX:
        raise Hollow(UNREADABLE, "its head has an impossible length")
    body = file.read(length)
    if len(body) < length:
        raise Hollow(SMALL, "it ends inside its head")
    try:
        return _decode(body), begin + body
    except msgspec.DecodeError as error:
        raise Hollow(UNREADABLE, f"its head cannot be read ({error})") from error


def head_of(path: Path) -> Head:
    """Return the head of a file. Raises Hollow or OSError.

    What is no file is not waited for: a pipe that was laid among backups says nothing, for ever.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Hollow(UNREADABLE, "it is no file")
    with open(descriptor, "rb") as file:
        return read_head(file)[0]
