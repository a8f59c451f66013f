//! Recovery: posts past their time without a result are asked for at the relay. The engine never
//! concludes alone about what it handed over; what it never handed over follows the late policy.

use std::time::Duration;

use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::post::Lateness;
use roost_core::post::late_post::Cause;
use roost_core::status::{Actor, Status};
use roost_store::{Post, Reason};

use crate::relay::results;
use crate::state::{Activity, EngineState, Services};
use crate::sync::run_record;
use crate::{Change, Result, notify, preferences};

/// A result this long after a post's time is late.
pub(crate) const RESULT_PATIENCE: Duration = Duration::from_mins(1);
/// Posts judged in one transaction.
const PAGE: u32 = 500;

/// Asks the relay for posts past their time without a result.
pub(crate) async fn ask(engine: &EngineState, services: &Services) -> Result<()> {
    let before = engine.now().minus(RESULT_PATIENCE);
    let relay = services.relay_public_url.clone();
    let waiting: Vec<Post> =
        engine.read(move |store| store.awaiting_result(&relay, before, 10_000)).await?;
    let ids: Vec<PostId> = waiting.iter().map(|post| post.id).collect();
    let record = run_record::of(engine, run_record::RECOVERY).await?;
    if !ids.is_empty() {
        engine.activity.note(Activity::AskingForResults, engine.now());
    }
    let told = results::look_up(engine, services, &ids).await;
    engine.activity.note(Activity::Waiting, engine.now());
    let asked = ids.len() as u64;
    let answered = match told {
        Ok(unheard) => {
            let answered = asked.saturating_sub(unheard.len() as u64);
            hand_over_again(engine, unheard).await.map(|()| answered)
        }
        Err(error) => Err(error),
    };
    run_record::recovered(engine, &record, asked, &answered).await?;
    answered.map(drop)
}

/// Posts that a relay in step with this store never heard of: their hand-over was never complete.
async fn hand_over_again(engine: &EngineState, unheard: Vec<PostId>) -> Result<()> {
    if unheard.is_empty() {
        return Ok(());
    }
    engine
        .write("recover.unheard", move |store| {
            for id in unheard {
                let post = store.expect_post(id)?;
                let lost = matches!(post.status, Status::Queued | Status::Held)
                    && post.withdraw_to.is_none()
                    && post.deleted_at.is_none();
                if lost {
                    store.arm_above(id, post.revision, Actor::Engine)?;
                }
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// Applies the late policy to posts whose time passed before they were ever handed over. Whether
/// the policy asks or gives up, the row says "missed" and waits for the person.
pub(crate) async fn judge_late(engine: &EngineState) -> Result<()> {
    let policy = preferences::get(engine).await?.late;
    let now = engine.now();
    let late: Vec<PostId> = engine
        .read(move |store| {
            let overdue = store.overdue_here(now, PAGE)?;
            let too_late = |post: &Post| {
                let due = post.schedule.as_ref().map(|schedule| schedule.at);
                let judge = |due| Cause::NeverHandedOver.judge(due, None, policy, now);
                due.is_some_and(|due| judge(due) != Lateness::Post)
            };
            Ok(overdue.into_iter().filter(too_late).map(|post| post.id).collect())
        })
        .await?;
    if late.is_empty() {
        return Ok(());
    }
    engine
        .write("recover.missed", move |store| {
            for id in late {
                let before = store.expect_post(id)?;
                if before.status != Status::Pending || before.may_be_on_relay() {
                    continue;
                }
                let reason = Reason {
                    code: Some(Code::Missed.as_str().to_owned()),
                    message: None,
                    until: None,
                };
                let after = store.set_status(id, Status::Missed, Actor::Engine, &reason)?;
                notify::outcome(store, &before, &after)?;
            }
            Ok(())
        })
        .await?;
    engine.publish(Change::Notices);
    Ok(())
}
