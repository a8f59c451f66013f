//! The words for a row that says what another row or a post says: at the same time, or at another.

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem};
use roost_core::id::PostId;
use roost_core::zone::{Zone, wall_time_of};

use super::REPEAT_ERROR_MILLIS;
use crate::finding::{Finding, FixId, Severity, Sink};

/// What repeats a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// A post says the same at the same time.
    SamePost(PostId),
    /// A row that comes first says the same at the same time.
    SameRow {
        /// That row, from 1.
        first: u32,
    },
    /// A row says the same, this long before.
    Row {
        /// That row, from 1.
        row: u32,
        /// In milliseconds.
        apart: i64,
    },
    /// A post says the same, this long before or after.
    Post {
        /// The post.
        id: PostId,
        /// When it goes or went out.
        at: UnixMillis,
        /// In milliseconds.
        apart: i64,
        /// Whether it waits and no row is nearer to it: then the row may be meant to move it.
        can_move: bool,
    },
}

impl Repeat {
    /// Tells it, with times on the clocks of `zone`.
    pub fn tell(&self, zone: &Zone, sink: &mut impl Sink) {
        let (code, severity) = self.rank();
        sink.add(code, severity, || {
            let problem = Problem::new(code, self.message(zone)).in_field("content");
            let finding = Finding::new(problem);
            match self {
                Self::Post { at, .. } => finding.with_label(
                    FixId::MoveWaitingPost,
                    format!("Move the post of {} here", wall_time_of(*at, zone)),
                ),
                _ => finding,
            }
        });
    }

    /// Returns the code and how much it is in the way.
    #[must_use]
    pub const fn rank(&self) -> (Code, Severity) {
        let (apart, can_move) = match self {
            Self::SamePost(_) | Self::SameRow { .. } => {
                return (Code::DuplicateContent, Severity::Warning);
            }
            Self::Row { apart, .. } => (*apart, false),
            Self::Post { apart, can_move, .. } => (*apart, *can_move),
        };
        let is_soon = apart <= REPEAT_ERROR_MILLIS;
        let severity = if is_soon { Severity::Error } else { Severity::Warning };
        match (can_move, is_soon) {
            (true, _) => (Code::WaitsElsewhere, severity),
            (false, true) => (Code::RepeatedSoon, severity),
            (false, false) => (Code::RepeatedText, severity),
        }
    }

    fn message(&self, zone: &Zone) -> String {
        match self {
            Self::SamePost(_) => "The same post is there already.".to_owned(),
            Self::SameRow { first } => format!("Row {first} says the same at the same time."),
            Self::Row { row, apart } => {
                format!("Row {row} says the same {} earlier.", span(*apart))
            }
            Self::Post { at, apart, can_move: false, .. } => {
                let at = wall_time_of(*at, zone);
                format!("The post of {at} says the same, {} apart.", span(*apart))
            }
            Self::Post { at, apart, .. } => {
                let at = wall_time_of(*at, zone);
                format!("The same text waits for {at}, {} apart.", span(*apart))
            }
        }
    }
}

/// Returns a span as people say it, rounded down: `7 days`, `24 hours`, `20 minutes`.
#[must_use]
pub fn span(millis: i64) -> String {
    let minutes = millis / 60_000;
    let (count, unit) = match minutes {
        0..120 => (minutes, "minute"),
        120..=2_880 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use roost_core::zone::{WallTime, resolve};

    use super::*;

    const HOUR: i64 = 60 * 60 * 1000;

    #[test]
    fn how_far_apart_two_go_out_decides_how_much_it_is_in_the_way() {
        let rank = |hours: i64| Repeat::Row { row: 1, apart: hours * HOUR }.rank();
        assert_eq!(rank(48), (Code::RepeatedSoon, Severity::Error));
        assert_eq!(rank(49), (Code::RepeatedText, Severity::Warning));
        let same = (Code::DuplicateContent, Severity::Warning);
        assert_eq!(Repeat::SameRow { first: 1 }.rank(), same);
        assert_eq!(Repeat::SamePost(PostId::new(UnixMillis(1))).rank(), same);
    }

    #[test]
    fn a_repeat_says_when_the_other_goes_out() {
        let zone = Zone::parse("Europe/London").unwrap();
        let at = resolve(&WallTime::parse("2027-03-01 13:00").unwrap(), &zone).instant;
        let id = PostId::new(UnixMillis(1));
        let repeat = Repeat::Post { id, at, apart: 24 * HOUR, can_move: true };
        let mut findings: Vec<Finding> = Vec::new();
        repeat.tell(&zone, &mut findings);
        let found = &findings[0];
        assert_eq!(
            found.problem.message,
            "The same text waits for 2027-03-01 13:00, 24 hours apart."
        );
        assert_eq!(found.fixes[0].id, FixId::MoveWaitingPost);
        assert_eq!(found.fixes[0].label, "Move the post of 2027-03-01 13:00 here");
    }
}
