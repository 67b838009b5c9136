"""Proofs in one file: checked whole, and every changed byte of one is noticed."""

from __future__ import annotations

import hashlib

import pytest

from answerable.record.log.checkpoint import Checkpoint
from answerable.record.log.levels import Levels
from answerable.record.log.notes import Signer, encoded
from answerable.record.log.proofs import View
from answerable.record.log.refusals import (
    LogRefusal,
    NotAProof,
    NotIncluded,
    OtherLog,
    UnknownKey,
)
from answerable.record.log.tlog_proof import TlogProof

ORIGIN = "town.example/log"
SIGNER = Signer(ORIGIN, bytes(32))
LEAVES = [hashlib.sha256(b"%d" % n).digest() for n in range(11)]
VIEW = View(Levels(b"".join(LEAVES)), 11)
NOTE = SIGNER.sign(Checkpoint(ORIGIN, 11, VIEW.root).text)
HEAD = b"c2sp.org/tlog-proof@v1\n"


def proof(index: int = 6, extra: bytes = b"") -> TlogProof:
    return TlogProof(index, tuple(VIEW.inclusion(index)), NOTE, extra)


def test_a_proof_is_a_file_and_back():
    for extra in (b"", b"an opening"):
        data = proof(extra=extra).packed
        assert TlogProof.parse(data) == proof(extra=extra)
    data = proof(0).packed
    assert data.startswith(HEAD + b"index 0\n")
    assert data.endswith(b"\n\n" + NOTE)
    assert proof(extra=b"x").packed.startswith(HEAD + b"extra eA==\nindex 6\n")


def test_a_proof_holds_for_its_own_leaf_only():
    for index, leaf in enumerate(LEAVES):
        found = TlogProof.parse(proof(index).packed).check(leaf, [SIGNER.verifier], ORIGIN)
        assert found.checkpoint.size == 11
        with pytest.raises(NotIncluded, match="does not lead from this entry"):
            proof(index).check(LEAVES[index - 1], [SIGNER.verifier], ORIGIN)


def test_every_changed_byte_of_a_proof_is_noticed():
    data = proof().packed
    for at in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[at] ^= 1 << bit
            with pytest.raises(LogRefusal):
                TlogProof.parse(bytes(changed)).check(LEAVES[6], [SIGNER.verifier], ORIGIN)


def test_a_proof_for_another_log_or_by_an_unknown_key_is_named():
    with pytest.raises(OtherLog, match="checkpoint of another log"):
        proof().check(LEAVES[6], [SIGNER.verifier], "other/log")
    with pytest.raises(UnknownKey):
        proof().check(LEAVES[6], [Signer(ORIGIN, bytes(31) + b"1").verifier], ORIGIN)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"wrong-header\nindex 0\n\ncheckpoint\n", HEAD + b"index 0\n",
        HEAD + b"extra !!notbase64!!\nindex 0\n\ncheckpoint\n", HEAD + b"\n\ncheckpoint\n",
        HEAD + b"extra \nindex 0\n\ncheckpoint\n", HEAD + b"index notanumber\n\ncheckpoint\n",
        HEAD + b"index -5\n\ncheckpoint\n", HEAD + b"index 05\n\ncheckpoint\n",
        HEAD + b"index 0\n!!notbase64!!\n\ncheckpoint\n",
        HEAD + b"index 0\n" + encoded(bytes(64)) + b"\n\ncheckpoint\n",
        HEAD + b"index 0\n" + 64 * (encoded(bytes(32)) + b"\n") + b"\ncheckpoint\n",
        HEAD + b"extra " + encoded(bytes(65_537)) + b"\nindex 0\n\ncheckpoint\n",
        HEAD.replace(b"v1", b"v2") + b"index 0\n\ncheckpoint\n",
    ],
)  # fmt: skip
def test_what_is_no_proof_is_named_as_such(data):
    with pytest.raises(NotAProof, match="no proof of a log"):
        TlogProof.parse(data)
