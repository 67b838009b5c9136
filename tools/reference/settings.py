"""Pages of the files a town or a centre is set up with, and of the limits built in."""

from __future__ import annotations

import inspect
import typing
from types import ModuleType
from typing import Any

import msgspec

from answerable.exchange.calls import mapping
from answerable.kernel import authority, desk, hub
from answerable.standards import words as standards
from answerable.towns import model
from tools.reference.plain import join, keys_table, purpose, table


def structs_in(cls: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """Return a struct and every struct its fields hold, each once, in the order they are met."""
    found: list[type[msgspec.Struct]] = []
    edge: list[Any] = [cls]
    while edge:
        hint = edge.pop(0)
        edge += typing.get_args(hint)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct) and hint not in found:
            found.append(hint)
            edge += typing.get_type_hints(hint, include_extras=True).values()
    return found


def _file(title: str, about: str, cls: type[msgspec.Struct], extra: str = "") -> str:
    parts = [f"# {title}", about, extra]
    for struct in structs_in(cls):
        parts += [f"## {struct.__name__}", purpose(struct), keys_table(struct)]
    return join(*parts)


def mapping_page() -> str:
    """The mapping file of a source of call records."""
    steps = ", ".join(f"`{step}`" for step in mapping.STEPS)
    return _file(
        "Mapping of call records",
        "One TOML file says how one source's columns become the steps of a call: "
        "`answerable replay FILE --mapping MAPPING.toml`; a packaged town has its own in "
        "`mapping.toml`. A key that is not listed here is refused with its path.",
        mapping.Mapping,
        f"The steps, in the order of a call's life: {steps}.",
    )


def town_page() -> str:
    """The files of a town."""
    return _file(
        "A town",
        "A town is a folder: `town.toml` (this page), `units.csv`, `mapping.toml` and the files of "
        "its streets and areas. A key that is not listed here is refused with its path.",
        model.TownFile,
    )


def standard_page() -> str:
    """The file of a service standard."""
    return _file(
        "A standard",
        "A service standard is one TOML file of promises, each a `[[clock]]`: it starts at one "
        "event, must be stopped by another within a limit, and ringing has consequences. "
        "`[[example]]` tables are worked examples, and every one of them is a test.",
        standards.Standard,
    )


def rights_page() -> str:
    """The file of rights: its keys (what is in it is on the page of authority)."""
    return _file(
        "The table of rights",
        "`authority.toml`: one block a role, and these keys in it. What it gives today is on the "
        "page [Authority](authority.md).",
        authority.Rights,
    )


LIMITED: tuple[ModuleType, ...] = (hub, desk)
MEANING = {
    "BATCH_MAX": "commands done in one commit",
    "QUEUE_MAX": "commands waiting before the answer is 503",
    "KEYS_KEPT_MAX": "commands remembered with their key; older ones are looked up in the record",
    "KEYS_KNOWN_MAX": "keys of a new record known without a look into it",
    "REACTIONS_MAX": "commands that one command may set off",
    "AHEAD_S_MAX": "seconds a stated time may lie in the future",
    "BACK_DAYS_MAX": "days a stated time may lie in the past",
    "BODY_BYTES_MAX": "bytes of one event",
    "ALARM_POLL_S": "seconds between two looks at the alarms",
}


def limits_in(module: ModuleType) -> dict[str, float]:
    """Return the limits a module sets itself: its constants that end in _MAX or _S."""
    text = inspect.getsource(module)
    return {
        name: value
        for name, value in vars(module).items()
        if name.endswith(("_MAX", "_S")) and f"\n{name} = " in text
    }


def limits_page() -> str:
    """The limits of the kernel: there is one on everything."""
    rows = [
        (f"`{module.__name__.removeprefix('answerable.')}.{name}`", f"{value:,}", MEANING[name])
        for module in LIMITED
        for name, value in limits_in(module).items()
    ]
    return join(
        "# Limits",
        "There is a limit on everything. What goes beyond one is refused with a reason.",
        table(("limit", "value", "of what"), rows),
    )
