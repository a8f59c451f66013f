//! The API's types, described for a writer of another language.

use specta::Types;

use super::Failure;
use crate::Change;

/// Returns every type of the API: requests, answers, [`Failure`] and [`Change`].
#[must_use]
pub fn types() -> Types {
    super::register(Types::default().register::<Failure>().register::<Change>())
}
