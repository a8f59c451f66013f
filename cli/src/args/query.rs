//! Which posts a command is for.

use clap::Args;
use roost_core::id::ImportId;
use roost_core::status::Status;

use super::status;

/// Which posts. With several conditions, those that meet all of them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Query")]
pub(crate) struct Query {
    /// Only posts with this status; may be given several times.
    #[arg(long, value_name = "STATUS", value_parser = status(), ignore_case = true)]
    pub(crate) status: Vec<Status>,
    /// Only posts with these words.
    #[arg(long, value_name = "WORDS", alias = "text")]
    pub(crate) search: Option<String>,
    /// Only this account: its handle.
    #[arg(long, value_name = "HANDLE")]
    pub(crate) account: Option<String>,
    /// Only posts with this tag.
    #[arg(long, value_name = "WORD")]
    pub(crate) tag: Option<String>,
    /// Only this import.
    #[arg(long, value_name = "ID")]
    pub(crate) import: Option<ImportId>,
    /// Only posts due at this wall time or later: "2027-03-01", "2027-03-01 09:00".
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Only posts due before this wall time.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}

impl Query {
    /// Whether it names no condition, and so would mean everything.
    pub(crate) const fn is_empty(&self) -> bool {
        let words = self.search.is_some() || self.account.is_some() || self.import.is_some();
        self.status.is_empty()
            && !words
            && self.tag.is_none()
            && self.from.is_none()
            && self.until.is_none()
    }
}
