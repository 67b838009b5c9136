-- The statements of the file of keys. Each begins with "-- name:", which the program looks up.

-- name: create_standing
CREATE TABLE standing (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    identity BLOB    NOT NULL,
    offered  INTEGER NOT NULL,
    carried  INTEGER NOT NULL
) STRICT;

-- name: create_keys
CREATE TABLE keys (
    number INTEGER PRIMARY KEY,
    secret BLOB NOT NULL,
    check_ BLOB NOT NULL
) STRICT;

-- name: tables
SELECT count(*) FROM sqlite_schema;

-- name: add_standing
INSERT INTO standing (one, identity, offered, carried) VALUES (1, ?, 0, 0);

-- name: standing
SELECT identity, offered, carried FROM standing WHERE one = 1;

-- name: offer
UPDATE standing SET offered = max(offered, ?) WHERE one = 1;

-- name: offer_down
UPDATE standing SET offered = ? WHERE one = 1;

-- name: carry
UPDATE standing SET carried = max(carried, ?) WHERE one = 1;

-- name: add_keys
INSERT INTO keys (number, secret, check_)
WITH RECURSIVE made (number) AS (
    SELECT ?1 UNION ALL SELECT number + 1 FROM made WHERE number < ?2
)
SELECT number, substr(?3, 32 * (number - ?1) + 1, 32),
       substr(?4, 8 * (number - ?1) + 1, 8)
FROM made;

-- name: last_key
SELECT max(number) FROM keys;

-- name: keys_after
SELECT number, secret, check_ FROM keys WHERE number > ? ORDER BY number;

-- name: all_keys
SELECT number, secret, check_ FROM keys ORDER BY number;

-- name: key
SELECT secret, check_ FROM keys WHERE number = ?;

-- name: drop_key
DELETE FROM keys WHERE number = ?;
