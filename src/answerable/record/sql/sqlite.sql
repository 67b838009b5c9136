-- The statements of the SQLite store. Each begins with "-- name:", which the program looks up.

-- name: create_meta
CREATE TABLE meta (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL
) STRICT;

-- name: create_meta_row
INSERT INTO meta (one, epoch) VALUES (1, 0);

-- name: create_events
CREATE TABLE events (
    position    INTEGER PRIMARY KEY,
    room        TEXT GENERATED ALWAYS AS (substr(kind, 1, instr(kind, '.') - 1)) VIRTUAL,
    stream      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    happened_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    actor       TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    epoch       INTEGER NOT NULL,
    body        BLOB    NOT NULL,
    cut         INTEGER NOT NULL,
    veil        BLOB    NOT NULL,
    leaf        BLOB    NOT NULL
) STRICT;

-- name: create_events_stream
CREATE INDEX events_stream ON events (stream);

-- name: create_events_key
CREATE INDEX events_key ON events (key);

-- name: create_heads
CREATE TABLE heads (
    size  INTEGER PRIMARY KEY,
    root  BLOB NOT NULL,
    peaks BLOB
) STRICT;

-- name: create_sealed
CREATE TABLE sealed (
    position INTEGER NOT NULL,
    field    TEXT    NOT NULL,
    key      INTEGER NOT NULL,
    nonce    BLOB    NOT NULL,
    box      BLOB    NOT NULL,
    PRIMARY KEY (position, field)
) STRICT, WITHOUT ROWID;

-- name: create_vault
CREATE TABLE vault (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    identity BLOB    NOT NULL
) STRICT;

-- name: create_sealed_keys
CREATE TABLE sealed_keys (
    key       INTEGER PRIMARY KEY,
    stream    TEXT    NOT NULL,
    destroyed INTEGER,
    erasure   INTEGER
) STRICT;

-- name: create_sealed_keys_stream
CREATE INDEX sealed_keys_stream ON sealed_keys (stream) WHERE destroyed IS NULL;

-- name: create_sealed_keys_erasure
CREATE INDEX sealed_keys_erasure ON sealed_keys (erasure) WHERE erasure IS NOT NULL;

-- name: create_snapshots
CREATE TABLE snapshots (
    id          INTEGER PRIMARY KEY,
    fingerprint TEXT    NOT NULL,
    position    INTEGER NOT NULL,
    coding      TEXT    NOT NULL,
    checksum    BLOB    NOT NULL,
    body        BLOB    NOT NULL
) STRICT;

-- name: create_aside
CREATE TABLE IF NOT EXISTS aside (
    fingerprint TEXT    NOT NULL,
    stream      TEXT    NOT NULL,
    position    INTEGER NOT NULL,
    checksum    BLOB    NOT NULL,
    body        BLOB    NOT NULL,
    PRIMARY KEY (fingerprint, stream, position)
) STRICT, WITHOUT ROWID;

-- name: tables
SELECT count(*) FROM sqlite_schema;

-- name: strange
SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index');

-- name: epoch
SELECT epoch FROM meta WHERE one = 1;

-- name: next_epoch
UPDATE meta SET epoch = epoch + 1 WHERE one = 1 RETURNING epoch;

-- name: tip
SELECT (SELECT epoch FROM meta WHERE one = 1), (SELECT max(size) FROM heads);

-- name: last_head
SELECT size, root FROM heads ORDER BY size DESC LIMIT 1;

-- name: head_at
SELECT root FROM heads WHERE size = ?;

-- name: last_peaks
SELECT size, peaks FROM heads WHERE peaks IS NOT NULL ORDER BY size DESC LIMIT 1;

-- name: last_position
SELECT max(position) FROM events;

-- name: last_event
SELECT epoch, recorded_at FROM events ORDER BY position DESC LIMIT 1;

-- name: add_event
INSERT INTO events (
    position, stream, kind, version, happened_at, recorded_at, actor, key, epoch, body, cut,
    veil, leaf
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: add_sealed
INSERT INTO sealed (position, field, key, nonce, box) VALUES (?, ?, ?, ?, ?);

-- name: add_sealed_key
INSERT INTO sealed_keys (key, stream) VALUES (?, ?);

-- name: vault_identity
SELECT identity FROM vault WHERE one = 1;

-- name: set_vault_identity
INSERT OR REPLACE INTO vault (one, identity) VALUES (1, ?);

-- name: last_sealed_key
SELECT max(key) FROM sealed_keys;

-- name: any_sealed_key
SELECT 1 FROM sealed_keys WHERE destroyed IS NULL LIMIT 1;

-- name: key_of_stream
SELECT max(key) FROM sealed_keys WHERE stream = ? AND destroyed IS NULL;

-- name: keys_of_stream
SELECT key FROM sealed_keys WHERE stream = ? AND destroyed IS NULL;

-- name: keys_above
SELECT key, stream FROM sealed_keys WHERE key > ? AND destroyed IS NULL ORDER BY key;

-- name: all_sealed_keys
SELECT key, stream, destroyed FROM sealed_keys ORDER BY key;

-- name: keys_destroyed_after
SELECT key, erasure FROM sealed_keys WHERE erasure > ?;

-- name: order_at
SELECT kind, body FROM events WHERE position = ?;

-- name: last_erasure
SELECT max(erasure) FROM sealed_keys WHERE erasure IS NOT NULL;

-- name: was_destroyed
SELECT 1 FROM sealed_keys WHERE key = ? AND destroyed IS NOT NULL;

-- name: mark_destroyed
UPDATE sealed_keys SET destroyed = ?, erasure = ? WHERE key = ?;

-- name: sealed_of_stream
SELECT s.position, s.field, s.key, s.nonce, s.box FROM events AS e
JOIN sealed AS s ON s.position = e.position WHERE e.stream = ?;

-- name: drop_sealed
DELETE FROM sealed WHERE position = ? AND field = ?;

-- name: add_head
INSERT INTO heads (size, root, peaks) VALUES (?, ?, ?);

-- name: rows
SELECT position, stream, kind, version, happened_at, recorded_at, actor, key, epoch, body, cut,
    veil, leaf
FROM events WHERE position > ? ORDER BY position LIMIT ?;

-- name: stream
SELECT position, stream, kind, version, happened_at, recorded_at, actor, key, epoch, body, cut,
    veil, leaf
FROM events WHERE stream = ? AND position > ? ORDER BY position LIMIT ?;

-- name: with_key
SELECT position, stream, kind, version, happened_at, recorded_at, actor, key, epoch, body, cut,
    veil, leaf
FROM events WHERE key = ? ORDER BY position;

-- name: unseal
SELECT position, field, key, nonce, box FROM sealed WHERE position = ? AND field = ?;

-- name: add_snapshot
INSERT INTO snapshots (fingerprint, position, coding, checksum, body) VALUES (?, ?, ?, ?, ?);

-- name: drop_old_snapshots
DELETE FROM snapshots WHERE id NOT IN (SELECT id FROM snapshots ORDER BY id DESC LIMIT ?);

-- name: snapshots
SELECT fingerprint, position, coding, checksum, body
FROM snapshots WHERE fingerprint = ? ORDER BY id DESC;

-- name: all_snapshots
SELECT fingerprint, position, coding, checksum, body FROM snapshots ORDER BY position, id;

-- name: all_heads
SELECT size, root, peaks FROM heads ORDER BY size;

-- name: all_sealed
SELECT position, field, key, nonce, box FROM sealed ORDER BY position;

-- name: add_aside
INSERT OR REPLACE INTO aside (fingerprint, stream, position, checksum, body)
VALUES (?, ?, ?, ?, ?);

-- name: drop_strange_aside
DELETE FROM aside WHERE fingerprint <> ?;

-- name: laid_aside
SELECT checksum, body, position FROM aside
WHERE fingerprint = ? AND stream = ? AND position <= ? ORDER BY position DESC LIMIT 1;

-- name: has_any_aside
SELECT 1 FROM aside WHERE fingerprint = ? LIMIT 1;

-- name: aside_after
SELECT stream, position FROM aside WHERE fingerprint = ? AND position > ?;

-- name: drop_aside
DELETE FROM aside WHERE fingerprint = ? AND stream = ? AND position = ?;

-- name: aside_table
SELECT 1 FROM sqlite_schema WHERE name = 'aside';

-- name: all_aside
SELECT fingerprint, stream, position, checksum, body FROM aside;
