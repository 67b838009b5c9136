"""What the stream of a backup holds: frames, compressed, each a MessagePack array with its length.

``["table", name, columns]`` begins a table, ``["empty"]`` says that its rows are all here (else
they are added), ``["block", first, last]`` that those of a range of its first column are,
``["rows", rows]`` has some. ``["file", name, digest]`` begins a file, ``["part", bytes]`` has some
of it. ``["end", rows of each table in the record, digests of the files]`` is the last.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from answerable.record.backup.boxes import Sealer
from answerable.record.backup.refusals import UNREADABLE, Hollow

TABLE, WHOLE, BLOCK, ROWS, FILE, PART, END = (
    "table",
    "empty",
    "block",
    "rows",
    "file",
    "part",
    "end",
)
FRAME_BYTES_MAX = 256 * 1024 * 1024
LEVEL = 1
"""Of zlib: JSON becomes a third, and a higher one would cost the machine more than it saves."""

Frame = list[Any]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Frame).decode


class Frames:
    """Writes frames into a sealed stream."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._packer = zlib.compressobj(LEVEL)

    def put(self, *frame: object) -> None:
        """Write one frame."""
        body = _encode(frame)
        self._sealer.write(self._packer.compress(struct.pack(">I", len(body)) + body))

    def end(self) -> str:
        """End the stream; return the SHA-256 of the file in hexadecimal."""
        self._sealer.write(self._packer.flush())
        return self._sealer.end()


def frames(stream: Iterable[bytes]) -> Iterator[Frame]:
    """Yield the frames of a stream. Raises Hollow where it does not end with an end."""
    unpacker, buffer, last = zlib.decompressobj(), bytearray(), ""
    for chunk in stream:
        try:
            buffer += unpacker.decompress(chunk)
        except zlib.error as error:
            raise Hollow(UNREADABLE, f"it does not unpack ({error})") from error
        taken = 0
        for frame, end in _whole(buffer):
            if last == END:
                raise Hollow(UNREADABLE, "something stands behind its end")
            last, taken = frame[0], end
            yield frame
        del buffer[:taken]
    if last != END or buffer or not unpacker.eof:
        raise Hollow(UNREADABLE, "it ends before its end")


def _whole(buffer: bytearray) -> Iterator[tuple[Frame, int]]:
    """Yield the frames that lie in a buffer as a whole, and where each ends."""
    at = 0
    while len(buffer) - at >= 4:
        (length,) = struct.unpack_from(">I", buffer, at)
        if length > FRAME_BYTES_MAX:
            raise Hollow(UNREADABLE, "one of its parts has an impossible length")
        if len(buffer) - at - 4 < length:
            return
        try:
            frame = _decode(memoryview(buffer)[at + 4 : at + 4 + length])
        except msgspec.DecodeError as error:
            raise Hollow(UNREADABLE, f"one of its parts cannot be read ({error})") from error
        if not frame:
            raise Hollow(UNREADABLE, "one of its parts is empty")
        at += 4 + length
        yield frame, at
