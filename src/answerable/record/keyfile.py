"""The file of the vault's keys: ``vault.db`` beside the record, for its owner only.

Keys are made in batches and are on the disk before the first of them seals anything, so no command
ever waits for this file. A key's number is never given twice: what an opening was offered is noted
here before it is used, so that neither a crash nor an older record put back can use it again.

A destroyed key leaves no bytes in any file: its cell is overwritten (``secure_delete``), and the
journal, which held the page as it was, is overwritten with zeros before it is cut.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import sqlite3
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from answerable.record.private import make_private
from answerable.record.refusals import VaultLost, VaultRefused
from answerable.record.statements import load

KEY_BYTES = 32
IDENTITY_BYTES = 16
CHECK_BYTES = 8
BATCH = 1024
"""Keys made together."""
LOW = BATCH // 2
"""Keys left at which the next batch is begun."""
BUSY_S = 5.0
APPLICATION_ID = 0x41566C74
"""``AVlt`` in ASCII."""
FORMAT = 1
SQL = load("vault")
CREATE = tuple(text for name, text in SQL.items() if name.startswith("create_"))
PRAGMAS = ("journal_mode = PERSIST", "synchronous = EXTRA", "secure_delete = ON",
           "trusted_schema = OFF", "cell_size_check = ON", "temp_store = MEMORY")  # fmt: skip

log = logging.getLogger("answerable.record")


class Key(NamedTuple):
    """A key and its number."""

    number: int
    secret: bytes


class Standing(NamedTuple):
    """What the file says of itself.

    ``offered``: the highest number that was ever given out. ``carried``: the number of the last
    erasure that was carried out in this very file.
    """

    identity: bytes
    offered: int
    carried: int


def vault_of(record: Path) -> Path:
    """Return where the keys of a record lie: ``vault.db`` beside ``record.sqlite``."""
    name = "vault.db" if record.stem == "record" else f"{record.stem}.vault.db"
    return record.with_name(name)


def journal_of(path: Path) -> Path:
    """Return the journal of a file of keys."""
    return path.with_name(path.name + "-journal")


def check_of(number: int, secret: bytes) -> bytes:
    """Return the bytes by which damage to a key is told; they tell nothing of a random key."""
    return hashlib.sha256(b"%d\0%b" % (number, secret)).digest()[:CHECK_BYTES]


class KeyFile:
    """The keys of one record: given out one after the other, looked up, destroyed."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.identity = b""
        self.held = 0
        self._db = connection
        self._lock = threading.Lock()
        self._ready: deque[Key] = deque()
        self._made = 0
        self._given = 0
        self._to_scrub = False
        self._making: threading.Thread | None = None

    # -- opening -----------------------------------------------------------------------------

    @classmethod
    def open(cls, path: Path, identity: bytes, used: int, *, in_use: bool) -> KeyFile:
        """Open the keys of a record; ``used`` is the highest number it has.

        ``in_use`` says that values lie sealed in the record: without the file they are lost, so a
        new one is begun only where an empty file was put there on purpose. An empty ``identity``
        takes the one of the file. Raises VaultLost or VaultRefused.
        """
        if in_use and not path.exists():
            raise lost(path)
        try:
            make_private(path)
            connection = sqlite3.connect(
                path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise refused(path, f"The file cannot be used: {error}.") from error
        try:
            file = cls(path, connection)
            file._begin(identity, used)
        except sqlite3.Error as error:
            connection.close()
            raise refused(path, f"It is damaged, or no file of keys: {error}.") from error
        except BaseException:
            connection.close()
            raise
        return file

    def _begin(self, identity: bytes, used: int) -> None:
        """Make the tables of a new file, check the ones of an old, and take up what is ready."""
        new = _look(self._db, self.path)
        for pragma in PRAGMAS:
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("BEGIN IMMEDIATE")
        if new:
            self._make_tables(identity or secrets.token_bytes(IDENTITY_BYTES))
        standing = self.standing()
        if identity and standing.identity != identity:
            self._db.execute("ROLLBACK")
            raise refused(self.path, "It holds the keys of another record.")
        self.identity = standing.identity
        self.held = self._db.execute(SQL["last_key"]).fetchone()[0] or 0
        self._given = max(standing.offered, used)
        self._made = max(self.held, self._given)
        self._ready.extend(self._after(self._given))
        if len(self._ready) <= LOW:
            self._ready.extend(self._add(BATCH - len(self._ready)))
        self._db.execute(SQL["offer"], (self._made,))
        self._db.execute("COMMIT")
        self._scrub()

    def _make_tables(self, identity: bytes) -> None:
        for statement in CREATE:
            self._db.execute(statement)
        self._db.execute(SQL["add_standing"], (identity,))
        self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version = {FORMAT}")

    def standing(self) -> Standing:
        """Return what the file says of itself. Raises VaultRefused where that is damaged."""
        found = self._db.execute(SQL["standing"]).fetchone()
        if found is None or len(found[0]) != IDENTITY_BYTES:
            raise refused(self.path, "It does not say whose keys it holds.")
        return Standing(*found)

    def _after(self, number: int) -> Iterator[Key]:
        """Yield whole keys with a number above this one; a damaged one is passed over."""
        for found, secret, check in self._db.execute(SQL["keys_after"], (number,)):
            if check_of(found, secret) == check:
                yield Key(found, secret)

    # -- making and giving -------------------------------------------------------------------

    def _add(self, count: int) -> list[Key]:
        """Make keys inside the transaction that is open."""
        first, pool = self._made + 1, secrets.token_bytes(count * KEY_BYTES)
        made = [
            Key(first + n, pool[n * KEY_BYTES : (n + 1) * KEY_BYTES]) for n in range(count)
        ]  # fmt: skip
        checks = b"".join(check_of(*key) for key in made)
        # One statement: while it runs, the thread that records has the interpreter to itself.
        self._db.execute(SQL["add_keys"], (first, first + count - 1, pool, checks))
        self._made += count
        return made

    def _make(self) -> None:
        """Make a batch; its keys can be taken once they are on the disk."""
        try:
            with self._lock:
                self._db.execute("BEGIN IMMEDIATE")
                made_before = self._made
                try:
                    made = self._add(BATCH)
                    self._db.execute(SQL["offer"], (self._made,))
                    self._db.execute("COMMIT")
                except BaseException:
                    self._made = made_before
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
                self._ready.extend(made)
        except sqlite3.Error as error:
            log.error("no keys were made for sealed words: %s", error)

    def take(self) -> Key:
        """Give out the next key; the batch after it is made meanwhile. Raises VaultRefused."""
        if len(self._ready) <= LOW and (self._making is None or not self._making.is_alive()):
            self._making = threading.Thread(target=self._make, name="vault keys", daemon=True)
            self._making.start()
        if not self._ready and self._making is not None:
            self._making.join()
        if not self._ready:
            raise refused(self.path, "No further key could be made; the log says why.")
        key = self._ready.popleft()
        self._given = key.number
        return key

    # -- looking up and destroying -----------------------------------------------------------

    def get(self, number: int) -> bytes | None:
        """Return a key, None where it is not here. Raises VaultRefused for a damaged one."""
        try:
            with self._lock:
                found = self._db.execute(SQL["key"], (number,)).fetchone()
            if found is None:
                return None
            secret, check = found
            whole = check_of(number, secret) == check
        except (sqlite3.DatabaseError, TypeError) as error:
            raise refused(self.path, f"Key {number} cannot be read: {error}.") from error
        if not whole:
            raise refused(self.path, f"Key {number} is damaged.")
        return bytes(secret)

    def carried(self) -> int:
        """Return the number of the last erasure that was carried out in this file.

        None is while the journal may hold what it destroyed: that goes first. Raises OSError.
        """
        with self._lock:
            if self._to_scrub:
                self._scrub()
                self._to_scrub = False
            return self.standing().carried

    def destroy(self, numbers: Iterable[int], by: int) -> int:
        """Destroy keys for the record's erasure number ``by``; returns how many there were.

        When this returns the bytes are in none of the vault's files.
        """
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            self._to_scrub = True
            try:
                before = self._db.total_changes
                self._db.executemany(SQL["drop_key"], [(number,) for number in numbers])
                dropped = self._db.total_changes - before
                self._db.execute(SQL["carry"], (by,))
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._scrub()
            self._to_scrub = False
        return dropped

    def _scrub(self) -> None:
        """Overwrite what the journal still holds of pages as they were, then cut it."""
        journal = journal_of(self.path)
        try:
            with open(journal, "r+b") as file:
                length = file.seek(0, os.SEEK_END)
                file.seek(0)
                file.write(bytes(length))
                file.flush()
                os.fsync(file.fileno())
                file.truncate(0)
                os.fsync(file.fileno())
        except FileNotFoundError:
            return

    def close(self) -> None:
        """Let go of the file; the numbers that were not given out can be given out next time."""
        if self._making is not None:
            self._making.join()
        with self._lock:
            try:
                self._db.execute(SQL["offer_down"], (self._given,))
                self._scrub()
            except (sqlite3.Error, OSError) as error:  # closed already, or the disk fails
                log.debug("the vault was closed as it stood: %s", error)
            self._db.close()


class HeapKeys:
    """Keys without a file: for imagined disks and tests. They last as long as the object."""

    path = Path("vault.db")

    def __init__(self, identity: bytes = bytes(IDENTITY_BYTES)) -> None:
        self.identity = identity
        self.held = 0
        self._secrets: dict[int, bytes] = {}
        self._carried = 0

    def take(self) -> Key:
        """Make the next key and give it out."""
        self.held += 1
        secret = self._secrets[self.held] = secrets.token_bytes(KEY_BYTES)
        return Key(self.held, secret)

    def get(self, number: int) -> bytes | None:
        """Return a key, None where it is not here."""
        return self._secrets.get(number)

    def carried(self) -> int:
        """Return the number of the last erasure that was carried out here."""
        return self._carried

    def destroy(self, numbers: Iterable[int], by: int) -> int:
        """Destroy keys for erasure number ``by``; returns how many there were."""
        self._carried = max(self._carried, by)
        return sum(self._secrets.pop(number, None) is not None for number in numbers)

    def close(self) -> None:
        """Nothing to let go of."""


def _look(connection: sqlite3.Connection, path: Path) -> bool:
    """Say whether the file is still empty. Raises VaultRefused for what is something else."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute(SQL["tables"]).fetchone()[0]
    if tables == 0 and application == 0:
        return True
    if application != APPLICATION_ID:
        raise refused(path, "The file is something else.")
    if version != FORMAT:
        raise refused(path, f"Its format is {version}; this program knows {FORMAT}.")
    return False


def lost(path: Path) -> VaultLost:
    """Return the refusal of a record whose keys are not there."""
    return VaultLost(
        f"The record beside {path} was not opened.",
        "The file with the keys of its sealed words is not there.",
        f"Put its newest copy back. If there is none, make an empty file there (touch {path}): "
        "the record opens, and what lies sealed in it stays closed for good.",
    )


def refused(path: Path, because: str) -> VaultRefused:
    """Return the refusal of a file of keys that cannot be used."""
    return VaultRefused(
        f"The keys {path} were not opened.",
        because,
        "Put the newest copy of the right file there and keep this one.",
    )
