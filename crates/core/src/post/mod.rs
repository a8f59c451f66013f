//! A post as a person writes it, and the rules it has to keep; shared by composer and import.

mod attachment;
mod body_hash;
mod check;
mod content;
mod follow_up;
pub mod late_post;
mod media;
mod policy;

use serde::{Deserialize, Serialize};

pub use attachment::{
    ALT_TEXT_CHARS_MAX, MEDIA_MAX, POLL_MINUTES, POLL_OPTION_CHARS_MAX, POLL_OPTIONS,
    check_attachments, is_community_id,
};
pub use body_hash::{BodyHash, InvalidBodyHash};
pub use check::{
    PART_BYTES_MAX, PARTS_MAX, TAG_LENGTH_MAX, TAGS_MAX, check_content, check_draft, check_part,
    check_tags, check_wall_time, is_refused,
};
pub use content::{Content, MediaSource, Part, Poll, ReplySettings};
pub use follow_up::{FOLLOW_UP_MINUTES, FOLLOW_UP_USUAL_MINUTES, FollowUp};
pub use media::{InvalidMediaDigest, MediaCategory, MediaDigest, MediaFile, MediaKind, MediaRef};
pub use policy::{DuplicatePolicy, LatePolicy, Lateness, PastPolicy, TooLate, UnknownPolicy};

use crate::clock::UnixMillis;
use crate::failure::{Code, Findings, Problem};
use crate::id::XUserId;
use crate::limits::{Limits, Subscription};
use crate::zone::{WallTime, Zone, resolve};

/// What a person writes: one tweet or a thread, when, and from which account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostDraft {
    /// What it says.
    pub content: Content,
    /// When, on the wall clock of `zone`; without it the post stays a draft.
    pub wall_time: Option<WallTime>,
    /// The zone of the wall time.
    pub zone: Zone,
    /// The account that is to post; without one the post waits for it.
    pub account: Option<XUserId>,
    /// Words to find it by.
    pub tags: Vec<String>,
}

/// What a post is measured against.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The limits of the plan.
    pub limits: &'a Limits,
    /// The account's subscription; [`Subscription::None`] while there is no account.
    pub subscription: Subscription,
    /// The present.
    pub now: UnixMillis,
}

impl PostDraft {
    /// Returns the instant that the wall time means.
    #[must_use]
    pub fn scheduled_at(&self) -> Option<UnixMillis> {
        self.wall_time.map(|wall| resolve(&wall, &self.zone).instant)
    }

    /// Returns everything that is wrong with it.
    #[must_use]
    pub fn check(&self, rules: &Rules<'_>) -> Findings {
        let mut findings = Findings::telling(usize::MAX);
        check_content(&self.content, rules.limits, rules.subscription, &mut findings);
        check_tags(&self.tags, &mut findings);
        if let Some(wall) = self.wall_time
            && let Some(instant) = check_wall_time(&wall, &self.zone, &mut findings)
            && instant < rules.now
        {
            findings.error(|| past(&wall, &self.zone));
        }
        findings
    }
}

/// Returns the words that say that a time has passed.
#[must_use]
pub fn past(wall: &WallTime, zone: &Zone) -> Problem {
    Problem::new(Code::TimeInPast, format!("{wall} in {zone} has passed.")).in_field("scheduledAt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(parts: &[&str], wall: &str) -> PostDraft {
        PostDraft {
            content: Content::of_texts(parts.iter().copied()),
            wall_time: Some(WallTime::parse(wall).unwrap()),
            zone: Zone::parse("America/New_York").unwrap(),
            account: None,
            tags: Vec::new(),
        }
    }

    fn codes(draft: &PostDraft, subscription: Subscription) -> (Vec<Code>, Vec<Code>) {
        let limits = Limits::default();
        let now = UnixMillis::from_seconds(1_767_225_600);
        let findings = draft.check(&Rules { limits: &limits, subscription, now });
        let codes = |problems: crate::failure::Problems| {
            problems.listed.into_iter().map(|problem| problem.code).collect()
        };
        (codes(findings.errors), codes(findings.warnings))
    }

    #[test]
    fn a_sound_post_passes() {
        let draft = draft(&["Hello"], "2026-06-01 09:00");
        assert_eq!(codes(&draft, Subscription::None), (vec![], vec![]));
    }

    #[test]
    fn everything_that_is_wrong_is_found_at_once() {
        let mut draft = draft(&["", "ok \u{feff}"], "2026-03-08 02:30");
        draft.tags = vec!["x".repeat(51)];
        let expected =
            vec![Code::TextMissing, Code::InvalidCharacter, Code::TagInvalid, Code::TimeInGap];
        assert_eq!(codes(&draft, Subscription::None).0, expected);
    }

    #[test]
    fn a_draft_may_be_unfinished_but_not_nothing() {
        let of = |texts: &[&str]| check_draft(&draft(texts, "2026-06-01 09:00").content);
        assert_eq!(of(&[&"a".repeat(281)]), []);
        let codes: Vec<Code> = of(&["", "ok \u{feff}"]).into_iter().map(|it| it.code).collect();
        assert_eq!(codes, [Code::TextMissing, Code::InvalidCharacter]);
    }

    #[test]
    fn a_long_text_passes_for_an_account_with_long_posts_only() {
        let draft = draft(&[&"a".repeat(281)], "2026-06-01 09:00");
        assert_eq!(codes(&draft, Subscription::None).0, [Code::TextTooLong]);
        assert_eq!(codes(&draft, Subscription::Premium).0, []);
    }

    #[test]
    fn a_time_that_comes_twice_is_a_warning_and_a_past_one_an_error() {
        let twice = draft(&["Hello"], "2026-11-01 01:30");
        assert_eq!(codes(&twice, Subscription::None), (vec![], vec![Code::TimeTwice]));
        let past = draft(&["Hello"], "2020-01-01 09:00");
        assert_eq!(codes(&past, Subscription::None).0, [Code::TimeInPast]);
    }
}
