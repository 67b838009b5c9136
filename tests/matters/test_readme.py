"""The room's README shows the lives of matters and of requests as they are (B15)."""

from __future__ import annotations

from pathlib import Path

import pytest

import answerable.matters
from answerable.kernel.steps import Steps
from answerable.matters.matter_state import MATTER
from answerable.matters.support_state import SUPPORT

README = (Path(answerable.matters.__file__).parent / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("title", "steps"),
    [("## The life of a matter", MATTER), ("## The life of a request for support", SUPPORT)],
)
def test_the_readme_shows_a_life_as_it_is(title: str, steps: Steps):
    _, _, life = README.partition(title)
    life = life.partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in life.splitlines() if line.startswith("|")]
    told = {
        (state, event, state if to == "the same" else to)
        for states, events, to in (row for row in rows if len(row) == 3)
        for state in states.split(", ")
        for event in events.split(", ")
    } - {("state", "event", "next"), ("---", "---", "---")}
    assert told == {(s, event.__name__, to) for (s, event), to in steps.table.items()}
