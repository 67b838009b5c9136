"""Whether a value has the shape its struct says: every fault, not only the first.

msgspec stops at the first fault it meets, which is right for a door and tiresome for a file that is
being written. So a struct's fields are taken one by one here, and msgspec judges each of them.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any

import msgspec

from answerable.towns.check.alike import alike
from answerable.towns.check.where import Path


class Fault(msgspec.Struct, frozen=True):
    """One fault of shape: the check it belongs to, where, and the values of its words."""

    code: str
    path: Path
    values: dict[str, str]


def faults(value: object, hint: Any, path: Path = ()) -> list[Fault]:  # noqa: ANN401 - any type
    """Return every fault of a value against a type; [] where it fits."""
    plain = _plain(hint)
    below = list(_below(value, plain, path))
    if below:
        return below
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        because = str(error).partition(" - at `")[0]
        return [Fault("wrong-value", path, {"because": because[:1].lower() + because[1:]})]
    return []


def _below(value: object, plain: Any, path: Path) -> Iterator[Fault]:  # noqa: ANN401 - any type
    """Yield the faults inside a table or a list."""
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        if isinstance(value, dict):
            yield from _in_table(value, plain, path)
    elif typing.get_origin(plain) in (tuple, list) and isinstance(value, list):
        args = typing.get_args(plain)
        if args[-1:] != (Ellipsis,) and typing.get_origin(plain) is tuple:
            return  # a fixed list, such as a position, is judged as a whole
        for index, item in enumerate(value):
            yield from faults(item, args[0], (*path, index))


def _in_table(value: dict[str, object], cls: type[msgspec.Struct], path: Path) -> Iterator[Fault]:
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = {field.encode_name: field for field in msgspec.structs.fields(cls)}
    tag = cls.__struct_config__.tag_field
    if cls.__struct_config__.forbid_unknown_fields:
        for key in value:
            if key not in fields and key != tag:
                yield Fault("unknown-key", (*path, key), {"like": alike(key, fields)})
    for key, field in fields.items():
        if key in value:
            yield from faults(value[key], hints[field.name], (*path, key))
        elif field.required:
            yield Fault("missing-key", (*path, key), {})


def _plain(hint: Any) -> Any:  # noqa: ANN401 - any type
    """Return a type without its limits, and without "or nothing"."""
    while typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        parts = [part for part in typing.get_args(hint) if part is not type(None)]
        return _plain(parts[0]) if len(parts) == 1 else hint
    return hint


def said(path: Path) -> str:
    """Return a path as people read it: run_cards[2].needs[0].types."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "the file"
