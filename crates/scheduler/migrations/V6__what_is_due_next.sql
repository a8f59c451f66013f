-- The timer holds what is due soon and reads the rest from here, in order, without a look at the
-- messages themselves.
CREATE INDEX message_due ON message (due_at, seq, flow_key)
    WHERE state = 'live' AND (queue_name IS NULL OR turn IS NOT NULL);
DROP INDEX message_live;

-- Whose limits count, of each flow control key.
CREATE INDEX message_flow ON message (flow_key, seq)
    WHERE state = 'live' AND flow_key IS NOT NULL;
