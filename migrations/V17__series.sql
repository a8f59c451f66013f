-- A post that repeats by a rule. Its times are wall times, so that a time of day stays what it is when
-- clocks change; each of them becomes a post of its own, some time ahead.
CREATE TABLE series (
    seq          INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    account_id   TEXT REFERENCES account (x_user_id),
    -- As RFC 5545 writes it, in floating time.
    rule         TEXT NOT NULL CHECK (length(rule) BETWEEN 1 AND 1000),
    -- The wall time from which the rule holds.
    first        TEXT NOT NULL CHECK (length(first) BETWEEN 1 AND 40),
    zone         TEXT NOT NULL CHECK (length(zone) BETWEEN 1 AND 100),
    -- What its posts say, in turn.
    variants     TEXT NOT NULL CHECK (json_valid(variants)),
    tags         TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
    -- The wall times of the rule that are left out.
    skipped      TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(skipped)),
    -- The wall time up to which posts were made; what lies before is never made again.
    made_until   TEXT CHECK (length(made_until) BETWEEN 1 AND 40),
    next_variant INTEGER NOT NULL DEFAULT 0 CHECK (next_variant >= 0),
    -- When the next post is to be made; none when the rule has no more.
    make_next_at INTEGER,
    ended_at     INTEGER,
    -- Since when it is taken back as if it had never been made.
    removed_at   INTEGER,
    version      INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;

-- The wall time of the rule for which a post was made. It stays when the post gets another time.
ALTER TABLE scheduled_post ADD COLUMN series_id TEXT REFERENCES series (id);
ALTER TABLE scheduled_post ADD COLUMN occurrence TEXT
    CHECK (occurrence IS NULL OR (length(occurrence) BETWEEN 1 AND 40 AND series_id IS NOT NULL));

-- No occurrence is made twice, whatever else runs on the store.
CREATE UNIQUE INDEX post_by_series ON scheduled_post (series_id, occurrence)
    WHERE series_id IS NOT NULL AND deleted_at IS NULL;
