//! What happens to everybody: programs end, links break, clocks are set, X is out of order, a server's disk
//! is replaced by an older one.

use std::time::Duration;

use anyhow::Result;
use axum::body::Body;
use http::Request;
use roost_core::clock::UnixMillis;
use roost_core::status::Status;
use roost_x_sandbox::{Fault, FaultKind, On};
use serde_json::json;

use super::known::Known;
use super::network::Link;
use super::person::ZONES;
use super::process::Process;
use super::world::{HANDLES, QSTASH_TOKEN, World};

/// A program dies at one of so many points from here.
const POINTS_MAX: u64 = 60;
/// What X refuses with: for the account, the app and the post, for now and for good.
const REFUSALS: [&str; 9] = [
    "rate_limited",
    "unauthorized",
    "credits_depleted",
    "internal_error",
    "unavailable",
    "gateway_timeout",
    "automated",
    "daily_limit",
    "not_permitted",
];
const LINKS: [(&str, &str); 4] =
    [("desktop", "relay"), ("desktop", "scheduler"), ("scheduler", "relay"), ("relay", "x")];

/// Where the copies of the relay's ledger are.
#[derive(Debug, Default)]
pub(crate) struct Backups(Vec<String>);

/// Lets one thing happen.
pub(crate) async fn befall(world: &mut World, known: &Known, backups: &mut Backups) -> Result<()> {
    match world.shared.rng.below(100) {
        0..=19 => die_soon(world),
        20..=26 => end_now(world).await,
        27..=38 => break_link(world),
        39..=46 => world.shared.network.heal(),
        47..=50 => world.shared.network.break_per_mille(world.shared.rng.below(120)),
        51..=57 => sleep(world),
        58..=61 => set_clock(world),
        62..=74 => fail_x(world)?,
        75..=78 => rotate_keys(world).await,
        79..=81 => disconnect(world).await?,
        82..=86 => deliver_again(world, known).await,
        87..=88 => back_up(world, backups)?,
        89..=90 => change_clock_rules(world).await?,
        _ => restore(world, backups).await?,
    }
    Ok(())
}

fn die_soon(world: &World) {
    let points = world.shared.rng.below(POINTS_MAX);
    let process = match world.shared.rng.below(3) {
        0 => world.desktop.as_ref().map(|it| &it.process),
        1 => world.relay.as_ref().map(|it| &it.process),
        _ => world.scheduler.as_ref().map(|it| &it.process),
    };
    if let Some(process) = process {
        process.end_in(points);
    }
}

async fn end_now(world: &mut World) {
    match world.shared.rng.below(3) {
        0 => world.end_desktop().await,
        1 => world.end_relay().await,
        _ => world.end_scheduler().await,
    }
}

fn break_link(world: &World) {
    let rng = &world.shared.rng;
    let Some((from, to)) = rng.pick(&LINKS).copied() else { return };
    let links = [Link::Refused, Link::Silent, Link::LosesAnswers, Link::Busy];
    let mut link = rng.pick(&links).copied().unwrap_or_default();
    // Only QStash says that it is asked too often in these words.
    if link == Link::Busy && to != "scheduler" {
        link = Link::Refused;
    }
    world.shared.network.set(from, to, link);
}

/// Everything sleeps: a minute, or hours.
fn sleep(world: &World) {
    let rng = &world.shared.rng;
    let minutes = if rng.per_mille(300) { rng.below(300) } else { rng.below(20) };
    world.shared.trace.note(format_args!("everything sleeps for {minutes} minutes"));
    world.shared.time.skip(Duration::from_secs(60 * (minutes + 1)));
}

/// The desktop's clock is set, right or wrong: by seconds, an hour, a day, decades.
fn set_clock(world: &World) {
    let far = 40 * 365 * 86_400_000;
    let wrong = [0, 0, 0, 1_000, -1_000, 3_600_000, -3_600_000, 86_400_000, -86_400_000, far];
    let millis = world.shared.rng.pick(&wrong).copied().unwrap_or(0);
    world.shared.trace.note(format_args!("the desktop's clock is {millis} ms ahead"));
    world.desktop_clock.set_ahead(millis);
}

fn fail_x(world: &World) -> Result<()> {
    let rng = &world.shared.rng;
    let on = [
        On::Create,
        On::Create,
        On::Create,
        On::Timeline,
        On::Refresh,
        On::Me,
        On::Media,
        On::Media,
    ];
    let on = rng.pick(&on).copied().unwrap_or(On::Create);
    let mut fault = match rng.below(6) {
        0 => Fault::new(on, FaultKind::CutBefore),
        1 | 2 => Fault::new(on, FaultKind::CutAfter),
        3 if on == On::Timeline => Fault { millis: Some(90_000), ..Fault::new(on, FaultKind::Lag) },
        3 => Fault { millis: Some(2_000), processed: true, ..Fault::new(on, FaultKind::Slow) },
        _ if on == On::Refresh => Fault::named(on, "unavailable"),
        _ => Fault::named(on, rng.pick(&REFUSALS).copied().unwrap_or("unavailable")),
    };
    fault.count = Some(u32::try_from(1 + rng.below(2)).unwrap_or(1));
    world.shared.trace.note(format_args!("X: {:?} on {:?}", fault.kind, fault.on));
    world.x.arm(fault)?;
    Ok(())
}

/// The scheduler's keys are rolled; the relay learns of it at once, or not.
async fn rotate_keys(world: &mut World) {
    let request = Request::post("/v2/keys/rotate")
        .header("authorization", format!("Bearer {QSTASH_TOKEN}"))
        .body(Body::empty());
    let operator = Process::new("operator", &world.shared.rng, &world.shared.trace);
    let Ok(request) = request else { return };
    let patience = Duration::from_secs(10);
    drop(world.shared.network.exchange(&operator, "scheduler", request, patience).await);
    if world.shared.rng.per_mille(600) {
        world.follow_keys();
    }
}

/// A new release brings other clock rules for a zone: what was planned there was planned by those of
/// before, which gave the same instant for a time of day an hour away.
#[expect(clippy::disallowed_methods, reason = "an earlier release wrote what is written here")]
async fn change_clock_rules(world: &mut World) -> Result<()> {
    let rng = &world.shared.rng;
    let zone = rng.pick(&ZONES).copied().unwrap_or("UTC");
    let hour = rng.pick(&["-1 hour", "+1 hour"]).copied().unwrap_or("+1 hour");
    world.end_desktop().await;
    let store = rusqlite::Connection::open(world.path("roost.db"))?;
    let moved = store.execute(
        "UPDATE scheduled_post SET wall_time = datetime(wall_time, ?1)
         WHERE zone = ?2 AND wall_time IS NOT NULL AND status IN ('draft', 'pending', 'queued')",
        [hour, zone],
    )?;
    store.execute("UPDATE setting SET value = '\"2020a\"' WHERE key = 'tzdb_seen'", ())?;
    drop(store);
    world.shared.trace.note(format_args!("other clock rules for {moved} times in {zone}"));
    world.start_desktop()
}

/// X ends an account's sign-in; the person sees it and signs in again, or will.
async fn disconnect(world: &World) -> Result<()> {
    let handle = world.shared.rng.pick(&HANDLES).copied().unwrap_or(HANDLES[0]);
    world.x.disconnect(handle).await?;
    world.shared.trace.note(format_args!("@{handle} is disconnected"));
    if world.shared.rng.per_mille(500) {
        world.sign_in(handle).await?;
    }
    Ok(())
}

/// The scheduler delivers something once more, as if it had forgotten that it did.
async fn deliver_again(world: &World, known: &Known) {
    let rows = known.rows();
    let mut handed: Vec<_> = rows.iter().filter(|row| row.status != Status::Draft).collect();
    handed.retain(|row| row.scheduled_at.is_some_and(|at| at < world.now()));
    let Some(row) = world.shared.rng.pick(&handed) else { return };
    let body = json!({ "postId": row.id, "revision": row.revision }).to_string();
    let request = Request::post("/v2/publish/http://relay.example/api/qstash/post-tweet")
        .header("authorization", format!("Bearer {QSTASH_TOKEN}"))
        .header("content-type", "application/json")
        .body(Body::from(body));
    let Ok(request) = request else { return };
    let operator = Process::new("operator", &world.shared.rng, &world.shared.trace);
    let patience = Duration::from_secs(10);
    drop(world.shared.network.exchange(&operator, "scheduler", request, patience).await);
}

pub(crate) fn back_up(world: &World, backups: &mut Backups) -> Result<()> {
    let name = format!("backup-{}.db", backups.0.len());
    world.shared.trace.note(format_args!("the relay's ledger is copied: {name}"));
    world.back_relay_up(&name)?;
    backups.0.push(name);
    Ok(())
}

/// The relay's ledger is replaced by an older one.
async fn restore(world: &mut World, backups: &mut Backups) -> Result<()> {
    let Some(name) = world.shared.rng.pick(&backups.0).cloned() else {
        return back_up(world, backups);
    };
    // What the relay forgot, only the desktop can tell it; it may be off just then.
    if world.shared.rng.per_mille(600) {
        world.end_desktop().await;
    }
    world.end_relay().await;
    world.shared.trace.note(format_args!("the relay's ledger is replaced by {name}"));
    world.restore_relay(&name)?;
    world.start_relay()
}

/// Returns the instants at which lives begin: some shortly before a country's clocks are changed.
pub(crate) fn beginning(number: u64) -> UnixMillis {
    let seconds = [
        1_792_886_400, // 2026-10-25 00:00 UTC: Europe goes back at 01:00.
        1_793_507_400, // 2026-11-01 04:30 UTC: New York goes back at 06:00.
        1_805_583_600, // 2027-03-21 07:00 UTC.
        1_806_102_000, // 2027-03-27 23:00 UTC: Europe goes forward at 01:00.
        1_791_041_400, // 2026-10-03 15:30 UTC: Lord Howe goes forward by half an hour.
        1_798_750_800, // 2026-12-31 21:00 UTC.
    ];
    UnixMillis::from_seconds(seconds[usize::try_from(number).unwrap_or(0) % seconds.len()])
}
