-- Under which of X's headings a file is uploaded, the blurred picture that is drawn before its thumbnail
-- is there (ThumbHash), and when the file was last taken in.
ALTER TABLE media ADD COLUMN category TEXT NOT NULL DEFAULT 'image'
    CHECK (category IN ('image', 'gif', 'video'));
ALTER TABLE media ADD COLUMN placeholder BLOB CHECK (length(placeholder) <= 64);
ALTER TABLE media ADD COLUMN added_at INTEGER NOT NULL DEFAULT 0;

UPDATE media SET added_at = created_at;
