-- What somebody decided about a flow control key, whatever its messages ask for.
CREATE TABLE flow_rule (
    key                   TEXT NOT NULL PRIMARY KEY,
    paused                INTEGER NOT NULL CHECK (paused IN (0, 1)),
    parallelism           INTEGER,
    rate                  INTEGER,
    period_seconds        INTEGER
) STRICT, WITHOUT ROWID;

-- Messages accepted on a day (UTC), counted for plans with a daily limit.
CREATE TABLE daily_usage (
    day      INTEGER NOT NULL PRIMARY KEY,
    messages INTEGER NOT NULL
) STRICT;
