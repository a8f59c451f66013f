//! The words for what happened to a post, as an event keeps them.

use crate::sql::words;

words! {
    /// What kind of thing happened.
    EventKind, "event" {
        /// Written by hand.
        Created = "created",
        /// Came with an import.
        Imported = "imported",
        /// Text, time, account or parts changed.
        Edited = "edited",
        /// Its tags changed.
        Tagged = "tagged",
        /// Put under a fresh revision, to be handed over.
        Armed = "armed",
        /// Relay and scheduler hold it.
        Queued = "queued",
        /// A withdrawal was asked for.
        Withdrawing = "withdrawing",
        /// The withdrawal is proven.
        Withdrawn = "withdrawn",
        /// The relay could not withdraw it any more.
        WithdrawTooLate = "withdraw_too_late",
        /// The relay told what became of it.
        Outcome = "outcome",
        /// Person or engine moved it to another status.
        Status = "status",
        /// Moved to the trash.
        Deleted = "deleted",
        /// Taken out of the trash.
        Restored = "restored",
        /// An edit came too late: the post went out, or is going out, as it was before.
        EditTooLate = "edit_too_late",
        /// Deleted on X, where it had been.
        GoneFromX = "gone_from_x",
        /// The person said what became of a post that needed a check.
        Decided = "decided",
    }
}
