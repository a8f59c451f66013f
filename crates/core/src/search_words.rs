//! What a person types into a search: words, and operators such as `status:failed`, `account:@ada`, `tag:launch`,
//! `has:link`, `before:fri`, `after:"1 dec"`, `on:today`.
//!
//! An operator narrows what is found. One whose value is none finds nothing, and the answer says why, so that a
//! slip never widens what a change of all that is found would reach. A word with a colon that is no operator is
//! a word.

use crate::clock::UnixMillis;
use crate::status::Status;
use crate::time_words::{self, Meaning, Now};
use crate::zone::{WallTime, resolve};

/// A search as it is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchWords {
    /// The words that are no operators.
    pub words: String,
    /// Any of these statuses; empty means all.
    pub statuses: Vec<Status>,
    /// Any of these handles, without `@`; empty means all.
    pub accounts: Vec<String>,
    /// All of these tags.
    pub tags: Vec<String>,
    /// All of these.
    pub has: Vec<Has>,
    /// At this moment or later.
    pub from: Option<UnixMillis>,
    /// Before this moment.
    pub until: Option<UnixMillis>,
    /// Why nothing can be found: an operator has no value, or one that it does not know.
    pub problem: Option<String>,
}

/// What a post may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    /// A link, which X bills.
    Link,
    /// Several parts.
    Thread,
    /// Pictures or films.
    Media,
}

/// Returns what is meant by a search; days are those of the zone of `now`.
#[must_use]
pub fn read(text: &str, now: Now<'_>) -> SearchWords {
    let mut found = SearchWords::default();
    let mut words = Vec::new();
    for word in words_of(text) {
        let Some((name, value)) = word.split_once(':') else {
            words.push(word);
            continue;
        };
        let value = value.trim_matches('"');
        let done = match name.to_lowercase().as_str() {
            "status" | "is" => found.status(value),
            "account" | "from" => found.account(value),
            "tag" => found.tag(value),
            "has" => found.has(value),
            "before" => day(value, now).map(|(first, _)| found.before(first)),
            "after" => day(value, now).map(|(_, next)| found.after(next)),
            "on" => day(value, now).map(|(first, next)| {
                found.after(first);
                found.before(next);
            }),
            _ => {
                words.push(word);
                continue;
            }
        };
        if let Err(problem) = done {
            found.problem.get_or_insert(problem);
        }
    }
    found.words = words.join(" ");
    found
}

impl SearchWords {
    fn status(&mut self, value: &str) -> Result<(), String> {
        for word in value.split(',') {
            let wanted = plain(word);
            let begins = |text: &str| !wanted.is_empty() && plain(text).starts_with(&wanted);
            let known = Status::ALL;
            let meant: Vec<Status> =
                known.into_iter().filter(|it| begins(it.label()) || begins(it.as_str())).collect();
            if meant.is_empty() {
                let all: Vec<&str> = known.iter().map(|status| status.label()).collect();
                return Err(format!("Write a status after status: {}.", all.join(", ")));
            }
            self.statuses.extend(meant);
        }
        Ok(())
    }

    fn account(&mut self, value: &str) -> Result<(), String> {
        let handle = value.trim_start_matches('@');
        if handle.is_empty() {
            return Err("Write a handle after account, such as account:@ada.".to_owned());
        }
        self.accounts.push(handle.to_owned());
        Ok(())
    }

    fn tag(&mut self, value: &str) -> Result<(), String> {
        if value.is_empty() {
            return Err("Write a tag after tag, such as tag:launch.".to_owned());
        }
        self.tags.push(value.to_owned());
        Ok(())
    }

    fn has(&mut self, value: &str) -> Result<(), String> {
        self.has.push(match value.to_lowercase().as_str() {
            "link" | "links" => Has::Link,
            "thread" | "parts" => Has::Thread,
            "media" | "image" | "images" | "picture" | "video" => Has::Media,
            _ => return Err("Write what it has: has:link, has:thread or has:media.".to_owned()),
        });
        Ok(())
    }

    fn before(&mut self, at: UnixMillis) {
        self.until = Some(self.until.map_or(at, |until| until.min(at)));
    }

    fn after(&mut self, at: UnixMillis) {
        self.from = Some(self.from.map_or(at, |from| from.max(at)));
    }
}

/// Returns the first moment of the day that is named, and the first after it.
fn day(value: &str, now: Now<'_>) -> Result<(UnixMillis, UnixMillis), String> {
    let midnight = Now { usual: Some((0, 0)), ..now };
    let wall = match time_words::read(value, midnight) {
        Ok(Meaning::At { wall, .. }) => Some(wall),
        Ok(Meaning::NextSlot) | Err(_) => None,
    };
    let at = |wall: WallTime| resolve(&wall, now.zone).instant;
    wall.and_then(|wall| wall.at_time_of_day(0, 0, 0))
        .and_then(|first| Some((at(first), at(first.plus_days(1)?))))
        .ok_or_else(|| format!("\"{value}\" is no day. Write fri, tomorrow or 2027-03-01."))
}

/// Returns a word by its letters alone: "Needs check", "needs-check" and "needscheck" are one.
fn plain(word: &str) -> String {
    word.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns the words, where quotes hold together what belongs to an operator.
fn words_of(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for letter in text.chars() {
        let word = words.last().map(String::as_str).unwrap_or_default();
        match letter {
            // Elsewhere a quote is a letter like others.
            '"' if is_quoted || word.ends_with(':') => {
                is_quoted = !is_quoted;
            }
            letter if letter.is_whitespace() && !is_quoted => words.push(String::new()),
            letter => {
                if let Some(word) = words.last_mut() {
                    word.push(letter);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::zone::Zone;

    fn meant(text: &str) -> SearchWords {
        let zone = Zone::parse("Asia/Kolkata").unwrap();
        // A Tuesday.
        let at = resolve(&WallTime::parse("2027-03-02 10:03").unwrap(), &zone).instant;
        read(text, Now { at, zone: &zone, usual: None })
    }

    fn midnight(date: &str) -> Option<UnixMillis> {
        let zone = Zone::parse("Asia/Kolkata").unwrap();
        Some(resolve(&WallTime::parse(&format!("{date} 00:00")).unwrap(), &zone).instant)
    }

    #[test]
    fn operators_narrow_and_the_other_words_are_searched_for() {
        let found = meant("river status:failed account:@Ada has:link tag:launch before:fri owl");
        assert_eq!(found.words, "river owl");
        assert_eq!(found.statuses, [Status::Failed]);
        assert_eq!(found.accounts, ["Ada"]);
        assert_eq!(found.tags, ["launch"]);
        assert_eq!(found.has, [Has::Link]);
        assert_eq!((found.from, found.until), (None, midnight("2027-03-05")));
        assert_eq!(found.problem, None);
    }

    #[test]
    fn days_are_whole_and_lie_on_the_clocks_of_the_zone() {
        let found = meant("after:2027-03-01 before:\"7 mar\"");
        assert_eq!((found.from, found.until), (midnight("2027-03-02"), midnight("2027-03-07")));
        let found = meant("on:tomorrow");
        assert_eq!((found.from, found.until), (midnight("2027-03-03"), midnight("2027-03-04")));
        let found = meant("on:yesterday");
        assert_eq!((found.from, found.until), (midnight("2027-03-01"), midnight("2027-03-02")));
    }

    #[test]
    fn a_status_is_known_by_its_label_its_name_or_their_beginning() {
        for (text, statuses) in [
            ("status:needs-check", vec![Status::Unknown]),
            ("status:\"needs check\"", vec![Status::Unknown]),
            ("is:waiting", vec![Status::Held]),
            ("status:held", vec![Status::Held]),
            ("status:c", vec![Status::Cancelled]),
            ("status:draft,missed", vec![Status::Draft, Status::Missed]),
        ] {
            assert_eq!(meant(text).statuses, statuses, "{text}");
        }
    }

    #[test]
    fn an_operator_without_a_value_that_it_knows_says_so() {
        for (text, said) in [
            ("status:", "Draft, Pending, Queued"),
            ("status:lost", "Draft, Pending, Queued"),
            ("has:teeth", "has:link"),
            ("before:never", "\"never\" is no day"),
            ("tag:", "after tag"),
            ("account:@", "handle"),
        ] {
            let problem = meant(text).problem.unwrap_or_default();
            assert!(problem.contains(said), "{text}: {problem}");
        }
    }

    #[test]
    fn what_only_looks_like_an_operator_is_a_word() {
        for text in ["https://example.com", "note: buy milk", "10:30", "\"quoted words\""] {
            assert_eq!(
                meant(text),
                SearchWords { words: text.to_owned(), ..SearchWords::default() }
            );
        }
    }

    proptest! {
        #[test]
        fn no_search_makes_the_parser_panic(
            text in "((status|has|tag|on|before|x):?|[a-z0-9\":@,]{1,8}| ){0,10}|\\PC{0,40}",
        ) {
            let _ = meant(&text);
        }
    }
}
