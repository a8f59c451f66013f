-- What was uploaded, byte for byte; null for what was finalized before this was kept.
ALTER TABLE media ADD COLUMN sha256 TEXT;
