-- In which form an event tells what changed, and what the command is called that changed it. Rows of
-- earlier releases are of form 1; what their commands were follows from what they say.
ALTER TABLE post_event ADD COLUMN form INTEGER NOT NULL DEFAULT 1 CHECK (form >= 1);
ALTER TABLE post_event ADD COLUMN label TEXT CHECK (length(label) BETWEEN 1 AND 40);
