//! What can go wrong, in words a person can act on.

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not built yet.
    #[error("this is not available yet")]
    NotReady,
}
