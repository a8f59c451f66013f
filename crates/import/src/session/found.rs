//! What was found of a row beside what stands in it: among other rows, and once for the whole source.

use roost_core::failure::Code;

use super::across::{Distance, End};
use super::kept::Found;
use super::outcome::Outcome;
use crate::finding::Severity;

/// Returns what was found of a row among others.
pub(super) fn among_others(end: &End) -> impl Iterator<Item = Found> {
    let repeat = end.repeat.filter(|_| end.outcome != Outcome::Skipped || end.waits_elsewhere);
    let repeat = repeat.map(|distance| match distance {
        _ if end.waits_elsewhere => Code::WaitsElsewhere,
        Distance::Same => Code::DuplicateContent,
        Distance::Soon => Code::RepeatedSoon,
        Distance::Later => Code::RepeatedText,
    });
    let moved = (end.waits && end.is_late).then_some(Code::TimeMoved);
    let made_draft = end.lacks_time.then_some(Code::MadeDraft);
    let marked = [
        (end.near, Code::NearDuplicate),
        (end.collides, Code::TimesCollide),
        (end.overruns, Code::RateLimited),
    ];
    let marked = marked.into_iter().filter(|(is_marked, _)| *is_marked).map(|(_, code)| code);
    let warnings = repeat
        .into_iter()
        .chain(moved)
        .chain(made_draft)
        .chain(marked)
        .map(|code| (code, Severity::Warning));
    let same_id = end.has_same_id.then_some((Code::OwnIdRepeated, Severity::Error));
    warnings.chain(same_id)
}

/// Returns whether a finding of a row is told once of the whole source: that it names no account.
pub(super) fn is_of_source(found: Found) -> bool {
    found == (Code::AccountMissing, Severity::Error)
}
