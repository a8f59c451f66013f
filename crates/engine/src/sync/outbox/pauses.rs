//! Pauses and resumes, carried to the relay. Before a resume leaves, what the pause made late goes by
//! the late policy: the flag still fences it, so that nothing of it is sent meanwhile.

use roost_core::id::PostId;
use roost_core::post::Lateness;
use roost_core::post::late_post::{self, Cause};
use roost_core::status::{Actor, Status};
use roost_relay_api::{OrderedPause, Pause, PauseOrder};
use roost_store::{Error as StoreError, Outbox, OutboxEnding, OutboxKind, Post, WithdrawTo};
use tokio::time::Instant;

use super::queue::{due, end, finish};
use super::withdrawals::withdraw_all;
use crate::paused::{self, Paused, Scope};
use crate::relay::session;
use crate::state::{EngineState, Services};
use crate::{Error, Result, preferences};

/// Late posts that one resume looks at.
const LATE_MAX: u32 = 10_000;

/// Carries out what was last pressed, of everything and of each account. Returns the posts that were
/// taken back from the relay because their time has passed meanwhile.
pub(crate) async fn pauses(engine: &EngineState, services: &Services) -> Result<Vec<PostId>> {
    let mut taken_back = Vec::new();
    let mut pressed = due(engine, OutboxKind::Pause, u32::MAX).await?;
    // Pauses first: a resume asks for more than one answer, and must not keep them from the relay.
    pressed.sort_by_key(|intention| !paused::intended(intention).1);
    for intention in pressed {
        let done = carry_out(engine, services, &intention, &mut taken_back).await;
        if let Err(Error::AccountPauseUnknown) = done {
            end(engine, std::slice::from_ref(&intention), OutboxEnding::Refused).await?;
            return Err(Error::AccountPauseUnknown);
        }
        finish(engine, services, &intention, done).await?;
    }
    Ok(taken_back)
}

async fn carry_out(
    engine: &EngineState,
    services: &Services,
    intention: &Outbox,
    taken_back: &mut Vec<PostId>,
) -> Result<()> {
    let (scope, paused) = paused::intended(intention);
    if !paused {
        taken_back.extend(take_back_late(engine, services, &scope).await?);
        withdraw_all(engine, services).await?;
        // A pause that was pressed meanwhile took this resume's place.
        let seq = intention.seq;
        if !engine.read(move |store| store.outbox_is_open(seq)).await? {
            return Ok(());
        }
    }
    // Another process of this store may speak at the same time: what was pressed last stands.
    let order = Some(PauseOrder { store_id: engine.store.id(), number: intention.seq });
    let pause = OrderedPause { pause: Pause { paused }, order };
    let asked = Instant::now();
    let answer = match &scope {
        Scope::Everything => services.relay.pause_in_order(pause).await,
        Scope::Account(account) => services.relay.pause_account(account, pause).await,
    };
    match engine.relay_answered(asked, answer) {
        Ok(status) => session::record_status(engine, &status, asked),
        Err(Error::Relay(error))
            if scope != Scope::Everything && session::is_no_such_route(&error) =>
        {
            // Such a relay holds no account back, so that there is nothing to resume either.
            forget(engine, scope).await?;
            return if paused { Err(Error::AccountPauseUnknown) } else { Ok(()) };
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// What an earlier release of the relay can't hold is not shown as paused.
async fn forget(engine: &EngineState, scope: Scope) -> Result<()> {
    engine
        .write("pause.forget", move |store| {
            let mut paused = paused::get(store)?;
            paused.set(&scope, false);
            Ok(paused::save(store, &paused)?)
        })
        .await
}

/// Takes back what the resume would send later than the late policy allows, and what needs a new
/// deadline to go out. As soon as the relay has acknowledged it, it is this computer's to judge. A post
/// that is little enough late is left alone: the relay sends it, even when this computer ends now.
async fn take_back_late(
    engine: &EngineState,
    services: &Services,
    scope: &Scope,
) -> Result<Vec<PostId>> {
    let (policy, now) = (preferences::get(engine).await?.late, engine.now());
    let (relay, scope) = (services.relay_public_url.clone(), scope.clone());
    let late = engine
        .read(move |store| {
            let after = resumed(paused::get(store)?, &scope);
            let goes_on = |post: &Post| match scope.account() {
                Some(account) => post.account.as_ref() == Some(account) && !after.everything,
                None => !after.holds(post.account.as_ref()),
            };
            let is_held = |post: &Post| {
                matches!(post.status, Status::Queued | Status::Held) && post.withdraw_to.is_none()
            };
            let mut late = Vec::new();
            for post in store.awaiting_result(&relay, now, LATE_MAX)? {
                let Some(due) = post.schedule.as_ref().map(|schedule| schedule.at) else {
                    continue;
                };
                if !goes_on(&post) || !is_held(&post) {
                    continue;
                }
                let deadline = store.deadline(post.id)?;
                let judged = Cause::Resumed.judge(due, deadline, policy, now);
                if judged != Lateness::Post || late_post::is_past(deadline, now) {
                    late.push(post.id);
                }
            }
            Ok(late)
        })
        .await?;
    if late.is_empty() {
        return Ok(late);
    }
    engine
        .write("pause.late", move |store| {
            let mut taken_back = Vec::new();
            for id in late {
                match store.withdraw_post(id, WithdrawTo::Pending, Actor::Engine) {
                    Ok(_) => taken_back.push(id),
                    // The relay told meanwhile what became of it.
                    Err(StoreError::Refused { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(taken_back)
        })
        .await
}

/// What is paused once a scope is resumed.
fn resumed(mut paused: Paused, scope: &Scope) -> Paused {
    paused.set(scope, false);
    paused
}
