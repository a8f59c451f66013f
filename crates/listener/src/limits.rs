//! How many connections there may be, and how long each may take.

use std::time::Duration;

/// File descriptors that are kept for everything but the listener: calls to other servers, databases,
/// names being resolved, and connections that are just being closed.
const RESERVED_OPEN_FILES: usize = 256;
/// More are never asked for: each costs the kernel some memory.
const OPEN_FILES_MAX: u64 = 16_384;
/// Connections there always may be, however few files may be open.
const CONNECTIONS_MIN: usize = 16;

/// The limits of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are open at a time.
    pub connections: usize,
    /// How long a client may take from its connection, or from the first byte of a further request,
    /// to the end of the header.
    pub header_timeout: Duration,
    /// How long a connection may rest between two requests: longer than clients and proxies keep one
    /// (90 and 120 seconds), so that none sends into a connection that is just being closed.
    pub idle_timeout: Duration,
    /// How long a client may leave an answer unread.
    pub write_timeout: Duration,
    /// The longest header of a request, in bytes.
    pub header_max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1000,
            header_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(150),
            write_timeout: Duration::from_secs(30),
            header_max_bytes: 64 * 1024,
        }
    }
}

impl Limits {
    /// Returns the limits with no more connections than leave the reserve free of so many open files.
    #[must_use]
    pub fn within(self, open_files: usize) -> Self {
        let room = open_files.saturating_sub(RESERVED_OPEN_FILES).max(CONNECTIONS_MIN);
        Self { connections: self.connections.min(room), ..self }
    }
}

/// Raises this process's limit of open files as far as it may. Returns how many may be open then.
#[cfg(unix)]
#[must_use]
pub fn raise_open_files() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let may = limit.maximum.unwrap_or(OPEN_FILES_MAX).min(OPEN_FILES_MAX);
    let has = limit.current.unwrap_or(OPEN_FILES_MAX);
    let raised = has < may
        && setrlimit(Resource::Nofile, Rlimit { current: Some(may), maximum: limit.maximum })
            .is_ok();
    usize::try_from(if raised { may } else { has }).unwrap_or(usize::MAX)
}

/// Returns how many files may be open: as far as this system tells, any number.
#[cfg(not(unix))]
#[must_use]
pub fn raise_open_files() -> usize {
    usize::try_from(OPEN_FILES_MAX).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserve_of_open_files_is_kept_for_everything_else() {
        let limits = Limits::default();
        assert_eq!(limits.within(1024).connections, 1024 - RESERVED_OPEN_FILES);
        assert_eq!(limits.within(100_000).connections, limits.connections);
        assert_eq!(limits.within(10).connections, CONNECTIONS_MIN);
    }
}
