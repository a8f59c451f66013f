-- Of what kind a run was, in which window of the day it began, and how many posts a recovery asked the
-- relay for and was told of.
ALTER TABLE sync_run ADD COLUMN kind TEXT NOT NULL DEFAULT 'main'
    CHECK (kind IN ('main', 'recovery', 'catch-up', 'manual'));
ALTER TABLE sync_run ADD COLUMN window_start INTEGER;
ALTER TABLE sync_run ADD COLUMN window_end INTEGER;
ALTER TABLE sync_run ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_run ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;

UPDATE sync_run SET kind = CASE
    WHEN reason = 'person' THEN 'manual'
    WHEN reason IN ('start', 'wake', 'network', 'scheduler') THEN 'catch-up'
    ELSE 'main' END;
