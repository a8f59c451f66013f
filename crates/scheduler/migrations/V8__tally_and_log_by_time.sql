-- How many ended messages the log still tells of, by how they ended: counted with each change, so
-- that nobody has to walk through all of them to know.
CREATE TABLE tally (
    state    TEXT NOT NULL PRIMARY KEY,
    messages INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO tally (state, messages) VALUES
    ('delivered', (SELECT count(*) FROM message WHERE state = 'delivered')),
    ('failed', (SELECT count(*) FROM message WHERE state = 'failed')),
    ('canceled', (SELECT count(*) FROM message WHERE state = 'canceled'));

-- The log of a time, and of what went wrong. One comparison for each line: a list of states would
-- cost more than the index.
CREATE INDEX event_time ON event (time);
CREATE INDEX event_trouble ON event (seq) WHERE state > 'DELIVERED';
