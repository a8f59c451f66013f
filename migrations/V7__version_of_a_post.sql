-- Counts the changes of a post that a person sees. An edit, a cancellation or a decision that is based
-- on an older version is refused.
ALTER TABLE scheduled_post ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1);

-- Earlier releases left the request to withdraw a post open when the relay's word ended the wish, and
-- told the relay of it again and again.
UPDATE outbox SET done_at = max(created_at, next_at), ending = 'superseded'
WHERE kind = 'withdraw' AND done_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM scheduled_post AS post
    WHERE post.id = outbox.post_id AND post.withdraw_to IS NOT NULL);
