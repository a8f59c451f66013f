//! What an import finds in rows, and the fixes that it offers.
//!
//! [`TABLE`] is the one list of findings: severity, title, meaning and fixes of each code. A check
//! gives them to a [`Sink`]: the pass over a whole file keeps the code alone, a row that is shown
//! keeps the words too.

mod fix_id;
mod table;

use roost_core::failure::{Code, Findings, Problem};
use serde::{Deserialize, Serialize};

pub use fix_id::FixId;
pub use table::{Entry, TABLE, entry};

/// How much a finding is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Severity {
    /// The row can't go out like that.
    Error,
    /// The row can go out; a person should know.
    Warning,
}

/// What was found, and what can be done about it with one click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Finding {
    /// What is wrong, where, and what to do about it.
    pub problem: Problem,
    /// How much it is in the way.
    pub severity: Severity,
    /// What can be done about it with one click, the likeliest first.
    pub fixes: Vec<Fix>,
}

/// A fix that is offered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Fix {
    /// Which one.
    pub id: FixId,
    /// What it does, in plain words, such as "Read as 09:00 in America/New_York".
    pub label: String,
}

impl Finding {
    /// Returns a finding with the severity and the fixes of the table.
    #[must_use]
    pub fn new(problem: Problem) -> Self {
        let found = entry(problem.code);
        let severity = found.map_or(Severity::Error, |entry| entry.severity);
        let fixes = found.map_or(&[][..], |entry| entry.fixes);
        Self { problem, severity, fixes: fixes.iter().map(|id| Fix::new(*id)).collect() }
    }

    /// Returns it with another severity than the table's.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Returns it with other words for one of its fixes.
    #[must_use]
    pub fn with_label(mut self, id: FixId, label: impl Into<String>) -> Self {
        if let Some(fix) = self.fixes.iter_mut().find(|fix| fix.id == id) {
            fix.label = label.into();
        }
        self
    }

    /// Returns it without a fix that does not apply here.
    #[must_use]
    pub fn without(mut self, id: FixId) -> Self {
        self.fixes.retain(|fix| fix.id != id);
        self
    }
}

impl Fix {
    /// Returns a fix in its usual words.
    #[must_use]
    pub fn new(id: FixId) -> Self {
        Self { id, label: id.label().to_owned() }
    }
}

/// Takes what checks find.
pub trait Sink {
    /// Takes a finding; its words are made only by a sink that keeps them.
    fn add(&mut self, code: Code, severity: Severity, finding: impl FnOnce() -> Finding);

    /// Takes a finding of the table's severity.
    fn find(&mut self, code: Code, finding: impl FnOnce() -> Finding) {
        let severity = entry(code).map_or(Severity::Error, |entry| entry.severity);
        self.add(code, severity, finding);
    }
}

impl Sink for Vec<Finding> {
    fn add(&mut self, _: Code, severity: Severity, finding: impl FnOnce() -> Finding) {
        self.push(finding().with_severity(severity));
    }
}

/// Keeps code and severity alone.
impl Sink for Vec<(Code, Severity)> {
    fn add(&mut self, code: Code, severity: Severity, _: impl FnOnce() -> Finding) {
        self.push((code, severity));
    }
}

/// Runs a check of core, and gives what it found to `sink`. Nothing is put into words while a row is
/// sound.
pub fn with_core<T>(sink: &mut impl Sink, check: impl FnOnce(&mut Findings) -> T) -> T {
    let mut findings = Findings::telling(usize::MAX);
    let answer = check(&mut findings);
    let errors = findings.errors.listed.into_iter().map(|problem| (problem, Severity::Error));
    let warnings = findings.warnings.listed.into_iter().map(|problem| (problem, Severity::Warning));
    for (problem, severity) in errors.chain(warnings) {
        sink.add(problem.code, severity, || Finding::new(problem));
    }
    answer
}

/// Hands everything on, and keeps whether an error was among it.
#[derive(Debug)]
pub struct Watched<'s, S> {
    inner: &'s mut S,
    has_error: bool,
}

impl<'s, S: Sink> Watched<'s, S> {
    /// Returns a sink that hands everything on to `inner`.
    pub const fn new(inner: &'s mut S) -> Self {
        Self { inner, has_error: false }
    }

    /// Returns whether an error passed.
    #[must_use]
    pub const fn has_error(&self) -> bool {
        self.has_error
    }
}

impl<S: Sink> Sink for Watched<'_, S> {
    fn add(&mut self, code: Code, severity: Severity, finding: impl FnOnce() -> Finding) {
        if severity == Severity::Error {
            self.has_error = true;
        }
        self.inner.add(code, severity, finding);
    }
}
