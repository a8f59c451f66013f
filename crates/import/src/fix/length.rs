//! A text that is too long, cut at a word.

use roost_core::text::weigh;

const ELLIPSIS: char = '…';
/// Longer texts are not weighed whole: 100 parts of the longest posts are shorter.
const BYTES_MAX: usize = 400_000;

/// Returns a text cut at a word, with an ellipsis, so that it weighs at most `limit`; the text itself
/// where it does already.
#[must_use]
pub fn shorten(text: &str, limit: u32) -> String {
    let text = text.trim_end();
    if text.len() <= BYTES_MAX && weigh(text).weighted_length <= limit {
        return text.to_owned();
    }
    let ending = |end: usize| {
        let kept =
            text[..end].trim_end_matches(|it: char| it.is_whitespace() || ",;:–—-".contains(it));
        format!("{kept}{ELLIPSIS}")
    };
    let fits = |end: usize| weigh(&ending(end)).weighted_length <= limit;
    ending(longest(text, fits))
}

/// The longest beginning that fits: up to a word's end, or to a letter where no word does.
fn longest(text: &str, fits: impl Fn(usize) -> bool) -> usize {
    let bounded = text.char_indices().take_while(|(at, _)| *at <= BYTES_MAX);
    let mut words = Vec::new();
    let mut previous = ' ';
    for (at, letter) in bounded.clone() {
        if letter.is_whitespace() && !previous.is_whitespace() {
            words.push(at);
        }
        previous = letter;
    }
    let fitting = words.partition_point(|end| fits(*end));
    if let Some(word) = fitting.checked_sub(1) {
        return words[word];
    }
    let letters: Vec<usize> = bounded.map(|(at, _)| at).skip(1).take(50_000).collect();
    let fitting = letters.partition_point(|end| fits(*end));
    // Not even one letter fits: one goes all the same, so that there is an end.
    let least = || text.chars().next().map_or(0, char::len_utf8);
    fitting.checked_sub(1).map_or_else(least, |at| letters[at])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_cut_at_a_word_and_an_address_stays_whole_or_goes() {
        let text = "Nine words that stand here, and an address: https://example.com/a/long/path";
        assert_eq!(shorten(text, 60), "Nine words that stand here, and an address…");
        assert_eq!(shorten(text, 29), "Nine words that stand here…");
        assert_eq!(shorten(text, 280), text);
        assert_eq!(shorten(&"x".repeat(300), 280), format!("{}…", "x".repeat(278)));
    }

    proptest! {
        #[test]
        fn what_is_cut_fits(text in "([a-zäß日🙂.]{1,12}[ \n]{1,2}){0,60}", limit in 30_u32..120) {
            prop_assert!(weigh(&shorten(&text, limit)).weighted_length <= limit);
        }
    }
}
