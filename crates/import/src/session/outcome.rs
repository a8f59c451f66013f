//! How a row ends: in exactly one of four ways.

use serde::{Deserialize, Serialize};

/// How a row ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Outcome {
    /// It is scheduled.
    Ready,
    /// It is kept as a draft.
    Draft,
    /// It is left out, by a choice of the person or because there is nothing to do.
    Skipped,
    /// It has an error, and while there is such a row nothing is imported.
    Refused,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Ready, Self::Draft, Self::Skipped, Self::Refused];
}

/// Why a row is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum SkipReason {
    /// Its time has passed.
    Past,
    /// An earlier row of the file says the same, for the same account.
    DuplicateOfRow {
        /// That row, from 1.
        first: u32,
    },
    /// A post that is there already says the same, for the same account.
    AlreadyThere,
    /// A post with its id is there already, and updates were not chosen.
    OwnIdKnown,
    /// It is for another network.
    OtherNetwork,
    /// It went out already, as its status or its address on X says.
    WentOut,
    /// Its status says that it is not to go out, such as `cancelled`.
    Cancelled,
    /// The person left it out.
    LeftOut,
    /// It has an error, and such rows are left out.
    Problem,
}

impl SkipReason {
    /// Returns whether the row is left out because the same is there already.
    #[must_use]
    pub const fn is_duplicate(self) -> bool {
        matches!(self, Self::DuplicateOfRow { .. } | Self::AlreadyThere | Self::OwnIdKnown)
    }
}

impl std::fmt::Display for SkipReason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Past => "its time has passed",
            Self::DuplicateOfRow { first } => {
                return write!(formatter, "row {first} says the same");
            }
            Self::AlreadyThere => "the same post is there already",
            Self::OwnIdKnown => "a post with its id is there already",
            Self::OtherNetwork => "it is for another network",
            Self::WentOut => "it went out already",
            Self::Cancelled => "its status says that it is not to go out",
            Self::LeftOut => "you left it out",
            Self::Problem => "it has an error",
        })
    }
}
