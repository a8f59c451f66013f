//! Removing on X what a late change replaces, or what the person wants gone. It waits for X, for minutes perhaps, so it runs beside the
//! sync passes, under a lock of its own: no cancellation and no hand-over of another post waits for it.

use std::sync::Arc;

use roost_core::id::PostId;
use roost_core::notice::Headline;
use roost_relay_api::{ClientError, Removal};
use roost_store::{Label, NewNotification, Outbox, OutboxEnding, OutboxKind, Tx};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::delete_on_x::wish;
use crate::excerpt::excerpt;
use crate::late_edit::draft::{arm, can_go_out, waits};
use crate::relay::session;
use crate::state::{EngineState, Services};
use crate::sync::outbox::queue::{due, end, is_final, put_off};
use crate::{Change, Error, Result, posts};

/// Removals in one go.
const AT_ONCE: u32 = 1000;

/// The removals that the running loop has begun beside its passes.
#[derive(Debug, Default)]
pub(super) struct RemovalTask {
    under_way: Option<JoinHandle<()>>,
}

impl RemovalTask {
    /// Begins the removals that are due, unless some are under way. Returns at once.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(super) async fn begin_if_due(&mut self, engine: &Arc<EngineState>) -> Result<()> {
        if let Some(task) = self.under_way.take_if(|task| task.is_finished())
            && let Err(error) = task.await
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
        if self.under_way.is_none() && !all_due(engine, 1).await?.is_empty() {
            let engine = engine.clone();
            self.under_way = Some(tokio::spawn(async move {
                if let Err(error) = carry_out_due(&engine).await {
                    // It is noted beside the intention, and tried again.
                    tracing::warn!(%error, "a post on X could not be removed yet");
                }
            }));
        }
        Ok(())
    }

    /// Drops what is under way: each step may be done again.
    pub(super) async fn stop(self) {
        if let Some(task) = self.under_way {
            task.abort();
            drop(task.await);
        }
    }
}

/// Returns the removals that are to be carried out now.
async fn all_due(engine: &EngineState, limit: u32) -> Result<Vec<Outbox>> {
    let mut wishes = due(engine, OutboxKind::Replace, limit).await?;
    wishes.extend(due(engine, OutboxKind::DeleteOnX, limit).await?);
    Ok(wishes)
}

/// Has the relay delete on X what late changes replace, and what the person wants gone. Once that is
/// proven, each change goes out.
///
/// # Errors
/// When the relay does not answer, or the store can't be used. What is refused of one post keeps no
/// other one waiting: it is noted beside its intention.
pub(crate) async fn carry_out_due(engine: &EngineState) -> Result<()> {
    let wishes = all_due(engine, AT_ONCE).await?;
    if wishes.is_empty() {
        return Ok(());
    }
    let services = engine.services()?;
    // A relay that lost its database knows no post of this store before that.
    session::ensure_registered(engine, &services).await?;
    for intention in wishes {
        // Between two of them the person's own wish has its turn.
        let _removal = engine.removal_lock.lock().await;
        match carry_out(engine, &services, &intention).await {
            Err(Error::Relay(error)) if error.is_unreachable() => return Err(Error::Relay(error)),
            Err(error @ Error::Store(_)) => return Err(error),
            Err(error) => tracing::warn!(%error, "a post on X was not removed"),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// Carries out one removal. The caller holds the removal lock.
///
/// # Errors
/// When it is not done: it was put off, or ended because nothing could be posted in its place.
pub(crate) async fn carry_out(
    engine: &EngineState,
    services: &Services,
    intention: &Outbox,
) -> Result<()> {
    if intention.kind == OutboxKind::DeleteOnX {
        return delete(engine, services, intention).await;
    }
    let one = std::slice::from_ref(intention);
    let draft = intention.payload["draft"].as_str().and_then(|draft| draft.parse().ok());
    let (Some(post), Some(draft)) = (intention.post_id, draft) else {
        return end(engine, one, OutboxEnding::Refused).await;
    };
    // What is deleted on X is lost when the draft can't go out in its place.
    still_wished(engine, intention, post, draft).await?;
    let asked = Instant::now();
    let removal = Removal { store_id: engine.store.id() };
    let answer = services.relay.remove(post, &removal).await;
    let seq = intention.seq;
    match engine.relay_answered_of_one(asked, answer) {
        Ok(_) => replaced(engine, post, draft, seq).await,
        Err(Error::Relay(refused)) if is_final(&refused) || knows_no_such_route(&refused) => {
            not_replaced(engine, post, seq, &refused).await?;
            Err(Error::Relay(refused))
        }
        Err(error) => {
            put_off(engine, one, &error).await?;
            Err(error)
        }
    }
}

/// Carries out one deletion that puts nothing in its place.
async fn delete(engine: &EngineState, services: &Services, intention: &Outbox) -> Result<()> {
    let one = std::slice::from_ref(intention);
    let Some(post) = intention.post_id else {
        return end(engine, one, OutboxEnding::Refused).await;
    };
    let asked = Instant::now();
    let removal = Removal { store_id: engine.store.id() };
    let answer = services.relay.remove(post, &removal).await;
    let seq = intention.seq;
    let error = match engine.relay_answered_of_one(asked, answer) {
        Ok(_) => return deleted(engine, post, seq).await,
        Err(Error::Relay(refused)) if knows_no_such_route(&refused) => Error::DeletionUnknown,
        Err(Error::Relay(refused)) if is_final(&refused) => Error::Relay(refused),
        Err(error) => {
            put_off(engine, one, &error).await?;
            return Err(error);
        }
    };
    let why = format!("stays on X. {error}");
    engine
        .write("delete_on_x.refused", move |store| {
            store.outbox_end(seq, OutboxEnding::Refused)?;
            wish::tell_stays(store, post, seq, &why)
        })
        .await?;
    engine.publish(Change::Notices);
    Err(error)
}

/// Notes that a post is deleted on X.
async fn deleted(engine: &EngineState, post: PostId, seq: i64) -> Result<()> {
    engine
        .write("delete_on_x.done", move |store| {
            store.label(Label::DeleteOnX);
            store.gone_from_x(post)?;
            store.outbox_end(seq, OutboxEnding::Done)?;
            Ok(())
        })
        .await
}

/// Whether the relay is of a version that deletes nothing.
fn knows_no_such_route(error: &ClientError) -> bool {
    matches!(error, ClientError::Garbled { status: 404 | 405, .. })
}

/// Checks, before anything is deleted on X, that the draft can still go out in its place, and notes
/// that the deletion may have begun. Otherwise the wish ends, and the person is told.
///
/// # Errors
/// When the draft was deleted, scheduled or can't be posted any more, or the store can't be used.
async fn still_wished(
    engine: &EngineState,
    intention: &Outbox,
    original: PostId,
    draft: PostId,
) -> Result<()> {
    let scene = posts::scene(engine).await?;
    let (seq, mut payload) = (intention.seq, intention.payload.clone());
    let why = engine
        .write("too_late.still_wished", move |store| {
            if !store.outbox_is_open(seq)? {
                return Ok(Some(Error::NoLateEdit(original)));
            }
            let begun = payload["begun"].as_bool().unwrap_or(false);
            let why = match can_go_out(store, original, draft, &scene) {
                Ok(()) if begun => return Ok(None),
                Ok(()) => {
                    payload["begun"] = true.into();
                    store.outbox_refine(seq, &payload)?;
                    return Ok(None);
                }
                Err(error @ Error::Store(_)) => return Err(error),
                Err(why) => why,
            };
            store.outbox_end(seq, OutboxEnding::Superseded)?;
            let said = match &why {
                Error::NoLateEdit(_) => "Its draft was deleted or scheduled meanwhile.".to_owned(),
                why => format!("Its draft can't be posted as it is: {why}"),
            };
            let stays = match begun {
                false => "stays on X, and nothing was posted in its place.",
                true => {
                    "is not replaced, and nothing was posted in its place. An earlier try may have \
                     deleted it or a part of it: look at it on X."
                }
            };
            tell_not_replaced(store, original, seq, &format!("{stays} {said}"))?;
            Ok(Some(why))
        })
        .await?;
    let Some(why) = why else { return Ok(()) };
    engine.wake.notify_one();
    engine.publish(Change::Notices);
    Err(why)
}

fn tell_not_replaced(store: &mut Tx<'_>, original: PostId, seq: i64, what: &str) -> Result<()> {
    let post = store.expect_post(original)?;
    store.notify(&NewNotification {
        key: format!("not_replaced:{seq}"),
        kind: "not_replaced".to_owned(),
        post_id: Some(original),
        account: post.account.clone(),
        cause: None,
        title: Headline::NotReplaced.to_string(),
        body: format!("\"{}\" {what}", excerpt(&post.content)),
    })?;
    Ok(())
}

/// The old words are deleted on X: the draft goes out in their place, unless the person did something
/// else with it in that moment; then they are told that nothing takes the place of the old words.
async fn replaced(engine: &EngineState, original: PostId, draft: PostId, seq: i64) -> Result<()> {
    let scene = posts::scene(engine).await?;
    engine
        .write("too_late.replaced", move |store| {
            store.label(Label::Replace);
            store.gone_from_x(original)?;
            store.outbox_end(seq, OutboxEnding::Done)?;
            match store.post(draft)?.filter(waits) {
                Some(draft) => {
                    arm(store, &draft, &scene)?;
                }
                None => {
                    let said = "is deleted on X, and its draft was deleted or scheduled in that \
                                moment: nothing else was posted in its place.";
                    tell_not_replaced(store, original, seq, said)?;
                }
            }
            Ok(())
        })
        .await?;
    engine.wake.notify_one();
    Ok(())
}

/// The relay or X refused for good: nothing was posted in its place, and the person is told.
async fn not_replaced(
    engine: &EngineState,
    original: PostId,
    seq: i64,
    why: &roost_relay_api::ClientError,
) -> Result<()> {
    let gone = why.refusal().map_or(0, |refusal| refusal.gone.len());
    let why = Error::Relay(why.clone()).to_string();
    engine
        .write("too_late.not_replaced", move |store| {
            store.outbox_end(seq, OutboxEnding::Refused)?;
            let stays = match gone {
                0 => "stays on X".to_owned(),
                _ => format!("is on X in part only: {} deleted", parts_are(gone)),
            };
            let said = format!("{stays}, and nothing was posted in its place. {why}");
            tell_not_replaced(store, original, seq, &said)?;
            Ok(())
        })
        .await?;
    engine.wake.notify_one();
    engine.publish(Change::Notices);
    Ok(())
}

fn parts_are(count: usize) -> String {
    if count == 1 { "1 part is".to_owned() } else { format!("{count} parts are") }
}
