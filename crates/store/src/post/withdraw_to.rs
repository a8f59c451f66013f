//! What a post becomes once its withdrawal is proven.

use roost_core::status::Status;

use crate::sql::words;

words! {
    /// What a post becomes once its withdrawal is proven.
    WithdrawTo, "goal of a withdrawal" {
        /// Cancelled.
        Cancelled = "cancelled",
        /// A draft again.
        Draft = "draft",
        /// Scheduled on this computer: it was moved beyond the horizon.
        Pending = "pending",
        /// Cancelled and in the trash.
        Deleted = "deleted",
    }
}

impl WithdrawTo {
    /// Returns the status that it means.
    #[must_use]
    pub const fn status(self) -> Status {
        match self {
            Self::Cancelled | Self::Deleted => Status::Cancelled,
            Self::Draft => Status::Draft,
            Self::Pending => Status::Pending,
        }
    }
}
