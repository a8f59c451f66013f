//! The names of days and months, given whole or by their beginning.

/// The names of months and days are known by so many letters.
const LETTERS_MIN: usize = 3;

const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Returns the month of a name, 1 to 12.
pub(super) fn month(word: &str) -> Option<i8> {
    place(&MONTHS, word.trim_end_matches('.'))
}

/// Returns the day of the week of a name, 1 (Monday) to 7.
pub(crate) fn weekday(word: &str) -> Option<i8> {
    place(&WEEKDAYS, word.trim_end_matches('.'))
}

/// Returns the place of a name, from 1, that is given by its beginning.
fn place(names: &[&str], word: &str) -> Option<i8> {
    if word.len() < LETTERS_MIN {
        return None;
    }
    let place = names.iter().position(|name| name.starts_with(word));
    place.and_then(|place| i8::try_from(place + 1).ok())
}
