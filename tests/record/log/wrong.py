"""The published Merkle vectors, and the wrong variants of each that their generator makes.

Source: github.com/transparency-dev/merkle, ``cmd/proofgen`` (Apache-2.0). The upstream files of
``testdata`` are what this generator writes; the cases here are made in the same way from the same
values, so that one small file holds them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "vectors" / "merkle.json").read_text()
)
EMPTY = hashlib.sha256(b"").digest()
SOME = bytes.fromhex("abacaba000000000000000000000000000000000000000000060061e00123456")
NAMED = {"EMPTY": EMPTY, "SOME": SOME, "LEAF": hashlib.sha256(b"\0data").digest()}
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
LEAVES = [hashlib.sha256(b"\0" + bytes.fromhex(leaf)).digest() for leaf in VECTORS["leaves"]]
WRAP = 1 << 64
"""Upstream numbers are unsigned: one below 0 is the largest of all."""

Path_ = list[bytes]


class Inclusion(NamedTuple):
    """One case: does the proof lead from the leaf to the root?"""

    index: int
    size: int
    root: bytes
    leaf: bytes
    proof: Path_
    what: str
    wrong: bool


class Consistency(NamedTuple):
    """One case: is the one tree the beginning of the other?"""

    before: int
    size: int
    root_before: bytes
    root: bytes
    proof: Path_
    what: str
    wrong: bool


def value(text: str) -> bytes:
    """Return a value of the file: one with a name, or hexadecimal."""
    return NAMED[text] if text in NAMED else bytes.fromhex(text)


def flipped(proof: Path_, mask: int) -> Iterator[tuple[str, Path_]]:
    """Yield the proof with one bit of each of its hashes turned round."""
    for at, one in enumerate(proof):
        changed = bytes([one[0] ^ mask]) + one[1:]
        yield f"modified proof {at}", [*proof[:at], changed, *proof[at + 1 :]]


def inclusion_cases() -> Iterator[Inclusion]:
    """Yield every case of an inclusion proof, right and wrong."""
    for vector in VECTORS["inclusion"]:
        index, size = vector["index"], vector["size"]
        proof = [value(one) for one in vector["proof"]]
        yield from _inclusion(Inclusion(index, size, ROOTS[size - 1], LEAVES[index], proof,
                                        f"{index} of {size}: right", False))  # fmt: skip
    for one in VECTORS["further_inclusion"]:
        yield Inclusion(one["index"], one["size"], value(one["root"]), value(one["leaf"]), [],
                        one["what"], one["wrong"])  # fmt: skip


def _inclusion(right: Inclusion) -> Iterator[Inclusion]:
    yield right
    index, size, root, _leaf, proof, *_ = right
    changes: list[tuple[str, dict[str, Any]]] = [
        ("index - 1", {"index": (index - 1) % WRAP}), ("index + 1", {"index": index + 1}),
        ("index ^ 2", {"index": index ^ 2}), ("size * 2", {"size": size * 2}),
        ("size / 2", {"size": size // 2}), ("wrong leaf", {"leaf": b"WrongLeaf"}),
        ("empty root", {"root": EMPTY}), ("random root", {"root": SOME}),
        ("trailing garbage", {"proof": [*proof, b""]}),
        ("trailing root", {"proof": [*proof, root]}),
        ("preceding garbage", {"proof": [b"", *proof]}),
        ("preceding root", {"proof": [root, *proof]}),
        *((what, {"proof": changed}) for what, changed in flipped(proof, 8)),
    ]  # fmt: skip
    if proof:
        changes.append(("removed component", {"proof": proof[:-1]}))
    if len(proof) > 1:
        changes.append(("inserted component", {"proof": [proof[0], SOME, *proof[1:]]}))
    for what, change in changes:
        yield right._replace(**change, what=f"{index} of {size}: {what}", wrong=True)


def consistency_cases() -> Iterator[Consistency]:
    """Yield every case of a consistency proof, right and wrong."""
    for vector in VECTORS["consistency"]:
        before, size = vector["before"], vector["size"]
        proof = [value(one) for one in vector["proof"]]
        yield from _consistency(Consistency(before, size, ROOTS[before - 1], ROOTS[size - 1], proof,
                                            f"{before} to {size}: right", False))  # fmt: skip
    for one in VECTORS["further_consistency"]:
        proof = [value(each) for each in one["proof"]]
        yield Consistency(one["before"], one["size"], value(one["root_before"]), value(one["root"]),
                          proof, one["what"], one["wrong"])  # fmt: skip


def _consistency(right: Consistency) -> Iterator[Consistency]:
    yield right
    before, size, old, new, proof, *_ = right
    if not proof:
        return
    changes: list[tuple[str, dict[str, Any]]] = [
        ("before - 1", {"before": before - 1}), ("before + 1", {"before": before + 1}),
        ("before ^ 2", {"before": before ^ 2}), ("size * 2", {"size": size * 2}),
        ("size / 2", {"size": size // 2}), ("wrong old root", {"root_before": b"WrongRoot"}),
        ("wrong root", {"root": b"WrongRoot"}),
        ("swapped roots", {"root_before": new, "root": old}), ("empty proof", {"proof": []}),
        *((f"trailing {name}", {"proof": [*proof, more]})
          for name, more in (("garbage", b""), ("old root", old), ("root", new))),
        *((f"preceding {name}", {"proof": [more, *proof]})
          for name, more in (("garbage", b""), ("old root", old), ("root", new), ("0", proof[0]))),
        ("truncated proof", {"proof": proof[:-1]}),
        *((what, {"proof": changed}) for what, changed in flipped(proof, 16)),
    ]  # fmt: skip
    for what, change in changes:
        yield right._replace(**change, what=f"{before} to {size}: {what}", wrong=True)
