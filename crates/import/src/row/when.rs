//! When a row is to go out.

use roost_core::failure::{Code, Problem, clip};
use roost_core::post::check_wall_time;
use roost_core::zone::{WallTime, Zone, wall_time_of};

use super::cells::FieldCell;
use super::rules::Rules;
use super::value::error;
use super::{FieldCells, MeantTime, Written};
use crate::choices::UtcTimes;
use crate::field::Field;
use crate::finding::{Sink, with_core};
use crate::table::{Cell, Kind};
use crate::time::{self, TimeReading, Trouble};

/// What the cells of a row say of its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said<'t> {
    /// Nothing.
    Nothing,
    /// What can't be read; it was told.
    Unreadable,
    /// What a clock shows in the row's zone.
    Wall(WallTime),
    /// What a clock shows in the zone that the cell names.
    Zoned(WallTime, &'t str),
    /// An instant.
    Instant(time::Instant),
}

impl Said<'_> {
    /// Returns the wall time of a cell that names its zone.
    pub(super) const fn zoned_wall(self) -> Option<WallTime> {
        match self {
            Self::Zoned(wall, _) => Some(wall),
            _ => None,
        }
    }
}

/// Returns what the cells of a row say of its time; what can't be read is told.
pub(super) fn said<'t>(cells: &FieldCells<'t>, rules: &Rules, sink: &mut impl Sink) -> Said<'t> {
    let [whole, date, time_of_day] = rules.dates;
    if let Some(cell) = cells.first(Field::ScheduledAt) {
        let reading = time::read(plain(cell), whole);
        return taken(reading, cell, cell.text, "scheduledAt", sink);
    }
    let (date_cell, time_cell) = (cells.first(Field::Date), cells.first(Field::Time));
    let Some(cell) = date_cell.or(time_cell) else { return Said::Nothing };
    let read = |cell: Option<FieldCell<'t>>, rules| {
        cell.map_or(TimeReading::Empty, |cell| time::read(plain(cell), rules))
    };
    let reading = time::join(read(date_cell, date), read(time_cell, time_of_day));
    let text = match (date_cell, time_cell) {
        (Some(date), Some(time)) => &format!("{} {}", date.text, time.text),
        _ => cell.text,
    };
    taken(reading, cell, text, if date_cell.is_some() { "date" } else { "time" }, sink)
}

const fn plain(cell: FieldCell<'_>) -> Cell<'_> {
    Cell { kind: cell.kind, text: cell.text }
}

fn taken<'t>(
    reading: TimeReading<'t>,
    cell: FieldCell<'t>,
    text: &str,
    field: &str,
    sink: &mut impl Sink,
) -> Said<'t> {
    match reading {
        TimeReading::Wall(wall) => return Said::Wall(wall),
        TimeReading::Zoned(wall, zone) => return Said::Zoned(wall, zone),
        TimeReading::Instant(instant) => return Said::Instant(instant),
        TimeReading::Empty if !cell.is_typed => return Said::Nothing,
        TimeReading::Empty => error(sink, Code::TimeInvalid, || {
            Problem::new(Code::TimeInvalid, "The time is empty.").in_field(field)
        }),
        // A file of JSON has a text there, or what looks like no date is another kind of value.
        TimeReading::Invalid(Trouble::WrongKind(_) | Trouble::Broken | Trouble::Number)
            if cell.is_typed && cell.kind != Kind::Text =>
        {
            wrong_kind(cell, field, sink);
        }
        other => {
            let code = other.code().unwrap_or(Code::TimeInvalid);
            error(sink, code, || match other.explain(text) {
                Some(told) => {
                    Problem::new(told.code, told.message).in_field(field).with_remedy(told.remedy)
                }
                None => {
                    let message = format!("\"{}\" is no date and time.", clip(text.trim(), 40));
                    Problem::new(code, message).in_field(field)
                }
            });
        }
    }
    Said::Unreadable
}

fn wrong_kind(cell: FieldCell<'_>, field: &str, sink: &mut impl Sink) {
    match cell.kind {
        Kind::Text | Kind::Date => {}
        _ => {
            cell.as_text(field, sink);
        }
    }
}

/// Returns the time that is meant in a zone. A wall time that clocks skip is told, and has no instant;
/// of one that they show twice the first is taken.
pub(super) fn meant(
    said: Said<'_>,
    zone: &Zone,
    zone_is_named: bool,
    utc_times: UtcTimes,
    sink: &mut impl Sink,
) -> Option<MeantTime> {
    let wall = match said {
        Said::Nothing | Said::Unreadable => return None,
        Said::Wall(wall) | Said::Zoned(wall, _) => wall,
        Said::Instant(instant) => {
            let is_marked = instant.is_utc() && instant.mark != time::OffsetMark::Epoch;
            if !(is_marked && zone_is_named && utc_times == UtcTimes::WallTime) {
                let written = if is_marked { Written::Utc } else { Written::Instant };
                let wall = wall_time_of(instant.at, zone);
                return Some(MeantTime { wall, at: Some(instant.at), written });
            }
            instant.wall
        }
    };
    let at = with_core(sink, |findings| check_wall_time(&wall, zone, findings));
    Some(MeantTime { wall, at, written: Written::Wall })
}
