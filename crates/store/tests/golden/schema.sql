CREATE INDEX charge_by_time ON charge (charged_at, kind, cost_micros);

CREATE INDEX event_by_action ON post_event (action, seq);

CREATE INDEX event_by_post ON post_event (post_id, seq);

CREATE INDEX follow_up_here ON scheduled_post (scheduled_at)
    WHERE follow_up_of IS NOT NULL AND status = 'pending';

CREATE INDEX history_by_origin ON history_step (origin, seq) WHERE origin IS NOT NULL;

CREATE INDEX history_changes ON history_step (seq) WHERE origin IS NULL;

CREATE INDEX import_by_file ON import_batch (sha256) WHERE sha256 IS NOT NULL;

CREATE INDEX notification_to_show ON notification (seq) WHERE shown_at IS NULL;

CREATE INDEX notification_unread ON notification (seq) WHERE read_at IS NULL;

CREATE INDEX outbox_by_post ON outbox (post_id) WHERE post_id IS NOT NULL;

CREATE INDEX outbox_open ON outbox (next_at, seq) WHERE done_at IS NULL;

CREATE INDEX post_by_account ON scheduled_post (account_id, list_at, seq)
    WHERE deleted_at IS NULL;

CREATE INDEX post_by_account_status ON scheduled_post (account_id, status, list_at, seq)
    WHERE deleted_at IS NULL;

CREATE INDEX post_by_hash ON scheduled_post (content_hash);

CREATE INDEX post_by_import_status ON scheduled_post (import_id, status, list_at, seq, deleted_at)
    WHERE import_id IS NOT NULL;

CREATE INDEX post_by_late_edit ON scheduled_post (late_edit_of) WHERE late_edit_of IS NOT NULL;

CREATE INDEX post_by_message ON scheduled_post (qstash_message_id)
    WHERE qstash_message_id IS NOT NULL;

CREATE UNIQUE INDEX post_by_own_id ON scheduled_post (plan, own_id)
    WHERE own_id IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX post_by_parent ON scheduled_post (follow_up_of) WHERE follow_up_of IS NOT NULL;

CREATE INDEX post_by_relay ON scheduled_post (offered_to)
    WHERE offered_revision > withdrawn_revision AND status IN
        ('draft', 'pending', 'queued', 'held', 'sending', 'unknown', 'partial');

CREATE UNIQUE INDEX post_by_series ON scheduled_post (series_id, occurrence)
    WHERE series_id IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX post_by_status ON scheduled_post (status, scheduled_at, seq, account_id)
    WHERE deleted_at IS NULL;

CREATE INDEX post_by_status_time ON scheduled_post (status, list_at, seq, cost_micros)
    WHERE deleted_at IS NULL;

CREATE INDEX post_by_tag ON post_tag (tag_id, seq);

CREATE INDEX post_by_time ON scheduled_post (list_at, seq) WHERE deleted_at IS NULL;

CREATE INDEX post_by_trash ON scheduled_post (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE INDEX post_by_tweet ON scheduled_post (tweet_id) WHERE tweet_id IS NOT NULL;

CREATE INDEX post_offered ON scheduled_post (seq) WHERE offered_revision > 0;

CREATE INDEX post_withdrawing ON scheduled_post (scheduled_at) WHERE withdraw_to IS NOT NULL;

CREATE INDEX sync_run_by_start ON sync_run (started_at);

CREATE TABLE account (
    x_user_id         TEXT PRIMARY KEY NOT NULL CHECK (length(x_user_id) BETWEEN 1 AND 32),
    username          TEXT NOT NULL CHECK (length(username) BETWEEN 1 AND 100),
    name              TEXT NOT NULL DEFAULT '',
    subscription_type TEXT,
    health            TEXT NOT NULL CHECK (health IN ('connected', 'disconnected', 'suspended')),
    message           TEXT,
    proven_at         INTEGER,
    removed_at        INTEGER,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL
, limits TEXT CHECK (limits IS NULL OR json_valid(limits)), slot_zone TEXT CHECK (length(slot_zone) BETWEEN 1 AND 100)) STRICT;

CREATE TABLE charge (
    seq         INTEGER PRIMARY KEY,
    charged_at  INTEGER NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('post', 'delete')),
    post_id     TEXT NOT NULL CHECK (length(post_id) = 36),
    position    INTEGER NOT NULL CHECK (position BETWEEN 0 AND 99),
    account_id  TEXT,
    tweet_id    TEXT,
    cost_micros INTEGER NOT NULL CHECK (cost_micros >= 0),
    UNIQUE (kind, post_id, position)
) STRICT;

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

CREATE TABLE import_batch (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    source     TEXT NOT NULL CHECK (length(source) <= 4096),
    format     TEXT NOT NULL,
    sha256     BLOB CHECK (length(sha256) = 32),
    account_id TEXT REFERENCES account (x_user_id),
    zone       TEXT,
    options    TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(options)),
    found      INTEGER NOT NULL CHECK (found >= 0),
    -- Set once, when all rows are in.
    imported   INTEGER NOT NULL DEFAULT 0 CHECK (imported >= 0),
    skipped    INTEGER NOT NULL CHECK (skipped >= 0),
    created_at INTEGER NOT NULL,
    undone_at  INTEGER
, plan TEXT CHECK (length(plan) <= 200), updated INTEGER NOT NULL DEFAULT 0 CHECK (updated >= 0), first_event INTEGER, drafts INTEGER NOT NULL DEFAULT 0 CHECK (drafts >= 0), warnings INTEGER NOT NULL DEFAULT 0 CHECK (warnings >= 0), cost_micros INTEGER NOT NULL DEFAULT 0
    CHECK (cost_micros >= 0), first_at INTEGER, last_at INTEGER) STRICT;

CREATE TABLE import_mapping (
    fingerprint TEXT PRIMARY KEY NOT NULL CHECK (length(fingerprint) BETWEEN 1 AND 200),
    mapping     TEXT NOT NULL CHECK (json_valid(mapping)),
    used_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE media (
    id         TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 36),
    sha256     BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    file_name  TEXT NOT NULL CHECK (length(file_name) <= 1024),
    mime       TEXT NOT NULL,
    bytes      INTEGER NOT NULL CHECK (bytes >= 0),
    width      INTEGER,
    height     INTEGER,
    -- Milliseconds, for moving pictures.
    duration   INTEGER,
    created_at INTEGER NOT NULL
, category TEXT NOT NULL DEFAULT 'image'
    CHECK (category IN ('image', 'gif', 'video')), placeholder BLOB CHECK (length(placeholder) <= 64), added_at INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE notification (
    seq        INTEGER PRIMARY KEY,
    key        TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 200),
    kind       TEXT NOT NULL,
    post_id    TEXT,
    account_id TEXT,
    title      TEXT NOT NULL,
    body       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    shown_at   INTEGER,
    read_at    INTEGER
, cause TEXT CHECK (length(cause) <= 200)) STRICT;

CREATE TABLE outbox (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL,
    post_id    TEXT REFERENCES scheduled_post (id) ON DELETE CASCADE,
    revision   INTEGER,
    payload    TEXT NOT NULL DEFAULT 'null' CHECK (json_valid(payload)),
    actor      TEXT NOT NULL CHECK (actor IN ('person', 'engine', 'relay')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    next_at    INTEGER NOT NULL,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    done_at    INTEGER,
    -- How it ended: done, or given up because something newer took its place.
    ending     TEXT CHECK (ending IN ('done', 'superseded', 'refused')),
    CHECK ((done_at IS NULL) = (ending IS NULL))
) STRICT;

CREATE TABLE post_count (
    -- Empty: no account.
    account_id TEXT NOT NULL,
    status     TEXT NOT NULL,
    handed     INTEGER NOT NULL CHECK (handed IN (0, 1)),
    posts      INTEGER NOT NULL CHECK (posts >= 0),
    PRIMARY KEY (account_id, status, handed)
) STRICT, WITHOUT ROWID;

CREATE TABLE post_event (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    action   INTEGER NOT NULL,
    point    TEXT NOT NULL,
    post_id  TEXT NOT NULL,
    at       INTEGER NOT NULL,
    actor    TEXT NOT NULL CHECK (actor IN ('person', 'engine', 'relay')),
    kind     TEXT NOT NULL,
    revision INTEGER NOT NULL,
    before   TEXT CHECK (before IS NULL OR json_valid(before)),
    after    TEXT CHECK (after IS NULL OR json_valid(after))
, happened_at INTEGER, form INTEGER NOT NULL DEFAULT 1 CHECK (form >= 1), label TEXT CHECK (length(label) BETWEEN 1 AND 40)) STRICT;

CREATE TABLE post_part (
    post_id  TEXT NOT NULL REFERENCES scheduled_post (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position BETWEEN 0 AND 99),
    text     TEXT CHECK (length(text) <= 100000),
    tweet_id TEXT, beyond_text TEXT CHECK (json_valid(beyond_text)),
    PRIMARY KEY (post_id, position),
    CHECK ((position = 0) = (text IS NULL))
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE post_search USING fts5 (
    text, content = 'post_text', content_rowid = 'seq',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);

CREATE TABLE 'post_search_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'post_search_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'post_search_docsize'(id INTEGER PRIMARY KEY, sz BLOB);

CREATE TABLE 'post_search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE post_tag (
    post_id TEXT NOT NULL REFERENCES scheduled_post (id) ON DELETE CASCADE,
    tag_id  INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE, seq INTEGER,
    PRIMARY KEY (post_id, tag_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE posting_slot (
    account_id TEXT NOT NULL REFERENCES account (x_user_id) ON DELETE CASCADE,
    weekday    INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    minute     INTEGER NOT NULL CHECK (minute BETWEEN 0 AND 1439),
    PRIMARY KEY (account_id, weekday, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE refinery_schema_history(
             version int4 PRIMARY KEY,
             name VARCHAR(255),
             applied_on VARCHAR(255),
             checksum VARCHAR(255));

CREATE TABLE relay_feed (
    relay      TEXT PRIMARY KEY NOT NULL CHECK (length(relay) BETWEEN 1 AND 1000),
    epoch      TEXT NOT NULL,
    cursor     INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE scheduled_post (
    -- The order of making; rows that are due at the same time keep it.
    seq                INTEGER PRIMARY KEY,
    id                 TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    account_id         TEXT REFERENCES account (x_user_id),
    content            TEXT NOT NULL CHECK (length(content) <= 100000),
    content_hash       BLOB NOT NULL CHECK (length(content_hash) = 32),
    cost_micros        INTEGER NOT NULL DEFAULT 0 CHECK (cost_micros >= 0),
    scheduled_at       INTEGER CHECK (scheduled_at % 1000 = 0),
    wall_time          TEXT CHECK (length(wall_time) BETWEEN 1 AND 40),
    zone               TEXT CHECK (length(zone) BETWEEN 1 AND 100),
    status             TEXT NOT NULL CHECK (status IN (
        'draft', 'pending', 'queued', 'held', 'sending', 'posted', 'partial', 'unknown', 'failed',
        'missed', 'cancelled')),
    -- Every arming and every withdrawal takes the next; never falls.
    revision           INTEGER NOT NULL CHECK (revision >= 1),
    -- The highest revision that may have reached the relay: written before the request leaves.
    offered_revision   INTEGER NOT NULL DEFAULT 0
        CHECK (offered_revision BETWEEN 0 AND revision),
    -- The highest revision whose withdrawal the relay has proven.
    withdrawn_revision INTEGER NOT NULL DEFAULT 0
        CHECK (withdrawn_revision BETWEEN 0 AND revision),
    -- While a withdrawal is on its way: what the post becomes once it is proven.
    withdraw_to        TEXT CHECK (withdraw_to IN ('cancelled', 'draft', 'pending', 'deleted')),
    qstash_message_id  TEXT CHECK (length(qstash_message_id) BETWEEN 1 AND 1000),
    synced_to_qstash   INTEGER NOT NULL
        GENERATED ALWAYS AS (qstash_message_id IS NOT NULL) VIRTUAL,
    synced_at          INTEGER,
    held_until         INTEGER,
    tweet_id           TEXT,
    error_code         TEXT,
    error_message      TEXT,
    retry_count        INTEGER NOT NULL DEFAULT 0 CHECK (retry_count >= 0),
    posted_at          INTEGER,
    failed_at          INTEGER,
    import_id          TEXT REFERENCES import_batch (id),
    import_row         INTEGER,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    -- In the trash since; out of every list, but never forgotten while the relay could know it.
    deleted_at         INTEGER,
    -- The list of the window in which the post stands, and the moment under which it stands there.
    list               TEXT NOT NULL GENERATED ALWAYS AS (CASE
        WHEN status = 'draft' THEN 'drafts'
        WHEN status IN ('pending', 'queued', 'held', 'sending') THEN 'upcoming'
        WHEN status IN ('partial', 'unknown', 'failed', 'missed') THEN 'needs_you'
        ELSE status END) VIRTUAL,
    list_at            INTEGER NOT NULL
        GENERATED ALWAYS AS (coalesce(posted_at, scheduled_at, created_at)) VIRTUAL, offered_to TEXT
    CHECK (length(offered_to) BETWEEN 1 AND 1000), late_edit_of TEXT
    REFERENCES scheduled_post (id) ON DELETE SET NULL, gone_from_x_at INTEGER, not_after INTEGER, body_hash BLOB CHECK (length(body_hash) = 33), has_link INTEGER NOT NULL DEFAULT 0
    CHECK (has_link IN (0, 1)), version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1), plan TEXT CHECK (length(plan) <= 200), own_id TEXT
    CHECK (own_id IS NULL OR (length(own_id) BETWEEN 1 AND 200 AND plan IS NOT NULL)), note TEXT CHECK (length(note) BETWEEN 1 AND 20000), series_id TEXT REFERENCES series (id), occurrence TEXT
    CHECK (occurrence IS NULL OR (length(occurrence) BETWEEN 1 AND 40 AND series_id IS NOT NULL)), follow_up_of TEXT
    CHECK (follow_up_of IS NULL OR length(follow_up_of) = 36), follow_up_minutes INTEGER
    CHECK ((follow_up_minutes IS NULL) = (follow_up_of IS NULL)
        AND (follow_up_minutes IS NULL OR follow_up_minutes BETWEEN 1 AND 1440)),
    CHECK ((scheduled_at IS NULL) = (wall_time IS NULL)),
    CHECK ((scheduled_at IS NULL) = (zone IS NULL)),
    CHECK (scheduled_at IS NOT NULL OR status IN ('draft', 'cancelled')),
    CHECK (status <> 'queued' OR (qstash_message_id IS NOT NULL AND account_id IS NOT NULL))
) STRICT;

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

CREATE TABLE setting (
    key        TEXT PRIMARY KEY NOT NULL CHECK (length(key) BETWEEN 1 AND 100),
    value      TEXT NOT NULL CHECK (json_valid(value)),
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sync_run (
    seq           INTEGER PRIMARY KEY,
    reason        TEXT NOT NULL,
    outcome       TEXT NOT NULL CHECK (outcome IN ('running', 'done', 'partial', 'failed')),
    horizon_end   INTEGER,
    staged        INTEGER NOT NULL DEFAULT 0,
    published     INTEGER NOT NULL DEFAULT 0,
    failed        INTEGER NOT NULL DEFAULT 0,
    posts_beyond  INTEGER NOT NULL DEFAULT 0,
    error_code    TEXT,
    error_message TEXT,
    started_at    INTEGER NOT NULL,
    finished_at   INTEGER
, kind TEXT NOT NULL DEFAULT 'main'
    CHECK (kind IN ('main', 'recovery', 'catch-up', 'manual')), window_start INTEGER, window_end INTEGER, asked INTEGER NOT NULL DEFAULT 0, answered INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE tag (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 100),
    colour     TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE unsaved_edit (
    post_id TEXT PRIMARY KEY NOT NULL REFERENCES scheduled_post (id) ON DELETE CASCADE,
    meant   TEXT NOT NULL CHECK (json_valid(meant)),
    base    TEXT NOT NULL CHECK (json_valid(base)),
    kept_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER count_forgets_a_post AFTER DELETE ON scheduled_post WHEN OLD.deleted_at IS NULL
BEGIN
    UPDATE post_count SET posts = posts - 1
    WHERE account_id = coalesce(OLD.account_id, '') AND status = OLD.status
        AND handed = (OLD.status <> 'pending' AND OLD.offered_revision > OLD.withdrawn_revision);
END;

CREATE TRIGGER count_learns_a_moved_post
AFTER UPDATE OF account_id, status, offered_revision, withdrawn_revision, deleted_at
ON scheduled_post WHEN NEW.deleted_at IS NULL
BEGIN
    INSERT INTO post_count (account_id, status, handed, posts)
    VALUES (coalesce(NEW.account_id, ''), NEW.status,
        NEW.status <> 'pending' AND NEW.offered_revision > NEW.withdrawn_revision, 1)
    ON CONFLICT DO UPDATE SET posts = posts + 1;
END;

CREATE TRIGGER count_learns_a_post AFTER INSERT ON scheduled_post
WHEN NEW.deleted_at IS NULL AND NEW.import_id IS NULL
BEGIN
    INSERT INTO post_count (account_id, status, handed, posts)
    VALUES (coalesce(NEW.account_id, ''), NEW.status,
        NEW.status <> 'pending' AND NEW.offered_revision > NEW.withdrawn_revision, 1)
    ON CONFLICT DO UPDATE SET posts = posts + 1;
END;

CREATE TRIGGER count_learns_an_import AFTER UPDATE OF imported ON import_batch
WHEN OLD.imported = 0
BEGIN
    INSERT INTO post_count (account_id, status, handed, posts)
    SELECT coalesce(account_id, ''), status,
        status <> 'pending' AND offered_revision > withdrawn_revision, count(*)
    FROM scheduled_post WHERE import_id = NEW.id AND deleted_at IS NULL GROUP BY 1, 2, 3
    ON CONFLICT DO UPDATE SET posts = posts + excluded.posts;
END;

CREATE TRIGGER count_lets_go_of_a_moved_post
AFTER UPDATE OF account_id, status, offered_revision, withdrawn_revision, deleted_at
ON scheduled_post WHEN OLD.deleted_at IS NULL
BEGIN
    UPDATE post_count SET posts = posts - 1
    WHERE account_id = coalesce(OLD.account_id, '') AND status = OLD.status
        AND handed = (OLD.status <> 'pending' AND OLD.offered_revision > OLD.withdrawn_revision);
END;

CREATE TRIGGER history_step_is_never_changed BEFORE UPDATE ON history_step
BEGIN
    SELECT RAISE(ABORT, 'history_step is append-only');
END;

CREATE TRIGGER history_step_is_never_removed BEFORE DELETE ON history_step
BEGIN
    SELECT RAISE(ABORT, 'history_step is append-only');
END;

CREATE TRIGGER media_stays_while_a_part_has_it BEFORE DELETE ON media WHEN EXISTS (
    SELECT 1 FROM post_part, json_each(post_part.beyond_text, '$.media') AS file
    WHERE post_part.beyond_text IS NOT NULL AND file.value ->> 'media_id' = OLD.id)
BEGIN
    SELECT RAISE(ABORT, 'a post uses this file');
END;

CREATE TRIGGER post_event_is_never_changed BEFORE UPDATE ON post_event
BEGIN
    SELECT RAISE(ABORT, 'post_event is append-only');
END;

CREATE TRIGGER post_event_is_never_removed BEFORE DELETE ON post_event
BEGIN
    SELECT RAISE(ABORT, 'post_event is append-only');
END;

CREATE TRIGGER post_event_is_never_replaced BEFORE INSERT ON post_event
WHEN NEW.seq > 0 AND EXISTS (SELECT 1 FROM post_event WHERE seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'post_event is append-only');
END;

CREATE TRIGGER revisions_never_fall BEFORE UPDATE OF revision ON scheduled_post
WHEN NEW.revision < OLD.revision
BEGIN
    SELECT RAISE(ABORT, 'revisions never fall');
END;

CREATE TRIGGER search_forgets_a_post BEFORE DELETE ON scheduled_post
BEGIN
    INSERT INTO post_search (post_search, rowid, text)
    SELECT 'delete', seq, text FROM post_text WHERE seq = OLD.seq;
END;

CREATE TRIGGER search_learns_a_post AFTER INSERT ON scheduled_post WHEN NEW.import_id IS NULL
BEGIN
    INSERT INTO post_search (rowid, text) VALUES (NEW.seq, NEW.content);
END;

CREATE TRIGGER search_learns_after_a_removed_part AFTER DELETE ON post_part
WHEN OLD.text IS NOT NULL
BEGIN
    INSERT INTO post_search (rowid, text) SELECT seq, text FROM post_text WHERE id = OLD.post_id;
END;

CREATE TRIGGER search_learns_after_an_added_part AFTER INSERT ON post_part
WHEN NEW.text IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM scheduled_post AS post
    JOIN import_batch AS import ON import.id = post.import_id
    WHERE post.id = NEW.post_id AND import.imported = 0)
BEGIN
    INSERT INTO post_search (rowid, text) SELECT seq, text FROM post_text WHERE id = NEW.post_id;
END;

CREATE TRIGGER search_learns_after_an_edited_part AFTER UPDATE OF text ON post_part
WHEN NEW.text IS NOT OLD.text
BEGIN
    INSERT INTO post_search (rowid, text) SELECT seq, text FROM post_text WHERE id = NEW.post_id;
END;

CREATE TRIGGER search_learns_an_edited_post AFTER UPDATE OF content ON scheduled_post
WHEN NEW.content IS NOT OLD.content
BEGIN
    INSERT INTO post_search (rowid, text) SELECT seq, text FROM post_text WHERE seq = NEW.seq;
END;

CREATE TRIGGER search_learns_an_import AFTER UPDATE OF imported ON import_batch
WHEN OLD.imported = 0
BEGIN
    INSERT INTO post_search (rowid, text)
    SELECT text.seq, text.text FROM scheduled_post AS post NOT INDEXED
    CROSS JOIN post_text AS text ON text.seq = post.seq
    WHERE post.import_id = NEW.id
        AND post.seq >= (SELECT min(seq) FROM scheduled_post WHERE import_id = NEW.id)
    ORDER BY post.seq;
END;

CREATE TRIGGER search_lets_go_before_a_removed_part BEFORE DELETE ON post_part
WHEN OLD.text IS NOT NULL
BEGIN
    INSERT INTO post_search (post_search, rowid, text)
    SELECT 'delete', seq, text FROM post_text WHERE id = OLD.post_id;
END;

CREATE TRIGGER search_lets_go_before_an_added_part BEFORE INSERT ON post_part
WHEN NEW.text IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM scheduled_post AS post
    JOIN import_batch AS import ON import.id = post.import_id
    WHERE post.id = NEW.post_id AND import.imported = 0)
BEGIN
    INSERT INTO post_search (post_search, rowid, text)
    SELECT 'delete', seq, text FROM post_text WHERE id = NEW.post_id;
END;

CREATE TRIGGER search_lets_go_before_an_edited_part BEFORE UPDATE OF text ON post_part
WHEN NEW.text IS NOT OLD.text
BEGIN
    INSERT INTO post_search (post_search, rowid, text)
    SELECT 'delete', seq, text FROM post_text WHERE id = NEW.post_id;
END;

CREATE TRIGGER search_lets_go_of_an_edited_post BEFORE UPDATE OF content ON scheduled_post
WHEN NEW.content IS NOT OLD.content
BEGIN
    INSERT INTO post_search (post_search, rowid, text)
    SELECT 'delete', seq, text FROM post_text WHERE seq = OLD.seq;
END;

CREATE VIEW post_text (seq, id, text) AS
SELECT post.seq, post.id, post.content || coalesce((
    SELECT char(10) || group_concat(part.text, char(10)) FROM (
        SELECT text FROM post_part WHERE post_id = post.id AND text IS NOT NULL ORDER BY position
    ) AS part), '')
FROM scheduled_post AS post;
