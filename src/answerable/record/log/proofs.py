"""Proofs over the tree: that an entry is in it, and that one tree is the beginning of another.

Making them needs the complete nodes (``levels``) and, for one size, the hashes over its incomplete
right edge, which a ``View`` computes once. Checking them needs nothing but the proof.
Sources: RFC 6962 section 2.1; the checks as RFC 9162 sections 2.1.3.2 and 2.1.4.2 write them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from answerable.record.log.refusals import NotConsistent, NotIncluded
from answerable.record.tree import EMPTY_ROOT, HASH_BYTES, node

PATH_MAX = 63
"""The most hashes of a proof: a tree has at most 2**63 leaves."""


class Nodes(Protocol):
    """Whatever knows the complete nodes of a tree."""

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete node."""
        ...


class View:
    """The tree of the first ``size`` leaves: its root, and proofs in it."""

    def __init__(self, nodes: Nodes, size: int) -> None:
        """Compute the right edge: about one hash for every level."""
        self.size = size
        self._node = nodes.node
        self._height = max(size - 1, 0).bit_length()
        self._edge: list[bytes | None] = [None]
        for level in range(self._height):
            self._edge.append(self._over(level))

    def _over(self, level: int) -> bytes | None:
        """Return the incomplete last node of the level above, None where the last is complete."""
        complete, last = self.size >> level, self._edge[level]
        if complete & 1 == 0:
            return last
        left = self._node(level, complete - 1)
        return left if last is None else node(left, last)

    @property
    def root(self) -> bytes:
        """The root hash of this tree."""
        if self.size == 0:
            return EMPTY_ROOT
        top = self._edge[self._height]
        whole = self.size == 1 << self._height
        return self._node(self._height, 0) if whole or top is None else top

    def inclusion(self, index: int) -> list[bytes]:
        """Return the inclusion proof of a leaf, from its sibling up. Raises IndexError."""
        if not 0 <= index < self.size:
            raise IndexError(f"no leaf {index} in a tree of {self.size}")
        return self._path(0, index)

    def consistency(self, size: int) -> list[bytes]:
        """Return the proof that the first ``size`` leaves are those of then. Raises IndexError."""
        if not 0 <= size <= self.size:
            raise IndexError(f"no tree of {size} leaves in one of {self.size}")
        if size in (0, self.size):
            return []
        level = (size & -size).bit_length() - 1
        index = (size >> level) - 1
        path = self._path(level, index)
        return [self._node(level, index), *path] if index else path

    def _path(self, level: int, index: int) -> list[bytes]:
        """Return the siblings of a complete node and of all that stand over it."""
        found, at, edge = [], self._node, self._edge
        for each in range(level, self._height):
            sibling, complete = index ^ 1, self.size >> each
            if sibling < complete:
                found.append(at(each, sibling))
            elif sibling == complete and (last := edge[each]) is not None:
                found.append(last)
            index >>= 1
        return found


def inclusion(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """Return the inclusion proof of leaf ``index`` in the tree of the first ``size`` leaves."""
    return View(nodes, size).inclusion(index)


def consistency(nodes: Nodes, before: int, size: int) -> list[bytes]:
    """Return the proof that a tree of ``before`` leaves is the beginning of one of ``size``."""
    return View(nodes, size).consistency(before)


def root_by(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a path leads to from a leaf; None where it fits no such tree."""
    if not 0 <= index < size or len(leaf) != HASH_BYTES or not _hashes(path):
        return None
    at, last, found = index, size - 1, leaf
    for hashed in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = node(hashed, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, hashed)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf stands at ``index`` in a tree. Raises NotIncluded."""
    if root_by(leaf, index, size, path) != root:
        raise NotIncluded(
            "Not believed: the proof does not lead from this entry to the log's root.",
            f"The entry, its number {index} or a hash of the proof is not what was recorded.",
            "Fetch the proof again; if it stays so, keep it and tell the log's keeper.",
        )


def check_consistency(
    before: int, size: int, path: Sequence[bytes], root_before: bytes, root: bytes
) -> None:
    """Check that a tree of ``before`` leaves is the beginning of another. Raises NotConsistent.

    Every tree goes on from the empty one: there is nothing to prove, and so it is refused here.
    """
    if not _goes_on(before, size, path, root_before, root):
        raise NotConsistent(
            "Not believed: the log does not go on from where it was.",
            f"The proof does not lead from its first {before} entries to the {size} it has now.",
            "Keep both checkpoints and the proof: they may show that the log was changed.",
        )


def _goes_on(
    before: int, size: int, path: Sequence[bytes], root_before: bytes, root: bytes
) -> bool:
    """Say whether a consistency proof holds."""
    if not 0 < before <= size or not _hashes(path):
        return False
    if before == size or not path:
        return before == size and not path and root_before == root
    whole = before & (before - 1) == 0
    first, *rest = (root_before, *path) if whole else path
    at, last = before - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = first
    for hashed in rest:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node(hashed, old), node(hashed, new)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, hashed)
        at, last = at >> 1, last >> 1
    return last == 0 and old == root_before and new == root


def _hashes(path: Sequence[bytes]) -> bool:
    return len(path) <= PATH_MAX and all(len(hashed) == HASH_BYTES for hashed in path)
