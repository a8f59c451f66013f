//! The rules for what a part has beside its text.

use super::content::{Part, Poll};
use super::media::MediaCategory;
use crate::failure::{Code, Findings, Problem, clip};
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

/// Digits that an id of X has at the most.
const ID_DIGITS_MAX: usize = 19;

/// Returns whether this can be X's id of a community: 1 to 19 digits.
#[must_use]
pub fn is_community_id(id: &str) -> bool {
    (1..=ID_DIGITS_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// Checks what a part has beside its text. A part with an image or a video that Roost does not have
/// can't be scheduled.
pub fn check_attachments(part: &Part, field: &dyn Fn() -> String, findings: &mut Findings) {
    if part.is_text_alone() {
        return;
    }
    if let Some(code) = unsendable(part) {
        findings.error(|| Problem::new(code, code.text()).in_field(field()));
    }
    let faults = media_fault(part).map(|fault| (Code::InvalidMedia, fault)).into_iter();
    let polls = part.poll.as_ref().and_then(|poll| poll_fault(poll, part));
    let communities = part.community_id.as_deref().and_then(community_fault);
    let communities = communities.map(|fault| (Code::CommunityInvalid, fault));
    let polls = polls.map(|fault| (Code::PollInvalid, fault));
    for (code, fault) in faults.chain(polls).chain(communities) {
        findings.error(|| Problem::new(code, fault).in_field(field()));
    }
}

/// Returns why a part's media can't be sent, when they can't.
fn unsendable(part: &Part) -> Option<Code> {
    match part {
        _ if !part.media_sources.is_empty() => Some(Code::MediaNotFetched),
        _ if part.has_unsendable() => Some(Code::MediaFileMissing),
        _ => None,
    }
}

fn media_fault(part: &Part) -> Option<String> {
    let count = part.media.len() + part.media_sources.len();
    if count > MEDIA_MAX {
        return Some(format!("The post has {count} files; X takes {MEDIA_MAX}."));
    }
    if let Some(fault) = mix_fault(part) {
        return Some(fault.to_owned());
    }
    let described = part.media.iter().map(|media| &media.alt_text);
    let described = described.chain(part.media_sources.iter().map(|media| &media.alt_text));
    let longest = described.flatten().map(|text| text.chars().count()).max()?;
    (longest > ALT_TEXT_CHARS_MAX)
        .then(|| format!("A description has {longest} characters; X takes {ALT_TEXT_CHARS_MAX}."))
}

/// X takes one to four images, or one GIF, or one video.
fn mix_fault(part: &Part) -> Option<&'static str> {
    let categories = part.media.iter().filter_map(|media| media.file.map(|file| file.category));
    let moving =
        categories.filter(|category| *category != MediaCategory::Image).max_by_key(|it| {
            // A video says more of what is wrong than a GIF beside it.
            *it == MediaCategory::Video
        })?;
    let is_alone = part.media.len() + part.media_sources.len() == 1;
    (!is_alone).then_some(match moving {
        MediaCategory::Video => "X takes one video in a post, and no other file beside it.",
        _ => "X takes one moving GIF in a post, and no other file beside it.",
    })
}

fn community_fault(id: &str) -> Option<String> {
    let shown = clip(id, ID_DIGITS_MAX + 1);
    (!is_community_id(id)).then(|| format!("\"{shown}\" is no id of a community on X."))
}

fn poll_fault(poll: &Poll, part: &Part) -> Option<String> {
    let (from, to) = (POLL_OPTIONS.start(), POLL_OPTIONS.end());
    if part.has_media() {
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
    use crate::post::{
        Content, MediaDigest, MediaFile, MediaKind, MediaRef, MediaSource, ReplySettings,
        check_content,
    };

    fn found(part: &Part) -> Vec<Code> {
        let mut findings = Findings::telling(usize::MAX);
        let content = Content { parts: vec![part.clone()] };
        check_content(&content, &Limits::default(), Subscription::None, &mut findings);
        findings.errors.listed.iter().map(|problem| problem.code).collect()
    }

    fn pictured(text: &str, count: usize) -> Part {
        of_kinds(text, &vec![MediaCategory::Image; count])
    }

    fn of_kinds(text: &str, categories: &[MediaCategory]) -> Part {
        let file = |(number, category): (usize, &MediaCategory)| MediaRef {
            media_id: MediaId::new(UnixMillis(1)),
            alt_text: None,
            file: Some(MediaFile {
                sha256: MediaDigest([u8::try_from(number).unwrap(); 32]),
                kind: match category {
                    MediaCategory::Image => MediaKind::Png,
                    MediaCategory::Gif => MediaKind::Gif,
                    MediaCategory::Video => MediaKind::Mp4,
                },
                category: *category,
                bytes: 1_000,
            }),
        };
        let media = categories.iter().enumerate().map(file).collect();
        Part { media, ..Part::of_text(text) }
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
    fn a_file_that_roost_does_not_have_can_not_be_scheduled() {
        let mut noted = pictured("x", 2);
        noted.media[1].file = None;
        assert_eq!(found(&noted), [Code::MediaFileMissing]);
        assert_eq!(found(&naming(4)), [Code::MediaNotFetched]);
        let both = Part { media_sources: naming(1).media_sources, ..pictured("x", 1) };
        assert_eq!(found(&both), [Code::MediaNotFetched]);
    }

    #[test]
    fn what_roost_has_can_be_scheduled() {
        let quiet = Part { reply_settings: Some(ReplySettings::Following), ..Part::of_text("x") };
        let plain = [Part::of_text("x"), asking(&["yes", "no"], 5), quiet];
        for part in plain.into_iter().chain([1, 4].map(|count| pictured("x", count))) {
            assert_eq!(found(&part), [], "{part:?}");
        }
    }

    #[test]
    fn media_needs_no_text_and_a_poll_does() {
        assert_eq!(found(&pictured(" ", 1)), []);
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
        assert_eq!(found(&both), [Code::PollInvalid]);
        let mut described = pictured("x", 1);
        described.media[0].alt_text = Some("x".repeat(1_001));
        for part in [pictured("x", 5), described] {
            assert_eq!(found(&part), [Code::InvalidMedia], "{part:?}");
        }
        assert_eq!(found(&naming(5)), [Code::MediaNotFetched, Code::InvalidMedia]);
    }

    #[test]
    fn a_community_is_named_by_one_to_nineteen_digits() {
        let to = |id: &str| Part { community_id: Some(id.to_owned()), ..Part::of_text("x") };
        for id in ["1", "1493446837214187523"] {
            assert_eq!(found(&to(id)), [], "{id}");
        }
        for none in ["", "14934468372141875230", "bird watchers", "12 34", "-1", "\u{661}"] {
            assert_eq!(found(&to(none)), [Code::CommunityInvalid], "{none}");
        }
    }

    #[test]
    fn what_a_post_discloses_can_stand_beside_all_that_a_part_has() {
        let disclosing = |part| Part { made_with_ai: true, paid_partnership: true, ..part };
        for part in [Part::of_text("x"), asking(&["yes", "no"], 5), pictured("", 4)] {
            assert_eq!(found(&disclosing(part)), []);
        }
    }

    #[test]
    fn a_part_has_images_or_one_gif_or_one_video() {
        use MediaCategory::{Gif, Image, Video};
        for alone in [&[Gif][..], &[Video], &[Image], &[Image; 4]] {
            assert_eq!(found(&of_kinds("", alone)), [], "{alone:?}");
        }
        for mixed in
            [&[Image, Gif][..], &[Video, Image], &[Gif, Gif], &[Video, Video], &[Gif, Video]]
        {
            assert_eq!(found(&of_kinds("x", mixed)), [Code::InvalidMedia], "{mixed:?}");
        }
    }
}
