//! What came out of a file.

use serde::Serialize;

use roost_core::clock::UnixMillis;
use roost_core::cost::MicroDollars;
use roost_core::duplicate::DuplicateKey;
use roost_core::failure::Problems;
use roost_core::id::XUserId;
use roost_core::post::Content;
use roost_core::status::Status;
use roost_core::zone::{WallTime, Zone};

/// What came out of a file. `total` is the sum of ready, skipped and failed rows.
#[derive(Debug, Clone, Serialize)]
pub struct Parsed {
    /// The rows that are ready to store, in the order of the file.
    pub rows: Vec<Row>,
    /// The rows that were left out, in the order of the file.
    pub skipped: Vec<Skipped>,
    /// How many rows have an error.
    pub failed: u32,
    /// How many rows the file has.
    pub total: u32,
    /// What must be mended.
    pub errors: Problems,
    /// What a person should know.
    pub warnings: Problems,
    /// What posting the ready rows costs.
    pub cost: MicroDollars,
    /// The zone of rows that name none.
    pub zone: Zone,
    /// The first time at which one of them goes out.
    pub first_at: Option<UnixMillis>,
    /// The last.
    pub last_at: Option<UnixMillis>,
}

/// A row that is ready to store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its place in the file, from 1.
    pub row: u32,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// What it says.
    pub content: Content,
    /// When, on the wall clock of `zone`; a draft may have no time.
    pub wall_time: Option<WallTime>,
    /// The zone of the wall time.
    pub zone: Zone,
    /// The instant, in whole seconds.
    pub scheduled_at: Option<UnixMillis>,
    /// [`Status::Pending`], or [`Status::Draft`] where the row says so or the past policy does.
    pub status: Status,
    /// The account; none while none is connected.
    pub account: Option<XUserId>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What repeats of it have in common.
    pub duplicate_key: DuplicateKey,
    /// What posting it costs.
    pub cost: MicroDollars,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Its place in the file, from 1.
    pub row: u32,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// Why.
    pub reason: SkipReason,
}

/// Why a row was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum SkipReason {
    /// Its time has passed.
    Past,
    /// An earlier row of the file says the same, for the same account.
    DuplicateOfRow {
        /// That row.
        first: u32,
    },
    /// A post that is there already says the same, for the same account.
    AlreadyThere,
}

impl std::fmt::Display for SkipReason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Past => formatter.write_str("its time has passed"),
            Self::DuplicateOfRow { first } => write!(formatter, "row {first} says the same"),
            Self::AlreadyThere => formatter.write_str("the same post is there already"),
        }
    }
}
