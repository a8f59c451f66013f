//! What a fix makes of a row: other texts for some of its cells. Each is a pure function of the row and
//! of what is known about it, so that a fix for one row and for all such rows is the same thing, and
//! what it did is kept as any other cell that a person changed.

mod length;
mod text;
mod when;

use roost_core::clock::UnixMillis;
use roost_core::zone::{WallTime, Zone};

use crate::choices::{Choices, UtcTimes};
use crate::field::Field;
use crate::finding::FixId;
use crate::row::FieldCells;

pub use length::shorten;
pub use text::text;

/// What is known about a row that is to be mended.
#[derive(Debug, Clone)]
pub struct Context<'c> {
    /// What one post may weigh, less what will be appended to its text.
    pub limit: u32,
    /// The row's zone as it is understood.
    pub zone: &'c Zone,
    /// The zone as the file or the row writes it, where it does.
    pub written_zone: Option<&'c str>,
    /// Whether the cell of the time names the zone, so that both are written anew.
    pub zone_in_time: bool,
    /// The zones of file, account and settings: they tell what an abbreviation means.
    pub hints: &'c [&'c Zone],
    /// The row's time on the clock of its zone, where it has one.
    pub wall: Option<WallTime>,
    /// The row's instant, where it has one.
    pub at: Option<UnixMillis>,
    /// The next time at which the account has no post.
    pub next_free: Option<UnixMillis>,
}

/// Texts that cells of a row are to have; an empty one takes a cell away.
pub type Cells = Vec<(Field, String)>;

/// Returns what a fix makes of a row; nothing where it does not apply. What concerns several rows at once
/// ([`FixId::Spread`], by [`move_to`]) and waiting posts ([`FixId::MoveWaitingPost`]) is the session's.
#[must_use]
pub fn cells(fix: FixId, cells: &FieldCells<'_>, context: &Context<'_>) -> Cells {
    match fix {
        FixId::MakeThread => text::thread(cells, context.limit, false),
        FixId::MakeNumberedThread => text::thread(cells, context.limit, true),
        FixId::ReadAsWallTime => when::read_as_wall_time(cells, context),
        FixId::UseZone => when::use_zone(cells, context),
        FixId::BeforeGap | FixId::AfterGap => when::beside_gap(fix, cells, context),
        FixId::NextFreeTime => match context.next_free {
            Some(at) => move_to(at, cells, context),
            None => Vec::new(),
        },
        FixId::MakeDraft => vec![(Field::Draft, "true".to_owned())],
        FixId::LeaveOut => vec![(Field::Status, "cancelled".to_owned())],
        FixId::Spread | FixId::MoveWaitingPost => Vec::new(),
        _ => text::of_cells(fix, cells, context.limit),
    }
}

/// Returns the cells of a row that is to go out at another time.
#[must_use]
pub fn move_to(at: UnixMillis, cells: &FieldCells<'_>, context: &Context<'_>) -> Cells {
    when::write(roost_core::zone::wall_time_of(at, context.zone), cells, context)
}

/// Returns the choices that do what a fix does, for the whole file at once; `None` where each row is
/// mended by itself.
#[must_use]
pub fn for_all(fix: FixId, choices: &Choices) -> Option<Choices> {
    match fix {
        FixId::ReadAsWallTime => Some(Choices { utc_times: UtcTimes::WallTime, ..choices.clone() }),
        _ => None,
    }
}
