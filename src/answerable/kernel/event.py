"""Events, commands and the rows they become: the words every room is written in.

An event is one immutable fact. A command asks for facts. A row is a fact as the record keeps it:
position, times (UTC microseconds), actor, idempotency key, and the encoded body.
Every field of an event carries one mark (Open, Inside or Sealed); the mark decides where the value
is stored, who may see it, whether it can be published and when it is erased (DESIGN section 4).
"""

from __future__ import annotations

import enum
import functools
import re
import typing
from collections.abc import Callable
from operator import attrgetter
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

import msgspec

T = TypeVar("T")


class Mark(enum.StrEnum):
    """Who may ever see a field."""

    OPEN = "open"
    INSIDE = "inside"
    SEALED = "sealed"


Open = Annotated[T, Mark.OPEN]
"""May be published."""
Inside = Annotated[T, Mark.INSIDE]
"""For staff only."""
Sealed = Annotated[T, Mark.SEALED]
"""A person's words, name, number or exact door: always ``str``, kept in the vault."""

Key = Annotated[
    str, msgspec.Meta(min_length=4, max_length=96, pattern=r"^[A-Za-z0-9:._/\-]+$(?!\n)")
]
"""An idempotency key: printable ASCII without spaces."""
Name = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")
]
"""A short identifier: a unit, an incident, a kind."""
Line = Annotated[str, msgspec.Meta(max_length=240)]
"""One line of text."""
Words = Annotated[str, msgspec.Meta(max_length=4000)]
"""A paragraph."""
Reason = Annotated[str, msgspec.Meta(min_length=2, max_length=240)]
"""Why somebody did what they did; never empty."""
Micros = Annotated[int, msgspec.Meta(ge=0, le=4_102_444_800_000_000)]
"""An instant: UTC microseconds since 1970, before the year 2100."""


def tag_of(cls: type) -> str:
    """Return ``room.Class``, the room being the package whose ``words.py`` holds the class."""
    return f"{cls.__module__.split('.')[-2]}.{cls.__name__}"


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One thing that happened.

    ``said`` is the event in one plain sentence: a template over the fields, in which a part in
    square brackets is left out when a field inside it is empty. ``ids`` names the fields that
    identify what the event is about; the first one found in ``STREAMS`` names its stream.
    """

    tag: ClassVar[str] = ""
    version: ClassVar[int] = 1
    said: ClassVar[str] = ""
    ids: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Name the event by its room and class: ``dispatch.UnitSent``."""
        cls.tag = tag_of(cls)


class Command(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    gc=False,
    forbid_unknown_fields=True,
    tag_field="type",
):
    """A request for events.

    ``key`` makes it idempotent. ``at`` is when the thing truly happened (UTC microseconds) if that
    is not now: late entry from paper, or a record being replayed.
    """

    tag: ClassVar[str] = ""
    key: Key
    at: Micros | None = None

    def __init_subclass__(cls) -> None:
        """Name the command by its room and class: ``dispatch.SendUnit``."""
        cls.tag = tag_of(cls)


def tagged(room: str) -> typing.Callable[[str], str]:
    """Return the tag function of a room: ``AnswerCall`` becomes ``intake.AnswerCall``."""
    return lambda name: f"{room}.{name}"


class Row(NamedTuple):
    """One event as the record holds it. Times are UTC microseconds; body is JSON.

    ``body`` has the open and the sealed fields first, up to ``cut``, and the inside ones behind.
    ``veil`` is 32 random bytes: the salts of the two commitments by which an outsider knows it.
    """

    position: int
    stream: str
    kind: str
    version: int
    happened_at: int
    recorded_at: int
    actor: str
    key: str
    epoch: int
    body: bytes
    cut: int = -1
    veil: bytes = b""


class SealedValue(NamedTuple):
    """A sealed value on its way to the vault; the log keeps ``commitment`` in its place."""

    position: int
    stream: str
    field: str
    commitment: str
    salt: bytes
    value: str


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """A row together with the event decoded from its bytes."""

    row: Row
    event: Event


STREAMS = ("incident", "call", "problem", "matter", "unit", "clock", "standard")


@functools.cache
def stream_field(cls: type[Event]) -> str:
    """Return the field of an event class that names its stream, or "" for the room's own stream."""
    return next((name for name in STREAMS if name in cls.__struct_fields__), "")


def stream_of(event: Event) -> str:
    """Return the stream of an event: ``incident:200930004``, ``unit:E12`` and so on."""
    cls = type(event)
    field = stream_field(cls)
    value = getattr(event, field) if field else ""
    if value:
        return f"{field}:{value}"
    return next(
        (f"{name}:{getattr(event, name)}" for name in cls.ids if getattr(event, name)),
        cls.tag.partition(".")[0],
    )


@functools.cache
def marks_of(cls: type[msgspec.Struct]) -> dict[str, Mark]:
    """Return the mark of every field of an event (or refusal) class.

    Raises TypeError for a field without a mark, or a sealed field that is not a plain ``str``.
    """
    hints = typing.get_type_hints(cls, include_extras=True)
    marks: dict[str, Mark] = {}
    for name in cls.__struct_fields__:
        found = [m for m in getattr(hints[name], "__metadata__", ()) if isinstance(m, Mark)]
        if len(found) != 1:
            raise TypeError(f"{cls.__name__}.{name} has {len(found)} marks; it needs exactly one")
        if found[0] is Mark.SEALED and typing.get_args(hints[name])[0] is not str:
            raise TypeError(f"{cls.__name__}.{name} is sealed and so must be a str")
        marks[name] = found[0]
    return marks


@functools.cache
def sealed_fields(cls: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the names of the sealed fields of an event class."""
    return tuple(name for name, mark in marks_of(cls).items() if mark is Mark.SEALED)


Encode = Callable[[Event], tuple[bytes, int]]


@functools.cache
def encoder_of(cls: type[Event]) -> Encode:
    """Return the function that gives an event's body and its cut.

    The body is JSON: open and sealed fields in the order of the class, then the inside ones. The
    cut is the length of what comes before the inside ones, without a comma or closing brace.
    """
    marks, encode = marks_of(cls), msgspec.json.Encoder().encode
    inside = [name for name, mark in marks.items() if mark is Mark.INSIDE]
    if not inside:
        return lambda event: ((body := encode(event)), len(body) - 1)
    outer = _part_of(cls, [name for name in marks if name not in inside])
    inner = _part_of(cls, inside)

    def parts(event: Event) -> tuple[bytes, int]:
        front, back = encode(outer(event)), encode(inner(event))
        cut = len(front) - 1
        if back == b"{}":
            return front, cut
        return b"%b%b%b" % (front[:cut], b"," if cut > 1 else b"", back[1:]), cut

    return parts


def _part_of(cls: type[Event], names: list[str]) -> Callable[[Event], msgspec.Struct]:
    """Return what takes some fields of an event, which then encode as the event's own would."""
    fields = [one for one in msgspec.structs.fields(cls) if one.name in names]
    part = msgspec.defstruct(
        f"{cls.__name__}Part",
        [(one.name, Any, msgspec.UNSET if one.required else one.default) for one in fields],
        omit_defaults=True,
        gc=False,
    )
    if len(fields) < 2:  # one getter gives a tuple only where it gets two and more
        return lambda event: part(*(getattr(event, one.name) for one in fields))
    values = attrgetter(*(one.name for one in fields))
    return lambda event: part(*values(event))


_PART = re.compile(r"\[([^\[\]]*)\]")
_HOLE = re.compile(r"\{(\w+)\}")


def _shown(value: object) -> str:
    """Return a value as it reads in a sentence: lists with commas, whole numbers without ".0"."""
    if isinstance(value, tuple | list):
        return ", ".join(map(_shown, value))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def fill(template: str, values: typing.Mapping[str, Any]) -> str:
    """Fill a ``said`` template; a part in square brackets goes when a field in it is empty."""

    def part(match: re.Match[str]) -> str:
        names = _HOLE.findall(match[1])
        return match[1] if all(values.get(name) not in ("", None, (), []) for name in names) else ""

    return _HOLE.sub(lambda m: _shown(values[m[1]]), _PART.sub(part, template))
