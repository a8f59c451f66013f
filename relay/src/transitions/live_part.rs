//! Recording that a part of a post is on X.

use roost_core::clock::UnixMillis;
use roost_core::id::TweetId;
use roost_relay_api::DeliveryState;

use super::save_part;
use crate::ledger_write::LedgerWrite;
use crate::rows::intent::{self, Outcome};
use crate::rows::part;
use crate::rows::post::Post;

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
        DeliveryState::Posted => post.posted_at = Some(now),
        _ => post.next_at = Some(now),
    }
    save_part(ledger, post, number, Some(tweet.clone()), now)?;
    Ok(true)
}
