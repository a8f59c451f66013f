//! Words that make a language model write a file which an import takes as it is.

use std::fmt::Write as _;

use roost_core::clock::UnixMillis;
use roost_core::zone::{Zone, wall_time_of};

use crate::slots;
use crate::surroundings::WeeklySlot;
use crate::template;

/// For whom the posts are.
#[derive(Debug, Clone, Copy)]
pub struct PromptFor<'p> {
    /// The present.
    pub now: UnixMillis,
    /// The zone on whose clocks the times stand.
    pub zone: &'p Zone,
    /// The handle of the account, with or without `@`.
    pub account: Option<&'p str>,
    /// Characters that a post of the account may have, as X counts them.
    pub length: u32,
    /// The account's posting times.
    pub slots: &'p [WeeklySlot],
}

/// Returns the words. They end where a person goes on with what the posts are to be about.
#[must_use]
pub fn prompt(about: PromptFor<'_>) -> String {
    let PromptFor { now, zone, account, length, slots: times } = about;
    let mut text = String::from(
        "Write posts for X (Twitter) that I will schedule with a program. Answer with one JSON document \
         and nothing else: no explanation before or after it.\n\nRules:\n",
    );
    let times = match times {
        [] => "Spread the times over the days as I ask below.".to_owned(),
        times => format!("Use these times and no others: {}.", slots::print(times)),
    };
    let rules = [
        "Each post has either \"content\" (one text) or \"thread\" (a list of texts, in order)."
            .to_owned(),
        format!(
            "Each text counts at most {length} characters. A link counts 23, an emoji 2, a Chinese, \
             Japanese or Korean character 2."
        ),
        format!(
            "\"scheduledAt\" is a date and time as clocks in {} show it, written like \
             \"{}\": no Z, no offset, 24 hours. It is now {} there; every time is later.",
            zone.name(),
            template::first_time(now, zone),
            wall_time_of(now, zone)
        ),
        times,
        "No two posts say the same, and no two go out within five minutes.".to_owned(),
        "X shows texts as they are: write no Markdown, no HTML, no placeholders such as [link] or \
         {{name}}, no numbering such as \"Tweet 1/5:\", and no character counts."
            .to_owned(),
        "Line breaks in a text are \\n of JSON. Write emoji as themselves.".to_owned(),
        "At most one cashtag (such as $ABC) stands in a post, and a link only where I give you one."
            .to_owned(),
        "\"tags\" (a list of words) is optional and is not posted; leave out what you have no value for, \
         and use no other fields."
            .to_owned(),
    ];
    for rule in rules {
        // A text takes all that is written to it.
        let _ = writeln!(text, "- {rule}");
    }
    text.push_str("\nThe document has this form:\n\n");
    text.push_str(&template::json_text(now, zone, account));
    text.push_str("\nThe posts are to be about: ");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Mapping;
    use crate::source::{ReadOptions, read};

    /// 30 November 2026, 0:53:20 UTC.
    const NOW: UnixMillis = UnixMillis(1_796_000_000_000);

    #[test]
    fn the_words_name_zone_account_present_and_times() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let slot = WeeklySlot { weekday: 1, hour: 9, minute: 0 };
        let about =
            PromptFor { now: NOW, zone: &zone, account: Some("ada"), length: 280, slots: &[slot] };
        let text = prompt(about);
        for words in
            ["Europe/Berlin", "\"@ada\"", "2026-11-30 01:53", "280", &slots::print(&[slot])]
        {
            assert!(text.contains(words), "{words} in {text}");
        }
    }

    #[test]
    fn the_document_that_it_shows_is_read_without_a_question() {
        let zone = Zone::parse("Asia/Kolkata").unwrap();
        let text =
            prompt(PromptFor { now: NOW, zone: &zone, account: None, length: 280, slots: &[] });
        let (from, to) = (text.find('{').unwrap(), text.rfind('}').unwrap());
        let from = text[from..].find("{\n").map_or(from, |at| from + at);
        let table = read(&text.as_bytes()[from..=to], None, &ReadOptions::default()).unwrap();
        assert_eq!((table.len(), table.notes.len()), (3, 0));
        let mapping = Mapping::recognise(&table);
        assert_eq!((mapping.unused().count(), mapping.questions().count()), (0, 0), "{mapping:?}");
    }
}
