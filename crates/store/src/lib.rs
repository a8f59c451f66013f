//! The local SQLite store: one file per table.
