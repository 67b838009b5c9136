"""Two processes that share the tests run each of them once, and the last ones last."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from tests.beside import claimed


class Item:
    """A test, as far as sharing looks at it."""

    def __init__(self, file: str, name: str, *, last: bool = False) -> None:
        self.nodeid, self.path, self.last = f"{file}::{name}", Path(file), last

    def get_closest_marker(self, _name: str) -> Any:
        return self.last or None


def suite() -> list[Any]:
    made = [Item(f"tests/t{n}.py", name) for n in range(7) for name in ("one", "two", "three")]
    return [*made, Item("tests/t3.py", "looks back", last=True)]


def test_whoever_comes_first_has_a_file_and_every_test_runs_once(tmp_path):
    front, back = claimed(suite(), tmp_path, first=True), claimed(suite(), tmp_path, first=False)
    ran: list[list[str]] = [[], []]
    for turn in itertools.cycle((0, 1, 1)):  # the second is twice as fast
        item = next((front, back)[turn], None)
        if item is None:
            break
        ran[turn].append(item.nodeid)
    ran[0] += [item.nodeid for item in front]
    ran[1] += [item.nodeid for item in back]
    assert sorted(ran[0] + ran[1]) == sorted(item.nodeid for item in suite())
    assert len(ran[1]) > len(ran[0])
    assert ran[0][-1] == "tests/t3.py::looks back"


def test_a_file_is_not_divided(tmp_path):
    front, back = claimed(suite(), tmp_path, first=True), claimed(suite(), tmp_path, first=False)
    files = [{next(one).path for _ in range(3)} for one in (front, back)]
    assert files == [{Path("tests/t0.py")}, {Path("tests/t6.py")}]
