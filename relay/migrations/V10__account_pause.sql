-- Accounts that are paused. Beside the accounts: a pause stays when its account signs out, and may come
-- before it signs in.
CREATE TABLE paused_account (
    x_user_id TEXT PRIMARY KEY,
    since     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
