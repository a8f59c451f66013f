-- A follow-up reply: the post that it answers, and how many minutes after that one it goes out. Its parent
-- may be deleted for good before it: then it never goes out.
ALTER TABLE scheduled_post ADD COLUMN follow_up_of TEXT
    CHECK (follow_up_of IS NULL OR length(follow_up_of) = 36);
ALTER TABLE scheduled_post ADD COLUMN follow_up_minutes INTEGER
    CHECK ((follow_up_minutes IS NULL) = (follow_up_of IS NULL)
        AND (follow_up_minutes IS NULL OR follow_up_minutes BETWEEN 1 AND 1440));

CREATE INDEX post_by_parent ON scheduled_post (follow_up_of) WHERE follow_up_of IS NOT NULL;
-- Those that wait here for their parents to be handed over.
CREATE INDEX follow_up_here ON scheduled_post (scheduled_at)
    WHERE follow_up_of IS NOT NULL AND status = 'pending';
