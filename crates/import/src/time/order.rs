//! In which order the dates of a column name day and month, as far as the column itself decides it.

use super::grammar;
use super::rules::DateOrder;

/// What the dates of a column say about their order. Cells are shown to it one by one.
#[derive(Debug, Clone, Default)]
pub struct OrderEvidence {
    day_first: u32,
    month_first: u32,
    open: u32,
}

impl OrderEvidence {
    /// Looks at the text of a cell.
    pub fn note(&mut self, text: &str) {
        match grammar::year_last(text.trim()) {
            // Such a date is the same either way round, or none either way.
            Some((first, second)) if first == second || (first > 12 && second > 12) => {}
            Some((13.., _)) => self.day_first += 1,
            Some((_, 13..)) => self.month_first += 1,
            Some(_) => self.open += 1,
            None => {}
        }
    }

    /// Returns how many dates could be either way round.
    #[must_use]
    pub const fn open(&self) -> u32 {
        self.open
    }

    /// Returns whether some dates have the day first and others the month.
    #[must_use]
    pub const fn is_contradictory(&self) -> bool {
        self.day_first > 0 && self.month_first > 0
    }

    /// Returns the order: `None` where no date needs one, `Unclear` where the column does not decide it
    /// or decides it both ways.
    #[must_use]
    pub const fn order(&self) -> Option<DateOrder> {
        match (self.day_first, self.month_first, self.open) {
            (0, 0, 0) => None,
            (1.., 0, _) => Some(DateOrder::DayMonthYear),
            (0, 1.., _) => Some(DateOrder::MonthDayYear),
            _ => Some(DateOrder::Unclear),
        }
    }
}
