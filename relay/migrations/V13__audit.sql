-- What was done to the relay by a person: from a computer, or on the relay's own command line.
CREATE TABLE admin_action (
    id    INTEGER PRIMARY KEY,
    at    INTEGER NOT NULL,
    -- The device, or "command line".
    who   TEXT    NOT NULL,
    what  TEXT    NOT NULL,
    about TEXT    NOT NULL
) STRICT;

-- Where this ledger went when it was moved: it is never served again. NULL: it was not.
ALTER TABLE relay ADD COLUMN moved_to TEXT;
