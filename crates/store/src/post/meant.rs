//! What an edit meant that came too late, beside what was sent.

use roost_core::id::{PostId, XUserId};
use roost_core::post::Content;
use serde::{Deserialize, Serialize};

use super::content_event::ContentFields;
use super::row::{Post, Schedule};
use crate::error::Error;

/// What a post says, when, and for whom: as an edit meant it, or as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "MeantFields", into = "MeantFields")]
pub struct Meant {
    /// What it says.
    pub content: Content,
    /// When it is planned.
    pub schedule: Option<Schedule>,
    /// The account that is to post it.
    pub account: Option<XUserId>,
}

/// The same as an event has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct MeantFields {
    #[serde(flatten)]
    content: ContentFields,
    schedule: Option<Schedule>,
    account: Option<XUserId>,
}

impl TryFrom<MeantFields> for Meant {
    type Error = Error;

    fn try_from(fields: MeantFields) -> Result<Self, Error> {
        let MeantFields { content, schedule, account } = fields;
        Ok(Self { content: content.try_into()?, schedule, account })
    }
}

impl From<Meant> for MeantFields {
    fn from(meant: Meant) -> Self {
        let Meant { content, schedule, account } = meant;
        Self { content: ContentFields::from(&content), schedule, account }
    }
}

impl Meant {
    /// Returns what `post` says as `content`, when, and for whom.
    pub(super) fn of(post: &Post, content: Content) -> Self {
        Self { content, schedule: post.schedule.clone(), account: post.account.clone() }
    }
}

/// An edit that came too late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateEdit {
    /// The draft that keeps it; none when only the time was changed.
    pub draft: Option<PostId>,
    /// What the edit meant.
    pub meant: Meant,
    /// What is being sent, or was.
    pub sent: Meant,
}
