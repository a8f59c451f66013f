//! Which account a row belongs to.

use std::collections::HashMap;

use roost_core::failure::{Code, Problem, clip};

use super::value::{error, warn};
use super::{FieldCells, MeantAccount};
use crate::field::Field;
use crate::finding::Sink;
use crate::surroundings::KnownAccount;

/// Handles that a message names at the most.
const NAMED_MAX: usize = 5;

/// The accounts that a row may name, found by handle or id, and the one for rows that name none.
#[derive(Debug, Clone)]
pub(crate) struct Accounts {
    by_name: HashMap<String, usize>,
    default: Default,
    /// Whether the source or the person names that one.
    is_named: bool,
}

/// The account for rows that name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Default {
    Known(usize),
    /// None is connected: such rows wait for one.
    Awaited,
    /// Several are connected, and none is named.
    Unclear,
    /// One is named that is not there; that is told of the file.
    Wrong,
}

impl Accounts {
    /// Returns the accounts with the default that `named` says, if anything; a wrong one is told.
    pub(crate) fn new(known: &[KnownAccount], named: Option<&str>, sink: &mut impl Sink) -> Self {
        // Ids first: a handle of digits only is still a handle.
        let ids = known.iter().enumerate().map(|(at, account)| (account.id.0.clone(), at));
        let handles =
            known.iter().enumerate().map(|(at, account)| (account.username.to_lowercase(), at));
        let by_name = ids.chain(handles).collect();
        let mut connected =
            known.iter().enumerate().filter(|(_, account)| account.connected).map(|(at, _)| at);
        let default = match (connected.next(), connected.next()) {
            (None, _) => Default::Awaited,
            (Some(only), None) => Default::Known(only),
            _ => Default::Unclear,
        };
        let mut accounts = Self { by_name, default, is_named: named.is_some() };
        if let Some(name) = named {
            let found = accounts.find(name);
            if found.is_none() {
                error(sink, Code::AccountUnknown, || unknown(name, known));
            }
            accounts.default = found.map_or(Default::Wrong, Default::Known);
        }
        accounts
    }

    /// Returns the account of a row. One that is not known is told, and that the row names none although
    /// none holds for all.
    pub(super) fn of_row(
        &self,
        cells: &FieldCells<'_>,
        known: &[KnownAccount],
        sink: &mut impl Sink,
    ) -> MeantAccount {
        let found = match cells.first(Field::Account) {
            Some(cell) => {
                let Some(name) = cell.as_text("account", sink) else {
                    return MeantAccount::Unclear;
                };
                let found = self.find(name);
                if found.is_none() {
                    error(sink, Code::AccountUnknown, || unknown(name, known));
                }
                found
            }
            None => match self.default {
                Default::Known(at) => Some(at),
                Default::Awaited => return MeantAccount::Awaited,
                Default::Unclear | Default::Wrong => {
                    error(sink, Code::AccountMissing, || missing(known));
                    None
                }
            },
        };
        let Some(at) = found else { return MeantAccount::Unclear };
        if let Some(account) = known.get(at).filter(|account| !account.connected) {
            warn(sink, Code::SignInNeeded, || {
                let message = format!("@{} is signed out: its posts wait.", account.username);
                Problem::new(Code::SignInNeeded, message).in_field("account")
            });
        }
        MeantAccount::Known(at)
    }

    /// Returns whether a row, the source or the person names the account.
    pub(super) fn is_named(&self, cells: &FieldCells<'_>) -> bool {
        self.is_named || cells.first(Field::Account).is_some()
    }

    /// Returns whether rows that name no account are errors because several are connected.
    pub(crate) fn is_unclear(&self) -> bool {
        self.default == Default::Unclear
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(&handle(name)).copied()
    }
}

/// Returns the handle that is meant by `@Name`, `name` or an address of a profile on X. An apostrophe is
/// what programs write for spreadsheets.
fn handle(name: &str) -> String {
    let name = name.trim().trim_start_matches('\'');
    let profile = ["https://x.com/", "https://twitter.com/", "x.com/", "twitter.com/"]
        .iter()
        .find_map(|site| name.strip_prefix(site))
        .map_or(name, |rest| rest.split(['/', '?']).next().unwrap_or(rest));
    profile.trim_start_matches('@').to_lowercase()
}

fn unknown(name: &str, known: &[KnownAccount]) -> Problem {
    let handle = clip(&handle(name), 40);
    let problem = Problem::new(Code::AccountUnknown, format!("No account @{handle} is connected."))
        .in_field("account");
    if known.is_empty() {
        return problem.with_remedy(format!("Sign in as @{handle}, or name no account."));
    }
    problem.with_remedy(format!("Connect it, or use one of {}.", handles(known)))
}

fn missing(known: &[KnownAccount]) -> Problem {
    Problem::new(Code::AccountMissing, "The row names no account.")
        .in_field("account")
        .with_remedy(format!("Choose one of {}.", handles(known)))
}

/// Returns the handles of the accounts, as a message names them.
pub(crate) fn handles(known: &[KnownAccount]) -> String {
    let mut handles: Vec<_> =
        known.iter().take(NAMED_MAX).map(|known| format!("@{}", known.username)).collect();
    if known.len() > NAMED_MAX {
        handles.push("…".to_owned());
    }
    handles.join(", ")
}
