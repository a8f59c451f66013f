-- What a part has beside its text (media, a poll), as JSON; NULL where that is nothing.
ALTER TABLE part ADD COLUMN beyond_text TEXT CHECK (json_valid(beyond_text));
