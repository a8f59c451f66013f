//! Writing a post: what is typed, and what there is to say of it.

use roost_core::cost;
use roost_core::failure::Problem;
use roost_core::text;
use roost_core::zone::Zone;
use roost_engine as engine;
use serde::{Deserialize, Serialize};

use super::post::Row;
use crate::ipc::Type;
use crate::words;

/// A post as it stands in the composer.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PostInput {
    text: String,
    wall_time: Option<String>,
    zone: Option<String>,
    draft: bool,
}

/// What to change of a post; what is absent stays.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EditInput {
    text: Option<String>,
    wall_time: Option<String>,
    zone: Option<String>,
    /// Schedules a cancelled post again.
    restore: bool,
}

/// How long a text is for X, and what posting it costs.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Count {
    weighted: u32,
    limit: u32,
    /// Where the text becomes too long: UTF-16 units, as JavaScript counts.
    overflow_at: Option<u32>,
    /// Micro-dollars.
    cost: i64,
    has_link: bool,
}

/// What there is to say of a post as it stands.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Verdict {
    scheduled_at: Option<i64>,
    /// The time in UTC, in words.
    utc: Option<String>,
    errors: Vec<Remark>,
    warnings: Vec<Remark>,
}

/// One thing to say about a field.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct Remark {
    field: String,
    code: String,
    message: String,
    remedy: String,
}

/// A time that the composer offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Suggestion {
    /// What the button says.
    pub label: String,
    /// The wall time: `2027-03-01 09:00`.
    pub wall_time: String,
}

/// What was saved, and what the person should know of it.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct Saved {
    post: Row,
    warnings: Vec<Remark>,
}

/// What became of a cancellation.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Withdrawn {
    cancelled: usize,
    /// Asked for, and not acknowledged by the relay yet.
    cancelling: usize,
    too_late: usize,
}

impl Count {
    /// Counts `text` for an account that may use `limit`.
    pub(crate) fn of(text: &str, limit: u32) -> Self {
        let weighed = text::weigh(text);
        let over = weighed.weighted_length > limit;
        let fitting = text.get(weighed.valid_range).unwrap_or(text);
        Self {
            weighted: weighed.weighted_length,
            limit,
            overflow_at: over
                .then(|| u32::try_from(fitting.encode_utf16().count()).unwrap_or(u32::MAX)),
            cost: cost::post_cost(text).0,
            has_link: text::has_url(text),
        }
    }
}

impl From<PostInput> for engine::NewPost {
    fn from(input: PostInput) -> Self {
        Self {
            text: input.text,
            wall_time: input.wall_time,
            zone: input.zone,
            draft: input.draft,
            ..Self::default()
        }
    }
}

impl From<EditInput> for engine::Edit {
    fn from(input: EditInput) -> Self {
        Self {
            text: input.text,
            wall_time: input.wall_time,
            zone: input.zone,
            restore: input.restore,
            ..Self::default()
        }
    }
}

impl From<engine::Verdict> for Verdict {
    fn from(verdict: engine::Verdict) -> Self {
        Self {
            scheduled_at: verdict.scheduled_at.map(|at| at.0),
            utc: verdict.scheduled_at.map(words::utc),
            errors: verdict.errors.into_iter().map(Into::into).collect(),
            warnings: verdict.warnings.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Problem> for Remark {
    fn from(problem: Problem) -> Self {
        Self {
            field: problem.field.unwrap_or_default(),
            code: problem.code.as_str().to_owned(),
            message: problem.message,
            remedy: problem.remedy,
        }
    }
}

impl Saved {
    /// What was saved, as a window in `zone` shows it.
    pub(crate) fn shown_in(zone: &Zone, saved: engine::Saved) -> Self {
        Self {
            post: Row::shown_in(zone, saved.post),
            warnings: saved.warnings.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<engine::Cancelled> for Withdrawn {
    fn from(done: engine::Cancelled) -> Self {
        Self {
            cancelled: done.cancelled.len(),
            cancelling: done.cancelling.len(),
            too_late: done.too_late.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_begins_where_javascript_counts_it() {
        let count = Count::of(&format!("🦉{}", "a".repeat(300)), 280);
        assert_eq!(count.weighted, 302);
        // An owl is two UTF-16 units and weighs two, so that 278 letters fit after it.
        assert_eq!(count.overflow_at, Some(280));
        assert_eq!(Count::of("short", 280).overflow_at, None);
    }

    #[test]
    fn a_link_makes_a_post_dear() {
        assert!(Count::of("see https://example.com", 280).has_link);
        assert_eq!(Count::of("see https://example.com", 280).cost, 200_000);
        assert_eq!(Count::of("see nothing", 280).cost, 15_000);
    }
}
