//! One line of the doctor's list.

use crate::Result;
use crate::view::{Check, CheckHealth};

/// Returns a check of that name.
pub(crate) fn check(
    name: &str,
    health: CheckHealth,
    finding: String,
    remedy: Option<&str>,
) -> Check {
    let (name, remedy) = (name.to_owned(), remedy.map(str::to_owned));
    Check { name, health, finding, remedy, next_steps: Vec::new() }
}

/// Returns a check that found nothing wrong.
pub(super) fn good(name: &str, finding: String) -> Check {
    check(name, CheckHealth::Good, finding, None)
}

/// Returns the check that was made; one that could not be made is a bad one.
pub(super) fn bad_unless(made: Result<Check>, name: &str) -> Check {
    made.unwrap_or_else(|error| {
        let (code, words) = (error.code(), error.to_string());
        // Some errors end with the code's remedy: it stands once.
        let finding = words.strip_suffix(code.remedy()).unwrap_or(&words).trim_end().to_owned();
        let made = check(name, CheckHealth::Bad, finding, Some(code.remedy()));
        Check { next_steps: error.next_steps(), ..made }
    })
}
