//! Finding and replacing in a text.

use std::ops::Range;

use regex::{Captures, Regex, RegexBuilder};

/// The most memory that a pattern may take once it is compiled, in bytes: a pattern that nests
/// repetitions is refused, not run.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// How a pattern is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FindOptions {
    /// Whether it is a regular expression; else it stands for itself.
    pub is_regex: bool,
    /// Whether capital and small letters differ.
    pub matches_case: bool,
    /// Whether it is found only as a whole word.
    pub is_whole_word: bool,
}

/// A pattern that is looked for.
#[derive(Debug, Clone)]
pub struct Find {
    pattern: Regex,
    /// Whether `$1` in a replacement stands for what a group found.
    expands: bool,
}

/// A pattern that can't be looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// Nothing to look for.
    #[error("there is nothing to find; write what is to be replaced")]
    Empty,
    /// A regular expression that is none.
    #[error("this is no regular expression: {reason}")]
    NoRegex {
        /// What is wrong with it, on one line.
        reason: String,
    },
    /// A regular expression that takes too much memory.
    #[error("this regular expression is too large; repeat less in it")]
    TooLarge,
}

/// A place where a pattern is found, and what would stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Its bytes in the text, on character boundaries.
    pub at: Range<usize>,
    /// What replaces them.
    pub replacement: String,
}

impl Find {
    /// Returns the pattern, ready to be looked for in many texts.
    ///
    /// # Errors
    /// [`InvalidPattern`] says what is wrong with it.
    pub fn new(pattern: &str, options: FindOptions) -> Result<Self, InvalidPattern> {
        if pattern.is_empty() {
            return Err(InvalidPattern::Empty);
        }
        let core = if options.is_regex { pattern.to_owned() } else { regex::escape(pattern) };
        let core = if options.is_whole_word { whole_word(&core, pattern, options) } else { core };
        let compiled = RegexBuilder::new(&core)
            .case_insensitive(!options.matches_case)
            .multi_line(true)
            .size_limit(COMPILED_BYTES_MAX)
            .build();
        match compiled {
            Ok(pattern) => Ok(Self { pattern, expands: options.is_regex }),
            Err(regex::Error::CompiledTooBig(_)) => Err(InvalidPattern::TooLarge),
            Err(error) => Err(InvalidPattern::NoRegex { reason: last_line(&error.to_string()) }),
        }
    }

    /// Returns where the pattern is found in a text, and what would stand there, in order and
    /// without overlaps. A place where the pattern finds nothing at all, as `x*` does, is none.
    /// In a regular expression's replacement `$1` and `${name}` stand for its groups, `$$` for a
    /// dollar sign.
    #[must_use]
    pub fn matches(&self, text: &str, replacement: &str) -> Vec<Match> {
        self.pattern
            .captures_iter(text)
            .filter_map(|found| {
                let whole = found.get(0).filter(|whole| !whole.is_empty())?;
                let replacement = self.expanded(&found, replacement);
                Some(Match { at: whole.range(), replacement })
            })
            .collect()
    }

    fn expanded(&self, found: &Captures<'_>, replacement: &str) -> String {
        if !self.expands {
            return replacement.to_owned();
        }
        let mut expanded = String::new();
        found.expand(replacement, &mut expanded);
        expanded
    }
}

/// Returns the text with those of its matches replaced that `wanted` chooses by their number, from
/// zero. `matches` are those of the same text, in order.
#[must_use]
pub fn replace(text: &str, matches: &[Match], wanted: impl Fn(usize) -> bool) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut done = 0;
    for (_, found) in matches.iter().enumerate().filter(|(number, _)| wanted(*number)) {
        replaced.push_str(&text[done..found.at.start]);
        replaced.push_str(&found.replacement);
        done = found.at.end;
    }
    replaced.push_str(&text[done..]);
    replaced
}

/// A word ends where a letter or digit meets something else: beside a sign there is no such end.
fn whole_word(core: &str, pattern: &str, options: FindOptions) -> String {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let [before, after] = [pattern.chars().next(), pattern.chars().last()]
        .map(|c| if options.is_regex || is_word(c) { r"\b" } else { "" });
    format!("{before}(?:{core}){after}")
}

/// The last line of an error is its sentence; those above draw the pattern.
fn last_line(error: &str) -> String {
    let line = error.lines().last().unwrap_or(error).trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: FindOptions =
        FindOptions { is_regex: false, matches_case: true, is_whole_word: false };
    const REGEX: FindOptions =
        FindOptions { is_regex: true, matches_case: true, is_whole_word: false };

    fn all(pattern: &str, options: FindOptions, text: &str, replacement: &str) -> String {
        let find = Find::new(pattern, options).expect("a pattern");
        replace(text, &find.matches(text, replacement), |_| true)
    }

    #[test]
    fn signs_of_a_plain_pattern_stand_for_themselves() {
        assert_eq!(all("$5 (each)", PLAIN, "now $5 (each)!", "$1 \\1"), "now $1 \\1!");
        assert_eq!(all(".", PLAIN, "a.b", "!"), "a!b");
    }

    #[test]
    fn letters_are_found_in_any_case_where_that_is_asked() {
        let options = FindOptions { matches_case: false, ..PLAIN };
        assert_eq!(all("straße", options, "STRASSE Straße", "x"), "STRASSE x");
        assert_eq!(all("launch", options, "Launch LAUNCH", "start"), "start start");
    }

    #[test]
    fn a_whole_word_is_not_found_within_another() {
        let options = FindOptions { is_whole_word: true, ..PLAIN };
        assert_eq!(all("cat", options, "cat concat cat.", "dog"), "dog concat dog.");
        assert_eq!(all("#cat", options, "#cat #cats", "#dog"), "#dog #cats");
        assert_eq!(all("über", options, "über darüber", "ober"), "ober darüber");
    }

    #[test]
    fn groups_of_a_regular_expression_come_back() {
        assert_eq!(all(r"(\d+)%", REGEX, "up 12%, 3%", "$1 percent"), "up 12 percent, 3 percent");
        assert_eq!(all(r"^- ", REGEX, "- one\n- two", "• "), "• one\n• two");
        assert_eq!(all("x*", REGEX, "axb", "-"), "a-b");
    }

    #[test]
    fn chosen_matches_are_replaced_and_the_others_stay() {
        let find = Find::new("a", PLAIN).expect("a pattern");
        let matches = find.matches("a a a", "b");
        assert_eq!(replace("a a a", &matches, |number| number == 1), "a b a");
    }

    #[test]
    fn a_wrong_pattern_says_what_is_wrong_with_it() {
        assert_eq!(Find::new("", PLAIN).err(), Some(InvalidPattern::Empty));
        let unclosed = Find::new("(a", REGEX).expect_err("a group that is not closed");
        assert_eq!(unclosed.to_string(), "this is no regular expression: unclosed group");
        let large = Find::new(r"(\w{1000}){1000}", REGEX).err();
        assert_eq!(large, Some(InvalidPattern::TooLarge));
    }

    proptest! {
        #[test]
        fn a_plain_pattern_is_replaced_as_the_standard_library_does(
            text in "[ab.$ü]{0,30}", pattern in "[ab.$ü]{1,3}", replacement in "[xy$1]{0,4}"
        ) {
            let expected = text.replace(&pattern, &replacement);
            prop_assert_eq!(all(&pattern, PLAIN, &text, &replacement), expected);
        }

        #[test]
        fn no_pattern_and_no_text_are_too_strange(text in ".{0,60}", pattern in ".{0,12}", word: bool) {
            for options in [PLAIN, REGEX] {
                let options = FindOptions { is_whole_word: word, ..options };
                if let Ok(find) = Find::new(&pattern, options) {
                    let _ = replace(&text, &find.matches(&text, "$0"), |_| true);
                }
            }
        }
    }
}
