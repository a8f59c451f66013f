//! What is done to a connection.

use std::time::Duration;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client to the upstream.
    Up,
    /// From the upstream to the client.
    Down,
}

/// What is done to a connection. `after` counts the bytes that went in the direction since the
/// rule was given; the rule strikes when a byte more is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// All bytes pass.
    Pass,
    /// Reset before any byte reaches the upstream.
    Refuse,
    /// Closed on both sides.
    Cut {
        /// Which bytes are counted.
        direction: Direction,
        /// How many of them pass.
        after: u64,
    },
    /// Reset on both sides: what the receiver has not read yet is lost, too.
    Reset {
        /// Which bytes are counted.
        direction: Direction,
        /// How many of them pass.
        after: u64,
    },
    /// Whatever goes in the direction arrives later.
    Delay {
        /// Which bytes wait.
        direction: Direction,
        /// How long each chunk of them is held.
        by: Duration,
    },
    /// Nothing more arrives in the direction, and nobody is told. Another rule lets it go on.
    Stall {
        /// Which bytes are held.
        direction: Direction,
        /// How many of them pass first.
        after: u64,
    },
    /// The direction is shut: the receiver reads an end, and what the sender still sends is lost.
    /// The other direction goes on.
    HalfClose {
        /// Which direction is shut.
        direction: Direction,
        /// How many bytes pass first.
        after: u64,
    },
}

/// What strikes in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strike {
    Cut,
    Reset,
    Stall,
    HalfClose,
}

impl Rule {
    /// What strikes in a direction, and after how many bytes.
    pub(crate) fn strike(self, way: Direction) -> Option<(Strike, u64)> {
        let (direction, after, strike) = match self {
            Self::Cut { direction, after } => (direction, after, Strike::Cut),
            Self::Reset { direction, after } => (direction, after, Strike::Reset),
            Self::Stall { direction, after } => (direction, after, Strike::Stall),
            Self::HalfClose { direction, after } => (direction, after, Strike::HalfClose),
            // An open connection that is to be refused ends at once.
            Self::Refuse => (way, 0, Strike::Reset),
            Self::Pass | Self::Delay { .. } => return None,
        };
        (direction == way).then_some((strike, after))
    }

    /// How long a chunk is held in a direction.
    pub(crate) fn delay(self, way: Direction) -> Option<Duration> {
        match self {
            Self::Delay { direction, by } if direction == way => Some(by),
            _ => None,
        }
    }
}
