-- A message stays here after its end, so that the log can tell of it, until retention removes it.
-- Instants are Unix milliseconds. What is in flight is known to the running process alone:
-- whatever is 'live' when a process starts is tried (again).
CREATE TABLE message (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT NOT NULL UNIQUE,
    state         TEXT NOT NULL
                  CHECK (state IN ('live', 'canceling', 'delivered', 'failed', 'canceled')),
    due_at        INTEGER NOT NULL,
    not_before    INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    finished_at   INTEGER,
    retried       INTEGER NOT NULL DEFAULT 0,
    -- What filters ask for; the rest of the message is in spec, as JSON.
    url           TEXT NOT NULL,
    host          TEXT NOT NULL,
    path          TEXT NOT NULL,
    caller_ip     TEXT NOT NULL,
    topic_name    TEXT,
    endpoint_name TEXT,
    queue_name    TEXT,
    schedule_id   TEXT,
    flow_key      TEXT,
    spec          TEXT NOT NULL,
    body          BLOB NOT NULL
) STRICT;

CREATE INDEX message_live ON message (due_at, seq) WHERE state = 'live';
CREATE INDEX message_canceling ON message (seq) WHERE state = 'canceling';
CREATE INDEX message_finished ON message (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE message_label (
    label       TEXT NOT NULL,
    message_seq INTEGER NOT NULL REFERENCES message (seq) ON DELETE CASCADE,
    PRIMARY KEY (label, message_seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_label_message ON message_label (message_seq);

CREATE TABLE event (
    seq                INTEGER PRIMARY KEY AUTOINCREMENT,
    message_seq        INTEGER NOT NULL REFERENCES message (seq) ON DELETE CASCADE,
    time               INTEGER NOT NULL,
    state              TEXT NOT NULL,
    next_delivery_time INTEGER,
    response_status    INTEGER,
    response_headers   TEXT,
    response_body      BLOB,
    error              TEXT
) STRICT;

CREATE INDEX event_message ON event (message_seq);

CREATE TABLE dead_letter (
    seq              INTEGER PRIMARY KEY AUTOINCREMENT,
    dlq_id           TEXT NOT NULL UNIQUE,
    message_seq      INTEGER NOT NULL UNIQUE REFERENCES message (seq) ON DELETE CASCADE,
    time             INTEGER NOT NULL,
    response_status  INTEGER NOT NULL,
    response_headers TEXT NOT NULL,
    response_body    BLOB NOT NULL
) STRICT;

-- Which message a deduplication id, or a content's hash, belongs to until when.
CREATE TABLE deduplication (
    key        TEXT NOT NULL PRIMARY KEY,
    message_id TEXT NOT NULL,
    url        TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX deduplication_end ON deduplication (expires_at);

CREATE TABLE signing_key (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    current TEXT NOT NULL,
    next    TEXT NOT NULL
) STRICT;
