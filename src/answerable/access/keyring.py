"""The keyring: the secrets of a centre, in one file of its own beside the record.

Hashes of passwords (argon2id), seeds of second factors (TOTP, RFC 6238), signing secrets of hooks,
and the open sessions, so that a restart signs nobody out. The record names by a random number which
secret counts; a keyring that is lost, old or of another centre therefore opens nothing, and the way
out is a new one-time link. Why a file of its own: docs/decisions/0012.

A call of ``check_password`` or ``keep_password`` takes a tenth of a second and 64 MiB: never on the
event loop. Every method may be called from any thread.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from answerable.access.passwords import normal
from answerable.kernel.store import StoreRefusal

KEYRING_FILE = "keyring.sqlite"
APPLICATION_ID = 0x416E734B
"""``AnsK`` in ASCII."""
FORMAT = 1
BUSY_S = 5.0
STEP_S = 30
DRIFT_STEPS = 0
"""How many steps a code counts early and late. None: a code lives for its own 30 seconds (OWASP
ASVS 6.5.5); a centre whose telephones are not on time allows one (``[accounts] code_drift``)."""
TABLES = (
    """CREATE TABLE passwords (credential TEXT PRIMARY KEY, account TEXT NOT NULL,
       hash TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE seeds (credential TEXT PRIMARY KEY, account TEXT NOT NULL, seed TEXT NOT NULL,
       last_step INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID""",
    """CREATE TABLE hooks (credential TEXT PRIMARY KEY, hook TEXT NOT NULL, secret TEXT NOT NULL)
       STRICT, WITHOUT ROWID""",
    """CREATE TABLE sessions (digest BLOB PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL,
       began_s REAL NOT NULL, seen_s REAL NOT NULL) STRICT, WITHOUT ROWID""",
)


class KeyringRefused(StoreRefusal):
    """The keyring does not open; its file is as it was."""


class KeptSession(NamedTuple):
    """A session as the keyring holds it. Times are seconds since 1970, UTC."""

    digest: bytes
    account: str
    name: str
    began_s: float
    seen_s: float


def new_credential() -> str:
    """Return a fresh number for a secret: 128 random bits, so that no two keyrings share one."""
    return secrets.token_hex(16)


class Keyring:
    """The secrets of one centre."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._db = connection
        self._lock = threading.Lock()
        self._hasher = PasswordHasher()
        self._nobody = ""
        self.drift_steps = DRIFT_STEPS

    @classmethod
    def open(cls, path: Path) -> Keyring:
        """Open a keyring, or make a new one readable by its owner only.

        Raises KeyringRefused with three sentences where the file cannot be used.
        """
        try:
            path.parent.mkdir(0o700, parents=True, exist_ok=True)
            _make_private(path)
            connection = sqlite3.connect(
                path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise _refused(path, f"The file cannot be used: {error}.") from error
        try:
            _prepare(connection, path)
        except sqlite3.Error as error:
            connection.close()
            raise _refused(path, f"It is damaged or no keyring: {error}.") from error
        except BaseException:
            connection.close()
            raise
        return cls(path, connection)

    @classmethod
    def in_memory(cls) -> Keyring:
        """Make a keyring that is gone with the process, beside a record in memory."""
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        _prepare(connection, Path(":memory:"))
        return cls(Path(":memory:"), connection)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    @contextlib.contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection in one transaction that is on the disk when this ends."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _one(self, sql: str, *values: object) -> tuple[object, ...] | None:
        with self._lock:
            row: tuple[object, ...] | None = self._db.execute(sql, values).fetchone()
        return row

    # -- passwords ---------------------------------------------------------------------------

    def keep_password(self, account: str, password: str) -> str:
        """Keep a new password of an account; returns its number. Slow."""
        credential, text = new_credential(), self._hasher.hash(normal(password))
        with self._write() as db:
            db.execute("INSERT INTO passwords VALUES (?, ?, ?)", (credential, account, text))
        return credential

    def check_password(self, account: str, credential: str, password: str) -> bool:
        """Say whether a password is the one of this number and account. Slow, known or not.

        A hash of older parameters is replaced once it has been met with the right password.
        """
        found = self._one(
            "SELECT hash FROM passwords WHERE credential = ? AND account = ?", credential, account
        )
        text = str(found[0]) if found else self._decoy()
        fits = self._verify(text, normal(password)) and found is not None
        if fits and self._hasher.check_needs_rehash(text):
            newer = self._hasher.hash(normal(password))
            with self._write() as db:
                db.execute(
                    "UPDATE passwords SET hash = ? WHERE credential = ?", (newer, credential)
                )
        return fits

    def _verify(self, text: str, password: str) -> bool:
        try:
            return self._hasher.verify(text, password)
        except (VerificationError, InvalidHashError):
            return False

    def _decoy(self) -> str:
        """Return a hash that no password fits, of the same cost as a real one."""
        if not self._nobody:
            self._nobody = self._hasher.hash(secrets.token_hex(32))
        return self._nobody

    # -- second factors ----------------------------------------------------------------------

    def keep_seed(self, account: str, seed: str, step: int = 0) -> str:
        """Keep the seed of a second factor; returns its number. ``step`` is the last one used."""
        credential = new_credential()
        with self._write() as db:
            db.execute("INSERT INTO seeds VALUES (?, ?, ?, ?)", (credential, account, seed, step))
        return credential

    def check_code(self, account: str, credential: str, code: str, at_s: float) -> bool:
        """Say whether a code is right now, and has not been used before; it is used up then."""
        with self._write() as db:
            found = db.execute(
                "SELECT seed, last_step FROM seeds WHERE credential = ? AND account = ?",
                (credential, account),
            ).fetchone()
            seed, last = found or (pyotp.random_base32(), 0)
            step = step_of(seed, code, at_s, self.drift_steps)
            if found is None or step is None or step <= last:
                return False
            db.execute("UPDATE seeds SET last_step = ? WHERE credential = ?", (step, credential))
            return True

    # -- hooks -------------------------------------------------------------------------------

    def keep_secret(self, hook: str, secret: str) -> str:
        """Keep the signing secret of a hook; returns its number."""
        credential = new_credential()
        with self._write() as db:
            db.execute("INSERT INTO hooks VALUES (?, ?, ?)", (credential, hook, secret))
        return credential

    def secret(self, credential: str) -> str | None:
        """Return the signing secret of this number, None where the keyring has none."""
        found = self._one("SELECT secret FROM hooks WHERE credential = ?", credential)
        return str(found[0]) if found else None

    # -- all of them -------------------------------------------------------------------------

    def missing(self, credentials: Iterable[str]) -> set[str]:
        """Return the numbers that stand for nothing here."""
        with self._lock:
            held = {
                row[0]
                for table in ("passwords", "seeds", "hooks")
                for row in self._db.execute(f"SELECT credential FROM {table}")  # noqa: S608
            }
        return set(credentials) - held

    def forget(self, *credentials: str) -> None:
        """Forget secrets that do not count any more; an unknown number is no error."""
        with self._write() as db:
            for table in ("passwords", "seeds", "hooks"):
                db.executemany(
                    f"DELETE FROM {table} WHERE credential = ?",  # noqa: S608 - our own names
                    [(one,) for one in credentials],
                )

    # -- sessions ----------------------------------------------------------------------------

    def sessions(self) -> list[KeptSession]:
        """Return every session that is kept."""
        with self._lock:
            rows = self._db.execute("SELECT * FROM sessions ORDER BY began_s").fetchall()
        return [KeptSession(*row) for row in rows]

    def keep_session(self, session: KeptSession) -> None:
        """Keep a session that has just begun."""
        with self._write() as db:
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", session)

    def touch_sessions(self, seen: Iterable[tuple[bytes, float]], ended: Collection[bytes]) -> None:
        """Note when sessions were last used, and forget those that have ended."""
        with self._write() as db:
            db.executemany(
                "UPDATE sessions SET seen_s = ? WHERE digest = ?",
                [(seen_s, digest) for digest, seen_s in seen],
            )
            db.executemany("DELETE FROM sessions WHERE digest = ?", [(one,) for one in ended])


def new_seed() -> str:
    """Return a fresh seed: 160 bits, base 32, as every authenticator takes it."""
    return pyotp.random_base32()


def seed_address(seed: str, account: str, centre: str) -> str:
    """Return what an authenticator reads from the picture: an ``otpauth://`` address."""
    return pyotp.TOTP(seed, interval=STEP_S).provisioning_uri(name=account, issuer_name=centre)


def step_of(seed: str, code: str, at_s: float, drift_steps: int = DRIFT_STEPS) -> int | None:
    """Return the time step for which a code is right, or None; every step is looked at."""
    totp, found = pyotp.TOTP(seed, interval=STEP_S), None
    now = int(at_s // STEP_S)
    given = code.encode()
    for step in range(now - drift_steps, now + drift_steps + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), given):
            found = step
    return found


def _make_private(path: Path) -> None:
    """See that there is a file that only its owner may read. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new keyring; refuse what is none. Raises KeyringRefused."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables and application != APPLICATION_ID:
        raise _refused(path, "The file is something else.")
    if version > FORMAT:
        raise KeyringRefused(
            f"Not started: the keyring {path} was not opened. A newer program made it. "
            "Start it with that program; the file was left as it is."
        )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA secure_delete = ON")
    if tables:
        connection.execute("SELECT count(*) FROM sessions").fetchone()
        return
    connection.execute("BEGIN IMMEDIATE")
    for statement in TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("COMMIT")


def _refused(path: Path, because: str) -> KeyringRefused:
    return KeyringRefused(
        f"Not started: the keyring {path} was not opened. {because} "
        "Put a copy of the right one there, or move it away: a new one is made, and everybody "
        "needs a new one-time link (answerable account invite NAME)."
    )
