//! `roost settings`

use roost_engine::{Preferences, WhenDisconnected};

use crate::args::{Settings, WhenDisconnectedArg};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Exit, counted};

pub(crate) async fn run(context: &Context, args: Settings) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
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
    if let Some(windows) = args.horizon {
        preferences.horizon_windows = windows;
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
    [
        format!("Zone                       {}", preferences.zone),
        format!("Handed over ahead          {}", counted(windows, "window", "windows")),
        format!("Posts that come too late   {late}"),
        format!("An account that must sign in again   {disconnected}"),
    ]
    .join("\n")
}
