"""What a log sends to a witness: the size it knows, a proof that the new tree extends it, the note.

Source: C2SP tlog-witness, add-checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from answerable.record.log import notes
from answerable.record.log.checkpoint import decimal
from answerable.record.tree import HASH_BYTES

PATH = "/add-checkpoint"
LATEST = "/latest/"
"""Our own addition: the last checkpoint cosigned for a log, by the hash of its origin."""
SIZE_TYPE = "text/x.tlog.size"
LETTER_BYTES_MAX = 64 * 1024
PROOF_HASHES_MAX = 63


class Letter(NamedTuple):
    """One submission: the size known before, the proof from there, the signed checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes

    @property
    def packed(self) -> bytes:
        """The body of the request."""
        lines = (notes.encoded(one) + b"\n" for one in self.proof)
        return b"old %d\n%b\n%b" % (self.old_size, b"".join(lines), self.note)


def letter(old_size: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """Return the body of a submission."""
    return Letter(old_size, tuple(proof), note).packed


def read(body: bytes) -> Letter:
    """Take a submission apart; nothing of it is checked. Raises ValueError."""
    head, gap, note = body.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    if not gap or not first.startswith(b"old ") or len(lines) > PROOF_HASHES_MAX:
        raise ValueError("it does not begin with the old size and a proof")
    proof = tuple(notes.decoded(line) for line in lines)
    if any(len(one) != HASH_BYTES for one in proof):
        raise ValueError("a line of its proof is no hash")
    return Letter(decimal(first[4:]), proof, note)
