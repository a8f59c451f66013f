//! What is sent: troubles that began and that are over, in one message.

use std::collections::BTreeMap;

use super::AlarmKind;

/// Lines of one kind in a message; what is beyond is counted.
const LINES_MAX: usize = 10;

/// A message for a person, without any markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// One line: the subject of a mail, the title of a notification.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// A trouble as it was said when it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What it is about.
    pub kind: AlarmKind,
    /// Its line.
    pub line: String,
}

/// Returns one message of what began, what is over, and what began and is over already. `relay` names
/// the relay.
#[must_use]
pub fn digest(relay: &str, began: &[Said], over: &[Said]) -> Message {
    let mut text = String::new();
    for (kind, lines) in by_kind(began) {
        let heading = if lines.len() == 1 { kind.one() } else { kind.many() };
        push_block(&mut text, heading, &lines);
        text.push_str(kind.remedy());
        text.push_str("\n\n");
    }
    for (kind, lines) in by_kind(over) {
        push_block(&mut text, &format!("Over: {}", lower_first(kind.over())), &lines);
        text.push('\n');
    }
    text.push_str(&format!("From the relay {relay}.\n"));
    Message { subject: subject(began, over), text }
}

fn subject(began: &[Said], over: &[Said]) -> String {
    let kinds = |said: &[Said]| by_kind(said).len();
    let first = |said: &[Said], over: bool| {
        let kind = said.first().map(|said| said.kind)?;
        Some(match (over, said.len()) {
            (true, _) => format!("Over: {}", lower_first(kind.over())),
            (false, 1) => kind.one().to_owned(),
            (false, count) if kind.one() == kind.many() => format!("{} ({count})", kind.many()),
            (false, count) => format!("{count} {}", lower_first(kind.many())),
        })
    };
    let said = match (kinds(began), kinds(over)) {
        (1, 0) => first(began, false),
        (0, 1) => first(over, true),
        (0, count) => Some(format!("{count} troubles are over")),
        (count, 0) => Some(format!("{count} troubles")),
        (count, ended) => Some(format!("{count} began, {ended} over")),
    };
    format!("Roost: {}", said.unwrap_or_default())
}

fn by_kind(said: &[Said]) -> BTreeMap<AlarmKind, Vec<&str>> {
    let mut kinds: BTreeMap<AlarmKind, Vec<&str>> = BTreeMap::new();
    for Said { kind, line } in said {
        kinds.entry(*kind).or_default().push(line);
    }
    kinds
}

fn push_block(text: &mut String, heading: &str, lines: &[&str]) {
    text.push_str(heading);
    text.push('\n');
    for line in lines.iter().take(LINES_MAX) {
        text.push_str(&format!("- {line}\n"));
    }
    if lines.len() > LINES_MAX {
        text.push_str(&format!("- and {} more\n", lines.len() - LINES_MAX));
    }
}

/// Names keep their capital.
fn lower_first(sentence: &str) -> String {
    if sentence.starts_with("X ") {
        return sentence.to_owned();
    }
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Returns what `send a test` sends.
#[must_use]
pub fn test(relay: &str) -> Message {
    Message {
        subject: "Roost: this is a test".to_owned(),
        text: format!(
            "Alarms of the relay {relay} arrive here. Nothing is wrong, and nothing is to be done.\n"
        ),
    }
}

/// Returns what went out on a day: posts by account, by handle.
#[must_use]
pub fn posted(relay: &str, day: &str, accounts: &[(String, u64)]) -> Message {
    let total: u64 = accounts.iter().map(|(_, posts)| posts).sum();
    let posts = if total == 1 { "1 post".to_owned() } else { format!("{total} posts") };
    let mut text = format!("{posts} went out on {day}:\n");
    for (username, posts) in accounts {
        text.push_str(&format!("- @{username}: {posts}\n"));
    }
    text.push_str(&format!("\nFrom the relay {relay}.\n"));
    Message { subject: format!("Roost: {posts} on {day}"), text }
}

#[cfg(test)]
mod tests {
    use super::super::{Condition, PostFacts};
    use super::*;
    use crate::clock::UnixMillis;
    use crate::zone::Zone;

    fn said(condition: &Condition) -> Said {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        Said { kind: condition.kind(), line: condition.line(&zone) }
    }

    fn failed(number: i64, text: Option<&str>) -> Said {
        said(&Condition::PostFailed(PostFacts {
            username: "ada".to_owned(),
            due_at: Some(UnixMillis(1_798_790_400_000 + number * 60_000)),
            why: "X refused it.".to_owned(),
            text: text.map(str::to_owned),
        }))
    }

    #[test]
    fn one_trouble_is_named_in_the_subject_and_its_remedy_stands_below() {
        let away = Condition::CoveragePassed { until: UnixMillis(1_798_790_400_000), posts: 12 };
        let message = digest("https://relay.example.org", &[said(&away)], &[]);
        assert_eq!(message.subject, "Roost: Your computer has been away");
        assert_eq!(
            message.text,
            "Your computer has been away\n- Everything was handed over until 2027-01-01 09:00; 12 posts \
             wait there.\nOpen Roost on the computer that holds the posts.\n\nFrom the relay \
             https://relay.example.org.\n"
        );
    }

    #[test]
    fn many_of_a_kind_are_one_block_and_what_is_beyond_is_counted() {
        let many: Vec<Said> = (0..13).map(|number| failed(number, None)).collect();
        let message = digest("r", &many, &[]);
        assert_eq!(message.subject, "Roost: 13 posts failed");
        assert_eq!(message.text.matches("\n- @ada").count(), 10);
        assert!(message.text.contains("- and 3 more\n"), "{}", message.text);
    }

    #[test]
    fn what_is_over_is_told_beside_what_began() {
        let clock = said(&Condition::ClockWrong { ahead_s: -600 });
        let message = digest("r", &[failed(0, None)], std::slice::from_ref(&clock));
        assert_eq!(message.subject, "Roost: 1 began, 1 over");
        assert!(
            message.text.contains("Over: the relay's clock is right again\n- It is 600 s behind")
        );
        let over = digest("r", &[], &[clock]);
        assert_eq!(over.subject, "Roost: Over: the relay's clock is right again");
    }

    #[test]
    fn a_post_s_words_are_said_only_where_they_were_given_and_never_whole() {
        let secret = "x".repeat(200);
        assert!(!failed(0, None).line.contains("xxx"));
        let chosen = failed(0, Some(&secret)).line;
        assert!(chosen.contains("xxx") && chosen.len() < 140, "{chosen}");
    }

    #[test]
    fn every_kind_has_words_a_remedy_and_a_name_that_is_read_back() {
        for kind in AlarmKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
            assert!(!kind.one().is_empty() && !kind.many().is_empty());
            assert!(kind.remedy().ends_with('.'), "{kind}");
        }
        assert!("nothing".parse::<AlarmKind>().unwrap_err().to_string().contains("post_failed"));
    }
}
