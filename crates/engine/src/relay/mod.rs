//! The relay: the session with it, what it says of posts and accounts, and what follows from it here.
//!
//! From the top down: `pull` polls the `feed` and does what that asks for; `session` keeps this store
//! registered (`registration`, and `restored` after a backup was put back); `results` and
//! `account_sync` take in what the relay says, and gather what changed in `effects`. `signing_keys` tells it
//! whom to believe.

pub(crate) mod account_sync;
pub(crate) mod alarms;
pub(crate) mod devices;
mod effects;
mod feed;
mod pauses;
pub(crate) mod pull;
mod registration;
pub(crate) mod restored;
pub(crate) mod results;
pub(crate) mod sandbox_resume;
pub(crate) mod session;
pub(crate) mod signing_keys;
pub(crate) mod stage_request;
