-- What the health check changes, so that its write is a real one.
ALTER TABLE relay ADD COLUMN checks INTEGER NOT NULL DEFAULT 0;
-- Since when X refuses to renew the sign-in while it may be X that is out of order; NULL: it does not.
ALTER TABLE account ADD COLUMN doubted_since INTEGER;
-- When X last refused to renew it.
ALTER TABLE account ADD COLUMN refused_at INTEGER;
-- The grant does not open with the relay's key file: that, and not X, signed the account out.
ALTER TABLE account ADD COLUMN unopened INTEGER NOT NULL DEFAULT 0 CHECK (unopened IN (0, 1));
