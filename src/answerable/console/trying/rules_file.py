"""The rules that are tried: a file with run cards, with ``[sending]``, with both, or a town's own.

What the file leaves out is as the town has it.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from answerable.console.trying.refusals import NotTried
from answerable.kernel.event import fill
from answerable.planning.rehearsal.past import Rules
from answerable.towns.model import RunCard, Town, TownFile
from answerable.towns.rules import faults_of
from answerable.towns.sending import Sending

BYTES_MAX = 2_000_000
OF_A_TOWN = frozenset({"kinds", "unit_types"})
"""Keys that only a whole ``town.toml`` has."""


class RulesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file of rules holds; a part that is absent is as the town has it."""

    run_cards: tuple[RunCard, ...] | None = None
    sending: Sending | None = None


def rules_of(town: Town) -> Rules:
    """Return the rules of a town's file."""
    return Rules(town.file.run_cards, town.file.sending)


def read_rules(path: Path, town: Town) -> Rules:
    """Read a file of rules for a town. Raises NotTried."""
    try:
        if path.stat().st_size > BYTES_MAX:
            raise _refused(path, f"it has more than {BYTES_MAX:,} bytes")
        return parse_rules(path.read_text("utf-8"), path.name, town)
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _refused(path, "it is not UTF-8 text") from error


def parse_rules(text: str, name: str, town: Town) -> Rules:
    """Return the rules written in ``text``. Raises NotTried."""
    try:
        found = _decoded(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise _refused(Path(name), f"{error}") from error
    if found.run_cards is None and found.sending is None:
        raise _refused(Path(name), "it has neither run_cards nor sending")
    here = rules_of(town)
    cards = here.cards if found.run_cards is None else found.run_cards
    rules = Rules(cards, here.sending if found.sending is None else found.sending)
    if fault := next(faults_of(rules.cards, town, rules.sending), None):
        values = {key: getattr(fault, key) for key in fault.__struct_fields__}
        because, instead = (fill(part, values) for part in (fault.because, fault.instead))
        raise NotTried(f"Not tried: the rules of {name}.", because, instead)
    return rules


def _decoded(told: dict[str, Any]) -> RulesFile:
    if OF_A_TOWN & told.keys():
        file = msgspec.convert(told, TownFile)
        return RulesFile(file.run_cards, file.sending)
    return msgspec.convert(told, RulesFile)


def _refused(path: Path, because: str) -> NotTried:
    return NotTried(
        f"Not tried: the rules of {path.name}.",
        f"The file cannot be used: {because.rstrip('.')}.",
        "Give a TOML file with [[run_cards]], with [sending], or a whole town.toml; "
        "docs/reference/town.md lists every key.",
    )
