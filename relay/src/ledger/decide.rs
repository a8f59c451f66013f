//! The table: what an event does to a post in a state.

use roost_core::id::Revision;
use roost_relay_api::DeliveryState;
use roost_relay_api::DeliveryState::{
    Claimed, Expired, Parked, Partial, Posted, Refused, Sending, Staged, Unknown, Waiting,
    Withdrawn,
};

use super::{Event, Timing};

/// What the ledger knows of a post when something happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Where it stands.
    pub(crate) state: DeliveryState,
    /// Its highest revision, withdrawals included.
    pub(crate) revision: Revision,
    /// Whether any part of it is on X.
    pub(crate) live: bool,
}

/// What an event does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The post moves on.
    Become(DeliveryState),
    /// Nothing changes.
    Stay(Why),
}

/// Why nothing changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It was done before; the same answer again.
    Same,
    /// Another body stands under the revision, or a higher revision does.
    Conflict,
    /// It went out, or may have.
    TooLate,
    /// A higher revision stands.
    Superseded,
    /// The revision never came here.
    NeverStaged,
    /// The publisher has it.
    InHand,
    /// It has its outcome.
    Decided,
    /// The event does not fit the state: whoever sent it acts on old news.
    Stale,
}

/// Whether a post went out in part or in whole, or may have: its words can't be changed any more.
const fn is_out(standing: &Standing) -> bool {
    standing.live || matches!(standing.state, Sending | Unknown | Parked | Posted | Partial)
}

/// The one table of the ledger.
pub(crate) const fn decide(standing: &Standing, event: Event) -> Decision {
    use Decision::{Become, Stay};
    match event {
        Event::Stage { revision, same_body } => stage(standing, revision, same_body),
        Event::Withdraw { revision } => withdraw(standing, revision),
        Event::Deliver { revision, timing } => deliver(standing, revision, timing),
        Event::Hold => match standing.state {
            Claimed | Waiting => Become(Waiting),
            _ => Stay(Why::Stale),
        },
        Event::Send => match standing.state {
            Claimed | Waiting => Become(Sending),
            _ => Stay(Why::Stale),
        },
        Event::Created { last } => match standing.state {
            Sending => Become(if last { Posted } else { Claimed }),
            _ => Stay(Why::Stale),
        },
        Event::Found { last } => match standing.state {
            // A look before the first call finds the post while it is only taken up.
            Unknown | Claimed | Waiting => Become(if last { Posted } else { Claimed }),
            _ => Stay(Why::Stale),
        },
        Event::Refuse => match standing.state {
            Sending | Claimed | Waiting => Become(if standing.live { Partial } else { Refused }),
            _ => Stay(Why::Stale),
        },
        Event::Defer => match standing.state {
            Sending => Become(Waiting),
            _ => Stay(Why::Stale),
        },
        Event::Lose => match standing.state {
            Sending => Become(Unknown),
            _ => Stay(Why::Stale),
        },
        Event::NotFound { looks_left } => match standing.state {
            Unknown => Become(if looks_left { Unknown } else { Parked }),
            _ => Stay(Why::Stale),
        },
        Event::Deadline => match standing.state {
            Staged | Claimed | Waiting => Become(if standing.live { Partial } else { Expired }),
            _ => Stay(Why::Stale),
        },
        Event::Abandon => match standing.state {
            Staged | Claimed | Waiting => Become(Parked),
            _ => Stay(Why::Stale),
        },
        Event::Restart => match standing.state {
            Sending => Become(Unknown),
            _ => Stay(Why::Same),
        },
        Event::Verify => match standing.state {
            Parked => Become(Unknown),
            _ => Stay(Why::TooLate),
        },
        Event::WentOut { last } => match standing.state {
            Parked | Partial => Become(if last { Posted } else { Claimed }),
            _ => Stay(Why::TooLate),
        },
        Event::SendAgain => match standing.state {
            Parked | Partial => Become(Claimed),
            _ => Stay(Why::TooLate),
        },
    }
}

const fn stage(standing: &Standing, revision: Revision, same_body: bool) -> Decision {
    if revision.0 == standing.revision.0 && same_body && !matches!(standing.state, Withdrawn) {
        return Decision::Stay(Why::Same);
    }
    if is_out(standing) {
        return Decision::Stay(Why::TooLate);
    }
    if revision.0 <= standing.revision.0 {
        return Decision::Stay(Why::Conflict);
    }
    Decision::Become(Staged)
}

const fn withdraw(standing: &Standing, revision: Revision) -> Decision {
    if matches!(standing.state, Withdrawn) && revision.0 <= standing.revision.0 {
        return Decision::Stay(Why::Same);
    }
    if is_out(standing) {
        return Decision::Stay(Why::TooLate);
    }
    if revision.0 < standing.revision.0 {
        return Decision::Stay(Why::Conflict);
    }
    Decision::Become(Withdrawn)
}

const fn deliver(standing: &Standing, revision: Revision, timing: Timing) -> Decision {
    if revision.0 > standing.revision.0 {
        return Decision::Stay(Why::NeverStaged);
    }
    if revision.0 < standing.revision.0 {
        return Decision::Stay(Why::Superseded);
    }
    match standing.state {
        Staged => Decision::Become(match timing {
            Timing::Early => Waiting,
            Timing::Due => Claimed,
            Timing::Late => Expired,
        }),
        Claimed | Waiting | Sending => Decision::Stay(Why::InHand),
        Unknown | Posted | Partial | Refused | Parked | Withdrawn | Expired => {
            Decision::Stay(Why::Decided)
        }
    }
}
