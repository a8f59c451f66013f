//! What stands in the way of a post, checked in the order in which a person would want to know.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::limits::Subscription;
use roost_core::post::late_post::{self, Cause};
use roost_relay_api::AccountHealth;

use super::rate_limit_turns::{SlotAllocator, WaitingPosts};
use crate::config::Config;
use crate::rate_limiter::{RateKey, RateLimiter};
use crate::rows::account::AccountRow;
use crate::rows::app::Hold;
use crate::rows::follow_up::ParentStanding;
use crate::rows::post::{ClaimedBy, Post};

/// How long a post waits for its account's identity to be proven before it is looked at again.
const PROOF_RECHECK_DELAY: Duration = Duration::from_secs(60);

/// An account's situation while its posts are looked at.
pub(super) struct PostContext<'a> {
    pub(super) config: &'a Config,
    pub(super) rate_limiter: &'a RateLimiter,
    pub(super) now: UnixMillis,
    /// Which pause holds the account's posts, the whole one or its own.
    pub(super) paused: Option<Code>,
    pub(super) account: Option<&'a AccountRow>,
    pub(super) app_hold: Option<&'a Hold>,
}

/// Why a post does not go out now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Blocked {
    /// It waits, until an instant or until something happens.
    Wait { code: Code, message: String, until: Option<UnixMillis> },
    /// The store has not introduced itself to this database yet. Nothing to tell a person.
    Manifest,
    /// Its deadline passed.
    Late,
}

impl PostContext<'_> {
    pub(super) fn rate_key<'s>(&'s self, account: &'s AccountRow) -> RateKey<'s> {
        let word = account.account.subscription_type.as_deref();
        RateKey {
            account: &account.account.x_user_id,
            client_id: &account.client_id,
            subscription: Subscription::from_x(word),
            limits: &self.config.limits,
        }
    }

    /// The hold of X on account or app that lasts longest.
    fn hold<'s>(&'s self, row: &'s AccountRow) -> Option<&'s Hold> {
        [row.hold.as_ref(), self.app_hold]
            .into_iter()
            .flatten()
            .filter(|hold| hold.until > self.now)
            .max_by_key(|hold| hold.until)
    }

    /// The account's line; none while nothing of it goes out, whenever its turn.
    pub(super) fn allocator<'s>(
        &'s self,
        row: &'s AccountRow,
        waiting: &'s WaitingPosts,
    ) -> Option<SlotAllocator<'s>> {
        if self.paused.is_some() || self.account_block(row).is_some() {
            return None;
        }
        let floor = self.hold(row).map_or(self.now, |hold| hold.until);
        let spacing = self.config.pace.overdue_spacing;
        Some(waiting.allocator(self.rate_limiter, self.rate_key(row), self.now, floor, spacing))
    }

    /// What stands in the way of the post; nothing: it may go.
    pub(super) fn blocked(
        &self,
        post: &Post,
        introduced: bool,
        parent: Option<&ParentStanding>,
        allocator: Option<&mut SlotAllocator<'_>>,
    ) -> Option<Blocked> {
        // Its times follow its parent's: until that is on X it is neither due nor late.
        if let Some((code, message)) = parent.filter(|_| post.live == 0).and_then(|it| it.reason())
        {
            return Some(wait(code, message, None));
        }
        // What may have gone out already is looked for before it is called missed.
        if !post.look_first && late_post::is_past(post.not_after, self.now) {
            return Some(Blocked::Late);
        }
        // The rest of a thread follows what is on X, whatever time it was moved to since.
        if let Some(due) = post.due_at.filter(|due| post.live == 0 && self.now < *due) {
            return Some(wait(Code::Early, Code::Early.text(), Some(due)));
        }
        if let Some(code) = self.paused {
            return Some(wait(code, code.text(), None));
        }
        if !introduced {
            return Some(Blocked::Manifest);
        }
        let Some(account) = self.account else {
            return Some(wait(Code::AccountUnknown, Code::AccountUnknown.text(), None));
        };
        // There is a line wherever none of this is in the way.
        self.account_block(account).or_else(|| self.rate_block(post, account, allocator?))
    }

    fn account_block(&self, row: &AccountRow) -> Option<Blocked> {
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
            return Some(wait(
                Code::XUnreachable,
                message,
                Some(self.now.plus(PROOF_RECHECK_DELAY)),
            ));
        }
        None
    }

    /// X's own holds, its limits, and the distance between overdue posts.
    fn rate_block(
        &self,
        post: &Post,
        account: &AccountRow,
        allocator: &mut SlotAllocator<'_>,
    ) -> Option<Blocked> {
        let (code, at) = allocator.assign_slot(post, self.is_overdue(post))?;
        match self.hold(account).filter(|hold| at <= hold.until) {
            Some(hold) => {
                let code = hold.code.parse().unwrap_or(Code::RateLimited);
                Some(wait(code, hold.message.clone(), Some(hold.until)))
            }
            None => Some(wait(code, code.text(), Some(at))),
        }
    }

    /// Whether the post keeps its distance from the one before it, as the one table says.
    pub(super) fn is_overdue(&self, post: &Post) -> bool {
        let after = self.config.pace.overdue_after;
        post.due_at.is_some_and(|due| cause(post).is_spaced(due, after, self.now))
    }
}

/// Why a post that goes out now did not go out at its time, should it be late: what it waited for
/// last. One that waited for nothing was not called in time, or nobody was there to hear it.
fn cause(post: &Post) -> Cause {
    if post.live > 0 {
        return Cause::Begun;
    }
    match post.code.as_deref().and_then(|code| code.parse().ok()) {
        None | Some(Code::Early | Code::Spaced) => match post.claimed_by {
            Some(ClaimedBy::Delivery) => Cause::HandedOver,
            _ => Cause::Restarted,
        },
        Some(Code::RateLimited) => Cause::Limited,
        Some(Code::Paused | Code::AccountPaused) => Cause::Resumed,
        Some(_) => Cause::Outage,
    }
}

fn wait(code: Code, message: impl Into<String>, until: Option<UnixMillis>) -> Blocked {
    Blocked::Wait { code, message: message.into(), until }
}
