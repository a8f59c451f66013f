//! What an import is judged against: the present, the accounts, the posts that are there.

use std::sync::Arc;

use roost_core::clock::UnixMillis;
use roost_core::duplicate::DuplicateKey;
use roost_core::id::{PostId, XUserId};
use roost_core::limits::{Limits, Plan, Subscription};
use roost_core::post::Content;
use roost_core::zone::Zone;
use roost_import::follow_up::MeantFollowUp;
use roost_import::surroundings::{
    Known, KnownAccount, KnownPost, KnownText, LookupFailed, Prices, ShownPost, Surroundings,
};
use roost_store::{Account, AccountHealth, Error as StoreError, Post, PostingSlots, Read, Store};

use crate::compose::follow_up;
use crate::preferences::{self, X_API_BASE, is_sandbox};
use crate::{EngineConfig, Result};

use super::named_media::StoredMedia;
use super::slots::weekly;

/// Returns what an import is judged against at `now`, and the last event that it takes in. Blocking.
pub(super) fn read(
    store: &Store,
    config: &EngineConfig,
    now: UnixMillis,
) -> Result<(Surroundings, i64)> {
    let (rules, event) = store.read(|read| Ok((Rules::read(read, config)?, read.last_event()?)))?;
    let Rules { zone, accounts, limits, prices } = rules;
    let zone = Zone::parse(&zone)?;
    let known = Arc::new(StoredPosts(store.clone()));
    let media = StoredMedia::of(store);
    Ok((Surroundings { now, zone, accounts, limits, prices, known, media }, event))
}

/// Returns whether the accounts and the settings are those that rows were judged against. No event of a
/// post tells of them.
pub(super) fn hold_still(
    store: &Read<'_>,
    config: &EngineConfig,
    judged: &Surroundings,
) -> std::result::Result<bool, StoreError> {
    let Rules { zone, accounts, limits, prices } = Rules::read(store, config)?;
    Ok(zone == judged.zone.name()
        && accounts == judged.accounts
        && limits == judged.limits
        && prices == judged.prices)
}

/// What rows are judged by, beside the present and the posts.
struct Rules {
    zone: String,
    accounts: Vec<KnownAccount>,
    limits: Limits,
    prices: Prices,
}

impl Rules {
    fn read(store: &Read<'_>, config: &EngineConfig) -> std::result::Result<Self, StoreError> {
        let sandbox = store.setting::<String>(X_API_BASE)?.as_deref().is_some_and(is_sandbox);
        Ok(Self {
            zone: preferences::zone_of(store, config)?,
            accounts: accounts(store)?,
            limits: if sandbox { Limits::of(Plan::Demo) } else { Limits::default() },
            prices: store.prices()?,
        })
    }
}

fn accounts(store: &Read<'_>) -> std::result::Result<Vec<KnownAccount>, StoreError> {
    let known = |account: Account| {
        let slots = store.posting_slots(&account.x_user_id)?;
        Ok(known_account(account, slots))
    };
    store.accounts()?.into_iter().map(known).collect()
}

fn known_account(account: Account, slots: PostingSlots) -> KnownAccount {
    KnownAccount {
        subscription: Subscription::from_x(account.subscription_type.as_deref()),
        limits: account.limits,
        connected: account.health == AccountHealth::Connected,
        id: account.x_user_id,
        username: account.username,
        zone: slots.zone.and_then(|zone| Zone::parse(&zone).ok()),
        slots: slots.slots.into_iter().map(weekly).collect(),
    }
}

/// The posts of the store, as a session asks for them.
struct StoredPosts(Store);

impl StoredPosts {
    fn ask<T>(
        &self,
        ask: impl FnOnce(&Read<'_>) -> std::result::Result<T, StoreError>,
    ) -> std::result::Result<T, LookupFailed> {
        self.0.read(ask).map_err(|error| LookupFailed(error.to_string()))
    }
}

impl Known for StoredPosts {
    fn by_key(
        &self,
        account: Option<&XUserId>,
        keys: &[DuplicateKey],
    ) -> std::result::Result<Vec<KnownPost>, LookupFailed> {
        let found = self.ask(|store| store.known_posts(account, keys))?;
        Ok(found.into_iter().map(known_post).collect())
    }

    fn by_own_id(
        &self,
        plan: Option<&str>,
        ids: &[&str],
    ) -> std::result::Result<Vec<(String, KnownPost)>, LookupFailed> {
        let found = self.ask(|store| store.posts_by_own_id(plan.unwrap_or_default(), ids))?;
        Ok(found.into_iter().map(|(id, post)| (id, known_post(post))).collect())
    }

    fn times(
        &self,
        account: Option<&XUserId>,
        from: UnixMillis,
    ) -> std::result::Result<Vec<UnixMillis>, LookupFailed> {
        self.ask(|store| store.taken_times(account, from))
    }

    fn texts(
        &self,
        account: Option<&XUserId>,
        from: UnixMillis,
    ) -> std::result::Result<Vec<KnownText>, LookupFailed> {
        let mut texts = Vec::new();
        self.ask(|store| {
            store.each_text(account, from, |it| {
                texts.push(KnownText { id: it.id, at: it.at, key: it.key, text: it.text });
            })
        })?;
        Ok(texts)
    }

    fn shown(&self, posts: &[PostId]) -> std::result::Result<Vec<ShownPost>, LookupFailed> {
        self.ask(|store| {
            let found = store.posts_and_contents(posts)?;
            let whole = |(post, content): (Post, Content)| {
                let tags = store.tags_of(post.id)?;
                let follow_up = follow_up::of(store, post.id)?;
                Ok(shown(post, content, tags, follow_up))
            };
            found.into_iter().map(whole).collect()
        })
    }
}

fn shown(post: Post, content: Content, tags: Vec<String>, follow_up: Option<Post>) -> ShownPost {
    let follow_up = follow_up.and_then(|reply| {
        let after_minutes = reply.follow_up?.after_minutes;
        Some(MeantFollowUp { text: reply.content, after_minutes })
    });
    let (wall_time, zone, at) = match post.schedule {
        Some(it) => (Some(it.wall_time), Some(it.zone), Some(it.at)),
        None => (None, None, None),
    };
    let Post { id, status, account, note, .. } = post;
    ShownPost { id, status, content, account, tags, note, follow_up, wall_time, zone, at }
}

const fn known_post(found: roost_store::KnownPost) -> KnownPost {
    let roost_store::KnownPost { id, status, at, key } = found;
    KnownPost { id, status, at, key }
}
