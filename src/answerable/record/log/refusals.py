"""What the log refuses, each in three sentences: what was not done, why, and the way out.

Whoever checks a note, a checkpoint or a proof learns from the class, and its code, what is wrong:
it is none at all, it is of another log, nobody known signed it, it goes back, it proves nothing.
"""

from __future__ import annotations

from typing import ClassVar

from answerable.kernel.store import StoreRefusal


class LogRefusal(StoreRefusal):
    """Something about the log was not done or not believed."""

    code: ClassVar[str] = "log.LogRefusal"

    def __init__(self, not_done: str, because: str, instead: str) -> None:
        super().__init__(f"{not_done} {because} {instead}")
        self.parts = (not_done, because, instead)


class NotANote(LogRefusal):
    """The bytes are no signed note."""

    code = "log.NotANote"


class NotAVerifierKey(LogRefusal):
    """The text is no verifier key of a kind this program knows."""

    code = "log.NotAVerifierKey"


class UnknownKey(LogRefusal):
    """Nobody who is known signed the note."""

    code = "log.UnknownKey"


class WrongSignature(LogRefusal):
    """A known key's signature does not fit the text."""

    code = "log.WrongSignature"


class NotACheckpoint(LogRefusal):
    """The text of a note is no checkpoint."""

    code = "log.NotACheckpoint"


class OtherLog(LogRefusal):
    """A checkpoint or a proof is of another log."""

    code = "log.OtherLog"


class GoesBack(LogRefusal):
    """A checkpoint, or the record itself, is smaller than one that was signed before."""

    code = "log.GoesBack"


class Forked(LogRefusal):
    """A checkpoint, or the record itself, says something else than one that was signed before."""

    code = "log.Forked"


class NotAProof(LogRefusal):
    """The bytes are no proof."""

    code = "log.NotAProof"


class NotIncluded(LogRefusal):
    """A proof does not lead from the entry to the root."""

    code = "log.NotIncluded"


class NotConsistent(LogRefusal):
    """A proof does not lead from the older root to the newer one."""

    code = "log.NotConsistent"


class NotSealed(LogRefusal):
    """A proof or a tile is asked for that no signed checkpoint covers."""

    code = "log.NotSealed"


class NoKeys(LogRefusal):
    """There is no key file where one is needed."""

    code = "log.NoKeys"


class KeysThere(LogRefusal):
    """There is a file already where one was to be made."""

    code = "log.KeysThere"


class KeysOpen(LogRefusal):
    """Others than its owner may read the key file."""

    code = "log.KeysOpen"


class KeysDamaged(LogRefusal):
    """The key file cannot be used."""

    code = "log.KeysDamaged"


class KeysNotWritten(LogRefusal):
    """The key file could not be written."""

    code = "log.KeysNotWritten"


class KeysOfAnotherLog(LogRefusal):
    """The key file belongs to a log of another name."""

    code = "log.KeysOfAnotherLog"


class CheckpointDamaged(LogRefusal):
    """The last signed checkpoint, kept beside the record, cannot be used."""

    code = "log.CheckpointDamaged"
