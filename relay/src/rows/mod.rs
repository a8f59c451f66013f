//! The tables, one file each: how a row is read and written. Rules live in [`crate::ledger`].

pub(crate) mod account;
pub(crate) mod app;
pub(crate) mod body;
pub(crate) mod desk;
pub(crate) mod device;
pub(crate) mod event;
pub(crate) mod intent;
pub(crate) mod part;
pub(crate) mod post;
pub(crate) mod quarantine;
#[cfg(test)]
pub(crate) mod ready;
pub(crate) mod relay;

use rusqlite::types::Type;

/// A value in the file that no version of the relay wrote.
pub(crate) fn foreign(column: usize, what: impl Into<String>) -> rusqlite::Error {
    let what: String = what.into();
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
}
