//! The relay: the session with it, its word on posts and accounts, and what follows from it here.

pub(crate) mod account_sync;
pub(crate) mod restored;
pub(crate) mod results;
pub(crate) mod sandbox_resume;
pub(crate) mod session;
pub(crate) mod switch_relay;
