-- The relay's ledger. Instants are Unix milliseconds, UTC. One process writes.

-- The relay itself: one row.
CREATE TABLE relay (
    one           INTEGER PRIMARY KEY CHECK (one = 1),
    epoch         TEXT    NOT NULL,
    epoch_born_at INTEGER NOT NULL,
    paused        INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    heartbeat_at  INTEGER NOT NULL,
    -- The last stretch in which nobody watched; posts due in it are looked for before their call.
    gap_from      INTEGER,
    gap_to        INTEGER,
    -- Events up to here were pruned.
    pruned_to     INTEGER NOT NULL DEFAULT 0,
    covered_until INTEGER,
    posts_beyond  INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Devices that may speak to the relay. Keys are kept as SHA-256.
CREATE TABLE device (
    name     TEXT    PRIMARY KEY,
    key_hash BLOB    NOT NULL UNIQUE,
    added_at INTEGER NOT NULL
) STRICT;

-- Desktop stores, and the one device that feeds the relay from each.
CREATE TABLE desk (
    store_id       TEXT    PRIMARY KEY,
    device         TEXT    NOT NULL,
    -- The epoch whose manifest is complete; until it is the relay's, nothing of the store goes out.
    manifest_epoch TEXT,
    seen_at        INTEGER NOT NULL
) STRICT;

-- OAuth clients: what X refuses to an app as a whole is kept here.
CREATE TABLE app (
    client_id  TEXT    PRIMARY KEY,
    hold_until INTEGER,
    hold_code  TEXT,
    hold_message TEXT
) STRICT;

CREATE TABLE account (
    x_user_id         TEXT    PRIMARY KEY,
    username          TEXT    NOT NULL,
    name              TEXT    NOT NULL,
    subscription_type TEXT,
    client_id         TEXT    NOT NULL,
    health            TEXT    NOT NULL CHECK (health IN ('connected', 'disconnected', 'suspended')),
    message           TEXT,
    -- When X last said whose grant this is; nothing goes out before it did.
    proven_at         INTEGER,
    tried_at          INTEGER,
    hold_until        INTEGER,
    hold_code         TEXT,
    hold_message      TEXT,
    -- The sealed grant; NULL once it was forgotten. Each change takes the next version.
    grant_sealed      BLOB,
    grant_version     INTEGER NOT NULL DEFAULT 0,
    expires_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL
) STRICT;

-- One row per post, over all its revisions: the one outcome.
CREATE TABLE post (
    post_id    TEXT    PRIMARY KEY,
    revision   INTEGER NOT NULL,
    store_id   TEXT,
    account    TEXT,
    state      TEXT    NOT NULL CHECK (state IN ('staged', 'claimed', 'waiting', 'sending',
                   'unknown', 'posted', 'partial', 'refused', 'parked', 'withdrawn', 'expired')),
    body_hash  BLOB,
    parts      INTEGER NOT NULL DEFAULT 0,
    live       INTEGER NOT NULL DEFAULT 0,
    due_at     INTEGER,
    not_after  INTEGER,
    -- When the publisher looks at it again; NULL waits for an event (resume, new grant, manifest).
    next_at    INTEGER,
    code       TEXT,
    message    TEXT,
    attempts   INTEGER NOT NULL DEFAULT 0,
    looks      INTEGER NOT NULL DEFAULT 0,
    look_first INTEGER NOT NULL DEFAULT 0 CHECK (look_first IN (0, 1)),
    claimed_by TEXT    CHECK (claimed_by IN ('delivery', 'backstop', 'person')),
    claimed_at INTEGER,
    tweet_id   TEXT,
    posted_at  INTEGER,
    decided_at INTEGER,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX post_in_hand ON post (account, next_at)
    WHERE state IN ('claimed', 'waiting', 'unknown');
CREATE INDEX post_next ON post (next_at) WHERE state IN ('claimed', 'waiting', 'unknown');
CREATE INDEX post_due ON post (due_at) WHERE state IN ('staged', 'claimed', 'waiting');
CREATE INDEX post_deadline ON post (not_after) WHERE state IN ('staged', 'claimed', 'waiting');
CREATE INDEX post_sending ON post (post_id) WHERE state = 'sending';
CREATE INDEX post_decided ON post (decided_at) WHERE body_hash IS NOT NULL;

-- The texts of the newest revision; removed some time after the decision.
CREATE TABLE part (
    post_id TEXT    NOT NULL REFERENCES post (post_id),
    part    INTEGER NOT NULL,
    text    TEXT    NOT NULL,
    PRIMARY KEY (post_id, part)
) STRICT, WITHOUT ROWID;

-- Calls to X, each written down before its first byte leaves. A row without an outcome, or with
-- an unknown one, fences its part: nobody may call again.
CREATE TABLE intent (
    post_id    TEXT    NOT NULL REFERENCES post (post_id),
    revision   INTEGER NOT NULL,
    part       INTEGER NOT NULL,
    step       TEXT    NOT NULL CHECK (step IN ('create')),
    attempt    INTEGER NOT NULL,
    account    TEXT    NOT NULL,
    text_hash  BLOB    NOT NULL,
    since_id   TEXT,
    reply_to   TEXT,
    started_at INTEGER NOT NULL,
    outcome    TEXT    CHECK (outcome IN ('created', 'definite', 'unknown', 'found', 'overruled')),
    detail     TEXT,
    ended_at   INTEGER,
    PRIMARY KEY (post_id, revision, part, step, attempt)
) STRICT;

CREATE INDEX intent_open ON intent (post_id, part)
    WHERE outcome IS NULL OR outcome = 'unknown';
CREATE INDEX intent_recent ON intent (started_at, account);

-- What is on X. A tweet belongs to one part of one post.
CREATE TABLE live_part (
    post_id  TEXT    NOT NULL REFERENCES post (post_id),
    part     INTEGER NOT NULL,
    tweet_id TEXT    NOT NULL UNIQUE,
    account  TEXT,
    at       INTEGER NOT NULL,
    PRIMARY KEY (post_id, part)
) STRICT;

CREATE INDEX live_part_newest ON live_part (account, CAST(tweet_id AS INTEGER));

-- The feed. AUTOINCREMENT: a sequence number is never given twice, pruned or not.
CREATE TABLE event (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT,
    at   INTEGER NOT NULL,
    body TEXT    NOT NULL
) STRICT;

-- Signed deliveries that could never parse, for whoever looks after the relay.
CREATE TABLE quarantine (
    body_hash BLOB    PRIMARY KEY,
    at        INTEGER NOT NULL,
    reason    TEXT    NOT NULL,
    excerpt   TEXT    NOT NULL,
    times     INTEGER NOT NULL DEFAULT 1
) STRICT;
