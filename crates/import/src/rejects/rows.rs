//! The rows of the file with the columns that they need.

use crate::field::Field;
use crate::format::Format;
use crate::mapping::Mapping;
use crate::session::{Reject, Session};
use crate::table::{Cell, Column, Kind, RawTable};

/// The rows that are written, under the columns of their source and some more.
pub(super) struct Rows<'s> {
    pub(super) session: &'s Session,
    pub(super) rejects: &'s [Reject],
    /// The names of the source's columns, as an import takes them for the same fields again.
    pub(super) names: Vec<String>,
    /// Fields that the source has no column for.
    pub(super) added: Vec<Added>,
}

/// A field that the source has no column for.
pub(super) struct Added {
    pub(super) field: Field,
    /// What holds for all rows.
    pub(super) of_all: Option<String>,
}

impl<'s> Rows<'s> {
    pub(super) fn new(session: &'s Session, rejects: &'s [Reject]) -> Self {
        let added = added(session, rejects);
        let names = names(session, rejects);
        Self { session, rejects, names, added }
    }

    /// Returns the field of each column.
    pub(super) fn fields(&self) -> impl Iterator<Item = Option<Field>> {
        self.session.mapping().columns.iter().map(|column| column.field)
    }

    /// Returns the text that a person wrote into a field of a row.
    pub(super) fn changed<'r>(&self, reject: &'r Reject, field: Field) -> Option<&'r str> {
        let changed = reject.changed.iter().find(|(it, _)| *it == field);
        changed.map(|(_, text)| text.as_str())
    }

    /// Returns the cell of a row as the source has it. What can't be read is told by the reason, and is no
    /// text of the person's.
    pub(super) fn cell(&self, reject: &Reject, column: u16) -> Option<Cell<'s>> {
        let at = usize::try_from(reject.row).ok()?.checked_sub(1)?;
        let cell = self.session.table().row(at)?.cell(column)?;
        Some(cell).filter(|cell| cell.kind != Kind::Broken)
    }

    /// Returns the texts of a row: those of its columns, of the fields that were added, and the reason.
    pub(super) fn texts(&self, reject: &'s Reject) -> Vec<&str> {
        let own = (0_u16..).zip(self.fields()).map(|(column, field)| {
            let changed = field.and_then(|field| self.changed(reject, field));
            // A change of a field that has several columns stands in the first of them.
            let is_first = field.is_none_or(|field| {
                self.session.mapping().column_of(field).is_none_or(|first| first == column)
            });
            match changed {
                Some(text) if is_first => text,
                Some(_) => "",
                None => self.cell(reject, column).map_or("", |cell| cell.text),
            }
        });
        let added = self.added.iter().map(|added| {
            let changed = self.changed(reject, added.field);
            changed.or(added.of_all.as_deref()).unwrap_or_default()
        });
        own.chain(added).chain([reject.reason.as_str()]).collect()
    }
}

fn added(session: &Session, rejects: &[Reject]) -> Vec<Added> {
    let has_column = |field| session.mapping().column_of(field).is_some();
    let (defaults, choices) = (&session.table().defaults, session.choices());
    let tables = [Format::Csv, Format::Tsv, Format::Xlsx, Format::Ods, Format::JsonLines];
    let is_table = tables.contains(&session.table().format);
    let of_all = |field: Field| match field {
        Field::Timezone => defaults.timezone.clone().or_else(|| choices.zone.clone()),
        Field::Account => defaults.account.clone().or_else(|| choices.account.clone()),
        // It matters where rows have ids: these count within it. An object of JSON names it for all.
        Field::Plan => defaults.plan.clone().filter(|_| is_table && has_column(Field::OwnId)),
        _ => None,
    };
    let mut fields: Vec<Field> =
        rejects.iter().flat_map(|reject| reject.changed.iter().map(|(field, _)| *field)).collect();
    let said_of_all = [Field::Timezone, Field::Account, Field::Plan];
    fields.extend(said_of_all.into_iter().filter(|field| of_all(*field).is_some()));
    fields.retain(|field| !has_column(*field));
    fields.sort_unstable();
    fields.dedup();
    fields.into_iter().map(|field| Added { field, of_all: of_all(field) }).collect()
}

/// Returns names of the columns by which an import takes them for the fields that they are: their own
/// where it does, the field's where a person said what the column is.
fn names(session: &Session, rejects: &[Reject]) -> Vec<String> {
    let (table, mapping) = (session.table(), session.mapping());
    let mut again = RawTable::new(match table.format {
        Format::XArchive => Format::Json,
        format => format,
    });
    again.columns = table.columns.clone();
    // What tells that it is Roost's own file.
    again.columns.push(Column { name: super::REASON.to_owned() });
    for reject in rejects {
        let row = usize::try_from(reject.row).ok().and_then(|at| table.row(at.checked_sub(1)?));
        again.begin_row(reject.line);
        for (column, cell) in row.iter().flat_map(|row| row.cells()) {
            again.push(column, cell.kind, cell.text);
        }
    }
    let recognised = Mapping::recognise(&again);
    let columns = table.columns.iter().zip(&mapping.columns).zip(&recognised.columns);
    let name = |((column, used), again): ((&Column, &crate::mapping::ColumnUse), _)| {
        let again: &crate::mapping::ColumnUse = again;
        match used.field {
            Some(field) if again.field != used.field || column.name.is_empty() => {
                field.word().to_owned()
            }
            None if again.field.is_some() => format!("left out: {}", column.name),
            _ => column.name.clone(),
        }
    };
    columns.map(name).collect()
}
