//! Sentences and times that the window shows.

use roost_core::clock::UnixMillis;
use roost_core::zone::{Zone, wall_time_of};
use roost_engine::view::{Blocker, Counts, SafeToClose, SyncState};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"];

/// `2027-03-01` and `09:00` of an instant, in `zone`.
pub(crate) fn day_and_time(at: UnixMillis, zone: &Zone) -> (String, String) {
    let wall = wall_time_of(at, zone).to_string();
    let (day, time) = wall.split_once(' ').unwrap_or((&wall, ""));
    (day.to_owned(), time.chars().take(5).collect())
}

/// The month of an instant in `zone`: `Sept`.
pub(crate) fn month(at: UnixMillis, zone: &Zone) -> String {
    let (day, _) = day_and_time(at, zone);
    let number: usize = day.get(5..7).and_then(|month| month.parse().ok()).unwrap_or(1);
    MONTHS.get(number.saturating_sub(1)).copied().unwrap_or_default().to_owned()
}

/// An instant in UTC, short: `2027-02-28 18:50 UTC`.
pub(crate) fn utc(at: UnixMillis) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => text,
    }
}

/// Whether the computer may be closed, as one sentence, and the same at more length.
pub(crate) fn coverage(sync: &SyncState, counts: &Counts, zone: &Zone) -> (String, String) {
    let open = posts(counts.open);
    let go = if counts.open == 1 { "goes" } else { "go" };
    match sync.safe_to_close {
        SafeToClose::OnlyWhileAwake if counts.open == 0 => (
            "This computer: posts go out while it is awake".to_owned(),
            "Relay and scheduler run inside Roost. Nothing is scheduled now.".to_owned(),
        ),
        SafeToClose::OnlyWhileAwake => (
            format!("This computer: {open} {go} out only while it is awake and Roost runs"),
            "Relay and scheduler run inside Roost. What falls into a sleep goes out late, or \
             waits for you, as you prefer."
                .to_owned(),
        ),
        SafeToClose::Everything => (
            format!("Safe to close: {} handed over", posts(sync.handed_over)),
            "The relay and the scheduler hold every post. This computer may sleep.".to_owned(),
        ),
        SafeToClose::Until { at } => (
            format!(
                "Safe to close until {} — {} handed over",
                day_and_time(at, zone).1,
                posts(sync.handed_over)
            ),
            match sync.waiting_here {
                1 => "1 more post waits on this computer.".to_owned(),
                count => format!("{count} more posts wait on this computer."),
            },
        ),
        SafeToClose::NotNow => (
            "Keep this computer on: a post is due and not handed over".to_owned(),
            all_of(sync, |blocker| blocker.needs_this_computer, zone).unwrap_or_else(|| {
                "It goes out as soon as relay and scheduler have it.".to_owned()
            }),
        ),
        SafeToClose::Blocked { .. } => (
            "Not everything goes out: something needs you".to_owned(),
            all_of(sync, |blocker| blocker.needs_person, zone)
                .unwrap_or_else(|| "This computer itself may be closed.".to_owned()),
        ),
    }
}

fn all_of(sync: &SyncState, which: impl Fn(&Blocker) -> bool, zone: &Zone) -> Option<String> {
    let found = sync.blockers.iter().filter(|blocker| which(blocker));
    let words: Vec<String> = found.map(|it| blocker(it, zone)).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// What is in the way, what to do about it in the window, and when it is tried again.
pub(crate) fn blocker(blocker: &Blocker, zone: &Zone) -> String {
    let next = blocker.next_try.map(|next| {
        let (day, time) = day_and_time(next, zone);
        format!(" The next try is on {day} at {time}.")
    });
    format!("{} {}{}", blocker.message, blocker.remedy, next.unwrap_or_default())
}

/// What would not go out if Roost quit now; `None` when quitting costs nothing.
pub(crate) fn quit_warning(sync: &SyncState, counts: &Counts, zone: &Zone) -> Option<String> {
    let (number, when) = match sync.safe_to_close {
        // What is blocked goes out no sooner with this computer on.
        SafeToClose::Everything | SafeToClose::Blocked { until: None } => return None,
        SafeToClose::OnlyWhileAwake => (counts.open, String::new()),
        SafeToClose::Until { at } | SafeToClose::Blocked { until: Some(at) } => {
            (sync.waiting_here, format!(" after {}", day_and_time(at, zone).1))
        }
        SafeToClose::NotNow => (sync.waiting_here.max(1), String::new()),
    };
    (number > 0).then(|| {
        format!("{}{when} will not go out unless Roost runs on this computer.", posts(number))
    })
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
            handed_over: 7,
            waiting_here: 12,
            waiting_beyond: 5,
            horizon_until: UnixMillis(0),
            intentions: 0,
            month_cost_micros: 0,
            month_forecast_micros: 0,
            clock_skew_ms: None,
            sandbox: false,
            trouble: None,
            waiting: Vec::new(),
            blockers: Vec::new(),
        }
    }

    fn said(safe_to_close: SafeToClose, open: u64) -> (String, Option<String>) {
        let (sync, counts) = (sync(safe_to_close), Counts { open, ..Counts::default() });
        let zone = Zone::parse("Asia/Kolkata").unwrap();
        (coverage(&sync, &counts, &zone).0, quit_warning(&sync, &counts, &zone))
    }

    #[test]
    fn this_computer_never_claims_that_it_may_sleep() {
        let (words, warning) = said(SafeToClose::OnlyWhileAwake, 3);
        assert_eq!(words, "This computer: 3 posts go out only while it is awake and Roost runs");
        let expected = "3 posts will not go out unless Roost runs on this computer.";
        assert_eq!(warning.as_deref(), Some(expected));
    }

    #[test]
    fn one_post_goes_and_several_go() {
        let (words, warning) = said(SafeToClose::OnlyWhileAwake, 1);
        assert_eq!(words, "This computer: 1 post goes out only while it is awake and Roost runs");
        let expected = "1 post will not go out unless Roost runs on this computer.";
        assert_eq!(warning.as_deref(), Some(expected));
    }

    #[test]
    fn one_post_waits_and_several_wait() {
        let zone = Zone::parse("Asia/Kolkata").unwrap();
        let hint = |waiting_here| {
            let at = UnixMillis(1_803_840_600_000);
            let sync = SyncState { waiting_here, ..sync(SafeToClose::Until { at }) };
            coverage(&sync, &Counts::default(), &zone).1
        };
        assert_eq!(hint(1), "1 more post waits on this computer.");
        assert_eq!(hint(12), "12 more posts wait on this computer.");
    }

    #[test]
    fn quitting_with_nothing_to_lose_needs_no_warning() {
        assert_eq!(said(SafeToClose::OnlyWhileAwake, 0).1, None);
        assert_eq!(said(SafeToClose::Everything, 7).1, None);
    }

    #[test]
    fn a_horizon_is_told_with_its_time_in_the_zone() {
        // 2027-03-01 00:20 in Kolkata.
        let (words, warning) = said(SafeToClose::Until { at: UnixMillis(1_803_840_600_000) }, 19);
        assert_eq!(words, "Safe to close until 00:20 — 7 posts handed over");
        assert!(warning.unwrap().starts_with("12 posts after 00:20 will not go out"));
    }
}
