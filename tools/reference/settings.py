"""Pages of the files a town or a centre is set up with, and of the limits built in."""

from __future__ import annotations

import inspect
import typing
from types import ModuleType
from typing import Any

import msgspec

from answerable.console.serve import settings as serve_settings
from answerable.exchange.calls import mapping
from answerable.kernel import authority, desk, hub
from answerable.standards import words as standards
from answerable.towns import files, holidays, model
from answerable.towns.check import table as check_table
from answerable.towns.check.table import CHECKS
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
    """The folder of a town, and its first file."""
    rows = [
        (f"`{part.name}`", part.about, part.form, "needed" if part.needed else part.without)
        for part in files.PARTS
    ]
    return _file(
        "A town",
        "A town is a folder of plain files. `answerable town check FOLDER` goes through them; "
        "`answerable town schema FILE` prints the JSON Schema of one, for editors that complete "
        "and check. The [other files](town-files.md), the [holidays](town-holidays.md) and "
        "[every check](town-checks.md) have pages of their own.",
        model.TownFile,
        join(
            table(("file", "what it holds", "form", "without it"), rows),
            "What follows is `town.toml`. A key that is not listed here is refused with its path. "
            "Names are tables from a language tag to text, with `en` always among them: "
            '`{ en = "Engine", zh = "泵浦车", de = "Löschfahrzeug" }`.',
        ),
    )


def holidays_page() -> str:
    """The holidays of a town."""
    return _file(
        "Holidays of a town",
        "`holidays.toml`: which days are free, for clocks that count working days.",
        holidays.HolidaysFile,
        join(*(inspect.cleandoc(holidays.__doc__ or "").replace("``", "`").split("\n\n")[1:])),
    )


def town_files_page() -> str:
    """The files of a town that have no page of their own."""
    parts = [
        "# Files of a town",
        "Each file, and what a feature or a line of it holds. Those that are not listed are written"
        " by a command: `hub_labels.npz`, `basemap.pmtiles`, `build.json`, `blocks.csv.gz`, "
        "`addresses.csv.gz`, `places.csv.gz`.",
    ]
    own = (files.TOWN, files.HOLIDAYS)
    for part in (one for one in files.PARTS if one.struct and one not in own):
        assert part.struct is not None
        parts += [f"## {part.name}", f"{part.about[:1].upper()}{part.about[1:]} ({part.form})."]
        parts += ["One line:" if part.columns else ""]
        for struct in structs_in(part.struct):
            parts += [f"### {struct.__name__}", purpose(struct), keys_table(struct)]
    return join(*parts)


def checks_page() -> str:
    """Every check of a town, with its words."""
    order = {"error": 0, "warning": 1, "note": 2}
    checks = sorted(CHECKS.items(), key=lambda pair: (order[pair[1].severity], pair[0]))
    rows = [(f"`{code}`", c.severity, _plain(c.what), _plain(c.remedy)) for code, c in checks]
    return join(
        "# Checks of a town",
        inspect.cleandoc(check_table.__doc__ or "").split("\n\n")[1].replace("*", "**"),
        "Words in braces are filled in; `{like}` is the nearest known name. A warning that a town "
        "lives with is listed in its `town.toml` under `accepted`, with the reason.",
        table(("check", "severity", "what is wrong", "what to do"), rows),
    )


def _plain(words: str) -> str:
    return words.replace("[", "").replace("]", "")


def serve_page() -> str:
    """The settings of a running service."""
    return _file(
        "Settings",
        "`answerable serve --settings serve.toml`. Nothing secret is in it. Paths are relative to "
        "the file; options of the command line stand above it. A key that is not listed here, or a "
        "value that does not fit, is refused with its place. How to set one up: "
        "[Run it for real](../howto/run-it-for-real.md).",
        serve_settings.Settings,
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
    "ASIDE_MAX": "bodies laid aside during a start that are written together",
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
