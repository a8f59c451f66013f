//! What the person prefers, and whom this store belongs to.

use roost_core::post::LatePolicy;
use roost_core::zone::Zone;
use roost_store::{Error as StoreError, Read};

use crate::state::EngineState;
use crate::{Change, EngineConfig, Preferences, Result};

pub(crate) const ZONE: &str = "zone";
const HORIZON: &str = "horizon_windows";
const LATE: &str = "late";
pub(crate) const WHEN_DISCONNECTED: &str = "when_disconnected";
pub(crate) const X_API_BASE: &str = "x_api_base";
/// 28 windows are seven days, the longest delay of QStash's free plan.
const HORIZON_MAX: u32 = 28;
const HORIZON_DEFAULT: u32 = 5;

/// X's own addresses; any other is a sandbox.
const X_HOSTS: [&str; 2] = ["api.x.com", "api.twitter.com"];

/// What is in force: the configuration's word, else the store's, else the default.
pub(crate) async fn get(engine: &EngineState) -> Result<Preferences> {
    let config = engine.config.clone();
    engine
        .read(move |store| {
            let zone = zone_of(store, &config)?;
            let horizon = config.horizon_windows.or(store.setting(HORIZON)?);
            Ok(Preferences {
                zone,
                horizon_windows: horizon.unwrap_or(HORIZON_DEFAULT).clamp(1, HORIZON_MAX),
                late: config.late.or(store.setting::<LatePolicy>(LATE)?).unwrap_or_default(),
                when_disconnected: store.setting(WHEN_DISCONNECTED)?.unwrap_or_default(),
            })
        })
        .await
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

/// Keeps what the person prefers.
pub(crate) async fn set(engine: &EngineState, preferences: Preferences) -> Result<()> {
    let zone = Zone::parse(&preferences.zone)?;
    engine
        .write("preferences.set", move |store| {
            store.save_setting(ZONE, zone.name())?;
            store.save_setting(HORIZON, &preferences.horizon_windows.clamp(1, HORIZON_MAX))?;
            store.save_setting(LATE, &preferences.late)?;
            store.save_setting(WHEN_DISCONNECTED, &preferences.when_disconnected)?;
            Ok(())
        })
        .await?;
    engine.publish(Change::Everything);
    engine.wake.notify_one();
    Ok(())
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
