//! What somebody decided about a flow control key, whatever its messages ask for.

/// The decisions about one key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct FlowRule {
    pub(crate) key: String,
    pub(crate) paused: bool,
    /// Pinned.
    pub(crate) parallelism: Option<u32>,
    /// Pinned.
    pub(crate) rate: Option<u32>,
    /// Of the pinned rate.
    pub(crate) period_seconds: Option<u32>,
}
