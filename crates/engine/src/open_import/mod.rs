//! Imports while they are open: held in memory, and kept on the disk beside the store. It knows no use
//! case.

mod folder;
mod held;
mod journal;
mod source;

pub(crate) use held::{Held, OpenSessions, lock};
pub(crate) use journal::{Contents, Entry, Opened};
pub(crate) use source::{Fingerprint, Source, joint_name, refused};
