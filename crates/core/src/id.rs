//! Identifiers. Ours are UUIDv7, so that rows sort by the moment they were made; X's are strings.

use std::cell::RefCell;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::UnixMillis;

/// An identifier that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no identifier")]
pub struct InvalidId(pub String);

thread_local! {
    /// What this thread's identifiers are drawn from, instead of the system's random numbers.
    static SOURCE: RefCell<Option<Source>> = const { RefCell::new(None) };
}

/// Where the random part of identifiers comes from.
pub type Source = Box<dyn FnMut() -> [u8; 10]>;

/// Draws the random part of all identifiers that this thread makes from `source` from now on; for the
/// simulation, where two runs make the same ones. `None` goes back to the system.
pub fn draw_ids_from(source: Option<Source>) {
    SOURCE.set(source);
}

fn uuid_of(now: UnixMillis) -> Uuid {
    let millis = u64::try_from(now.0).unwrap_or(0);
    let drawn = SOURCE.with_borrow_mut(|source| source.as_mut().map(|source| source()));
    if let Some(drawn) = drawn {
        return uuid::Builder::from_unix_timestamp_millis(millis, &drawn).into_uuid();
    }
    let nanos = u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, millis / 1000, nanos))
}

macro_rules! uuid_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[cfg_attr(feature = "specta", derive(specta::Type))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Returns a fresh identifier, made at `now`.
            #[must_use]
            pub fn new(now: UnixMillis) -> Self {
                Self(uuid_of(now))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId(text.to_owned()))
            }
        }
    };
}

uuid_newtype! {
    /// A post: one tweet, or one thread.
    PostId
}
impl PostId {
    /// Returns fresh identifiers, made at `now`, each greater than the one before: rows that are stored
    /// together are found together.
    pub fn batch(now: UnixMillis) -> impl Iterator<Item = Self> + Send {
        // The version's 4 bits and the variant's 2 stand within the 80 bits below the time.
        const LOW_BITS: u32 = 62;
        const LOW: u128 = (1 << LOW_BITS) - 1;
        const HIGH: u128 = (1 << 12) - 1;
        let first = Self::new(now).0.as_u128();
        let fixed = first & !(LOW | (HIGH << 64));
        // The uppermost bit is left free, so that counting never ends.
        let counter = (((first >> 64) & (HIGH >> 1)) << LOW_BITS) | (first & LOW);
        (counter..).map(move |counter| {
            let bits = ((counter >> LOW_BITS) & HIGH) << 64 | (counter & LOW);
            Self(Uuid::from_u128(fixed | bits))
        })
    }
}

uuid_newtype! {
    /// A series: a post that repeats by a rule.
    SeriesId
}
impl PostId {
    /// Returns the identifier of a post that a series makes, always the same for what tells it from the
    /// series' others: a store that was put back makes no other post for an occurrence than before, and a
    /// relay that knows its outcome keeps it from going out twice.
    #[must_use]
    pub fn of_series(series: SeriesId, occurrence: &str) -> Self {
        use sha2::{Digest, Sha256};
        let digest = Sha256::new()
            .chain_update(series.0.as_bytes())
            .chain_update(occurrence.as_bytes())
            .finalize();
        let mut drawn = [0; 10];
        drawn.copy_from_slice(&digest[..10]);
        let millis = series.0.as_u128() >> 80;
        let millis = u64::try_from(millis).unwrap_or_default();
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &drawn).into_uuid())
    }
}
uuid_newtype! {
    /// One import of a file, undone as a whole.
    ImportId
}
uuid_newtype! {
    /// One local store; two desktops on copies of one store are told apart by it and the device.
    StoreId
}
uuid_newtype! {
    /// An uploaded file.
    MediaId
}

/// An X user id: the identity of an account. Decimal digits, always kept as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(transparent)]
pub struct XUserId(pub String);

impl fmt::Display for XUserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A post's id on X. Decimal digits, always kept as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(transparent)]
pub struct TweetId(pub String);

impl fmt::Display for TweetId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A text that names no post on X.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("That is no address of a post on X, such as https://x.com/name/status/123")]
pub struct NoTweet;

impl TweetId {
    /// X counts posts in 64 bits.
    const DIGITS_MAX: usize = 20;

    /// Returns the id that a person means by a post's address on X, with whatever a browser or an app
    /// hung on it, or by the id alone.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn from_address(address: &str) -> Result<Self, NoTweet> {
        let path = address.trim().split(['?', '#']).next().unwrap_or_default();
        let id = match path.split_once("/status/") {
            Some((_, rest)) => rest.split('/').next().unwrap_or_default(),
            None => path,
        };
        let is_id = (1..=Self::DIGITS_MAX).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_digit());
        if is_id { Ok(Self(id.to_owned())) } else { Err(NoTweet) }
    }
}

/// Counts armings of one post. Never falls; every arming and every withdrawal takes the next.
///
/// Read from outside, it is a number that JavaScript counts exactly and that has room above it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "i64")]
pub struct Revision(pub i64);

/// By hand: the derivation takes a checked number for two shapes.
#[cfg(feature = "specta")]
impl specta::Type for Revision {
    fn definition(types: &mut specta::Types) -> specta::datatype::DataType {
        i64::definition(types)
    }
}

/// A number that no arming of a post ever took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no revision: they count from 0 and stay below 2^53")]
pub struct NoRevision(i64);

impl TryFrom<i64> for Revision {
    type Error = NoRevision;

    fn try_from(number: i64) -> Result<Self, NoRevision> {
        if (0..Self::END).contains(&number) { Ok(Self(number)) } else { Err(NoRevision(number)) }
    }
}

impl Revision {
    /// Above every revision.
    const END: i64 = 1 << 53;

    /// Returns the revision after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Counts the changes of one post that a person sees: of its words, its time, its account, its tags,
/// and of where it stands. A request that is based on an older version is refused, so that it does not
/// overwrite what the person has not seen.
///
/// It is not the [`Revision`], which counts what relay and scheduler are given: a draft's tags change
/// without one. Nor does each write count: while a person edits a post, relay and scheduler may take it
/// over, and what was written about it is as good as before.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(transparent)]
pub struct Version(pub i64);

impl Version {
    /// The version of a post that was just made.
    pub const FIRST: Self = Self(1);

    /// Returns the version after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_made_later_sort_later() {
        assert!(PostId::new(UnixMillis(1_000)) < PostId::new(UnixMillis(2_000)));
    }

    #[test]
    fn ids_of_a_batch_rise_and_are_of_their_moment() {
        let ids: Vec<PostId> = PostId::batch(UnixMillis(1_000)).take(1_000).collect();
        assert!(ids.is_sorted_by(|one, next| one < next));
        assert!(ids.iter().all(|id| *id < PostId::new(UnixMillis(1_001))));
        assert!(ids.iter().all(|id| id.0.get_version_num() == 7));
        assert!(ids.iter().all(|id| id.0.get_variant() == uuid::Variant::RFC4122));
        assert_ne!(ids[0], PostId::batch(UnixMillis(1_000)).next().unwrap());
    }

    #[test]
    fn a_revision_from_outside_is_one_that_could_have_been_taken() {
        for (text, read) in [
            ("0", Some(0)),
            ("7", Some(7)),
            ("9007199254740991", Some(9_007_199_254_740_991)),
            ("9007199254740992", None),
            ("-1", None),
            ("-9223372036854775808", None),
        ] {
            let found: Option<Revision> = serde_json::from_str(text).ok();
            assert_eq!(found, read.map(Revision), "{text}");
        }
        assert_eq!(serde_json::to_string(&Revision(7)).ok().as_deref(), Some("7"));
    }

    #[test]
    fn a_post_on_x_is_named_by_its_address_or_its_id() {
        for address in [
            "123",
            " 123 ",
            "123?s=20",
            "https://x.com/a/status/123",
            "https://twitter.com/a/status/123?s=2",
            "https://x.com/a/status/123/photo/1",
            "x.com/a/status/123#m",
        ] {
            assert_eq!(TweetId::from_address(address), Ok(TweetId("123".into())), "{address}");
        }
        let too_long = "1".repeat(21);
        for address in ["", "12a", "https://x.com/a", "https://x.com/a/status/", "-1", &too_long] {
            assert_eq!(TweetId::from_address(address), Err(NoTweet), "{address}");
        }
    }
}
