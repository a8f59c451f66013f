//! Pause and resume: one flag on the relay for everything, and one for each account, which fence all that
//! they are about. Written down first, so that they survive a dead network.

use roost_core::id::{PostId, XUserId};
use roost_core::status::{Actor, Status};
use roost_relay_api::Pause;
use roost_store::{Error as StoreError, Filter, Label, NewOutbox, OutboxKind, Read};
use tokio::time::Instant;

use crate::paused::{self, Scope};
use crate::relay::session;
use crate::state::{EngineState, Services};
use crate::sync::{outbox, recover};
use crate::view::{LateAfterPause, PauseReport};
use crate::{Error, Result, accounts};

/// Returns what a pause is about: an account by its handle, or everything.
pub(crate) async fn scope(engine: &EngineState, account: Option<&str>) -> Result<Scope> {
    Ok(match account {
        None => Scope::Everything,
        Some(handle) => Scope::Account(account_of(engine, handle).await?),
    })
}

async fn account_of(engine: &EngineState, word: &str) -> Result<XUserId> {
    let id = XUserId(word.to_owned());
    let wanted = id.clone();
    match engine.read(move |store| store.account(&wanted)).await? {
        Some(_) => Ok(id),
        None => accounts::named(engine, word).await,
    }
}

/// Pauses, or goes on. The flag is on the relay when this returns without an error; after one it is
/// tried again until it is.
pub(crate) async fn set(engine: &EngineState, scope: Scope, paused: bool) -> Result<PauseReport> {
    let intended = scope.clone();
    let seq = engine
        .write("pause.intend", move |store| {
            let mut all = paused::get(store)?;
            all.set(&intended, paused);
            paused::save(store, &all)?;
            store.supersede_pauses(intended.account())?;
            store.add_step(if paused { Label::Pause } else { Label::Resume }, None, None);
            let intention = NewOutbox {
                kind: OutboxKind::Pause,
                post_id: None,
                revision: None,
                payload: paused::payload(&intended, paused),
                actor: Actor::Person,
            };
            Ok(store.intend(&intention)?)
        })
        .await?;
    engine.wake.notify_one();
    let services = engine.services()?;
    let _pass = engine.pass_lock.lock().await;
    // A turn that was under way may have tried it without success, and put it off.
    engine.write("pause.hurry", |store| Ok(store.outbox_hurry()?)).await?;
    let taken_back = outbox::pauses(engine, &services).await?;
    if engine.read(move |store| store.outbox_is_open(seq)).await? {
        return Err(Error::PauseNotHeard);
    }
    recover::judge_late(engine).await?;
    engine.wake.notify_one();
    report(engine, scope, paused, taken_back).await
}

/// Returns what a pause or a resume came to.
async fn report(
    engine: &EngineState,
    scope: Scope,
    paused: bool,
    taken_back: Vec<PostId>,
) -> Result<PauseReport> {
    engine
        .read(move |store| {
            let all = paused::get(store)?;
            let mut late = LateAfterPause { posts: taken_back.len() as u64, ..Default::default() };
            for id in taken_back {
                let Some(post) = store.post(id)? else { continue };
                late.confirmed += u64::from(post.withdraw_to.is_none());
                match post.status {
                    Status::Missed => late.missed += 1,
                    Status::Pending => late.goes_out += 1,
                    _ => {}
                }
            }
            let account = scope.account().cloned();
            Ok(PauseReport {
                still_paused: !paused && all.holds(account.as_ref()),
                handed_over: held(
                    store,
                    &[Status::Queued, Status::Held, Status::Sending],
                    &account,
                )?,
                sending: held(store, &[Status::Sending], &account)?,
                paused,
                account,
                late,
            })
        })
        .await
}

/// How many posts of an account, or of all, the relay has in these states.
fn held(
    store: &Read<'_>,
    statuses: &[Status],
    account: &Option<XUserId>,
) -> std::result::Result<u64, StoreError> {
    let filter =
        Filter { statuses: statuses.to_vec(), account: account.clone(), ..Filter::default() };
    store.count_posts(&filter)
}

/// Has the relay try at once whatever waits for X, an app or an account.
pub(crate) async fn try_now(engine: &EngineState, services: &Services) -> Result<()> {
    let asked = Instant::now();
    let answer = match services.relay.try_now().await {
        Err(error) if session::is_no_such_route(&error) => {
            let status = session::status(engine, services).await?;
            // There a resume does the same, and is only to be sent where nothing is paused.
            if status.paused {
                return Err(Error::Relay(error));
            }
            services.relay.pause(Pause { paused: false }).await
        }
        answer => answer,
    };
    let status = engine.relay_answered(asked, answer)?;
    session::record_status(engine, &status, asked);
    Ok(())
}
