//! Pictures and videos of posts on this computer: taken in, listed, shown small, and let go.

mod add;
mod item;
mod known;
mod list;
mod remove;
mod thumbnail;
mod uses;

pub(crate) use add::{Incoming, add, note_in};
pub(crate) use known::{for_account, with_files};
pub(crate) use list::list;
pub(crate) use remove::{remove_old, remove_unused};
pub(crate) use thumbnail::thumbnail;
pub(crate) use uses::uses;

use roost_core::failure::Code;
use roost_core::post::MediaDigest;
use roost_media::Digest;

use crate::Error;

/// Returns the digest as the library names it.
pub(crate) const fn library_digest(digest: MediaDigest) -> Digest {
    Digest(digest.0)
}

/// Returns the words for a file that can't be taken in.
fn refused(name: &str, why: &str) -> Error {
    let why = why.trim_end_matches('.');
    Error::File { code: Code::InvalidMedia, message: format!("{name}: {why}.") }
}
