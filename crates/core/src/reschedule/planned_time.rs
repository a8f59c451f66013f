//! The time that a post is planned for.

use crate::clock::UnixMillis;
use crate::zone::{WallTime, Zone, resolve, wall_time_of};

/// The time of a planned post: what the person meant, and the instant it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedTime {
    /// What clocks in `zone` show then.
    pub wall: WallTime,
    /// The zone that the person meant.
    pub zone: Zone,
    /// The instant, in whole seconds.
    pub at: UnixMillis,
}

impl PlannedTime {
    /// Returns the time that this wall time means in `zone`. Inside a gap of its clocks the wall
    /// time stays as it was meant, and the instant is the first after the gap.
    #[must_use]
    pub fn on_wall(wall: WallTime, zone: Zone) -> Self {
        let at = resolve(&wall, &zone).instant;
        Self { wall, zone, at }
    }

    /// Returns the time of an instant, rounded up to whole seconds, on the clocks of `zone`.
    #[must_use]
    pub fn at_instant(at: UnixMillis, zone: Zone) -> Self {
        let at = UnixMillis::from_seconds(at.seconds_rounded_up());
        Self { wall: wall_time_of(at, &zone), zone, at }
    }
}
