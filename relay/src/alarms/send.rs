//! Telling each channel once, and again later what it did not take.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::zone::{WallTime, resolve, wall_time_of};
use rusqlite::Connection;

use super::channel::{self, Letter};
use super::incidents::{Due, Incidents};
use crate::alarm_settings::{Alarms, Channel, Way, minute_of_day};
use crate::rows::alarm;
use crate::shared::Shared;

/// A channel that took nothing rests for this long, and twice as long each time.
const REST_FIRST: Duration = Duration::from_secs(30);
const REST_MAX: Duration = Duration::from_secs(60 * 60);

/// How a channel fares.
#[derive(Debug, Default)]
struct Rest {
    until: Option<UnixMillis>,
    failures: u32,
}

/// Sends to the channels.
#[derive(Debug)]
pub(super) struct Senders {
    alarms: Alarms,
    relay: String,
    rests: HashMap<String, Rest>,
    /// Channels that were told of the posts of a day.
    posted_told: (String, HashSet<String>),
}

impl Senders {
    pub(super) fn new(alarms: &Alarms, relay: String) -> Self {
        let posted_told = (String::new(), HashSet::new());
        Self { alarms: alarms.clone(), relay, rests: HashMap::new(), posted_told }
    }

    /// Tells every channel what it is to be told, all at once.
    pub(super) async fn tell(&mut self, shared: &Shared, incidents: &mut Incidents) {
        let now = shared.now();
        if self.alarms.is_quiet(now) {
            return;
        }
        let letters: Vec<(&Channel, Due, Letter)> = self
            .alarms
            .channels
            .iter()
            .filter(|channel| !self.rests_at(&channel.name, now))
            .filter_map(|channel| {
                let due = incidents.due(&channel.name, &self.alarms, now);
                let letter = Letter::of(incidents, &due, &channel.name, &self.relay, now)?;
                Some((channel, due, letter))
            })
            .collect();
        let sends = letters.iter().map(|(channel, _, letter)| channel::send(channel, letter));
        let sent = futures::future::join_all(sends).await;
        let told: Vec<_> = letters
            .into_iter()
            .zip(sent)
            .map(|((channel, due, _), sent)| (channel.name.clone(), due, sent))
            .collect();
        for (channel, due, sent) in told {
            self.note(shared, &channel, &sent);
            if sent.is_ok() {
                incidents.note_told(&channel, &due);
            }
        }
    }

    fn rests_at(&self, channel: &str, now: UnixMillis) -> bool {
        let until = self.rests.get(channel).and_then(|rest| rest.until);
        // A rest that is far ahead was set by a clock that was wrong.
        until.is_some_and(|until| now < until && until.since(now) <= REST_MAX)
    }

    fn note(&mut self, shared: &Shared, channel: &str, sent: &Result<(), String>) {
        let now = shared.now();
        shared.alarms.note(channel, now, sent);
        let rest = self.rests.entry(channel.to_owned()).or_default();
        match sent {
            Ok(()) => {
                shared.metrics.alarms_sent.add(1);
                *rest = Rest::default();
            }
            Err(why) => {
                shared.metrics.alarms_refused.add(1);
                if rest.failures == 0 {
                    tracing::warn!(
                        channel,
                        "an alarm could not be sent, and is tried again: {why}"
                    );
                }
                let longer = REST_FIRST * 2_u32.saturating_pow(rest.failures.min(10));
                rest.failures += 1;
                rest.until = Some(now.plus(longer.min(REST_MAX)));
            }
        }
    }

    /// Tells by mail, once a day, which posts went out the day before.
    pub(super) async fn tell_posted(&mut self, shared: &Shared) {
        let (now, zone) = (shared.now(), &self.alarms.zone);
        let Some(at_minute) = self.alarms.posted_at_minute else { return };
        let midnight = wall_time_of(now, zone).at_time_of_day(0, 0, 0);
        let before = midnight.and_then(|midnight| midnight.plus_days(-1));
        let (Some(midnight), Some(before)) = (midnight, before) else { return };
        let day = before.date();
        if minute_of_day(now, zone) < at_minute || self.alarms.is_quiet(now) {
            return;
        }
        let (from, until) = (self.instant(&before), self.instant(&midnight));
        let known = shared.read("alarms.posted", move |c| {
            Ok((alarm::posted_told(c)?, posted_between(c, from, until)?))
        });
        let Ok((told, posted)) = known.await else { return };
        if told.as_deref() == Some(day.as_str()) {
            return;
        }
        if self.posted_told.0 != day {
            self.posted_told = (day.clone(), HashSet::new());
        }
        let all = posted.is_empty() || self.mail_posted(shared, &day, &posted).await;
        if all {
            let told = day.clone();
            let noted =
                shared.database.write("alarms.posted", move |c| alarm::note_posted_told(c, &told));
            let _ = noted.await;
        }
    }

    /// Returns whether every mail channel has it.
    async fn mail_posted(&mut self, shared: &Shared, day: &str, posted: &[(String, u64)]) -> bool {
        let now = shared.now();
        let message = roost_core::alarm::posted(&self.relay, day, posted);
        let is_mail = |channel: &&Channel| matches!(channel.way, Way::Mail(_));
        let mails: Vec<Channel> = self.alarms.channels.iter().filter(is_mail).cloned().collect();
        let mut all = true;
        for channel in mails {
            if self.posted_told.1.contains(&channel.name) {
                continue;
            }
            if self.rests_at(&channel.name, now) {
                all = false;
                continue;
            }
            let letter = Letter::posted(&message, day, &self.relay, now);
            let sent = channel::send(&channel, &letter).await;
            self.note(shared, &channel.name, &sent);
            match sent {
                Ok(()) => drop(self.posted_told.1.insert(channel.name)),
                Err(_) => all = false,
            }
        }
        all
    }

    fn instant(&self, wall: &WallTime) -> UnixMillis {
        resolve(wall, &self.alarms.zone).instant
    }
}

/// How many posts went out between two instants, by the account's handle.
fn posted_between(
    connection: &Connection,
    from: UnixMillis,
    until: UnixMillis,
) -> rusqlite::Result<Vec<(String, u64)>> {
    connection
        .prepare_cached(
            "SELECT ifnull(username, account), count(*) FROM post
               LEFT JOIN account ON x_user_id = account
              WHERE posted_at >= ?1 AND posted_at < ?2 AND state = 'posted'
              GROUP BY 1 ORDER BY 1",
        )?
        .query_map([from.0, until.0], |row| {
            let username: Option<String> = row.get(0)?;
            Ok((username.unwrap_or_default(), row.get::<_, u32>(1)?.into()))
        })?
        .collect()
}
