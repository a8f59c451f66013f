//! The posts of a run and their times, squeezed or as written.

use std::time::Duration;

use anyhow::{Result, bail};
use roost_core::clock::{Clock as _, SystemClock, UnixMillis};
use roost_core::post::DuplicatePolicy;
use roost_import::choices::Choices;
use roost_import::mapping::Mapping;
use roost_import::session::{ReadyRow, Session};
use roost_import::source::{self, ReadOptions};
use roost_import::surroundings::Surroundings;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What a run is to post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Calendar {
    /// In the order of their times.
    pub(crate) entries: Vec<Entry>,
}

/// One post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// A tweet has one part, a thread several.
    pub(crate) parts: Vec<String>,
    /// When it is due, Unix milliseconds.
    pub(crate) due_at: i64,
}

impl Calendar {
    /// Every part with the time of its post.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&str, i64)> {
        self.entries
            .iter()
            .flat_map(|entry| entry.parts.iter().map(|part| (part.as_str(), entry.due_at)))
    }

    /// How many parts there are.
    pub(crate) fn len(&self) -> usize {
        self.parts().count()
    }

    /// When a part with this text is due; the first of them where several have it.
    pub(crate) fn due_at(&self, text: &str) -> Option<i64> {
        self.parts().find(|(part, _)| *part == text).map(|(_, due_at)| due_at)
    }

    /// The calendar as a file that Roost imports. Its times are instants, and it names no zone:
    /// so they are shown in the reader's own.
    pub(crate) fn to_import_file(&self) -> Result<Vec<u8>> {
        let posts: Vec<serde_json::Value> = self
            .entries
            .iter()
            .map(|entry| {
                let instant = UnixMillis(entry.due_at).to_string();
                match entry.parts.as_slice() {
                    [content] => json!({ "content": content, "scheduledAt": instant }),
                    parts => json!({ "thread": parts, "scheduledAt": instant }),
                }
            })
            .collect();
        Ok(serde_json::to_vec_pretty(&json!({ "posts": posts }))?)
    }

    /// Moves the posts into the span that begins after `now`, in proportion and in order, each to
    /// a whole second.
    fn squeeze(&mut self, now: UnixMillis, Squeeze { lead, within }: Squeeze) {
        let (Some(first), Some(last)) = (self.entries.first(), self.entries.last()) else {
            return;
        };
        let (first, span) = (first.due_at, (last.due_at - first.due_at).max(1));
        let begin = now.plus(lead.min(within / 2));
        let room = i128::try_from(now.plus(within).since(begin).as_millis()).unwrap_or(0);
        for entry in &mut self.entries {
            let share = i128::from(entry.due_at - first) * room / i128::from(span);
            let moved = UnixMillis(begin.0 + i64::try_from(share).unwrap_or(0));
            entry.due_at = moved.seconds_rounded_up() * 1000;
        }
    }
}

/// How a calendar's times are squeezed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Squeeze {
    /// The first post goes out this long from now, or after half of `within` if that is sooner:
    /// time to import and to hand over.
    pub(crate) lead: Duration,
    /// The last post goes out this long from now.
    pub(crate) within: Duration,
}

/// Reads a file of posts, its times as written or squeezed.
pub(crate) fn read(bytes: &[u8], squeezed: Option<Squeeze>) -> Result<Calendar> {
    let table = source::read(bytes, None, &ReadOptions::default())?;
    let mapping = Mapping::recognise(&table);
    let choices = Choices { duplicates: DuplicatePolicy::Keep, ..Choices::default() };
    // Read at the beginning of time: whether a time has passed is for the real import to judge.
    let surroundings = Surroundings::empty(UnixMillis::default());
    let session = Session::open(table, mapping, choices, surroundings)?;
    let refused = session.summary().refused;
    if refused > 0 || session.rows() == 0 {
        bail!("{refused} of {} rows cannot be imported", session.rows());
    }
    // A draft may have no time, and then never goes out.
    let entry =
        |row: ReadyRow| Some(Entry { parts: row.content.to_texts(), due_at: row.scheduled_at?.0 });
    let mut calendar = Calendar { entries: session.ready().filter_map(entry).collect() };
    calendar.entries.sort_by_key(|entry| entry.due_at);
    if let Some(squeeze) = squeezed {
        calendar.squeeze(SystemClock.now(), squeeze);
    }
    Ok(calendar)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"timezone":"Asia/Kolkata","posts":[
        {"content":"second","scheduledAt":"2027-03-01 10:00"},
        {"content":"first","scheduledAt":"2027-03-01 09:00"},
        {"thread":["third","fourth"],"scheduledAt":"2027-03-03 09:00"}]}"#;

    const HALF_A_MINUTE: Squeeze =
        Squeeze { lead: Duration::from_secs(5), within: Duration::from_secs(30) };

    #[test]
    fn squeezing_keeps_the_order_and_the_bounds() {
        let mut calendar = read(FILE.as_bytes(), None).expect("a calendar");
        let now = UnixMillis(1_000_000_500);
        calendar.squeeze(now, HALF_A_MINUTE);
        let texts: Vec<&str> = calendar.parts().map(|(text, _)| text).collect();
        assert_eq!(texts, ["first", "second", "third", "fourth"]);
        let dues: Vec<i64> = calendar.entries.iter().map(|entry| entry.due_at - now.0).collect();
        assert!(dues.is_sorted() && dues[0] >= 5_000 && dues[2] <= 31_000, "{dues:?}");
        assert!(calendar.entries.iter().all(|entry| entry.due_at % 1000 == 0), "whole seconds");
    }

    #[test]
    fn the_written_file_reads_back_as_the_same_calendar() {
        let mut calendar = read(FILE.as_bytes(), None).expect("a calendar");
        calendar.squeeze(UnixMillis(1_000_000_500), HALF_A_MINUTE);
        let file = calendar.to_import_file().expect("a file");
        assert_eq!(read(&file, None).expect("a calendar"), calendar);
    }
}
