//! Named places where a process can be made to die, and guards that can be broken on purpose.
//!
//! A program crosses a [`point`] wherever what is on disk, or known to somebody else, is about to
//! change or has just changed: around a commit, around an exchange over HTTP. A test then lets it
//! die at the first crossing, the second, and so on until a run passes untouched.
//!
//! Without the feature `enabled` every function here is empty, and a program contains nothing of
//! it. With it, three variables of the environment tell what to do:
//!
//! - `CRASH_POINTS_TRACE`: a file to which each crossing is appended, one [`RECORD`] each. All
//!   processes that are given the same file count together, also over restarts. Beside it, with
//!   the extension [`DEATHS`], those at which a process died.
//! - `CRASH_POINTS_AT`: the number of the crossing to die at, from 1; or `each`, to die at the
//!   first crossing of every name; or `intent.begin#3`, to die at the third crossing of that name. Nothing is destroyed or flushed: it is as if the power failed.
//! - `CRASH_POINTS_SABOTAGE`: the names of guards that are broken, with commas between them.

#[cfg(feature = "enabled")]
mod armed;

#[cfg(feature = "enabled")]
pub use armed::{point, sabotaged};

/// The bytes of one crossing in the trace: its name, filled up with spaces, and a line feed.
pub const RECORD: usize = 64;
/// The extension of the file with the crossings at which a process died.
pub const DEATHS: &str = "deaths";

/// On which side of what a point lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// In a transaction, before anything is changed in it.
    Begin,
    /// Everything is changed; the commit is next.
    Commit,
    /// The commit is on disk; nobody was told.
    Committed,
    /// A request is complete; its first byte has not left.
    Ask,
    /// An answer, or the failure to get one, is there; nothing was made of it.
    Answered,
    /// A request was worked on; the first byte of the answer has not left.
    Answer,
}

impl Moment {
    /// The word that follows the point's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::Commit => "commit",
            Self::Committed => "committed",
            Self::Ask => "ask",
            Self::Answered => "answered",
            Self::Answer => "answer",
        }
    }
}

/// Crosses a point; the process may end here.
#[cfg(not(feature = "enabled"))]
#[inline]
pub const fn point(_name: &str, _moment: Moment) {}

/// Whether the guard of this name is broken on purpose. Never, without the feature.
#[cfg(not(feature = "enabled"))]
#[inline]
#[must_use]
pub const fn sabotaged(_guard: &str) -> bool {
    false
}
