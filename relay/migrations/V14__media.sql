-- Since when each file of media is here whole, or was named by a stage last. The files themselves are
-- beside the ledger.
CREATE TABLE media_file (
    sha256  TEXT    PRIMARY KEY,
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What X was given of them: one upload for an account, a file and its description.
CREATE TABLE media_upload (
    account    TEXT    NOT NULL,
    sha256     TEXT    NOT NULL,
    -- '' where there is none.
    alt_text   TEXT    NOT NULL,
    -- X's id, once X has every byte; until when it may be used.
    x_media_id TEXT,
    expires_at INTEGER,
    -- X has processed it; X has the description.
    processed  INTEGER NOT NULL DEFAULT 0 CHECK (processed IN (0, 1)),
    described  INTEGER NOT NULL DEFAULT 0 CHECK (described IN (0, 1)),
    -- Failures in a row, and the last one: when to try again, and what is told of it.
    failures   INTEGER NOT NULL DEFAULT 0,
    retry_at   INTEGER,
    code       TEXT,
    message    TEXT,
    PRIMARY KEY (account, sha256, alt_text)
) STRICT, WITHOUT ROWID;

-- Parts with media are found without reading what the others have beside their text.
ALTER TABLE part ADD COLUMN has_media INTEGER NOT NULL DEFAULT 0 CHECK (has_media IN (0, 1));
CREATE INDEX part_with_media ON part (post_id) WHERE has_media = 1;
