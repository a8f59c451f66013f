//! The loop: sees what is due in the ledger, starts what may go, writes down what waits.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::UnixMillis;

use super::deferral::{Deferral, Why, defer};
use super::due::{self, AccountDue, DuePost, Pages};
use super::precondition::{Blocked, PostContext};
use super::rate_limit_turns::WaitingPosts;
use super::rate_permit::RatePermit;
use super::skew_policy::{self, SkewDecision};
use super::{attempt_result, backstop, reconcile, send};
use crate::database::DatabaseError;
use crate::rate_limiter::Concurrency;
use crate::rows::relay;
use crate::shared::Shared;
use crate::x_time_request;

/// The shortest sleep: a full disk must not make a busy loop.
const MIN_SLEEP: Duration = Duration::from_millis(5);
/// The sleep after a round that failed.
const SLEEP_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How often the relay's own clock looks for what no delivery came for.
const BACKSTOP_INTERVAL: Duration = Duration::from_secs(1);

/// What a round does only now and then.
struct Interval {
    interval: Duration,
    last: UnixMillis,
}

impl Interval {
    const fn new(interval: Duration) -> Self {
        Self { interval, last: UnixMillis(i64::MIN) }
    }

    /// Whether it is due. A clock that went back is a clock that changed: due at once, too.
    fn is_due(&self, now: UnixMillis) -> bool {
        now < self.last || now.since(self.last) >= self.interval
    }
}

/// What one round leaves to the next.
struct LoopState {
    heartbeat: Interval,
    backstop: Interval,
    pages: Pages,
}

/// Runs until the relay stops.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut state = LoopState {
        heartbeat: Interval::new(shared.config.pace.heartbeat),
        backstop: Interval::new(BACKSTOP_INTERVAL),
        pages: Pages::default(),
    };
    while !shared.stopping.is_cancelled() {
        let now = shared.now();
        let sleep = match round(&shared, now, &mut state).await {
            Ok(next) => sleep_for(&shared, now, next),
            Err(error) => {
                tracing::error!(%error, "the publisher could not read or write the ledger");
                SLEEP_AFTER_FAILURE
            }
        };
        shared.metrics.rounds.add(1);
        tokio::time::sleep(MIN_SLEEP.min(sleep)).await;
        tokio::select! {
            biased;
            () = shared.work.notified() => {}
            () = tokio::time::sleep(sleep.saturating_sub(MIN_SLEEP)) => {}
            () = shared.stopping.cancelled() => {}
        }
    }
    // Calls in flight end within their own time; their results are worth the wait.
    while shared.rate_limiter.in_flight() > 0 {
        tokio::time::sleep(MIN_SLEEP).await;
    }
}

/// Never to a deadline: timers stop while a computer sleeps, so wall clocks are compared often.
fn sleep_for(shared: &Shared, now: UnixMillis, next: Option<UnixMillis>) -> Duration {
    next.map_or(shared.config.pace.tick, |next| next.since(now).min(shared.config.pace.tick))
}

async fn round(
    shared: &Arc<Shared>,
    now: UnixMillis,
    state: &mut LoopState,
) -> Result<Option<UnixMillis>, DatabaseError> {
    // Before anything goes out: after a gap the posts due in it are looked for first.
    if state.heartbeat.is_due(now) {
        beat(shared, now).await?;
        state.heartbeat.last = now;
    }
    // X has answered the request for its time: the posts that wait for it need not wait for the next tick.
    let is_answered = shared.clock_skew.take_answered();
    if is_answered && shared.clock_skew.x_answers() && shared.rate_limiter.is_reached_again() {
        shared.write("reached", move |c| attempt_result::wake_after_outage(c, None, now)).await?;
    }
    if is_answered || state.backstop.is_due(now) {
        state.backstop.last = now;
        backstop::run(shared, now).await?;
    }
    let (hands, pages) = (Arc::clone(shared), state.pages.clone());
    let read = move |c: &_| due::read(c, &hands.rate_limiter, concurrency(&hands), &pages, now);
    let mut due = shared.read("due", read).await?;
    for post in due.lost {
        if !shared.rate_limiter.is_in_flight(post.id) {
            reconcile::start(shared, &post);
        }
    }
    let mut more = false;
    let mut deferrals = Vec::new();
    for account in &due.accounts {
        let context = PostContext {
            config: &shared.config,
            rate_limiter: &shared.rate_limiter,
            now,
            paused: account.paused,
            account: account.row.as_ref(),
            app_hold: account.app_hold.as_ref(),
        };
        let before = deferrals.len();
        let whole = dispatch(shared, account, &context, &mut due.waiting, &mut deferrals);
        // A page that was read to its end has others behind it.
        let is_behind = whole && account.is_cut;
        state.pages.turned(&account.id, is_behind);
        more |= is_behind && deferrals.len() > before;
    }
    if !deferrals.is_empty() {
        let expired = shared.write("defer", move |c| defer(c, &deferrals, now)).await?;
        shared.metrics.expired.add(expired);
    }
    Ok(if more { Some(now) } else { due.next })
}

fn concurrency(shared: &Shared) -> Concurrency {
    let pace = &shared.config.pace;
    Concurrency { account: pace.slots_per_account, all: pace.slots }
}

async fn beat(shared: &Shared, now: UnixMillis) -> Result<(), DatabaseError> {
    let allowed = i64::try_from(shared.config.pace.gap.as_millis()).unwrap_or(i64::MAX);
    let known = shared.clock_skew.snapshot();
    let gap = shared
        .write("heartbeat", move |c| {
            relay::keep_x_time(c, known)?;
            relay::beat(c, now, allowed)
        })
        .await?;
    if let Some(since) = gap {
        tracing::warn!(%since, "nobody watched for a while; posts due meanwhile are looked for first");
    }
    Ok(())
}

/// Starts what may go of one account, and collects what waits. Whether every post that is due was
/// looked at: with all calls made that may be made at once, the rest is left for later.
fn dispatch(
    shared: &Arc<Shared>,
    due: &AccountDue,
    context: &PostContext<'_>,
    waiting: &mut WaitingPosts,
    deferrals: &mut Vec<Deferral>,
) -> bool {
    let confidence = shared.clock_skew.confidence(context.now);
    let fast_by_ms = shared.clock_skew.fast_by_ms();
    let ran_ahead_ms = shared.clock_skew.ran_ahead_ms(context.now);
    let concurrency = concurrency(shared);
    let mut allocator = due.row.as_ref().and_then(|row| context.allocator(row, waiting));
    for DuePost { post, introduced, parent } in &due.posts {
        if shared.rate_limiter.is_in_flight(post.id) {
            // Whatever is looked for first keeps its place in the order.
            if post.look_first {
                return false;
            }
            if let Some(allocator) = &mut allocator {
                allocator.reserve_parts(post);
            }
            continue;
        }
        match skew_policy::decide(confidence, fast_by_ms, ran_ahead_ms, post, context.now) {
            SkewDecision::Proceed => {}
            SkewDecision::CheckFirst => {
                x_time_request::request_check(shared);
                continue;
            }
            SkewDecision::Wait(why) => {
                deferrals.push(Deferral { post: post.id, revision: post.revision, why });
                continue;
            }
        }
        let blocked = context.blocked(post, *introduced, parent.as_ref(), allocator.as_mut());
        let why = match blocked {
            None if !shared.rate_limiter.has_capacity(&due.id, concurrency) => return false,
            None => {
                let Some(account) = &due.row else { continue };
                if post.look_first {
                    send::start(shared, post, None);
                    return false;
                }
                let permit = RatePermit::acquire(shared, context.rate_key(account), context.now);
                send::start(shared, post, Some(permit));
                continue;
            }
            Some(Blocked::Wait { code, message, until }) => Why::Wait { code, message, until },
            Some(Blocked::Manifest) => Why::Rest,
            Some(Blocked::Late) => Why::Late,
        };
        deferrals.push(Deferral { post: post.id, revision: post.revision, why });
    }
    // Only a line that was seen to its end says when those turns come that were told before.
    if let (Some(allocator), Some(row)) = (allocator, &due.row) {
        let given = allocator.finish(deferrals);
        waiting.keep_assignments(&row.client_id, given);
    }
    true
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use rusqlite::Connection;

    use super::*;
    use crate::desktop_api::counts;
    use crate::rate_limiter::RateLimiter;
    use crate::rows::test_ledger;

    const NOW: UnixMillis = UnixMillis(150);

    /// SQLite's own steps, in hundreds, that `work` takes.
    fn steps(ledger: &mut Connection, work: impl FnOnce(&Connection)) -> u64 {
        let steps = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&steps);
        let tick = move || {
            count.fetch_add(1, Ordering::Relaxed);
            false
        };
        ledger.progress_handler(100, Some(tick)).expect("counted");
        work(ledger);
        steps.load(Ordering::Relaxed)
    }

    /// How many posts a round reads.
    fn looked_at(ledger: &Connection) -> usize {
        let (rate_limiter, pages) = (RateLimiter::default(), Pages::default());
        let concurrency = Concurrency { account: 4, all: 64 };
        let due = due::read(ledger, &rate_limiter, concurrency, &pages, NOW).expect("read");
        due.accounts.iter().map(|due| due.posts.len()).sum()
    }

    /// A ledger with one due post, and `count` more in that state.
    fn ledger_with(count: u32, state: &str, next_at: &str) -> Connection {
        let ledger = test_ledger::ledger();
        let rows = format!(
            "UPDATE post SET next_at = 100 WHERE state = 'claimed';
             INSERT INTO post (post_id, revision, account, state, parts, live, due_at, not_after,
                next_at, updated_at)
             WITH RECURSIVE number (n) AS
                (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {count})
             SELECT format('01a208aa-3fb9-7117-9ab2-%012d', n), 1, '1', '{state}', 1, 0, 100, 200,
                {next_at}, 120 FROM number"
        );
        ledger.execute_batch(&rows).expect("rows");
        ledger
    }

    #[test]
    fn a_round_costs_the_same_however_many_posts_were_decided_before() {
        let round = |count| {
            steps(&mut ledger_with(count, "posted", "NULL"), |ledger| {
                assert_eq!(looked_at(ledger), 1);
                backstop::is_anything_late(ledger, NOW, NOW).expect("asked");
                counts(ledger, NOW).expect("counted");
            })
        };
        let (few, many) = (round(1), round(5000));
        assert!(many <= few + 2, "{few} hundred steps became {many}");
    }

    #[test]
    fn a_round_reads_no_more_posts_than_could_be_sent_however_many_are_due() {
        let looked_at = |count| looked_at(&ledger_with(count, "claimed", "100"));
        assert_eq!(looked_at(2), 3);
        assert_eq!(looked_at(5000), looked_at(50));
    }
}
