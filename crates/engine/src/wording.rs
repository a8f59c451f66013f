//! Small pieces of sentences that a person reads.

/// Characters of a post that a headline repeats.
const EXCERPT_CHARS: usize = 60;

/// Returns a count with its noun: `1 post waits`, `3 posts wait`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// Returns the beginning of a text, on one line.
pub(crate) fn excerpt(text: &str) -> String {
    let mut short: String =
        text.chars().take(EXCERPT_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(EXCERPT_CHARS).is_some() {
        short.push('…');
    }
    short
}
