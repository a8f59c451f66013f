//! Runs of handing over and of recovery.

use roost_core::clock::UnixMillis;
use serde::{Deserialize, Serialize};

/// One run: why it ran, in which window of the day, and how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SyncRunRow {
    /// Its place; rises with each run.
    pub id: i64,
    /// `main`, `recovery`, `catch-up` or `manual`.
    pub kind: String,
    /// Why it ran: `window`, `start`, `wake`, `network`, `scheduler`, `change`, `person`, `recovery`.
    pub reason: String,
    /// When the window of the day began in which it ran; none in records of earlier releases.
    pub window_start: Option<UnixMillis>,
    /// The first instant after that window.
    pub window_end: Option<UnixMillis>,
    /// `running`, `done`, `partial` or `failed`. One that was interrupted stays `running`.
    pub outcome: String,
    /// Posts that the relay took.
    pub staged: u64,
    /// Messages that the scheduler took.
    pub published: u64,
    /// Posts that could not be handed over.
    pub failed: u64,
    /// Posts that waited beyond the horizon.
    pub posts_beyond: u64,
    /// Posts that a recovery asked the relay for.
    pub asked: u64,
    /// Those of them of which the relay told.
    pub answered: u64,
    /// The first failure's code.
    pub error_code: Option<String>,
    /// The same in plain words.
    pub error_message: Option<String>,
    /// When it began.
    pub started_at: UnixMillis,
    /// When it ended. A failure that came again and again ended when it last did.
    pub finished_at: Option<UnixMillis>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
}
