//! What rows, statuses and times are called in the terminal.

use roost_core::clock::UnixMillis;
use roost_core::status::Status;
use roost_engine::view::{PostRow, Reach, SafeToClose, WaitingFor};

/// A status as people know it.
pub(crate) const fn status(status: Status) -> &'static str {
    match status {
        Status::Draft => "Draft",
        Status::Pending => "Scheduled here",
        Status::Queued => "Handed over",
        Status::Held => "Waiting",
        Status::Sending => "Sending",
        Status::Posted => "Posted",
        Status::Partial => "Partial thread",
        Status::Unknown => "Needs check",
        Status::Failed => "Failed",
        Status::Missed => "Missed",
        Status::Cancelled => "Cancelled",
    }
}

/// A row's state in one phrase: an intention on its way says more than the status.
pub(crate) fn state(row: &PostRow) -> String {
    match row.waiting_for {
        Some(WaitingFor::Cancel) => "Cancelling: relay not reached".to_owned(),
        Some(WaitingFor::Edit) => "Saving the change: relay not reached".to_owned(),
        Some(WaitingFor::Result) => format!("{}, relay not reached", status(row.status)),
        None => status(row.status).to_owned(),
    }
}

/// A post's time: wall time and zone as the person meant them.
pub(crate) fn when(row: &PostRow) -> String {
    match &row.wall_time {
        Some(wall_time) => format!("{wall_time} {}", row.zone),
        None => "no time".to_owned(),
    }
}

/// An instant, in UTC, without the noise of fractions.
pub(crate) fn instant(at: UnixMillis) -> String {
    let text = UnixMillis(at.0 - at.0.rem_euclid(1000)).to_string();
    text.replace('T', " ").replace('Z', " UTC")
}

/// How a service answered.
pub(crate) fn reach(reach: &Reach) -> String {
    match reach {
        Reach::NotConfigured => "none configured".to_owned(),
        Reach::NotAsked => "not asked yet".to_owned(),
        Reach::Reached { latency_ms, .. } => format!("answers in {latency_ms} ms"),
        Reach::NotReached { message, .. } => format!("not reached: {message}"),
    }
}

/// Whether the computer may be closed.
pub(crate) fn safe_to_close(safe: SafeToClose) -> String {
    match safe {
        SafeToClose::Everything => "Safe to close: everything is handed over.".to_owned(),
        SafeToClose::Until { at } => format!("Safe to close until {}.", instant(at)),
        SafeToClose::OnlyWhileAwake => {
            "Posts go out while this computer is awake and `roost sync --watch` or the window runs."
                .to_owned()
        }
        SafeToClose::NotNow => {
            "Not safe to close now: posts are due that only this computer has.".to_owned()
        }
    }
}
