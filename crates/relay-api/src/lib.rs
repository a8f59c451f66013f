//! What the desktop and the relay say to each other, under `/v1/`, with a device key as bearer.
//!
//! | request | answer |
//! | --- | --- |
//! | `POST /v1/stage` [`StageBatch`] | [`StageAnswer`] |
//! | `POST /v1/withdraw` [`WithdrawBatch`] | [`WithdrawAnswer`] |
//! | `POST /v1/posts` [`Lookup`] | [`LookupAnswer`] |
//! | `POST /v1/texts` [`TextsOf`] | [`TextsAnswer`] |
//! | `POST /v1/posts/{id}/resolve` [`Decision`] | [`Delivery`] |
//! | `POST /v1/posts/{id}/remove` [`Removal`] | [`Removed`] |
//! | `GET /v1/events?cursor=&limit=&wait_ms=` | [`EventPage`], or 410 [`Refusal`] `cursor_gone` |
//! | `POST /v1/manifest` [`Manifest`] | [`ManifestAnswer`] |
//! | `POST /v1/pause` [`OrderedPause`] | [`RelayStatus`] |
//! | `POST /v1/accounts/{x_user_id}/pause` [`OrderedPause`] | [`RelayStatus`] |
//! | `POST /v1/coverage` [`Coverage`] | [`RelayStatus`] |
//! | `GET /v1/status` | [`RelayStatus`] |
//! | `GET /v1/accounts` | list of [`Account`] |
//! | `PUT /v1/accounts/{x_user_id}` [`Grant`] | [`Account`] |
//! | `DELETE /v1/accounts/{x_user_id}` | 204 |
//! | `POST /v1/takeover` [`Takeover`] | [`RelayStatus`] |
//! | `POST /v1/pair` [`PairRequest`], with the key that the device wants | [`PairAnswer`] |
//! | `GET /v1/scheduler` | [`SchedulerState`] |
//! | `PUT /v1/scheduler/keys` [`SchedulerKeys`] | [`SchedulerState`] |
//! | `GET /v1/scheduler/token` | [`SchedulerToken`], or 404 |
//! | `POST /v1/self-test` | [`SelfTest`] |
//! | `GET /v1/self-test/{probe}?wait_ms=` | [`SelfTest`], or 404 |
//! | `POST /v1/self-test/accounts` | list of [`AccountProof`] |
//! | `GET /v1/alarms` | [`AlarmsStatus`] |
//! | `POST /v1/alarms/test` | list of [`AlarmTest`] |
//! | `GET /v1/media/{sha256}` | [`MediaUpload`] |
//! | `PUT /v1/media/{sha256}?offset=&bytes=` with the chunk as body | [`MediaUpload`], or 409 [`Refusal`] `wrong_offset` with it |
//! | `GET /v1/devices` | list of [`PairedDevice`] |
//! | `DELETE /v1/devices/{name}` | 204 |
//!
//! Every refusal is a [`Refusal`] with a 4xx or 5xx status. Instants are Unix milliseconds.
//! [`Client`] has one method per route.
//!
//! **First contact.** A store introduces itself to each new [`Epoch`] with a [`Manifest`], an empty
//! one when it never handed anything over. Until its last page has arrived, the relay takes stages
//! and deliveries of that store but calls X for none of them ([`RelayStatus::needs_manifest`]).
//!
//! **Media.** A post is staged only when the relay has every file that it names, whole; until then the
//! answer is [`StageOutcome::MediaMissing`] with the digests. A file comes in chunks of up to
//! [`CHUNK_BYTES_MAX`] bytes, one after the other, and goes on where it stopped.

mod account;
mod alarms;
mod client;
mod delivery;
mod event;
mod media;
mod pairing;
mod readiness;
mod refusal;
mod scheduler;
mod self_test;
mod stage;
mod status;

pub use account::{Account, AccountHealth, Grant};
pub use alarms::{AlarmChannel, AlarmTest, AlarmsStatus, OpenAlarm};
pub use client::{
    Answer, Broken, Client, ClientError, Exchange, NoPin, Outcome, Pin, Transport,
    fingerprint_groups,
};
pub use delivery::{
    Decision, Delivery, DeliveryState, Lookup, LookupAnswer, PostTexts, Removal, Removed, Resolve,
    Seen, TextsAnswer, TextsOf,
};
pub use event::{Event, EventKind, EventPage};
pub use media::{CHUNK_BYTES_MAX, MediaSpace, MediaUpload};
pub use pairing::{PairAnswer, PairRequest, PairedDevice, link_fingerprint};
pub use readiness::{Readiness, ReadinessFinding};
pub use refusal::{Refusal, RefusalCode};
pub use scheduler::{SchedulerKeys, SchedulerState, SchedulerToken, keys_digest};
pub use self_test::{AccountProof, DeliveryRefusal, ProbeArrival, RefusedFor, SelfTest};
pub use stage::{
    ParentOnX, Stage, StageAnswer, StageBatch, StageOutcome, StageResult, StagedFollowUp, Withdraw,
    WithdrawAnswer, WithdrawBatch, WithdrawOutcome, WithdrawResult,
};
pub use status::{
    ClockDifferences, Coverage, Manifest, ManifestAnswer, ManifestPost, OrderedPause, Pause,
    PauseOrder, RelayStatus, Takeover,
};

/// The path at which the relay takes QStash's deliveries.
pub const POST_TWEET_PATH: &str = "/api/qstash/post-tweet";
/// The path at which the relay takes QStash's failure callbacks.
pub const FAILURE_PATH: &str = "/api/qstash/failure";
/// Rows in one batch, at the most.
pub const BATCH_MAX: usize = 100;
/// Posts on one page of a manifest, at the most.
pub const MANIFEST_PAGE_MAX: usize = 10_000;

/// The body of one QStash message. No content leaves for a third party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Trigger {
    /// Which post is due.
    pub post_id: roost_core::id::PostId,
    /// Under which revision it was armed.
    pub revision: roost_core::id::Revision,
}

/// A relay database's random mark: renewed at init, restore and move, so that a desktop notices.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub String);
