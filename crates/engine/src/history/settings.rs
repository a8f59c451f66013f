//! Taking back changes of preferences and of weekly posting times.

use roost_core::id::XUserId;
use roost_store::{HistoryStep, Label, PostingSlots, Tx};

use super::words;
use crate::import::slots;
use crate::{EngineConfig, Error, Result, preferences};

/// Gives settings or posting times back what they were before `effect`, and notes that as `label`. Returns
/// what became of them, in words; none when the step changed neither.
pub(super) fn reverse(
    store: &mut Tx<'_>,
    config: &EngineConfig,
    change: Label,
    effect: &HistoryStep,
    label: Label,
) -> Result<Option<String>> {
    match change {
        Label::Settings => reverse_settings(store, config, effect, label).map(Some),
        Label::Slots => reverse_slots(store, effect, label).map(Some),
        _ => Ok(None),
    }
}

fn reverse_settings(
    store: &mut Tx<'_>,
    config: &EngineConfig,
    effect: &HistoryStep,
    label: Label,
) -> Result<String> {
    let Some((before, after)) = effect.before.as_ref().zip(effect.after.as_ref()) else {
        return Ok(nothing());
    };
    let now = preferences::of(store, config)?;
    let (wanted, kept) = preferences::taken_back(&now, before, after)?;
    let changed = preferences::keep(store, config, &wanted)?;
    let is_changed = changed.is_some();
    store.add_step(label, None, changed);
    let names: Vec<&str> = kept.iter().map(|field| words::setting(field)).collect();
    let message = match (is_changed, names.is_empty()) {
        (true, true) => "The settings are as before.".to_owned(),
        (true, false) => {
            format!("The settings are as before; changed since, and kept: {}.", names.join(", "))
        }
        (false, true) => "The settings are so already.".to_owned(),
        (false, false) => format!("Changed since, and kept: {}.", names.join(", ")),
    };
    Ok(message)
}

fn reverse_slots(store: &mut Tx<'_>, effect: &HistoryStep, label: Label) -> Result<String> {
    let Some((before, after)) = effect.before.as_ref().zip(effect.after.as_ref()) else {
        return Ok(nothing());
    };
    let account = XUserId(effect.subject.clone().unwrap_or_default());
    if store.account(&account)?.is_none() {
        return Ok("The account is not known any more.".to_owned());
    }
    let slots_of = |value: &serde_json::Value| {
        serde_json::from_value::<PostingSlots>(value.clone())
            .map_err(|error| Error::Internal(error.to_string()))
    };
    let now = store.posting_slots(&account)?;
    let is_as_after = now == slots_of(after)?;
    let changed = match is_as_after {
        true => slots::keep(store, &account, &slots_of(before)?)?,
        false => None,
    };
    store.add_step(label, Some(account.0), changed);
    Ok(match is_as_after {
        true => "The posting times are as before.",
        false => "The posting times were changed since, and are kept.",
    }
    .to_owned())
}

fn nothing() -> String {
    "Nothing of it was changed.".to_owned()
}
