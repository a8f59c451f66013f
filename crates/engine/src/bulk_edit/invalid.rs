//! Why a change of many posts can't be made at all.

use roost_core::failure::{Code, Problem};
use roost_core::reschedule::RescheduleError;

use crate::Error;

/// Returns that no new times can be made of those that there are.
pub(super) fn times(error: RescheduleError) -> Error {
    Error::Invalid(vec![Problem::new(Code::TimeInvalid, sentence(&error.to_string()))])
}

/// Returns that a field of the request is wrong.
pub(super) fn field(code: Code, message: impl Into<String>, field: &str) -> Error {
    Error::Invalid(vec![Problem::new(code, message).in_field(field)])
}

/// Returns the words of an error as a sentence.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}
