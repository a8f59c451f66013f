//! An edit that came too late: the row shows again what the relay sends.

use roost_core::duplicate::content_hash;
use roost_core::id::Revision;
use roost_core::status::Actor;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Post;
use crate::error::Error;
use crate::store::Tx;
use crate::table::Part;

impl Tx<'_> {
    /// `post` with the text, the parts, the time and the account that it had at `revision`: edits
    /// above it never reached X. The receipt keeps them.
    pub(super) fn as_sent(&mut self, post: &Post, revision: Revision) -> Result<Post, Error> {
        let mut sent = post.clone();
        let mut parts: Option<Vec<Part>> = None;
        for event in self.events(post.id)?.into_iter().rev() {
            if event.revision <= revision {
                break;
            }
            let Some(old) = event.before else { continue };
            if let Some(content) = field(&old, "content")? {
                sent.content = content;
                sent.content_hash = content_hash(&sent.content).0;
            }
            if let Some(cost) = field(&old, "cost_micros")? {
                sent.cost_micros = cost;
            }
            if let Some(schedule) = field(&old, "schedule")? {
                sent.schedule = schedule;
            }
            if let Some(account) = field(&old, "account")? {
                sent.account = account;
            }
            parts = field(&old, "parts")?.or(parts);
        }
        if let Some(parts) = parts {
            self.edit_parts(&sent, &parts, Actor::Relay)?;
        }
        Ok(sent)
    }
}

/// A field of an event, when the event changed it.
fn field<T: DeserializeOwned>(event: &Value, name: &str) -> Result<Option<T>, Error> {
    Ok(event.get(name).cloned().map(serde_json::from_value).transpose()?)
}
