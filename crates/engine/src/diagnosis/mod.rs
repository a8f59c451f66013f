//! What is wrong, what is in the way, and what to do about it.

pub(crate) mod blockers;
mod check;
pub(crate) mod counted;
pub(crate) mod diagnostics;
pub(crate) mod disk;
pub(crate) mod doctor;
pub(crate) mod file_check;
pub(crate) mod holds;
pub(crate) mod live_test;
pub(crate) mod safe_to_close;
