//! The rules for what a part has beside its text.

use super::content::{Part, Poll};
use crate::failure::{Code, Findings, Problem};
use crate::text;

/// Files that X takes with one post.
pub const MEDIA_MAX: usize = 4;
/// Characters that X takes as the description of a picture.
pub const ALT_TEXT_CHARS_MAX: usize = 1_000;
/// Answers that a poll may have.
pub const POLL_OPTIONS: std::ops::RangeInclusive<usize> = 2..=4;
/// Characters that an answer of a poll may have.
pub const POLL_OPTION_CHARS_MAX: usize = 25;
/// How long a poll may be open: five minutes to a week.
pub const POLL_MINUTES: std::ops::RangeInclusive<u32> = 5..=10_080;

/// Checks what a part has beside its text. Roost keeps media and does not send them yet, so that a
/// part with one of them can't be scheduled.
pub fn check_attachments(part: &Part, field: &dyn Fn() -> String, findings: &mut Findings) {
    if part.is_text_alone() {
        return;
    }
    if part.has_unsendable() {
        findings.error(|| not_sent_yet(part).in_field(field()));
    }
    let faults = media_fault(part).map(|fault| (Code::InvalidMedia, fault)).into_iter();
    let polls = part.poll.as_ref().and_then(|poll| poll_fault(poll, part));
    for (code, fault) in faults.chain(polls.map(|fault| (Code::PollInvalid, fault))) {
        findings.error(|| Problem::new(code, fault).in_field(field()));
    }
}

fn not_sent_yet(part: &Part) -> Problem {
    let (has, them) = match part.media.len() + part.media_sources.len() {
        1 => ("an image or a video", "it"),
        _ => ("images or videos", "them"),
    };
    let message = format!("The post has {has}, and Roost can't send {them} yet.");
    Problem::new(Code::AttachmentUnsupported, message)
}

fn media_fault(part: &Part) -> Option<String> {
    let count = part.media.len() + part.media_sources.len();
    if count > MEDIA_MAX {
        return Some(format!("The post has {count} files; X takes {MEDIA_MAX}."));
    }
    let described = part.media.iter().map(|media| &media.alt_text);
    let described = described.chain(part.media_sources.iter().map(|media| &media.alt_text));
    let longest = described.flatten().map(|text| text.chars().count()).max()?;
    (longest > ALT_TEXT_CHARS_MAX)
        .then(|| format!("A description has {longest} characters; X takes {ALT_TEXT_CHARS_MAX}."))
}

fn poll_fault(poll: &Poll, part: &Part) -> Option<String> {
    let (from, to) = (POLL_OPTIONS.start(), POLL_OPTIONS.end());
    if !part.media.is_empty() || !part.media_sources.is_empty() {
        return Some("X takes a poll or media in one post, not both.".to_owned());
    }
    if !POLL_OPTIONS.contains(&poll.options.len()) {
        let count = poll.options.len();
        return Some(format!("The poll has {count} answers; X takes {from} to {to}."));
    }
    if poll.options.iter().any(|option| text::is_blank(option)) {
        return Some("An answer of the poll is empty.".to_owned());
    }
    if let Some(long) = poll.options.iter().find(|it| it.chars().count() > POLL_OPTION_CHARS_MAX) {
        let length = long.chars().count();
        return Some(format!(
            "An answer of the poll has {length} characters; X takes {POLL_OPTION_CHARS_MAX}."
        ));
    }
    let minutes = poll.duration_minutes;
    (!POLL_MINUTES.contains(&minutes)).then(|| {
        let (least, most) = (POLL_MINUTES.start(), POLL_MINUTES.end());
        format!("The poll is open for {minutes} minutes; X takes {least} to {most}.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UnixMillis;
    use crate::id::MediaId;
    use crate::limits::{Limits, Subscription};
    use crate::post::{Content, MediaRef, MediaSource, ReplySettings, check_content};

    fn found(part: &Part) -> Vec<Code> {
        let mut findings = Findings::telling(usize::MAX);
        let content = Content { parts: vec![part.clone()] };
        check_content(&content, &Limits::default(), Subscription::None, &mut findings);
        findings.errors.listed.iter().map(|problem| problem.code).collect()
    }

    fn pictured(text: &str, count: usize) -> Part {
        let file = |_| MediaRef { media_id: MediaId::new(UnixMillis(1)), alt_text: None };
        Part { media: (0..count).map(file).collect(), ..Part::of_text(text) }
    }

    fn naming(count: usize) -> Part {
        let file = |_| MediaSource { source: "cat.jpg".to_owned(), alt_text: None };
        Part { media_sources: (0..count).map(file).collect(), ..Part::of_text("x") }
    }

    fn asking(options: &[&str], duration_minutes: u32) -> Part {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Part { poll: Some(Poll { options, duration_minutes }), ..Part::of_text("Well?") }
    }

    #[test]
    fn what_is_kept_and_not_sent_yet_can_not_be_scheduled() {
        for part in [pictured("x", 4), naming(4)] {
            assert_eq!(found(&part), [Code::AttachmentUnsupported], "{part:?}");
        }
        let quiet = Part { reply_settings: Some(ReplySettings::Following), ..Part::of_text("x") };
        for part in [Part::of_text("x"), asking(&["yes", "no"], 5), quiet] {
            assert_eq!(found(&part), [], "{part:?}");
        }
    }

    #[test]
    fn media_needs_no_text_and_a_poll_does() {
        assert_eq!(found(&pictured(" ", 1)), [Code::AttachmentUnsupported]);
        let silent = Part { text: String::new(), ..asking(&["yes", "no"], 60) };
        assert_eq!(found(&silent), [Code::TextMissing]);
        assert_eq!(found(&Part::default()), [Code::TextMissing]);
    }

    #[test]
    fn what_x_would_refuse_is_found() {
        let long = "x".repeat(26);
        let both = Part { media: pictured("", 1).media, ..asking(&["yes", "no"], 60) };
        let polls = [
            asking(&["yes"], 60),
            asking(&["a", "b", "c", "d", "e"], 60),
            asking(&["yes", " "], 60),
            asking(&["yes", &long], 60),
            asking(&["yes", "no"], 4),
            asking(&["yes", "no"], 10_081),
        ];
        for part in polls {
            assert_eq!(found(&part), [Code::PollInvalid], "{part:?}");
        }
        assert_eq!(found(&both)[1..], [Code::PollInvalid]);
        let mut described = pictured("x", 1);
        described.media[0].alt_text = Some("x".repeat(1_001));
        for part in [pictured("x", 5), naming(5), described] {
            assert_eq!(found(&part)[1..], [Code::InvalidMedia], "{part:?}");
        }
    }
}
