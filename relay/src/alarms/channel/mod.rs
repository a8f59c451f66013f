//! One message on its way through one channel.

mod mail;
mod webhook;

use roost_core::alarm::{Message, digest};
use roost_core::clock::UnixMillis;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::incidents::{Due, Incidents};
use crate::alarm_settings::{Channel, Way};
use crate::rows::alarm::Incident;

/// A message, and what a program reads of it.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    /// The same when the same is sent again: whoever got it twice can tell.
    pub(super) id: String,
    pub(super) message: Message,
    pub(super) at: UnixMillis,
    pub(super) data: Value,
}

impl Letter {
    /// Returns what is due; none when nothing is.
    pub(super) fn of(
        incidents: &Incidents,
        due: &Due,
        channel: &str,
        relay: &str,
        at: UnixMillis,
    ) -> Option<Self> {
        if *due == Due::default() {
            return None;
        }
        let message = digest(relay, &incidents.said(&due.began), &incidents.said(&due.over));
        let of = |incident: &&Incident| {
            json!({
                "kind": incident.kind.as_str(),
                "line": incident.line,
                "began_at": incident.began_at.0,
                "over_at": incident.over_at.map(|at| at.0),
            })
        };
        let list = |ids: &[i64]| incidents.get(ids).iter().map(of).collect::<Vec<_>>();
        let (began, over) = (list(&due.began), list(&due.over));
        let key = format!("{relay} {channel} {:?} {:?}", due.began, due.over);
        let more = json!({ "began": began, "over": over });
        Some(Self::build("roost.alarms", &key, message, relay, at, &more))
    }

    /// Returns a test.
    pub(super) fn test(message: &Message, relay: &str, at: UnixMillis) -> Self {
        let key = format!("test {}", at.0);
        Self::build("roost.test", &key, message.clone(), relay, at, &json!({}))
    }

    /// Returns what tells of the posts of a day.
    pub(super) fn posted(message: &Message, day: &str, relay: &str, at: UnixMillis) -> Self {
        let key = format!("{relay} posted {day}");
        Self::build("roost.posted", &key, message.clone(), relay, at, &json!({ "day": day }))
    }

    fn build(
        kind: &str,
        key: &str,
        message: Message,
        relay: &str,
        at: UnixMillis,
        more: &Value,
    ) -> Self {
        let hash = Sha256::digest(key.as_bytes());
        let id: String = hash[..12].iter().map(|byte| format!("{byte:02x}")).collect();
        let mut data = json!({
            "type": kind,
            "relay": relay,
            "at": at.0,
            "subject": message.subject,
            "text": message.text,
        });
        if let (Some(data), Some(more)) = (data.as_object_mut(), more.as_object()) {
            data.extend(more.clone());
        }
        Self { id: format!("msg_{id}"), message, at, data }
    }
}

/// Sends a letter through a channel.
///
/// # Errors
/// Why it was not taken, in a sentence without any secret.
pub(super) async fn send(channel: &Channel, letter: &Letter) -> Result<(), String> {
    match &channel.way {
        Way::Mail(to) => mail::send(to, letter).await,
        Way::Webhook(to) => webhook::send(to, letter).await,
    }
}
