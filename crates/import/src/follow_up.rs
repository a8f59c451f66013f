//! The reply that follows a post.

/// The reply that is to follow the post of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeantFollowUp {
    /// What it says.
    pub text: String,
    /// How many minutes after the post it goes out.
    pub after_minutes: u32,
}
