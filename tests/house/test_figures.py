"""Numbers reach the page from a measurement, and nothing else of the page is touched."""

from __future__ import annotations

import json

import pytest

from tools import figures

RUN = {"machine": {"cores": 2}, "append": {"sync": {"p50_ms": 0.11}, "rows": 200000}}


def test_every_measured_leaf_is_on_the_page_between_the_marks():
    page = f"# By hand\n\n{figures.BEGIN}\nold\n{figures.END}\n\nBelow.\n"
    made = figures.placed(page, [figures.section(RUN, "2026-11-22")])
    assert made.startswith("# By hand\n\n")
    assert made.endswith(f"{figures.END}\n\nBelow.\n")
    assert "old" not in made
    assert "Measured on 2026-11-22: cores 2." in made
    assert "| sync.p50_ms | 0.11 |" in made
    assert "| rows | 200,000 |" in made
    assert figures.placed(made, [figures.section(RUN, "2026-11-22")]) == made


def test_a_goal_stands_with_its_command_and_its_seed():
    run = {"append": {"offered": {"ordered": {"p99_ms": 1.7}}, "seed": 7}}
    assert figures.against_goals(run) == [
        "| append → durable at 10,000 events/s offered, p99, ms | 1.7 | ≤ 5 "
        "| `python -m benchmarks --only append` | 7 |"
    ]
    run["append"]["command"] = "answerable drill town --seed 7"
    assert "| `answerable drill town --seed 7` | 7 |" in figures.against_goals(run)[0]


def test_a_page_without_marks_is_left_alone():
    with pytest.raises(ValueError, match="no marks"):
        figures.placed("# By hand\n", [])


def test_the_page_of_the_manual_has_its_marks():
    assert figures.placed(figures.PAGE.read_text(encoding="utf-8"), ["x"])


@pytest.mark.parametrize("text", ["", "{", None])
def test_a_run_that_cannot_be_read_is_told_in_one_line(tmp_path, capsys, text):
    path = tmp_path / "run.json"
    if text is not None:
        path.write_text(text)
    before = figures.PAGE.read_bytes()
    assert figures.main([str(path)]) == 2
    assert figures.main([]) == 2
    assert all(line.startswith("Not written.") for line in capsys.readouterr().err.splitlines())
    assert figures.PAGE.read_bytes() == before


def test_lists_and_texts_have_their_place():
    assert dict(figures.leaves(json.loads('{"a": [1, {"b": "x"}]}'))) == {"a.1": "1", "a.2.b": "x"}
