-- A follow-up reply: the post that it answers, and how long after that one it goes out. Its own due_at and
-- not_after say when it really may; while its parent is not known to be on X it has no not_after, and the
-- fence lets it not pass. What was staged stands beside them, for the hash covers that.
ALTER TABLE post ADD COLUMN parent TEXT;
ALTER TABLE post ADD COLUMN after_ms INTEGER;
ALTER TABLE post ADD COLUMN staged_due_at INTEGER;
ALTER TABLE post ADD COLUMN staged_not_after INTEGER;
-- Where the desktop knew the parent to be on X: the id of its last part, and since when.
ALTER TABLE post ADD COLUMN parent_tweet_id TEXT;
ALTER TABLE post ADD COLUMN parent_posted_at INTEGER;
CREATE INDEX post_follow_up ON post (parent) WHERE parent IS NOT NULL;
