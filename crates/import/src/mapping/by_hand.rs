//! A mapping that a person sets: column by column, or in the words of the command line.

use roost_core::failure::clip;

use super::profile::Profile;
use super::recognise::{decide_dates, pair_moments};
use super::{ColumnUse, DateOrder, Mapping, NumberDates, RecognisedBy, dates};
use crate::field::Field;
use crate::field::names::key;
use crate::table::RawTable;

/// Why words are no mapping.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// A part has no equals sign.
    #[error("\"{0}\" names no column. Write it as FIELD=COLUMN, such as date=When.")]
    NoColumn(String),
    /// The word in front of the equals sign is no field.
    #[error("\"{word}\" is no field. The fields are {fields}.")]
    NoField {
        /// What was written.
        word: String,
        /// All fields, by their words.
        fields: String,
    },
    /// The source has no such column.
    #[error("The file has no column \"{column}\". Its columns are {columns}.")]
    NoSuchColumn {
        /// What was written.
        column: String,
        /// All columns of the source.
        columns: String,
    },
    /// The word behind the colon is none for dates.
    #[error(
        "\"{0}\" is no way to read dates. Write :dmy, :mdy, :serial, :serial1904, :epoch or :epoch-ms."
    )]
    NoDates(String),
}

impl Mapping {
    /// Makes a column a field, because a person said so; `None` leaves it out. A column that was the
    /// field before is no longer, unless several may be; a whole moment and its halves exclude each
    /// other. A `date_order` or `numbers` that is given is taken over.
    pub fn set(
        &mut self,
        table: &RawTable,
        column: u16,
        field: Option<Field>,
        date_order: Option<DateOrder>,
        numbers: Option<NumberDates>,
    ) {
        if let Some(field) = field {
            self.make_room(column, field);
        }
        let Some(entry) = self.columns.get_mut(usize::from(column)) else { return };
        let was_moment = entry.field.is_some_and(Field::is_moment);
        let before = was_moment.then_some((entry.date_order, entry.numbers));
        let (order, counts) = before.unwrap_or_default();
        *entry = ColumnUse {
            field,
            date_order: date_order.or(order),
            numbers: numbers.or(counts),
            recognised_by: RecognisedBy::Person,
            question: None,
        };
        if field.is_some_and(Field::is_moment) {
            dates::decide(table, column, entry);
            // What a person has said is not asked again.
            if numbers.is_some() || (date_order.is_some() && entry.date_order == date_order) {
                entry.question = None;
            }
        } else {
            (entry.date_order, entry.numbers) = (None, None);
        }
    }

    /// Takes the field from columns that can't have it beside this one.
    fn make_room(&mut self, column: u16, field: Field) {
        let excluded = |other: Field| match (field, other) {
            (Field::ScheduledAt, Field::Date | Field::Time) | (Field::Date, Field::ScheduledAt) => {
                true
            }
            _ => other == field && !field.may_repeat(),
        };
        for (at, entry) in (0_u16..).zip(&mut self.columns) {
            if at == column {
                continue;
            }
            // Beside a column of times the moment is a date.
            if field == Field::Time && entry.field == Some(Field::ScheduledAt) {
                entry.field = Some(Field::Date);
            } else if entry.field.is_some_and(excluded) {
                *entry = ColumnUse::default();
            }
        }
    }

    /// Sets columns as the command line names them: `date=When,text=Copy`. A column goes by its name, or
    /// by its place as `#2`; a name with a comma stands in double quotes. Behind a colon stands how its
    /// dates are read: `date=When:dmy`. `ignore=Notes` leaves a column out.
    ///
    /// # Errors
    /// The first part that names no field or no column; nothing is changed then.
    pub fn set_by_words(&mut self, table: &RawTable, words: &str) -> Result<(), MapError> {
        let mut changed = self.clone();
        for part in parts(words) {
            let (word, column) =
                part.split_once('=').ok_or_else(|| MapError::NoColumn(clip(part.trim(), 40)))?;
            let field = field(word)?;
            let (column, order, numbers) = column_of(table, column.trim())?;
            changed.set(table, column, field, order, numbers);
        }
        let profiles = Profile::of_all(table);
        pair_by_hand(&profiles, &mut changed.columns);
        decide_dates(table, &mut changed);
        *self = changed;
        Ok(())
    }
}

/// `date=When` says that the moment is there, whole or half: its cells tell which.
fn pair_by_hand(profiles: &[Profile], columns: &mut [ColumnUse]) {
    let moments =
        columns.iter().filter(|column| column.field.is_some_and(Field::is_moment)).count();
    let is_lone_date =
        columns.iter().any(|column| column.field == Some(Field::Date)) && moments == 1;
    if is_lone_date {
        pair_moments(profiles, columns);
    }
}

fn field(word: &str) -> Result<Option<Field>, MapError> {
    let word = word.trim();
    if matches!(word.to_lowercase().as_str(), "ignore" | "none" | "-" | "skip") {
        return Ok(None);
    }
    Field::from_word(word).map(Some).ok_or_else(|| MapError::NoField {
        word: clip(word, 40),
        fields: Field::ALL.map(Field::word).join(", "),
    })
}

type Found = (u16, Option<DateOrder>, Option<NumberDates>);

/// Finds a column by its name, by its name whatever its case and marks, or by its place.
fn column_of(table: &RawTable, written: &str) -> Result<Found, MapError> {
    if let Some(at) = place_of(table, unquoted(written)) {
        return Ok((at, None, None));
    }
    let unknown = || MapError::NoSuchColumn {
        column: clip(unquoted(written), 40),
        columns: (1..)
            .zip(&table.columns)
            .take(40)
            .map(|(at, column)| match column.name.as_str() {
                "" => format!("#{at}"),
                name => format!("\"{}\"", clip(name, 40)),
            })
            .collect::<Vec<_>>()
            .join(", "),
    };
    let (name, dates) = written.rsplit_once(':').ok_or_else(unknown)?;
    let at = place_of(table, unquoted(name.trim())).ok_or_else(unknown)?;
    let (order, numbers) = match dates.trim().to_lowercase().as_str() {
        "dmy" => (Some(DateOrder::DayMonthYear), None),
        "mdy" => (Some(DateOrder::MonthDayYear), None),
        "serial" | "serial1900" => (None, Some(NumberDates::Serial1900)),
        "serial1904" => (None, Some(NumberDates::Serial1904)),
        "epoch" | "epoch-s" => (None, Some(NumberDates::EpochSeconds)),
        "epoch-ms" => (None, Some(NumberDates::EpochMillis)),
        other => return Err(MapError::NoDates(clip(other, 40))),
    };
    Ok((at, order, numbers))
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}

fn place_of(table: &RawTable, name: &str) -> Option<u16> {
    let columns = &table.columns;
    let exact = columns.iter().position(|column| column.name == name);
    let alike = || {
        let wanted = key(name);
        let is_it =
            |column: &crate::table::Column| !wanted.is_empty() && key(&column.name) == wanted;
        columns.iter().position(is_it)
    };
    let numbered = || {
        let number: usize = name.strip_prefix('#')?.trim().parse().ok()?;
        (1..=columns.len()).contains(&number).then(|| number - 1)
    };
    exact.filter(|_| !name.is_empty()).or_else(numbered).or_else(alike)?.try_into().ok()
}

/// Cuts at commas outside double quotes.
fn parts(words: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let split = words.split(move |letter: char| {
        is_quoted ^= letter == '"';
        letter == ',' && !is_quoted
    });
    split.filter(|part| !part.trim().is_empty()).collect()
}
