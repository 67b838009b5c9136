"""The room's README shows the life of a matter as it is (B15)."""

from __future__ import annotations

from pathlib import Path

import answerable.matters
from answerable.matters.matter_state import MATTER

README = (Path(answerable.matters.__file__).parent / "README.md").read_text("utf-8")


def test_the_readme_shows_the_life_of_a_matter_as_it_is():
    _, _, life = README.partition("## The life of a matter")
    life = life.partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in life.splitlines() if line.startswith("|")]
    told = {
        (state, event, to)
        for state, events, to in (row for row in rows if len(row) == 3)
        for event in events.split(", ")
    } - {("state", "event", "next"), ("---", "---", "---")}
    assert told == {(s, event.__name__, to) for (s, event), to in MATTER.table.items()}
