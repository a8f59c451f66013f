//! What the engine knows around a file: the present, the accounts, the prices, the posts that are there.

use std::fmt;
use std::sync::Arc;

use roost_core::clock::UnixMillis;
pub use roost_core::cost::Prices;
use roost_core::duplicate::DuplicateKey;
use roost_core::id::{PostId, XUserId};
use roost_core::limits::{Limits, Subscription};
use roost_core::post::{Content, MediaRef};
use roost_core::status::Status;
use roost_core::zone::Zone;

use crate::follow_up::MeantFollowUp;

/// What a session judges its rows against.
#[derive(Clone)]
pub struct Surroundings {
    /// The present.
    pub now: UnixMillis,
    /// The zone of the settings: of files and rows that name none.
    pub zone: Zone,
    /// The accounts that are connected, or were. When just one is, it is the default.
    pub accounts: Vec<KnownAccount>,
    /// The limits where an account has none of its own.
    pub limits: Limits,
    /// What X charges.
    pub prices: Prices,
    /// The posts that are there already.
    pub known: Arc<dyn Known>,
    /// The images and videos that are there already.
    pub media: Arc<dyn FindMedia>,
}

impl Surroundings {
    /// Returns the surroundings of an empty store at `now`: no account, no post.
    #[must_use]
    pub fn empty(now: UnixMillis) -> Self {
        Self {
            now,
            zone: Zone::default(),
            accounts: Vec::new(),
            limits: Limits::default(),
            prices: Prices::default(),
            known: Arc::new(NoPosts),
            media: Arc::new(NoMedia),
        }
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Surroundings")
            .field("now", &self.now)
            .field("zone", &self.zone)
            .field("accounts", &self.accounts)
            .finish_non_exhaustive()
    }
}

/// The images and videos that are there already, by what a row names. Nothing is opened or fetched for
/// the answer.
pub trait FindMedia: Send + Sync {
    /// Returns what is known of a path or an address; `None` when it was not looked for yet.
    fn find(&self, source: &str) -> Option<NamedMedia>;
}

/// A file that a row names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedMedia {
    /// It is there.
    Here(MediaRef),
    /// It was looked for, and can't be had: why, in words.
    Refused(String),
}

/// No image and no video is there.
struct NoMedia;

impl FindMedia for NoMedia {
    fn find(&self, _source: &str) -> Option<NamedMedia> {
        None
    }
}

/// An account that a row may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAccount {
    /// X's id of the user.
    pub id: XUserId,
    /// The handle, without `@`.
    pub username: String,
    /// What the account pays X for.
    pub subscription: Subscription,
    /// The limits by which posts of it are sent, where they are known; otherwise those of
    /// [`Surroundings`].
    pub limits: Option<Limits>,
    /// Whether it is signed in; posts of one that is not wait for the sign-in.
    pub connected: bool,
    /// The zone in which its posting times are meant; without one that of the settings.
    pub zone: Option<Zone>,
    /// Its weekly posting times.
    pub slots: Vec<WeeklySlot>,
}

/// A posting time that comes every week.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct WeeklySlot {
    /// The day of the week, from 1 for Monday to 7 for Sunday.
    pub weekday: u8,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute, 0 to 59.
    pub minute: u8,
}

/// The posts that are there already, asked in bulk: the engine answers from its store.
///
/// A session asks from two threads at once while it judges a file, and later again for each cell that a
/// person changes.
pub trait Known: Send + Sync {
    /// Returns the posts of an account that say what one of `keys` says, in every status but cancelled.
    ///
    /// # Errors
    /// When the store can't be read.
    fn by_key(
        &self,
        account: Option<&XUserId>,
        keys: &[DuplicateKey],
    ) -> Result<Vec<KnownPost>, LookupFailed>;

    /// Returns the posts that have one of these ids within a person's plan, each with its id there.
    ///
    /// # Errors
    /// When the store can't be read.
    fn by_own_id(
        &self,
        plan: Option<&str>,
        ids: &[&str],
    ) -> Result<Vec<(String, KnownPost)>, LookupFailed>;

    /// Returns the times from `from` on at which posts of an account went or go out, in any order.
    ///
    /// # Errors
    /// When the store can't be read.
    fn times(
        &self,
        account: Option<&XUserId>,
        from: UnixMillis,
    ) -> Result<Vec<UnixMillis>, LookupFailed>;

    /// Returns the first texts of the posts of an account that went out from `from` on or are still to
    /// go out, for the search for texts that are nearly the same.
    ///
    /// # Errors
    /// When the store can't be read.
    fn texts(
        &self,
        account: Option<&XUserId>,
        from: UnixMillis,
    ) -> Result<Vec<KnownText>, LookupFailed>;

    /// Returns what these posts are now.
    ///
    /// # Errors
    /// When the store can't be read.
    fn shown(&self, posts: &[PostId]) -> Result<Vec<ShownPost>, LookupFailed>;
}

/// A post that is there already, as far as judging needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownPost {
    /// The post.
    pub id: PostId,
    /// Where it stands.
    pub status: Status,
    /// When it went or goes out; a draft may have no time.
    pub at: Option<UnixMillis>,
    /// What it says: repeats have it in common.
    pub key: DuplicateKey,
}

/// The text of a post that is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownText {
    /// The post.
    pub id: PostId,
    /// When it went or goes out.
    pub at: Option<UnixMillis>,
    /// What it says: repeats have it in common.
    pub key: DuplicateKey,
    /// The text of its first part.
    pub text: String,
}

/// What a post is, for a row that would change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownPost {
    /// The post.
    pub id: PostId,
    /// Where it stands.
    pub status: Status,
    /// What it says.
    pub content: Content,
    /// The account that posts.
    pub account: Option<XUserId>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// A note to oneself.
    pub note: Option<String>,
    /// The reply that is to follow it.
    pub follow_up: Option<MeantFollowUp>,
    /// When, on the wall clock of `zone`.
    pub wall_time: Option<String>,
    /// The zone of the wall time.
    pub zone: Option<String>,
    /// When.
    pub at: Option<UnixMillis>,
}

/// Why the posts that are there could not be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The posts that are there already could not be read: {0}")]
pub struct LookupFailed(pub String);

/// No post is there.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPosts;

impl Known for NoPosts {
    fn by_key(
        &self,
        _: Option<&XUserId>,
        _: &[DuplicateKey],
    ) -> Result<Vec<KnownPost>, LookupFailed> {
        Ok(Vec::new())
    }

    fn by_own_id(
        &self,
        _: Option<&str>,
        _: &[&str],
    ) -> Result<Vec<(String, KnownPost)>, LookupFailed> {
        Ok(Vec::new())
    }

    fn times(&self, _: Option<&XUserId>, _: UnixMillis) -> Result<Vec<UnixMillis>, LookupFailed> {
        Ok(Vec::new())
    }

    fn texts(&self, _: Option<&XUserId>, _: UnixMillis) -> Result<Vec<KnownText>, LookupFailed> {
        Ok(Vec::new())
    }

    fn shown(&self, _: &[PostId]) -> Result<Vec<ShownPost>, LookupFailed> {
        Ok(Vec::new())
    }
}
