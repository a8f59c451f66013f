-- What a post says is one value of parts. A part is its text and `beyond_text`: what it has beside the
-- text (media, a poll), as JSON; NULL where that is nothing. The first part's text stays in
-- `scheduled_post.content`, for lists and search; a post that is one text alone has no row here.
ALTER TABLE post_part ADD COLUMN beyond_text TEXT CHECK (json_valid(beyond_text));

-- Some threads lacked the row of their first part.
INSERT INTO post_part (post_id, position)
SELECT DISTINCT post_id, 0 FROM post_part AS part WHERE NOT EXISTS (
    SELECT 1 FROM post_part AS first WHERE first.post_id = part.post_id AND first.position = 0);

UPDATE post_part SET beyond_text = json_patch(
    coalesce((SELECT json_object('media', json_group_array(
            json_object('media_id', media_id, 'alt_text', alt_text))) FROM (
        SELECT media_id, alt_text FROM part_media
        WHERE part_media.post_id = post_part.post_id AND part_media.position = post_part.position
        ORDER BY ordinal) HAVING count(*) > 0), '{}'),
    CASE WHEN poll IS NULL THEN '{}' ELSE json_object('poll', json(poll)) END)
WHERE poll IS NOT NULL OR EXISTS (
    SELECT 1 FROM part_media
    WHERE part_media.post_id = post_part.post_id AND part_media.position = post_part.position);

DROP TABLE part_media;
ALTER TABLE post_part DROP COLUMN poll;

CREATE TRIGGER media_stays_while_a_part_has_it BEFORE DELETE ON media WHEN EXISTS (
    SELECT 1 FROM post_part, json_each(post_part.beyond_text, '$.media') AS file
    WHERE post_part.beyond_text IS NOT NULL AND file.value ->> 'media_id' = OLD.id)
BEGIN
    SELECT RAISE(ABORT, 'a post uses this file');
END;

-- Two hashes for two jobs. `content_hash` is the duplicate key: what repeats have in common.
-- `body_hash` is the hash of all that is sent, to the letter, after the version of its rule; by it
-- damage is noticed. NULL: the words were damaged when this column came.
ALTER TABLE scheduled_post ADD COLUMN body_hash BLOB CHECK (length(body_hash) = 33);

-- Whether X bills a part as one with a link.
ALTER TABLE scheduled_post ADD COLUMN has_link INTEGER NOT NULL DEFAULT 0
    CHECK (has_link IN (0, 1));

-- The store provides the functions while it migrates.
WITH said (seq, parts) AS MATERIALIZED (
    SELECT post.seq, (SELECT json_group_array(json_array(text, beyond_text)) FROM (
        SELECT text, beyond_text FROM post_part WHERE post_id = post.id ORDER BY position))
    FROM scheduled_post AS post)
UPDATE scheduled_post SET
    content_hash = roost_duplicate_key(content, said.parts, content_hash),
    body_hash = roost_body_hash(content, said.parts, content_hash),
    has_link = roost_has_link(content, said.parts)
FROM said WHERE said.seq = scheduled_post.seq;
