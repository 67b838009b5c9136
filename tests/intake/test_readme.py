"""The room's README tells the lives that the tables hold (B15)."""

from __future__ import annotations

from pathlib import Path

import pytest

import answerable.intake
from answerable.intake.counting import COUNT
from answerable.intake.state import CALL, INCIDENT

README = Path(answerable.intake.__file__).with_name("README.md")


@pytest.mark.parametrize(
    ("heading", "steps"),
    [
        ("## The life of a call", CALL),
        ("## The life of an incident in this room", INCIDENT),
        ("## The life of a count", COUNT),
    ],
    ids=["call", "incident", "count"],
)
def test_the_readme_shows_the_life_as_the_table_holds_it(heading, steps):
    section = README.read_text("utf-8").split(heading)[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    told = {tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows}
    told.discard(("---", "---", "---"))
    assert told == {(state, event.__name__, to) for (state, event), to in steps.table.items()}
