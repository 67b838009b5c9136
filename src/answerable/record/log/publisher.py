"""The publisher: it signs checkpoints over what is durable, and serves tiles and proofs of it.

Its rules: nothing is signed that the store has not synced and acknowledged; what is signed is kept,
synced, before anybody sees it; and nothing is ever signed that does not go on from what was signed
before. So a crash at any moment leaves a log that has said nothing it would have to take back.

It may be used from any thread. Reading a tile can wait for the disk: on an event loop, ask through
``console.log``, which has a thread for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from answerable.kernel.store import Head
from answerable.record.entry import entry_of, proves
from answerable.record.log import notes
from answerable.record.log.checkpoint import Checkpoint
from answerable.record.log.kept import Kept
from answerable.record.log.keys import LogKeys, open_keys
from answerable.record.log.levels import TILE_WIDTH, LogTree
from answerable.record.log.notes import Signature, Verifier
from answerable.record.log.proofs import View
from answerable.record.log.refusals import Forked, GoesBack, NotSealed
from answerable.record.log.source import Source, SqliteSource
from answerable.record.log.tiles import Tile, bundle
from answerable.record.log.tlog_proof import TlogProof
from answerable.record.refusals import RecordDamaged, damaged
from answerable.record.tree import HASH_BYTES

CHUNK = 16 * TILE_WIDTH
"""Leaves read at a time, so that whoever asks for a tile meanwhile is answered in between."""
PIECE = TILE_WIDTH * HASH_BYTES
BREATH = 32
"""Rows hashed before the event loop may have its turn: a thread that computes keeps the interpreter
for 5 ms otherwise, and commands would wait for it."""


class Published(NamedTuple):
    """A checkpoint that was signed: its note as it is served, and the tree it stands for.

    ``at_us`` is when it was signed (UTC us); ``cosigners`` the witnesses whose signature it has.
    """

    checkpoint: Checkpoint
    note: bytes
    view: View
    at_us: int
    cosigners: tuple[str, ...] = ()


class Publisher:
    """Signs and serves one log."""

    def __init__(
        self, source: Source, keys: LogKeys, kept: Kept | None = None,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:  # fmt: skip
        """Without ``kept``, as in tests, nothing outlives the process.

        Raises CheckpointDamaged where it cannot be known what was signed before.
        """
        self._source, self._kept, self._now_us = source, kept, now_us
        self._lock = threading.RLock()
        self._tree = LogTree(source.leaves, kept.tops() if kept else b"")
        self.keys = keys
        self.extensions: tuple[str, ...] = ()
        """Further lines of every checkpoint: which log this one goes on after, if any."""
        self._before = kept.last_signed(keys) if kept else None
        self.latest: Published | None = None
        self.witnessed: Published | None = None

    @classmethod
    def open(cls, record: Path, keys: LogKeys) -> Publisher:
        """Open the log of a record on a disk. Raises a StoreRefusal."""
        source = SqliteSource(record)
        try:
            return cls(source, keys, Kept(record))
        except BaseException:
            source.close()
            raise

    # -- what is published -------------------------------------------------------------------

    @property
    def checkpoint(self) -> bytes:
        """The note of the latest checkpoint, with the cosignatures so far; empty before it."""
        return self.latest.note if self.latest else b""

    @property
    def size(self) -> int:
        """How many entries are sealed: under a signed checkpoint that is published."""
        return self.latest.checkpoint.size if self.latest else 0

    @property
    def witnessed_size(self) -> int:
        """How many entries are witnessed: under a checkpoint that a witness cosigned."""
        return self.witnessed.checkpoint.size if self.witnessed else 0

    # -- signing -----------------------------------------------------------------------------

    def publish(self, head: Head) -> bool:
        """Sign and publish a checkpoint over a durable head; False where there is no news.

        ``head`` is what the store itself returned after a commit. Raises GoesBack or Forked where
        it does not go on from what was signed, RecordDamaged where the leaves do not give it, and
        OSError where the checkpoint could not be kept: nothing is published then.
        """
        told = Checkpoint(self.keys.origin, head.size, head.root, self.extensions)
        latest = self.latest
        if latest is not None and latest.checkpoint == told and self._signs(latest.note):
            return False
        self._check_size(head)
        self._take_up(head)
        with self._lock:
            self._check_goes_on(head)
            note, at_us = self.keys.signer.sign(told.text), self._now_us()
            if (
                self._before is not None
                and self._before[0] == told
                and self._signs(self._before[1])
            ):
                note = self._before[1]  # a start without news signs nothing
                at_us = self._kept.signed_us() if self._kept else at_us
            elif self._kept is not None:
                self._kept.keep(note)
            self._before = told, note
            self.latest = Published(told, note, View(self._tree, head.size), at_us)
            if self._kept is not None:
                self._kept.keep_tops(self._tree.tops)
        return True

    def _signs(self, note: bytes) -> bool:
        """Say whether the key that signs now has signed a note of this log."""
        mine = self.keys.signer.verifier.key_id
        return any(one.key_id == mine for one in notes.parse(note).signatures)

    def renew_keys(self) -> bool:
        """Read the key file again, after a rotation; True where another key signs now."""
        found = open_keys(self.keys.path, self.keys.origin)
        with self._lock:
            changed, self.keys = found.vkey != self.keys.vkey, found
        return changed

    def _check_size(self, head: Head) -> None:
        """Refuse a record that is shorter than what was signed. Raises GoesBack."""
        signed = self._before[0].size if self._before else 0
        if head.size < signed:
            raise GoesBack(
                "Nothing is signed: the record goes back.",
                f"It has {head.size} events, and a checkpoint over {signed} was signed before; "
                "it is an older copy, or its end is missing.",
                "Restore the newest backup. To go on without what is missing is an act of its "
                "own; how it is done stands in docs/howto/log-keys.md.",
            )

    def _check_goes_on(self, head: Head) -> None:
        """Refuse a record that is another than the one signed before. Raises Forked."""
        if self._before is None:
            return
        signed = self._before[0]
        if View(self._tree, signed.size).root != signed.root:
            raise Forked(
                "Nothing is signed: the record is another than before.",
                f"Its first {signed.size} events are not those a checkpoint was signed over.",
                "Keep this record and the checkpoint beside it as evidence; restore the newest "
                "backup that fits the checkpoint.",
            )

    def _take_up(self, head: Head) -> None:
        """Read the leaves up to a head, and see that they give it. Raises RecordDamaged."""
        if not self._gives(head):
            if self._kept is not None:
                self._kept.forget_tops()
            with self._lock:
                self._tree = LogTree(self._source.leaves)
            if not self._gives(head):
                raise damaged("served", f"the leaves up to {head.size} do not give its head")

    def _gives(self, head: Head) -> bool:
        while self._tree.size < head.size:
            had = self._tree.size
            with self._lock:
                leaves = self._source.leaves(had, min(CHUNK, head.size - had))
            if not leaves:
                return False
            for at in range(0, len(leaves), PIECE):
                with self._lock:
                    self._tree.extend(leaves[at : at + PIECE])
                time.sleep(0)
        try:
            with self._lock:
                if self._tree.size != head.size:
                    return False
                return View(self._tree, head.size).root == head.root
        except RecordDamaged:
            return False  # hashes that were kept do not fit the leaves

    # -- witnesses ---------------------------------------------------------------------------

    def cosigned(self, published: Published, line: bytes, witness: Verifier) -> None:
        """Add a witness's cosignature to a checkpoint that was published.

        Raises NotANote where the line is none, WrongSignature where it is another's or does not
        fit.
        """
        signature = notes.signature_in(line.rstrip(b"\n"))
        if (signature.name, signature.key_id) != (witness.name, witness.key_id):
            raise witness.wrong()
        witness.check(published.checkpoint.text, signature)
        with self._lock:
            latest = self.latest
            if latest is not None and latest.checkpoint == published.checkpoint:
                self.latest = self.witnessed = _with(latest, signature, witness.name)
                return
            held = self.witnessed
            if held is not None and held.checkpoint == published.checkpoint:
                published = held
            elif held is not None and held.checkpoint.size > published.checkpoint.size:
                return
            self.witnessed = _with(published, signature, witness.name)

    # -- serving -----------------------------------------------------------------------------

    def tile(self, tile: Tile) -> bytes:
        """Return a tile of hashes or of entries.

        Raises NotSealed where no checkpoint covers it, RecordDamaged where it was altered.
        """
        if not tile.is_in(self.size):
            raise NotSealed(
                "Not served: there is no such tile.",
                f"The log has {self.size} entries under its latest checkpoint.",
                "Ask for tiles that the size of a checkpoint calls for.",
            )
        with self._lock:
            first = tile.index * TILE_WIDTH
            if tile.level is not None:
                return self._tree.hashes(tile.level, first, tile.width)
            return self._bundle(first, tile.width)

    def _bundle(self, first: int, count: int) -> bytes:
        entries: list[bytes] = []
        for row, leaf in self._source.rows(first, count):
            if not proves(row, leaf) or leaf != self._tree.node(0, first + len(entries)):
                raise damaged("served", f"position {row.position} is not what was recorded")
            entries.append(entry_of(row))
            if len(entries) % BREATH == 0:
                time.sleep(0)
        if len(entries) != count:
            raise damaged("served", f"a position after {first + len(entries)} is missing")
        return bundle(entries)

    def entry(self, position: int) -> bytes:
        """Return the entry of an event, empty where no checkpoint covers it. As ``tile``."""
        with self._lock:
            return self._bundle(position - 1, 1)[2:] if 0 < position <= self.size else b""

    def proof(self, position: int, extra: bytes = b"") -> bytes:
        """Return the .tlog-proof of an event, under a witnessed checkpoint where one covers it.

        Raises NotSealed where no checkpoint covers it yet.
        """
        with self._lock:
            held = self.witnessed if 0 < position <= self.witnessed_size else self.latest
            if held is None or not 0 < position <= held.checkpoint.size:
                raise NotSealed(
                    "Not proved: no checkpoint covers this event.",
                    f"It is event {position}, and {self.size} are sealed.",
                    "Ask again in a second; an event is sealed soon after it is recorded.",
                )
            index = position - 1
            path = tuple(held.view.inclusion(index))
        return TlogProof(index, path, held.note, extra).packed

    def consistency(self, before: int, published: Published) -> list[bytes]:
        """Return the proof that a checkpoint goes on from the first ``before`` entries.

        Raises IndexError where it has fewer.
        """
        with self._lock:
            return published.view.consistency(before)

    def close(self) -> None:
        """Let go of the record."""
        with self._lock:
            self._source.close()


def _with(published: Published, signature: Signature, name: str) -> Published:
    """Return a checkpoint with one more cosignature, in place of an older one of that witness."""
    note = notes.parse(published.note)
    others = [one for one in note.signatures if one[:2] != signature[:2]]
    cosigners = {*published.cosigners, name}
    return published._replace(
        note=notes.Note(note.text, (*others, signature)).packed, cosigners=tuple(sorted(cosigners))
    )
