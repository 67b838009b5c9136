"""Canonical bytes and the hash tree: frozen, and computed again with the standard library alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.kernel.event import Row
from answerable.record import tree
from answerable.record.entry import back_of, entry_of, leaf_of, opening_of, proves

GOLDEN = Path(__file__).parent / "golden"
ROW = Row(
    118,
    "incident:200930004",
    "intake.CallRung",
    1,
    1_585_783_803_000_000,
    1_585_783_803_000_417,
    'Zoë "接警员"\\\n\u2028\x7f',
    "c:1/2",
    3,
    '{"call":"200930004","words":"sealed:Zm9v","place":"四","reason":"a"}'.encode(),
    55,
    bytes(range(32)),
)


def outsider_entry(row: Row) -> bytes:
    """What docs/explanation/record.md tells an outsider to do."""
    opening = outsider_line(row[:6]) + b"\n" + row.body[: row.cut] + b"}"
    back = outsider_line(row[6:9]) + b"\n" + row.body[row.cut :]
    return sha256(row.veil[:16] + opening) + sha256(row.veil[16:] + back)


def outsider_line(values: tuple[object, ...]) -> bytes:
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def outsider_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    left, right = outsider_root(leaves[:k]), outsider_root(leaves[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_the_bytes_of_an_entry_are_frozen():
    assert entry_of(ROW) == (GOLDEN / "entry.bin").read_bytes()


def test_what_an_outsider_may_be_shown_has_no_inside_field_and_no_actor():
    assert opening_of(ROW) == (GOLDEN / "opening.txt").read_bytes()
    assert json.loads(opening_of(ROW).split(b"\n")[1]) == {
        "call": "200930004", "words": "sealed:Zm9v", "place": "四"
    }  # fmt: skip
    assert b"reason" not in opening_of(ROW)
    assert b"c:1/2" not in opening_of(ROW)
    assert b'"reason":"a"' in back_of(ROW)


def test_the_leaf_of_an_entry_is_frozen():
    frozen = json.loads((GOLDEN / "leaf.json").read_text())
    assert leaf_of(ROW).hex() == frozen["leaf"]
    assert leaf_of(ROW) == hashlib.sha256(b"\0" + (GOLDEN / "entry.bin").read_bytes()).digest()


def test_the_head_over_a_few_frozen_leaves_is_frozen():
    frozen = json.loads((GOLDEN / "leaf.json").read_text())
    leaves = [leaf_of(ROW._replace(position=n)) for n in range(1, 8)]
    assert tree.root(tree.frontier_of(leaves)).hex() == frozen["root_of_positions_1_to_7"]


TEXT = st.text(st.characters(blacklist_categories=("Cs",)))
NUMBER = st.integers(0, 2**63 - 1)


@given(
    st.builds(
        Row,
        NUMBER,
        TEXT,
        TEXT,
        NUMBER,
        NUMBER,
        NUMBER,
        TEXT,
        TEXT,
        NUMBER,
        st.binary(min_size=40, max_size=99),
        st.integers(1, 39),
        st.binary(min_size=32, max_size=32),
    )
)
def test_an_outsider_gets_the_same_entry_with_the_standard_library(row):
    assert entry_of(row) == outsider_entry(row)
    assert leaf_of(row) == hashlib.sha256(b"\0" + outsider_entry(row)).digest()
    assert proves(row, leaf_of(row))


@given(TEXT, TEXT)
def test_two_different_rows_never_have_the_same_entry(a, b):
    one = ROW._replace(stream=a, actor=b)
    other = ROW._replace(stream=b, actor=a)
    assert (entry_of(one) == entry_of(other)) == (a == b)


@pytest.mark.parametrize(
    "change",
    [
        {"stream": None},
        {"body": "text"},
        {"actor": "\ud800"},
        {"cut": None},
        {"cut": 999},
        {"cut": -2},
        {"veil": b"x"},
        {"veil": "x" * 32},
    ],
)
def test_values_of_a_wrong_type_prove_nothing(change):
    assert not proves(ROW._replace(**change), leaf_of(ROW))


@given(st.lists(st.integers(0, 40), max_size=12))
def test_any_way_of_appending_gives_the_rfc_6962_root(sizes):
    leaves = [hashlib.sha256(bytes([0, n % 256, n // 256])).digest() for n in range(sum(sizes))]
    frontier, done = tree.EMPTY, 0
    for size in sizes:
        frontier = tree.extend(frontier, leaves[done : done + size])
        done += size
        assert tree.unpacked(frontier.size, tree.packed(frontier)) == frontier
    assert frontier.size == len(leaves)
    assert tree.root(frontier) == outsider_root(leaves)


def test_the_published_test_tree_of_certificate_transparency():
    """The eight leaves and the roots used by the reference implementations of RFC 6962."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
              "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
    leaves = [hashlib.sha256(b"\0" + bytes.fromhex(text)).digest() for text in inputs]
    roots = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    for size, root in roots.items():
        assert tree.root(tree.frontier_of(leaves[:size])).hex() == root


@pytest.mark.parametrize(("size", "peaks"), [(3, b"x" * 32), (0, b"x"), (4, b"")])
def test_peaks_that_fit_no_tree_are_refused(size, peaks):
    with pytest.raises(ValueError, match="do not fit a tree"):
        tree.unpacked(size, peaks)
