-- The statements of the log: what its tiles are made of. Each begins with "-- name:".

-- name: leaves
SELECT group_concat(hex(leaf), '') FROM (
    SELECT leaf FROM events WHERE position > ? ORDER BY position LIMIT ?
);

-- name: rows
SELECT position, stream, kind, version, happened_at, recorded_at, actor, key, epoch, body, cut,
    veil, leaf
FROM events WHERE position > ? ORDER BY position LIMIT ?;
