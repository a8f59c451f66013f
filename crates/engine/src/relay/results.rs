//! Results: the relay's event feed, by long poll, and lookups where the feed has a gap.

use std::collections::HashSet;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_relay_api::{
    Account, AccountHealth, BATCH_MAX, ClientError, Delivery, DeliveryState, EventKind, EventPage,
    Lookup, RefusalCode,
};
use roost_store::{Outcome, Post, Recorded, RelayFeed, Tx};
use tokio::time::Instant;

use crate::diagnosis::holds;
use crate::relay::account_sync::{self, AccountEffects, Source};
use crate::relay::{sandbox_resume, session};
use crate::state::{EngineState, Services};
use crate::{Change, Result, compose, horizon, notify};

/// Events in one page.
const PAGE: u32 = 500;
/// How long the relay holds an answer when nothing happens.
pub(crate) const LONG_POLL: Duration = Duration::from_secs(25);

/// What the relay's word brought.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// Posts of a rehearsal that are sent again when X does not have them.
    interrupted: HashSet<PostId>,
    /// Those of them for which that is written down now.
    sent_again: Vec<PostId>,
    posts: Vec<PostId>,
    accounts: bool,
    notices: bool,
    /// X took a post.
    got_through: bool,
    /// Posts are to be withdrawn on the relay, or handed over again.
    withdrawn: bool,
    /// The first instant beyond the horizon.
    horizon_end: UnixMillis,
}

/// Reads one page of the feed and applies it. Waits up to `wait` for something to happen.
pub(crate) async fn pull(
    engine: &EngineState,
    services: &Services,
    wait: Duration,
) -> Result<usize> {
    let name = services.relay_public_url.clone();
    let feed = engine
        .read(move |store| match store.restored_mark()? {
            // Old news would be taken for what holds: the posts themselves are asked for first.
            Some(_) => Ok(None),
            None => store.relay_feed(&name),
        })
        .await?;
    let Some(feed) = feed else {
        session::ensure_registered(engine, services).await?;
        return Ok(0);
    };
    let answer = services.relay.events(feed.cursor, PAGE, wait).await;
    if answer.as_ref().err().is_some_and(is_gone) {
        return resync(engine, services).await;
    }
    let page = engine.relay_polled(answer)?;
    if page.epoch.0 != feed.epoch || page.head < feed.cursor {
        session::ensure_registered(engine, services).await?;
        return Ok(0);
    }
    let count = page.events.len();
    if count > 0 {
        apply_page(engine, services, page).await?;
    }
    Ok(count)
}

fn is_gone(error: &ClientError) -> bool {
    error.refusal().is_some_and(|refusal| refusal.code == RefusalCode::CursorGone)
}

/// The cursor is older than what the relay keeps: asks for everything, and reads on from the end.
async fn resync(engine: &EngineState, services: &Services) -> Result<usize> {
    let status = session::status(engine, services).await?;
    let since = UnixMillis(0);
    let mut after_seq = 0;
    loop {
        let page = engine.read(move |store| store.ever_offered(since, after_seq, PAGE)).await?;
        let ids: Vec<PostId> =
            page.iter().filter(|post| !post.status.is_decided()).map(|post| post.id).collect();
        look_up(engine, services, &ids).await?;
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after_seq = last.seq,
            _ => break,
        }
    }
    crate::accounts::refresh(engine, services).await?;
    let name = services.relay_public_url.clone();
    let feed = RelayFeed { epoch: status.epoch.0, cursor: status.head };
    engine.write("results.resync", move |store| Ok(store.save_relay_feed(&name, &feed)?)).await?;
    Ok(0)
}

/// Applies a page in one transaction with the cursor, so that nothing is effects half.
async fn apply_page(engine: &EngineState, services: &Services, page: EventPage) -> Result<()> {
    let name = services.relay_public_url.clone();
    let interrupted = engine.interrupted().clone();
    let horizon_end = horizon::end(engine).await?;
    let effects = engine
        .write("results.events", move |store| {
            let mut effects = Effects { interrupted, horizon_end, ..Effects::default() };
            for event in page.events {
                match event.kind {
                    EventKind::Delivery { delivery } => {
                        apply_delivery(store, &name, &delivery, &mut effects)?;
                    }
                    EventKind::Account { account } => {
                        apply_account(store, &account, &mut effects)?;
                    }
                }
            }
            let feed = RelayFeed { epoch: page.epoch.0, cursor: page.cursor };
            store.save_relay_feed(&name, &feed)?;
            effects.notices |= holds::follow(store, effects.got_through)?;
            Ok(effects)
        })
        .await?;
    publish(engine, effects);
    Ok(())
}

pub(crate) fn publish(engine: &EngineState, effects: Effects) {
    if !effects.sent_again.is_empty() {
        // Once: what a further kill interrupts is noted anew.
        engine.interrupted().retain(|post| !effects.sent_again.contains(post));
        engine.wake.notify_one();
    }
    if effects.withdrawn {
        engine.wake.notify_one();
    }
    if !effects.posts.is_empty() {
        engine.publish(Change::Posts(effects.posts));
    }
    if effects.accounts {
        engine.publish(Change::Accounts);
    }
    if effects.notices {
        engine.publish(Change::Notices);
    }
}

/// Asks the relay for posts by id and applies what it knows. Answers those it never heard of.
pub(crate) async fn look_up(
    engine: &EngineState,
    services: &Services,
    ids: &[PostId],
) -> Result<Vec<PostId>> {
    let mut unheard = Vec::new();
    for batch in ids.chunks(BATCH_MAX) {
        let asked = Instant::now();
        let lookup = Lookup { post_ids: batch.to_vec() };
        let answer = engine.relay_answered(asked, services.relay.lookup(&lookup).await)?;
        let known: Vec<PostId> =
            answer.deliveries.iter().map(|delivery| delivery.post_id).collect();
        unheard.extend(batch.iter().filter(|id| !known.contains(id)));
        apply(engine, services, answer.deliveries).await?;
    }
    Ok(unheard)
}

/// Applies deliveries in one transaction.
pub(crate) async fn apply(
    engine: &EngineState,
    services: &Services,
    deliveries: Vec<Delivery>,
) -> Result<()> {
    if deliveries.is_empty() {
        return Ok(());
    }
    let relay = services.relay_public_url.clone();
    let interrupted = engine.interrupted().clone();
    let horizon_end = horizon::end(engine).await?;
    let effects = engine
        .write("results.deliveries", move |store| {
            let mut effects = Effects { interrupted, horizon_end, ..Effects::default() };
            for delivery in &deliveries {
                apply_delivery(store, &relay, delivery, &mut effects)?;
            }
            effects.notices |= holds::follow(store, effects.got_through)?;
            Ok(effects)
        })
        .await?;
    publish(engine, effects);
    Ok(())
}

fn apply_delivery(
    store: &mut Tx<'_>,
    relay: &str,
    delivery: &Delivery,
    effects: &mut Effects,
) -> Result<()> {
    let goes_out = matches!(
        delivery.state,
        DeliveryState::Sending
            | DeliveryState::Unknown
            | DeliveryState::Posted
            | DeliveryState::Partial
    );
    // What this relay says of a post that another one holds is what it was told of it, and proves
    // nothing; unless it is on X.
    if !goes_out && store.is_held_elsewhere(delivery.post_id, relay)? {
        return Ok(());
    }
    let outcome = outcome_of(delivery);
    match store.record_outcome(delivery.post_id, &outcome)? {
        Recorded::Changed { before, after, late } => {
            effects.posts.push(after.id);
            effects.posts.extend(late.and_then(|late| late.draft));
            effects.got_through |= after.status == Status::Posted;
            if sandbox_resume::resend_if_interrupted(store, &effects.interrupted, &after)? {
                effects.sent_again.push(after.id);
            }
            effects.withdrawn |= account_sync::follow_sign_out(store, &before, &after)?;
            effects.notices |= notify::outcome(store, &before, &after)?;
            if edit_counts_after_all(store, (&before, &after), effects.horizon_end)? {
                effects.withdrawn = true;
                effects.posts.push(after.id);
            }
        }
        Recorded::Refused { from, to } => {
            tracing::warn!(
                post.id = %delivery.post_id, %from, %to, "the relay's word fits no longer"
            );
        }
        Recorded::Unchanged | Recorded::NotOurs => {}
    }
    Ok(())
}

/// The call for which an edit came too late came to nothing: the post goes out with the new words.
/// Answers whether that was so.
fn edit_counts_after_all(
    store: &mut Tx<'_>,
    (before, after): (&Post, &Post),
    horizon_end: UnixMillis,
) -> Result<bool> {
    let came_back = before.status == Status::Sending
        && matches!(after.status, Status::Queued | Status::Held)
        // What is on X in part goes on as it began.
        && after.tweet_id.is_none()
        && store.expect_post(after.id)?.withdraw_to.is_none();
    if !came_back {
        return Ok(false);
    }
    let Some(post) = store.edit_after_all(after.id)? else { return Ok(false) };
    compose::fence_if_needed(store, post, Status::Pending, horizon_end)?;
    Ok(true)
}

/// A delivery in the store's terms.
pub(crate) fn outcome_of(delivery: &Delivery) -> Outcome {
    Outcome {
        revision: delivery.revision,
        status: delivery.state.status(),
        state: delivery.state.as_str().to_owned(),
        live: delivery.live.clone(),
        tweet_id: delivery.tweet_id.clone(),
        code: delivery.code.clone(),
        message: delivery.message.clone(),
        until: delivery.until,
        attempts: delivery.attempts,
        posted_at: delivery.posted_at,
        at: delivery.updated_at,
    }
}

fn apply_account(store: &mut Tx<'_>, told: &Account, effects: &mut Effects) -> Result<()> {
    // An account that the person removed here does not come back by an event.
    let known = store.account(&told.x_user_id)?;
    let of_account =
        account_sync::apply_account(store, &stored(told, known.as_ref()), Source::Reported)?;
    effects.take(of_account);
    Ok(())
}

impl Effects {
    fn take(&mut self, of_account: AccountEffects) {
        self.accounts |= of_account.changed;
        self.notices |= of_account.notice;
        let cancelled: Vec<PostId> = of_account.cancelled.withdrawn().collect();
        self.withdrawn |= !cancelled.is_empty();
        self.posts.extend(cancelled);
    }
}

/// Takes in all accounts that the relay told of at once. Those that it does not have can't post.
pub(crate) fn apply_accounts(store: &mut Tx<'_>, told: &[Account]) -> Result<Effects> {
    let mut effects = Effects { accounts: true, ..Effects::default() };
    for known in store.accounts()? {
        if !told.iter().any(|account| account.x_user_id == known.x_user_id) {
            let gone =
                roost_store::Account { health: roost_store::AccountHealth::Disconnected, ..known };
            effects.take(account_sync::apply_account(store, &gone, Source::Absent)?);
        }
    }
    told.iter().try_for_each(|account| apply_account(store, account, &mut effects))?;
    Ok(effects)
}

/// An account as the store keeps it.
pub(crate) fn stored(told: &Account, known: Option<&roost_store::Account>) -> roost_store::Account {
    roost_store::Account {
        x_user_id: told.x_user_id.clone(),
        username: told.username.clone(),
        name: told.name.clone(),
        subscription_type: told.subscription_type.clone(),
        health: match told.health {
            AccountHealth::Connected => roost_store::AccountHealth::Connected,
            AccountHealth::Disconnected => roost_store::AccountHealth::Disconnected,
            AccountHealth::Suspended => roost_store::AccountHealth::Suspended,
        },
        message: told.message.clone(),
        proven_at: told.proven_at,
        removed_at: known.and_then(|known| known.removed_at),
        // Events tell no limits.
        limits: told.limits.clone().or_else(|| known.and_then(|known| known.limits.clone())),
    }
}

/// Whether a status ends what a person waits for, well or badly.
pub(crate) const fn is_news(status: Status) -> bool {
    matches!(status, Status::Failed | Status::Unknown | Status::Missed | Status::Partial)
}
