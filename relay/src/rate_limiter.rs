//! What is in flight, and when each account and app last called X.
//!
//! In memory; the intents in the ledger are its source at every start.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, XUserId};
use roost_core::limits::{Limits, Slot, Subscription};

#[derive(Debug, Default)]
pub(crate) struct RateLimiter(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    posts: HashSet<PostId>,
    calling: usize,
    accounts: HashMap<XUserId, AccountWindow>,
    apps: HashMap<String, VecDeque<UnixMillis>>,
    /// X took a post of anybody since the last outage that was met.
    is_sound: bool,
    /// No connection to X stands, as far as the last call tells.
    is_unreachable: bool,
}

#[derive(Debug, Default)]
struct AccountWindow {
    calling: usize,
    /// X took a post of this account since it last turned one away.
    is_sound: bool,
    /// When the last call really left.
    left_at: Option<UnixMillis>,
    times: VecDeque<UnixMillis>,
}

/// Whose lane, and which rules hold for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RateKey<'a> {
    pub(crate) account: &'a XUserId,
    pub(crate) client_id: &'a str,
    pub(crate) subscription: Subscription,
    pub(crate) limits: &'a Limits,
}

/// Turns that were given to others, as if they had called then.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reserved<'a> {
    pub(crate) account: &'a [UnixMillis],
    pub(crate) app: &'a [UnixMillis],
}

/// How many calls may be in flight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Concurrency {
    pub(crate) account: usize,
    pub(crate) all: usize,
}

impl RateLimiter {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns of calls made before this process began, oldest first.
    pub(crate) fn restore_calls(&self, calls: Vec<(XUserId, String, UnixMillis)>) {
        let mut state = self.lock();
        for (account, client_id, at) in calls {
            state.accounts.entry(account).or_default().times.push_back(at);
            state.apps.entry(client_id).or_default().push_back(at);
        }
    }

    /// A call of the account met an outage of X or of a refresh.
    pub(crate) fn outage_begins(&self, account: &XUserId, is_unreachable: bool) {
        let mut state = self.lock();
        state.accounts.entry(account.clone()).or_default().is_sound = false;
        state.is_sound = false;
        state.is_unreachable |= is_unreachable;
    }

    /// X took a post of the account. Returns whether an outage is over by that, for everybody or for
    /// this account, here or in an earlier process.
    pub(crate) fn outage_is_over(&self, account: &XUserId) -> bool {
        let mut state = self.lock();
        state.is_unreachable = false;
        let window = state.accounts.entry(account.clone()).or_default();
        let was_turned_away = !std::mem::replace(&mut window.is_sound, true);
        !std::mem::replace(&mut state.is_sound, true) || was_turned_away
    }

    /// X answers something. Returns whether no connection stood before.
    pub(crate) fn is_reached_again(&self) -> bool {
        std::mem::take(&mut self.lock().is_unreachable)
    }

    /// Whether no connection to X stands.
    pub(crate) fn is_unreachable(&self) -> bool {
        self.lock().is_unreachable
    }

    pub(crate) fn is_in_flight(&self, post: PostId) -> bool {
        self.lock().posts.contains(&post)
    }

    /// Whether a call of the account may begin beside those in flight.
    pub(crate) fn has_capacity(&self, account: &XUserId, concurrency: Concurrency) -> bool {
        let state = self.lock();
        let busy = state.accounts.get(account).map_or(0, |window| window.calling);
        busy < concurrency.account && state.calling < concurrency.all
    }

    /// When the account's next call fits X's limits, and which one says so.
    pub(crate) fn next_slot(&self, key: RateKey<'_>, now: UnixMillis) -> Slot {
        self.next_slot_after(key, Reserved::default(), now, now)
    }

    /// [`RateLimiter::next_slot`] from an instant on, after those that come before.
    pub(crate) fn next_slot_after(
        &self,
        key: RateKey<'_>,
        reserved: Reserved<'_>,
        from: UnixMillis,
        now: UnixMillis,
    ) -> Slot {
        let mut state = self.lock();
        let memory = Duration::from_secs(key.limits.memory_seconds().into());
        let oldest = now.minus(memory);
        let account = state
            .accounts
            .get_mut(key.account)
            .map(|window| drop_expired(&mut window.times, oldest, now).to_vec())
            .unwrap_or_default();
        let account = joined(&account, reserved.account);
        let app = state.apps.entry(key.client_id.to_owned()).or_default();
        let app = drop_expired(app, oldest, now);
        // The account's turns are turns of the app.
        let app = joined(app, reserved.app);
        let app = joined(&app, reserved.account);
        key.limits.next_free(key.subscription, &account, &app, from)
    }

    /// When the account last began a call; not after `now`.
    pub(crate) fn last_call(&self, account: &XUserId, now: UnixMillis) -> Option<UnixMillis> {
        let mut state = self.lock();
        let window = state.accounts.get_mut(account)?;
        window.left_at = window.left_at.map(|at| at.min(now));
        move_to_now(&mut window.times, now);
        window.times.back().copied().max(window.left_at)
    }

    /// Notes that a call leaves now.
    pub(crate) fn note_departure(&self, account: &XUserId, now: UnixMillis) {
        self.lock().accounts.entry(account.clone()).or_default().left_at = Some(now);
    }

    /// Notes a call that is about to be made.
    pub(crate) fn reserve(&self, key: RateKey<'_>, now: UnixMillis) {
        let mut state = self.lock();
        state.accounts.entry(key.account.clone()).or_default().times.push_back(now);
        state.apps.entry(key.client_id.to_owned()).or_default().push_back(now);
    }

    /// Takes a note back: the call was never made.
    pub(crate) fn release(&self, account: &XUserId, client_id: &str, at: UnixMillis) {
        let mut state = self.lock();
        if let Some(window) = state.accounts.get_mut(account) {
            remove_last(&mut window.times, at);
        }
        if let Some(times) = state.apps.get_mut(client_id) {
            remove_last(times, at);
        }
    }

    /// Takes a post in hand; nobody else works on it until [`RateLimiter::finish`].
    pub(crate) fn begin(&self, post: PostId, account: &XUserId) {
        let mut state = self.lock();
        state.posts.insert(post);
        state.calling += 1;
        state.accounts.entry(account.clone()).or_default().calling += 1;
    }

    /// Lets go of a post.
    pub(crate) fn finish(&self, post: PostId, account: &XUserId) {
        let mut state = self.lock();
        state.posts.remove(&post);
        state.calling = state.calling.saturating_sub(1);
        if let Some(window) = state.accounts.get_mut(account) {
            window.calling = window.calling.saturating_sub(1);
        }
    }

    /// How many posts are in hand.
    pub(crate) fn in_flight(&self) -> usize {
        self.lock().posts.len()
    }
}

fn joined<'a>(times: &'a [UnixMillis], more: &[UnixMillis]) -> Cow<'a, [UnixMillis]> {
    if more.is_empty() { Cow::Borrowed(times) } else { Cow::Owned([times, more].concat()) }
}

fn remove_last(times: &mut VecDeque<UnixMillis>, at: UnixMillis) {
    if let Some(position) = times.iter().rposition(|time| *time == at) {
        times.remove(position);
    }
}

/// Calls in the future were made by a clock that was ahead and was set back. When they really
/// were is not known any more: they count from now on, once, and so grow old.
fn move_to_now(times: &mut VecDeque<UnixMillis>, now: UnixMillis) {
    for at in times.iter_mut().rev().take_while(|at| **at > now) {
        *at = now;
    }
}

/// Drops what no limit counts any more; gives the rest.
fn drop_expired(
    times: &mut VecDeque<UnixMillis>,
    oldest: UnixMillis,
    now: UnixMillis,
) -> &[UnixMillis] {
    move_to_now(times, now);
    while times.front().is_some_and(|at| *at <= oldest) {
        times.pop_front();
    }
    times.make_contiguous()
}

#[cfg(test)]
mod tests {
    use roost_core::limits::{Plan, Rate, Scope};

    use super::*;

    #[test]
    fn calls_of_a_clock_that_was_ahead_count_from_its_correction_on_and_grow_old() {
        let rates = vec![Rate { scope: Scope::Account, max: 1, per_seconds: 60 }];
        let limits = Limits { rates, ..Limits::of(Plan::Demo) };
        let account = XUserId("1".to_owned());
        let subscription = Subscription::None;
        let key = RateKey { account: &account, client_id: "c", subscription, limits: &limits };
        let at = |seconds: i64| UnixMillis::from_seconds(1_800_000_000 + seconds);
        let limiter = RateLimiter::default();
        limiter.reserve(key, at(1_000_000));
        limiter.note_departure(&account, at(1_000_000));
        assert_eq!(limiter.next_slot(key, at(0)).at, at(60));
        assert_eq!(limiter.last_call(&account, at(0)), Some(at(0)));
        assert_eq!(limiter.next_slot(key, at(60)).at, at(60), "it is over");
        assert_eq!(limiter.last_call(&account, at(60)), Some(at(0)), "it is not forgotten");
    }
}
