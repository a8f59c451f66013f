//! Weekly posting times of an account, and the next ones that are free.
//!
//! The times stand on the clocks of the account's zone: a post at nine goes out at nine before and after
//! clocks change. A time that clocks skip is the first instant after; where two of them come to the same
//! instant so, it counts once.

mod words;

use roost_core::clock::UnixMillis;
use roost_core::zone::{WallTime, Zone, resolve, wall_time_of};

use crate::surroundings::WeeklySlot;
use crate::time::{Day, TimeOfDay};

pub use words::{InvalidSlots, parse, print};

/// So far ahead times are looked for: no plan goes further, and a search has to end.
const LOOK_AHEAD_YEARS: i16 = 100;

/// The posting times of every week, in a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklySchedule {
    /// In the order of the week, each once.
    slots: Vec<WeeklySlot>,
    zone: Zone,
}

/// A posting time on a certain day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotTime {
    /// The instant, in whole seconds.
    pub at: UnixMillis,
    /// What clocks in the schedule's zone show then.
    pub wall: WallTime,
}

impl WeeklySchedule {
    /// Returns the schedule of these times. What is no time of a week is left out.
    #[must_use]
    pub fn new(slots: &[WeeklySlot], zone: Zone) -> Self {
        let is_time = |slot: &WeeklySlot| {
            (1..=7).contains(&slot.weekday) && slot.hour < 24 && slot.minute < 60
        };
        let mut slots: Vec<_> = slots.iter().copied().filter(is_time).collect();
        slots.sort_unstable();
        slots.dedup();
        Self { slots, zone }
    }

    /// Returns whether it has no time at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Returns the posting times later than `after`, in their order, a hundred years ahead at most.
    #[must_use]
    pub fn after(&self, after: UnixMillis) -> SlotTimes<'_> {
        let today = wall_time_of(after, &self.zone);
        let day = Day::new(today.year(), today.month(), today.day());
        SlotTimes {
            schedule: self,
            day,
            next: 0,
            after,
            last_year: today.year() + LOOK_AHEAD_YEARS,
        }
    }

    /// Returns the next `n` posting times later than `after` that are not taken, in their order; fewer
    /// where there are no more.
    pub fn next_free(
        &self,
        after: UnixMillis,
        mut is_taken: impl FnMut(UnixMillis) -> bool,
        n: usize,
    ) -> Vec<SlotTime> {
        self.after(after).filter(|slot| !is_taken(slot.at)).take(n).collect()
    }
}

/// The posting times of a schedule, one after the other.
#[derive(Debug, Clone)]
pub struct SlotTimes<'s> {
    schedule: &'s WeeklySchedule,
    day: Option<Day>,
    /// The slot to look at next, within the week's.
    next: usize,
    /// The last instant that was given; only later ones follow.
    after: UnixMillis,
    last_year: i16,
}

impl Iterator for SlotTimes<'_> {
    type Item = SlotTime;

    fn next(&mut self) -> Option<SlotTime> {
        let WeeklySchedule { slots, zone } = self.schedule;
        if slots.is_empty() {
            return None;
        }
        loop {
            let day = self.day.filter(|day| day.year() <= self.last_year)?;
            let Some(slot) = slots.get(self.next).filter(|slot| slot.weekday <= day.weekday())
            else {
                self.day = day.next();
                // The week begins anew.
                if self.day.is_some_and(|day| day.weekday() == 1) {
                    self.next = 0;
                }
                continue;
            };
            self.next += 1;
            if slot.weekday < day.weekday() {
                continue;
            }
            let at = resolve(&day.at(time_of(*slot)), zone).instant;
            if at > self.after {
                self.after = at;
                return Some(SlotTime { at, wall: wall_time_of(at, zone) });
            }
        }
    }
}

fn time_of(slot: WeeklySlot) -> TimeOfDay {
    let number = |part: u8| i8::try_from(part).unwrap_or(0);
    TimeOfDay::new(number(slot.hour), number(slot.minute), 0).unwrap_or(TimeOfDay::MIDNIGHT)
}
