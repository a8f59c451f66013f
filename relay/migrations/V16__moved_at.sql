-- When this ledger was moved: what was due since may have been sent by another computer that took it. NULL
-- where it was not moved, or by a version that did not note it.
ALTER TABLE relay ADD COLUMN moved_at INTEGER;
