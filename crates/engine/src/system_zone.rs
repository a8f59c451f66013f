//! The zone of this computer, for people who have chosen none.

use roost_core::zone::Zone;

/// The system's zone by its IANA name: `TZ` where it names one, else the system's own setting.
#[must_use]
pub fn system_zone() -> Option<String> {
    let named = |name: &str| Zone::parse(name).ok().map(|zone| zone.name().to_owned());
    let by_environment =
        std::env::var("TZ").ok().and_then(|name| named(name.trim_start_matches(':')));
    by_environment.or_else(|| named(&iana_time_zone::get_timezone().ok()?))
}
