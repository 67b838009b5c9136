"""The tokens by which a caller may answer once: kept as digests, and gone once they are used.

A token has 128 random bits and is told to nobody but the caller; what is kept is its SHA-256 digest
(of so many random bits no table can be made), the call it is for, and until when. A used token, one
that was replaced, that ran out or that never was are all the same: they are not there. One SQLite
file beside the record; without it every token is void and callers are telephoned.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
from pathlib import Path
from typing import NamedTuple

from answerable.record.private import make_private

LINKS_FILE = "links.sqlite"
APPLICATION_ID = 0x416E734C
"""``AnsL`` in ASCII."""
FORMAT = 1
TOKEN_BYTES = 16
TOKEN = re.compile(r"[A-Za-z0-9_\-]{22}")
"""How a token looks: 16 bytes in base64 for addresses."""
LINKS_MAX = 200_000
"""Tokens that may be open at one time."""
TABLE = """CREATE TABLE links (digest TEXT PRIMARY KEY, incident TEXT NOT NULL, call TEXT NOT NULL,
    lang TEXT NOT NULL, until_us INTEGER NOT NULL) STRICT, WITHOUT ROWID"""


class BadLinks(Exception):
    """The file of tokens cannot be used; three sentences say why and what to do."""


class Link(NamedTuple):
    """What a token is for: the call of an incident, in a language, until then (UTC us)."""

    incident: str
    call: str
    lang: str
    until_us: int


def digest_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Links:
    """The open tokens of a centre. One thread owns it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._busy: set[str] = set()

    @classmethod
    def open(cls, path: Path | None) -> Links:
        """Open the file or begin one; ``None`` keeps it in memory. Raises BadLinks."""
        try:
            if path is not None:
                make_private(path)
            connection = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=5)
            _prepare(connection)
        except (sqlite3.Error, OSError) as error:
            raise BadLinks(
                f"Not used: the tokens of callers in {path}. The file cannot be used ({error}). "
                "Move it away; callers who were sent one are telephoned."
            ) from error
        return cls(connection)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def mint(self, link: Link) -> str:
        """Return a new token for a call; an earlier one of that call is void from now on."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute("DELETE FROM links WHERE call = ?", (link.call,))
            self._db.execute("INSERT INTO links VALUES (?, ?, ?, ?, ?)", (digest_of(token), *link))
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        return token

    def find(self, token: str, now_us: int) -> Link | None:
        """Return what a token is for; None for one that is wrong, used, being used, or too old."""
        digest = digest_of(token)
        found = self._db.execute(
            "SELECT incident, call, lang, until_us FROM links WHERE digest = ? AND until_us > ?",
            (digest, now_us),
        ).fetchone()
        if found is None or digest in self._busy or not TOKEN.fullmatch(token):
            return None
        return Link(*found)

    def take(self, token: str, now_us: int) -> Link | None:
        """Return what a token is for and let nobody else use it, until ``used`` or ``leave``."""
        link = self.find(token, now_us)
        if link is not None:
            self._busy.add(digest_of(token))
        return link

    def leave(self, token: str) -> None:
        """Let a token that was taken be used after all: nothing came of it."""
        self._busy.discard(digest_of(token))

    def used(self, token: str) -> None:
        """Void a token."""
        digest = digest_of(token)
        self._db.execute("DELETE FROM links WHERE digest = ?", (digest,))
        self._busy.discard(digest)

    def forget(self, incident: str) -> None:
        """Void the tokens of an incident: its words are erased, or it is out of reach."""
        self._db.execute("DELETE FROM links WHERE incident = ?", (incident,))

    def settled(self, call: str) -> None:
        """Void the token of a call: its caller was asked in another way."""
        self._db.execute("DELETE FROM links WHERE call = ?", (call,))

    def sweep(self, now_us: int) -> None:
        """Remove what ran out."""
        self._db.execute("DELETE FROM links WHERE until_us <= ?", (now_us,))

    def count(self) -> int:
        """Return how many tokens are open."""
        return int(self._db.execute("SELECT count(*) FROM links").fetchone()[0])


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the table of a new file. Raises sqlite3.Error for a file that is another one."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    marked = connection.execute("PRAGMA application_id").fetchone()[0]
    if (marked, version) not in ((0, 0), (APPLICATION_ID, FORMAT)):
        raise sqlite3.DatabaseError("it is no file of this program")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # a used token must not come back
    connection.execute("PRAGMA secure_delete = ON")
    if version == 0:
        connection.execute(TABLE)
        connection.execute("CREATE INDEX links_of_call ON links (call)")
        connection.execute("CREATE INDEX links_of_incident ON links (incident)")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
