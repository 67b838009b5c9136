"""A wrong file is refused with its name, the line, and what to do."""

from __future__ import annotations

import pytest

from answerable.place.errors import PlaceError
from answerable.place.gazetteer.gazetteer import Gazetteer
from tests.place.gazetteer.conftest import packed

HEADS = {
    "addresses.csv.gz": "street,number,lon,lat", "blocks.csv.gz": "street,block,lon,lat,learnt",
    "places.csv.gz": "name,zh,en,alt,kind,lon,lat", "names.csv": "name,means,kind,lon,lat",
}  # fmt: skip
GOOD = {
    "addresses.csv.gz": "Bahnhofstrasse,1,9.5,47.1", "blocks.csv.gz": "Bahnhofstrasse,0,9.5,47.1,1",
    "places.csv.gz": "Rathaus,,,,townhall,9.5,47.1", "names.csv": "here,,landmark,9.5,47.1",
}  # fmt: skip


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (lambda head, good: ["wrong,columns", good], 1),
        (lambda head, good: [head, good, "one,two"], 3),
        (lambda head, good: [head, good, good.replace("9.5", "east")], 3),
        (lambda head, good: [head, good, good.replace("47.1", "147.1")], 3),
        (lambda head, good: [head, good, good.replace("9.5", "nan")], 3),
    ],
)
def test_a_wrong_line_is_named(grid, name, fault, line):
    packed(grid, name, *fault(HEADS[name], GOOD[name]))
    with pytest.raises(PlaceError, match=rf"{name} not read: line {line}: ") as refused:
        Gazetteer.of(grid)
    assert refused.value.instead


@pytest.mark.parametrize("name", [n for n in HEADS if n.endswith(".gz")])
def test_a_file_that_is_not_packed_is_refused(grid, name):
    (grid / name).write_text(HEADS[name])
    with pytest.raises(PlaceError, match=f"{name} not read"):
        Gazetteer.of(grid)


def test_a_block_that_is_no_number_and_a_name_that_is_none_are_refused(grid):
    packed(grid, "blocks.csv.gz", HEADS["blocks.csv.gz"], "Bahnhofstrasse,5a,9.5,47.1,1")
    with pytest.raises(PlaceError, match="line 2: block '5a'"):
        Gazetteer.of(grid)
    packed(grid, "blocks.csv.gz", HEADS["blocks.csv.gz"])
    packed(grid, "names.csv", HEADS["names.csv"], " ,,landmark,9.5,47.1")
    with pytest.raises(PlaceError, match="line 2: it has no name"):
        Gazetteer.of(grid)


def test_the_optional_files_may_be_absent_or_empty(grid):
    assert Gazetteer.of(grid).find("Bahnhofstrasse")[0].kind == "street"
    for name, head in HEADS.items():
        packed(grid, name, head)
    assert Gazetteer.of(grid).find("Bahnhofstrasse")[0].kind == "street"


def test_a_byte_order_mark_of_a_spreadsheet_is_read_over(grid):
    (grid / "names.csv").write_bytes(b"\xef\xbb\xbf" + f"{HEADS['names.csv']}\n".encode())
    assert Gazetteer.of(grid).spots
