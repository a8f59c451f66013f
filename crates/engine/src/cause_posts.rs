//! Which posts failed, wait or were missed for the same reason.

use std::collections::HashSet;

use roost_core::failure::Code;
use roost_core::id::{PostId, XUserId};
use roost_core::status::Status;
use roost_store::{Error as StoreError, Filter, Read, Troubled};

use crate::view::CauseState;

/// What an account's own reason is told by: another account has its own.
const OF_THE_ACCOUNT: &[Code] = &[
    Code::SignInNeeded,
    Code::AccountSuspended,
    Code::AccountPaused,
    Code::AccountUnknown,
    Code::AccountLimited,
    Code::RateLimited,
];

/// What tells a cause from others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) state: CauseState,
    pub(crate) code: Code,
    pub(crate) account: Option<XUserId>,
}

impl Key {
    /// Returns the cause of posts that stand in one way.
    pub(crate) fn of(row: &Troubled) -> Self {
        let state = match row.status {
            Status::Failed => CauseState::Failed,
            Status::Missed => CauseState::Missed,
            Status::Unknown | Status::Partial => CauseState::NeedsCheck,
            _ => CauseState::Waiting,
        };
        let told = row.code.as_deref().and_then(|code| code.parse().ok());
        let code = told.unwrap_or(match state {
            CauseState::Missed => Code::Missed,
            CauseState::NeedsCheck => Code::OutcomeUnknown,
            CauseState::Failed | CauseState::Waiting => Code::Internal,
        });
        let account = row.account.clone().filter(|_| OF_THE_ACCOUNT.contains(&code));
        Self { state, code, account }
    }

    /// Returns what the cause is called in a request.
    pub(crate) fn id(&self) -> String {
        let account = self.account.as_ref().map(|id| format!(":{id}")).unwrap_or_default();
        format!("{}:{}{account}", word(self.state), self.code)
    }
}

const fn word(state: CauseState) -> &'static str {
    match state {
        CauseState::Failed => "failed",
        CauseState::Missed => "missed",
        CauseState::NeedsCheck => "needs_check",
        CauseState::Waiting => "waiting",
    }
}

/// Returns the posts of a cause in the order of their times; none where it is none.
pub(crate) fn of(store: &Read<'_>, cause: &str) -> Result<Vec<PostId>, StoreError> {
    let mut posts = Vec::new();
    for row in store.troubled()? {
        if Key::of(&row).id() == cause {
            posts.extend(store.troubled_posts(
                row.status,
                row.code.as_deref(),
                row.account.as_ref(),
            )?);
        }
    }
    // Ids rise with time only within an account's rows: the plan's order is that of the times.
    let mut planned = Vec::with_capacity(posts.len());
    for id in posts {
        let at = store.post(id)?.and_then(|post| post.schedule).map(|schedule| schedule.at);
        planned.push((at, id));
    }
    planned.sort();
    Ok(planned.into_iter().map(|(_, id)| id).collect())
}

/// Narrows what a filter finds to the posts of a cause. Returns whether it can find any then.
pub(crate) fn narrow(
    store: &Read<'_>,
    cause: Option<&str>,
    filter: &mut Filter,
) -> Result<bool, StoreError> {
    let Some(cause) = cause else { return Ok(true) };
    let posts = of(store, cause)?;
    filter.ids = if filter.ids.is_empty() {
        posts
    } else {
        let wanted: HashSet<PostId> = filter.ids.drain(..).collect();
        posts.into_iter().filter(|id| wanted.contains(id)).collect()
    };
    Ok(!filter.ids.is_empty())
}
