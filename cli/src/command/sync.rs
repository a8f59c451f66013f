//! `roost sync`

use std::time::Duration;

use roost_core::status::Status;
use roost_engine::view::{Counts, HandedOver, SyncState};
use roost_engine::{Engine, LatePolicy, TooLate};
use roost_local::{Local, Stopped};
use serde::Serialize;
use tokio::io::AsyncReadExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::notices;
use crate::args::{LateArg, Sync};
use crate::context::Context;
use crate::failure::Failure;
use crate::following::{Pairing, Told};
use crate::format;
use crate::output::{Exit, counted};

/// Between two looks whether another process paired this computer with another relay.
const PAIRING_LOOK_EVERY: Duration = Duration::from_secs(2);
/// Between two looks whether all is done, when nothing tells of a change.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Changes come by the hundred; they are looked at together.
const GATHER: Duration = Duration::from_millis(100);
/// Between two lines that tell how far it is.
const TELL_EVERY: Duration = Duration::from_secs(2);

#[derive(Debug, Serialize)]
struct Synced {
    counts: Counts,
    sync: SyncState,
    /// What became of the one hand-over; none after a watch.
    handed_over: Option<HandedOver>,
}

pub(crate) async fn run(context: &Context, args: Sync) -> Result<Exit, Failure> {
    let late = match args.late {
        Some(LateArg::Post) => Some(LatePolicy::POST),
        Some(LateArg::Miss) => Some(LatePolicy { then: TooLate::Missed, ..LatePolicy::default() }),
        Some(LateArg::Ask) => Some(LatePolicy::default()),
        None => None,
    };
    let engine = context.engine(late).await?;
    Context::require_store(&engine)?;
    context.require_relay()?;
    let local = if context.is_this_computer() {
        let base = context.x_api_base(&engine).await?;
        let spacing = args.overdue_spacing.map(Duration::from_secs);
        Some(context.host(&engine, &base, spacing).await?)
    } else {
        None
    };
    if args.old_relay_is_gone {
        for other in engine.other_relays(engine.relay_in_use()).await? {
            engine.forget_relay(other.relay).await?;
        }
    }
    let ended = if args.watch {
        Box::pin(watch(context, &engine, local.as_ref(), &args)).await.map(|()| None)
    } else {
        once(context, &engine, local.as_ref(), args.try_now).await.map(Some)
    };
    if let Some(local) = local {
        local.stop().await;
    }
    let handed_over = ended?;
    let (counts, sync) = (engine.counts().await?, engine.sync_state().await?);
    let synced = Synced { counts, sync, handed_over };
    if args.watch && context.output.is_json() {
        // The last of the lines that were printed on the way.
        context.output.line(&synced);
    } else {
        context.output.result(&synced, || people(context, &synced));
    }
    Ok(exit(&synced))
}

/// Returns how the command ended: nothing got through to the scheduler that refused, or some of it
/// did, or a person is needed.
fn exit(synced: &Synced) -> Exit {
    let done = synced.handed_over.clone().unwrap_or_default();
    let wanting = synced.counts.needs_you + synced.counts.without_account;
    let is_blocked = synced.sync.blockers.iter().any(|it| it.needs_person && it.posts > 0);
    match (done.refused, done.published) {
        (1.., 0) => Exit::Failed,
        (0, _) if wanting == 0 && done.failed == 0 && !is_blocked => Exit::Done,
        _ => Exit::Partly,
    }
}

/// Hands over what is inside the horizon, and brings results back, once.
async fn once(
    context: &Context,
    engine: &Engine,
    local: Option<&Local>,
    try_now: bool,
) -> Result<HandedOver, Failure> {
    engine.flush_outbox().await?;
    if try_now {
        engine.try_now().await?;
    }
    let handed_over = engine.sync().await?;
    if local.is_some() {
        context.output.say(
            "Relay and scheduler end with this command: posts go out while `roost sync --watch` or \
             the window runs.",
        );
    }
    Ok(handed_over)
}

/// Keeps doing so until something ends it.
async fn watch(
    context: &Context,
    engine: &Engine,
    local: Option<&Local>,
    args: &Sync,
) -> Result<(), Failure> {
    let stop = CancellationToken::new();
    match (engine.flush_outbox().await, local) {
        (Ok(()), Some(local)) => local.release(),
        (Ok(()), None) => {}
        // A relay elsewhere may be down now and up later; one in here has to work.
        (Err(error), Some(_)) => return Err(error.into()),
        (Err(error), None) => context.output.say(&error.to_string()),
    }
    let running = {
        let (engine, stop) = (engine.clone(), stop.clone());
        tokio::spawn(async move { engine.run(stop).await })
    };
    let hint = if args.until_done { "ends when no post is open" } else { "Ctrl-C ends it" };
    context.output.say(&format!("Watching; {hint}."));
    let ended = tokio::select! {
        () = interrupted() => Ok(()),
        stopped = stopped(local) => Err(Failure::work("local", stopped.to_string())),
        () = stdin_closed(), if args.exit_with_stdin => Ok(()),
        done = all_done(context, engine, args.until_done) => done,
    };
    stop.cancel();
    match running.await {
        Ok(Ok(())) => ended,
        Ok(Err(error)) => Err(error.into()),
        Err(error) => Err(Failure::work("internal", error.to_string())),
    }
}

/// Tells how far it is, now and then; returns when no post is open, if that was asked for.
async fn all_done(context: &Context, engine: &Engine, until_done: bool) -> Result<(), Failure> {
    let mut changes = engine.changes();
    let mut told = String::new();
    let mut tell_at = Instant::now();
    let mut blockers = Told::default();
    let mut pairing = Pairing::new(context);
    loop {
        pairing.follow(context, engine).await;
        let counts = engine.counts().await?;
        let state = engine.sync_state().await?;
        blockers.news(&state.blockers).iter().for_each(|line| context.output.say(line));
        // A decision on its way opens a post again.
        // Nobody can post what has no account: waiting for that would never end.
        let nothing_open = counts.open <= counts.without_account;
        let done = until_done && nothing_open && state.intentions == 0;
        let summary = summary(&counts);
        if summary != told && !done && Instant::now() >= tell_at {
            context.output.say(&summary);
            told = summary;
            tell_at = Instant::now() + TELL_EVERY;
        }
        tell_notices(context, engine).await?;
        if done {
            return Ok(());
        }
        // A change, or a while: whichever comes first. A missed change is found by the look.
        let look_at = Instant::now() + LOOK_EVERY;
        while Instant::now() < look_at
            && tokio::time::timeout(PAIRING_LOOK_EVERY, changes.next()).await.is_err()
        {
            pairing.follow(context, engine).await;
        }
        tokio::time::sleep(GATHER).await;
        while changes.try_next().is_some() {}
    }
}

/// Tells what the person was not told yet, each on its own line as it comes: in words on standard
/// error, where that a post is on X stands in the counts already; with `--json` as one document a line.
async fn tell_notices(context: &Context, engine: &Engine) -> Result<(), Failure> {
    loop {
        let notices = engine.take_notices().await?;
        if notices.is_empty() {
            return Ok(());
        }
        for notice in &notices {
            if context.output.is_json() {
                context.output.line(&serde_json::json!({ "notice": notice }));
            } else if notice.kind != Status::Posted.as_str() {
                context.output.say(&notices::line(notice));
            }
        }
    }
}

fn summary(counts: &Counts) -> String {
    let parts: Vec<String> = counts
        .by_status
        .iter()
        .filter(|count| count.posts > 0 && count.status != Status::Draft)
        .map(|count| format!("{} {}", count.posts, count.status.label().to_lowercase()))
        .collect();
    if parts.is_empty() { "No posts.".to_owned() } else { parts.join(", ") }
}

fn people(context: &Context, synced: &Synced) -> String {
    let mut lines = vec![summary(&synced.counts)];
    lines.extend(synced.handed_over.as_ref().and_then(refused));
    if synced.counts.needs_you > 0 {
        lines.push(format::needs_you(synced.counts.needs_you));
    }
    lines.extend(synced.sync.blockers.iter().map(format::blocker));
    if !context.is_this_computer() {
        lines.push(format::safe_to_close(&synced.sync));
    }
    lines.join("\n")
}

/// Returns what was not handed over, and why; nothing when all was.
fn refused(done: &HandedOver) -> Option<String> {
    let message = done.message.as_deref().map(|message| format!(" {message}")).unwrap_or_default();
    if done.refused > 0 {
        let all = done.refused + done.published;
        return Some(format!(
            "The scheduler refused {} of {}.{message} They stay here and are tried again; the relay \
             posts what it holds by its own clock, about two minutes late.",
            done.refused,
            counted(all, "message", "messages")
        ));
    }
    (done.failed > 0).then(|| {
        let posts = counted(done.failed, "post was", "posts were");
        format!("{posts} not handed over.{message}")
    })
}

/// Returns when relay or scheduler in here works no more: whoever watches this program starts it
/// again, or tells the person.
async fn stopped(local: Option<&Local>) -> Stopped {
    let Some(local) = local else { return std::future::pending().await };
    let mut stopped = local.stopped();
    let told = stopped.wait_for(Option::is_some).await.ok().and_then(|told| told.clone());
    match told {
        Some(stopped) => stopped,
        None => std::future::pending().await,
    }
}

/// Ctrl-C, or the system's request to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            drop(tokio::signal::ctrl_c().await);
            return;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    drop(tokio::signal::ctrl_c().await);
}

/// Returns when nobody can write to standard input any more.
async fn stdin_closed() {
    let mut stdin = tokio::io::stdin();
    let mut chunk = [0; 256];
    while matches!(stdin.read(&mut chunk).await, Ok(read) if read > 0) {}
}
