//! Imports while they are open: held in memory, and kept on the disk beside the store. It knows no use
//! case.

mod folder;
mod held;
mod journal;
mod lock;
mod source;
mod work;

pub(crate) use held::{Held, OpenSessions};
pub(crate) use journal::{Contents, Entry, Opened};
pub(crate) use lock::lock;
pub(crate) use source::{Fingerprint, Source, joint_name, refused};
pub(crate) use work::Work;
pub use work::{ImportProgressNow, ImportStepName};
