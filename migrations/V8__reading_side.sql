-- Lists are read along an index in their order. One by several statuses merges as many runs, each
-- along the same index. What is read of such an index needs no row: the month's costs neither.
DROP INDEX post_by_list;
DROP INDEX post_by_account_list;
DROP INDEX post_by_import;

CREATE INDEX post_by_status_time ON scheduled_post (status, list_at, seq, cost_micros)
    WHERE deleted_at IS NULL;
CREATE INDEX post_by_account_status ON scheduled_post (account_id, status, list_at, seq)
    WHERE deleted_at IS NULL;
CREATE INDEX post_by_import_status ON scheduled_post (import_id, status, list_at, seq, deleted_at)
    WHERE import_id IS NOT NULL;

-- The posts of a tag by their place in the order of making, which never changes, so that a list
-- knows its posts without reading them.
ALTER TABLE post_tag ADD COLUMN seq INTEGER;

UPDATE post_tag SET seq = (SELECT seq FROM scheduled_post WHERE id = post_id);

DROP INDEX post_by_tag;

CREATE INDEX post_by_tag ON post_tag (tag_id, seq);
