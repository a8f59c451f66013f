-- A URL group is a name for several destinations: what is published to it goes to each.
CREATE TABLE url_group (
    name       TEXT NOT NULL PRIMARY KEY,
    -- What every publish to it asks for unless it says otherwise: JSON, [["Name", "value"], ..].
    headers    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE url_group_endpoint (
    seq        INTEGER PRIMARY KEY,
    group_name TEXT NOT NULL REFERENCES url_group (name) ON DELETE CASCADE,
    url        TEXT NOT NULL,
    name       TEXT,
    UNIQUE (group_name, url),
    UNIQUE (group_name, name)
) STRICT;
