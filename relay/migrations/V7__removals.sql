-- A post that is deleted on X again: each call is written down before its first byte leaves. Deleting
-- twice is harmless, so that a call without a known outcome is simply made again.
CREATE TABLE removal (
    post_id  TEXT    NOT NULL REFERENCES post (post_id),
    part     INTEGER NOT NULL,
    tweet_id TEXT    NOT NULL,
    account  TEXT    NOT NULL,
    begun_at INTEGER NOT NULL,
    -- Since X said that it is gone.
    gone_at  INTEGER,
    PRIMARY KEY (post_id, part)
) STRICT;
