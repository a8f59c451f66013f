//! Which parts of a post are on X, under which ids.

use roost_core::status::Status;
use roost_store::{Error as StoreError, Post, Read};

use crate::view::LivePart;

/// Returns the parts of a post that are on X, as far as their ids are known, in order. `owner` is the
/// handle of its account.
pub(crate) fn live(
    store: &Read<'_>,
    post: &Post,
    owner: Option<&str>,
) -> Result<Vec<LivePart>, StoreError> {
    let owner = owner.unwrap_or("i");
    let part = |number: u32, tweet: roost_core::id::TweetId| LivePart {
        part: number,
        url: format!("https://x.com/{owner}/status/{tweet}"),
        tweet_id: tweet,
    };
    let mut live: Vec<LivePart> = store
        .live_parts(post.id)?
        .into_iter()
        .map(|(position, tweet)| part(position + 1, tweet))
        .collect();
    if live.is_empty() {
        live.extend(post.tweet_id.clone().map(|tweet| part(1, tweet)));
    }
    Ok(live)
}

/// Says which parts of a thread are on X and what is known of the next one. Returns nothing for a
/// post of one part, or when no part is known to be there.
pub(crate) fn sentence(store: &Read<'_>, post: &Post) -> Result<Option<String>, StoreError> {
    let parts = usize::try_from(store.part_count(post.id)?).unwrap_or(usize::MAX);
    let live = live(store, post, None)?;
    if parts < 2 || live.is_empty() || !matches!(post.status, Status::Partial | Status::Unknown) {
        return Ok(None);
    }
    let ids = live.iter().map(|part| part.tweet_id.0.as_str()).collect();
    let next = live.len() + 1;
    let rest = match post.status {
        _ if next > parts => String::new(),
        Status::Unknown => format!(" Part {next} of {parts} may be there."),
        _ if next == parts => format!(" Part {next} is not."),
        _ => format!(" Parts {next} to {parts} are not."),
    };
    Ok(Some(format!("On X: {}.{rest}", listed(ids))))
}

/// `part 1: 190…, part 2: 191…`
pub(crate) fn listed(ids: Vec<&str>) -> String {
    let part = |(number, id): (usize, &str)| format!("part {number}: {id}");
    (1..).zip(ids).map(part).collect::<Vec<_>>().join(", ")
}
