"""Proofs: the published Merkle vectors, right and wrong, and every small tree against the other."""

from __future__ import annotations

import hashlib

import pytest

from answerable.record import tree
from answerable.record.log.levels import TILE_WIDTH, Levels, LogTree
from answerable.record.log.proofs import (
    View,
    check_consistency,
    check_inclusion,
    consistency,
    inclusion,
)
from answerable.record.log.refusals import NotConsistent, NotIncluded
from answerable.record.refusals import RecordDamaged
from tests.record.log import wrong

INCLUSION, CONSISTENCY = list(wrong.inclusion_cases()), list(wrong.consistency_cases())
MANY = [hashlib.sha256(b"%d" % n).digest() for n in range(700)]


def test_there_are_as_many_cases_as_the_generator_makes():
    assert (len(INCLUSION), len(CONSISTENCY)) == (98, 98)
    assert sum(not one.wrong for one in (*INCLUSION, *CONSISTENCY)) == 12


@pytest.mark.parametrize("case", INCLUSION, ids=lambda case: case.what)
def test_published_inclusion_proofs_hold_and_their_wrong_variants_do_not(case):
    asked = (case.leaf, case.index, case.size, case.proof, case.root)
    if not case.wrong:
        check_inclusion(*asked)
        return
    with pytest.raises(NotIncluded):
        check_inclusion(*asked)


@pytest.mark.parametrize("case", CONSISTENCY, ids=lambda case: case.what)
def test_published_consistency_proofs_hold_and_their_wrong_variants_do_not(case):
    asked = (case.before, case.size, case.proof, case.root_before, case.root)
    if not case.wrong:
        check_consistency(*asked)
        return
    with pytest.raises(NotConsistent):
        check_consistency(*asked)


def test_the_proofs_made_here_are_the_published_ones():
    nodes = Levels(b"".join(wrong.LEAVES))
    for vector in wrong.VECTORS["inclusion"]:
        made = inclusion(nodes, vector["index"], vector["size"])
        assert [one.hex() for one in made] == vector["proof"]
    for vector in wrong.VECTORS["consistency"]:
        made = consistency(nodes, vector["before"], vector["size"])
        assert [one.hex() for one in made] == vector["proof"]
    assert [View(nodes, size).root for size in range(1, 9)] == wrong.ROOTS


def test_every_proof_in_every_tree_up_to_70_leaves_holds():
    roots = [tree.root(tree.frontier_of(MANY[:size])) for size in range(71)]
    nodes = Levels(b"".join(MANY))
    for size in range(71):
        view = View(nodes, size)
        assert view.root == roots[size]
        for index in range(size):
            check_inclusion(MANY[index], index, size, view.inclusion(index), view.root)
        for before in range(1, size + 1):
            check_consistency(before, size, view.consistency(before), roots[before], view.root)


def test_a_proof_of_what_is_not_in_the_tree_is_not_made():
    view = View(Levels(b"".join(MANY[:5])), 5)
    for index in (-1, 5):
        with pytest.raises(IndexError):
            view.inclusion(index)
    with pytest.raises(IndexError):
        view.consistency(6)
    assert view.consistency(0) == view.consistency(5) == []


def read_of(leaves):
    return lambda first, count: b"".join(leaves[first : first + count])


def test_a_tree_that_reads_its_tiles_again_gives_the_same_nodes():
    whole = Levels(b"".join(MANY))
    kept = LogTree(read_of(MANY), bytes(whole.row(8)))
    assert kept.size == 2 * TILE_WIDTH
    kept.extend(b"".join(MANY[2 * TILE_WIDTH :]))
    for level in range(10):
        for index in range(len(MANY) >> level):
            assert kept.node(level, index) == whole.node(level, index), (level, index)
    assert View(kept, 700).root == tree.root(tree.frontier_of(MANY))


def test_leaves_that_were_altered_are_not_served():
    whole = Levels(b"".join(MANY))
    altered = [*MANY]
    altered[300] = bytes(32)
    kept = LogTree(read_of(altered), bytes(whole.row(8)))
    assert kept.node(0, 5) == MANY[5]
    with pytest.raises(RecordDamaged, match="positions 257 to 512"):
        kept.node(0, 301)
