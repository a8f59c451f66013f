//! What the cells of a column hold, as far as its first cells tell.

use roost_core::zone::Zone;

use crate::table::{Cell, Kind, RawTable};
use crate::time::{DateRules, Place, TimeReading, Trouble, read};

/// So many cells are looked at.
const CELLS_MAX: usize = 200;
/// So many rows are looked through for them.
const ROWS_MAX: usize = 2_000;

/// How many cells of a column are what.
#[derive(Debug, Clone, Default)]
pub(super) struct Profile {
    pub(super) cells: usize,
    /// Whole moments, also ones that are wrong in a part or not ordered.
    pub(super) moments: usize,
    /// Whole moments at midnight.
    pub(super) midnights: usize,
    pub(super) dates: usize,
    pub(super) times: usize,
    /// Numbers that look like dates.
    pub(super) numbers: usize,
    pub(super) links: usize,
    pub(super) handles: usize,
    pub(super) zones: usize,
    pub(super) texts: usize,
    /// Characters in all texts.
    pub(super) letters: usize,
    /// Texts of several words.
    pub(super) sentences: usize,
}

impl Profile {
    /// Returns the profiles of all columns of a table.
    pub(super) fn of_all(table: &RawTable) -> Vec<Self> {
        let mut profiles = vec![Self::default(); table.columns.len()];
        for row in table.rows().take(ROWS_MAX) {
            for (column, cell) in row.cells() {
                if let Some(profile) = profiles.get_mut(usize::from(column))
                    && profile.cells < CELLS_MAX
                    && !cell.text.trim().is_empty()
                {
                    profile.note(cell);
                }
            }
        }
        profiles
    }

    fn note(&mut self, cell: Cell<'_>) {
        self.cells += 1;
        self.moment(cell);
        if cell.kind != Kind::Text {
            return;
        }
        let text = cell.text.trim();
        self.texts += 1;
        self.letters += text.chars().take(1_000).count();
        self.sentences += usize::from(text.contains(char::is_whitespace));
        self.links += usize::from(is_link(text));
        self.handles += usize::from(is_handle(text));
        self.zones += usize::from(text.contains('/') && Zone::parse(text).is_ok());
    }

    fn moment(&mut self, cell: Cell<'_>) {
        let rules = DateRules { place: Place::Whole, ..DateRules::default() };
        match read(cell, rules) {
            TimeReading::Wall(wall) => {
                self.moments += 1;
                self.midnights +=
                    usize::from((wall.hour(), wall.minute(), wall.second()) == (0, 0, 0));
            }
            TimeReading::Instant(instant) => {
                let wall = instant.wall;
                self.moments += 1;
                self.midnights +=
                    usize::from((wall.hour(), wall.minute(), wall.second()) == (0, 0, 0));
            }
            TimeReading::Zoned(..) => self.moments += 1,
            TimeReading::Unordered(dates) if dates.time.is_some() => self.moments += 1,
            TimeReading::Date(_) | TimeReading::Unordered(_) => self.dates += 1,
            TimeReading::Time(..) => self.times += 1,
            TimeReading::Number(_) => self.numbers += 1,
            TimeReading::Invalid(trouble) if is_nearly_a_moment(trouble) => self.moments += 1,
            TimeReading::Invalid(_) | TimeReading::Empty => {}
        }
    }

    /// Returns whether most of its cells are what `count` counts.
    pub(super) const fn are_mostly(&self, count: usize) -> bool {
        self.cells > 0 && count * 10 >= self.cells * 8
    }

    /// Returns whether most of its cells are moments or halves of one.
    pub(super) const fn are_mostly_moments(&self) -> bool {
        self.are_mostly(self.moments + self.dates + self.times)
    }

    /// Returns whether any cell is a moment, a half of one, or a number that looks like one.
    pub(super) const fn has_moments(&self) -> bool {
        self.moments + self.dates + self.times + self.numbers > 0
    }

    /// Returns whether its dates need the times of another column: all are dates alone, or midnights.
    pub(super) const fn are_dates_alone(&self) -> bool {
        self.dates + self.midnights > 0 && self.moments == self.midnights
    }

    /// Returns the average length of its texts, in characters.
    pub(super) fn average_letters(&self) -> usize {
        self.letters.checked_div(self.texts).unwrap_or(0)
    }
}

/// Returns whether a cell is a date with a slip in it, and not something else.
const fn is_nearly_a_moment(trouble: Trouble) -> bool {
    matches!(
        trouble,
        Trouble::NoSuchDay { .. }
            | Trouble::NoSuchMonth(_)
            | Trouble::NoSuchYear(_)
            | Trouble::NoSuchHour(_)
            | Trouble::NoSuchMinute(_)
            | Trouble::Hour24
            | Trouble::Range(_)
            | Trouble::Weekday { .. }
            | Trouble::EmptyDate
    )
}

/// Returns whether a text is one address and nothing else.
fn is_link(text: &str) -> bool {
    let has_scheme = text.starts_with("http://") || text.starts_with("https://");
    !text.contains(char::is_whitespace)
        && (has_scheme || (text.starts_with("www.") && text.len() > 8))
}

/// Returns whether a text is a handle, with its `@`.
fn is_handle(text: &str) -> bool {
    let name = text.strip_prefix('@').unwrap_or("");
    (1..=15).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
