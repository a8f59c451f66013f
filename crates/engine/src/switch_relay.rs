//! Leaving a relay for another. A relay sends the posts that it holds, whatever another relay is told. So
//! the engine hands a post to the new relay only after the old one has acknowledged that it released the
//! post, or the person said that the old relay will never run again.

use std::sync::Arc;

use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::status::{Actor, Status};
use roost_store::{OtherRelay, Post, Read, Tx, WithdrawTo};

use crate::relay::{pull, session};
use crate::state::EngineState;
use crate::sync::outbox;
use crate::sync::run_lock::RunLock;
use crate::view::Trouble;
use crate::{Change, NextStep, Result};

/// A relay that was left. Nothing is handed to it again as long as this is kept.
#[derive(Debug)]
pub struct Detached {
    /// What it did not let go of: it is being sent just now.
    pub still_there: Vec<PostId>,
    _lock: RunLock,
}

/// Has the relay in use let go of everything that it holds.
pub(crate) async fn detach(engine: &Arc<EngineState>) -> Result<Detached> {
    // A running loop would hand over again what was just withdrawn.
    let lock = RunLock::acquire(&engine.config.database)?;
    let services = engine.services()?;
    session::ensure_registered(engine, &services).await?;
    pull::pull_all(engine, &services).await?;
    let _pass = engine.pass_lock.lock().await;
    let relay = services.relay_public_url.clone();
    engine.write("leave.withdraw", move |store| withdraw_all(store, &relay)).await?;
    outbox::fences(engine, &services).await?;
    let relay = services.relay_public_url;
    let held = engine.write("leave.let_rest", move |store| release_parked(store, &relay)).await?;
    engine.publish(Change::Everything);
    Ok(Detached { still_there: held, _lock: lock })
}

fn withdraw_all(store: &mut Tx<'_>, relay: &str) -> Result<()> {
    for post in store.held_by(relay)? {
        let goal = match post.status {
            Status::Draft => WithdrawTo::Draft,
            Status::Pending | Status::Queued | Status::Held => WithdrawTo::Pending,
            _ => continue,
        };
        if post.withdraw_to.is_none() {
            store.withdraw_post(post.id, goal, Actor::Engine)?;
        }
    }
    Ok(store.outbox_hurry()?)
}

/// What waits for a person's check is called for by no relay: the person may tell the next one.
/// Answers the others.
fn release_parked(store: &mut Tx<'_>, relay: &str) -> Result<Vec<PostId>> {
    let rests = |post: &Post| matches!(post.status, Status::Unknown | Status::Partial);
    let (at_rest, held): (Vec<_>, Vec<_>) = store.held_by(relay)?.into_iter().partition(rests);
    at_rest.iter().try_for_each(|post| store.let_go_by_relay(post.id))?;
    Ok(held.into_iter().map(|post| post.id).collect())
}

/// The relays that hold posts, but the one in use.
pub(crate) async fn other_relays(
    engine: &EngineState,
    than: Option<String>,
) -> Result<Vec<OtherRelay>> {
    engine.read(move |store| store.other_relays(than.as_deref())).await
}

/// Takes the person's word that a relay will never run again: whatever it held is for the one in use.
pub(crate) async fn forget_relay(engine: &EngineState, relay: String) -> Result<()> {
    tracing::warn!(relay, "the person said that this relay is gone for good");
    engine.write("leave.gone", move |store| Ok(store.relay_is_gone(&relay)?)).await?;
    engine.publish(Change::Everything);
    engine.wake.notify_one();
    Ok(())
}

/// What the status says while posts are with another relay than `relay`.
pub(crate) fn trouble(
    store: &Read<'_>,
    relay: &str,
) -> std::result::Result<Option<Trouble>, roost_store::Error> {
    let others = store.other_relays(Some(relay))?;
    let Some(OtherRelay { relay, posts }) = others.first() else { return Ok(None) };
    let are = if *posts == 1 { "post is" } else { "posts are" };
    let message = format!(
        "{posts} {are} with the relay {relay}, which is not the one in use: it posts them, and only \
         it can cancel them. Pair with it again; or, if it will never run again, say so."
    );
    let gone = NextStep::ForgetRelay { relay: relay.clone() };
    Ok(Some(Trouble::new(Code::RelayUnreachable, message).with_steps([NextStep::Pair, gone])))
}
