"""A log that grows, and can be told otherwise: notes and proofs for a witness to judge."""

from __future__ import annotations

import hashlib

from answerable.record.log.checkpoint import Checkpoint
from answerable.record.log.levels import Levels
from answerable.record.log.notes import Cosigner, Signer
from answerable.record.log.proofs import View
from answerable.witness.letters import letter

ORIGIN = "dispatch.example/log"
SIGNER = Signer(ORIGIN, bytes(range(32)))
COSIGNER = Cosigner("witness.example/w1", bytes(range(1, 33)))
NAME = COSIGNER.verifier.name


class Growing:
    """A log of many entries, any beginning of which can be signed."""

    def __init__(self, entries: int = 40, seed: str = "a", signer: Signer = SIGNER) -> None:
        leaves = [hashlib.sha256(f"{seed}{n}".encode()).digest() for n in range(entries)]
        self.nodes, self.signer = Levels(b"".join(leaves)), signer

    def view(self, size: int) -> View:
        return View(self.nodes, size)

    def checkpoint(self, size: int, *more: str) -> Checkpoint:
        return Checkpoint(self.signer.verifier.name, size, self.view(size).root, more)

    def note(self, size: int) -> bytes:
        return self.signer.sign(self.checkpoint(size).text)

    def proof(self, before: int, size: int) -> list[bytes]:
        return self.view(size).consistency(before)

    def letter(self, before: int, size: int) -> bytes:
        return letter(before, self.proof(before, size), self.note(size))
