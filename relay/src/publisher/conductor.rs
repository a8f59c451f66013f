//! The loop: sees what is due in the ledger, starts what may go, writes down what waits.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, XUserId};
use rusqlite::{Connection, params};

use super::by_clock::{ByClock, by_clock};
use super::deferral::{Deferral, Why, defer};
use super::lanes::Width;
use super::obstacle::{Obstacle, Situation};
use super::place::Place;
use super::queue::Waiting;
use super::{backstop, look, send};
use crate::agreement;
use crate::database::DatabaseError;
use crate::rows::account::{self, AccountRow};
use crate::rows::app::{self, Hold};
use crate::rows::post::{self, Post};
use crate::rows::{desk, relay};
use crate::shared::Shared;

/// Posts of one account looked at in one round.
const AT_ONCE: i64 = 200;
/// Lost posts looked for in one round.
const LOOKS_AT_ONCE: i64 = 16;
/// The shortest sleep: a full disk must not make a busy loop.
const BREATH: Duration = Duration::from_millis(5);
/// The sleep after a round that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How often the relay's own clock looks for what no delivery came for.
const BACKSTOP_EVERY: Duration = Duration::from_secs(1);

/// What is due in the ledger.
struct Due {
    paused: bool,
    accounts: Vec<AccountDue>,
    waiting: Waiting,
    lost: Vec<Post>,
    /// When the next post that waits wants to be looked at.
    next: Option<UnixMillis>,
}

struct AccountDue {
    id: XUserId,
    row: Option<AccountRow>,
    app_hold: Option<Hold>,
    /// In the order in which they were due, each with whether its store is introduced.
    posts: Vec<(Post, bool)>,
}

/// What a round does only now and then.
struct Every {
    every: Duration,
    last: UnixMillis,
}

impl Every {
    const fn new(every: Duration) -> Self {
        Self { every, last: UnixMillis(i64::MIN) }
    }

    /// Whether it is due. A clock that went back is a clock that changed: due at once, too.
    fn is_due(&self, now: UnixMillis) -> bool {
        now < self.last || now.since(self.last) >= self.every
    }
}

/// Runs until the relay stops.
pub(crate) async fn conduct(shared: Arc<Shared>) {
    let mut heartbeat = Every::new(shared.config.pace.heartbeat);
    let mut watch = Every::new(BACKSTOP_EVERY);
    while !shared.stopping.is_cancelled() {
        let now = shared.now();
        let sleep = match round(&shared, now, &mut heartbeat, &mut watch).await {
            Ok(next) => pause(&shared, now, next),
            Err(error) => {
                tracing::error!(%error, "the publisher could not read or write the ledger");
                AFTER_FAILURE
            }
        };
        shared.metrics.rounds.add(1);
        tokio::time::sleep(BREATH.min(sleep)).await;
        tokio::select! {
            () = shared.work.notified() => {}
            () = tokio::time::sleep(sleep.saturating_sub(BREATH)) => {}
            () = shared.stopping.cancelled() => {}
        }
    }
    // Calls in flight end within their own time; their results are worth the wait.
    while shared.lanes.in_flight() > 0 {
        tokio::time::sleep(BREATH).await;
    }
}

/// Never to a deadline: timers stop while a computer sleeps, so wall clocks are compared often.
fn pause(shared: &Shared, now: UnixMillis, next: Option<UnixMillis>) -> Duration {
    next.map_or(shared.config.pace.tick, |next| next.since(now).min(shared.config.pace.tick))
}

async fn round(
    shared: &Arc<Shared>,
    now: UnixMillis,
    heartbeat: &mut Every,
    watch: &mut Every,
) -> Result<Option<UnixMillis>, DatabaseError> {
    // Before anything goes out: after a gap the posts due in it are looked for first.
    if heartbeat.is_due(now) {
        beat(shared, now).await?;
        heartbeat.last = now;
    }
    // What X was asked for its time for is not to wait for the next second.
    if shared.agreement.took_answer() || watch.is_due(now) {
        watch.last = now;
        backstop::watch(shared, now).await?;
    }
    let hands = Arc::clone(shared);
    let mut due =
        shared.read("due", move |c| read(c, now, |id| hands.lanes.is_in_flight(id))).await?;
    for post in due.lost {
        if !shared.lanes.is_in_flight(post.id) {
            look::start(shared, &post);
        }
    }
    let mut more = false;
    let mut deferrals = Vec::new();
    for account in &due.accounts {
        let situation = Situation {
            config: &shared.config,
            lanes: &shared.lanes,
            now,
            paused: due.paused,
            account: account.row.as_ref(),
            app_hold: account.app_hold.as_ref(),
        };
        let deferred = direct(shared, account, &situation, &mut due.waiting, &mut deferrals);
        // A full page of posts that all wait has others behind it.
        more |= deferred == usize::try_from(AT_ONCE).unwrap_or(0);
    }
    if !deferrals.is_empty() {
        let expired = shared.write("defer", move |c| defer(c, &deferrals, now)).await?;
        shared.metrics.expired.add(expired);
    }
    Ok(if more { Some(now) } else { due.next })
}

async fn beat(shared: &Shared, now: UnixMillis) -> Result<(), DatabaseError> {
    let allowed = i64::try_from(shared.config.pace.gap.as_millis()).unwrap_or(i64::MAX);
    let known = shared.agreement.x_time();
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

/// Starts what may go of one account, and collects what waits. Gives how many of what is due.
fn direct(
    shared: &Arc<Shared>,
    due: &AccountDue,
    situation: &Situation<'_>,
    waiting: &mut Waiting,
    deferrals: &mut Vec<Deferral>,
) -> usize {
    let pace = &shared.config.pace;
    let trust = shared.agreement.trust(situation.now);
    let width = Width { account: pace.slots_per_account, all: pace.slots };
    let mut deferred = 0;
    let mut queue = due.row.as_ref().and_then(|row| situation.queue(row, waiting));
    for (post, introduced) in &due.posts {
        if shared.lanes.is_in_flight(post.id) {
            // Whatever is looked for first keeps its place in the order.
            if post.look_first {
                queue = None;
                break;
            }
            if let Some(queue) = &mut queue {
                queue.leave_room(post);
            }
            continue;
        }
        match by_clock(trust, post, situation.now) {
            ByClock::Goes => {}
            ByClock::Asks => {
                agreement::ask(shared);
                continue;
            }
            ByClock::Waits(why) => {
                deferrals.push(Deferral { post: post.id, revision: post.revision, why });
                deferred += 1;
                continue;
            }
        }
        let obstacle = situation.obstacle(post, *introduced, queue.as_mut());
        let why = match obstacle {
            None if !shared.lanes.has_room(&due.id, width) => {
                queue = None;
                break;
            }
            None => {
                let Some(account) = &due.row else { continue };
                if post.look_first {
                    send::start(shared, post, None);
                    queue = None;
                    break;
                }
                let place = Place::take(shared, situation.owner(account), situation.now);
                send::start(shared, post, Some(place));
                continue;
            }
            Some(Obstacle::Wait { code, message, until }) => Why::Wait { code, message, until },
            Some(Obstacle::Manifest) => Why::Rest,
            Some(Obstacle::Late) => Why::Late,
        };
        deferrals.push(Deferral { post: post.id, revision: post.revision, why });
        deferred += 1;
    }
    // Cut short, it says nothing of those that wait.
    if let (Some(queue), Some(row)) = (queue, &due.row) {
        let given = queue.end(deferrals);
        waiting.keep(&row.client_id, given);
    }
    deferred
}

/// Accounts with a due post that nobody has in hand.
fn accounts_due(
    connection: &Connection,
    now: UnixMillis,
    is_in_hand: impl Fn(PostId) -> bool,
) -> rusqlite::Result<BTreeSet<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT account, post_id FROM post
          WHERE state IN ('claimed', 'waiting', 'unknown') AND state <> 'unknown'
            AND next_at <= ?1 AND account IS NOT NULL",
    )?;
    let mut rows = statement.query([now.0])?;
    let mut accounts = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let id = row.get_ref(1)?.as_str()?;
        if !id.parse().is_ok_and(&is_in_hand) {
            let account = row.get_ref(0)?.as_str()?;
            if !accounts.contains(account) {
                accounts.insert(account.to_owned());
            }
        }
    }
    Ok(accounts)
}

/// SQLite takes an index only when the condition repeats the index's own, word for word: hence
/// the states that are named and then excluded. Without it each round reads the whole ledger.
fn read(
    connection: &Connection,
    now: UnixMillis,
    is_in_hand: impl Fn(PostId) -> bool,
) -> rusqlite::Result<Due> {
    let ids = accounts_due(connection, now, is_in_hand)?;
    let mut introduced = HashMap::new();
    let mut holds: HashMap<String, Option<Hold>> = HashMap::new();
    let mut accounts = Vec::with_capacity(ids.len());
    for id in ids.into_iter().map(XUserId) {
        let row = account::get(connection, &id)?;
        let app_hold = match &row {
            Some(row) => match holds.get(&row.client_id) {
                Some(hold) => hold.clone(),
                None => {
                    let hold = app::get(connection, &row.client_id)?;
                    holds.insert(row.client_id.clone(), hold.clone());
                    hold
                }
            },
            None => None,
        };
        let found = post::select(
            connection,
            "account = ?1 AND state IN ('claimed', 'waiting', 'unknown') AND state <> 'unknown'
                AND next_at <= ?2
             ORDER BY due_at, post_id LIMIT ?3",
            params![id.0, now.0, AT_ONCE],
        )?;
        let mut posts = Vec::with_capacity(found.len());
        for post in found {
            let known = match post.store {
                None => false,
                Some(store) => match introduced.get(&store) {
                    Some(known) => *known,
                    None => {
                        let known = desk::is_introduced(connection, store)?;
                        introduced.insert(store, known);
                        known
                    }
                },
            };
            posts.push((post, known));
        }
        accounts.push(AccountDue { id, row, app_hold, posts });
    }
    let waiting =
        if accounts.is_empty() { Waiting::default() } else { Waiting::read(connection, now)? };
    let lost = post::select(
        connection,
        "state IN ('claimed', 'waiting', 'unknown') AND state = 'unknown' AND next_at <= ?1
         ORDER BY next_at LIMIT ?2",
        [now.0, LOOKS_AT_ONCE],
    )?;
    let next: Option<i64> = connection
        .prepare_cached(
            "SELECT min(next_at) FROM post
              WHERE state IN ('claimed', 'waiting', 'unknown') AND next_at > ?1",
        )?
        .query_row([now.0], |row| row.get(0))?;
    let paused = relay::row(connection)?.paused;
    Ok(Due { paused, accounts, waiting, lost, next: next.map(UnixMillis) })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::desk::counts;
    use crate::rows::ready;

    /// SQLite's own steps, in hundreds, that one round's looks take.
    fn steps(ledger: &mut Connection) -> u64 {
        let steps = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&steps);
        let tick = move || {
            count.fetch_add(1, Ordering::Relaxed);
            false
        };
        ledger.progress_handler(100, Some(tick)).expect("counted");
        let now = UnixMillis(150);
        let due = read(ledger, now, |_| false).expect("read");
        assert_eq!(due.accounts.iter().map(|due| due.posts.len()).sum::<usize>(), 1);
        backstop::is_anything_late(ledger, now, now).expect("asked");
        counts(ledger, now).expect("counted");
        steps.load(Ordering::Relaxed)
    }

    #[test]
    fn a_round_costs_the_same_however_many_posts_were_decided_before() {
        let (mut few, mut many) = (ready::ledger(), ready::ledger());
        for ledger in [&few, &many] {
            let due = "UPDATE post SET next_at = 100 WHERE state = 'claimed'";
            ledger.execute_batch(due).expect("changed");
        }
        let decided = "INSERT INTO post (post_id, revision, account, state, parts, live, due_at,
                not_after, decided_at, updated_at)
            WITH RECURSIVE number (n) AS
                (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 5000)
            SELECT n, 1, '1', 'posted', 1, 1, 100, 200, 120, 120 FROM number";
        many.execute_batch(decided).expect("rows");
        let (few, many) = (steps(&mut few), steps(&mut many));
        assert!(many <= few + 2, "{few} hundred steps became {many}");
    }
}
