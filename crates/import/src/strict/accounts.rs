//! Which account a row belongs to.

use std::collections::HashMap;

use super::fields::{self, Fields};
use super::options::{KnownAccount, Options};
use roost_core::failure::{Code, Findings, Problem, clip};
use roost_core::id::XUserId;
use roost_core::limits::{Limits, Subscription};

/// Handles that a message names at the most.
const NAMED_MAX: usize = 5;

/// The accounts that are connected, found by handle or id, and the one for rows that name none.
pub(super) struct Accounts<'o> {
    known: &'o [KnownAccount],
    by_name: HashMap<String, usize>,
    default: Default,
    /// Rows that name none although it is not clear which is meant.
    unclear: u32,
}

/// The account for rows that name none.
enum Default {
    Known(usize),
    /// None is connected: such rows wait for one.
    Awaited,
    /// Several are connected, and none is named.
    Unclear,
    /// One is named that is not there; that was found already.
    Wrong,
}

/// The account of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) id: Option<XUserId>,
    pub(super) subscription: Subscription,
}

impl<'o> Accounts<'o> {
    pub(super) fn new(options: &'o Options, file: &Fields<'_>, findings: &mut Findings) -> Self {
        let known = options.accounts.as_slice();
        // Ids first: a handle of digits only is still a handle.
        let ids = known.iter().enumerate().map(|(at, account)| (account.id.0.clone(), at));
        let handles =
            known.iter().enumerate().map(|(at, account)| (account.username.to_lowercase(), at));
        let by_name = ids.chain(handles).collect();
        let default = match known.len() {
            0 => Default::Awaited,
            1 => Default::Known(0),
            _ => Default::Unclear,
        };
        let mut accounts = Self { known, by_name, default, unclear: 0 };
        let named = match file.account {
            Some(value) => match fields::text(value, "account", findings) {
                Some(name) => Some(name),
                None => {
                    accounts.default = Default::Wrong;
                    return accounts;
                }
            },
            None => options.account.clone(),
        };
        if let Some(name) = named {
            let found = accounts.find(&name, findings);
            accounts.default = found.map_or(Default::Wrong, Default::Known);
        }
        accounts
    }

    /// The account of a row; nothing when there is none such, which is found then.
    pub(super) fn of_row(&mut self, fields: &Fields<'_>, findings: &mut Findings) -> Option<Owner> {
        if let Some(value) = fields.account {
            let name = fields::text(value, "account", findings)?;
            return self.find(&name, findings).map(|at| self.owner(at));
        }
        match self.default {
            Default::Known(at) => Some(self.owner(at)),
            Default::Awaited => Some(Owner { id: None, subscription: Subscription::None }),
            Default::Unclear => {
                self.unclear += 1;
                None
            }
            Default::Wrong => None,
        }
    }

    /// The subscription of an account, for limits.
    pub(super) fn subscription(&self, id: Option<&XUserId>) -> Subscription {
        let account = id.and_then(|id| self.known.iter().find(|account| account.id == *id));
        account.map_or(Subscription::None, |account| account.subscription)
    }

    /// The limits by which posts of an account are sent, where they are known.
    pub(super) fn limits(&self, id: Option<&XUserId>) -> Option<&'o Limits> {
        let account = id.and_then(|id| self.known.iter().find(|account| account.id == *id));
        account.and_then(|account| account.limits.as_ref())
    }

    /// The handle of an account, for messages.
    pub(super) fn handle(&self, id: Option<&XUserId>) -> String {
        let account = id.and_then(|id| self.known.iter().find(|account| account.id == *id));
        account
            .map_or_else(|| "this account".to_owned(), |account| format!("@{}", account.username))
    }

    /// Says once what concerns all rows that name no account.
    /// `ready` rows came through without one: what is left out waits for nothing.
    pub(super) fn finish(&self, ready: usize, findings: &mut Findings) {
        let rows = self.unclear;
        match self.default {
            Default::Unclear if rows > 0 => findings.error(|| {
                let posts = match rows {
                    1 => "1 post names".to_owned(),
                    _ => format!("{rows} posts name"),
                };
                let message =
                    format!("{posts} no account, and {} are connected.", self.known.len());
                Problem::new(Code::AccountMissing, message)
                    .in_field("account")
                    .with_remedy(format!("Choose one of {}.", self.handles()))
            }),
            Default::Awaited if ready > 0 => findings.warn(|| {
                let posts = match ready {
                    1 => "1 post waits".to_owned(),
                    _ => format!("{ready} posts wait"),
                };
                let message = format!("No account is connected: {posts} for one.");
                Problem::new(Code::AccountMissing, message)
                    .in_field("account")
                    .with_remedy("Sign in with X before the first is due.")
            }),
            _ => {}
        }
    }

    fn owner(&self, at: usize) -> Owner {
        let account = &self.known[at];
        Owner { id: Some(account.id.clone()), subscription: account.subscription }
    }

    fn find(&self, name: &str, findings: &mut Findings) -> Option<usize> {
        let handle = name.trim().trim_start_matches('@').to_lowercase();
        let found = self.by_name.get(&handle).copied();
        if found.is_none() {
            findings.error(|| self.unknown(&handle));
        }
        found
    }

    fn unknown(&self, handle: &str) -> Problem {
        let handle = clip(handle, 40);
        let problem =
            Problem::new(Code::AccountUnknown, format!("No account @{handle} is connected."))
                .in_field("account");
        if self.known.is_empty() {
            return problem.with_remedy(format!("Sign in as @{handle}, or name no account."));
        }
        problem.with_remedy(format!("Connect it, or use one of {}.", self.handles()))
    }

    fn handles(&self) -> String {
        let mut handles: Vec<_> =
            self.known.iter().take(NAMED_MAX).map(|known| format!("@{}", known.username)).collect();
        if self.known.len() > NAMED_MAX {
            handles.push("…".to_owned());
        }
        handles.join(", ")
    }
}
