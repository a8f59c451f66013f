-- Until when the relay may send a post, as it was told when the post was offered: what waits beyond
-- it will be missed, and needs the person now.
ALTER TABLE scheduled_post ADD COLUMN not_after INTEGER;

-- The limits by which the relay sends for an account, as JSON; none from a relay that does not tell.
ALTER TABLE account ADD COLUMN limits TEXT CHECK (limits IS NULL OR json_valid(limits));
