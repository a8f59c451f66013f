-- When a desktop last told until when everything is handed over.
ALTER TABLE relay ADD COLUMN covered_at INTEGER;
-- The day, in the zone of the alarms, of which posts that went out were told last.
ALTER TABLE relay ADD COLUMN posted_told TEXT;

-- Troubles that began, as they were said then, and when they were over.
CREATE TABLE alarm (
    id       INTEGER PRIMARY KEY,
    key      TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    line     TEXT    NOT NULL,
    began_at INTEGER NOT NULL,
    over_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX alarm_open ON alarm (key) WHERE over_at IS NULL;

-- What each channel was told of them.
CREATE TABLE alarm_told (
    alarm_id INTEGER NOT NULL REFERENCES alarm (id) ON DELETE CASCADE,
    channel  TEXT    NOT NULL,
    over     INTEGER NOT NULL CHECK (over IN (0, 1)),
    PRIMARY KEY (alarm_id, channel)
) STRICT, WITHOUT ROWID;

-- Failure callbacks of the scheduler: a delivery that it gave up, until its post is settled.
CREATE TABLE given_up (
    post_id TEXT    PRIMARY KEY,
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX post_parked ON post (updated_at) WHERE state = 'parked';
