//! Reading an account's timeline for a post: which stretch of it, and what fits.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::{TweetId, XUserId};
use roost_x_api::{
    Exclude, Failure, FailureKind, Post, TimelineQuery, same_text, snowflake_millis,
};

use crate::clock_check::TOLERANCE;
use crate::database::DatabaseError;
use crate::rows::part;
use crate::shared::Shared;
use crate::tokens::{self, Access, TokenError};
use crate::x_time::{XTime, subtract_skew};

/// X shows the newest 3,200 posts of a timeline, a hundred to a page: this is all that there is.
const PAGES_MAX: usize = 33;
/// X's API knows no earlier `start_time`.
const X_EPOCH: UnixMillis = UnixMillis(1_289_000_000_000);

/// What is looked for.
pub(super) struct TimelineSearch {
    pub(super) account: XUserId,
    pub(super) text: String,
    pub(super) reply_to: Option<String>,
    pub(super) since_id: Option<String>,
    pub(super) sent: SentWindow,
    /// What is left for the clocks' small differences.
    pub(super) skew: Duration,
}

/// What is known of the time at which X may have made it, by this computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SentWindow {
    /// The first call without a known outcome, and what was known of X's time then.
    pub(super) call: Option<(UnixMillis, XTime)>,
    /// Another database, or this one before a gap, may have sent it when it was due.
    pub(super) due_at: Option<UnixMillis>,
}

/// Why a look was none.
#[derive(Debug)]
pub(super) enum TimelineError {
    /// There is no token to look with, or the database.
    TokenError(TokenError),
    /// X did not show the timeline.
    Refused { failure: Failure, access: Access },
}

impl From<TokenError> for TimelineError {
    fn from(trouble: TokenError) -> Self {
        Self::TokenError(trouble)
    }
}

impl From<DatabaseError> for TimelineError {
    fn from(error: DatabaseError) -> Self {
        Self::TokenError(error.into())
    }
}

impl SentWindow {
    /// X's own time of the post is not before this; `ahead_ms` is how far this clock is ahead now.
    ///
    /// What X's clock had certainly shown when a call was made is never too late. It may be much
    /// too early: this computer slept since, or its clock was set. A call was made when this clock
    /// said so, less what it was ahead, as long as it was as far ahead before the call as it is
    /// now, and no more time passed by it than by the clock that nobody sets.
    fn since(self, ahead_ms: Option<i64>) -> UnixMillis {
        let fast = Some(ahead_ms.unwrap_or(0).max(0));
        let by_call = self.call.map(|(started_at, known)| {
            let Some(certain) = known.since else { return subtract_skew(started_at, fast) };
            match (known.ahead_ms, ahead_ms) {
                (Some(then), Some(now))
                    if is_steady(then, now)
                        && subtract_skew(started_at, Some(then)).since(certain) <= TOLERANCE =>
                {
                    subtract_skew(started_at, Some(then.max(now))).max(certain)
                }
                _ => certain,
            }
        });
        // Whoever sent it may have had this clock, fast as it is.
        let by_due = self.due_at.map(|due| subtract_skew(due, fast));
        by_call.into_iter().chain(by_due).min().unwrap_or_default()
    }
}

fn is_steady(then: i64, now: i64) -> bool {
    u128::from(then.abs_diff(now)) <= TOLERANCE.as_millis()
}

/// Reads the timeline; the oldest match that belongs to no other post.
pub(super) async fn find_in_timeline(
    shared: &Shared,
    search: &TimelineSearch,
) -> Result<Option<TweetId>, TimelineError> {
    let since = || search.sent.since(shared.clock_skew.x_time().ahead_ms).minus(search.skew);
    let mut asked_since = since();
    let mut found = matches(shared, search, asked_since).await?;
    // Each page tells X's time. A clock that turns out to be fast: what was read began too late.
    if since().plus(TOLERANCE) < asked_since {
        asked_since = since();
        found = matches(shared, search, asked_since).await?;
    }
    let since = since().min(asked_since);
    found.retain(|post| post.created_millis().is_some_and(|at| at >= since.0));
    found.sort_by_key(Post::created_millis);
    let ids: Vec<String> = found.into_iter().map(|post| post.id).collect();
    let unclaimed = shared
        .read("look-known", move |c| {
            for id in ids {
                if !part::is_known(c, &id)? {
                    return Ok(Some(TweetId(id)));
                }
            }
            Ok(None)
        })
        .await?;
    Ok(unclaimed)
}

/// What fits in the timeline since an instant of X's; all of it was read.
async fn matches(
    shared: &Shared,
    search: &TimelineSearch,
    since: UnixMillis,
) -> Result<Vec<Post>, TimelineError> {
    let mut access = tokens::access(shared, &search.account).await?;
    let mut query = query(shared, search, since);
    let mut matches = Vec::new();
    let mut renewed = false;
    for _ in 0..PAGES_MAX {
        let page = loop {
            match shared.x.user_posts(access.token.expose(), &search.account.0, &query).await {
                Ok(page) => break page,
                Err(failure) if failure.kind == FailureKind::Unauthorized && !renewed => {
                    renewed = true;
                    access = tokens::renew(shared, &search.account, access.version).await?;
                }
                Err(failure) => return Err(TimelineError::Refused { failure, access }),
            }
        };
        let oldest = page.posts.last().and_then(Post::created_millis);
        matches.extend(page.posts.into_iter().filter(|post| is_match(search, post)));
        query.pagination_token = page.next_token;
        if query.pagination_token.is_none() || oldest.is_some_and(|at| at < since.0) {
            return Ok(matches);
        }
    }
    let reason = "X shows more of the timeline than it ever does; it was not read to its end";
    Err(TokenError::Transient(reason.to_owned()).into())
}

/// The stretch to ask for: no read is paid for that can't hold the post. X minds one of the two
/// bounds alone.
fn query(shared: &Shared, search: &TimelineSearch, since: UnixMillis) -> TimelineQuery {
    let newest_known =
        search.since_id.clone().filter(|id| snowflake_millis(id).is_some_and(|at| at >= since.0));
    // A bound in the future is an error to X; before X told its time nobody knows what is.
    let is_told = shared.clock_skew.x_time().ahead_ms.is_some();
    let start_time = (newest_known.is_none() && is_told && since > X_EPOCH)
        .then(|| UnixMillis::from_seconds(since.0.div_euclid(1000)).to_string());
    TimelineQuery {
        since_id: newest_known,
        start_time,
        max_results: Some(100),
        exclude: vec![Exclude::Retweets],
        ..TimelineQuery::default()
    }
}

fn is_match(search: &TimelineSearch, post: &Post) -> bool {
    let is_newer = search.since_id.as_deref().is_none_or(|known| {
        known.parse::<u64>().ok().zip(post.id.parse::<u64>().ok()).is_none_or(|(a, b)| b > a)
    });
    is_newer && post.reply_to == search.reply_to && same_text(&search.text, post)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: UnixMillis = UnixMillis(1_800_000_000_000);
    const HOUR: i64 = 3_600_000;

    /// The bound of a call that was made at X's time `CALL`, by a clock that was `then` ahead of
    /// it, and looked for when it is `now` ahead. X was heard so long before the call.
    fn bound(then: i64, known: Option<i64>, now: Option<i64>, heard_before: i64) -> i64 {
        let since = known.map(|_| UnixMillis(CALL.0 - heard_before));
        let call = (UnixMillis(CALL.0 + then), XTime { ahead_ms: known, since });
        SentWindow { call: Some(call), due_at: None }.since(now).0 - CALL.0
    }

    #[test]
    fn a_call_lies_in_the_stretch_that_is_read_whatever_the_clock_was_and_became() {
        for then in [-7 * HOUR, -90_000, 0, 90_000, 7 * HOUR] {
            for known in [Some(0), Some(then)] {
                for now in [Some(0), Some(then)] {
                    for heard_before in [0, HOUR, 10 * HOUR] {
                        let bound = bound(then, known, now, heard_before);
                        assert!(bound <= 60_000, "{then} {known:?} {now:?}: {bound}");
                    }
                }
            }
            assert!(bound(then, None, Some(then), 0) <= 0, "{then}, told by the look alone");
        }
    }

    #[test]
    fn a_clock_that_stays_as_wrong_as_it_is_widens_nothing() {
        for then in [-7 * HOUR, -HOUR, 0, HOUR, 7 * HOUR] {
            assert_eq!(bound(then, Some(then), Some(then), 30_000), 0, "{then}");
        }
    }

    #[test]
    fn what_was_due_is_looked_for_as_early_as_a_fast_clock_may_have_sent_it() {
        let sent = SentWindow { call: None, due_at: Some(CALL) };
        for (ahead_ms, since) in [(None, 0), (Some(-HOUR), 0), (Some(HOUR), -HOUR)] {
            assert_eq!(sent.since(ahead_ms).0 - CALL.0, since, "{ahead_ms:?}");
        }
    }
}
