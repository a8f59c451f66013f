//! What a file begins with: one to fill in, and words that make a language model write one.

use std::path::PathBuf;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::limits::{Limits, Subscription};
use roost_core::zone::Zone;
use roost_import::format::Format;
use roost_import::prompt::{PromptFor, prompt};
use roost_import::surroundings::{KnownAccount, Surroundings};
use roost_import::template::{FORMATS, Template, template};

use super::session::desk;
use super::{rejects, surroundings};
use crate::api::{GetImportPrompt, GetImportTemplate, ImportPrompt, ImportTemplate};
use crate::open_import::refused;
use crate::state::{EngineState, blocking};
use crate::{Error, Result, accounts};

/// For whom a file is written.
struct Writer {
    now: UnixMillis,
    zone: Zone,
    account: Option<KnownAccount>,
    /// The limits where the account has none of its own.
    limits: Limits,
}

impl Writer {
    fn handle(&self) -> Option<&str> {
        self.account.as_ref().map(|account| account.username.as_str())
    }

    /// Returns the characters that a post of the account may have, as X counts them.
    fn length(&self) -> u32 {
        let subscription =
            self.account.as_ref().map_or(Subscription::None, |account| account.subscription);
        let limits = self.account.as_ref().and_then(|account| account.limits.as_ref());
        limits.unwrap_or(&self.limits).length_for(subscription)
    }
}

/// Returns a file to fill in, with times that lie ahead.
pub(crate) async fn file(
    state: &EngineState,
    format: Format,
    zone: Option<String>,
    account: Option<String>,
) -> Result<Template> {
    let writer = writer(state, zone, account).await?;
    let made = template(format, writer.now, &writer.zone, writer.handle());
    let made = made.ok_or_else(|| {
        let named: Vec<_> = FORMATS.iter().map(|format| format.as_str()).collect();
        let message = format!(
            "There is no template of the format {}; there is one of {}.",
            format.label(),
            named.join(", ")
        );
        refused(Code::BadRequest, message)
    })?;
    made.map_err(|error| Error::Internal(error.to_string()))
}

/// Returns a file to fill in as a text, or writes it where the person wants it.
pub(crate) async fn get_template(
    state: &EngineState,
    asked: GetImportTemplate,
) -> Result<ImportTemplate> {
    let GetImportTemplate { format, path, zone, account } = asked;
    let Template { file_name, bytes } = file(state, format, zone, account).await?;
    let file_name = file_name.to_owned();
    let Some(path) = path else {
        // A workbook is no text.
        return Ok(ImportTemplate { file_name, text: String::from_utf8(bytes).ok(), path: None });
    };
    let path = saved(path, bytes).await?;
    Ok(ImportTemplate { file_name, text: None, path: Some(path) })
}

async fn saved(path: PathBuf, bytes: Vec<u8>) -> Result<PathBuf> {
    blocking(move || rejects::save(&path, &bytes).map(|()| path)).await
}

/// Returns words for a language model.
pub(crate) async fn get_prompt(
    state: &EngineState,
    asked: GetImportPrompt,
) -> Result<ImportPrompt> {
    let wanted = asked.zone.clone();
    let writer = writer(state, asked.zone, asked.account).await?;
    let slots = writer.account.as_ref().map_or(&[][..], |account| account.slots.as_slice());
    let own = writer.account.as_ref().and_then(|account| account.zone.as_ref());
    // Posting times stand on the clocks of the account's zone, and mean nothing on others.
    let is_own_zone = wanted.is_none() || own.is_none_or(|own| *own == writer.zone);
    let text = prompt(PromptFor {
        now: writer.now,
        zone: &writer.zone,
        account: writer.handle(),
        length: writer.length(),
        slots: if is_own_zone { slots } else { &[] },
    });
    Ok(ImportPrompt { text, zone: writer.zone.name().to_owned() })
}

/// Returns for whom a file is: the account that is named, or the only one that is connected; on the clocks
/// of the zone that is named, or of the account's posting times, or of the settings.
async fn writer(
    state: &EngineState,
    zone: Option<String>,
    account: Option<String>,
) -> Result<Writer> {
    let id = match account {
        Some(name) => Some(accounts::named(state, &name).await?),
        None => None,
    };
    let desk = desk(state);
    blocking(move || {
        let (around, _) = surroundings::read(&desk.store, &desk.config, desk.now)?;
        let Surroundings { now, zone: of_settings, accounts, limits, .. } = around;
        let mut connected = accounts.iter().filter(|account| account.connected);
        let account = match &id {
            Some(id) => accounts.iter().find(|account| account.id == *id),
            None => connected.next().filter(|_| connected.next().is_none()),
        };
        let account = account.cloned();
        let of_account = account.as_ref().and_then(|account| account.zone.clone());
        let zone = match zone {
            Some(name) => Zone::parse(&name)?,
            None => of_account.unwrap_or(of_settings),
        };
        Ok(Writer { now, zone, account, limits })
    })
    .await
}
