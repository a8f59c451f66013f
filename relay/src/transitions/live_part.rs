//! Recording that a part of a post is on X.

use roost_core::clock::UnixMillis;
use roost_core::id::TweetId;
use roost_relay_api::DeliveryState;
use roost_x_api::snowflake_millis;

use super::save_part;
use crate::ledger_write::LedgerWrite;
use crate::rows::intent::{self, Outcome};
use crate::rows::part;
use crate::rows::post::Post;

/// How long ago a part that is found may have been posted: an id that says more was not made by X.
const OLDEST_FOUND_MS: i64 = 31 * 24 * 60 * 60 * 1_000;

/// Puts the next part of a post on X in the ledger: the tweet, the call's end, the state that the
/// caller already decided. False when the tweet belongs to something else; then nothing is kept.
pub(crate) fn record_live_part(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    tweet: &TweetId,
    outcome: Outcome,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let number = post.live;
    if !part::add_live(ledger, post.id, number, tweet, post.account.as_ref(), now)? {
        return Ok(false);
    }
    intent::end(ledger, post.id, number, outcome, Some(&tweet.0), now)?;
    post.live += 1;
    if number == 0 {
        post.tweet_id = Some(tweet.clone());
    }
    (post.code, post.message) = (None, None);
    post.looks = 0;
    // What another database sent may not be all that it sent.
    post.look_first &= outcome == Outcome::Found;
    match post.state {
        DeliveryState::Posted => post.posted_at = Some(posted_at(tweet, outcome, now)),
        _ => post.next_at = Some(now),
    }
    save_part(ledger, post, number, Some(tweet.clone()), now)?;
    Ok(true)
}

/// Returns when X took a part: now, or as the id of one that was found says. It may have gone out long
/// before, from a ledger that is lost.
fn posted_at(tweet: &TweetId, outcome: Outcome, now: UnixMillis) -> UnixMillis {
    let by_id = snowflake_millis(&tweet.0).filter(|_| outcome == Outcome::Found);
    let by_id = by_id.filter(|at| (now.0.saturating_sub(OLDEST_FOUND_MS)..=now.0).contains(at));
    by_id.map_or(now, UnixMillis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_is_found_was_posted_when_its_id_was_made() {
        let tweet = TweetId("1212092628029698048".into());
        let made = UnixMillis(1_577_820_376_771);
        let later = UnixMillis(made.0 + 90_000);
        assert_eq!(posted_at(&tweet, Outcome::Found, later), made);
        assert_eq!(posted_at(&tweet, Outcome::Created, later), later);
    }

    #[test]
    fn an_id_that_says_nothing_of_the_time_leaves_the_moment_it_was_found() {
        let made = 1_577_820_376_771;
        let tweet = TweetId("1212092628029698048".into());
        for now in [made - 1, made + OLDEST_FOUND_MS + 1].map(UnixMillis) {
            assert_eq!(posted_at(&tweet, Outcome::Found, now), now);
        }
        let word = TweetId("made by hand".into());
        assert_eq!(posted_at(&word, Outcome::Found, UnixMillis(made)), UnixMillis(made));
    }
}
