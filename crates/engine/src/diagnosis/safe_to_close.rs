//! Whether this computer may be closed: posts that only it has, and blockers that only it can end, say
//! no. Pure, as the list of blockers is.

use crate::Mode;
use crate::diagnosis::blockers::Facts;
use crate::view::{Blocker, SafeToClose};

/// Returns whether this computer may be closed, and until when.
pub(crate) fn safe_to_close(facts: &Facts, blockers: &[Blocker]) -> SafeToClose {
    if facts.mode == Mode::ThisComputer {
        return SafeToClose::OnlyWhileAwake;
    }
    if blockers.iter().any(|blocker| blocker.needs_this_computer) {
        return SafeToClose::NotNow;
    }
    if facts.open > 0 && blockers.iter().any(|blocker| blocker.needs_person) {
        let until = facts.first_gap.filter(|at| *at > facts.now);
        return SafeToClose::Blocked { until };
    }
    match facts.first_gap {
        None => SafeToClose::Everything,
        Some(at) if at > facts.now => SafeToClose::Until { at },
        Some(_) => SafeToClose::NotNow,
    }
}
