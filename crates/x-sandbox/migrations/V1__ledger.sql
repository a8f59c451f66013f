-- The sandbox's memory. Instants are Unix milliseconds.

CREATE TABLE account (
    id                INTEGER PRIMARY KEY,
    username          TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name              TEXT NOT NULL,
    verified_type     TEXT NOT NULL,
    subscription_type TEXT NOT NULL,
    standing          TEXT NOT NULL CHECK (standing IN ('good', 'locked', 'suspended')),
    created_at        INTEGER NOT NULL
) STRICT;

-- Access and refresh tokens, by their hash. A family is everything that came from one consent.
CREATE TABLE token (
    hash       TEXT PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('access', 'refresh')),
    account_id INTEGER NOT NULL REFERENCES account (id),
    client_id  TEXT NOT NULL,
    scope      TEXT NOT NULL,
    family     TEXT NOT NULL,
    issued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    spent_at   INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX token_by_family ON token (family);

CREATE TABLE authorization_code (
    hash             TEXT PRIMARY KEY,
    account_id       INTEGER NOT NULL REFERENCES account (id),
    client_id        TEXT NOT NULL,
    scope            TEXT NOT NULL,
    redirect_uri     TEXT NOT NULL,
    challenge        TEXT NOT NULL,
    challenge_method TEXT NOT NULL,
    expires_at       INTEGER NOT NULL,
    used_at          INTEGER
) STRICT;

-- The ledger: every request to create a post, written down before it is looked at.
CREATE TABLE create_request (
    id         INTEGER PRIMARY KEY,
    arrived_at INTEGER NOT NULL,
    account_id INTEGER REFERENCES account (id),
    text       TEXT,
    body       TEXT NOT NULL,
    body_hash  TEXT NOT NULL,
    -- arrived: not decided, the sandbox may have died over it.
    outcome    TEXT NOT NULL CHECK (outcome IN ('arrived', 'accepted', 'refused', 'failed', 'lost')),
    status     INTEGER,
    reason     TEXT,
    tweet_id   INTEGER UNIQUE,
    -- Whether the true answer was let out to the caller.
    answered   INTEGER NOT NULL DEFAULT 0 CHECK (answered IN (0, 1)),
    fault      TEXT,
    -- Whether it counts against the rate limits.
    counted    INTEGER NOT NULL DEFAULT 0 CHECK (counted IN (0, 1)),
    decided_at INTEGER
) STRICT;
CREATE INDEX create_request_by_arrival ON create_request (arrived_at);

CREATE TABLE tweet (
    id              INTEGER PRIMARY KEY,
    account_id      INTEGER NOT NULL REFERENCES account (id),
    text            TEXT NOT NULL,
    content_hash    TEXT NOT NULL,
    -- The handle that X puts before a reply to somebody else.
    lead            TEXT NOT NULL DEFAULT '',
    reply_to        INTEGER,
    reply_to_user   INTEGER,
    quote_of        INTEGER,
    conversation_id INTEGER NOT NULL,
    poll            TEXT,
    reply_settings  TEXT NOT NULL DEFAULT 'everyone',
    created_at      INTEGER NOT NULL,
    deleted_at      INTEGER
) STRICT;
CREATE INDEX tweet_by_account ON tweet (account_id, id);
CREATE INDEX tweet_by_content ON tweet (account_id, content_hash, created_at);

CREATE TABLE media (
    id           INTEGER PRIMARY KEY,
    account_id   INTEGER NOT NULL REFERENCES account (id),
    category     TEXT NOT NULL,
    media_type   TEXT NOT NULL,
    total_bytes  INTEGER NOT NULL,
    width        INTEGER,
    height       INTEGER,
    alt_text     TEXT,
    content      BLOB,
    finalized_at INTEGER,
    -- When processing ends; null when there is none.
    ready_at     INTEGER,
    -- Processing ends badly: the file is out of specification.
    failed       INTEGER NOT NULL DEFAULT 0 CHECK (failed IN (0, 1)),
    expires_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE tweet_media (
    tweet_id INTEGER NOT NULL REFERENCES tweet (id),
    position INTEGER NOT NULL,
    media_id INTEGER NOT NULL REFERENCES media (id),
    PRIMARY KEY (tweet_id, position)
) STRICT;

CREATE TABLE media_segment (
    media_id INTEGER NOT NULL REFERENCES media (id),
    idx      INTEGER NOT NULL,
    bytes    BLOB NOT NULL,
    PRIMARY KEY (media_id, idx)
) STRICT;
