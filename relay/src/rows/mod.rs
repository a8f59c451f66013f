//! The tables, one file each: how a row is read and written. Rules live in [`crate::ledger`].

pub(crate) mod account;
pub(crate) mod admin_action;
pub(crate) mod alarm;
pub(crate) mod app;
pub(crate) mod body_hash;
pub(crate) mod device;
pub(crate) mod epoch;
pub(crate) mod event;
pub(crate) mod fence;
pub(crate) mod follow_up;
pub(crate) mod given_up;
pub(crate) mod intent;
pub(crate) mod manifest_epoch;
pub(crate) mod media_file;
pub(crate) mod media_upload;
pub(crate) mod pairing_code;
pub(crate) mod part;
pub(crate) mod pause;
pub(crate) mod post;
pub(crate) mod quarantine;
pub(crate) mod relay;
pub(crate) mod removal;
pub(crate) mod scheduler_keys;
pub(crate) mod store_binding;
#[cfg(test)]
pub(crate) mod test_ledger;
pub(crate) mod tie;

use rusqlite::Row;
use rusqlite::types::{FromSql, Type};

/// A row's columns in the order in which the query names them. Looking each up by its name takes
/// longer than reading it.
pub(crate) struct Columns<'row> {
    row: &'row Row<'row>,
    next: usize,
}

impl<'row> Columns<'row> {
    pub(crate) const fn of(row: &'row Row<'row>) -> Self {
        Self { row, next: 0 }
    }

    /// The next column's value.
    pub(crate) fn take<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    /// The next column, which holds text that `parse` understands.
    pub(crate) fn parse<T>(
        &mut self,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> rusqlite::Result<T> {
        let column = self.next;
        self.parse_some(parse)?.ok_or_else(|| foreign(column, "a value is missing"))
    }

    /// [`Columns::parse`] for a column that may be NULL.
    pub(crate) fn parse_some<T>(
        &mut self,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> rusqlite::Result<Option<T>> {
        let column = self.next;
        self.next += 1;
        let Some(text) = self.row.get_ref(column)?.as_str_or_null()? else { return Ok(None) };
        let value = parse(text).ok_or_else(|| foreign(column, format!("\"{text}\" is unknown")))?;
        Ok(Some(value))
    }
}

/// A value in the file that no version of the relay wrote.
pub(crate) fn foreign(column: usize, what: impl Into<String>) -> rusqlite::Error {
    let what: String = what.into();
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
}
