"""Types and docstrings in plain words, and Markdown tables."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from answerable.kernel.event import Mark

WORDS = {str: "text", int: "whole number", float: "number", bool: "yes or no", bytes: "bytes"}


def type_in_words(hint: Any) -> str:
    """Return a type as a reader of the reference wants it: "text, 1 to 64 characters"."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        limits = [_limits(m) for m in args[1:] if isinstance(m, msgspec.Meta)]
        return ", ".join([type_in_words(args[0]), *(part for part in limits if part)])
    if origin is typing.Literal:
        return "one of " + ", ".join(f"`{value}`" for value in args)
    if origin in (tuple, list, frozenset, set):
        if origin is tuple and args[-1:] != (Ellipsis,):
            return "[" + ", ".join(type_in_words(arg) for arg in args) + "]"
        return f"list of {type_in_words(args[0])}"
    if origin is dict:
        return f"table of {type_in_words(args[0])} to {type_in_words(args[1])}"
    if args and type(None) in args:
        return " or ".join(type_in_words(a) for a in args if a is not type(None)) + ", or nothing"
    if isinstance(hint, type):
        return WORDS.get(hint, f"[{hint.__name__}](#{hint.__name__.lower()})"
                         if issubclass(hint, msgspec.Struct) else hint.__name__)  # fmt: skip
    return str(hint)


def _limits(meta: msgspec.Meta) -> str:
    parts = []
    if meta.min_length is not None and meta.max_length is not None:
        parts.append(f"{meta.min_length} to {meta.max_length} long")
    elif meta.max_length is not None:
        parts.append(f"at most {meta.max_length} long")
    elif meta.min_length is not None:
        parts.append(f"at least {meta.min_length} long")
    bounds = ((meta.ge, "at least"), (meta.gt, "more than"), (meta.le, "at most"),
              (meta.lt, "less than"))  # fmt: skip
    parts += [f"{word} {value:,}" for value, word in bounds if value is not None]
    return ", ".join(parts)


def marks_in_words(hint: Any) -> str:
    """Return the mark of a field."""
    found = [m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Mark)]
    return ", ".join(mark.value for mark in found)


def default_in_words(field: msgspec.structs.FieldInfo) -> str:
    """Return a field's default, or "required"."""
    if field.required:
        return "required"
    if field.default is not msgspec.NODEFAULT:
        value: Any = field.default
    else:
        assert field.default_factory is not msgspec.NODEFAULT
        value = typing.cast("Any", field.default_factory)()
    if value in ("", None, (), []) or value == {}:
        return "empty"
    if isinstance(value, msgspec.Struct):
        return "its own defaults"
    if isinstance(value, list | tuple):
        return ", ".join(f"`{part}`" for part in value)
    return f"`{value}`"


def purpose(thing: Any) -> str:
    """Return the docstring of a class or function as paragraphs, its code marks as Markdown's."""
    text = inspect.cleandoc(thing.__doc__ or "")
    return text.replace("``", "`")


def first_sentence(thing: Any) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join(purpose(thing).split("\n\n")[0].split())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, or "" where there are no rows."""
    body = [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    if not body:
        return ""
    rule = "| " + " | ".join("---" for _ in head) + " |"
    return "\n".join([f"| {' | '.join(head)} |", rule, *body])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def keys_table(cls: type[msgspec.Struct]) -> str:
    """Return the keys of a struct that is read from a file."""
    hints = typing.get_type_hints(cls, include_extras=True)
    rows = [
        (f"`{f.encode_name}`", type_in_words(hints[f.name]), default_in_words(f))
        for f in msgspec.structs.fields(cls)
    ]
    return table(("key", "what it is", "if it is left out"), rows)


def join(*parts: str) -> str:
    """Join the parts of a page that are not empty, one blank line between them."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"
