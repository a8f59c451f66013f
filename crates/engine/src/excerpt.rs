//! The beginning of a post's text, for a headline.

/// Characters of a post that a headline repeats.
const EXCERPT_CHARS: usize = 60;

/// Returns the beginning of a text, on one line.
pub(crate) fn excerpt(text: &str) -> String {
    let mut short: String =
        text.chars().take(EXCERPT_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(EXCERPT_CHARS).is_some() {
        short.push('…');
    }
    short
}
