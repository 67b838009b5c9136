"""Checks of ``matters.toml``: kinds that nobody may sign off, or that come to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from answerable.towns import files as f
from answerable.towns.check.finding import Finding, finding
from answerable.towns.check.given import Given, tables, text_of


def check_matters(given: Given) -> Iterator[Finding]:
    """Find kinds of a grade that no role has, and matters without a result."""
    if not given.has(f.MATTERS) or given.doubtful(f.MATTERS):
        return
    grades = given.matters.get("grades")
    most = max(grades.values(), default=0) if isinstance(grades, dict) else 0
    for index, item in tables(given.matters.get("kind")):
        grade = item.get("grade", 0)
        if isinstance(grade, int) and grade > most:
            place = given.place(f.MATTERS, "kind", index)
            values = {"code": text_of(item, "code"), "grade": grade, "most": most}
            yield finding("matters-unsigned", f.MATTERS.name, place, **values)
    if given.matters.get("kind") and not given.matters.get("result"):
        yield finding("matters-no-result", f.MATTERS.name)
