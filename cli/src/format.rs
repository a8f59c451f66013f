//! What rows, statuses and times are called in the terminal.

use std::path::Path;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::status::Status;
use roost_core::zone::{Zone, wall_time_of};
use roost_engine::view::{Blocker, PostRow, Reach, SafeToClose, SyncRunRow, SyncState, WaitingFor};

use crate::next_step;
use crate::output::{counted, one_line};

/// A row's state in one phrase: an intention on its way says more than the status. That the relay
/// was not reached is said only when it was asked and did not answer.
pub(crate) fn state(row: &PostRow, relay: &Reach) -> String {
    let on_its_way = match relay {
        Reach::NotReached { .. } => "relay not reached",
        _ => "on its way to the relay",
    };
    match row.waiting_for {
        Some(WaitingFor::Cancel) => format!("Cancelling: {on_its_way}"),
        Some(WaitingFor::Edit) => format!("Saving the change: {on_its_way}"),
        Some(WaitingFor::Result) => format!("{}, relay not reached", row.status.label()),
        None if waits_for_account(row) => "No account: choose one".to_owned(),
        None => row.status.label().to_owned(),
    }
}

/// Whether a post has a time and nobody to post it.
fn waits_for_account(row: &PostRow) -> bool {
    row.account.is_none() && row.status == Status::Pending
}

/// A post's time: wall time and zone as the person meant them.
pub(crate) fn when(row: &PostRow) -> String {
    match &row.wall_time {
        Some(wall_time) => format!("{wall_time} {}", row.zone),
        None => "no time".to_owned(),
    }
}

/// That posts need the person, and where they are.
pub(crate) fn needs_you(posts: u64) -> String {
    let posts = counted(posts, "post needs", "posts need");
    format!("{posts} you: `roost posts list --view needs-you`.")
}

/// An instant, in UTC, without the noise of fractions.
pub(crate) fn instant(at: UnixMillis) -> String {
    let text = UnixMillis(at.0 - at.0.rem_euclid(1000)).to_string();
    text.replace('T', " ").replace('Z', " UTC")
}

/// An instant on the wall clock of a zone; in UTC when the zone is none.
pub(crate) fn wall_time(at: UnixMillis, zone: &str) -> String {
    Zone::parse(zone).map_or_else(|_| instant(at), |zone| wall_time_of(at, &zone).to_string())
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

/// What is in the way: finding, remedy, the other side's words, and when it is tried again.
pub(crate) fn blocker(blocker: &Blocker) -> String {
    let said = blocker.said.as_ref().map(|said| format!(" In its words: {}.", one_line(said)));
    let next = blocker.next_try.map(|next| format!(" The next try is at {}.", instant(next)));
    let since = blocker.since.map(|since| format!(" So since {}.", instant(since)));
    let words = next_step::with_steps(&blocker.sentence(), &blocker.next_steps);
    [Some(words), said, since, next].into_iter().flatten().collect()
}

/// Whether the computer may be closed.
pub(crate) fn safe_to_close(sync: &SyncState) -> String {
    match sync.safe_to_close {
        SafeToClose::Everything => "Safe to close: everything is handed over.".to_owned(),
        SafeToClose::Until { at } => format!("Safe to close until {}.", instant(at)),
        SafeToClose::OnlyWhileAwake => {
            "Posts go out while this computer is awake and `roost sync --watch` or the window runs."
                .to_owned()
        }
        SafeToClose::NotNow => {
            "Not safe to close now: this computer is needed for what stands above.".to_owned()
        }
        SafeToClose::Blocked { until: Some(at) } => format!(
            "This computer may be closed until {}. You are needed before: not everything goes out \
             before what stands above is settled.",
            instant(at)
        ),
        SafeToClose::Blocked { until: None } => {
            "This computer is not needed, but you are: not everything goes out before what stands \
             above is settled."
                .to_owned()
        }
    }
}

/// Why a start takes longer, and for how long.
pub(crate) fn reads_the_whole_file(path: &Path, bytes: u64) -> String {
    format!(
        "Roost did not end properly last time, or something changed {} since: its {} are checked \
         first.",
        path.display(),
        size(bytes)
    )
}

/// What was mended in a folder.
pub(crate) fn closed_to_others(folder: &Path) -> String {
    format!(
        "Other users of this computer could read what Roost keeps in {}. Now only you can.",
        folder.display()
    )
}

/// A size in the unit that fits: `1.8 MB`. A megabyte is a million bytes.
pub(crate) fn size(bytes: u64) -> String {
    let in_units = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit / (unit / 10));
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", in_units(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", in_units(1_000_000)),
        _ => format!("{} GB", in_units(1_000_000_000)),
    }
}

/// How long ago something was, in the largest unit that fits.
pub(crate) fn age(age: Duration) -> String {
    let minutes = age.as_secs() / 60;
    match (minutes / (24 * 60), minutes / 60, minutes) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, _) => counted(minutes, "minute", "minutes"),
        (0, hours, _) => counted(hours, "hour", "hours"),
        (days, _, _) => counted(days, "day", "days"),
    }
}

/// Returns one run of handing over as a line: when, of which kind, how it went.
pub(crate) fn sync_run(run: &SyncRunRow) -> String {
    let took = run.duration_ms.map_or_else(
        || "did not end".to_owned(),
        |ms| format!("{}.{} s", ms / 1000, ms % 1000 / 100),
    );
    let did = match run.kind.as_str() {
        "recovery" => format!("{} of {} results", run.answered, run.asked),
        _ => format!("{} staged, {} published", run.staged, run.published),
    };
    let failed = match (run.failed, run.error_message.as_deref()) {
        (0, None) => String::new(),
        (failed, message) => {
            format!(", {failed} failed. {}", message.unwrap_or_default())
        }
    };
    let at = instant(run.started_at);
    format!("{at}  {:<8}  {:<7}  {did}, {took}{failed}", run.kind, run.outcome)
        .trim_end()
        .to_owned()
}
