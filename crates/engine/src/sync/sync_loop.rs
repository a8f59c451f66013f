//! The loop: hands over, pulls results, recovers. It ticks and compares wall clocks; it never
//! sleeps to a deadline, because timers stand still while a laptop sleeps.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::window::Window;
use roost_store::Watch;
use tokio_util::sync::CancellationToken;

use crate::diagnosis::file_check;
use crate::import::watched;
use crate::relay::{account_sync, pull, session};
use crate::state::{Activity, EngineState, backoff};
use crate::sync::removal::RemovalTask;
use crate::sync::run_lock::RunLock;
use crate::sync::unclean_end::UncleanEnd;
use crate::sync::{outbox, pass, prune, recover, scheduler_refusal, uploads};
use crate::{Error, Result, computer_move, daily_backup, horizon, series};

/// A wall clock that moved this much between two ticks: the computer slept, or was set.
const JUMP: Duration = Duration::from_secs(20);
/// Work is looked for this often even when nothing changed.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// The relay is asked how it is so often, when nothing else is to be told it.
const STATUS_EVERY: Duration = Duration::from_mins(1);
/// How long a planned end waits for the relay, at the most.
const FLUSH_MAX: Duration = Duration::from_secs(5);
/// Between two looks whether another process still runs for this store.
const TAKEOVER_LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long after a window's start results are asked for.
const RECOVER_AFTER: Duration = Duration::from_mins(30);

/// What the loop remembers from tick to tick.
struct SyncLoop {
    watch: Watch,
    /// The present window; none where it has to be asked for.
    window: Option<Window>,
    last_tick: UnixMillis,
    next_look: UnixMillis,
    /// When late posts are judged next, whether or not there is a relay.
    next_judgement: UnixMillis,
    /// When what is old is let go, next.
    next_prune: UnixMillis,
    /// When the relay is asked how it is, next.
    next_status: UnixMillis,
    /// When removals on X are looked for, next, and those that are under way.
    next_removal: UnixMillis,
    removals: RemovalTask,
    /// The window for which a pass was run, and the one for which results were asked for.
    passed_for: Option<Window>,
    recovered_for: Option<Window>,
    relay_was_down: bool,
    /// Passes in a row that left something undone; the next one waits the longer.
    failures: u32,
    /// Whether the last pass as a whole failed: then nothing can be asked for either.
    pass_failed: bool,
    /// The end of the loop before this one, when nobody planned it and nobody was told yet.
    unclean_end: Option<UncleanEnd>,
}

/// The same as [`run`], once no other process runs for this store: it takes over from one that ends,
/// however it does.
pub(crate) async fn run_when_free(engine: Arc<EngineState>, stop: CancellationToken) -> Result<()> {
    loop {
        match run(engine.clone(), stop.clone()).await {
            Err(Error::AlreadyRunning(_)) => {}
            ended => return ended,
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(TAKEOVER_LOOK_EVERY) => {}
        }
    }
}

/// Runs until `stop`.
pub(crate) async fn run(engine: Arc<EngineState>, stop: CancellationToken) -> Result<()> {
    let lock = RunLock::acquire(&engine.config.database)?;
    // Another process may have sent the store away before it let go of the lock.
    computer_move::refresh(&engine).await?;
    if let Some(trouble) = engine.moved_trouble() {
        return Err(Error::Withheld(trouble));
    }
    let before = engine.activity.begin(lock.file(), engine.now());
    let mut sync = SyncLoop::begin(&engine).await?;
    sync.unclean_end = UncleanEnd::of(&engine, before).await?;
    let results = tokio::spawn(pull_results(engine.clone(), stop.clone()));
    let watching = tokio::spawn(watched::run(engine.clone(), stop.clone()));
    let uploading = tokio::spawn(uploads::run(engine.clone(), stop.clone()));
    loop {
        let woken = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            () = engine.wake.notified() => true,
            () = engine.beat.next() => false,
        };
        let ticked = tokio::select! {
            biased;
            // What was begun may be dropped anywhere: each step may be done again.
            () = stop.cancelled() => break,
            ticked = sync.tick(&engine, woken) => ticked,
        };
        if let Err(error) = ticked {
            tracing::warn!(%error, "a tick failed");
        }
        sync.tell_unclean_end(&engine).await;
    }
    sync.removals.stop().await;
    drop(results.await);
    drop(watching.await);
    drop(uploading.await);
    flush_at_the_end(&engine).await;
    engine.activity.note(Activity::Stopped, engine.now());
    Ok(())
}

/// Tells the relay, within [`FLUSH_MAX`], what the person said last: a cancellation that waits on this
/// computer counts for nothing while that is off. What does not get through stays written down.
async fn flush_at_the_end(engine: &Arc<EngineState>) {
    let open = engine.read(|store| store.outbox_open()).await.unwrap_or_default();
    if open == 0 || engine.services().is_err() || engine.relay_is_shut() {
        return;
    }
    match tokio::time::timeout(FLUSH_MAX, pass::flush_outbox(engine)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "not everything could be told at the end"),
        Err(_) => tracing::warn!("not everything could be told in time at the end"),
    }
}

impl SyncLoop {
    async fn begin(engine: &EngineState) -> Result<Self> {
        let store = engine.store.clone();
        let watch = engine.blocking(move || Ok(store.watch()?)).await?;
        Ok(Self {
            watch,
            window: None,
            last_tick: engine.now(),
            next_look: engine.now(),
            next_judgement: engine.now(),
            next_prune: engine.now(),
            next_status: engine.now(),
            next_removal: engine.now(),
            removals: RemovalTask::default(),
            passed_for: None,
            recovered_for: None,
            relay_was_down: false,
            failures: 0,
            pass_failed: false,
            unclean_end: None,
        })
    }

    /// Tells of the end before, once what it left was checked again, or can't be checked now.
    async fn tell_unclean_end(&mut self, engine: &EngineState) {
        let is_checked = self.passed_for.is_some() && self.recovered_for.is_some();
        let can_check = engine.services().is_ok() && self.failures == 0;
        if let Some(end) = self.unclean_end.take_if(|_| is_checked || !can_check) {
            end.tell(engine, is_checked).await;
        }
    }

    async fn tick(&mut self, engine: &Arc<EngineState>, woken: bool) -> Result<()> {
        let now = engine.now();
        let jumped = now.since(self.last_tick).max(self.last_tick.since(now)) > JUMP;
        self.last_tick = now;
        let changed = self.watch.changed()?;
        if jumped || now >= self.next_judgement {
            self.next_judgement = now.plus(LOOK_EVERY);
            recover::judge_late(engine).await?;
            series::make::make_due(engine).await?;
            file_check::begin_if_due(engine);
            daily_backup::begin_if_due(engine);
        }
        // A clock that was set back does not put it off for longer than that.
        let is_prune_due = now >= self.next_prune || self.next_prune.since(now) > prune::EVERY;
        if is_prune_due && engine.health().is_own_clock_right(now) {
            self.next_prune = now.plus(prune::EVERY);
            prune::old(engine).await?;
        }
        engine.refresh_copied().await?;
        if engine.services().is_err() {
            return Ok(());
        }
        if woken || changed || jumped || now >= self.next_removal {
            self.next_removal = now.plus(LOOK_EVERY);
            self.removals.begin_if_due(engine).await?;
        }
        let window = self.present_window(engine, changed, now).await?;
        if let Some(reason) = self.reason(engine, window, woken, changed, jumped, now).await? {
            self.run_pass(engine, reason, window).await?;
        } else if jumped || now >= self.next_status {
            self.next_status = now.plus(STATUS_EVERY);
            // How it answers is noted, well or badly.
            drop(session::check_readiness(engine, &engine.services()?).await);
        }
        self.recover(engine, window, now).await
    }

    /// Returns the window that `now` lies in. It is read anew when it ends, and when something was written:
    /// the zone may be another.
    async fn present_window(
        &mut self,
        engine: &EngineState,
        changed: bool,
        now: UnixMillis,
    ) -> Result<Option<Window>> {
        let holds = |window: &Window| !changed && window.start <= now && now < window.end;
        if !self.window.is_some_and(|window| holds(&window)) {
            self.window = horizon::windows(engine).await?.first().copied();
        }
        Ok(self.window)
    }

    /// Why to run a pass now, if at all.
    async fn reason(
        &mut self,
        engine: &EngineState,
        window: Option<Window>,
        woken: bool,
        changed: bool,
        jumped: bool,
        now: UnixMillis,
    ) -> Result<Option<&'static str>> {
        let down = engine.relay_is_shut();
        let back = std::mem::replace(&mut self.relay_was_down, down) && !down;
        if jumped || back {
            self.recovered_for = None;
            engine.write("run.hurry", |store| Ok(store.outbox_hurry()?)).await?;
            return Ok(Some(if jumped { "wake" } else { "network" }));
        }
        if engine.health().scheduler_next_try.take_if(|next| *next <= now).is_some() {
            return Ok(Some("scheduler"));
        }
        let resting = self.failures > 0 && now < self.next_look;
        if resting && !woken {
            return Ok(None);
        }
        match (self.passed_for, window) {
            (None, _) => return Ok(Some("start")),
            (before, current) if before != current => return Ok(Some("window")),
            _ => {}
        }
        if !(woken || changed || now >= self.next_look) {
            return Ok(None);
        }
        self.next_look = now.plus(LOOK_EVERY);
        Ok(has_work(engine, now).await?.then_some("change"))
    }

    async fn run_pass(
        &mut self,
        engine: &Arc<EngineState>,
        reason: &'static str,
        window: Option<Window>,
    ) -> Result<()> {
        let passed = pass::run_pass(engine, reason).await;
        self.next_status = engine.now().plus(STATUS_EVERY);
        self.pass_failed = passed.is_err();
        let complete = passed.as_ref().is_ok_and(|done| done.failed == 0 && done.refused == 0);
        self.failures = if complete { 0 } else { self.failures.saturating_add(1) };
        let rest = if complete { LOOK_EVERY } else { backoff(self.failures) };
        self.next_look = engine.now().plus(rest);
        // A pass that failed is run again after a rest, not at every tick.
        let done = passed?;
        self.passed_for = window;
        if done.published > 0 {
            tracing::info!(reason, published = done.published, "handed over");
        }
        Ok(())
    }

    /// Asks for missing results: at the start, after a sleep, and half an hour into each window.
    async fn recover(
        &mut self,
        engine: &Arc<EngineState>,
        window: Option<Window>,
        now: UnixMillis,
    ) -> Result<()> {
        let Some(window) = window else { return Ok(()) };
        let first = self.recovered_for.is_none();
        let due = self.recovered_for != Some(window) && now >= window.start.plus(RECOVER_AFTER);
        // A post with a problem of its own keeps no other from its result.
        if self.pass_failed || !(first || due) {
            return Ok(());
        }
        recover::ask(engine, &engine.services()?).await?;
        // Limits change with the relay's configuration, and no event tells of that: what waits is judged
        // by them hours before its time.
        if let Err(error) = account_sync::refresh(engine, &engine.services()?).await {
            tracing::debug!(%error, "the accounts could not be read anew");
        }
        // Asked at the start, before this window's half hour: that is still to come.
        let early = now < window.start.plus(RECOVER_AFTER);
        self.recovered_for = Some(if early { Window { end: now, ..window } } else { window });
        Ok(())
    }
}

/// Whether anything waits to be handed over, told, or judged.
async fn has_work(engine: &EngineState, now: UnixMillis) -> Result<bool> {
    let end = horizon::end(engine).await?;
    let relay = engine.services()?.relay_public_url;
    let rests = scheduler_refusal::backs_off_until(engine).await?.is_some();
    // While the scheduler is left alone, what the relay has needs nothing.
    let staged = if rests { engine.staged().clone() } else { HashMap::new() };
    let limit = u32::try_from(staged.len()).unwrap_or(u32::MAX - 1) + 1;
    engine
        .read(move |store| {
            let due = store.due_for_handover(&relay, end, limit)?;
            Ok(due.iter().any(|post| staged.get(&post.id) != Some(&post.revision))
                || outbox::has_work(store, &relay, now)?
                || !store.overdue_here(now, 1)?.is_empty())
        })
        .await
}

/// Reads the relay's feed for as long as there is a relay.
async fn pull_results(engine: Arc<EngineState>, stop: CancellationToken) {
    let mut failures = 0;
    let mut services_changed = engine.services_changed();
    loop {
        let pulled = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            // Another relay: the poll of the old one is of no use.
            _ = services_changed.changed() => continue,
            pulled = pull_once(&engine) => pulled,
        };
        match pulled {
            Ok(()) => {
                if std::mem::take(&mut failures) > 0 {
                    engine.wake.notify_one();
                }
                continue;
            }
            Err(error) => {
                tracing::debug!(%error, "the feed could not be read");
                failures += 1;
            }
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = services_changed.changed() => {}
            () = tokio::time::sleep(backoff(failures - 1)) => {}
        }
    }
}

async fn pull_once(engine: &Arc<EngineState>) -> Result<()> {
    let services = engine.services()?;
    pull::pull(engine, &services, pull::LONG_POLL).await.map(drop)
}
