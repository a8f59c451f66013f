-- What the relay tells has a time of its own: `happened_at` is the relay's, `at` stays the moment at
-- which this computer heard of it.
ALTER TABLE post_event ADD COLUMN happened_at INTEGER;

-- What an edit had meant that came too late is kept as a draft. The post that went out instead:
ALTER TABLE scheduled_post ADD COLUMN late_edit_of TEXT
    REFERENCES scheduled_post (id) ON DELETE SET NULL;

CREATE INDEX post_by_late_edit ON scheduled_post (late_edit_of) WHERE late_edit_of IS NOT NULL;

-- Since when a post that was on X is deleted there.
ALTER TABLE scheduled_post ADD COLUMN gone_from_x_at INTEGER;
