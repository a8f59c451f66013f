//! What holds for all rows of a source: the zone and the account of rows that name none, and how the
//! dates of its columns are read.

use roost_core::zone::Zone;

use super::account::Accounts;
use crate::check;
use crate::choices::Choices;
use crate::field::Field;
use crate::finding::Sink;
use crate::format::Format;
use crate::mapping::Mapping;
use crate::surroundings::Surroundings;
use crate::table::RawTable;
use crate::time::{DateRules, Place};

/// What holds for all rows of a source.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// Whether the source has kinds of values, so that a number is no text.
    pub(super) is_typed: bool,
    /// Whether its posts are drafts, whatever they say: an archive is no plan.
    pub(super) is_archive: bool,
    /// Whether its posts are written one after the other, without any place for a time.
    pub(crate) is_timeless: bool,
    /// The zone of rows that name none; `None` where the one that is named is none.
    pub(crate) zone: Option<Zone>,
    /// The abbreviation or the old name under which the source or the person names it.
    pub(crate) zone_word: Option<String>,
    /// Whether the source or the person names that zone, and not the settings alone.
    pub(super) zone_is_named: bool,
    pub(crate) accounts: Accounts,
    /// How dates and times in one column are read, dates alone, and times of day alone.
    pub(super) dates: [DateRules; 3],
}

impl Rules {
    /// Returns the rules of a source, and tells what is wrong with what it says of all its rows.
    pub(crate) fn new(
        table: &RawTable,
        mapping: &Mapping,
        choices: &Choices,
        surroundings: &Surroundings,
        sink: &mut impl Sink,
    ) -> Self {
        let account = table.defaults.account.as_deref().or(choices.account.as_deref());
        let accounts = Accounts::new(&surroundings.accounts, account, sink);
        let named = table.defaults.timezone.as_deref().or(choices.zone.as_deref());
        let zone = match named {
            Some(name) => match Zone::parse(name) {
                Ok(zone) => Some(zone),
                Err(unknown) => {
                    check::zone::unknown(&unknown, &[&surroundings.zone], sink);
                    None
                }
            },
            None => Some(surroundings.zone.clone()),
        };
        Self {
            is_typed: matches!(table.format, Format::Json | Format::JsonLines),
            is_archive: table.format == Format::XArchive,
            is_timeless: matches!(table.format, Format::Text | Format::Markdown)
                && !mapping.columns.iter().any(|column| column.field.is_some_and(says_when)),
            zone,
            zone_word: named.filter(|name| check::zone::is_abbreviation(name)).map(str::to_owned),
            zone_is_named: named.is_some(),
            accounts,
            dates: [
                date_rules(mapping, Field::ScheduledAt, Place::Whole),
                date_rules(mapping, Field::Date, Place::Date),
                date_rules(mapping, Field::Time, Place::Time),
            ],
        }
    }
}

const fn says_when(field: Field) -> bool {
    matches!(field, Field::ScheduledAt | Field::Date | Field::Time)
}

/// Returns how the dates of a field are read: by the first column that is that field. What a person types
/// into a cell is read like the others of its column.
fn date_rules(mapping: &Mapping, field: Field, place: Place) -> DateRules {
    let column = mapping.columns.iter().find(|column| column.field == Some(field));
    DateRules {
        place,
        order: column.and_then(|column| column.date_order),
        numbers: column.and_then(|column| column.numbers),
    }
}
