-- The person's own id of a post counts within the plan that it was given in. What is in the trash has
-- lost its claim to it.
ALTER TABLE scheduled_post ADD COLUMN plan TEXT CHECK (length(plan) <= 200);
ALTER TABLE scheduled_post ADD COLUMN own_id TEXT
    CHECK (own_id IS NULL OR (length(own_id) BETWEEN 1 AND 200 AND plan IS NOT NULL));

CREATE UNIQUE INDEX post_by_own_id ON scheduled_post (plan, own_id)
    WHERE own_id IS NOT NULL AND deleted_at IS NULL;

-- A note to oneself. Neither relay nor scheduler is given it.
ALTER TABLE scheduled_post ADD COLUMN note TEXT CHECK (length(note) BETWEEN 1 AND 20000);

-- What an import did, beside the posts that it made.
ALTER TABLE import_batch ADD COLUMN plan TEXT CHECK (length(plan) <= 200);
-- Waiting posts that it changed. Their events are the first of its write.
ALTER TABLE import_batch ADD COLUMN updated INTEGER NOT NULL DEFAULT 0 CHECK (updated >= 0);
ALTER TABLE import_batch ADD COLUMN first_event INTEGER;
ALTER TABLE import_batch ADD COLUMN drafts INTEGER NOT NULL DEFAULT 0 CHECK (drafts >= 0);
ALTER TABLE import_batch ADD COLUMN warnings INTEGER NOT NULL DEFAULT 0 CHECK (warnings >= 0);
ALTER TABLE import_batch ADD COLUMN cost_micros INTEGER NOT NULL DEFAULT 0
    CHECK (cost_micros >= 0);
ALTER TABLE import_batch ADD COLUMN first_at INTEGER;
ALTER TABLE import_batch ADD COLUMN last_at INTEGER;

-- Which column is which field, for the next file of the same shape.
CREATE TABLE import_mapping (
    fingerprint TEXT PRIMARY KEY NOT NULL CHECK (length(fingerprint) BETWEEN 1 AND 200),
    mapping     TEXT NOT NULL CHECK (json_valid(mapping)),
    used_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The times of the week at which an account posts what has no time of its own, on the wall clock of
-- the account's zone; Monday is 1.
CREATE TABLE posting_slot (
    account_id TEXT NOT NULL REFERENCES account (x_user_id) ON DELETE CASCADE,
    weekday    INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    minute     INTEGER NOT NULL CHECK (minute BETWEEN 0 AND 1439),
    PRIMARY KEY (account_id, weekday, minute)
) STRICT, WITHOUT ROWID;

ALTER TABLE account ADD COLUMN slot_zone TEXT CHECK (length(slot_zone) BETWEEN 1 AND 100);

-- The posts of an import are counted together, when the import is.
DROP TRIGGER count_learns_a_post;

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

-- Search learns them together too, with their parts, in the order of their rows: in any other, the index
-- is written anew for each.
DROP TRIGGER search_learns_an_import;

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

DROP TRIGGER search_lets_go_before_an_added_part;

CREATE TRIGGER search_lets_go_before_an_added_part BEFORE INSERT ON post_part
WHEN NEW.text IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM scheduled_post AS post
    JOIN import_batch AS import ON import.id = post.import_id
    WHERE post.id = NEW.post_id AND import.imported = 0)
BEGIN
    INSERT INTO post_search (post_search, rowid, text)
    SELECT 'delete', seq, text FROM post_text WHERE id = NEW.post_id;
END;

DROP TRIGGER search_learns_after_an_added_part;

CREATE TRIGGER search_learns_after_an_added_part AFTER INSERT ON post_part
WHEN NEW.text IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM scheduled_post AS post
    JOIN import_batch AS import ON import.id = post.import_id
    WHERE post.id = NEW.post_id AND import.imported = 0)
BEGIN
    INSERT INTO post_search (rowid, text) SELECT seq, text FROM post_text WHERE id = NEW.post_id;
END;

-- SQLite numbers events itself, and shows the trigger -1 for a number that is still to be taken.
DROP TRIGGER post_event_is_never_replaced;

CREATE TRIGGER post_event_is_never_replaced BEFORE INSERT ON post_event
WHEN NEW.seq > 0 AND EXISTS (SELECT 1 FROM post_event WHERE seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'post_event is append-only');
END;
