-- What the person did: one row for each command, for each undo and for each redo. Rows are only added;
-- which changes are undone, and what can be done again, follows from them.
CREATE TABLE history_step (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    label       TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 40),
    -- The events that it appended, from the first to the last; none where it touched no post.
    first_event INTEGER,
    last_event  INTEGER CHECK (last_event >= first_event),
    posts       INTEGER NOT NULL DEFAULT 0 CHECK (posts >= 0),
    import_id   TEXT CHECK (length(import_id) = 36),
    -- The account or the relay that it is about.
    subject     TEXT CHECK (length(subject) BETWEEN 1 AND 1000),
    -- Settings or posting times, as they were and as they are.
    before      TEXT CHECK (before IS NULL OR json_valid(before)),
    after       TEXT CHECK (after IS NULL OR json_valid(after)),
    -- The change that an undo takes back, or a redo makes again.
    origin      INTEGER REFERENCES history_step (seq),
    CHECK ((first_event IS NULL) = (last_event IS NULL)),
    CHECK ((origin IS NULL) = (label NOT IN ('undo', 'redo')))
) STRICT;

CREATE INDEX history_by_origin ON history_step (origin, seq) WHERE origin IS NOT NULL;
CREATE INDEX history_changes ON history_step (seq) WHERE origin IS NULL;

CREATE TRIGGER history_step_is_never_changed BEFORE UPDATE ON history_step
BEGIN
    SELECT RAISE(ABORT, 'history_step is append-only');
END;

CREATE TRIGGER history_step_is_never_removed BEFORE DELETE ON history_step
BEGIN
    SELECT RAISE(ABORT, 'history_step is append-only');
END;
