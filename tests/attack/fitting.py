"""A value that fits a type, made from the type alone: what the door can read, whatever is added."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import inspect

TEXTS = ("some words", "ab" * 32, "cd" * 16, "0123456789ab", "1:1", "2020-04-02", "some.body",
         "some-name", "https://example.org/x", "1", "a", "AB" * 8, "en", "M1", "M1S1")  # fmt: skip
"""What texts of a form of their own look like: the first that fits is taken."""


class NoFit(LookupError):
    """A form no text of TEXTS has; add one that has it."""


def text_of(kind: inspect.StrType) -> str:
    """Return a text of a form and length."""
    for one in (*TEXTS, "x" * (kind.min_length or 1)):
        long_enough = len(one) >= (kind.min_length or 0)
        short_enough = kind.max_length is None or len(one) <= kind.max_length
        if long_enough and short_enough and re.search(kind.pattern or "", one):
            return one
    raise NoFit(f"no text fits {kind}")


def fitting(kind: inspect.Type) -> Any:
    """Return a value of a type, as JSON has it. Raises NoFit."""
    match kind:
        case inspect.Metadata():
            return fitting(kind.type)
        case inspect.StrType():
            return text_of(kind)
        case inspect.IntType() | inspect.FloatType():
            least = kind.ge if kind.ge is not None else kind.gt
            return int(least) + (kind.gt is not None) if least is not None else 1
        case inspect.BoolType():
            return True
        case inspect.NoneType():
            return None
        case inspect.EnumType():
            return next(iter(kind.cls)).value
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.UnionType():
            return fitting(kind.types[0])
        case inspect.StructType():
            return {one.encode_name: fitting(one.type) for one in kind.fields if one.required}
        case inspect.VarTupleType() | inspect.ListType() | inspect.SetType():
            return [fitting(kind.item_type)] * (kind.min_length or 0)
        case inspect.DictType():
            return {}
    raise NoFit(f"no value is known for {kind}")


def command_json(cls: type[msgspec.Struct], key: str, **given: Any) -> dict[str, Any]:
    """Return a command with what it cannot do without, and what is given, as JSON has it."""
    kind = inspect.type_info(cls)
    assert isinstance(kind, inspect.StructType)
    told = {one.encode_name: fitting(one.type) for one in kind.fields if one.required}
    return {"type": kind.tag, **told, "key": key, **given}
