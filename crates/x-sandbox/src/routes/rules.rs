//! X's rules for a post, in the order in which X applies them.

use std::time::Duration;

use roost_core::text;

use super::draft::Draft;
use crate::account::Standing;
use crate::config::Config;
use crate::database::{Error, Scope};
use crate::media::Media;
use crate::problem::{Refusal, refusal};
use crate::token::{Bearer, millis};
use crate::tweet::Tweet;
use crate::wire::parse_id;

const SCOPES: &[&str] = &["tweet.read", "tweet.write", "users.read"];

/// What a post that passed all rules hangs on.
#[derive(Debug, Default)]
pub(super) struct Passed {
    pub(super) parent: Option<Tweet>,
    pub(super) media: Vec<Media>,
}

/// The account's part: may it post at all?
pub(super) fn account(bearer: &Bearer) -> Result<(), Refusal> {
    if !bearer.may(SCOPES) {
        return Err(refusal("not_permitted"));
    }
    match bearer.account.standing {
        Standing::Good => Ok(()),
        Standing::Locked => Err(refusal("locked")),
        Standing::Suspended => Err(refusal("suspended")),
    }
}

/// The post's part: is it one that X takes?
pub(super) fn content(
    scope: &Scope<'_>,
    config: &Config,
    bearer: &Bearer,
    draft: &Draft,
    lag: Duration,
    now: i64,
) -> Result<Result<Passed, Refusal>, Error> {
    let account = &bearer.account;
    let length = config.limits.length_for(account.subscription());
    let weighed = text::weigh(&draft.text);
    if weighed.weighted_length > length {
        return Ok(Err(refusal("too_long")));
    }
    // The reference calls a text over 280 invalid; what is left here are forbidden characters.
    let is_long = weighed.weighted_length > text::MAX_WEIGHTED_LENGTH;
    if !weighed.valid && !is_long && !draft.text.is_empty() {
        return Ok(Err(refusal("not_permitted")));
    }
    let cashtags = text::cashtags(&draft.text).len();
    let too_many = |max: u32| cashtags > max as usize;
    if config.limits.max_cashtags.is_some_and(too_many) {
        return Ok(Err(refusal("cashtag")));
    }
    // Quotes and edits are not part of what the sandbox's app "pays" for.
    if draft.quote_tweet_id.is_some() {
        return Ok(Err(refusal("quote_rule")));
    }
    if draft.edit_options.is_some() {
        return Ok(Err(refusal("not_permitted")));
    }
    let media = match media(scope, account.id, draft, now)? {
        Ok(media) => media,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let parent = match parent(scope, bearer, draft, now - millis(lag))? {
        Ok(parent) => parent,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if config.duplicates && !draft.text.trim().is_empty() {
        let since = now - millis(config.duplicate_window);
        if Tweet::is_duplicate(scope, account.id, &draft.text, since)? {
            return Ok(Err(refusal("duplicate")));
        }
    }
    Ok(Ok(Passed { parent, media }))
}

/// Four pictures, or one GIF, or one video: the account's own, processed and not expired.
fn media(
    scope: &Scope<'_>,
    account_id: i64,
    draft: &Draft,
    now: i64,
) -> Result<Result<Vec<Media>, Refusal>, Error> {
    let mut found = Vec::new();
    for id in draft.media.iter().flat_map(|media| &media.media_ids) {
        let media = match parse_id(id) {
            Some(id) => Media::by_id(scope, id)?,
            None => None,
        };
        match media {
            Some(media) if media.is_usable(account_id, now) => found.push(media),
            _ => return Ok(Err(refusal("invalid_media"))),
        }
    }
    let alone = found.iter().any(|media| media.category != "tweet_image");
    if alone && found.len() > 1 {
        return Ok(Err(refusal("not_permitted")));
    }
    Ok(Ok(found))
}

/// The reply rule of 2026: replies go to oneself, or to an account that mentioned
/// the replier. X refuses to answer what is gone, and what it does not show yet.
fn parent(
    scope: &Scope<'_>,
    bearer: &Bearer,
    draft: &Draft,
    newest_shown: i64,
) -> Result<Result<Option<Tweet>, Refusal>, Error> {
    let Some(reply) = &draft.reply else { return Ok(Ok(None)) };
    let parent = match parse_id(&reply.in_reply_to_tweet_id) {
        Some(id) => Tweet::by_id(scope, id)?,
        None => None,
    };
    let parent = parent.filter(|parent| parent.created_at <= newest_shown);
    let Some(parent) = parent else { return Ok(Err(refusal("parent_gone_403"))) };
    let is_own = parent.account_id == bearer.account.id;
    let mentions = text::entities(&parent.text).into_iter().any(|entity| {
        entity.kind == text::EntityKind::Mention
            && entity.value.eq_ignore_ascii_case(&bearer.account.username)
    });
    if is_own || mentions { Ok(Ok(Some(parent))) } else { Ok(Err(refusal("reply_rule"))) }
}
