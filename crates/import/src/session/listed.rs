//! Some findings out of many: the first of each severity.

use crate::finding::{Finding, Severity};

/// Findings up to a number of each severity.
pub(super) struct Listed {
    all: Vec<Finding>,
    most: usize,
    errors: usize,
    warnings: usize,
}

impl Listed {
    /// Returns an empty list with room for `most` errors and as many warnings.
    pub(super) const fn new(most: usize) -> Self {
        Self { all: Vec::new(), most, errors: 0, warnings: 0 }
    }

    /// Returns whether nothing has room any more.
    pub(super) const fn is_full(&self) -> bool {
        self.errors >= self.most && self.warnings >= self.most
    }

    /// Returns whether one more of this severity has room.
    pub(super) const fn has_room(&self, severity: Severity) -> bool {
        let count = match severity {
            Severity::Error => self.errors,
            Severity::Warning => self.warnings,
        };
        count < self.most
    }

    /// Adds a finding; one that has no room is left out.
    pub(super) fn add(&mut self, finding: Finding) {
        let count = match finding.severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        if *count < self.most {
            *count += 1;
            self.all.push(finding);
        }
    }
    /// Returns what was listed, in the order it was added.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.all
    }
}
