-- How many posts stand where, the trash aside: kept with every change, so that no count of a whole
-- list reads the list. `handed` says that relay and scheduler hold them.
CREATE TABLE post_count (
    -- Empty: no account.
    account_id TEXT NOT NULL,
    status     TEXT NOT NULL,
    handed     INTEGER NOT NULL CHECK (handed IN (0, 1)),
    posts      INTEGER NOT NULL CHECK (posts >= 0),
    PRIMARY KEY (account_id, status, handed)
) STRICT, WITHOUT ROWID;

INSERT INTO post_count (account_id, status, handed, posts)
SELECT coalesce(account_id, ''), status,
    status <> 'pending' AND offered_revision > withdrawn_revision, count(*)
FROM scheduled_post WHERE deleted_at IS NULL GROUP BY 1, 2, 3;

CREATE TRIGGER count_learns_a_post AFTER INSERT ON scheduled_post WHEN NEW.deleted_at IS NULL
BEGIN
    INSERT INTO post_count (account_id, status, handed, posts)
    VALUES (coalesce(NEW.account_id, ''), NEW.status,
        NEW.status <> 'pending' AND NEW.offered_revision > NEW.withdrawn_revision, 1)
    ON CONFLICT DO UPDATE SET posts = posts + 1;
END;

CREATE TRIGGER count_forgets_a_post AFTER DELETE ON scheduled_post WHEN OLD.deleted_at IS NULL
BEGIN
    UPDATE post_count SET posts = posts - 1
    WHERE account_id = coalesce(OLD.account_id, '') AND status = OLD.status
        AND handed = (OLD.status <> 'pending' AND OLD.offered_revision > OLD.withdrawn_revision);
END;

CREATE TRIGGER count_lets_go_of_a_moved_post
AFTER UPDATE OF account_id, status, offered_revision, withdrawn_revision, deleted_at
ON scheduled_post WHEN OLD.deleted_at IS NULL
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

-- What some relay may still send is what is inside the horizon; what went out is not in this index,
-- however much that is.
DROP INDEX post_by_relay;

CREATE INDEX post_by_relay ON scheduled_post (offered_to)
    WHERE offered_revision > withdrawn_revision AND status IN
        ('draft', 'pending', 'queued', 'held', 'sending', 'unknown', 'partial');
