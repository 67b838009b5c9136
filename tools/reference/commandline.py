"""The page of the command line, read from the functions that are its commands."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Any, NamedTuple

from typer import Context, Typer
from typer.models import ArgumentInfo, OptionInfo

from answerable.console.cli import app
from tools.reference.plain import join, table


class Option(NamedTuple):
    """An argument or option as a reader of the page wants it."""

    name: str
    what: str
    default: str


def commands(group: Typer = app, before: str = "") -> dict[str, Callable[..., Any]]:
    """Return the functions behind the commands of ``answerable``, by name: `town build`."""
    found = {
        before + (info.name or info.callback.__name__.replace("_", "-")): info.callback
        for info in group.registered_commands
        if info.callback is not None and not info.hidden
    }
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        name = inner.name or inner.typer_instance.info.name
        own = inner.typer_instance.registered_callback
        if own is not None and own.callback is not None and own.callback.__doc__:
            found[f"{before}{name}"] = own.callback  # a group that does something by itself
        found |= commands(inner.typer_instance, f"{before}{name} ")
    return found


def options(command: Callable[..., Any]) -> list[Option]:
    """Return the arguments and options of a command, without ``--help``."""
    hints = typing.get_type_hints(command, include_extras=True)
    return [
        _option(name, hints[name], param)
        for name, param in inspect.signature(command).parameters.items()
        if hints[name] is not Context
    ]


def page() -> str:
    """Every command with every argument and option."""
    parts = [
        "# Command line",
        "`answerable COMMAND …`. Every command has `--help`. Exit codes: 0 done; 1 refused, or "
        "damage found; 2 it could not begin (bad input, port in use). Trouble is told in one line "
        "that says what was not done, because of what, and what to do instead.",
    ]
    for name, command in commands().items():
        parts += [
            f"## answerable {name}",
            " ".join((command.__doc__ or "").split()),
            table(("argument or option", "what it is", "if it is left out"), options(command)),
        ]
    return join(*parts)


def _option(name: str, hint: Any, param: inspect.Parameter) -> Option:
    base, info = typing.get_args(hint)[0], typing.get_args(hint)[1]
    required = param.default is inspect.Parameter.empty
    if isinstance(info, ArgumentInfo):
        return Option(f"`{name.upper()}`", info.help or "", _default(param.default, required))
    assert isinstance(info, OptionInfo), f"{name} is neither an argument nor an option"
    given = (*((info.default,) if isinstance(info.default, str) else ()), *(info.param_decls or ()))
    names = [one for one in given if one.startswith("-")] or [f"--{name.replace('_', '-')}"]
    kind = "" if base is bool else f" {_kind(base)}"
    limits = [f"{w} {v}" for w, v in (("at least", info.min), ("at most", info.max)) if v]
    what = " ".join([info.help or "", f"({', '.join(limits)})" if limits else ""])
    shown = ", ".join(f"`{one}{kind}`" for one in names)
    return Option(shown, what, _default(param.default, required))


def _kind(base: Any) -> str:
    kinds = [one for one in typing.get_args(base) if one is not type(None)] or [base]
    name: str = kinds[0].__name__
    return {"str": "TEXT", "int": "NUMBER", "float": "NUMBER"}.get(name, name.upper())


def _default(value: object, required: bool) -> str:
    if required:
        return "required"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value in (None, "") else f"`{value}`"
