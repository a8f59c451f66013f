//! What an import is told: defaults, policies, limits, and what is there already.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use roost_core::clock::UnixMillis;
use roost_core::duplicate::DuplicateKey;
use roost_core::id::XUserId;
use roost_core::limits::{Limits, Subscription};
use roost_core::post::{DuplicatePolicy, PastPolicy};
use roost_core::zone::Zone;

/// Bytes that a file may have unless told otherwise.
pub const MAX_BYTES: usize = 20_000_000;
/// Rows that a file may have unless told otherwise.
pub const MAX_ROWS: usize = 100_000;
/// Errors, and warnings, that are told unless told otherwise; all are counted.
pub const MAX_LISTED: usize = 1_000;

/// An account that is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAccount {
    /// X's id of the user.
    pub id: XUserId,
    /// The handle, without `@`.
    pub username: String,
    /// What the account pays X for.
    pub subscription: Subscription,
    /// The limits by which posts of it are sent, where they are known; otherwise [`Options::limits`].
    #[serde(default)]
    pub limits: Option<Limits>,
}

/// The posts that are there already, as far as duplicates, free slots and limits need to know.
#[derive(Debug, Clone, Default)]
pub struct KnownPosts {
    keys: HashMap<Option<XUserId>, HashSet<DuplicateKey>>,
    times: HashMap<Option<XUserId>, BTreeSet<UnixMillis>>,
}

impl KnownPosts {
    /// Adds one: whose it is, what it says, and when it went or goes out.
    pub fn add(&mut self, account: Option<&XUserId>, key: DuplicateKey, at: Option<UnixMillis>) {
        self.keys.entry(account.cloned()).or_default().insert(key);
        if let Some(at) = at {
            self.times.entry(account.cloned()).or_default().insert(at);
        }
    }

    pub(super) fn holds(&self, account: &Option<XUserId>, key: &DuplicateKey) -> bool {
        self.keys.get(account).is_some_and(|keys| keys.contains(key))
    }

    pub(super) fn times(&self, account: &Option<XUserId>) -> Option<&BTreeSet<UnixMillis>> {
        self.times.get(account)
    }
}

/// How to import.
#[derive(Debug, Clone)]
pub struct Options {
    /// The present.
    pub now: UnixMillis,
    /// The zone for files and rows that name none.
    pub zone: Zone,
    /// The account for files and rows that name none: a handle with or without `@`, or an id.
    pub account: Option<String>,
    /// The accounts that are connected. When there is just one, it is the default.
    pub accounts: Vec<KnownAccount>,
    /// The limits where an account has none of its own.
    pub limits: Limits,
    /// What to do with times in the past.
    pub past: PastPolicy,
    /// What to do with texts that are there already.
    pub duplicates: DuplicatePolicy,
    /// What is there already.
    pub known: KnownPosts,
    /// Bytes that the file may have.
    pub max_bytes: usize,
    /// Rows that the file may have.
    pub max_rows: usize,
    /// Errors, and warnings, to tell; all are counted.
    pub max_listed: usize,
}

impl Options {
    /// The defaults, at `now`: nothing connected, nothing there already.
    #[must_use]
    pub fn new(now: UnixMillis) -> Self {
        Self {
            now,
            zone: Zone::default(),
            account: None,
            accounts: Vec::new(),
            limits: Limits::default(),
            past: PastPolicy::default(),
            duplicates: DuplicatePolicy::default(),
            known: KnownPosts::default(),
            max_bytes: MAX_BYTES,
            max_rows: MAX_ROWS,
            max_listed: MAX_LISTED,
        }
    }
}
