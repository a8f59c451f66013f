//! Limits of an open store, and what is told of its opening.

use std::path::PathBuf;
use std::time::Duration;

use roost_sqlite::Settings;

/// What a person may want to know of an opening, told while it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// The store did not come to a clean end, or something changed it since: its whole file is read
    /// now, which takes about a second for each 200 MB.
    ReadsTheWholeFile {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// Other users of this computer could read these files; from now on they can not.
    ClosedToOthers {
        /// The files.
        paths: Vec<PathBuf>,
    },
}

/// Limits of an open store.
#[derive(Debug, Clone)]
pub struct Options {
    /// Hears what a person may want to know of the opening.
    pub tell: Option<fn(&Opening)>,
    /// How long to wait for another program that holds the file.
    pub busy_timeout: Duration,
    /// How many backups stay.
    pub retention: Retention,
}

impl Default for Options {
    fn default() -> Self {
        Self { tell: None, busy_timeout: Duration::from_secs(5), retention: Retention::default() }
    }
}

impl Options {
    /// Returns how the connections to the store work.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            busy_timeout: self.busy_timeout,
            statements: 128,
            writer_cache_kib: Some(16 << 10),
            reader_cache_kib: Some(16 << 10),
            log_max_bytes: Some(4 << 20),
            ..Settings::new()
        }
    }
}

/// How many backups stay of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// The newest, whatever they are.
    pub newest: usize,
    /// Formats of the store: the newest backup that was made before each update.
    pub formats: usize,
    /// Days that have a backup: the newest of each, in UTC.
    pub days: usize,
    /// Weeks that have a backup: the newest of each, from Monday on.
    pub weeks: usize,
}

impl Default for Retention {
    fn default() -> Self {
        Self { newest: 3, formats: 3, days: 7, weeks: 4 }
    }
}
