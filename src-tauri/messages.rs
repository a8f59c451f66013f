//! Sentences that the shell says by itself: in notices, and before it quits.

use roost_core::clock::UnixMillis;
use roost_core::zone::{Zone, wall_time_of};
use roost_engine::api::Reversal;
use roost_engine::view::{Counts, SafeToClose, SyncState};

/// Day and time of an instant, in `zone`: `2027-03-01 09:00`.
fn day_and_time(at: UnixMillis, zone: &Zone) -> String {
    wall_time_of(at, zone).to_string().chars().take(16).collect()
}

/// What would not go out if Roost quit now; `None` when quitting costs nothing.
pub(crate) fn quit_warning(sync: &SyncState, counts: &Counts, zone: &Zone) -> Option<String> {
    let (number, when) = match sync.safe_to_close {
        // What is blocked goes out no sooner with this computer on.
        SafeToClose::Everything | SafeToClose::Blocked { until: None } => return None,
        SafeToClose::OnlyWhileAwake => (counts.open, String::new()),
        SafeToClose::Until { at } | SafeToClose::Blocked { until: Some(at) } => {
            (sync.waiting_here, format!(" from {} on", day_and_time(at, zone)))
        }
        SafeToClose::NotNow => (sync.waiting_here.max(1), String::new()),
    };
    (number > 0).then(|| {
        format!("{}{when} will not go out unless Roost runs on this computer.", posts(number))
    })
}

/// What undoing did: a title, and what else is to be known.
pub(crate) fn undone(done: &Reversal) -> (String, String) {
    let what = match done.steps.as_slice() {
        [only] => only.step.title.clone(),
        steps => format!("{} steps", steps.len()),
    };
    let mut body = Vec::new();
    if done.kept > 0 {
        body.push(format!("{} as now: History tells why.", stay(done.kept)));
    }
    if done.asked > 0 {
        body.push("The relay has yet to confirm it.".to_owned());
    }
    (format!("Undone: {what}"), body.join(" "))
}

fn stay(count: u64) -> String {
    if count == 1 { "1 post stays".to_owned() } else { format!("{count} posts stay") }
}

/// `1 post`, `7 posts`.
pub(crate) fn posts(count: u64) -> String {
    if count == 1 { "1 post".to_owned() } else { format!("{count} posts") }
}

#[cfg(test)]
mod tests {
    use roost_engine::Mode;
    use roost_engine::view::Reach;

    use super::*;

    fn sync(safe_to_close: SafeToClose) -> SyncState {
        SyncState {
            mode: Mode::ThisComputer,
            relay: Reach::NotAsked,
            scheduler: Reach::NotAsked,
            last_sync_at: None,
            syncing: false,
            paused: false,
            safe_to_close,
            next_at: None,
            handed_over: 7,
            waiting_here: 12,
            waiting_beyond: 5,
            horizon_until: UnixMillis(0),
            intentions: 0,
            month_cost_micros: 0,
            month_forecast_micros: 0,
            clock_skew_ms: None,
            sandbox: false,
            uploads: None,
            trouble: None,
            waiting: Vec::new(),
            blockers: Vec::new(),
        }
    }

    fn warning(safe_to_close: SafeToClose, open: u64) -> Option<String> {
        let (sync, counts) = (sync(safe_to_close), Counts { open, ..Counts::default() });
        let zone = Zone::parse("Asia/Kolkata").unwrap();
        quit_warning(&sync, &counts, &zone)
    }

    #[test]
    fn posts_of_this_computer_do_not_go_out_without_roost() {
        let expected = "3 posts will not go out unless Roost runs on this computer.";
        assert_eq!(warning(SafeToClose::OnlyWhileAwake, 3).as_deref(), Some(expected));
        let expected = "1 post will not go out unless Roost runs on this computer.";
        assert_eq!(warning(SafeToClose::OnlyWhileAwake, 1).as_deref(), Some(expected));
    }

    #[test]
    fn quitting_with_nothing_to_lose_needs_no_warning() {
        assert_eq!(warning(SafeToClose::OnlyWhileAwake, 0), None);
        assert_eq!(warning(SafeToClose::Everything, 7), None);
    }

    #[test]
    fn posts_beyond_the_horizon_are_told_with_their_day_and_time_in_the_zone() {
        // 2027-03-01 00:20 in Kolkata.
        let at = UnixMillis(1_803_840_600_000);
        let warning = warning(SafeToClose::Until { at }, 19).unwrap();
        assert!(
            warning.starts_with("12 posts from 2027-03-01 00:20 on will not go out"),
            "{warning}"
        );
    }
}
