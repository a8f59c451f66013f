-- One-time codes that let a computer in. Only the hash is kept.
CREATE TABLE pairing_code (
    code_hash  BLOB    PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    -- Which key used it; that key may ask again, should its answer have been lost. NULL: none yet.
    used_by    BLOB
) STRICT;
