//! What a reader finds wrong in one row, which no cell of it can tell.
//!
//! A fault takes eight bytes: a file of a million bad rows costs no more memory than a good one. Words are
//! made of it when a person reads them.

use roost_core::failure::{Code, Problem, clip};

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowFault {
    /// The row is a value that holds no fields.
    NotObject(Shape),
    /// The line is no JSON; the column in characters, from 1.
    NotJson {
        /// Where on the line, from 1.
        column: u32,
    },
    /// A column is named twice in the row; the first of its cells counts.
    RepeatedField {
        /// The column, from 0.
        column: u16,
    },
    /// The row has another number of cells than the header.
    Ragged {
        /// How many it has.
        cells: u16,
        /// How many the header has.
        columns: u16,
    },
    /// A quotation mark opens and never closes, or stands inside a value.
    BrokenQuote {
        /// The line on which it stands, from 1.
        line: u32,
    },
}

/// What a JSON value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// Nothing.
    Null,
    /// A list.
    List,
    /// An object.
    Object,
}

impl Shape {
    /// Returns what a person calls it, with its article.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::Null => "null",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }
}

impl RowFault {
    /// Returns the code on which window and command line branch.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::NotObject(_) => Code::RowNotObject,
            Self::NotJson { .. } => Code::RowNotJson,
            Self::RepeatedField { .. } => Code::RepeatedField,
            Self::Ragged { .. } => Code::RowRagged,
            Self::BrokenQuote { .. } => Code::RowBrokenQuote,
        }
    }

    /// Returns whether the row can't be taken as it is. Otherwise a person should look at it.
    #[must_use]
    pub const fn is_error(self) -> bool {
        match self {
            Self::NotObject(_)
            | Self::NotJson { .. }
            | Self::RepeatedField { .. }
            | Self::BrokenQuote { .. } => true,
            // Too many cells are a text that was cut at a separator; missing ones are empty.
            Self::Ragged { cells, columns } => cells > columns,
        }
    }

    /// Returns the column that it is about, from 0.
    #[must_use]
    pub const fn column(self) -> Option<u16> {
        match self {
            Self::RepeatedField { column } => Some(column),
            _ => None,
        }
    }

    /// Returns it in a table whose columns stand elsewhere.
    #[must_use]
    pub fn in_columns(self, place: impl FnOnce(u16) -> u16) -> Self {
        match self {
            Self::RepeatedField { column } => Self::RepeatedField { column: place(column) },
            other => other,
        }
    }

    /// Returns it in the shape in which a person is told; `name` is that of its column.
    #[must_use]
    pub fn problem(self, name: &str) -> Problem {
        match self {
            Self::NotObject(shape) => {
                let words = shape.words();
                Problem::new(self.code(), format!("The row is {words}; a post is an object."))
            }
            Self::NotJson { column } => {
                Problem::new(self.code(), format!("The line is no JSON from column {column}."))
            }
            Self::RepeatedField { .. } => {
                let name = clip(name, NAME_CHARACTERS_MAX);
                Problem::new(self.code(), format!("The field \"{name}\" is there twice."))
                    .in_field(name)
            }
            Self::Ragged { cells, columns } => ragged(cells, columns),
            Self::BrokenQuote { line } => Problem::new(
                self.code(),
                format!(
                    "A quotation mark on line {line} has no partner, or stands inside a value."
                ),
            ),
        }
    }
}

/// Characters of a column's name that a message repeats.
const NAME_CHARACTERS_MAX: usize = 40;

fn ragged(cells: u16, columns: u16) -> Problem {
    let message = format!("The row has {cells} cells; the header has {columns}.");
    let problem = Problem::new(Code::RowRagged, message);
    if cells > columns {
        problem.with_remedy("Put a text that holds the separator between double quotes.")
    } else {
        problem.with_remedy("Nothing to do if the last cells are meant to be empty.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_takes_eight_bytes() {
        assert!(size_of::<RowFault>() <= 8);
    }
}
