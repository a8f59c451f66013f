-- A schedule makes a message whenever its cron pattern says so.
CREATE TABLE schedule (
    id            TEXT NOT NULL PRIMARY KEY,
    -- As it was given, time zone included.
    cron          TEXT NOT NULL,
    -- What each message asks for, as in message; its url may name a URL group.
    spec          TEXT NOT NULL,
    body          BLOB NOT NULL,
    -- How long after its time a message is delivered.
    delay_seconds INTEGER NOT NULL,
    paused        INTEGER NOT NULL CHECK (paused IN (0, 1)),
    created_at    INTEGER NOT NULL,
    -- Absent while paused.
    next_at       INTEGER,
    -- When it last made messages: their created_at.
    last_at       INTEGER,
    -- Why it could not the last time.
    error         TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX schedule_next ON schedule (next_at) WHERE next_at IS NOT NULL;

CREATE INDEX message_schedule ON message (schedule_id, created_at)
    WHERE schedule_id IS NOT NULL;
