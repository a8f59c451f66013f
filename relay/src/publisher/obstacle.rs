//! What stands in the way of a post, checked in the order in which a person would want to know.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::limits::Subscription;
use roost_relay_api::AccountHealth;

use super::lanes::{Lanes, Owner};
use crate::config::Config;
use crate::rows::account::AccountRow;
use crate::rows::app::Hold;
use crate::rows::post::Post;

/// How long a post waits for its account's identity to be proven before it is looked at again.
const UNPROVEN: Duration = Duration::from_secs(60);

/// An account's situation while its posts are looked at.
pub(super) struct Situation<'a> {
    pub(super) config: &'a Config,
    pub(super) lanes: &'a Lanes,
    pub(super) now: UnixMillis,
    pub(super) paused: bool,
    pub(super) account: Option<&'a AccountRow>,
    pub(super) app_hold: Option<&'a Hold>,
}

/// Why a post does not go out now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// It waits, until an instant or until something happens.
    Wait { code: Code, message: String, until: Option<UnixMillis> },
    /// Overdue posts of an account go out one by one; this one may at the instant given.
    Spaced { first: UnixMillis },
    /// The store has not introduced itself to this database yet. Nothing to tell a person.
    Manifest,
    /// Its deadline passed.
    Late,
}

impl Situation<'_> {
    pub(super) fn owner<'s>(&'s self, account: &'s AccountRow) -> Owner<'s> {
        let word = account.account.subscription_type.as_deref();
        Owner {
            account: &account.account.x_user_id,
            client_id: &account.client_id,
            subscription: Subscription::from_x(word),
            limits: &self.config.limits,
        }
    }

    /// What stands in the way of the post; nothing: it may go.
    pub(super) fn obstacle(&self, post: &Post, introduced: bool) -> Option<Obstacle> {
        // What may have gone out already is looked for before it is called missed.
        if !post.look_first && post.not_after.is_some_and(|deadline| self.now > deadline) {
            return Some(Obstacle::Late);
        }
        if let Some(due) = post.due_at.filter(|due| self.now < *due) {
            return Some(wait(Code::Early, Code::Early.text(), Some(due)));
        }
        if self.paused {
            return Some(wait(Code::Paused, Code::Paused.text(), None));
        }
        if !introduced {
            return Some(Obstacle::Manifest);
        }
        let Some(account) = self.account else {
            return Some(wait(Code::AccountUnknown, Code::AccountUnknown.text(), None));
        };
        self.account_obstacle(account).or_else(|| self.pace_obstacle(post, account))
    }

    fn account_obstacle(&self, row: &AccountRow) -> Option<Obstacle> {
        let message =
            |code: Code| row.account.message.clone().unwrap_or_else(|| code.text().to_owned());
        match row.account.health {
            AccountHealth::Disconnected => {
                return Some(wait(Code::SignInNeeded, message(Code::SignInNeeded), None));
            }
            AccountHealth::Suspended => {
                return Some(wait(Code::AccountSuspended, message(Code::AccountSuspended), None));
            }
            AccountHealth::Connected => {}
        }
        if row.account.proven_at.is_none() {
            let message = "X has not said yet whose sign-in this is; the relay asks again.";
            return Some(wait(Code::XUnreachable, message, Some(self.now.plus(UNPROVEN))));
        }
        let hold = [row.hold.as_ref(), self.app_hold]
            .into_iter()
            .flatten()
            .filter(|hold| hold.until > self.now)
            .max_by_key(|hold| hold.until)?;
        let code = hold.code.parse().unwrap_or(Code::RateLimited);
        Some(wait(code, hold.message.clone(), Some(hold.until)))
    }

    fn pace_obstacle(&self, post: &Post, account: &AccountRow) -> Option<Obstacle> {
        let slot = self.lanes.next_free(self.owner(account), self.now);
        if slot.at > self.now {
            return Some(wait(Code::RateLimited, Code::RateLimited.text(), Some(slot.at)));
        }
        if !self.is_overdue(post) {
            return None;
        }
        let last = self.lanes.last_call(&account.account.x_user_id, self.now)?;
        let first = last.plus(self.config.pace.overdue_spacing);
        (first > self.now).then_some(Obstacle::Spaced { first })
    }

    /// Late, and not because one of X's limits held it: after a gap, a pause, a repaired sign-in.
    pub(super) fn is_overdue(&self, post: &Post) -> bool {
        let limited = post.code.as_deref() == Some(Code::RateLimited.as_str());
        let late =
            post.due_at.is_some_and(|due| self.now.since(due) > self.config.pace.overdue_after);
        late && !limited && post.live == 0
    }
}

fn wait(code: Code, message: impl Into<String>, until: Option<UnixMillis>) -> Obstacle {
    Obstacle::Wait { code, message: message.into(), until }
}
