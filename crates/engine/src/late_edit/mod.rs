//! A change that came too late for a post that was being sent: the draft that keeps it (`draft`), how it
//! is shown (`shown`), and what the person may do about it (`replace`).

pub(crate) mod draft;
pub(crate) mod replace;
pub(crate) mod shown;
