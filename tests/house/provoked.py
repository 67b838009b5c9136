"""Which refusals have come out of rules and hubs during a test run.

From the start of the run, every decision of every room of the product and every answer of every hub
passes through here. A refusal that only stands in a test as a name is not provoked.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from answerable.console import sanity
from answerable.kernel.authority import Authority
from answerable.kernel.hub import Hub, Refused
from answerable.kernel.refusals import KERNEL_REFUSALS, Refusal
from answerable.kernel.room import Rooms
from answerable.kernel.store import StoreRefusal
from answerable.record.refusals import AppendRefusal, OpenRefusal
from answerable.rooms import product
from tools.reference.http import refusals as door_refusals

TESTS = Path(__file__).resolve().parent.parent


class Provoked:
    """The codes of all refusals that came, and whether the whole suite is being run."""

    KEY: pytest.StashKey[Provoked] = pytest.StashKey()

    def __init__(self) -> None:
        self.codes: set[str] = set()
        self.paths: set[Path] = set()
        self.partial = ""
        self._missing = ""

    @classmethod
    def watching(cls) -> Provoked:
        """Begin to watch the product's rooms and every hub."""
        provoked = cls()
        for room in product().rooms:
            table = room.deciders.table
            for command, decide in table.items():
                table[command] = provoked.noting(decide)
        Hub.do = provoked.noting(Hub.do)  # type: ignore[method-assign]
        Authority.refuse = provoked.noting(Authority.refuse)  # type: ignore[method-assign]
        for cls in (OpenRefusal, AppendRefusal, sanity.Refused):
            provoked.note_making(cls)
        return provoked

    def note_making(self, cls: Any) -> None:
        """Note the codes of refusals that are raised, when they are made."""
        make = cls.__init__

        def noted(refusal: Any, *args: Any, **named: Any) -> None:
            make(refusal, *args, **named)
            self.codes.add(refusal.code)

        cls.__init__ = noted

    def noting(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, its refusals noted."""

        def noted(*args: Any, **named: Any) -> Any:
            outcome = function(*args, **named)
            refusal = outcome.refusal if isinstance(outcome, Refused) else outcome
            if isinstance(refusal, Refusal):
                self.codes.add(type(refusal).code)
            return outcome

        return noted

    def collected(self, paths: set[Path]) -> None:
        """Remember which test files take part; any that does not makes the run a partial one."""
        self.paths = paths
        missing = sorted(set(TESTS.rglob("test_*.py")) - paths)
        if missing and self.partial in ("", self._missing):
            self._missing = f"{missing[0].name} and {len(missing) - 1} more files are not run"
            self.partial = self._missing

    def never(self, rooms: Rooms) -> list[str]:
        """Return the codes of the refusals of rules that never came."""
        known = [*KERNEL_REFUSALS, *rooms.refusals.values()]
        return [cls.code for cls in known if cls.code not in self.codes]

    def never_raised(self) -> list[str]:
        """Return the codes of the refusals of the record and of the door that never came."""
        record = [cls.code for family in (OpenRefusal, AppendRefusal) for cls in below(family)]
        return [code for code in [*record, *door_refusals()] if code not in self.codes]


def below(cls: type[StoreRefusal]) -> list[Any]:
    """Return the kinds of refusal in a family."""
    return cls.__subclasses__()
