//! A series over weeks, with the shipped relay and scheduler and the sandbox's ledger, while this computer
//! is off for some of them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use roost_core::clock::UnixMillis;
use roost_core::id::draw_ids_from;
use roost_core::post::Content;
use roost_core::zone::{WallTime, Zone, resolve};
use roost_engine::api::{ChangeSettings, NewSeries};
use roost_scheduler::draw_message_ids_from;

use super::network::Network;
use super::rng::Rng;
use super::time::Time;
use super::trace::Trace;
use super::world::{HANDLES, Shared, World};

/// Clocks of the zone change within the weeks of the series.
const ZONE: &str = "Europe/Berlin";
const BEGINS: &str = "2027-03-13 12:00";
/// The Sundays on which it goes out; clocks go forward on the third.
const SUNDAYS: [&str; 6] =
    ["2027-03-14", "2027-03-21", "2027-03-28", "2027-04-04", "2027-04-11", "2027-04-18"];
const TIME_OF_DAY: &str = "09:00";
/// Of these the computer sleeps over so many, beginning with the third: that of the change is among them.
const ASLEEP: std::ops::Range<usize> = 2..4;
/// Before and after each time everything runs for so long, by wall clocks.
const AROUND: Duration = Duration::from_mins(12);

/// What X was asked for, and when, in the order in which it came.
pub(crate) struct Sent {
    pub(crate) text: String,
    pub(crate) at: UnixMillis,
}

/// Returns the times at which the series is to go out.
pub(crate) fn expected() -> Vec<UnixMillis> {
    SUNDAYS.map(|day| instant(&format!("{day} {TIME_OF_DAY}"))).to_vec()
}

fn instant(wall: &str) -> UnixMillis {
    let zone = Zone::parse(ZONE).expect("a zone");
    resolve(&WallTime::parse(wall).expect("a time"), &zone).instant
}

/// Lives through the weeks. Returns all that X was asked for.
pub(crate) fn weeks() -> Result<Vec<Sent>> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    let (ids, message_ids) = (Rng::new(17), Rng::new(71));
    draw_ids_from(Some(Box::new(move || ids.bytes())));
    draw_message_ids_from(Some(Box::new(move || message_ids.bytes())));
    let sent = runtime.block_on(Box::pin(live()));
    drop(runtime);
    draw_ids_from(None);
    draw_message_ids_from(None);
    sent
}

async fn live() -> Result<Vec<Sent>> {
    let rng = Arc::new(Rng::new(5));
    let time = Arc::new(Time::at(instant(BEGINS)));
    let trace = Arc::new(Trace::new(Arc::clone(&time), false));
    let network = Network::new(&rng, &trace);
    let mut world = Box::pin(World::begin(Shared { rng, trace, time, network })).await?;
    let travel = ChangeSettings {
        travel: Some(true),
        plan_delay_days: Some(30),
        ..ChangeSettings::default()
    };
    let asked = |engine: roost_engine::Engine| async move { engine.change_settings(travel).await };
    world.ask("travel mode", asked).await.context("travel mode")?;
    let series = NewSeries {
        variants: ["tea", "coffee", "water"].map(|text| Content::of_texts([text])).to_vec(),
        rule: "every week".to_owned(),
        first: format!("{} {TIME_OF_DAY}", SUNDAYS[0]),
        zone: Some(ZONE.to_owned()),
        account: Some(HANDLES[0].to_owned()),
        ..NewSeries::default()
    };
    let asked = |engine: roost_engine::Engine| async move { engine.create_series(series).await };
    world.ask("a series", asked).await.context("a series")?;
    for (number, at) in expected().into_iter().enumerate() {
        if number == ASLEEP.start {
            world.end_desktop().await;
        }
        if number == ASLEEP.end {
            world.start_desktop()?;
        }
        let until = at.minus(AROUND);
        let left = until.since(world.now());
        world.shared.time.skip(left);
        run_until(&world, at.plus(AROUND)).await;
    }
    let ledger = world.x.ledger(0, 10_000).await?;
    let asked = ledger
        .into_iter()
        .filter_map(|entry| Some(Sent { text: entry.text?, at: UnixMillis(entry.arrived_at) }));
    Ok(asked.collect())
}

/// Lets timers run until clocks show `end`.
async fn run_until(world: &World, end: UnixMillis) {
    while world.now() < end {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
