//! Fixes of a time and its zone.

use roost_core::clock::UnixMillis;
use roost_core::zone::{WallTime, Zone, gap_at, resolve, wall_time_of};

use super::{Cells, Context};
use crate::check::{time, zone};
use crate::field::Field;
use crate::finding::FixId;
use crate::row::FieldCells;

/// Returns the cells of a row that goes out at another wall time: date and time where the row has them
/// apart, and the zone where the cell of the time named it.
pub(super) fn write(wall: WallTime, cells: &FieldCells<'_>, context: &Context<'_>) -> Cells {
    let text = wall.to_string();
    let is_apart = cells.first(Field::ScheduledAt).is_none() && cells.first(Field::Date).is_some();
    let mut written = match text.split_once(' ') {
        Some((date, time)) if is_apart => {
            vec![(Field::Date, date.to_owned()), (Field::Time, time.to_owned())]
        }
        _ => vec![(Field::ScheduledAt, text)],
    };
    if context.zone_in_time {
        written.push((Field::Timezone, context.zone.name().to_owned()));
    }
    written
}

/// Takes the mark of UTC off.
pub(super) fn read_as_wall_time(cells: &FieldCells<'_>, context: &Context<'_>) -> Cells {
    match context.at {
        Some(at) => write(time::without_utc_mark(at), cells, context),
        None => Vec::new(),
    }
}

/// Names the city's zone; a zone that stood behind the time moves into a cell of its own.
pub(super) fn use_zone(cells: &FieldCells<'_>, context: &Context<'_>) -> Cells {
    let Some(written) = context.written_zone else { return Vec::new() };
    let Some(city) = zone::meant(written, context.hints) else { return Vec::new() };
    match context.wall.filter(|_| context.zone_in_time) {
        Some(wall) => write(wall, cells, &Context { zone: &city, ..context.clone() }),
        None => vec![(Field::Timezone, city.name().to_owned())],
    }
}

/// Moves a time that clocks skip by as much as they skip.
pub(super) fn beside_gap(fix: FixId, cells: &FieldCells<'_>, context: &Context<'_>) -> Cells {
    let Some(wall) = context.wall else { return Vec::new() };
    let Some(gap) = gap_at(&wall, context.zone) else { return Vec::new() };
    // Wall times as if they were instants, to count between them.
    let utc = Zone::parse("UTC").expect("the compiled-in database has UTC");
    let count = |wall: &WallTime| resolve(wall, &utc).instant.0;
    let skipped = count(&gap.to) - count(&gap.from);
    let moved = count(&wall) + if fix == FixId::AfterGap { skipped } else { -skipped };
    write(wall_time_of(UnixMillis(moved), &utc), cells, context)
}
