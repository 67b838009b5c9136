"""Server-sent events from bytes (WHATWG HTML, section 9.2.6), as far as a centre sends them.

Lines end with a line feed only: a text may hold what else some take for the end of a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

MESSAGE_BYTES_MAX = 1_000_000


class Message(NamedTuple):
    """One message: its id ("" where it has none) and its data (b"" for a comment with an id)."""

    id: str
    data: bytes


class TooLong(ValueError):
    """A message has no end."""


def messages(chunks: Iterable[bytes]) -> Iterator[Message]:
    """Yield whole messages; what is cut off at the end of the stream is none."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk.replace(b"\r\n", b"\n")).split(b"\n\n")
        for block in whole:
            yield _message(block)
        if len(rest) > MESSAGE_BYTES_MAX:
            raise TooLong(f"a message is longer than {MESSAGE_BYTES_MAX} bytes")


def _message(block: bytes) -> Message:
    seen, data = "", []
    for line in block.split(b"\n"):
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"id":
            seen = value.decode("ascii", "replace")
        elif name == b"data":
            data.append(value)
    return Message(seen, b"\n".join(data))
