"""Frozen bytes: one sample of every version of every event, kept for as long as the product lives.

``python -m tools.golden`` writes what is missing and never touches a file that is there. A field
that was added since gets a further file of the same version (``BoxMade.v1.2.json``). A test decodes
each file and encodes it again: it must be the same bytes, or the record of yesterday is not
readable today.
"""

from __future__ import annotations

import enum
import re
import sys
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from answerable.kernel.event import Event, Mark, Row
from answerable.kernel.hub import commitment_of
from answerable.kernel.room import Rooms

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden"
FILE = re.compile(r"(?P<name>[A-Za-z]+)\.v(?P<version>\d+)(\.(?P<more>\d+))?\.json")


def files_of(event: type[Event], folder: Path = GOLDEN, version: int = 0) -> list[Path]:
    """Return the frozen files of an event, of all versions or of one."""
    room, _, name = event.tag.partition(".")
    return [
        path
        for path in sorted((folder / room).glob(f"{name}.v*.json"))
        if (match := FILE.fullmatch(path.name)) and version in (0, int(match["version"]))
    ]


def version_of(path: Path) -> int:
    """Return the version of the event that a frozen file holds."""
    match = FILE.fullmatch(path.name)
    if match is None:
        raise ValueError(f"{path.name} is not named like BoxMade.v1.json")
    return int(match["version"])


def thaw(rooms: Rooms, event: type[Event], path: Path) -> Event:
    """Decode a frozen file as the record would; raises msgspec.DecodeError."""
    body = path.read_bytes()
    return rooms.decode(Row(1, "", event.tag, version_of(path), 0, 0, "", "", 1, body))


def unfrozen(rooms: Rooms, event: type[Event], folder: Path = GOLDEN) -> list[str]:
    """Return the fields of the present version that no frozen file of it holds a value for."""
    frozen: set[str] = set()
    for path in files_of(event, folder, event.version):
        frozen |= msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw]).keys()
    return [name for name in event.__struct_fields__ if name not in frozen]


def freeze(rooms: Rooms, folder: Path = GOLDEN) -> list[Path]:
    """Write the frozen bytes of every event that has none yet, and return their paths."""
    written = []
    for event in rooms.events.values():
        if not unfrozen(rooms, event, folder):
            continue
        path = _free_path(event, folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:  # x: an existing file is never overwritten
            file.write(msgspec.json.encode(sample(event)))
        written.append(path)
    return written


def _free_path(event: type[Event], folder: Path) -> Path:
    room, _, name = event.tag.partition(".")
    present = len(files_of(event, folder, event.version))
    more = f".{present + 1}" if present else ""
    return folder / room / f"{name}.v{event.version}{more}.json"


def sample(cls: type[msgspec.Struct]) -> Any:
    """Return an instance with a telling value, other than its default, in every field."""
    hints = typing.get_type_hints(cls, include_extras=True)
    return cls(**{name: _value(hints[name], name) for name in cls.__struct_fields__})


def _value(hint: Any, name: str) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        if Mark.SEALED in args:
            return commitment_of(name, b"sixteen bytes 16", f"the {name}")
        metas = [meta for meta in args[1:] if isinstance(meta, msgspec.Meta)]
        return _fitting(_value(args[0], name), metas)
    if origin in (tuple, list, frozenset):
        count = len(args) if origin is tuple and args[-1] is not Ellipsis else 1
        return origin(_value(args[n], name) for n in range(count))
    if origin is typing.Literal:
        return args[-1]
    if origin is dict:
        return {_value(args[0], "key"): _value(args[1], name)}
    if args and type(None) in args:
        return _value(next(arg for arg in args if arg is not type(None)), name)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return sample(hint)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return list(hint)[-1].value
    if hint is int:
        return 1_585_861_200_000_000 if name.endswith("_us") else 7
    return {bool: True, float: 37.5}.get(hint, f"the {name}")


PATTERNED = ("dispatch.UnitSent", "7:118", "0f" * 32, "key-0001", "E12", "2020-04-02")
"""Values for text that must match a pattern: event, clock, SHA-256, key, name, day."""


def _fitting(value: Any, metas: Iterable[msgspec.Meta]) -> Any:
    """Return the value, or one that keeps within the limits of its type."""
    for meta in metas:
        if meta.pattern and isinstance(value, str) and not re.search(meta.pattern, value):
            value = next(one for one in PATTERNED if re.search(meta.pattern, one))
        if meta.le is not None and value > meta.le:
            value = type(value)(meta.le / 2) or meta.le
        if meta.lt is not None and value >= meta.lt:
            value = type(value)(meta.lt / 2)
    return value


def main() -> int:
    """Freeze what is new and say what was written."""
    from answerable.rooms import product

    written = freeze(product())
    for path in written:
        print(path.relative_to(ROOT))
    print(f"{len(written)} files written; none changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
