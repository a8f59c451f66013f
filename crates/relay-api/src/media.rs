//! Pictures and videos on their way to the relay, in chunks, by the digest of their bytes.

use serde::{Deserialize, Serialize};

/// The largest body of one `PUT /v1/media/{sha256}`, in bytes.
pub const CHUNK_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How far a file has arrived on the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaUpload {
    /// SHA-256 of the whole file, in 64 hexadecimal digits.
    pub sha256: String,
    /// The size of the whole file in bytes; 0 while the relay does not know it.
    pub bytes: u64,
    /// How many of its first bytes the relay has: the next chunk begins there.
    pub received_bytes: u64,
    /// The relay has all of it, and its digest is right: a post with it can be staged.
    pub is_complete: bool,
}

/// The room that pictures and videos take on the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaSpace {
    /// Bytes of all files together, those on their way included.
    pub bytes: u64,
    /// How many files there are, those on their way included.
    pub files: u64,
    /// The most bytes that the relay keeps.
    pub bytes_max: u64,
}
