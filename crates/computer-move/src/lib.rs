//! Moving to a new computer: one file, sealed with a passphrase, that holds the posts, their images and
//! videos, the pairing with its keys, and what relay and scheduler on this computer keep.
//!
//! The file is what `age` makes of a `tar` archive: both open it without Roost. It is written and read
//! as a stream, beside its place first; and nothing of it is put in use before all of it was read and
//! found whole. Keys are in it and in memory, and in no file on the way.

mod archive;
mod arrival_lock;
mod error;
mod export;
mod import;
mod passphrase;
mod put_in_use;
mod sealed;

pub use error::Error;
pub use export::{Exported, export};
pub use import::{Imported, import};
pub use passphrase::Passphrase;
pub use put_in_use::put_in_use;

/// A passphrase that is shorter can be guessed by anybody who has the file.
pub const PASSPHRASE_LETTERS_MIN: usize = 10;

/// The store's file in a data folder.
const STORE: &str = "roost.db";
/// The folder of images and videos in a data folder.
const MEDIA: &str = "media";
