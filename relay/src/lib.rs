//! The relay: verifies signed webhooks, keeps the ledger, posts to X.
