-- A queue delivers its messages in the order in which they were accepted. A message of a queue
-- waits, unseen by the timer, until it is its turn; the turn lasts until the message and every
-- callback that tells of it have ended. So what is waiting, and whose turn it is, can be read
-- from the messages themselves after any restart.
CREATE TABLE queue (
    name        TEXT NOT NULL PRIMARY KEY,
    parallelism INTEGER NOT NULL CHECK (parallelism > 0),
    paused      INTEGER NOT NULL CHECK (paused IN (0, 1)),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The queue in whose turn this message is delivered, and the message whose turn it is (itself,
-- or the one a callback tells of). Both absent: of no queue, or not yet its turn.
ALTER TABLE message ADD COLUMN turn_queue TEXT;
ALTER TABLE message ADD COLUMN turn INTEGER;

CREATE INDEX message_turn ON message (turn_queue, turn)
    WHERE turn_queue IS NOT NULL AND state IN ('live', 'canceling');
CREATE INDEX message_waiting ON message (queue_name, seq)
    WHERE queue_name IS NOT NULL AND state = 'live';
