//! One life: operations in random order, a look after each, a rest in which everything works again, and the
//! judgement.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use roost_core::id::{PostId, draw_ids_from};
use roost_core::status::Status;
use roost_engine::Engine;
use roost_engine::view::PostRow;
use roost_scheduler::draw_message_ids_from;

use super::judge::judge;
use super::known::Known;
use super::misfortune::{self, Backups};
use super::network::Network;
use super::observer;
use super::person::{Person, settle_clock_rules};
use super::rng::Rng;
use super::time::Time;
use super::trace::Trace;
use super::world::{HANDLES, Shared, World};

/// Between two operations, at most, by timers.
const BETWEEN_MAX_MS: u64 = 14_000;
/// Of a thousand operations so many are a person's.
const PERSONS_PER_MILLE: u64 = 620;
/// Before so many steps of a thousand the relay's ledger is copied, as a server does by itself.
const BACKUPS_PER_MILLE: u64 = 120;
/// Between two looks while everything comes to rest, by timers.
const REST: Duration = Duration::from_secs(4);
/// So often is looked whether everything has come to rest.
const RESTS_MAX: u32 = 400;
/// Nothing happens for longer than that: clocks may go on by themselves.
const SKIP: Duration = Duration::from_secs(8 * 60);
/// No person plans so far ahead here, not even across all skips.
const FAR_AHEAD: Duration = Duration::from_hours(365 * 24);

/// Which life.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// What everything random is drawn from.
    pub(crate) seed: u64,
    /// How many operations there are before everything comes to rest.
    pub(crate) operations: u32,
    /// Whether the trace is kept in words.
    pub(crate) keeps_trace: bool,
}

/// What became of a life.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Which one it was.
    pub(crate) seed: u64,
    /// How many operations there were.
    pub(crate) operations: u32,
    /// What must not have been, in words.
    pub(crate) violations: Vec<String>,
    /// A hash of everything that happened, in order.
    pub(crate) trace_hash: u64,
    /// What happened, where it was to be kept.
    pub(crate) trace: Vec<String>,
}

/// Lives one life, on this thread.
///
/// # Errors
/// When the machine gives no folder, or a part can't be started.
pub(crate) fn run(options: Options) -> Result<Outcome> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    let ids = Rng::new(options.seed ^ 0x5eed);
    draw_ids_from(Some(Box::new(move || ids.bytes())));
    let message_ids = Rng::new(options.seed ^ 0x0b5e_55ed);
    draw_message_ids_from(Some(Box::new(move || message_ids.bytes())));
    let outcome = runtime.block_on(Box::pin(live(options)));
    // What ended programs left waits for ever; it goes with the runtime.
    drop(runtime);
    draw_ids_from(None);
    draw_message_ids_from(None);
    outcome.with_context(|| format!("seed {}", options.seed))
}

async fn live(options: Options) -> Result<Outcome> {
    let rng = Arc::new(Rng::new(options.seed));
    let time = Arc::new(Time::at(misfortune::beginning(rng.below(6))));
    let trace = Arc::new(Trace::new(Arc::clone(&time), options.keeps_trace));
    let network = Network::new(&rng, &trace);
    let shared = Shared { rng, trace: Arc::clone(&trace), time, network };
    let mut world = Box::pin(World::begin(shared)).await?;
    let (mut known, mut violations) = (Known::default(), Vec::new());
    let mut backups = Backups::default();
    for _ in 0..options.operations {
        Box::pin(step(&mut world, &mut known, &mut backups, &mut violations)).await?;
    }
    Box::pin(come_to_rest(&mut world, &mut known, &mut violations)).await?;
    Box::pin(judge(&world, &known, &mut violations)).await?;
    violations.iter().for_each(|violation| trace.note(format_args!("VIOLATION {violation}")));
    Ok(Outcome {
        seed: options.seed,
        operations: options.operations,
        violations,
        trace_hash: trace.hash(),
        trace: trace.lines(),
    })
}

async fn step(
    world: &mut World,
    known: &mut Known,
    backups: &mut Backups,
    violations: &mut Vec<String>,
) -> Result<()> {
    if world.relay.is_some() && world.shared.rng.per_mille(BACKUPS_PER_MILLE) {
        misfortune::back_up(world, backups)?;
    }
    // What is down stays so for a while.
    if world.bury().await && world.shared.rng.per_mille(500) {
        world.revive().await?;
    }
    if world.shared.rng.per_mille(PERSONS_PER_MILLE) {
        Box::pin(Person { world, known, violations }.act()).await;
    } else {
        Box::pin(misfortune::befall(world, known, backups)).await?;
    }
    observer::look(world, known, violations).await?;
    let millis = world.shared.rng.below(BETWEEN_MAX_MS);
    tokio::time::sleep(Duration::from_millis(millis)).await;
    observer::look(world, known, violations).await?;
    Ok(())
}

/// Everything works again, everything is resumed and signed in, and time goes on until every post has an end.
async fn come_to_rest(
    world: &mut World,
    known: &mut Known,
    violations: &mut Vec<String>,
) -> Result<()> {
    world.shared.trace.note("everything comes to rest");
    world.shared.network.heal();
    world.x.disarm(None);
    world.desktop_clock.set_ahead(0);
    for program in [
        world.desktop.as_ref().map(|it| &it.process),
        world.relay.as_ref().map(|it| &it.process),
        world.scheduler.as_ref().map(|it| &it.process),
    ] {
        program.into_iter().for_each(|process| process.spare());
    }
    world.revive().await?;
    world.follow_keys();
    let (mut is_resumed, mut are_rules_settled) = (false, false);
    for number in 0..RESTS_MAX {
        tokio::time::sleep(REST).await;
        if !is_resumed {
            is_resumed = resume(world).await;
        }
        if !are_rules_settled {
            are_rules_settled = settle_clock_rules(world, false).await.is_some();
        }
        sign_in_where_needed(world).await?;
        observer::look(world, known, violations).await?;
        cancel_far_ahead(world, known).await;
        let rows = known.rows();
        if is_resumed && are_rules_settled && number > 2 && rows.iter().all(is_at_rest) {
            return Ok(());
        }
        let next = rows.iter().filter(|row| !is_at_rest(row)).filter_map(next_event).min();
        if next.is_some_and(|next| next > world.now().plus(SKIP).0) {
            world.shared.time.skip(SKIP - Duration::from_secs(90));
        }
    }
    Ok(())
}

fn is_at_rest(row: &PostRow) -> bool {
    row.waiting_for.is_none() && (row.status.is_decided() || row.status == Status::Draft)
}

/// When something happens with a post next, as far as the person is told.
fn next_event(row: &PostRow) -> Option<i64> {
    row.until.or(row.scheduled_at).map(|at| at.0)
}

async fn resume(world: &World) -> bool {
    let mut all = world.ask("resume", |it| async move { it.set_paused(false, None).await }).await;
    for handle in HANDLES {
        let resumed =
            world.ask("resume", |it| async move { it.set_paused(false, Some(handle)).await }).await;
        all = all.and(resumed);
    }
    all.is_some()
}

/// Cancels what stands decades ahead, as a person does who reads the year: it was scheduled for now while
/// the desktop's clock was wrong, before the desktop could know.
async fn cancel_far_ahead(world: &World, known: &Known) {
    let latest = world.now().plus(FAR_AHEAD);
    let far = |row: &PostRow| !is_at_rest(row) && row.scheduled_at.is_some_and(|at| at > latest);
    let ids: Vec<PostId> = known.rows().iter().filter(|row| far(row)).map(|row| row.id).collect();
    if !ids.is_empty() {
        let asked = move |engine: Engine| async move { engine.cancel(&ids).await };
        drop(world.ask("cancel what is decades ahead", asked).await);
    }
}

async fn sign_in_where_needed(world: &World) -> Result<()> {
    let accounts = world.ask("accounts", |it| async move { it.refresh_accounts().await }).await;
    for account in accounts.into_iter().flatten() {
        if account.health != roost_relay_api::AccountHealth::Connected {
            world.sign_in(&account.username).await?;
        }
    }
    Ok(())
}
