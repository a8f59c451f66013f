//! What the relay that was in use still holds, when this computer goes over to another one.

use std::sync::Arc;

use roost_core::clock::SystemClock;
use roost_engine::view::Reach;
use roost_engine::{Detached, Engine, EngineConfig, OtherRelay, RunLock};

use crate::context::Context;
use crate::failure::Failure;

/// Has the relay in use let go of its posts, so that `next` can be given them: a relay by its public
/// address. As long as the answer is kept, nothing is handed over from here. `command` is what the
/// person ran, for the message.
pub(crate) async fn leave(
    context: &Context,
    next: &str,
    command: &str,
) -> Result<Option<Detached>, Failure> {
    let held = holders(context, next).await?;
    if held.is_empty() {
        return Ok(None);
    }
    let left = ask(context).await.map_err(|failure| match failure.code.as_str() {
        // A window or a watch is in the way, and no relay: its words say what to do.
        "database_locked" => failure,
        _ => still_holds(&held, &failure.message, command),
    })?;
    match holders(context, next).await? {
        none if none.is_empty() => Ok(Some(left)),
        held => {
            let why = "It did not let go of all of them: some are being sent.";
            Err(still_holds(&held, why, command))
        }
    }
}

/// What keeps a window or a watch from handing anything over.
#[derive(Debug)]
pub(crate) struct Quiet {
    _kept: (Option<Detached>, Option<RunLock>),
}

/// The same for a relay that is left for good: while a window or a watch runs it is refused, whether or
/// not the relay holds posts. `is_gone` says that it is asked for nothing.
pub(crate) async fn leave_for_good(
    context: &Context,
    next: &str,
    command: &str,
    is_gone: bool,
) -> Result<Quiet, Failure> {
    if !is_gone && let Some(left) = leave(context, next, command).await? {
        return Ok(Quiet { _kept: (Some(left), None) });
    }
    let alone = RunLock::acquire(&context.store())?;
    if is_gone {
        refuse_if_it_answers(context, next, command).await?;
    }
    // Something may have been handed over before that.
    let held = if is_gone { Vec::new() } else { holders(context, next).await? };
    if !held.is_empty() {
        return Err(still_holds(&held, "It was given them just now.", command));
    }
    Ok(Quiet { _kept: (None, Some(alone)) })
}

/// A relay that answers goes on posting what it holds: calling it gone would have two relays post it.
async fn refuse_if_it_answers(context: &Context, next: &str, command: &str) -> Result<(), Failure> {
    let held = holders(context, next).await?;
    if held.is_empty() {
        return Ok(());
    }
    let engine = context.plain_engine().await?;
    let Some(relay) = context.relay_url().map(str::to_owned) else { return Ok(()) };
    let asked = engine.refresh_status().await;
    let answers = matches!(engine.sync_state().await?.relay, Reach::Reached { .. });
    if asked.is_err() || !answers {
        return Ok(());
    }
    let posts: u64 = held.iter().map(|other| other.posts).sum();
    Err(Failure::work(
        "old_relay",
        format!(
            "The relay {relay} answers, so it is not gone: it would go on posting the {posts} of \
             your posts that it holds, and so would this computer. Nothing was changed. Run \
             `{command}` without --old-relay-is-gone, so that it lets go of them; or stop the relay \
             for good first."
        ),
    ))
}

/// Takes the person's word that every relay but `next` is gone for good.
pub(crate) async fn is_gone(context: &Context, next: &str) -> Result<(), Failure> {
    let held = holders(context, next).await?;
    if held.is_empty() {
        return Ok(());
    }
    let engine = plain(context).await?;
    for other in held {
        engine.forget_relay(other.relay).await?;
    }
    Ok(())
}

/// What a scheduler refused to an earlier pairing or token says nothing of the one that was told now.
pub(crate) async fn forget_scheduler_refusal(context: &Context) -> Result<(), Failure> {
    if context.store().exists() {
        plain(context).await?.clear_scheduler_refusal().await?;
    }
    Ok(())
}

async fn ask(context: &Context) -> Result<Detached, Failure> {
    let engine = context.plain_engine().await?;
    if !context.is_this_computer() {
        context.require_relay()?;
        return Ok(engine.detach_relay().await?);
    }
    let base = context.x_api_base(&engine).await?;
    // Not let go: it answers, and posts nothing.
    let local = context.host(&engine, &base, None).await?;
    let left = engine.detach_relay().await;
    local.stop().await;
    Ok(left?)
}

/// Relays that hold posts and are not `next`.
async fn holders(context: &Context, next: &str) -> Result<Vec<OtherRelay>, Failure> {
    if !context.store().exists() {
        return Ok(Vec::new());
    }
    Ok(plain(context).await?.other_relays(Some(next.to_owned())).await?)
}

/// The store alone: a pairing that can't be read must not keep anybody from pairing again.
async fn plain(context: &Context) -> Result<Engine, Failure> {
    let config = EngineConfig::new(context.store());
    let opened = tokio::task::spawn_blocking(move || Engine::open(config, Arc::new(SystemClock)));
    Ok(opened.await.map_err(|error| Failure::work("internal", error.to_string()))??)
}

fn still_holds(held: &[OtherRelay], why: &str, command: &str) -> Failure {
    let posts: u64 = held.iter().map(|other| other.posts).sum();
    let names: Vec<&str> = held.iter().map(|other| other.relay.as_str()).collect();
    let message = format!(
        "The relay {} holds {posts} of your posts and posts them, so nothing was changed. {why} Let \
         it be reached and try again in a minute; or, if it will never run again, say so: \
         `{command} --old-relay-is-gone`.",
        names.join(", ")
    );
    Failure::work("old_relay", message)
}
