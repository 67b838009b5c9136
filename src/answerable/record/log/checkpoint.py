"""Checkpoints: the text that a log signs: its name, how many entries it has, and their root hash.

Source: C2SP tlog-checkpoint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from answerable.record.log import notes
from answerable.record.log.notes import Signed, Verifier
from answerable.record.log.refusals import Forked, GoesBack, NotACheckpoint, OtherLog
from answerable.record.tree import EMPTY_ROOT, HASH_BYTES

SIZE_MAX = (1 << 63) - 1
DECIMAL = re.compile(rb"0|[1-9][0-9]{0,18}")


class Checkpoint(NamedTuple):
    """What a log says of itself; extension lines are kept, and mean nothing here."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> bytes:
        """The text that is signed."""
        lines = (self.origin, str(self.size), notes.encoded(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode()

    @classmethod
    def parse(cls, text: bytes) -> Checkpoint:
        """Take the text of a note apart. Raises NotACheckpoint."""
        lines = text.split(b"\n")
        try:
            if len(lines) < 4 or lines.pop() or not all(lines):
                raise ValueError("it has fewer than three lines, or an empty one")
            size, root = decimal(lines[1]), notes.decoded(lines[2])
            if len(root) != HASH_BYTES:
                raise ValueError("its root is no SHA-256")
            if size == 0 and root != EMPTY_ROOT:
                raise ValueError("an empty log has another root")
            origin, *extensions = (line.decode() for line in (lines[0], *lines[3:]))
        except ValueError as error:
            raise NotACheckpoint(
                "Not read: the note is no checkpoint.",
                f"Its text is not a name, a size and a root ({error}).",
                "Fetch it again from the log's address, with /checkpoint at its end.",
            ) from error
        return cls(origin, size, root, tuple(extensions))


class Opened(NamedTuple):
    """A checkpoint that was believed, and by whose signatures."""

    checkpoint: Checkpoint
    signed: tuple[Signed, ...]


def decimal(text: bytes) -> int:
    """Return a number in its one decimal spelling. Raises ValueError."""
    if DECIMAL.fullmatch(text) is None or (number := int(text)) > SIZE_MAX:
        raise ValueError("a number that is not in its one spelling")
    return number


def opened(note: bytes, verifiers: Iterable[Verifier], origin: str) -> Opened:
    """Return the checkpoint of the log ``origin`` in a note that one of its keys signed.

    Raises NotANote, NotACheckpoint, OtherLog, UnknownKey or WrongSignature.
    """
    taken = notes.parse(note)
    found = Checkpoint.parse(taken.text)
    if found.origin != origin:
        raise OtherLog(
            "Not believed: this is a checkpoint of another log.",
            f"It is of {found.origin}, and {origin} was asked for.",
            "Fetch the checkpoint of the log that is meant, or check it with that log's key.",
        )
    # The key of a log before this one signs nothing for it; a witness has a name of its own.
    mine = [one for one in verifiers if one.kind != notes.ED25519 or one.name == origin]
    return Opened(found, notes.checked(taken, mine))


def check_goes_on(before: Checkpoint, after: Checkpoint) -> None:
    """Refuse a checkpoint that cannot follow another. Raises OtherLog, GoesBack or Forked.

    Where it is larger, a consistency proof says whether it really follows.
    """
    if before.origin != after.origin:
        raise OtherLog(
            "Not believed: these are checkpoints of two logs.",
            f"One is of {before.origin}, the other of {after.origin}.",
            "Compare checkpoints of one log only.",
        )
    if after.size < before.size:
        raise GoesBack(
            "Not believed: the log goes back.",
            f"It says it has {after.size} entries; it had signed {before.size}.",
            "Keep both checkpoints: together they show that entries are missing.",
        )
    if after.size == before.size and after.root != before.root:
        raise Forked(
            "Not believed: the log says two things.",
            f"Two roots are signed for the same {after.size} entries.",
            "Keep both checkpoints: together they show that the log was changed.",
        )
