//! What a check found: errors that stand in the way, and warnings that do not.

use super::{Problem, Problems};

/// Collects problems while posts or rows are checked.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// What must be mended.
    pub errors: Problems,
    /// What a person should know.
    pub warnings: Problems,
    most: usize,
    place: Option<(u32, u32)>,
}

impl Findings {
    /// Tells at the most `most` errors and as many warnings; counts all.
    #[must_use]
    pub fn telling(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// What follows is about this row, which begins on this line.
    pub fn at_row(&mut self, row: u32, line: u32) {
        self.place = Some((row, line));
    }

    /// What follows is about the whole again.
    pub fn at_whole(&mut self) {
        self.place = None;
    }

    /// Adds an error; its words are made only when it is told.
    pub fn error(&mut self, problem: impl FnOnce() -> Problem) {
        let place = self.place;
        self.errors.add(self.most, || placed(problem(), place));
    }

    /// Adds a warning; its words are made only when it is told.
    pub fn warn(&mut self, problem: impl FnOnce() -> Problem) {
        let place = self.place;
        self.warnings.add(self.most, || placed(problem(), place));
    }
}

fn placed(problem: Problem, place: Option<(u32, u32)>) -> Problem {
    match place {
        Some((row, line)) => problem.in_row(row, line),
        None => problem,
    }
}
