"""What the checker of a town says: one finding a fault, with its file, line, words and remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from answerable.kernel.event import fill
from answerable.towns.check.table import CHECKS

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


WORDS = ("what", "about", "sort")
"""The values that are words of the product; the others are names and numbers of the town."""


class Place(msgspec.Struct, frozen=True):
    """Where in a file: line and column count from 1; 0 means the whole file, or the whole line."""

    line: int = 0
    column: int = 0


class Finding(msgspec.Struct, frozen=True):
    """One fault of a town's folder. ``code`` is a row of ``table.CHECKS``, which has the words.

    ``values`` fill the holes of the words, so that they can be said in any language.
    """

    code: str
    severity: Severity
    file: str
    line: int
    column: int
    values: dict[str, str]

    @property
    def what(self) -> str:
        """Return what is wrong, in English."""
        return fill(CHECKS[self.code].what, self.values)

    @property
    def remedy(self) -> str:
        """Return what to do, in English."""
        return fill(CHECKS[self.code].remedy, self.values)

    @property
    def where(self) -> str:
        """Return file, line and column as editors take them: town.toml:12:8."""
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])

    def said(self, lang: Callable[[str], str]) -> tuple[str, str]:
        """Return what is wrong and what to do in a language; values that are words of ours too."""
        check = CHECKS[self.code]
        ours = {name: lang(self.values[name]) for name in WORDS if name in self.values}
        values = {**self.values, **ours}
        return fill(lang(check.what), values), fill(lang(check.remedy), values)

    def text(self, lang: Callable[[str], str] = str) -> str:
        """Return the whole finding on one line, in a language."""
        what, remedy = self.said(lang)
        return f"{self.where}: {lang(self.severity)}: {what} {remedy} [{self.code}]"


def finding(code: str, file: str, place: Place | None = None, /, **values: object) -> Finding:
    """Return a finding of a check, at the severity the table gives it."""
    at = place or Place()
    told = {name: str(value) for name, value in values.items()}
    return Finding(code, CHECKS[code].severity, file, at.line, at.column, {**told, "file": file})
