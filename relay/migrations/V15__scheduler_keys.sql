-- The signing keys of the QStash account whose token a computer has, sealed with the key file: the
-- computer asked QStash for them and sends them again when they were rotated.
CREATE TABLE scheduler_keys (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    sealed  BLOB    NOT NULL,
    -- The computer's name.
    sent_by TEXT    NOT NULL,
    sent_at INTEGER NOT NULL
) STRICT;
