//! What the person prefers, and whom this store belongs to.

use std::path::{Path, PathBuf};

use roost_core::cost::{MicroDollars, Prices};
use roost_core::failure::Code;
use roost_core::post::LatePolicy;
use roost_core::zone::Zone;
use roost_import::choices::Choices;
use roost_store::{
    BACKUP_BYTES_MAX, BACKUP_BYTES_MAX_DEFAULT, Error as StoreError, Label, Read, Tx,
};
use serde_json::{Map, Value};

use crate::open_import::refused;
use crate::state::EngineState;
use crate::{Change, EngineConfig, Error, Preferences, Result};

pub(crate) const ZONE: &str = "zone";
const HORIZON: &str = "horizon_windows";
const LATE: &str = "late";
pub(crate) const WHEN_DISCONNECTED: &str = "when_disconnected";
const WATCHED_FOLDER: &str = "watched_folder";
const COLLISION_MINUTES: &str = "collision_minutes";
const COLLISION_MINUTES_MAX: u32 = 24 * 60;
pub(crate) const X_API_BASE: &str = "x_api_base";
const START_AT_LOGIN: &str = "start_at_login";
const MONTH_BUDGET: &str = "month_budget_micros";
/// The most that a month's budget may be: a million dollars. What is more was mistyped.
const MONTH_BUDGET_MAX: MicroDollars = MicroDollars(1_000_000_000_000);
/// The longest delay of QStash's free plan, in days. Other plans take messages up to a year ahead.
const PLAN_DELAY_DAYS_DEFAULT: u32 = 7;
const PLAN_DELAY_DAYS_MAX: u32 = 365;
const PLAN_DELAY_DAYS: &str = "plan_delay_days";
const WINDOWS_A_DAY: u32 = 4;
/// Windows that are handed over unless a person chooses otherwise.
pub(crate) const HORIZON_DEFAULT: u32 = 5;

/// X's own addresses; any other is a sandbox.
const X_HOSTS: [&str; 2] = ["api.x.com", "api.twitter.com"];

/// What is in force: the configuration's word, else the store's, else the default.
pub(crate) async fn get(engine: &EngineState) -> Result<Preferences> {
    let config = engine.config.clone();
    engine.read(move |store| of(store, &config)).await
}

/// The same within a transaction.
pub(crate) fn of(
    store: &Read<'_>,
    config: &EngineConfig,
) -> std::result::Result<Preferences, StoreError> {
    let zone = zone_of(store, config)?;
    let days = store.setting(PLAN_DELAY_DAYS)?.unwrap_or(PLAN_DELAY_DAYS_DEFAULT);
    let horizon = config.horizon_windows.or(store.setting(HORIZON)?);
    Ok(Preferences {
        zone,
        horizon_windows: horizon.unwrap_or(HORIZON_DEFAULT).clamp(1, horizon_max(days)),
        plan_delay_days: days,
        late: config.late.or(store.setting::<LatePolicy>(LATE)?).unwrap_or_default(),
        when_disconnected: store.setting(WHEN_DISCONNECTED)?.unwrap_or_default(),
        prices: store.prices()?,
        collision_minutes: collision_minutes(store)?,
        watched_folder: watched_folder(store)?,
        backup_bytes_max: store.setting(BACKUP_BYTES_MAX)?.unwrap_or(BACKUP_BYTES_MAX_DEFAULT),
        start_at_login: store.setting(START_AT_LOGIN)?.unwrap_or_default(),
        notices: store.notice_channels()?,
        month_budget_micros: store.setting(MONTH_BUDGET)?,
    })
}

/// Returns the name of the zone in which the person thinks.
pub(crate) fn zone_of(
    store: &Read<'_>,
    config: &EngineConfig,
) -> std::result::Result<String, StoreError> {
    if let Some(zone) = &config.zone {
        return Ok(zone.clone());
    }
    let chosen = store.setting(ZONE)?.or_else(|| config.default_zone.clone());
    Ok(chosen.unwrap_or_else(|| Zone::default().name().to_owned()))
}

/// Returns how close to each other posts of an account may be before an import warns, in minutes.
pub(crate) fn collision_minutes(store: &Read<'_>) -> std::result::Result<u32, StoreError> {
    Ok(store.setting(COLLISION_MINUTES)?.unwrap_or(Choices::default().collision_minutes))
}

/// Returns the folder whose files are opened as imports; none when none is.
pub(crate) fn watched_folder(store: &Read<'_>) -> std::result::Result<Option<PathBuf>, StoreError> {
    store.setting(WATCHED_FOLDER)
}

/// Returns the folder that is to be watched, by its whole path. One that is newly chosen has to be there.
async fn watched_of(engine: &EngineState, wanted: Option<PathBuf>) -> Result<Option<PathBuf>> {
    let before = engine.read(watched_folder).await?;
    let Some(wanted) = wanted.filter(|path| !path.as_os_str().is_empty()) else { return Ok(None) };
    if before.as_ref() == Some(&wanted) {
        return Ok(before);
    }
    engine.blocking(move || whole_path(&wanted).map(Some)).await
}

/// Returns the whole path of a folder that is there. Blocking.
fn whole_path(folder: &Path) -> Result<PathBuf> {
    let unreadable = |reason: &str| {
        let message = format!("{} can't be watched: {reason}.", folder.display());
        refused(Code::FileUnreadable, message)
    };
    std::fs::read_dir(folder).map_err(|error| unreadable(&error.to_string()))?;
    let path = std::path::absolute(folder).map_err(|error| unreadable(&error.to_string()))?;
    if path.to_str().is_none() {
        return Err(unreadable("its name holds what is no text"));
    }
    Ok(path)
}

/// Returns the windows of the longest horizon: what reaches beyond the scheduler's longest delay would be
/// refused by it.
pub(crate) const fn horizon_max(plan_delay_days: u32) -> u32 {
    plan_delay_days * WINDOWS_A_DAY
}

/// Refuses a horizon beyond the scheduler's longest delay.
fn check_horizon(preferences: &Preferences) -> Result<()> {
    let days = preferences.plan_delay_days;
    if !(1..=PLAN_DELAY_DAYS_MAX).contains(&days) {
        let message = format!(
            "The longest delay of a scheduler's plan is 1 to {PLAN_DELAY_DAYS_MAX} days: 7 on \
             QStash's free plan."
        );
        return Err(refused(Code::BadRequest, message));
    }
    let max = horizon_max(days);
    if !(1..=max).contains(&preferences.horizon_windows) {
        let message = format!(
            "The scheduler's plan takes messages at most {days} days ahead, which are {max} windows \
             of six hours: hand over 1 to {max} windows."
        );
        return Err(refused(Code::BadRequest, message));
    }
    Ok(())
}

/// Refuses a price that is none, and minutes beyond a day.
fn check(preferences: &Preferences) -> Result<()> {
    if !preferences.prices.are_valid() {
        let message = format!("A price is an amount from $0 to {}.", Prices::MAX);
        return Err(refused(Code::BadRequest, message));
    }
    if preferences.collision_minutes > COLLISION_MINUTES_MAX {
        let message =
            format!("Posts that are close: 0 to {COLLISION_MINUTES_MAX} minutes, which is a day.");
        return Err(refused(Code::BadRequest, message));
    }
    let budgets = 0..=MONTH_BUDGET_MAX.0;
    if preferences.month_budget_micros.is_some_and(|budget| !budgets.contains(&budget)) {
        let message = format!("A month's budget is an amount from $0 to {MONTH_BUDGET_MAX}.");
        return Err(refused(Code::BadRequest, message));
    }
    if i64::try_from(preferences.backup_bytes_max).is_err() {
        let message = "Backups can't take as much as that: no disk has it.".to_owned();
        return Err(refused(Code::BadRequest, message));
    }
    Ok(())
}

/// Keeps what the person prefers.
pub(crate) async fn set(engine: &EngineState, preferences: Preferences) -> Result<()> {
    Zone::parse(&preferences.zone)?;
    let folder = watched_of(engine, preferences.watched_folder.clone()).await?;
    let preferences = Preferences { watched_folder: folder, ..preferences };
    let config = engine.config.clone();
    engine
        .write("preferences.set", move |store| {
            let change = keep(store, &config, &preferences)?;
            if let Some((before, after)) = change {
                store.add_step(Label::Settings, None, Some((before, after)));
            }
            Ok(())
        })
        .await?;
    engine.publish(Change::Everything);
    engine.wake.notify_one();
    Ok(())
}

/// Keeps preferences, whose folder is there, within a transaction. Returns what differs, as it was and as
/// it is: objects of the fields of [`Preferences`].
pub(crate) fn keep(
    store: &mut Tx<'_>,
    config: &EngineConfig,
    preferences: &Preferences,
) -> Result<Option<(Value, Value)>> {
    let zone = Zone::parse(&preferences.zone)?;
    check(preferences)?;
    check_horizon(preferences)?;
    let before = of(store, config)?;
    store.save_setting(ZONE, zone.name())?;
    store.save_setting(HORIZON, &preferences.horizon_windows)?;
    store.save_setting(PLAN_DELAY_DAYS, &preferences.plan_delay_days)?;
    store.save_setting(LATE, &preferences.late)?;
    store.save_setting(WHEN_DISCONNECTED, &preferences.when_disconnected)?;
    store.save_prices(&preferences.prices)?;
    store.save_setting(COLLISION_MINUTES, &preferences.collision_minutes)?;
    store.save_setting(BACKUP_BYTES_MAX, &preferences.backup_bytes_max)?;
    store.save_setting(START_AT_LOGIN, &preferences.start_at_login)?;
    store.save_notice_channels(&preferences.notices)?;
    match preferences.month_budget_micros {
        Some(budget) => store.save_setting(MONTH_BUDGET, &budget)?,
        None => store.remove_setting(MONTH_BUDGET)?,
    }
    match &preferences.watched_folder {
        Some(folder) => store.save_setting(WATCHED_FOLDER, folder)?,
        None => store.remove_setting(WATCHED_FOLDER)?,
    }
    difference(&before, &of(store, config)?)
}

/// Returns the fields in which preferences differ, as they were and as they are.
fn difference(before: &Preferences, after: &Preferences) -> Result<Option<(Value, Value)>> {
    let (mut was, mut is) = (object(before)?, object(after)?);
    let same: Vec<String> = was
        .iter()
        .filter(|(key, value)| is.get(*key) == Some(value))
        .map(|it| it.0.clone())
        .collect();
    for key in same {
        was.remove(&key);
        is.remove(&key);
    }
    Ok((!is.is_empty()).then(|| (was.into(), is.into())))
}

fn object(preferences: &Preferences) -> Result<Map<String, Value>> {
    match serde_json::to_value(preferences) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Error::Internal("preferences are no object".to_owned())),
    }
}

/// Returns preferences with the fields of `before` in place of those that are still as `after` says, and
/// the names of those that are not.
pub(crate) fn taken_back(
    now: &Preferences,
    before: &Value,
    after: &Value,
) -> Result<(Preferences, Vec<String>)> {
    let mut fields = object(now)?;
    let mut kept = Vec::new();
    for (key, value) in before.as_object().into_iter().flatten() {
        // A field that this release does not know can't be given back.
        match fields.get_mut(key) {
            Some(field) if Some(&*field) == after.get(key) => *field = value.clone(),
            Some(field) if field == value => {}
            _ => kept.push(key.clone()),
        }
    }
    let broken = |error: serde_json::Error| Error::Internal(error.to_string());
    let mut preferences: Preferences =
        serde_json::from_value(Value::Object(fields)).map_err(broken)?;
    if preferences.watched_folder != now.watched_folder
        && let Some(folder) = &preferences.watched_folder
        && whole_path(folder).is_err()
    {
        preferences.watched_folder.clone_from(&now.watched_folder);
        kept.push(WATCHED_FOLDER.to_owned());
    }
    Ok((preferences, kept))
}

/// The zone in which the person thinks.
pub(crate) async fn zone(engine: &EngineState) -> Result<Zone> {
    Ok(Zone::parse(&get(engine).await?.zone)?)
}

/// The X, or the sandbox, that this store's posts go to; `None` before the first sign-in.
pub(crate) async fn x_api_base(engine: &EngineState) -> Result<Option<String>> {
    engine.read(|store| store.setting(X_API_BASE)).await
}

/// Notes where this store's posts go to.
pub(crate) async fn set_x_api_base(engine: &EngineState, base: String) -> Result<()> {
    engine
        .write("preferences.x_api_base", move |store| {
            if store.setting::<String>(X_API_BASE)?.as_deref() != Some(base.as_str()) {
                store.save_setting(X_API_BASE, &base)?;
            }
            Ok(())
        })
        .await?;
    engine.publish(Change::Sync);
    Ok(())
}

/// Whether an address of X's API is a sandbox's.
#[must_use]
pub fn is_sandbox(x_api_base: &str) -> bool {
    let host = x_api_base.split_once("://").map_or(x_api_base, |(_, rest)| rest);
    let host = host.split(['/', ':', '?']).next().unwrap_or_default();
    !X_HOSTS.contains(&host.to_ascii_lowercase().as_str())
}
