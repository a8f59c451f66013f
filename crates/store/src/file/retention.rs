//! Which backups stay. Age alone would fill the folder with one bad evening's copies and lose the
//! last good one, so the newest few stay, and beside them one for each of the days, weeks and formats
//! before.

use std::collections::HashSet;

use roost_core::clock::UnixMillis;
use rusqlite::Connection;

use super::backup_file::Backup;
use crate::options::Retention;

/// The setting with the size that all backups together may have, in bytes.
pub const BACKUP_BYTES_MAX: &str = "backup_bytes_max";
/// What they may have unless the person chose otherwise.
pub const BACKUP_BYTES_MAX_DEFAULT: u64 = 2_000_000_000;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Days from a Monday to the epoch, which was a Thursday.
const MONDAY_TO_EPOCH_DAYS: i64 = 3;

impl Retention {
    /// Returns the backups that are to go, of all that are there (newest first). The newest one stays
    /// whatever its size.
    pub(super) fn superseded(self, newest_first: &[Backup], bytes_max: u64) -> Vec<&Backup> {
        let mut stay: HashSet<usize> = (0..newest_first.len().min(self.newest.max(1))).collect();
        let before_updates = |backup: &Backup| backup.format_before_update.map(i64::from);
        stay.extend(newest_of_each(newest_first, self.formats, before_updates));
        stay.extend(newest_of_each(newest_first, self.days, |backup| Some(day(backup.made_at))));
        stay.extend(newest_of_each(newest_first, self.weeks, |backup| Some(week(backup.made_at))));
        let mut bytes = 0_u64;
        let mut is_full = false;
        let mut superseded = Vec::new();
        for (index, backup) in newest_first.iter().enumerate() {
            is_full |= index > 0 && bytes.saturating_add(backup.bytes) > bytes_max;
            if is_full || !stay.contains(&index) {
                superseded.push(backup);
            } else {
                bytes = bytes.saturating_add(backup.bytes);
            }
        }
        superseded
    }
}

/// Returns the first backup of each of the first `groups` groups; one without a group is passed over.
fn newest_of_each(
    newest_first: &[Backup],
    groups: usize,
    group_of: impl Fn(&Backup) -> Option<i64>,
) -> Vec<usize> {
    let mut seen = HashSet::new();
    let mut first = Vec::new();
    for (index, backup) in newest_first.iter().enumerate() {
        if first.len() == groups {
            break;
        }
        if group_of(backup).is_some_and(|group| seen.insert(group)) {
            first.push(index);
        }
    }
    first
}

fn day(at: UnixMillis) -> i64 {
    at.0.div_euclid(DAY_MS)
}

fn week(at: UnixMillis) -> i64 {
    (day(at) + MONDAY_TO_EPOCH_DAYS).div_euclid(7)
}

/// Returns the size that the backups of a store may have together, by the store's own settings. One
/// that can't be read, because the store is of an older format or damaged, is the default.
pub(super) fn bytes_max(store: &Connection) -> u64 {
    let sql = "SELECT value ->> '$' FROM setting WHERE key = ?1";
    let chosen = store.query_row(sql, [BACKUP_BYTES_MAX], |row| row.get::<_, i64>(0));
    chosen.ok().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(BACKUP_BYTES_MAX_DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = DAY_MS / 24;
    /// A Monday, 2027-03-01T00:00:00Z.
    const MONDAY: i64 = 1_803_859_200_000;

    fn made(at: i64) -> Backup {
        Backup {
            path: format!("{at}.db").into(),
            made_at: UnixMillis(at),
            bytes: 10,
            format_before_update: None,
        }
    }

    /// Makes a backup at each of the instants, in order, and lets go of the superseded after each.
    fn kept(instants: impl Iterator<Item = i64>, bytes_max: u64) -> Vec<i64> {
        let mut all = Vec::new();
        for at in instants {
            all.insert(0, made(at));
            let superseded: Vec<Backup> =
                Retention::default().superseded(&all, bytes_max).into_iter().cloned().collect();
            all.retain(|backup| !superseded.contains(backup));
        }
        all.iter().map(|backup| backup.made_at.0).collect()
    }

    #[test]
    fn a_quarter_of_daily_backups_leaves_seven_days_and_four_weeks() {
        let days = kept((0..90).map(|day| MONDAY + day * DAY_MS), u64::MAX);
        let ages: Vec<i64> = days.iter().map(|at| 89 - (at - MONDAY) / DAY_MS).collect();
        // Day 89 is a Saturday: seven days, then the Sundays of three weeks before its own.
        assert_eq!(ages, [0, 1, 2, 3, 4, 5, 6, 13, 20]);
    }

    #[test]
    fn an_evening_of_backups_leaves_its_newest_and_the_days_before() {
        let days = (0..5).map(|day| MONDAY + day * DAY_MS);
        let evening = (0..20).map(|n| MONDAY + 5 * DAY_MS + 18 * HOUR_MS + n * 60_000);
        let kept = kept(days.chain(evening), u64::MAX);
        assert_eq!(kept.len(), 3 + 5, "the newest three, and the five days: {kept:?}");
    }

    #[test]
    fn days_without_a_backup_take_nothing_away() {
        let kept = kept((0..10).map(|month| MONDAY + month * 30 * DAY_MS), u64::MAX);
        assert_eq!(kept.len(), 7, "seven days that have one, however old");
    }

    #[test]
    fn the_last_three_formats_stay_for_good() {
        let mut all: Vec<Backup> = (0..40).map(|day| made(MONDAY - day * DAY_MS)).collect();
        for (days_ago, format) in [(200, 9), (300, 8), (400, 8), (500, 7), (600, 6)] {
            let format_before_update = Some(format);
            all.push(Backup { format_before_update, ..made(MONDAY - days_ago * DAY_MS) });
        }
        let superseded = Retention::default().superseded(&all, u64::MAX);
        let gone = |days: i64| {
            superseded.contains(
                &&all.iter().find(|b| b.made_at.0 == MONDAY - days * DAY_MS).expect("made").clone(),
            )
        };
        assert_eq!([200, 300, 400, 500, 600].map(gone), [false, false, true, false, true]);
    }

    #[test]
    fn the_oldest_go_first_when_the_size_is_reached_and_the_newest_never() {
        let three = [made(3), made(2), made(1)];
        let gone = |bytes_max| Retention::default().superseded(&three, bytes_max).len();
        assert_eq!([30, 29, 20, 10, 0].map(gone), [0, 1, 1, 2, 2]);
    }
}
