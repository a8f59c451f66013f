//! What a row says of where it stands: a draft, planned, out already, or for another network.

use roost_core::failure::{Code, Problem, clip};

use super::value::warn;
use super::{FieldCells, Standing};
use crate::field::Field;
use crate::finding::Sink;

/// Statuses of what is still to be written or agreed: such rows are drafts.
const DRAFT: &[&str] = &[
    "draft",
    "drafts",
    "idea",
    "ideas",
    "backlog",
    "todo",
    "to do",
    "not started",
    "in progress",
    "writing",
    "in review",
    "review",
    "needs review",
    "for review",
    "pending approval",
    "needs approval",
    "awaiting approval",
    "waiting for approval",
    "unapproved",
    "not approved",
    "on hold",
    "hold",
    "paused",
    "failed",
    "missed",
    "error",
    "no",
    "entwurf",
    "brouillon",
    "borrador",
];
/// Statuses of what is to go out.
const PLANNED: &[&str] = &[
    "scheduled",
    "schedule",
    "pending",
    "queue",
    "queued",
    "held",
    "waiting",
    "approved",
    "ready",
    "ready to post",
    "ready to publish",
    "final",
    "planned",
    "active",
    "upcoming",
    "yes",
    "geplant",
    "freigegeben",
    "programado",
    "aprobado",
    "planifié",
];
/// Statuses of what went out, as far as is known.
const WENT_OUT: &[&str] = &[
    // It is on its way, and may be there by now.
    "sending",
    "posted",
    "published",
    "sent",
    "live",
    "done",
    "complete",
    "completed",
    "success",
    "partial",
    "partly posted",
    "unknown",
    "needs check",
    "veröffentlicht",
    "publicado",
    "publié",
];
/// Statuses of what is not to go out.
const CANCELLED: &[&str] = &[
    "cancelled",
    "canceled",
    "deleted",
    "archived",
    "rejected",
    "declined",
    "skipped",
    "skip",
    "dropped",
    "abgelehnt",
];
/// Words for this network, with anything but letters taken out.
const THIS_NETWORK: &[&str] =
    &["x", "𝕏", "twitter", "xtwitter", "twitterx", "xcom", "tweet", "tweets", "xformerlytwitter"];

/// What a status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stated {
    pub(super) standing: Standing,
    pub(super) is_draft: bool,
    /// Whether it can't be told if it is a draft.
    pub(super) is_unclear: bool,
}

/// Returns what a row says of where it stands. A status that is not known makes a draft, which is told:
/// what somebody has still to look at is not sent.
pub(super) fn stated(cells: &FieldCells<'_>, sink: &mut impl Sink) -> Stated {
    let cell = cells.first(Field::Draft);
    let draft = cell.map_or(Some(false), |cell| cell.as_truth("draft", sink));
    let mut stated = Stated {
        standing: Standing::Planned,
        is_draft: draft == Some(true),
        is_unclear: draft.is_none(),
    };
    if let Some(cell) = cells.first(Field::Network)
        && !is_this_network(cell.text)
    {
        stated.standing = Standing::OtherNetwork;
        return stated;
    }
    if cells.first(Field::TweetId).is_some() {
        stated.standing = Standing::WentOut;
        return stated;
    }
    let Some(cell) = cells.first(Field::Status) else { return stated };
    let word = plain(cell.text);
    let is = |words: &[&str]| words.contains(&word.as_str());
    if is(WENT_OUT) {
        stated.standing = Standing::WentOut;
    } else if is(CANCELLED) {
        stated.standing = Standing::Cancelled;
    } else if is(DRAFT) {
        stated.is_draft = true;
    } else if !is(PLANNED) && !word.is_empty() {
        stated.is_draft = true;
        warn(sink, Code::StatusUnknown, || {
            let message = format!("The status \"{}\" is not known.", clip(cell.text.trim(), 40));
            Problem::new(Code::StatusUnknown, message).in_field("status")
        });
    }
    stated
}

/// Returns a status in small letters, with one blank between words, without signs in front.
fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower
        .split(|letter: char| letter.is_whitespace() || letter == '_' || letter == '-')
        .map(|word| word.trim_matches(|letter: char| !letter.is_alphanumeric()));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Returns whether one of the networks that a cell names is this one, or it names none.
fn is_this_network(text: &str) -> bool {
    let mut names = text
        .split([',', ';', '|', '\n', '+', '&'])
        .map(|name| name.to_lowercase().chars().filter(|it| it.is_alphanumeric()).collect())
        .filter(|name: &String| !name.is_empty())
        .peekable();
    names.peek().is_none() || names.any(|name| THIS_NETWORK.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_known_by_its_names_alone_or_among_others() {
        for name in
            ["X", "Twitter", "X / Twitter", "X (Twitter)", "LinkedIn, X", "twitter;facebook", ""]
        {
            assert!(is_this_network(name), "{name}");
        }
        for name in ["LinkedIn", "Instagram", "Threads, Bluesky", "Xing", "Facebook"] {
            assert!(!is_this_network(name), "{name}");
        }
    }

    #[test]
    fn a_status_is_read_whatever_its_case_and_signs() {
        for (text, word) in [
            ("✅ Approved", "approved"),
            ("In_Review", "in review"),
            (" Ready to  post! ", "ready to post"),
        ] {
            assert_eq!(plain(text), word);
        }
    }
}
