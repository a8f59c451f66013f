//! Rows as they are shown, and which of them.

use std::collections::BTreeMap;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, XUserId};
use serde::{Deserialize, Serialize};

use super::outcome::Outcome;
use crate::field::Field;
use crate::finding::Finding;

/// Which rows are shown; an empty filter shows all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct RowFilter {
    /// Rows that end in one of these ways; all where there is none.
    pub outcomes: Vec<Outcome>,
    /// Rows in which one of these was found; all where there is none.
    pub codes: Vec<Code>,
    /// Rows that go out on this day of the file's zone, as `2027-03-01`.
    pub date: Option<String>,
    /// Rows whose cells hold this text, whatever the case of its letters.
    pub search: Option<String>,
    /// Rows that change a waiting post.
    pub updates: bool,
}

/// Some of the rows that a filter finds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct RowPage {
    /// The rows, in the order of the source.
    pub rows: Vec<RowView>,
    /// How many rows the filter finds.
    pub total: u32,
}

/// A row as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct RowView {
    /// Its place in the source, from 1.
    pub row: u32,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// How it ends.
    pub outcome: Outcome,
    /// Why it is left out, a draft, or changed, in words; empty where there is nothing to say.
    pub reason: String,
    /// The texts of its cells, by field, as they are after a person's changes.
    pub cells: BTreeMap<Field, String>,
    /// The fields that a person changed.
    pub changed: Vec<Field>,
    /// The texts of its parts, as they would go out.
    pub parts: Vec<String>,
    /// When, on the wall clock of `zone`, as `2027-03-01 09:00`.
    pub when_wall: Option<String>,
    /// The instant, in Unix milliseconds.
    pub when_at: Option<UnixMillis>,
    /// The zone of its time.
    pub zone: String,
    /// The account.
    pub account: Option<XUserId>,
    /// The handle of the account, without `@`.
    pub username: Option<String>,
    /// What posting it costs, in millionths of a dollar.
    pub cost_micros: i64,
    /// The weighted length of its longest part.
    pub weighted_length: u32,
    /// Whether X bills a part of it as one with a link.
    pub has_link: bool,
    /// The waiting post that it changes.
    pub updates: Option<UpdatedPost>,
    /// What was found in it: errors first.
    pub findings: Vec<Finding>,
}

/// A waiting post as it is before a row changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UpdatedPost {
    /// The post.
    pub id: PostId,
    /// The texts of its parts.
    pub parts: Vec<String>,
    /// Its time on the wall clock of its zone, as `2027-03-01 09:00`.
    pub when_wall: Option<String>,
    /// Its time, in Unix milliseconds.
    pub when_at: Option<UnixMillis>,
    /// Each field that the row changes.
    pub changes: Vec<FieldChange>,
}

/// A field of a waiting post, before a row changes it and after, in words; empty where it has nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FieldChange {
    /// The field; [`Field::Status`] for a draft that waits from then on, and the other way round.
    pub field: Field,
    /// What it is.
    pub before: String,
    /// What it becomes.
    pub after: String,
}

/// Returns a day, counted from 1970, as `2027-03-01`.
pub(super) fn date_of(day: i32) -> String {
    // The way back of the count of days by Howard Hinnant: years begin in March.
    let day = day.saturating_add(719_468);
    let (era, day_of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let (day, month) = (day_of_year - (153 * month + 2) / 5 + 1, (month + 2) % 12 + 1);
    let year = year_of_era + era * 400 + i32::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::date_of;
    use crate::session::judge::day_of;
    use roost_core::zone::WallTime;

    #[test]
    fn a_day_is_shown_as_the_date_that_it_was_counted_from() {
        for date in ["1970-01-01", "2027-03-01", "2028-02-29", "0001-01-01", "9998-12-31"] {
            let wall = WallTime::parse(&format!("{date} 12:00")).unwrap();
            assert_eq!(date_of(day_of(wall)), date);
        }
    }
}
