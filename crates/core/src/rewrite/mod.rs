//! Other words for a selection of posts: find and replace, and texts put before or after.
//!
//! Nothing here knows a limit or a price: what a changed text weighs and costs is judged by those
//! who show it before it is applied.

mod find;

pub use find::{Find, FindOptions, InvalidPattern, Match, replace};

/// Returns the text with `addition` after it, on a line of its own where `new_line` says so.
#[must_use]
pub fn append(text: &str, addition: &str, new_line: bool) -> String {
    join(text, addition, new_line)
}

/// Returns the text with `addition` before it, on a line of its own where `new_line` says so.
#[must_use]
pub fn prepend(text: &str, addition: &str, new_line: bool) -> String {
    join(addition, text, new_line)
}

fn join(first: &str, second: &str, new_line: bool) -> String {
    if first.is_empty() || second.is_empty() {
        return format!("{first}{second}");
    }
    let between = if new_line { "\n" } else { " " };
    format!("{first}{between}{second}")
}
