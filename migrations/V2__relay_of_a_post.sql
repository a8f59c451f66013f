-- Which relay may hold the offered revision, by its public address. What one relay was given is no
-- other relay's to send, and only that relay's word says that it was withdrawn. Without a name it is
-- for whichever relay is in use: the person said that the one which held it is gone.
ALTER TABLE scheduled_post ADD COLUMN offered_to TEXT
    CHECK (length(offered_to) BETWEEN 1 AND 1000);

UPDATE scheduled_post
SET offered_to = (SELECT relay FROM relay_feed ORDER BY updated_at DESC LIMIT 1)
WHERE offered_revision > 0;

CREATE INDEX post_by_relay ON scheduled_post (offered_to)
    WHERE offered_revision > withdrawn_revision;
