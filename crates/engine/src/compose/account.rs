//! Whose a post is, and what is said where it is nobody's.

use roost_core::failure::{Code, Problem};
use roost_core::id::XUserId;
use roost_store::Read;

/// Handles that a message names at the most.
const HANDLES_MAX: usize = 5;

/// Why a post has no account.
pub(super) struct Unowned {
    /// None is connected, so that none can be chosen: the post waits for one.
    pub(super) none_connected: bool,
    pub(super) problem: Problem,
}

/// The account of a name; without a name the only one.
pub(crate) fn account(
    store: &Read<'_>,
    name: Option<&str>,
    connected: &[roost_store::Account],
    problems: &mut Vec<Problem>,
) -> std::result::Result<Option<roost_store::Account>, roost_store::Error> {
    let Some(name) = name else {
        let [only] = connected else { return Ok(None) };
        return Ok(Some(only.clone()));
    };
    let found = match store.account_by_username(name)? {
        Some(account) => Some(account),
        None => {
            store.account(&XUserId(name.to_owned()))?.filter(|account| account.removed_at.is_none())
        }
    };
    if found.is_none() {
        let message = format!("No account \"{name}\" is connected.");
        let problem = Problem::new(Code::AccountUnknown, message).in_field("account");
        problems.push(if connected.is_empty() {
            problem
        } else {
            problem.with_remedy(format!("Connect it, or choose one of {}.", handles(connected)))
        });
    }
    Ok(found)
}

/// The handles of accounts, for messages; the first ones, when there are many.
pub(crate) fn handles(accounts: &[roost_store::Account]) -> String {
    let mut handles: Vec<String> =
        accounts.iter().take(HANDLES_MAX).map(|account| format!("@{}", account.username)).collect();
    if accounts.len() > HANDLES_MAX {
        handles.push("…".to_owned());
    }
    handles.join(", ")
}

pub(super) fn unowned(connected: &[roost_store::Account]) -> Unowned {
    let (none_connected, problem) = without_account(connected);
    Unowned { none_connected, problem }
}

/// Returns what is to be said of a scheduled post without an account, and whether that is only a warning,
/// because none is connected.
pub(crate) fn without_account(connected: &[roost_store::Account]) -> (bool, Problem) {
    let none_connected = connected.is_empty();
    let problem = if none_connected {
        Problem::new(Code::AccountMissing, "No account is connected: the post waits for one.")
            .with_remedy("Sign in with X before it is due.")
    } else {
        let count = connected.len();
        let message = format!("The post names no account, and {count} are connected.");
        Problem::new(Code::AccountMissing, message)
            .with_remedy(format!("Choose one of {}.", handles(connected)))
    };
    (none_connected, problem.in_field("account"))
}
