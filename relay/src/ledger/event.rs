//! What can happen to a post on the relay.

use roost_core::id::Revision;

/// Something that happens to a post the relay knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// The desktop stages a revision. `same_body`: it is what is already there.
    Stage { revision: Revision, same_body: bool },
    /// The desktop withdraws the post.
    Withdraw { revision: Revision },
    /// A delivery, or the backstop, says that a revision is due.
    Deliver { revision: Revision, timing: Timing },
    /// Something stands in the way of the call for now.
    Hold,
    /// The intent is to be written; the call to X follows.
    Send,
    /// X created the part. `last`: it was the post's last one.
    Created { last: bool },
    /// X refused for good; nothing was created.
    Refuse,
    /// X refused for now; nothing was created.
    Defer,
    /// Nobody knows whether X created the part.
    Lose,
    /// The timeline shows the part.
    Found { last: bool },
    /// The timeline does not show it. `looks_left`: it is to be read again.
    NotFound { looks_left: bool },
    /// The deadline passed.
    Deadline,
    /// The timeline could not be read for so long that a person should look.
    Abandon,
    /// The relay starts: whatever was being sent when it ended has no known outcome.
    Restart,
    /// A person wants the timeline read once more.
    Verify,
    /// A person saw the part on X. `last`: it was the post's last one.
    WentOut { last: bool },
    /// A person wants the part sent (again).
    SendAgain,
}

/// When a delivery comes, measured against the post's own times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timing {
    /// Before it is due.
    Early,
    /// Due.
    Due,
    /// After its deadline.
    Late,
}
