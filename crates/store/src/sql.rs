//! Between columns and values: ids and statuses are text, instants are integers.

use std::str::FromStr;

use roost_core::clock::UnixMillis;
use rusqlite::Row;
use rusqlite::types::Type;

type Column<T> = rusqlite::Result<T>;

pub(crate) fn unreadable(
    row: &Row<'_>,
    column: &str,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    let index = row.as_ref().column_index(column).unwrap_or_default();
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, error.into())
}

/// A text column that reads as an id, a status or another closed set of words.
pub(crate) fn parsed<T>(row: &Row<'_>, column: &str) -> Column<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    row.get::<_, String>(column)?.parse().map_err(|error| unreadable(row, column, error))
}

/// The same, where the column may be NULL.
pub(crate) fn parsed_option<T>(row: &Row<'_>, column: &str) -> Column<Option<T>>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    row.get::<_, Option<String>>(column)?
        .map(|text| text.parse().map_err(|error| unreadable(row, column, error)))
        .transpose()
}

/// An instant.
pub(crate) fn instant(row: &Row<'_>, column: &str) -> Column<UnixMillis> {
    row.get(column).map(UnixMillis)
}

/// An instant that may be NULL.
pub(crate) fn instant_option(row: &Row<'_>, column: &str) -> Column<Option<UnixMillis>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(UnixMillis))
}

/// A JSON column.
pub(crate) fn json(row: &Row<'_>, column: &str) -> Column<serde_json::Value> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| unreadable(row, column, error))
}

/// A word that is not of its set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{word}\" is no {set}")]
pub struct UnknownWord {
    /// The word.
    pub word: String,
    /// Of what it should be one.
    pub set: &'static str,
}

/// A closed set of words, one per variant, as they stand in the database and in JSON.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $set:literal {
        $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+
    }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the word in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::sql::UnknownWord;

            fn from_str(word: &str) -> Result<Self, $crate::sql::UnknownWord> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word).ok_or_else(|| {
                    $crate::sql::UnknownWord { word: word.to_owned(), set: $set }
                })
            }
        }
    };
}
pub(crate) use words;

/// The word of `actor`.
pub(crate) const fn actor_word(actor: roost_core::status::Actor) -> &'static str {
    use roost_core::status::Actor;
    match actor {
        Actor::Person => "person",
        Actor::Engine => "engine",
        Actor::Relay => "relay",
    }
}

/// An actor column.
pub(crate) fn actor(row: &Row<'_>, column: &str) -> Column<roost_core::status::Actor> {
    use roost_core::status::Actor;
    match row.get_ref(column)?.as_str()? {
        "person" => Ok(Actor::Person),
        "engine" => Ok(Actor::Engine),
        "relay" => Ok(Actor::Relay),
        word => Err(unreadable(row, column, UnknownWord { word: word.to_owned(), set: "actor" })),
    }
}
