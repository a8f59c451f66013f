//! Why the relay said no.

use roost_core::id::TweetId;
use serde::{Deserialize, Serialize};

use crate::MediaUpload;

/// What kind of refusal; the desktop branches on nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// The device key is missing or wrong.
    Unauthorized,
    /// The request makes no sense; a bug or another version.
    Invalid,
    /// No such post or account.
    NotFound,
    /// The cursor is older than what the relay keeps: resync with lookups, then go on from `head`.
    CursorGone,
    /// Another store feeds this relay: take over, or stay read-only.
    OtherStore,
    /// The decision does not fit the delivery's state.
    TooLate,
    /// The disk is full or the database locked; try again.
    Unavailable,
    /// A sign-in with another X user than the account's.
    OtherAccount,
    /// Too many attempts failed; come again later.
    TooManyAttempts,
    /// A chunk does not begin where the relay's part of the file ends: go on from
    /// [`Refusal::upload`].
    WrongOffset,
    /// A file is whole and has another digest than it was announced with; the relay threw it away.
    WrongDigest,
    /// A file or a chunk is larger than the relay takes.
    TooLarge,
    /// The relay keeps as many files as it may, or its disk is nearly full.
    StorageFull,
}

/// The body of every 4xx and 5xx answer under `/v1/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The kind.
    pub code: RefusalCode,
    /// What happened and what to do, in plain words.
    pub message: String,
    /// What of the post is deleted on X nevertheless; none from a relay of an earlier release.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<TweetId>,
    /// How far the file has arrived, with [`RefusalCode::WrongOffset`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<MediaUpload>,
}
