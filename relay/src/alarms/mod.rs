//! Alarms: the relay looks at itself and tells people, also while every computer is off.
//!
//! `look` says what is wrong at a moment, `incidents` makes troubles of it that begin and end, and
//! `send` tells each channel once. What a channel could not be told is told later, with whatever came
//! meanwhile; a channel that takes nothing holds no other up.

mod channel;
mod incidents;
mod look;
mod recent;
mod send;

use std::sync::Arc;

use roost_core::alarm::Message;
use roost_core::clock::UnixMillis;
use roost_relay_api::{AlarmChannel, AlarmTest, AlarmsStatus, OpenAlarm};

use crate::alarm_settings::Channel;
use crate::config::Config;
use crate::rows::alarm::{self, Incident};
use crate::shared::Shared;
use incidents::Incidents;
use recent::{Counts, Recent};
use send::Senders;

/// Looks and tells until the relay stops.
pub(crate) async fn run(shared: Arc<Shared>) {
    let alarms = shared.config.alarms.clone();
    if alarms.channels.is_empty() {
        return shared.stopping.cancelled().await;
    }
    let mut senders = Senders::new(&alarms, relay_name(&shared));
    let mut recent = Recent::default();
    let mut incidents = load(&shared).await;
    let mut ledger_error = None;
    while !shared.stopping.is_cancelled() {
        let now = shared.now();
        recent.note(now, Counts::of(&shared.metrics));
        let looked = look::look(&shared, &alarms, &recent).await;
        say_of_ledger(&mut ledger_error, looked.ledger_error.as_deref());
        incidents.take(looked, &alarms, now);
        keep(&shared, &mut incidents, now).await;
        senders.tell(&shared, &mut incidents).await;
        senders.tell_posted(&shared).await;
        keep(&shared, &mut incidents, now).await;
        shared.alarms.set_open(incidents.open().map(open_alarm).collect());
        tokio::select! {
            () = tokio::time::sleep(alarms.look_every) => {}
            () = shared.stopping.cancelled() => {}
        }
    }
}

fn open_alarm(incident: &Incident) -> OpenAlarm {
    OpenAlarm {
        kind: incident.kind.as_str().to_owned(),
        line: incident.line.clone(),
        since: incident.began_at,
    }
}

/// Says in the log that alarms are blind, when that begins.
fn say_of_ledger(before: &mut Option<String>, now: Option<&str>) {
    if before.as_deref() != now {
        if let Some(error) = now {
            tracing::error!(%error, "the alarms can't read the ledger");
        }
        *before = now.map(str::to_owned);
    }
}

/// What an earlier process knew. Should it not be readable, a trouble may be told once more.
async fn load(shared: &Shared) -> Incidents {
    let since = shared.now().minus(std::time::Duration::from_secs(3 * 24 * 60 * 60));
    let loaded =
        shared.read("alarms.load", move |c| Ok((alarm::load(c, since)?, alarm::last_id(c)?)));
    loaded.await.map_or_else(|_| Incidents::default(), |(all, last_id)| Incidents::of(all, last_id))
}

/// Keeps what changed. A database that can't be written is a trouble itself, and keeps nobody from being
/// told of it: what is not kept now is kept later.
async fn keep(shared: &Shared, incidents: &mut Incidents, now: UnixMillis) {
    let unkept = incidents.unkept();
    if !unkept.is_empty() {
        let kept = shared.database.write("alarms", move |c| {
            unkept.iter().try_for_each(|incident| alarm::keep(c, incident))
        });
        if kept.await.is_err() {
            return;
        }
    }
    incidents.note_kept(&shared.config.alarms, now);
}

/// What messages call this relay.
fn relay_name(shared: &Shared) -> String {
    let first = shared.config.public_urls.first();
    first.map_or("on this computer".to_owned(), |url| url.as_str().trim_end_matches('/').to_owned())
}

/// Returns where messages go, and what stands now. No address is in it: it may carry a secret.
pub(crate) fn status(shared: &Shared) -> AlarmsStatus {
    let of = |channel: &Channel| {
        let fared = shared.alarms.of(&channel.name);
        AlarmChannel {
            name: channel.name.clone(),
            way: channel.way.name().to_owned(),
            last_sent_at: fared.last_sent_at,
            last_error: fared.last_error,
        }
    };
    let channels = shared.config.alarms.channels.iter().map(of).collect();
    AlarmsStatus { channels, open: shared.alarms.open() }
}

/// Sends a test through every channel, at once and whatever the hour. Returns what became of each.
pub(crate) async fn send_test(shared: &Shared) -> Vec<AlarmTest> {
    let message = roost_core::alarm::test(&relay_name(shared));
    let tests =
        shared.config.alarms.channels.iter().map(|channel| test_one(shared, channel, &message));
    futures::future::join_all(tests).await
}

async fn test_one(shared: &Shared, channel: &Channel, message: &Message) -> AlarmTest {
    let now = shared.now();
    let sent =
        channel::send(channel, &channel::Letter::test(message, &relay_name(shared), now)).await;
    shared.alarms.note(&channel.name, now, &sent);
    AlarmTest { channel: channel.name.clone(), error: sent.err() }
}

/// Sends a test without a running relay: for the command line.
///
/// # Errors
/// When there is no channel.
pub async fn send_test_of(config: &Config, now: UnixMillis) -> Vec<(String, Result<(), String>)> {
    let first = config.public_urls.first();
    let relay = first.map_or_else(String::new, |url| url.as_str().trim_end_matches('/').to_owned());
    let message = roost_core::alarm::test(&relay);
    let letter = channel::Letter::test(&message, &relay, now);
    let mut told = Vec::new();
    for channel in &config.alarms.channels {
        told.push((channel.name.clone(), channel::send(channel, &letter).await));
    }
    told
}
