//! What the window and the command line show: plain structs, read from the store, derived anew at
//! every call. Instants are Unix milliseconds, money is micro-dollars.

mod agenda;
mod cause;
mod change;
mod dead_letter;
mod pause;
mod post;
mod scheduler;
mod sync;
mod sync_run;
mod update_hold;

use roost_core::clock::UnixMillis;
use roost_core::id::{ImportId, PostId, XUserId};
use roost_core::notice::{NoticeChannel, NoticeTopic};
use serde::{Deserialize, Serialize};

use crate::NextStep;

pub use agenda::*;
pub use cause::*;
pub use change::*;
pub use dead_letter::*;
pub use pause::*;
pub use post::*;
pub use scheduler::*;
pub use sync::*;
pub use sync_run::*;
pub use update_hold::*;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AccountRow {
    /// X's id of the user.
    pub x_user_id: XUserId,
    /// The handle, without `@`.
    pub username: String,
    /// The shown name.
    pub name: String,
    /// `connected`, `disconnected` or `suspended`.
    pub health: roost_relay_api::AccountHealth,
    /// Why it can't post, in plain words.
    pub message: Option<String>,
    /// X's `subscription_type`.
    pub subscription_type: Option<String>,
    /// The most weighted characters it may use.
    pub text_limit: u32,
    /// Whether its posts are held until it is resumed, whatever else is paused.
    pub paused: bool,
    /// When the relay last proved its sign-in with X.
    pub proven_at: Option<UnixMillis>,
    /// Its posts that are not decided.
    pub open: u64,
    /// Those of them that can be cancelled: neither being sent nor on their way back already.
    pub pending: u64,
}

/// One import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportRow {
    /// The import.
    pub id: ImportId,
    /// The number by which a person knows it: "Import #14".
    pub number: i64,
    /// The file's name, `-` for standard input.
    pub source: String,
    /// When.
    pub imported_at: UnixMillis,
    /// Its posts.
    pub posts: u64,
    /// Those on X.
    pub posted: u64,
    /// Those still to go out.
    pub open: u64,
    /// Whether it was undone.
    pub undone_at: Option<UnixMillis>,
    /// The name of the person's own plan, within which its rows have ids.
    pub plan: Option<String>,
}

/// Something to tell the person through the operating system, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Notice {
    /// The row in the store.
    pub id: i64,
    /// When it arose.
    pub at: UnixMillis,
    /// What it is about: `failed`, `unknown`, `missed`, `partial`, `posted`,
    /// `edit_too_late`, `cancel_too_late`, `account`, `relay`.
    pub kind: String,
    /// What it is about, as the person chooses by it how it is told.
    pub topic: NoticeTopic,
    /// How the person is told of that.
    pub channel: NoticeChannel,
    /// What it has in common with others; those are told as one.
    pub cause: Option<String>,
    /// The headline.
    pub title: String,
    /// One or two sentences: what happened, to which post, what to do.
    pub body: String,
    /// The post; none where it is of several.
    pub post_id: Option<PostId>,
    /// Of how many posts, or other things, it tells.
    pub posts: u64,
    /// When the person read it.
    pub read_at: Option<UnixMillis>,
}

/// One line of `doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// How it is.
    pub health: CheckHealth,
    /// What was found, in plain words.
    pub finding: String,
    /// What to do, when something is to be done.
    pub remedy: Option<String>,
    /// What of it the person can do in Roost.
    pub next_steps: Vec<NextStep>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum CheckHealth {
    /// As it should be.
    Good,
    /// Works, and should be looked at.
    Warning,
    /// Does not work.
    Bad,
}
