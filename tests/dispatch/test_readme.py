"""The room's README names every state and step, every file and every reason (B15)."""

from __future__ import annotations

from pathlib import Path

import pytest

import answerable.dispatch
from answerable.dispatch.recommend import Reason
from answerable.dispatch.state import DUTY, HOLD, JOB, MOVE, PATH, REPORT, RESPONSE

ROOM = Path(answerable.dispatch.__file__).parent
README = (ROOM / "README.md").read_text("utf-8")
SECTIONS = {
    "## The life of a unit": DUTY,
    "## The life of a move-up": MOVE,
    "## The life of a response": RESPONSE,
    "## The life of a hold": HOLD,
    "## The life of a job": JOB,
    "## The life of a report": REPORT,
}


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_readme_names_every_state_and_every_event_of_a_life(heading):
    steps = SECTIONS[heading]
    section = README.split(heading)[1].split("\n## ")[0]
    for state in steps.states:
        assert f"*{state}*" in section or f"| {state} |" in section, state
    for _, event in steps.table:
        assert event.__name__ in section, event.__name__


def test_the_readme_shows_the_steps_of_a_job_in_their_order():
    section = README.split("## The life of a job")[1]
    rows = [line for line in section.splitlines() if line.startswith("| Unit")]
    assert rows == [f"| {event.__name__} | {state} |" for state, event in PATH]


def test_the_readme_names_every_file_of_the_room():
    for file in ROOM.glob("*.py"):
        if file.name != "__init__.py":
            assert f"`{file.name}`" in README


def test_the_readme_names_every_reason():
    text = " ".join(README.split("## Who is recommended")[1].split())
    for reason in Reason:
        assert reason.value in text, reason
