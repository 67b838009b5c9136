"""The house numbers: short functions and modules, typed, documented."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools.house import (
    FUNCTION_MEDIAN_MAX,
    MODULE_MEDIAN_MAX,
    ROOT,
    measure,
    python_files,
)

SOURCES = python_files(folders=("src", "tools"))
TESTS = python_files(folders=("tests", "benchmarks"))


def test_no_function_is_above_70_lines_and_no_module_above_600():
    assert measure(SOURCES + TESTS).too_long() == []


def test_the_medians_are_those_of_a_house_of_short_rooms():
    function, module = measure(SOURCES).medians()
    assert function <= FUNCTION_MEDIAN_MAX
    assert module <= MODULE_MEDIAN_MAX


def undocumented(text: str) -> list[str]:
    """Return the public functions and classes of a module's text that have no docstring."""
    tree = ast.parse(text)
    lacking = [] if ast.get_docstring(tree) else ["the module"]
    for node in tree.body:
        lacking += _undocumented(node)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for part in node.body:
                lacking += _undocumented(part)
    return lacking


def _undocumented(node: ast.stmt) -> list[str]:
    named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    if not named or node.name.startswith("_") or ast.get_docstring(node):
        return []
    return [node.name]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_and_public_function_says_what_it_is_for(path: Path):
    assert undocumented(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_test_module_says_what_it_is_about(path: Path):
    assert (
        ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stat().st_size == 0
    )


PURE = [p for p in SOURCES if p.name in ("words.py", "rules.py", "views.py", "recommend.py")]
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter"}
OWNERS = {"datetime", "date", "time"}


def impure(text: str) -> list[str]:
    """Return the readings of a clock, a file or the environment in a module's text."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        owner = getattr(getattr(node.func, "value", None), "id", "")
        attribute = getattr(node.func, "attr", "")
        if (attribute in CLOCKS and owner in OWNERS) or getattr(node.func, "id", "") == "open":
            found.append(ast.unparse(node))
        if owner == "os" or attribute in ("read_text", "read_bytes", "getenv"):
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_rules_and_views_read_no_clock_and_no_file(path: Path):
    assert impure(path.read_text(encoding="utf-8")) == []


ROOM_FILES = ("rules", "views", "pages")


def visits(text: str, home: str) -> list[str]:
    """Return what a module of the package ``home`` imports of other packages' own affairs."""
    found = []
    for node in ast.walk(ast.parse(text)):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            private = len(parts) == 3 and parts[0] == "answerable" and parts[2] in ROOM_FILES
            if private and parts[1] != home:
                found.append(name)
    return found


ROOMS = sorted(path.parent for path in (ROOT / "src" / "answerable").glob("*/words.py"))


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: path.name)
def test_no_room_imports_another_rooms_rules_views_or_pages(room: Path):
    for path in room.rglob("*.py"):
        assert visits(path.read_text(encoding="utf-8"), room.name) == []


# -- the rules are shown to catch ------------------------------------------------------------


def test_a_long_function_and_a_long_module_are_caught(tmp_path):
    long = tmp_path / "long.py"
    long.write_text("def f():\n" + "    a = 1\n" * 70 + "\n" * 530)
    assert measure([long], tmp_path).too_long() == [
        "long.py:f has 71 lines",
        "long.py has 601 lines",
    ]


def test_a_function_without_a_docstring_is_caught():
    text = '"""A module."""\nclass A:\n    """A class."""\n    def b(self): ...\ndef _c(): ...'
    assert undocumented(text) == ["b"]


@pytest.mark.parametrize(
    "line",
    ["datetime.now()", "time.time()", "date.today()", "open('x')", "os.getenv('X')",
     "Path('x').read_text()"],
)  # fmt: skip
def test_a_rule_that_looks_outside_is_caught(line):
    assert impure(f"x = {line}") == [line.replace('"', "'")]


@pytest.mark.parametrize(
    "line",
    ["from answerable.dispatch.rules import ROOM", "from answerable.dispatch import views",
     "import answerable.dispatch.pages"],
)  # fmt: skip
def test_a_visit_to_anothers_rules_is_caught(line):
    assert visits(line, "intake") != []
    assert visits(line, "dispatch") == []
    assert visits("from answerable.dispatch.words import UnitSent", "intake") == []
