-- What several notices have in common: they are told as one. None where a notice stands alone.
ALTER TABLE notification ADD COLUMN cause TEXT CHECK (length(cause) <= 200);
