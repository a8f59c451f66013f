//! How the accounts of rows are told apart.

/// An account's place in the surroundings, or [`NO_ACCOUNT`].
pub type AccountIndex = u16;
/// The account of rows that wait for one.
pub const NO_ACCOUNT: AccountIndex = u16::MAX;
