//! `roost settings`

use roost_engine::api::ChangeSettings;
use roost_engine::{Preferences, WhenDisconnected};

use crate::args::{Settings, WhenDisconnectedArg};
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::output::{Exit, counted};

const BYTES_PER_MEGABYTE: u64 = 1_000_000;

pub(crate) async fn run(context: &Context, args: Settings) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    if args.horizon.is_some() || args.travel || args.no_travel || args.plan_delay_days.is_some() {
        let change = ChangeSettings {
            horizon_windows: args.horizon,
            travel: args.travel.then_some(true).or(args.no_travel.then_some(false)),
            plan_delay_days: args.plan_delay_days,
            ..ChangeSettings::default()
        };
        engine.change_settings(change).await?;
    }
    let before = engine.preferences().await?;
    let wanted = changed(before.clone(), args);
    if wanted != before {
        engine.set_preferences(wanted).await?;
    }
    let now = engine.preferences().await?;
    context.output.result(&now, || people(&now));
    Ok(Exit::Done)
}

fn changed(mut preferences: Preferences, args: Settings) -> Preferences {
    if let Some(zone) = args.zone {
        preferences.zone = zone;
    }
    if let Some(minutes) = args.late_minutes {
        preferences.late.post_within_minutes = Some(minutes);
    }
    if let Some(what) = args.when_disconnected {
        preferences.when_disconnected = match what {
            WhenDisconnectedArg::Hold => WhenDisconnected::Hold,
            WhenDisconnectedArg::Cancel => WhenDisconnected::Cancel,
        };
    }
    if args.no_watched_folder {
        preferences.watched_folder = None;
    } else if args.watched_folder.is_some() {
        preferences.watched_folder = args.watched_folder;
    }
    let Settings { post_price, link_price, alt_text_price, collision_minutes, .. } = args;
    let prices = &mut preferences.prices;
    prices.plain = post_price.unwrap_or(prices.plain);
    prices.with_link = link_price.unwrap_or(prices.with_link);
    prices.alt_text = alt_text_price.unwrap_or(prices.alt_text);
    if let Some(megabytes) = args.backup_megabytes {
        preferences.backup_bytes_max = megabytes * BYTES_PER_MEGABYTE;
    }
    preferences.collision_minutes = collision_minutes.unwrap_or(preferences.collision_minutes);
    preferences
}

fn people(preferences: &Preferences) -> String {
    let windows = u64::from(preferences.horizon_windows);
    let late = preferences.late.post_within_minutes.map_or_else(
        || "they go out, however late".to_owned(),
        |minutes| {
            let minutes = counted(u64::from(minutes), "minute", "minutes");
            format!("they go out up to {minutes} late; after that you are asked")
        },
    );
    let disconnected = match preferences.when_disconnected {
        WhenDisconnected::Hold => "its posts wait until you sign in again",
        WhenDisconnected::Cancel => "its pending posts are cancelled",
    };
    let prices = preferences.prices;
    let watched = match &preferences.watched_folder {
        Some(folder) => folder.display().to_string(),
        None => "none".to_owned(),
    };
    let collision = match preferences.collision_minutes {
        0 => "an import does not warn of them".to_owned(),
        minutes => {
            let minutes = counted(u64::from(minutes), "minute", "minutes");
            format!("an import warns of those less than {minutes} apart")
        }
    };
    [
        format!("Zone                       {}", preferences.zone),
        format!(
            "Handed over ahead          {}; the scheduler's plan takes {}",
            counted(windows, "window", "windows"),
            counted(u64::from(preferences.plan_delay_days), "day", "days")
        ),
        format!("Posts that come too late   {late}"),
        format!("An account that must sign in again   {disconnected}"),
        format!(
            "X charges                  {} a post, {} with a link, {} a description",
            prices.plain, prices.with_link, prices.alt_text
        ),
        format!("Watched folder             {watched}"),
        format!("Posts close to each other  {collision}"),
        format!(
            "Starts at login            {}",
            if preferences.start_at_login { "yes, hidden" } else { "no" }
        ),
        format!(
            "Backups take               {} at most",
            format::size(preferences.backup_bytes_max)
        ),
    ]
    .join("\n")
}
