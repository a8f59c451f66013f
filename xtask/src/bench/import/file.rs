//! Files of posts that are like none twice: the same for every candidate.

use std::fmt::Write as _;

/// Words of the texts.
const WORDS: [&str; 32] = [
    "a",
    "about",
    "and",
    "build",
    "calendar",
    "customers",
    "day",
    "every",
    "for",
    "from",
    "in",
    "it",
    "launch",
    "learn",
    "less",
    "more",
    "morning",
    "never",
    "new",
    "of",
    "people",
    "plan",
    "post",
    "product",
    "story",
    "team",
    "that",
    "the",
    "to",
    "week",
    "what",
    "write",
];
/// Words of a text.
const WORDS_OF_TEXT: usize = 18;
/// Of so many texts one has a link.
const TEXTS_PER_LINK: u32 = 10;
/// Of so many posts one has tags.
const POSTS_PER_TAG: u32 = 5;

/// Returns the texts of a file, each of about 110 characters.
pub(super) fn texts(rows: u32) -> impl Iterator<Item = String> {
    let mut state = 0x853c_49e6_748f_ea9b_u64;
    (0..rows).map(move |row| {
        let mut text = format!("{row}");
        for _ in 0..WORDS_OF_TEXT {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let word = WORDS[(state >> 59) as usize];
            text.push(' ');
            text.push_str(word);
        }
        if row % TEXTS_PER_LINK == 0 {
            // Writing to a String can't fail.
            let _ = write!(text, " example.com/{row}");
        }
        text
    })
}

/// Returns a file of JSON: posts three minutes apart, with tags on some.
pub(super) fn json(rows: u32) -> String {
    let mut file = String::from("{\"timezone\":\"Asia/Kolkata\",\"posts\":[");
    for (row, text) in (0..rows).zip(texts(rows)) {
        let comma = if row == 0 { "" } else { "," };
        let tags = if row % POSTS_PER_TAG == 0 { ",\"tags\":[\"launch\",\"spring\"]" } else { "" };
        // Writing to a String can't fail.
        let _ = write!(
            file,
            "{comma}\n{{\"content\":\"{text}\",\"scheduledAt\":\"{}\"{tags}}}",
            wall_time(row)
        );
    }
    file.push_str("\n]}\n");
    file
}

/// 480 posts a day, in months of 28 days.
fn wall_time(row: u32) -> String {
    let (day, of_day) = (row / 480, row % 480);
    let (year, month, day) = (2100 + day / 336, day / 28 % 12 + 1, day % 28 + 1);
    format!("{year}-{month:02}-{day:02} {:02}:{:02}", of_day / 20, of_day % 20 * 3)
}
