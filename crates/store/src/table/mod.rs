//! One file per table: the row, what is read on [`Read`](crate::Read), what is written on
//! [`Tx`](crate::Tx). Posts have a folder of their own.

mod account;
mod charge;
mod event;
mod event_kind;
mod history;
mod import;
mod import_mapping;
mod label;
mod media;
mod notification;
mod outbox;
mod posting_slot;
mod relay_feed;
mod series;
mod setting;
mod sync_run;
mod tag;

pub use account::{Account, AccountHealth};
pub use charge::Charged;
pub use event::{Action, ChangedPost, PostEvent};
pub use event_kind::EventKind;
pub use history::{HistoryStep, ListedStep, Reversed};
pub(crate) use import::ImportTally;
pub use import::{ImportBatch, NewImport};
pub use label::Label;
pub use media::{Media, MediaPart, MediaTotal, MediaUse, NewMedia};
pub use notification::{NewNotification, Notification};
pub use outbox::{NewOutbox, Outbox, OutboxEnding, OutboxKind};
pub use posting_slot::{PostingSlot, PostingSlots};
pub use relay_feed::RelayFeed;
pub use series::{Series, SeriesState};
pub use sync_run::{NewSyncRun, SyncKind, SyncOutcome, SyncRun, SyncTally};
pub use tag::TagCount;
pub(crate) use tag::{place_tags, tag_names};
