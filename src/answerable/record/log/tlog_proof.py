"""A proof in one text file: an entry's number, the hashes from it to the root, a checkpoint.

Whoever has the entry and the log's verifier key can check it without any connection.
Source: C2SP tlog-proof.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from answerable.record.log import notes, proofs
from answerable.record.log.checkpoint import Opened, decimal, opened
from answerable.record.log.notes import Verifier
from answerable.record.log.refusals import NotAProof
from answerable.record.tree import HASH_BYTES

FIRST = b"c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
EXTRA_BYTES_MAX = 65_536


class TlogProof(msgspec.Struct, frozen=True):
    """A proof: the entry's index (from 0), its path, the checkpoint's note, and what was added."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""

    @property
    def packed(self) -> bytes:
        """The bytes of the file."""
        extra = [b"extra " + notes.encoded(self.extra)] if self.extra else []
        lines = (FIRST, *extra, b"index %d" % self.index, *map(notes.encoded, self.path), b"")
        return b"".join(line + b"\n" for line in lines) + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> TlogProof:
        """Take a proof apart; nothing of it may be believed yet. Raises NotAProof."""
        head, blank, checkpoint = data.partition(b"\n\n")
        lines = head.split(b"\n")
        try:
            if not blank or lines.pop(0) != FIRST:
                raise ValueError("it does not begin as one")
            extra = b""
            if lines and lines[0].startswith(b"extra "):
                extra = notes.decoded(lines.pop(0).removeprefix(b"extra "))
                if not 0 < len(extra) <= EXTRA_BYTES_MAX:
                    raise ValueError("what was added is empty or too long")
            if not lines or not lines[0].startswith(b"index "):
                raise ValueError("it has no index")
            index = decimal(lines.pop(0).removeprefix(b"index "))
            path = tuple(map(notes.decoded, lines))
            if len(path) > proofs.PATH_MAX or any(len(one) != HASH_BYTES for one in path):
                raise ValueError("a hash of it has another length")
        except ValueError as error:
            raise NotAProof(
                "Not read: this is no proof of a log.",
                f"It is not in the form c2sp.org/tlog-proof@v1 ({error}).",
                "Fetch it again, whole and unchanged.",
            ) from error
        return cls(index, path, checkpoint, extra)

    def check(self, leaf: bytes, verifiers: Iterable[Verifier], origin: str) -> Opened:
        """Return the checkpoint under which the leaf is proved to stand at ``index``.

        What was added (``extra``) is proved by nothing. Raises NotIncluded, and as
        ``checkpoint.opened``.
        """
        found = opened(self.checkpoint, verifiers, origin)
        told = found.checkpoint
        proofs.check_inclusion(leaf, self.index, told.size, self.path, told.root)
        return found
