-- Until when another database may have called X for a post: one that was lost, or the one that this
-- is a copy of. A post due before that is looked for as after a call without an outcome.
ALTER TABLE post ADD COLUMN doubt_until INTEGER;
-- The timeline was read before the call, and did not show the post.
ALTER TABLE post ADD COLUMN looked_first INTEGER NOT NULL DEFAULT 0 CHECK (looked_first IN (0, 1));
-- The ledger that this one was copied from may be at work until a desktop chose this one.
ALTER TABLE relay ADD COLUMN is_copy INTEGER NOT NULL DEFAULT 0 CHECK (is_copy IN (0, 1));
