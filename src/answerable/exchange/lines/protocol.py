"""What a line says and is told: one JSON object a line of text, the same for every adapter.

A line has its own names for its calls (``id``); the record's number comes back with ``known``. It
need not know how far a call is: it says that one rings, that the caller hung up, that a text came,
and once a day how often it rang by its own counter. A switchboard's script, SIP or EIDO later, only
has to turn what it has into these words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import msgspec

from answerable.intake.words import Count, Day, Medium
from answerable.kernel.event import Key, Line, Name

LINE_BYTES_MAX = 32_768
"""No line of text is longer; whoever sends one is told so and cut off."""
Id = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9:._@\-]+$(?!\n)")
]
"""The line's own name for a call: as a SIP Call-ID, shortened where it is longer."""
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="say"):
    """Something a line says."""


class Hello(Said, frozen=True, tag="hello"):
    """The first thing said: the token of the line's role."""

    token: str


class Rings(Said, frozen=True, tag="rings"):
    """Somebody calls. ``number`` is sealed as soon as it is recorded."""

    id: Id
    line: Line = ""
    number: Line = ""
    medium: Medium = "voice"


class HungUp(Said, frozen=True, tag="hung up"):
    """The caller hung up, at whatever point."""

    id: Id


class Wrote(Said, frozen=True, tag="text"):
    """The caller wrote. The first text of a call that did not ring makes it ring."""

    id: Id
    words: Words
    line: Line = ""
    number: Line = ""
    key: Key | None = None
    """What makes it the same text when it is sent again."""


class Counted(Said, frozen=True, tag="counted"):
    """How often the line rang on a day that is over, by its own counter."""

    day: Day
    rung: Count
    line: Line = ""


Saying = Hello | Rings | HungUp | Wrote | Counted


class Told(msgspec.Struct, frozen=True, tag_field="told", omit_defaults=True):
    """Something a line is told."""


class Ready(Told, frozen=True, tag="ready"):
    """The token is good."""

    role: str


class Known(Told, frozen=True, tag="known"):
    """What was said is in the record, synced to the disk; ``call`` is the record's own number."""

    id: str = ""
    call: Name = ""


class NotDone(Told, frozen=True, tag="not done"):
    """What was said was not recorded, in three sentences. ``again``: it may be sent again."""

    why: str
    code: str = ""
    id: str = ""
    again: bool = False


class Send(Told, frozen=True, tag="send"):
    """A text to the caller, to be sent by the line."""

    id: str
    call: Name
    words: str


encode = msgspec.json.Encoder().encode
_decode: Callable[[bytes], Saying] = msgspec.json.Decoder(Saying).decode


def read(text: bytes) -> Saying:
    """Read what a line says; raises msgspec.DecodeError with the reason."""
    return _decode(text)


def write(told: Told) -> bytes:
    """Return what a line is told as one line of text."""
    return encode(told) + b"\n"
