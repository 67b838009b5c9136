"""Sample values for every field of an event, command or refusal, made from its type."""

from __future__ import annotations

import typing
from typing import Any

import msgspec

NUMBERS = {int: 7, float: 12.5}


def value_of(hint: Any, name: str) -> Any:
    """Return a plausible value of a type: never empty, so that every part of a sentence shows."""
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        return value_of(typing.get_args(hint)[0], name)
    if origin is tuple:
        return (value_of(typing.get_args(hint)[0], name),)
    if origin in (typing.Union, type(int | None)):
        return value_of(next(a for a in typing.get_args(hint) if a is not type(None)), name)
    if hint is bool:
        return True
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return sample(hint)
    return NUMBERS.get(hint, f"the {name}") if hint is not dict else {}


def sample(cls: type[msgspec.Struct], *, full: bool = True, **given: Any) -> Any:
    """Return an instance with every field filled, or only those it cannot do without."""
    hints = typing.get_type_hints(cls, include_extras=True)
    wanted = {f.name for f in msgspec.structs.fields(cls) if full or f.required}
    return cls(**{n: value_of(hints[n], n) for n in wanted - set(given)}, **given)
