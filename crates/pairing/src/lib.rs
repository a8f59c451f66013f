//! The relay elsewhere: named by the environment, or paired with this data folder. Its address lies
//! in a file, its keys in the system's keyring; in a file of the owner's alone only when the person
//! says so.
//!
//! A keyring may be locked, absent, or silent behind a question that nobody answers. It is never
//! waited for without end, and what it refuses is never replaced by a file.

mod elsewhere;
mod error;
mod keyring;
mod link;
mod pairing;

pub use elsewhere::{Answer, Elsewhere, Entry, find};
pub use error::Error;
pub use keyring::Refusal;
pub use link::{Link, NoLink};
pub use pairing::{KeptIn, keep};
