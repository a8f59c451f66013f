//! What a database is, and how its connections work.

use std::time::Duration;

/// What tells a product's database from any other file.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// The mark in the header of each file, if the product sets one.
    pub application_id: Option<u32>,
    /// Its migrations, oldest first.
    pub migrations: fn() -> refinery::Runner,
}

/// How the connections to a database work. All write ahead (WAL), sync every commit to the disk
/// (`synchronous=FULL`), keep foreign keys, and hold what may have to be undone in memory.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long to wait for another program that holds the file.
    pub busy_timeout: Duration,
    /// Statements that each connection keeps prepared.
    pub statements: usize,
    /// Pages that the writer keeps in memory, in KiB; SQLite's own measure when there is none.
    pub writer_cache_kib: Option<u32>,
    /// The same for each reader.
    pub reader_cache_kib: Option<u32>,
    /// Pages in the log at which they are carried over into the file. Pages that change again and
    /// again are copied once in a while then, not each time.
    pub checkpoint_pages: Option<u32>,
    /// How large the log may stay between two writes, in bytes.
    pub log_max_bytes: Option<u64>,
    /// Whether a statement's plan stays whatever its values are. Without that, SQLite prepares kept
    /// statements anew for new values.
    pub has_stable_plans: bool,
}

impl Settings {
    /// Waits five seconds, keeps 64 statements, and leaves the rest to SQLite.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            busy_timeout: Duration::from_secs(5),
            statements: 64,
            writer_cache_kib: None,
            reader_cache_kib: None,
            checkpoint_pages: None,
            log_max_bytes: None,
            has_stable_plans: false,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}
