-- A change of a post that the person is writing and has not saved: the post goes out as it is until it is
-- saved. `base` is what the post said when the change was begun.
CREATE TABLE unsaved_edit (
    post_id TEXT PRIMARY KEY NOT NULL REFERENCES scheduled_post (id) ON DELETE CASCADE,
    meant   TEXT NOT NULL CHECK (json_valid(meant)),
    base    TEXT NOT NULL CHECK (json_valid(base)),
    kept_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
