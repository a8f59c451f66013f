//! The loop: hands over, pulls results, recovers. It ticks and compares wall clocks; it never
//! sleeps to a deadline, because timers stand still while a laptop sleeps.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::window::Window;
use roost_store::{PostEvent, Watch};
use tokio_util::sync::CancellationToken;

use crate::inner::{Inner, backoff, blocking};
use crate::{
    Change, Error, Result, contact, file_check, handover, horizon, outbox, prune, recover, results,
    scheduler,
};

/// Between two looks at the clock and at what other processes wrote.
const TICK: Duration = Duration::from_secs(1);
/// A wall clock that moved this much between two ticks: the computer slept, or was set.
const JUMP: Duration = Duration::from_secs(20);
/// Work is looked for this often even when nothing changed.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// The relay is asked how it is so often, when nothing else is to be told it.
const STATUS_EVERY: Duration = Duration::from_mins(1);
/// How long after a window's start results are asked for.
const RECOVER_AFTER: Duration = Duration::from_mins(30);
/// Events looked at in one tick; beyond that listeners read everything anew.
const EVENTS: u32 = 1000;

/// What the loop remembers from tick to tick.
struct Loop {
    watch: Watch,
    /// The last event that listeners were told of.
    told: i64,
    last_tick: UnixMillis,
    next_look: UnixMillis,
    /// When late posts are judged next, whether or not there is a relay.
    next_judgement: UnixMillis,
    /// When what is old is let go, next.
    next_prune: UnixMillis,
    /// When the relay is asked how it is, next.
    next_status: UnixMillis,
    /// The window for which a turn was taken, and the one for which results were asked for.
    turned_for: Option<Window>,
    recovered_for: Option<Window>,
    relay_was_down: bool,
    /// Turns in a row that left something undone; the next one waits the longer.
    failures: u32,
    /// Whether the last turn as a whole failed: then nothing can be asked for either.
    turn_failed: bool,
}

/// Runs until `stop`.
pub(crate) async fn run(inner: Arc<Inner>, stop: CancellationToken) -> Result<()> {
    let _alone = alone(&inner.config.database)?;
    let mut state = Loop::begin(&inner).await?;
    let results = tokio::spawn(pull_results(inner.clone(), stop.clone()));
    loop {
        let rung = tokio::select! {
            () = stop.cancelled() => break,
            () = inner.wake.notified() => true,
            () = tokio::time::sleep(TICK) => false,
        };
        let ticked = tokio::select! {
            // What was begun may be dropped anywhere: each step may be done again.
            () = stop.cancelled() => break,
            ticked = state.tick(&inner, rung) => ticked,
        };
        if let Err(error) = ticked {
            tracing::warn!(%error, "a tick failed");
        }
    }
    drop(results.await);
    Ok(())
}

/// Two loops over one store would hand over twice: harmless, and a waste. The second is refused.
pub(crate) fn alone(database: &Path) -> Result<File> {
    let path = database.with_extension("running");
    let unusable = |error| Error::Internal(format!("{} can't be used: {error}", path.display()));
    let mark = roost_store::open_private(&path).map_err(unusable)?;
    match mark.try_lock() {
        Ok(()) => Ok(mark),
        Err(TryLockError::WouldBlock) => Err(Error::AlreadyRunning(database.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

impl Loop {
    async fn begin(inner: &Inner) -> Result<Self> {
        let store = inner.store.clone();
        let watch = blocking(move || Ok(store.watch()?)).await?;
        let told = inner.read(|store| store.last_event()).await?;
        Ok(Self {
            watch,
            told,
            last_tick: inner.now(),
            next_look: inner.now(),
            next_judgement: inner.now(),
            next_prune: inner.now(),
            next_status: inner.now(),
            turned_for: None,
            recovered_for: None,
            relay_was_down: false,
            failures: 0,
            turn_failed: false,
        })
    }

    async fn tick(&mut self, inner: &Arc<Inner>, rung: bool) -> Result<()> {
        let now = inner.now();
        let jumped = now.since(self.last_tick).max(self.last_tick.since(now)) > JUMP;
        self.last_tick = now;
        let changed = self.watch.changed()?;
        if changed {
            self.tell_changes(inner).await?;
        }
        if jumped || now >= self.next_judgement {
            self.next_judgement = now.plus(LOOK_EVERY);
            recover::judge_late(inner).await?;
            file_check::begin_if_due(inner);
        }
        // A clock that was set back does not put it off for longer than that.
        if now >= self.next_prune || self.next_prune.since(now) > prune::EVERY {
            self.next_prune = now.plus(prune::EVERY);
            prune::old(inner).await?;
        }
        inner.look_whether_copied().await?;
        if inner.services().is_err() {
            return Ok(());
        }
        let window = horizon::windows(inner).await?.first().copied();
        if let Some(reason) = self.reason(inner, window, rung, changed, jumped, now).await? {
            self.turn(inner, reason, window).await?;
        } else if jumped || now >= self.next_status {
            self.next_status = now.plus(STATUS_EVERY);
            // How it answers is noted, well or badly.
            drop(contact::examine(inner, &inner.services()?).await);
        }
        self.recover(inner, window, now).await
    }

    /// Why to take a turn now, if at all.
    async fn reason(
        &mut self,
        inner: &Inner,
        window: Option<Window>,
        rung: bool,
        changed: bool,
        jumped: bool,
        now: UnixMillis,
    ) -> Result<Option<&'static str>> {
        let down = inner.relay_is_shut();
        let back = std::mem::replace(&mut self.relay_was_down, down) && !down;
        if jumped || back {
            self.recovered_for = None;
            inner.write("run.hurry", |store| Ok(store.outbox_hurry()?)).await?;
            return Ok(Some(if jumped { "wake" } else { "network" }));
        }
        if inner.heard().scheduler_next_try.take_if(|next| *next <= now).is_some() {
            return Ok(Some("scheduler"));
        }
        let resting = self.failures > 0 && now < self.next_look;
        if resting && !rung {
            return Ok(None);
        }
        match (self.turned_for, window) {
            (None, _) => return Ok(Some("start")),
            (before, current) if before != current => return Ok(Some("window")),
            _ => {}
        }
        if !(rung || changed || now >= self.next_look) {
            return Ok(None);
        }
        self.next_look = now.plus(LOOK_EVERY);
        Ok(has_work(inner, now).await?.then_some("change"))
    }

    async fn turn(
        &mut self,
        inner: &Arc<Inner>,
        reason: &'static str,
        window: Option<Window>,
    ) -> Result<()> {
        let turned = handover::turn(inner, reason).await;
        self.next_status = inner.now().plus(STATUS_EVERY);
        self.turn_failed = turned.is_err();
        let whole = turned.as_ref().is_ok_and(|done| done.failed == 0 && done.refused == 0);
        self.failures = if whole { 0 } else { self.failures.saturating_add(1) };
        let rest = if whole { LOOK_EVERY } else { backoff(self.failures) };
        self.next_look = inner.now().plus(rest);
        // A turn that failed is taken again after a rest, not at every tick.
        let done = turned?;
        self.turned_for = window;
        if done.published > 0 {
            tracing::info!(reason, published = done.published, "handed over");
        }
        Ok(())
    }

    /// Asks for missing results: at the start, after a sleep, and half an hour into each window.
    async fn recover(
        &mut self,
        inner: &Arc<Inner>,
        window: Option<Window>,
        now: UnixMillis,
    ) -> Result<()> {
        let Some(window) = window else { return Ok(()) };
        let first = self.recovered_for.is_none();
        let due = self.recovered_for != Some(window) && now >= window.start.plus(RECOVER_AFTER);
        // A post with a problem of its own keeps no other from its result.
        if self.turn_failed || !(first || due) {
            return Ok(());
        }
        recover::ask(inner, &inner.services()?).await?;
        // Asked at the start, before this window's half hour: that is still to come.
        let early = now < window.start.plus(RECOVER_AFTER);
        self.recovered_for = Some(if early { Window { end: now, ..window } } else { window });
        Ok(())
    }

    /// Tells listeners what was written, by this process or another.
    async fn tell_changes(&mut self, inner: &Inner) -> Result<()> {
        let after = self.told;
        let events: Vec<PostEvent> =
            inner.read(move |store| store.events_after(after, EVENTS)).await?;
        let Some(last) = events.last() else {
            inner.tell(Change::Sync);
            return Ok(());
        };
        self.told = last.seq;
        if events.len() == EVENTS as usize {
            // Too much to name; the newest event is where to go on from.
            self.told = inner.read(|store| store.last_event()).await?;
            inner.tell(Change::Everything);
            return Ok(());
        }
        let mut ids: Vec<PostId> = events.iter().map(|event| event.post_id).collect();
        ids.sort_unstable();
        ids.dedup();
        inner.tell(Change::Posts(ids));
        Ok(())
    }
}

/// Whether anything waits to be handed over, told, or judged.
async fn has_work(inner: &Inner, now: UnixMillis) -> Result<bool> {
    let end = horizon::end(inner).await?;
    let relay = inner.services()?.relay_public_url;
    let rests = scheduler::rests_until(inner).await?.is_some();
    // While the scheduler is left alone, what the relay has needs nothing.
    let staged = if rests { inner.staged().clone() } else { HashMap::new() };
    let limit = u32::try_from(staged.len()).unwrap_or(u32::MAX - 1) + 1;
    inner
        .read(move |store| {
            let due = store.due_for_handover(&relay, end, limit)?;
            Ok(due.iter().any(|post| staged.get(&post.id) != Some(&post.revision))
                || outbox::has_work(store, &relay, now)?
                || !store.overdue_here(now, 1)?.is_empty())
        })
        .await
}

/// Reads the relay's feed for as long as there is a relay.
async fn pull_results(inner: Arc<Inner>, stop: CancellationToken) {
    let mut failures = 0;
    let mut services_changed = inner.services_changed();
    loop {
        let pulled = tokio::select! {
            () = stop.cancelled() => return,
            // Another relay: the poll of the old one is of no use.
            _ = services_changed.changed() => continue,
            pulled = pull_once(&inner) => pulled,
        };
        match pulled {
            Ok(()) => {
                if std::mem::take(&mut failures) > 0 {
                    inner.wake.notify_one();
                }
                continue;
            }
            Err(error) => {
                tracing::debug!(%error, "the feed could not be read");
                failures += 1;
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            _ = services_changed.changed() => {}
            () = tokio::time::sleep(backoff(failures - 1)) => {}
        }
    }
}

async fn pull_once(inner: &Arc<Inner>) -> Result<()> {
    let services = inner.services()?;
    results::pull(inner, &services, results::LONG_POLL).await.map(drop)
}
