//! How far a message has come.

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageState {
    /// Waits for an attempt, or is in one.
    Live,
    /// Was cancelled while an attempt was under way.
    Canceling,
    Delivered,
    Failed,
    Canceled,
}

impl MessageState {
    const ALL: [Self; 5] =
        [Self::Live, Self::Canceling, Self::Delivered, Self::Failed, Self::Canceled];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Canceling => "canceling",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    pub(super) fn read(text: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == text).unwrap_or(Self::Failed)
    }
}
