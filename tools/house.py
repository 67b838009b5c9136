"""The house numbers: how long functions and modules are. ``python -m tools.house`` prints them.

Limits and medians are those of STYLE: function median at most 10 lines and none above 70, module
median at most 150 and none above 600. A line is a line of the file, docstrings and comments too.
"""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 600
ONE_FILE = {"src/answerable/record/verify.py": 950}
"""Modules that may be longer: the verifier is downloaded by outsiders, as one file."""
FUNCTION_MEDIAN_MAX = 10
MODULE_MEDIAN_MAX = 150


class Measured(NamedTuple):
    """One function or module and its length in lines."""

    name: str
    lines: int


class House(NamedTuple):
    """All functions and all modules of a tree."""

    functions: list[Measured]
    modules: list[Measured]

    def too_long(self) -> list[str]:
        """Return what breaks a limit, in words."""
        functions = [f for f in self.functions if f.lines > FUNCTION_LINES_MAX]
        modules = [m for m in self.modules if m.lines > ONE_FILE.get(m.name, MODULE_LINES_MAX)]
        return [f"{one.name} has {one.lines} lines" for one in functions + modules]

    def medians(self) -> tuple[float, float]:
        """Return the median length of functions and of modules."""
        return (
            statistics.median(f.lines for f in self.functions),
            statistics.median(m.lines for m in self.modules),
        )


def python_files(root: Path = ROOT, folders: Iterable[str] = ("src", "tools")) -> list[Path]:
    """Return the Python files of some folders."""
    return sorted(path for folder in folders for path in (root / folder).rglob("*.py"))


def functions_in(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of a syntax tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def measure(files: Iterable[Path], root: Path = ROOT) -> House:
    """Measure files; raises SyntaxError for one that is not Python."""
    functions: list[Measured] = []
    modules: list[Measured] = []
    for path in files:
        text = path.read_text(encoding="utf-8")
        name = str(path.relative_to(root))
        modules.append(Measured(name, text.count("\n")))
        for node in functions_in(ast.parse(text)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            functions.append(Measured(f"{name}:{node.name}", lines))
    return House(functions, [m for m in modules if m.lines > 1])


def main() -> int:
    """Print the numbers; exit 1 where a limit is broken."""
    house = measure(python_files())
    function, module = house.medians()
    print(f"functions  {len(house.functions)}, median {function:g} lines")
    print(f"modules    {len(house.modules)}, median {module:g} lines")
    for name, measured in (("function", house.functions), ("module", house.modules)):
        longest = max(measured, key=lambda one: one.lines)
        print(f"longest {name}  {longest.lines} lines, {longest.name}")
    for fault in house.too_long():
        print(f"too long: {fault}")
    return 1 if house.too_long() else 0


if __name__ == "__main__":
    sys.exit(main())
