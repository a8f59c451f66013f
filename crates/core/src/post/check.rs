//! The rules for texts, tags and times.

use super::attachment::check_attachments;
use super::content::{Content, Part};
use crate::clock::UnixMillis;
use crate::failure::{Code, Findings, Problem};
use crate::limits::{Limits, Subscription};
use crate::text::{self, Weighed};
use crate::zone::{ResolutionKind, WallTime, Zone, gap_at, resolve};

/// Parts that one thread may have.
pub const PARTS_MAX: usize = 100;
/// Bytes that one part may have; no text that X takes comes near, and longer ones are not weighed.
pub const PART_BYTES_MAX: usize = 500_000;
/// Tags that one post may have.
pub const TAGS_MAX: usize = 20;
/// Characters that one tag may have.
pub const TAG_LENGTH_MAX: usize = 50;

/// Checks what a post says.
pub fn check_content(
    content: &Content,
    limits: &Limits,
    subscription: Subscription,
    findings: &mut Findings,
) {
    let parts = content.parts.as_slice();
    if parts.is_empty() {
        findings
            .error(|| Problem::new(Code::TextMissing, "The post has no text.").in_field("content"));
    }
    if parts.len() > PARTS_MAX {
        findings.error(|| {
            let message = format!("The thread has {} parts; {PARTS_MAX} are allowed.", parts.len());
            Problem::new(Code::ThreadTooLong, message).in_field("thread")
        });
        return;
    }
    for (index, part) in parts.iter().enumerate() {
        let field = || match parts.len() {
            1 => "content".to_owned(),
            _ => format!("thread[{}]", index + 1),
        };
        check_part(part, limits, subscription, &field, findings);
        check_attachments(part, &field, findings);
        if parts[..index].contains(part) && !text::is_blank(&part.text) {
            findings.warn(|| {
                Problem::new(Code::DuplicateContent, "The thread says the same twice.")
                    .with_remedy("X may refuse the second; change it.")
                    .in_field(field())
            });
        }
    }
}

/// Returns what not even a draft may have that is written in one go: a part that says nothing, and
/// characters that X never takes. Everything else can be mended until it is scheduled.
#[must_use]
pub fn check_draft(content: &Content) -> Vec<Problem> {
    let mut findings = Findings::telling(usize::MAX);
    check_content(content, &Limits::default(), Subscription::None, &mut findings);
    let is_final = |code| matches!(code, Code::TextMissing | Code::InvalidCharacter);
    findings.errors.listed.into_iter().filter(|problem| is_final(problem.code)).collect()
}

/// Checks the text of a part, and returns what weighing it told: it is weighed once. `None` for a text
/// that shows nothing or is too long to weigh.
pub fn check_part(
    part: &Part,
    limits: &Limits,
    subscription: Subscription,
    field: &dyn Fn() -> String,
    findings: &mut Findings,
) -> Option<Weighed> {
    let text = part.text.as_str();
    let allowed = limits.length_for(subscription);
    if let Some((place, letter)) = text.chars().enumerate().find(|(_, letter)| is_refused(*letter))
    {
        findings.error(|| invalid_character(place, letter).in_field(field()));
    } else if text::is_blank(text) {
        if !part.has_media() {
            findings.error(|| {
                Problem::new(Code::TextMissing, Code::TextMissing.text()).in_field(field())
            });
        }
        return None;
    }
    if text.len() > PART_BYTES_MAX {
        findings.error(|| {
            let message = format!("The text has {} bytes; X allows {allowed}.", text.len());
            Problem::new(Code::TextTooLong, message).in_field(field())
        });
        return None;
    }
    let weighed = text::weigh(text);
    let length = weighed.weighted_length;
    if length > allowed {
        findings.error(|| too_long(length, allowed, limits).in_field(field()));
    }
    check_cashtags(text, limits, field, findings);
    Some(weighed)
}

/// Returns whether X refuses the character, or it is a control character that nobody means to post.
#[must_use]
pub fn is_refused(letter: char) -> bool {
    matches!(letter, '\u{fffe}' | '\u{feff}' | '\u{ffff}')
        || (letter.is_ascii_control() && !matches!(letter, '\n' | '\r' | '\t'))
}

fn invalid_character(place: usize, letter: char) -> Problem {
    let place = place + 1;
    let message = format!("Character {place} is U+{:04X}, which X refuses.", u32::from(letter));
    Problem::new(Code::InvalidCharacter, message)
}

fn too_long(length: u32, allowed: u32, limits: &Limits) -> Problem {
    let over = length - allowed;
    let message = format!("The text counts {length} of {allowed}: {over} too many.");
    let remedy = if length <= limits.long_length && allowed < limits.long_length {
        format!("Shorten it by {over}, or make it a thread; only X Premium has longer posts.")
    } else {
        format!("Shorten it by {over}, or make it a thread.")
    };
    Problem::new(Code::TextTooLong, message).with_remedy(remedy)
}

fn check_cashtags(
    part: &str,
    limits: &Limits,
    field: &dyn Fn() -> String,
    findings: &mut Findings,
) {
    // Few texts hold a dollar sign at all.
    if part.bytes().filter(|byte| *byte == b'$').nth(1).is_none() {
        return;
    }
    let count = text::cashtags(part).len();
    let problem = || {
        let most = limits.max_cashtags.unwrap_or(1);
        let message = format!("The text has {count} cashtags; X allows {most} in a post.");
        Problem::new(Code::TooManyCashtags, message).in_field(field())
    };
    match limits.max_cashtags {
        Some(most) if count > most as usize => findings.error(problem),
        None if count > 1 => findings.warn(problem),
        _ => {}
    }
}

/// Checks the tags of a post.
pub fn check_tags(tags: &[String], findings: &mut Findings) {
    if tags.len() > TAGS_MAX {
        findings.error(|| {
            let message = format!("There are {} tags; {TAGS_MAX} are allowed.", tags.len());
            Problem::new(Code::TagInvalid, message).in_field("tags")
        });
        return;
    }
    for (index, tag) in tags.iter().enumerate() {
        let length = tag.chars().count();
        let reason = if text::is_blank(tag) {
            "is empty"
        } else if length > TAG_LENGTH_MAX {
            "is longer than 50 characters"
        } else if tag.chars().any(char::is_control) {
            "holds a control character"
        } else {
            continue;
        };
        findings.error(|| {
            let message = format!("The tag \"{}\" {reason}.", crate::failure::clip(tag, 20));
            Problem::new(Code::TagInvalid, message).in_field(format!("tags[{}]", index + 1))
        });
    }
}

/// Checks a wall time against the clocks of its zone, and gives the instant that it means. A time
/// that clocks skip is an error; one that they show twice is a warning, the first is taken.
pub fn check_wall_time(
    wall: &WallTime,
    zone: &Zone,
    findings: &mut Findings,
) -> Option<UnixMillis> {
    let resolution = resolve(wall, zone);
    match resolution.kind {
        ResolutionKind::Exact => Some(resolution.instant),
        ResolutionKind::Fold => {
            findings.warn(|| {
                let message = format!(
                    "In {zone} clocks show {wall} twice: at {}, and again after they are put back.",
                    resolution.instant
                );
                Problem::new(Code::TimeTwice, message).in_field("scheduledAt")
            });
            Some(resolution.instant)
        }
        ResolutionKind::Gap => {
            findings.error(|| skipped(wall, zone));
            None
        }
    }
}

fn skipped(wall: &WallTime, zone: &Zone) -> Problem {
    let problem = |message, remedy: Option<String>| {
        let problem = Problem::new(Code::TimeInGap, message).in_field("scheduledAt");
        match remedy {
            Some(remedy) => problem.with_remedy(remedy),
            None => problem,
        }
    };
    match gap_at(wall, zone) {
        Some(gap) => problem(
            format!(
                "In {zone} there is no {wall}: clocks go from {} straight to {}.",
                gap.from, gap.to
            ),
            Some(format!("Choose a time before {}, or {} or later.", gap.from, gap.to)),
        ),
        None => problem(format!("In {zone} there is no {wall}."), None),
    }
}
