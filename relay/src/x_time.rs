//! X's time, as far as it is known.

use roost_core::clock::UnixMillis;

/// What is known of X's time at an instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct XTime {
    /// How far this clock was ahead when last compared, in milliseconds.
    pub(crate) ahead_ms: Option<i64>,
    /// What X's clock certainly shows by now, whatever this one does.
    pub(crate) since: Option<UnixMillis>,
}

/// What the next process is to know of the two clocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct KnownSkew {
    pub(crate) x_time: XTime,
    /// How far this clock was ahead at the most, in milliseconds.
    pub(crate) ahead_at_most_ms: Option<i64>,
}

/// The instant without what this clock is ahead, or behind, as far as that is known.
pub(crate) fn subtract_skew(instant: UnixMillis, ahead_ms: Option<i64>) -> UnixMillis {
    UnixMillis(instant.0.saturating_sub(ahead_ms.unwrap_or(0)))
}
