//! The relay elsewhere: named by the environment, or paired with this data folder. Its address lies
//! in a file, its keys in the system's keyring; in a file of the owner's alone only when the person
//! says so. The scheduler's address and token are kept beside them.
//!
//! A keyring may be locked, absent, or silent behind a question that nobody answers. It is never
//! waited for without end, and what it refuses is never replaced by a file.

mod error;
mod invitation;
mod keyring;
mod link;
mod pairing;
mod pairing_link;
mod remote_relay;

pub use error::Error;
pub use invitation::{DeviceKey, Invitation, NotLetIn, computer_name};
pub use keyring::Refusal;
pub use link::{BadAddress, Link, NoLink, qstash};
pub use pairing::{
    KeptIn, PAIRING_FILES, Paired, PairingWatch, forget, keep, keep_portable, keep_scheduler,
    kept_qstash, paired, portable,
};
pub use pairing_link::PairingLink;
pub use remote_relay::{Credentials, PendingUnlock, QSTASH_URL, RemoteRelay, find};
