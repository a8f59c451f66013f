//! What an import would do, in numbers.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use serde::Serialize;

use crate::finding::Severity;

/// What an import would do. `rows` is the sum of `ready`, `drafts`, `skipped` and `refused`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Summary {
    /// Rows of the source.
    pub rows: u32,
    /// Rows that are scheduled.
    pub ready: u32,
    /// Rows that become drafts.
    pub drafts: u32,
    /// Rows that are left out.
    pub skipped: u32,
    /// Rows with an error, while such rows stand in the way of all.
    pub refused: u32,
    /// Of `ready` and `drafts`, the rows that change a waiting post.
    pub updated: u32,
    /// Of `skipped`, the rows that are there already.
    pub duplicates: u32,
    /// Rows whose time has passed, whatever becomes of them.
    pub past: u32,
    /// Of `skipped`, the rows for other networks.
    pub other_networks: u32,
    /// What posting the rows that are scheduled costs, in millionths of a dollar.
    pub cost_micros: i64,
    /// Of `ready`, the rows with a link.
    pub with_link: u32,
    /// The first time at which one of them goes out, in Unix milliseconds.
    pub first_at: Option<UnixMillis>,
    /// The last.
    pub last_at: Option<UnixMillis>,
    /// The zone of rows that name none.
    pub zone: String,
    /// What was found, each code with its number of rows; errors first, then by number.
    pub by_code: Vec<CodeCount>,
    /// Rows in which an error was found, whatever becomes of them.
    pub with_error: u32,
    /// Rows in which a warning was found, whatever becomes of them.
    pub with_warning: u32,
    /// How many errors were found in all: a row may have several.
    pub errors: u64,
    /// How many warnings were found in all.
    pub warnings: u64,
    /// Whether the texts of all rows have been compared: until then those that are nearly the same are
    /// still looked for, and are counted as far as they are found.
    pub texts_compared: bool,
    /// How many posts go out on each day of the zone.
    pub days: Vec<DayCount>,
    /// What the posts of each month of the zone cost.
    pub months: Vec<MonthCost>,
}

/// How often something was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CodeCount {
    /// What was found.
    pub code: Code,
    /// Whether it stands in the way.
    pub severity: Severity,
    /// In how many rows.
    pub rows: u32,
}

/// The posts of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DayCount {
    /// The day, as `2027-03-01`.
    pub date: String,
    /// How many posts go out.
    pub count: u32,
}

/// The posts of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MonthCost {
    /// The month, as `2027-03`.
    pub month: String,
    /// What its posts cost, in millionths of a dollar.
    pub cost_micros: i64,
    /// How many posts go out.
    pub posts: u32,
}
