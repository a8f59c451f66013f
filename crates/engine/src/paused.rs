//! What the person paused: everything, or single accounts. Kept in the store, so that a relay that lost
//! its database is told again before it posts anything.

use std::collections::BTreeSet;

use roost_core::id::XUserId;
use roost_store::{Error as StoreError, Outbox, Read, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The setting under which it is kept.
const PAUSED: &str = "paused";

/// What is paused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Paused {
    /// Whether everything is.
    pub(crate) everything: bool,
    /// The accounts that are paused by themselves, whether or not everything is.
    #[serde(default)]
    pub(crate) accounts: BTreeSet<XUserId>,
}

/// What a pause is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    Everything,
    Account(XUserId),
}

impl Scope {
    pub(crate) const fn account(&self) -> Option<&XUserId> {
        match self {
            Self::Everything => None,
            Self::Account(account) => Some(account),
        }
    }
}

impl Paused {
    /// Returns whether an account's posts are held.
    pub(crate) fn holds(&self, account: Option<&XUserId>) -> bool {
        self.everything || account.is_some_and(|account| self.accounts.contains(account))
    }

    pub(crate) fn set(&mut self, scope: &Scope, paused: bool) {
        match scope {
            Scope::Everything => self.everything = paused,
            Scope::Account(account) if paused => drop(self.accounts.insert(account.clone())),
            Scope::Account(account) => drop(self.accounts.remove(account)),
        }
    }
}

/// Returns what is paused; none where nobody ever paused anything here.
pub(crate) fn known(store: &Read<'_>) -> Result<Option<Paused>, StoreError> {
    store.setting(PAUSED)
}

/// Returns what is paused.
pub(crate) fn get(store: &Read<'_>) -> Result<Paused, StoreError> {
    Ok(known(store)?.unwrap_or_default())
}

/// Keeps what is paused.
pub(crate) fn save(store: &mut Tx<'_>, paused: &Paused) -> Result<(), StoreError> {
    store.save_setting(PAUSED, paused)
}

/// Returns an intention's payload. That of everything is the bare flag, as it always was.
pub(crate) fn payload(scope: &Scope, paused: bool) -> Value {
    match scope {
        Scope::Everything => paused.into(),
        Scope::Account(account) => json!({ "account": account, "paused": paused }),
    }
}

/// Reads an intention's payload. One that can't be read pauses everything: that is the safe side.
pub(crate) fn intended(intention: &Outbox) -> (Scope, bool) {
    let payload = &intention.payload;
    match payload.get("account").and_then(Value::as_str) {
        Some(account) => {
            let paused = payload.get("paused").and_then(Value::as_bool).unwrap_or(true);
            (Scope::Account(XUserId(account.to_owned())), paused)
        }
        None => (Scope::Everything, payload.as_bool().unwrap_or(true)),
    }
}
