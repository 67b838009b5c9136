"""The room's README names every state and step and every file (B15)."""

from __future__ import annotations

from pathlib import Path

import answerable.handover
from answerable.handover.state import DESK

ROOM = Path(answerable.handover.__file__).parent
README = (ROOM / "README.md").read_text("utf-8")


def test_the_readme_shows_the_life_of_a_desk_as_it_is():
    rows = [line.strip("| ").split(" | ") for line in README.splitlines() if line.startswith("|")]
    told = {
        (state, event, to)
        for state, events, to in (row for row in rows if len(row) == 3)
        for event in events.split(", ")
    } - {("state", "event", "next"), ("---", "---", "---")}
    assert told == {(s, event.__name__, to) for (s, event), to in DESK.table.items()}


def test_the_readme_names_every_file_of_the_room():
    for file in ROOM.glob("*.py"):
        if file.name != "__init__.py":
            assert f"`{file.name}`" in README
